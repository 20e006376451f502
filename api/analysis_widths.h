/* SPDX-License-Identifier: MIT */
/*
 * The short form of a request for an analysis: dense layers between 'widths',
 * all of one scheme.
 */
#ifndef ANALYSIS_WIDTHS_H
#define ANALYSIS_WIDTHS_H

#include "analysis_parts.h"

/* "/widths" */
extern const struct place widths_place;

/* Check 'widths', and that there is nothing else that takes 'layers'. */
enum problem_code widths_check(const struct api_limits *limits,
                               const json_t *widths,
                               const struct draft *request,
                               struct problem *problem);

/*
 * Make the weights, and with a 'bias' in 'request' the biases, of layers
 * between 'widths', which have been checked.  On success the caller owns
 * 'model'.
 */
enum problem_code widths_model(const json_t *widths,
                               const struct draft *request, struct model *model,
                               struct problem *problem);

/* Which tensors of that are the layers; there is room for all. */
void widths_parts(struct analysis_parts *parts, const json_t *widths,
                  const struct draft *request);

#endif
