/* SPDX-License-Identifier: MIT */
/* Which digests are wanted, who computes them, and where they are kept. */
#include "work.h"

#include "exchange.h"
#include "finite.h"
#include "recipe.h"
#include "repr.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A tensor of so many bytes is digested faster than it is looked up. */
#define FREE_BYTES 4096

/* Work on so many bytes is done at once, on the caller's thread. */
#define AT_ONCE_BYTES (256 * 1024)

/* Up to so many tensors are looked up before work is handed out. */
#define LOOK_UPS 64

/* What a tensor costs beside its bytes, in bytes. */
#define TENSOR_COST 1024

typedef bool stop_function(void *argument);

/* ------------------------------------------------------------------------
 * What is wanted
 */

/* The key of a tensor in the memo; false when out of memory. */
static bool key_of(const struct sow_tensor *tensor,
                   uint8_t key[SOW_DIGEST_BYTES])
{
    struct problem problem;

    return recipe_tensor_digest(tensor, key, &problem) == PROBLEM_NONE;
}

/* Look up a digest; returns whether it was remembered. */
static bool recall(struct api *api, const struct sow_tensor *tensor,
                   struct work_item *item)
{
    uint8_t key[SOW_DIGEST_BYTES];

    if (tensor->size <= FREE_BYTES || !key_of(tensor, key) ||
        !memo_get(api->memo, key, item->digest))
        return false;
    item->flags &= (uint8_t)~WORK_DIGEST;
    item->flags |= WORK_KNOWN;
    return true;
}

/* Does the answer have a place for digests? */
static bool has_place(const struct weights *weights)
{
    return weights->options.digest != DIGEST_OFF &&
           (weights->format->lists_digests || weights->model.count == 1);
}

/* Up to how many bytes digest=auto computes a digest. */
static uint64_t auto_bytes(const struct api_exchange *exchange)
{
    uint64_t limit = exchange->api->limits.digest_max_bytes;

    if (exchange->weights.format->computes_digests || limit < FREE_BYTES)
        return limit;
    return FREE_BYTES;
}

static void want_digest(struct api_exchange *exchange, size_t i)
{
    const struct weights *weights = &exchange->weights;
    const struct sow_tensor *tensor = &weights->model.tensors[i];
    struct work_item *item = &exchange->weights.work.items[i];

    if (weights->options.digest == DIGEST_WAIT ||
        tensor->size <= auto_bytes(exchange))
        item->flags |= WORK_DIGEST;
    else if (weights->format->recalls_digests)
        recall(exchange->api, tensor, item);
}

static enum problem_code check_wait(const struct api_exchange *exchange,
                                    struct problem *problem)
{
    const struct weights *weights = &exchange->weights;
    uint64_t limit = exchange->api->limits.digest_wait_max_bytes;

    if (weights->options.digest != DIGEST_WAIT || weights->model.size <= limit)
        return PROBLEM_NONE;
    return problem_set(problem, PROBLEM_DIGEST_TOO_LARGE, "digest",
                       "digest=wait is for up to %" PRIu64 " bytes in all "
                       "(option --digest-wait-max-bytes); these are %" PRIu64
                       ".",
                       limit, weights->model.size);
}

static bool make_items(struct work *work, size_t count)
{
    work->items = &work->one;
    if (count > 1)
        work->items = calloc(count, sizeof *work->items);
    return work->items;
}

/* Should Repr-Digest be sent?  On request, within the digest mode's limit. */
static bool wants_repr(const struct api_exchange *exchange)
{
    const struct weights *weights = &exchange->weights;
    const struct api_limits *limits = &exchange->api->limits;
    uint64_t limit = limits->digest_max_bytes;

    if (!weights->format->sized || weights->options.digest == DIGEST_OFF)
        return false;
    if (weights->options.digest == DIGEST_WAIT)
        limit = limits->digest_wait_max_bytes;
    return weights->body.size <= limit && repr_wanted(&exchange->request);
}

enum problem_code work_want(struct api_exchange *exchange,
                            struct problem *problem)
{
    struct weights *weights = &exchange->weights;
    struct work *work = &weights->work;
    bool digests = has_place(weights);

    work->wants_sha256 = wants_repr(exchange);
    if (!digests && !weights->format->numbers)
        return PROBLEM_NONE;
    if (digests && check_wait(exchange, problem))
        return problem->code;
    if (!make_items(work, weights->model.count))
        return problem_no_memory(problem);
    for (size_t i = 0; i < weights->model.count; i++) {
        if (digests)
            want_digest(exchange, i);
        if (weights->format->numbers &&
            !finite_surely(&weights->model.tensors[i]))
            work->items[i].flags |= WORK_FINITE;
    }
    return PROBLEM_NONE;
}

/* ------------------------------------------------------------------------
 * Doing it
 */

/* Digest a tensor, or recall its digest.  False when stopped. */
static bool digest_tensor(struct api *api, const struct sow_tensor *tensor,
                          struct work_item *item, stop_function *stop,
                          void *argument)
{
    struct sow_segment segment = {.tensor = tensor};
    struct sow_body body;
    uint8_t key[SOW_DIGEST_BYTES];

    if (recall(api, tensor, item))
        return true;
    if (sow_body_init(&body, &segment, 1) ||
        sow_body_digests(api->engine, &body, stop, argument, item->digest,
                         NULL))
        return false;
    if (tensor->size > FREE_BYTES && key_of(tensor, key))
        memo_put(api->memo, key, item->digest);
    item->flags &= (uint8_t)~WORK_DIGEST;
    item->flags |= WORK_KNOWN;
    return true;
}

/* See whether a tensor's values are finite.  False when stopped. */
static bool scan_tensor(struct api *api, const struct sow_tensor *tensor,
                        struct work_item *item, stop_function *stop,
                        void *argument)
{
    bool finite;

    if (finite_scan(api->engine, tensor, stop, argument, &finite))
        return false;
    item->flags &= (uint8_t)~WORK_FINITE;
    if (!finite)
        item->flags |= WORK_NOT_FINITE;
    return true;
}

/* Work on tensors [from, to), as far as 'stop' lets it. */
static void run_tensors(struct api_exchange *exchange, size_t from, size_t to,
                        stop_function *stop, void *argument)
{
    struct api *api = exchange->api;
    struct weights *weights = &exchange->weights;

    for (size_t i = from; i < to; i++) {
        const struct sow_tensor *tensor = &weights->model.tensors[i];
        struct work_item *item = &weights->work.items[i];
        if ((item->flags & WORK_DIGEST) &&
            !digest_tensor(api, tensor, item, stop, argument))
            return;
        if ((item->flags & WORK_FINITE) &&
            !scan_tensor(api, tensor, item, stop, argument))
            return;
    }
}

/* Compute the SHA-256 of a whole body, and in passing a lone tensor's digest.
 */
static void run_body(struct api_exchange *exchange, stop_function *stop,
                     void *argument)
{
    struct api *api = exchange->api;
    struct weights *weights = &exchange->weights;
    struct work *work = &weights->work;
    struct work_item *item = work->items;
    bool both = item && (item->flags & WORK_DIGEST);
    uint8_t key[SOW_DIGEST_BYTES];

    if (sow_body_digests(api->engine, &weights->body, stop, argument,
                         both ? item->digest : NULL, work->sha256))
        return;
    work->has_sha256 = true;
    memo_put(api->memo, weights->tag, work->sha256);
    if (!both)
        return;
    item->flags = WORK_KNOWN;
    if (weights->body.size > FREE_BYTES && key_of(weights->model.tensors, key))
        memo_put(api->memo, key, item->digest);
}

static void run(struct api_exchange *exchange, size_t from, size_t to,
                stop_function *stop, void *argument)
{
    const struct work *work = &exchange->weights.work;

    if (work->wants_sha256 && !work->has_sha256)
        run_body(exchange, stop, argument);
    else if (work->items)
        run_tensors(exchange, from, to, stop, argument);
}

void work_unit(struct api_exchange *exchange, size_t unit, stop_function *stop,
               void *argument)
{
    const size_t *first = exchange->weights.work.first;

    run(exchange, first[unit], first[unit + 1], stop, argument);
}

/* ------------------------------------------------------------------------
 * Cutting it up
 */

static bool is_open(const struct work_item *item)
{
    return item->flags & (WORK_DIGEST | WORK_FINITE);
}

/* What is still to be done for tensor 'i', in bytes. */
static uint64_t cost(const struct weights *weights, size_t i)
{
    if (!weights->work.items || !is_open(&weights->work.items[i]))
        return 0;
    return weights->model.tensors[i].size + TENSOR_COST;
}

static uint64_t total_cost(const struct weights *weights)
{
    uint64_t total = 0;

    if (weights->work.wants_sha256 && !weights->work.has_sha256)
        return weights->body.size + TENSOR_COST;
    for (size_t i = 0; i < weights->model.count; i++)
        total += cost(weights, i);
    return total;
}

/* Drop what is remembered from what is to be done. */
static void recall_some(struct api_exchange *exchange)
{
    struct weights *weights = &exchange->weights;
    size_t count = weights->model.count;

    for (size_t i = 0; i < count && i < LOOK_UPS; i++)
        if (weights->work.items && (weights->work.items[i].flags & WORK_DIGEST))
            recall(exchange->api, &weights->model.tensors[i],
                   &weights->work.items[i]);
}

/*
 * Cut the tensors into units, each the shortest that costs a WORK_UNITS-th of
 * the total or more, so that there are WORK_UNITS at most.
 */
static void cut(struct weights *weights, uint64_t total)
{
    struct work *work = &weights->work;
    uint64_t share = total / WORK_UNITS + 1;
    uint64_t sum = 0;

    if (work->wants_sha256 && !work->has_sha256)
        share = UINT64_MAX;
    work->first[0] = 0;
    for (size_t i = 0; i < weights->model.count; i++) {
        sum += cost(weights, i);
        if (sum >= share) {
            work->first[++work->unit_count] = i + 1;
            sum = 0;
        }
    }
    if (sum > 0 || share == UINT64_MAX)
        work->first[++work->unit_count] = weights->model.count;
}

void work_start(struct api_exchange *exchange)
{
    struct weights *weights = &exchange->weights;
    struct work *work = &weights->work;
    uint64_t total;

    if (work->wants_sha256)
        work->has_sha256 =
            memo_get(exchange->api->memo, weights->tag, work->sha256);
    if (total_cost(weights) > AT_ONCE_BYTES)
        recall_some(exchange);
    total = total_cost(weights);
    if (total > AT_ONCE_BYTES)
        cut(weights, total);
    else if (total > 0)
        run(exchange, 0, weights->model.count, NULL, NULL);
}

/* ------------------------------------------------------------------------
 * What came out
 */

static enum problem_code refuse(const struct api_exchange *exchange, size_t i,
                                struct problem *problem)
{
    char at[48] = "dtype";

    if (!strcmp(exchange->request.method, "POST"))
        snprintf(at, sizeof at, "/layers/%zu", i);
    return finite_refuse(&exchange->weights.model.tensors[i], at, problem);
}

enum problem_code work_check(const struct api_exchange *exchange,
                             struct problem *problem)
{
    const struct weights *weights = &exchange->weights;
    const struct work *work = &weights->work;

    if (work->wants_sha256 && !work->has_sha256)
        return problem_set(problem, PROBLEM_INTERNAL, "",
                           "The work on this answer was stopped.");
    for (size_t i = 0; work->items && i < weights->model.count; i++) {
        if (is_open(&work->items[i]))
            return problem_set(problem, PROBLEM_INTERNAL, "",
                               "The work on this answer was stopped.");
        if (work->items[i].flags & WORK_NOT_FINITE)
            return refuse(exchange, i, problem);
    }
    return PROBLEM_NONE;
}

const uint8_t *work_digest(const struct work *work, size_t i)
{
    if (!work->items || !(work->items[i].flags & WORK_KNOWN))
        return NULL;
    return work->items[i].digest;
}

void work_release(struct work *work)
{
    if (work->items != &work->one)
        free(work->items);
}
