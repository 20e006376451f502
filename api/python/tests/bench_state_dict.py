#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""TinyLlama 1.1B in float32: client.state_dict() from a local daemon beside
torch's own initialization of the same modules, on the same processors.

Usage: bench_state_dict.py [--rounds N] [--json FILE] [--check]

SOWD names the daemon's program.  In each round everything is measured once,
one right after the other, by the wall clock; what is printed are the medians.
With --check exits 1 when a state dict takes more than MOST of torch's time.
"""
import argparse
import json
import statistics
import sys
import time

import conftest

MOST = 0.6
LAYERS, HIDDEN, INNER, KEYS, WORDS = 22, 2048, 5632, 256, 32000


def modules():
    """The modules with parameters of a TinyLlama."""
    from torch import nn

    def linear(inputs, outputs):
        return nn.Linear(inputs, outputs, bias=False)

    def layer():
        return nn.ModuleDict({
            'q': linear(HIDDEN, HIDDEN), 'k': linear(HIDDEN, KEYS),
            'v': linear(HIDDEN, KEYS), 'o': linear(HIDDEN, HIDDEN),
            'gate': linear(HIDDEN, INNER), 'up': linear(HIDDEN, INNER),
            'down': linear(INNER, HIDDEN), 'before': nn.RMSNorm(HIDDEN),
            'after': nn.RMSNorm(HIDDEN)})

    return nn.ModuleDict({
        'embed': nn.Embedding(WORDS, HIDDEN),
        'layers': nn.ModuleList(layer() for _ in range(LAYERS)),
        'norm': nn.RMSNorm(HIDDEN), 'head': linear(HIDDEN, WORDS)})


def seconds(function):
    begin = time.perf_counter()
    kept = function()
    passed = time.perf_counter() - begin
    del kept
    return passed


def rows(url):
    """What is measured, each with a fresh seed: nothing is remembered."""
    import sow
    import torch
    with torch.device('meta'):
        recipe = sow.recipe_from_module(modules())
    seeds = iter(range(1, 1000))

    def fetch(recipe, verify):
        with sow.Client(url, verify=verify) as client:
            return client.state_dict(recipe, next(seeds))

    return {
        'torch': modules,
        'sow': lambda: fetch(recipe, None),
        'sow, verified': lambda: fetch(recipe, 'blake2b-256'),
        'init/tinyllama-1.1b': lambda: fetch('init/tinyllama-1.1b', None)}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--rounds', type=int, default=3)
    parser.add_argument('--json')
    parser.add_argument('--check', action='store_true')
    options = parser.parse_args()
    with conftest._daemon().running() as url:
        measured = {}
        calls = rows(url)
        for _ in range(options.rounds):
            for name, call in calls.items():
                measured.setdefault(name, []).append(seconds(call))
                print(f'{name}: {measured[name][-1]:.2f} s', flush=True)
    result = {name: statistics.median(times)
              for name, times in measured.items()}
    ratios = {name: statistics.median(
        mine / other for mine, other in zip(times, measured['torch']))
        for name, times in measured.items()}
    for name in result:
        print(f'{name:24} {result[name]:7.2f} s, {ratios[name]:.2f} of torch')
    if options.json:
        with open(options.json, 'w') as file:
            json.dump({'seconds': result, 'ratios': ratios}, file)
    return 1 if options.check and ratios['sow'] > MOST else 0


if __name__ == '__main__':
    sys.exit(main())
