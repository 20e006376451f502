/* SPDX-License-Identifier: MIT */
/* The mean and variance of a tensor's elements; for lib/analysis only. */
#ifndef ELEMENTS_H
#define ELEMENTS_H

#include "analysis/analysis.h"

struct sow_elements {
    double mean, variance;
};

/* Set 'same' to 'tensor' as sow1 draws it, uncut: of the same law. */
SOW_MUST_CHECK enum sow_status
sow_elements_plain(const struct sow_tensor *tensor, struct sow_tensor *same,
                   struct sow_error *error);

/*
 * Set 'elements' from the law of a tensor that sow_elements_plain() has set, or
 * from a sample.  SOW_BAD_SCHEME when there is neither.
 */
SOW_MUST_CHECK enum sow_status
sow_elements_measure(const struct sow_engine *engine,
                     const struct sow_tensor *tensor,
                     struct sow_elements *elements, struct sow_error *error);

#endif
