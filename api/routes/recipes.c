/* SPDX-License-Identifier: MIT */
/* Names, tags and conditions of stored recipes. */
#include "routes/recipes.h"

#include "head.h"
#include "range.h"

enum problem_code recipes_name(const struct api_exchange *exchange,
                               char name[REPO_NAME], struct problem *problem)
{
    return repo_name_join(exchange->match.arguments[0],
                          exchange->match.arguments[1], name, problem);
}

void recipes_put_names(struct text *text, const char *name,
                       const uint8_t version[SOW_DIGEST_BYTES])
{
    text_put_member(text, "name", name);
    text_put_key(text, "version");
    text_put(text, "\"");
    text_put_digest(text, version);
    text_put(text, "\"");
}

void recipes_etag(const uint8_t version[SOW_DIGEST_BYTES],
                  char etag[RECIPES_ETAG])
{
    etag[0] = '"';
    sow_digest_hex(version, etag + 1);
    memcpy(etag + RECIPES_ETAG - 2, "\"", 2);
}

void recipes_put_etag(struct reply *reply,
                      const uint8_t version[SOW_DIGEST_BYTES])
{
    struct text text = reply_text(reply);
    char etag[RECIPES_ETAG];

    recipes_etag(version, etag);
    text_put(&text, etag);
    reply_header_text(reply, "ETag", &text);
}

static enum problem_code refuse(const char *etag, struct problem *problem)
{
    return problem_set(problem, PROBLEM_PRECONDITION_FAILED, "",
                       "The recipe's ETag is %s, which the request's If-Match "
                       "or If-None-Match rules out.",
                       etag);
}

enum problem_code recipes_precondition(const struct api_exchange *exchange,
                                       const char *name, bool *create,
                                       struct problem *problem)
{
    const struct api_request *request = &exchange->request;
    const char *none = head_value(request, "If-None-Match");
    const char *match = head_value(request, "If-Match");
    uint8_t version[SOW_DIGEST_BYTES];
    char etag[RECIPES_ETAG];

    if (create)
        *create = none && !strcmp(none, "*");
    if (!match && (!none || (create && *create)))
        return PROBLEM_NONE;
    enum problem_code code =
        library_current(exchange->api, name, version, problem);
    if (code == PROBLEM_UNKNOWN_RECIPE)
        return match ? refuse("not there", problem) : PROBLEM_NONE;
    if (code)
        return code;
    recipes_etag(version, etag);
    if (condition_evaluate(request, etag, false) == CONDITION_FAILED)
        return refuse(etag, problem);
    return PROBLEM_NONE;
}
