/* SPDX-License-Identifier: MIT */
/* Powers of ten and five, for number.c only: leading bits, truncated, the
   top one set.  tests/oracle/powers_of_ten.py writes the tables. */

#ifndef FORMATS_NUMBER_TABLE_H
#define FORMATS_NUMBER_TABLE_H

#include <stdint.h>

enum {
    NUMBER_SCALES = 255,         /* biased exponents of finite floats */
    NUMBER_TENS_SHORT = 77,      /* entries of the table for floats */
    NUMBER_TENS_SHORT_ZERO = 31, /* the entry for 10^0 there */
    NUMBER_TENS_LONG = 24,       /* entries of the table for doubles */
    NUMBER_TENS_LONG_ZERO = 11,  /* the entry for 10^0 there */
    NUMBER_STEP = 27,            /* powers of ten from one to the next */
};

/* For the floats of one binade, with the ulp 2^q, the greatest power of ten
   not above it, 10^exponent.  In units of 2^-60: ulp is 2^q / 10^exponent, too
   large by at most 1 unit; reach is how far from a number, of an even and of
   an odd integer, a decimal may be that gives it back. */
struct number_scale {
    uint64_t ulp;
    uint64_t reach[2];
    int exponent;
};

extern const struct number_scale number_scales[NUMBER_SCALES];

/* 64 bits of every power of ten from 10^-31 to 10^45. */
extern const uint64_t number_tens_short[NUMBER_TENS_SHORT];

/* 128 bits of every 27th power of ten from 10^-297 to 10^324: the first 64
   and the other 64. */
extern const uint64_t number_tens_high[NUMBER_TENS_LONG];
extern const uint64_t number_tens_low[NUMBER_TENS_LONG];

/* All bits of the powers of five from 5^0 to 5^26. */
extern const uint64_t number_fives[NUMBER_STEP];

#endif
