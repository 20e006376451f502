/* SPDX-License-Identifier: MIT */
/* What must hold of every model. */
#include "fuzz.h"

#include "model.h"
#include "recipe.h"
#include "utf8.h"

#include <string.h>

/* Tensors of a model that are read, and bytes of each. */
#define TENSORS 3
#define WINDOW 512

static void check_name(const struct sow_tensor *tensor)
{
    const char *name = tensor->spec.name;
    size_t n = strlen(name);

    MUST(n <= SOW_MAX_NAME, "%zu", n);
    MUST(utf8_valid(name, n), "%s", name);
    MUST(!utf8_has_control(name, n), "%s", name);
}

static void check_layout(const struct model *model)
{
    uint64_t end = 0;
    size_t duplicate;
    struct problem problem;

    MUST(model->count > 0 && model->count <= fuzz_limits.max_layers, "%zu",
         model->count);
    for (size_t i = 0; i < model->count; i++) {
        MUST(model->offsets[i] == end, "tensor %zu", i);
        end += model->tensors[i].size;
        check_name(&model->tensors[i]);
    }
    MUST(model->size == end && end <= INT64_MAX, "%llu",
         (unsigned long long)end);
    MUST(!model_check_names(model, &duplicate, &problem), "%s", problem.detail);
}

/* Can its elements be had without making anything first? */
static bool is_readable(const struct sow_tensor *tensor)
{
    struct sow_need need = sow_tensor_need(tensor);

    return !need.doubles && need.flops <= 0 && need.before <= 0 &&
           !(tensor->data && !tensor->data->numbers);
}

static void read_cut(const struct sow_engine *engine,
                     const struct sow_tensor *tensor, uint64_t pos,
                     const uint8_t *right, size_t n)
{
    uint8_t got[WINDOW];
    size_t first = n * 3 / 7;

    if (n == 0)
        return;
    MUST(!sow_tensor_read(engine, tensor, pos, got, first), "%zu", n);
    MUST(!sow_tensor_read(engine, tensor, pos + first, got + first, n - first),
         "%zu", n);
    MUST(!memcmp(got, right, n), "%s: %s cut at %zu", tensor->spec.name,
         sow_engine_name(engine), first);
}

/* All engines must agree about the window that begins at 'pos'. */
static void check_window(const struct sow_tensor *tensor, uint64_t pos)
{
    const struct sow_engine *engine;
    uint8_t right[WINDOW];
    uint64_t left = tensor->size - pos;
    size_t n = left < WINDOW ? (size_t)left : WINDOW;

    MUST(!sow_engine_choose("portable", &engine), "portable");
    MUST(!sow_tensor_read(engine, tensor, pos, right, n), "%zu", n);
    for (size_t i = 0; sow_engine_at(i); i++)
        if (!sow_engine_choose(sow_engine_at(i), &engine))
            read_cut(engine, tensor, pos, right, n);
}

void fuzz_model(const struct model *model)
{
    uint8_t digest[SOW_DIGEST_BYTES];
    struct problem problem;

    check_layout(model);
    MUST(!recipe_digest(model, digest, &problem), "%s", problem.detail);
    for (size_t i = 0; i < model->count && i < TENSORS; i++) {
        const struct sow_tensor *tensor = &model->tensors[i];
        if (!is_readable(tensor))
            continue;
        check_window(tensor, 0);
        if (tensor->size > WINDOW)
            check_window(tensor, tensor->size - WINDOW + 5);
    }
}
