/* SPDX-License-Identifier: MIT */
/* Normal and truncated normal numbers of float32 with AVX-512. */
#include <string.h>

#include "kernels/avx512_normal.h"

#define TERMS SOW1_F32_TERMS
#define PAIRED 5

/* A group that has words whose rows are not at hand. */
static __attribute__((noinline)) void make_far(const uint32_t *words,
                                               const struct sow_normal_f32 *law,
                                               bool bounded, void *out)
{
    float values[SOW_GROUP];

    for (int i = 0; i < SOW_GROUP; i++)
        values[i] = sow_portable_value(law, bounded, words[i]);
    memcpy(out, values, sizeof values);
}

INLINE void make_group(const uint32_t *from, const __m512 *term,
                       const struct law *law, enum words kind,
                       const struct sow_normal_f32 *given, float *out)
{
    struct values s;
    __m512i words[PAIR];

    words_load(from, law, kind, words);
    /* Near tails are so large that a half more is the same float. */
    values_start(&s, words, kind != NEAR);
    values_steps(&s, term, TERMS, PAIRED);
    values_sign(&s, words);
    BOTH s.z[v] = _mm512_add_ps(_mm512_mul_ps(s.z[v], law->std), law->mean);
    if (kind != ALL)
        values_bound(&s, law);
    BOTH _mm512_storeu_ps(out + 16 * v, s.z[v]);
    if (values_far(&s, kind))
        make_far(from, given, kind != ALL, out);
}

/* All kernels; 'kind' is a constant in each. */
INLINE void normals(const struct sow_stream *stream, uint64_t group,
                    size_t groups, const struct sow_normal_f32 *given,
                    enum words kind, float *out)
{
    uint32_t words[BATCH * SOW_GROUP];
    __m512 term[TERMS];
    struct cipher c;
    struct law law;

    rows_init(term, &sow1_normal_f32_table[0][0], TERMS);
    law_init(&law, given, kind);
    cipher_init(&c, stream, group * SOW_GROUP / 4);
    while (groups > 0) {
        size_t take = groups < BATCH ? groups : BATCH;

        sow_avx512_steps(&c, (take + 1) / STEP_GROUPS, words);
        for (size_t i = 0; i < take * SOW_GROUP; i += SOW_GROUP)
            make_group(words + i, term, &law, kind, given, out + i);
        out += take * SOW_GROUP;
        groups -= take;
    }
}

void sow_avx512_normal_f32(const struct sow_stream *stream, uint64_t group,
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

void sow_avx512_truncated_f32(const struct sow_stream *stream, uint64_t group,
                              size_t groups, const struct sow_normal_f32 *law,
                              void *out)
{
    if (are_near(law))
        near_f32(stream, group, groups, law, out);
    else
        bounded_f32(stream, group, groups, law, out);
}
