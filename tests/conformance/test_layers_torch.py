# SPDX-License-Identifier: MIT
"""Layers of the daemon against the modules of torch.nn.

Names, shapes, order and types are those of state_dict(), but for the integer
num_batches_tracked, which the daemon leaves out.  Values are compared over
many copies of each layer: constants are equal, draws have the same
distribution, standard deviation and bounds.
"""
import itertools
import warnings

import numpy as np
import torch
from torch import nn

import compare
import layers
from compare import daemon, tally

COPIES = 32
UNIFORM = 'torch.uniform', 'torch.linear', 'torch.xavier_uniform'
NO, BOTH = [False], [False, True]


def grid(**options):
    """All combinations of the options' values."""
    return [dict(zip(options, values))
            for values in itertools.product(*options.values())]


def stack(layer, whole):
    """A stack as torch has it made, from one flat list of arguments."""
    def make(num_layers, norm, **arguments):
        last = nn.LayerNorm(arguments['d_model'],
                            bias=arguments.get('bias', True)) if norm else None
        return whole(layer(**arguments), num_layers, last)
    return make


# A type, what makes torch's own, and arguments for both.
LAYERS = [
    ('linear', nn.Linear,
     grid(in_features=[1, 60], out_features=[50], bias=BOTH)
     + grid(in_features=[0], out_features=[5])),
    ('bilinear', nn.Bilinear,
     grid(in1_features=[30], in2_features=[5], out_features=[40],
          bias=BOTH)),
    ('prelu', nn.PReLU, [{}, {'num_parameters': 7, 'init': 0.5}]),
    ('layer_norm', nn.LayerNorm,
     grid(normalized_shape=[7, [3, 4]], elementwise_affine=BOTH, bias=BOTH)),
    ('rms_norm', nn.RMSNorm,
     grid(normalized_shape=[7, [3, 4]], elementwise_affine=BOTH,
          eps=[None])),
    ('group_norm', nn.GroupNorm,
     grid(num_groups=[3], num_channels=[12], affine=BOTH, bias=BOTH)),
    ('embedding', nn.Embedding,
     grid(num_embeddings=[40], embedding_dim=[30],
          padding_idx=[None, 0, 39, -1, -40])),
    ('embedding_bag', nn.EmbeddingBag,
     grid(num_embeddings=[40], embedding_dim=[30], padding_idx=[None, 3],
          mode=['sum'])),
    ('rnn', nn.RNN,
     grid(input_size=[20], hidden_size=[25], num_layers=[1, 3], bias=BOTH,
          bidirectional=BOTH, nonlinearity=['relu'], dropout=[0.0])),
    ('gru', nn.GRU,
     grid(input_size=[20], hidden_size=[25], num_layers=[1, 2], bias=BOTH,
          bidirectional=BOTH, batch_first=[True])),
    ('lstm', nn.LSTM,
     grid(input_size=[20], hidden_size=[25], num_layers=[1, 2], bias=BOTH,
          bidirectional=BOTH, proj_size=[0, 10])),
    ('rnn_cell', nn.RNNCell,
     grid(input_size=[20], hidden_size=[25], bias=BOTH)),
    ('gru_cell', nn.GRUCell,
     grid(input_size=[20], hidden_size=[25], bias=BOTH)),
    ('lstm_cell', nn.LSTMCell,
     grid(input_size=[20], hidden_size=[25], bias=BOTH)),
    ('multihead_attention', nn.MultiheadAttention,
     grid(embed_dim=[30], num_heads=[3], bias=BOTH, add_bias_kv=BOTH,
          kdim=[None, 20], vdim=[None, 10], add_zero_attn=NO)
     + grid(embed_dim=[30], num_heads=[3], kdim=[30], vdim=[30])),
    ('transformer_encoder_layer', nn.TransformerEncoderLayer,
     grid(d_model=[32], nhead=[4], dim_feedforward=[48], bias=BOTH,
          norm_first=[True], activation=['gelu'])),
    ('transformer_decoder_layer', nn.TransformerDecoderLayer,
     grid(d_model=[32], nhead=[4], dim_feedforward=[48], bias=BOTH)),
    ('transformer_encoder',
     stack(nn.TransformerEncoderLayer, nn.TransformerEncoder),
     grid(d_model=[32], nhead=[4], dim_feedforward=[48], num_layers=[2],
          norm=BOTH, bias=BOTH)),
    ('transformer_decoder',
     stack(nn.TransformerDecoderLayer, nn.TransformerDecoder),
     grid(d_model=[32], nhead=[4], dim_feedforward=[48], num_layers=[2],
          norm=BOTH)),
    ('transformer', nn.Transformer,
     grid(d_model=[32], nhead=[4], dim_feedforward=[48],
          num_encoder_layers=[1], num_decoder_layers=[2], bias=BOTH)),
]

for n in 1, 2, 3:
    kernels = [3, [2, 3, 4][:n]]
    conv = grid(in_channels=[6], out_channels=[10], kernel_size=kernels,
                groups=[1, 2], bias=BOTH, stride=[2])
    norm = grid(num_features=[9], affine=BOTH, track_running_stats=BOTH,
                bias=BOTH)
    LAYERS += [
        (f'conv{n}d', getattr(nn, f'Conv{n}d'), conv),
        (f'conv_transpose{n}d', getattr(nn, f'ConvTranspose{n}d'), conv),
        (f'batch_norm{n}d', getattr(nn, f'BatchNorm{n}d'), norm + [
            {'num_features': 3, 'momentum': None}]),
        (f'instance_norm{n}d', getattr(nn, f'InstanceNorm{n}d'), norm + [
            {'num_features': 3}]),
    ]

# What both refuse.
REFUSED = [
    ('conv2d', nn.Conv2d,
     {'in_channels': 3, 'out_channels': 4, 'kernel_size': 3, 'groups': 2}),
    ('conv2d', nn.Conv2d,
     {'in_channels': 4, 'out_channels': 3, 'kernel_size': 3, 'groups': 2}),
    ('conv_transpose1d', nn.ConvTranspose1d,
     {'in_channels': 4, 'out_channels': 3, 'kernel_size': 3, 'groups': 2}),
    ('linear', nn.Linear, {'in_features': -1, 'out_features': 3}),
    ('linear', nn.Linear, {'in_features': 1, 'outputs': 3}),
    ('linear', nn.Linear, {'in_features': 1}),
    ('bilinear', nn.Bilinear,
     {'in1_features': 0, 'in2_features': 1, 'out_features': 3}),
    ('embedding', nn.Embedding,
     {'num_embeddings': 3, 'embedding_dim': 2, 'padding_idx': 3}),
    ('embedding', nn.Embedding,
     {'num_embeddings': 3, 'embedding_dim': 2, 'padding_idx': -4}),
    ('lstm', nn.LSTM, {'input_size': 3, 'hidden_size': 4, 'proj_size': 4}),
    ('gru', nn.GRU, {'input_size': 3, 'hidden_size': 4, 'proj_size': 2}),
    ('gru', nn.GRU, {'input_size': 3, 'hidden_size': 0}),
    ('rnn', nn.RNN,
     {'input_size': 3, 'hidden_size': 4, 'nonlinearity': 'gelu'}),
    ('group_norm', nn.GroupNorm, {'num_groups': 3, 'num_channels': 4}),
    ('multihead_attention', nn.MultiheadAttention,
     {'embed_dim': 5, 'num_heads': 2}),
    ('transformer_encoder_layer', nn.TransformerEncoderLayer,
     {'d_model': 5, 'nhead': 2}),
]


def state(module):
    return {name: tensor for name, tensor in module.state_dict().items()
            if not name.endswith('num_batches_tracked')}


def our_copies(url, kind, arguments):
    """What the manifest says of the first copy, and every copy's values.

    A layer may have no tensors, but a request has at least one.
    """
    document = {'layers': [{'name': f'copy{i}', 'type': kind, **arguments}
                           for i in range(COPIES)]
                + [{'name': 'last', 'shape': [], 'scheme': 'zeros'}]}
    told = layers.told(url, document)[:-1]
    body = layers.post(url, document, 'raw')
    values = {}
    for tensor in told:
        copy, name = tensor['name'].split('.', 1)
        part = np.frombuffer(body, '<f4', tensor['bytes'] // 4,
                             int(tensor['offset']))
        values.setdefault(name, []).append(part.reshape(tensor['shape']))
    return told[:len(told) // COPIES], values


def their_copies(make, arguments):
    arguments = {name: tuple(value) if isinstance(value, list) else value
                 for name, value in arguments.items()}
    values = {}
    for seed in range(COPIES):
        torch.manual_seed(seed)
        module = make(**arguments)
        for name, tensor in state(module).items():
            values.setdefault(name, []).append(tensor.numpy().copy())
    return state(module), values


def check_bounds(statement, mine, theirs):
    """Within 40 / n of the bound's size with probability 1 - 2 e^-40."""
    most, expected = np.abs(mine).max(), np.abs(theirs).max()
    tally.check(f'{statement}: the bound',
                abs(most - expected) <= expected * 40 / mine.size,
                f'{most} and {expected}')


def check_layer(url, kind, make, arguments):
    statement = f'{kind} {arguments}'
    told, mine = our_copies(url, kind, arguments)
    module, theirs = their_copies(make, arguments)
    tally.equal(f'{statement}: names, shapes, order and types',
                [(tensor['name'], tensor['shape'], tensor['dtype'])
                 for tensor in told],
                [(f'copy0.{name}', list(tensor.shape),
                  str(tensor.dtype).removeprefix('torch.'))
                 for name, tensor in module.items()])
    for tensor in told:
        name = tensor['name'].removeprefix('copy0.')
        if name not in theirs or not np.size(theirs[name]):
            continue
        a, b = np.stack(mine[name]), np.stack(theirs[name])
        if padding := [i for i, row in enumerate(b[0]) if b.ndim == 3
                       and kind.startswith('embedding') and not row.any()]:
            compare.equal_arrays(f'{statement}: {name}, row {padding[0]}',
                                 a[:, padding], b[:, padding])
        layers.same_values(f'{statement}: {name}', a.ravel(), b.ravel())
        if tensor['scheme']['name'] in UNIFORM:
            check_bounds(f'{statement}: {name}', a, b)


def check_types(url):
    """An element type is for all of a layer's tensors."""
    for dtype in 'float64', 'float16', 'bfloat16':
        told = layers.told(url, {'layers': [
            {'name': 'x', 'type': 'lstm', 'input_size': 2, 'hidden_size': 3,
             'dtype': dtype}]})
        module = nn.LSTM(2, 3, dtype=getattr(torch, dtype))
        tally.equal(f'an lstm in {dtype} is of that type',
                    [tensor['dtype'] for tensor in told],
                    [str(tensor.dtype).removeprefix('torch.')
                     for tensor in state(module).values()])


def check_refused(url, kind, make, arguments):
    try:
        make(**arguments)
        tally.check(f'torch refuses {kind} {arguments}', False)
    except (ValueError, RuntimeError, AssertionError, TypeError):
        pass
    try:
        layers.told(url, {'layers': [{'name': 'x', 'type': kind,
                                      **arguments}]})
        tally.check(f'{kind} {arguments} is refused', False, 'it is accepted')
    except RuntimeError as problem:
        tally.check(f'{kind} {arguments} is refused with 400 or 422',
                    '"status":4' in str(problem), str(problem))


def check_loads(url):
    """A module takes the daemon's tensors as its own."""
    document = {'layers': [{'name': 'model', 'type': 'transformer',
                            'd_model': 32, 'nhead': 4,
                            'num_encoder_layers': 1, 'num_decoder_layers': 1,
                            'dim_feedforward': 48}]}
    module = nn.Transformer(32, 4, 1, 1, 48)
    found = module.load_state_dict({
        name.removeprefix('model.'): torch.tensor(value)
        for name, value in layers.tensors(url, document).items()})
    tally.check('a transformer loads', not found.missing_keys
                and not found.unexpected_keys, str(found))


def main():
    with daemon.running('--max-layers', '100000') as url:
        for kind, make, rows in LAYERS:
            for arguments in rows:
                tally.run(check_layer, url, kind, make, arguments)
        for row in REFUSED:
            tally.run(check_refused, url, *row)
        tally.run(check_types, url)
        tally.run(check_loads, url)


if __name__ == '__main__':
    torch.set_num_threads(1)
    warnings.simplefilter('ignore')
    tally.run(main)
    tally.finish()
