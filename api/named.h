/* SPDX-License-Identifier: MIT */
/*
 * Weights of a recipe that has a name: 'recipe' in the query of GET or the body
 * of POST /v1/weights takes the place of all that says what the tensors are.
 */
#ifndef NAMED_H
#define NAMED_H

#include "problems.h"
#include "query.h"

#include <jansson.h>

struct api_exchange;

/*
 * Set the model and the options of the exchange's weights.  A query may choose
 * one tensor by 'name', and its 'slice'.
 */
enum problem_code named_from_query(struct api_exchange *exchange,
                                   const struct query *query,
                                   struct problem *problem);

/* The same from a body, which may choose 'tensors'. */
enum problem_code named_from_json(struct api_exchange *exchange, json_t *root,
                                  struct problem *problem);

#endif
