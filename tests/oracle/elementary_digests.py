# SPDX-License-Identifier: MIT
"""The rows of tests/lib/test_elementary_bits.c: SHA-256 of 4096 values.

    python3 tests/oracle/elementary_digests.py
"""

import hashlib

import numpy as np

import elementary

COUNT = 4096
WORD = (1 << 64) - 1

# The arguments are below 'scale', of both signs unless 'positive'.
FUNCTIONS = [
    # name, function, scale's exponent, positive
    ('exp', elementary.exp, 9, False),
    ('exp', elementary.exp, 1, False),
    ('expm1', elementary.expm1, 9, False),
    ('expm1', elementary.expm1, -3, False),
    ('log', elementary.log, 10, True),
    ('log', elementary.log, -1000, True),
    ('log1p', elementary.log1p, 2, True),
    ('log1p', elementary.log1p, -20, False),
    ('tanh', elementary.tanh, 3, False),
    ('sin', elementary.sin, 25, False),
    ('sin', elementary.sin, 3, False),
    ('cos', elementary.cos, 25, False),
    ('cos', elementary.cos, 3, False),
    ('atan', elementary.atan, 2, False),
    ('atan', elementary.atan, 30, False),
    ('erf', elementary.erf, 2, False),
    ('normal_density', elementary.density, 4, False),
    ('normal_cdf', elementary.cdf, 5, False),
]


def mix(i):
    """The finalizer of SplitMix64."""
    x = (i + 1) * 0x9e3779b97f4a7c15 & WORD
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9 & WORD
    x = (x ^ x >> 27) * 0x94d049bb133111eb & WORD
    return x ^ x >> 31


def point(i, exponent, positive):
    word = mix(i)
    x = (word >> 11) - (word >> 63 << 53)
    return (abs(x) if positive else x) * 2.0 ** (exponent - 52)


def digest(values):
    return hashlib.sha256(np.array(list(values), '<f8').tobytes()).hexdigest()


def main():
    for name, function, exponent, positive in FUNCTIONS:
        print(name, exponent, digest(
            float(function(point(i, exponent, positive)))
            for i in range(COUNT)))
    print('pow', digest(
        float(elementary.pow(point(i, 3, True), point(COUNT + i, 2, False)))
        for i in range(COUNT)))
    for of in 12, 999, 1 << 20:
        for name in 'sin_turns', 'cos_turns':
            turns = getattr(elementary, name)
            n = np.array([mix(i) % (2 * of) for i in range(COUNT)], np.uint64)
            print(name, of, digest(turns(n, of)))


if __name__ == '__main__':
    main()
