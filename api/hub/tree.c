/* SPDX-License-Identifier: MIT */
/*
 * GET /api/models/{ns}/{name}/tree/{rev}: every file with its hash.  There are
 * no folders.
 */
#include "hub/form.h"
#include "hub/hub.h"
#include "hub/list.h"

#include "exchange.h"
#include "utf8.h"

static enum problem_code refuse(const struct api_exchange *exchange,
                                const char *path, struct problem *problem)
{
    const struct repo *repo = exchange->hub.repo;

    return problem_set(problem, PROBLEM_ENTRY_NOT_FOUND, "",
                       "There is no folder '%s' in %s: all files lie at the "
                       "top, where GET /api/models/%s/tree/%s lists them.",
                       utf8_quote(path).text, repo->name, repo->name,
                       repo->hex);
}

enum problem_code hub_tree(struct api_exchange *exchange,
                           struct problem *problem)
{
    const char *path = exchange->match.arguments[3];
    char value[FORM_TEXT];

    if (hub_open_revision(exchange, problem))
        return problem->code;
    if (path[0] != '\0')
        return refuse(exchange, path, problem);
    exchange->hub.expands =
        form_find(exchange->request.query, "expand", value) &&
        form_is_yes(value);
    if (list_add_all(exchange, problem))
        return problem->code;
    return list_begin(exchange, list_finish, problem);
}
