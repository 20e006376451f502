/* SPDX-License-Identifier: MIT */
/* GET /healthz: the process lives.  GET /readyz: it computes as it should, and
 * wants new requests. */
#include "exchange.h"
#include "routes/routes.h"

#include <string.h>

static enum problem_code say(struct api_exchange *exchange,
                             enum reply_status status, const char *text)
{
    reply_bytes(&exchange->reply, status, "text/plain; charset=utf-8", text,
                strlen(text));
    reply_header(&exchange->reply, "Cache-Control", "no-store");
    return PROBLEM_NONE;
}

enum problem_code get_health(struct api_exchange *exchange,
                             struct problem *problem)
{
    (void)problem;
    return say(exchange, REPLY_OK, "ok\n");
}

enum problem_code get_ready(struct api_exchange *exchange,
                            struct problem *problem)
{
    struct api *api = exchange->api;

    (void)problem;
    if (atomic_load(&api->draining))
        return say(exchange, REPLY_UNAVAILABLE, "draining\n");
    switch (self_test_run(api)) {
    case SELF_TEST_PASSED:
        return say(exchange, REPLY_OK, "ok\n");
    case SELF_TEST_FAILED:
        return say(exchange, REPLY_UNAVAILABLE, "self-test failed\n");
    default:
        return say(exchange, REPLY_UNAVAILABLE, "starting\n");
    }
}
