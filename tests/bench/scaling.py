# SPDX-License-Identifier: MIT
"""How speed changes with the size of what is filled, and with threads.

Usage: scaling.py SCALING [--rounds N] [--most BYTES] [--json FILE]

SCALING is the program made from scaling.c; what is told are the medians over
its rounds, of the ratio to one thread too.
"""

import argparse
import json
import statistics
import subprocess

SECONDS = 0.03


def condense(rates):
    """A row for each figure, with its median."""
    found = {}
    for rate in rates:
        key = (rate['name'], rate['engine'], rate['kind'], rate['amount'])
        found.setdefault(key, []).append(rate['bytes_per_s'])
    rows = []
    for (name, engine, kind, amount), values in found.items():
        row = {'name': name, 'engine': engine, 'kind': kind,
               'amount': amount, 'bytes_per_s': statistics.median(values)}
        if kind == 'threads':
            ones = found[name, engine, kind, 1]
            ratios = [a / b for a, b in zip(values, ones)]
            row['of_one'] = round(statistics.median(ratios), 3)
        rows.append(row)
    return rows


def main():
    parser = argparse.ArgumentParser(description='sizes and threads')
    parser.add_argument('scaling')
    parser.add_argument('--rounds', type=int, default=5)
    parser.add_argument('--most', type=int, default=256 << 20)
    parser.add_argument('--json')
    options = parser.parse_args()
    command = [options.scaling, SECONDS, options.rounds, options.most]
    text = subprocess.run([str(word) for word in command], check=True,
                          stdout=subprocess.PIPE).stdout
    rows = condense(json.loads(text)['rates'])
    for row in rows:
        if row['kind'] == 'threads':
            print(f"{row['name']:8} {row['engine']:9} {row['amount']:3} "
                  f"threads {row['bytes_per_s'] / 1e9:6.2f} GB/s, "
                  f"{row['of_one']:.2f} times one's")
    if options.json:
        with open(options.json, 'w', encoding='utf-8') as out:
            json.dump({'bench': 'scaling', 'rounds': options.rounds,
                       'rows': rows}, out, indent=1)


if __name__ == '__main__':
    main()
