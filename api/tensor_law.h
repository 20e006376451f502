/* SPDX-License-Identifier: MIT */
/*
 * The law of one tensor's elements, as an answer: what the tensor is, moments
 * and bounds, the density at points and the atoms.
 */
#ifndef TENSOR_LAW_H
#define TENSOR_LAW_H

#include "formats/text.h"
#include "query.h"
#include "spec.h"

/*
 * Take 'points' out of a query whose other names are those of GET /v1/weights;
 * 201 when it isn't there.
 */
enum problem_code tensor_law_points(struct query *query, size_t *points,
                                    struct problem *problem);

/*
 * Write the law of a model's only tensor, at 'points' places; refuses a model
 * of more.
 */
enum problem_code tensor_law_put(const struct sow_engine *engine,
                                 const struct model *model, size_t points,
                                 struct text *text, struct problem *problem);

#endif
