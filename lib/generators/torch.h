/* SPDX-License-Identifier: MIT */
/* What torch draws on a CPU (torch.md); for lib/ only. */
#ifndef TORCH_H
#define TORCH_H

#include "generators/drawing.h"
#include "generators/mt19937.h"

/*
 * Versions with the same bits, by their first.  Until 2.11 narrow types were
 * drawn with few bits, and trunc_normal_ by the inverse error function; 2.12
 * took the C library's functions in float for narrow normals.
 */
enum sow_torch_era { SOW_TORCH_2_13, SOW_TORCH_2_12, SOW_TORCH_1_13 };

enum sow_torch_era sow_torch_era(const struct sow_tensor *tensor);

/* What start->words has after MT19937's. */
enum {
    SOW_TORCH_FRESH = SOW_MT_OWN, /* 1: seeded, and never used */
    SOW_TORCH_KEEPS,              /* 1: a normal is kept … */
    SOW_TORCH_KEPT,               /* … these are its bits, low word first */
    SOW_TORCH_STATE_SIZE = 5056,
};

/* Elements from which on normals are drawn in blocks. */
#define SOW_TORCH_BLOCK 16

/* torch_state.c: for the drawing. */
enum sow_status sow_torch_seed(struct sow_start *start,
                               struct sow_error *error);
enum sow_status sow_torch_load(struct sow_start *start, const uint8_t *bytes,
                               struct sow_error *error);
void sow_torch_save(const struct sow_engine *engine,
                    const struct sow_tensor *tensor, uint8_t *bytes);
void sow_torch_begin(struct sow_origin *origin);
void sow_torch_first(const struct sow_start *start, struct sow_place *place);

/*
 * Set the law of 'tensor', which has elements, to what torch's method of that
 * name draws.  Of the error's text, 'what' is the number that is at fault.
 */
enum sow_status sow_torch_uniform(struct sow_tensor *tensor, double low,
                                  double high, struct sow_error *error);
enum sow_status sow_torch_normal(struct sow_tensor *tensor, double mean,
                                 double std, struct sow_error *error);

/* torch.nn.init.trunc_normal_ and sparse_, with their own parameters. */
enum sow_status sow_torch_truncated(struct sow_tensor *tensor,
                                    struct sow_error *error);
enum sow_status sow_torch_sparse(struct sow_tensor *tensor,
                                 struct sow_error *error);

/*
 * torch_normal.c, of tensors with 16 elements or more: the words that a
 * normal_() takes; and where in them are the 16 of the block from which element
 * 'index' comes, 'lane' in it.
 */
uint64_t sow_torch_normal_words(const struct sow_tensor *tensor);
uint64_t sow_torch_normal_block(const struct sow_tensor *tensor, uint64_t index,
                                size_t *lane);

/* Draw the 16 elements, in the tensor's type, whose words are at 'position'. */
void sow_torch_normal_one(struct sow_mt *mt, const struct sow_tensor *tensor,
                          uint64_t position, void *out);

/*
 * Elements [first, first + count), in the element type, of a normal_() of the
 * tensor's size and law that begins at 'position'; 'mt' is not past the words
 * of the first.
 */
void sow_torch_normal_draw(struct sow_mt *mt, const struct sow_tensor *tensor,
                           uint64_t position, uint64_t first, size_t count,
                           void *out);

/* torch_older.c: a block of a narrow type until 2.11, from tempered words. */
void sow_torch_older_block(const struct sow_tensor *tensor,
                           const uint32_t words[SOW_TORCH_BLOCK],
                           float values[SOW_TORCH_BLOCK]);

/* The law.fill of a normal_(), also of fewer elements than 16. */
void sow_torch_normal_read(const struct sow_engine *engine,
                           const struct sow_tensor *tensor, uint64_t first,
                           size_t count, void *out);

/*
 * torch_small.c, of fewer elements: draw all of them from 'place' on, which is
 * moved to where they end; the ones asked for; and the law's steps.
 */
void sow_torch_small_draw(const struct sow_engine *engine,
                          const struct sow_tensor *tensor,
                          struct sow_place *place, void *out);
void sow_torch_small_fill(const struct sow_engine *engine,
                          const struct sow_tensor *tensor, uint64_t first,
                          size_t count, void *out);
void sow_torch_small(struct sow_tensor *tensor);

/* The normal that the draw at step 'at' leaves; its bits. */
uint64_t sow_torch_kept(const struct sow_engine *engine,
                        const struct sow_start *start, uint64_t at);

/*
 * Draw a turn, as sow_drawing.finish says: of either file, or the one that
 * torch.c tells.
 */
bool sow_torch_small_finish(const struct sow_engine *engine,
                            const struct sow_tensor *turn,
                            const struct sow_place *begin,
                            struct sow_place *end);
bool sow_torch_truncated_finish(const struct sow_engine *engine,
                                const struct sow_tensor *turn,
                                const struct sow_place *begin,
                                struct sow_place *end, void *scratch,
                                bool (*stop)(void *argument), void *argument);

/*
 * In law.numbers, a normal_()'s; and in law.counts, the words that are drawn
 * after a normal_(), the elements that are zero, from and up to, and another
 * number that the scheme's file knows.
 */
enum { SOW_TORCH_MEAN, SOW_TORCH_STD, SOW_TORCH_OTHERS };
enum { SOW_TORCH_WORDS_AFTER, SOW_TORCH_FROM, SOW_TORCH_TO, SOW_TORCH_COUNT };

/* A double in [0, 1) from two words, the first of which is the high one. */
static inline double sow_torch_unit(const uint32_t words[2])
{
    uint64_t word = (uint64_t)words[0] << 32 | words[1];

    return (double)(int64_t)(word & ((UINT64_C(1) << 53) - 1)) * 0x1p-53;
}

/* ------------------------------------------------------------------------
 * The polynomials of Cephes (S. Moshier), as floats, by way of J. Pommier's
 * sse_mathfun and G. Garberoglio's avx_mathfun
 */
#define SOW_LOG_0 7.0376836292e-2f
#define SOW_LOG_1 -1.1514610310e-1f
#define SOW_LOG_2 1.1676998740e-1f
#define SOW_LOG_3 -1.2420140846e-1f
#define SOW_LOG_4 1.4249322787e-1f
#define SOW_LOG_5 -1.6668057665e-1f
#define SOW_LOG_6 2.0000714765e-1f
#define SOW_LOG_7 -2.4999993993e-1f
#define SOW_LOG_8 3.3333331174e-1f
#define SOW_LOG_LOW -2.12194440e-4f
#define SOW_LOG_HIGH 0.693359375f
#define SOW_SQRT_HALF 0.707106781186547524f
#define SOW_FOUR_BY_PI 1.27323954473516f
#define SOW_QUARTER_1 -0.78515625f
#define SOW_QUARTER_2 -2.4187564849853515625e-4f
#define SOW_QUARTER_3 -3.77489497744594108e-8f
#define SOW_SIN_0 -1.9515295891e-4f
#define SOW_SIN_1 8.3321608736e-3f
#define SOW_SIN_2 -1.6666654611e-1f
#define SOW_COS_0 2.443315711809948e-5f
#define SOW_COS_1 -1.388731625493765e-3f
#define SOW_COS_2 4.166664568298827e-2f
#define SOW_TWO_PI 0x1.921fb6p+2f

#endif
