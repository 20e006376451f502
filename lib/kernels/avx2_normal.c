/* SPDX-License-Identifier: MIT */
/*
 * Normal and truncated normal numbers with AVX2.
 *
 * A round of the cipher has to wait for the one before it, and so has a step
 * of the polynomial: either alone leaves the processor idle for a third of the
 * time.  So the words of the next group and the values of this one are made
 * side by side, a round beside a step.
 */
#include <immintrin.h>
#include <string.h>

#include "generators/sow1.h"
#include "kernels/avx2_philox.h"
#include "kernels/kernels.h"

#define INLINE static inline __attribute__((always_inline))

/*
 * What the words are, a constant in each kernel: all of them, those within
 * bounds, or those within bounds that no tail of less than NEAR_TAIL passes.
 */
enum words { ALL, BOUNDED, NEAR };

#define NEAR_TAIL (UINT64_C(1) << 24)

/* ------------------------------------------------------------------------
 * The table
 *
 * The eight rows that nearly all words need are kept transposed: 'term[i]' has
 * coefficient i of each, at the place that the low three bits of the tail's
 * exponent select, so a lookup is one shuffle.  The table is made such that the
 * low half of coefficient 7 is the high half of coefficient 8, whose own low
 * half is zero, and so with 5 and 6: one shuffle fetches both.
 */

#define ROWS_AT_HAND 8
#define LEAST_TAIL (1 << 23) /* below it, the rows are not at hand */

struct rows {
    __m256 term[SOW1_F32_TERMS];
};

static inline int place_of(int row)
{
    return (127 + 30 - row) & 7;
}

/*
 * Near words don't need the last row.  Its place has the first once more, for
 * tails that round up to 2^31.
 */
static void rows_init(struct rows *rows, enum words kind)
{
    for (int i = 0; i < SOW1_F32_TERMS; i++) {
        float lanes[ROWS_AT_HAND];

        for (int row = 0; row < ROWS_AT_HAND; row++)
            lanes[place_of(row)] = sow1_normal_f32_table[row][i];
        if (kind == NEAR)
            lanes[place_of(-1)] = sow1_normal_f32_table[0][i];
        rows->term[i] = _mm256_loadu_ps(lanes);
    }
}

static inline __m256 lookup(const struct rows *rows, int term, __m256i lane)
{
    return _mm256_permutevar8x32_ps(rows->term[term], lane);
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

static void law_init(struct law *l, const struct sow_normal_f32 *law,
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

/*
 * From the cipher's last round to words.  Rank r is word r ^ 0x80000000, so
 * what is kept of it is its complement.
 */
INLINE void words_end(__m256i x[2][4], const struct law *law, enum words kind,
                      __m256i words[VECTORS])
{
    __m256i w[VECTORS];

    if (kind == ALL) {
        in_order(x, false, w);
        EACH words[v] = _mm256_xor_si256(w[v], each32(FLIP));
        return;
    }
#pragma GCC unroll 2
    for (int i = 0; i < 2; i++)
#pragma GCC unroll 4
        for (int k = 0; k < 4; k++)
            x[i][k] = rank(x[i][k], law, kind);
    in_order(x, true, w);
    EACH words[v] = _mm256_sub_epi32(law->last, w[v]);
}

/* ------------------------------------------------------------------------
 * Values: sow1_normal_f32() of a group, but for the tails
 */

struct values {
    __m256i lane[VECTORS]; /* which row */
    __m256i least;         /* tails */
    __m256 w[VECTORS], x[VECTORS], z[VECTORS];
    __m256 pair[VECTORS]; /* two coefficients */
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

/* z = z * x + coefficient i, of which two have one lookup; the last is by w. */
INLINE void value_step(struct values *s, const struct rows *rows, int i)
{
    const bool first = i == 7;
    const bool paired = i >= 5;
    __m256 c[VECTORS];

    if (first || i == 6)
        EACH s->pair[v] = lookup(rows, first ? 7 : 5, s->lane[v]);
    else if (!paired)
        EACH c[v] = lookup(rows, i, s->lane[v]);
    EACH
    {
        __m256 z = first ? low_half(s->pair[v]) : s->z[v];
        __m256 y = i == 6 ? low_half(s->pair[v]) : paired ? s->pair[v] : c[v];

        z = _mm256_mul_ps(z, i == 0 ? s->w[v] : s->x[v]);
        s->z[v] = _mm256_add_ps(z, y);
    }
}

/* (-z) * std is z * -std: the sign is that of the factor. */
INLINE void value_end(struct values *s, const __m256i words[VECTORS],
                      const struct law *law, enum words kind, float *out)
{
    __m256 std[VECTORS];

    EACH std[v] =
        _mm256_blendv_ps(law->std, law->minus, _mm256_castsi256_ps(words[v]));
    EACH s->z[v] = _mm256_add_ps(_mm256_mul_ps(s->z[v], std[v]), law->mean);
    if (kind != ALL)
        EACH s->z[v] =
            _mm256_min_ps(_mm256_max_ps(s->z[v], law->low), law->high);
    EACH _mm256_storeu_ps(out + 8 * v, s->z[v]);
}

/* Whether a lane has a tail below LEAST_TAIL, a bit each. */
static inline uint32_t far_lanes(__m256i tail)
{
    return (uint32_t)_mm256_movemask_ps(
        _mm256_castsi256_ps(_mm256_cmpgt_epi32(each32(LEAST_TAIL), tail)));
}

/*
 * This group's values, and the next one's words.  Returns whether values are
 * missing.
 */
INLINE bool group_values(const __m256i words[VECTORS], const struct rows *rows,
                         const struct law *law, enum words kind,
                         struct cipher *c, __m256i next[VECTORS], float *out)
{
    struct values s;
    __m256i x[2][4];

    cipher_start(c, x);
    value_start(&s, 0, words[0], kind);
    value_start(&s, 1, words[1], kind);
    cipher_round(c, 3, x);
    value_start(&s, 2, words[2], kind);
    value_start(&s, 3, words[3], kind);
    cipher_round(c, 4, x);
    value_step(&s, rows, 7);
    value_step(&s, rows, 6);
    cipher_round(c, 5, x);
    value_step(&s, rows, 5);
    value_step(&s, rows, 4);
    cipher_round(c, 6, x);
    value_step(&s, rows, 3);
    cipher_round(c, 7, x);
    value_step(&s, rows, 2);
    cipher_round(c, 8, x);
    value_step(&s, rows, 1);
    cipher_round(c, 9, x);
    value_step(&s, rows, 0);
    words_end(x, law, kind, next);
    value_end(&s, words, law, kind, out);
    return kind != NEAR && far_lanes(s.least) != 0;
}

/* ------------------------------------------------------------------------
 * Batches
 *
 * The few values in the tails are made one by one.  A group in nine has such:
 * too many to stop for, so that is done when a batch is complete, which stays
 * in the first-level cache.
 */

#define BATCH 64

struct batch {
    __m256i words[BATCH + 1][VECTORS]; /* and those of the group after it */
    uint32_t marks;                    /* groups that miss values … */
    uint32_t group[BATCH + 1];         /* … and which they are */
};

/* One value as portable.c makes it. */
static float mended(uint32_t word, const struct sow_normal_f32 *law,
                    bool bounded)
{
    float value = sow1_normal_f32(word) * law->std + law->mean;

    if (bounded) {
        value = value > law->low ? value : law->low;
        value = value < law->high ? value : law->high;
    }
    return value;
}

static void mend(const struct batch *b, const struct sow_normal_f32 *law,
                 bool bounded, uint8_t *out)
{
    for (uint32_t i = 0; i < b->marks; i++) {
        const __m256i *words = b->words[b->group[i]];
        uint8_t *to = out + b->group[i] * SOW_GROUP * sizeof(float);
        uint32_t mask = 0;

        EACH mask |= far_lanes(tail_of(words[v])) << (8 * v);
        for (; mask != 0; mask &= mask - 1) {
            size_t at = sizeof(float) * (size_t)__builtin_ctz(mask);
            uint32_t word;
            float value;

            memcpy(&word, (const uint8_t *)words + at, sizeof word);
            value = mended(word ^ FLIP, law, bounded);
            memcpy(to + at, &value, sizeof value);
        }
    }
}

/* All kernels; 'kind' is a constant in each. */
INLINE void normals(const struct sow_stream *stream, uint64_t first,
                    size_t groups, const struct sow_normal_f32 *given,
                    enum words kind, float *out)
{
    struct rows rows;
    struct cipher c;
    struct law law;
    struct batch b;
    __m256i x[2][4];

    rows_init(&rows, kind);
    law_init(&law, given, kind);
    cipher_init(&c, stream, first * SOW_GROUP / 4);
    cipher_start(&c, x);
#pragma GCC unroll 8
    for (int round = 3; round < PHILOX_ROUNDS; round++)
        cipher_round(&c, round, x);
    words_end(x, &law, kind, b.words[0]);
    while (groups > 0) {
        uint32_t take = groups < BATCH ? (uint32_t)groups : BATCH;
        uint32_t marks = 0;

        for (uint32_t i = 0; i < take; i++) {
            b.group[marks] = i;
            marks += group_values(b.words[i], &rows, &law, kind, &c,
                                  b.words[i + 1], out + i * SOW_GROUP);
        }
        b.marks = marks;
        mend(&b, given, kind != ALL, (uint8_t *)out);
        EACH b.words[0][v] = b.words[take][v];
        out += take * SOW_GROUP;
        groups -= take;
    }
}

void sow_avx2_normal_f32(const struct sow_stream *stream, uint64_t group,
                         size_t groups, const struct sow_normal_f32 *law,
                         void *out)
{
    normals(stream, group, groups, law, ALL, out);
}

static void bounded_f32(const struct sow_stream *stream, uint64_t group,
                        size_t groups, const struct sow_normal_f32 *law,
                        void *out)
{
    normals(stream, group, groups, law, BOUNDED, out);
}

static void near_f32(const struct sow_stream *stream, uint64_t group,
                     size_t groups, const struct sow_normal_f32 *law, void *out)
{
    normals(stream, group, groups, law, NEAR, out);
}

void sow_avx2_truncated_f32(const struct sow_stream *stream, uint64_t group,
                            size_t groups, const struct sow_normal_f32 *law,
                            void *out)
{
    const uint64_t end = law->first + law->count;

    if (law->first >= NEAR_TAIL && end <= (UINT64_C(1) << 32) - NEAR_TAIL)
        near_f32(stream, group, groups, law, out);
    else
        bounded_f32(stream, group, groups, law, out);
}
