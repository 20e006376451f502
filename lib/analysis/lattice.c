/* SPDX-License-Identifier: MIT */
/*
 * E[phi(x) phi(y)] on a lattice: x = m + p + r and y = m + p - r, or m - p +
 * r, with p and r independent normal variables.  The trapezoid rule on p and r
 * needs phi on one row of points only, and for a smooth phi it errs as little
 * as exp(-2 pi d / step), d the distance of phi's singularities from the real
 * axis.  At lengths where that would take too many points the step grows with
 * them; phi then looks like lines or steps, of which the error is the square
 * of the step over the deviation.
 */
#include <math.h>

#include "analysis/quadrature.h"

#define FAR 7.5     /* deviations */
#define STEP 0.25   /* of phi's own scale */
#define STEPS 500   /* for a deviation of p at most, times FAR */
#define FINER 8     /* points of r to a point of p, at most */
#define FEWEST 0.75 /* a step of r, in deviations of r */
#define POINTS 8192
#define LITTLE 1e-9
#define LONG 400

struct lattice {
    const struct sow_phi *phi;
    double mean, sign;
    double step;        /* of r; that of p is 'finer' times as large */
    long finer, ps, rs; /* p from -ps to ps steps, r from -rs to rs */
};

static double smaller(double a, double b)
{
    return a < b ? a : b;
}

/* False when r varies too little for a lattice. */
static bool measure(struct lattice *lattice, double a, double b)
{
    const struct sow_phi *phi = lattice->phi;
    double unit = phi->shape->scale ? phi->parameter : 1;
    double step = smaller(STEP * unit, FEWEST * a);

    if (step * STEPS < FAR * a)
        step = FAR * a / STEPS;
    lattice->finer = (long)ceil(smaller(step / (FEWEST * b), FINER + 1));
    if (lattice->finer > FINER)
        return false;
    lattice->step = step / (double)lattice->finer;
    lattice->ps = (long)ceil(FAR * a / step);
    lattice->rs = (long)ceil(FAR * b / lattice->step);
    return 2 * (lattice->ps * lattice->finer + lattice->rs) + 1 < POINTS;
}

/* Points of phi's row go from -most to most steps of r. */
static long most(const struct lattice *lattice)
{
    return lattice->ps * lattice->finer + lattice->rs;
}

static void tabulate(const struct lattice *lattice, bool slopes, double *phi)
{
    long last = most(lattice);

    for (long i = -last; i <= last; i++) {
        double x = lattice->mean + lattice->step * (double)i;
        struct sow_point p = sow_phi_at(lattice->phi, x);

        phi[i + last] = slopes ? p.slope : p.value;
    }
}

/*
 * The sum of density[k] x[k] y[back k], four at once, which need not wait for
 * each other.
 */
static double sum_of(const double *density, const double *x, const double *y,
                     long back, long count)
{
    double sums[4] = {0, 0, 0, 0};
    long k = 0;

    for (; k + 4 <= count; k += 4)
        for (long j = 0; j < 4; j++)
            sums[j] += density[k + j] * (x[k + j] * y[back * (k + j)]);
    for (; k < count; k++)
        sums[0] += density[k] * (x[k] * y[back * k]);
    return sums[0] + sums[1] + (sums[2] + sums[3]);
}

/* The sum over r beside point 'p'; -r is r with x and y exchanged. */
static double across(const struct lattice *lattice, long p,
                     const double *density, const double *phi)
{
    const double *at = phi + most(lattice);
    long rs = lattice->rs;

    if (lattice->sign < 0)
        return sum_of(density, at + p - rs, at - p - rs, 1, 2 * rs + 1);
    return 2 * sum_of(density + rs + 1, at + p + 1, at + p - 1, -1, rs) +
           density[rs] * (at[p] * at[p]);
}

static void set_density(double step, double deviation, long count,
                        double *density)
{
    double sum = 0;

    for (long i = 0; i <= 2 * count; i++) {
        density[i] =
            sow_analysis_density(step * (double)(i - count) / deviation);
        sum += density[i];
    }
    for (long i = 0; i <= 2 * count; i++)
        density[i] /= sum;
}

static double integrate(const struct lattice *lattice, double a, double b,
                        bool slopes)
{
    double phi[POINTS], of_p[POINTS], of_r[POINTS];
    double sum = 0;

    tabulate(lattice, slopes, phi);
    set_density(lattice->step * (double)lattice->finer, a, lattice->ps, of_p);
    set_density(lattice->step, b, lattice->rs, of_r);
    for (long i = -lattice->ps; i <= lattice->ps; i++)
        sum += of_p[i + lattice->ps] *
               across(lattice, i * lattice->finer, of_r, phi);
    return sum;
}

/*
 * Near rho = 1: to the first order of what is missing, if the second, about
 * (1 - rho)^2 deviation^3 E[phi^2], is little; beyond lengths where phi looks
 * like lines it is less.
 */
bool sow_near_product(const struct sow_phi *phi, double mean, double variance,
                      double rho, struct sow_point *product)
{
    double left = (1 - rho) * (1 - rho) * variance * sqrt(variance);
    struct sow_analysis_moments m;

    if (rho < 0 || (left > LITTLE && variance < LONG))
        return false;
    sow_phi_moments(phi, mean, variance, &m);
    product->value = m.square - (1 - rho) * variance * m.slope_square;
    product->slope = m.slope_square;
    return true;
}

bool sow_lattice_product(const struct sow_phi *phi, double mean,
                         double variance, double rho, bool slopes,
                         struct sow_point *product)
{
    double deviation = sqrt(variance);
    double a = deviation * sqrt((1 + fabs(rho)) / 2);
    double b = deviation * sqrt((1 - fabs(rho)) / 2);
    struct lattice lattice = {
        .phi = phi, .mean = mean, .sign = rho < 0 ? -1 : 1};

    if (!measure(&lattice, a, b))
        return false;
    product->value = integrate(&lattice, a, b, false);
    product->slope = slopes ? integrate(&lattice, a, b, true) : 0;
    return true;
}
