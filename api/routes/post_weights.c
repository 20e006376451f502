/* SPDX-License-Identifier: MIT */
/* POST /v1/weights: many tensors, described by a JSON document. */
#include "exchange.h"
#include "head.h"
#include "named.h"
#include "routes/routes.h"

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

enum problem_code post_weights(struct api_exchange *exchange,
                               struct problem *problem)
{
    enum problem_code code = head_check_json(&exchange->request, problem);

    if (!code)
        code = read_body(exchange, problem);
    return code ? code : weights_begin(exchange, FORMAT_JSON, problem);
}
