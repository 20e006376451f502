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

/* Where byte 'pos' of the slice, which has it, lies in the whole. */
uint64_t sow_runs_find(const struct sow_runs *runs, uint64_t pos);

#endif
