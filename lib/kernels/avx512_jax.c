/* SPDX-License-Identifier: MIT */
/*
 * JAX's draws with AVX-512: the portable kernels' bits, four vectors of sixteen
 * elements side by side, each fused operation by name.
 */
#include <immintrin.h>
#include <math.h>
#include <string.h>

#include "generators/jax_erf.h"
#include "generators/threefry.h"
#include "kernels/kernels.h"

#define VECTORS 4
#define TOGETHER (16 * VECTORS)

/* Do the statement for each of the vectors, in lock step. */
#define EACH _Pragma("GCC unroll 4") for (int v = 0; v < VECTORS; v++)

static inline __m512i each(uint32_t value)
{
    return _mm512_set1_epi32((int)value);
}

/* ------------------------------------------------------------------------
 * Words
 */

struct counters {
    __m512i keys[3];
    __m512i x0, x1;     /* of the next sixteen elements */
    __m512i by0;        /* what a vector advances the first by */
    bool first, second; /* which of the results count */
};

static struct counters counters_init(const struct sow_jax_words *words)
{
    const __m512i lanes =
        _mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
    const uint32_t *key = words->key;

    return (struct counters){
        .keys = {each(key[0]), each(key[1]),
                 each(key[0] ^ key[1] ^ THREEFRY_PARITY)},
        .x0 = _mm512_add_epi32(each(words->first[0]),
                               _mm512_mullo_epi32(lanes, each(words->step))),
        .x1 = _mm512_add_epi32(each(words->first[1]), lanes),
        .by0 = each(16 * words->step),
        .first = words->take != SOW_JAX_SECOND,
        .second = words->take != SOW_JAX_FIRST,
    };
}

/* Four rounds and what is added after them, for 'i' from 1. */
static inline __attribute__((always_inline)) void rounds(__m512i x0[VECTORS],
                                                         __m512i x1[VECTORS],
                                                         const int by[4], int i,
                                                         const __m512i keys[3])
{
    const __m512i add0 = keys[i % 3];
    const __m512i add1 = _mm512_add_epi32(keys[(i + 1) % 3], each((uint32_t)i));

#pragma GCC unroll 4
    for (int r = 0; r < 4; r++) {
        EACH x0[v] = _mm512_add_epi32(x0[v], x1[v]);
        EACH x1[v] = _mm512_rolv_epi32(x1[v], each((uint32_t)by[r]));
        EACH x1[v] = _mm512_xor_si512(x1[v], x0[v]);
    }
    EACH x0[v] = _mm512_add_epi32(x0[v], add0);
    EACH x1[v] = _mm512_add_epi32(x1[v], add1);
}

static inline __attribute__((always_inline)) void
next_words(struct counters *c, __m512i out[VECTORS])
{
    static const int even[4] = {THREEFRY_EVEN};
    static const int odd[4] = {THREEFRY_ODD};
    const __m512i sixteen = each(16);
    __m512i x0[VECTORS], x1[VECTORS];

    EACH
    {
        x0[v] = _mm512_add_epi32(c->x0, c->keys[0]);
        x1[v] = _mm512_add_epi32(c->x1, c->keys[1]);
        c->x0 = _mm512_add_epi32(c->x0, c->by0);
        c->x1 = _mm512_add_epi32(c->x1, sixteen);
    }
    rounds(x0, x1, even, 1, c->keys);
    rounds(x0, x1, odd, 2, c->keys);
    rounds(x0, x1, even, 3, c->keys);
    rounds(x0, x1, odd, 4, c->keys);
    rounds(x0, x1, even, 5, c->keys);
    EACH out[v] = c->first ? x0[v] : x1[v];
    if (c->first && c->second)
        EACH out[v] = _mm512_xor_si512(x0[v], x1[v]);
}

/* ------------------------------------------------------------------------
 * Values
 */

static inline __m512 all(float value)
{
    return _mm512_set1_ps(value);
}

/* One step of Horner's for each vector. */
static inline __attribute__((always_inline)) void
step(__m512 y[VECTORS], const __m512 x[VECTORS], float term)
{
    EACH y[v] = _mm512_fmadd_ps(y[v], x[v], all(term));
}

/* log(1 + x), -x below JAX_NEAR */
static inline __attribute__((always_inline)) void
log1p_near(const __m512 x[VECTORS], __m512 out[VECTORS])
{
    __m512 n[VECTORS], d[VECTORS];

    EACH n[v] = all(jax_near_n[0]);
    EACH d[v] = all(jax_near_d[0]);
#pragma GCC unroll 6
    for (int i = 1; i < JAX_NEAR_TERMS; i++) {
        step(n, x, jax_near_n[i]);
        step(d, x, jax_near_d[i]);
    }
    EACH
    {
        __m512 square = _mm512_mul_ps(x[v], x[v]);
        __m512 cube = _mm512_mul_ps(x[v], square);

        cube = _mm512_mul_ps(cube, _mm512_div_ps(n[v], d[v]));
        cube = _mm512_fnmadd_ps(all(0.5f), square, cube);
        out[v] = _mm512_add_ps(x[v], cube);
    }
}

/* Three terms of a vector's, from 'term' on. */
static inline __m512 three(const float *term, __m512 x)
{
    __m512 y = _mm512_fmadd_ps(all(term[0]), x, all(term[1]));

    return _mm512_fmadd_ps(y, x, all(term[2]));
}

/* The logarithm of a normal x > 0. */
static inline __attribute__((always_inline)) __m512 log_far(__m512 x)
{
    __m512i bits = _mm512_castps_si512(x);
    __m512 e = _mm512_cvtepi32_ps(
        _mm512_sub_epi32(_mm512_srli_epi32(bits, 23), each(126)));
    __m512 y = _mm512_castsi512_ps(_mm512_or_si512(
        _mm512_and_si512(bits, each(0x007fffff)), each(0x3f000000)));
    __mmask16 low = _mm512_cmp_ps_mask(y, all(JAX_ROOT), _CMP_LT_OQ);
    __m512 less = _mm512_sub_ps(y, all(1));
    __m512 square, cube, sum;

    e = _mm512_mask_sub_ps(e, low, e, all(1));
    y = _mm512_mask_add_ps(less, low, less, y);
    square = _mm512_mul_ps(y, y);
    cube = _mm512_mul_ps(square, y);
    sum = _mm512_fmadd_ps(cube, three(jax_log, y), three(jax_log + 3, y));
    sum = _mm512_fmadd_ps(cube, sum, three(jax_log + 6, y));
    sum = _mm512_fmadd_ps(cube, sum, _mm512_mul_ps(e, all(JAX_LOG2_LOW)));
    sum = _mm512_add_ps(_mm512_fnmadd_ps(all(0.5f), square, y), sum);
    return _mm512_fmadd_ps(e, all(JAX_LOG2_HIGH), sum);
}

/* A polynomial of the inverse error function's. */
static inline __attribute__((always_inline)) void
erf_terms(const float *term, const __m512 w[VECTORS], __m512 out[VECTORS])
{
    EACH out[v] = all(term[0]);
#pragma GCC unroll 8
    for (int i = 1; i < JAX_ERF_TERMS; i++)
        step(out, w, term[i]);
}

/* Where w isn't below JAX_CENTRE, which few are, the other polynomial. */
static void mend_tails(const __m512 w[VECTORS], __m512 y[VECTORS])
{
    __m512 root[VECTORS], tail[VECTORS];

    EACH root[v] = _mm512_sub_ps(_mm512_sqrt_ps(w[v]), all(3));
    erf_terms(jax_erf_tail, root, tail);
    EACH y[v] = _mm512_mask_mov_ps(
        tail[v], _mm512_cmp_ps_mask(w[v], all(JAX_CENTRE), _CMP_LT_OQ), y[v]);
}

/* sow_jax_erf_inv_f32() */
static inline __attribute__((always_inline)) void erf_inv(__m512 x[VECTORS])
{
    const __m512 sign = all(-0.0f);
    __m512 minus[VECTORS], w[VECTORS], y[VECTORS];
    int tails = 0;

    EACH minus[v] = _mm512_mul_ps(x[v], _mm512_xor_ps(x[v], sign));
    log1p_near(minus, y);
    EACH w[v] = log_far(_mm512_add_ps(all(1), minus[v]));
    EACH w[v] = _mm512_mask_mov_ps(
        w[v], _mm512_cmp_ps_mask(minus[v], all(-JAX_NEAR), _CMP_GT_OQ), y[v]);
    EACH w[v] = _mm512_xor_ps(w[v], sign);
    EACH minus[v] = _mm512_sub_ps(w[v], all(2.5f));
    erf_terms(jax_erf_centre, minus, y);
    EACH tails |= _mm512_cmp_ps_mask(w[v], all(JAX_CENTRE), _CMP_NLT_UQ);
    if (tails != 0)
        mend_tails(w, y);
    EACH
    {
        __mmask16 one = _mm512_cmp_ps_mask(_mm512_andnot_ps(sign, x[v]), all(1),
                                           _CMP_EQ_OQ);

        y[v] = _mm512_mask_mov_ps(y[v], one, all(INFINITY));
        x[v] = _mm512_mul_ps(y[v], x[v]);
    }
}

static inline __attribute__((always_inline)) void
values(const __m512i words[VECTORS], const struct sow_jax_f32 *law,
       bool inverse, __m512 x[VECTORS])
{
    const __m512 low = all(law->low);

    EACH
    {
        __m512i bits =
            _mm512_or_si512(_mm512_srli_epi32(words[v], 9), each(0x3f800000));

        x[v] = _mm512_sub_ps(_mm512_castsi512_ps(bits), all(1));
        x[v] = _mm512_fmadd_ps(x[v], all(law->span), low);
        x[v] = _mm512_max_ps(x[v], low);
    }
    if (inverse) {
        erf_inv(x);
        EACH x[v] = _mm512_mul_ps(x[v], all(JAX_SQRT2));
        EACH x[v] = _mm512_max_ps(x[v], all(law->least));
        EACH x[v] = _mm512_min_ps(x[v], all(law->most));
    }
    EACH x[v] = _mm512_mul_ps(x[v], all(law->scale));
}

/* ------------------------------------------------------------------------
 * The kernels
 */

/* 'law' NULL: the words themselves. */
static inline __attribute__((always_inline)) void
fill(const struct sow_jax_words *words, size_t n, const struct sow_jax_f32 *law,
     bool inverse, uint8_t *out)
{
    struct counters c = counters_init(words);

    while (n > 0) {
        size_t take = n < TOGETHER ? n : TOGETHER;
        __m512i drawn[VECTORS];
        __m512 x[VECTORS];

        next_words(&c, drawn);
        EACH x[v] = _mm512_castsi512_ps(drawn[v]);
        if (law != NULL)
            values(drawn, law, inverse, x);
        if (take == TOGETHER)
            EACH _mm512_storeu_ps((float *)(void *)out + 16 * v, x[v]);
        else
            memcpy(out, x, take * sizeof(float));
        out += take * sizeof(float);
        n -= take;
    }
}

void sow_avx512_jax_words(const struct sow_jax_words *words, size_t n,
                          void *out)
{
    fill(words, n, NULL, false, out);
}

void sow_avx512_jax_f32(const struct sow_jax_words *words, size_t n,
                        const struct sow_jax_f32 *law, void *out)
{
    if (law->inverse)
        fill(words, n, law, true, out);
    else
        fill(words, n, law, false, out);
}
