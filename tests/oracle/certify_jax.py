# SPDX-License-Identifier: MIT
"""JAX's rows of certify.py: keys, and jax.nn.initializers called eagerly."""
import contextlib
import os
import typing

os.environ['JAX_PLATFORMS'] = 'cpu'

import jax                                     # noqa: E402
import jax.numpy as jnp                        # noqa: E402

import certify                                 # noqa: E402
from certify_table import DTYPES, bits         # noqa: E402

init = jax.nn.initializers
LIBRARY = f'jax {certify.version_of("jax")}'
SEEDS = [0, 42, 2 ** 31, 2 ** 32 - 1]
LARGE = [2 ** 32 + 42, 2 ** 63 - 1, -1, -2 ** 63]
MODES = ['fan_in', 'fan_out', 'fan_avg', 'fan_geo_avg']
DISTRIBUTIONS = ['truncated_normal', 'normal', 'uniform']
CONSTANTS = ('jax.zeros', 'jax.ones', 'jax.constant')
TAPES = 300

# Whether jax_threefry_partitionable is on.
GENERATORS = {'jax/threefry@0.10': True, 'jax/threefry-original@0.10': False}

# XLA compiles for each anew, so they are few; a small run has one.
SMALL = 10 ** 7
FLAT = [(0,), (), (1,), (2,), (7,), (8,), (9,), (15,), (16,), (17,), (33,),
        (623,), (624,), (625,), (4097,)]
SHAPES = [(1, 1), (3, 5), (33, 31), (16, 40), (3, 3, 5, 16), (5, 2, 3, 2, 7)]
LARGER = [(2500, 4000), (1000, 1000), (250, 400), (33, 31)]


class Scheme(typing.NamedTuple):
    """JAX's function, options for it and for the daemon, how many values to
    compare, and whether it wants two dimensions or more."""
    make: typing.Callable
    pick: typing.Callable = lambda rng: {}
    weight: float = 1
    fans: bool = True


def scaling_options(rng):
    return {'scale': rng.choice([1.0, 2.0, rng.uniform(0.01, 9)]),
            'mode': rng.choice(MODES),
            'distribution': rng.choice(DISTRIBUTIONS)}


def truncated_options(rng):
    return rng.choice([{}, {'stddev': 0.02}, {
        'stddev': rng.uniform(0.01, 9), 'lower': -rng.uniform(0.1, 4),
        'upper': rng.uniform(0.1, 4)}])


SCHEMES = {
    'jax.zeros': Scheme(lambda: init.zeros, weight=0.02, fans=False),
    'jax.ones': Scheme(lambda: init.ones, weight=0.02, fans=False),
    'jax.constant': Scheme(
        init.constant, lambda rng: {'value': rng.gauss(0, 9)}, 0.02, False),
    'jax.uniform': Scheme(init.uniform, lambda rng: rng.choice(
        [{}, {'scale': 1.0}, {'scale': 10 ** rng.uniform(-4, 3)}]), 3, False),
    'jax.normal': Scheme(init.normal, lambda rng: rng.choice(
        [{}, {'stddev': 1.0}, {'stddev': 10 ** rng.uniform(-4, 3)}]), 3,
        False),
    'jax.truncated_normal': Scheme(init.truncated_normal, truncated_options,
                                   3, False),
    'jax.variance_scaling': Scheme(init.variance_scaling, scaling_options),
    'jax.lecun_uniform': Scheme(init.lecun_uniform),
    'jax.lecun_normal': Scheme(init.lecun_normal),
    'jax.glorot_uniform': Scheme(init.glorot_uniform),
    'jax.glorot_normal': Scheme(init.glorot_normal),
    'jax.he_uniform': Scheme(init.he_uniform),
    'jax.he_normal': Scheme(init.he_normal),
    'flax.embed': Scheme(lambda: init.variance_scaling(
        1.0, 'fan_in', 'normal', out_axis=0)),
    'jax.orthogonal': Scheme(init.orthogonal),
    'jax.delta_orthogonal': Scheme(init.delta_orthogonal),
}


def is_refused(name, dtype):
    """What the daemon has to refuse, so that nothing is drawn."""
    return 'orthogonal' in name or (
        'float8' in dtype and name not in CONSTANTS)


def drawn(key, entry):
    options = dict(entry['scheme'])
    name = options.pop('name')
    if is_refused(name, entry['dtype']):
        return bits(jnp.zeros(0, jnp.uint8))
    return bits(SCHEMES[name].make(**options)(
        key, tuple(entry['shape']), jnp.dtype(entry['dtype'])))


def entry_of(rng, name, dtype, shape):
    options = SCHEMES[name].pick(rng)
    if name == 'jax.truncated_normal' and dtype == 'float64':
        options.pop('lower', None), options.pop('upper', None)
    return {'shape': list(shape), 'dtype': dtype,
            'scheme': {'name': name, **options}}


@contextlib.contextmanager
def as_for(dtype, partitionable=True):
    """JAX in the mode that this element type takes."""
    with jax.enable_x64(dtype == 'float64'), \
            jax.threefry_partitionable(partitionable):
        yield


def walked(rng, key, steps):
    """A key that is so many random steps away, and the daemon's words."""
    path = []
    for _ in range(steps):
        if rng.random() < 0.5:
            data = rng.choice([0, 7, 2 ** 32 - 1, rng.getrandbits(32)])
            key = jax.random.fold_in(key, data)
            path.append(f'fold_in({data})')
        else:
            count = rng.choice([1, 2, 3, 10, 257])
            index = rng.randrange(count)
            key = jax.random.split(key, count)[index]
            path.append(f'split({count})[{index}]')
    return key, '/'.join(path)


def words(key):
    return [int(word) for word in jax.random.key_data(key)]


class Jax:
    """A run with one of the generators."""

    def __init__(self, table, rng, generator, values):
        self.table = table
        self.rng = rng
        self.generator = generator
        self.taken = []
        self.larger = LARGER if values >= SMALL else LARGER[-1:]
        self.shapes = SHAPES if values >= SMALL else self.larger
        self.flat = FLAT if values >= SMALL else [(0,)]

    def as_for(self, dtype):
        return as_for(dtype, GENERATORS[self.generator])

    def seeds(self, dtype):
        return SEEDS if dtype == 'float64' else SEEDS + LARGE

    def check(self, seed, entry):
        """A draw from the root key."""
        name, dtype = entry['scheme']['name'], entry['dtype']
        with self.as_for(dtype):
            theirs = drawn(jax.random.key(seed), entry)
        return self.table.check(
            {'generator': self.generator, 'seed': str(seed),
             'layers': [entry]},
            [((self.generator, name, dtype), theirs)], LIBRARY)

    def start(self, name, dtype):
        """All shapes, with seeds of all kinds."""
        rng, shapes = self.rng, self.shapes
        if not SCHEMES[name].fans:
            shapes = shapes + self.flat
        if name == 'jax.delta_orthogonal':
            shapes = [(3, 3, 5, 16)]
        done = [self.check(seed, entry_of(rng, name, dtype, shape))
                for shape in shapes for seed in self.seeds(dtype)[:4]]
        done += [self.check(seed, entry_of(rng, name, dtype, shapes[0]))
                 for seed in self.seeds(dtype)[4:] if any(done)]
        if any(done) and not is_refused(name, dtype):
            self.taken.append((name, dtype))

    def fill(self, name, dtype, budget):
        for shape in self.larger:
            while budget >= shape[0] * shape[1]:
                budget -= shape[0] * shape[1]
                self.check(self.rng.getrandbits(32),
                           entry_of(self.rng, name, dtype, shape))

    def key(self):
        """A request whose tensors have keys of their own."""
        rng, entries, parts = self.rng, [], []
        dtype = rng.choice(['float32', 'float64'])
        seed = rng.choice(self.seeds(dtype))
        with self.as_for(dtype):
            root = jax.random.key(seed)
            head = {'seed': str(seed)}
            if rng.random() < 0.3:
                root = jax.random.fold_in(root, rng.getrandbits(32))
                head = {'state': words(root)}
            for i in range(rng.randint(1, 5)):
                key, path = walked(rng, root, rng.randint(1, 3))
                entry = entry_of(rng, 'jax.uniform', dtype, self.larger[-1])
                parts.append(((self.generator, 'keys', dtype),
                              drawn(key, entry)))
                entries.append(entry | {'name': f'w{i}', 'key': path})
            state = words(root)
        request = {'generator': self.generator, 'layers': entries} | head
        if self.table.check(request, parts, LIBRARY):
            self.table.equal((self.generator, 'states', '-'), LIBRARY,
                             self.table.state_after(request), state, request)

    def part(self):
        name, dtype = self.rng.choice(self.taken)
        seed = self.rng.getrandbits(32)
        shape = self.larger[-1]
        entry = entry_of(self.rng, name, dtype, shape)
        with self.as_for(dtype):
            theirs = drawn(jax.random.key(seed), entry).reshape(shape)
        query = {'generator': self.generator, 'seed': seed, 'dtype': dtype,
                 'shape': '{},{}'.format(*shape)} | {
                     k if k != 'name' else 'scheme': v
                     for k, v in entry['scheme'].items()}
        self.table.part((self.generator, 'parts', dtype), LIBRARY, self.rng,
                        query, theirs)


def certify(table, values, rng):
    """Fill the rows of JAX."""
    runs = [Jax(table, rng, generator, values) for generator in GENERATORS]
    for run in runs:
        unknown = set(table.client.schemes(run.generator)) - set(SCHEMES)
        assert not unknown, f'certify_jax.py does not know {unknown}'
        for name in SCHEMES:
            for dtype in DTYPES:
                run.start(name, dtype)
    total = sum(SCHEMES[name].weight for run in runs for name, _ in run.taken)
    count = max(8, int(TAPES * min(1, values / 10 ** 8)))
    for run in runs:
        for name, dtype in run.taken:
            run.fill(name, dtype, 0.9 * values * SCHEMES[name].weight / total)
        for _ in range(count):
            run.key()
        for _ in range(count // 4):
            run.part()
