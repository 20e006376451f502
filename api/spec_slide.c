/* SPDX-License-Identifier: MIT */
/* How a layer of a stack slides over its input. */
#include "spec_slide.h"
#include "value.h"

#include <string.h>
#include <strings.h>

/* No stride, padding or dilation is larger. */
#define MOST_STEP 65535

/* One size for all axes, or one for each. */
static enum problem_code read_sizes(const struct value *value, int64_t least,
                                    uint32_t spatial, uint64_t *sizes,
                                    struct problem *problem)
{
    const struct value_list_rule rule = {
        "", least, true,
        least > 0 ? "a whole number from 1 to 65535, or one for each axis"
                  : "a whole number from 0 to 65535, or one for each axis"};
    struct value_list list = {0};
    const enum problem_code code =
        value->json ? value_list(value, &rule, &list, problem) : PROBLEM_NONE;
    if (code != PROBLEM_NONE || !value->json)
        return code;
    const bool single = !json_is_array(value->json);
    if (!single && list.count != spatial)
        return problem_set(problem, PROBLEM_BAD_FIELD,
                           place_text(value->place).text,
                           "'%s' has %zu numbers, but the layer slides over "
                           "%u axes.",
                           value->place->key, list.count, spatial);
    for (uint32_t i = 0; i < spatial; i++) {
        const int64_t size = list.items[single ? 0 : i];
        const struct place at = {value->place, NULL, i};
        const struct value item = {NULL, json_array_get(value->json, i), &at};
        if (size < least || size > MOST_STEP)
            return value_refuse(single ? value : &item, rule.expected, problem);
        sizes[i] = (uint64_t)size;
    }
    return PROBLEM_NONE;
}

/* What an expression over the layer's arguments gives; it is no mistake. */
uint64_t slide_number(const struct sow_layer *layer, const char *argument)
{
    const struct sow_scope scope = sow_layer_scope(layer);
    struct sow_error error;
    double number;
    if (sow_evaluate(argument, &scope, &number, &error) != SOW_OK)
        return 1;
    return (uint64_t)number;
}

/* Padding that keeps the size: half of it on each side. */
static enum problem_code pad_same(struct slide *slide, const struct place *at,
                                  struct problem *problem)
{
    for (uint32_t i = 0; i < slide->spatial; i++) {
        const uint64_t span = slide->dilation[i] * (slide->kernel[i] - 1);
        if (slide->stride[i] != 1 || span % 2 != 0)
            return problem_set(problem, PROBLEM_BAD_FIELD, place_text(at).text,
                               "'same' padding needs a stride of 1, and as "
                               "much on both sides, so that dilation times "
                               "(kernel_size - 1) must be even: give numbers.");
        slide->padding[i] = span / 2;
    }
    return PROBLEM_NONE;
}

static enum problem_code read_padding(struct slide *slide,
                                      const struct slide_words *words,
                                      const json_t *json,
                                      const struct place *place,
                                      struct problem *problem)
{
    const struct place at = {place, words->padding, 0};
    const struct place mode_at = {place, "padding_mode", 0};
    const struct value value = {NULL, json_object_get(json, at.key), &at};
    const json_t *mode = json_object_get(json, mode_at.key);
    const char *word = json_string_value(value.json);
    if (mode && (!json_is_string(mode) ||
                 strcmp(json_string_value(mode), "zeros") != 0))
        return problem_set(problem, PROBLEM_BAD_FIELD,
                           place_text(&mode_at).text,
                           "Data flow through convolutions padded with zeros "
                           "only: leave 'padding_mode' out.");
    if (value.json ? word && strcasecmp(word, "same") == 0 : words->same)
        return pad_same(slide, &at, problem);
    if (word && strcasecmp(word, "valid") != 0)
        return value_refuse(&value, "whole numbers, \"same\" or \"valid\"",
                            problem);
    if (word)
        return PROBLEM_NONE;
    return read_sizes(&value, 0, slide->spatial, slide->padding, problem);
}

const struct slide_words slide_words_torch = {"stride", "padding", "dilation",
                                              false};

enum problem_code slide_take(struct slide *slide,
                             const struct slide_words *words,
                             const json_t *json, const struct place *place,
                             struct problem *problem)
{
    const struct place at_stride = {place, words->stride, 0};
    const struct place at_dilation = {place, words->dilation, 0};
    const struct value stride = {NULL, json_object_get(json, at_stride.key),
                                 &at_stride};
    const struct value dilation = {NULL, json_object_get(json, at_dilation.key),
                                   &at_dilation};
    for (uint32_t i = 0; i < slide->spatial; i++) {
        slide->stride[i] = slide->dilation[i] = 1;
        slide->padding[i] = 0;
    }
    enum problem_code code =
        read_sizes(&stride, 1, slide->spatial, slide->stride, problem);
    if (code == PROBLEM_NONE)
        code =
            read_sizes(&dilation, 1, slide->spatial, slide->dilation, problem);
    if (code == PROBLEM_NONE)
        code = read_padding(slide, words, json, place, problem);
    return code;
}

enum problem_code slide_read(struct sow_stage *stage,
                             const struct sow_layer *layer, const json_t *json,
                             const struct place *place, struct problem *problem)
{
    static const char *const kernel[SOW_MAX_SPATIAL] = {
        "kernel_size[0]", "kernel_size[1]", "kernel_size[2]"};
    struct slide slide = {.spatial = stage->spatial};
    stage->groups = 1;
    if (stage->spatial == 0)
        return PROBLEM_NONE;
    stage->groups = slide_number(layer, "groups");
    for (uint32_t i = 0; i < stage->spatial; i++)
        slide.kernel[i] = slide_number(layer, kernel[i]);
    const enum problem_code code =
        slide_take(&slide, &slide_words_torch, json, place, problem);
    memcpy(stage->stride, slide.stride, sizeof(slide.stride));
    memcpy(stage->padding, slide.padding, sizeof(slide.padding));
    memcpy(stage->dilation, slide.dilation, sizeof(slide.dilation));
    return code;
}
