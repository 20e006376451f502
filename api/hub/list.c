/* SPDX-License-Identifier: MIT */
/* Hashing what is listed. */
#include "hub/list.h"

#include "exchange.h"
#include "hub/bodies.h"

#include <stdlib.h>
#include <string.h>

enum problem_code list_init(struct api_exchange *exchange, size_t count,
                            struct problem *problem)
{
    struct hub_files *list = &exchange->hub.list;

    list->files = calloc(count + 1, sizeof *list->files);
    list->bodies = calloc(count + 1, sizeof *list->bodies);
    return list->files && list->bodies ? PROBLEM_NONE
                                       : problem_no_memory(problem);
}

void list_add(struct api_exchange *exchange, const struct repo_file *file)
{
    struct hub_files *list = &exchange->hub.list;

    list->files[list->count++] = file;
}

enum problem_code list_add_all(struct api_exchange *exchange,
                               struct problem *problem)
{
    const struct repo *repo = exchange->hub.repo;

    if (list_init(exchange, repo->file_count, problem))
        return problem->code;
    for (size_t i = 0; i < repo->file_count; i++)
        list_add(exchange, &repo->files[i]);
    return PROBLEM_NONE;
}

/* ------------------------------------------------------------------------
 * Hashes
 */

/*
 * Look all files up.  Returns whether some aren't known, and adds up in
 * 'size' how many bytes these have.
 */
static bool recall(struct api_exchange *exchange, struct work_file *files,
                   uint64_t *size)
{
    const struct hub_files *list = &exchange->hub.list;
    bool unknown = false;

    for (size_t i = 0; i < list->count; i++) {
        memcpy(files[i].key, list->files[i]->key, sizeof files[i].key);
        files[i].body = &list->bodies[i];
        work_recall_file(exchange->api, &files[i]);
        if (files[i].known)
            continue;
        unknown = true;
        if (__builtin_add_overflow(*size, list->files[i]->size, size))
            *size = UINT64_MAX;
    }
    return unknown;
}

/* Is that a refusal of too much work, which a shorter answer avoids? */
static bool is_limit(enum problem_code code)
{
    return code == PROBLEM_DIGEST_TOO_LARGE || code == PROBLEM_COST_LIMIT ||
           code == PROBLEM_WHOLE_TOO_LARGE;
}

enum problem_code list_begin(struct api_exchange *exchange,
                             route_handler *finish, struct problem *problem)
{
    struct hub_files *list = &exchange->hub.list;
    struct work *work = &exchange->weights.work;
    struct work_file *files = work_add_files(work, list->count);

    if (!files)
        return problem_no_memory(problem);
    uint64_t size = 0;
    if (!recall(exchange, files, &size) ||
        size > exchange->api->limits.digest_wait_max_bytes)
        return finish(exchange, problem);
    if (bodies_make(exchange, list->files, list->count, true, list->bodies,
                    problem))
        return problem->code;
    enum problem_code code = work_start_files(exchange, problem);
    if (is_limit(code))
        return finish(exchange, problem);
    exchange->finish = finish;
    exchange->hub.hashes = true;
    return code;
}

enum problem_code list_check(const struct api_exchange *exchange,
                             struct problem *problem)
{
    return exchange->hub.hashes ? work_check(exchange, problem) : PROBLEM_NONE;
}

const uint8_t *list_sha256(const struct api_exchange *exchange, size_t i)
{
    const struct work_file *file = &exchange->weights.work.files[i];

    return file->known ? file->sha256 : NULL;
}

/* Are there files whose SHA-256 isn't known? */
static bool is_short(const struct api_exchange *exchange)
{
    for (size_t i = 0; i < exchange->hub.list.count; i++)
        if (!list_sha256(exchange, i))
            return true;
    return false;
}

enum problem_code list_finish(struct api_exchange *exchange,
                              struct problem *problem)
{
    struct hub *hub = &exchange->hub;
    struct text text = {.grows = true};

    if (list_check(exchange, problem))
        return problem->code;
    text_put(&text, "[");
    for (size_t i = 0; i < hub->list.count; i++)
        listing_put_entry(&text, hub->list.files[i], list_sha256(exchange, i),
                          hub->expands ? hub->repo : NULL);
    text_put(&text, "]");
    if (is_short(exchange))
        hub->pinned = false;
    return hub_reply(exchange, &text, problem);
}
