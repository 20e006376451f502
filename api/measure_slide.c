/* SPDX-License-Identifier: MIT */
/* How the convolutions of an analysis slide. */
#include "measure_slide.h"

#include "fields.h"
#include "value.h"

#include <string.h>

static const char at_groups[] = "groups";

/* Members of a weight given by its shape. */
static const char *const names[] = {"stride", "padding", "dilation", at_groups};

#define NAMES (sizeof names / sizeof names[0])

/* What libraries other than torch call theirs. */
static const struct {
    const char *library;
    struct slide_words words;
    const char *groups;
} others[] = {
    {"keras", {"strides", "padding", "dilation_rate", false}, at_groups},
    {"flax",
     {"strides", "padding", "kernel_dilation", true},
     "feature_group_count"},
};

#define OTHERS (sizeof others / sizeof others[0])

const char *measure_slide_name(size_t i)
{
    return i < NAMES ? names[i] : NULL;
}

bool measure_slide_has(const char *name)
{
    for (size_t i = 0; i < NAMES; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

enum problem_code measure_slide_take(json_t *entry, json_t **members,
                                     struct problem *problem)
{
    json_t *taken = NULL;

    *members = NULL;
    if (json_object_get(entry, field_name(FIELD_TYPE)))
        return PROBLEM_NONE;
    for (size_t i = 0; i < NAMES; i++) {
        json_t *json = json_object_get(entry, names[i]);
        if (!json)
            continue;
        if (!taken)
            taken = json_object();
        if (json_object_set(taken, names[i], json)) {
            json_decref(taken);
            return problem_no_memory(problem);
        }
        json_object_del(entry, names[i]);
    }
    *members = taken;
    return PROBLEM_NONE;
}

/* The sizes of the axes that are neither inputs nor outputs. */
static void set_kernel(struct slide *slide, const struct sow_tensor *weight)
{
    const struct sow_axes *axes = &weight->spec.axes;
    const unsigned taken = axes->in | axes->out | axes->batch;

    slide->spatial = 0;
    for (uint32_t i = 0; i < weight->spec.shape.rank; i++) {
        const uint64_t dim = weight->spec.shape.dims[i];
        if (taken >> i & 1)
            continue;
        if (slide->spatial < SOW_MAX_SPATIAL)
            slide->kernel[slide->spatial] = dim > 0 ? dim : 1;
        slide->spatial++;
    }
}

static enum problem_code read_groups(struct slide *slide, const json_t *members,
                                     const struct place *place,
                                     struct problem *problem)
{
    const struct place at = {place, at_groups, 0};
    const struct value value = {NULL, json_object_get(members, at_groups), &at};
    double groups = 1;

    if (value.json && value_count(&value, 1, &groups, problem))
        return problem->code;
    slide->groups = (uint64_t)groups;
    return PROBLEM_NONE;
}

/* Inputs between which zeros are put are a transposed convolution's. */
static enum problem_code check_input_dilation(const json_t *members,
                                              const struct place *place,
                                              struct problem *problem)
{
    const struct place at = {place, "input_dilation", 0};
    json_t *json = json_object_get(members, at.key);

    if (!json || json_integer_value(json) == 1)
        return PROBLEM_NONE;
    return problem_set(problem, PROBLEM_BAD_FIELD, place_text(&at).text,
                       "Only convolutions whose input isn't dilated are "
                       "measured: leave 'input_dilation' out.");
}

static enum problem_code read_typed(struct slide *slide,
                                    const struct sow_layer *layer,
                                    const json_t *members,
                                    const struct place *place,
                                    struct problem *problem)
{
    const struct slide_words *words = &slide_words_torch;
    const char *groups = at_groups;

    for (size_t i = 0; i < OTHERS; i++)
        if (strcmp(others[i].library, layer->type->library) == 0) {
            words = &others[i].words;
            groups = others[i].groups;
        }
    slide->groups = slide_number(layer, groups);
    if (check_input_dilation(members, place, problem))
        return problem->code;
    return slide_take(slide, words, members, place, problem);
}

static enum problem_code refuse_dense(const json_t *members,
                                      const struct place *place,
                                      struct problem *problem)
{
    const struct place at = {
        place, json_object_iter_key(json_object_iter((json_t *)members)), 0};

    return problem_set(problem, PROBLEM_BAD_FIELD, place_text(&at).text,
                       "'%s' is of a convolution, whose weight has a kernel "
                       "beside inputs and outputs: leave it out.",
                       at.key);
}

enum problem_code
measure_slide_read(struct slide *slide, const struct sow_tensor *weight,
                   const struct sow_layer *layer, const json_t *members,
                   const struct place *place, struct problem *problem)
{
    *slide = (struct slide){.groups = 1};
    set_kernel(slide, weight);
    if (slide->spatial == 0)
        return layer || !members ? PROBLEM_NONE
                                 : refuse_dense(members, place, problem);
    if (slide->spatial > SOW_MAX_SPATIAL)
        return PROBLEM_NONE;
    if (layer)
        return read_typed(slide, layer, members, place, problem);
    if (read_groups(slide, members, place, problem))
        return problem->code;
    return slide_take(slide, &slide_words_torch, members, place, problem);
}
