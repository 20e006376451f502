/* SPDX-License-Identifier: MIT */
/* POST /v1/weights: many tensors, described by a JSON document. */
#include "exchange.h"
#include "head.h"
#include "routes/routes.h"

#include <string.h>
#include <strings.h>

/* Is the body said to be JSON?  Parameters of the media type don't matter. */
static bool is_json(const struct api_request *request)
{
    static const char json[] = "application/json";
    const char *type = head_value(request, "Content-Type");

    return type && strcspn(type, "; \t") == sizeof json - 1 &&
           !strncasecmp(type, json, sizeof json - 1);
}

enum problem_code post_weights(struct api_exchange *exchange,
                               struct problem *problem)
{
    const struct api_request *request = &exchange->request;
    struct weights *weights = &exchange->weights;

    if (!is_json(request))
        return problem_set(problem, PROBLEM_UNSUPPORTED_MEDIA_TYPE,
                           "Content-Type",
                           "The body must be application/json, and say so in "
                           "Content-Type; curl does with 'curl --json'.");
    if (spec_from_json(&exchange->api->limits, request->body,
                       request->body_size, request->query, &weights->model,
                       &weights->options, problem))
        return problem->code;
    return weights_begin(exchange, FORMAT_JSON, problem);
}
