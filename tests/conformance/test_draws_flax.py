# SPDX-License-Identifier: MIT
"""The generators of Flax against the modules' own parameters, bit by bit.

Every layer of linen and of nnx that the daemon knows, with the arguments that
the test of their names and laws has.  Cells begin with orthogonal matrices,
which are LAPACK's and refused.
"""
import json

import flax.linen as nn
import jax
import numpy as np
from flax import nnx
from flax.traverse_util import flatten_dict

import layers
import test_layers_flax as flax
from compare import daemon, tally

SEED = 42


class Outer(nn.Module):
    """Whose parameters are in a scope of their own."""
    inner: nn.Module

    def __call__(self, *inputs):
        return self.inner(*inputs)


def drawn(url, generator, entries):
    """The daemon's tensors by name, as bits."""
    document = {'generator': generator, 'seed': SEED, 'layers': entries}
    body = layers.post(url, document, 'raw')
    manifest = json.loads(layers.post(url, document, 'manifest'))
    return {tensor['name']: body[int(tensor['offset']):][:tensor['bytes']]
            for tensor in manifest['tensors']}


def same_bits(statement, mine, theirs):
    wrong = [name for name, array in theirs
             if mine.get(name) != np.asarray(array, '<f4').tobytes()]
    tally.check(f'{statement}: bits', theirs and not wrong,
                f'{len(wrong)} of {len(theirs)} differ: {wrong[:3]}')


def check_linen(url, name, extra, kind, options, inputs):
    """As a part of a module, and of a part of one."""
    made = {k: tuple(v) if isinstance(v, list) else v
            for k, v in options.items()}
    entry = {'type': f'flax.{name}', **extra, **options}
    for module, prefix in (
            (Outer(inner=kind(**made)), 'inner'),
            (Outer(inner=Outer(inner=kind(**made))), 'inner.inner')):
        variables = module.init(jax.random.key(SEED), *inputs)
        same_bits(f'linen.{kind.__name__} {options}, {prefix}',
                  drawn(url, 'flax/linen', [{'name': prefix, **entry}]),
                  [('.'.join(path), array) for path, array
                   in flatten_dict(variables.get('params', {})).items()])


def check_nnx(url, name, kind, options):
    module = kind(**options, rngs=nnx.Rngs(SEED))
    same_bits(f'nnx.{kind.__name__} {options}',
              drawn(url, 'flax/nnx', [
                  {'name': 'm', 'type': f'flax.{name}', **options}]),
              [('.'.join(['m', *map(str, path)]), leaf[...])
               for path, leaf in nnx.state(module, nnx.Param).flat_state()])


def check_row(url):
    """nnx counts parameters through all modules, norms' too."""
    rngs = nnx.Rngs(SEED)
    rows = [('multi_head_dot_product_attention', nnx.MultiHeadAttention,
             {'num_heads': 3, 'in_features': 12, 'normalize_qk': True}),
            ('multi_head_dot_product_attention', nnx.MultiHeadAttention,
             {'num_heads': 2, 'in_features': 8, 'dropout_rate': 0.25}),
            ('prelu', nnx.PReLU, {}),
            ('batch_norm', nnx.BatchNorm, {'num_features': 6}),
            ('dense', nnx.Linear, {'in_features': 6, 'out_features': 7,
                                   'use_bias': False}),
            ('embed', nnx.Embed, {'num_embeddings': 9, 'features': 4})]
    modules = [kind(**options) if kind is nnx.PReLU
               else kind(**options, rngs=rngs) for _, kind, options in rows]
    same_bits('nnx modules in a row', drawn(url, 'flax/nnx', [
        {'name': f'm{i}', 'type': f'flax.{name}', **options}
        for i, (name, _, options) in enumerate(rows)]),
        [('.'.join([f'm{i}', *map(str, path)]), leaf[...])
         for i, module in enumerate(modules)
         for path, leaf in nnx.state(module, nnx.Param).flat_state()])


def check_refused(url, name):
    try:
        drawn(url, 'flax/linen', [{'name': 'c', 'type': f'flax.{name}',
                                   'input_dim': 4, 'features': 5}])
        tally.check(f'{name} is refused', False, 'it is accepted')
    except RuntimeError as problem:
        tally.check(f'{name} is refused with 422, for orthogonal matrices',
                    '"status":422' in str(problem)
                    and 'orthogonal' in str(problem), str(problem))


def main():
    with daemon.running() as url:
        for case in flax.LINEN:
            tally.run(check_linen, url, *case)
        for name, kind, options in flax.NNX:
            if 'cell' not in name:
                tally.run(check_nnx, url, name, kind, options)
        tally.run(check_row, url)
        for name in sorted({name for name, _ in flax.CELLS}):
            tally.run(check_refused, url, name)
    tally.finish()


if __name__ == '__main__':
    main()
