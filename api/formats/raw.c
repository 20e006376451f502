/* SPDX-License-Identifier: MIT */
/*
 * Raw: the bytes of each tensor, little-endian and row-major, one tensor
 * after another in the order of the request.
 */
#include "exchange.h"

#include <stdlib.h>

static enum problem_code raw_open(struct api_exchange *exchange,
                                  struct problem *problem)
{
    struct weights *weights = &exchange->weights;
    const struct model *model = &weights->model;
    struct sow_segment *segments = &weights->segment;

    if (model->count != 1) {
        segments = calloc(model->count, sizeof *segments);
        if (!segments)
            return problem_no_memory(problem);
        weights->segments = segments;
    }
    for (size_t i = 0; i < model->count; i++)
        segments[i].tensor = &model->tensors[i];
    if (sow_body_init(&weights->body, segments, model->count))
        return problem_set(problem, PROBLEM_TOO_LARGE, "",
                           "The tensors have more than 2^63 - 1 bytes "
                           "together.");
    return PROBLEM_NONE;
}

static enum problem_code raw_start(struct api_exchange *exchange,
                                   struct problem *problem)
{
    (void)exchange;
    (void)problem;
    return PROBLEM_NONE;
}

static int64_t raw_read(struct api_exchange *exchange, uint64_t pos, void *buf,
                        size_t n)
{
    const struct weights *weights = &exchange->weights;
    uint64_t size = weights->range.size;

    if (pos >= size)
        return API_END;
    if (n > size - pos)
        n = (size_t)(size - pos);
    if (sow_body_read(exchange->api->engine, &weights->body,
                      weights->range.first + pos, buf, n))
        return API_BROKEN;
    return (int64_t)n;
}

const struct format format_raw = {
    .id = FORMAT_RAW,
    .version = 1,
    .type = "application/octet-stream",
    .negotiated = true,
    .sized = true,
    .computes_digests = true,
    .recalls_digests = true,
    .open = raw_open,
    .start = raw_start,
    .read = raw_read,
};
