/* SPDX-License-Identifier: MIT */
/*
 * Closed forms of Gaussian moments: of activations of two lines through 0
 * (Cho and Saul 2009), sine (of any mean), and the product of erf (Williams
 * 1997).
 */
#include <math.h>

#include "analysis/shape.h"

#define PI 3.14159265358979323846

/* The slopes above and below 0; both the mean of both for the odd part. */
struct lines {
    double above, below;
};

static struct lines lines_of(const struct sow_phi *phi)
{
    return (struct lines){sow_phi_at(phi, 1).slope, sow_phi_at(phi, -1).slope};
}

static double square(double x)
{
    return x * x;
}

static void lines_moments(const struct sow_phi *phi, double variance,
                          struct sow_analysis_moments *moments)
{
    struct lines l = lines_of(phi);
    double half = (square(l.above) + square(l.below)) / 2;
    double fourth = (square(square(l.above)) + square(square(l.below))) / 2;

    *moments = (struct sow_analysis_moments){
        .mean = (l.above - l.below) * sqrt(variance / (2 * PI)),
        .square = half * variance,
        .fourth = 3 * fourth * variance * variance,
        .slope = (l.above + l.below) / 2,
        .slope_square = half,
        .slope_fourth = fourth,
        .stretch = half,
    };
}

/* sin^4 x = 3/8 - cos(2x) / 2 + cos(4x) / 8, and E[cos kx] is a decay. */
static void wave_moments(double omega, double mean, double variance,
                         struct sow_analysis_moments *moments)
{
    double s = square(omega) * variance;
    double m = omega * mean;
    double two = exp(-2 * s) * cos(2 * m);
    double four = exp(-8 * s) * cos(4 * m);
    double double_sine = square(sin(m)) - expm1(-2 * s) * cos(2 * m) / 2;

    *moments = (struct sow_analysis_moments){
        .mean = exp(-s / 2) * sin(m),
        .square = double_sine,
        .fourth = 0.375 - two / 2 + four / 8,
        .slope = omega * exp(-s / 2) * cos(m),
        .slope_square = square(omega) * (1 + two) / 2,
        .slope_fourth = square(square(omega)) * (0.375 + two / 2 + four / 8),
        .stretch = square(omega) * two,
    };
}

bool sow_closed_moments(const struct sow_phi *phi, double mean, double variance,
                        struct sow_analysis_moments *moments)
{
    if (phi->shape->lines && mean == 0)
        lines_moments(phi, variance, moments);
    else if (phi->shape->wave && !phi->odd)
        wave_moments(phi->parameter, mean, variance, moments);
    else
        return false;
    return true;
}

/* ------------------------------------------------------------------------
 * Products
 */

static struct sow_point lines_product(const struct sow_phi *phi,
                                      double variance, double rho)
{
    struct lines l = lines_of(phi);
    double half = (square(l.above) + square(l.below)) / 2;
    double bend = square(l.above - l.below) / (2 * PI);
    double angle = acos(rho);
    double sine = sqrt((1 - rho) * (1 + rho));

    return (struct sow_point){variance *
                                  (bend * (sine - rho * angle) + rho * half),
                              half - bend * angle};
}

static struct sow_point wave_product(double omega, double mean, double variance,
                                     double rho)
{
    double s = square(omega) * variance;
    double apart = exp(-s * (1 - rho));
    double together = exp(-s * (1 + rho)) * cos(2 * omega * mean);

    return (struct sow_point){(apart - together) / 2,
                              square(omega) * (apart + together) / 2};
}

static struct sow_point erf_product(double variance, double rho)
{
    double side = 1 + 2 * variance;
    double both = 2 * variance * rho;

    return (struct sow_point){2 / PI * asin(both / side),
                              4 / PI / sqrt((side - both) * (side + both))};
}

bool sow_closed_product(const struct sow_phi *phi, double mean, double variance,
                        double rho, struct sow_point *product)
{
    if (phi->shape->lines && mean == 0)
        *product = lines_product(phi, variance, rho);
    else if (phi->shape->wave && !phi->odd)
        *product = wave_product(phi->parameter, mean, variance, rho);
    else if (phi->shape->erf && mean == 0 && !phi->odd)
        *product = erf_product(variance, rho);
    else
        return false;
    return true;
}
