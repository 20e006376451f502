/* SPDX-License-Identifier: MIT */
/* Draws: from a law and a stream to values, by the engine's kernels. */
#include <string.h>

#include "draw.h"
#include "kernels/bfloat16.h"
#include "kernels/kernels.h"

/* Groups that are drawn at a time when they are not where they belong. */
#define SOME_GROUPS 8

/* Groups of float32 that are made at a time on their way to a narrow type. */
#define NARROW_GROUPS 64

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

static struct sow_normal_f32 normal_f32(const struct sow_law *law)
{
    return (struct sow_normal_f32){
        (float)law->normal.mean, (float)law->normal.std, (float)law->normal.low,
        (float)law->normal.high, law->normal.first,      law->normal.count,
    };
}

void sow_draw_f32(const struct sow_engine *engine, const struct sow_law *law,
                  const struct sow_stream *stream, uint64_t group,
                  size_t groups, void *out)
{
    if (law->kind == SOW_LAW_UNIFORM) {
        float low = (float)law->uniform.low;
        float high = (float)law->uniform.high;
        const struct sow_uniform_f32 uniform = {low, high - low,
                                                last_below_f32(low, high)};

        engine->uniform_f32(stream, group, groups, &uniform, out);
    } else {
        const struct sow_normal_f32 normal = normal_f32(law);

        if (law->kind == SOW_LAW_NORMAL)
            engine->normal_f32(stream, group, groups, &normal, out);
        else
            engine->truncated_f32(stream, group, groups, &normal, out);
    }
}

void sow_draw_f64(const struct sow_engine *engine, const struct sow_law *law,
                  const struct sow_stream *stream, uint64_t group,
                  size_t groups, void *out)
{
    const struct sow_normal_f64 normal = {
        law->normal.mean, law->normal.std,   law->normal.low,
        law->normal.high, law->normal.first, law->normal.count,
    };

    if (law->kind == SOW_LAW_UNIFORM) {
        double low = law->uniform.low;
        double high = law->uniform.high;
        const struct sow_uniform_f64 uniform = {low, high - low,
                                                last_below_f64(low, high)};

        engine->uniform_f64(stream, group, groups, &uniform, out);
    } else if (law->kind == SOW_LAW_NORMAL) {
        engine->normal_f64(stream, group, groups, &normal, out);
    } else {
        engine->truncated_f64(stream, group, groups, &normal, out);
    }
}

/* Narrower types, by way of float32, which they are rounded from. */
static void draw_narrow(const struct sow_engine *engine,
                        const struct sow_law *law, enum sow_dtype dtype,
                        const struct sow_stream *stream, uint64_t group,
                        size_t groups, uint8_t *out)
{
    float wide[NARROW_GROUPS * SOW_GROUP];

    while (groups > 0) {
        size_t take = groups < NARROW_GROUPS ? groups : NARROW_GROUPS;

        sow_draw_f32(engine, law, stream, group, take, wide);
        engine->narrow(dtype, wide, out, take * SOW_GROUP);
        out += take * SOW_GROUP * sow_dtype_size(dtype);
        group += take;
        groups -= take;
    }
}

/* False where it is to be done by way of float32, too. */
static bool draw_bf16(const struct sow_engine *engine,
                      const struct sow_law *law,
                      const struct sow_stream *stream, uint64_t group,
                      size_t groups, void *out)
{
    struct sow_normal_f32 normal;

    if (engine->normal_bf16 == NULL || law->kind == SOW_LAW_UNIFORM)
        return false;
    normal = normal_f32(law);
    if (!sow_bfloat16_takes(&normal))
        return false;
    if (law->kind == SOW_LAW_NORMAL)
        engine->normal_bf16(stream, group, groups, &normal, out);
    else
        engine->truncated_bf16(stream, group, groups, &normal, out);
    return true;
}

void sow_draw_items(const struct sow_engine *engine, const struct sow_law *law,
                    enum sow_dtype dtype, const struct sow_stream *stream,
                    uint64_t group, size_t groups, void *out)
{
    if (dtype == SOW_FLOAT64)
        sow_draw_f64(engine, law, stream, group, groups, out);
    else if (dtype == SOW_FLOAT32)
        sow_draw_f32(engine, law, stream, group, groups, out);
    else if (dtype != SOW_BFLOAT16 ||
             !draw_bf16(engine, law, stream, group, groups, out))
        draw_narrow(engine, law, dtype, stream, group, groups, out);
}

static void draw_constant(double value, size_t count, double *out)
{
    for (size_t i = 0; i < count; i++)
        out[i] = value;
}

/* Draw whole groups from 'group' on, into 'wide'. */
static void draw_groups(const struct sow_engine *engine,
                        const struct sow_tensor *tensor, uint64_t group,
                        size_t groups, double wide[SOME_GROUPS * SOW_GROUP])
{
    float narrow[SOME_GROUPS * SOW_GROUP];

    if (tensor->spec.dtype == SOW_FLOAT64) {
        sow_draw_f64(engine, &tensor->law, &tensor->stream, group, groups,
                     wide);
        return;
    }
    sow_draw_f32(engine, &tensor->law, &tensor->stream, group, groups, narrow);
    for (size_t i = 0; i < groups * SOW_GROUP; i++)
        wide[i] = (double)narrow[i];
}

/*
 * How many groups, SOME_GROUPS at most, hold elements [from, from + count) of
 * the group they begin in.  Those numbered a multiple of SOME_GROUPS or more
 * are left for the next call, so that none crosses a multiple of 2^28.
 */
static size_t groups_for(uint64_t group, size_t from, size_t count)
{
    size_t groups = (from + count + SOW_GROUP - 1) / SOW_GROUP;
    size_t left = SOME_GROUPS - (size_t)(group % SOME_GROUPS);

    return groups < left ? groups : left;
}

void sow_draw(const struct sow_engine *engine, const struct sow_tensor *tensor,
              uint64_t first, size_t count, double *out)
{
    double wide[SOME_GROUPS * SOW_GROUP];

    if (tensor->law.kind == SOW_LAW_CONSTANT) {
        draw_constant(tensor->law.value, count, out);
        return;
    }
    while (count > 0) {
        uint64_t group = first / SOW_GROUP;
        size_t from = (size_t)(first % SOW_GROUP);
        size_t groups = groups_for(group, from, count);
        size_t most = groups * SOW_GROUP - from;
        size_t take = count < most ? count : most;

        draw_groups(engine, tensor, group, groups, wide);
        memcpy(out, wide + from, take * sizeof *out);
        first += take;
        out += take;
        count -= take;
    }
}

void sow_draw_words(const struct sow_engine *engine,
                    const struct sow_stream *stream, uint64_t first,
                    size_t count, uint32_t *out)
{
    uint32_t words[SOME_GROUPS * SOW_GROUP];

    while (count > 0) {
        uint64_t group = first / SOW_GROUP;
        size_t from = (size_t)(first % SOW_GROUP);
        size_t groups = groups_for(group, from, count);
        size_t most = groups * SOW_GROUP - from;
        size_t take = count < most ? count : most;

        engine->words(stream, group, groups, words);
        memcpy(out, words + from, take * sizeof *out);
        first += take;
        out += take;
        count -= take;
    }
}
