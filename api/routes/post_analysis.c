/* SPDX-License-Identifier: MIT */
/*
 * POST /v1/analysis: what an initialization does to signals and gradients, by
 * theory and measured.  A small stack is followed at once, a large one, and
 * what is measured, by the workers.
 */
#include "analysis.h"
#include "exchange.h"
#include "formats/sized.h"
#include "head.h"
#include "query.h"
#include "routes/routes.h"
#include "spec.h"

static enum problem_code check_query(const struct api_exchange *exchange,
                                     struct problem *problem)
{
    static const char *const none[] = {NULL};
    struct query query;

    if (query_init(&query, exchange->request.query, problem))
        return problem->code;
    return query_allow(&query, none, problem);
}

static enum problem_code read_body(struct api_exchange *exchange,
                                   struct problem *problem)
{
    const struct api_request *request = &exchange->request;
    const struct api *api = exchange->api;
    json_t *root;

    if (spec_load(&api->limits, request->body, request->body_size, &root,
                  problem))
        return problem->code;
    const enum problem_code code =
        analysis_read(&exchange->analysis, exchange->api, root, problem);
    json_decref(root);
    return code;
}

/* The answer: pieces of text, one after another. */
static enum problem_code lay_out(struct api_exchange *exchange,
                                 struct problem *problem)
{
    static const char tail[] = "]}\n";
    const struct analysis *analysis = exchange->analysis;
    const struct text *head = analysis_head(analysis);
    const size_t count = analysis_cases(analysis);
    struct weights *weights = &exchange->weights;

    if (sized_begin(weights, 1 + 2 * count, problem))
        return problem->code;
    sized_put_bytes(weights, head->bytes, head->size);
    for (size_t i = 0; i < count; i++) {
        const struct text *text = analysis_case(analysis, i);
        sized_put_bytes(weights, text->bytes, text->size);
        if (i + 1 < count)
            sized_put_bytes(weights, ",", 1);
    }
    sized_put_bytes(weights, tail, sizeof tail - 1);
    return sized_end(weights, problem);
}

static enum problem_code finish(struct api_exchange *exchange,
                                struct problem *problem)
{
    struct weights *weights = &exchange->weights;

    if (analysis_check(exchange->analysis, problem) ||
        lay_out(exchange, problem))
        return problem->code;
    weights->range = (struct range){0, weights->body.size};
    reply_stream(&exchange->reply, REPLY_OK, "application/json",
                 weights->body.size, sized_read);
    reply_header(&exchange->reply, "Cache-Control", "no-cache");
    return PROBLEM_NONE;
}

enum problem_code post_analysis(struct api_exchange *exchange,
                                struct problem *problem)
{
    if (check_query(exchange, problem) ||
        head_check_json(&exchange->request, problem) ||
        read_body(exchange, problem))
        return problem->code;
    const struct analysis *analysis = exchange->analysis;
    const uint64_t bytes = analysis_bytes(analysis);
    if (room_take(&exchange->api->room, bytes, problem))
        return problem->code;
    exchange->weights.room = bytes;
    if (!analysis_is_brief(analysis)) {
        exchange->finish = finish;
        return PROBLEM_NONE;
    }
    for (size_t i = 0; i < analysis_units(analysis); i++)
        analysis_work(exchange->analysis, i, NULL, NULL);
    return finish(exchange, problem);
}
