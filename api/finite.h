/* SPDX-License-Identifier: MIT */
/* Whether a tensor's values are all finite, so that JSON can hold them. */
#ifndef FINITE_H
#define FINITE_H

#include "problems.h"
#include "sow.h"

/*
 * Does the law of the tensor's values leave no room for overflow?  False
 * means that one has to look.
 */
bool finite_surely(const struct sow_tensor *tensor);

/*
 * Look at every value.  Stops as sow_body_digests() does, with 'finite'
 * untouched.
 */
SOW_MUST_CHECK enum sow_status finite_scan(const struct sow_engine *engine,
                                           const struct sow_tensor *tensor,
                                           bool (*stop)(void *argument),
                                           void *argument, bool *finite);

/* PROBLEM_NOT_FINITE for this tensor, which stands at 'at' in the request. */
enum problem_code finite_refuse(const struct sow_tensor *tensor, const char *at,
                                struct problem *problem);

#endif
