/* SPDX-License-Identifier: MIT */
/* The axes of a weight by what they count through. */
#include "axes.h"

static enum axes_side side_of(const struct sow_spec *spec, uint32_t axis)
{
    if (spec->axes.out >> axis & 1)
        return AXES_OUT;
    return spec->axes.in >> axis & 1 ? AXES_IN : AXES_TAP;
}

uint64_t axes_count(const struct sow_spec *spec, enum axes_side side)
{
    uint64_t count = 1;

    for (uint32_t axis = 0; axis < spec->shape.rank; axis++)
        if (side_of(spec, axis) == side)
            count *= spec->shape.dims[axis];
    return count;
}

void axes_kernel(const struct sow_spec *spec, uint64_t kernel[3])
{
    uint32_t k = 0;

    kernel[0] = kernel[1] = kernel[2] = 1;
    for (uint32_t axis = 0; axis < spec->shape.rank; axis++)
        if (side_of(spec, axis) == AXES_TAP)
            kernel[k++] = spec->shape.dims[axis];
}

uint64_t axes_index(const struct sow_spec *spec, const uint64_t at[3])
{
    uint64_t left[3] = {at[AXES_OUT], at[AXES_IN], at[AXES_TAP]};
    uint64_t index = 0, step = 1;

    for (uint32_t axis = spec->shape.rank; axis-- > 0;) {
        uint64_t dim = spec->shape.dims[axis];
        uint64_t *side = &left[side_of(spec, axis)];

        index += *side % dim * step;
        *side /= dim;
        step *= dim;
    }
    return index;
}
