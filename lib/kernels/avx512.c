/* SPDX-License-Identifier: MIT */
/*
 * The AVX-512 engine: the portable engine's bits, sixteen lanes at a time.
 *
 * As in avx2.c, nothing fuses and each float sees the operations of sow1.c in
 * their order.
 */
#include <immintrin.h>
#include <string.h>

#include "generators/sow1.h"
#include "kernels/avx512_philox.h"
#include "kernels/kernels.h"

#define STEP (STEP_GROUPS * SOW_GROUP)

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

static void make_words(void *state, size_t steps, float *out)
{
    struct cipher c = *(struct cipher *)state;

    for (; steps > 0; steps--, out += STEP) {
        __m512i w[VECTORS];

        next_words(&c, w);
        EACH _mm512_storeu_si512(out + 16 * v, w[v]);
    }
    ((struct cipher *)state)->first = c.first;
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

/* ------------------------------------------------------------------------
 * Normal
 *
 * The fifteen rows of the table that nearly all words need are transposed, and
 * looked up with the low four bits of the tail's exponent, which is one
 * shuffle.  The place that is left has the first row once more, for tails that
 * round up to 2^31.  The low half of coefficient 7 is the high half of
 * coefficient 8, whose own low half is zero, and so with 5 and 6: one lookup
 * gives both.
 */

/* A group has two vectors: more in lock step don't fit the registers. */
#define PAIR 2
#define BOTH _Pragma("GCC unroll 2") for (int v = 0; v < PAIR; v++)

#define FIRST_EXPONENT (127 + 30)
#define LEAST_TAIL 0x1p16f /* below it, the rows are not at hand */

struct normal {
    struct cipher c;
    const struct sow_normal_f32 *law;
    __m512 term[SOW1_F32_TERMS];
};

/* Coefficient 'term' of the rows for tails of these exponents. */
static __m512 rows_term(__m512i exponent, int term)
{
    uint32_t exponents[16];
    float lanes[16];

    _mm512_storeu_si512(exponents, exponent);
    for (int i = 0; i < 16; i++)
        lanes[i] = sow1_normal_f32_table[FIRST_EXPONENT - exponents[i]][term];
    return _mm512_loadu_ps(lanes);
}

static void normal_init(struct normal *n, const struct sow_stream *stream,
                        uint64_t group, const struct sow_normal_f32 *law)
{
    const __m512i exponents =
        _mm512_set_epi32(143, 157, 157, 156, 155, 154, 153, 152, 151, 150, 149,
                         148, 147, 146, 145, 144);

    for (int i = 0; i < SOW1_F32_TERMS; i++)
        n->term[i] = rows_term(exponents, i);
    n->law = law;
    cipher_init(&n->c, stream, group * SOW_GROUP / 4);
}

/* The float whose high half is the low half of 'x'. */
static inline __m512 low_half(__m512 x)
{
    return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_castps_si512(x), 16));
}

/* a & b | c */
static inline __m512 and_or(__m512 a, uint32_t b, uint32_t c)
{
    return _mm512_castsi512_ps(
        logic(_mm512_castps_si512(a), each32(b), each32(c), AND_OR));
}

/*
 * sow1_normal_f32() of a group's words, if 'far' of all; otherwise returns
 * whether there are any whose rows are not at hand.
 */
static inline __attribute__((always_inline)) bool
normal(const struct normal *n, const __m512i words[PAIR], __m512 z[PAIR],
       bool far)
{
    __m512 tail[PAIR], w[PAIR], x[PAIR], p[PAIR];
    __m512i exponent[PAIR];
    __mmask16 outer[PAIR];

#define LOOKUP(i)                    \
    (far ? rows_term(exponent[v], i) \
         : _mm512_permutexvar_ps(exponent[v], n->term[i]))
    BOTH
    {
        __m512i sign = _mm512_srai_epi32(words[v], 31);
        __m512i a = logic(words[v], sign, each32(0x7fffffff), XOR3);
        __m512i twice = logic(_mm512_add_epi32(words[v], words[v]), sign,
                              each32(1), XOR_OR);

        tail[v] = _mm512_add_ps(_mm512_cvtepi32_ps(a), _mm512_set1_ps(0.5f));
        if (far)
            tail[v] = _mm512_min_ps(tail[v], _mm512_set1_ps(0x1.fffffep30f));
        exponent[v] = _mm512_srli_epi32(_mm512_castps_si512(tail[v]), 23);
        /* Negative, from overflow, in all octaves but the first. */
        outer[v] = _mm512_movepi32_mask(twice);
        w[v] =
            _mm512_mul_ps(_mm512_cvtepi32_ps(twice), _mm512_set1_ps(0x1p-31f));
    }
    BOTH p[v] = and_or(tail[v], 0x007fffff, 0x3f800000);
    BOTH x[v] = _mm512_mul_ps(w[v], w[v]);
    BOTH x[v] = _mm512_mask_sub_ps(x[v], outer[v], _mm512_set1_ps(2), p[v]);
    BOTH w[v] = _mm512_mask_sub_ps(w[v], outer[v], _mm512_set1_ps(2), p[v]);
    BOTH p[v] = LOOKUP(7);
    BOTH z[v] = _mm512_add_ps(_mm512_mul_ps(low_half(p[v]), x[v]), p[v]);
    BOTH p[v] = LOOKUP(5);
    BOTH z[v] = _mm512_add_ps(_mm512_mul_ps(z[v], x[v]), low_half(p[v]));
    BOTH z[v] = _mm512_add_ps(_mm512_mul_ps(z[v], x[v]), p[v]);
#pragma GCC unroll 4
    for (int i = 4; i >= 1; i--)
        BOTH z[v] = _mm512_add_ps(_mm512_mul_ps(z[v], x[v]), LOOKUP(i));
    BOTH z[v] = _mm512_add_ps(_mm512_mul_ps(z[v], w[v]), LOOKUP(0));
    BOTH z[v] = _mm512_castsi512_ps(logic(_mm512_castps_si512(z[v]), words[v],
                                          each32(0x80000000u), XOR_AND));
#undef LOOKUP
    return _mm512_cmp_ps_mask(_mm512_min_ps(tail[0], tail[1]),
                              _mm512_set1_ps(LEAST_TAIL), _CMP_LT_OQ) != 0;
}

/* One group in a thousand has a word of a tail, or more where bounds leave no
 * others. */
static __attribute__((noinline)) void
normal_far(const struct normal *n, const __m512i words[PAIR], __m512 z[PAIR])
{
    normal(n, words, z, true);
}

/*
 * The word that word w stands for within the bounds: even lanes, then odd
 * ones, through the 64-bit product w * (count - 1) + w.
 */
static inline __m512i within(__m512i w, __m512i most, __m512i first)
{
    __m512i odd = _mm512_srli_epi64(w, 32);
    __m512i even = _mm512_and_si512(w, each64(0xffffffff));

    odd = _mm512_add_epi64(_mm512_mul_epu32(odd, most), odd);
    even = _mm512_add_epi64(_mm512_mul_epu32(even, most), even);
    even = _mm512_srli_epi64(even, 32);
    return _mm512_add_epi32(_mm512_mask_blend_epi32(0xaaaa, even, odd), first);
}

/* From words to values, in place, a group at a time. */
static inline __attribute__((always_inline)) void
values(const struct normal *n, size_t groups, bool bounded, float *out)
{
    const __m512i most = each64(n->law->count - 1);
    const __m512i first = each32((uint32_t)n->law->first ^ 0x80000000u);
    const __m512 low = _mm512_set1_ps(n->law->low);
    const __m512 high = _mm512_set1_ps(n->law->high);
    const __m512 std = _mm512_set1_ps(n->law->std);
    const __m512 mean = _mm512_set1_ps(n->law->mean);

    for (; groups > 0; groups--, out += SOW_GROUP) {
        __m512i w[PAIR];
        __m512 z[PAIR];

        BOTH w[v] = _mm512_loadu_si512(out + 16 * v);
        if (bounded)
            BOTH w[v] = within(w[v], most, first);
        if (normal(n, w, z, false))
            normal_far(n, w, z);
        BOTH z[v] = _mm512_add_ps(_mm512_mul_ps(z[v], std), mean);
        if (bounded)
            BOTH z[v] = _mm512_min_ps(_mm512_max_ps(z[v], low), high);
        BOTH _mm512_storeu_ps(out + 16 * v, z[v]);
    }
}

/*
 * Words first, then values: neither loop has to share its registers.  Both are
 * done with so many steps before the first-level cache is full.
 */
#define BATCH 32

static inline __attribute__((always_inline)) void
make_batches(struct normal *n, size_t steps, bool bounded, float *out)
{
    while (steps > 0) {
        size_t take = steps < BATCH ? steps : BATCH;

        make_words(&n->c, take, out);
        values(n, STEP_GROUPS * take, bounded, out);
        out += take * STEP;
        steps -= take;
    }
}

static void make_normals(void *state, size_t steps, float *out)
{
    make_batches(state, steps, false, out);
}

static void make_truncated(void *state, size_t steps, float *out)
{
    make_batches(state, steps, true, out);
}

static void normal_f32(const struct sow_stream *stream, uint64_t group,
                       size_t groups, const struct sow_normal_f32 *law,
                       void *out)
{
    struct normal n;

    normal_init(&n, stream, group, law);
    fill(make_normals, &n, groups, out);
}

static void truncated_f32(const struct sow_stream *stream, uint64_t group,
                          size_t groups, const struct sow_normal_f32 *law,
                          void *out)
{
    struct normal n;

    normal_init(&n, stream, group, law);
    fill(make_truncated, &n, groups, out);
}

const struct sow_engine sow_engine_avx512 = {
    .name = "avx512",
    .runs_here = runs_here,
    .words = words,
    .uniform_f32 = uniform_f32,
    .normal_f32 = normal_f32,
    .truncated_f32 = truncated_f32,
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
