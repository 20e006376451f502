/* SPDX-License-Identifier: MIT */
/* What the parts of sow_density_init() share; for lib/analysis only. */
#ifndef DENSITY_LAWS_H
#define DENSITY_LAWS_H

#include "analysis/density.h"

/*
 * Set the moments, bounds, form and atoms of a density that is exact, has no
 * bounds, and nothing but a continuous part of probability 1.
 */

/* All in one value. */
void sow_density_set_constant(struct sow_density *d, double value);

void sow_density_set_normal(struct sow_density *d, double mean, double std);

/* A coordinate of a random vector of length 'radius' in n >= 1 dimensions. */
void sow_density_set_sphere(struct sow_density *d, double n, double radius);

/* One more atom, above those that there are, unless its probability is 0. */
void sow_density_add_atom(struct sow_density *d, double value,
                          double probability);

/* The same law, of mean 0, with probability 1 - zeros, else 0. */
void sow_density_mix_zeros(struct sow_density *d, double zeros);

/*
 * Set the law of a tensor whose elements are made, if that of its scheme is
 * known; false, and nothing set, if not.
 */
bool sow_density_set_scheme(struct sow_density *d,
                            const struct sow_tensor *tensor);

#endif
