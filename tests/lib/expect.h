/* SPDX-License-Identifier: MIT */
/* What tests of one family of schemes after another expect. */
#ifndef EXPECT_H
#define EXPECT_H

#include "fitting.h"
#include "sha256.h"

/* All values of the spec's tensor, with its whole; to be freed. */
double *spec_values(const struct sow_spec *spec);

/* The same of a scheme at its defaults, in float64. */
double *scheme_values(const char *scheme, struct sow_shape shape);

/*
 * The 'n' numbers, which it sorts, must be a sample of the uniform law on
 * [low, high]: Kolmogorov's D by Massart's bound at a level of 1e-6.
 */
void expect_uniform(double *x, size_t n, double low, double high);

/*
 * A scheme on a shape, at its defaults but for one 'parameter', if not NULL,
 * and how it is refused.
 */
struct refusal {
    const char *scheme;
    struct sow_shape shape;
    const char *parameter;
    double value;
    enum sow_status status;
    const char *at;
};

void expect_refusals(const struct refusal *refusals, size_t count);

/* Finish 'hash', of 'what': its digest must be 'want', in hexadecimal. */
void expect_digest(struct sow_sha256 *hash, const char *what, const char *want);

#endif
