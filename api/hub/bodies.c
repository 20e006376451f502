/* SPDX-License-Identifier: MIT */
/* Bodies of files: literal bytes, a repository's own, or copies. */
#include "hub/bodies.h"

#include "exchange.h"
#include "model.h"

#include <stdlib.h>

bool bodies_wait(const struct repo *repo, const struct repo_file *file)
{
    return file->weights && repo->parts[file->shard].waits;
}

/* The body that tensors have to be copied of, or NULL. */
static const struct sow_body *copied(const struct repo *repo,
                                     const struct repo_file *file, bool work)
{
    return bodies_wait(repo, file) || (work && file->weights)
               ? &repo->parts[file->shard].body
               : NULL;
}

/* How many segments and tensors are needed beside the repository's own. */
struct need {
    size_t segments, tensors;
};

static struct need count_need(const struct repo *repo,
                              const struct repo_file *const *files,
                              size_t count, bool work)
{
    struct need need = {0};

    for (size_t i = 0; i < count; i++) {
        const struct sow_body *body = copied(repo, files[i], work);
        if (body) {
            need.segments += body->count;
            need.tensors += body->count - 1;
        } else if (!files[i]->weights) {
            need.segments++;
        }
    }
    return need;
}

/* False, and the problem that it is, when out of memory. */
static bool make_room(struct weights *weights, struct need need,
                      struct problem *problem)
{
    if (need.tensors > 0 &&
        model_init(&weights->model, need.tensors, 0, problem))
        return false;
    weights->model.count = 0;
    weights->segments = calloc(need.segments + 1, sizeof *weights->segments);
    if (!weights->segments)
        problem_no_memory(problem);
    return weights->segments;
}

/* Add a copy of 'tensor' to a model with room for it. */
static const struct sow_tensor *copy_tensor(struct model *model,
                                            const struct sow_tensor *tensor)
{
    struct sow_tensor *copy = &model->tensors[model->count];

    *copy = *tensor;
    model->offsets[model->count++] = model->size;
    model->size += tensor->size;
    return copy;
}

/* Copy 'body', and its tensors, to 'segments'. */
static struct sow_body copy_body(struct model *model,
                                 const struct sow_body *body,
                                 struct sow_segment *segments)
{
    for (size_t i = 0; i < body->count; i++) {
        segments[i] = body->segments[i];
        if (segments[i].tensor)
            segments[i].tensor = copy_tensor(model, segments[i].tensor);
    }
    return (struct sow_body){segments, body->count, body->size};
}

/* A body of literal bytes. */
static struct sow_body text_body(const struct repo_file *file,
                                 struct sow_segment *segment)
{
    *segment = (struct sow_segment){.bytes = file->bytes, .size = file->size};
    return (struct sow_body){segment, 1, file->size};
}

enum problem_code bodies_make(struct api_exchange *exchange,
                              const struct repo_file *const *files,
                              size_t count, bool work, struct sow_body *bodies,
                              struct problem *problem)
{
    const struct repo *repo = exchange->hub.repo;
    struct weights *weights = &exchange->weights;

    if (!make_room(weights, count_need(repo, files, count, work), problem))
        return problem->code;
    struct sow_segment *segments = weights->segments;
    for (size_t i = 0; i < count; i++) {
        const struct sow_body *body = copied(repo, files[i], work);
        if (!body && files[i]->weights) {
            bodies[i] = repo->parts[files[i]->shard].body;
            continue;
        }
        bodies[i] = body ? copy_body(&weights->model, body, segments)
                         : text_body(files[i], segments);
        segments += bodies[i].count;
    }
    return PROBLEM_NONE;
}
