/* SPDX-License-Identifier: MIT */
/*
 * Activations and their Gaussian moments.  A part of analysis/analysis.h,
 * which includes it.
 */
#ifndef MOMENTS_H
#define MOMENTS_H

#include "sow.h"

/*
 * An activation.  'aliases' end with NULL, or are NULL.  'parameter' is the
 * name of its one parameter, finite and in [low, high], 'value' the default;
 * NULL where it has none, and then any number does.  'formula' is for people.
 * The rest is for lib/analysis.
 */
struct sow_analysis_activation {
    const char *name;
    const char *const *aliases;
    const char *parameter;
    double value, low, high;
    const char *formula;
    const struct sow_analysis_shape *shape;
};

/* Activation 'i', or NULL past the last. */
const struct sow_analysis_activation *sow_analysis_activation_at(size_t i);

/* Find one by name or alias; NULL when there is none. */
const struct sow_analysis_activation *
sow_analysis_activation_find(const char *name);

/* phi(x), and phi'(x), which at a kink or a jump is that of the left side. */
double sow_analysis_value(const struct sow_analysis_activation *activation,
                          double parameter, double x);
double sow_analysis_slope(const struct sow_analysis_activation *activation,
                          double parameter, double x);

/*
 * Of phi(x), x ~ N(mean, variance).  'stretch' is d E[phi^2] / d variance,
 * which is E[phi'^2 + phi phi''] where phi'' exists.
 */
struct sow_analysis_moments {
    double mean;         /* E[phi] */
    double square;       /* E[phi^2] */
    double fourth;       /* E[phi^4] */
    double slope;        /* E[phi'] */
    double slope_square; /* E[phi'^2] */
    double slope_fourth; /* E[phi'^4] */
    double stretch;
};

/*
 * Set 'moments'.  By closed forms where there are any, else by quadrature in
 * some tens of microseconds at most.  'variance' is at least 0; with 0 all is
 * taken at x = mean, and 'stretch' is phi'(mean)^2.
 */
void sow_analysis_moments(const struct sow_analysis_activation *activation,
                          double parameter, double mean, double variance,
                          struct sow_analysis_moments *moments);

/*
 * E[phi(x) phi(y)] into 'product' and, unless it is NULL, E[phi'(x) phi'(y)]
 * into 'slopes', x and y both ~ N(mean, variance) with correlation 'rho', which
 * is clamped to [-1, 1].  By closed forms, or in some tens of microseconds, a
 * few hundred at most (milliseconds for softsign, and near rho = -1 where the
 * variance is above 25).  They are within 1e-9 of E[phi^2] and E[phi'^2]; the
 * product within 1e-3 of it only where softsign's variance, or near rho = -1
 * any smooth activation's, is above 100.
 */
void sow_analysis_product(const struct sow_analysis_activation *activation,
                          double parameter, double mean, double variance,
                          double rho, double *product, double *slopes);

#endif
