/* SPDX-License-Identifier: MIT */
/*
 * Reading a tensor: [pos, pos + n) becomes a ragged head, whole groups
 * straight into the caller's buffer, and a ragged tail.
 */
#include <string.h>

#include "kernels/kernels.h"

/* Groups of float32 that are made at a time on their way to a narrow type. */
#define NARROW_GROUPS 16

#define LARGEST_ITEM 8

/*
 * Kernels are not to be asked across a multiple of 2^32 blocks; a group is at
 * least 8 blocks and at most 16.
 */
#define GROUPS_TOGETHER (UINT64_C(1) << 28)

/*
 * The largest value below 'high', or 'low' when the interval is empty.  The
 * bits of floats of one sign are ordered as their magnitudes are.
 */
static float last_below_f32(float low, float high)
{
    uint32_t bits;
    float last;

    if (low == high)
        return low;
    memcpy(&bits, &high, sizeof bits);
    if (high > 0)
        bits--;
    else if (high < 0)
        bits++;
    else
        bits = UINT32_C(1) << 31 | 1;
    memcpy(&last, &bits, sizeof last);
    return last;
}

static double last_below_f64(double low, double high)
{
    uint64_t bits;
    double last;

    if (low == high)
        return low;
    memcpy(&bits, &high, sizeof bits);
    if (high > 0)
        bits--;
    else if (high < 0)
        bits++;
    else
        bits = UINT64_C(1) << 63 | 1;
    memcpy(&last, &bits, sizeof last);
    return last;
}

static void fill_f32(const struct sow_engine *engine,
                     const struct sow_tensor *tensor, uint64_t group,
                     size_t groups, void *out)
{
    const struct sow_law *law = &tensor->law;
    const struct sow_normal_f32 normal = {
        (float)law->normal.mean, (float)law->normal.std, (float)law->normal.low,
        (float)law->normal.high, law->normal.first,      law->normal.count,
    };

    if (law->kind == SOW_LAW_UNIFORM) {
        float low = (float)law->uniform.low;
        float high = (float)law->uniform.high;
        const struct sow_uniform_f32 uniform = {low, high - low,
                                                last_below_f32(low, high)};

        engine->uniform_f32(&tensor->stream, group, groups, &uniform, out);
    } else if (law->kind == SOW_LAW_NORMAL) {
        engine->normal_f32(&tensor->stream, group, groups, &normal, out);
    } else {
        engine->truncated_f32(&tensor->stream, group, groups, &normal, out);
    }
}

static void fill_f64(const struct sow_engine *engine,
                     const struct sow_tensor *tensor, uint64_t group,
                     size_t groups, void *out)
{
    const struct sow_law *law = &tensor->law;
    const struct sow_normal_f64 normal = {
        law->normal.mean, law->normal.std,   law->normal.low,
        law->normal.high, law->normal.first, law->normal.count,
    };

    if (law->kind == SOW_LAW_UNIFORM) {
        double low = law->uniform.low;
        double high = law->uniform.high;
        const struct sow_uniform_f64 uniform = {low, high - low,
                                                last_below_f64(low, high)};

        engine->uniform_f64(&tensor->stream, group, groups, &uniform, out);
    } else if (law->kind == SOW_LAW_NORMAL) {
        engine->normal_f64(&tensor->stream, group, groups, &normal, out);
    } else {
        engine->truncated_f64(&tensor->stream, group, groups, &normal, out);
    }
}

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

        fill_f32(engine, tensor, group, take, wide);
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

/* Zeros, then the value in each row that has it. */
static void fill_pattern(const struct sow_tensor *tensor, uint64_t group,
                         size_t groups, uint8_t *out)
{
    const struct sow_law *law = &tensor->law;
    size_t itemsize = sow_dtype_size(tensor->spec.dtype);
    uint64_t begin = group * SOW_GROUP;
    uint64_t end = begin + groups * SOW_GROUP;
    uint8_t item[LARGEST_ITEM];

    encode(tensor->spec.dtype, law->pattern.value, item);
    memset(out, 0, groups * SOW_GROUP * itemsize);
    for (uint64_t row = begin / law->pattern.row; row * law->pattern.row < end;
         row++) {
        uint64_t place = row % law->pattern.period;
        uint64_t at = row * law->pattern.row + place * law->pattern.step +
                      law->pattern.centre;

        if (place < law->pattern.limit && at >= begin && at < end)
            memcpy(out + (at - begin) * itemsize, item, itemsize);
    }
}

static void fill(const struct sow_engine *engine,
                 const struct sow_tensor *tensor, uint64_t group, size_t groups,
                 void *out)
{
    if (tensor->law.kind == SOW_LAW_CONSTANT)
        fill_constant(tensor, groups, out);
    else if (tensor->law.kind == SOW_LAW_PATTERN)
        fill_pattern(tensor, group, groups, out);
    else if (tensor->spec.dtype == SOW_FLOAT32)
        fill_f32(engine, tensor, group, groups, out);
    else if (tensor->spec.dtype == SOW_FLOAT64)
        fill_f64(engine, tensor, group, groups, out);
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

enum sow_status sow_tensor_read(const struct sow_engine *engine,
                                const struct sow_tensor *tensor, uint64_t pos,
                                void *buf, size_t n)
{
    size_t size = SOW_GROUP * sow_dtype_size(tensor->spec.dtype);
    uint64_t group = pos / size;
    size_t from = (size_t)(pos % size);
    uint8_t *out = buf;

    if (pos > tensor->size || n > tensor->size - pos)
        return SOW_BAD_RANGE;
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
    return SOW_OK;
}
