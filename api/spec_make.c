/* SPDX-License-Identifier: MIT */
/* The tensors of a request, one by one. */
#include "spec_make.h"
#include "fields.h"
#include "spec_draws.h"
#include "spec_measure.h"
#include "spec_part.h"
#include "spec_stack.h"
#include "spec_type.h"
#include "utf8.h"
#include "count.h"

#include <stdio.h>
#include <string.h>

const struct place make_at_config = {&place_document, "config", 0};

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
    if (making->discarded)
        return name;
    const size_t n = strlen(prefix);
    memcpy(end, prefix, n);
    end += n;
    if (n > 0 && name[0] != '\0')
        *end++ = '.';
    memcpy(end, name, strlen(name) + 1);
    making->names = end + strlen(name) + 1;
    return start;
}

/* Where the next tensor goes. */
static struct sow_tensor *take_next(struct making *making)
{
    if (making->discarded)
        return making->discarded;
    return &making->model->tensors[making->next++];
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
    struct sow_tensor *out = take_next(making);
    const char *name = join_name(making, visit->prefix, tensor->name);
    (void)error;
    visit->code = check_name(name, visit->layer.place, making->problem);
    if (visit->code == PROBLEM_NONE)
        visit->code =
            part_typed(&visit->layer, name, tensor, out, making->problem);
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

/*
 * Make the tensors of a layer; 'draft' has what its entry says, and 'draws',
 * but for sow1, what its constructor draws.
 */
static enum problem_code make_tensors(struct making *making, struct kind *kind,
                                      const struct draft *draft,
                                      const char *prefix,
                                      const struct place *place,
                                      struct draws *draws)
{
    struct visit visit = {making,
                          {draft, making->request, making->profile, place, 0,
                           false, false, draws},
                          prefix,
                          PROBLEM_NONE};
    struct measure measure = {0};
    struct sow_error error;
    enum problem_code code = PROBLEM_NONE;
    if (draft_has(draft, FIELD_SCHEME) || draft_has(draft, FIELD_BIAS))
        code = measure_layer(making->limits, kind, place, &measure,
                             making->problem);
    if (code != PROBLEM_NONE)
        return code;
    visit.layer.parts = measure.parts;
    const size_t first = making->next;
    const size_t left = making->discarded ? making->limits->max_layers
                                          : making->model->count - making->next;
    if (kind_visit(kind, left, make_tensor, &visit, &error) != SOW_OK)
        return visit.code != PROBLEM_NONE
                   ? visit.code
                   : measure_refuse(making->limits, &kind->layer, &error, place,
                                    making->problem);
    code = part_finish(&visit.layer, making->problem);
    return code != PROBLEM_NONE ? code
                                : stack_up(making, &visit, &kind->layer, first);
}

static enum problem_code make_layer(struct making *making, struct kind *kind,
                                    const struct draft *draft,
                                    const char *prefix,
                                    const struct place *place)
{
    struct draws draws = {.tape = making->tape,
                          .draft = draft,
                          .prefix = prefix,
                          .place = place,
                          .problem = making->problem};
    if (!making->tape)
        return make_tensors(making, kind, draft, prefix, place, NULL);
    enum problem_code code =
        spec_tape_check_type(making->tape, draft, place, making->problem);
    if (code == PROBLEM_NONE)
        code = draws_begin(&draws, &kind->layer);
    if (code == PROBLEM_NONE)
        code = make_tensors(making, kind, draft, prefix, place, &draws);
    draws_release(&draws);
    return code;
}

/* A type says where fans are, and which tensors there are. */
static enum problem_code check_typed(const struct draft *draft,
                                     const struct place *place,
                                     struct problem *problem)
{
    static const enum field_id others[] = {FIELD_SHAPE,      FIELD_LAYOUT,
                                           FIELD_IN_AXES,    FIELD_OUT_AXES,
                                           FIELD_BATCH_AXES, FIELD_SLICE};
    for (size_t i = 0; i < COUNT(others); i++) {
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
    struct kind *kind;
    enum problem_code code = check_typed(draft, place, making->problem);
    if (code == PROBLEM_NONE)
        code = measure_type(making->kinds, json, place, &kind, making->problem);
    if (code == PROBLEM_NONE)
        code = make_layer(making, kind, draft, prefix, place);
    return code;
}

enum problem_code make_config(struct making *making, struct kind *config)
{
    struct draft draft;
    draft_init_layer(&draft, making->request);
    draft.type = config->layer.type;
    if (making->tape)
        draft.spec.seed = making->tape->next.start->seed;
    const enum problem_code code =
        check_typed(&draft, &make_at_config, making->problem);
    if (code != PROBLEM_NONE)
        return code;
    return make_layer(making, config, &draft, "", &make_at_config);
}

static enum problem_code make_plain(struct making *making, struct draft *draft,
                                    const char *name, const struct place *place)
{
    const struct part_layer layer = {
        draft, making->request, making->profile, place, 0, false, false, NULL};
    const struct place at = {place, field_name(FIELD_BIAS), 0};
    if (draft_has(draft, FIELD_BIAS))
        return problem_set(making->problem, PROBLEM_BAD_FIELD,
                           place_text(&at).text,
                           "'bias' belongs to a layer with a 'type'; one with "
                           "a 'shape' is a single tensor.");
    struct sow_tensor *out = take_next(making);
    const char *full = join_name(making, name, "");
    enum problem_code code =
        spec_tape_place(making->tape, draft, full, place, making->problem);
    if (code == PROBLEM_NONE)
        code = part_plain(&layer, full, out, making->problem);
    if (code == PROBLEM_NONE)
        code = spec_tape_pass(making->tape, out, place, making->problem);
    return code;
}

/* Make what 'json' says, which is entry 'i' or what that discards. */
static enum problem_code make_described(struct making *making, json_t *json,
                                        const struct place *place, size_t i)
{
    char index[INDEX_MAX];
    struct draft draft;
    draft_init_layer(&draft, making->request);
    enum problem_code code =
        fields_read_object(&draft, SCOPE_LAYER, json, place, making->problem);
    if (code == PROBLEM_NONE)
        code = spec_tape_check(making->tape, making->request, &draft, place,
                               making->problem);
    if (code != PROBLEM_NONE)
        return code;
    if (!draft.name)
        snprintf(index, sizeof(index), "%zu", i);
    making->model->ordered |= !draft.name && !making->discarded;
    const char *name = draft.name ? draft.name : index;
    return draft.type ? make_typed(making, json, &draft, name, place)
                      : make_plain(making, &draft, name, place);
}

/* Draw a tensor or a layer that nobody gets. */
static enum problem_code make_discarded(struct making *making, json_t *json,
                                        const struct place *place)
{
    const struct place at = {place, field_name(FIELD_DRAW), 0};
    const struct place name = {&at, field_name(FIELD_NAME), 0};
    struct sow_tensor tensor;
    if (json_object_get(json, name.key))
        return problem_set(making->problem, PROBLEM_BAD_GENERATOR,
                           place_text(&name).text,
                           "What is drawn and discarded has no name: leave it "
                           "out, or put it into an entry without 'draw'.");
    making->discarded = &tensor;
    const enum problem_code code = make_described(making, json, &at, 0);
    making->discarded = NULL;
    return code;
}

static enum problem_code make_step(struct making *making, json_t *json,
                                   const struct place *place)
{
    json_t *draw;
    const enum problem_code code =
        spec_tape_step(making->tape, json, place, &draw, making->problem);
    return code != PROBLEM_NONE || !draw ? code
                                         : make_discarded(making, draw, place);
}

static enum problem_code make_entry(struct making *making, json_t *json,
                                    size_t i)
{
    const struct place place = {&measure_at_layers, NULL, i};
    const struct value value = {NULL, json, &place};
    if (!json_is_object(json))
        return value_refuse(&value, "an array of objects", making->problem);
    if (making->tape && making->tape->generator->sequential &&
        spec_tape_is_step(json))
        return make_step(making, json, &place);
    return make_described(making, json, &place, i);
}

enum problem_code make_entries(struct making *making, const json_t *layers)
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
