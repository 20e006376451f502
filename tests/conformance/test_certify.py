# SPDX-License-Identifier: MIT
"""A small run of tests/oracle/certify.py is no worse than certified.txt.

What is exact in the file must be exact, every row of a scheme must be there,
and what GET /v1/generators calls certified must be in the file, without a
value that differs.
"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / 'oracle'))
import certify             # noqa: E402
import certify_table       # noqa: E402
from compare import daemon, tally   # noqa: E402

VALUES = 2_000_000
SEED = 7

# Rows that a small run makes some of.
SOME = ('type ', 'model ', 'module ', 'parts')

GENERATOR, WHAT, _, LIBRARY, _, COMPARED, DIFFERING, _, VERDICT = range(9)


def no_worse(key, row, filed):
    """'row' and 'filed' are the same cell now and in the file."""
    name = ' '.join(key)
    tally.equal(f'{name}: values that differ', row[DIFFERING], '0')
    if tally.check(f'{name} is in certified.txt', filed is not None,
                   row[VERDICT]) and filed[VERDICT] == 'exact':
        tally.equal(f'{name} stays exact', row[VERDICT], 'exact')
        tally.equal(f'{name}: the library of certified.txt', filed[LIBRARY],
                    row[LIBRARY])


def nothing_is_lost(rows, filed):
    """Schemes, states and keys of the generators that are compared here."""
    tally.equal('what is compared with',
                {row[LIBRARY].split()[0] for row in rows.values()},
                set(certify.LIBRARIES))
    here = {row[GENERATOR] for row in rows.values()}
    for key, row in filed.items():
        if row[GENERATOR] in here and not row[WHAT].startswith(SOME):
            tally.check(f'{" ".join(key)} is compared', key in rows)


def the_catalogue_agrees(generators, filed):
    """Certified: some rows exact, the others refused."""
    for generator in generators:
        if generator['library']:
            rows = [row for row in filed.values()
                    if row[GENERATOR] == generator['name']
                    and certify_table.is_compared(row)]
            exact = any(row[VERDICT] == 'exact' for row in rows) and all(
                row[VERDICT].startswith(('exact', 'refused')) for row in rows)
            tally.equal(f'{generator["name"]} is certified',
                        exact, generator['status'] == 'certified')


def the_file_is_large(filed):
    values = sum(int(row[COMPARED]) for row in filed.values())
    tally.check('a billion values were compared', values >= 10 ** 9, values)


def main():
    filed = certify_table.read(certify.FILE)
    with daemon.running() as url:
        table = certify.certify(url, VALUES, SEED)
    rows = {tuple(row[:3]): row for row in table.rows()}
    rows = {key: row for key, row in rows.items()
            if certify_table.is_compared(row)}
    for key, row in rows.items():
        no_worse(key, row, filed.get(key))
    nothing_is_lost(rows, filed)
    the_catalogue_agrees(table.generators, filed)
    the_file_is_large(filed)


if __name__ == '__main__':
    tally.run(main)
    tally.finish()
