/* SPDX-License-Identifier: MIT */
/*
 * Standard normals as numpy.random.Generator draws them: the ziggurat of
 * Marsaglia and Tsang with 256 layers.  The tails of float32 take log1pf, which
 * glibc has rounded correctly since 2.41: 'rounded' says that it is to be.
 */
#ifndef ZIGGURAT_H
#define ZIGGURAT_H

#include <stddef.h>

#include "generators/pcg64.h"

/* Draw 'count' numbers from 'pcg' into 'out', which may be NULL. */
void sow_ziggurat_f32(struct sow_pcg64 *pcg, float *out, size_t count);
void sow_ziggurat_f64(struct sow_pcg64 *pcg, double *out, size_t count);

#endif
