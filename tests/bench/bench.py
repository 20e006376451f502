# SPDX-License-Identifier: MIT
"""Every bench, one after another: one JSON, one table and one plot.

Usage: bench.py [--quick] [--only NAME,…] [--again JSON]

    BUILD    where programs were built (build/release)
    VENV     where torch and the others are (build/venv); without them what is
             compared with them is left out
    RESULTS  the folder for <processor>.json, .md and .svg (build/bench); with
             tests/bench/results the README gets its figures too

Takes about six minutes; --quick a fifth of that, for figures that are not to
be believed.  --again makes table and plot, and the README's part, of a JSON.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import time

import goals
import machine
import plot
import table

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
BUILD = os.environ.get('BUILD', 'build/release')
VENV = os.environ.get('VENV', 'build/venv')
RESULTS = os.environ.get('RESULTS') or 'build/bench'
PROGRAMS = f'{BUILD}/tests/bench'

# (name, is it for the libraries' Python, command, what makes it quick)
PARTS = [
    ('kernels', None, [f'{PROGRAMS}/kernels', '--seconds', '0.12'],
     ['--seconds', '0.02']),
    ('instructions', False, ['instructions.py', f'{PROGRAMS}/kernels'],
     None),
    ('scaling', False, ['scaling.py', f'{PROGRAMS}/scaling'],
     ['--rounds', '2']),
    ('text', False, ['text.py', f'{PROGRAMS}/text'], ['--rounds', '2']),
    ('peers', True, ['peers.py', f'{PROGRAMS}/kernels'], ['--rounds', '1']),
    ('streams', True, ['streams.py', f'{BUILD}/sowd'],
     ['--rounds', '2', '--bytes', str(64 << 20)]),
    ('loopback', False, ['loopback.py', f'{BUILD}/sowd'],
     ['--rounds', '1', '--largest', str(64 << 20)]),
    ('clients', True, ['clients.py', f'{BUILD}/sowd'],
     ['--rounds', '1', '--model', 'none']),
    ('analysis', True, ['analysis.py', f'{BUILD}/sowd'], ['--rounds', '2']),
    ('sizing', False, ['sizing.py', f'{BUILD}/sowd'], None),
]


def command_of(libraries, words):
    """With the interpreter that it takes."""
    if libraries is None:
        return words
    python = f'{VENV}/bin/python'
    if not libraries or not os.path.exists(python):
        python = sys.executable
    return [python, str(HERE / words[0]), *words[1:]]


def run_part(name, libraries, words, faster):
    """The part's JSON, or None when it failed, which is told."""
    path = f'build/bench/{name}.json'
    begin = time.perf_counter()
    command = command_of(libraries, words) + (faster or [])
    status = subprocess.run(command + ['--json', path], check=False)
    passed = time.perf_counter() - begin
    if status.returncode != 0:
        print(f'---- {name} FAILED after {passed:.0f} s', flush=True)
        return None
    print(f'---- {name} took {passed:.0f} s', flush=True)
    return json.loads(pathlib.Path(path).read_text(encoding='utf-8'))


def run(options):
    os.makedirs('build/bench', exist_ok=True)
    facts = machine.facts()
    result = {'machine': facts, 'slug': machine.slug(facts['cpu']),
              'quick': options.quick, 'parts': {}}
    begin = time.perf_counter()
    wanted = options.only.split(',') if options.only else None
    parts = [row for row in PARTS if wanted is None or row[0] in wanted]
    for i, (name, libraries, words, faster) in enumerate(parts, 1):
        if options.quick and faster is None:
            continue
        print(f'---- {i} of {len(parts)}: {name}', flush=True)
        found = run_part(name, libraries, words, options.quick and faster)
        if found is not None:
            result['parts'][name] = found
    result['seconds'] = round(time.perf_counter() - begin, 1)
    result['goals'] = goals.check(result['parts'] | {'machine': facts})
    return json.loads(json.dumps(result))


def lost_of(result):
    """The parts that this run should have, and has not."""
    return {name for name, *_, faster in PARTS
            if faster or not result['quick']} - set(result['parts'])


def write(result, folder):
    folder.mkdir(parents=True, exist_ok=True)
    stem = folder / result['slug']
    for suffix, text in (('.json', json.dumps(result, indent=1) + '\n'),
                         ('.md', table.page(result)),
                         ('.svg', plot.picture(result))):
        stem.with_suffix(suffix).write_text(text, encoding='utf-8')
        print(f'wrote {stem.with_suffix(suffix)}')
    if folder.resolve() == ROOT / table.RESULTS and not lost_of(result):
        readme = ROOT / 'README.md'
        readme.write_text(table.replace(readme.read_text(encoding='utf-8'),
                                        result), encoding='utf-8')
        print(f'wrote the figures into {readme}')


def main():
    parser = argparse.ArgumentParser(description='every bench')
    parser.add_argument('--quick', action='store_true')
    parser.add_argument('--only')
    parser.add_argument('--again')
    options = parser.parse_args()
    os.environ['PATH'] += ':/usr/sbin'
    if options.again:
        text = pathlib.Path(options.again).read_text(encoding='utf-8')
        result = json.loads(text)
        parts = result['parts'] | {'machine': result['machine']}
        result['goals'] = goals.check(parts)
    else:
        result = run(options)
    print(table.goals_table(result))
    write(result, pathlib.Path(RESULTS))
    return 1 if lost_of(result) and not options.only else 0


if __name__ == '__main__':
    sys.exit(main())
