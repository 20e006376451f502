/* SPDX-License-Identifier: MIT */
/*
 * Activations that are a polynomial between their kinks, or an exponential
 * below 0, and the two lines that others come to far from 0.  For lib/analysis
 * only.
 */
#ifndef PIECES_H
#define PIECES_H

#include "analysis/shape.h"

/* From 'low' to 'high': c[0] + c[1] y + c[2] y^2. */
struct sow_piece {
    double low, high, c[3];
};

/*
 * 'count' pieces from -INFINITY to INFINITY; if 'decay' isn't 0 the first is
 * 'decay' times exp(y / unit) - 1, and ends at 0.  'odd' as in struct sow_phi.
 */
struct sow_pieces {
    bool odd;
    size_t count;
    struct sow_piece all[SOW_KINKS + 1];
    double decay, unit;
};

/* Those of an activation whose shape says that it has 'pieces'. */
void sow_pieces_init(struct sow_pieces *pieces, const struct sow_phi *phi);

/* The lines of one that 'settles', which meet (or not) at 0. */
void sow_pieces_init_lines(struct sow_pieces *pieces,
                           const struct sow_phi *phi);

/*
 * E[f(y)] and E[f'(y)] of the pieces f, y ~ N(mean, deviation^2), deviation
 * above 0.
 */
struct sow_point sow_pieces_expect(const struct sow_pieces *pieces, double mean,
                                   double deviation);

/*
 * E[f(x) f(y)] and its slope E[f'(x) f'(y)], x and y both ~ N(mean, variance),
 * variance above 0, with correlation 'rho': within 1e-11 of E[f^2] and
 * E[f'^2], in some tens of microseconds.
 */
void sow_pieces_product(const struct sow_pieces *pieces, double mean,
                        double variance, double rho, struct sow_point *product);

#endif
