/* SPDX-License-Identifier: MIT */
/* GET /.well-known/jwks.json: the public keys of those that sign answers. */
#include "exchange.h"
#include "routes/routes.h"

enum problem_code get_keys(struct api_exchange *exchange,
                           struct problem *problem)
{
    struct text text = {.grows = true};

    signing_put_keys(&exchange->api->signing, &text);
    if (reply_typed(&exchange->reply, "application/jwk-set+json", &text,
                    problem))
        return problem->code;
    reply_header(&exchange->reply, "Cache-Control", "public, max-age=300");
    return PROBLEM_NONE;
}
