/* SPDX-License-Identifier: MIT */
/*
 * MT19937 and torch's draws, one at a time: what the AVX2 kernels are compared
 * with.  Fused operations are called by name, as torch's own binary has them.
 */
#include <math.h>
#include <string.h>

#include "generators/mt19937.h"
#include "generators/torch.h"
#include "kernels/kernels.h"

#define MIDDLE 397

/* ------------------------------------------------------------------------
 * MT19937
 */

void sow_portable_mt_twist(uint32_t *words, size_t blocks)
{
    for (size_t i = 0; i < blocks * SOW_MT_WORDS; i++) {
        uint32_t x = (words[i] & 0x80000000) | (words[i + 1] & 0x7fffffff);
        uint32_t odd = 0 - (words[i + 1] & 1);

        words[i + SOW_MT_WORDS] =
            words[i + MIDDLE] ^ x >> 1 ^ (odd & 0x9908b0df);
    }
}

void sow_portable_mt_temper(const uint32_t *words, size_t n, uint32_t *out)
{
    for (size_t i = 0; i < n; i++)
        out[i] = sow_mt_temper(words[i]);
}

void sow_portable_mt_sum(const uint32_t *words, const uint16_t *from, size_t n,
                         uint32_t *sum)
{
    for (size_t k = 0; k < n; k++)
        for (size_t i = 0; i < SOW_MT_WORDS; i++)
            sum[i] ^= words[from[k] + i];
}

/* ------------------------------------------------------------------------
 * Uniform
 */

void sow_portable_torch_uniform_f32(const uint32_t *words, size_t n,
                                    const struct sow_torch_uniform *law,
                                    void *out)
{
    uint8_t *to = out;

    for (size_t i = 0; i < n; i++) {
        uint32_t word = sow_mt_temper(words[i]);
        float u = (float)(word & 0xffffff) * 0x1p-24f;
        float value = fmaf(u, law->span, law->low);

        if (value == law->high)
            value = law->low;
        memcpy(to + i * sizeof value, &value, sizeof value);
    }
}

/* ------------------------------------------------------------------------
 * Normal: Box and Muller's transform, with the polynomials of Cephes
 */

static float bits_float(uint32_t bits)
{
    float value;

    memcpy(&value, &bits, sizeof value);
    return value;
}

static uint32_t float_bits(float value)
{
    uint32_t bits;

    memcpy(&bits, &value, sizeof bits);
    return bits;
}

/* The logarithm of 2^-24 <= u <= 1. */
static float logarithm(float u)
{
    uint32_t bits = float_bits(u);
    float e = (float)((int32_t)(bits >> 23) - 126);
    float m = bits_float((bits & 0x7fffff) | 0x3f000000);
    float x = m - 1, y = SOW_LOG_0, z;

    if (m < SOW_SQRT_HALF) {
        e -= 1;
        x += m;
    }
    z = x * x;
    y = fmaf(y, x, SOW_LOG_1);
    y = fmaf(y, x, SOW_LOG_2);
    y = fmaf(y, x, SOW_LOG_3);
    y = fmaf(y, x, SOW_LOG_4);
    y = fmaf(y, x, SOW_LOG_5);
    y = fmaf(y, x, SOW_LOG_6);
    y = fmaf(y, x, SOW_LOG_7);
    y = fmaf(y, x, SOW_LOG_8) * x;
    y = fmaf(y, z, e * SOW_LOG_LOW);
    y = fmaf(-z, 0.5f, y);
    return fmaf(e, SOW_LOG_HIGH, x + y);
}

/* Sine and cosine of 0 <= t < 2 pi. */
static void circle(float t, float *sine, float *cosine)
{
    uint32_t j = ((uint32_t)(t * SOW_FOUR_BY_PI) + 1) & ~1u;
    float q = (float)j, x, z, c, s;

    x = fmaf(q, SOW_QUARTER_1, t);
    x = fmaf(q, SOW_QUARTER_2, x);
    x = fmaf(q, SOW_QUARTER_3, x);
    z = x * x;
    c = fmaf(fmaf(SOW_COS_0, z, SOW_COS_1), z, SOW_COS_2) * z;
    c = fmaf(c, z, -(z * 0.5f)) + 1;
    s = fmaf(fmaf(SOW_SIN_0, z, SOW_SIN_1), z, SOW_SIN_2) * z;
    s = fmaf(s, x, x);
    *sine = bits_float(float_bits(j & 2 ? c : s) ^ (j & 4) << 29);
    *cosine = bits_float(float_bits(j & 2 ? s : c) ^ (~(j - 2) & 4) << 29);
}

static void normal_block(const uint32_t *words, float mean, float std,
                         float values[16])
{
    for (size_t j = 0; j < 8; j++) {
        uint32_t a = sow_mt_temper(words[j]) & 0xffffff;
        uint32_t b = sow_mt_temper(words[j + 8]) & 0xffffff;
        float u = 1 - (float)a * 0x1p-24f;
        float t = SOW_TWO_PI * ((float)b * 0x1p-24f);
        float r = sqrtf(-2 * logarithm(u));
        float sine, cosine;

        circle(t, &sine, &cosine);
        values[j] = fmaf(r * cosine, std, mean);
        values[j + 8] = fmaf(r * sine, std, mean);
    }
}

void sow_portable_torch_normal_f32(const uint32_t *words, size_t blocks,
                                   float mean, float std, void *out)
{
    uint8_t *to = out;
    float values[16];

    for (; blocks > 0; blocks--, words += 16, to += sizeof values) {
        normal_block(words, mean, std, values);
        memcpy(to, values, sizeof values);
    }
}
