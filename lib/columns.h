/* SPDX-License-Identifier: MIT */
/*
 * Columns: short runs of a slice, far from each other but equally far.  Only
 * the generator's blocks that they are in are made, a run's in each lane of a
 * kernel.  For read.c.
 */
#ifndef COLUMNS_H
#define COLUMNS_H

#include "slice.h"

/* How the runs of a slice are read as columns. */
struct sow_columns {
    uint64_t count;  /* runs in a row of them: 0 if it isn't worth it */
    uint32_t axis;   /* rows are steps along this one of struct sow_runs */
    uint64_t stride; /* from row to row, in elements */
    uint64_t width;  /* of a run, too */
};

/* Find out how, and whether that is quicker than making what is between. */
void sow_columns_init(struct sow_columns *columns,
                      const struct sow_tensor *tensor,
                      const struct sow_runs *runs);

/*
 * Read rows of columns from 'rest' on, at most 'n' bytes, and step over them.
 * Returns how many bytes these are: 0 where there are too few, and in the
 * midst of a row.
 */
size_t sow_columns_read(const struct sow_columns *columns,
                        const struct sow_engine *engine,
                        const struct sow_tensor *tensor,
                        const struct sow_runs *runs, struct sow_rest *rest,
                        uint8_t *out, size_t n);

#endif
