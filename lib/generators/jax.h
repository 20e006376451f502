/* SPDX-License-Identifier: MIT */
/* What JAX draws (jax.md); for lib/ only. */
#ifndef JAX_H
#define JAX_H

#include "kernels/kernels.h"
#include "sow.h"

/* The variants of the family's rows: how bits are laid out over counters. */
enum sow_jax_variant { SOW_JAX_PARTITIONABLE, SOW_JAX_ORIGINAL };

/*
 * jax_laws.c.  Set the law of 'tensor', which has elements, as JAX draws its
 * scheme.  Returns SOW_BAD_SCHEME or SOW_BAD_PARAMETER, saying why, where the
 * bits can't be JAX's.
 */
enum sow_status sow_jax_resolve(struct sow_tensor *tensor,
                                struct sow_error *error);

/*
 * A law that it has set: values of the element type.  A fraction in [0, 1) is
 * times 'span' and plus 'low'; with 'inverse' the inverse error function and
 * the square root of 2 follow, and the nearest within ['least', 'most']; at
 * last it is times 'scale'.
 */
struct sow_jax_law {
    bool inverse;
    double low, span;
    double least, most;
    double scale;
};

struct sow_jax_law sow_jax_law(const struct sow_tensor *tensor);

/* jax_fill.c: the elements, each a sow_filler. */
sow_filler sow_jax_fill_f32;
sow_filler sow_jax_fill_f64;
sow_filler sow_jax_fill_narrow;

/* Does the old layout know so many elements of 'dtype'? */
bool sow_jax_original_fits(enum sow_dtype dtype, uint64_t elements);

/*
 * jax_erf.c: XLA's error function and its inverse, as a CPU with fused
 * operations computes them.  The inverse is of [-1, 1].
 */
float sow_jax_erf_f32(float x);
float sow_jax_erf_inv_f32(float x);
double sow_jax_erf_inv_f64(double x);

#define SOW_JAX_SQRT2 1.4142135623730951

/* 'value' rounded to 'dtype', to nearest even, as NumPy does from a double. */
double sow_jax_round(enum sow_dtype dtype, double value);

#endif
