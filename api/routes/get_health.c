/* SPDX-License-Identifier: MIT */
/* GET /healthz: the process lives.  GET /readyz: it wants new requests. */
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
    (void)problem;
    if (atomic_load(&exchange->api->draining))
        return say(exchange, REPLY_UNAVAILABLE, "draining\n");
    return say(exchange, REPLY_OK, "ok\n");
}
