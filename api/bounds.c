/* SPDX-License-Identifier: MIT */
/* Limits on what is read, or sent, before anything is made. */
#include "bounds.h"
#include "exchange.h"

#include <inttypes.h>

/* Of what is read of all tensors: their bytes are as many, or more. */
static uint64_t count_elements(const struct model *model)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < model->count; i++)
        sum += model->tensors[i].size /
               sow_dtype_size(model->tensors[i].spec.dtype);
    return sum;
}

enum problem_code bounds_elements(struct api_exchange *exchange,
                                  struct problem *problem)
{
    const struct model *model = &exchange->weights.model;
    uint64_t limit = exchange->api->limits.max_elements;
    uint64_t count = limit == 0 ? 0 : count_elements(model);

    if (count <= limit)
        return PROBLEM_NONE;
    return problem_set(problem, PROBLEM_TOO_LARGE,
                       model->place ? model->place : "",
                       "The tensors of a request may have %" PRIu64
                       " elements together (option --max-elements); these "
                       "have %" PRIu64 ". Ask for slices, or for fewer "
                       "tensors at a time.",
                       limit, count);
}

enum problem_code bounds_bytes(struct api_exchange *exchange,
                               struct problem *problem)
{
    const struct weights *weights = &exchange->weights;
    uint64_t limit = exchange->api->limits.max_answer_bytes;

    if (!weights->format->sized || exchange_is(exchange, "HEAD") ||
        limit == 0 || weights->range.size <= limit)
        return PROBLEM_NONE;
    return problem_set(problem, PROBLEM_TOO_LARGE, "",
                       "An answer may have %" PRIu64 " bytes (option "
                       "--max-answer-bytes); this one would have %" PRIu64
                       ". Ask for ranges of bytes, for slices, or for fewer "
                       "tensors at a time.",
                       limit, weights->range.size);
}
