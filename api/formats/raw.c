/* SPDX-License-Identifier: MIT */
/*
 * Raw: the bytes of each tensor, little-endian and row-major, one tensor
 * after another in the order of the request.
 */
#include "exchange.h"
#include "formats/sized.h"

static enum problem_code raw_open(struct api_exchange *exchange,
                                  struct problem *problem)
{
    struct weights *weights = &exchange->weights;
    const struct model *model = &weights->model;

    if (sized_begin(weights, model->count, problem))
        return problem->code;
    for (size_t i = 0; i < model->count; i++)
        sized_put_tensor(weights, &model->tensors[i]);
    return sized_end(weights, problem);
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
    .start = sized_start,
    .read = sized_read,
};
