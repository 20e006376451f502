/* SPDX-License-Identifier: MIT */
/* What patterned schemes share. */
#include "schemes/arrange.h"

#include <string.h>

#include "draw.h"
#include "status.h"

/* Elements between two questions whether to stop. */
#define PATIENCE (SOW_MADE * 512)

bool sow_arrange_is_centre(const struct sow_tensor *tensor,
                           const struct walk *walk)
{
    const struct sow_axes *axes = &tensor->spec.axes;
    unsigned others = axes->in | axes->out | axes->batch;

    for (uint32_t axis = 0; axis < walk->rank; axis++)
        if (!(others >> axis & 1) && walk->index[axis] != walk->dims[axis] / 2)
            return false;
    return true;
}

/* The index on an axis of 'size' is taken from 'rest'; as a rule it is all. */
static uint64_t take_index(uint64_t *rest, uint64_t size)
{
    uint64_t index = *rest;

    /* An axis of 0 has no elements to ask for. */
    if (index < size || size == 0) {
        *rest = 0;
        return index;
    }
    *rest = index / size;
    return index % size;
}

uint64_t sow_arrange_position(const struct walk *walk, uint64_t out,
                              uint64_t in, uint64_t tap)
{
    uint64_t position = 0;
    uint64_t stride = 1;

    for (uint32_t axis = walk->rank; axis-- > 0;) {
        const uint64_t *side = walk->place[axis];
        uint64_t *rest = side == &walk->out  ? &out
                         : side == &walk->in ? &in
                                             : &tap;

        position += take_index(rest, walk->dims[axis]) * stride;
        stride *= walk->dims[axis];
    }
    return position;
}

/* How many of at[0], at[1], … ascend by ones. */
static size_t ascending(const uint64_t *at, size_t count)
{
    size_t n = 1;

    while (n < count && at[n] == at[n - 1] + 1)
        n++;
    return n;
}

void sow_arrange_draws(const struct sow_engine *engine,
                       const struct sow_tensor *tensor, const uint64_t *at,
                       size_t count, double *out)
{
    for (size_t i = 0; i < count;) {
        size_t n = ascending(at + i, count - i);

        sow_draw(engine, tensor, at[i], n, out + i);
        for (i += n; i < count && at[i] == at[i - 1]; i++)
            out[i] = out[i - 1];
    }
}

void sow_arrange_signs(const struct sow_engine *engine,
                       const struct sow_stream *stream, const uint64_t *at,
                       size_t count, double *out)
{
    uint32_t words[SOW_MADE];

    for (size_t i = 0; i < count;) {
        size_t n = ascending(at + i, count - i);

        sow_draw_words(engine, stream, at[i], n, words);
        for (size_t k = 0; k < n; k++)
            out[i + k] = words[k] >> 31 ? -1 : 1;
        for (i += n; i < count && at[i] == at[i - 1]; i++)
            out[i] = out[i - 1];
    }
}

void sow_arrange_units(const struct sow_engine *engine,
                       const struct sow_tensor *tensor,
                       const struct sow_stream *stream, uint64_t first,
                       size_t count, double *out)
{
    uint32_t words[2 * SOW_MADE];

    if (tensor->spec.dtype != SOW_FLOAT64) {
        sow_draw_words(engine, stream, first, count, words);
        for (size_t i = 0; i < count; i++)
            out[i] = (words[i] + 0.5) * 0x1p-32;
        return;
    }
    sow_draw_words(engine, stream, 2 * first, 2 * count, words);
    for (size_t i = 0; i < count; i++) {
        uint64_t word = words[2 * i] | (uint64_t)words[2 * i + 1] << 32;

        out[i] = ((double)(word >> 12) + 0.5) * 0x1p-52;
    }
}

enum sow_status sow_arrange_rank(const struct sow_tensor *tensor, uint32_t rank,
                                 struct sow_error *error)
{
    if (tensor->spec.shape.rank == rank)
        return SOW_OK;
    return sow_fail(error, SOW_BAD_SCHEME, "shape",
                    "%s takes a shape of %u dimension%s; this one has %u",
                    tensor->spec.scheme.info->name, rank, rank == 1 ? "" : "s",
                    tensor->spec.shape.rank);
}

enum sow_status sow_arrange_square(const struct sow_tensor *tensor,
                                   struct sow_error *error)
{
    const struct sow_shape *shape = &tensor->spec.shape;
    enum sow_status status = sow_arrange_rank(tensor, 2, error);

    if (status != SOW_OK || shape->dims[0] == shape->dims[1])
        return status;
    return sow_fail(error, SOW_BAD_SCHEME, "shape",
                    "%s is a square matrix; give two equal dimensions",
                    tensor->spec.scheme.info->name);
}

enum sow_status sow_arrange_measure(const struct sow_tensor *tensor,
                                    struct walk *walk, struct sow_error *error)
{
    if (tensor->spec.axes.batch != 0)
        return sow_fail(error, SOW_BAD_AXES, "batch_axes",
                        "%s takes no batch axes; make one tensor for each",
                        tensor->spec.scheme.info->name);
    return sow_walk_measure(tensor, walk, error);
}

bool sow_arrange_sums(const struct sow_engine *engine,
                      const struct sow_tensor *tensor, double *whole,
                      bool (*stop)(void *argument), void *argument,
                      sow_terms *terms)
{
    double term[SOW_MADE];
    struct walk walk;

    memset(whole, 0, tensor->law.doubles * sizeof *whole);
    sow_walk_start(&walk, tensor, 0);
    for (uint64_t first = 0; first < tensor->elements; first += SOW_MADE) {
        uint64_t left = tensor->elements - first;
        size_t count = left < SOW_MADE ? (size_t)left : SOW_MADE;

        if (first % PATIENCE == 0 && stop != NULL && stop(argument))
            return false;
        terms(engine, tensor, first, count, term);
        for (size_t i = 0; i < count; i++) {
            whole[walk.out] += term[i];
            sow_walk_next(&walk);
        }
    }
    return true;
}

void sow_arrange_row_whole(struct sow_tensor *tensor, const struct walk *walk,
                           sow_preparer *prepare, double cost)
{
    if (tensor->elements == 0)
        return;
    tensor->law.prepare = prepare;
    tensor->law.doubles = walk->outs;
    tensor->law.units = 1;
    tensor->law.flops = cost * (double)tensor->elements;
}

void sow_arrange_uniform(struct sow_tensor *tensor, double bound)
{
    tensor->law.kind = SOW_LAW_UNIFORM;
    tensor->law.uniform.low = 0 - bound;
    tensor->law.uniform.high = bound;
}
