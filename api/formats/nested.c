/* SPDX-License-Identifier: MIT */
/* Brackets, commas and numbers. */
#include "formats/nested.h"

#include "formats/number.h"

#include <string.h>

/*
 * Room for a leaf: a number and a comma, or in its place the brackets that end
 * and begin arrays.
 */
#define LEAF_ROOM (NUMBER_MAX + 1 + 2 * SOW_MAX_RANK + 1)

_Static_assert(NESTED_ROOM >= SOW_MAX_RANK + LEAF_ROOM,
               "there is room for the first brackets and a leaf");

/* The dimensions above the leaves: those before the first that is 0. */
static uint32_t depth_of(const struct sow_shape *shape)
{
    uint32_t depth = 0;

    while (depth < shape->rank && shape->dims[depth] > 0)
        depth++;
    return depth;
}

uint64_t nested_leaves(const struct sow_tensor *tensor)
{
    const struct sow_shape *shape = &tensor->shape;
    uint64_t leaves = 1;

    for (uint32_t i = 0; i < depth_of(shape); i++)
        if (__builtin_mul_overflow(leaves, shape->dims[i], &leaves))
            return UINT64_MAX;
    return leaves;
}

void nested_begin(struct nested *nested, const struct sow_engine *engine,
                  const struct sow_tensor *tensor)
{
    const struct sow_shape *shape = &tensor->shape;

    nested->engine = engine;
    nested->tensor = tensor;
    nested->depth = depth_of(shape);
    nested->hollow = nested->depth < shape->rank;
    nested->row = nested->depth ? shape->dims[nested->depth - 1] : 1;
    nested->column = 0;
    nested->leaves = nested_leaves(tensor);
    nested->done = 0;
    memset(nested->index, 0, sizeof nested->index);
    nested->from = 0;
    nested->held = 0;
}

/* Generate the block of values that begins with the next leaf. */
static bool hold(struct nested *nested)
{
    const struct sow_tensor *tensor = nested->tensor;
    const enum sow_dtype dtype = tensor->spec.dtype;
    const size_t size = sow_dtype_size(dtype);
    uint8_t narrow[NESTED_BLOCK * sizeof(uint16_t)];
    uint64_t left = nested->leaves - nested->done;
    size_t n = left < NESTED_BLOCK ? (size_t)left : NESTED_BLOCK;
    void *to = size == sizeof(double)  ? (void *)nested->doubles
               : size == sizeof(float) ? (void *)nested->floats
                                       : (void *)narrow;

    if (sow_tensor_read(nested->engine, tensor, nested->done * size, to,
                        n * size))
        return false;
    if (to == narrow) {
        sow_widen(dtype, narrow, nested->doubles, n);
        for (size_t i = 0; i < n; i++)
            nested->floats[i] = (float)nested->doubles[i];
    }
    nested->from = nested->done;
    nested->held = n;
    return true;
}

static char *write_hollows(size_t n, char *out)
{
    for (size_t i = 0; i < n; i++) {
        memcpy(out, "[],", 3);
        out += 3;
    }
    return out;
}

/* Write the next 'n' leaves, all held and of one row, a comma after each. */
static char *write_leaves(struct nested *nested, size_t n, char *out)
{
    size_t at = (size_t)(nested->done - nested->from);

    nested->done += n;
    nested->column += n;
    if (nested->hollow)
        return write_hollows(n, out);
    if (nested->tensor->spec.dtype == SOW_FLOAT64)
        return number_list_f64(nested->doubles + at, n, out);
    return number_list_f32(nested->floats + at, n, out);
}

/* How many arrays end with the row that is full, itself included. */
static uint32_t count_ends(struct nested *nested)
{
    const uint64_t *dims = nested->tensor->shape.dims;
    uint32_t ends = 1;

    for (uint32_t i = nested->depth - 1; i-- > 0; ends++) {
        if (++nested->index[i] < dims[i])
            return ends;
        nested->index[i] = 0;
    }
    return ends;
}

/* In place of the comma after a full row: close what ends, open as much. */
static char *end_row(struct nested *nested, char *out)
{
    uint32_t ends = nested->depth ? count_ends(nested) : 0;

    out--;
    nested->column = 0;
    memset(out, ']', ends);
    out += ends;
    if (nested->done == nested->leaves)
        return out;
    *out++ = ',';
    memset(out, '[', ends);
    return out + ends;
}

/* Up to how many leaves can be written next? */
static size_t next_leaves(const struct nested *nested, size_t room)
{
    size_t fit = (room - LEAF_ROOM) / (NUMBER_MAX + 1) + 1;
    uint64_t left = nested->row - nested->column;
    uint64_t held = nested->from + nested->held - nested->done;

    if (left < fit)
        fit = (size_t)left;
    if (!nested->hollow && held < fit)
        fit = (size_t)held;
    return fit;
}

long nested_write(struct nested *nested, char *out, size_t room)
{
    char *const start = out;
    char *const end = out + room;

    if (room < NESTED_ROOM)
        return 0;
    if (nested->done == 0) {
        memset(out, '[', nested->depth);
        out += nested->depth;
    }
    while (nested->done < nested->leaves && end - out >= LEAF_ROOM) {
        if (!nested->hollow && nested->done == nested->from + nested->held &&
            !hold(nested))
            return -1;
        out =
            write_leaves(nested, next_leaves(nested, (size_t)(end - out)), out);
        if (nested->column == nested->row)
            out = end_row(nested, out);
    }
    return out - start;
}
