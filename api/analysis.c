/* SPDX-License-Identifier: MIT */
/* An analysis, from its request to the work that it is. */
#include "analysis_state.h"

#include "analysis_fields.h"
#include "analysis_input.h"
#include "analysis_text.h"
#include "analysis_widths.h"
#include "exchange.h"
#include "fields.h"
#include "measuring.h"
#include "model.h"
#include "spec_layers.h"
#include "spec_measure.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct place at_scheme = {&place_document, "scheme", 0};
static const struct place at_schemes = {&place_document, "schemes", 0};

/* What is read, on the way; 'widths' or 'layers' is NULL. */
struct reading {
    struct analysis *analysis;
    const struct api_limits *limits;
    json_t *root, *widths, *layers, *schemes;
    struct draft request;
    struct analysis_traits defaults;
    struct analysis_words *words; /* of each entry of 'layers' */
    struct problem *problem;
};

void analysis_free(struct analysis *analysis)
{
    if (!analysis)
        return;
    measuring_free(analysis->measuring);
    for (size_t i = 0; analysis->cases && i < analysis->case_count; i++) {
        model_release(&analysis->cases[i].model);
        text_release(&analysis->cases[i].text);
    }
    measure_wish_release(&analysis->wish);
    parts_release(&analysis->parts);
    text_release(&analysis->head);
    free(analysis->cases);
    free(analysis);
}

/* ------------------------------------------------------------------------
 * The fields at the top
 */

static enum problem_code check_source(const struct reading *reading)
{
    if (!reading->widths && !reading->layers)
        return problem_set(reading->problem, PROBLEM_MISSING_FIELD, "/layers",
                           "'layers' is missing: an array with an object for "
                           "each layer; or 'widths', such as [784, 512, 10].");
    if (reading->widths && reading->layers)
        return problem_set(reading->problem, PROBLEM_BAD_FIELD, "/widths",
                           "'widths' and 'layers' exclude each other: leave "
                           "one of them out.");
    return PROBLEM_NONE;
}

static enum problem_code check_schemes(const struct reading *reading)
{
    const struct value value = {NULL, reading->schemes, &at_schemes};
    const size_t count = json_array_size(reading->schemes);

    if (!reading->schemes)
        return PROBLEM_NONE;
    if (json_object_get(reading->root, at_scheme.key))
        return problem_set(reading->problem, PROBLEM_BAD_FIELD,
                           place_text(&at_schemes).text,
                           "'schemes' and 'scheme' exclude each other: leave "
                           "one of them out.");
    if (!json_is_array(reading->schemes) || count == 0)
        return value_refuse(&value,
                            "an array of schemes, such as [\"he_normal\", "
                            "\"glorot_normal\"]",
                            reading->problem);
    if (count <= ANALYSIS_SCHEMES)
        return PROBLEM_NONE;
    return problem_set(reading->problem, PROBLEM_BAD_FIELD,
                       place_text(&at_schemes).text,
                       "There are %zu schemes; at most %d are compared.", count,
                       ANALYSIS_SCHEMES);
}

/* What of the body isn't a request for weights, and take it out of it. */
static enum problem_code take_own(struct reading *reading)
{
    json_t *root = reading->root;
    enum problem_code code = analysis_check_body(root, reading->problem);

    if (!code)
        code = check_source(reading);
    if (!code)
        code = check_schemes(reading);
    if (!code)
        code = traits_take(&reading->defaults, root, &place_document,
                           reading->problem);
    if (!code)
        code = measure_read(&reading->analysis->wish,
                            json_object_get(root, "measure"), reading->problem);
    if (!code)
        code = input_read(&reading->analysis->input, &reading->analysis->wish,
                          json_object_get(root, "input"), reading->problem);
    json_object_del(root, "measure");
    json_object_del(root, "input");
    json_object_del(root, "schemes");
    json_object_del(root, "widths");
    return code;
}

/* ------------------------------------------------------------------------
 * The entries of 'layers'
 */

static enum problem_code take_entry(struct reading *reading, json_t *json,
                                    size_t i)
{
    const struct place place = {&measure_at_layers, NULL, i};
    struct analysis_words *words = &reading->words[i];

    traits_init(&words->traits);
    if (analysis_check_entry(json, &place, reading->problem) ||
        measure_slide_take(json, &words->slide, reading->problem))
        return reading->problem->code;
    return traits_take(&words->traits, json, &place, reading->problem);
}

static void free_words(struct reading *reading)
{
    for (size_t i = 0; reading->words && i < json_array_size(reading->layers);
         i++)
        json_decref(reading->words[i].slide);
    free(reading->words);
}

static enum problem_code take_entries(struct reading *reading)
{
    const size_t count = json_array_size(reading->layers);
    size_t i;
    json_t *json;

    if (count > reading->limits->max_layers)
        return measure_refuse_limit(reading->limits,
                                    "There are too many layers",
                                    &measure_at_layers, reading->problem);
    reading->words = calloc(count + 1, sizeof *reading->words);
    if (!reading->words)
        return problem_no_memory(reading->problem);
    json_array_foreach(reading->layers, i, json)
    {
        if (take_entry(reading, json, i))
            return reading->problem->code;
    }
    return PROBLEM_NONE;
}

/* ------------------------------------------------------------------------
 * A model for each scheme
 */

/* What follows the pointer 'to' in the pointer 'at', or NULL. */
static const char *below(const char *at, const struct place *to)
{
    const struct place_text text = place_text(to);
    const size_t n = strlen(text.text);

    return strncmp(at, text.text, n) == 0 && (at[n] == '\0' || at[n] == '/')
               ? at + n
               : NULL;
}

/* A scheme of 'schemes' was read as if it stood in 'scheme'. */
void analysis_blame_scheme(const struct analysis *analysis, size_t i,
                           struct problem *problem)
{
    const struct place entry = {&at_schemes, NULL, i};
    struct place_text text =
        place_text(analysis->compares ? &entry : &at_scheme);
    const char *rest = below(problem->at, &at_scheme);

    if (!rest && problem->code == PROBLEM_BAD_SCHEME &&
        below(problem->at, &widths_place))
        rest = "";
    if (!rest)
        return;
    const size_t used = strlen(text.text);
    snprintf(text.text + used, sizeof text.text - used, "%s", rest);
    memcpy(problem->at, text.text, sizeof problem->at);
}

static enum problem_code make_model(const struct reading *reading,
                                    const struct draft *request,
                                    struct model *model)
{
    if (reading->widths)
        return widths_model(reading->widths, request, model, reading->problem);
    return layers_read(reading->limits, request, reading->root, model,
                       reading->problem);
}

static enum problem_code make_case(const struct reading *reading, size_t i)
{
    struct analysis_case *made = &reading->analysis->cases[i];
    const struct place at = {&at_schemes, NULL, i};
    const struct value value = {NULL, json_array_get(reading->schemes, i), &at};
    struct draft request = reading->request;

    if (reading->schemes &&
        scheme_read(&request.scheme, &value, reading->problem))
        return reading->problem->code;
    made->scheme = request.scheme.scheme;
    const enum problem_code code = make_model(reading, &request, &made->model);
    if (code)
        analysis_blame_scheme(reading->analysis, i, reading->problem);
    return code;
}

static enum problem_code refuse_cases(const struct reading *reading)
{
    return measure_refuse_limit(reading->limits,
                                "There are too many layers in all schemes",
                                &at_schemes, reading->problem);
}

static enum problem_code make_cases(struct reading *reading)
{
    struct analysis *analysis = reading->analysis;
    const size_t count =
        reading->schemes ? json_array_size(reading->schemes) : 1;
    uint64_t tensors = 0;

    if (json_array_size(reading->layers) > reading->limits->max_layers / count)
        return refuse_cases(reading);
    analysis->cases = calloc(count, sizeof *analysis->cases);
    if (!analysis->cases)
        return problem_no_memory(reading->problem);
    analysis->case_count = count;
    analysis->compares = reading->schemes != NULL;
    analysis->places = reading->widths ? &widths_place : &measure_at_layers;
    for (size_t i = 0; i < count; i++) {
        if (make_case(reading, i))
            return reading->problem->code;
        tensors += analysis->cases[i].model.count;
        if (tensors > reading->limits->max_layers)
            return refuse_cases(reading);
    }
    return PROBLEM_NONE;
}

/* The parts are the same for each scheme. */
static enum problem_code make_parts(struct reading *reading)
{
    struct analysis *analysis = reading->analysis;
    const struct model *model = &analysis->cases[0].model;

    if (parts_init(&analysis->parts, model->count,
                   analysis->wish.wanted && reading->layers, reading->problem))
        return reading->problem->code;
    if (reading->widths)
        widths_parts(&analysis->parts, reading->widths, &reading->request);
    else if (parts_of_layers(&analysis->parts, reading->limits,
                             &reading->request, reading->layers, reading->words,
                             model, reading->problem))
        return reading->problem->code;
    analysis->seed = reading->request.spec.seed;
    return parts_finish(&analysis->parts, &reading->defaults, model,
                        analysis->places, reading->problem);
}

static enum problem_code read_all(struct reading *reading)
{
    enum problem_code code = take_own(reading);

    if (!code && reading->layers)
        code = take_entries(reading);
    if (!code)
        code =
            fields_read_object(&reading->request, SCOPE_REQUEST, reading->root,
                               &place_document, reading->problem);
    if (!code && reading->widths)
        code = widths_check(reading->limits, reading->widths, &reading->request,
                            reading->problem);
    if (!code)
        code = make_cases(reading);
    return code ? code : make_parts(reading);
}

/* What the answer begins with, or what makes it. */
static enum problem_code get_ready(struct analysis *analysis, struct api *api,
                                   struct problem *problem)
{
    if (analysis->wish.wanted)
        return measuring_new(&analysis->measuring, analysis, api, problem);
    return analysis_put_head(&analysis->head, &analysis->input, NULL)
               ? PROBLEM_NONE
               : problem_no_memory(problem);
}

enum problem_code analysis_read(struct analysis **analysis, struct api *api,
                                json_t *root, struct problem *problem)
{
    struct analysis *made = calloc(1, sizeof *made);
    struct reading reading = {
        .analysis = made,
        .limits = &api->limits,
        .root = root,
        .widths = json_incref(json_object_get(root, "widths")),
        .layers = json_object_get(root, "layers"),
        .schemes = json_incref(json_object_get(root, "schemes")),
        .problem = problem,
    };
    enum problem_code code = PROBLEM_NONE;

    draft_init(&reading.request);
    traits_init(&reading.defaults);
    if (!made) {
        code = problem_no_memory(problem);
    } else {
        made->engine = api->engine;
        sow_analysis_input_init(&made->input);
        measure_wish_init(&made->wish);
        code = read_all(&reading);
    }
    if (!code)
        code = get_ready(made, api, problem);
    json_decref(reading.widths);
    json_decref(reading.schemes);
    free_words(&reading);
    if (code)
        analysis_free(made);
    else
        *analysis = made;
    return code;
}
