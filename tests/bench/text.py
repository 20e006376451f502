# SPDX-License-Identifier: MIT
"""Tensors as JSON text beside Python's json.dumps() of the same floats.

Usage: text.py TEXT [--rounds N] [--json FILE]

TEXT is the program made from text.c.  Both take turns, in processor time; what
is told are the medians over the rounds, of the ratios too.  Python's floats
are lists, made beforehand; its text of a float32 is longer: the double's.
"""

import argparse
import array
import json
import statistics
import subprocess
import tempfile
import time

ELEMENTS = 1 << 18
SECONDS = 0.2
CASES = [('he_normal', 'float32', 'f'), ('uniform', 'float32', 'f'),
         ('he_normal', 'float64', 'd')]


def run(program, scheme, dtype, *file):
    command = [program, scheme, dtype, str(ELEMENTS), str(SECONDS), *file]
    return json.loads(subprocess.run(command, check=True,
                                     stdout=subprocess.PIPE).stdout)


def floats(program, scheme, dtype, code):
    with tempfile.NamedTemporaryFile() as file:
        run(program, scheme, dtype, file.name)
        values = array.array(code)
        values.fromfile(file, ELEMENTS)
    return values.tolist()


def dumps_rate(values):
    """Elements a second, and bytes of text."""
    begin = time.process_time()
    size = len(json.dumps(values))
    return len(values) / (time.process_time() - begin), size


def measure(program, rounds):
    rows = []
    for scheme, dtype, code in CASES:
        values = floats(program, scheme, dtype, code)
        pairs = [(run(program, scheme, dtype), dumps_rate(values))
                 for _ in range(rounds)]
        ratios = [ours['elements_per_s'] / theirs[0] for ours, theirs in pairs]
        rows.append({
            'scheme': scheme, 'dtype': dtype,
            'bytes_per_s':
                statistics.median(ours['bytes_per_s'] for ours, _ in pairs),
            'elements_per_s':
                statistics.median(ours['elements_per_s'] for ours, _ in pairs),
            'dumps_elements_per_s':
                statistics.median(theirs[0] for _, theirs in pairs),
            'bytes_an_element': pairs[0][0]['text_bytes'] / ELEMENTS,
            'ratio': round(statistics.median(ratios), 3),
            'least': round(min(ratios), 3), 'most': round(max(ratios), 3),
        })
    return rows


def main():
    parser = argparse.ArgumentParser(description='JSON text')
    parser.add_argument('text')
    parser.add_argument('--rounds', type=int, default=5)
    parser.add_argument('--json')
    options = parser.parse_args()
    rows = measure(options.text, options.rounds)
    for row in rows:
        print(f"{row['scheme']:10} {row['dtype']} "
              f"{row['bytes_per_s'] / 1e6:6.0f} MB/s, "
              f"{row['elements_per_s'] / 1e6:.1f} Melem/s, {row['ratio']:.1f}"
              f" x json.dumps ({row['least']:.1f} to {row['most']:.1f})")
    if options.json:
        with open(options.json, 'w', encoding='utf-8') as out:
            json.dump({'bench': 'text', 'rounds': options.rounds,
                       'rows': rows}, out, indent=1)


if __name__ == '__main__':
    main()
