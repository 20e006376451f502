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
 *
 * Instructions that need not know what becomes of NaN are quicker; where there
 * is one, the portable function does all that are rounded together.
 */

static inline bool has_nan(const float *in)
{
    __m256 first = _mm256_cmp_ps(_mm256_loadu_ps(in), _mm256_loadu_ps(in + 8),
                                 _CMP_UNORD_Q);
    __m256 second = _mm256_cmp_ps(_mm256_loadu_ps(in + 16),
                                  _mm256_loadu_ps(in + 24), _CMP_UNORD_Q);

    return _mm256_movemask_ps(_mm256_or_ps(first, second)) != 0;
}

/* What is cut off carries into the exponent, and at last into infinity. */
static inline __m256i bfloat16_of(const float *in)
{
    __m256i bits = _mm256_loadu_si256((const __m256i *)in);
    __m256i odd = _mm256_and_si256(_mm256_srli_epi32(bits, 16), each(1));
    __m256i rounding = _mm256_add_epi32(odd, each(0x7fff));

    return _mm256_srli_epi32(_mm256_add_epi32(bits, rounding), 16);
}

static void narrow_bfloat16(const float *in, uint8_t *to)
{
    for (int i = 0; i < TOGETHER; i += 16) {
        __m256i both =
            _mm256_packus_epi32(bfloat16_of(in + i), bfloat16_of(in + i + 8));

        both = _mm256_permute4x64_epi64(both, 0xd8);
        _mm256_storeu_si256((__m256i *)(to + 2 * i), both);
    }
}

__attribute__((target("f16c"))) static void narrow_float16(const float *in,
                                                           uint8_t *to)
{
    for (int i = 0; i < TOGETHER; i += 8)
        _mm_storeu_si128((__m128i *)(to + 2 * i),
                         _mm256_cvtps_ph(_mm256_loadu_ps(in + i),
                                         _MM_FROUND_TO_NEAREST_INT));
}

/* The next of 'n' values that are many enough. */
static void narrow_halves(enum sow_dtype dtype, const float *in, uint8_t *to,
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
 * float8
 */

/*
 * A format in vectors.  Below 'least_normal' a float32 becomes a subnormal:
 * 'magic' is so large that adding it rounds to multiples of the smallest of
 * those, and leaves how many in the low bits.
 */
struct rounding {
    __m256i rebias, half, least_normal, magic, largest, overflow, nan;
    __m128i drop; /* a shift */
};

static void rounding_init(struct rounding *r, const struct narrow_format *f)
{
    int drop = 23 - f->mantissa;
    uint32_t bias = (uint32_t)f->bias;

    r->rebias = each((127 - bias) << 23);
    r->half = each((1u << (drop - 1)) - 1);
    r->least_normal = each((128 - bias) << 23);
    r->magic = each((128 - bias + (uint32_t)drop) << 23);
    r->largest = each(f->largest);
    r->overflow = each(f->overflow);
    r->nan = each(f->nan);
    r->drop = _mm_cvtsi32_si128(drop);
}

static inline __m256i narrow8(const struct rounding *r, const float *in)
{
    __m256i bits = _mm256_loadu_si256((const __m256i *)in);
    __m256i sign = _mm256_and_si256(bits, each(0x80000000u));
    __m256i x = _mm256_xor_si256(bits, sign);
    __m256i normal = _mm256_sub_epi32(x, r->rebias);
    __m256i odd = _mm256_and_si256(_mm256_srl_epi32(normal, r->drop), each(1));
    __m256i subnormal = _mm256_sub_epi32(
        _mm256_castps_si256(_mm256_add_ps(_mm256_castsi256_ps(x),
                                          _mm256_castsi256_ps(r->magic))),
        r->magic);

    normal = _mm256_add_epi32(_mm256_add_epi32(normal, r->half), odd);
    normal = _mm256_srl_epi32(normal, r->drop);
    normal = _mm256_blendv_epi8(normal, r->overflow,
                                _mm256_cmpgt_epi32(normal, r->largest));
    normal = _mm256_blendv_epi8(normal, subnormal,
                                _mm256_cmpgt_epi32(r->least_normal, x));
    normal = _mm256_blendv_epi8(normal, r->nan,
                                _mm256_cmpgt_epi32(x, each(0x7f800000)));
    return _mm256_or_si256(normal, _mm256_srli_epi32(sign, 24));
}

static void narrow_to_8(const struct rounding *r, const float *in, uint8_t *to)
{
    const __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
    __m256i low = _mm256_packus_epi32(narrow8(r, in), narrow8(r, in + 8));
    __m256i high =
        _mm256_packus_epi32(narrow8(r, in + 16), narrow8(r, in + 24));
    __m256i all = _mm256_packus_epi16(low, high);

    _mm256_storeu_si256((__m256i *)to, _mm256_permutevar8x32_epi32(all, order));
}

void sow_avx2_narrow(enum sow_dtype dtype, const float *in, void *out, size_t n)
{
    struct rounding r;
    uint8_t *to = out;

    if (dtype == SOW_BFLOAT16 || dtype == SOW_FLOAT16) {
        narrow_halves(dtype, in, out, n);
        return;
    }
    if (sow_dtype_size(dtype) == 1) {
        rounding_init(&r, sow_dtype_format(dtype));
        for (; n >= TOGETHER; n -= TOGETHER, in += TOGETHER, to += TOGETHER)
            narrow_to_8(&r, in, to);
    }
    sow_narrow(dtype, in, to, n);
}
