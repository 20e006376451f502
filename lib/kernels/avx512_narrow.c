/* SPDX-License-Identifier: MIT */
/*
 * sow_narrow() with AVX-512: the same bits, sixteen lanes at a time, for the
 * types of one and two bytes.
 */
#include <immintrin.h>

#include "convert.h"
#include "kernels/avx512_halves.h"
#include "kernels/kernels.h"

/* Values that are rounded together. */
#define TOGETHER 32

static inline __m512i each(uint32_t value)
{
    return _mm512_set1_epi32((int)value);
}

/* ------------------------------------------------------------------------
 * Two bytes, none of them NaN: the instructions that are quick don't do it
 */

static inline bool has_nan(const float *in)
{
    return _mm512_cmp_ps_mask(_mm512_loadu_ps(in), _mm512_loadu_ps(in + 16),
                              _CMP_UNORD_Q) != 0;
}

/* What is cut off carries into the exponent, and at last into infinity. */
static inline __m512i bfloat16_of(const float *in)
{
    __m512i bits = _mm512_loadu_si512(in);
    __mmask16 odd = _mm512_test_epi32_mask(bits, each(0x10000));

    bits = _mm512_add_epi32(bits, each(0x7fff));
    return _mm512_mask_add_epi32(bits, odd, bits, each(1));
}

static inline void narrow_bfloat16(const float *in, uint8_t *to)
{
    _mm512_storeu_si512(to, high_halves(bfloat16_of(in), bfloat16_of(in + 16)));
}

static inline void narrow_float16(const float *in, uint8_t *to)
{
    for (int i = 0; i < TOGETHER; i += 16) {
        __m256i half = _mm512_maskz_cvtps_ph(0xffff, _mm512_loadu_ps(in + i),
                                             _MM_FROUND_TO_NEAREST_INT);

        _mm256_storeu_si256((__m256i *)(void *)(to + 2 * i), half);
    }
}

static void narrow_to_16(enum sow_dtype dtype, const float *in, uint8_t *to,
                         size_t n)
{
    for (; n >= TOGETHER; n -= TOGETHER, in += TOGETHER, to += 2 * TOGETHER) {
        if (has_nan(in))
            sow_narrow(dtype, in, to, TOGETHER);
        else if (dtype == SOW_BFLOAT16)
            narrow_bfloat16(in, to);
        else
            narrow_float16(in, to);
    }
    sow_narrow(dtype, in, to, n);
}

/* ------------------------------------------------------------------------
 * One byte
 */

/*
 * A format in vectors.  Below 'least_normal' a float32 becomes a subnormal:
 * 'magic' is so large that adding it rounds to multiples of the smallest of
 * those, and leaves how many in the low bits.  What passes the largest is
 * 'overflow', which is that or the next.
 */
struct rounding {
    __m512i rebias, half, least_normal, magic, overflow, nan, drop;
};

static void rounding_init(struct rounding *r, const struct narrow_format *f)
{
    uint32_t drop = 23 - (uint32_t)f->mantissa;
    uint32_t bias = (uint32_t)f->bias;

    r->rebias = each((127 - bias) << 23);
    r->half = each((1u << (drop - 1)) - 1);
    r->least_normal = each((128 - bias) << 23);
    r->magic = each((128 - bias + drop) << 23);
    r->overflow = each(f->overflow);
    r->nan = each(f->nan);
    r->drop = each(drop);
}

static inline __m128i narrow16(const struct rounding *r, const float *in)
{
    __m512i bits = _mm512_loadu_si512(in);
    __m512i x = _mm512_and_si512(bits, each(0x7fffffff));
    __m512i sign = _mm512_srli_epi32(_mm512_xor_si512(bits, x), 24);
    __m512i y = _mm512_sub_epi32(x, r->rebias);
    __m512i odd = _mm512_and_si512(_mm512_srlv_epi32(y, r->drop), each(1));
    __m512i subnormal = _mm512_castps_si512(
        _mm512_add_ps(_mm512_castsi512_ps(x), _mm512_castsi512_ps(r->magic)));

    y = _mm512_add_epi32(_mm512_add_epi32(y, r->half), odd);
    y = _mm512_min_epi32(_mm512_srlv_epi32(y, r->drop), r->overflow);
    y = _mm512_mask_sub_epi32(y, _mm512_cmpgt_epi32_mask(r->least_normal, x),
                              subnormal, r->magic);
    y = _mm512_mask_mov_epi32(y, _mm512_cmpgt_epi32_mask(x, each(0x7f800000)),
                              r->nan);
    return _mm512_cvtepi32_epi8(_mm512_or_si512(y, sign));
}

static void narrow_to_8(enum sow_dtype dtype, const float *in, uint8_t *to,
                        size_t n)
{
    struct rounding r;

    rounding_init(&r, sow_dtype_format(dtype));
    for (; n >= TOGETHER; n -= TOGETHER, in += TOGETHER, to += TOGETHER)
        for (int i = 0; i < TOGETHER; i += 16)
            _mm_storeu_si128((__m128i *)(void *)(to + i), narrow16(&r, in + i));
    sow_narrow(dtype, in, to, n);
}

void sow_avx512_narrow(enum sow_dtype dtype, const float *in, void *out,
                       size_t n)
{
    size_t size = sow_dtype_size(dtype);

    if (size > 2)
        sow_narrow(dtype, in, out, n);
    else if (size == 2)
        narrow_to_16(dtype, in, out, n);
    else
        narrow_to_8(dtype, in, out, n);
}
