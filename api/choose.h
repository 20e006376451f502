/* SPDX-License-Identifier: MIT */
/*
 * Choosing tensors of a model: the field 'tensors', and beside a recipe's name
 * in a query 'name' and 'slice'.
 */
#ifndef CHOOSE_H
#define CHOOSE_H

#include "draft.h"

/*
 * Replace 'model' by the tensors that 'tensors', an array of names and of
 * objects with 'name' and 'slice', chooses, in that order.  'model' is
 * unchanged on failure.
 */
enum problem_code choose_tensors(struct model *model, const json_t *tensors,
                                 struct problem *problem);

/* Replace 'model' by the tensor that a query's 'name' and 'slice' choose. */
enum problem_code choose_tensor(struct model *model, const struct draft *draft,
                                struct problem *problem);

#endif
