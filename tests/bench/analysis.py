# SPDX-License-Identifier: MIT
"""POST /v1/analysis beside torch, with as many threads as processors.

Usage: analysis.py SOWD [--rounds N] [--json FILE]

A stack of 50 layers of 1024 units under ReLU, he_normal: by theory alone, and
measured with a batch of 64, each a whole request; beside it torch draws as
many weights (kaiming_normal_) and runs a batch forward, and a gradient
backward through autograd.  Gradients of weights, of which the answer has mean
squares, torch is not asked for, nor for any statistics.  Without torch the
request stands alone.  In each round all take turns, each with a seed that is
new; what is told are the medians over the rounds, of the ratio too.
"""

import argparse
import json
import os
import statistics
import time
import urllib.request

import loopback

LAYERS, WIDTH, SAMPLES = 50, 1024, 64
THEORIES = 3  # in a round, of which the median counts


def ask(server, seed, **more):
    """Seconds for an analysis."""
    body = {'widths': [WIDTH] * (LAYERS + 1), 'activation': 'relu',
            'scheme': 'he_normal', 'seed': seed, **more}
    request = urllib.request.Request(
        f'http://127.0.0.1:{server.port}/v1/analysis',
        json.dumps(body).encode(), {'Content-Type': 'application/json'})
    begin = time.perf_counter()
    with urllib.request.urlopen(request) as answer:
        answer.read()
    return time.perf_counter() - begin


def find_torch():
    """A function of a seed that gives torch's seconds; or None."""
    try:
        import torch
    except ImportError as missing:
        print(f'torch is left out: {missing}')
        return None
    torch.set_num_threads(len(os.sched_getaffinity(0)))

    def run(seed):
        begin = time.perf_counter()
        torch.manual_seed(seed)
        start = x = torch.randn(SAMPLES, WIDTH).requires_grad_()
        for i in range(LAYERS):
            weight = torch.empty(WIDTH, WIDTH)
            torch.nn.init.kaiming_normal_(weight, nonlinearity='relu')
            x = x @ weight.T
            if i < LAYERS - 1:
                x = torch.relu(x)
        x.backward(torch.randn(SAMPLES, WIDTH))
        start.grad.sum().item()
        return time.perf_counter() - begin

    return run


def measure(server, torch, rounds):
    """The medians, of all rounds but the first."""
    rows = []
    for seed in range(rounds + 1):
        rows.append((
            statistics.median(ask(server, seed) for _ in range(THEORIES)),
            ask(server, seed, measure={'samples': SAMPLES}),
            torch(seed) if torch else None))
    rows = rows[1:]
    found = {'theory_s': statistics.median(row[0] for row in rows),
             'measure_s': statistics.median(row[1] for row in rows)}
    if torch:
        found['torch_s'] = statistics.median(row[2] for row in rows)
        found['of_torch'] = round(
            statistics.median(row[1] / row[2] for row in rows), 3)
    return found


def print_row(row):
    print(f"{LAYERS} layers of {WIDTH}: by theory "
          f"{row['theory_s'] * 1e3:.1f} ms, measured with {SAMPLES} samples "
          f"{row['measure_s'] * 1e3:.0f} ms", end='')
    if 'torch_s' in row:
        print(f"; torch {row['torch_s'] * 1e3:.0f} ms: {row['of_torch']:.2f}"
              ' of that', end='')
    print(flush=True)


def main():
    parser = argparse.ArgumentParser(description='analyses beside torch')
    parser.add_argument('sowd')
    parser.add_argument('--rounds', type=int, default=5)
    parser.add_argument('--json')
    options = parser.parse_args()
    server = loopback.start_sowd(options.sowd, 'sowd', [])
    try:
        row = measure(server, find_torch(), options.rounds)
    finally:
        server.stop()
    print_row(row)
    if options.json:
        report = {'bench': 'analysis', 'rounds': options.rounds,
                  'layers': LAYERS, 'width': WIDTH, 'samples': SAMPLES, **row}
        with open(options.json, 'w', encoding='utf-8') as out:
            json.dump(report, out, indent=1)


if __name__ == '__main__':
    main()
