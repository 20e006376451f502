# SPDX-License-Identifier: MIT
"""The daemon's tensors against what the real torch makes.

Deterministic schemes and casts must be equal; random ones must have the same
distribution: two samples of a million each, by Kolmogorov and Smirnov.
"""
import json
import math
import pathlib
import sys
import urllib.parse
import urllib.request

import numpy as np
import torch

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / 'clients'))
import daemon  # noqa: E402
import tally  # noqa: E402

ROWS, COLUMNS = 1000, 1000
DTYPES = {
    'float32': torch.float32, 'float64': torch.float64,
    'float16': torch.float16, 'bfloat16': torch.bfloat16,
    'float8_e4m3fn': torch.float8_e4m3fn, 'float8_e5m2': torch.float8_e5m2,
}

# Name, parameters, and torch's own call on a tensor.
init = torch.nn.init
RANDOM = [
    ('torch.uniform', {}, init.uniform_),
    ('torch.uniform', {'a': -0.3, 'b': 0.7},
     lambda t: init.uniform_(t, -0.3, 0.7)),
    ('torch.normal', {'mean': 1, 'std': 0.02},
     lambda t: init.normal_(t, 1, 0.02)),
    ('torch.trunc_normal', {}, init.trunc_normal_),
    ('torch.trunc_normal', {'std': 0.02},
     lambda t: init.trunc_normal_(t, std=0.02)),
    ('torch.trunc_normal', {'mean': 0.5, 'std': 2, 'a': -1, 'b': 1.5},
     lambda t: init.trunc_normal_(t, 0.5, 2, -1, 1.5)),
    ('torch.xavier_uniform', {'gain': 1.5},
     lambda t: init.xavier_uniform_(t, 1.5)),
    ('torch.xavier_normal', {}, init.xavier_normal_),
    ('torch.linear', {}, lambda t: init.kaiming_uniform_(t, math.sqrt(5))),
]
for mode in 'fan_in', 'fan_out':
    for nonlinearity in 'relu', 'leaky_relu', 'tanh', 'selu', 'linear':
        options = {'a': 0.2, 'mode': mode, 'nonlinearity': nonlinearity}
        RANDOM += [
            ('torch.kaiming_uniform', options,
             lambda t, o=options: init.kaiming_uniform_(t, **o)),
            ('torch.kaiming_normal', options,
             lambda t, o=options: init.kaiming_normal_(t, **o)),
        ]

FIXED = [
    ('torch.zeros', {}, (7, 5), init.zeros_),
    ('torch.ones', {}, (7, 5), init.ones_),
    ('torch.constant', {'val': 0.3}, (7, 5), lambda t: init.constant_(t, 0.3)),
    ('torch.eye', {}, (7, 5), init.eye_),
    ('torch.eye', {}, (5, 7), init.eye_),
    ('torch.dirac', {}, (4, 6, 3), init.dirac_),
    ('torch.dirac', {'groups': 2}, (8, 3, 4, 5),
     lambda t: init.dirac_(t, 2)),
    ('torch.dirac', {'groups': 3}, (6, 2, 3, 2, 1),
     lambda t: init.dirac_(t, 3)),
]


def get(url, **query):
    with urllib.request.urlopen(
            f'{url}/v1/weights?{urllib.parse.urlencode(query)}') as answer:
        return answer.read()


def raw(tensor):
    return tensor.contiguous().view(torch.uint8).numpy().tobytes()


def shape_text(shape):
    return ','.join(map(str, shape))


def check_equal(statement, ours, theirs):
    """Bytes are equal; if not, say where and how."""
    first = next((i for i, (a, b) in enumerate(zip(ours, theirs)) if a != b),
                 min(len(ours), len(theirs)))
    tally.check(statement, ours == theirs,
                f'from byte {first} on: {ours[first:first + 8].hex()} is not '
                f'{theirs[first:first + 8].hex()}')


def ks_distance(a, b):
    """The greatest difference of two samples' distribution functions."""
    a, b = np.sort(a), np.sort(b)
    both = np.concatenate([a, b])
    return np.abs(np.searchsorted(a, both, 'right') / len(a) -
                  np.searchsorted(b, both, 'right') / len(b)).max()


def check_random(url, name, options, function):
    """P(D > d) <= 2 exp(-n d^2) for two samples of n; here below 1e-9."""
    size = ROWS * COLUMNS
    bound = math.sqrt(math.log(2e9) / size)
    shape = (ROWS, COLUMNS // 4, 2, 2)
    ours = np.frombuffer(get(url, scheme=name, shape=shape_text(shape),
                             seed=7, **options), '<f4')
    torch.manual_seed(11)
    theirs = torch.empty(shape)
    function(theirs)
    distance = ks_distance(ours, theirs.numpy().ravel())
    tally.check(f'{name} {options} is distributed as in torch',
                distance < bound, f'KS distance {distance:.5f}')


def check_scale(url, name, options, function):
    """The std that the manifest tells, against many of torch's draws."""
    shape = (300, 40, 3, 3)
    manifest = json.loads(get(url, scheme=name, shape=shape_text(shape),
                              format='manifest', **options))
    theirs = torch.empty(shape)
    function(theirs)
    told, seen = manifest['tensors'][0]['std'], theirs.double().std().item()
    tolerance = 6 * told / math.sqrt(theirs.numel())
    tally.check(f'{name} {options} has the std of torch',
                abs(told - seen) < tolerance, f'{told} told, {seen} seen')


def check_fixed(url, name, options, shape, function):
    for dtype, torch_dtype in DTYPES.items():
        theirs = torch.empty(shape)
        function(theirs)
        if torch_dtype is torch.float64:
            theirs = theirs.double() if 'val' not in options else \
                torch.full(shape, options['val'], dtype=torch.float64)
        check_equal(f'{name} {options} {shape} {dtype} equals torch',
                    get(url, scheme=name, shape=shape_text(shape), dtype=dtype,
                        **options),
                    raw(theirs.to(torch_dtype)))


def check_casts(url):
    """Narrow tensors are torch's cast of the float32 tensor."""
    for std in 1e-8, 1e-5, 0.02, 1, 100, 1e4, 1e5, 1e38:
        wide = torch.frombuffer(bytearray(get(
            url, scheme='normal', std=std, shape='100000', seed=3)),
            dtype=torch.float32)
        for dtype in list(DTYPES)[2:]:
            check_equal(f'normal(std={std}) in {dtype} is the cast float32',
                        get(url, scheme='normal', std=std, shape='100000',
                            seed=3, dtype=dtype),
                        raw(wide.to(DTYPES[dtype])))


def main():
    with daemon.running() as url:
        for row in RANDOM:
            check_random(url, *row)
            check_scale(url, *row)
        for row in FIXED:
            check_fixed(url, *row)
        check_casts(url)


torch.set_num_threads(1)
tally.run(main)
tally.finish()
