# SPDX-License-Identifier: MIT
"""How many instructions the kernels take for an element, by callgrind.

Usage: instructions.py KERNELS [--json FILE]

KERNELS is the program made from kernels.c.  Unlike times these are the same
in each run on each machine, with the same compiler and libraries.  Valgrind
knows no AVX-512, so that engine is left out.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

BUFFER = 64 << 10  # bytes in a pass
FUNCTION = 'count_passes'


def part_of(path):
    """The instructions of one dump."""
    with open(path, encoding='utf-8') as file:
        return int(re.search(r'^summary: (\d+)', file.read(), re.M)[1])


def count(program):
    """(engine, name, dtype) and the instructions for an element or byte."""
    if not shutil.which('valgrind'):
        sys.exit("instructions.py: needs Debian's valgrind: make deps-bench")
    with tempfile.TemporaryDirectory() as folder:
        command = ['valgrind', '--quiet', '--tool=callgrind',
                   f'--callgrind-out-file={folder}/out',
                   f'--zero-before={FUNCTION}', f'--dump-after={FUNCTION}',
                   program, '--passes', '1', '--buffer', str(BUFFER)]
        subprocess.run(command + ['--json', f'{folder}/cases'], check=True,
                       stdout=subprocess.DEVNULL)
        with open(f'{folder}/cases', encoding='utf-8') as file:
            cases = json.load(file)['cases']
        if os.path.exists(f'{folder}/out.{len(cases) + 1}'):
            raise RuntimeError('there are more dumps than cases')
        return {
            (case['engine'], case['name'], case['dtype']):
                part_of(f'{folder}/out.{i}') * case['itemsize']
                / case['bytes']
            for i, case in enumerate(cases, 1)
        }


def main():
    parser = argparse.ArgumentParser(description='instructions an element')
    parser.add_argument('kernels')
    parser.add_argument('--json')
    options = parser.parse_args()
    rows = [{'engine': engine, 'name': name, 'dtype': dtype,
             'instructions': round(number, 3)}
            for (engine, name, dtype), number
            in count(options.kernels).items()]
    for row in rows:
        if row['dtype'] in ('words', 'float32', 'bfloat16'):
            print(f"{row['engine']:9} {row['name']:17} {row['dtype']:9} "
                  f"{row['instructions']:8.2f}")
    if options.json:
        with open(options.json, 'w', encoding='utf-8') as out:
            json.dump({'bench': 'instructions', 'rows': rows}, out, indent=1)


if __name__ == '__main__':
    main()
