/* SPDX-License-Identifier: MIT */
/* Building a model. */
#include "model.h"
#include "pages.h"
#include "stack.h"
#include "tape.h"

#include <stdlib.h>
#include <string.h>

/* How many other names may be in the way of one, on average, in a table that
   is half empty: chance has it at one half. */
#define PATIENCE 8

/* One block: the tensors, the offsets, the names. */
enum problem_code model_init(struct model *model, size_t count,
                             size_t name_bytes, struct problem *problem)
{
    const size_t each = sizeof(*model->tensors) + sizeof(*model->offsets);
    size_t size;
    if (__builtin_mul_overflow(count, each, &size) ||
        __builtin_add_overflow(size, name_bytes, &size))
        return problem_no_memory(problem);
    struct sow_tensor *tensors = malloc(size);
    if (!tensors)
        return problem_no_memory(problem);
    pages_enlarge(tensors, size);
    uint64_t *offsets = (uint64_t *)(tensors + count);
    *model = (struct model){.tensors = tensors,
                            .offsets = offsets,
                            .count = count,
                            .generator = sow_generator_at(0),
                            .text = (char *)(offsets + count)};
    return PROBLEM_NONE;
}

void model_release(struct model *model)
{
    free(model->tensors);
    stack_free(model->stack);
    tape_free(model->tape);
    memset(model, 0, sizeof(*model));
}

enum problem_code model_lay_out(struct model *model, struct problem *problem)
{
    uint64_t size = 0;
    for (size_t i = 0; i < model->count; i++) {
        model->offsets[i] = size;
        if (model->tensors[i].size > INT64_MAX - size)
            return problem_set(problem, PROBLEM_TOO_LARGE,
                               model->place ? model->place : "",
                               "All tensors together pass "
                               "9223372036854775807 bytes.");
        size += model->tensors[i].size;
    }
    model->size = size;
    return PROBLEM_NONE;
}

/* By name, and equal names by position: the tensors are in one array. */
static int compare(const void *left, const void *right)
{
    const struct sow_tensor *const *a = left;
    const struct sow_tensor *const *b = right;
    const int order = strcmp((*a)->spec.name, (*b)->spec.name);
    return order != 0 ? order : (*a > *b) - (*a < *b);
}

const struct sow_tensor **model_sort(const struct model *model)
{
    const struct sow_tensor **sorted = calloc(model->count, sizeof(*sorted));
    for (size_t i = 0; sorted && i < model->count; i++)
        sorted[i] = &model->tensors[i];
    if (sorted)
        qsort(sorted, model->count, sizeof(*sorted), compare);
    return sorted;
}

const struct sow_tensor *model_find(const struct sow_tensor *const *sorted,
                                    size_t count, const char *name)
{
    size_t low = 0;
    while (count > 0) {
        const size_t half = count / 2;
        const int order = strcmp(sorted[low + half]->spec.name, name);
        if (order == 0)
            return sorted[low + half];
        low += order < 0 ? half + 1 : 0;
        count = order < 0 ? count - half - 1 : half;
    }
    return NULL;
}

/*
 * The second of the earliest two tensors that have one name, NULL when all
 * differ.
 */
static const struct sow_tensor *
find_in_sorted(const struct sow_tensor *const *sorted, size_t count)
{
    const struct sow_tensor *duplicate = NULL;
    for (size_t i = 1; i < count; i++)
        if (strcmp(sorted[i - 1]->spec.name, sorted[i]->spec.name) == 0 &&
            (!duplicate || sorted[i] < duplicate))
            duplicate = sorted[i];
    return duplicate;
}

/* A tensor, or NULL, and a hash of its name. */
struct mark {
    uint64_t hash;
    const struct sow_tensor *tensor;
};

/* FNV-1a. */
static uint64_t hash_name(const char *name)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (; *name; name++)
        hash = (hash ^ (unsigned char)*name) * UINT64_C(0x100000001b3);
    return hash;
}

static bool is_like(const struct mark *a, const struct mark *b)
{
    return a->hash == b->hash &&
           strcmp(a->tensor->spec.name, b->tensor->spec.name) == 0;
}

/*
 * find_in_sorted() by a table of 'mask' + 1 empty places, in a tenth of the
 * time.  Returns false when names are found in each other's way more often
 * than chance would have it: then someone has contrived them.
 */
static bool find_by_hash(const struct model *model, struct mark *marks,
                         size_t mask, const struct sow_tensor **duplicate)
{
    size_t patience = PATIENCE * model->count;
    for (size_t i = 0; i < model->count; i++) {
        const struct sow_tensor *tensor = &model->tensors[i];
        const struct mark mark = {hash_name(tensor->spec.name), tensor};
        size_t at = mark.hash & mask;
        for (; marks[at].tensor; at = (at + 1) & mask) {
            if (is_like(&marks[at], &mark)) {
                *duplicate = tensor;
                return true;
            }
            if (patience-- == 0)
                return false;
        }
        marks[at] = mark;
    }
    *duplicate = NULL;
    return true;
}

static enum problem_code find_by_sorting(const struct model *model,
                                         const struct sow_tensor **duplicate,
                                         struct problem *problem)
{
    const struct sow_tensor **sorted = model_sort(model);
    if (!sorted)
        return problem_no_memory(problem);
    *duplicate = find_in_sorted(sorted, model->count);
    free(sorted);
    return PROBLEM_NONE;
}

static enum problem_code find_duplicate(const struct model *model,
                                        const struct sow_tensor **duplicate,
                                        struct problem *problem)
{
    size_t places = 1;
    while (places < 2 * model->count)
        places *= 2;
    struct mark *marks = calloc(places, sizeof(*marks));
    if (!marks)
        return problem_no_memory(problem);
    const bool found = find_by_hash(model, marks, places - 1, duplicate);
    free(marks);
    return found ? PROBLEM_NONE : find_by_sorting(model, duplicate, problem);
}

enum problem_code model_check_names(const struct model *model,
                                    size_t *duplicate, struct problem *problem)
{
    const struct sow_tensor *found = NULL;
    const enum problem_code code = find_duplicate(model, &found, problem);
    if (code != PROBLEM_NONE || !found)
        return code;
    *duplicate = (size_t)(found - model->tensors);
    return PROBLEM_DUPLICATE_NAME;
}
