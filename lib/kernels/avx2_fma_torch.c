/* SPDX-License-Identifier: MIT */
/*
 * torch's draws with AVX2 and FMA: the portable kernels' bits, each fused
 * operation by name.
 */
#include <immintrin.h>
#include <string.h>

#include "generators/mt19937.h"
#include "generators/torch.h"
#include "kernels/avx2_mt19937.h"
#include "kernels/kernels.h"

#define LANES 8

static inline __m256 each(float value)
{
    return _mm256_set1_ps(value);
}

/* The low 24 bits of eight words, in [0, 1). */
static inline __m256 unit(__m256i tempered)
{
    const __m256i mask = _mm256_set1_epi32(0xffffff);

    return _mm256_mul_ps(_mm256_cvtepi32_ps(_mm256_and_si256(tempered, mask)),
                         each(0x1p-24f));
}

/* ------------------------------------------------------------------------
 * Uniform
 */

static inline __m256 uniform(const uint32_t *words, __m256 low, __m256 span,
                             __m256 high)
{
    __m256 value = _mm256_fmadd_ps(unit(temper(load(words))), span, low);

    return _mm256_blendv_ps(value, low, _mm256_cmp_ps(value, high, _CMP_EQ_OQ));
}

void sow_avx2_torch_uniform_f32(const uint32_t *words, size_t n,
                                const struct sow_torch_uniform *law, void *out)
{
    const __m256 low = each(law->low);
    const __m256 span = each(law->span);
    const __m256 high = each(law->high);
    uint8_t *to = out;
    size_t i = 0;

    for (; i + LANES <= n; i += LANES)
        _mm256_storeu_ps((float *)(void *)(to + i * sizeof(float)),
                         uniform(words + i, low, span, high));
    sow_portable_torch_uniform_f32(words + i, n - i, law,
                                   to + i * sizeof(float));
}

/* ------------------------------------------------------------------------
 * Normal: blocks of eight pairs, PAIRS blocks in lock step
 */

#define PAIRS 2
#define EACH _Pragma("GCC unroll 2") for (int v = 0; v < PAIRS; v++)

static inline void horner(__m256 y[PAIRS], const __m256 x[PAIRS], float c)
{
    EACH y[v] = _mm256_fmadd_ps(y[v], x[v], each(c));
}

/* u becomes its logarithm, 2^-24 <= u <= 1. */
static inline void logarithm(__m256 u[PAIRS])
{
    const __m256i mantissa = _mm256_set1_epi32(0x7fffff);
    __m256 e[PAIRS], x[PAIRS], y[PAIRS], z[PAIRS];

    EACH
    {
        __m256i bits = _mm256_castps_si256(u[v]);
        __m256i power = _mm256_sub_epi32(_mm256_srli_epi32(bits, 23),
                                         _mm256_set1_epi32(126));
        __m256 m = _mm256_or_ps(
            _mm256_castsi256_ps(_mm256_and_si256(bits, mantissa)), each(0.5f));
        __m256 less = _mm256_cmp_ps(m, each(SOW_SQRT_HALF), _CMP_LT_OQ);

        e[v] = _mm256_sub_ps(_mm256_cvtepi32_ps(power),
                             _mm256_and_ps(less, each(1)));
        x[v] = _mm256_add_ps(_mm256_sub_ps(m, each(1)), _mm256_and_ps(less, m));
        z[v] = _mm256_mul_ps(x[v], x[v]);
        y[v] = each(SOW_LOG_0);
    }
    horner(y, x, SOW_LOG_1);
    horner(y, x, SOW_LOG_2);
    horner(y, x, SOW_LOG_3);
    horner(y, x, SOW_LOG_4);
    horner(y, x, SOW_LOG_5);
    horner(y, x, SOW_LOG_6);
    horner(y, x, SOW_LOG_7);
    horner(y, x, SOW_LOG_8);
    EACH y[v] = _mm256_mul_ps(y[v], x[v]);
    EACH y[v] =
        _mm256_fmadd_ps(y[v], z[v], _mm256_mul_ps(e[v], each(SOW_LOG_LOW)));
    EACH y[v] = _mm256_fnmadd_ps(z[v], each(0.5f), y[v]);
    EACH u[v] =
        _mm256_fmadd_ps(e[v], each(SOW_LOG_HIGH), _mm256_add_ps(x[v], y[v]));
}

/* Sine and cosine of 0 <= t < 2 pi. */
static inline void circle(const __m256 t[PAIRS], __m256 sine[PAIRS],
                          __m256 cosine[PAIRS])
{
    const __m256i one = _mm256_set1_epi32(1), two = _mm256_set1_epi32(2);
    const __m256i four = _mm256_set1_epi32(4);
    __m256 q[PAIRS], x[PAIRS], z[PAIRS], c[PAIRS], s[PAIRS];
    __m256i j[PAIRS];

    EACH
    {
        j[v] = _mm256_cvttps_epi32(_mm256_mul_ps(t[v], each(SOW_FOUR_BY_PI)));
        j[v] = _mm256_andnot_si256(one, _mm256_add_epi32(j[v], one));
        q[v] = _mm256_cvtepi32_ps(j[v]);
    }
    EACH x[v] = _mm256_fmadd_ps(q[v], each(SOW_QUARTER_1), t[v]);
    EACH x[v] = _mm256_fmadd_ps(q[v], each(SOW_QUARTER_2), x[v]);
    EACH x[v] = _mm256_fmadd_ps(q[v], each(SOW_QUARTER_3), x[v]);
    EACH z[v] = _mm256_mul_ps(x[v], x[v]);
    EACH c[v] = each(SOW_COS_0);
    EACH s[v] = each(SOW_SIN_0);
    horner(c, z, SOW_COS_1);
    horner(s, z, SOW_SIN_1);
    horner(c, z, SOW_COS_2);
    horner(s, z, SOW_SIN_2);
    EACH c[v] = _mm256_mul_ps(c[v], z[v]);
    EACH s[v] = _mm256_mul_ps(s[v], z[v]);
    EACH c[v] = _mm256_fmsub_ps(c[v], z[v], _mm256_mul_ps(z[v], each(0.5f)));
    EACH c[v] = _mm256_add_ps(c[v], each(1));
    EACH s[v] = _mm256_fmadd_ps(s[v], x[v], x[v]);
    EACH
    {
        __m256 swap = _mm256_castsi256_ps(
            _mm256_slli_epi32(_mm256_and_si256(j[v], two), 30));
        __m256i up = _mm256_and_si256(j[v], four);
        __m256i left = _mm256_andnot_si256(_mm256_sub_epi32(j[v], two), four);

        sine[v] = _mm256_xor_ps(_mm256_blendv_ps(s[v], c[v], swap),
                                _mm256_castsi256_ps(_mm256_slli_epi32(up, 29)));
        cosine[v] =
            _mm256_xor_ps(_mm256_blendv_ps(c[v], s[v], swap),
                          _mm256_castsi256_ps(_mm256_slli_epi32(left, 29)));
    }
}

/* PAIRS blocks. */
static inline void normal(const uint32_t *words, __m256 mean, __m256 std,
                          float *out)
{
    __m256 r[PAIRS], t[PAIRS], sine[PAIRS], cosine[PAIRS];

    EACH r[v] = _mm256_sub_ps(each(1), unit(temper(load(words + 16 * v))));
    EACH t[v] =
        _mm256_mul_ps(each(SOW_TWO_PI), unit(temper(load(words + 16 * v + 8))));
    logarithm(r);
    EACH r[v] = _mm256_sqrt_ps(_mm256_mul_ps(each(-2), r[v]));
    circle(t, sine, cosine);
    EACH sine[v] = _mm256_mul_ps(r[v], sine[v]);
    EACH cosine[v] = _mm256_mul_ps(r[v], cosine[v]);
    EACH _mm256_storeu_ps(out + 16 * v, _mm256_fmadd_ps(cosine[v], std, mean));
    EACH _mm256_storeu_ps(out + 16 * v + 8,
                          _mm256_fmadd_ps(sine[v], std, mean));
}

/* One block, in the first place of as many as there are in lock step. */
static void last_block(const uint32_t *words, __m256 mean, __m256 std,
                       void *out)
{
    uint32_t from[16 * PAIRS] = {0};
    float values[16 * PAIRS];

    memcpy(from, words, 16 * sizeof from[0]);
    normal(from, mean, std, values);
    memcpy(out, values, 16 * sizeof values[0]);
}

void sow_avx2_torch_normal_f32(const uint32_t *words, size_t blocks, float mean,
                               float std, void *out)
{
    float *to = out;

    for (; blocks >= PAIRS; blocks -= PAIRS, words += 16 * PAIRS) {
        normal(words, each(mean), each(std), to);
        to += 16 * PAIRS;
    }
    if (blocks > 0)
        last_block(words, each(mean), each(std), to);
}
