/* SPDX-License-Identifier: MIT */
/* GET /v1/weights: one tensor, described by the query. */
#include "exchange.h"
#include "routes/routes.h"

enum problem_code get_weights(struct api_exchange *exchange,
                              struct problem *problem)
{
    struct weights *weights = &exchange->weights;

    if (spec_from_query(&exchange->api->limits, exchange->request.query,
                        &weights->model, &weights->options, problem))
        return problem->code;
    return weights_begin(exchange, FORMAT_RAW, problem);
}
