# SPDX-License-Identifier: MIT
"""Print lib/generators/glibc_sin.inc: sine and cosine of k / 128.

Each is the sum of two doubles, the one nearest to it and the one nearest to
the rest, by their series in 60 decimal digits.

    python3 tests/oracle/sine_table.py > lib/generators/glibc_sin.inc
"""

from decimal import Decimal, getcontext

ROWS = 110
SMALLEST = Decimal(10) ** -58


def sine_and_cosine(x):
    sums, term, n = [Decimal(0), Decimal(0)], Decimal(1), 0
    while n < 2 or abs(term) > SMALLEST:
        sums[n % 2] += -term if n % 4 > 1 else term
        n += 1
        term = term * x / n
    return sums[1], sums[0]


def two(x):
    high = float(x)
    return high, float(x - Decimal(high))


def short(x):
    """In hexadecimal, without the zeros at the end."""
    digits, power = x.hex().split('p')
    return digits.rstrip('0').rstrip('.') + 'p' + power if x else '0'


def main():
    getcontext().prec = 60
    print('/* SPDX-License-Identifier: MIT */')
    print('/*')
    print(' * Made by tests/oracle/sine_table.py: sine and cosine of k / 128,')
    print(' * each as the sum of two doubles.')
    print(' */')
    for k in range(ROWS):
        sine, cosine = sine_and_cosine(Decimal(k) / 128)
        numbers = [short(n) for n in two(sine) + two(cosine)]
        print('{' + ', '.join(numbers[:2]) + ',\n '
              + ', '.join(numbers[2:]) + '},')


if __name__ == '__main__':
    main()
