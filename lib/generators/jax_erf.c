/* SPDX-License-Identifier: MIT */
/*
 * The error function and its inverse in float32 as XLA compiles them for a CPU
 * that fuses: a product that is added to something is fused, if nothing else
 * needs it.
 */
#include "generators/jax_erf.h"

#include <math.h>
#include <string.h>

#include "generators/jax.h"

static float horner(const float *terms, int count, float x)
{
    float y = terms[0];

    for (int i = 1; i < count; i++)
        y = fmaf(y, x, terms[i]);
    return y;
}

/* log(1 + x) for |x| < JAX_NEAR */
static float log1p_near(float x)
{
    float ratio = horner(jax_near_n, JAX_NEAR_TERMS, x) /
                  horner(jax_near_d, JAX_NEAR_TERMS, x);
    float square = x * x;

    return x + fmaf(-0.5f, square, x * square * ratio);
}

/* The logarithm of a normal x > 0. */
static float log_far(float x)
{
    const float *p = jax_log;
    uint32_t bits;
    float e, y, square, cube, sum;

    memcpy(&bits, &x, sizeof bits);
    e = (float)((int32_t)(bits >> 23) - 126);
    bits = (bits & 0x007fffff) | 0x3f000000;
    memcpy(&y, &bits, sizeof y);
    if (y < JAX_ROOT) {
        e -= 1;
        y = y - 1 + y;
    } else {
        y = y - 1;
    }
    square = y * y;
    cube = square * y;
    sum = fmaf(cube, horner(p, 3, y), horner(p + 3, 3, y));
    sum = fmaf(cube, sum, horner(p + 6, 3, y));
    sum = fmaf(cube, sum, e * JAX_LOG2_LOW);
    sum = fmaf(-0.5f, square, y) + sum;
    return fmaf(e, JAX_LOG2_HIGH, sum);
}

float sow_jax_erf_inv_f32(float x)
{
    float minus = x * -x;
    float w;

    if (fabsf(x) == 1)
        return x * INFINITY;
    w = fabsf(minus) < JAX_NEAR ? -log1p_near(minus) : -log_far(1 + minus);
    if (w < JAX_CENTRE)
        return horner(jax_erf_centre, JAX_ERF_TERMS, w - 2.5f) * x;
    return horner(jax_erf_tail, JAX_ERF_TERMS, sqrtf(w) - 3) * x;
}

/*
 * x times one polynomial in x^2 over another, the coefficients of Eigen; 1
 * from where that rounds to it.
 */
float sow_jax_erf_f32(float x)
{
    static const float n[] = {0x1.e05aa2p-13f, 0x1.bebb44p-9f, 0x1.a16dd6p-5f,
                              0x1.7b4e8p-3f, 0x1.20dd74p+0f};
    static const float d[] = {-0x1.fa720cp-24f,
                              0x1.8b11bep-16f,
                              0x1.0ada5p-10f,
                              0x1.cd0fa8p-7f,
                              0x1.c69842p-4f,
                              0x1.fd6894p-2f,
                              1.0f};
    float square = x * x;

    if (fabsf(x) >= 0x1.df38dp+1f)
        return x > 0 ? 1.0f : -1.0f;
    return x * horner(n, 5, square) / horner(d, 7, square);
}
