/* SPDX-License-Identifier: MIT */
/*
 * The AVX2 engine: the portable engine's bits, eight lanes at a time.
 *
 * No operation here fuses a multiplication with an addition, and each float
 * sees the same operations in the same order as in sow1.c.
 */
#include <cpuid.h>
#include <immintrin.h>
#include <string.h>

#include "generators/sow1.h"
#include "kernels/avx2_philox.h"
#include "kernels/kernels.h"

/* Not all compilers know this one by name. */
static bool has_f16c(void)
{
    unsigned a, b, c, d;

    return __get_cpuid(1, &a, &b, &c, &d) != 0 && (c & bit_F16C) != 0;
}

static bool runs_here(void)
{
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx2") != 0 &&
           __builtin_cpu_supports("fma") != 0 && has_f16c();
}

static void words(const struct sow_stream *stream, uint64_t group,
                  size_t groups, void *out)
{
    struct cipher c;
    __m256i *to = out;

    cipher_init(&c, stream, group * SOW_GROUP / 4);
    for (; groups > 0; groups--, to += VECTORS) {
        __m256i w[VECTORS];

        next_words(&c, w);
        EACH _mm256_storeu_si256(to + v, w[v]);
    }
}

/* ------------------------------------------------------------------------
 * Uniform
 */

static void uniform_f32(const struct sow_stream *stream, uint64_t group,
                        size_t groups, const struct sow_uniform_f32 *law,
                        void *out)
{
    const __m256 unit = _mm256_set1_ps(0x1p-24f);
    const __m256 span = _mm256_set1_ps(law->span);
    const __m256 low = _mm256_set1_ps(law->low);
    const __m256 last = _mm256_set1_ps(law->last);
    struct cipher c;
    float *to = out;

    cipher_init(&c, stream, group * SOW_GROUP / 4);
    for (; groups > 0; groups--, to += SOW_GROUP) {
        __m256i w[VECTORS];
        __m256 u[VECTORS];

        next_words(&c, w);
        EACH u[v] = _mm256_cvtepi32_ps(_mm256_srli_epi32(w[v], 8));
        EACH u[v] = _mm256_mul_ps(_mm256_mul_ps(u[v], unit), span);
        EACH u[v] = _mm256_min_ps(_mm256_add_ps(u[v], low), last);
        EACH _mm256_storeu_ps(to + 8 * v, u[v]);
    }
}

/* ------------------------------------------------------------------------
 * Normal
 *
 * The eight rows of the table that nearly all words need are kept transposed:
 * 'term[i]' has coefficient i of each, at the place that the low three bits of
 * the tail's exponent select, so a lookup is one shuffle.  The table is made
 * such that the low half of coefficient 7 is the high half of coefficient 8,
 * whose own low half is zero, and so with 5 and 6: one shuffle fetches both.
 */

#define ROWS_AT_HAND 8
#define LEAST_TAIL 0x1p23f /* below it, the rows are not at hand */

struct normal_rows {
    __m256 term[SOW1_F32_TERMS];
};

static void rows_init(struct normal_rows *rows)
{
    for (int i = 0; i < SOW1_F32_TERMS; i++) {
        float lanes[8];

        for (int row = 0; row < ROWS_AT_HAND; row++)
            lanes[(127 + 30 - row) & 7] = sow1_normal_f32_table[row][i];
        rows->term[i] = _mm256_loadu_ps(lanes);
    }
}

static inline __m256 lookup(const struct normal_rows *rows, int term,
                            __m256i lane)
{
    return _mm256_permutevar8x32_ps(rows->term[term], lane);
}

/* The float whose high half is the low half of 'x'. */
static inline __m256 low_half(__m256 x)
{
    return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_castps_si256(x), 16));
}

/*
 * sow1_normal_f32() of a group's words, but for the tails; returns which those
 * are, a bit each.
 */
static inline uint32_t normal(const struct normal_rows *rows,
                              const __m256i words[VECTORS], __m256 z[VECTORS])
{
    const __m256 half = _mm256_set1_ps(0.5f);
    const __m256 most = _mm256_set1_ps(0x1.fffffep30f);
    const __m256 mantissa = _mm256_castsi256_ps(each32(0x007fffff));
    __m256 tail[VECTORS], w[VECTORS], x[VECTORS], p[VECTORS];
    __m256i lane[VECTORS];
    uint32_t mask = 0;

    EACH
    {
        __m256i m = _mm256_xor_si256(words[v], _mm256_srai_epi32(words[v], 31));
        __m256i a = _mm256_xor_si256(m, each32(0x7fffffff));
        __m256i twice = _mm256_or_si256(_mm256_add_epi32(m, m), each32(1));

        tail[v] = _mm256_add_ps(_mm256_cvtepi32_ps(a), half);
        tail[v] = _mm256_min_ps(tail[v], most);
        lane[v] = _mm256_srli_epi32(_mm256_castps_si256(tail[v]), 23);
        w[v] =
            _mm256_mul_ps(_mm256_cvtepi32_ps(twice), _mm256_set1_ps(0x1p-31f));
    }
    /* w is negative, from overflow, in all octaves but the first. */
    EACH
    {
        __m256 outer = _mm256_sub_ps(
            _mm256_set1_ps(2),
            _mm256_or_ps(_mm256_and_ps(tail[v], mantissa), _mm256_set1_ps(1)));

        x[v] = _mm256_blendv_ps(_mm256_mul_ps(w[v], w[v]), outer, w[v]);
        w[v] = _mm256_blendv_ps(w[v], outer, w[v]);
    }
    EACH p[v] = lookup(rows, 7, lane[v]);
    EACH z[v] = _mm256_add_ps(_mm256_mul_ps(low_half(p[v]), x[v]), p[v]);
    EACH p[v] = lookup(rows, 5, lane[v]);
    EACH z[v] = _mm256_add_ps(_mm256_mul_ps(z[v], x[v]), low_half(p[v]));
    EACH z[v] = _mm256_add_ps(_mm256_mul_ps(z[v], x[v]), p[v]);
#pragma GCC unroll 4
    for (int i = 4; i >= 1; i--)
        EACH z[v] =
            _mm256_add_ps(_mm256_mul_ps(z[v], x[v]), lookup(rows, i, lane[v]));
    EACH z[v] =
        _mm256_add_ps(_mm256_mul_ps(z[v], w[v]), lookup(rows, 0, lane[v]));
    EACH z[v] = _mm256_xor_ps(z[v], _mm256_castsi256_ps(_mm256_and_si256(
                                        words[v], each32(0x80000000u))));
    EACH mask |= (uint32_t)_mm256_movemask_ps(_mm256_cmp_ps(
                     tail[v], _mm256_set1_ps(LEAST_TAIL), _CMP_LT_OQ))
                 << (8 * v);
    return mask;
}

/*
 * The word that word w stands for within the bounds: even lanes, then odd
 * ones, through the 64-bit product w * (count - 1) + w.
 */
static inline __m256i within(__m256i w, __m256i most, __m256i first)
{
    const __m256i low = each64(0xffffffff);
    __m256i odd = _mm256_srli_epi64(w, 32);
    __m256i even_rank =
        _mm256_add_epi64(_mm256_mul_epu32(w, most), _mm256_and_si256(w, low));
    __m256i odd_rank = _mm256_add_epi64(_mm256_mul_epu32(odd, most), odd);
    __m256i rank =
        _mm256_blend_epi32(_mm256_srli_epi64(even_rank, 32), odd_rank, 0xaa);

    return _mm256_xor_si256(_mm256_add_epi32(rank, first), each32(0x80000000u));
}

/*
 * Values are made in batches that stay in the first-level cache: first all
 * words, then all values, then again, one by one, the few in the tails.  A
 * group in nine has one of those: too many to stop for.
 */
#define BATCH 16

struct batch {
    __m256i words[BATCH][VECTORS];
    uint32_t marks; /* groups that have tails; the rest is which and where */
    uint32_t group[BATCH + 1];
    uint32_t mask[BATCH + 1];
};

/* One value as portable.c makes it. */
static float mended(uint32_t word, const struct sow_normal_f32 *law,
                    bool bounded)
{
    float value = sow1_normal_f32(word) * law->std + law->mean;

    if (bounded) {
        value = value > law->low ? value : law->low;
        value = value < law->high ? value : law->high;
    }
    return value;
}

/* Put the tails right in a batch's values at 'out'. */
static void mend(const struct batch *b, const struct sow_normal_f32 *law,
                 bool bounded, uint8_t *out)
{
    for (uint32_t i = 0; i < b->marks; i++)
        for (uint32_t mask = b->mask[i]; mask != 0; mask &= mask - 1) {
            size_t at = b->group[i] * SOW_GROUP + (size_t)__builtin_ctz(mask);
            uint32_t word;
            float value;

            memcpy(&word, (const uint8_t *)b->words + 4 * at, sizeof word);
            value = mended(word, law, bounded);
            memcpy(out + 4 * at, &value, sizeof value);
        }
}

/* The words of the next 'groups' groups, moved within the bounds. */
static inline void batch_words(struct batch *b, struct cipher *c, size_t groups,
                               const struct sow_normal_f32 *law, bool bounded)
{
    const __m256i most = each64(law->count - 1);
    const __m256i first = each32((uint32_t)law->first);

    for (size_t i = 0; i < groups; i++) {
        __m256i w[VECTORS];

        next_words(c, w);
        if (bounded)
            EACH w[v] = within(w[v], most, first);
        EACH b->words[i][v] = w[v];
    }
}

static inline void batch_values(struct batch *b, const struct normal_rows *rows,
                                size_t groups, const struct sow_normal_f32 *law,
                                bool bounded, float *out)
{
    const __m256 low = _mm256_set1_ps(law->low);
    const __m256 high = _mm256_set1_ps(law->high);
    const __m256 std = _mm256_set1_ps(law->std);
    const __m256 mean = _mm256_set1_ps(law->mean);

    b->marks = 0;
    for (uint32_t i = 0; i < groups; i++, out += SOW_GROUP) {
        __m256 z[VECTORS];

        b->group[b->marks] = i;
        b->mask[b->marks] = normal(rows, b->words[i], z);
        b->marks += b->mask[b->marks] != 0;
        EACH z[v] = _mm256_add_ps(_mm256_mul_ps(z[v], std), mean);
        if (bounded)
            EACH z[v] = _mm256_min_ps(_mm256_max_ps(z[v], low), high);
        EACH _mm256_storeu_ps(out + 8 * v, z[v]);
    }
}

/* Both kernels; 'bounded' is a constant in each. */
static inline __attribute__((always_inline)) void
normals(const struct sow_stream *stream, uint64_t group, size_t groups,
        const struct sow_normal_f32 *law, bool bounded, float *out)
{
    struct normal_rows rows;
    struct cipher c;
    struct batch b;

    rows_init(&rows);
    cipher_init(&c, stream, group * SOW_GROUP / 4);
    while (groups > 0) {
        size_t take = groups < BATCH ? groups : BATCH;

        batch_words(&b, &c, take, law, bounded);
        batch_values(&b, &rows, take, law, bounded, out);
        mend(&b, law, bounded, (uint8_t *)out);
        out += take * SOW_GROUP;
        groups -= take;
    }
}

static void normal_f32(const struct sow_stream *stream, uint64_t group,
                       size_t groups, const struct sow_normal_f32 *law,
                       void *out)
{
    normals(stream, group, groups, law, false, out);
}

static void truncated_f32(const struct sow_stream *stream, uint64_t group,
                          size_t groups, const struct sow_normal_f32 *law,
                          void *out)
{
    normals(stream, group, groups, law, true, out);
}

const struct sow_engine sow_engine_avx2 = {
    .name = "avx2",
    .runs_here = runs_here,
    .words = words,
    .uniform_f32 = uniform_f32,
    .normal_f32 = normal_f32,
    .truncated_f32 = truncated_f32,
    .uniform_f64 = sow_avx2_uniform_f64,
    .normal_f64 = sow_avx2_normal_f64,
    .truncated_f64 = sow_avx2_truncated_f64,
    .narrow = sow_avx2_narrow,
    .reflect_dot = sow_avx2_reflect_dot,
    .reflect_solve = sow_avx2_reflect_solve,
    .reflect_apply = sow_avx2_reflect_apply,
    .mt_twist = sow_avx2_mt_twist,
    .mt_temper = sow_avx2_mt_temper,
    .mt_sum = sow_avx2_mt_sum,
    .torch_uniform_f32 = sow_avx2_torch_uniform_f32,
    .torch_normal_f32 = sow_avx2_torch_normal_f32,
    .jax_words = sow_avx2_jax_words,
    .jax_f32 = sow_avx2_jax_f32,
    .measure_rows = sow_avx2_measure_rows,
    .measure_columns = sow_avx2_measure_columns,
    .measure_outer = sow_avx2_measure_outer,
    .measure_sums = sow_avx2_measure_sums,
};
