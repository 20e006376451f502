/* SPDX-License-Identifier: MIT */
/* Gaussian moments of one variable, by closed forms or by quadrature. */
#include <math.h>

#include "analysis/analysis.h"
#include "analysis/quadrature.h"

/* As far as a normal variable need be followed: its fourth powers, too. */
#define FAR 9
#define WIDTH 3

static double square(double x)
{
    return x * x;
}

/* At one point. */
static void set_point(const struct sow_phi *phi, double mean,
                      struct sow_analysis_moments *moments)
{
    struct sow_point p = sow_phi_at(phi, mean);

    *moments = (struct sow_analysis_moments){
        .mean = p.value,
        .square = square(p.value),
        .fourth = square(square(p.value)),
        .slope = p.slope,
        .slope_square = square(p.slope),
        .slope_fourth = square(square(p.slope)),
        .stretch = square(p.slope),
    };
}

/* 'stretch' of phi phi' z / deviation, or of phi^2 (z^2 - 1) / 2 variance. */
static void add(struct sow_analysis_moments *m, struct sow_point p,
                double weight, double stretch)
{
    m->mean += weight * p.value;
    m->square += weight * square(p.value);
    m->fourth += weight * square(square(p.value));
    m->slope += weight * p.slope;
    m->slope_square += weight * square(p.slope);
    m->slope_fourth += weight * square(square(p.slope));
    m->stretch += weight * stretch;
}

static void integrate(const struct sow_phi *phi, double mean, double deviation,
                      struct sow_analysis_moments *moments)
{
    struct sow_panels panels;
    struct sow_node nodes[SOW_POINTS];

    sow_panels_init(&panels, -FAR, FAR, WIDTH);
    sow_panels_cut_phi(&panels, phi, mean, deviation, 1, 0, 0);
    *moments = (struct sow_analysis_moments){0};
    for (size_t i = 0; i + 1 < panels.count; i++) {
        sow_panel_nodes(&panels, i, nodes);
        for (size_t k = 0; k < SOW_POINTS; k++) {
            double z = nodes[k].at;
            struct sow_point p = sow_phi_at(phi, mean + deviation * z);
            double stretch = phi->shape->jumps
                                 ? square(p.value / deviation) * (z * z - 1) / 2
                                 : p.value * p.slope * (z / deviation);

            add(moments, p, nodes[k].weight * sow_analysis_density(z), stretch);
        }
    }
    /* Beside a jump in nothing but rounding: at one point, as it were. */
    if (isnan(moments->stretch))
        moments->stretch = moments->slope_square;
}

void sow_phi_moments(const struct sow_phi *phi, double mean, double variance,
                     struct sow_analysis_moments *moments)
{
    if (!(variance > 0))
        set_point(phi, mean, moments);
    else if (!sow_closed_moments(phi, mean, variance, moments))
        integrate(phi, mean, sqrt(variance), moments);
}

void sow_analysis_moments(const struct sow_analysis_activation *activation,
                          double parameter, double mean, double variance,
                          struct sow_analysis_moments *moments)
{
    struct sow_phi phi = sow_phi_of(activation, parameter, false);

    sow_phi_moments(&phi, mean, variance, moments);
}
