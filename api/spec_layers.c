/* SPDX-License-Identifier: MIT */
/* The tensors of a JSON request. */
#include "spec_layers.h"
#include "fields.h"
#include "model.h"
#include "spec_measure.h"
#include "spec_part.h"
#include "spec_stack.h"
#include "spec_type.h"
#include "utf8.h"

#include <stdio.h>
#include <string.h>

static const struct place at_config = {&place_document, "config", 0};

/* ------------------------------------------------------------------------
 * One by one
 */

/*
 * What stands while tensors are made: 'next' is the next one, and 'names' where
 * its name goes.
 */
struct making {
    const struct api_limits *limits;
    const struct draft *request;
    struct profile *profile; /* NULL for none */
    struct model *model;
    size_t next;
    char *names;
    struct problem *problem;
    json_t *root;
    struct stack *stack; /* NULL without 'data' */
};

/* A layer whose tensors are being made; their names begin with 'prefix'. */
struct visit {
    struct making *making;
    struct part_layer layer;
    const char *prefix;
    enum problem_code code;
};

/* Write prefix, a dot and name; or what of them is not empty. */
static const char *join_name(struct making *making, const char *prefix,
                             const char *name)
{
    char *start = making->names;
    char *end = start;
    const size_t n = strlen(prefix);
    memcpy(end, prefix, n);
    end += n;
    if (n > 0 && name[0] != '\0')
        *end++ = '.';
    memcpy(end, name, strlen(name) + 1);
    making->names = end + strlen(name) + 1;
    return start;
}

static enum problem_code check_name(const char *name, const struct place *place,
                                    struct problem *problem)
{
    const struct place at = {place, field_name(FIELD_NAME), 0};
    if (strlen(name) <= SOW_MAX_NAME)
        return PROBLEM_NONE;
    return problem_set(problem, PROBLEM_BAD_FIELD, place_text(&at).text,
                       "With it the tensor '%s' has a name of %zu bytes; the "
                       "most is %d.",
                       utf8_quote(name).text, strlen(name), SOW_MAX_NAME);
}

static enum sow_status make_tensor(void *argument,
                                   const struct sow_layer_tensor *tensor,
                                   struct sow_error *error)
{
    struct visit *visit = argument;
    struct making *making = visit->making;
    struct sow_tensor *out = &making->model->tensors[making->next];
    const char *name = join_name(making, visit->prefix, tensor->name);
    (void)error;
    visit->code = check_name(name, visit->layer.place, making->problem);
    if (visit->code == PROBLEM_NONE)
        visit->code =
            part_typed(&visit->layer, name, tensor, out, making->problem);
    making->next++;
    return visit->code == PROBLEM_NONE ? SOW_OK : SOW_STOPPED;
}

/* Put a layer whose tensors begin with 'first' on the stack. */
static enum problem_code stack_up(struct making *making,
                                  const struct visit *visit,
                                  const struct sow_layer *layer, size_t first)
{
    const struct spec_stack_layer made = {
        layer, visit->layer.draft, visit->layer.place, making->model,
        first, &making->next,      &making->names};
    if (!making->stack)
        return PROBLEM_NONE;
    const enum problem_code code =
        spec_stack_add(making->stack, making->root, &made, making->problem);
    if (code != PROBLEM_NONE || making->next <= making->limits->max_layers)
        return code;
    return measure_refuse_limit(making->limits, "There are too many tensors",
                                visit->layer.place, making->problem);
}

/* Make the tensors of a layer; 'draft' has what its entry says. */
static enum problem_code make_layer(struct making *making,
                                    const struct sow_layer *layer,
                                    const struct draft *draft,
                                    const char *prefix,
                                    const struct place *place)
{
    struct visit visit = {
        making,
        {draft, making->request, making->profile, place, 0, false, false},
        prefix,
        PROBLEM_NONE};
    struct measure measure = {0};
    struct sow_error error;
    enum problem_code code = PROBLEM_NONE;
    if (draft_has(draft, FIELD_SCHEME) || draft_has(draft, FIELD_BIAS))
        code = measure_layer(making->limits, layer, place, &measure,
                             making->problem);
    if (code != PROBLEM_NONE)
        return code;
    visit.layer.parts = measure.parts;
    const size_t first = making->next;
    const size_t left = making->model->count - making->next;
    if (sow_layer_visit(layer, left, make_tensor, &visit, &error) != SOW_OK)
        return visit.code != PROBLEM_NONE
                   ? visit.code
                   : measure_refuse(making->limits, layer, &error, place,
                                    making->problem);
    code = part_finish(&visit.layer, making->problem);
    return code != PROBLEM_NONE ? code : stack_up(making, &visit, layer, first);
}

/* A type says where fans are, and which tensors there are. */
static enum problem_code check_typed(const struct draft *draft,
                                     const struct place *place,
                                     struct problem *problem)
{
    static const enum field_id others[] = {FIELD_SHAPE,      FIELD_LAYOUT,
                                           FIELD_IN_AXES,    FIELD_OUT_AXES,
                                           FIELD_BATCH_AXES, FIELD_SLICE};
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        const struct place at = {place, field_name(others[i]), 0};
        if (draft_has(draft, others[i]))
            return problem_set(problem, PROBLEM_BAD_FIELD, place_text(&at).text,
                               "'%s' and 'type' exclude each other: leave one "
                               "of them out.",
                               at.key);
    }
    if (!draft->layout_given || draft->spec.layout == draft->type->layout)
        return PROBLEM_NONE;
    return problem_set(problem, PROBLEM_BAD_FIELD, place_text(place).text,
                       "Type '%s' is laid out as in %s: leave the request's "
                       "layout or axes out, or put them beside the shapes.",
                       draft->type->name, sow_layout_name(draft->type->layout));
}

static enum problem_code make_typed(struct making *making, json_t *json,
                                    const struct draft *draft,
                                    const char *prefix,
                                    const struct place *place)
{
    struct sow_layer layer;
    enum problem_code code = check_typed(draft, place, making->problem);
    if (code == PROBLEM_NONE)
        code = measure_type(&layer, json, place, making->problem);
    if (code == PROBLEM_NONE)
        code = make_layer(making, &layer, draft, prefix, place);
    return code;
}

static enum problem_code make_config(struct making *making,
                                     const struct sow_layer *layer)
{
    struct draft draft;
    draft_init_layer(&draft, making->request);
    draft.type = layer->type;
    const enum problem_code code =
        check_typed(&draft, &at_config, making->problem);
    if (code != PROBLEM_NONE)
        return code;
    return make_layer(making, layer, &draft, "", &at_config);
}

static enum problem_code make_plain(struct making *making,
                                    const struct draft *draft, const char *name,
                                    const struct place *place)
{
    const struct part_layer layer = {
        draft, making->request, making->profile, place, 0, false, false};
    const struct place at = {place, field_name(FIELD_BIAS), 0};
    if (draft_has(draft, FIELD_BIAS))
        return problem_set(making->problem, PROBLEM_BAD_FIELD,
                           place_text(&at).text,
                           "'bias' belongs to a layer with a 'type'; one with "
                           "a 'shape' is a single tensor.");
    struct sow_tensor *out = &making->model->tensors[making->next++];
    return part_plain(&layer, join_name(making, name, ""), out,
                      making->problem);
}

static enum problem_code make_entry(struct making *making, json_t *json,
                                    size_t i)
{
    const struct place place = {&measure_at_layers, NULL, i};
    const struct value value = {NULL, json, &place};
    char index[INDEX_MAX];
    struct draft draft;
    if (!json_is_object(json))
        return value_refuse(&value, "an array of objects", making->problem);
    draft_init_layer(&draft, making->request);
    const enum problem_code code =
        fields_read_object(&draft, SCOPE_LAYER, json, &place, making->problem);
    if (code != PROBLEM_NONE)
        return code;
    making->model->ordered |= !draft.name;
    snprintf(index, sizeof(index), "%zu", i);
    const char *name = draft.name ? draft.name : index;
    return draft.type ? make_typed(making, json, &draft, name, &place)
                      : make_plain(making, &draft, name, &place);
}

static enum problem_code make_entries(struct making *making,
                                      const json_t *layers)
{
    size_t i;
    json_t *json;
    json_array_foreach(layers, i, json)
    {
        const enum problem_code code = make_entry(making, json, i);
        if (code != PROBLEM_NONE)
            return code;
    }
    return PROBLEM_NONE;
}

/* ------------------------------------------------------------------------
 * The whole
 */

static enum problem_code check_names(const struct making *making,
                                     const json_t *layers)
{
    size_t duplicate;
    const enum problem_code code =
        model_check_names(making->model, &duplicate, making->problem);
    if (code != PROBLEM_DUPLICATE_NAME)
        return code;
    const size_t entry = making->stack
                             ? stack_entry(making->stack, duplicate)
                             : measure_find(making->limits, layers, duplicate);
    const struct place layer = {&measure_at_layers, NULL, entry};
    const struct place at = {&layer, field_name(FIELD_NAME), 0};
    const char *name = making->model->tensors[duplicate].spec.name;
    return problem_set(making->problem, PROBLEM_DUPLICATE_NAME,
                       place_text(layers ? &at : &at_config).text,
                       "Two tensors are called '%s'; one without a name is "
                       "called by its position in 'layers'.",
                       utf8_quote(name).text);
}

/* Make what was counted: the entries of 'layers', or when NULL 'config'. */
static enum problem_code fill(struct making *making, const json_t *layers,
                              const struct sow_layer *config)
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

/* Make a model of so many tensors. */
static enum problem_code
make(const struct making *plan, const struct measure *measure,
     const json_t *layers, const struct sow_layer *config, struct model *model)
{
    struct making making = *plan;
    struct model made;
    if (measure->tensors == 0)
        return problem_set(
            plan->problem, PROBLEM_BAD_FIELD,
            place_text(layers ? &measure_at_layers : &at_config).text,
            "There is not one tensor in it.");
    const struct measure most = spec_stack_room(plan->stack, measure);
    enum problem_code code =
        model_init(&made, most.tensors, most.names, plan->problem);
    if (code != PROBLEM_NONE)
        return code;
    making.model = &made;
    code = fill(&making, layers, config);
    if (code != PROBLEM_NONE) {
        model_release(&made);
        return code;
    }
    made.stack = plan->stack;
    *model = made;
    return PROBLEM_NONE;
}

/* With the profile, if there is one. */
static enum problem_code
make_profiled(const struct making *plan, json_t *profile,
              const struct measure *measure, const json_t *layers,
              const struct sow_layer *config, struct model *model)
{
    struct making making = *plan;
    struct profile read;
    struct sow_scope scope;
    if (!profile)
        return make(plan, measure, layers, config, model);
    if (!layers)
        scope = sow_layer_scope(config);
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
    json_t *config = json_object_get(plan->root, at_config.key);
    json_t *profile = json_object_get(plan->root, field_name(FIELD_PROFILE));
    struct measure measure = {0};
    struct sow_layer layer;
    enum problem_code code;
    if (layers)
        code = measure_layers(plan->limits, layers, &measure, plan->problem);
    else
        code = type_read_config(&layer, config, &at_config, plan->problem);
    if (code == PROBLEM_NONE && !layers)
        code = measure_layer(plan->limits, &layer, &at_config, &measure,
                             plan->problem);
    if (code != PROBLEM_NONE)
        return code;
    return make_profiled(plan, profile, &measure, layers, &layer, model);
}

enum problem_code layers_read(const struct api_limits *limits,
                              const struct draft *request, json_t *root,
                              struct model *model, struct problem *problem)
{
    struct making plan = {limits, request, NULL, NULL, 0,
                          NULL,   problem, root, NULL};
    enum problem_code code =
        check_source(json_object_get(root, measure_at_layers.key),
                     json_object_get(root, at_config.key), problem);
    if (code == PROBLEM_NONE)
        code = spec_stack_read(root, request, &plan.stack, problem);
    if (code == PROBLEM_NONE)
        code = read_all(&plan, model);
    if (code != PROBLEM_NONE)
        stack_free(plan.stack);
    return code;
}
