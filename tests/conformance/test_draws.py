# SPDX-License-Identifier: MIT
"""The generator 'torch' against constructors under torch.manual_seed().

Every layer of torch.nn and every model of transformers that the daemon knows,
over the arguments that the tests of their names and laws have: all bytes of
the state, and the generator's state afterwards, are equal.
"""
import base64
import json
import warnings

import torch
from torch import nn

import layers
import test_layers_torch
import test_models
import transformers
from compare import daemon, tally

DTYPES = {'float32': torch.float32, 'bfloat16': torch.bfloat16,
          'float16': torch.float16, 'float64': torch.float64}
GENERATOR = {'generator': 'torch', 'seed': 42}

# Stacks of no layers draw what they would have copied.
EMPTY = {'transformer_encoder': ['num_layers'],
         'transformer_decoder': ['num_layers'],
         'transformer': ['num_encoder_layers', 'num_decoder_layers']}


def made(make, dtype='float32', seed=42):
    """A module whose parameters are of that type, and the state after it."""
    torch.manual_seed(seed)
    torch.set_default_dtype(DTYPES[dtype])
    try:
        return make(), torch.get_rng_state().numpy().tobytes()
    finally:
        torch.set_default_dtype(torch.float32)


def bytes_of(tensor):
    return tensor.detach().contiguous().view(-1).view(
        torch.uint8).numpy().tobytes() if tensor.numel() else b''


def drawn(url, document):
    """The daemon's tensors by name, and the generator's state after them."""
    document = GENERATOR | document
    manifest = json.loads(layers.post(url, document | {'final_state': True},
                                      'manifest'))
    body = layers.post(url, document, 'raw')
    return {tensor['name']: body[int(tensor['offset']):][:tensor['bytes']]
            for tensor in manifest['tensors']}, \
        base64.b64decode(manifest['state'])


def same_draws(url, statement, document, theirs, after):
    """'theirs' are tensors by name."""
    mine, state = drawn(url, document)
    wrong = [name for name, tensor in theirs.items()
             if mine.get(name) != bytes_of(tensor)]
    tally.check(f'{statement}: bits', not wrong,
                f'{len(wrong)} of {len(theirs)} differ: {wrong[:3]}')
    tally.check(f'{statement}: the state afterwards', state == after)


def check_layer(url, kind, make, arguments, dtype):
    """A layer may have no tensors, but a request has at least one."""
    options = {name: tuple(value) if isinstance(value, list) else value
               for name, value in arguments.items()}
    module, after = made(lambda: make(**options), dtype)
    same_draws(url, f'{kind} {arguments} {dtype}',
               {'dtype': dtype, 'layers': [
                   {'name': 'm', 'type': kind, **arguments},
                   {'name': 'last', 'shape': [1], 'scheme': 'zeros'}]},
               {f'm.{name}': tensor for name, tensor
                in test_layers_torch.state(module).items()}, after)


def check_layers(url, kind, make, rows):
    for arguments in rows:
        check_layer(url, kind, make, arguments, 'float32')
    for dtype in 'bfloat16', 'float16', 'float64':
        check_layer(url, kind, make, rows[-1], dtype)
    if kind in EMPTY:
        check_layer(url, kind, make,
                    rows[0] | dict.fromkeys(EMPTY[kind], 0), 'float32')


def check_model(url, config, name, dtype):
    model, after = made(lambda: test_models.model_of(config, name), dtype)
    same_draws(url, f'{name} {config} {dtype}',
               {'dtype': dtype, 'config': config | {'architectures': [name]}},
               dict(model.named_parameters()), after)


def check_models(url, config):
    for name in test_models.CLASSES[config['model_type']]:
        check_model(url, config, name, 'float32')
    for dtype in 'bfloat16', 'float16', 'float64':
        if dtype != 'float64' or config['model_type'] != 't5':
            check_model(url, config, name, dtype)


def check_auto(url, config):
    """AutoModel takes the same draws; the type may be an argument."""
    options = {k: v for k, v in config.items() if k != 'model_type'}
    kind = transformers.CONFIG_MAPPING[config['model_type']]
    for dtype in 'float32', 'bfloat16':
        torch.manual_seed(7)
        model = transformers.AutoModel.from_config(
            kind.from_dict(options), dtype=DTYPES[dtype])
        same_draws(url, f'AutoModel {config} {dtype}',
                   {'seed': 7, 'dtype': dtype, 'config': config},
                   dict(model.named_parameters()),
                   torch.get_rng_state().numpy().tobytes())


def check_sequence(url):
    """Modules one after another, tensors among them, and seeds."""
    torch.manual_seed(-3)
    first = nn.MultiheadAttention(12, 3)
    noise = torch.empty(7, 5).normal_(0.5, 2)
    second = nn.Linear(12, 30)
    torch.randn(100)
    torch.manual_seed(2 ** 40)
    third = nn.GRU(5, 6)
    same_draws(url, 'modules in a row', {'seed': -3, 'layers': [
        {'name': 'first', 'type': 'multihead_attention', 'embed_dim': 12,
         'num_heads': 3},
        {'name': 'noise', 'shape': [7, 5], 'scheme': {
            'name': 'torch.normal', 'mean': 0.5, 'std': 2}},
        {'name': 'second', 'type': 'linear', 'in_features': 12,
         'out_features': 30},
        {'draw': {'shape': [100], 'scheme': 'torch.normal'}},
        {'seed': 2 ** 40},
        {'name': 'third', 'type': 'gru', 'input_size': 5, 'hidden_size': 6},
    ]}, {'noise': noise} | {
        f'{prefix}.{name}': tensor
        for prefix, module in (('first', first), ('second', second),
                               ('third', third))
        for name, tensor in module.state_dict().items()},
        torch.get_rng_state().numpy().tobytes())


def check_discarded(url):
    """A whole type without a name is drawn for nobody."""
    torch.manual_seed(42)
    nn.TransformerEncoder(nn.TransformerEncoderLayer(12, 3, 20), 2)
    second = nn.Linear(12, 30)
    same_draws(url, 'a discarded encoder', {'layers': [
        {'draw': {'type': 'transformer_encoder', 'd_model': 12, 'nhead': 3,
                  'dim_feedforward': 20, 'num_layers': 2}},
        {'name': 'second', 'type': 'linear', 'in_features': 12,
         'out_features': 30}]},
        {f'second.{name}': tensor
         for name, tensor in second.state_dict().items()},
        torch.get_rng_state().numpy().tobytes())


def check_refused(url):
    """What can't be the library's own; T5 has its deviations from pow()."""
    for statement, document in (
            ('T5 in float64', {'dtype': 'float64', 'config': test_models.T5}),
            ('a layer of Keras', {'layers': [
                {'name': 'k', 'type': 'keras.dense', 'input_dim': 3,
                 'units': 4}]})):
        try:
            drawn(url, document)
            tally.check(f'{statement} is refused', False, 'it is accepted')
        except RuntimeError as problem:
            tally.check(f'{statement} is refused with 422',
                        '"status":422' in str(problem), str(problem))


def main():
    with daemon.running() as url:
        for kind, make, rows in test_layers_torch.LAYERS:
            tally.run(check_layers, url, kind, make, rows)
        for config in test_models.TINY:
            tally.run(check_models, url, config)
            tally.run(check_auto, url, config)
        tally.run(check_sequence, url)
        tally.run(check_discarded, url)
        tally.run(check_refused, url)
    tally.finish()


if __name__ == '__main__':
    torch.set_num_threads(1)
    warnings.simplefilter('ignore')
    main()
