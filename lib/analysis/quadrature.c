/* SPDX-License-Identifier: MIT */
/* Panels and their points. */
#include "analysis/quadrature.h"

#include <math.h>
#include <string.h>

#define ROOT_TWO_PI 2.50662827463100050242
#define ROOT_HALF 0.70710678118654752440

/* Gauss and Legendre's 16 points on [-1, 1], of which half are listed. */
static const double points[SOW_POINTS / 2] = {
    0.09501250983763744019, 0.28160355077925891323, 0.45801677765722738634,
    0.61787624440264374845, 0.75540440835500303390, 0.86563120238783174388,
    0.94457502307323257608, 0.98940093499164993260};
static const double weights[SOW_POINTS / 2] = {
    0.18945061045506849629, 0.18260341504492358887, 0.16915651939500253819,
    0.14959598881657673208, 0.12462897125553387205, 0.09515851168249278481,
    0.06225352393864789286, 0.02715245941175409485};

void sow_panels_cut(struct sow_panels *panels, double at)
{
    size_t i = panels->count;

    if (!(at > panels->low && at < panels->high) || i == SOW_EDGES)
        return;
    while (panels->edges[i - 1] > at)
        i--;
    if (panels->edges[i - 1] == at)
        return;
    memmove(&panels->edges[i + 1], &panels->edges[i],
            (panels->count - i) * sizeof panels->edges[0]);
    panels->edges[i] = at;
    panels->count++;
}

void sow_panels_init(struct sow_panels *panels, double low, double high,
                     double width)
{
    int count = (int)ceil((high - low) / width);

    panels->low = low;
    panels->high = high;
    panels->count = (size_t)count + 1;
    for (int i = 0; i <= count; i++)
        panels->edges[i] = low + (high - low) * i / count;
}

static double larger(double a, double b)
{
    return a > b ? a : b;
}

/* Where x = mean + deviation (slope at + shift) is 'x'. */
static void cut_at(struct sow_panels *panels, double x, double mean,
                   double deviation, double slope, double shift)
{
    sow_panels_cut(panels, ((x - mean) / deviation - shift) / slope);
}

/* Kinks of phi, and of phi(-x) too when only its odd part counts. */
static void cut_kinks(struct sow_panels *panels, const struct sow_phi *phi,
                      double mean, double deviation, double slope, double shift)
{
    const struct sow_analysis_shape *shape = phi->shape;
    double unit = shape->scale ? phi->parameter : 1;

    for (size_t i = 0; i < shape->kink_count; i++) {
        cut_at(panels, unit * shape->kinks[i], mean, deviation, slope, shift);
        if (phi->odd)
            cut_at(panels, -unit * shape->kinks[i], mean, deviation, slope,
                   shift);
    }
}

/*
 * An activation bends near 0, on its scale: from there on panels grow fourfold
 * with the distance, which keeps its complex singularities away from them.
 */
void sow_panels_cut_phi(struct sow_panels *panels, const struct sow_phi *phi,
                        double mean, double deviation, double slope,
                        double shift, double finest)
{
    double unit = phi->shape->scale ? phi->parameter : 1;
    double widest = (panels->high - panels->low) * fabs(slope) * deviation;
    double reach = fabs(mean) + widest + fabs(shift) * deviation;
    double x;

    cut_kinks(panels, phi, mean, deviation, slope, shift);
    if ((phi->shape->pieces && !phi->shape->decays) || widest < 12 * unit)
        return;
    cut_at(panels, 0, mean, deviation, slope, shift);
    x = larger(2 * unit, finest * reach);
    while (x < reach) {
        cut_at(panels, x, mean, deviation, slope, shift);
        cut_at(panels, -x, mean, deviation, slope, shift);
        x *= 4;
    }
}

void sow_panel_nodes(const struct sow_panels *panels, size_t i,
                     struct sow_node nodes[SOW_POINTS])
{
    double half = (panels->edges[i + 1] - panels->edges[i]) / 2;
    double middle = panels->edges[i] + half;

    for (size_t k = 0; k < SOW_POINTS / 2; k++) {
        nodes[2 * k].at = middle - half * points[k];
        nodes[2 * k + 1].at = middle + half * points[k];
        nodes[2 * k].weight = half * weights[k];
        nodes[2 * k + 1].weight = half * weights[k];
    }
}

double sow_analysis_density(double z)
{
    return exp(-z * z / 2) / ROOT_TWO_PI;
}

double sow_analysis_mass(double low, double high)
{
    if (low > 0)
        return (erfc(low * ROOT_HALF) - erfc(high * ROOT_HALF)) / 2;
    return (erfc(-high * ROOT_HALF) - erfc(-low * ROOT_HALF)) / 2;
}
