/* SPDX-License-Identifier: MIT */
/*
 * Bodies of a known size: literal bytes and tensors, one after another.  A
 * format's 'open' lays them out; that the size is known, and that any byte
 * can be read, follows.
 *
 *     if (sized_begin(weights, 1 + model->count, problem) ||
 *         sized_put_text(weights, &header, problem))
 *         return problem->code;
 *     for (size_t i = 0; i < model->count; i++)
 *         sized_put_tensor(weights, &model->tensors[i]);
 *     return sized_end(weights, problem);
 *
 * Where there is no tensor at all the model is empty, and the body is the
 * literal bytes alone.
 */
#ifndef FORMATS_SIZED_H
#define FORMATS_SIZED_H

#include "formats/text.h"
#include "problems.h"
#include "reply.h"

struct weights;

/* Begin a body of at most 'count' pieces.  Once for each 'weights'. */
enum problem_code sized_begin(struct weights *weights, size_t count,
                              struct problem *problem);

/* Add a tensor of the model, or any other that outlives 'weights'. */
void sized_put_tensor(struct weights *weights, const struct sow_tensor *tensor);

/* Add 'n' bytes that outlive 'weights'. */
void sized_put_bytes(struct weights *weights, const void *bytes, size_t n);

/*
 * Add a text that grows, and take what it owns, also on failure; one a body.
 * A text that has failed is "out of memory".
 */
enum problem_code sized_put_text(struct weights *weights, struct text *text,
                                 struct problem *problem);

/*
 * Lay out what was added as 'weights->body'.  Refuses with PROBLEM_TOO_LARGE
 * when that has more than 2^63 - 1 bytes.
 */
enum problem_code sized_end(struct weights *weights, struct problem *problem);

/* Free what the body owns.  'weights' all zero is fine. */
void sized_release(struct weights *weights);

/* The 'start' and the 'read' of every format of a known size. */
enum problem_code sized_start(struct api_exchange *exchange,
                              struct problem *problem);
reply_reader sized_read;

#endif
