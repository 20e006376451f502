/* SPDX-License-Identifier: MIT */
/* Recipes from two shelves: what is built in, and the store. */
#include "library.h"

#include "digits.h"
#include "exchange.h"
#include "hub/repo.h"
#include "recipes/builtin.h"
#include "suggest.h"
#include "utf8.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Names that are looked at for one that is near. */
#define NEAR_NAMES 256

bool library_version_read(const char *hex, uint8_t version[SOW_DIGEST_BYTES])
{
    size_t n = strlen(hex);

    for (size_t i = 0; i < n; i++)
        if (digit_value(hex[i]) < 0)
            return false;
    for (size_t i = 0; n == 2 * SOW_DIGEST_BYTES && i < n; i += 2)
        version[i / 2] =
            (uint8_t)(digit_value(hex[i]) << 4 | digit_value(hex[i + 1]));
    return n == 2 * SOW_DIGEST_BYTES;
}

/* ------------------------------------------------------------------------
 * What went wrong
 */

/* The nearest of up to 'left' names; 'found' is what 'nearest' points to. */
struct near {
    struct suggest suggest;
    char found[REPO_NAME];
    size_t left;
};

static bool near_offer(void *argument, const char *name,
                       const uint8_t version[SOW_DIGEST_BYTES])
{
    struct near *near = argument;
    const char *before = near->suggest.nearest;

    (void)version;
    suggest_offer(&near->suggest, name);
    if (near->suggest.nearest != before) {
        snprintf(near->found, sizeof near->found, "%s", name);
        near->suggest.nearest = near->found;
    }
    return --near->left > 0;
}

static enum problem_code refuse_unknown(struct api *api, const char *name,
                                        struct problem *problem)
{
    struct near near = {.left = NEAR_NAMES};
    struct problem ignored;

    suggest_init(&near.suggest, name);
    (void)library_list(api, near_offer, &near, &ignored);
    return problem_set(problem, PROBLEM_UNKNOWN_RECIPE, "",
                       "There is no recipe '%s'.%s GET /v1/recipes lists what "
                       "there is.",
                       utf8_quote(name).text, suggest_hint(&near.suggest).text);
}

static enum problem_code refuse_version(const char *name,
                                        struct problem *problem)
{
    return problem_set(problem, PROBLEM_UNKNOWN_RECIPE, "version",
                       "The recipe '%s' has no such version. Leave 'version' "
                       "out for the current one.",
                       utf8_quote(name).text);
}

/* What a store says that fails, whatever was asked of it. */
static enum problem_code refuse_store(enum store_status status,
                                      const char *name, struct problem *problem)
{
    switch (status) {
    case STORE_EXISTS:
        return problem_set(problem, PROBLEM_RECIPE_EXISTS, "If-None-Match",
                           "There is a recipe '%s' already. Leave out "
                           "If-None-Match: * to give it a new version.",
                           name);
    case STORE_READ_ONLY:
        return problem_set(problem, PROBLEM_STORE_READ_ONLY, "",
                           "The folder of recipes can't be written to; the "
                           "server's log says why.");
    case STORE_FULL:
        return problem_set(problem, PROBLEM_STORE_FULL, "",
                           "There is no room left for the recipe, and nothing "
                           "has changed. Make room in the folder that "
                           "--recipes names.");
    case STORE_NO_MEMORY:
        return problem_no_memory(problem);
    default:
        return problem_set(problem, PROBLEM_STORE_FAILED, "",
                           "The folder of recipes can't be used; the server's "
                           "log says why.");
    }
}

/* ------------------------------------------------------------------------
 * Reading
 */

void library_release(struct library_book *book)
{
    if (!book->built_in)
        free(book->bytes);
    *book = (struct library_book){0};
}

/* Does the store have this name, if it is there at all? */
static bool is_stored(const struct api *api, const char *name)
{
    return api->store && repo_name_ok(name) && !repo_name_built_in(name);
}

/* Set 'book' to the built-in document of that name, if there is one. */
static bool take_builtin(const char *name, struct library_book *book)
{
    size_t size;
    const char *bytes = builtin_find(name, &size);

    if (!bytes)
        return false;
    *book = (struct library_book){
        .bytes = (char *)(uintptr_t)bytes, .size = size, .built_in = true};
    sow_digest(bytes, size, book->version);
    return true;
}

enum problem_code library_current(struct api *api, const char *name,
                                  uint8_t version[SOW_DIGEST_BYTES],
                                  struct problem *problem)
{
    enum store_status status = STORE_MISSING;
    struct library_book book;

    if (take_builtin(name, &book)) {
        memcpy(version, book.version, SOW_DIGEST_BYTES);
        return PROBLEM_NONE;
    }
    if (is_stored(api, name))
        status = api->store->current(api->store->self, name, version);
    if (status == STORE_MISSING)
        return refuse_unknown(api, name, problem);
    return status ? refuse_store(status, name, problem) : PROBLEM_NONE;
}

enum problem_code library_get(struct api *api, const char *name,
                              const uint8_t version[SOW_DIGEST_BYTES],
                              struct library_book *book,
                              struct problem *problem)
{
    struct library_book taken = {0};
    bool pinned = version;

    if (take_builtin(name, &taken)) {
        if (pinned && memcmp(version, taken.version, SOW_DIGEST_BYTES) != 0)
            return refuse_version(name, problem);
        *book = taken;
        return PROBLEM_NONE;
    }
    if (!is_stored(api, name))
        return refuse_unknown(api, name, problem);
    if (pinned)
        memcpy(taken.version, version, SOW_DIGEST_BYTES);
    else if (library_current(api, name, taken.version, problem))
        return problem->code;
    enum store_status status = api->store->read(
        api->store->self, name, taken.version, &taken.bytes, &taken.size);
    if (status == STORE_MISSING && pinned)
        return refuse_version(name, problem);
    if (status)
        return refuse_store(status, name, problem);
    *book = taken;
    return PROBLEM_NONE;
}

/* ------------------------------------------------------------------------
 * Writing
 */

/* May 'name' be written? */
static enum problem_code check_writable(const struct api *api, const char *name,
                                        struct problem *problem)
{
    if (repo_name_built_in(name))
        return problem_set(problem, PROBLEM_STORE_READ_ONLY, "ns",
                           "The namespace '" REPO_BUILT_IN "' is built in and "
                           "can't be changed; use another one.");
    if (!api->store)
        return problem_set(problem, PROBLEM_STORE_READ_ONLY, "",
                           "This server keeps no recipes; start it with "
                           "--recipes and a folder to keep them in.");
    return PROBLEM_NONE;
}

/*
 * Whatever is kept must be fit to be served, in every way: it is made into
 * what the Hub's clients will ask for.
 */
static enum problem_code check_document(const struct api_limits *limits,
                                        const char *name,
                                        const struct library_book *document,
                                        struct library_receipt *receipt,
                                        struct problem *problem)
{
    const struct stored_change own = {NULL, NULL, NULL};
    struct repo *repo = NULL;

    if (repo_draft(limits, name, document, &own, &repo, problem))
        return problem->code;
    enum problem_code code = repo_complete(repo, problem);
    receipt->tensors = repo->model.count;
    receipt->bytes = repo->model.size;
    memcpy(receipt->commit, repo->hex, sizeof receipt->commit);
    repo_close(repo);
    return code;
}

enum problem_code library_put(struct api *api, const char *name,
                              const void *bytes, size_t size, bool create,
                              struct library_receipt *receipt,
                              struct problem *problem)
{
    const struct store *store = api->store;
    struct library_book document = {.bytes = (char *)(uintptr_t)bytes,
                                    .size = size};

    if (check_writable(api, name, problem))
        return problem->code;
    sow_digest(bytes, size, document.version);
    if (check_document(&api->limits, name, &document, receipt, problem))
        return problem->code;
    enum store_status status =
        store->write(store->self, name, bytes, size, create, receipt->version,
                     &receipt->created);
    return status ? refuse_store(status, name, problem) : PROBLEM_NONE;
}

enum problem_code library_remove(struct api *api, const char *name,
                                 struct problem *problem)
{
    if (check_writable(api, name, problem))
        return problem->code;
    enum store_status status = STORE_MISSING;
    if (is_stored(api, name))
        status = api->store->remove(api->store->self, name);
    if (status == STORE_MISSING)
        return refuse_unknown(api, name, problem);
    return status ? refuse_store(status, name, problem) : PROBLEM_NONE;
}

/* ------------------------------------------------------------------------
 * Listing
 */

/* The caller's visit, kept from names that can't be asked for. */
struct filter {
    store_visit *visit;
    void *argument;
};

static bool filter_stored(void *argument, const char *name,
                          const uint8_t version[SOW_DIGEST_BYTES])
{
    const struct filter *filter = argument;

    if (!repo_name_ok(name) || repo_name_built_in(name))
        return true;
    return filter->visit(filter->argument, name, version);
}

enum problem_code library_list(struct api *api, store_visit *visit,
                               void *argument, struct problem *problem)
{
    struct filter filter = {visit, argument};
    uint8_t version[SOW_DIGEST_BYTES];
    const char *bytes, *name;
    size_t size;

    for (size_t i = 0; (bytes = builtin_at(i, &name, &size)); i++) {
        sow_digest(bytes, size, version);
        if (!visit(argument, name, version))
            return PROBLEM_NONE;
    }
    if (!api->store)
        return PROBLEM_NONE;
    enum store_status status =
        api->store->list(api->store->self, filter_stored, &filter);
    return status ? refuse_store(status, "", problem) : PROBLEM_NONE;
}

enum problem_code library_versions(struct api *api, const char *name,
                                   store_visit *visit, void *argument,
                                   struct problem *problem)
{
    enum store_status status = STORE_MISSING;
    struct library_book book;

    if (take_builtin(name, &book)) {
        visit(argument, name, book.version);
        return PROBLEM_NONE;
    }
    if (is_stored(api, name))
        status = api->store->versions(api->store->self, name, visit, argument);
    if (status == STORE_MISSING)
        return refuse_unknown(api, name, problem);
    return status ? refuse_store(status, name, problem) : PROBLEM_NONE;
}
