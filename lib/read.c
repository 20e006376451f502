/* SPDX-License-Identifier: MIT */
/*
 * Reading a tensor: [pos, pos + n) becomes the runs of its slice, and each of
 * these a ragged head, whole groups straight into the caller's buffer, and a
 * ragged tail.  Runs that are short are copied from groups that were made
 * beside, so that runs in one group don't make it once each.
 */
#include "read.h"

#include <string.h>

#include "draw.h"
#include "kernels/kernels.h"
#include "slice.h"

/* Groups of float32 that are made at a time on their way to a narrow type. */
#define NARROW_GROUPS 64

/* Groups that a maker is asked for at a time. */
#define MADE_GROUPS (SOW_MADE / SOW_GROUP)

#define LARGEST_ITEM 8

/* Groups that are made at a time for short runs, and what is short. */
#define WINDOW_GROUPS 8
#define SHORT_GROUPS 4

/*
 * Kernels are not to be asked across a multiple of 2^32 blocks; a group is at
 * least 8 blocks and at most 16.
 */
#define GROUPS_TOGETHER (UINT64_C(1) << 28)

/* By way of float32, which every narrower type is rounded from. */
static void fill_narrow(const struct sow_engine *engine,
                        const struct sow_tensor *tensor, uint64_t group,
                        size_t groups, void *out)
{
    float wide[NARROW_GROUPS * SOW_GROUP];
    size_t itemsize = sow_dtype_size(tensor->spec.dtype);
    uint8_t *to = out;

    while (groups > 0) {
        size_t take = groups < NARROW_GROUPS ? groups : NARROW_GROUPS;

        sow_draw_f32(engine, &tensor->law, &tensor->stream, group, take, wide);
        engine->narrow(tensor->spec.dtype, wide, to, take * SOW_GROUP);
        to += take * SOW_GROUP * itemsize;
        group += take;
        groups -= take;
    }
}

/* 'value' as one element of 'dtype'. */
static void encode(enum sow_dtype dtype, double value,
                   uint8_t item[LARGEST_ITEM])
{
    float single = (float)value;

    if (dtype == SOW_FLOAT64)
        memcpy(item, &value, sizeof value);
    else
        sow_narrow(dtype, &single, item, 1);
}

static void fill_constant(const struct sow_tensor *tensor, size_t groups,
                          uint8_t *out)
{
    uint8_t item[LARGEST_ITEM];
    size_t itemsize = sow_dtype_size(tensor->spec.dtype);
    size_t size = groups * SOW_GROUP * itemsize;
    size_t done = itemsize;

    encode(tensor->spec.dtype, tensor->law.value, item);
    memcpy(out, item, itemsize);
    while (done < size) {
        size_t take = done < size - done ? done : size - done;

        memcpy(out + done, out, take);
        done += take;
    }
}

/* Round 'count' doubles to the element type, by way of float32. */
static void round_made(const struct sow_engine *engine, enum sow_dtype dtype,
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

/* What lies past the last element, in its group, is nobody's. */
static void fill_made(const struct sow_engine *engine,
                      const struct sow_tensor *tensor, uint64_t group,
                      size_t groups, uint8_t *out)
{
    double values[SOW_MADE] = {0};
    size_t itemsize = sow_dtype_size(tensor->spec.dtype);

    while (groups > 0) {
        size_t take = groups < MADE_GROUPS ? groups : MADE_GROUPS;
        uint64_t first = group * SOW_GROUP;
        uint64_t left = tensor->elements - first;
        size_t count = take * SOW_GROUP;

        if (count > left)
            count = (size_t)left;
        tensor->law.make(engine, tensor, first, count, values);
        for (size_t i = 0; i < count; i++)
            values[i] *= tensor->spec.multiplier;
        round_made(engine, tensor->spec.dtype, values, take * SOW_GROUP, out);
        out += take * SOW_GROUP * itemsize;
        group += take;
        groups -= take;
    }
}

static void fill(const struct sow_engine *engine,
                 const struct sow_tensor *tensor, uint64_t group, size_t groups,
                 void *out)
{
    const struct sow_law *law = &tensor->law;

    if (law->make != NULL)
        fill_made(engine, tensor, group, groups, out);
    else if (law->kind == SOW_LAW_CONSTANT)
        fill_constant(tensor, groups, out);
    else if (tensor->spec.dtype == SOW_FLOAT32)
        sow_draw_f32(engine, law, &tensor->stream, group, groups, out);
    else if (tensor->spec.dtype == SOW_FLOAT64)
        sow_draw_f64(engine, law, &tensor->stream, group, groups, out);
    else
        fill_narrow(engine, tensor, group, groups, out);
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

/*
 * Make the groups from that of byte 'at' on: of the next 'n' bytes, or all when
 * they are 'dense': when no group would be made in vain.
 */
static void window_move(struct window *window, const struct sow_engine *engine,
                        const struct sow_tensor *tensor, uint64_t at, size_t n,
                        bool dense)
{
    size_t size = SOW_GROUP * sow_dtype_size(tensor->spec.dtype);
    uint64_t group = at / size;
    uint64_t most = (tensor->elements + SOW_GROUP - 1) / SOW_GROUP - group;
    size_t groups = (at % size + n + size - 1) / size;

    if (dense || groups > WINDOW_GROUPS)
        groups = WINDOW_GROUPS;
    if (groups > most)
        groups = (size_t)most;
    read_groups(engine, tensor, group, groups, window->bytes);
    window->from = group * size;
    window->to = window->from + groups * size;
}

/* read_bytes(), by way of 'window'. */
static void window_read(struct window *window, const struct sow_engine *engine,
                        const struct sow_tensor *tensor, uint64_t at,
                        uint8_t *out, size_t n, bool dense)
{
    while (n > 0) {
        size_t take;

        if (at < window->from || at >= window->to)
            window_move(window, engine, tensor, at, n, dense);
        take = (size_t)(window->to - at);
        if (take > n)
            take = n;
        memcpy(out, window->bytes + (at - window->from), take);
        at += take;
        out += take;
        n -= take;
    }
}

static void read_short_runs(const struct sow_engine *engine,
                            const struct sow_tensor *tensor,
                            const struct sow_runs *runs, struct sow_rest *rest,
                            uint8_t *out, size_t n)
{
    size_t group = SOW_GROUP * sow_dtype_size(tensor->spec.dtype);
    bool dense = runs->axes > 0 && runs->strides[runs->axes - 1] <= group;
    struct window window;

    window.from = window.to = 0;
    while (n > 0) {
        size_t take = n < rest->left ? n : (size_t)rest->left;

        window_read(&window, engine, tensor, rest->at, out, take, dense);
        sow_runs_next(runs, rest);
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
        sow_runs_next(runs, rest);
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
        tensor->law.fill == NULL)
        read_short_runs(engine, tensor, &runs, &rest, buf, n);
    else
        read_long_runs(engine, tensor, &runs, &rest, buf, n);
    return SOW_OK;
}
