/* SPDX-License-Identifier: MIT */
/*
 * Draws of doubles with AVX-512: the portable engine's bits, eight lanes at a
 * time.  As in avx512.c nothing is fused, and each double sees the operations
 * of sow1.c in their order.  A step of words is a group of doubles.
 */
#include <immintrin.h>

#include "generators/sow1.h"
#include "kernels/avx512_philox.h"
#include "kernels/kernels.h"

/* ------------------------------------------------------------------------
 * Uniform
 */

/* The unit and the span are one factor, where that is exact, as in avx512.c. */
void sow_avx512_uniform_f64(const struct sow_stream *stream, uint64_t group,
                            size_t groups, const struct sow_uniform_f64 *law,
                            void *out)
{
    const __m512d span = _mm512_set1_pd(law->span * 0x1p-53);
    const __m512d low = _mm512_set1_pd(law->low);
    const __m512d last = _mm512_set1_pd(law->last);
    struct cipher c;
    double *to = out;

    if (law->span * 0x1p-53 * 0x1p53 != law->span) {
        sow_portable_uniform_f64(stream, group, groups, law, out);
        return;
    }
    cipher_init(&c, stream, group * SOW_GROUP / 2);
    for (; groups > 0; groups--, to += SOW_GROUP) {
        __m512i w[VECTORS];
        __m512d u[VECTORS];

        next_words(&c, w);
        EACH u[v] = _mm512_cvtepi64_pd(_mm512_srli_epi64(w[v], 11));
        EACH u[v] = _mm512_add_pd(_mm512_mul_pd(u[v], span), low);
        EACH _mm512_storeu_pd(to + 8 * v, _mm512_min_pd(u[v], last));
    }
}

/* ------------------------------------------------------------------------
 * Normal
 *
 * The sixteen rows of the table that nearly all words need are transposed:
 * 'term[i]' has coefficient i of each, at the place that the low four bits of
 * the tail's exponent select, so a lookup is one shuffle of two vectors.
 */

#define FIRST_EXPONENT (1023 + 51)
#define LEAST_TAIL 0x1p36 /* below it, the rows are not at hand */

struct normal {
    __m512d term[SOW1_F64_TERMS][2];
    struct cipher c;
};

/* Coefficient 'term' of the rows for tails of these exponents. */
static __m512d rows_term(__m512i exponent, int term)
{
    uint64_t exponents[8];
    double lanes[8];

    _mm512_storeu_si512(exponents, exponent);
    for (int i = 0; i < 8; i++)
        lanes[i] = sow1_normal_f64_table[FIRST_EXPONENT - exponents[i]][term];
    return _mm512_loadu_pd(lanes);
}

/* Exponents 1059 to 1074, those from 1072 first. */
static void normal_init(struct normal *n)
{
    const __m512i low =
        _mm512_set_epi64(1063, 1062, 1061, 1060, 1059, 1074, 1073, 1072);
    const __m512i high =
        _mm512_set_epi64(1071, 1070, 1069, 1068, 1067, 1066, 1065, 1064);

    for (int i = 0; i < SOW1_F64_TERMS; i++) {
        n->term[i][0] = rows_term(low, i);
        n->term[i][1] = rows_term(high, i);
    }
}

static inline __attribute__((always_inline)) __m512d
lookup(const struct normal *n, __m512i exponent, int term, bool far)
{
    if (far)
        return rows_term(exponent, term);
    return _mm512_permutex2var_pd(n->term[term][0], exponent, n->term[term][1]);
}

/* a & b | c */
static inline __m512d and_or(__m512d a, uint64_t b, uint64_t c)
{
    return _mm512_castsi512_pd(
        logic(_mm512_castpd_si512(a), each64(b), each64(c), AND_OR));
}

/* Where words stand in the table; see sow1_normal_f64(). */
struct argument {
    __m512d w[VECTORS], x[VECTORS]; /* of the last step, of all others */
    __m512i exponent[VECTORS];      /* the tail's, biased: it says the row */
};

/* Returns whether there are words whose rows are not at hand. */
static inline bool argument_of(const __m512i words[VECTORS],
                               struct argument *of)
{
    const __m512i below = each64((UINT64_C(1) << 52) - 1);
    const __m512d two = _mm512_set1_pd(2);
    __m512d tail[VECTORS];

    EACH
    {
        __m512i all =
            _mm512_xor_si512(words[v], _mm512_srai_epi64(words[v], 63));
        __m512i m = _mm512_srli_epi64(all, 11);
        __m512i twice = _mm512_or_si512(_mm512_add_epi64(m, m), each64(1));
        __mmask8 outer = _mm512_movepi64_mask(_mm512_add_epi64(all, all));
        __m512d w, from;

        tail[v] = _mm512_cvtepi64_pd(_mm512_xor_si512(m, below));
        tail[v] = _mm512_add_pd(tail[v], _mm512_set1_pd(0.5));
        of->exponent[v] = _mm512_srli_epi64(_mm512_castpd_si512(tail[v]), 52);
        from = and_or(tail[v], (UINT64_C(1) << 52) - 1, UINT64_C(1023) << 52);
        w = _mm512_mul_pd(_mm512_cvtepi64_pd(twice), _mm512_set1_pd(0x1p-52));
        of->x[v] = _mm512_mask_sub_pd(_mm512_mul_pd(w, w), outer, two, from);
        of->w[v] = _mm512_mask_sub_pd(w, outer, two, from);
    }
    tail[0] = _mm512_min_pd(_mm512_min_pd(tail[0], tail[1]),
                            _mm512_min_pd(tail[2], tail[3]));
    return _mm512_cmp_pd_mask(tail[0], _mm512_set1_pd(LEAST_TAIL),
                              _CMP_LT_OQ) != 0;
}

/* The polynomials, of magnitudes; if 'far' with any rows. */
static inline __attribute__((always_inline)) void
polynomials(const struct normal *n, const struct argument *of,
            __m512d z[VECTORS], bool far)
{
    EACH z[v] = lookup(n, of->exponent[v], SOW1_F64_TERMS - 1, far);
    for (int i = SOW1_F64_TERMS - 2; i >= 1; i--)
        EACH z[v] = _mm512_add_pd(_mm512_mul_pd(z[v], of->x[v]),
                                  lookup(n, of->exponent[v], i, far));
    EACH z[v] = _mm512_add_pd(_mm512_mul_pd(z[v], of->w[v]),
                              lookup(n, of->exponent[v], 0, far));
}

static __attribute__((noinline)) void polynomials_far(const struct normal *n,
                                                      const struct argument *of,
                                                      __m512d z[VECTORS])
{
    polynomials(n, of, z, true);
}

/* sow1_normal_f64() of the upper 53 bits of each word. */
static inline void normal(const struct normal *n, const __m512i words[VECTORS],
                          __m512d z[VECTORS])
{
    struct argument of;

    if (argument_of(words, &of))
        polynomials_far(n, &of, z);
    else
        polynomials(n, &of, z, false);
    EACH z[v] = _mm512_castsi512_pd(logic(_mm512_castpd_si512(z[v]), words[v],
                                          each64(UINT64_C(1) << 63), XOR_AND));
}

/*
 * The word, in the upper 53 bits, that a word stands for within the bounds:
 * of its product with 'count' what is above the low 53 bits, by products of
 * halves.
 */
static inline __m512i within(__m512i w, __m512i count, __m512i first)
{
    __m512i low = _mm512_srli_epi64(w, 11);
    __m512i high = _mm512_srli_epi64(low, 32);
    __m512i count_high = _mm512_srli_epi64(count, 32);
    __m512i middle = _mm512_add_epi64(_mm512_mul_epu32(high, count),
                                      _mm512_mul_epu32(low, count_high));
    __m512i rank = _mm512_slli_epi64(_mm512_mul_epu32(high, count_high), 11);

    low = _mm512_srli_epi64(_mm512_mul_epu32(low, count), 32);
    middle = _mm512_srli_epi64(_mm512_add_epi64(middle, low), 21);
    rank = _mm512_add_epi64(_mm512_add_epi64(rank, middle), first);
    return _mm512_xor_si512(_mm512_slli_epi64(rank, 11),
                            each64(UINT64_C(1) << 63));
}

/* Both kernels; 'bounded' is a constant in each. */
static inline __attribute__((always_inline)) void
normals(const struct sow_stream *stream, uint64_t group, size_t groups,
        const struct sow_normal_f64 *law, bool bounded, double *out)
{
    const __m512d std = _mm512_set1_pd(law->std);
    const __m512d mean = _mm512_set1_pd(law->mean);
    const __m512d low = _mm512_set1_pd(law->low);
    const __m512d high = _mm512_set1_pd(law->high);
    const __m512i count = each64(law->count);
    const __m512i first = each64(law->first);
    struct normal n;

    normal_init(&n);
    cipher_init(&n.c, stream, group * SOW_GROUP / 2);
    for (; groups > 0; groups--, out += SOW_GROUP) {
        __m512i w[VECTORS];
        __m512d z[VECTORS];

        next_words(&n.c, w);
        if (bounded)
            EACH w[v] = within(w[v], count, first);
        normal(&n, w, z);
        EACH z[v] = _mm512_add_pd(_mm512_mul_pd(z[v], std), mean);
        if (bounded)
            EACH z[v] = _mm512_min_pd(_mm512_max_pd(z[v], low), high);
        EACH _mm512_storeu_pd(out + 8 * v, z[v]);
    }
}

void sow_avx512_normal_f64(const struct sow_stream *stream, uint64_t group,
                           size_t groups, const struct sow_normal_f64 *law,
                           void *out)
{
    normals(stream, group, groups, law, false, out);
}

void sow_avx512_truncated_f64(const struct sow_stream *stream, uint64_t group,
                              size_t groups, const struct sow_normal_f64 *law,
                              void *out)
{
    normals(stream, group, groups, law, true, out);
}
