# SPDX-License-Identifier: MIT
"""Print lib/generators/mt19937_jump.inc: how MT19937 gets far at once.

The sequence of MT19937's words obeys a linear recurrence over GF(2), whose
characteristic polynomial, of degree 19937, Berlekamp and Massey's algorithm
finds from its bits.  With q = x^n modulo that, a word n steps on is the sum
of the words that q's coefficients choose (Haramoto, Matsumoto, Nishimura,
Panneton and L'Ecuyer 2008).  Polynomials are Python's integers: bit i is the
coefficient of x^i.

    python3 tests/oracle/mt19937_jump.py > lib/generators/mt19937_jump.inc
"""

WORDS, MIDDLE, DEGREE = 624, 397, 19937
SMALLEST, DIGITS = 4096, 12     # blocks of the first jump; then times 4


def bits(count):
    """The lowest bits of 'count' words, the first of them in bit 0."""
    words = [5489]
    for i in range(1, WORDS):
        last = words[-1]
        words.append((1812433253 * (last ^ last >> 30) + i) & 0xffffffff)
    for i in range(count):
        word = (words[i] & 0x80000000) | (words[i + 1] & 0x7fffffff)
        words.append(words[i + MIDDLE] ^ word >> 1 ^ (word & 1) * 0x9908b0df)
    return [word & 1 for word in words[WORDS:]]


def characteristic():
    """The recurrence's polynomial, by Berlekamp and Massey's algorithm."""
    now, before, length, since, seen = 1, 1, 0, 1, 0
    for n, bit in enumerate(bits(2 * DEGREE)):
        seen = seen << 1 | bit
        if (now & seen).bit_count() % 2 == 0:
            since += 1
            continue
        last = now
        now ^= before << since
        if 2 * length <= n:
            length, before, since = n + 1 - length, last, 1
        else:
            since += 1
    assert length == DEGREE
    return int(format(now, 'b').zfill(DEGREE + 1)[::-1], 2)


def square(q, modulus):
    """q^2 modulo 'modulus': a zero between each two coefficients."""
    q = int('0'.join(format(q, 'b')), 2)
    while q.bit_length() > DEGREE:
        q ^= modulus << (q.bit_length() - DEGREE - 1)
    return q


def power(n, modulus):
    q = 1
    for digit in format(n, 'b'):
        q = square(q, modulus)
        if digit == '1':
            q <<= 1
            if q >> DEGREE:
                q ^= modulus
    return q


def main():
    modulus = characteristic()
    q = power(SMALLEST * WORDS, modulus)
    print('/* SPDX-License-Identifier: MIT */')
    print('/*')
    print(' * Made by tests/oracle/mt19937_jump.py: row d has x to the power')
    print(f' * of {WORDS} * {SMALLEST} * 4^d modulo the characteristic '
          'polynomial of MT19937;')
    print(' * bit i % 64 of entry i / 64 is the coefficient of x^i.')
    print(' */')
    for digit in range(DIGITS):
        numbers = [q >> 64 * i & (1 << 64) - 1 for i in range(-(-DEGREE // 64))]
        print('{')
        for i in range(0, len(numbers), 3):
            print('    ' + ' '.join(f'0x{n:016x},' for n in numbers[i:i + 3]))
        print('},')
        q = square(square(q, modulus), modulus)


if __name__ == '__main__':
    main()
