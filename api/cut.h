/* SPDX-License-Identifier: MIT */
/*
 * The field 'slice': which part of a tensor is wanted, as it is written and
 * before the shape is known.  "0:128,:" is NumPy's start:stop for each
 * dimension, without steps: either side may be left out, a negative number
 * counts from the end, and dimensions at the end that are not mentioned are
 * whole.  In JSON also [[0, 128], null], null standing for what is left out.
 */
#ifndef CUT_H
#define CUT_H

#include "formats/text.h"
#include "value.h"

struct cut_part {
    bool has_start, has_stop;
    int64_t start, stop;
};

/* 'count' parts; the first SOW_MAX_RANK are stored. */
struct cut {
    size_t count;
    struct cut_part parts[SOW_MAX_RANK];
};

/* Read one; refuses with PROBLEM_BAD_FIELD. */
enum problem_code cut_read(struct cut *cut, const struct value *value,
                           struct problem *problem);

/*
 * Cut 'tensor'.  Refuses with PROBLEM_BAD_SLICE at 'place', which is that of
 * the slice, what lies outside the tensor or stops before it starts; what
 * NumPy would clip is an error here.
 */
enum problem_code cut_apply(const struct cut *cut, const struct place *place,
                            struct sow_tensor *tensor, struct problem *problem);

/* Write the slice that 'tensor' is: "0:128,0:784". */
void cut_put(struct text *text, const struct sow_tensor *tensor);

#endif
