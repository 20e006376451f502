/* SPDX-License-Identifier: MIT */
/*
 * Normal numbers with AVX-512: what the kernels of avx512_normal.c and
 * avx512_bfloat16.c have in common.  To be included there alone.
 *
 * Words are made a batch at a time, and values from them, a group at a time:
 * neither loop has to share its registers, and words stay in the first-level
 * cache.
 */
#ifndef AVX512_NORMAL_H
#define AVX512_NORMAL_H

#include <immintrin.h>

#include "generators/sow1.h"
#include "kernels/avx512_philox.h"
#include "kernels/kernels.h"
#include "kernels/tails.h"

#define INLINE static inline __attribute__((always_inline))

/* A group has two vectors: more in lock step don't fit the registers. */
#define PAIR 2
#define BOTH _Pragma("GCC unroll 2") for (int v = 0; v < PAIR; v++)

/* Groups whose words are made together: an even number. */
#define BATCH 64

/*
 * Rows of a table are transposed, and looked up with the low four bits of the
 * tail's exponent, which is one shuffle.  Tables are made such that the low
 * half of the last coefficient but one is the high half of the last, whose own
 * low half is zero; one lookup gives both.  There may be more of such pairs
 * before this one.
 */
#define FIRST_EXPONENT (127 + 30)
#define LEAST_TAIL 0x1p16f /* below it, the rows are not at hand */

/*
 * 'table' has rows of 'terms'.  All words need the first fifteen, but those of
 * one group in a thousand.  The place that is left has the first row once more,
 * for tails that round up to 2^31.
 */
INLINE void rows_init(__m512 *term, const float *table, int terms)
{
    for (int i = 0; i < terms; i++) {
        float lanes[16];

        for (int row = 0; row < 15; row++)
            lanes[(FIRST_EXPONENT - row) % 16] = table[row * terms + i];
        lanes[(FIRST_EXPONENT + 1) % 16] = table[i];
        term[i] = _mm512_loadu_ps(lanes);
    }
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

/* a ^ b & c */
static inline __m512 xor_and(__m512 a, __m512i b, uint32_t c)
{
    return _mm512_castsi512_ps(
        logic(_mm512_castps_si512(a), b, each32(c), XOR_AND));
}

/* What the polynomials of a group take. */
struct values {
    __m512 tail[PAIR];
    __m512i exponent[PAIR]; /* of the tail: which row */
    __m512 w[PAIR], x[PAIR], z[PAIR];
};

/* 'half' unless it doesn't matter that tails are too small by that. */
INLINE void values_start(struct values *s, const __m512i words[PAIR], bool half)
{
    __mmask16 outer[PAIR];
    __m512 p[PAIR];

    BOTH
    {
        __m512i sign = _mm512_srai_epi32(words[v], 31);
        __m512i a = logic(words[v], sign, each32(0x7fffffff), XOR3);
        __m512i twice = logic(_mm512_add_epi32(words[v], words[v]), sign,
                              each32(1), XOR_OR);

        s->tail[v] = _mm512_cvtepi32_ps(a);
        if (half)
            s->tail[v] = _mm512_add_ps(s->tail[v], _mm512_set1_ps(0.5f));
        /* Negative, from overflow, in all octaves but the first. */
        outer[v] = _mm512_movepi32_mask(twice);
        s->w[v] =
            _mm512_mul_ps(_mm512_cvtepi32_ps(twice), _mm512_set1_ps(0x1p-31f));
    }
    BOTH s->exponent[v] =
        _mm512_srli_epi32(_mm512_castps_si512(s->tail[v]), 23);
    BOTH p[v] = and_or(s->tail[v], 0x007fffff, 0x3f800000);
    BOTH s->x[v] = _mm512_mul_ps(s->w[v], s->w[v]);
    BOTH s->x[v] =
        _mm512_mask_sub_ps(s->x[v], outer[v], _mm512_set1_ps(2), p[v]);
    BOTH s->w[v] =
        _mm512_mask_sub_ps(s->w[v], outer[v], _mm512_set1_ps(2), p[v]);
}

/* z = z * x + coefficient i, the last by w. */
INLINE void values_step(struct values *s, const __m512 c[PAIR], int i)
{
    BOTH s->z[v] = _mm512_mul_ps(s->z[v], i == 0 ? s->w[v] : s->x[v]);
    BOTH s->z[v] = _mm512_add_ps(s->z[v], c[v]);
}

/*
 * The polynomials, from the last step down; coefficients from 'paired' on are
 * in pairs.
 */
INLINE void values_steps(struct values *s, const __m512 *term, int terms,
                         int paired)
{
    __m512 c[PAIR], low[PAIR];

    BOTH c[v] = _mm512_permutexvar_ps(s->exponent[v], term[terms - 2]);
    BOTH s->z[v] = low_half(c[v]);
    values_step(s, c, terms - 2);
#pragma GCC unroll 8
    for (int i = terms - 3; i >= 0; i--) {
        const bool second = i >= paired && (terms - i) % 2 != 0;

        if (second || i < paired)
            BOTH c[v] =
                _mm512_permutexvar_ps(s->exponent[v], term[second ? i - 1 : i]);
        BOTH low[v] = second ? low_half(c[v]) : c[v];
        values_step(s, low, i);
    }
}

/* The value has the sign of its word. */
INLINE void values_sign(struct values *s, const __m512i words[PAIR])
{
    BOTH s->z[v] = xor_and(s->z[v], words[v], 0x80000000u);
}

/* Whether the rows of any aren't at hand. */
INLINE bool values_far(const struct values *s, enum words kind)
{
    return kind != NEAR &&
           _mm512_cmp_ps_mask(_mm512_min_ps(s->tail[0], s->tail[1]),
                              _mm512_set1_ps(LEAST_TAIL), _CMP_LT_OQ) != 0;
}

/* ------------------------------------------------------------------------
 * Words within bounds
 */

struct law {
    __m512i most, first; /* of ranks: how many, and the first as a word */
    __m512 low, high, std, mean;
};

static inline void law_init(struct law *l, const struct sow_normal_f32 *law,
                            enum words kind)
{
    l->most = each64(kind == NEAR ? law->count : law->count - 1);
    l->first = each32((uint32_t)law->first ^ 0x80000000u);
    l->low = _mm512_set1_ps(law->low);
    l->high = _mm512_set1_ps(law->high);
    l->std = _mm512_set1_ps(law->std);
    l->mean = _mm512_set1_ps(law->mean);
}

/*
 * The word that word w stands for, even lanes and then odd ones: the high half
 * of w * count; as count may be 2^32, w * (count - 1) + w unless they are near.
 */
INLINE __m512i within(__m512i w, const struct law *law, enum words kind)
{
    __m512i odd = _mm512_srli_epi64(w, 32);
    __m512i a = _mm512_mul_epu32(w, law->most);
    __m512i b = _mm512_mul_epu32(odd, law->most);

    if (kind != NEAR) {
        a = _mm512_add_epi64(a, _mm512_and_si512(w, each64(0xffffffff)));
        b = _mm512_add_epi64(b, odd);
    }
    a = _mm512_srli_epi64(a, 32);
    return _mm512_add_epi32(_mm512_mask_blend_epi32(0xaaaa, a, b), law->first);
}

/* A group's words, from those of the stream. */
INLINE void words_load(const uint32_t *from, const struct law *law,
                       enum words kind, __m512i words[PAIR])
{
    BOTH words[v] = _mm512_loadu_si512(from + 16 * v);
    if (kind != ALL)
        BOTH words[v] = within(words[v], law, kind);
}

INLINE void values_bound(struct values *s, const struct law *law)
{
    BOTH s->z[v] = _mm512_min_ps(_mm512_max_ps(s->z[v], law->low), law->high);
}

#endif
