/* SPDX-License-Identifier: MIT */
/* The life of an exchange: refused, or begun, worked on, answered, read. */
#include "api.h"

#include "analysis.h"
#include "exchange.h"
#include "head.h"
#include "hub/repos.h"
#include "query.h"
#include "signature.h"
#include "states.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct api *api_new(const struct api_config *config)
{
    struct api *api = calloc(1, sizeof *api);

    if (!api)
        return NULL;
    if (!auth_init(&api->auth)) {
        free(api);
        return NULL;
    }
    api->engine = config->engine;
    api->limits = config->limits;
    api->notice = config->notice;
    api->remember = config->remember;
    api->remember_self = config->remember_self;
    api->store = config->store;
    atomic_init(&api->draining, false);
    room_init(&api->room, config->limits.max_layers);
    crew_init(&api->crew, config->helpers);
    api->metrics = metrics_new();
    api->memo = memo_new();
    api->wholes = wholes_new(config->limits.cache_bytes, config->notice);
    api->states = states_new();
    api->repos = repos_new(REPOS_BYTES);
    if (!api->metrics || !api->memo || !api->wholes || !api->states ||
        !api->repos) {
        api_free(api);
        return NULL;
    }
    return api;
}

void api_free(struct api *api)
{
    if (!api)
        return;
    aided_sweep(api);
    repos_free(api->repos);
    states_free(api->states);
    wholes_free(api->wholes);
    memo_free(api->memo);
    metrics_free(api->metrics);
    crew_release(&api->crew);
    auth_release(&api->auth);
    signing_release(&api->signing);
    free(api);
}

void api_remember(struct api *api, const uint8_t key[SOW_DIGEST_BYTES],
                  const uint8_t digest[SOW_DIGEST_BYTES])
{
    (void)memo_put(api->memo, key, digest);
}

void api_set_draining(struct api *api)
{
    atomic_store(&api->draining, true);
}

/* ------------------------------------------------------------------------
 * Refusing
 */

static struct api_exchange *exchange_new(struct api *api)
{
    aided_sweep(api);
    struct api_exchange *exchange = calloc(1, sizeof *exchange);

    if (exchange)
        exchange->api = api;
    return exchange;
}

/* The fields that go with some problems. */
static void add_hint(struct api_exchange *exchange, enum problem_code code)
{
    struct reply *reply = &exchange->reply;
    struct text text = reply_text(reply);

    switch (code) {
    case PROBLEM_METHOD_NOT_ALLOWED:
        reply_header(reply, "Allow", exchange->match.allow);
        break;
    case PROBLEM_UNSUPPORTED_MEDIA_TYPE:
        reply_header(reply, "Accept-Post", "application/json");
        break;
    case PROBLEM_RANGE_NOT_SATISFIABLE:
        text_put(&text, "bytes */");
        text_put_integer(&text, exchange->weights.body.size);
        reply_header_text(reply, "Content-Range", &text);
        break;
    case PROBLEM_BUSY:
        reply_header(reply, "Retry-After", "1");
        break;
    case PROBLEM_TOKEN_REQUIRED:
    case PROBLEM_TOKEN_UNKNOWN:
    case PROBLEM_SCOPE_MISSING:
        reply_header(reply, "WWW-Authenticate", auth_challenge(code));
        break;
    default:
        break;
    }
}

static void answer_problem(struct api_exchange *exchange,
                           const struct problem *problem)
{
    bool hub = exchange->match.flags & ROUTE_HUB;

    metrics_problem(exchange->api->metrics, problem->code);
    reply_problem(&exchange->reply, problem, hub);
    add_hint(exchange, problem->code);
    if (hub)
        hub_add_problem(exchange, problem);
}

/*
 * Check the head, find the route, and ask for the token.  'close' says whether
 * a refusal must close the connection.
 */
static enum problem_code check_head(struct api *api,
                                    const struct api_request *request,
                                    struct route_match *match, bool *close,
                                    struct problem *problem)
{
    *close = head_check(request, problem) != PROBLEM_NONE;
    if (*close || head_limit(request, &api->limits, problem))
        return problem->code;
    if (route_find(request->method, request->target_path, match, problem))
        return problem->code;
    return auth_check(&api->auth, request, match, problem);
}

struct api_exchange *api_refuse(struct api *api,
                                const struct api_request *request)
{
    struct route_match match = {0};
    struct problem problem;
    bool close;

    if (!check_head(api, request, &match, &close, &problem))
        return NULL;
    struct api_exchange *exchange = exchange_new(api);
    if (!exchange)
        return NULL;
    exchange->request = *request;
    exchange->match = match;
    exchange->reply.response.close = close;
    answer_problem(exchange, &problem);
    return exchange;
}

/* An exchange that answers 'problem' to a request that was well so far. */
static struct api_exchange *refusal(struct api *api,
                                    const struct api_request *request,
                                    const struct problem *problem)
{
    struct api_exchange *exchange = exchange_new(api);
    struct problem other;

    if (!exchange)
        return NULL;
    exchange->request = *request;
    (void)route_find(request->method, request->target_path, &exchange->match,
                     &other);
    answer_problem(exchange, problem);
    return exchange;
}

struct api_exchange *api_refuse_body(struct api *api,
                                     const struct api_request *request)
{
    struct problem problem;

    problem_set(&problem, PROBLEM_BODY_TOO_LARGE, "",
                "A request body may have %" PRIu64 " bytes (option "
                "--max-body-bytes); this one went on past that.",
                api->limits.max_body_bytes);
    return refusal(api, request, &problem);
}

struct api_exchange *api_refuse_busy(struct api *api,
                                     const struct api_request *request,
                                     const char *detail)
{
    struct problem problem;

    problem_set(&problem, PROBLEM_BUSY, "", "%s", detail);
    return refusal(api, request, &problem);
}

/* ------------------------------------------------------------------------
 * Answering
 */

static enum problem_code check_query(const struct api_exchange *exchange,
                                     struct problem *problem)
{
    static const char *const none[] = {NULL};
    struct query query;

    if (exchange->match.route->query != QUERY_NONE)
        return PROBLEM_NONE;
    if (query_init(&query, exchange->request.query, problem))
        return problem->code;
    return query_allow(&query, none, problem);
}

/* What OPTIONS asks for; for a page of another site, also whether it may. */
static void answer_options(struct api_exchange *exchange)
{
    struct reply *reply = &exchange->reply;

    reply_empty(reply, REPLY_NO_CONTENT, 0);
    reply_header(reply, "Allow", exchange->match.allow);
    if (!(exchange->match.flags & ROUTE_HUB))
        return;
    reply_header(reply, "Access-Control-Allow-Methods", exchange->match.allow);
    reply_header(reply, "Access-Control-Allow-Headers",
                 "Range, If-None-Match, If-Range, Authorization, "
                 "Content-Type");
    reply_header(reply, "Access-Control-Max-Age", "86400");
}

static enum problem_code dispatch(struct api_exchange *exchange,
                                  struct problem *problem)
{
    bool *close = &exchange->reply.response.close;

    if (check_head(exchange->api, &exchange->request, &exchange->match, close,
                   problem))
        return problem->code;
    if (exchange->match.route) {
        enum problem_code code = check_query(exchange, problem);
        return code ? code : exchange->match.route->handle(exchange, problem);
    }
    answer_options(exchange);
    return PROBLEM_NONE;
}

struct api_exchange *api_begin(struct api *api,
                               const struct api_request *request)
{
    struct api_exchange *exchange = exchange_new(api);
    struct problem problem;

    if (!exchange)
        return NULL;
    exchange->request = *request;
    if (dispatch(exchange, &problem))
        answer_problem(exchange, &problem);
    return exchange;
}

size_t api_work_count(const struct api_exchange *exchange)
{
    if (exchange->reply.ready)
        return 0;
    return exchange->analysis ? analysis_units(exchange->analysis)
                              : work_count(exchange);
}

void api_work(struct api_exchange *exchange, size_t unit,
              bool (*stop)(void *argument), void *argument)
{
    uint64_t start = metrics_now();

    if (!exchange->analysis) {
        work_unit(exchange, unit, stop, argument);
        return;
    }
    analysis_work(exchange->analysis, unit, stop, argument);
    metrics_add_since(exchange->api->metrics, METRICS_ANALYSIS, start);
}

/* Add what all answers of a kind have, and last the signature; once. */
static void tell(struct api_exchange *exchange)
{
    if (exchange->match.flags & ROUTE_HUB)
        hub_add_fields(exchange);
    if (auth_covers(&exchange->api->auth, &exchange->match))
        reply_make_private(&exchange->reply);
    if (exchange->api->signing.count > 0)
        signature_add(&exchange->api->signing, &exchange->request,
                      &exchange->reply, time(NULL));
    exchange->told = true;
}

const struct api_response *api_answer(struct api_exchange *exchange)
{
    route_handler *finish =
        exchange->finish ? exchange->finish : weights_finish;
    struct problem problem;

    if (!exchange->reply.ready && finish(exchange, &problem))
        answer_problem(exchange, &problem);
    if (!exchange->told)
        tell(exchange);
    if (exchange_is(exchange, "HEAD"))
        exchange->reply.response.bodyless = true;
    return &exchange->reply.response;
}

static int64_t read_part(struct api_exchange *exchange, uint64_t pos, void *buf,
                         size_t n)
{
    const struct reply *reply = &exchange->reply;
    uint64_t size = reply->response.size;

    if (reply->read)
        return reply->read(exchange, pos, buf, n);
    if (pos >= size || !reply->bytes)
        return API_END;
    if (n > size - pos)
        n = (size_t)(size - pos);
    memcpy(buf, reply->bytes + pos, n);
    return (int64_t)n;
}

int64_t api_read(struct api_exchange *exchange, uint64_t pos, void *buf,
                 size_t n)
{
    struct metrics *metrics = exchange->api->metrics;
    uint64_t start = metrics_now();
    int64_t made = read_part(exchange, pos, buf, n);

    metrics_add_since(metrics, METRICS_GENERATION, start);
    if (made > 0)
        metrics_add(metrics, METRICS_SENT, (uint64_t)made);
    return made;
}

void api_help(struct api *api)
{
    crew_work(&api->crew);
}

void api_stop_help(struct api *api)
{
    crew_stop(&api->crew);
}

void api_end(struct api_exchange *exchange)
{
    if (exchange)
        aided_end(exchange);
}

void exchange_free(struct api_exchange *exchange)
{
    weights_release(exchange);
    analysis_free(exchange->analysis);
    hub_release(exchange);
    reply_release(&exchange->reply);
    free(exchange);
}
