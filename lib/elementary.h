/* SPDX-License-Identifier: MIT */
/*
 * Elementary functions from exactly rounded operations only (+ - * / sqrt),
 * in the order the source states: the same bits on every machine.  They serve
 * a scheme's parameters, never single elements, and are written to be plain.
 */
#ifndef ELEMENTARY_H
#define ELEMENTARY_H

/* e^x for |x| <= 700, within 2 ulp. */
double sow_exp(double x);

/* The standard normal density: exp(-x^2 / 2) / sqrt(2 pi). */
double sow_normal_density(double x);

/*
 * The standard normal distribution function, for any x but NaN.  The error is
 * below 1e-15, and of a tail beyond +-3, above 1e-300, below 1e-13 of it.
 */
double sow_normal_cdf(double x);

/*
 * The variance of a standard normal truncated to [low, high], low < high;
 * infinite bounds are allowed.  Johnson, Kotz and Balakrishnan, Continuous
 * Univariate Distributions 1, section 10.1.
 */
double sow_truncated_variance(double low, double high);

#endif
