/* SPDX-License-Identifier: MIT */
/*
 * Normal and truncated normal numbers of bfloat16 with AVX2.
 *
 * A bfloat16 has 8 significant bits, so nearly all values can be told from
 * fewer terms: bfloat16.h has a table of them, with a bound of what they lack.
 * Where a value is closer than that to where rounding turns, and in the tails,
 * it is made again in full.
 *
 * Words come in pairs: a vector of even elements and one of odd elements, whose
 * high halves become a vector of bfloat16.
 */
#include "kernels/avx2_normal.h"
#include "kernels/bfloat16.h"

#define TERMS SOW_BFLOAT16_TERMS
#define PAIRED 4

struct rounded {
    __m256i bits[VECTORS];
};

/*
 * Returns lanes that aren't zero if some are in doubt; or if one is 0, as then
 * its high half looks so, too.
 */
INLINE __m256i value_end(struct values *s, const __m256i words[VECTORS],
                         const struct law *law, enum words kind,
                         struct rounded *rounded, uint16_t *out)
{
    __m256i bits[VECTORS], least;

    value_scale(s, words, law);
    if (kind != ALL)
        value_bound(s, law);
    EACH bits[v] = _mm256_add_epi32(_mm256_castps_si256(s->z[v]),
                                    each32(SOW_BFLOAT16_ROUNDING));
    EACH _mm256_storeu_si256(&rounded->bits[v], bits[v]);
#pragma GCC unroll 2
    for (int i = 0; i < 2; i++)
        _mm256_storeu_si256(
            (__m256i *)(out + 16 * i),
            _mm256_blend_epi16(_mm256_srli_epi32(bits[2 * i], 16),
                               bits[2 * i + 1], 0xaa));
    least = _mm256_min_epu16(_mm256_min_epu16(bits[0], bits[1]),
                             _mm256_min_epu16(bits[2], bits[3]));
    return _mm256_cmpeq_epi16(
        _mm256_subs_epu16(least, each32(SOW_BFLOAT16_IN_DOUBT - 1)),
        _mm256_setzero_si256());
}

/*
 * This group's values, and the next one's words.  Returns whether values may be
 * missing.
 */
INLINE bool group_values(const __m256i words[VECTORS], const __m256 *term,
                         const struct law *law, enum words kind,
                         struct cipher *c, __m256i next[VECTORS],
                         struct rounded *rounded, uint16_t *out)
{
    struct values s;
    __m256i x[2][4];
    __m256i missing;

    cipher_start(c, x);
    value_start(&s, 0, words[0], kind);
    value_start(&s, 1, words[1], kind);
    value_start(&s, 2, words[2], kind);
    cipher_round(c, 3, x);
    value_start(&s, 3, words[3], kind);
    cipher_round(c, 4, x);
    value_step(&s, term, TERMS, PAIRED, 4);
    cipher_round(c, 5, x);
    value_step(&s, term, TERMS, PAIRED, 3);
    cipher_round(c, 6, x);
    value_step(&s, term, TERMS, PAIRED, 2);
    cipher_round(c, 7, x);
    value_step(&s, term, TERMS, PAIRED, 1);
    cipher_round(c, 8, x);
    value_step(&s, term, TERMS, PAIRED, 0);
    missing = value_end(&s, words, law, kind, rounded, out);
    cipher_round(c, 9, x);
    words_end(x, law, kind, true, next);
    if (kind != NEAR)
        missing = _mm256_or_si256(missing, are_far(s.least));
    return _mm256_movemask_epi8(missing) != 0;
}

static uint32_t missing_of(const __m256i words[VECTORS],
                           const struct rounded *rounded)
{
    uint32_t mask = 0;

    EACH
    {
        __m256i low = _mm256_and_si256(rounded->bits[v], each32(0xffff));
        __m256i lanes = _mm256_or_si256(
            _mm256_cmpgt_epi32(each32(SOW_BFLOAT16_IN_DOUBT), low),
            are_far(tail_of(words[v])));

        mask |= bits_of(lanes) << (8 * v);
    }
    return mask;
}

static void mend(struct batch *b, const struct rounded *rounded,
                 const struct sow_normal_f32 *law, bool bounded, uint8_t *out)
{
    b->missing = 0;
    for (uint32_t i = 0; i < b->marks; i++) {
        uint32_t group = b->group[i];
        uint32_t mask = missing_of(b->words[group], &rounded[group]);

        b->missing = note_missing(group, mask, b->place, b->missing);
    }
    for (size_t i = 0; i < b->missing; i++) {
        size_t place = b->place[i];
        float value = batch_value(b, place, law, bounded);

        /* The second vector of eight has the odd elements. */
        place = place / 16 * 16 + place % 8 * 2 + place / 8 % 2;
        sow_narrow(SOW_BFLOAT16, &value, out + 2 * place, 1);
    }
}

/* All kernels; 'kind' is a constant in each. */
INLINE void normals(const struct sow_stream *stream, uint64_t first,
                    size_t groups, const struct sow_normal_f32 *given,
                    enum words kind, uint16_t *out)
{
    __m256 term[TERMS];
    struct cipher c;
    struct law law;
    struct batch b;
    struct rounded rounded[BATCH];

    rows_init(term, &sow_bfloat16_table[0][0], TERMS, kind);
    law_init(&law, given, kind);
    cipher_init(&c, stream, first * SOW_GROUP / 4);
    cipher_in_pairs(&c);
    words_alone(&c, &law, kind, true, b.words[0]);
    while (groups > 0) {
        uint32_t take = groups < BATCH ? (uint32_t)groups : BATCH;
        uint32_t marks = 0;

        for (uint32_t i = 0; i < take; i++) {
            b.group[marks] = i;
            marks +=
                group_values(b.words[i], term, &law, kind, &c, b.words[i + 1],
                             &rounded[i], out + i * SOW_GROUP);
        }
        b.marks = marks;
        mend(&b, rounded, given, kind != ALL, (uint8_t *)out);
        EACH b.words[0][v] = b.words[take][v];
        out += take * SOW_GROUP;
        groups -= take;
    }
}

void sow_avx2_normal_bf16(const struct sow_stream *stream, uint64_t group,
                          size_t groups, const struct sow_normal_f32 *law,
                          void *out)
{
    normals(stream, group, groups, law, ALL, out);
}

static void bounded_bf16(const struct sow_stream *stream, uint64_t group,
                         size_t groups, const struct sow_normal_f32 *law,
                         void *out)
{
    normals(stream, group, groups, law, BOUNDED, out);
}

static void near_bf16(const struct sow_stream *stream, uint64_t group,
                      size_t groups, const struct sow_normal_f32 *law,
                      void *out)
{
    normals(stream, group, groups, law, NEAR, out);
}

void sow_avx2_truncated_bf16(const struct sow_stream *stream, uint64_t group,
                             size_t groups, const struct sow_normal_f32 *law,
                             void *out)
{
    if (are_near(law))
        near_bf16(stream, group, groups, law, out);
    else
        bounded_bf16(stream, group, groups, law, out);
}
