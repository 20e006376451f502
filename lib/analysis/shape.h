/* SPDX-License-Identifier: MIT */
/* What an activation is to quadrature and to closed forms; lib/analysis only.
 */
#ifndef SHAPE_ANALYSIS_H
#define SHAPE_ANALYSIS_H

#include "activation.h"
#include "analysis/moments.h"

#define SOW_KINKS 2

/*
 * 'at' gives value and slope; NULL, the activation of that name in
 * lib/activation.h does.  'kinks' are where the slope, or with 'jumps'
 * the value, is not continuous, or not smooth; times the parameter if it is a
 * 'scale', the length on which the activation bends (which is 1 otherwise).
 * 'lines' says that it is a line on either side of 0, of which at(1) and at(-1)
 * give the slopes, 'wave' that it is the sine of the parameter times x, 'erf'
 * that it is erf x.  'pieces' says that it is a polynomial of degree 2 at most
 * between kinks; with 'decays', below the only kink, at 0, a constant and a
 * multiple of exp(x / that length).  'settles' says that it is smooth and comes
 * to a line on either side of 0, exponentially, on the scale of 1. 'half' says
 * that it is 0 for x <= 0, 'bounded' that it saturates on both sides.
 */
struct sow_analysis_shape {
    struct sow_point (*at)(double x, double parameter);
    size_t kink_count;
    double kinks[SOW_KINKS];
    bool scale, jumps, lines, wave, erf, pieces, decays, settles, half, bounded;
};

/*
 * An activation as the theory meets it: with its parameter, and with 'odd' as
 * the odd part (phi(x) - phi(-x)) / sqrt(2) that mirrored layers see of it.
 */
struct sow_phi {
    const struct sow_analysis_shape *shape;
    double parameter;
    bool odd;
    const struct sow_activation *shared; /* whose 'at' counts, or NULL */
};

/* NULL is the identity. */
struct sow_phi sow_phi_of(const struct sow_analysis_activation *activation,
                          double parameter, bool odd);

struct sow_point sow_phi_at(const struct sow_phi *phi, double x);

/* sow_analysis_moments() and sow_analysis_product(); 'slopes' may be NULL. */
void sow_phi_moments(const struct sow_phi *phi, double mean, double variance,
                     struct sow_analysis_moments *moments);
void sow_phi_product(const struct sow_phi *phi, double mean, double variance,
                     double rho, double *product, double *slopes);

/*
 * The closed forms: false, and nothing set, when there is none for this
 * activation at this mean.  The slope of 'product' is E[phi'(x) phi'(y)].
 * 'variance' is above 0, 'rho' in [-1, 1].
 */
bool sow_closed_moments(const struct sow_phi *phi, double mean, double variance,
                        struct sow_analysis_moments *moments);
bool sow_closed_product(const struct sow_phi *phi, double mean, double variance,
                        double rho, struct sow_point *product);

/*
 * The product on a lattice, in some tens of microseconds, its slope if 'slopes'
 * only: for those that settle within 1e-9 of E[phi^2] and E[phi'^2] while the
 * variance is below 400, and for all without jumps within 1e-3 beyond.  False
 * where rho is too near -1 or 1.
 */
bool sow_lattice_product(const struct sow_phi *phi, double mean,
                         double variance, double rho, bool slopes,
                         struct sow_point *product);

/*
 * The product, and always its slope, of one that 'settles' (false of others),
 * as exact for any variance of 1 or more.
 */
bool sow_settled_product(const struct sow_phi *phi, double mean,
                         double variance, double rho,
                         struct sow_point *product);

/*
 * The same where (1 - rho) variance is below 0.02, and little beside the sum's:
 * false elsewhere.
 */
bool sow_close_product(const struct sow_phi *phi, double mean, double variance,
                       double rho, struct sow_point *product);

/* The product alone, as near where rho is near 1; false elsewhere. */
bool sow_near_product(const struct sow_phi *phi, double mean, double variance,
                      double rho, struct sow_point *product);

#endif
