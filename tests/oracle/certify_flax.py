# SPDX-License-Identifier: MIT
"""Flax's rows of certify.py: the keys of parameters, and whole modules."""
import json

import certify_jax as cj

import flax.linen as nn
import jax
import jax.numpy as jnp
from flax import nnx
from flax.traverse_util import flatten_dict

import certify
import test_layers_flax as modules
from certify_table import DTYPES, bits

LIBRARY = f'flax {certify.version_of("flax")}'
ROWS = 60


class Scope(nn.Module):
    """Parameters of entries, and a scope below it that has as many."""
    entries: tuple
    below: bool = True

    @nn.compact
    def __call__(self):
        for entry in map(json.loads, self.entries):
            name, options = entry['name'], dict(entry['scheme'])
            scheme = cj.SCHEMES[options.pop('name')]
            self.param(name, scheme.make(**options), tuple(entry['shape']),
                       jnp.dtype(entry['dtype']))
        if self.below:
            Scope(self.entries, False, name='below')()


class Outer(nn.Module):
    """Whose parameters are in a scope of their own."""
    inner: nn.Module

    def __call__(self, *inputs):
        return self.inner(*inputs)


def is_cell(name):
    """They begin with orthogonal matrices, and are refused."""
    return 'cell' in name


def linen_params(module, seed, *inputs):
    """By their names with dots."""
    variables = module.init(jax.random.key(seed), *inputs)
    return {'.'.join(path): array for path, array
            in flatten_dict(variables.get('params', {})).items()}


class Flax:
    """A run."""

    def __init__(self, table, rng):
        self.table = table
        self.rng = rng

    def check(self, generator, seed, entries, parts):
        return self.table.check({'generator': generator, 'seed': str(seed),
                                 'layers': entries}, parts, LIBRARY)

    def entries(self, dtype):
        """One of each scheme that can be drawn, in any order."""
        names = [name for name in cj.SCHEMES
                 if not cj.is_refused(name, dtype)]
        self.rng.shuffle(names)
        entries = [cj.entry_of(self.rng, name, dtype, cj.LARGER[-1])
                   | {'name': f'p{i}'} for i, name in enumerate(names)]
        for entry in entries:       # its geometric mean may be refused
            if 'mode' in entry['scheme']:
                entry['scheme']['mode'] = self.rng.choice(cj.MODES[:3])
        return entries

    def linen_row(self, dtype):
        seed = self.rng.getrandbits(32)
        entries = self.entries(dtype)
        with cj.as_for(dtype):
            params = linen_params(
                Scope(tuple(map(json.dumps, entries))), seed)
        below = [entry | {'name': 'below.' + entry['name']}
                 for entry in entries]
        self.check('flax/linen', seed, entries + below, [
            (('flax/linen', entry['scheme']['name'], dtype),
             bits(params[entry['name']])) for entry in entries + below])

    def nnx_row(self, dtype):
        seed = self.rng.getrandbits(32)
        entries = self.entries(dtype)
        with cj.as_for(dtype):
            rngs = nnx.Rngs(seed)
            parts = [(('flax/nnx', entry['scheme']['name'], dtype),
                      cj.drawn(rngs.params(), entry)) for entry in entries]
        self.check('flax/nnx', seed, entries, parts)

    def linen_type(self, name, extra, kind, options, inputs, dtype):
        made = {k: tuple(v) if isinstance(v, list) else v
                for k, v in options.items()} | {
                    'param_dtype': jnp.dtype(dtype)}
        seed = self.rng.getrandbits(32)
        params = {}
        if not is_cell(name):
            with cj.as_for(dtype):
                params = linen_params(Outer(inner=kind(**made)), seed,
                                      *inputs)
        self.typed('flax/linen', 'inner', {
            'name': 'inner', 'type': f'flax.{name}', 'dtype': dtype, **extra,
            **options}, seed, kind, params)

    def nnx_type(self, name, kind, options, dtype):
        seed = self.rng.getrandbits(32)
        params = {}
        if not is_cell(name):
            with cj.as_for(dtype):
                module = kind(**options, param_dtype=jnp.dtype(dtype),
                              rngs=nnx.Rngs(seed))
                params = {'.'.join(map(str, path)): leaf[...] for path, leaf
                          in nnx.state(module, nnx.Param).flat_state()}
        self.typed('flax/nnx', 'm', {
            'name': 'm', 'type': f'flax.{name}', 'dtype': dtype, **options},
            seed, kind, {f'm.{key}': a for key, a in params.items()})

    def typed(self, generator, prefix, entry, seed, kind, params):
        """The daemon may know buffers that aren't parameters."""
        key = generator, f'module {kind.__name__}', entry['dtype']
        self.table.check_named(
            {'generator': generator, 'seed': str(seed), 'layers': [entry]},
            key, {name: bits(array) for name, array in params.items()},
            LIBRARY)


def refused(run, dtype):
    """Schemes that no entry may have; the others are drawn in rows."""
    for name in cj.SCHEMES:
        if cj.is_refused(name, dtype):
            for generator in 'flax/linen', 'flax/nnx':
                entry = cj.entry_of(run.rng, name, dtype, (3, 3, 5, 16))
                run.check(generator, 42, [entry], [
                    ((generator, name, dtype), cj.drawn(None, entry))])


def certify(table, values, rng):
    """Fill the rows of Flax."""
    run = Flax(table, rng)
    for generator in 'flax/linen', 'flax/nnx':
        unknown = set(table.client.schemes(generator)) - set(cj.SCHEMES)
        assert not unknown, f'certify_jax.py does not know {unknown}'
    for dtype in DTYPES:
        refused(run, dtype)
        for _ in range(max(2, int(ROWS * min(1, values / cj.SMALL)))):
            run.linen_row(dtype)
            run.nnx_row(dtype)
    cells = [(name, {'input_dim': 40}, kind, {'features': 48},
              modules.carried(kind(48))) for name, kind in modules.CELLS]
    thorough = values >= cj.SMALL
    some = 1 if thorough else 5
    for dtype in DTYPES[:4] if thorough else DTYPES[1:2]:
        for case in (modules.LINEN + cells)[::some]:
            run.linen_type(*case, dtype)
        for case in modules.NNX[::some]:
            run.nnx_type(*case, dtype)
