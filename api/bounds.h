/* SPDX-License-Identifier: MIT */
/* What one request may be answered with, by 'struct api_limits'. */
#ifndef BOUNDS_H
#define BOUNDS_H

#include "problems.h"

struct api_exchange;

/*
 * Refuses with PROBLEM_TOO_LARGE when the tensors, as they were chosen and
 * cut, have more elements together than the limit allows, whatever is to be
 * told of them.
 */
enum problem_code bounds_elements(struct api_exchange *exchange,
                                  struct problem *problem);

/*
 * Refuses with PROBLEM_TOO_LARGE when this request alone would send more
 * bytes than the limit allows.  HEAD may tell the size of what can only be had
 * in parts.
 */
enum problem_code bounds_bytes(struct api_exchange *exchange,
                               struct problem *problem);

#endif
