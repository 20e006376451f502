/* SPDX-License-Identifier: MIT */
/*
 * The AVX-512 engine: the portable engine's bits, sixteen lanes at a time.
 *
 * As in avx2.c, nothing fuses and each float sees the operations of sow1.c in
 * their order.
 */
#include <immintrin.h>
#include <string.h>

#include "kernels/avx512_philox.h"
#include "kernels/kernels.h"

/* With those of AVX2, whose kernels it borrows. */
static bool runs_here(void)
{
    __builtin_cpu_init();
    return sow_engine_avx2.runs_here() &&
           __builtin_cpu_supports("avx512f") != 0 &&
           __builtin_cpu_supports("avx512dq") != 0 &&
           __builtin_cpu_supports("avx512bw") != 0 &&
           __builtin_cpu_supports("avx512vl") != 0;
}

/* Make the next 'steps' times STEP elements; 'state' has a cipher. */
typedef void step_maker(void *state, size_t steps, float *out);

/* An odd group is the first of a step that is made aside. */
static inline void fill(step_maker *make, void *state, size_t groups, void *out)
{
    float last[STEP];
    size_t even = groups - groups % STEP_GROUPS;

    make(state, even / STEP_GROUPS, out);
    if (even == groups)
        return;
    make(state, 1, last);
    memcpy((uint8_t *)out + even * SOW_GROUP * sizeof last[0], last,
           SOW_GROUP * sizeof last[0]);
}

/* ------------------------------------------------------------------------
 * Words
 */

void sow_avx512_steps(struct cipher *cipher, size_t steps, void *out)
{
    struct cipher c = *cipher;
    __m512i *to = out;

    for (; steps > 0; steps--, to += VECTORS) {
        __m512i w[VECTORS];

        next_words(&c, w);
        EACH _mm512_storeu_si512(to + v, w[v]);
    }
    cipher->first = c.first;
}

static void make_words(void *state, size_t steps, float *out)
{
    sow_avx512_steps(state, steps, out);
}

static void words(const struct sow_stream *stream, uint64_t group,
                  size_t groups, void *out)
{
    struct cipher c;

    cipher_init(&c, stream, group * SOW_GROUP / 4);
    fill(make_words, &c, groups, out);
}

/* ------------------------------------------------------------------------
 * Uniform
 *
 * The unit of 2^-24 and the span are one factor: where that is exact, either
 * order of products rounds the same number once.
 */

struct uniform {
    struct cipher c;
    __m512 span, low, last;
};

static void make_uniforms(void *state, size_t steps, float *out)
{
    struct uniform *u = state;
    struct cipher c = u->c;

    for (; steps > 0; steps--, out += STEP) {
        __m512i w[VECTORS];
        __m512 x[VECTORS];

        next_words(&c, w);
        EACH x[v] = _mm512_cvtepi32_ps(_mm512_srli_epi32(w[v], 8));
        EACH x[v] = _mm512_add_ps(_mm512_mul_ps(x[v], u->span), u->low);
        EACH _mm512_storeu_ps(out + 16 * v, _mm512_min_ps(x[v], u->last));
    }
    u->c.first = c.first;
}

static void uniform_f32(const struct sow_stream *stream, uint64_t group,
                        size_t groups, const struct sow_uniform_f32 *law,
                        void *out)
{
    float span = law->span * 0x1p-24f;
    struct uniform u;

    if (span * 0x1p24f != law->span) {
        sow_engine_portable.uniform_f32(stream, group, groups, law, out);
        return;
    }
    u.span = _mm512_set1_ps(span);
    u.low = _mm512_set1_ps(law->low);
    u.last = _mm512_set1_ps(law->last);
    cipher_init(&u.c, stream, group * SOW_GROUP / 4);
    fill(make_uniforms, &u, groups, out);
}

const struct sow_engine sow_engine_avx512 = {
    .name = "avx512",
    .runs_here = runs_here,
    .words = words,
    .uniform_f32 = uniform_f32,
    .normal_f32 = sow_avx512_normal_f32,
    .truncated_f32 = sow_avx512_truncated_f32,
    .normal_bf16 = sow_avx512_normal_bf16,
    .truncated_bf16 = sow_avx512_truncated_bf16,
    .uniform_f64 = sow_avx512_uniform_f64,
    .normal_f64 = sow_avx512_normal_f64,
    .truncated_f64 = sow_avx512_truncated_f64,
    .narrow = sow_avx512_narrow,
    .reflect_dot = sow_avx2_reflect_dot,
    .reflect_solve = sow_avx2_reflect_solve,
    .reflect_apply = sow_avx2_reflect_apply,
    .mt_twist = sow_avx512_mt_twist,
    .mt_temper = sow_avx512_mt_temper,
    .mt_sum = sow_avx512_mt_sum,
    .torch_uniform_f32 = sow_avx512_torch_uniform_f32,
    .torch_normal_f32 = sow_avx2_torch_normal_f32,
    .jax_words = sow_avx512_jax_words,
    .jax_f32 = sow_avx512_jax_f32,
    .measure_rows = sow_avx2_measure_rows,
    .measure_columns = sow_avx2_measure_columns,
    .measure_outer = sow_avx2_measure_outer,
    .measure_sums = sow_avx2_measure_sums,
};
