/* SPDX-License-Identifier: MIT */
/*
 * Normal numbers with AVX2: what the kernels of avx2_normal.c and
 * avx2_bfloat16.c have in common.  To be included there alone.
 *
 * A round of the cipher has to wait for the one before it, and so has a step
 * of the polynomial: either alone leaves the processor idle for a third of the
 * time.  So the words of the next group and the values of this one are made
 * side by side, a round beside a step.
 */
#ifndef AVX2_NORMAL_H
#define AVX2_NORMAL_H

#include <immintrin.h>
#include <string.h>

#include "generators/sow1.h"
#include "kernels/avx2_philox.h"
#include "kernels/kernels.h"
#include "kernels/tails.h"

#define INLINE static inline __attribute__((always_inline))

/* ------------------------------------------------------------------------
 * The table
 *
 * The eight rows that nearly all words need are kept transposed: 'term[i]' has
 * coefficient i of each, at the place that the low three bits of the tail's
 * exponent select, so a lookup is one shuffle.  Tables are made such that the
 * low half of the last coefficient but one is the high half of the last, whose
 * own low half is zero; one shuffle fetches both.  There may be more of such
 * pairs before this one.
 */

#define ROWS_AT_HAND 8
#define LEAST_TAIL (1 << 23) /* below it, the rows are not at hand */

static inline int place_of(int row)
{
    return (127 + 30 - row) & 7;
}

/*
 * 'table' has rows of 'terms'.  Near words don't need the last row.  Its place
 * has the first once more, for tails that round up to 2^31.
 */
INLINE void rows_init(__m256 *term, const float *table, int terms,
                      enum words kind)
{
    for (int i = 0; i < terms; i++) {
        float lanes[ROWS_AT_HAND];

        for (int row = 0; row < ROWS_AT_HAND; row++)
            lanes[place_of(row)] = table[row * terms + i];
        if (kind == NEAR)
            lanes[place_of(-1)] = table[i];
        term[i] = _mm256_loadu_ps(lanes);
    }
}

/* The float whose high half is the low half of 'x'. */
static inline __m256 low_half(__m256 x)
{
    return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_castps_si256(x), 16));
}

/* ------------------------------------------------------------------------
 * Words
 *
 * A word w is kept as w ^ FLIP: the larger of that and of its complement, as
 * signed numbers, is the tail (the number a of sow1.md), and its sign is that
 * of the value.
 */

#define FLIP 0x7fffffffu

struct law {
    __m256i count, last; /* of ranks: how many, and the first, complemented */
    __m256 low, high, std, minus, mean; /* 'minus' is -std */
};

static inline void law_init(struct law *l, const struct sow_normal_f32 *law,
                            enum words kind)
{
    l->count = each64(kind == NEAR ? law->count : law->count - 1);
    l->last = each32(~(uint32_t)law->first);
    l->low = _mm256_set1_ps(law->low);
    l->high = _mm256_set1_ps(law->high);
    l->std = _mm256_set1_ps(law->std);
    l->minus = _mm256_set1_ps(-law->std);
    l->mean = _mm256_set1_ps(law->mean);
}

/*
 * The rank of word x, less the first, is the high half of x * count; as count
 * may be 2^32, it is x * (count - 1) + x unless the words are near.
 */
static inline __m256i rank(__m256i x, const struct law *law, enum words kind)
{
    __m256i product = _mm256_mul_epu32(x, law->count);

    if (kind == NEAR)
        return product;
    return _mm256_add_epi64(product, _mm256_and_si256(x, each64(0xffffffff)));
}

INLINE void arrange(__m256i x[2][4], bool high, bool pairs,
                    __m256i out[VECTORS])
{
    if (pairs)
        in_pairs(x, high, out);
    else
        in_order(x, high, out);
}

/*
 * From the cipher's last round to words, in order or in pairs.  Rank r is word
 * r ^ 0x80000000, so what is kept of it is its complement.
 */
INLINE void words_end(__m256i x[2][4], const struct law *law, enum words kind,
                      bool pairs, __m256i words[VECTORS])
{
    __m256i w[VECTORS];

    if (kind == ALL) {
        arrange(x, false, pairs, w);
        EACH words[v] = _mm256_xor_si256(w[v], each32(FLIP));
        return;
    }
#pragma GCC unroll 2
    for (int i = 0; i < 2; i++)
#pragma GCC unroll 4
        for (int k = 0; k < 4; k++)
            x[i][k] = rank(x[i][k], law, kind);
    arrange(x, true, pairs, w);
    EACH words[v] = _mm256_sub_epi32(law->last, w[v]);
}

/* The next group's words, when there is nothing to make beside them. */
INLINE void words_alone(struct cipher *c, const struct law *law,
                        enum words kind, bool pairs, __m256i words[VECTORS])
{
    __m256i x[2][4];

    cipher_start(c, x);
#pragma GCC unroll 8
    for (int round = 3; round < PHILOX_ROUNDS; round++)
        cipher_round(c, round, x);
    words_end(x, law, kind, pairs, words);
}

/* ------------------------------------------------------------------------
 * Values: sow1_normal_f32() of a group, but for the tails
 */

struct values {
    __m256i lane[VECTORS]; /* which row */
    __m256i least;         /* tails */
    __m256 w[VECTORS], x[VECTORS], z[VECTORS];
    __m256 c[VECTORS]; /* a coefficient, or two */
};

static inline __m256i tail_of(__m256i word)
{
    return _mm256_max_epi32(word, _mm256_xor_si256(word, each32(~0u)));
}

/* What the polynomial takes, of one vector. */
INLINE void value_start(struct values *s, int v, __m256i word, enum words kind)
{
    const __m256 mantissa = _mm256_castsi256_ps(each32(0x007fffff));
    const __m256 most = _mm256_set1_ps(0x1.fffffep30f);
    __m256i a = tail_of(word);
    /* Negative, from overflow, in all octaves but the first. */
    __m256i twice = _mm256_xor_si256(_mm256_add_epi32(a, a), each32(~0u));
    __m256 tail = _mm256_cvtepi32_ps(a);
    __m256 w, outer;

    s->least = v == 0 ? a : _mm256_min_epi32(s->least, a);
    /* Near tails are so large that a half more is the same float. */
    if (kind != NEAR)
        tail = _mm256_min_ps(_mm256_add_ps(tail, _mm256_set1_ps(0.5f)), most);
    s->lane[v] = _mm256_srli_epi32(_mm256_castps_si256(tail), 23);
    w = _mm256_mul_ps(_mm256_cvtepi32_ps(twice), _mm256_set1_ps(0x1p-31f));
    outer = _mm256_sub_ps(
        _mm256_set1_ps(2),
        _mm256_or_ps(_mm256_and_ps(tail, mantissa), _mm256_set1_ps(1)));
    /* Each of two selections by its own sign bit is one instruction. */
    s->x[v] = _mm256_blendv_ps(_mm256_mul_ps(w, w), outer,
                               _mm256_castsi256_ps(twice));
    s->w[v] = _mm256_blendv_ps(w, outer, w);
}

/*
 * z = z * x + coefficient i, for each i from terms - 2 down to 0, the last by
 * w; coefficients from 'paired' on are in pairs.
 */
INLINE void value_step(struct values *s, const __m256 *term, int terms,
                       int paired, int i)
{
    const bool first = i == terms - 2;
    const bool low = i >= paired && (terms - i) % 2 != 0;

    if (first || low || i < paired)
        EACH s->c[v] =
            _mm256_permutevar8x32_ps(term[low ? i - 1 : i], s->lane[v]);
    EACH
    {
        __m256 z = first ? low_half(s->c[v]) : s->z[v];
        __m256 y = low ? low_half(s->c[v]) : s->c[v];

        z = _mm256_mul_ps(z, i == 0 ? s->w[v] : s->x[v]);
        s->z[v] = _mm256_add_ps(z, y);
    }
}

/* (-z) * std is z * -std: the sign is that of the factor. */
INLINE void value_scale(struct values *s, const __m256i words[VECTORS],
                        const struct law *law)
{
    __m256 std[VECTORS];

    EACH std[v] =
        _mm256_blendv_ps(law->std, law->minus, _mm256_castsi256_ps(words[v]));
    EACH s->z[v] = _mm256_mul_ps(s->z[v], std[v]);
}

INLINE void value_bound(struct values *s, const struct law *law)
{
    EACH s->z[v] = _mm256_min_ps(_mm256_max_ps(s->z[v], law->low), law->high);
}

/* Where the rows aren't at hand: all bits of a lane, or none. */
static inline __m256i are_far(__m256i tail)
{
    return _mm256_cmpgt_epi32(each32(LEAST_TAIL), tail);
}

/* A bit for each of such lanes. */
static inline uint32_t bits_of(__m256i lanes)
{
    return (uint32_t)_mm256_movemask_ps(_mm256_castsi256_ps(lanes));
}

/* ------------------------------------------------------------------------
 * Batches
 *
 * The few values that vectors can't have are made one by one.  A group in nine,
 * or of bfloat16 in six, has such: too many to stop for, so that is done when a
 * batch is complete, which stays in the first-level cache.
 */

#define BATCH 64

struct batch {
    __m256i words[BATCH + 1][VECTORS]; /* and those of the group after it */
    uint32_t marks;                    /* groups that miss values … */
    uint32_t group[BATCH];             /* … and which they are */
    size_t missing;                    /* values, by their places in 'words' */
    uint16_t place[BATCH * SOW_GROUP];
};

/* The value of the word at a place, as portable.c makes it. */
static inline float batch_value(const struct batch *b, size_t place,
                                const struct sow_normal_f32 *law, bool bounded)
{
    uint32_t word;
    float value;

    memcpy(&word, (const uint8_t *)b->words + place * sizeof word, sizeof word);
    value = sow1_normal_f32(word ^ FLIP) * law->std + law->mean;
    if (bounded) {
        value = value > law->low ? value : law->low;
        value = value < law->high ? value : law->high;
    }
    return value;
}

#endif
