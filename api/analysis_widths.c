/* SPDX-License-Identifier: MIT */
/* Dense layers between widths. */
#include "analysis_widths.h"

#include "blame.h"
#include "fields.h"
#include "model.h"
#include "spec_measure.h"
#include "spec_tape.h"
#include "count.h"

#include <stdio.h>
#include <string.h>

const struct place widths_place = {&place_document, "widths", 0};

/* What a bias is called: its layer's position, and this. */
#define BIAS ".bias"

/* ------------------------------------------------------------------------
 * Checking
 */

static enum problem_code check_width(const json_t *json, size_t i,
                                     struct problem *problem)
{
    const struct place at = {&widths_place, NULL, i};
    const struct value value = {NULL, (json_t *)json, &at};
    double width;

    return value_count(&value, 1, &width, problem);
}

static enum problem_code check_fields(const struct draft *request,
                                      struct problem *problem)
{
    static const enum field_id theirs[] = {
        FIELD_IN_AXES,   FIELD_OUT_AXES, FIELD_BATCH_AXES, FIELD_PROFILE,
        FIELD_GENERATOR, FIELD_STATE,    FIELD_KEY,
    };

    for (size_t i = 0; i < COUNT(theirs); i++) {
        const struct place at = {&place_document, field_name(theirs[i]), 0};
        if (draft_has(request, theirs[i]))
            return problem_set(problem, PROBLEM_BAD_FIELD, place_text(&at).text,
                               "'%s' goes with 'layers', not with 'widths': "
                               "leave one of them out.",
                               at.key);
    }
    return spec_tape_check_seed(request, &place_document, problem);
}

enum problem_code widths_check(const struct api_limits *limits,
                               const json_t *widths,
                               const struct draft *request,
                               struct problem *problem)
{
    const struct value value = {NULL, (json_t *)widths, &widths_place};
    const size_t count = json_array_size(widths);

    if (!json_is_array(widths))
        return value_refuse(&value,
                            "an array of whole numbers, such as [784, 512, 10]",
                            problem);
    if (count < 2)
        return problem_set(problem, PROBLEM_BAD_FIELD,
                           place_text(&widths_place).text,
                           "'widths' needs two numbers at least: how many "
                           "inputs there are, and how many outputs.");
    if (count - 1 > limits->max_layers)
        return measure_refuse_limit(limits, "There are too many layers",
                                    &widths_place, problem);
    for (size_t i = 0; i < count; i++)
        if (check_width(json_array_get(widths, i), i, problem))
            return problem->code;
    return check_fields(request, problem);
}

/* ------------------------------------------------------------------------
 * Making
 */

static uint64_t width(const json_t *widths, size_t i)
{
    return (uint64_t)json_integer_value(json_array_get(widths, i));
}

/* Where the scheme has the inputs: a library's has its own layout. */
static enum sow_layout layout_of(const struct draft *request)
{
    const struct sow_scheme_info *info = request->scheme.scheme.info;

    return info->library ? info->layout : request->spec.layout;
}

static enum problem_code make_weight(const json_t *widths,
                                     const struct draft *request, size_t i,
                                     const char *name,
                                     struct sow_tensor *tensor,
                                     struct problem *problem)
{
    const struct place place = {&widths_place, NULL, i + 1};
    const bool torch = layout_of(request) == SOW_TORCH;
    struct sow_spec spec = request->spec;
    struct draft draft;

    draft_init_layer(&draft, request);
    spec.name = name;
    spec.shape.rank = 2;
    spec.shape.dims[torch] = width(widths, i);
    spec.shape.dims[!torch] = width(widths, i + 1);
    spec.scheme = request->scheme.scheme;
    return draft_resolve(&draft, &spec, &place, tensor, problem);
}

static enum problem_code make_bias(const json_t *widths,
                                   const struct draft *request, size_t i,
                                   const char *name, struct sow_tensor *tensor,
                                   struct problem *problem)
{
    const struct place at = {&place_document, field_name(FIELD_BIAS), 0};
    struct sow_spec spec = request->spec;
    struct sow_error error;

    spec.name = name;
    spec.shape.rank = 1;
    spec.shape.dims[0] = width(widths, i + 1);
    spec.scheme = request->bias.scheme;
    if (sow_tensor_init(tensor, &spec, &error) == SOW_OK)
        return PROBLEM_NONE;
    const struct place member = {&at, error.at, 0};
    const bool named = sow_scheme_parameter(spec.scheme.info, error.at) >= 0;
    return blame_error(&error, named ? &member : &at, name, problem);
}

static enum problem_code fill(const json_t *widths, const struct draft *request,
                              struct model *made, struct problem *problem)
{
    const bool biased = request->bias.scheme.info != NULL;
    struct sow_tensor *next = made->tensors;
    char *name = made->text;

    for (size_t i = 0; i + 1 < json_array_size(widths); i++) {
        int n = snprintf(name, INDEX_MAX, "%zu", i);
        if (make_weight(widths, request, i, name, next++, problem))
            return problem->code;
        name += n + 1;
        if (!biased)
            continue;
        n = snprintf(name, INDEX_MAX + sizeof BIAS, "%zu" BIAS, i);
        if (make_bias(widths, request, i, name, next++, problem))
            return problem->code;
        name += n + 1;
    }
    return PROBLEM_NONE;
}

enum problem_code widths_model(const json_t *widths,
                               const struct draft *request, struct model *model,
                               struct problem *problem)
{
    const size_t layers = json_array_size(widths) - 1;
    const size_t each = request->bias.scheme.info ? 2 : 1;
    struct model made;

    if (!request->scheme.scheme.info)
        return draft_refuse_schemeless(
            &place_document,
            "there is no default; GET /v1/schemes lists them, and 'schemes' "
            "compares several.",
            problem);
    if (model_init(&made, layers * each,
                   layers * each * (INDEX_MAX + sizeof BIAS), problem))
        return problem->code;
    made.generator = request->generator;
    if (fill(widths, request, &made, problem)) {
        model_release(&made);
        return problem->code;
    }
    *model = made;
    return PROBLEM_NONE;
}

void widths_parts(struct analysis_parts *parts, const json_t *widths,
                  const struct draft *request)
{
    const bool biased = request->bias.scheme.info != NULL;

    parts->count = json_array_size(widths) - 1;
    for (size_t i = 0; i < parts->count; i++) {
        struct analysis_part *part = &parts->parts[i];
        part->weight = biased ? 2 * i : i;
        part->bias = biased ? 2 * i + 1 : PART_NONE;
        part->entry = i + 1;
        traits_init(&part->traits);
    }
}
