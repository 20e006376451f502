# SPDX-License-Identifier: MIT
"""Print the rows of lib/kernels/bfloat16.c, and how much they lack.

A row is the polynomial of least relative error from the normal quantile over
an octave of the tail, by Lawson's iteration.  Coefficients are rounded one by
one, the last first, and those before it are fitted again to what it left.

What they lack is of the full table's values, in parts of 2^24, both evaluated
in float32: of one word in STEP, or in as many as the argument says.  By every
word (1), which takes minutes, it is 63.774.

    python3 tests/oracle/bfloat16_rows.py [step]
"""
import math
import statistics
import sys

import numpy as np

import sow1

ROWS, TERMS = 15, 6
POINTS = 600
STEP = 997
CHUNK = 1 << 22

quantile = np.vectorize(statistics.NormalDist().inv_cdf)


def bits(value):
    return int(np.float32(value).view(np.uint32))


def of_bits(number):
    return float(np.uint32(number & 0xffffffff).view(np.float32))


def octave(row):
    """What a row's polynomial takes and gives, at Chebyshev's points.

    The first row is odd: it is a polynomial in the square, times what it takes.
    """
    v = 0.5 - 0.5 * np.cos(np.pi * (np.arange(POINTS) + 0.5) / POINTS)
    if row > 0:
        return v, -quantile((2 - v) * 2.0 ** (-2 - row))
    w = np.sqrt(v)
    return v, quantile(0.5 + w / 4) / w


def fit(v, y, count, known, turns):
    """The error and the first 'count' coefficients, beside known ones."""
    rest = y - sum(c * v ** k for k, c in known.items())
    powers = np.stack([v ** k for k in range(count)], 1)
    weights = np.ones_like(y)
    best = math.inf, None
    for _ in range(turns):
        scale = np.sqrt(weights) / abs(y)
        found = np.linalg.lstsq(powers * scale[:, None], rest * scale,
                                rcond=None)[0]
        error = abs((powers @ found - rest) / y)
        best = min(best, (error.max(), found), key=lambda pair: pair[0])
        weights = weights * (error + 1e-9 * error.max())
        weights /= weights.sum()
    return best


def fit_pair(v, y, last):
    """The last coefficients: one's low half is the other's high half."""
    best = math.inf, None
    _, free = fit(v, y, last + 1, {}, 200)
    for more in range(-3, 4):
        high = ((bits(free[last]) >> 16) + more) & 0xffff
        known = {last: of_bits(high << 16)}
        _, others = fit(v, y, last, known, 200)
        for step in (-1, 0, 1):
            above = (bits(others[last - 1]) >> 16) + step
            pair = {**known, last - 1: of_bits(above << 16 | high)}
            error, _ = fit(v, y, last - 1, pair, 60)
            best = min(best, (error, pair), key=lambda found: found[0])
    return best[1]


def make_row(row):
    v, y = octave(row)
    last = TERMS - 2 if row == 0 else TERMS - 1
    known = fit_pair(v, y, last)
    for k in range(last - 2, -1, -1):
        _, found = fit(v, y, k + 1, known, 200)
        known[k] = float(np.float32(found[k]))
    return [0.0] * (row == 0) + [known[k] for k in sorted(known)]


def lacks(table, step):
    """The most, of words whose tails are among the table's octaves."""
    most = 0
    for first in range(0, 2 ** 31 - 2 ** (31 - ROWS), CHUNK * step):
        last = min(first + CHUNK * step, 2 ** 31 - 2 ** (31 - ROWS))
        words = np.arange(first, last, step)
        full = sow1.quantile(np.float32, words).astype(float)
        short = sow1.quantile(np.float32, words, table).astype(float)
        most = max(most, (abs(short - full) / full).max())
    return most * 2 ** 24


def main():
    step = int(sys.argv[1]) if len(sys.argv) > 1 else STEP
    table = [make_row(row) for row in range(ROWS)]
    for row in table:
        print('{' + ', '.join(c.hex() for c in row) + '},')
    print('lacks', lacks(np.array(table, np.float32), step), 'of 2^24')


if __name__ == '__main__':
    main()
