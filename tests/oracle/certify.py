#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compare the daemon's generators with the libraries themselves, bit by bit.

    certify.py [--values N] [--seed S] [--engine NAME] [--only LIBRARY]
               [--write] [SOWD or URL]

Takes the torch, numpy, jax and flax that are installed, draws with each about
its share of N values in random cases, asks the daemon for the same, and prints
a row for each generator, scheme or module, and element type.  The cases follow
from S.  --write puts the rows into tests/vectors/certified.txt, where they
replace those of the same generators.  Ends with status 1 when a value differs.
"""
import argparse
import contextlib
import importlib
import importlib.metadata
import os
import pathlib
import random
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / 'tests' / where)
                for where in ('clients', 'conformance', 'oracle')]
import certify_table as table_of   # noqa: E402

FILE = ROOT / 'tests' / 'vectors' / 'certified.txt'
VALUES = 1_200_000_000
SEED = 2026

# A library, the part of the values that is its own, and what else it needs.
LIBRARIES = {'torch': (0.45, ['transformers']), 'numpy': (0.25, []),
             'jax': (0.28, []), 'flax': (0.02, ['jax'])}

HEAD = """\
# What the daemon's generators draw, and what the libraries do, bit by bit.
#
#     python3 tests/oracle/certify.py --values {values} --write
#
# made this file, with {versions},
# on x86-64 with AVX2 and FMA, {libc}; rows of ...@glibc2.41 are of the same
# command where the C library is that one.  The columns: generator; scheme, or
# type of layer, module or model; element type; library; cases, values in them,
# and how many of those differ; requests that the daemon refused; verdict:
#
#   exact    in every case all bits are the library's
#   differs  by so many units of the last place at most
#   refused  in every case; the reason's first words
#
# Sizes are 0, 1 to 40, those around a generator's blocks, up to 10 million;
# seeds are of all magnitudes and signs that the library takes.  Many tensors
# follow one another in a request, with steps, discarded draws, new seeds and
# starts from states in between; their values count in their schemes' own rows.
# 'states' are those after a request, 'parts' slices and ranges of bytes.
# Tensors in requests are contiguous: there are no others to compare.
"""


def version_of(name):
    """Without what a build adds: 2.13.0 for 2.13.0+cpu."""
    return importlib.metadata.version(name).split('+')[0]


def has(name):
    try:
        return bool(importlib.metadata.version(name))
    except importlib.metadata.PackageNotFoundError:
        return False


def libc():
    """Such as glibc 2.36."""
    try:
        return os.confstr('CS_GNU_LIBC_VERSION')
    except (ValueError, OSError):
        return 'another C library'


def glibc():
    """The version of glibc as two numbers, (0, 0) without."""
    found = re.fullmatch(r'glibc (\d+)\.(\d+)', libc())
    return tuple(map(int, found.groups())) if found else (0, 0)


def certify(url, values, seed, only=None):
    """Compare about 'values' values; returns the Table."""
    client = table_of.Client(url)
    table = table_of.Table(client)
    for library, (part, needs) in LIBRARIES.items():
        if only in (None, library) and all(map(has, [library, *needs])):
            module = importlib.import_module(f'certify_{library}')
            module.certify(table, int(values * part),
                           random.Random(f'{library} {seed}'))
    table.name_the_rest()
    return table


def heading(values):
    names = [name for name in ('torch', 'numpy', 'jax', 'jaxlib', 'flax',
                               'transformers') if has(name)]
    versions = [f'{name} {version_of(name)}' for name in names]
    versions = ', '.join(versions[:3]) + ',\n# ' + ', '.join(versions[3:])
    return HEAD.format(values=values, versions=versions, libc=libc())


def write(table, values):
    """Replace the rows of the generators that were compared."""
    old = table_of.read(FILE) if FILE.exists() else {}
    rows = table_of.merged(old, table.rows(), table.generators)
    FILE.write_text(heading(values) + '\n' + table_of.text(rows),
                    encoding='utf-8')


@contextlib.contextmanager
def daemon_at(where, engine):
    """The URL of the daemon, which runs at least for so long."""
    if where and where.startswith('http'):
        yield where.rstrip('/')
        return
    if where:
        os.environ['SOWD'] = str(pathlib.Path(where).resolve())
    import daemon
    with daemon.running('--engine', engine) as url:
        yield url


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n\n')[0])
    parser.add_argument('--values', type=int, default=VALUES)
    parser.add_argument('--seed', type=int, default=SEED)
    parser.add_argument('--engine', default='auto')
    parser.add_argument('--only', choices=LIBRARIES)
    parser.add_argument('--write', action='store_true')
    parser.add_argument('sowd', nargs='?', metavar='SOWD or URL')
    options = parser.parse_args()
    with daemon_at(options.sowd, options.engine) as url:
        table = certify(url, options.values, options.seed, options.only)
    print(table_of.text(table.rows()), end='')
    if options.write:
        write(table, options.values)
    return int(table.differing() > 0)


if __name__ == '__main__':
    sys.exit(main())
