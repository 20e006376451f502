/* SPDX-License-Identifier: MIT */
/*
 * E[phi(x) phi(y)] of activations that come to lines, at lengths where these
 * are most of them: phi = P + R, with P(x) = E[the lines at x + z], z standard
 * normal and independent, and a smooth rest R that is gone some tens from 0.
 * E[P P] is the lines' own, of variables with more variance; E[P R] an integral
 * over R's range, E[R R] over its square, both by the trapezoid rule.  The same
 * of phi' and of the lines' slopes.
 */
#include <math.h>

#include "analysis/pieces.h"
#include "analysis/quadrature.h"

#define REACH 45.0   /* exp(-REACH) REACH is nothing */
#define STEP 0.3     /* of x and y, at most */
#define RESOLVED 1.5 /* steps to the deviation of (x - y) / 2 */
#define MOST 400     /* points on one side */
#define NOTHING 1e-14
#define CLOSER 0.125
#define CLOSE 0.1 /* what five points integrate to 1e-10 */
#define FAR 9
#define WIDTH 3

struct rest {
    const struct sow_phi *phi;
    struct sow_pieces lines;
    double mean, variance, rho, step;
    long last; /* at -last to last steps: */
    struct sow_point at[2 * MOST + 1];
};

static double smaller(double a, double b)
{
    return a < b ? a : b;
}

static struct sow_point rest_at(const struct rest *rest, double x)
{
    struct sow_point whole = sow_phi_at(rest->phi, x);
    struct sow_point lines = sow_pieces_expect(&rest->lines, x, 1);

    return (struct sow_point){whole.value - lines.value,
                              whole.slope - lines.slope};
}

static bool is_nothing(struct sow_point p)
{
    return fabs(p.value) < NOTHING && fabs(p.slope) < NOTHING;
}

/* False when the step would be too small. */
static bool tabulate(struct rest *rest)
{
    double less = sqrt(rest->variance * (1 - fabs(rest->rho)) / 2);
    long last;

    rest->step = smaller(STEP, RESOLVED * less);
    if (!(rest->step * MOST > REACH))
        return false;
    last = (long)(REACH / rest->step);
    for (; last > 0; last--) {
        double x = rest->step * (double)last;

        if (!is_nothing(rest_at(rest, x)) || !is_nothing(rest_at(rest, -x)))
            break;
    }
    rest->last = last;
    for (long i = -last; i <= last; i++)
        rest->at[i + last] = rest_at(rest, rest->step * (double)i);
    return true;
}

static void add(struct sow_point *sum, double weight, struct sow_point a,
                struct sow_point b)
{
    sum->value += weight * (a.value * b.value);
    sum->slope += weight * (a.slope * b.slope);
}

/* E[P R]. */
static struct sow_point cross(const struct rest *rest)
{
    double deviation = sqrt(rest->variance);
    double left = (1 - rest->rho) * (1 + rest->rho) * rest->variance;
    struct sow_point sum = {0, 0};

    for (long i = -rest->last; i <= rest->last; i++) {
        double y = rest->step * (double)i - rest->mean;
        double weight = sow_analysis_density(y / deviation);

        add(&sum, rest->step * weight / deviation, rest->at[i + rest->last],
            sow_pieces_expect(&rest->lines, rest->mean + rest->rho * y,
                              sqrt(left + 1)));
    }
    return sum;
}

/* The density of (x + y) / 2 - mean or (x - y) / 2, at half steps. */
static void set_density(const struct rest *rest, double mean, double variance,
                        double *density)
{
    double deviation = sqrt(variance);

    for (long i = -2 * rest->last; i <= 2 * rest->last; i++) {
        double z = (rest->step * (double)i / 2 - mean) / deviation;

        density[i + 2 * rest->last] = sow_analysis_density(z) / deviation;
    }
}

/* E[R R]: the diagonal, and twice what is above it. */
static struct sow_point both(const struct rest *rest)
{
    double sums[4 * MOST + 1] = {0}, less[4 * MOST + 1] = {0};
    double half = rest->variance / 2, cell = rest->step * rest->step / 2;
    long n = 2 * rest->last;
    struct sow_point sum = {0, 0}, line;

    set_density(rest, rest->mean, half * (1 + rest->rho), sums);
    set_density(rest, 0, half * (1 - rest->rho), less);
    for (long i = 0; i <= n; i++) {
        line = (struct sow_point){0, 0};
        for (long k = i + 1; k <= n; k++) {
            double weight = sums[i + k] * less[n + k - i];

            line.value += weight * rest->at[k].value;
            line.slope += weight * rest->at[k].slope;
        }
        add(&sum, 2 * cell, rest->at[i], line);
        add(&sum, cell * sums[2 * i] * less[n], rest->at[i], rest->at[i]);
    }
    return sum;
}

/* ------------------------------------------------------------------------
 * Near rho = 1
 */

/*
 * E over r ~ N(0, deviation^2) of the values, and slopes, at x + r and x - r:
 * Gauss and Hermite's five points.
 */
static struct sow_point around(const struct sow_phi *phi, double x,
                               double deviation)
{
    static const double points[] = {1.3556261799742659, 2.8569700138728056};
    static const double weights[] = {0.44415184401122527, 0.02251482265544139};
    struct sow_point middle = sow_phi_at(phi, x), sum = {0, 0};

    add(&sum, 8.0 / 15, middle, middle);
    for (size_t i = 0; i < 2; i++)
        add(&sum, weights[i], sow_phi_at(phi, x + deviation * points[i]),
            sow_phi_at(phi, x - deviation * points[i]));
    return sum;
}

static void close_to(const struct sow_phi *phi, double mean, double a, double b,
                     struct sow_point *product)
{
    struct sow_panels panels;
    struct sow_node nodes[SOW_POINTS];

    sow_panels_init(&panels, -FAR, FAR, WIDTH);
    sow_panels_cut_phi(&panels, phi, mean, a, 1, 0, 0);
    *product = (struct sow_point){0, 0};
    for (size_t i = 0; i + 1 < panels.count; i++) {
        sow_panel_nodes(&panels, i, nodes);
        for (size_t k = 0; k < SOW_POINTS; k++) {
            double z = nodes[k].at;
            double weight = nodes[k].weight * sow_analysis_density(z);
            struct sow_point p = around(phi, mean + a * z, b);

            product->value += weight * p.value;
            product->slope += weight * p.slope;
        }
    }
}

bool sow_close_product(const struct sow_phi *phi, double mean, double variance,
                       double rho, struct sow_point *product)
{
    double a = sqrt(variance * (1 + rho) / 2);
    double b = sqrt(variance * (1 - rho) / 2);

    if (!phi->shape->settles || !(b < CLOSE) || !(b < CLOSER * a))
        return false;
    close_to(phi, mean, a, b, product);
    return true;
}

bool sow_settled_product(const struct sow_phi *phi, double mean,
                         double variance, double rho, struct sow_point *product)
{
    struct rest rest = {
        .phi = phi, .mean = mean, .variance = variance, .rho = rho};
    struct sow_point c, b;

    if (!phi->shape->settles)
        return false;
    sow_pieces_init_lines(&rest.lines, phi);
    if (!tabulate(&rest))
        return false;
    sow_pieces_product(&rest.lines, mean, variance + 1,
                       rho * (variance / (variance + 1)), product);
    c = cross(&rest);
    b = both(&rest);
    product->value += 2 * c.value + b.value;
    product->slope += 2 * c.slope + b.slope;
    return true;
}
