#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Write tests/vectors/jax.txt: what JAX and Flax themselves draw.

Needs jax and jaxlib 0.10.2 and flax 0.12.8 on an x86-64 CPU with FMA; no line
of the file comes from anywhere else.  Running it again with those versions
must change nothing.
"""

import hashlib
import os

import flax.linen
import jax
import jax.numpy as jnp
import numpy as np

VECTORS = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                       '..', 'vectors', 'jax.txt')
VERSIONS = {'jax': '0.10.2', 'flax': '0.12.8'}
HEAD_BYTES = 32
INIT = jax.nn.initializers
MODES = ('fan_in', 'fan_out', 'fan_avg', 'fan_geo_avg')
DISTRIBUTIONS = ('truncated_normal', 'normal', 'uniform')
DTYPES = ('float32', 'float16', 'bfloat16')
SIZES = (1, 2, 3, 7, 8, 9, 31, 32, 33, 65, 1000, 4099)
SEEDS = (0, 42, 2 ** 32 - 1)
FANS = ('lecun_uniform', 'lecun_normal', 'glorot_uniform', 'glorot_normal',
        'he_uniform', 'he_normal')


def words(key):
    return ','.join(f'{int(word):08x}' for word in jax.random.key_data(key))


def key_lines():
    for seed in (0, 1, 42, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 40 + 7, -1,
                 -2 ** 40 - 5, 2 ** 63 - 1):
        made = words(jax.random.key(seed))
        yield f'id=seed seed={seed % 2 ** 64} out={made}'
    for seed in SEEDS:
        root = jax.random.key(seed)
        for data in (0, 1, 7, 2 ** 31, 2 ** 32 - 1):
            yield (f'id=fold_in key={words(root)} counter={data:08x}'
                   f' out={words(jax.random.fold_in(root, data))}')


def split_lines(label):
    for seed in SEEDS:
        root = jax.random.key(seed)
        for count in (1, 2, 3, 10):
            for index, child in enumerate(jax.random.split(root, count)):
                yield (f'id=split label={label} key={words(root)}'
                       f' counter={count:08x},{index:08x} out={words(child)}')


class Inner(flax.linen.Module):
    """A scope of which many parameters are made."""

    @flax.linen.compact
    def __call__(self, keys, path):
        for i in range(300):
            key = self.make_rng('params')
            if i in (0, 1, 254, 255, 256, 299):
                keys.append((path, i + 1, key))


class Outer(flax.linen.Module):
    """Scopes in scopes."""

    @flax.linen.compact
    def __call__(self, keys):
        keys.append(('', 1, self.make_rng('params')))
        Inner()(keys, 'Inner_0')
        Inner(name='layers_11')(keys, 'layers_11')
        Nest()(keys)


class Nest(flax.linen.Module):
    """A scope of its own."""

    @flax.linen.compact
    def __call__(self, keys):
        Inner(name='query')(keys, 'Nest_0.query')


def linen_lines():
    for seed in SEEDS:
        keys = []
        root = jax.random.key(seed)
        Outer().init(root, keys)
        for path, count, key in keys:
            label = f' label={path}' if path else ''
            yield (f'id=linen key={words(root)}{label}'
                   f' counter={count:08x} out={words(key)}')


def tensor(label, seed, scheme, text, init, shape, dtype):
    """One tensor's line; 'text' has the scheme's parameters."""
    key = jax.random.key(seed)
    drawn = np.asarray(init(key, shape, dtype))
    stored = drawn.tobytes()
    digest = hashlib.blake2b(stored, digest_size=32).hexdigest()
    return ' '.join((f'scheme={scheme}', *text,
                     'shape=' + ','.join(map(str, shape)),
                     f'label={label}', f'key={words(key)}', f'dtype={dtype}',
                     'start=0', f'count={drawn.size}',
                     f'head={stored[:HEAD_BYTES].hex()}', f'blake2b={digest}'))


def plain_lines(label, dtype):
    for n, size in enumerate(SIZES):
        seed = SEEDS[n % len(SEEDS)]
        for scheme, text, init in (
                ('uniform', ('scale=1',), INIT.uniform(1.0)),
                ('uniform', ('scale=0.3',), INIT.uniform(.3)),
                ('normal', ('stddev=0.02',), INIT.normal(.02))):
            yield tensor(label, seed, 'jax.' + scheme, text, init, (size,),
                         dtype)
    for lower, upper in ((-2, 2),) if dtype == 'float64' else (
            (-2, 2), (-3, 3), (0, 2.5), (-1.5, 0), (.25, 6)):
        yield tensor(label, 7, 'jax.truncated_normal',
                     ('stddev=0.5', f'lower={lower}', f'upper={upper}'),
                     INIT.truncated_normal(.5, lower=lower, upper=upper),
                     (2001,), dtype)


def scaled_lines(label, dtype):
    for name in FANS:
        for shape in ((37, 21), (3, 3, 5, 16)):
            yield tensor(label, 42, 'jax.' + name, (), getattr(INIT, name)(),
                         shape, dtype)
    for mode in MODES:
        for distribution in DISTRIBUTIONS:
            yield tensor(label, 1, 'jax.variance_scaling',
                         ('scale=1.3', f'mode={mode}',
                          f'distribution={distribution}'),
                         INIT.variance_scaling(1.3, mode, distribution),
                         (4, 2, 8), dtype)
    yield tensor(label, 3, 'flax.embed', (),
                 INIT.variance_scaling(1.0, 'fan_in', 'normal', out_axis=0),
                 (49, 11), dtype)


def lines():
    yield ('# keys and tensors of jax 0.10.2 and flax 0.12.8 on an x86-64 CPU;'
           ' label is the generator, or for linen the scope')
    yield from key_lines()
    yield from linen_lines()
    for label, partitionable in (('jax/threefry@0.10', True),
                                 ('jax/threefry-original@0.10', False)):
        jax.config.update('jax_threefry_partitionable', partitionable)
        yield from split_lines(label)
        for dtype in DTYPES:
            yield from plain_lines(label, dtype)
            yield from scaled_lines(label, dtype)
        jax.config.update('jax_enable_x64', True)
        yield from plain_lines(label, 'float64')
        yield from scaled_lines(label, 'float64')
        jax.config.update('jax_enable_x64', False)


def main():
    for module in (jax, flax):
        if module.__version__ != VERSIONS[module.__name__]:
            raise SystemExit(f'{module.__name__} is {module.__version__}, not '
                             f'{VERSIONS[module.__name__]}')
    assert jnp.float32 == jnp.zeros(1).dtype
    text = '\n'.join(lines()) + '\n'
    with open(VECTORS, 'w', encoding='utf-8') as file:
        file.write(text)


if __name__ == '__main__':
    main()
