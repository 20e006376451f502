/* SPDX-License-Identifier: MIT */
/*
 * The AVX2 engine: the portable engine's bits, eight lanes at a time.
 *
 * No operation here fuses a multiplication with an addition, and each float
 * sees the same operations in the same order as in sow1.c.
 */
#include <cpuid.h>
#include <immintrin.h>

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

const struct sow_engine sow_engine_avx2 = {
    .name = "avx2",
    .runs_here = runs_here,
    .words = words,
    .uniform_f32 = uniform_f32,
    .normal_f32 = sow_avx2_normal_f32,
    .truncated_f32 = sow_avx2_truncated_f32,
    .normal_bf16 = sow_avx2_normal_bf16,
    .truncated_bf16 = sow_avx2_truncated_bf16,
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
