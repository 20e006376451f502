/* SPDX-License-Identifier: MIT */
/* PUT /v1/recipes/{ns}/{name}: keep a document under a name. */
#include "head.h"
#include "routes/recipes.h"
#include "routes/routes.h"

static void put_receipt(struct text *text, const char *name,
                        const struct library_receipt *receipt)
{
    text_put(text, "{");
    recipes_put_names(text, name, receipt->version);
    text_put_member(text, "commit", receipt->commit);
    text_put_key(text, "tensors");
    text_put_integer(text, receipt->tensors);
    text_put_key(text, "bytes");
    text_put_integer(text, receipt->bytes);
    text_put(text, "}");
}

enum problem_code put_recipe(struct api_exchange *exchange,
                             struct problem *problem)
{
    const struct api_request *request = &exchange->request;
    struct text text = {.grows = true};
    struct library_receipt receipt;
    char name[REPO_NAME];
    bool create;

    if (recipes_name(exchange, name, problem) ||
        head_check_json(request, problem) ||
        recipes_precondition(exchange, name, &create, problem) ||
        library_put(exchange->api, name, request->body, request->body_size,
                    create, &receipt, problem))
        return problem->code;
    put_receipt(&text, name, &receipt);
    if (reply_typed(&exchange->reply, "application/json", &text, problem))
        return problem->code;
    if (receipt.created)
        reply_restate(&exchange->reply, REPLY_CREATED);
    recipes_put_etag(&exchange->reply, receipt.version);
    return PROBLEM_NONE;
}
