/* SPDX-License-Identifier: MIT */
/* Walking a tensor's elements by output, input and tap. */
#include "walk.h"

#include <string.h>

#include "status.h"

/* An axis that is both in and out counts as out. */
static enum walk_side side_of(const struct sow_axes *axes, uint32_t axis)
{
    if (axes->out >> axis & 1)
        return WALK_OUT;
    return axes->in >> axis & 1 ? WALK_IN : WALK_TAP;
}

/* Everything but where the walk stands. */
static void measure(struct walk *walk, const struct sow_tensor *tensor)
{
    uint64_t *const totals[] = {&walk->outs, &walk->ins, &walk->taps};
    uint64_t *const places[] = {&walk->out, &walk->in, &walk->tap};

    memset(walk, 0, sizeof *walk);
    walk->outs = walk->ins = walk->taps = 1;
    walk->rank = tensor->spec.shape.rank;
    for (uint32_t axis = walk->rank; axis-- > 0;) {
        enum walk_side side = side_of(&tensor->spec.axes, axis);

        walk->dims[axis] = tensor->spec.shape.dims[axis];
        walk->place[axis] = places[side];
        walk->weight[axis] = *totals[side];
        *totals[side] *= walk->dims[axis];
    }
}

void sow_walk_start(struct walk *walk, const struct sow_tensor *tensor,
                    uint64_t first)
{
    measure(walk, tensor);
    for (uint32_t axis = walk->rank; axis-- > 0;) {
        walk->index[axis] = first % walk->dims[axis];
        first /= walk->dims[axis];
        *walk->place[axis] += walk->index[axis] * walk->weight[axis];
    }
}

enum sow_status sow_walk_measure(const struct sow_tensor *tensor,
                                 struct walk *walk, struct sow_error *error)
{
    const struct sow_axes *axes = &tensor->spec.axes;

    measure(walk, tensor);
    if (tensor->has_fans && axes->in != 0 && axes->out != 0 &&
        (axes->in & axes->out) == 0)
        return SOW_OK;
    return sow_fail(error, SOW_BAD_SCHEME, "shape",
                    "%s needs inputs and outputs: a shape of at least 2 "
                    "dimensions, with axes that are not both; this one has %u",
                    tensor->spec.scheme.info->name, tensor->spec.shape.rank);
}
