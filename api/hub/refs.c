/* SPDX-License-Identifier: MIT */
/*
 * GET /api/models/{ns}/{name}/refs: the one branch.
 * GET /api/models/{ns}/{name}/commits/{rev}: the one commit of a revision.
 */
#include "hub/card.h"
#include "hub/form.h"
#include "hub/hub.h"

#include "exchange.h"

enum problem_code hub_refs(struct api_exchange *exchange,
                           struct problem *problem)
{
    struct text text = {.grows = true};
    char value[FORM_TEXT];

    if (hub_open(exchange, "main", problem))
        return problem->code;
    text_put(&text, "{\"branches\":[{");
    text_put_member(&text, "name", "main");
    text_put_member(&text, "ref", "refs/heads/main");
    text_put_member(&text, "targetCommit", exchange->hub.repo->hex);
    text_put(&text, "}],\"converts\":[],\"tags\":[]");
    if (form_find(exchange->request.query, "include_prs", value))
        text_put(&text, ",\"pullRequests\":[]");
    text_put(&text, "}");
    return hub_reply(exchange, &text, problem);
}

enum problem_code hub_commits(struct api_exchange *exchange,
                              struct problem *problem)
{
    struct text text = {.grows = true};

    if (hub_open_revision(exchange, problem))
        return problem->code;
    text_put(&text, "[{");
    card_put_commit(&text, exchange->hub.repo);
    text_put_member(&text, "message", "");
    text_put(&text, ",\"authors\":[{\"user\":\"sow\"}]}]");
    return hub_reply(exchange, &text, problem);
}
