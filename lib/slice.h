/* SPDX-License-Identifier: MIT */
/*
 * A slice as runs: pieces of equal size, each contiguous in the whole tensor,
 * which end to end are the slice.
 */
#ifndef SLICE_H
#define SLICE_H

#include "sow.h"

/*
 * 'size' is a run's, in bytes; there are counts[0] × … × counts[axes - 1] of
 * them, the last axis going round first.  A step along axis i is strides[i]
 * bytes of the whole, and the first run begins at 'origin'.
 */
struct sow_runs {
    uint64_t size;
    uint64_t origin;
    uint32_t axes;
    uint64_t counts[SOW_MAX_RANK];
    uint64_t strides[SOW_MAX_RANK];
};

/* The runs of what is read of 'tensor'. */
void sow_slice_runs(const struct sow_tensor *tensor, struct sow_runs *runs);

/*
 * The rest of a run: 'left' bytes of it, at 'at' in the whole.  'number' is the
 * run's, along the last axis alone, and 'run' the run's among all.
 */
struct sow_rest {
    uint64_t at, left;
    uint64_t number, run;
};

/* Stand at byte 'pos' of the slice, which has it. */
void sow_runs_find(const struct sow_runs *runs, uint64_t pos,
                   struct sow_rest *rest);

/*
 * Step over the next 'n' bytes, at most those left of the run; past its end is
 * the next one, and past the last one may stand.
 */
void sow_runs_skip(const struct sow_runs *runs, struct sow_rest *rest,
                   uint64_t n);

#endif
