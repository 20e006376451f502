/* SPDX-License-Identifier: MIT */
/* Doing the work: digests of tensors and files, looking at values. */
#include "work_run.h"

#include "exchange.h"
#include "finite.h"
#include "work_files.h"
#include "work_known.h"

/* aided_digests(), and the time it takes.  False when stopped. */
static bool hash(struct api_exchange *exchange, const struct sow_body *body,
                 stop_function *stop, void *argument, uint8_t *digest,
                 uint8_t *sha256)
{
    uint64_t start = metrics_now();
    bool done = !aided_digests(exchange, body, stop, argument, digest, sha256);

    metrics_add_since(exchange->api->metrics, METRICS_HASH, start);
    return done;
}

/* ------------------------------------------------------------------------
 * Tensors
 */

/* Digest a tensor, or recall its digest.  False when stopped. */
static bool digest_tensor(struct api_exchange *exchange,
                          const struct sow_tensor *tensor,
                          struct work_item *item, stop_function *stop,
                          void *argument)
{
    struct api *api = exchange->api;
    struct sow_segment segment = {.tensor = tensor};
    struct sow_body body;

    if (work_recall(api, tensor, item))
        return true;
    if (sow_body_init(&body, &segment, 1) ||
        !hash(exchange, &body, stop, argument, item->digest, NULL))
        return false;
    work_remember(api, tensor, item);
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

/* Do what is wanted of a tensor that can be read.  False when stopped. */
static bool run_item(struct api_exchange *exchange,
                     const struct sow_tensor *tensor, struct work_item *item,
                     stop_function *stop, void *argument)
{
    if ((item->flags & WORK_DIGEST) &&
        !digest_tensor(exchange, tensor, item, stop, argument))
        return false;
    return !(item->flags & WORK_FINITE) ||
           scan_tensor(exchange->api, tensor, item, stop, argument);
}

static bool run_tensor(struct api_exchange *exchange, size_t i,
                       stop_function *stop, void *argument)
{
    struct weights *weights = &exchange->weights;
    struct work_item *items = weights->work.items;

    return pins_join(exchange, i, stop, argument) &&
           (!items || run_item(exchange, &weights->model.tensors[i], &items[i],
                               stop, argument));
}

/* ------------------------------------------------------------------------
 * Files
 */

/* Hash a file, and in passing the tensor that is all of it. */
static bool hash_file(struct api_exchange *exchange, struct work_file *file,
                      struct work_item *item, stop_function *stop,
                      void *argument)
{
    struct api *api = exchange->api;

    if (!hash(exchange, file->body, stop, argument, item ? item->digest : NULL,
              file->sha256))
        return false;
    file->known = true;
    work_learn(api, file->key, file->sha256);
    if (item)
        work_remember(api, file->body->segments[0].tensor, item);
    return true;
}

/*
 * What is wanted of the tensor that is all of a file, when its digest is:
 * reading it once is enough for both.  Else NULL.
 */
static struct work_item *lone_item(struct weights *weights,
                                   const struct work_file *file)
{
    const size_t i = file->body->count == 1
                         ? work_place(&weights->model, file->body->segments)
                         : SIZE_MAX;

    if (i >= weights->model.count ||
        !(weights->work.items[i].flags & WORK_DIGEST))
        return NULL;
    return &weights->work.items[i];
}

/* A lone tensor's digest may be remembered, or the file's, or neither. */
static bool run_lone(struct api_exchange *exchange, struct work_file *file,
                     struct work_item *item, stop_function *stop,
                     void *argument)
{
    const struct sow_tensor *tensor = file->body->segments[0].tensor;
    const size_t i = work_place(&exchange->weights.model, file->body->segments);

    if (!pins_join(exchange, i, stop, argument))
        return false;
    work_recall_file(exchange->api, file);
    if (!file->known && !work_recall(exchange->api, tensor, item))
        return hash_file(exchange, file, item, stop, argument);
    return run_tensor(exchange, i, stop, argument) &&
           (file->known || hash_file(exchange, file, NULL, stop, argument));
}

/* Do all that is wanted of a file and its tensors.  False when stopped. */
static bool run_file(struct api_exchange *exchange, struct work_file *file,
                     stop_function *stop, void *argument)
{
    struct weights *weights = &exchange->weights;
    const struct sow_body *body = file->body;
    struct work_item *item = lone_item(weights, file);

    if (item)
        return run_lone(exchange, file, item, stop, argument);
    for (size_t s = 0; s < body->count; s++) {
        const size_t i = work_place(&weights->model, &body->segments[s]);
        if (i < weights->model.count &&
            !run_tensor(exchange, i, stop, argument))
            return false;
    }
    work_recall_file(exchange->api, file);
    return file->known || hash_file(exchange, file, NULL, stop, argument);
}

/* ------------------------------------------------------------------------
 * Tasks
 */

static bool run_task(struct api_exchange *exchange, size_t task,
                     stop_function *stop, void *argument)
{
    struct work *work = &exchange->weights.work;

    if (task < work->file_count)
        return work->files[task].known ||
               run_file(exchange, &work->files[task], stop, argument);
    const size_t i = task - work->file_count;
    if (i == exchange->weights.model.count)
        return final_run(exchange, stop, argument);
    return (work->items && (work->items[i].flags & WORK_FILED)) ||
           run_tensor(exchange, i, stop, argument);
}

void work_run(struct api_exchange *exchange, size_t from, size_t to,
              stop_function *stop, void *argument)
{
    for (size_t task = from; task < to; task++)
        if (!run_task(exchange, task, stop, argument))
            return;
}
