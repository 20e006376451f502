/* SPDX-License-Identifier: MIT */
/* Reading for the other files of lib/. */
#ifndef READ_H
#define READ_H

#include "sow.h"

/* sow_tensor_read(), as if the tensor had not been cut. */
SOW_MUST_CHECK enum sow_status
sow_tensor_read_whole(const struct sow_engine *engine,
                      const struct sow_tensor *tensor, uint64_t pos, void *buf,
                      size_t n);

/* ------------------------------------------------------------------------
 * For fillers: elements [first, first + count) of the whole tensor, finished,
 * which are neither asked for their whole nor for their range
 */

/* As the maker has them, count <= SOW_MADE. */
void sow_read_made(const struct sow_engine *engine,
                   const struct sow_tensor *tensor, uint64_t first,
                   size_t count, void *out);

/* As the law draws them, whatever arranges them then; the multiplier is 1. */
void sow_read_draws(const struct sow_engine *engine,
                    const struct sow_tensor *tensor, uint64_t first,
                    size_t count, void *out);

/* count <= SOW_MADE numbers rounded once to the element type 'dtype'. */
void sow_read_rounded(const struct sow_engine *engine, enum sow_dtype dtype,
                      const double *in, size_t count, void *out);

#endif
