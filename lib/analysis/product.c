/* SPDX-License-Identifier: MIT */
/*
 * E[phi(x) phi(y)] of two correlated normal variables.
 *
 * By closed forms, by pieces (pieces.h), or where phi is smooth and settles on
 * a lattice or by what is left of its lines.  Elsewhere by Mehler's formula:
 * with a_k = E[phi(m + s z) h_k(z)], h_k the normalized Hermite polynomials, it
 * is the sum of a_k^2 rho^k, and since all a_k^2 together are E[phi^2] what is
 * left out is known.  Where too much is, on a lattice, or over the plane: x = m
 * + s (A t + B w), y = m + s (±A t - ±B w), A >= B.  On a line of t it is
 * smooth between places that are known, and as a function of w between where
 * those of x meet those of y.
 */
#include <float.h>
#include <math.h>

#include "analysis/analysis.h"
#include "analysis/pieces.h"
#include "analysis/quadrature.h"

/* ------------------------------------------------------------------------
 * Mehler's formula
 */

#define DEGREES 112
#define MOST_NODES 768
#define ENOUGH 1e-11

/* Points and values of phi there, times the weights, and two polynomials. */
struct series {
    size_t count;
    double z[MOST_NODES], value[MOST_NODES], slope[MOST_NODES];
    double last[MOST_NODES], next[MOST_NODES];
    double square, slope_square;
};

static void series_add(struct series *s, const struct sow_node *node,
                       struct sow_point p)
{
    double weight = node->weight * sow_analysis_density(node->at);

    s->z[s->count] = node->at;
    s->value[s->count] = weight * p.value;
    s->slope[s->count] = weight * p.slope;
    s->last[s->count] = 0;
    s->next[s->count] = 1;
    s->square += weight * p.value * p.value;
    s->slope_square += weight * p.slope * p.slope;
    s->count++;
}

static bool series_init(struct series *s, const struct sow_phi *phi,
                        double mean, double deviation)
{
    struct sow_panels panels;
    struct sow_node nodes[SOW_POINTS];

    sow_panels_init(&panels, -8.25, 8.25, 1.5);
    sow_panels_cut_phi(&panels, phi, mean, deviation, 1, 0, 0);
    s->count = 0;
    s->square = s->slope_square = 0;
    if ((panels.count - 1) * SOW_POINTS > MOST_NODES)
        return false;
    for (size_t i = 0; i + 1 < panels.count; i++) {
        sow_panel_nodes(&panels, i, nodes);
        for (size_t k = 0; k < SOW_POINTS; k++)
            series_add(s, &nodes[k],
                       sow_phi_at(phi, mean + deviation * nodes[k].at));
    }
    return true;
}

/* The coefficients of degree 'k', of the value and the slope; to the next. */
static struct sow_point series_next(struct series *s, int k)
{
    struct sow_point sum = {0, 0};
    double up = 1 / sqrt(k + 1.0);
    double down = sqrt((double)k) * up;

    for (size_t i = 0; i < s->count; i++) {
        double h = s->next[i];

        sum.value += s->value[i] * h;
        sum.slope += s->slope[i] * h;
        s->next[i] = up * s->z[i] * h - down * s->last[i];
        s->last[i] = h;
    }
    return sum;
}

/* May what is left of 'of' still count? */
static bool is_left(double left, double power, double of)
{
    return left * fabs(power) > ENOUGH * of;
}

static void set(struct sow_point p, double *product, double *slopes)
{
    *product = p.value;
    if (slopes != NULL)
        *slopes = p.slope;
}

static bool mehler(const struct sow_phi *phi, double mean, double deviation,
                   double rho, double *product, double *slopes)
{
    struct series s;
    struct sow_point left, sum = {0, 0};
    double power = 1;

    if (!series_init(&s, phi, mean, deviation))
        return false;
    left = (struct sow_point){s.square, s.slope_square};
    for (int k = 0; k < DEGREES; k++) {
        struct sow_point a = series_next(&s, k);

        a.value *= a.value;
        a.slope *= a.slope;
        sum.value += a.value * power;
        sum.slope += a.slope * power;
        left.value -= a.value;
        left.slope -= a.slope;
        power *= rho;
        if (is_left(left.value, power, s.square) ||
            (slopes != NULL && is_left(left.slope, power, s.slope_square)))
            continue;
        set(sum, product, slopes);
        return true;
    }
    return false;
}

/* ------------------------------------------------------------------------
 * Over the plane
 */

#define FAR 7.8
#define WIDTH 2.6
#define LONG 100
#define FINEST 1e-6 /* what is missed is as likely as that */

/* x = mean + deviation (a t + b w), y = mean + deviation sign (a t - b w). */
struct plane {
    const struct sow_phi *phi;
    double mean, deviation, a, b, sign;
};

static struct sow_point line(const struct plane *plane, double w)
{
    struct sow_panels panels;
    struct sow_node nodes[SOW_POINTS];
    struct sow_point sum = {0, 0};
    double shift = plane->b * w;

    sow_panels_init(&panels, -FAR, FAR, WIDTH);
    sow_panels_cut_phi(&panels, plane->phi, plane->mean, plane->deviation,
                       plane->a, shift, FINEST);
    sow_panels_cut_phi(&panels, plane->phi, plane->mean, plane->deviation,
                       plane->sign * plane->a, -plane->sign * shift, FINEST);
    for (size_t i = 0; i + 1 < panels.count; i++) {
        sow_panel_nodes(&panels, i, nodes);
        for (size_t k = 0; k < SOW_POINTS; k++) {
            double at = plane->a * nodes[k].at;
            double weight = nodes[k].weight * sow_analysis_density(nodes[k].at);
            struct sow_point x = sow_phi_at(
                plane->phi, plane->mean + plane->deviation * (at + shift));
            struct sow_point y = sow_phi_at(
                plane->phi,
                plane->mean + plane->deviation * plane->sign * (at - shift));

            sum.value += weight * x.value * y.value;
            sum.slope += weight * x.slope * y.slope;
        }
    }
    return sum;
}

/* Where a kink of x meets one of y. */
static void cut_meetings(struct sow_panels *panels, const struct plane *plane)
{
    const struct sow_analysis_shape *shape = plane->phi->shape;
    double unit = (shape->scale ? plane->phi->parameter : 1) / plane->deviation;
    double mean = plane->mean / plane->deviation;

    for (size_t i = 0; i < shape->kink_count; i++)
        for (size_t k = 0; k < shape->kink_count; k++)
            sow_panels_cut(panels,
                           (unit * shape->kinks[i] - mean -
                            plane->sign * (unit * shape->kinks[k] - mean)) /
                               (2 * plane->b));
}

static void over_plane(const struct sow_phi *phi, double mean, double deviation,
                       double rho, double *product, double *slopes)
{
    struct plane plane = {phi,
                          mean,
                          deviation,
                          sqrt((1 + fabs(rho)) / 2),
                          sqrt((1 - fabs(rho)) / 2),
                          rho < 0 ? -1 : 1};
    struct sow_panels panels;
    struct sow_node nodes[SOW_POINTS];
    struct sow_point sum = {0, 0};
    double times = rho < 0 ? 1 : 2; /* -w is w with x and y exchanged */

    sow_panels_init(&panels, rho < 0 ? -FAR : 0, FAR, WIDTH);
    sow_panels_cut(&panels, 0);
    cut_meetings(&panels, &plane);
    sow_panels_cut_phi(&panels, phi, mean, deviation, plane.b, 0, FINEST);
    for (size_t i = 0; i + 1 < panels.count; i++) {
        sow_panel_nodes(&panels, i, nodes);
        for (size_t k = 0; k < SOW_POINTS; k++) {
            double weight =
                times * nodes[k].weight * sow_analysis_density(nodes[k].at);
            struct sow_point p = line(&plane, nodes[k].at);

            sum.value += weight * p.value;
            sum.slope += weight * p.slope;
        }
    }
    set(sum, product, slopes);
}

/* ------------------------------------------------------------------------
 * Either
 */

#define SHORT 1e-4
#define MEDIUM 25

static double clamp(double rho)
{
    return rho > 1 ? 1 : rho < -1 ? -1 : rho;
}

static bool by_pieces(const struct sow_phi *phi, double mean, double variance,
                      double rho, struct sow_point *p)
{
    struct sow_pieces pieces;

    if (!phi->shape->pieces)
        return false;
    sow_pieces_init(&pieces, phi);
    sow_pieces_product(&pieces, mean, variance, rho, p);
    return true;
}

/* The exact ways that are quick, each for activations and lengths of its own.
 */
static bool quick(const struct sow_phi *phi, double mean, double variance,
                  double rho, bool slopes, struct sow_point *p)
{
    if (sow_closed_product(phi, mean, variance, rho, p) ||
        by_pieces(phi, mean, variance, rho, p))
        return true;
    if (variance < SHORT)
        return false;
    if (sow_close_product(phi, mean, variance, rho, p))
        return true;
    if (variance < MEDIUM)
        return phi->shape->settles &&
               sow_lattice_product(phi, mean, variance, rho, slopes, p);
    return sow_settled_product(phi, mean, variance, rho, p);
}

/*
 * Slopes of what looks like a step at its length are what a lattice can't see,
 * and jumps too.
 */
static bool roughly(const struct sow_phi *phi, double mean, double variance,
                    double rho, bool slopes, struct sow_point *p)
{
    if (phi->shape->jumps || (slopes && variance > LONG) ||
        (phi->shape->kink_count > 0 && variance <= LONG))
        return false;
    return sow_lattice_product(phi, mean, variance, rho, slopes, p) ||
           (!slopes && sow_near_product(phi, mean, variance, rho, p));
}

void sow_phi_product(const struct sow_phi *phi, double mean, double variance,
                     double rho, double *product, double *slopes)
{
    bool both = slopes != NULL;
    double at = clamp(rho);
    struct sow_analysis_moments m;
    struct sow_point p;

    if (at == 1 || !(variance > 0)) {
        sow_phi_moments(phi, mean, variance, &m);
        set((struct sow_point){m.square, m.slope_square}, product, slopes);
        return;
    }
    if (quick(phi, mean, variance, at, both, &p)) {
        set(p, product, slopes);
        return;
    }
    if (mehler(phi, mean, sqrt(variance), at, product, slopes))
        return;
    if (roughly(phi, mean, variance, at, both, &p)) {
        set(p, product, slopes);
        return;
    }
    over_plane(phi, mean, sqrt(variance), at, product, slopes);
}

void sow_analysis_product(const struct sow_analysis_activation *activation,
                          double parameter, double mean, double variance,
                          double rho, double *product, double *slopes)
{
    struct sow_phi phi = sow_phi_of(activation, parameter, false);

    sow_phi_product(&phi, mean, variance, rho, product, slopes);
}
