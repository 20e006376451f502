/* SPDX-License-Identifier: MIT */
/* Check the text of every finite float: that it gives back the float, read
   as a float by strtof, and read as a double by strtod and made a float; and
   that no text of fewer digits does.  Takes no arguments; takes a while.

   Reading is monotonic, so that the numbers which give back a float are all
   the numbers between any two of them.  Let the text be D * 10^e with n
   digits, the last of them not 0, and let D be among those.  If a decimal W
   of fewer digits is too, then so is the multiple of 10 * 10^e next to D on
   the side of W, as it is between D and W, or W itself: above D, a decimal
   of fewer digits is such a multiple; below D, it is one as well, or it is
   below 10^(n-1) * 10^e, which is one.  So it is enough to try the two
   multiples next to D. */

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "formats/number.h"

enum {
    BLOCK_BITS = 20, /* the patterns of a block, taken by one thread */
    BLOCKS = 1 << (31 - BLOCK_BITS),
    THREADS_MOST = 64,
    ROOM = 64,
};

static atomic_int next_block;
static atomic_llong passed, failed;

/* digits * 10^exponent. */
struct decimal {
    uint64_t digits;
    int exponent;
};

static float float_of(uint32_t bits)
{
    float value;

    memcpy(&value, &bits, sizeof(value));
    return value;
}

/* The float that a double is made, as bits. */
static uint32_t bits_of(double value)
{
    float single = (float)value;
    uint32_t bits;

    memcpy(&bits, &single, sizeof(bits));
    return bits;
}

/* Does the whole text give back the float in both ways? */
static bool gives_back(const char *text, uint32_t bits)
{
    char *end, *end_double;
    float single = strtof(text, &end);
    double value = strtod(text, &end_double);

    return *end == '\0' && *end_double == '\0' &&
           bits_of((double)single) == bits && bits_of(value) == bits;
}

/* Read the text of a positive number; no zeros are left at the end. */
static struct decimal read_decimal(const char *text)
{
    struct decimal decimal = {0, 0};
    bool fraction = false;

    for (; *text != '\0' && *text != 'e'; text++) {
        if (*text == '.') {
            fraction = true;
            continue;
        }
        decimal.digits = decimal.digits * 10 + (uint64_t)(*text - '0');
        decimal.exponent -= fraction;
    }
    if (*text == 'e')
        decimal.exponent += (int)strtol(text + 1, NULL, 10);
    while (decimal.digits > 0 && decimal.digits % 10 == 0) {
        decimal.digits /= 10;
        decimal.exponent++;
    }
    return decimal;
}

/* The number, within 2^-50 of itself: it is rounded at most 4 times. */
static double approximate(struct decimal decimal)
{
    static const double tens[] = {
        1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
        1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    double value = (double)decimal.digits;
    int left = decimal.exponent;

    for (; left > 22; left -= 22)
        value *= tens[22];
    for (; left < -22; left += 22)
        value /= tens[22];
    return left < 0 ? value / tens[-left] : value * tens[left];
}

/* Does a decimal give back the float?  If it is surely outside of what is
   rounded to the float, it does not; any other is read. */
static bool decimal_gives_back(struct decimal decimal, uint32_t bits)
{
    const double narrower = 1 - 0x1p-45, wider = 1 + 0x1p-45;
    double value = (double)float_of(bits);
    double below = (value + (double)float_of(bits - 1)) / 2;
    double above = value + (value - (double)float_of(bits - 1));
    double guess = approximate(decimal);
    char text[ROOM];

    if (guess < below * narrower || guess > above * wider)
        return false;
    snprintf(text, sizeof(text), "%llue%d", (unsigned long long)decimal.digits,
             decimal.exponent);
    return gives_back(text, bits);
}

/* Is there no decimal of fewer digits that gives back the float? */
static bool is_shortest(const char *text, uint32_t bits)
{
    struct decimal decimal = read_decimal(text);

    if (decimal.digits < 10)
        return true;
    decimal.digits /= 10;
    decimal.exponent++;
    if (decimal_gives_back(decimal, bits))
        return false;
    decimal.digits++;
    return !decimal_gives_back(decimal, bits);
}

/* Write a float as a string into text[ROOM]. */
static void write_string(uint32_t bits, char *text)
{
    text[number_write_f32(float_of(bits), text)] = '\0';
}

/* Check a float that is not negative. */
static bool check(uint32_t bits, const char *text)
{
    if (bits == 0)
        return strcmp(text, "0") == 0;
    return gives_back(text, bits) && is_shortest(text, bits);
}

/* Check the negative one: its text is that of the other with a minus sign,
   which readers and readings treat alike, but for zero. */
static bool check_negative(uint32_t bits, const char *text,
                           const char *positive)
{
    if (bits << 1 == 0)
        return strcmp(text, "-0.0") == 0;
    return text[0] == '-' && strcmp(text + 1, positive) == 0;
}

static int report(bool good, uint32_t bits, const char *text)
{
    if (!good)
        printf("0x%08x: %s\n", (unsigned)bits, text);
    return good;
}

/* Check all finite floats of a block and their negatives. */
static void check_block(uint32_t block)
{
    const uint32_t minus = (uint32_t)1 << 31, size = 1 << BLOCK_BITS;
    uint32_t bits = block << BLOCK_BITS, end = bits + size;
    long long all = 0, good = 0;
    char text[ROOM], negative[ROOM];

    for (; bits < end && bits < 0x7f800000; bits++) {
        write_string(bits, text);
        write_string(bits | minus, negative);
        good += report(check(bits, text), bits, text);
        good += report(check_negative(bits | minus, negative, text),
                       bits | minus, negative);
        all += 2;
    }
    passed += good;
    failed += all - good;
}

static void *work(void *unused)
{
    int block;

    while ((block = next_block++) < BLOCKS) {
        check_block((uint32_t)block);
        if (block % 64 == 63)
            fprintf(stderr, "%d of %d blocks, %lld failed\n", block + 1,
                    (int)BLOCKS, (long long)failed);
    }
    return unused;
}

int main(void)
{
    pthread_t threads[THREADS_MOST];
    long count = sysconf(_SC_NPROCESSORS_ONLN), started = 0;

    while (started < count - 1 && started < THREADS_MOST &&
           pthread_create(&threads[started], NULL, work, NULL) == 0)
        started++;
    work(NULL);
    while (started > 0)
        pthread_join(threads[--started], NULL);
    printf("%lld passed, %lld failed\n", (long long)passed, (long long)failed);
    return failed == 0 && passed == 4278190080 ? EXIT_SUCCESS : EXIT_FAILURE;
}
