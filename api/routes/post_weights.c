/* SPDX-License-Identifier: MIT */
/* POST /v1/weights: many tensors, described by a JSON document. */
#include "exchange.h"
#include "head.h"
#include "named.h"
#include "routes/routes.h"

#include <string.h>

/* From the body to a model, with what the query adds. */
static enum problem_code read_body(struct api_exchange *exchange,
                                   struct problem *problem)
{
    const struct api_request *request = &exchange->request;
    const struct api_limits *limits = &exchange->api->limits;
    struct weights *weights = &exchange->weights;
    json_t *root;

    if (spec_load(limits, request->body, request->body_size, &root, problem))
        return problem->code;
    enum problem_code code =
        json_object_get(root, "recipe")
            ? named_from_json(exchange, root, problem)
            : spec_from_json(limits, root, request->query, &weights->model,
                             &weights->options, problem);
    json_decref(root);
    return code;
}

/*
 * How to answer stands in the body, or would, unless the query says it: let
 * 'problem' tell that place.
 */
static enum problem_code place(const struct api_exchange *exchange,
                               struct problem *problem)
{
    struct query query;
    struct problem other;
    bool placed =
        strcmp(problem->at, "format") && strcmp(problem->at, "digest");

    if (!query_init(&query, exchange->request.query, &other) &&
        query_find(&query, problem->at))
        placed = true;
    if (placed)
        return problem->code;
    memmove(problem->at + 1, problem->at, strlen(problem->at) + 1);
    problem->at[0] = '/';
    return problem->code;
}

enum problem_code post_weights(struct api_exchange *exchange,
                               struct problem *problem)
{
    enum problem_code code = head_check_json(&exchange->request, problem);

    if (!code)
        code = read_body(exchange, problem);
    if (code)
        return code;
    if (weights_begin(exchange, FORMAT_JSON, problem))
        return place(exchange, problem);
    return PROBLEM_NONE;
}
