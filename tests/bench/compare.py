# SPDX-License-Identifier: MIT
"""What a change did to the kernels alone: by instructions, and by the clock.

Usage: compare.py BASE [--rounds N] [--seconds S] [--all]

BASE is a revision.  Its library is built from git's archive of it, below
build/compare/, and measured by the same programs as the library of this tree,
both compiled here.  Instructions for an element are callgrind's and can be
repeated.  For times the two take turns; what stands there is the median of the
ratios within a round, of this tree's speed to the base's, and their spread.
Rows in which nothing changed are only counted, unless --all is given: less
than half a percent of the instructions, and of the time less than two, or
rounds on both sides of 1.  Code that is moved may run faster or slower with
the same instructions.
"""

import argparse
import json
import os
import pathlib
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile

import instructions

SOURCES = [f'tests/bench/{name}.c' for name in ('kernels', 'cases', 'origin')]
LIBRARY = 'build/release/libsow.a'
SAME = 0.005  # instructions
APART = 0.02  # times


def said(*command):
    return subprocess.run(command, check=True, text=True,
                          stdout=subprocess.PIPE).stdout.strip()


def unpack(commit):
    """The base's tree, as it was committed; there whole or not at all."""
    folder = pathlib.Path('build/compare', commit)
    if folder.exists():
        return folder
    part = folder.with_name(commit + '.part')
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    with subprocess.Popen(['git', 'archive', commit],
                          stdout=subprocess.PIPE) as archive:
        subprocess.run(['tar', 'x', '-C', part], check=True,
                       stdin=archive.stdout)
    if archive.returncode != 0:
        sys.exit(f'compare.py: git archive {commit} failed')
    part.rename(folder)
    return folder


def build(folder, program):
    """This tree's programs with the library of a tree."""
    outer = ('MAKEFLAGS', 'MAKELEVEL', 'MFLAGS')  # whose jobs aren't these
    environment = {name: value for name, value in os.environ.items()
                   if name not in outer}
    subprocess.run(['make', '-C', folder, 'MODE=release', LIBRARY],
                   check=True, stdout=subprocess.DEVNULL, env=environment)
    flags = ['-std=c11', '-O2', '-D_GNU_SOURCE', f'-I{folder}/lib']
    libraries = shlex.split(said('pkg-config', '--libs', 'libsodium',
                                 'nettle'))
    subprocess.run([os.environ.get('CC', 'cc'), *flags, *SOURCES,
                    f'{folder}/{LIBRARY}', *libraries, '-lm', '-pthread',
                    '-o', program], check=True)
    return program


def speeds(program, seconds):
    """(engine, name, dtype) and the bytes a second."""
    with tempfile.NamedTemporaryFile('r') as out:
        subprocess.run([program, '--seconds', str(seconds), '--json',
                        out.name], check=True, stdout=subprocess.DEVNULL)
        return {(case['engine'], case['name'], case['dtype']):
                case['bytes_per_s'] for case in json.load(out)['cases']}


def ratios(programs, rounds, seconds):
    """Of the second program's speed to the first's, of each round."""
    found = {}
    for i in range(rounds):
        print(f'---- round {i + 1} of {rounds}', flush=True)
        order = programs if i % 2 == 0 else programs[::-1]
        rates = {program: speeds(program, seconds) for program in order}
        base, this = (rates[program] for program in programs)
        for key in base.keys() & this.keys():
            found.setdefault(key, []).append(this[key] / base[key])
    return found


def changed(before, after, values):
    if not before or not after or abs(after / before - 1) >= SAME:
        return True
    apart = abs(statistics.median(values) - 1) >= APART
    return apart and not min(values) <= 1 <= max(values)


def print_rows(counts, speed, everything):
    print(f"{'engine':9} {'what':17} {'type':14} {'base':>9} {'this':>9} "
          f"{'ratio':>6}   speed (least to most)")
    unchanged = 0
    for key, values in speed.items():
        before, after = (count.get(key) for count in counts)
        if not everything and not changed(before, after, values):
            unchanged += 1
            continue
        line = f'{key[0]:9} {key[1]:17} {key[2]:14} '
        if before and after:
            line += f'{before:9.3f} {after:9.3f} {after / before:6.3f}'
        else:
            line += f"{'not counted':>26}"
        print(f'{line}   {statistics.median(values):5.3f} '
              f'({min(values):.3f} to {max(values):.3f})')
    print(f'{unchanged} more are as they were')


def main():
    parser = argparse.ArgumentParser(description='what a change did')
    parser.add_argument('base')
    parser.add_argument('--rounds', type=int, default=7)
    parser.add_argument('--seconds', type=float, default=0.02)
    parser.add_argument('--all', action='store_true')
    options = parser.parse_args()
    commit = said('git', 'rev-parse', '--verify', options.base + '^{commit}')
    folder = unpack(commit)
    print(f'---- building {commit[:12]} and this tree', flush=True)
    programs = [build(folder, f'{folder}/kernels'),
                build(pathlib.Path('.'), 'build/compare/kernels')]
    print('---- counting instructions', flush=True)
    counts = [instructions.count(program) for program in programs]
    speed = ratios(programs, options.rounds, options.seconds)
    ordered = {key: speed[key] for key in counts[1] if key in speed}
    ordered |= speed
    print('Instructions for an element, and how many times as fast this is:')
    print_rows(counts, ordered, options.all)


if __name__ == '__main__':
    main()
