/* SPDX-License-Identifier: MIT */
/* Laying out a body, and reading the part of it that was asked for. */
#include "formats/sized.h"

#include "exchange.h"

#include <stdlib.h>

enum problem_code sized_begin(struct weights *weights, size_t count,
                              struct problem *problem)
{
    weights->body = (struct sow_body){.segments = weights->few};
    if (count <= WEIGHTS_FEW)
        return PROBLEM_NONE;
    weights->segments = calloc(count, sizeof *weights->segments);
    if (!weights->segments)
        return problem_no_memory(problem);
    weights->body.segments = weights->segments;
    return PROBLEM_NONE;
}

void sized_put_tensor(struct weights *weights, const struct sow_tensor *tensor)
{
    struct sow_body *body = &weights->body;

    body->segments[body->count++] = (struct sow_segment){.tensor = tensor};
}

void sized_put_bytes(struct weights *weights, const void *bytes, size_t n)
{
    struct sow_body *body = &weights->body;

    body->segments[body->count++] =
        (struct sow_segment){.bytes = bytes, .size = n};
}

enum problem_code sized_put_text(struct weights *weights, struct text *text,
                                 struct problem *problem)
{
    weights->literal = text->heap;
    if (text->failed)
        return problem_no_memory(problem);
    sized_put_bytes(weights, text->bytes, text->size);
    return PROBLEM_NONE;
}

enum problem_code sized_end(struct weights *weights, struct problem *problem)
{
    struct sow_body *body = &weights->body;

    if (sow_body_init(body, body->segments, body->count))
        return problem_set(problem, PROBLEM_TOO_LARGE, "",
                           "The answer would have more than 2^63 - 1 bytes; "
                           "ask for fewer tensors at a time.");
    return PROBLEM_NONE;
}

void sized_release(struct weights *weights)
{
    free(weights->segments);
    free(weights->literal);
}

enum problem_code sized_start(struct api_exchange *exchange,
                              struct problem *problem)
{
    (void)exchange;
    (void)problem;
    return PROBLEM_NONE;
}

int64_t sized_read(struct api_exchange *exchange, uint64_t pos, void *buf,
                   size_t n)
{
    uint64_t size = exchange->weights.range.size;

    if (pos >= size)
        return API_END;
    if (n > size - pos)
        n = (size_t)(size - pos);
    return aided_read(exchange, pos, buf, n);
}
