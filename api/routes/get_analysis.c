/* SPDX-License-Identifier: MIT */
/* GET /v1/analysis: the law of one tensor, described as for its weights. */
#include "exchange.h"
#include "named.h"
#include "routes/routes.h"
#include "tensor_law.h"

static enum problem_code read_model(struct api_exchange *exchange,
                                    const struct query *query,
                                    struct problem *problem)
{
    struct weights *weights = &exchange->weights;

    if (query_find(query, "recipe"))
        return named_from_query(exchange, query, problem);
    return spec_from_query(&exchange->api->limits, query, &weights->model,
                           &weights->options, problem);
}

enum problem_code get_analysis(struct api_exchange *exchange,
                               struct problem *problem)
{
    struct text text = {.grows = true};
    struct query query;
    size_t points;

    if (query_init(&query, exchange->request.query, problem) ||
        tensor_law_points(&query, &points, problem) ||
        read_model(exchange, &query, problem))
        return problem->code;
    if (tensor_law_put(exchange->api->engine, &exchange->weights.model, points,
                       &text, problem)) {
        text_release(&text);
        return problem->code;
    }
    return reply_written(&exchange->reply, &text, problem);
}
