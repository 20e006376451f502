/* SPDX-License-Identifier: MIT */
/* Sizes and fans of a shape; for lib/ only. */
#ifndef SHAPE_H
#define SHAPE_H

#include "sow.h"

/*
 * The product of the dimensions, and that times 'itemsize'.  Returns
 * SOW_BAD_SHAPE, with 'error' filled, when the rank passes SOW_MAX_RANK or
 * the bytes pass 2^63 - 1.  The product of the dimensions that are not zero
 * must pass neither, so that a fan can't overflow in an empty tensor.
 */
SOW_MUST_CHECK enum sow_status
sow_shape_size(const struct sow_shape *shape, size_t itemsize,
               uint64_t *elements, uint64_t *size, struct sow_error *error);

/*
 * Fill in 'axes' as the layout has them; SOW_EXPLICIT checks the ones given.
 * Returns SOW_BAD_AXES, with 'error' filled, when one is out of range or
 * stands twice.
 */
SOW_MUST_CHECK enum sow_status sow_shape_axes(const struct sow_shape *shape,
                                              enum sow_layout layout,
                                              struct sow_axes *axes,
                                              struct sow_error *error);

/*
 * The fans of a shape whose size and axes have been checked.  Returns false,
 * the fans 0, when the layout gives this rank none.
 */
bool sow_shape_fans(const struct sow_shape *shape, enum sow_layout layout,
                    struct sow_axes axes, uint64_t *fan_in, uint64_t *fan_out);

#endif
