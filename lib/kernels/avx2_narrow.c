/* SPDX-License-Identifier: MIT */
/*
 * sow_narrow() with AVX2 and F16C: the same bits, eight lanes at a time, for
 * the types of one and two bytes.
 */
#include <immintrin.h>

#include "convert.h"
#include "kernels/kernels.h"

/* Values that are rounded together: a vector of the smallest type. */
#define TOGETHER 32

static inline __m256i each(uint32_t value)
{
    return _mm256_set1_epi32((int)value);
}

/* ------------------------------------------------------------------------
 * bfloat16 and float16: most of what is asked for
 */

/* What is cut off carries into the exponent, and at last into infinity. */
static inline __m256i bfloat16_of(const float *in)
{
    __m256i bits = _mm256_loadu_si256((const __m256i *)in);
    __m256i odd = _mm256_and_si256(_mm256_srli_epi32(bits, 16), each(1));
    __m256i rounding = _mm256_add_epi32(odd, each(0x7fff));

    return _mm256_srli_epi32(_mm256_add_epi32(bits, rounding), 16);
}

static inline void narrow_bfloat16(const float *in, uint8_t *to)
{
    for (int i = 0; i < TOGETHER; i += 16) {
        __m256i both =
            _mm256_packus_epi32(bfloat16_of(in + i), bfloat16_of(in + i + 8));

        both = _mm256_permute4x64_epi64(both, 0xd8);
        _mm256_storeu_si256((__m256i *)(to + 2 * i), both);
    }
}

static inline void narrow_float16(const float *in, uint8_t *to)
{
    for (int i = 0; i < TOGETHER; i += 8)
        _mm_storeu_si128((__m128i *)(to + 2 * i),
                         _mm256_cvtps_ph(_mm256_loadu_ps(in + i),
                                         _MM_FROUND_TO_NEAREST_INT));
}

/* ------------------------------------------------------------------------
 * float8
 */

/* A format in vectors. */
struct rounding {
    __m256i least;    /* the exponent of its least normal value */
    __m256i drop;     /* the digits that are cut off, as an exponent */
    __m256i bias;     /* of magnitude() */
    __m256i overflow; /* all that is too large */
    __m128i shift;    /* as many digits */
};

static void rounding_init(struct rounding *r, const struct narrow_format *f)
{
    uint32_t drop = 23 - (uint32_t)f->mantissa;
    uint32_t least = 128 - (uint32_t)f->bias;

    r->least = each(least << 23);
    r->drop = each(drop << 23);
    r->bias = _mm256_set1_epi16((short)(least << f->mantissa));
    r->overflow = _mm256_set1_epi8((char)f->overflow);
    r->shift = _mm_cvtsi32_si128((int)drop);
}

/*
 * A value's magnitude, and the bias.  What has exponent e, where subnormals
 * have the least of normal values, is added to a number so large that the sum
 * is rounded to the format's digits.  Its own bits count them; e goes above.
 */
static inline __m256i magnitude(const struct rounding *r, const float *in)
{
    const __m256 most = _mm256_set1_ps(0x1p20f); /* more than any format has */
    __m256 x = _mm256_andnot_ps(_mm256_set1_ps(-0.0f), _mm256_loadu_ps(in));
    __m256i bits = _mm256_castps_si256(_mm256_min_ps(x, most));
    __m256i e =
        _mm256_max_epi32(_mm256_and_si256(bits, each(0x7f800000)), r->least);
    __m256i large = _mm256_add_epi32(e, r->drop);
    __m256 sum =
        _mm256_add_ps(_mm256_castsi256_ps(bits), _mm256_castsi256_ps(large));
    __m256i digits = _mm256_sub_epi32(_mm256_castps_si256(sum), large);

    return _mm256_add_epi32(digits, _mm256_srl_epi32(e, r->shift));
}

static inline __m256i magnitudes(const struct rounding *r, const float *in)
{
    __m256i both = _mm256_packus_epi32(magnitude(r, in), magnitude(r, in + 8));

    return _mm256_sub_epi16(both, r->bias);
}

/* Whose upper bits are the signs. */
static inline __m256i signs(const float *in)
{
    const __m256i *at = (const __m256i *)in;

    return _mm256_packs_epi32(_mm256_loadu_si256(at),
                              _mm256_loadu_si256(at + 1));
}

static inline void narrow_float8(const struct rounding *r, const float *in,
                                 uint8_t *to)
{
    const __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
    __m256i all = _mm256_min_epu8(
        _mm256_packus_epi16(magnitudes(r, in), magnitudes(r, in + 16)),
        r->overflow);
    __m256i sign = _mm256_and_si256(
        _mm256_packs_epi16(signs(in), signs(in + 16)), each(0x80808080));

    all = _mm256_permutevar8x32_epi32(_mm256_or_si256(all, sign), order);
    _mm256_storeu_si256((__m256i *)to, all);
}

/* ------------------------------------------------------------------------
 * Any number of values
 */

static inline bool has_nan(const float *in)
{
    __m256 first = _mm256_cmp_ps(_mm256_loadu_ps(in), _mm256_loadu_ps(in + 8),
                                 _CMP_UNORD_Q);
    __m256 second = _mm256_cmp_ps(_mm256_loadu_ps(in + 16),
                                  _mm256_loadu_ps(in + 24), _CMP_UNORD_Q);

    return _mm256_movemask_ps(_mm256_or_ps(first, second)) != 0;
}

/*
 * 'dtype' is a constant, or a float8.  What is above doesn't know what becomes
 * of NaN; where there is one, the portable function does all that are rounded
 * together.
 */
static inline __attribute__((always_inline)) void
narrow(enum sow_dtype dtype, const struct rounding *r, const float *in,
       uint8_t *to, size_t n)
{
    const size_t size = sow_dtype_size(dtype) * TOGETHER;

    for (; n >= TOGETHER; n -= TOGETHER, in += TOGETHER, to += size) {
        if (has_nan(in))
            sow_narrow(dtype, in, to, TOGETHER);
        else if (dtype == SOW_FLOAT16)
            narrow_float16(in, to);
        else if (dtype == SOW_BFLOAT16)
            narrow_bfloat16(in, to);
        else
            narrow_float8(r, in, to);
    }
    sow_narrow(dtype, in, to, n);
}

void sow_avx2_narrow(enum sow_dtype dtype, const float *in, void *out, size_t n)
{
    struct rounding r;

    if (dtype == SOW_FLOAT16) {
        narrow(SOW_FLOAT16, NULL, in, out, n);
    } else if (dtype == SOW_BFLOAT16) {
        narrow(SOW_BFLOAT16, NULL, in, out, n);
    } else if (sow_dtype_size(dtype) == 1) {
        rounding_init(&r, sow_dtype_format(dtype));
        narrow(dtype, &r, in, out, n);
    } else {
        sow_narrow(dtype, in, out, n);
    }
}
