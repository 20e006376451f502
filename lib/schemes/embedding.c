/* SPDX-License-Identifier: MIT */
/* The default of torch.nn.Embedding: normal, with one row of zeros. */
#include <math.h>
#include <string.h>

#include "draw.h"
#include "read.h"
#include "schemes/schemes.h"
#include "status.h"

enum { PADDING_IDX, STD }; /* parameters */
enum { FIRST, LAST };      /* counts: the zeros are between */

/* Of elements [first, first + count), are those [from, to) zeros? */
static bool zeros(const struct sow_tensor *tensor, uint64_t first, size_t count,
                  uint64_t *from, uint64_t *to)
{
    const uint64_t *counts = tensor->law.counts;
    uint64_t end = first + count;

    *from = (counts[FIRST] > first ? counts[FIRST] : first) - first;
    *to = (counts[LAST] < end ? counts[LAST] : end) - first;
    return counts[LAST] > first && *from < *to;
}

static void make(const struct sow_engine *engine,
                 const struct sow_tensor *tensor, uint64_t first, size_t count,
                 double *out)
{
    uint64_t from, to;

    sow_draw(engine, tensor, first, count, out);
    if (zeros(tensor, first, count, &from, &to))
        memset(out + from, 0, (size_t)(to - from) * sizeof *out);
}

/* The same, where the draws need no arithmetic. */
static void fill(const struct sow_engine *engine,
                 const struct sow_tensor *tensor, uint64_t first, size_t count,
                 void *out)
{
    size_t size = sow_dtype_size(tensor->spec.dtype);
    uint64_t from, to;

    sow_read_draws(engine, tensor, first, count, out);
    if (zeros(tensor, first, count, &from, &to))
        memset((uint8_t *)out + from * size, 0, (size_t)(to - from) * size);
}

static enum sow_status embedding(const struct sow_rule *rule,
                                 struct sow_tensor *tensor,
                                 struct sow_error *error)
{
    const struct sow_shape *shape = &tensor->spec.shape;
    double row = tensor->spec.scheme.values[PADDING_IDX];

    (void)rule;
    if (shape->rank != 2)
        return sow_fail(error, SOW_BAD_SCHEME, "shape",
                        "an embedding has 2 dimensions, not %u", shape->rank);
    sow_law_normal(tensor, tensor->spec.scheme.values[STD]);
    if (row == -1)
        return SOW_OK;
    if (!(row >= 0 && row < (double)shape->dims[0]) ||
        row != (double)(uint64_t)row)
        return sow_fail(error, SOW_BAD_PARAMETER, "padding_idx",
                        "padding_idx must be a row of the embedding, or -1 "
                        "for none");
    tensor->law.make = make;
    if (tensor->spec.multiplier == 1)
        tensor->law.fill = fill;
    tensor->law.counts[FIRST] = (uint64_t)row * shape->dims[1];
    tensor->law.counts[LAST] = tensor->law.counts[FIRST] + shape->dims[1];
    tensor->std = NAN;
    return SOW_OK;
}

const struct sow_rule sow_rule_embedding = {
    .resolve = embedding,
};
