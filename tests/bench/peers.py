# SPDX-License-Identifier: MIT
"""The kernels beside PyTorch and NumPy, one thread each, and orthogonal
matrices beside PyTorch, with as many threads as there are processors.

Usage: peers.py KERNELS [--rounds N] [--json FILE] [--check]

KERNELS is the program made from kernels.c; wholes is beside it.  In each round
every pair is measured one right after the other, in processor time, each
filling the same number of float32 again and again; what is printed are the
medians over the rounds, of the ratios too.  A matrix is measured by the wall
clock, until the whole is made, with the memory that it takes beside the
float32 matrix.  With --check exits 1 when a target is missed.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

ELEMENTS = 1 << 20
SECONDS = 0.25  # for each measurement
BURSTS = 5  # of which the fastest counts

# (what is measured, the peer's call, how many times its speed is the target)
TARGETS = [
    ("uniform", "torch uniform_", 3.0),
    ("normal", "torch normal_", 2.0),
    ("truncated_normal", "torch trunc_normal_", 10.0),
    ("torch.uniform", "torch uniform_", 1.5),
    ("torch.normal", "torch normal_", 1.5),
    ("uniform", "numpy PCG64 random", None),
    ("uniform", "numpy Philox random", None),
    ("normal", "numpy PCG64 standard_normal", None),
    ("normal", "numpy Philox standard_normal", None),
]

# Orthogonal matrices: the part of torch's time, and how many times the size of
# the float32 matrix, that they may take.
MATRICES = [(2048, 2048), (1024, 4096)]
MOST_TIME = 0.7
MOST_MEMORY = 3.0
MATRIX_TURNS = 3  # in a round, of which the fastest counts


def rate(fill):
    """Elements a second of a function that makes ELEMENTS of them."""
    best = 0.0
    fill()
    for _ in range(BURSTS):
        calls = 0
        begin = time.thread_time()
        passed = 0.0
        while passed < SECONDS / BURSTS:
            fill()
            calls += 1
            passed = time.thread_time() - begin
        best = max(best, calls * ELEMENTS / passed)
    return best


def torch_calls():
    import torch

    torch.set_num_threads(1)
    torch.manual_seed(42)
    out = torch.empty(ELEMENTS)
    return torch.__version__, {
        "torch uniform_": out.uniform_,
        "torch normal_": out.normal_,
        "torch trunc_normal_": lambda: torch.nn.init.trunc_normal_(out),
    }


def numpy_calls():
    import numpy

    out = numpy.empty(ELEMENTS, numpy.float32)
    calls = {}
    for bits in (numpy.random.PCG64, numpy.random.Philox):
        source = numpy.random.Generator(bits(42))
        for method in ("random", "standard_normal"):
            calls[f"numpy {bits.__name__} {method}"] = (
                lambda fill=getattr(source, method): fill(
                    dtype=numpy.float32, out=out
                )
            )
    return numpy.__version__, calls


def kernel_rate(program, scheme):
    """Elements a second of a scheme, and the engine, the fastest here."""
    with tempfile.NamedTemporaryFile("r") as out:
        subprocess.run(
            [program, "--scheme", scheme, "--dtype", "float32"]
            + ["--buffer", str(4 * ELEMENTS), "--seconds", str(SECONDS)]
            + ["--json", out.name],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        cases = json.load(out)["cases"]
    case = next(case for case in cases if case["name"] == scheme)
    return case["elements_per_s"], case["engine"]


def measure(program, calls, rounds):
    """For each row of TARGETS its (ours, theirs) of each round."""
    pairs = [[] for _ in TARGETS]
    engine = None
    for _ in range(rounds):
        for pair, (scheme, peer, _) in zip(pairs, TARGETS):
            theirs = rate(calls[peer])
            ours, engine = kernel_rate(program, scheme)
            pair.append((ours, theirs))
    return engine, pairs


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
    command = [program, "orthogonal", *map(str, shape)]
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
            pairs.append((ours["make_s"], theirs))
        time_part = statistics.median(a / b for a, b in pairs)
        memory = ours["whole_bytes"] + threads * ours["scratch_bytes"]
        memory /= 4 * shape[0] * shape[1]
        rows.append({
            "shape": shape,
            "threads": threads,
            "make_s": statistics.median(a for a, _ in pairs),
            "read_s": ours["read_s"],
            "peer_s": statistics.median(b for _, b in pairs),
            "of_peer": round(time_part, 3),
            "memory_of_matrix": round(memory, 3),
            "reached": time_part <= MOST_TIME and memory <= MOST_MEMORY,
        })
    return rows


def print_matrices(rows):
    print(f"{'orthogonal':12} {'sow, s':>8} {'torch, s':>9} {'part':>6}"
          f" {'memory':>7}  target <= {MOST_TIME:g}, {MOST_MEMORY:g}")
    for row in rows:
        print(f"{'x'.join(map(str, row['shape'])):12} {row['make_s']:8.3f}"
              f" {row['peer_s']:9.3f} {row['of_peer']:6.2f}"
              f" {row['memory_of_matrix']:6.2f}x "
              f" {'reached' if row['reached'] else 'MISSED'}")


def summary(pairs):
    """The rows of TARGETS with their medians, as dictionaries."""
    rows = []
    for pair, (scheme, peer, target) in zip(pairs, TARGETS):
        ratio = statistics.median(ours / theirs for ours, theirs in pair)
        rows.append(
            {
                "scheme": scheme,
                "peer": peer,
                "elements_per_s": statistics.median(p[0] for p in pair),
                "peer_elements_per_s": statistics.median(p[1] for p in pair),
                "ratio": round(ratio, 3),
                "target": target,
                "reached": None if target is None else ratio >= target,
            }
        )
    return rows


def print_table(rows):
    print(f"{'sow':17} {'Melem/s':>8}  {'peer':28} {'Melem/s':>8}", end="")
    print(f" {'ratio':>7}  target")
    for row in rows:
        verdict = ""
        if row["target"] is not None:
            verdict = f">= {row['target']:g} "
            verdict += "reached" if row["reached"] else "MISSED"
        print(
            f"{row['scheme']:17} {row['elements_per_s'] / 1e6:8.0f}  "
            f"{row['peer']:28} {row['peer_elements_per_s'] / 1e6:8.0f} "
            f"{row['ratio']:6.2f}x  {verdict}"
        )


def main():
    parser = argparse.ArgumentParser(description="sow beside its peers")
    parser.add_argument("kernels")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--json")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    try:
        torch_version, calls = torch_calls()
        numpy_version, more = numpy_calls()
    except ImportError as missing:
        sys.exit(f"peers.py: {missing}; see tests/conformance/requirements.txt")
    calls.update(more)
    engine, pairs = measure(options.kernels, calls, options.rounds)
    rows = summary(pairs)
    print(f"engine {engine}, torch {torch_version}, numpy {numpy_version},")
    print(f"{options.rounds} rounds, {ELEMENTS} float32 at a time")
    print_table(rows)
    wholes = os.path.join(os.path.dirname(options.kernels), "wholes")
    matrices = measure_matrices(wholes, options.rounds)
    print_matrices(matrices)
    if options.json:
        with open(options.json, "w", encoding="utf-8") as out:
            json.dump(
                {
                    "bench": "peers",
                    "engine": engine,
                    "torch": torch_version,
                    "numpy": numpy_version,
                    "rounds": options.rounds,
                    "elements": ELEMENTS,
                    "rows": rows,
                    "matrices": matrices,
                },
                out,
                indent=1,
            )
    missed = any(row["reached"] is False for row in rows + matrices)
    return 1 if options.check and missed else 0


if __name__ == "__main__":
    sys.exit(main())
