/* SPDX-License-Identifier: MIT */
/*
 * Gaussian quadrature by panels: on each, Gauss and Legendre's 16 points.
 * Panels end where the integrand isn't smooth.  For lib/analysis only.
 */
#ifndef QUADRATURE_H
#define QUADRATURE_H

#include "analysis/shape.h"

#define SOW_POINTS 16
#define SOW_EDGES 1600

/* Ascending edges of panels, all within [low, high]. */
struct sow_panels {
    double low, high;
    size_t count;
    double edges[SOW_EDGES];
};

/* A panel's point, and its weight without any density. */
struct sow_node {
    double at, weight;
};

/* Panels on [low, high], none wider than 'width'. */
void sow_panels_init(struct sow_panels *panels, double low, double high,
                     double width);

/* One more edge, if it is inside and there is room. */
void sow_panels_cut(struct sow_panels *panels, double at);

/*
 * Cut where phi(mean + deviation (slope t + shift)) has kinks, or bends on a
 * scale that is not large beside the panels; but bends are not followed to
 * less than 'finest' of the whole range.
 */
void sow_panels_cut_phi(struct sow_panels *panels, const struct sow_phi *phi,
                        double mean, double deviation, double slope,
                        double shift, double finest);

/* Points of panel 'i' < count - 1. */
void sow_panel_nodes(const struct sow_panels *panels, size_t i,
                     struct sow_node nodes[SOW_POINTS]);

/* The standard normal density. */
double sow_analysis_density(double z);

/* The standard normal's probability of [low, high], to digits in tails too. */
double sow_analysis_mass(double low, double high);

#endif
