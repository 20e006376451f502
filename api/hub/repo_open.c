/* SPDX-License-Identifier: MIT */
/* From a name and a revision to a repository. */
#include "hub/repo.h"

#include "exchange.h"
#include "hub/repos.h"
#include "states.h"
#include "tape.h"
#include "utf8.h"

#include <string.h>

/* ------------------------------------------------------------------------
 * What the cache finds them by
 */

#define KEY_TEXT (1 + REPO_NAME + 2 * SOW_DIGEST_BYTES + 8)

/*
 * The hash of a kind of key, a name, and what else it is made of: 'n' bytes,
 * a generator, and a seed.
 */
static void make_key(char kind, const char *name, const uint8_t *bytes,
                     size_t n, const struct sow_generator *generator,
                     uint64_t seed, uint8_t key[SOW_DIGEST_BYTES])
{
    char room[KEY_TEXT];
    struct text text = {.bytes = room, .room = sizeof room};
    uint8_t drawn[SOW_DIGEST_BYTES] = {0};

    if (generator)
        sow_digest(generator->name, strlen(generator->name), drawn);

    text_add(&text, &kind, 1);
    text_add(&text, name, strlen(name) + 1);
    text_add(&text, (const char *)bytes, n);
    text_add(&text, (const char *)drawn, sizeof drawn);
    for (size_t i = 0; i < sizeof seed; i++) {
        char byte = (char)(seed >> 8 * i & 0xff);
        text_add(&text, &byte, 1);
    }
    sow_digest(text.bytes, text.size, key);
}

static void key_of_version(const char *name,
                           const uint8_t version[SOW_DIGEST_BYTES],
                           const struct stored_change *change,
                           uint8_t key[SOW_DIGEST_BYTES])
{
    make_key(change->seed ? 's' : 'm', name, version, SOW_DIGEST_BYTES,
             change->generator, change->seed ? *change->seed : 0, key);
}

static void key_of_commit(const char *name, const uint8_t commit[COMMIT_BYTES],
                          uint8_t key[SOW_DIGEST_BYTES])
{
    make_key('c', name, commit, COMMIT_BYTES, NULL, 0, key);
}

/* Keep what is complete, under all its keys. */
static struct repo *keep(struct api *api, struct repo *repo)
{
    const struct stored_change full = {repo->generator, &repo->seed, NULL};
    const struct stored_change seed = {NULL, &repo->seed, NULL};
    const struct stored_change none = {NULL, NULL, NULL};
    const bool own = repo->generator == stored_generator(repo->stored);
    struct repo_link *links = repo->links;

    key_of_version(repo->name, repo->version, &full, links[0].key);
    key_of_commit(repo->name, repo->commit, links[1].key);
    repo->link_count = 2;
    if (own)
        key_of_version(repo->name, repo->version, &seed,
                       links[repo->link_count++].key);
    if (own && repo->seed == stored_seed(repo->stored))
        key_of_version(repo->name, repo->version, &none,
                       links[repo->link_count++].key);
    tape_remember(repo->model.tape, states_memory(api->states));
    return repos_add(api->repos, repo);
}

/* ------------------------------------------------------------------------
 * Seeds
 */

/* Complete a draft and keep it; takes it, also on failure. */
static enum problem_code finish(struct api *api, struct repo *draft,
                                struct repo **repo, struct problem *problem)
{
    if (repo_complete(draft, problem) ||
        room_take(&api->room, draft->bytes, problem)) {
        repo_close(draft);
        return problem->code;
    }
    draft->room = &api->room;
    *repo = keep(api, draft);
    return PROBLEM_NONE;
}

static enum problem_code draft_version(struct api *api, const char *name,
                                       const uint8_t version[SOW_DIGEST_BYTES],
                                       const struct stored_change *change,
                                       struct repo **draft,
                                       struct problem *problem)
{
    struct library_book book = {0};
    enum problem_code code = library_get(api, name, version, &book, problem);

    if (!code) {
        code = repo_draft(&api->limits, name, &book, change, draft, problem);
        /* A place in the document, of which the request knows nothing. */
        if (code)
            problem->at[0] = '\0';
    }
    library_release(&book);
    return code;
}

/* The current version, but for 'change'. */
static enum problem_code open_current(struct api *api, const char *name,
                                      const struct stored_change *change,
                                      struct repo **repo,
                                      struct problem *problem)
{
    uint8_t version[SOW_DIGEST_BYTES];
    uint8_t key[SOW_DIGEST_BYTES];
    struct repo *draft;

    if (library_current(api, name, version, problem))
        return problem->code;
    key_of_version(name, version, change, key);
    *repo = repos_find(api->repos, key);
    if (*repo)
        return PROBLEM_NONE;
    if (draft_version(api, name, version, change, &draft, problem))
        return problem->code;
    return finish(api, draft, repo, problem);
}

/* ------------------------------------------------------------------------
 * Commits
 */

/* A store_visit() that adds the version to a text. */
static bool add_version(void *versions, const char *name,
                        const uint8_t version[SOW_DIGEST_BYTES])
{
    (void)name;
    text_add(versions, (const char *)version, SOW_DIGEST_BYTES);
    return true;
}

static enum problem_code refuse_revision(const char *name, const char *revision,
                                         struct problem *problem)
{
    return problem_set(problem, PROBLEM_REVISION_NOT_FOUND, "",
                       "There is no revision '%s' of %s; there are main, "
                       "seed-0 to seed-18446744073709551615, torch-seed-0 "
                       "and the like (GET /v1/generators lists them), and the "
                       "commits of its versions.",
                       utf8_quote(revision).text, utf8_quote(name).text);
}

/* Does this say more than that a version isn't what is looked for? */
static bool is_failure(enum problem_code code)
{
    return code == PROBLEM_INTERNAL || code == PROBLEM_STORE_FAILED;
}

/* Among 'versions' the one that has the commit at 'change', if any. */
static enum problem_code search(struct api *api, const char *name,
                                const struct text *versions,
                                const struct revision *revision,
                                const struct stored_change *change,
                                struct repo **repo, struct problem *problem)
{
    const uint8_t *version = (const uint8_t *)versions->bytes;

    for (size_t i = 0; i < versions->size; i += SOW_DIGEST_BYTES) {
        struct repo *draft;
        enum problem_code code =
            draft_version(api, name, version + i, change, &draft, problem);
        if (is_failure(code))
            return code;
        if (code)
            continue;
        if (!memcmp(draft->commit, revision->commit, COMMIT_BYTES))
            return finish(api, draft, repo, problem);
        repo_close(draft);
    }
    return PROBLEM_REVISION_NOT_FOUND;
}

/* The commit isn't in the cache: look through all versions of the name. */
static enum problem_code search_all(struct api *api, const char *name,
                                    const struct revision *revision,
                                    struct repo **repo, struct problem *problem)
{
    const struct stored_change named = {revision->generator, &revision->seed,
                                        NULL};
    const struct stored_change own = {NULL, &revision->seed, NULL};
    struct text versions = {.grows = true};
    enum problem_code code =
        library_versions(api, name, add_version, &versions, problem);

    if (!code && versions.failed)
        code = problem_no_memory(problem);
    if (!code)
        code = search(api, name, &versions, revision, &named, repo, problem);
    if (code == PROBLEM_REVISION_NOT_FOUND && named.generator)
        code = search(api, name, &versions, revision, &own, repo, problem);
    text_release(&versions);
    return code;
}

/* ------------------------------------------------------------------------
 * Both
 */

static enum problem_code open_revision(struct api *api, const char *name,
                                       const struct revision *revision,
                                       struct repo **repo,
                                       struct problem *problem)
{
    const struct stored_change none = {NULL, NULL, NULL};
    const struct stored_change change = {revision->generator, &revision->seed,
                                         NULL};
    uint8_t key[SOW_DIGEST_BYTES];

    if (revision->kind == REVISION_MAIN)
        return open_current(api, name, &none, repo, problem);
    if (revision->kind == REVISION_SEED)
        return open_current(api, name, &change, repo, problem);
    key_of_commit(name, revision->commit, key);
    *repo = repos_find(api->repos, key);
    return *repo ? PROBLEM_NONE
                 : search_all(api, name, revision, repo, problem);
}

enum problem_code repo_open(struct api *api, const char *name,
                            const char *revision, struct repo **repo,
                            struct problem *problem)
{
    uint8_t version[SOW_DIGEST_BYTES];
    struct revision read;
    enum problem_code code;

    if (!repo_name_ok(name)) {
        code = library_current(api, name, version, problem);
    } else if (revision_read(revision, &read)) {
        code = open_revision(api, name, &read, repo, problem);
    } else {
        code = library_current(api, name, version, problem);
        code = code ? code : PROBLEM_REVISION_NOT_FOUND;
    }
    if (code == PROBLEM_UNKNOWN_RECIPE)
        problem->code = code = PROBLEM_REPO_NOT_FOUND;
    return code == PROBLEM_REVISION_NOT_FOUND
               ? refuse_revision(name, revision, problem)
               : code;
}
