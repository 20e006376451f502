/* SPDX-License-Identifier: MIT */
/*
 * The law of one element of a tensor: its moments, bounds, density and atoms.
 * A public header, beside analysis.h.
 *
 *     struct sow_density density;
 *     if (sow_density_init(&density, engine, &tensor, &error) != SOW_OK) …
 *     for (x from density.from to density.to)
 *         y = sow_density_at(&density, x);
 *
 * It is the law that the scheme means, over seeds and over positions, without
 * the rounding to the element type; that of a library's generator is the one
 * of its scheme.  As the rest of lib/analysis this reports: it uses libm, and
 * its numbers are not promised to the last bit.
 */
#ifndef DENSITY_H
#define DENSITY_H

#include "sow.h"

#define SOW_DENSITY_ATOMS 3

/* A value of positive probability. */
struct sow_density_atom {
    double value, probability;
};

/*
 * 'mean' and 'std' of an element, NAN where they aren't known before the
 * elements are made; its bounds, of which 'low' is -INFINITY and 'high'
 * INFINITY where it has none.  'exact' says that all of this, the density and
 * the atoms are the law's.  Where it is false the mean and std may be taken
 * from elements, there are no atoms, and no density is known.
 *
 * Atoms come in ascending order.  'continuous' is the probability of the rest,
 * which has a density; 0 where there is none, or none is known.  'from' and
 * 'to' are where to draw it, some deviations about the mean or the bounds.
 */
struct sow_density {
    double mean, std;
    double low, high;
    bool exact;
    double continuous;
    double from, to;
    size_t atom_count;
    struct sow_density_atom atoms[SOW_DENSITY_ATOMS];
    /* For sow_density_at() alone. */
    int form;
    double centre, scale, power, peak;
};

/*
 * Set 'density' from a tensor.  Of schemes whose law isn't known here up to
 * 16384 elements are read with 'engine', which takes a millisecond, unless
 * they need a whole or data first.  Returns, 'density' untouched, what
 * sow_tensor_init() says of a scheme that doesn't bear to be asked again;
 * there is none.
 */
SOW_MUST_CHECK enum sow_status sow_density_init(struct sow_density *density,
                                                const struct sow_engine *engine,
                                                const struct sow_tensor *tensor,
                                                struct sow_error *error);

/*
 * The density of the continuous part at 'x', which integrates to 'continuous';
 * INFINITY at the ends of a plane's rotation.
 */
double sow_density_at(const struct sow_density *density, double x);

#endif
