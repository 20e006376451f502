/* SPDX-License-Identifier: MIT */
/* Draws: the elements of a law before anything arranges them; lib/ only. */
#ifndef DRAW_H
#define DRAW_H

#include "sow.h"

/*
 * Write groups [group, group + groups) of SOW_GROUP draws of 'law', which is
 * not constant, from 'stream'.  Not across a multiple of 2^28 groups.  'out'
 * need not be aligned.
 */
void sow_draw_f32(const struct sow_engine *engine, const struct sow_law *law,
                  const struct sow_stream *stream, uint64_t group,
                  size_t groups, void *out);
void sow_draw_f64(const struct sow_engine *engine, const struct sow_law *law,
                  const struct sow_stream *stream, uint64_t group,
                  size_t groups, void *out);

/* The same, as elements of 'dtype'. */
void sow_draw_items(const struct sow_engine *engine, const struct sow_law *law,
                    enum sow_dtype dtype, const struct sow_stream *stream,
                    uint64_t group, size_t groups, void *out);

/*
 * For makers: draws [first, first + count) of the tensor's law and stream, as
 * its element type has them: of 53 bits in a float64 tensor, else of 32, in
 * float32.
 */
void sow_draw(const struct sow_engine *engine, const struct sow_tensor *tensor,
              uint64_t first, size_t count, double *out);

/* For makers: words [first, first + count) of 'stream', of 32 bits. */
void sow_draw_words(const struct sow_engine *engine,
                    const struct sow_stream *stream, uint64_t first,
                    size_t count, uint32_t *out);

#endif
