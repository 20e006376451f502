/* SPDX-License-Identifier: MIT */
/* Elementary functions from exactly rounded operations. */
#include "elementary.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

/* ln 2 in two parts, so that k * LN2_HIGH is exact for |k| < 2^11. */
#define LN2_HIGH 0x1.62e42feep-1
#define LN2_LOW 0x1.a39ef35793c76p-33
#define SQRT_2_PI 0x1.40d931ff62706p+1

/* 2^k for a normal result. */
static double power_of_two(int k)
{
    uint64_t bits = (uint64_t)(k + 1023) << 52;
    double value;

    memcpy(&value, &bits, sizeof value);
    return value;
}

/*
 * x = k ln 2 + r with |r| <= ln 2 / 2, and e^r by its Taylor series, whose
 * 18th term is below 2^-80.
 */
double sow_exp(double x)
{
    double scaled = x * 0x1.71547652b82fep+0;
    int k = (int)(scaled < 0 ? scaled - 0.5 : scaled + 0.5);
    double r = (x - k * LN2_HIGH) - k * LN2_LOW;
    double sum = 0;

    for (int i = 18; i >= 1; i--)
        sum = (sum + 1) * (r / i);
    return (1 + sum) * power_of_two(k);
}

double sow_normal_density(double x)
{
    if (x > 37 || x < -37)
        return 0;
    return sow_exp(-0.5 * x * x) / SQRT_2_PI;
}

/*
 * Phi(x) - 1/2 for 0 <= x < 3: the density times x + x^3/3 + x^5/15 + …, all
 * terms positive (Abramowitz and Stegun 26.2.11).
 */
static double centre(double x)
{
    double term = x;
    double sum = x;

    for (int i = 3; term > sum * 0x1p-60; i += 2) {
        term = term * (x * x) / i;
        sum += term;
    }
    return sum * sow_normal_density(x);
}

/*
 * 1 - Phi(x) for x >= 3 by Laplace's continued fraction
 * density / (x + 1/(x + 2/(x + 3/…))) (Abramowitz and Stegun 26.2.14).
 */
static double tail(double x)
{
    double fraction = x;

    for (int i = 150; i >= 1; i--)
        fraction = x + i / fraction;
    return sow_normal_density(x) / fraction;
}

double sow_normal_cdf(double x)
{
    if (x >= 3)
        return 1 - tail(x);
    if (x <= -3)
        return tail(-x);
    return x < 0 ? 0.5 - centre(-x) : 0.5 + centre(x);
}

/* x times the density, and 0 where x is infinite. */
static double moment(double x)
{
    return isinf(x) ? 0 : x * sow_normal_density(x);
}

/* Where both bounds are far enough apart, and around 0. */
static double closed_variance(double low, double high)
{
    double mass = sow_normal_cdf(high) - sow_normal_cdf(low);
    double mean = (sow_normal_density(low) - sow_normal_density(high)) / mass;

    return 1 + (moment(low) - moment(high)) / mass - mean * mean;
}

/* Gauss and Legendre's five points on [-1, 1]. */
static const double points[5] = {-0.9061798459386640, -0.5384693101056831, 0,
                                 0.5384693101056831, 0.9061798459386640};
static const double weights[5] = {0.2369268850561891, 0.4786286704993665,
                                  0.5688888888888889, 0.4786286704993665,
                                  0.2369268850561891};

#define PANELS 64

/*
 * Elsewhere the closed form cancels, and the moments of t = z - low are
 * integrated, with the density relative to that at 'low', exp(-t (2 low + t)
 * / 2).  Beyond t = 36 / (1 + low) it is below 1e-15.
 */
static double integrated_variance(double low, double high)
{
    double reach = low > 0 ? 36 / (1 + low) : 36;
    double width = high - low < reach ? high - low : reach;
    double half = width / (2 * PANELS);
    double m0 = 0, m1 = 0, m2 = 0;

    for (int panel = 0; panel < PANELS; panel++) {
        for (int i = 0; i < 5; i++) {
            double t = half * (2 * panel + 1 + points[i]);
            double w = weights[i] * sow_exp(-0.5 * t * (2 * low + t));

            m0 += w;
            m1 += w * t;
            m2 += w * t * t;
        }
    }
    return m2 / m0 - (m1 / m0) * (m1 / m0);
}

double sow_truncated_variance(double low, double high)
{
    if (high <= 0)
        return sow_truncated_variance(-high, -low);
    if (low <= 0 && high - low >= 1)
        return closed_variance(low, high);
    return integrated_variance(low, high);
}
