/* SPDX-License-Identifier: MIT */
/* From fields to a tape. */
#include "spec_tape.h"

#include "fields.h"
#include "keys.h"
#include "state_json.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* ------------------------------------------------------------------------
 * The start
 */

static enum problem_code refuse(const struct place *place, enum field_id field,
                                const char *why, struct problem *problem)
{
    const struct place at = {place, field_name(field), 0};

    return problem_set(problem, PROBLEM_BAD_GENERATOR, place_text(&at).text,
                       "'%s' %s", field_name(field), why);
}

enum problem_code spec_tape_check_seed(const struct draft *draft,
                                       const struct place *place,
                                       struct problem *problem)
{
    const struct place at = {place, field_name(FIELD_SEED), 0};
    char digits[24];

    if (!draft_has(draft, FIELD_SEED) ||
        value_seed_fits(draft->generator, draft->spec.seed, draft->negative))
        return PROBLEM_NONE;
    snprintf(digits, sizeof digits, draft->negative ? "%" PRId64 : "%" PRIu64,
             draft->spec.seed);
    const struct value value = {digits, NULL, &at};
    return value_refuse_seed(&value, draft->generator, problem);
}

/* What only some generators take. */
static enum problem_code check_fields(const struct draft *request,
                                      const struct place *root,
                                      struct problem *problem)
{
    const struct sow_generator *generator = request->generator;
    const bool states = sow_state_size(generator) > 0;

    if (spec_tape_check_seed(request, root, problem))
        return problem->code;
    if (draft_has(request, FIELD_STATE) && !states)
        return refuse(root, FIELD_STATE,
                      "is for a 'generator' that has states, such as torch; "
                      "this one starts from a 'seed'.",
                      problem);
    if (request->options.final_state && !states)
        return refuse(root, FIELD_FINAL_STATE,
                      "is for a 'generator' that has states, such as torch: "
                      "leave it out.",
                      problem);
    if (draft_has(request, FIELD_KEY) &&
        (generator->sequential || !generator->drawing))
        return refuse(root, FIELD_KEY,
                      "is for a 'generator' with keys, such as jax: leave it "
                      "out.",
                      problem);
    if (draft_has(request, FIELD_STATE) && draft_has(request, FIELD_SEED))
        return refuse(root, FIELD_STATE,
                      "and 'seed' exclude each other: leave one of them out.",
                      problem);
    return PROBLEM_NONE;
}

static enum problem_code start(struct tape *tape, const struct draft *request,
                               const struct place *root,
                               struct problem *problem)
{
    const struct place state = {root, field_name(FIELD_STATE), 0};
    const struct place seed = {root, field_name(FIELD_SEED), 0};
    const struct value value = {NULL, request->state, &state};
    uint8_t bytes[STATE_BYTES];

    if (!request->state)
        return tape_seed(tape, request->spec.seed, &seed, problem);
    if (state_read(tape->generator, &value, bytes, problem) != PROBLEM_NONE)
        return problem->code;
    return tape_state(tape, bytes, &state, problem);
}

enum problem_code spec_tape_open(const struct api_limits *limits,
                                 const struct draft *request,
                                 const struct place *root, struct tape **tape,
                                 struct problem *problem)
{
    *tape = NULL;
    if (check_fields(request, root, problem) != PROBLEM_NONE)
        return problem->code;
    if (!request->generator->drawing)
        return PROBLEM_NONE;
    struct tape *made = tape_new(request->generator, limits->max_layers);
    if (!made)
        return problem_no_memory(problem);
    if (start(made, request, root, problem) != PROBLEM_NONE) {
        tape_free(made);
        return problem->code;
    }
    *tape = made;
    return PROBLEM_NONE;
}

/* ------------------------------------------------------------------------
 * Entries
 */

static enum problem_code check_own(const struct tape *tape,
                                   const struct draft *draft,
                                   const struct place *place,
                                   struct problem *problem)
{
    const bool keys = tape && !tape->generator->sequential;

    if (draft_has(draft, FIELD_KEY) && !keys)
        return refuse(place, FIELD_KEY,
                      "is for a 'generator' with keys, such as jax: leave it "
                      "out.",
                      problem);
    if (spec_tape_check_seed(draft, place, problem))
        return problem->code;
    if (draft_has(draft, FIELD_SEED) && tape && !keys)
        return refuse(place, FIELD_SEED,
                      "can't be one tensor's, for the generator draws them in "
                      "sequence: an entry {\"seed\": n} of its own seeds all "
                      "that come after it.",
                      problem);
    return PROBLEM_NONE;
}

enum problem_code spec_tape_check(const struct tape *tape,
                                  const struct draft *request,
                                  struct draft *draft,
                                  const struct place *place,
                                  struct problem *problem)
{
    if (draft->generator != request->generator)
        return refuse(place, FIELD_GENERATOR,
                      "is one for the whole request: put it at the top of the "
                      "body, or leave it out here.",
                      problem);
    if (draft->given && check_own(tape, draft, place, problem) != PROBLEM_NONE)
        return problem->code;
    if (tape && !draft_has(draft, FIELD_SEED))
        draft->spec.seed = tape->next.start->seed;
    return PROBLEM_NONE;
}

/* Whose types each library's generators draw, by the names of both. */
static const struct {
    const char *generators;
    const char *libraries[2];
    const char *instead;
} drawn[] = {
    {"torch/", {"torch", "transformers"}, "torch"},
    {"flax/", {"flax", "flax"}, "flax"},
};

/* Some types draw by formulas that are the library's in float32 alone. */
static enum problem_code check_narrow(const struct draft *draft,
                                      const struct place *place,
                                      struct problem *problem)
{
    const struct place at = {place, field_name(FIELD_DTYPE), 0};

    if (!draft->type->narrow || draft->spec.dtype != SOW_FLOAT64)
        return PROBLEM_NONE;
    return problem_set(problem, PROBLEM_BAD_GENERATOR, place_text(&at).text,
                       "The standard deviations of '%s' come from libm's "
                       "pow(), so that float64 can't be exact: take float32, "
                       "bfloat16 or float16.",
                       draft->type->name);
}

enum problem_code spec_tape_check_type(const struct tape *tape,
                                       const struct draft *draft,
                                       const struct place *place,
                                       struct problem *problem)
{
    const struct place at = {place, field_name(FIELD_TYPE), 0};
    const struct sow_layer_type *type = draft->type;
    const char *name = tape->generator->name;

    for (size_t i = 0; i < sizeof drawn / sizeof drawn[0]; i++) {
        if (strncmp(name, drawn[i].generators, strlen(drawn[i].generators)))
            continue;
        if (!strcmp(type->library, drawn[i].libraries[0]) ||
            !strcmp(type->library, drawn[i].libraries[1]))
            return check_narrow(draft, place, problem);
        return problem_set(problem, PROBLEM_BAD_GENERATOR, place_text(&at).text,
                           "Type '%s' is %s's, and %s draws what %s's "
                           "constructors draw: choose a type of that library.",
                           type->name, type->library, name, drawn[i].instead);
    }
    return problem_set(problem, PROBLEM_BAD_GENERATOR, place_text(&at).text,
                       "%s draws tensors with a 'shape' and a 'scheme' only; "
                       "types are drawn by torch and flax.",
                       name);
}

bool spec_tape_has_default(const struct tape *tape, const json_t *profile)
{
    const char *name = json_string_value(profile);

    return tape && name && strcmp(name, "hf_default") == 0;
}

bool spec_tape_is_step(const json_t *json)
{
    return json_object_get(json, field_name(FIELD_SKIP)) ||
           json_object_get(json, field_name(FIELD_DRAW)) ||
           (json_object_size(json) == 1 &&
            json_object_get(json, field_name(FIELD_SEED)));
}

/* The field that the step is, which must be alone. */
static enum problem_code check_alone(json_t *json, const struct place *place,
                                     enum field_id *field,
                                     struct problem *problem)
{
    static const enum field_id steps[] = {FIELD_SKIP, FIELD_DRAW, FIELD_SEED};
    size_t i = 0;

    while (!json_object_get(json, field_name(steps[i])))
        i++;
    *field = steps[i];
    if (json_object_size(json) == 1)
        return PROBLEM_NONE;
    return refuse(place, *field,
                  "stands in an entry by itself: put what else there is into "
                  "an entry before it or after it.",
                  problem);
}

static enum problem_code reseed(struct tape *tape, const struct value *value,
                                struct problem *problem)
{
    uint64_t seed;
    bool negative;

    if (value_signed_seed(value, &seed, &negative, problem) != PROBLEM_NONE)
        return problem->code;
    if (!value_seed_fits(tape->generator, seed, negative))
        return value_refuse_seed(value, tape->generator, problem);
    if (tape_count(tape, value->place, problem) != PROBLEM_NONE)
        return problem->code;
    return tape_seed(tape, seed, value->place, problem);
}

enum problem_code spec_tape_step(struct tape *tape, json_t *json,
                                 const struct place *place, json_t **draw,
                                 struct problem *problem)
{
    enum field_id field;
    double steps;

    *draw = NULL;
    if (check_alone(json, place, &field, problem) != PROBLEM_NONE)
        return problem->code;
    const struct place at = {place, field_name(field), 0};
    const struct value value = {NULL, json_object_get(json, at.key), &at};
    if (field == FIELD_SEED)
        return reseed(tape, &value, problem);
    if (field == FIELD_DRAW && !json_is_object(value.json))
        return value_refuse(
            &value, "an object, an entry of 'layers' without a name", problem);
    if (field == FIELD_DRAW) {
        *draw = value.json;
        return PROBLEM_NONE;
    }
    if (value_count(&value, 0, &steps, problem) != PROBLEM_NONE)
        return problem->code;
    return tape_skip(tape, (uint64_t)steps, &at, problem);
}

/* ------------------------------------------------------------------------
 * Tensors
 */

enum problem_code spec_tape_place(struct tape *tape, struct draft *draft,
                                  const char *name, const struct place *place,
                                  struct problem *problem)
{
    if (!tape)
        return PROBLEM_NONE;
    if (!tape->generator->sequential)
        return keys_place(tape, draft, name, place, &draft->spec.origin,
                          problem);
    draft->spec.origin = tape->next;
    return PROBLEM_NONE;
}

enum problem_code spec_tape_pass(struct tape *tape,
                                 const struct sow_tensor *tensor,
                                 const struct place *place,
                                 struct problem *problem)
{
    if (!tape || !tape->generator->sequential)
        return PROBLEM_NONE;
    return tape_pass(tape, tensor, place, problem);
}
