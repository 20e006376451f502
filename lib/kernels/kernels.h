/* SPDX-License-Identifier: MIT */
/*
 * What an engine must provide; for lib/ only.
 *
 * A kernel makes whole groups of SOW_GROUP elements: group g is elements
 * [g * SOW_GROUP, (g + 1) * SOW_GROUP) of the stream.  read.c deals with
 * ragged ends, and never asks for groups across a multiple of 2^32 blocks of
 * four words, so that the high words of the counter are constant in a call.
 *
 * 'out' need not be aligned.  The portable engine is the reference: every
 * other gives its bits.  An engine is complete but for what may be NULL; a
 * kernel that isn't worth writing again points at the portable one by name.
 */
#ifndef KERNELS_H
#define KERNELS_H

#include "sow.h"

#define SOW_GROUP 32

/*
 * A panel is the vectors of SOW_PANEL reflections.  It is kept as blocks of
 * SOW_PANEL_ROWS rows, such a block by groups of SOW_PANEL_GROUP columns, and
 * a group by rows.  What it is applied to is a strip: rows of SOW_STRIP lanes.
 */
#define SOW_PANEL 48
#define SOW_PANEL_ROWS 240
#define SOW_PANEL_GROUP 6
#define SOW_STRIP 8

/* Laws in the type that they are computed in. */
struct sow_uniform_f32 {
    float low, span, last; /* no value passes 'last' */
};

struct sow_uniform_f64 {
    double low, span, last;
};

struct sow_normal_f32 {
    float mean, std;
    float low, high;       /* no truncated value passes them */
    uint64_t first, count; /* the ranks of the words within them */
};

struct sow_normal_f64 {
    double mean, std;
    double low, high;
    uint64_t first, count;
};

/* torch's; 'high', if it is a number, becomes 'low'. */
struct sow_torch_uniform {
    float low, span, high;
};

/*
 * Words of JAX's: the element i draws from the counters first[0] + step * i and
 * first[1] + i, encrypted by Threefry-2x32 under 'key'.  Its word is both of
 * the results, exclusive or'ed, or one of them.
 */
enum sow_jax_take { SOW_JAX_FIRST, SOW_JAX_SECOND, SOW_JAX_BOTH };

struct sow_jax_words {
    uint32_t key[2];
    uint32_t first[2];
    uint32_t step; /* 0 or 1 */
    enum sow_jax_take take;
};

/*
 * Measurements take samples in rows of SOW_LANES floats, one for each.  For
 * sow_engine.measure_outer: 'count' pairs of rows, that begin at d_at[i] and
 * x_at[i], and those that follow: 'rows' of them and 'columns'.
 */
#define SOW_LANES 16

struct sow_outer {
    const size_t *d_at, *x_at;
    size_t count, rows, columns;
};

/* struct sow_jax_law (generators/jax.h) in float32. */
struct sow_jax_f32 {
    bool inverse;
    float low, span;
    float least, most;
    float scale;
};

struct sow_engine {
    const char *name;
    /* Whether this CPU has what the engine needs. */
    bool (*runs_here)(void);

    /* The words alone, SOW_GROUP a group: what the others are measured by. */
    void (*words)(const struct sow_stream *stream, uint64_t group,
                  size_t groups, void *out);

    /* Float kernels take one word an element, double kernels two. */
    void (*uniform_f32)(const struct sow_stream *stream, uint64_t group,
                        size_t groups, const struct sow_uniform_f32 *law,
                        void *out);
    void (*normal_f32)(const struct sow_stream *stream, uint64_t group,
                       size_t groups, const struct sow_normal_f32 *law,
                       void *out);
    void (*truncated_f32)(const struct sow_stream *stream, uint64_t group,
                          size_t groups, const struct sow_normal_f32 *law,
                          void *out);
    /*
     * normal_f32() and truncated_f32() narrowed to bfloat16, of laws that
     * sow_bfloat16_takes() (bfloat16.h); NULL where there is none.
     */
    void (*normal_bf16)(const struct sow_stream *stream, uint64_t group,
                        size_t groups, const struct sow_normal_f32 *law,
                        void *out);
    void (*truncated_bf16)(const struct sow_stream *stream, uint64_t group,
                           size_t groups, const struct sow_normal_f32 *law,
                           void *out);
    void (*uniform_f64)(const struct sow_stream *stream, uint64_t group,
                        size_t groups, const struct sow_uniform_f64 *law,
                        void *out);
    void (*normal_f64)(const struct sow_stream *stream, uint64_t group,
                       size_t groups, const struct sow_normal_f64 *law,
                       void *out);
    void (*truncated_f64)(const struct sow_stream *stream, uint64_t group,
                          size_t groups, const struct sow_normal_f64 *law,
                          void *out);
    /* sow_narrow() */
    void (*narrow)(enum sow_dtype dtype, const float *in, void *out, size_t n);

    /*
     * Products of reflections, in double, fused by name.  'v' is a block of
     * 'rows' rows of a panel, 'c' those of a strip, 'w' SOW_PANEL numbers a
     * lane; c and w are aligned to 64 bytes.  For each lane:
     *
     *   dot    w[j] += sum of v[r][j] c[r], for the first 'columns' j, a
     *          multiple of SOW_PANEL_GROUP; r ascends, w[j] comes first
     *   solve  w = U^-1 w, U upper triangular, with t[i][j] its element
     *          (j, i): from the last i up w[i] /= t[i][i], and then
     *          w[j] -= t[i][j] w[i] for all j below i; or w = U'^-1 w: from
     *          the first i on the same with t[j][i] for all j above i
     *   apply  c[r] -= v[r][j] w[j], j ascends
     */
    void (*reflect_dot)(const double *v, size_t columns, const double *c,
                        size_t rows, double *w);
    void (*reflect_solve)(const double *t, bool transposed, double *w);
    void (*reflect_apply)(const double *v, const double *w, size_t rows,
                          double *c);

    /*
     * MT19937 (generators/mt19937.h); words aren't tempered but where it says
     * so, and nothing has to be aligned.
     *
     *   twist   'words' has a block, and gets as many more after it
     *   temper  as they are given out; 'out' may be 'words'
     *   sum     sum[i] ^= words[from[k] + i] for a block of i and each of the
     *           'n' k; from[k] is below a block's size
     */
    void (*mt_twist)(uint32_t *words, size_t blocks);
    void (*mt_temper)(const uint32_t *words, size_t n, uint32_t *out);
    void (*mt_sum)(const uint32_t *words, const uint16_t *from, size_t n,
                   uint32_t *sum);

    /*
     * torch's draws (generators/torch.md) from words of MT19937, one for each
     * element; of normals whole blocks of 16.
     */
    void (*torch_uniform_f32)(const uint32_t *words, size_t n,
                              const struct sow_torch_uniform *law, void *out);
    void (*torch_normal_f32)(const uint32_t *words, size_t blocks, float mean,
                             float std, void *out);

    /* JAX's words and draws (generators/jax.md), of any number. */
    void (*jax_words)(const struct sow_jax_words *words, size_t n, void *out);
    void (*jax_f32)(const struct sow_jax_words *words, size_t n,
                    const struct sow_jax_f32 *law, void *out);

    /*
     * Products of measurements, in float32; products may be fused, and bits
     * may differ from engine to engine.  'a' is a matrix whose rows are
     * 'stride' floats apart, the other arguments are rows of lanes; nothing
     * has to be aligned.
     *
     *   rows     y[r] += sum over k < n of a[r][k] x[k], for r < rows
     *   columns  p[k] += sum over r < rows of a[r][k] d[r], for k < n
     *            (either sum begins at 0, so that few terms are rounded)
     *   outer    sums[r][k] += sum over i of the lanes' products of rows r
     *            and k of pair i of struct sow_outer
     *   sums     add to 'sums' that of n numbers and of their squares
     */
    void (*measure_rows)(const float *a, size_t stride, size_t rows,
                         const float *x, size_t n, float *y);
    void (*measure_columns)(const float *a, size_t stride, size_t rows,
                            const float *d, size_t n, float *p);
    void (*measure_outer)(const struct sow_outer *outer, const float *d,
                          const float *x, float *sums);
    void (*measure_sums)(const float *w, size_t n, double sums[2]);
};

extern const struct sow_engine sow_engine_portable;
extern const struct sow_engine sow_engine_avx2;
extern const struct sow_engine sow_engine_avx512;

void sow_portable_uniform_f64(const struct sow_stream *stream, uint64_t group,
                              size_t groups, const struct sow_uniform_f64 *law,
                              void *out);
void sow_portable_normal_f64(const struct sow_stream *stream, uint64_t group,
                             size_t groups, const struct sow_normal_f64 *law,
                             void *out);
void sow_portable_truncated_f64(const struct sow_stream *stream, uint64_t group,
                                size_t groups, const struct sow_normal_f64 *law,
                                void *out);

void sow_avx2_normal_f32(const struct sow_stream *stream, uint64_t group,
                         size_t groups, const struct sow_normal_f32 *law,
                         void *out);
void sow_avx2_truncated_f32(const struct sow_stream *stream, uint64_t group,
                            size_t groups, const struct sow_normal_f32 *law,
                            void *out);
void sow_avx2_normal_bf16(const struct sow_stream *stream, uint64_t group,
                          size_t groups, const struct sow_normal_f32 *law,
                          void *out);
void sow_avx2_truncated_bf16(const struct sow_stream *stream, uint64_t group,
                             size_t groups, const struct sow_normal_f32 *law,
                             void *out);
void sow_avx2_uniform_f64(const struct sow_stream *stream, uint64_t group,
                          size_t groups, const struct sow_uniform_f64 *law,
                          void *out);
void sow_avx2_normal_f64(const struct sow_stream *stream, uint64_t group,
                         size_t groups, const struct sow_normal_f64 *law,
                         void *out);
void sow_avx2_truncated_f64(const struct sow_stream *stream, uint64_t group,
                            size_t groups, const struct sow_normal_f64 *law,
                            void *out);

/* What normal_f32() or, if bounded, truncated_f32() makes of a word. */
float sow_portable_value(const struct sow_normal_f32 *law, bool bounded,
                         uint32_t word);
void sow_portable_reflect_dot(const double *v, size_t columns, const double *c,
                              size_t rows, double *w);
void sow_portable_reflect_solve(const double *t, bool transposed, double *w);
void sow_portable_reflect_apply(const double *v, const double *w, size_t rows,
                                double *c);
void sow_avx2_reflect_dot(const double *v, size_t columns, const double *c,
                          size_t rows, double *w);
void sow_avx2_reflect_solve(const double *t, bool transposed, double *w);
void sow_avx2_reflect_apply(const double *v, const double *w, size_t rows,
                            double *c);

void sow_portable_mt_twist(uint32_t *words, size_t blocks);
void sow_portable_mt_temper(const uint32_t *words, size_t n, uint32_t *out);
void sow_portable_mt_sum(const uint32_t *words, const uint16_t *from, size_t n,
                         uint32_t *sum);
void sow_portable_torch_uniform_f32(const uint32_t *words, size_t n,
                                    const struct sow_torch_uniform *law,
                                    void *out);
void sow_portable_torch_normal_f32(const uint32_t *words, size_t blocks,
                                   float mean, float std, void *out);

void sow_avx2_mt_twist(uint32_t *words, size_t blocks);
void sow_avx2_mt_temper(const uint32_t *words, size_t n, uint32_t *out);
void sow_avx2_mt_sum(const uint32_t *words, const uint16_t *from, size_t n,
                     uint32_t *sum);
void sow_avx2_torch_uniform_f32(const uint32_t *words, size_t n,
                                const struct sow_torch_uniform *law, void *out);
void sow_avx2_torch_normal_f32(const uint32_t *words, size_t blocks, float mean,
                               float std, void *out);

void sow_avx512_normal_f32(const struct sow_stream *stream, uint64_t group,
                           size_t groups, const struct sow_normal_f32 *law,
                           void *out);
void sow_avx512_truncated_f32(const struct sow_stream *stream, uint64_t group,
                              size_t groups, const struct sow_normal_f32 *law,
                              void *out);
void sow_avx512_normal_bf16(const struct sow_stream *stream, uint64_t group,
                            size_t groups, const struct sow_normal_f32 *law,
                            void *out);
void sow_avx512_truncated_bf16(const struct sow_stream *stream, uint64_t group,
                               size_t groups, const struct sow_normal_f32 *law,
                               void *out);
void sow_avx512_uniform_f64(const struct sow_stream *stream, uint64_t group,
                            size_t groups, const struct sow_uniform_f64 *law,
                            void *out);
void sow_avx512_normal_f64(const struct sow_stream *stream, uint64_t group,
                           size_t groups, const struct sow_normal_f64 *law,
                           void *out);
void sow_avx512_truncated_f64(const struct sow_stream *stream, uint64_t group,
                              size_t groups, const struct sow_normal_f64 *law,
                              void *out);

void sow_avx2_narrow(enum sow_dtype dtype, const float *in, void *out,
                     size_t n);

void sow_avx512_mt_twist(uint32_t *words, size_t blocks);
void sow_avx512_mt_temper(const uint32_t *words, size_t n, uint32_t *out);
void sow_avx512_mt_sum(const uint32_t *words, const uint16_t *from, size_t n,
                       uint32_t *sum);
void sow_avx512_torch_uniform_f32(const uint32_t *words, size_t n,
                                  const struct sow_torch_uniform *law,
                                  void *out);
void sow_avx512_narrow(enum sow_dtype dtype, const float *in, void *out,
                       size_t n);

void sow_portable_jax_words(const struct sow_jax_words *words, size_t n,
                            void *out);
void sow_portable_jax_f32(const struct sow_jax_words *words, size_t n,
                          const struct sow_jax_f32 *law, void *out);
void sow_avx2_jax_words(const struct sow_jax_words *words, size_t n, void *out);
void sow_avx2_jax_f32(const struct sow_jax_words *words, size_t n,
                      const struct sow_jax_f32 *law, void *out);

void sow_avx512_jax_words(const struct sow_jax_words *words, size_t n,
                          void *out);
void sow_avx512_jax_f32(const struct sow_jax_words *words, size_t n,
                        const struct sow_jax_f32 *law, void *out);

void sow_portable_measure_rows(const float *a, size_t stride, size_t rows,
                               const float *x, size_t n, float *y);
void sow_portable_measure_columns(const float *a, size_t stride, size_t rows,
                                  const float *d, size_t n, float *p);
void sow_portable_measure_outer(const struct sow_outer *outer, const float *d,
                                const float *x, float *sums);
void sow_portable_measure_sums(const float *w, size_t n, double sums[2]);

void sow_avx2_measure_rows(const float *a, size_t stride, size_t rows,
                           const float *x, size_t n, float *y);
void sow_avx2_measure_columns(const float *a, size_t stride, size_t rows,
                              const float *d, size_t n, float *p);
void sow_avx2_measure_outer(const struct sow_outer *outer, const float *d,
                            const float *x, float *sums);
void sow_avx2_measure_sums(const float *w, size_t n, double sums[2]);

#endif
