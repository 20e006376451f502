/* SPDX-License-Identifier: MIT */
/*
 * Sine and cosine as in IBM's Accurate Mathematical Library, which glibc has
 * had since 2.28 without its slow paths, with the fused operations that its
 * compiler makes for CPUs that have them: for |x| < pi / 4 and a bit more from
 * a table of sines and cosines of k / 128 and short series around it; for
 * others by multiples of pi / 2, which are taken off in parts.
 */
#include "generators/glibc.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

/* Of k / 128. */
static const struct {
    double sine, sine_rest, cosine, cosine_rest;
} table[] = {
#include "generators/glibc_sin.inc"
};

/* Up to where x is nearer to 0 than to pi / 2, and that than to pi. */
#define FIRST_END 0x1.b6p-1
#define SECOND_END 0x1.368fdp+1

static const double quarter[] = {0x1.921fb54442d18p+0, 0x1.1a62633145c07p-54};

/* Where an angle r + rest is in the table: k / 128 is taken off |r|. */
static unsigned locate(double *r)
{
    double sum = fabs(*r) + 0x1.8p+45;
    double whole = sum - 0x1.8p+45;

    *r = fabs(*r) - whole;
    return (unsigned)(whole * 128);
}

static double sine_series(double r, double square, double rest)
{
    double slope = fma(0x1.11110e829872fp-7, square, -0x1.5555555555515p-3);

    return fma(r * square, slope, rest);
}

/* 1 - cos r */
static double cosine_series(double square)
{
    double sum = fma(0x1.6c16bedd9e239p-10, square, -0x1.5555555555535p-5);

    return square * fma(sum, square, 0.5);
}

/* For |x| < 0.126. */
static double small_sine(double x, double rest)
{
    double square = x * x, sum = -0x1.addffc2fcdf59p-26;

    sum = fma(sum, square, 0x1.71de27b9a7ed9p-19);
    sum = fma(sum, square, -0x1.a01a019db08b8p-13);
    sum = fma(sum, square, 0x1.1111111110ecep-7);
    sum = fma(sum, square, -0x1.5555555555555p-3);
    return fma(square, fma(sum, x, -(rest * 0.5)), rest) + x;
}

/* sin(x + rest) */
static double sine_of(double x, double rest)
{
    double r = x, square, s, c, sum;
    unsigned k;

    if (fabs(x) < 0.126)
        return small_sine(x, rest);
    if (x <= 0)
        rest = -rest;
    k = locate(&r);
    square = r * r;
    s = r + sine_series(r, square, rest);
    c = fma(r, rest, cosine_series(square));
    sum = fma(s, table[k].cosine_rest, table[k].sine_rest);
    sum = fma(-c, table[k].sine, sum);
    sum = fma(s, table[k].cosine, sum);
    return copysign(table[k].sine + sum, x);
}

/* cos(x + rest) */
static double cosine_of(double x, double rest)
{
    double r = x, square, s, sum;
    unsigned k = locate(&r);

    r += x < 0 ? -rest : rest;
    square = r * r;
    s = sine_series(r, square, r);
    sum = fma(-s, table[k].sine_rest, table[k].cosine_rest);
    sum = fma(-cosine_series(square), table[k].cosine, sum);
    sum = fma(-s, table[k].sine, sum);
    return table[k].cosine + sum;
}

/* Take multiples of pi / 2 off x; returns how many. */
static unsigned reduce(double *x, double *rest)
{
    double sum = fma(*x, 0x1.45f306dc9c883p-1, 0x1.8p+52);
    double n = sum - 0x1.8p+52;
    double y = fma(-n, -0x1.dde973cp-27, fma(-n, 0x1.921fb58p+0, *x));
    double third = fma(-n, -0x1.cb3b398p-55, y);
    double fourth = fma(-n, -0x1.d747f23e32ed7p-83, third);

    *rest = fma(-n, -0x1.cb3b398p-55, y - third);
    *rest += fma(-n, -0x1.d747f23e32ed7p-83, third - fourth);
    *x = fourth;
    return (unsigned)n;
}

/* The sine of x + rest and 'turns' quarters of a turn. */
static double turned(double x, double rest, unsigned turns)
{
    double value = turns & 1 ? cosine_of(x, rest) : sine_of(x, rest);

    return turns & 2 ? -value : value;
}

double sow_glibc_sin(double x)
{
    double rest = 0, y = quarter[0] - x;
    unsigned turns;

    if (x < 0x1p-26)
        return x;
    if (x < FIRST_END)
        return sine_of(x, 0);
    if (x < SECOND_END)
        return cosine_of(y, quarter[1]);
    turns = reduce(&x, &rest);
    return turned(x, rest, turns);
}

double sow_glibc_cos(double x)
{
    double rest = 0, y = quarter[0] - x;
    unsigned turns;

    if (x < 0x1p-27)
        return 1;
    if (x < FIRST_END)
        return cosine_of(x, 0);
    if (x < SECOND_END)
        return sine_of(y + quarter[1], (y - (y + quarter[1])) + quarter[1]);
    turns = reduce(&x, &rest);
    return turned(x, rest, turns + 1);
}
