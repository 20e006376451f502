# SPDX-License-Identifier: MIT
"""The known answers of /readyz are those of the libraries that they are for.

Each row of api/self_test.c that is not our own generator's, drawn by the
library that it names, as far as it is of the version that is here.
"""
import hashlib
import re

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import torch
from flax import nnx

from compare import daemon, tally

SHAPE = (63, 17)
SEED = 42


def rows():
    """Generator, scheme, element type and digest of each row."""
    source = (daemon.ROOT / 'api/self_test.c').read_text()
    table = source.partition('answers[] = {')[2].partition('\n};')[0]
    found = re.findall(r'\{"([^"]+)", "([\w.]+)([^"]*)",\s*0x(\w{16})\}', table)
    tally.equal('every row is read', len(found), table.count('0x'))
    for generator, scheme, more, digest in found:
        yield generator, scheme, more.removeprefix('&dtype='), digest


def of_torch(scheme, dtype):
    torch.manual_seed(SEED)
    tensor = torch.empty(SHAPE, dtype=getattr(torch, dtype or 'float32'))
    getattr(torch.nn.init, scheme.removeprefix('torch.') + '_')(tensor)
    return tensor.contiguous().view(torch.uint8).numpy()


def initializer(scheme):
    return getattr(jax.nn.initializers, scheme.removeprefix('jax.'))()


def of_jax(scheme, dtype):
    return initializer(scheme)(jax.random.key(SEED), SHAPE,
                               getattr(jnp, dtype or 'float32'))


def of_linen(scheme, dtype):
    class Module(nn.Module):
        @nn.compact
        def __call__(self):
            self.param('w', initializer(scheme), SHAPE, jnp.float32)
    return Module().init(jax.random.key(SEED))['params']['w']


def of_nnx(scheme, dtype):
    return initializer(scheme)(nnx.Rngs(SEED).params(), SHAPE, jnp.float32)


def of_numpy(make):
    return lambda scheme, dtype: getattr(
        make(SEED), scheme.removeprefix('numpy.'))(size=SHAPE)


def partitionable(make, value):
    def drawn(scheme, dtype):
        jax.config.update('jax_threefry_partitionable', value)
        try:
            return make(scheme, dtype)
        finally:
            jax.config.update('jax_threefry_partitionable', True)
    return drawn


def version(library):
    return '.'.join(library.__version__.split('.')[:2])


# By the generator's name; what glibc it is with makes no difference here.
LIBRARIES = {
    f'torch/linux-x86_64-avx2@{version(torch)}': of_torch,
    f'jax/threefry@{version(jax)}': of_jax,
    f'jax/threefry-original@{version(jax)}': partitionable(of_jax, False),
    'flax/linen': of_linen,
    'flax/nnx': of_nnx,
    'numpy/pcg64': of_numpy(np.random.default_rng),
    'numpy/pcg64dxsm': of_numpy(
        lambda seed: np.random.Generator(np.random.PCG64DXSM(seed))),
    'numpy/randomstate': of_numpy(np.random.RandomState),
}


def main():
    jax.config.update('jax_enable_x64', True)
    seen = set()
    for generator, scheme, dtype, digest in rows():
        name = generator.removesuffix('@glibc2.41')
        if name not in LIBRARIES:
            continue
        seen.add(name)
        theirs = np.asarray(LIBRARIES[name](scheme, dtype)).tobytes()
        known = hashlib.blake2b(theirs, digest_size=32).hexdigest()
        tally.equal(f'{generator} {scheme} {dtype}', known[:16], digest)
    tally.equal('every library is compared', seen, set(LIBRARIES))


if __name__ == '__main__':
    tally.run(main)
    tally.finish()
