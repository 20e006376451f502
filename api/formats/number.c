/* SPDX-License-Identifier: MIT */
/* Shortest decimal text of floating-point numbers, by the method of Raffaele
   Giulietti, "The Schubfach way to render doubles" (2020).

   A positive number is c * 2^q with an integer c.  The numbers that read
   back as it reach half an ulp 2^q to both sides, or a quarter below if c is
   the least of its binade.  Let k be the greatest integer such that 10^k is
   not above the width of that interval; then it has at least one multiple of
   10^k and at most one of 10^(k+1).  The latter, if there is one, has fewest
   digits; if not, the multiple of 10^k nearest to the number has.

   All this is done with the number and the ulp divided by 10^k, in fixed
   point.  The scaled ulp is computed slightly too large, and the number with
   it, so that a comparison needs some slack; the paper's argument, checked
   for these widths by tests/oracle/powers_of_ten.py, is that quantities
   compared here are either equal or further apart than that. */

#include "formats/number.h"

#include <endian.h>
#include <stdbool.h>
#include <string.h>

#include "number_table.h"

__extension__ typedef unsigned __int128 u128;

/* A finite positive number: integer * 2^exponent. */
struct binary {
    uint64_t integer;
    int exponent;
    bool narrow; /* the number below is only half an ulp away */
};

/* digits * 10^exponent. */
struct decimal {
    uint64_t digits;
    int exponent;
};

/* A decimal as text: head, the digit of 10^exponent, and the 16 after it,
   eight in low and eight in high, the first of each in the lowest byte.  The
   first count digits in all are significant, the others zeros. */
struct text {
    uint64_t low;
    uint64_t high;
    int exponent;
    int count;
    char head;
};

/* The digit zero in every byte. */
static const uint64_t zeros = 0x3030303030303030;

/* floor(log10(2^q)), or floor(log10(3/4 * 2^q)): exact for |q| < 1500.  Here
   and below a shift of a negative number must round down, as gcc's does. */
static int floor_log10(int q, bool narrow)
{
    return (q * 1262611 - (narrow ? 524031 : 0)) >> 22;
}

/* floor(log2(10^n)), exact for |n| < 400. */
static int floor_log2_ten(int n)
{
    return (n * 1741647) >> 19;
}

/* floor(log2(5^n)), exact for |n| < 400. */
static int floor_log2_five(int n)
{
    return (n * 1217359) >> 19;
}

/* The first word if it is wanted, or the other: no branch, as it would be
   mispredicted all the time. */
static uint64_t pick(bool wanted, uint64_t word, uint64_t other)
{
    return other ^ ((word ^ other) & -(uint64_t)wanted);
}

/* 2^q / 10^k in units of 2^-60, too large by at most 1 unit. */
static uint64_t f32_ulp(int q, int k)
{
    uint64_t ten = number_tens_short[NUMBER_TENS_SHORT_ZERO - k];

    return (ten >> (3 - q - floor_log2_ten(-k))) + 1;
}

/* The decimal for a float, by 64-bit arithmetic with 60 fraction bits.

   An odd integer does not own the ends of its interval.  Nor may a decimal
   be so close to an end that as a double it is that end: reading it as a
   double first would round it twice, the second time to the even neighbour.
   (Of all floats, only 0x15ae43fd would have such a shortest decimal.)  So
   its reach stops half an ulp of a double, 2^-30 of a float's, short of the
   end; for a subnormal, as a double more precise, that is more than needed.
   An even integer owns both ends, and all that rounds to them. */
static struct decimal f32_shortest(struct binary value)
{
    const uint64_t one = (uint64_t)1 << 60, slack = (uint64_t)1 << 25;
    int k = floor_log10(value.exponent, value.narrow);
    uint64_t ulp = f32_ulp(value.exponent, k);
    u128 scaled = (u128)value.integer * ulp;
    uint32_t whole = (uint32_t)(scaled >> 60), ones = whole % 10;
    uint64_t fraction = (uint64_t)scaled & (one - 1);
    uint64_t odd = value.integer & 1, tie_up = whole & 1;
    uint64_t above = (ulp >> 1) + slack - odd * ((ulp >> 30) + 2 * slack);
    uint64_t below = value.narrow ? (ulp >> 2) + slack : above;
    uint64_t rest = ones * one + fraction;
    bool up = 10 * one - rest <= above, down = rest <= below;
    /* Rounded to the nearest, a tie to even, unless out of reach below. */
    bool next =
        (fraction + tie_up * slack >= one / 2 + slack) | (fraction > below);

    return (struct decimal){
        pick(up | down, whole - ones + up * (uint64_t)10, whole + next), k};
}

/* 2^q / 10^k in units of 2^-123, too large by at most 2 units. */
static u128 f64_ulp(int q, int k)
{
    unsigned place = (unsigned)(NUMBER_TENS_LONG_ZERO * NUMBER_STEP - k);
    unsigned step = place / NUMBER_STEP, rest = place % NUMBER_STEP;
    int coarse = ((int)step - NUMBER_TENS_LONG_ZERO) * NUMBER_STEP;
    int exponent =
        floor_log2_ten(coarse) + (int)rest + floor_log2_five((int)rest);
    u128 ten = (u128)number_tens_high[step] * number_fives[rest];

    ten += (u128)number_tens_low[step] * number_fives[rest] >> 64;
    return (ten >> (3 - q - exponent)) + 2;
}

/* The decimal for a double, by 128-bit arithmetic with 123 fraction bits. */
static struct decimal f64_shortest(struct binary value)
{
    const u128 one = (u128)1 << 123, slack = (u128)1 << 56;
    int k = floor_log10(value.exponent, value.narrow);
    u128 ulp = f64_ulp(value.exponent, k);
    u128 low = (u128)value.integer * (uint64_t)ulp;
    u128 high = (u128)value.integer * (uint64_t)(ulp >> 64) + (low >> 64);
    uint64_t whole = (uint64_t)(high >> 59), ones = whole % 10;
    u128 fraction = (high << 64 | (uint64_t)low) & (one - 1);
    uint64_t odd = value.integer & 1, tie_up = whole & 1;
    u128 above = (ulp >> 1) + slack - odd * 2 * slack;
    u128 below = value.narrow ? (ulp >> 2) + slack : above;
    u128 rest = ones * one + fraction;
    bool up = 10 * one - rest <= above, down = rest <= below;
    /* Rounded to the nearest, a tie to even, unless out of reach below. */
    bool next =
        (fraction + tie_up * slack >= one / 2 + slack) | (fraction > below);

    return (struct decimal){
        pick(up | down, whole - ones + up * (uint64_t)10, whole + next), k};
}

/* The 8 decimal digits of a number, one in a byte, the first in the lowest:
   each step halves all groups of digits at once, n / 100 being n * 10486 >>
   20 for n < 10^4, and n / 10 being n * 103 >> 10 for n < 100. */
static inline uint64_t eight_digits(uint32_t number)
{
    uint64_t fours = number / 10000 | (uint64_t)(number % 10000) << 32;
    uint64_t hundreds = (fours * 10486 >> 20) & 0x0000007f0000007f;
    uint64_t twos = hundreds | (fours - hundreds * 100) << 16;
    uint64_t tens = (twos * 103 >> 10) & 0x000f000f000f000f;

    return tens | (twos - tens * 10) << 8;
}

/* How many bytes up to the last one that is not zero. */
static int used_bytes(uint64_t word)
{
    unsigned last = 63 ^ (unsigned)__builtin_clzll(word | 1);

    return word ? 1 + (int)(last / 8) : 0;
}

/* Spread a decimal of at most 9 digits, and at least 7 but for a subnormal
   float. */
static struct text f32_text(struct decimal decimal)
{
    bool seven, eight;
    uint64_t tail;

    for (; decimal.digits < 1000000; decimal.exponent--)
        decimal.digits *= 10;
    seven = decimal.digits < 10000000;
    decimal.digits = pick(seven, decimal.digits * 10, decimal.digits);
    eight = decimal.digits < 100000000;
    decimal.digits = pick(eight, decimal.digits * 10, decimal.digits);
    tail = eight_digits((uint32_t)(decimal.digits % 100000000));
    return (struct text){
        .low = tail | zeros,
        .high = zeros,
        .exponent = decimal.exponent - seven - eight + 8,
        .count = 1 + used_bytes(tail),
        .head = (char)('0' + decimal.digits / 100000000),
    };
}

/* Spread a decimal of at most 17 digits, and at least 16 but for a subnormal
   double. */
static struct text f64_text(struct decimal decimal)
{
    uint64_t front, low, high;
    bool sixteen;

    for (; decimal.digits < 1000000000000000; decimal.exponent--)
        decimal.digits *= 10;
    sixteen = decimal.digits < 10000000000000000;
    decimal.digits = pick(sixteen, decimal.digits * 10, decimal.digits);
    front = decimal.digits / 100000000;
    low = eight_digits((uint32_t)(front % 100000000));
    high = eight_digits((uint32_t)(decimal.digits % 100000000));
    return (struct text){
        .low = low | zeros,
        .high = high | zeros,
        .exponent = decimal.exponent - sixteen + 16,
        .count = 1 + (high ? 8 + used_bytes(high) : used_bytes(low)),
        .head = (char)('0' + front / 100000000),
    };
}

/* Store the eight characters of a word, the first in its lowest byte. */
static void store(char *out, uint64_t word)
{
    word = htole64(word);
    memcpy(out, &word, sizeof(word));
}

/* A word of digits with a point put in after so many of them, fewer than
   eight; the last digit is lost. */
static uint64_t with_point(uint64_t word, int digits)
{
    int place = digits * 8;
    uint64_t before = word & (((uint64_t)1 << place) - 1);

    return before | (uint64_t)'.' << place | (word - before) << 8;
}

/* Write head and tail with a point after the first digits, 1 to 16. */
static void write_with_point(char *out, const struct text *text, int first)
{
    out[0] = text->head;
    store(out + 10, text->high);
    if (first <= 8) {
        store(out + 2, text->low);
        store(out + 1, with_point(text->low, first - 1));
    } else {
        store(out + 1, text->low);
        store(out + 9, with_point(text->high, first - 9));
    }
}

/* Write head and tail without a point. */
static void write_digits(char *out, const struct text *text)
{
    out[0] = text->head;
    store(out + 1, text->low);
    store(out + 9, text->high);
}

/* Write an exponent from 'e' on; return the length. */
static int write_exponent(char *out, int exponent)
{
    bool negative = exponent < 0, large;
    uint32_t size = (uint32_t)(negative ? -exponent : exponent);
    uint32_t pair;
    int single = size < 10;

    memcpy(out, "e-", 2);
    out += 1 + negative;
    large = size >= 100;
    if (large) {
        *out++ = (char)('0' + size / 100);
        size %= 100;
    }
    /* The tens are the lower byte, which is left out if there are none. */
    pair = (size / 10 + size % 10 * 256 + ('0' + '0' * 256)) >> single * 8;
    out[0] = (char)pair;
    out[1] = (char)(pair >> 8);
    return 3 + negative + large - single;
}

static int write_scientific(char *out, const struct text *text)
{
    int length = text->count + (text->count > 1);

    write_with_point(out, text, 1);
    return length + write_exponent(out + length, text->exponent);
}

/* Write positional text of a number with 10^-3 <= number < 10^21. */
static int write_positional(char *out, const struct text *text)
{
    int whole = text->exponent + 1;

    if (whole <= 0) {
        memcpy(out, "0.00", 4);
        write_digits(out + 2 - whole, text);
        return 2 - whole + text->count;
    }
    if (whole < text->count) {
        write_with_point(out, text, whole);
        return text->count + 1;
    }
    write_digits(out, text);
    memcpy(out + 17, "0000", 4);
    return whole;
}

/* Write the shorter text.  With n digits, and e digits in its exponent, the
   scientific one has n + 2 + e characters, one more for a negative exponent
   and one less (the point) if n is 1; the positional one has n + 1 +
   |exponent| for a negative exponent, else the more of exponent + 1 and n +
   1.  Hence these limits; for those of 3 digits they need not be right. */
static inline int write_text(char *out, const struct text *text)
{
    int single = text->count == 1;
    int most = text->count + 2 - single + (text->exponent >= 10);

    if (text->exponent >= single - 3 && text->exponent <= most)
        return write_positional(out, text);
    return write_scientific(out, text);
}

static size_t write_zero(char *out, bool negative)
{
    memcpy(out, negative ? "-0.0" : "0   ", 4);
    return negative ? 4 : 1;
}

size_t number_write_f32(float value, char out[static NUMBER_MAX])
{
    uint32_t bits, biased, mantissa;
    bool negative;
    struct binary binary;
    struct text text;

    memcpy(&bits, &value, sizeof(bits));
    negative = bits >> 31;
    if (bits << 1 == 0)
        return write_zero(out, negative);
    biased = bits >> 23 & 0xff;
    mantissa = bits & 0x7fffff;
    binary.integer = mantissa | (uint32_t)(biased != 0) << 23;
    binary.exponent = (int)(biased + (biased == 0)) - 150;
    binary.narrow = mantissa == 0 && biased > 1;
    text = f32_text(f32_shortest(binary));
    out[0] = '-';
    return (size_t)(negative + write_text(out + negative, &text));
}

size_t number_write_f64(double value, char out[static NUMBER_MAX])
{
    const uint64_t hidden = (uint64_t)1 << 52;
    uint64_t bits, mantissa;
    int biased;
    bool negative;
    struct binary binary;
    struct text text;

    memcpy(&bits, &value, sizeof(bits));
    negative = bits >> 63;
    if (bits << 1 == 0)
        return write_zero(out, negative);
    biased = (int)(bits >> 52 & 0x7ff);
    mantissa = bits & (hidden - 1);
    binary.integer = mantissa | (biased ? hidden : 0);
    binary.exponent = biased + (biased == 0) - 1075;
    binary.narrow = mantissa == 0 && biased > 1;
    text = f64_text(f64_shortest(binary));
    out[0] = '-';
    return (size_t)(negative + write_text(out + negative, &text));
}
