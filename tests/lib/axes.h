/* SPDX-License-Identifier: MIT */
/*
 * The axes of a weight by what they count through, by the words of sow.h
 * alone.
 */
#ifndef AXES_H
#define AXES_H

#include "sow.h"

enum axes_side { AXES_OUT, AXES_IN, AXES_TAP };

/* The product of the axes of one side. */
uint64_t axes_count(const struct sow_spec *spec, enum axes_side side);

/* The kernel's axes, in order; 1 past the last. */
void axes_kernel(const struct sow_spec *spec, uint64_t kernel[3]);

/* Where in the tensor the element of an output, an input and a tap is. */
uint64_t axes_index(const struct sow_spec *spec, const uint64_t at[3]);

#endif
