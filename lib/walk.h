/* SPDX-License-Identifier: MIT */
/*
 * A tensor as a stack of matrices: walking its elements in order while
 * knowing each one's output, input and tap.  For lib/ only.
 *
 * The in and out axes in force say which is which: 'out' counts through the
 * out axes in row-major order, 'in' through the in axes, 'tap' through all
 * other axes (the kernel, and batch axes).
 *
 *     struct walk walk;
 *     for (sow_walk_start(&walk, tensor, first); …; sow_walk_next(&walk))
 *         … walk.out < walk.outs, walk.in < walk.ins, walk.tap < walk.taps …
 */
#ifndef WALK_H
#define WALK_H

#include "sow.h"

enum walk_side { WALK_OUT, WALK_IN, WALK_TAP };

struct walk {
    uint64_t out, in, tap;
    uint64_t outs, ins, taps;
    uint32_t rank;
    uint64_t dims[SOW_MAX_RANK];
    uint64_t index[SOW_MAX_RANK];
    uint64_t *place[SOW_MAX_RANK]; /* out, in or tap */
    uint64_t weight[SOW_MAX_RANK]; /* what a step on the axis adds to it */
};

/*
 * Stand at element 'first' of a tensor that is not empty.  The walk must not
 * be copied: it points into itself.
 */
void sow_walk_start(struct walk *walk, const struct sow_tensor *tensor,
                    uint64_t first);

/* Step to the next element. */
static inline void sow_walk_next(struct walk *walk)
{
    for (uint32_t axis = walk->rank; axis-- > 0;) {
        if (++walk->index[axis] < walk->dims[axis]) {
            *walk->place[axis] += walk->weight[axis];
            return;
        }
        walk->index[axis] = 0;
        *walk->place[axis] -= walk->weight[axis] * (walk->dims[axis] - 1);
    }
}

/*
 * For resolving: the outs, ins and taps of 'tensor', which may be empty.
 * Returns SOW_BAD_SCHEME, with 'error' filled, unless it has at least one in
 * and one out axis, none both.
 */
SOW_MUST_CHECK enum sow_status sow_walk_measure(const struct sow_tensor *tensor,
                                                struct walk *walk,
                                                struct sow_error *error);

#endif
