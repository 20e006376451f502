/* SPDX-License-Identifier: MIT */
/* What constructors draw. */
#include "spec_draws.h"

#include "blame.h"
#include "fields.h"
#include "keys.h"
#include "utf8.h"

#include <stdio.h>
#include <string.h>

/* ------------------------------------------------------------------------
 * The constructor
 */

/* The tensor of a draw, at the tape's end; nobody asks for its name. */
static enum problem_code make(const struct draws *draws,
                              const struct sow_layer_tensor *drawn,
                              struct sow_tensor *tensor)
{
    struct sow_spec spec = draws->draft->spec;
    struct sow_error error;

    spec.name = "";
    spec.origin = draws->tape->next;
    spec.shape = drawn->shape;
    spec.layout = drawn->layout;
    spec.axes = drawn->axes;
    spec.scheme = drawn->scheme;
    spec.multiplier = drawn->multiplier;
    if (sow_tensor_init(tensor, &spec, &error) == SOW_OK)
        return PROBLEM_NONE;
    return blame_error(&error, draws->place, drawn->name, draws->problem);
}

static enum problem_code remember(struct draws *draws, const char *name,
                                  const struct sow_spec *spec)
{
    struct named_value *value = names_at(&draws->drawn, name, strlen(name));

    if (!value)
        return problem_no_memory(draws->problem);
    value->origin = spec->origin;
    value->scheme = spec->scheme;
    return PROBLEM_NONE;
}

/* The tensor called 'name' is the one called 'from' once more. */
static enum problem_code copy(struct draws *draws, const char *name,
                              const char *from)
{
    const struct named_value *known =
        names_find(&draws->drawn, from, strlen(from));
    struct sow_spec spec = {0};

    if (!known)
        return PROBLEM_NONE;
    spec.origin = known->origin;
    spec.scheme = known->scheme;
    return remember(draws, name, &spec);
}

/* Give a parameter the key that is due now. */
static enum problem_code draw_by_key(struct draws *draws,
                                     const struct sow_layer_draw *drawn)
{
    const char *name = drawn->tensor->name;
    struct sow_spec spec = {.scheme = drawn->tensor->scheme};
    char full[2 * SOW_MAX_NAME + 2];

    if (drawn->use != SOW_DRAW_KEPT)
        return PROBLEM_NONE;
    snprintf(full, sizeof full, "%s%s%s", draws->prefix,
             draws->prefix[0] ? "." : "", name);
    if (strlen(full) > SOW_MAX_NAME)
        return problem_set(draws->problem, PROBLEM_BAD_FIELD,
                           place_text(draws->place).text,
                           "With it the tensor '%s' has a name of %zu bytes; "
                           "the most is %d.",
                           utf8_quote(full).text, strlen(full), SOW_MAX_NAME);
    if (tape_count(draws->tape, draws->place, draws->problem) != PROBLEM_NONE ||
        keys_place(draws->tape, draws->draft, full, draws->place, &spec.origin,
                   draws->problem) != PROBLEM_NONE)
        return draws->problem->code;
    return remember(draws, name, &spec);
}

static enum problem_code draw(struct draws *draws,
                              const struct sow_layer_draw *drawn)
{
    const char *name = drawn->tensor->name;
    struct sow_tensor tensor;

    if (!draws->tape->generator->sequential)
        return draw_by_key(draws, drawn);
    if (drawn->use == SOW_DRAW_COPIED)
        return copy(draws, name, drawn->from);
    if (make(draws, drawn->tensor, &tensor) != PROBLEM_NONE)
        return draws->problem->code;
    if (drawn->use == SOW_DRAW_KEPT &&
        remember(draws, name, &tensor.spec) != PROBLEM_NONE)
        return draws->problem->code;
    return tape_pass(draws->tape, &tensor, draws->place, draws->problem);
}

/* A visit, and how it went. */
struct visit {
    struct draws *draws;
    enum problem_code code;
};

static enum sow_status visit_draw(void *argument,
                                  const struct sow_layer_draw *drawn,
                                  struct sow_error *error)
{
    struct visit *visit = argument;

    (void)error;
    visit->code = draw(visit->draws, drawn);
    return visit->code == PROBLEM_NONE ? SOW_OK : SOW_STOPPED;
}

enum problem_code draws_begin(struct draws *draws,
                              const struct sow_layer *layer)
{
    const struct place at = {draws->place, field_name(FIELD_TYPE), 0};
    struct tape *tape = draws->tape;
    const uint64_t left = tape->most - tape->draws;
    const int beside = keys_beside(tape, layer);
    struct visit visit = {draws, PROBLEM_NONE};
    struct sow_error error;

    if (beside < 0)
        return PROBLEM_NONE;
    if (sow_layer_draws(layer, left < SIZE_MAX ? (size_t)left : SIZE_MAX,
                        visit_draw, &visit, &error) == SOW_OK) {
        tape->parameters += (uint32_t)beside;
        return PROBLEM_NONE;
    }
    if (visit.code != PROBLEM_NONE)
        return visit.code;
    if (strcmp(error.at, "layers") == 0)
        return tape_refuse_most(tape, draws->place, draws->problem);
    return blame_error(&error, &at, NULL, draws->problem);
}

void draws_release(struct draws *draws)
{
    names_release(&draws->drawn);
}

/* ------------------------------------------------------------------------
 * The tensors
 */

void draws_place(const struct draws *draws, const struct sow_layer_tensor *part,
                 bool again, struct sow_spec *spec)
{
    const bool keys = !draws->tape->generator->sequential;
    const struct named_value *value = NULL;

    if (!again || keys)
        value = names_find(&draws->drawn, part->name, strlen(part->name));
    spec->origin = value ? value->origin : draws->tape->next;
    if (value && !again)
        spec->scheme = value->scheme;
}

/* Does making it take steps of the sequence? */
static bool takes_steps(const struct sow_tensor *tensor)
{
    const struct sow_origin next = sow_origin_next(tensor, NULL);

    return sow_tensor_is_turn(tensor) || next.at != tensor->spec.origin.at;
}

enum problem_code draws_pass(struct draws *draws,
                             const struct sow_layer_tensor *part, bool again,
                             const struct sow_tensor *tensor)
{
    const bool sequential = draws->tape->generator->sequential;

    if (sequential && again)
        return tape_pass(draws->tape, tensor, draws->place, draws->problem);
    if (!sequential || !takes_steps(tensor) ||
        names_find(&draws->drawn, part->name, strlen(part->name)))
        return PROBLEM_NONE;
    return problem_set(draws->problem, PROBLEM_BAD_GENERATOR,
                       place_text(draws->place).text,
                       "When the constructor of this type draws '%s' isn't "
                       "known: give the layer a 'scheme', or its tensors by "
                       "their shapes.",
                       utf8_quote(part->name).text);
}
