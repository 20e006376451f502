/* SPDX-License-Identifier: MIT */
/* Which files are to be hashed, and what that takes. */
#include "work_files.h"

#include "exchange.h"

#include <inttypes.h>
#include <stdlib.h>

bool work_make_items(struct work *work, size_t count)
{
    work->items = &work->one;
    if (count > 1)
        work->items = calloc(count, sizeof *work->items);
    return work->items;
}

void work_add_own(struct work *work, const struct sow_body *body)
{
    work->own.body = body;
    work->files = &work->own;
    work->file_count = 1;
}

struct work_file *work_add_files(struct work *work, size_t count)
{
    work->files = count <= 1 ? &work->own : calloc(count, sizeof *work->files);
    work->file_count = work->files ? count : 0;
    return work->files;
}

void work_recall_file(struct api *api, struct work_file *file)
{
    if (!file->known)
        file->known = memo_get(api->memo, file->key, file->sha256);
}

/* Mark the tensors of a file that is to be hashed. */
static void mark(struct weights *weights, const struct sow_body *body)
{
    for (size_t s = 0; s < body->count; s++) {
        const size_t i = work_place(&weights->model, &body->segments[s]);
        if (i < weights->model.count)
            weights->work.items[i].flags |= WORK_FILED;
    }
}

enum problem_code work_mark_files(struct api_exchange *exchange,
                                  struct problem *problem)
{
    struct weights *weights = &exchange->weights;
    struct work *work = &weights->work;

    for (size_t i = 0; i < work->file_count; i++) {
        work_recall_file(exchange->api, &work->files[i]);
        if (work->files[i].known)
            continue;
        if (!work->items && !work_make_items(work, weights->model.count))
            return problem_no_memory(problem);
        mark(weights, work->files[i].body);
    }
    return PROBLEM_NONE;
}

enum problem_code work_check_files(const struct api_exchange *exchange,
                                   struct problem *problem)
{
    const struct work *work = &exchange->weights.work;
    const uint64_t limit = exchange->api->limits.digest_wait_max_bytes;
    uint64_t size = 0;

    for (size_t i = 0; i < work->file_count; i++)
        if (!work->files[i].known &&
            __builtin_add_overflow(size, work->files[i].body->size, &size))
            size = UINT64_MAX;
    if (size <= limit)
        return PROBLEM_NONE;
    return problem_set(problem, PROBLEM_DIGEST_TOO_LARGE, "",
                       "A request may have up to %" PRIu64 " bytes hashed "
                       "(option --digest-wait-max-bytes); here %" PRIu64
                       " are left to hash. Ask for fewer files at a time.",
                       limit, size);
}
