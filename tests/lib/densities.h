/* SPDX-License-Identifier: MIT */
/* Schemes whose elements have a law that is known, for tests of densities. */
#ifndef DENSITIES_H
#define DENSITIES_H

#include "analysis/density.h"
#include "help.h"

struct density_given {
    const char *parameter;
    double value;
};

/*
 * A scheme on a shape, the first 'batch' axes of which count matrices, out and
 * in.  'mates' are how many values may hang together, such as those of one
 * draw or one small matrix.
 */
struct density_row {
    const char *scheme;
    struct sow_shape shape;
    unsigned batch;
    double mates;
    struct density_given given[4];
};

/* A shape in a constant's initializer. */
#define SIDES(...)                                            \
    {                                                         \
        sizeof((uint64_t[]){__VA_ARGS__}) / sizeof(uint64_t), \
        {                                                     \
            __VA_ARGS__                                       \
        }                                                     \
    }

/* Row 'i', or NULL past the last, and how many there are. */
const struct density_row *density_row_at(size_t i);

#define DENSITY_ROWS 41

/* The float64 tensor of a row, and the law of its elements, or a failure. */
struct sow_tensor density_tensor(const struct density_row *row);
struct sow_density density_of(const struct sow_tensor *tensor);

struct integral {
    double mass, first, second;
};

/* The mass of a density on [low, high], and its part of two moments. */
struct integral density_integral(const struct sow_density *d, double low,
                                 double high);

#endif
