# SPDX-License-Identifier: MIT
"""NumPy's rows of certify.py: Generator with its PCG64s, and RandomState."""
import typing

import numpy as np

import certify
from certify_shapes import BIG, EDGES, shaped, size_up_to, sizes_of
from certify_table import DTYPES, bits

LIBRARY = f'numpy {np.__version__}'
ERA = '@glibc2.41' if certify.glibc() >= (2, 41) else ''
SEEDS = [0, 42, 2 ** 31, 2 ** 32 - 1]
LARGE = [2 ** 32 + 42, 2 ** 63, 2 ** 64 - 1]
TAPES = 400

# The generators of the daemon, and what each is in NumPy.
GENERATORS = {
    'numpy/pcg64' + ERA: lambda seed: np.random.default_rng(seed),
    'numpy/pcg64dxsm' + ERA:
        lambda seed: np.random.Generator(np.random.PCG64DXSM(seed)),
    'numpy/randomstate': np.random.RandomState,
}


class Scheme(typing.NamedTuple):
    """The method's name, options for it, and the types of a Generator's."""
    method: str
    pick: typing.Callable = lambda rng: {}
    dtypes: tuple = ('float64',)


SCHEMES = {
    'numpy.random': Scheme('random', dtypes=('float64', 'float32')),
    'numpy.uniform': Scheme('uniform', lambda rng: rng.choice([
        {}, {'low': -0.1, 'high': 0.3}, {
            'low': -rng.expovariate(1), 'high': 10 ** rng.uniform(-9, 9)}])),
    'numpy.standard_normal': Scheme('standard_normal',
                                    dtypes=('float64', 'float32')),
    'numpy.normal': Scheme('normal', lambda rng: rng.choice([
        {}, {'loc': 0.5, 'scale': 0.02}, {
            'loc': rng.gauss(0, 9), 'scale': 10 ** rng.uniform(-9, 9)}])),
}


def drawn(made, entry):
    """What NumPy draws; nothing where the daemon has to refuse."""
    options = dict(entry['scheme'])
    scheme = SCHEMES[options.pop('name')]
    dtype, shape = entry['dtype'], entry['shape']
    old = isinstance(made, np.random.RandomState)
    if dtype not in (('float64',) if old else scheme.dtypes):
        return np.zeros(0, np.uint8)
    if scheme.method == 'random' and old:
        return made.random_sample(shape)
    if len(scheme.dtypes) > 1 and not old:
        options['dtype'] = dtype
    return np.asarray(getattr(made, scheme.method)(size=shape, **options))


def plain(value):
    """A state in the form that the daemon gives."""
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    if isinstance(value, np.ndarray):
        return value.tolist()
    return value


def state_of(made):
    if isinstance(made, np.random.RandomState):
        return plain(made.get_state(legacy=False))
    state = plain(made.bit_generator.state)
    state['state'] = {k: str(v) for k, v in state['state'].items()}
    return state


class Numpy:
    """A run with one of the generators."""

    def __init__(self, table, rng, generator):
        self.table = table
        self.rng = rng
        self.generator = generator
        self.make = GENERATORS[generator]
        self.taken = []
        self.old = self.make is np.random.RandomState

    def seed(self):
        bits = 32 if self.old else 64
        return self.rng.choice(self.seeds() + [self.rng.getrandbits(bits)])

    def seeds(self):
        return SEEDS if self.old else SEEDS + LARGE

    def key(self, entry):
        return self.generator, entry['scheme']['name'], entry['dtype']

    def entry(self, name, dtype, elements):
        return {'shape': shaped(self.rng, elements, 0, 4), 'dtype': dtype,
                'scheme': {'name': name, **SCHEMES[name].pick(self.rng)}}

    def check(self, seed, entries):
        made = self.make(seed)
        return self.table.check(
            {'generator': self.generator, 'seed': str(seed),
             'layers': entries},
            [(self.key(entry), bits(drawn(made, entry)))
             for entry in entries], LIBRARY)

    def edges(self, name, dtype):
        if self.check(42, [self.entry(name, dtype, n) for n in EDGES]):
            self.taken.append((name, dtype))
            for seed in self.seeds() * 3:
                self.check(seed, [self.entry(name, dtype,
                                             size_up_to(self.rng, 3000))])

    def parts(self):
        name, dtype = self.rng.choice(self.taken)
        shape = [self.rng.randint(1, 999), self.rng.randint(1, 999)]
        entry = self.entry(name, dtype, 4) | {'shape': shape}
        seed = self.seed()
        query = {'generator': self.generator, 'seed': seed, 'dtype': dtype,
                 'shape': '{},{}'.format(*shape)} | {
                     k if k != 'name' else 'scheme': v
                     for k, v in entry['scheme'].items()}
        self.table.part((self.generator, 'parts', dtype), LIBRARY, self.rng,
                        query, bits(drawn(self.make(seed), entry)
                                    ).reshape(shape))

    def tape(self):
        """Random entries of all kinds; the state in the middle, and after."""
        seed, entries, parts = self.seed(), [], []
        made = self.make(seed)
        head = {'seed': str(seed)}
        if self.rng.random() < 0.3:
            for name, dtype in self.taken:
                drawn(made, self.entry(name, dtype, self.rng.randint(0, 9)))
            head = {'state': state_of(made)}
        for _ in range(self.rng.randint(1, 12)):
            made = self.step(made, entries, parts)
        request = {'generator': self.generator, 'layers': entries} | head
        if parts and self.table.check(request, parts, LIBRARY):
            self.table.equal((self.generator, 'states', '-'), LIBRARY,
                             self.table.state_after(request), state_of(made),
                             request)

    def step(self, made, entries, parts):
        """Returns the generator to go on with."""
        kind = self.rng.random()
        if kind < 0.1:
            doubles = self.rng.choice([1, 312, self.rng.randint(0, 10 ** 5)])
            made.random_sample(doubles) if self.old else made.random(doubles)
            entries.append({'skip': doubles * (2 if self.old else 1)})
        elif kind < 0.15:
            seed = self.rng.choice(self.seeds())
            entries.append({'seed': str(seed)})
            return self.make(seed)
        else:
            entry = self.entry(*self.rng.choice(self.taken),
                               size_up_to(self.rng, 5000))
            theirs = bits(drawn(made, entry))
            entries.append({'draw': entry} if kind < 0.3 else entry)
            if kind >= 0.3:
                parts.append((self.key(entry), theirs))
        return made


def certify(table, values, rng):
    """Fill the rows of NumPy."""
    runs = [Numpy(table, rng, generator) for generator in GENERATORS]
    for run in runs:
        unknown = set(table.client.schemes(run.generator)) - set(SCHEMES)
        assert not unknown, f'certify_numpy.py does not know {unknown}'
        for name in SCHEMES:
            for dtype in DTYPES:
                run.edges(name, dtype)
    count = max(8, int(TAPES * min(1, values / 10 ** 8)))
    for run in runs:
        for name, dtype in run.taken:
            for size in sizes_of(rng, 0.9 * values / sum(
                    len(other.taken) for other in runs), BIG):
                run.check(run.seed(), [run.entry(name, dtype, size)])
        for _ in range(count):
            run.tape()
            run.parts()
