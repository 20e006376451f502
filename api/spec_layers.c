/* SPDX-License-Identifier: MIT */
/* The tensors of a JSON request. */
#include "spec_layers.h"
#include "fields.h"
#include "model.h"
#include "spec_make.h"
#include "spec_measure.h"
#include "spec_stack.h"
#include "spec_type.h"
#include "utf8.h"

static enum problem_code check_names(const struct making *making,
                                     const json_t *layers)
{
    size_t duplicate;
    const enum problem_code code =
        model_check_names(making->model, &duplicate, making->problem);
    if (code != PROBLEM_DUPLICATE_NAME)
        return code;
    const size_t entry =
        making->stack
            ? stack_entry(making->stack, duplicate)
            : measure_find(making->limits, making->kinds, layers,
                           making->request->generator->sequential, duplicate);
    const struct place layer = {&measure_at_layers, NULL, entry};
    const struct place at = {&layer, field_name(FIELD_NAME), 0};
    const char *name = making->model->tensors[duplicate].spec.name;
    return problem_set(making->problem, PROBLEM_DUPLICATE_NAME,
                       place_text(layers ? &at : &make_at_config).text,
                       "Two tensors are called '%s'; one without a name is "
                       "called by its position in 'layers'.",
                       utf8_quote(name).text);
}

/* Make what was counted: the entries of 'layers', or when NULL 'config'. */
static enum problem_code fill(struct making *making, const json_t *layers,
                              struct kind *config)
{
    enum problem_code code;
    making->names = making->model->text;
    if (layers)
        code = make_entries(making, layers);
    else
        code = make_config(making, config);
    making->model->count = making->next;
    if (code == PROBLEM_NONE)
        code = spec_stack_finish(making->stack, making->model, making->problem);
    if (code == PROBLEM_NONE)
        code = model_lay_out(making->model, making->problem);
    if (code == PROBLEM_NONE)
        code = check_names(making, layers);
    if (code == PROBLEM_NONE && making->profile)
        code = profile_finish(making->profile, making->problem);
    return code;
}

/* Has each entry a tensor of its own? */
static bool is_list(const json_t *layers)
{
    size_t i;
    const json_t *entry;

    json_array_foreach(
        layers, i, entry) if (!json_object_get(entry, "shape")) return false;
    return layers != NULL;
}

/* Make a model of so many tensors. */
static enum problem_code make(const struct making *plan,
                              const struct measure *measure,
                              const json_t *layers, struct kind *config,
                              struct model *model)
{
    struct making making = *plan;
    struct model made;
    if (measure->tensors == 0 && plan->tape)
        return problem_set(plan->problem, PROBLEM_BAD_GENERATOR,
                           place_text(&measure_at_layers).text,
                           "There is not one tensor in it: an entry with a "
                           "'shape' or a 'type' draws what the answer has.");
    if (measure->tensors == 0)
        return problem_set(
            plan->problem, PROBLEM_BAD_FIELD,
            place_text(layers ? &measure_at_layers : &make_at_config).text,
            "There is not one tensor in it.");
    const struct measure most = spec_stack_room(plan->stack, measure);
    enum problem_code code =
        model_init(&made, most.tensors, most.names, plan->problem);
    if (code != PROBLEM_NONE)
        return code;
    made.place = layers ? "/layers" : "/config";
    made.listed = is_list(layers);
    making.model = &made;
    code = fill(&making, layers, config);
    if (code != PROBLEM_NONE) {
        model_release(&made);
        return code;
    }
    made.stack = plan->stack;
    made.generator = plan->request->generator;
    made.tape = plan->tape;
    *model = made;
    return PROBLEM_NONE;
}

/* With the profile, if there is one. */
static enum problem_code make_profiled(const struct making *plan,
                                       json_t *profile,
                                       const struct measure *measure,
                                       const json_t *layers,
                                       struct kind *config, struct model *model)
{
    struct making making = *plan;
    struct profile read;
    struct sow_scope scope;
    if (!profile)
        return make(plan, measure, layers, config, model);
    if (!layers)
        scope = sow_layer_scope(&config->layer);
    making.profile = &read;
    enum problem_code code =
        profile_read(&read, profile, layers ? NULL : &scope, plan->problem);
    if (code == PROBLEM_NONE)
        code = make(&making, measure, layers, config, model);
    profile_release(&read);
    return code;
}

/* Exactly one of 'layers' and 'config' must be there. */
static enum problem_code check_source(const json_t *layers,
                                      const json_t *config,
                                      struct problem *problem)
{
    if (!layers && !config)
        return problem_set(problem, PROBLEM_MISSING_FIELD, "/layers",
                           "'layers' is missing: an array with an object for "
                           "each tensor; or 'config', the content of a "
                           "config.json.");
    if (layers && config)
        return problem_set(problem, PROBLEM_BAD_FIELD, "/config",
                           "'config' and 'layers' exclude each other: leave "
                           "one of them out.");
    return PROBLEM_NONE;
}

/* Count, and make. */
static enum problem_code read_all(const struct making *plan,
                                  struct model *model)
{
    json_t *layers = json_object_get(plan->root, measure_at_layers.key);
    json_t *config = json_object_get(plan->root, make_at_config.key);
    json_t *profile = json_object_get(plan->root, field_name(FIELD_PROFILE));
    struct measure measure = {.sequential =
                                  plan->request->generator->sequential};
    struct kind *kind = NULL;
    enum problem_code code;
    if (layers)
        code = measure_layers(plan->limits, plan->kinds, layers, &measure,
                              plan->problem);
    else
        code = type_read_config(plan->kinds, config, &make_at_config, &kind,
                                plan->problem);
    if (code == PROBLEM_NONE && !layers)
        code = measure_layer(plan->limits, kind, &make_at_config, &measure,
                             plan->problem);
    if (code != PROBLEM_NONE)
        return code;
    if (!layers && spec_tape_has_default(plan->tape, profile))
        profile = NULL;
    return make_profiled(plan, profile, &measure, layers, kind, model);
}

enum problem_code layers_read(const struct api_limits *limits,
                              const struct draft *request, json_t *root,
                              struct model *model, struct problem *problem)
{
    struct making plan = {
        .limits = limits, .request = request, .problem = problem, .root = root};
    enum problem_code code =
        check_source(json_object_get(root, measure_at_layers.key),
                     json_object_get(root, make_at_config.key), problem);
    if (code == PROBLEM_NONE)
        code = spec_stack_read(root, request, &plan.stack, problem);
    if (code == PROBLEM_NONE)
        code = spec_tape_open(limits, request, &place_document, &plan.tape,
                              problem);
    if (code == PROBLEM_NONE && !(plan.kinds = kinds_new()))
        code = problem_no_memory(problem);
    if (code == PROBLEM_NONE)
        code = read_all(&plan, model);
    kinds_free(plan.kinds);
    if (code == PROBLEM_NONE)
        return code;
    stack_free(plan.stack);
    tape_free(plan.tape);
    return code;
}
