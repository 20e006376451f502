/* SPDX-License-Identifier: MIT */
/*
 * Reading a tensor: [pos, pos + n) becomes the runs of its slice, and each of
 * these a ragged head, whole groups straight into the caller's buffer, and a
 * ragged tail.  Runs that are short are copied from groups that were made
 * beside, so that runs in one group don't make it once each.
 */
#include "read.h"

#include <string.h>

#include "columns.h"
#include "draw.h"
#include "kernels/kernels.h"
#include "slice.h"

#define LARGEST_ITEM 8

/* Bytes of constants that are copied at a time; the source stays in cache. */
#define MOST_COPIED 16384

/* Groups that are made at a time for short runs, and what is short. */
#define WINDOW_GROUPS 8
#define SHORT_GROUPS 4

/*
 * Kernels are not to be asked across a multiple of 2^32 blocks; a group is at
 * least 8 blocks and at most 16.
 */
#define GROUPS_TOGETHER (UINT64_C(1) << 28)

/* By way of float32, unless they stay double. */
void sow_read_rounded(const struct sow_engine *engine, enum sow_dtype dtype,
                      const double *in, size_t count, void *out)
{
    float single[SOW_MADE];

    if (dtype == SOW_FLOAT64) {
        memcpy(out, in, count * sizeof *in);
        return;
    }
    for (size_t i = 0; i < count; i++)
        single[i] = (float)in[i];
    engine->narrow(dtype, single, out, count);
}

/* One element, and then copies of what is there already. */
static void fill_constant(const struct sow_engine *engine,
                          const struct sow_tensor *tensor, size_t groups,
                          uint8_t *out)
{
    uint8_t item[LARGEST_ITEM];
    size_t itemsize = sow_dtype_size(tensor->spec.dtype);
    size_t size = groups * SOW_GROUP * itemsize;

    sow_read_rounded(engine, tensor->spec.dtype, &tensor->law.value, 1, item);
    if (memcmp(item, item + 1, itemsize - 1) == 0) {
        memset(out, item[0], size);
        return;
    }
    memcpy(out, item, itemsize);
    for (size_t done = itemsize, take; done < size; done += take) {
        take = done < MOST_COPIED ? done : MOST_COPIED;
        take = take < size - done ? take : size - done;
        memcpy(out + done, out, take);
    }
}

void sow_read_made(const struct sow_engine *engine,
                   const struct sow_tensor *tensor, uint64_t first,
                   size_t count, void *out)
{
    double values[SOW_MADE];

    tensor->law.make(engine, tensor, first, count, values);
    for (size_t i = 0; tensor->spec.multiplier != 1 && i < count; i++)
        values[i] *= tensor->spec.multiplier;
    sow_read_rounded(engine, tensor->spec.dtype, values, count, out);
}

/* What lies past the last element, in its group, is nobody's. */
static void fill_made(const struct sow_engine *engine,
                      const struct sow_tensor *tensor, uint64_t group,
                      size_t groups, uint8_t *out)
{
    size_t itemsize = sow_dtype_size(tensor->spec.dtype);
    uint64_t first = group * SOW_GROUP;
    uint64_t count = tensor->elements - first;

    if (count > groups * SOW_GROUP)
        count = groups * SOW_GROUP;
    while (count > 0) {
        size_t take = count < SOW_MADE ? (size_t)count : SOW_MADE;

        sow_read_made(engine, tensor, first, take, out);
        out += take * itemsize;
        first += take;
        count -= take;
    }
}

/* What a filler has of whole groups; past the last element it has nothing. */
static void fill_itself(const struct sow_engine *engine,
                        const struct sow_tensor *tensor, uint64_t group,
                        size_t groups, void *out)
{
    uint64_t first = group * SOW_GROUP;
    uint64_t left = tensor->elements - first;
    size_t count = groups * SOW_GROUP;

    tensor->law.fill(engine, tensor, first, count < left ? count : (size_t)left,
                     out);
}

static void fill(const struct sow_engine *engine,
                 const struct sow_tensor *tensor, uint64_t group, size_t groups,
                 void *out)
{
    const struct sow_law *law = &tensor->law;

    if (law->fill != NULL)
        fill_itself(engine, tensor, group, groups, out);
    else if (law->make != NULL)
        fill_made(engine, tensor, group, groups, out);
    else if (law->kind == SOW_LAW_CONSTANT)
        fill_constant(engine, tensor, groups, out);
    else
        sow_draw_items(engine, law, tensor->spec.dtype, &tensor->stream, group,
                       groups, out);
}

/* Bytes [from, from + n) of one group. */
static void read_part(const struct sow_engine *engine,
                      const struct sow_tensor *tensor, uint64_t group,
                      size_t from, void *out, size_t n)
{
    uint8_t whole[SOW_GROUP * LARGEST_ITEM];

    fill(engine, tensor, group, 1, whole);
    memcpy(out, whole + from, n);
}

/* Whole groups, in calls that don't cross a multiple of GROUPS_TOGETHER. */
static void read_groups(const struct sow_engine *engine,
                        const struct sow_tensor *tensor, uint64_t group,
                        size_t groups, uint8_t *out)
{
    size_t size = SOW_GROUP * sow_dtype_size(tensor->spec.dtype);

    while (groups > 0) {
        uint64_t left = GROUPS_TOGETHER - group % GROUPS_TOGETHER;
        size_t take = groups < left ? groups : (size_t)left;

        fill(engine, tensor, group, take, out);
        out += take * size;
        group += take;
        groups -= take;
    }
}

/* Part of element 'index' of a tensor that fills itself. */
static void fill_part(const struct sow_engine *engine,
                      const struct sow_tensor *tensor, uint64_t index,
                      size_t from, void *out, size_t n)
{
    uint8_t item[LARGEST_ITEM];

    tensor->law.fill(engine, tensor, index, 1, item);
    memcpy(out, item + from, n);
}

/* read_bytes(), but of elements, not of groups. */
static void fill_bytes(const struct sow_engine *engine,
                       const struct sow_tensor *tensor, uint64_t pos,
                       uint8_t *out, size_t n)
{
    size_t size = sow_dtype_size(tensor->spec.dtype);
    uint64_t index = pos / size;
    size_t from = (size_t)(pos % size);

    if (from > 0 && n > 0) {
        size_t take = n < size - from ? n : size - from;

        fill_part(engine, tensor, index++, from, out, take);
        out += take;
        n -= take;
    }
    if (n >= size)
        tensor->law.fill(engine, tensor, index, n / size, out);
    if (n % size > 0)
        fill_part(engine, tensor, index + n / size, 0, out + n / size * size,
                  n % size);
}

/* Bytes [pos, pos + n) of the whole tensor, which has them. */
static void read_bytes(const struct sow_engine *engine,
                       const struct sow_tensor *tensor, uint64_t pos,
                       uint8_t *out, size_t n)
{
    size_t size = SOW_GROUP * sow_dtype_size(tensor->spec.dtype);
    uint64_t group = pos / size;
    size_t from = (size_t)(pos % size);

    if (tensor->law.fill != NULL) {
        fill_bytes(engine, tensor, pos, out, n);
        return;
    }
    if (from > 0 && n > 0) {
        size_t take = n < size - from ? n : size - from;

        read_part(engine, tensor, group++, from, out, take);
        out += take;
        n -= take;
    }
    read_groups(engine, tensor, group, n / size, out);
    out += n / size * size;
    group += n / size;
    if (n % size > 0)
        read_part(engine, tensor, group, 0, out, n % size);
}

void sow_read_draws(const struct sow_engine *engine,
                    const struct sow_tensor *tensor, uint64_t first,
                    size_t count, void *out)
{
    size_t size = sow_dtype_size(tensor->spec.dtype);
    struct sow_tensor plain = *tensor;

    plain.law.make = NULL;
    plain.law.fill = NULL;
    read_bytes(engine, &plain, first * size, out, count * size);
}

/* Whether there is all that reading takes. */
static bool is_ready(const struct sow_tensor *tensor)
{
    return tensor->law.prepare == NULL || tensor->whole != NULL;
}

enum sow_status sow_tensor_read_whole(const struct sow_engine *engine,
                                      const struct sow_tensor *tensor,
                                      uint64_t pos, void *buf, size_t n)
{
    uint64_t size = tensor->elements * sow_dtype_size(tensor->spec.dtype);

    if (pos > size || n > size - pos)
        return SOW_BAD_RANGE;
    if (!is_ready(tensor))
        return SOW_NEEDS_WHOLE;
    read_bytes(engine, tensor, pos, buf, n);
    return SOW_OK;
}

/* Groups of the whole tensor, made beside: bytes [from, to) of it. */
struct window {
    uint64_t from, to;
    uint8_t bytes[WINDOW_GROUPS * SOW_GROUP * LARGEST_ITEM];
};

/* Make the groups of the 'n' bytes at 'at', as many as there is room for. */
static void window_move(struct window *window, const struct sow_engine *engine,
                        const struct sow_tensor *tensor, uint64_t at,
                        uint64_t n)
{
    size_t size = SOW_GROUP * sow_dtype_size(tensor->spec.dtype);
    uint64_t group = at / size;
    uint64_t most = (tensor->elements + SOW_GROUP - 1) / SOW_GROUP - group;
    uint64_t groups = (at % size + n + size - 1) / size;

    if (groups > WINDOW_GROUPS)
        groups = WINDOW_GROUPS;
    if (groups > most)
        groups = most;
    read_groups(engine, tensor, group, (size_t)groups, window->bytes);
    window->from = group * size;
    window->to = window->from + groups * size;
}

/*
 * Bytes from the beginning of a run to where runs end that follow so closely
 * that no group between them is made in vain.
 */
static uint64_t dense_size(const struct sow_runs *runs, size_t group)
{
    uint64_t size = runs->size;
    uint32_t axis = runs->axes;

    while (axis-- > 0 && runs->strides[axis] < size + group)
        size += (runs->counts[axis] - 1) * runs->strides[axis];
    return size;
}

static void read_short_runs(const struct sow_engine *engine,
                            const struct sow_tensor *tensor,
                            const struct sow_runs *runs, struct sow_rest *rest,
                            uint8_t *out, size_t n)
{
    size_t group = SOW_GROUP * sow_dtype_size(tensor->spec.dtype);
    uint64_t dense = dense_size(runs, group);
    struct sow_columns columns;
    struct window window;

    sow_columns_init(&columns, tensor, runs);
    window.from = window.to = 0;
    while (n > 0) {
        size_t take = columns.count == 0
                          ? 0
                          : sow_columns_read(&columns, engine, tensor, runs,
                                             rest, out, n);

        out += take;
        n -= take;
        if (take > 0)
            continue;
        take = n < rest->left ? n : (size_t)rest->left;
        if (rest->at < window.from || rest->at >= window.to)
            window_move(&window, engine, tensor, rest->at,
                        n > take && dense > runs->size ? dense : take);
        if (take > window.to - rest->at)
            take = (size_t)(window.to - rest->at);
        memcpy(out, window.bytes + (rest->at - window.from), take);
        sow_runs_skip(runs, rest, take);
        out += take;
        n -= take;
    }
}

static void read_long_runs(const struct sow_engine *engine,
                           const struct sow_tensor *tensor,
                           const struct sow_runs *runs, struct sow_rest *rest,
                           uint8_t *out, size_t n)
{
    while (n > 0) {
        size_t take = n < rest->left ? n : (size_t)rest->left;

        read_bytes(engine, tensor, rest->at, out, take);
        sow_runs_skip(runs, rest, take);
        out += take;
        n -= take;
    }
}

enum sow_status sow_tensor_read(const struct sow_engine *engine,
                                const struct sow_tensor *tensor, uint64_t pos,
                                void *buf, size_t n)
{
    size_t group = SOW_GROUP * sow_dtype_size(tensor->spec.dtype);
    struct sow_runs runs;
    struct sow_rest rest;

    if (pos > tensor->size || n > tensor->size - pos)
        return SOW_BAD_RANGE;
    if (!is_ready(tensor))
        return SOW_NEEDS_WHOLE;
    if (n == 0)
        return SOW_OK;
    sow_slice_runs(tensor, &runs);
    sow_runs_find(&runs, pos, &rest);
    if (runs.size < SHORT_GROUPS * group && runs.axes > 0 &&
        (tensor->law.fill == NULL || tensor->spec.origin.start == NULL))
        read_short_runs(engine, tensor, &runs, &rest, buf, n);
    else
        read_long_runs(engine, tensor, &runs, &rest, buf, n);
    return SOW_OK;
}
