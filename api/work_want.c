/* SPDX-License-Identifier: MIT */
/* Which digests are wanted, and which values are to be looked at. */
#include "exchange.h"
#include "finite.h"
#include "repr.h"
#include "work_files.h"
#include "work_known.h"

#include <inttypes.h>

/* Does the answer have a place for digests? */
static bool has_place(const struct weights *weights)
{
    return weights->options.digest != DIGEST_OFF &&
           (weights->format->lists_digests || weights->model.count == 1);
}

/* Does digest=auto compute the digest? */
static bool auto_computes(const struct api_exchange *exchange,
                          const struct sow_tensor *tensor)
{
    return tensor->size <= exchange->api->limits.digest_max_bytes &&
           (exchange->weights.format->computes_digests || work_is_free(tensor));
}

/*
 * Is a digest not worth computing that digest=auto would compute?  HEAD makes
 * no whole for it; GET makes one anyway.
 */
static bool is_spared(const struct api_exchange *exchange,
                      const struct sow_tensor *tensor)
{
    return exchange->weights.options.digest != DIGEST_WAIT &&
           exchange_is(exchange, "HEAD") && work_needs_whole(tensor);
}

static void want_digest(struct api_exchange *exchange, size_t i)
{
    const struct weights *weights = &exchange->weights;
    const struct sow_tensor *tensor = &weights->model.tensors[i];
    struct work_item *item = &exchange->weights.work.items[i];
    bool computes = weights->options.digest == DIGEST_WAIT ||
                    auto_computes(exchange, tensor);

    if (computes && !is_spared(exchange, tensor))
        item->flags |= WORK_DIGEST;
    else if (computes || weights->format->recalls_digests)
        work_recall(exchange->api, tensor, item);
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

    if (wants_repr(exchange))
        work_add_own(work, &weights->body);
    if (!digests && !weights->format->numbers)
        return PROBLEM_NONE;
    if (digests && check_wait(exchange, problem))
        return problem->code;
    if (!work_make_items(work, weights->model.count))
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
