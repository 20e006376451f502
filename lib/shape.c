/* SPDX-License-Identifier: MIT */
/* Sizes and fans of shapes. */
#include "shape.h"

#include <string.h>

#include "status.h"

static const char *const layout_names[] = {
    [SOW_TORCH] = "torch",
    [SOW_JAX] = "jax",
    [SOW_KERAS] = "keras",
    [SOW_EXPLICIT] = "explicit",
};

const char *sow_layout_name(enum sow_layout layout)
{
    return layout_names[layout];
}

bool sow_layout_find(const char *name, enum sow_layout *layout)
{
    for (int i = SOW_TORCH; i < SOW_EXPLICIT; i++) {
        if (strcmp(name, layout_names[i]) == 0) {
            *layout = (enum sow_layout)i;
            return true;
        }
    }
    return false;
}

static enum sow_status too_large(struct sow_error *error)
{
    return sow_fail(error, SOW_BAD_SHAPE, "shape",
                    "a tensor can have at most 2^63 - 1 bytes; "
                    "make a dimension smaller");
}

enum sow_status sow_shape_size(const struct sow_shape *shape, size_t itemsize,
                               uint64_t *elements, uint64_t *size,
                               struct sow_error *error)
{
    uint64_t bytes = itemsize;
    bool empty = false;

    if (shape->rank > SOW_MAX_RANK)
        return sow_fail(error, SOW_BAD_SHAPE, "shape",
                        "%u dimensions; at most %d are allowed", shape->rank,
                        SOW_MAX_RANK);
    for (uint32_t i = 0; i < shape->rank; i++) {
        if (shape->dims[i] == 0)
            empty = true;
        else if (__builtin_mul_overflow(bytes, shape->dims[i], &bytes))
            return too_large(error);
    }
    if (bytes > INT64_MAX)
        return too_large(error);
    *size = empty ? 0 : bytes;
    *elements = *size / itemsize;
    return SOW_OK;
}

/* The axes of one of the named layouts; none when the rank is below 2. */
static struct sow_axes layout_axes(uint32_t rank, enum sow_layout layout)
{
    struct sow_axes axes = {0};

    if (rank < 2)
        return axes;
    axes.in = (uint8_t)(layout == SOW_TORCH ? 1u << 1 : 1u << (rank - 2));
    axes.out = (uint8_t)(layout == SOW_TORCH ? 1u << 0 : 1u << (rank - 1));
    return axes;
}

enum sow_status sow_shape_axes(const struct sow_shape *shape,
                               enum sow_layout layout, struct sow_axes *axes,
                               struct sow_error *error)
{
    unsigned all = (1u << shape->rank) - 1;

    if (layout != SOW_EXPLICIT) {
        *axes = layout_axes(shape->rank, layout);
        return SOW_OK;
    }
    if ((axes->in | axes->out | axes->batch) & ~all)
        return sow_fail(error, SOW_BAD_AXES, "axes",
                        "an axis is out of range: the shape has %u "
                        "dimensions",
                        shape->rank);
    if ((axes->in & axes->batch) | (axes->out & axes->batch))
        return sow_fail(error, SOW_BAD_AXES, "axes",
                        "a batch axis can't be an in or out axis as well");
    return SOW_OK;
}

/* The product of the dimensions whose bit is set in 'mask'. */
static uint64_t product(const struct sow_shape *shape, unsigned mask)
{
    uint64_t value = 1;

    for (uint32_t i = 0; i < shape->rank; i++)
        if (mask & (1u << i))
            value *= shape->dims[i];
    return value;
}

static uint64_t at_least_one(uint64_t fan)
{
    return fan < 1 ? 1 : fan;
}

bool sow_shape_fans(const struct sow_shape *shape, enum sow_layout layout,
                    struct sow_axes axes, uint64_t *fan_in, uint64_t *fan_out)
{
    unsigned all = (1u << shape->rank) - 1;
    bool keras = layout == SOW_KERAS;

    *fan_in = *fan_out = 0;
    if (layout != SOW_EXPLICIT && shape->rank < 2) {
        if (keras)
            *fan_in = *fan_out = at_least_one(product(shape, all));
        return keras;
    }
    *fan_in = product(shape, all & ~(unsigned)(axes.out | axes.batch));
    *fan_out = product(shape, all & ~(unsigned)(axes.in | axes.batch));
    if (keras) {
        *fan_in = at_least_one(*fan_in);
        *fan_out = at_least_one(*fan_out);
    }
    return true;
}
