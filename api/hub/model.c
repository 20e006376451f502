/* SPDX-License-Identifier: MIT */
/*
 * GET /api/models/{ns}/{name} and …/revision/{rev}: what a repository is;
 * with blobs=true also the hashes of its files.
 */
#include "hub/card.h"
#include "hub/form.h"
#include "hub/hub.h"
#include "hub/list.h"

#include "exchange.h"

/* Are the hashes of files asked for? */
static bool wants_blobs(const struct api_exchange *exchange)
{
    char value[FORM_TEXT];

    return form_find(exchange->request.query, "blobs", value) &&
           form_is_yes(value);
}

static void put_siblings(struct text *text, const struct api_exchange *exchange)
{
    const struct hub *hub = &exchange->hub;
    bool blobs = hub->list.count > 0;

    text_put_key(text, "siblings");
    text_put(text, "[");
    for (size_t i = 0; i < hub->repo->file_count; i++)
        listing_put_sibling(text, &hub->repo->files[i], blobs,
                            blobs ? list_sha256(exchange, i) : NULL);
    text_put(text, "]");
}

static enum problem_code finish(struct api_exchange *exchange,
                                struct problem *problem)
{
    const struct repo *repo = exchange->hub.repo;
    struct text text = {.grows = true};

    if (list_check(exchange, problem))
        return problem->code;
    text_put(&text, "{");
    card_put_name(&text, repo->name);
    card_put_repo(&text, repo);
    put_siblings(&text, exchange);
    text_put(&text, "}");
    return hub_reply(exchange, &text, problem);
}

static enum problem_code describe(struct api_exchange *exchange,
                                  struct problem *problem)
{
    if (!wants_blobs(exchange))
        return finish(exchange, problem);
    if (list_add_all(exchange, problem))
        return problem->code;
    return list_begin(exchange, finish, problem);
}

enum problem_code hub_model(struct api_exchange *exchange,
                            struct problem *problem)
{
    enum problem_code code = hub_open(exchange, "main", problem);

    return code ? code : describe(exchange, problem);
}

enum problem_code hub_model_revision(struct api_exchange *exchange,
                                     struct problem *problem)
{
    enum problem_code code = hub_open_revision(exchange, problem);

    return code ? code : describe(exchange, problem);
}
