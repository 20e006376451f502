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

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "number_table.h"
#include "number_text.h"

__extension__ typedef unsigned __int128 u128;

/* The bit that normal floats leave out. */
#define F32_HIDDEN ((uint32_t)1 << 23)

/* What a comparison of floats' fixed-point numbers must allow for. */
#define F32_SLACK ((uint64_t)1 << 25)

/* Numbers whose digits are found before the first is written: a processor
   then works on several at a time, as none waits for another's length. */
#define BATCH 32

/* A finite positive double: integer * 2^exponent. */
struct binary {
    uint64_t integer;
    int exponent;
    bool narrow; /* the number below is only half an ulp away */
};

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
   An even integer owns both ends, and all that rounds to them.

   Below it, the number reaches as far as its scale says, or as 'below' if it
   is narrow. */
static inline struct decimal
f32_shortest(uint32_t integer, const struct number_scale *scale, uint64_t below)
{
    const uint64_t one = (uint64_t)1 << 60, slack = F32_SLACK;
    u128 scaled = (u128)integer * scale->ulp;
    uint64_t high = (uint64_t)(scaled >> 64), low = (uint64_t)scaled;
    uint32_t whole = (uint32_t)(high << 4 | low >> 60), ones = whole % 10;
    uint64_t fraction = low & (one - 1), tie_up = whole & 1;
    uint64_t above = scale->reach[integer & 1];
    uint64_t rest = ones * one + fraction;
    bool up = 10 * one - rest <= above, down = rest <= below;
    /* Rounded to the nearest, a tie to even, unless out of reach below. */
    bool next =
        (fraction + tie_up * slack >= one / 2 + slack) | (fraction > below);

    return (struct decimal){
        pick(up | down, whole - ones + up * (uint64_t)10, whole + next),
        scale->exponent};
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
static inline struct decimal f64_shortest(struct binary value)
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

/* Give a decimal digits, though zeros, until it has as many as 'least'. */
static struct decimal lengthened(struct decimal decimal, uint64_t least)
{
    for (; decimal.digits < least; decimal.exponent--)
        decimal.digits *= 10;
    return decimal;
}

/* The decimal for a power of two, the number below which is only half an ulp
   away. */
static struct decimal f32_narrow(int q)
{
    int k = floor_log10(q, true);
    uint64_t ulp = f32_ulp(q, k);
    struct number_scale scale = {
        .ulp = ulp, .reach = {(ulp >> 1) + F32_SLACK}, .exponent = k};

    return f32_shortest(F32_HIDDEN, &scale, (ulp >> 2) + F32_SLACK);
}

/* The decimal for zero, a subnormal float or a power of two. */
static struct decimal f32_rare(uint32_t biased, uint32_t mantissa)
{
    const struct number_scale *scale = &number_scales[biased];
    uint32_t integer = biased ? F32_HIDDEN : mantissa;

    if (integer == 0)
        return (struct decimal){0, 0};
    if (biased > 1)
        return f32_narrow((int)biased - 150);
    return lengthened(f32_shortest(integer, scale, scale->reach[integer & 1]),
                      1000000);
}

/* Likewise for a double. */
static struct decimal f64_rare(uint64_t biased, uint64_t mantissa)
{
    struct binary binary = {
        .integer = mantissa | (uint64_t)(biased != 0) << 52,
        .exponent = (int)(biased + (biased == 0)) - 1075,
        .narrow = biased > 1,
    };

    if (biased == 0 && mantissa == 0)
        return (struct decimal){0, 0};
    return lengthened(f64_shortest(binary), 1000000000000000);
}

/* The decimal for the absolute value of a float; no digits for zero. */
static inline struct decimal f32_decimal(float value)
{
    const struct number_scale *scale;
    uint32_t bits, biased, mantissa, integer;

    memcpy(&bits, &value, sizeof(bits));
    biased = bits >> 23 & 0xff;
    mantissa = bits & (F32_HIDDEN - 1);
    if (biased == 0 || mantissa == 0)
        return f32_rare(biased, mantissa);
    scale = &number_scales[biased];
    integer = mantissa | F32_HIDDEN;
    return f32_shortest(integer, scale, scale->reach[integer & 1]);
}

static inline struct decimal f64_decimal(double value)
{
    const uint64_t hidden = (uint64_t)1 << 52;
    uint64_t bits, biased, mantissa;
    struct binary binary;

    memcpy(&bits, &value, sizeof(bits));
    biased = bits >> 52 & 0x7ff;
    mantissa = bits & (hidden - 1);
    if (biased == 0 || mantissa == 0)
        return f64_rare(biased, mantissa);
    binary = (struct binary){mantissa | hidden, (int)biased - 1075, false};
    return f64_shortest(binary);
}

size_t number_write_f32(float value, char out[static NUMBER_MAX])
{
    return (size_t)(write_f32(out, signbit(value), f32_decimal(value)) - out);
}

size_t number_write_f64(double value, char out[static NUMBER_MAX])
{
    return (size_t)(write_f64(out, signbit(value), f64_decimal(value)) - out);
}

char *number_list_f32(const float *values, size_t n, char *out)
{
    struct decimal decimals[BATCH];

    for (size_t done = 0; done < n; done += BATCH) {
        size_t now = n - done < BATCH ? n - done : BATCH;
        for (size_t i = 0; i < now; i++)
            decimals[i] = f32_decimal(values[done + i]);
        for (size_t i = 0; i < now; i++) {
            out = write_f32(out, signbit(values[done + i]), decimals[i]);
            *out++ = ',';
        }
    }
    return out;
}

char *number_list_f64(const double *values, size_t n, char *out)
{
    struct decimal decimals[BATCH];

    for (size_t done = 0; done < n; done += BATCH) {
        size_t now = n - done < BATCH ? n - done : BATCH;
        for (size_t i = 0; i < now; i++)
            decimals[i] = f64_decimal(values[done + i]);
        for (size_t i = 0; i < now; i++) {
            out = write_f64(out, signbit(values[done + i]), decimals[i]);
            *out++ = ',';
        }
    }
    return out;
}
