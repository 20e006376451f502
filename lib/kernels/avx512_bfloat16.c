/* SPDX-License-Identifier: MIT */
/*
 * Normal and truncated normal numbers of bfloat16 with AVX-512, as those of
 * avx2_bfloat16.c: short rows, and what they can't tell is made again in full.
 */
#include "kernels/avx512_halves.h"
#include "kernels/avx512_normal.h"
#include "kernels/bfloat16.h"

#define TERMS SOW_BFLOAT16_TERMS
#define PAIRED 4

static __attribute__((noinline)) uint32_t are_far(const struct values *s)
{
    uint32_t mask = 0;

    BOTH mask |= (uint32_t)_mm512_cmp_ps_mask(
                     s->tail[v], _mm512_set1_ps(LEAST_TAIL), _CMP_LT_OQ)
                 << (16 * v);
    return mask;
}

/* Returns those that miss their values, a bit each. */
INLINE uint32_t make_group(const uint32_t *from, const __m512 *term,
                           const struct law *law, enum words kind,
                           uint16_t *out)
{
    struct values s;
    __m512i words[PAIR], bits[PAIR];
    uint32_t missing;

    words_load(from, law, kind, words);
    values_start(&s, words, false);
    values_steps(&s, term, TERMS, PAIRED);
    values_sign(&s, words);
    BOTH s.z[v] = _mm512_mul_ps(s.z[v], law->std);
    if (kind != ALL)
        values_bound(&s, law);
    BOTH bits[v] = _mm512_add_epi32(_mm512_castps_si512(s.z[v]),
                                    each32(SOW_BFLOAT16_ROUNDING));
    _mm512_storeu_si512(out, high_halves(bits[0], bits[1]));
    missing = _mm512_cmplt_epu16_mask(low_halves(bits[0], bits[1]),
                                      _mm512_set1_epi16(SOW_BFLOAT16_IN_DOUBT));
    if (values_far(&s, kind))
        missing |= are_far(&s);
    return missing;
}

/* Values that are missing are made when a batch is complete. */
struct missing {
    uint32_t marks, group[BATCH], mask[BATCH];
    uint16_t place[BATCH * SOW_GROUP];
};

static void mend(struct missing *m, const uint32_t *words,
                 const struct sow_normal_f32 *law, bool bounded, uint8_t *out)
{
    size_t n = 0;

    for (uint32_t i = 0; i < m->marks; i++)
        n = note_missing(m->group[i], m->mask[i], m->place, n);
    for (size_t i = 0; i < n; i++) {
        size_t place = m->place[i];
        float value = sow_portable_value(law, bounded, words[place]);

        sow_narrow(SOW_BFLOAT16, &value, out + 2 * place, 1);
    }
}

/* All kernels; 'kind' is a constant in each. */
INLINE void normals(const struct sow_stream *stream, uint64_t group,
                    size_t groups, const struct sow_normal_f32 *given,
                    enum words kind, uint16_t *out)
{
    uint32_t words[BATCH * SOW_GROUP];
    __m512 term[TERMS];
    struct missing missing;
    struct cipher c;
    struct law law;

    rows_init(term, &sow_bfloat16_table[0][0], TERMS);
    law_init(&law, given, kind);
    cipher_init(&c, stream, group * SOW_GROUP / 4);
    while (groups > 0) {
        uint32_t take = groups < BATCH ? (uint32_t)groups : BATCH;
        uint32_t marks = 0;

        sow_avx512_steps(&c, (take + 1) / STEP_GROUPS, words);
        for (uint32_t i = 0; i < take; i++) {
            uint32_t mask = make_group(words + i * SOW_GROUP, term, &law, kind,
                                       out + i * SOW_GROUP);

            missing.group[marks] = i;
            missing.mask[marks] = mask;
            marks += mask != 0;
        }
        missing.marks = marks;
        mend(&missing, words, given, kind != ALL, (uint8_t *)out);
        out += take * SOW_GROUP;
        groups -= take;
    }
}

void sow_avx512_normal_bf16(const struct sow_stream *stream, uint64_t group,
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

void sow_avx512_truncated_bf16(const struct sow_stream *stream, uint64_t group,
                               size_t groups, const struct sow_normal_f32 *law,
                               void *out)
{
    if (are_near(law))
        near_bf16(stream, group, groups, law, out);
    else
        bounded_bf16(stream, group, groups, law, out);
}
