/* SPDX-License-Identifier: MIT */
/* GET /v1/weights: one tensor described by the query, or a named recipe. */
#include "exchange.h"
#include "named.h"
#include "routes/routes.h"

enum problem_code get_weights(struct api_exchange *exchange,
                              struct problem *problem)
{
    struct weights *weights = &exchange->weights;
    struct query query;
    enum problem_code code =
        query_init(&query, exchange->request.query, problem);

    if (code)
        return code;
    if (query_find(&query, "recipe"))
        code = named_from_query(exchange, &query, problem);
    else
        code = spec_from_query(&exchange->api->limits, &query, &weights->model,
                               &weights->options, problem);
    return code ? code : weights_begin(exchange, FORMAT_RAW, problem);
}
