# SPDX-License-Identifier: MIT
"""How modules of torch.nn initialize themselves, as schemes.

TABLE has, for each class by name, a function from a module to the schemes of
its own parameters and buffers.  What is written here is what that class's
reset_parameters() does in torch 2.13; a subclass with one of its own is not
that class.
"""
from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, Union

Scheme = Union[str, Mapping[str, Any]]
Schemes = dict[str, Scheme]

ZEROS, ONES = 'torch.zeros', 'torch.ones'
LINEAR, XAVIER = 'torch.linear', 'torch.xavier_uniform'


def within(bound: float) -> Scheme:
    return {'name': 'torch.uniform', 'a': -bound, 'b': bound}


def _fan_in(module: Any) -> int:
    """What torch takes for it: the second dimension times the kernel."""
    shape = module.weight.shape
    return math.prod(shape[1:])


def _with_fan(module: Any) -> Schemes:
    fan = _fan_in(module)
    return {'weight': LINEAR, 'bias': within(1 / math.sqrt(fan) if fan else 0)}


def _bilinear(module: Any) -> Schemes:
    scheme = within(1 / math.sqrt(module.weight.shape[1]))
    return {'weight': scheme, 'bias': scheme}


def _embedding(module: Any) -> Schemes:
    scheme: dict[str, Any] = {'name': 'torch.embedding'}
    if module.padding_idx is not None:
        scheme['padding_idx'] = module.padding_idx % module.num_embeddings
    return {'weight': scheme}


def _norm(_: Any) -> Schemes:
    return {'weight': ONES, 'bias': ZEROS, 'running_mean': ZEROS,
            'running_var': ONES}


def _prelu(module: Any) -> Schemes:
    return {'weight': {'name': 'torch.constant',
                       'val': getattr(module, 'init', 0.25)}}


def _recurrent(module: Any) -> Schemes:
    size = module.hidden_size
    scheme = within(1 / math.sqrt(size) if size else 0)
    return {name: scheme for name, _ in module.named_parameters()}


def _attention(_: Any) -> Schemes:
    return {'in_proj_weight': XAVIER, 'q_proj_weight': XAVIER,
            'k_proj_weight': XAVIER, 'v_proj_weight': XAVIER,
            'in_proj_bias': ZEROS, 'bias_k': 'torch.xavier_normal',
            'bias_v': 'torch.xavier_normal', 'out_proj.bias': ZEROS}


def _conv1d_of_gpt2(_: Any) -> Schemes:
    return {'weight': {'name': 'torch.normal', 'std': 0.02}, 'bias': ZEROS}


def _table() -> dict[str, Callable[[Any], Schemes]]:
    rows: list[tuple[Callable[[Any], Schemes], str]] = [
        (_with_fan, 'Linear NonDynamicallyQuantizableLinear Conv1d Conv2d '
                    'Conv3d ConvTranspose1d ConvTranspose2d ConvTranspose3d'),
        (_bilinear, 'Bilinear'),
        (_embedding, 'Embedding EmbeddingBag'),
        (_norm, 'LayerNorm RMSNorm GroupNorm BatchNorm1d BatchNorm2d '
                'BatchNorm3d SyncBatchNorm InstanceNorm1d InstanceNorm2d '
                'InstanceNorm3d'),
        (_prelu, 'PReLU'),
        (_recurrent, 'RNN LSTM GRU RNNCell LSTMCell GRUCell'),
        (_attention, 'MultiheadAttention'),
    ]
    table = {f'torch.nn.{name}': function
             for function, names in rows for name in names.split()}
    table['transformers.Conv1D'] = _conv1d_of_gpt2
    return table


TABLE = _table()
RESETS = 'reset_parameters', '_reset_parameters'


def _key(kind: type) -> str:
    """torch.nn.modules.linear.Linear is torch.nn.Linear here."""
    package = kind.__module__
    for short in 'torch.nn', 'transformers':
        if package.startswith(short + '.'):
            return f'{short}.{kind.__name__}'
    return f'{package}.{kind.__qualname__}'


def _same_resets(kind: type, base: type) -> bool:
    return all(getattr(kind, name, None) is getattr(base, name, None)
               for name in RESETS)


def schemes_of(module: Any) -> Schemes | None:
    """The schemes of a module's class, or of the one that it extends without
    an initialization of its own; None if it is not known."""
    for base in type(module).__mro__:
        if function := TABLE.get(_key(base)):
            return (function(module) if _same_resets(type(module), base)
                    else None)
    return None


def all_matrices(module: Any) -> Scheme | None:
    """The scheme that a module gives every matrix within it."""
    for base in type(module).__mro__:
        if _key(base) == 'torch.nn.Transformer':
            return XAVIER if _same_resets(type(module), base) else None
    return None
