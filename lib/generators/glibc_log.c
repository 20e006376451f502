/* SPDX-License-Identifier: MIT */
/*
 * The natural logarithm of Arm's optimized-routines (Copyright (c) 2018-2023
 * Arm Limited, MIT licence), which glibc has had since 2.28, with the fused
 * operations that its compiler makes for CPUs that have them.  The numbers are
 * theirs: x = 2^k z, 1 / c for a c near z and log(c) from a table, and a
 * polynomial in r = z / c - 1.
 */
#include "generators/glibc.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

static const struct {
    double inverse, log;
} table[128] = {
#include "generators/glibc_log.inc"
};

/* 1 - 1/16 <= x < 1, where the first two terms need more than 53 bits. */
static double log_near_one(double x)
{
    static const double c[] = {
        -0x1p-1,
        0x1.5555555555577p-2,
        -0x1.ffffffffffdcbp-3,
        0x1.999999995dd0cp-3,
        -0x1.55555556745a7p-3,
        0x1.24924a344de3p-3,
        -0x1.fffffa4423d65p-4,
        0x1.c7184282ad6cap-4,
        -0x1.999eb43b068ffp-4,
        0x1.78182f7afd085p-4,
        -0x1.5521375d145cdp-4,
    };
    double r = x - 1, r2 = r * r, r3 = r * r2;
    double first = fma(r2, c[3], fma(c[2], r, c[1]));
    double second = fma(r2, c[6], fma(c[5], r, c[4]));
    double third = fma(r3, c[10], fma(r2, c[9], fma(c[8], r, c[7])));
    double head = fma(-0x1p27, r, fma(r, 0x1p27, r)), rest = r - head;
    double high = fma(head * head, c[0], r);
    double low = fma(head * head, c[0], r - high);

    low = fma(c[0] * rest, r + head, low);
    return high + fma(fma(fma(third, r3, second), r3, first), r3, low);
}

double sow_glibc_log(double x)
{
    static const double ln2[] = {0x1.62e42fefa38p-1, 0x1.ef35793c7673p-45};
    static const double c[] = {-0x1.0000000000001p-1, 0x1.555555551305bp-2,
                               -0x1.fffffffeb459p-3, 0x1.999b324f10111p-3,
                               -0x1.55575e506c89fp-3};
    uint64_t bits, above, index;
    double k, z, r, r2, most, high, low;

    if (x >= 1 - 0x1p-4)
        return log_near_one(x);
    memcpy(&bits, &x, sizeof bits);
    above = bits - UINT64_C(0x3fe6000000000000);
    index = above >> 45 & 127;
    k = (double)((int)(above >> 52 ^ 0x800) - 0x800);
    bits -= above & UINT64_C(0xfff) << 52;
    memcpy(&z, &bits, sizeof z);
    r = fma(z, table[index].inverse, -1);
    r2 = r * r;
    most = fma(k, ln2[0], table[index].log);
    high = most + r;
    low = fma(r2, c[0], fma(k, ln2[1], most - high + r));
    return fma(r * r2, fma(fma(r, c[4], c[3]), r2, fma(c[2], r, c[1])), low) +
           high;
}
