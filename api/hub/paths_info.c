/* SPDX-License-Identifier: MIT */
/*
 * POST /api/models/{ns}/{name}/paths-info/{rev}: the entries of the files that
 * are asked for, in a form (paths=a&paths=b) or in JSON ({"paths":[…]}).  What
 * there isn't is left out.
 */
#include "hub/form.h"
#include "hub/hub.h"
#include "hub/list.h"

#include "document.h"
#include "exchange.h"
#include "head.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Which files of the repository are asked for, and how. */
struct choice {
    const struct repo *repo;
    bool *chosen; /* owned; an entry for each file */
    bool expands;
};

static void choose(struct choice *choice, const char *path)
{
    const struct repo_file *file = repo_find(choice->repo, path);

    if (file)
        choice->chosen[file - choice->repo->files] = true;
}

/* ------------------------------------------------------------------------
 * JSON
 */

static enum problem_code read_paths(struct choice *choice, const json_t *paths,
                                    struct problem *problem)
{
    const json_t *path;
    size_t i;

    if (json_is_string(paths)) {
        choose(choice, json_string_value(paths));
        return PROBLEM_NONE;
    }
    if (paths == NULL)
        return problem_set(problem, PROBLEM_MISSING_FIELD, "/paths",
                           "'paths' is missing; it is an array of names of "
                           "files.");
    if (!json_is_array(paths))
        return problem_set(problem, PROBLEM_BAD_FIELD, "/paths",
                           "'paths' must be an array of names of files.");
    json_array_foreach(paths, i, path)
    {
        if (!json_is_string(path))
            return problem_set(problem, PROBLEM_BAD_FIELD, "/paths",
                               "An entry of 'paths' is not a string; it must "
                               "be the name of a file.");
        choose(choice, json_string_value(path));
    }
    return PROBLEM_NONE;
}

static enum problem_code read_json(struct choice *choice,
                                   const struct api_exchange *exchange,
                                   struct problem *problem)
{
    const struct api_request *request = &exchange->request;
    uint64_t limit = exchange->api->limits.max_body_bytes;
    json_t *root = NULL;
    enum problem_code code = document_load(request->body, request->body_size,
                                           4 * limit, &root, problem);

    if (code == PROBLEM_BODY_TOO_LARGE)
        return problem_set(problem, code, "",
                           "The body would take too much memory (option "
                           "--max-body-bytes, %" PRIu64 "). Ask for fewer "
                           "files at a time.",
                           limit);
    if (!code)
        code = read_paths(choice, json_object_get(root, "paths"), problem);
    choice->expands = json_is_true(json_object_get(root, "expand"));
    json_decref(root);
    return code;
}

/* ------------------------------------------------------------------------
 * Both
 */

static bool is_form(const struct api_request *request)
{
    static const char form[] = "application/x-www-form-urlencoded";
    const char *type = head_value(request, "Content-Type");

    return type && strcspn(type, "; \t") == sizeof form - 1 &&
           !strncasecmp(type, form, sizeof form - 1);
}

static void read_form(struct choice *choice, const struct api_request *request)
{
    struct form form = form_of(request->body, request->body_size);

    while (form_next(&form)) {
        if (!strcmp(form.name, "paths"))
            choose(choice, form.value);
        if (!strcmp(form.name, "expand"))
            choice->expands = form_is_yes(form.value);
    }
}

static enum problem_code read_body(struct choice *choice,
                                   const struct api_exchange *exchange,
                                   struct problem *problem)
{
    const struct api_request *request = &exchange->request;

    if (is_form(request)) {
        read_form(choice, request);
        return PROBLEM_NONE;
    }
    if (head_check_json(request, problem))
        return problem->code;
    return read_json(choice, exchange, problem);
}

static enum problem_code add_chosen(struct api_exchange *exchange,
                                    const bool *chosen, struct problem *problem)
{
    const struct repo *repo = exchange->hub.repo;

    if (list_init(exchange, repo->file_count, problem))
        return problem->code;
    for (size_t i = 0; i < repo->file_count; i++)
        if (chosen[i])
            list_add(exchange, &repo->files[i]);
    return PROBLEM_NONE;
}

enum problem_code hub_paths_info(struct api_exchange *exchange,
                                 struct problem *problem)
{
    if (hub_open_revision(exchange, problem))
        return problem->code;
    exchange->hub.pinned = false;
    struct choice choice = {.repo = exchange->hub.repo};
    choice.chosen = calloc(choice.repo->file_count, sizeof *choice.chosen);
    if (!choice.chosen)
        return problem_no_memory(problem);
    enum problem_code code = read_body(&choice, exchange, problem);
    if (!code)
        code = add_chosen(exchange, choice.chosen, problem);
    free(choice.chosen);
    exchange->hub.expands = choice.expands;
    return code ? code : list_begin(exchange, list_finish, problem);
}
