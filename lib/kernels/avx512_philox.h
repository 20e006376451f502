/* SPDX-License-Identifier: MIT */
/*
 * Philox4x32-10 with AVX-512: the words that the kernels of avx512.c and
 * avx512_double.c start from.  To be included there alone.
 */
#ifndef AVX512_PHILOX_H
#define AVX512_PHILOX_H

#include <immintrin.h>

#include "generators/philox.h"
#include "kernels/kernels.h"

/* What is made in a step: two chains of eight blocks, in four vectors. */
#define CHAINS 2
#define VECTORS 4
#define STEP_GROUPS 2
#define STEP (STEP_GROUPS * SOW_GROUP)

/* Do the statement for each of a step's vectors, in lock step. */
#define EACH _Pragma("GCC unroll 4") for (int v = 0; v < VECTORS; v++)

static inline __m512i each64(uint64_t value)
{
    return _mm512_set1_epi64((long long)value);
}

static inline __m512i each32(uint32_t value)
{
    return _mm512_set1_epi32((int)value);
}

/* Truth tables of vpternlogd: for its operands a, b and c. */
#define XOR3 0x96    /* a ^ b ^ c */
#define XOR_OR 0xbe  /* (a ^ b) | c */
#define AND_OR 0xea  /* (a & b) | c */
#define XOR_AND 0x78 /* a ^ (b & c) */
#define CHOOSE 0xca  /* a ? b : c, by bits */

#define logic(a, b, c, table) _mm512_ternarylogic_epi32(a, b, c, table)

/*
 * As in avx2_philox.h, each counter word has a vector of 64-bit lanes, one a
 * block, whose high half is ignored; and what follows from the words that are
 * the same in all blocks of a call is worked out once.
 *
 * Lanes hold blocks 0, 4, 1, 5, 2, 6, 3, 7: then _mm512_unpacklo_epi64 puts
 * words back into the order of the stream.
 */
struct cipher {
    __m512i first; /* M0 * block of the next eight blocks … */
    __m512i step;  /* … and how much more that is of those after them */
    __m512i x2_1;  /* what the high half of that is xored with: x2 */
    __m512i x0_2;  /* round 2: M1 * x2 gives its x0 with this … */
    __m512i x2_2;  /* … and the low half of 'first' its x2 */
    __m512i x2_3;  /* round 3: M0 * x0 gives its x2 */
    __m512i k0[PHILOX_ROUNDS], k1[PHILOX_ROUNDS];
};

static void cipher_init(struct cipher *c, const struct sow_stream *stream,
                        uint64_t number)
{
    uint64_t block = stream->from + number * (stream->skip + 1);
    const long long m0 = (long long)(PHILOX_M0 * (stream->skip + 1));
    uint32_t high = (uint32_t)(block >> 32);
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
    c->first = _mm512_add_epi64(each64((uint64_t)PHILOX_M0 * (uint32_t)block),
                                _mm512_set_epi64(7 * m0, 3 * m0, 6 * m0, 2 * m0,
                                                 5 * m0, m0, 4 * m0, 0));
    c->step = each64(8 * (uint64_t)m0);
    c->x2_1 = each64(stream->high[1] ^ k1[0]);
    c->x0_2 = each64((uint32_t)p1 ^ k0[1]);
    c->x2_2 = each64((uint32_t)(p0 >> 32) ^ k1[1]);
    c->x2_3 = each64((uint32_t)p0 ^ k1[2]);
}

static inline __m512i high_word(__m512i product)
{
    return _mm512_srli_epi64(product, 32);
}

static inline __m512i times(__m512i x, uint32_t factor)
{
    return _mm512_mul_epu32(x, each64(factor));
}

/* Rounds 1 to 3 of the next eight blocks. */
static inline void cipher_start(struct cipher *c, __m512i x[4])
{
    __m512i first = c->first;
    __m512i x2 = _mm512_xor_si512(high_word(first), c->x2_1);
    __m512i p1 = times(x2, PHILOX_M1);
    __m512i x0 = _mm512_xor_si512(high_word(p1), c->x0_2);
    __m512i p0 = times(x0, PHILOX_M0);

    c->first = _mm512_add_epi64(first, c->step);
    x2 = _mm512_xor_si512(first, c->x2_2);
    x[1] = times(x2, PHILOX_M1);
    x[0] = logic(high_word(x[1]), p1, c->k0[2], XOR3);
    x[2] = _mm512_xor_si512(high_word(p0), c->x2_3);
    x[3] = p0;
}

/* Rounds 4 to 9. */
static inline void cipher_rounds(const struct cipher *c, __m512i x[CHAINS][4])
{
#pragma GCC unroll 8
    for (int r = 3; r < PHILOX_ROUNDS - 1; r++) {
#pragma GCC unroll 2
        for (int i = 0; i < CHAINS; i++) {
            __m512i p0 = times(x[i][0], PHILOX_M0);
            __m512i p1 = times(x[i][2], PHILOX_M1);

            x[i][0] = logic(high_word(p1), x[i][1], c->k0[r], XOR3);
            x[i][2] = logic(high_word(p0), x[i][3], c->k1[r], XOR3);
            x[i][1] = p1;
            x[i][3] = p0;
        }
    }
}

/*
 * A product's halves change places: of the two words that it gives, the high
 * one comes first, which alone is yet to be xored.
 */
static inline __m512i last_pair(__m512i product, __m512i x, __m512i key)
{
    return _mm512_mask_ternarylogic_epi32(_mm512_rol_epi64(product, 32), 0x5555,
                                          x, key, XOR3);
}

/* The words of the next STEP_GROUPS groups, in order. */
static inline void next_words(struct cipher *c, __m512i out[VECTORS])
{
    const int last = PHILOX_ROUNDS - 1;
    __m512i x[CHAINS][4];

    cipher_start(c, x[0]);
    cipher_start(c, x[1]);
    cipher_rounds(c, x);
#pragma GCC unroll 2
    for (int i = 0; i < CHAINS; i++) {
        __m512i a = last_pair(times(x[i][2], PHILOX_M1), x[i][1], c->k0[last]);
        __m512i b = last_pair(times(x[i][0], PHILOX_M0), x[i][3], c->k1[last]);

        out[2 * i] = _mm512_unpacklo_epi64(a, b);
        out[2 * i + 1] = _mm512_unpackhi_epi64(a, b);
    }
}

/* Those of so many steps, to anywhere; in avx512.c. */
void sow_avx512_steps(struct cipher *c, size_t steps, void *out);

#endif
