/* SPDX-License-Identifier: MIT */
/*
 * log(1 + x) as K. Ng's fdlibm has it: 1 + x = 2^k (1 + f),
 * sqrt(1/2) < 1 + f < sqrt(2), and with s = f / (2 + f) log(1 + f) is 2 s and a
 * polynomial of s^2.  Where the CPU can, glibc's float64 is compiled with fused
 * operations; its float32 is not.
 */
#include "generators/glibc.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* ------------------------------------------------------------------------
 * float64
 */

static uint32_t upper(double x)
{
    uint64_t bits;

    memcpy(&bits, &x, sizeof bits);
    return (uint32_t)(bits >> 32);
}

static double with_upper(double x, uint32_t high)
{
    uint64_t bits;

    memcpy(&bits, &x, sizeof bits);
    bits = (uint64_t)high << 32 | (uint32_t)bits;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* The polynomial, which is summed in pairs. */
static double series(double z)
{
    static const double c[] = {0x1.5555555555593p-1, 0x1.999999997fa04p-2,
                               0x1.2492494229359p-2, 0x1.c71c51d8e78afp-3,
                               0x1.7466496cb03dep-3, 0x1.39a09d078c69fp-3,
                               0x1.2f112df3e5244p-3};
    double z2 = z * z;
    double z4 = z2 * z2;

    double low = fma(z, c[0], z2 * fma(z, c[2], c[1]));

    low = fma(z4, fma(z, c[4], c[3]), low);
    return fma(z2 * z4, fma(z, c[6], c[5]), low);
}

/* 'rest' is what 1 + x lost; 'tiny' says that |f| < 2^-20. */
static double log_of(int k, double f, double rest, bool tiny)
{
    static const double high = 0x1.62e42feep-1, low = 0x1.a39ef35793c76p-33;
    double half = 0.5 * f * f;
    double s, more;

    rest = fma(k, low, rest);
    if (tiny && f == 0)
        return fma(k, high, rest);
    if (tiny)
        return k * high -
               ((half * fma(-f, 0x1.5555555555555p-1, 1) - rest) - f);
    s = f / (2 + f);
    more = s * (half + series(s * s));
    return k * high - ((half - (more + rest)) - f);
}

double sow_glibc_log1p(double x)
{
    uint32_t size = upper(x) & 0x7fffffff;
    double sum = 1 + x;
    uint32_t fraction = upper(sum) & 0xfffff;
    int k = (int)(upper(sum) >> 20) - 1023;
    double rest;

    if (size < 0x3e200000)
        return fma(x * x, -0.5, x);
    if (size <= 0x3fd2bec3)
        return log_of(0, x, 0, false);
    rest = (x - (sum - 1)) / sum;
    if (fraction < 0x6a09e)
        return log_of(k, with_upper(sum, fraction | 0x3ff00000) - 1, rest,
                      fraction == 0);
    return log_of(k + 1, with_upper(sum, fraction | 0x3fe00000) - 1, rest,
                  (0x100000 - fraction) >> 2 == 0);
}

/* ------------------------------------------------------------------------
 * float32
 */

static uint32_t bits_of(float x)
{
    uint32_t bits;

    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static float from_bits(uint32_t bits)
{
    float x;

    memcpy(&x, &bits, sizeof x);
    return x;
}

static float seriesf(float z)
{
    static const float c[] = {0x1.555556p-1f, 0x1.99999ap-2f, 0x1.24924ap-2f,
                              0x1.c71c52p-3f, 0x1.74664ap-3f, 0x1.39a09ep-3f,
                              0x1.2f112ep-3f};
    float sum = c[6];

    for (int i = 6; i-- > 0;)
        sum = c[i] + z * sum;
    return z * sum;
}

static float logf_of(int k, float f, float rest, bool tiny)
{
    static const float high = 0x1.62e3p-1f, low = 0x1.2fefa2p-17f;
    float half = 0.5f * f * f;
    float times = (float)k;
    float s, more;

    rest = times * low + rest;
    if (tiny && f == 0)
        return times * high + rest;
    if (tiny)
        return times * high - ((half * (1 - 0x1.555556p-1f * f) - rest) - f);
    s = f / (2 + f);
    more = s * (half + seriesf(s * s));
    return times * high - ((half - (more + rest)) - f);
}

float sow_glibc_log1pf(float x)
{
    uint32_t size = bits_of(x) & 0x7fffffff;
    float sum = 1 + x;
    uint32_t fraction = bits_of(sum) & 0x7fffff;
    int k = (int)(bits_of(sum) >> 23) - 127;
    float rest;

    if (size < 0x31000000)
        return x - x * x * 0.5f;
    if (size <= 0x3e95f61f)
        return logf_of(0, x, 0, false);
    rest = (x - (sum - 1)) / sum;
    if (fraction < 0x3504f7)
        return logf_of(k, from_bits(fraction | 0x3f800000) - 1, rest,
                       fraction == 0);
    return logf_of(k + 1, from_bits(fraction | 0x3f000000) - 1, rest,
                   (0x800000 - fraction) >> 2 == 0);
}
