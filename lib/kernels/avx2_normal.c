/* SPDX-License-Identifier: MIT */
/* Normal and truncated normal numbers of float32 with AVX2. */
#include "kernels/avx2_normal.h"

#define TERMS SOW1_F32_TERMS
#define PAIRED 5

INLINE void value_end(struct values *s, const __m256i words[VECTORS],
                      const struct law *law, enum words kind, float *out)
{
    value_scale(s, words, law);
    EACH s->z[v] = _mm256_add_ps(s->z[v], law->mean);
    if (kind != ALL)
        value_bound(s, law);
    EACH _mm256_storeu_ps(out + 8 * v, s->z[v]);
}

/*
 * This group's values, and the next one's words.  Returns whether values are
 * missing.
 */
INLINE bool group_values(const __m256i words[VECTORS], const __m256 *term,
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
    value_step(&s, term, TERMS, PAIRED, 7);
    value_step(&s, term, TERMS, PAIRED, 6);
    cipher_round(c, 5, x);
    value_step(&s, term, TERMS, PAIRED, 5);
    value_step(&s, term, TERMS, PAIRED, 4);
    cipher_round(c, 6, x);
    value_step(&s, term, TERMS, PAIRED, 3);
    cipher_round(c, 7, x);
    value_step(&s, term, TERMS, PAIRED, 2);
    cipher_round(c, 8, x);
    value_step(&s, term, TERMS, PAIRED, 1);
    cipher_round(c, 9, x);
    value_step(&s, term, TERMS, PAIRED, 0);
    words_end(x, law, kind, false, next);
    value_end(&s, words, law, kind, out);
    return kind != NEAR && bits_of(are_far(s.least)) != 0;
}

static void mend(struct batch *b, const struct sow_normal_f32 *law,
                 bool bounded, uint8_t *out)
{
    b->missing = 0;
    for (uint32_t i = 0; i < b->marks; i++) {
        const __m256i *words = b->words[b->group[i]];
        uint32_t mask = 0;

        EACH mask |= bits_of(are_far(tail_of(words[v]))) << (8 * v);
        b->missing = note_missing(b->group[i], mask, b->place, b->missing);
    }
    for (size_t i = 0; i < b->missing; i++) {
        float value = batch_value(b, b->place[i], law, bounded);

        memcpy(out + b->place[i] * sizeof value, &value, sizeof value);
    }
}

/* All kernels; 'kind' is a constant in each. */
INLINE void normals(const struct sow_stream *stream, uint64_t first,
                    size_t groups, const struct sow_normal_f32 *given,
                    enum words kind, float *out)
{
    __m256 term[TERMS];
    struct cipher c;
    struct law law;
    struct batch b;

    rows_init(term, &sow1_normal_f32_table[0][0], TERMS, kind);
    law_init(&law, given, kind);
    cipher_init(&c, stream, first * SOW_GROUP / 4);
    words_alone(&c, &law, kind, false, b.words[0]);
    while (groups > 0) {
        uint32_t take = groups < BATCH ? (uint32_t)groups : BATCH;
        uint32_t marks = 0;

        for (uint32_t i = 0; i < take; i++) {
            b.group[marks] = i;
            marks += group_values(b.words[i], term, &law, kind, &c,
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
    if (are_near(law))
        near_f32(stream, group, groups, law, out);
    else
        bounded_f32(stream, group, groups, law, out);
}
