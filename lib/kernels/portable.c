/* SPDX-License-Identifier: MIT */
/* The portable engine: one element at a time, and the reference for all. */
#include <string.h>

#include "generators/philox.h"
#include "generators/sow1.h"
#include "kernels/kernels.h"

/* Words a group of doubles takes. */
#define WIDE (2 * SOW_GROUP)

static bool runs_here(void)
{
    return true;
}

/* 'n' words, a multiple of four, from the stream's block 'number' on. */
static void make_words(const struct sow_stream *stream, uint64_t number,
                       uint32_t *words, size_t n)
{
    uint64_t step = stream->skip + 1;
    uint64_t block = stream->from + number * step;

    for (size_t i = 0; i < n; i += 4, block += step) {
        words[i] = (uint32_t)block;
        words[i + 1] = (uint32_t)(block >> 32);
        words[i + 2] = stream->high[0];
        words[i + 3] = stream->high[1];
        philox(stream->key, words + i);
    }
}

static void words(const struct sow_stream *stream, uint64_t group,
                  size_t groups, void *out)
{
    uint32_t buffer[SOW_GROUP];
    uint8_t *to = out;

    for (; groups > 0; groups--, group++, to += sizeof buffer) {
        make_words(stream, group * SOW_GROUP / 4, buffer, SOW_GROUP);
        memcpy(to, buffer, sizeof buffer);
    }
}

/* An element's value from its word; what 'law' is, the function knows. */
typedef float value_f32(uint32_t word, const void *law);
typedef double value_f64(uint64_t word, const void *law);

static inline void fill_f32(const struct sow_stream *stream, uint64_t group,
                            size_t groups, value_f32 *value, const void *law,
                            uint8_t *out)
{
    uint32_t from[SOW_GROUP];
    float to[SOW_GROUP];

    for (; groups > 0; groups--, group++, out += sizeof to) {
        make_words(stream, group * SOW_GROUP / 4, from, SOW_GROUP);
        for (int i = 0; i < SOW_GROUP; i++)
            to[i] = value(from[i], law);
        memcpy(out, to, sizeof to);
    }
}

/* A double has the top 53 bits of two words, of which the first is low. */
static inline void fill_f64(const struct sow_stream *stream, uint64_t group,
                            size_t groups, value_f64 *value, const void *law,
                            uint8_t *out)
{
    uint32_t from[WIDE];
    double to[SOW_GROUP];

    for (; groups > 0; groups--, group++, out += sizeof to) {
        make_words(stream, group * WIDE / 4, from, WIDE);
        for (size_t i = 0; i < SOW_GROUP; i++) {
            uint64_t word = (uint64_t)from[2 * i + 1] << 32 | from[2 * i];

            to[i] = value(word >> 11, law);
        }
        memcpy(out, to, sizeof to);
    }
}

static float uniform_f32(uint32_t word, const void *argument)
{
    const struct sow_uniform_f32 *law = argument;
    float value = (float)(word >> 8) * 0x1p-24f * law->span + law->low;

    return value < law->last ? value : law->last;
}

static float normal_f32(uint32_t word, const void *argument)
{
    const struct sow_normal_f32 *law = argument;

    return sow1_normal_f32(word) * law->std + law->mean;
}

static float truncated_f32(uint32_t word, const void *argument)
{
    const struct sow_normal_f32 *law = argument;
    uint64_t rank = law->first + ((word * (law->count - 1) + word) >> 32);
    float z = sow1_normal_f32((uint32_t)rank ^ 0x80000000u);

    z = z * law->std + law->mean;
    z = z > law->low ? z : law->low;
    return z < law->high ? z : law->high;
}

float sow_portable_value(const struct sow_normal_f32 *law, bool bounded,
                         uint32_t word)
{
    return bounded ? truncated_f32(word, law) : normal_f32(word, law);
}

static double uniform_f64(uint64_t word, const void *argument)
{
    const struct sow_uniform_f64 *law = argument;
    double value = (double)(int64_t)word * 0x1p-53 * law->span + law->low;

    return value < law->last ? value : law->last;
}

static double normal_f64(uint64_t word, const void *argument)
{
    const struct sow_normal_f64 *law = argument;

    return sow1_normal_f64(word) * law->std + law->mean;
}

static double truncated_f64(uint64_t word, const void *argument)
{
    __extension__ typedef unsigned __int128 wide;
    const struct sow_normal_f64 *law = argument;
    uint64_t rank = law->first + (uint64_t)((wide)word * law->count >> 53);
    double z = sow1_normal_f64(rank ^ UINT64_C(1) << 52);

    z = z * law->std + law->mean;
    z = z > law->low ? z : law->low;
    return z < law->high ? z : law->high;
}

static void fill_uniform_f32(const struct sow_stream *stream, uint64_t group,
                             size_t groups, const struct sow_uniform_f32 *law,
                             void *out)
{
    fill_f32(stream, group, groups, uniform_f32, law, out);
}

static void fill_normal_f32(const struct sow_stream *stream, uint64_t group,
                            size_t groups, const struct sow_normal_f32 *law,
                            void *out)
{
    fill_f32(stream, group, groups, normal_f32, law, out);
}

static void fill_truncated_f32(const struct sow_stream *stream, uint64_t group,
                               size_t groups, const struct sow_normal_f32 *law,
                               void *out)
{
    fill_f32(stream, group, groups, truncated_f32, law, out);
}

void sow_portable_uniform_f64(const struct sow_stream *stream, uint64_t group,
                              size_t groups, const struct sow_uniform_f64 *law,
                              void *out)
{
    fill_f64(stream, group, groups, uniform_f64, law, out);
}

void sow_portable_normal_f64(const struct sow_stream *stream, uint64_t group,
                             size_t groups, const struct sow_normal_f64 *law,
                             void *out)
{
    fill_f64(stream, group, groups, normal_f64, law, out);
}

void sow_portable_truncated_f64(const struct sow_stream *stream, uint64_t group,
                                size_t groups, const struct sow_normal_f64 *law,
                                void *out)
{
    fill_f64(stream, group, groups, truncated_f64, law, out);
}

const struct sow_engine sow_engine_portable = {
    .name = "portable",
    .runs_here = runs_here,
    .words = words,
    .uniform_f32 = fill_uniform_f32,
    .normal_f32 = fill_normal_f32,
    .truncated_f32 = fill_truncated_f32,
    .uniform_f64 = sow_portable_uniform_f64,
    .normal_f64 = sow_portable_normal_f64,
    .truncated_f64 = sow_portable_truncated_f64,
    .narrow = sow_narrow,
    .reflect_dot = sow_portable_reflect_dot,
    .reflect_solve = sow_portable_reflect_solve,
    .reflect_apply = sow_portable_reflect_apply,
    .mt_twist = sow_portable_mt_twist,
    .mt_temper = sow_portable_mt_temper,
    .mt_sum = sow_portable_mt_sum,
    .torch_uniform_f32 = sow_portable_torch_uniform_f32,
    .torch_normal_f32 = sow_portable_torch_normal_f32,
    .jax_words = sow_portable_jax_words,
    .jax_f32 = sow_portable_jax_f32,
    .measure_rows = sow_portable_measure_rows,
    .measure_columns = sow_portable_measure_columns,
    .measure_outer = sow_portable_measure_outer,
    .measure_sums = sow_portable_measure_sums,
};
