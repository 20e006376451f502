# SPDX-License-Identifier: MIT
"""torch's rows of certify.py: torch.nn.init, modules and whole models."""
import base64
import math
import typing
import warnings

import torch

import certify
from certify_shapes import BIG, EDGES, shaped, size_up_to, sizes_of
from certify_table import DTYPES, SIZES, bits

init = torch.nn.init
VERSION = tuple(map(int, torch.__version__.split('.')[:2]))
GENERATOR = 'torch/linux-x86_64-avx2@' + (
    '2.13' if VERSION >= (2, 13) else '2.12' if VERSION == (2, 12) else '2.11')
LIBRARY = f'torch {certify.version_of("torch")}'
SEEDS = [0, 42, 2 ** 31, 2 ** 32 - 1, 2 ** 32 + 42, 2 ** 63, 2 ** 64 - 1, -1,
         -2 ** 63]
NONLINEARITIES = ['leaky_relu', 'relu', 'linear', 'sigmoid', 'tanh', 'selu',
                  'conv1d', 'conv_transpose3d']
MIDDLE = 1 << 20
TAPES = 400


class Scheme(typing.NamedTuple):
    """What draws it, what picks a shape of about n elements and options, how
    many values to compare, and the dimensions that it takes."""
    draw: typing.Callable
    pick: typing.Callable = lambda rng: {}
    weight: float = 1
    ranks: tuple = (0, 4)


def normal_options(rng):
    return rng.choice([{}, {'mean': 0.5, 'std': 0.02}, {
        'mean': rng.uniform(-3, 3), 'std': 10 ** rng.uniform(-4, 2)}])


def uniform_options(rng):
    return rng.choice([{}, {'a': -0.1, 'b': 0.3}, {'a': -0.25, 'b': 0.25}, {
        'a': -rng.expovariate(1), 'b': 10 ** rng.uniform(-4, 2)}])


def truncated_options(rng):
    """Bounds with more than 0.3 of the normal between them."""
    std = 10 ** rng.uniform(-3, 1)
    mean = rng.choice([0, rng.uniform(-1, 1)])
    return rng.choice([
        {}, {'std': 0.02}, {'std': 0.02, 'a': -0.04, 'b': 0.04},
        {'mean': mean, 'std': std, 'a': mean - std * rng.uniform(0.6, 4),
         'b': mean + std * rng.uniform(0.6, 4)}])


def rare_options(rng):
    return {'a': rng.uniform(0.6, 1), 'b': rng.uniform(1.2, 2)}


def gain_options(rng):
    return rng.choice([{}, {'gain': rng.uniform(0.1, 3)}])


def kaiming_options(rng):
    return rng.choice([{}, {'a': math.sqrt(5)}, {
        'a': rng.uniform(0, 3), 'mode': rng.choice(['fan_in', 'fan_out']),
        'nonlinearity': rng.choice(NONLINEARITIES)}])


def draw_embedding(tensor, padding_idx=-1, std=1.0):
    tensor.normal_(0, std)
    if padding_idx >= 0:
        tensor[padding_idx] = 0


SCHEMES = {
    'torch.zeros': Scheme(init.zeros_, weight=0.02),
    'torch.ones': Scheme(init.ones_, weight=0.02),
    'torch.constant': Scheme(
        init.constant_, lambda rng: {'val': rng.gauss(0, 9)}, 0.02),
    'torch.uniform': Scheme(init.uniform_, uniform_options),
    'torch.normal': Scheme(init.normal_, normal_options),
    'torch.trunc_normal': Scheme(init.trunc_normal_, truncated_options, 0.5),
    'torch.xavier_uniform': Scheme(init.xavier_uniform_, gain_options,
                                   ranks=(2, 5)),
    'torch.xavier_normal': Scheme(init.xavier_normal_, gain_options,
                                  ranks=(2, 5)),
    'torch.kaiming_uniform': Scheme(init.kaiming_uniform_, kaiming_options,
                                    ranks=(2, 5)),
    'torch.kaiming_normal': Scheme(init.kaiming_normal_, kaiming_options,
                                   ranks=(2, 5)),
    'torch.linear': Scheme(
        lambda tensor: init.kaiming_uniform_(tensor, math.sqrt(5)),
        ranks=(2, 5)),
    'torch.orthogonal': Scheme(lambda tensor: tensor, ranks=(2, 2)),
    'torch.eye': Scheme(init.eye_, weight=0.02, ranks=(2, 2)),
    'torch.dirac': Scheme(
        init.dirac_, lambda rng: {'groups': rng.randint(1, 3)}, 0.02, (3, 5)),
    'torch.sparse': Scheme(
        init.sparse_, lambda rng: {'sparsity': rng.choice([0, 0.1, 0.5, 1]),
                                   'std': rng.choice([0.01, 2.5])}, 0.05,
        (2, 2)),
    'torch.embedding': Scheme(
        draw_embedding, lambda rng: rng.choice([
            {}, {'std': rng.uniform(0.01, 2)}, {'padding_idx': 0}]),
        ranks=(2, 2)),
    'torch.trunc_normal, P <= 0.3': Scheme(init.trunc_normal_, rare_options),
}


def bits_of(tensor):
    """As unsigned integers; NumPy has no bfloat16."""
    flat = tensor.detach().contiguous().view(-1)
    if not flat.numel():
        return bits(torch.empty(0, dtype=torch.uint8).numpy()).view(
            f'<u{flat.element_size()}')
    return flat.view(torch.uint8).numpy().view(f'<u{flat.element_size()}')


def tensor_entry(rng, name, dtype, elements):
    """A random entry of that scheme and about so many elements."""
    scheme = SCHEMES[name]
    options = scheme.pick(rng)
    shape = shaped(rng, elements, *scheme.ranks)
    if 0 in shape and (name not in ('torch.zeros', 'torch.uniform',
                                    'torch.normal', 'torch.kaiming_uniform')):
        shape = [1] * len(shape)
    if name == 'torch.dirac':
        shape[0] = options['groups'] * rng.randint(1, 9)
    if options.get('padding_idx', -1) >= 0:
        options['padding_idx'] = rng.randrange(shape[0])
    return {'shape': shape, 'dtype': dtype,
            'scheme': {'name': name.split(',')[0], **options}}


def drawn(entry, name):
    """What torch draws; nothing where the daemon has to refuse."""
    tensor = torch.empty(entry['shape'], dtype=getattr(torch, entry['dtype']))
    options = {k: v for k, v in entry['scheme'].items() if k != 'name'}
    if tensor.dtype.itemsize == 1 and name not in (
            'torch.zeros', 'torch.ones', 'torch.constant'):
        return tensor
    SCHEMES[name].draw(tensor, **options)
    return tensor


def document(seed, entries):
    return {'generator': GENERATOR, 'seed': str(seed), 'layers': entries}


class Torch:
    """A run."""

    def __init__(self, table, rng):
        self.table = table
        self.rng = rng
        self.taken = []     # name, dtype of what isn't refused

    def key(self, name, dtype):
        return GENERATOR, name, dtype

    def check(self, seed, named):
        """Entries of one request; 'named' are pairs of a name and an entry."""
        torch.manual_seed(seed)
        parts = [(self.key(name, entry['dtype']), bits_of(drawn(entry, name)))
                 for name, entry in named]
        return self.table.check(
            document(seed, [entry for _, entry in named]), parts, LIBRARY)

    def edges(self, name, dtype):
        named = [(name, tensor_entry(self.rng, name, dtype, n))
                 for n in EDGES]
        if name != 'torch.orthogonal' and self.check(42, named):
            self.taken.append((name, dtype))
        else:
            for seed in SEEDS:
                self.check(seed, named[self.rng.randrange(30):][:1])

    def seeds(self, name, dtype):
        for seed in SEEDS + [self.rng.getrandbits(64) for _ in range(8)]:
            self.check(seed, [(name, tensor_entry(
                self.rng, name, dtype, size_up_to(self.rng, 3000)))])

    def fill(self, name, dtype, budget):
        most = BIG if SCHEMES[name].weight >= 0.5 else 40_000
        for size in sizes_of(self.rng, budget, most):
            self.check(self.rng.getrandbits(64), [
                (name, tensor_entry(self.rng, name, dtype, size))])

    def parts(self, count):
        """Ranges of bytes and slices out of a tensor that was never whole."""
        rng = self.rng
        for _ in range(count):
            name, dtype = rng.choice([pair for pair in self.taken
                                      if SCHEMES[pair[0]].ranks == (0, 4)])
            seed = rng.getrandbits(64)
            shape = [rng.randint(1, 999), rng.randint(1, 999)]
            entry = tensor_entry(rng, name, dtype, 4) | {'shape': shape}
            torch.manual_seed(seed)
            whole = bits_of(drawn(entry, name))
            query = {'generator': GENERATOR, 'seed': seed, 'dtype': dtype,
                     'shape': '{},{}'.format(*shape)} | {
                         k if k != 'name' else 'scheme': v
                         for k, v in entry['scheme'].items()}
            self.table.part(self.key('parts', dtype), LIBRARY, rng, query,
                            whole.reshape(shape))

    def tape(self):
        """Random entries of all kinds; the state in the middle, and after."""
        rng, entries, parts = self.rng, [], []
        seed = rng.choice(SEEDS + [rng.getrandbits(64)])
        torch.manual_seed(seed)
        head = {'seed': str(seed)}
        if rng.random() < 0.3:
            torch.empty(rng.randint(0, 3000)).uniform_()
            torch.empty(rng.randint(0, 15)).normal_()
            head = {'state': base64.b64encode(
                torch.get_rng_state().numpy().tobytes()).decode()}
        for _ in range(rng.randint(1, 12)):
            self.step(entries, parts)
        if not parts:
            return
        request = {'generator': GENERATOR, 'layers': entries} | head
        if self.table.check(request, parts, LIBRARY):
            mine = self.table.state_after(request)
            theirs = torch.get_rng_state().numpy().tobytes()
            self.table.equal(self.key('states', '-'), LIBRARY,
                             base64.b64decode(mine), theirs, request)

    def step(self, entries, parts):
        rng = self.rng
        kind = rng.random()
        if kind < 0.1:
            words = rng.choice([1, 16, 624, rng.randint(0, 10 ** 5)])
            torch.empty(words).uniform_()
            entries.append({'skip': words})
        elif kind < 0.15:
            seed = rng.choice(SEEDS)
            torch.manual_seed(seed)
            entries.append({'seed': str(seed)})
        elif kind < 0.25:
            inputs, outputs = rng.randint(1, 40), rng.randint(1, 40)
            module = torch.nn.Linear(inputs, outputs)
            entry = {'type': 'linear', 'in_features': inputs,
                     'out_features': outputs}
            if kind < 0.2:
                entries.append({'draw': entry})
            else:
                entries.append(entry | {'name': f'layer{len(entries)}'})
                parts += [(self.key('type linear', 'float32'), bits_of(tensor))
                          for tensor in module.parameters()]
        else:
            name, dtype = rng.choice(self.taken)
            entry = tensor_entry(rng, name, dtype, size_up_to(rng, 5000))
            theirs = bits_of(drawn(entry, name))
            if kind < 0.4:
                entries.append({'draw': entry})
            else:
                entries.append(entry)
                parts.append((self.key(name, dtype), theirs))


def certify(table, values, rng):
    """Fill the rows of torch."""
    torch.set_num_threads(1)
    warnings.simplefilter('ignore')
    run = Torch(table, rng)
    known = table.client.schemes(GENERATOR)
    unknown = set(known) - set(SCHEMES)
    assert not unknown, f'certify_torch.py does not know {unknown}'
    for name in SCHEMES:
        for dtype in DTYPES:
            run.edges(name, dtype)
    total = sum(SCHEMES[name].weight for name, _ in run.taken)
    for name, dtype in run.taken:
        run.seeds(name, dtype)
        run.fill(name, dtype, 0.9 * values * SCHEMES[name].weight / total)
    count = max(8, int(TAPES * min(1, values / 10 ** 8)))
    for _ in range(count):
        run.tape()
    run.parts(count)
    import certify_modules
    certify_modules.certify(table, GENERATOR, LIBRARY, values, rng)
