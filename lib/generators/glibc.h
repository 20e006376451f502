/* SPDX-License-Identifier: MIT */
/*
 * Functions as glibc 2.36 computes them, bit for bit, for the arguments that
 * generators have: written anew, in the same order of operations.  The host's
 * own are never asked.
 */
#ifndef GLIBC_H
#define GLIBC_H

/* log(1 + x) for -1 < x <= 0 */
double sow_glibc_log1p(double x);
float sow_glibc_log1pf(float x);

/* The natural logarithm, for 0 < x <= 1. */
double sow_glibc_log(double x);

/* For 0 <= x < 2^26. */
double sow_glibc_sin(double x);
double sow_glibc_cos(double x);

#endif
