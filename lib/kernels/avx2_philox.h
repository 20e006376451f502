/* SPDX-License-Identifier: MIT */
/*
 * Philox4x32-10 with AVX2: the words that avx2.c, avx2_normal.h and
 * avx2_double.c start from.  To be included there alone.
 */
#ifndef AVX2_PHILOX_H
#define AVX2_PHILOX_H

#include <immintrin.h>

#include "generators/philox.h"
#include "kernels/kernels.h"

/* A group is four vectors of eight elements, from eight Philox blocks. */
#define VECTORS 4

/* Do the statement for each of a group's vectors, in lock step. */
#define EACH _Pragma("GCC unroll 4") for (int v = 0; v < VECTORS; v++)

static inline __m256i each64(uint64_t value)
{
    return _mm256_set1_epi64x((long long)value);
}

static inline __m256i each32(uint32_t value)
{
    return _mm256_set1_epi32((int)value);
}

static inline __m256i xor3(__m256i a, __m256i b, __m256i c)
{
    return _mm256_xor_si256(a, _mm256_xor_si256(b, c));
}

/*
 * Each counter word has a vector of 64-bit lanes, one a block; its value is
 * in the low half and the high half is ignored, as _mm256_mul_epu32 does.  So
 * the low word of a product is the product itself, and the high word is one
 * shift away.  Lanes hold blocks 0, 2, 1, 3, which in_order() starts from.
 *
 * Of a counter (block, high half of block, stream, stream) only the first
 * word differs within a call.  Whatever follows from the others alone in the
 * first three rounds is worked out once, in cipher_init().
 */
struct cipher {
    __m256i first; /* M0 * block of the next four blocks … */
    __m256i step;  /* … and how much more that is of those after them */
    __m256i x2_1;  /* what the high half of that is xored with: x2 */
    __m256i x0_2;  /* round 2: M1 * x2 gives its x0 with this … */
    __m256i x2_2;  /* … and the low half of 'first' its x2 */
    __m256i x2_3;  /* round 3: M0 * x0 gives its x2 */
    __m256i k0[PHILOX_ROUNDS], k1[PHILOX_ROUNDS];
};

static void cipher_init(struct cipher *c, const struct sow_stream *stream,
                        uint64_t number)
{
    uint64_t block = stream->from + number * (stream->skip + 1);
    uint32_t high = (uint32_t)(block >> 32);
    uint64_t first = (uint64_t)PHILOX_M0 * (uint32_t)block;
    uint64_t step = PHILOX_M0 * (stream->skip + 1);
    uint64_t p1 = (uint64_t)PHILOX_M1 * stream->high[0];
    uint64_t p0;
    uint32_t k0[PHILOX_ROUNDS], k1[PHILOX_ROUNDS];

    for (uint32_t r = 0; r < PHILOX_ROUNDS; r++) {
        k0[r] = stream->key[0] + r * PHILOX_W0;
        k1[r] = stream->key[1] + r * PHILOX_W1;
        c->k0[r] = each64(k0[r]);
        c->k1[r] = each64(k1[r]);
    }
    p0 = (uint64_t)PHILOX_M0 * ((uint32_t)(p1 >> 32) ^ high ^ k0[0]);
    c->first = _mm256_set_epi64x(
        (long long)(first + 3 * step), (long long)(first + step),
        (long long)(first + 2 * step), (long long)first);
    c->step = each64(4 * step);
    c->x2_1 = each64(stream->high[1] ^ k1[0]);
    c->x0_2 = each64((uint32_t)p1 ^ k0[1]);
    c->x2_2 = each64((uint32_t)(p0 >> 32) ^ k1[1]);
    c->x2_3 = each64((uint32_t)p0 ^ k1[2]);
}

static inline __m256i high_word(__m256i product)
{
    return _mm256_srli_epi64(product, 32);
}

static inline __m256i times(__m256i x, uint32_t factor)
{
    return _mm256_mul_epu32(x, each64(factor));
}

/* Rounds 1 to 3 of the next two chains of four blocks; x[chain][word]. */
static inline __attribute__((always_inline)) void cipher_start(struct cipher *c,
                                                               __m256i x[2][4])
{
#pragma GCC unroll 2
    for (int i = 0; i < 2; i++) {
        __m256i first = c->first;
        __m256i x2 = _mm256_xor_si256(high_word(first), c->x2_1);
        __m256i p1 = times(x2, PHILOX_M1);
        __m256i x0 = _mm256_xor_si256(high_word(p1), c->x0_2);
        __m256i p0 = times(x0, PHILOX_M0);

        c->first = _mm256_add_epi64(first, c->step);
        x2 = _mm256_xor_si256(first, c->x2_2);
        x[i][1] = times(x2, PHILOX_M1);
        x[i][0] = xor3(high_word(x[i][1]), p1, c->k0[2]);
        x[i][2] = _mm256_xor_si256(high_word(p0), c->x2_3);
        x[i][3] = p0;
    }
}

/* One of the others, whose number counts from 0. */
static inline __attribute__((always_inline)) void
cipher_round(const struct cipher *c, int round, __m256i x[2][4])
{
#pragma GCC unroll 2
    for (int i = 0; i < 2; i++) {
        __m256i p0 = times(x[i][0], PHILOX_M0);
        __m256i p1 = times(x[i][2], PHILOX_M1);

        x[i][0] = xor3(high_word(p1), x[i][1], c->k0[round]);
        x[i][2] = xor3(high_word(p0), x[i][3], c->k1[round]);
        x[i][1] = p1;
        x[i][3] = p0;
    }
}

/* Of each half of two vectors: a0 a2 b0 b2, and a1 a3 b1 b3. */
static inline __m256i evens(__m256i a, __m256i b)
{
    return _mm256_castps_si256(_mm256_shuffle_ps(_mm256_castsi256_ps(a),
                                                 _mm256_castsi256_ps(b), 0x88));
}

static inline __m256i odds(__m256i a, __m256i b)
{
    return _mm256_castps_si256(_mm256_shuffle_ps(_mm256_castsi256_ps(a),
                                                 _mm256_castsi256_ps(b), 0xdd));
}

/* A group's words in order, from the low halves of x or from the high ones. */
static inline __attribute__((always_inline)) void
in_order(__m256i x[2][4], bool high, __m256i out[VECTORS])
{
#pragma GCC unroll 2
    for (int i = 0; i < 2; i++) {
        __m256i a = high ? odds(x[i][0], x[i][1]) : evens(x[i][0], x[i][1]);
        __m256i b = high ? odds(x[i][2], x[i][3]) : evens(x[i][2], x[i][3]);

        out[2 * i] = evens(a, b);
        out[2 * i + 1] = odds(a, b);
    }
}

/* For in_pairs() lanes hold blocks 0, 1, 2, 3. */
static inline void cipher_in_pairs(struct cipher *c)
{
    c->first = _mm256_permute4x64_epi64(c->first, 0xd8);
}

/*
 * The same words: the even ones of the first half of a group, its odd ones, and
 * those of the other half.
 */
static inline __attribute__((always_inline)) void
in_pairs(__m256i x[2][4], bool high, __m256i out[VECTORS])
{
#pragma GCC unroll 2
    for (int i = 0; i < 2; i++)
#pragma GCC unroll 2
        for (int k = 0; k < 2; k++) {
            __m256i a = high ? high_word(x[i][k]) : x[i][k];
            __m256i b = high ? x[i][k + 2] : _mm256_slli_epi64(x[i][k + 2], 32);

            out[2 * i + k] = _mm256_blend_epi32(a, b, 0xaa);
        }
}

/* The next group's words, in order. */
static inline void next_words(struct cipher *c, __m256i out[VECTORS])
{
    __m256i x[2][4];

    cipher_start(c, x);
#pragma GCC unroll 8
    for (int round = 3; round < PHILOX_ROUNDS; round++)
        cipher_round(c, round, x);
    in_order(x, false, out);
}

#endif
