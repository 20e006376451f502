/* SPDX-License-Identifier: MIT */
/* Decimals as text, for number.c only: the digits are spread over the bytes of
   words, without a loop, and stored all at once; what is stored beyond the end
   of a text is of no account.  Which lengths and forms come next is as good as
   random, so the usual ones are told apart by arithmetic, not by branches. */

#ifndef FORMATS_NUMBER_TEXT_H
#define FORMATS_NUMBER_TEXT_H

#include <endian.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

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

/* The first word if it is wanted, or the other: no branch, as it would be
   mispredicted all the time. */
static uint64_t pick(bool wanted, uint64_t word, uint64_t other)
{
    return other ^ ((word ^ other) & -(uint64_t)wanted);
}

/* The 8 decimal digits of a number, one in a byte, the first in the lowest:
   each step halves all groups of digits at once.  With n / d in quotient, both
   halves are quotient + ((n - quotient * d) << bits), gathered here into one
   multiplication; n / 100 is n * 10486 >> 20 for n < 10^4, and n / 10 is
   n * 103 >> 10 for n < 100. */
static inline uint64_t eight_digits(uint32_t number)
{
    uint64_t upper = number / 10000;
    uint64_t fours =
        ((uint64_t)number << 32) - upper * (((uint64_t)10000 << 32) - 1);
    uint64_t hundreds = (fours * 10486 >> 20) & 0x0000007f0000007f;
    uint64_t twos = (fours << 16) - hundreds * ((100 << 16) - 1);
    uint64_t tens = (twos * 103 >> 10) & 0x000f000f000f000f;

    return (twos << 8) - tens * ((10 << 8) - 1);
}

/* How many bytes, each below 16, up to the last one that is not zero. */
static inline int used_bytes(uint64_t word)
{
    return ((63 ^ __builtin_clzll(2 * word + 1)) + 7) / 8;
}

/* Spread a decimal of 7 to 9 digits. */
static inline struct text f32_text(struct decimal decimal)
{
    static const uint32_t tens[] = {1, 10, 100};
    uint32_t digits = (uint32_t)decimal.digits;
    unsigned missing = (unsigned)(digits < 100000000) + (digits < 10000000);
    uint64_t tail;

    digits *= tens[missing];
    tail = eight_digits(digits % 100000000);
    return (struct text){
        .low = tail | zeros,
        .high = zeros,
        .exponent = decimal.exponent - (int)missing + 8,
        .count = 1 + used_bytes(tail),
        .head = (char)('0' + digits / 100000000),
    };
}

/* Spread a decimal of 16 or 17 digits. */
static inline struct text f64_text(struct decimal decimal)
{
    bool sixteen = decimal.digits < 10000000000000000;
    uint64_t digits = pick(sixteen, decimal.digits * 10, decimal.digits);
    uint64_t front = digits / 100000000;
    uint64_t low = eight_digits((uint32_t)(front % 100000000));
    uint64_t high = eight_digits((uint32_t)(digits % 100000000));

    return (struct text){
        .low = low | zeros,
        .high = high | zeros,
        .exponent = decimal.exponent - sixteen + 16,
        .count = 1 + (high ? 8 + used_bytes(high) : used_bytes(low)),
        .head = (char)('0' + front / 100000000),
    };
}

/* Store the eight characters of a word, the first in its lowest byte. */
static inline void store(char *out, uint64_t word)
{
    word = htole64(word);
    memcpy(out, &word, sizeof(word));
}

/* A word of digits with a point put in after so many of them, fewer than
   eight; the last digit is lost. */
static inline uint64_t with_point(uint64_t word, int digits)
{
    int place = (digits & 7) * 8;
    uint64_t before = word & (((uint64_t)1 << place) - 1);

    return before | (uint64_t)'.' << place | (word - before) << 8;
}

/* Write head and tail with a point after the first digits, 1 to 16. */
static inline void write_with_point(char *out, struct text text, int first)
{
    out[0] = text.head;
    store(out + 10, text.high);
    if (first <= 8) {
        store(out + 2, text.low);
        store(out + 1, with_point(text.low, first - 1));
    } else {
        store(out + 1, text.low);
        store(out + 9, with_point(text.high, first - 9));
    }
}

/* Write head and tail without a point. */
static inline void write_digits(char *out, struct text text)
{
    out[0] = text.head;
    store(out + 1, text.low);
    store(out + 9, text.high);
}

/* Write an exponent from 'e' on; return the end, as all below do. */
static char *write_exponent(char *out, int exponent)
{
    bool negative = exponent < 0;
    uint32_t size = (uint32_t)(negative ? -exponent : exponent);
    uint32_t pair;
    int single = size < 10;

    memcpy(out, "e-", 2);
    out += 1 + negative;
    if (size >= 100) {
        *out++ = (char)('0' + size / 100);
        size %= 100;
    }
    /* The tens are the lower byte, which is left out if there are none. */
    pair = (size / 10 + size % 10 * 256 + ('0' + '0' * 256)) >> single * 8;
    out[0] = (char)pair;
    out[1] = (char)(pair >> 8);
    return out + 2 - single;
}

static char *write_scientific(char *out, struct text text)
{
    write_with_point(out, text, 1);
    out += text.count + (text.count > 1);
    return write_exponent(out, text.exponent);
}

/* Write positional text of a number with 10 <= number < 10^21. */
static char *write_whole(char *out, struct text text)
{
    int whole = text.exponent + 1;

    if (whole < text.count) {
        write_with_point(out, text, whole);
        return out + text.count + 1;
    }
    write_digits(out, text);
    memcpy(out + 17, "0000", 4);
    return out + whole;
}

/* Write the shorter text of a number with 10^-9 <= number < 10.  It may be
   d.ddd, or d.ddde-d, or 0.00ddd with up to two zeros more: one can't tell
   beforehand, nor does this branch.  All have a point second, where they have
   one at all. */
static inline char *write_near_one(char *out, struct text text)
{
    unsigned size = (unsigned)-text.exponent, single = text.count == 1;
    unsigned below = size - 1 < 3 - single, scientific = size > 3 - single;
    unsigned place = size & -below;

    memcpy(out, "0.00", 4);
    out[place + below] = text.head;
    store(out + 2 + place, text.low);
    store(out + 10 + place, text.high);
    out += place + 1 + (unsigned)text.count - (single & ~below);
    memcpy(out, "e-", 2);
    out[2] = (char)('0' + size);
    return out + 3 * scientific;
}

/* Write the shorter text of any number.  With n digits, and e digits in its
   exponent, the scientific one has n + 2 + e characters, one more for a
   negative exponent and one less (the point) if n is 1; the positional one has
   n + 1 + |exponent| for a negative exponent, else the more of exponent + 1
   and n + 1.  Hence these limits; for those of 3 digits they need not be
   right. */
static char *write_far(char *out, struct text text)
{
    int single = text.count == 1;
    int most = text.count + 2 - single + (text.exponent >= 10);

    if (text.exponent < 0 || text.exponent > most)
        return write_scientific(out, text);
    return write_whole(out, text);
}

static inline char *write_text(char *out, struct text text)
{
    if (text.exponent >= -9 && text.exponent <= 0)
        return write_near_one(out, text);
    return write_far(out, text);
}

/* The rest of a zero, after its sign. */
static char *write_zero(char *out, bool negative)
{
    memcpy(out, "0.0 ", 4);
    return out + (negative ? 3 : 1);
}

/* Write a decimal of 7 to 9 digits, or zero, with its sign. */
static inline char *write_f32(char *out, bool negative, struct decimal decimal)
{
    *out = '-';
    out += negative;
    if (decimal.digits == 0)
        return write_zero(out, negative);
    return write_text(out, f32_text(decimal));
}

/* Likewise of 16 or 17 digits. */
static inline char *write_f64(char *out, bool negative, struct decimal decimal)
{
    *out = '-';
    out += negative;
    if (decimal.digits == 0)
        return write_zero(out, negative);
    return write_text(out, f64_text(decimal));
}

#endif
