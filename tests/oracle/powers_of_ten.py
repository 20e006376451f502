#!/usr/bin/env python3
"""Print api/formats/number_table.c, and check what number.c relies on.

Everything is exact integer or rational arithmetic.  For a binary exponent q
and the decimal exponent k chosen for it, number.c works with the scaled ulp
G = 2^q / 10^k, and decides by comparing multiples of G/4 with multiples of
1/2.  The checks below find the least distance (zero apart) of a multiple of
G/2 from an integer, which is at most twice that, by the convergents of the
continued fraction of G/2, and compare it with the error of the arithmetic.
"""

from fractions import Fraction

STEP = 27
F32_TENS = range(-31, 46)
F64_STEPS = range(-11, 13)
F32_SLACK = 1 << 25


def floor_log2(x):
    n = x.numerator.bit_length() - x.denominator.bit_length()
    return n if Fraction(2) ** n <= x else n - 1


def leading(x, bits):
    """The first bits of x, truncated; the top one is set."""
    return int(x / Fraction(2) ** (floor_log2(x) - bits + 1))


def floor_log10(x):
    n = len(str(x.numerator)) - len(str(x.denominator))
    return n if Fraction(10) ** n <= x else n - 1


def least_distance(x, most):
    """The least non-zero distance of j * x, 1 <= j <= most, to an integer."""
    a, b = x.numerator, x.denominator
    if b <= most:
        return Fraction(1, b)
    before, now, best = 0, 1, 1
    a, b = b, a % b
    while b and now <= most:
        best = now
        before, now = now, a // b * now + before
        a, b = b, a % b
    part = best * x % 1
    return min(part, 1 - part)


def f32_ulp(q, k):
    """What number.c computes for 2^q / 10^k, in units of 2^-60."""
    p = leading(Fraction(10) ** -k, 64)
    return (p >> (3 - q - (-k * 1741647 >> 19))) + 1


def f32_reach(ulp, odd):
    """How far a decimal may be from a float, with the slack, likewise.

    An odd integer does not own the ends of its interval; it stays half an
    ulp of a double short of them, as number.c explains.
    """
    reach = (ulp >> 1) + F32_SLACK
    return reach - ((ulp >> 30) + 2 * F32_SLACK if odd else 0)


def f64_ulp(q, k):
    """What number.c computes for 2^q / 10^k, in units of 2^-123."""
    i = (-k + 11 * STEP) // STEP - 11
    j = -k - i * STEP
    top = leading(Fraction(10) ** (i * STEP), 128)
    top = top * leading(Fraction(5) ** j, 64) >> 64
    floors = (i * STEP * 1741647 >> 19) + j + (j * 1217359 >> 19)
    shift = 3 - q - floors
    assert 0 <= shift < 64
    return (top >> shift) + 2


def check(exponents, fraction, ulp, most_ulps, bits, slack, close):
    """Check every exponent q of a format with so many significant bits.

    fraction is the number of fraction bits of the fixed-point numbers, ulp
    computes the scaled ulp, which must be above the exact one by at most
    most_ulps units.  The error of a product is then at most most_ulps <<
    bits units, which must be within the slack, and two slacks within half
    the least distance, so that a comparison with slack is an exact one.

    No exact ulp is above one by less than close: an interval one ulp wide,
    narrowed by less than that, still reaches its nearest integer.
    """
    assert most_ulps << bits < slack
    for q in exponents:
        for narrow in 0, 1:
            v = Fraction(2) ** q
            k = floor_log10(v * Fraction(3, 4) if narrow else v)
            assert k == (q * 1262611 - narrow * 524031) >> 22
            exact = v / Fraction(10) ** k
            assert 0 < ulp(q, k) - exact * 2 ** fraction <= most_ulps
            least = least_distance(exact / 2, 2 ** (bits + 2))
            assert 4 * slack < least * 2 ** fraction
            assert exact == 1 or exact > 1 + close


def table(name, words, size):
    print(f"\nconst uint64_t {name}{size} = {{")
    for i in range(0, len(words), 3):
        row = ", ".join(f"0x{word:016x}" for word in words[i:i + 3])
        print(f"    {row},")
    print("};")


def scales():
    print("\nconst struct number_scale number_scales[NUMBER_SCALES] = {")
    for biased in range(255):
        q = max(biased, 1) - 150
        k = floor_log10(Fraction(2) ** q)
        ulp = f32_ulp(q, k)
        even, odd = f32_reach(ulp, False), f32_reach(ulp, True)
        print(f"    {{0x{ulp:016x}, {{0x{even:016x}, 0x{odd:016x}}}, {k}}},")
    print("};")


def main():
    check(range(-149, 105), 60, f32_ulp, 1, 24, F32_SLACK,
          Fraction(1, 1 << 20))
    check(range(-1074, 972), 123, f64_ulp, 2, 53, 1 << 56,
          Fraction(1, 1 << 20))

    print("/* Powers of ten and five for number.c: see number_table.h.  The")
    print("   output of tests/oracle/powers_of_ten.py, not edited by hand. */")
    print('\n#include "number_table.h"')
    scales()
    ten = Fraction(10)
    table("number_tens_short", [leading(ten ** i, 64) for i in F32_TENS],
          "[NUMBER_TENS_SHORT]")
    words = [leading(ten ** (i * STEP), 128) for i in F64_STEPS]
    table("number_tens_high", [word >> 64 for word in words],
          "[NUMBER_TENS_LONG]")
    table("number_tens_low", [word & (1 << 64) - 1 for word in words],
          "[NUMBER_TENS_LONG]")
    table("number_fives", [leading(Fraction(5) ** j, 64)
                           for j in range(STEP)], "[NUMBER_STEP]")


if __name__ == "__main__":
    main()
