/* SPDX-License-Identifier: MIT */
/* GET /v1/recipes/{ns}/{name}: a document, as it was sent. */
#include "query.h"
#include "range.h"
#include "routes/recipes.h"
#include "routes/routes.h"
#include "utf8.h"

/* Read the query: '*pinned' is 'version', or NULL for the current one. */
static enum problem_code read_query(const char *text,
                                    uint8_t version[SOW_DIGEST_BYTES],
                                    const uint8_t **pinned,
                                    struct problem *problem)
{
    static const char *const names[] = {"version", NULL};
    struct query query;

    if (query_init(&query, text, problem) ||
        query_allow(&query, names, problem))
        return problem->code;
    const char *hex = query_find(&query, "version");
    *pinned = hex ? version : NULL;
    if (!hex || library_version_read(hex, version))
        return PROBLEM_NONE;
    return problem_set(problem, PROBLEM_BAD_FIELD, "version",
                       "'%s' is no version: these are 64 hexadecimal digits, "
                       "as a PUT answers and the ETag has them.",
                       utf8_quote(hex).text);
}

/* The body, which takes what the book owns. */
static void put_body(struct reply *reply, struct library_book *book)
{
    static const char type[] = "application/json";

    if (book->built_in) {
        reply_bytes(reply, REPLY_OK, type, book->bytes, book->size);
        return;
    }
    reply_owned(reply, REPLY_OK, type, book->bytes, book->size);
    book->bytes = NULL;
}

static enum problem_code answer(struct api_exchange *exchange,
                                struct library_book *book, bool pinned,
                                struct problem *problem)
{
    struct reply *reply = &exchange->reply;
    char etag[RECIPES_ETAG];

    recipes_etag(book->version, etag);
    enum condition condition =
        condition_evaluate(&exchange->request, etag, true);
    if (condition == CONDITION_FAILED)
        return problem_set(problem, PROBLEM_PRECONDITION_FAILED, "If-Match",
                           "The recipe's ETag is %s, which If-Match rules out.",
                           etag);
    if (condition == CONDITION_NOT_MODIFIED)
        reply_empty(reply, REPLY_NOT_MODIFIED, book->size);
    else
        put_body(reply, book);
    recipes_put_etag(reply, book->version);
    reply_header(reply, "Cache-Control",
                 pinned ? "public, max-age=31536000, immutable" : "no-cache");
    return PROBLEM_NONE;
}

enum problem_code get_recipe(struct api_exchange *exchange,
                             struct problem *problem)
{
    struct library_book book = {0};
    uint8_t version[SOW_DIGEST_BYTES];
    const uint8_t *pinned;
    char name[REPO_NAME];

    if (read_query(exchange->request.query, version, &pinned, problem) ||
        recipes_name(exchange, name, problem) ||
        library_get(exchange->api, name, pinned, &book, problem))
        return problem->code;
    enum problem_code code = answer(exchange, &book, pinned, problem);
    library_release(&book);
    return code;
}
