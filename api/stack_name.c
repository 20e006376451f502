/* SPDX-License-Identifier: MIT */
/*
 * What the results of a run follow from, as JSON with sorted keys and no white
 * space.  Its bytes are hashed: they never change.
 */
#include "recipe.h"
#include "spec.h"
#include "stack.h"

static void put_sizes(struct text *text, const char *key,
                      const struct sow_stage *stage, const uint64_t *sizes)
{
    text_put(text, ",\"");
    text_put(text, key);
    text_put(text, "\":[");
    text_put_integers(text, sizes, stage->spatial);
    text_put(text, "]");
}

static void put_stage(struct text *text, const struct sow_stage *stage)
{
    text_put(text, "{\"activation\":");
    text_put_string(text, stage->activation->name);
    text_put(text, ",\"bias\":");
    if (stage->bias)
        recipe_put_tensor(text, stage->bias);
    else
        text_put(text, "null");
    put_sizes(text, "dilation", stage, stage->dilation);
    text_put(text, ",\"groups\":");
    text_put_integer(text, stage->groups);
    put_sizes(text, "padding", stage, stage->padding);
    put_sizes(text, "stride", stage, stage->stride);
    text_put(text, ",\"weight\":");
    recipe_put_tensor(text, stage->weight);
    text_put(text, "}");
}

enum problem_code stack_name(struct stack *stack, struct problem *problem)
{
    char usual[1024];
    struct text text = {.bytes = usual, .room = sizeof usual, .grows = true};
    text_put(&text, "{\"data\":");
    batch_put(&text, &stack->batch);
    text_put(&text, ",\"generator\":\"sow1\",\"stages\":[");
    for (size_t i = 0; i < stack->calibration.count; i++) {
        text_put(&text, i == 0 ? "" : ",");
        put_stage(&text, &stack->stages[i]);
    }
    text_put(&text, "]}");
    if (!text.failed)
        sow_digest(text.bytes, text.size, stack->digest);
    text_release(&text);
    return text.failed ? problem_no_memory(problem) : PROBLEM_NONE;
}
