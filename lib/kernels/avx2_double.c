/* SPDX-License-Identifier: MIT */
/*
 * Draws of doubles with AVX2: the portable engine's bits, four lanes at a
 * time.  As in avx2.c nothing is fused, and each double sees the operations of
 * sow1.c in their order.
 */
#include <immintrin.h>

#include "generators/sow1.h"
#include "kernels/avx2_philox.h"
#include "kernels/kernels.h"

/* What next_words() gives is half a group: as many vectors of four doubles. */
#define HALF (SOW_GROUP / 2)

/* Upper halves of doubles: 2^52 has the low 52 bits for an integer below it. */
#define MAGIC UINT64_C(0x4330000000000000)
#define MAGIC_HIGH UINT64_C(0x4530000000000000) /* 2^84 */

static inline __m256d eachd(double value)
{
    return _mm256_set1_pd(value);
}

/* The double 'bits' | 'magic', 'bits' being below its last place's 2^52. */
static inline __m256d with_magic(__m256i bits, uint64_t magic)
{
    return _mm256_castsi256_pd(_mm256_or_si256(bits, each64(magic)));
}

/* ------------------------------------------------------------------------
 * Uniform
 */

/* Of integers below 2^53, exactly: upper and low 32 bits, which then join. */
static inline __m256d to_double(__m256i x)
{
    __m256i low = _mm256_and_si256(x, each64(0xffffffff));
    __m256d high = with_magic(_mm256_srli_epi64(x, 32), MAGIC_HIGH);

    return _mm256_add_pd(_mm256_sub_pd(high, eachd(0x1p84 + 0x1p52)),
                         with_magic(low, MAGIC));
}

void sow_avx2_uniform_f64(const struct sow_stream *stream, uint64_t group,
                          size_t groups, const struct sow_uniform_f64 *law,
                          void *out)
{
    const __m256d unit = eachd(0x1p-53);
    const __m256d span = eachd(law->span);
    const __m256d low = eachd(law->low);
    const __m256d last = eachd(law->last);
    struct cipher c;
    double *to = out;

    cipher_init(&c, stream, group * SOW_GROUP / 2);
    for (size_t half = 0; half < 2 * groups; half++, to += HALF) {
        __m256i w[VECTORS];
        __m256d u[VECTORS];

        next_words(&c, w);
        EACH u[v] = to_double(_mm256_srli_epi64(w[v], 11));
        EACH u[v] = _mm256_mul_pd(_mm256_mul_pd(u[v], unit), span);
        EACH u[v] = _mm256_min_pd(_mm256_add_pd(u[v], low), last);
        EACH _mm256_storeu_pd(to + 4 * v, u[v]);
    }
}

/* ------------------------------------------------------------------------
 * Normal
 *
 * Each element has a row of the table, and a step of the polynomial wants the
 * same coefficient of four rows in one vector.  Two coefficients of a row are
 * loaded at a time, and shuffled with those of the next.
 */

/* Where words stand in the table; see sow1_normal_f64(). */
struct argument {
    __m256d w[VECTORS], x[VECTORS]; /* of the last step, of all others */
    uint64_t exponent[HALF];        /* the tail's, biased, which says the row */
};

static inline void argument_of(const __m256i words[VECTORS],
                               struct argument *of)
{
    const __m256i below = each64((UINT64_C(1) << 52) - 1);
    const __m256d mantissa = _mm256_castsi256_pd(below);
    const __m256i zero = _mm256_setzero_si256();

    EACH
    {
        __m256i m = _mm256_srli_epi64(words[v], 11);
        __m256i twice;
        __m256d tail, w, outer, is_outer;

        m = _mm256_xor_si256(m, _mm256_cmpgt_epi64(zero, words[v]));
        m = _mm256_and_si256(m, below);
        twice = _mm256_or_si256(_mm256_add_epi64(m, m), each64(1));
        is_outer = _mm256_castsi256_pd(_mm256_slli_epi64(m, 63 - 51));
        tail = with_magic(_mm256_xor_si256(m, below), MAGIC);
        tail = _mm256_sub_pd(tail, eachd(0x1p52 - 0.5));
        w = _mm256_sub_pd(with_magic(twice, MAGIC), eachd(0x1p52));
        w = _mm256_mul_pd(w, eachd(0x1p-52));
        outer = _mm256_or_pd(_mm256_and_pd(tail, mantissa), eachd(1));
        outer = _mm256_sub_pd(eachd(2), outer);
        of->w[v] = _mm256_blendv_pd(w, outer, is_outer);
        of->x[v] = _mm256_blendv_pd(_mm256_mul_pd(w, w), outer, is_outer);
        _mm256_storeu_si256((__m256i *)(of->exponent + 4 * v),
                            _mm256_srli_epi64(_mm256_castpd_si256(tail), 52));
    }
}

/* Coefficients 'i' and 'i' + 1 of four rows. */
struct pair {
    __m256d first, second;
};

static inline struct pair pair_at(const double *const rows[4], int i)
{
    __m256d even =
        _mm256_insertf128_pd(_mm256_castpd128_pd256(_mm_loadu_pd(rows[0] + i)),
                             _mm_loadu_pd(rows[2] + i), 1);
    __m256d odd =
        _mm256_insertf128_pd(_mm256_castpd128_pd256(_mm_loadu_pd(rows[1] + i)),
                             _mm_loadu_pd(rows[3] + i), 1);

    return (struct pair){_mm256_unpacklo_pd(even, odd),
                         _mm256_unpackhi_pd(even, odd)};
}

/* z = z x + c */
static inline __m256d step(__m256d z, __m256d x, __m256d c)
{
    return _mm256_add_pd(_mm256_mul_pd(z, x), c);
}

/* sow1_normal_f64() of the upper 53 bits of each word. */
static inline void normal(const __m256i words[VECTORS], __m256d z[VECTORS])
{
    const __m256d sign = _mm256_castsi256_pd(each64(UINT64_C(1) << 63));
    const double *rows[HALF];
    struct argument of;
    struct pair c;

    argument_of(words, &of);
    for (int i = 0; i < HALF; i++)
        rows[i] = sow1_normal_f64_table[1023 + 51 - of.exponent[i]];
    EACH
    {
        c = pair_at(rows + 4 * v, SOW1_F64_TERMS - 2);
        z[v] = step(c.second, of.x[v], c.first);
    }
    for (int i = SOW1_F64_TERMS - 4; i >= 1; i -= 2)
        EACH
        {
            c = pair_at(rows + 4 * v, i);
            z[v] = step(z[v], of.x[v], c.second);
            z[v] = step(z[v], of.x[v], c.first);
        }
    EACH z[v] = step(z[v], of.w[v], pair_at(rows + 4 * v, 0).first);
    EACH z[v] =
        _mm256_xor_pd(z[v], _mm256_and_pd(_mm256_castsi256_pd(words[v]), sign));
}

/*
 * The word, in the upper 53 bits, that a word stands for within the bounds: of
 * its product with 'count', in pieces of 32 bits, what is above 53 bits.
 */
static inline __m256i within(__m256i word, __m256i count, __m256i first)
{
    __m256i low = _mm256_srli_epi64(word, 11);
    __m256i high = _mm256_srli_epi64(low, 32);
    __m256i count_high = _mm256_srli_epi64(count, 32);
    __m256i middle = _mm256_add_epi64(_mm256_mul_epu32(high, count),
                                      _mm256_mul_epu32(low, count_high));
    __m256i rank = _mm256_slli_epi64(_mm256_mul_epu32(high, count_high), 11);

    middle = _mm256_add_epi64(
        middle, _mm256_srli_epi64(_mm256_mul_epu32(low, count), 32));
    rank = _mm256_add_epi64(rank, _mm256_srli_epi64(middle, 21));
    rank = _mm256_slli_epi64(_mm256_add_epi64(rank, first), 11);
    return _mm256_xor_si256(rank, each64(UINT64_C(1) << 63));
}

/* Both kernels; 'bounded' is a constant in each. */
static inline __attribute__((always_inline)) void
normals(const struct sow_stream *stream, uint64_t group, size_t groups,
        const struct sow_normal_f64 *law, bool bounded, double *out)
{
    struct cipher c;

    cipher_init(&c, stream, group * SOW_GROUP / 2);
    for (size_t half = 0; half < 2 * groups; half++, out += HALF) {
        __m256i w[VECTORS];
        __m256d z[VECTORS];

        next_words(&c, w);
        if (bounded)
            EACH w[v] = within(w[v], each64(law->count), each64(law->first));
        normal(w, z);
        EACH z[v] = _mm256_add_pd(_mm256_mul_pd(z[v], eachd(law->std)),
                                  eachd(law->mean));
        if (bounded)
            EACH z[v] = _mm256_min_pd(_mm256_max_pd(z[v], eachd(law->low)),
                                      eachd(law->high));
        EACH _mm256_storeu_pd(out + 4 * v, z[v]);
    }
}

void sow_avx2_normal_f64(const struct sow_stream *stream, uint64_t group,
                         size_t groups, const struct sow_normal_f64 *law,
                         void *out)
{
    normals(stream, group, groups, law, false, out);
}

void sow_avx2_truncated_f64(const struct sow_stream *stream, uint64_t group,
                            size_t groups, const struct sow_normal_f64 *law,
                            void *out)
{
    normals(stream, group, groups, law, true, out);
}
