/* SPDX-License-Identifier: MIT */
/* Building a model. */
#include "model.h"
#include "pages.h"
#include "stack.h"

#include <stdlib.h>
#include <string.h>

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
                            .text = (char *)(offsets + count)};
    return PROBLEM_NONE;
}

void model_release(struct model *model)
{
    free(model->tensors);
    stack_free(model->stack);
    memset(model, 0, sizeof(*model));
}

enum problem_code model_lay_out(struct model *model, struct problem *problem)
{
    uint64_t size = 0;
    for (size_t i = 0; i < model->count; i++) {
        model->offsets[i] = size;
        if (model->tensors[i].size > INT64_MAX - size)
            return problem_set(problem, PROBLEM_TOO_LARGE, "/layers",
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
find_duplicate(const struct sow_tensor *const *sorted, size_t count)
{
    const struct sow_tensor *duplicate = NULL;
    for (size_t i = 1; i < count; i++)
        if (strcmp(sorted[i - 1]->spec.name, sorted[i]->spec.name) == 0 &&
            (!duplicate || sorted[i] < duplicate))
            duplicate = sorted[i];
    return duplicate;
}

enum problem_code model_check_names(const struct model *model,
                                    size_t *duplicate, struct problem *problem)
{
    const struct sow_tensor **sorted = model_sort(model);
    if (!sorted)
        return problem_no_memory(problem);
    const struct sow_tensor *found = find_duplicate(sorted, model->count);
    free(sorted);
    if (!found)
        return PROBLEM_NONE;
    *duplicate = (size_t)(found - model->tensors);
    return PROBLEM_DUPLICATE_NAME;
}
