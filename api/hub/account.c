/* SPDX-License-Identifier: MIT */
/*
 * What clients ask of who they are: GET /api/whoami-v2, …/auth-check, and
 * /api/agent-harnesses, the first that many of them send.
 */
#include "hub/hub.h"

#include "exchange.h"

/* Answer with a constant. */
static enum problem_code answer(struct api_exchange *exchange, const char *json)
{
    reply_bytes(&exchange->reply, REPLY_OK, "application/json", json,
                strlen(json));
    reply_header(&exchange->reply, "Cache-Control", "no-cache");
    return PROBLEM_NONE;
}

enum problem_code hub_auth_check(struct api_exchange *exchange,
                                 struct problem *problem)
{
    if (hub_open(exchange, "main", problem))
        return problem->code;
    return answer(exchange, "{}");
}

/* Whoever comes with a token goes by its name. */
enum problem_code hub_whoami(struct api_exchange *exchange,
                             struct problem *problem)
{
    struct token caller = {.name = "anonymous", .scope = TOKEN_WRITE};
    struct text text = {.grows = true};

    (void)auth_caller(&exchange->api->auth, &exchange->request, &caller);
    text_put(&text, "{\"type\":\"user\"");
    text_put_member(&text, "id", caller.name);
    text_put_member(&text, "name", caller.name);
    text_put_member(&text, "fullname", caller.name);
    text_put(&text, ",\"isPro\":false,\"orgs\":[],\"auth\":{\"type\":"
                    "\"access_token\",\"accessToken\":{\"displayName\":");
    text_put_string(&text, caller.name);
    text_put_member(&text, "role", token_scope_name(caller.scope));
    text_put(&text, "}}}");
    return reply_written(&exchange->reply, &text, problem);
}

/* In this form clients keep it, and don't ask again for a day. */
enum problem_code hub_harnesses(struct api_exchange *exchange,
                                struct problem *problem)
{
    (void)problem;
    return answer(exchange, "{\"standardEnvVars\":[],\"harnesses\":{}}");
}

enum problem_code hub_missing(struct api_exchange *exchange,
                              struct problem *problem)
{
    (void)exchange;
    return problem_set(problem, PROBLEM_REPO_NOT_FOUND, "",
                       "There are only models here, called 'namespace/name'; "
                       "GET /api/models lists them.");
}
