# SPDX-License-Identifier: MIT
"""The kernels beside PyTorch, NumPy, JAX and MKL, one thread each, and
orthogonal matrices beside PyTorch, with as many threads as there are
processors.

Usage: peers.py KERNELS [--rounds N] [--json FILE]

KERNELS is the program made from kernels.c; wholes is beside it.  In each round
our engines and their peers are measured one right after the other, in
processor time, each filling the same number of float32 again and again; what
is printed are the medians over the rounds, of the ratios too.  A matrix is
measured by the wall clock, until the whole is made, with the memory that it
takes beside the float32 matrix.  A peer that isn't installed is left out.
"""

import argparse
import json
import os
import statistics
import subprocess
import tempfile
import time

import vsl

ELEMENTS = 1 << 20
SECONDS = 0.15  # for each measurement
BURSTS = 5  # of which the fastest counts

NUMPY = [f'numpy {bits} {{}}' for bits in ('PCG64', 'Philox')]

# What our engines make, and the peers' calls that it is compared with.
GROUPS = {
    'uniform':
        ['torch uniform_', 'jax uniform']
        + [name.format('random') for name in NUMPY]
        + [f'MKL {source} uniform' for source in vsl.SOURCES],
    'normal':
        ['torch normal_', 'jax normal']
        + [name.format('standard_normal') for name in NUMPY]
        + [f'MKL {source} {method}' for source in vsl.SOURCES
           for method in vsl.GAUSSIANS],
    'truncated_normal': ['torch trunc_normal_', 'jax truncated_normal'],
    'torch.uniform': ['torch uniform_'],
    'torch.normal': ['torch normal_'],
    'jax.uniform': ['jax uniform'],
    'jax.normal': ['jax normal'],
}

MATRICES = [(2048, 2048), (1024, 4096)]
MATRIX_TURNS = 2  # in a round, of which the fastest counts


def rate(fill):
    """Elements a second of a function that makes ELEMENTS of them."""
    best = 0.0
    fill()
    for _ in range(BURSTS):
        calls = 0
        begin = time.process_time()
        passed = 0.0
        while passed < SECONDS / BURSTS:
            fill()
            calls += 1
            passed = time.process_time() - begin
        best = max(best, calls * ELEMENTS / passed)
    return best


# ---- the peers' calls ------------------------------------------------------


def torch_calls():
    import torch

    torch.set_num_threads(1)
    torch.manual_seed(42)
    out = torch.empty(ELEMENTS)
    return torch.__version__, {
        'torch uniform_': out.uniform_,
        'torch normal_': out.normal_,
        'torch trunc_normal_': lambda: torch.nn.init.trunc_normal_(out),
    }


def numpy_calls():
    import numpy

    out = numpy.empty(ELEMENTS, numpy.float32)
    calls = {}
    for bits in (numpy.random.PCG64, numpy.random.Philox):
        source = numpy.random.Generator(bits(42))
        for method in ('random', 'standard_normal'):
            calls[f'numpy {bits.__name__} {method}'] = (
                lambda fill=getattr(source, method): fill(
                    dtype=numpy.float32, out=out
                )
            )
    return numpy.__version__, calls


def jax_calls():
    """Compiled beforehand; what threads it takes count as processor time."""
    os.environ.setdefault('JAX_PLATFORMS', 'cpu')
    import jax

    key = jax.random.key(42)

    def call(function):
        compiled = jax.jit(function)
        return lambda: compiled(key).block_until_ready()

    shape = (ELEMENTS,)
    return jax.__version__, {
        'jax uniform': call(lambda k: jax.random.uniform(k, shape)),
        'jax normal': call(lambda k: jax.random.normal(k, shape)),
        'jax truncated_normal':
            call(lambda k: jax.random.truncated_normal(k, -2, 2, shape)),
    }


def all_calls():
    """The versions of the peers that are here, and their calls."""
    versions, calls = {}, {}
    for name, find in (('torch', torch_calls), ('numpy', numpy_calls),
                       ('jax', jax_calls),
                       ('mkl', lambda: vsl.calls(ELEMENTS))):
        try:
            versions[name], more = find()
        except (ImportError, OSError) as missing:
            print(f'{name} is left out: {missing}')
            continue
        calls.update(more)
    return versions, calls


# ---- measuring -------------------------------------------------------------


def kernel_rates(program, scheme):
    """Elements a second of a scheme, for each engine that runs here."""
    with tempfile.NamedTemporaryFile('r') as out:
        subprocess.run(
            [program, '--scheme', scheme, '--dtype', 'float32']
            + ['--buffer', str(4 * ELEMENTS), '--seconds', str(SECONDS)]
            + ['--json', out.name],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        cases = json.load(out)['cases']
    return {case['engine']: case['elements_per_s'] for case in cases}


def measure(program, calls, rounds):
    """For each scheme its (ours, theirs) of each round."""
    found = {scheme: [] for scheme in GROUPS}
    for _ in range(rounds):
        for scheme, peers in GROUPS.items():
            theirs = {peer: rate(calls[peer]) for peer in peers
                      if peer in calls}
            found[scheme].append((kernel_rates(program, scheme), theirs))
    return found


def summary(found):
    """A row for each scheme, peer and engine, the fastest engine first."""
    rows = []
    for scheme, results in found.items():
        for peer in results[0][1]:
            for engine in results[0][0]:
                pairs = [(ours[engine], theirs[peer])
                         for ours, theirs in results]
                ratios = [a / b for a, b in pairs]
                rows.append({
                    'scheme': scheme,
                    'engine': engine,
                    'peer': peer,
                    'elements_per_s': statistics.median(a for a, _ in pairs),
                    'peer_elements_per_s':
                        statistics.median(b for _, b in pairs),
                    'ratio': round(statistics.median(ratios), 3),
                    'least': round(min(ratios), 3),
                    'most': round(max(ratios), 3),
                })
    return rows


def print_table(rows):
    print(f"{'sow':17} {'engine':8} {'Melem/s':>8}  {'peer':28} "
          f"{'Melem/s':>8}   ratio (least to most)")
    for row in rows:
        if row['engine'] == 'portable':
            continue
        print(f"{row['scheme']:17} {row['engine']:8} "
              f"{row['elements_per_s'] / 1e6:8.0f}  "
              f"{row['peer']:28} {row['peer_elements_per_s'] / 1e6:8.0f} "
              f"{row['ratio']:6.2f}x ({row['least']:.2f} to "
              f"{row['most']:.2f})")


# ---- orthogonal matrices ---------------------------------------------------


def torch_matrix(shape, threads):
    """Seconds that torch takes for an orthogonal matrix."""
    import torch

    torch.set_num_threads(threads)
    out = torch.empty(*shape)
    best = None
    for _ in range(MATRIX_TURNS):
        begin = time.perf_counter()
        torch.nn.init.orthogonal_(out)
        passed = time.perf_counter() - begin
        best = passed if best is None else min(best, passed)
    return best


def sow_matrix(program, shape, threads):
    """What wholes says of the same matrix."""
    command = [program, 'orthogonal', *map(str, shape)]
    command += [str(threads), str(MATRIX_TURNS)]
    return json.loads(subprocess.run(command, check=True,
                                     stdout=subprocess.PIPE).stdout)


def measure_matrices(program, rounds):
    """A row for each of MATRICES, with its medians."""
    threads = len(os.sched_getaffinity(0))
    rows = []
    for shape in MATRICES:
        pairs = []
        for _ in range(rounds):
            theirs = torch_matrix(shape, threads)
            ours = sow_matrix(program, shape, threads)
            pairs.append((ours['make_s'], theirs))
        memory = ours['whole_bytes'] + threads * ours['scratch_bytes']
        rows.append({
            'shape': shape,
            'threads': threads,
            'make_s': statistics.median(a for a, _ in pairs),
            'read_s': ours['read_s'],
            'peer_s': statistics.median(b for _, b in pairs),
            'of_peer': round(statistics.median(a / b for a, b in pairs), 3),
            'memory_of_matrix':
                round(memory / (4 * shape[0] * shape[1]), 3),
        })
    return rows


def print_matrices(rows):
    print(f"{'orthogonal':12} {'sow, s':>8} {'torch, s':>9} {'part':>6}"
          f" {'memory':>7}")
    for row in rows:
        print(f"{'x'.join(map(str, row['shape'])):12} {row['make_s']:8.3f}"
              f" {row['peer_s']:9.3f} {row['of_peer']:6.2f}"
              f" {row['memory_of_matrix']:6.2f}x")


def main():
    parser = argparse.ArgumentParser(description='sow beside its peers')
    parser.add_argument('kernels')
    parser.add_argument('--rounds', type=int, default=5)
    parser.add_argument('--json')
    options = parser.parse_args()
    versions, calls = all_calls()
    rows = summary(measure(options.kernels, calls, options.rounds))
    print_table(rows)
    matrices = []
    if 'torch' in versions:
        wholes = os.path.join(os.path.dirname(options.kernels), 'wholes')
        matrices = measure_matrices(wholes, options.rounds)
        print_matrices(matrices)
    if options.json:
        report = {'bench': 'peers', 'versions': versions,
                  'rounds': options.rounds, 'elements': ELEMENTS,
                  'rows': rows, 'matrices': matrices}
        with open(options.json, 'w', encoding='utf-8') as out:
            json.dump(report, out, indent=1)


if __name__ == '__main__':
    main()
