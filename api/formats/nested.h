/* SPDX-License-Identifier: MIT */
/*
 * A tensor's values as nested JSON arrays, written piece by piece.
 */
#ifndef FORMATS_NESTED_H
#define FORMATS_NESTED_H

#include "sow.h"

/* Elements generated at a time. */
#define NESTED_BLOCK 1024

/* Room that nested_write() needs to get on. */
#define NESTED_ROOM 128

/*
 * Where the writing of a tensor is.  Its leaves are numbers, or for a tensor
 * without elements the empty arrays of its first empty dimension; 'depth'
 * dimensions lie above the leaves and 'row' leaves in the innermost array.
 * 'index' counts the arrays done in each dimension.  Leaves [from, from + held)
 * are in 'floats', or float64 in 'doubles'.
 */
struct nested {
    const struct sow_engine *engine;
    const struct sow_tensor *tensor;
    bool hollow;
    uint32_t depth;
    uint64_t row, column;
    uint64_t leaves, done;
    uint64_t index[SOW_MAX_RANK];
    uint64_t from;
    size_t held;
    float floats[NESTED_BLOCK];
    double doubles[NESTED_BLOCK];
};

/*
 * How many leaves a tensor has: the numbers, or empty arrays, that JSON would
 * spell out.  UINT64_MAX when that is more than 64 bits hold.
 */
uint64_t nested_leaves(const struct sow_tensor *tensor);

/* Begin 'tensor', which is borrowed.  Values must be finite. */
void nested_begin(struct nested *nested, const struct sow_engine *engine,
                  const struct sow_tensor *tensor);

/*
 * Write the next piece, of up to 'room' bytes, to 'out'.  Returns its length:
 * 0 when all is written, or when 'room' is below NESTED_ROOM; or -1 when the
 * engine fails.
 */
long nested_write(struct nested *nested, char *out, size_t room);

#endif
