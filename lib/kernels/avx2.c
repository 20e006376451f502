/* SPDX-License-Identifier: MIT */
/*
 * The AVX2 engine: the portable engine's bits, eight lanes at a time.
 *
 * No operation here fuses a multiplication with an addition, and each float
 * sees the same operations in the same order as in sow1.c.
 */
#include <immintrin.h>
#include <string.h>

#include "generators/philox.h"
#include "generators/sow1.h"
#include "kernels/kernels.h"

/* A group is four vectors of eight elements, from eight Philox blocks. */
#define VECTORS 4

/* Do the statement for each of a group's vectors, in lock step. */
#define EACH _Pragma("GCC unroll 4") for (int v = 0; v < VECTORS; v++)

static bool runs_here(void)
{
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx2") != 0;
}

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

/* ------------------------------------------------------------------------
 * Philox4x32-10
 *
 * Each counter word has a vector of 64-bit lanes, one a block; its value is
 * in the low half and the high half is ignored, as _mm256_mul_epu32 does.  So
 * the low word of a product is the product itself, and the high word is one
 * shift away.  Lanes hold blocks 0, 2, 1, 3: then _mm256_unpacklo_epi64 puts
 * words back into the order of the stream.
 *
 * Of a counter (block, high half of block, stream, stream) only the first
 * word differs within a call.  Whatever follows from the others alone in the
 * first three rounds is worked out once, in cipher_init().
 */
struct cipher {
    __m256i first; /* M0 * block of the next four blocks */
    __m256i x2_1;  /* what the high half of that is xored with: x2 */
    __m256i x0_2;  /* round 2: M1 * x2 gives its x0 with this … */
    __m256i x2_2;  /* … and the low half of 'first' its x2 */
    __m256i x2_3;  /* round 3: M0 * x0 gives its x2 */
    __m256i k0[PHILOX_ROUNDS], k1[PHILOX_ROUNDS];
};

static void cipher_init(struct cipher *c, const struct sow_stream *stream,
                        uint64_t block)
{
    uint32_t high = (uint32_t)(block >> 32);
    uint64_t first = (uint64_t)PHILOX_M0 * (uint32_t)block;
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
    c->first = _mm256_add_epi64(
        each64(first), _mm256_set_epi64x(3LL * PHILOX_M0, 1LL * PHILOX_M0,
                                         2LL * PHILOX_M0, 0));
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

/* Rounds 4 to 10 of two chains of four blocks; x[chain][word]. */
static inline void cipher_rounds(const struct cipher *c, __m256i x[2][4])
{
#pragma GCC unroll 8
    for (int r = 3; r < PHILOX_ROUNDS; r++) {
#pragma GCC unroll 2
        for (int i = 0; i < 2; i++) {
            __m256i p0 = times(x[i][0], PHILOX_M0);
            __m256i p1 = times(x[i][2], PHILOX_M1);

            x[i][0] = xor3(high_word(p1), x[i][1], c->k0[r]);
            x[i][2] = xor3(high_word(p0), x[i][3], c->k1[r]);
            x[i][1] = p1;
            x[i][3] = p0;
        }
    }
}

/* Words a and b of four blocks side by side: a0 b0, a2 b2, a1 b1, a3 b3. */
static inline __m256i pair(__m256i a, __m256i b)
{
    return _mm256_blend_epi32(a, _mm256_slli_epi64(b, 32), 0xaa);
}

/* The next group's words, in order. */
static inline void next_words(struct cipher *c, __m256i out[VECTORS])
{
    __m256i x[2][4];

#pragma GCC unroll 2
    for (int i = 0; i < 2; i++) {
        __m256i first = c->first;
        __m256i x2 = _mm256_xor_si256(high_word(first), c->x2_1);
        __m256i p1 = times(x2, PHILOX_M1);
        __m256i x0 = _mm256_xor_si256(high_word(p1), c->x0_2);
        __m256i p0 = times(x0, PHILOX_M0);

        c->first = _mm256_add_epi64(first, each64(4ull * PHILOX_M0));
        x2 = _mm256_xor_si256(first, c->x2_2);
        x[i][1] = times(x2, PHILOX_M1);
        x[i][0] = xor3(high_word(x[i][1]), p1, c->k0[2]);
        x[i][2] = _mm256_xor_si256(high_word(p0), c->x2_3);
        x[i][3] = p0;
    }
    cipher_rounds(c, x);
#pragma GCC unroll 2
    for (int i = 0; i < 2; i++) {
        __m256i a = pair(x[i][0], x[i][1]);
        __m256i b = pair(x[i][2], x[i][3]);

        out[2 * i] = _mm256_unpacklo_epi64(a, b);
        out[2 * i + 1] = _mm256_unpackhi_epi64(a, b);
    }
}

static void words(const struct sow_stream *stream, uint64_t group,
                  size_t groups, void *out)
{
    struct cipher c;
    __m256i *to = out;

    cipher_init(&c, stream, group * SOW_GROUP / 4);
    for (; groups > 0; groups--, to += VECTORS) {
        __m256i w[VECTORS];

        next_words(&c, w);
        EACH _mm256_storeu_si256(to + v, w[v]);
    }
}

/* ------------------------------------------------------------------------
 * Uniform
 */

static void uniform_f32(const struct sow_stream *stream, uint64_t group,
                        size_t groups, const struct sow_uniform_f32 *law,
                        void *out)
{
    const __m256 unit = _mm256_set1_ps(0x1p-24f);
    const __m256 span = _mm256_set1_ps(law->span);
    const __m256 low = _mm256_set1_ps(law->low);
    const __m256 last = _mm256_set1_ps(law->last);
    struct cipher c;
    float *to = out;

    cipher_init(&c, stream, group * SOW_GROUP / 4);
    for (; groups > 0; groups--, to += SOW_GROUP) {
        __m256i w[VECTORS];
        __m256 u[VECTORS];

        next_words(&c, w);
        EACH u[v] = _mm256_cvtepi32_ps(_mm256_srli_epi32(w[v], 8));
        EACH u[v] = _mm256_mul_ps(_mm256_mul_ps(u[v], unit), span);
        EACH u[v] = _mm256_min_ps(_mm256_add_ps(u[v], low), last);
        EACH _mm256_storeu_ps(to + 8 * v, u[v]);
    }
}

/* ------------------------------------------------------------------------
 * Normal
 *
 * The eight rows of the table that nearly all words need are kept transposed:
 * 'term[i]' has coefficient i of each, at the place that the low three bits of
 * the tail's exponent select, so a lookup is one shuffle.  The table is made
 * such that the low half of coefficient 7 is the high half of coefficient 8,
 * whose own low half is zero, and so with 5 and 6: one shuffle fetches both.
 */

#define ROWS_AT_HAND 8
#define LEAST_TAIL 0x1p23f /* below it, the rows are not at hand */

struct normal_rows {
    __m256 term[SOW1_F32_TERMS];
};

static void rows_init(struct normal_rows *rows)
{
    for (int i = 0; i < SOW1_F32_TERMS; i++) {
        float lanes[8];

        for (int row = 0; row < ROWS_AT_HAND; row++)
            lanes[(127 + 30 - row) & 7] = sow1_normal_f32_table[row][i];
        rows->term[i] = _mm256_loadu_ps(lanes);
    }
}

static inline __m256 lookup(const struct normal_rows *rows, int term,
                            __m256i lane)
{
    return _mm256_permutevar8x32_ps(rows->term[term], lane);
}

/* The float whose high half is the low half of 'x'. */
static inline __m256 low_half(__m256 x)
{
    return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_castps_si256(x), 16));
}

/* sow1_normal_f32() of the lanes in 'mask', one by one. */
static __attribute__((noinline, cold)) void
normal_tails(const __m256i w[VECTORS], uint32_t mask, __m256 z[VECTORS])
{
    for (; mask != 0; mask &= mask - 1) {
        int lane = __builtin_ctz(mask);
        uint32_t word;
        float value;

        memcpy(&word, (const uint8_t *)w + 4 * lane, sizeof word);
        value = sow1_normal_f32(word);
        memcpy((uint8_t *)z + 4 * lane, &value, sizeof value);
    }
}

/* sow1_normal_f32() of a group's words. */
static inline void normal(const struct normal_rows *rows,
                          const __m256i words[VECTORS], __m256 z[VECTORS])
{
    const __m256 half = _mm256_set1_ps(0.5f);
    const __m256 most = _mm256_set1_ps(0x1.fffffep30f);
    const __m256 mantissa = _mm256_castsi256_ps(each32(0x007fffff));
    __m256 tail[VECTORS], w[VECTORS], x[VECTORS], p[VECTORS];
    __m256i lane[VECTORS];
    uint32_t mask = 0;

    EACH
    {
        __m256i m = _mm256_xor_si256(words[v], _mm256_srai_epi32(words[v], 31));
        __m256i a = _mm256_xor_si256(m, each32(0x7fffffff));
        __m256i twice = _mm256_or_si256(_mm256_add_epi32(m, m), each32(1));

        tail[v] = _mm256_add_ps(_mm256_cvtepi32_ps(a), half);
        tail[v] = _mm256_min_ps(tail[v], most);
        lane[v] = _mm256_srli_epi32(_mm256_castps_si256(tail[v]), 23);
        w[v] =
            _mm256_mul_ps(_mm256_cvtepi32_ps(twice), _mm256_set1_ps(0x1p-31f));
    }
    /* w is negative, from overflow, in all octaves but the first. */
    EACH
    {
        __m256 outer = _mm256_sub_ps(
            _mm256_set1_ps(2),
            _mm256_or_ps(_mm256_and_ps(tail[v], mantissa), _mm256_set1_ps(1)));

        x[v] = _mm256_blendv_ps(_mm256_mul_ps(w[v], w[v]), outer, w[v]);
        w[v] = _mm256_blendv_ps(w[v], outer, w[v]);
    }
    EACH p[v] = lookup(rows, 7, lane[v]);
    EACH z[v] = _mm256_add_ps(_mm256_mul_ps(low_half(p[v]), x[v]), p[v]);
    EACH p[v] = lookup(rows, 5, lane[v]);
    EACH z[v] = _mm256_add_ps(_mm256_mul_ps(z[v], x[v]), low_half(p[v]));
    EACH z[v] = _mm256_add_ps(_mm256_mul_ps(z[v], x[v]), p[v]);
#pragma GCC unroll 4
    for (int i = 4; i >= 1; i--)
        EACH z[v] =
            _mm256_add_ps(_mm256_mul_ps(z[v], x[v]), lookup(rows, i, lane[v]));
    EACH z[v] =
        _mm256_add_ps(_mm256_mul_ps(z[v], w[v]), lookup(rows, 0, lane[v]));
    EACH z[v] = _mm256_xor_ps(z[v], _mm256_castsi256_ps(_mm256_and_si256(
                                        words[v], each32(0x80000000u))));
    EACH mask |= (uint32_t)_mm256_movemask_ps(_mm256_cmp_ps(
                     tail[v], _mm256_set1_ps(LEAST_TAIL), _CMP_LT_OQ))
                 << (8 * v);
    if (__builtin_expect(mask != 0, 0))
        normal_tails(words, mask, z);
}

static void normal_f32(const struct sow_stream *stream, uint64_t group,
                       size_t groups, const struct sow_normal_f32 *law,
                       void *out)
{
    const __m256 std = _mm256_set1_ps(law->std);
    const __m256 mean = _mm256_set1_ps(law->mean);
    struct normal_rows rows;
    struct cipher c;
    float *to = out;

    rows_init(&rows);
    cipher_init(&c, stream, group * SOW_GROUP / 4);
    for (; groups > 0; groups--, to += SOW_GROUP) {
        __m256i w[VECTORS];
        __m256 z[VECTORS];

        next_words(&c, w);
        normal(&rows, w, z);
        EACH z[v] = _mm256_add_ps(_mm256_mul_ps(z[v], std), mean);
        EACH _mm256_storeu_ps(to + 8 * v, z[v]);
    }
}

/*
 * The word that word w stands for within the bounds: even lanes, then odd
 * ones, through the 64-bit product w * (count - 1) + w.
 */
static inline __m256i within(__m256i w, __m256i most, __m256i first)
{
    const __m256i low = each64(0xffffffff);
    __m256i odd = _mm256_srli_epi64(w, 32);
    __m256i even_rank =
        _mm256_add_epi64(_mm256_mul_epu32(w, most), _mm256_and_si256(w, low));
    __m256i odd_rank = _mm256_add_epi64(_mm256_mul_epu32(odd, most), odd);
    __m256i rank =
        _mm256_blend_epi32(_mm256_srli_epi64(even_rank, 32), odd_rank, 0xaa);

    return _mm256_xor_si256(_mm256_add_epi32(rank, first), each32(0x80000000u));
}

static void truncated_f32(const struct sow_stream *stream, uint64_t group,
                          size_t groups, const struct sow_normal_f32 *law,
                          void *out)
{
    const __m256i most = each64(law->count - 1);
    const __m256i first = each32((uint32_t)law->first);
    const __m256 low = _mm256_set1_ps(law->low);
    const __m256 high = _mm256_set1_ps(law->high);
    const __m256 std = _mm256_set1_ps(law->std);
    const __m256 mean = _mm256_set1_ps(law->mean);
    struct normal_rows rows;
    struct cipher c;
    float *to = out;

    rows_init(&rows);
    cipher_init(&c, stream, group * SOW_GROUP / 4);
    for (; groups > 0; groups--, to += SOW_GROUP) {
        __m256i w[VECTORS];
        __m256 z[VECTORS];

        next_words(&c, w);
        EACH w[v] = within(w[v], most, first);
        normal(&rows, w, z);
        EACH z[v] = _mm256_add_ps(_mm256_mul_ps(z[v], std), mean);
        EACH z[v] = _mm256_min_ps(_mm256_max_ps(z[v], low), high);
        EACH _mm256_storeu_ps(to + 8 * v, z[v]);
    }
}

const struct sow_engine sow_engine_avx2 = {
    .name = "avx2",
    .runs_here = runs_here,
    .words = words,
    .uniform_f32 = uniform_f32,
    .normal_f32 = normal_f32,
    .truncated_f32 = truncated_f32,
    .uniform_f64 = sow_portable_uniform_f64,
    .normal_f64 = sow_portable_normal_f64,
    .truncated_f64 = sow_portable_truncated_f64,
    .narrow = sow_narrow,
};
