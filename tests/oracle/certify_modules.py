# SPDX-License-Identifier: MIT
"""Whole modules of torch, and models of transformers, for certify.py."""
import base64

import torch

import test_draws
import test_layers_torch
import test_models
from certify_torch import bits_of

DTYPES = ['float32', 'float64', 'float16', 'bfloat16']

# From here on all classes of models, and one at its published size.
THOROUGH = 10 ** 8


def check(table, key, library, request, theirs, after):
    """'theirs' are tensors in the request's order, 'after' the state."""
    parts = [(key, bits_of(tensor)) for tensor in theirs]
    if table.check(request, parts, library):
        table.equal((key[0], 'states', '-'), library,
                    base64.b64decode(table.state_after(request)), after,
                    request)


def check_layer(table, generator, library, kind, make, arguments, dtype, seed):
    """A layer may have no tensors, but a request has at least one."""
    options = {name: tuple(value) if isinstance(value, list) else value
               for name, value in arguments.items()}
    module, after = test_draws.made(lambda: make(**options), dtype, seed)
    theirs = list(test_layers_torch.state(module).values())
    check(table, (generator, f'type {kind}', dtype), library,
          {'generator': generator, 'seed': str(seed), 'dtype': dtype,
           'layers': [{'name': 'm', 'type': kind, **arguments},
                      {'name': 'last', 'shape': [1], 'scheme': 'zeros'}]},
          [*theirs, torch.zeros(1, dtype=getattr(torch, dtype))], after)


def check_model(table, generator, library, config, name, dtype, seed):
    model, after = test_draws.made(
        lambda: test_models.model_of(config, name), dtype, seed)
    kind = config['model_type']
    size = '' if len(config) > 1 else ', its own size'
    check(table, (generator, f'model {kind}{size}', dtype), library,
          {'generator': generator, 'seed': str(seed), 'dtype': dtype,
           'config': config | {'architectures': [name]}},
          [tensor for _, tensor in model.named_parameters()], after)


def certify(table, generator, library, values, rng):
    thorough = values >= THOROUGH
    for kind, make, rows in test_layers_torch.LAYERS:
        for dtype in DTYPES:
            for arguments in rows if thorough else rows[-1:]:
                check_layer(table, generator, library, kind, make, arguments,
                            dtype, rng.getrandbits(64))
    for config in test_models.TINY:
        classes = test_models.CLASSES[config['model_type']]
        for name in classes if thorough else classes[-1:]:
            for dtype in DTYPES if thorough else DTYPES[:1]:
                check_model(table, generator, library, config, name, dtype,
                            rng.getrandbits(64))
    if thorough:
        for kind, name in (('gpt2', 'GPT2LMHeadModel'),
                           ('bert', 'BertForMaskedLM')):
            check_model(table, generator, library, {'model_type': kind}, name,
                        'float32', 42)
