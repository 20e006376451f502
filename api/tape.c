/* SPDX-License-Identifier: MIT */
/* The tape: starts and turns, and where the next draw begins. */
#include "tape.h"

#include "blame.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct tape_start {
    struct sow_start start;
    struct tape_start *before;
};

struct tape_turn {
    struct sow_turn turn;
    struct tape_turn *before;
};

struct tape *tape_new(const struct sow_generator *generator, uint64_t most)
{
    struct tape *tape = calloc(1, sizeof *tape);

    if (!tape)
        return NULL;
    tape->generator = generator;
    tape->most = most;
    tape->bytes = sizeof *tape;
    return tape;
}

static void free_starts(struct tape_start *last)
{
    while (last) {
        struct tape_start *before = last->before;
        free(last);
        last = before;
    }
}

static void free_turns(struct tape_turn *last)
{
    while (last) {
        struct tape_turn *before = last->before;
        free(last);
        last = before;
    }
}

void tape_free(struct tape *tape)
{
    if (!tape)
        return;
    free_starts(tape->starts);
    free_turns(tape->turns);
    names_release(&tape->scopes);
    free(tape);
}

/* ------------------------------------------------------------------------
 * Starting
 */

/* Go on from 'made', which 'status' says is set. */
static enum problem_code start(struct tape *tape, struct tape_start *made,
                               enum sow_status status,
                               const struct sow_error *error,
                               const struct place *place,
                               struct problem *problem)
{
    if (status != SOW_OK) {
        free(made);
        return blame_error(error, place, NULL, problem);
    }
    made->before = tape->starts;
    tape->starts = made;
    tape->bytes += sizeof *made;
    tape->next = sow_origin_begin(&made->start);
    return PROBLEM_NONE;
}

enum problem_code tape_seed(struct tape *tape, uint64_t seed,
                            const struct place *place, struct problem *problem)
{
    struct tape_start *made = malloc(sizeof *made);
    struct sow_error error;

    if (!made)
        return problem_no_memory(problem);
    enum sow_status status =
        sow_start_seed(&made->start, tape->generator, seed, &error);
    return start(tape, made, status, &error, place, problem);
}

enum problem_code tape_state(struct tape *tape, const uint8_t *bytes,
                             const struct place *place, struct problem *problem)
{
    struct tape_start *made = malloc(sizeof *made);
    struct sow_error error;

    if (!made)
        return problem_no_memory(problem);
    enum sow_status status =
        sow_start_state(&made->start, tape->generator, bytes, &error);
    return start(tape, made, status, &error, place, problem);
}

void tape_remember(struct tape *tape, const struct sow_memory *memory)
{
    if (!tape)
        return;
    for (struct tape_start *at = tape->starts; at; at = at->before)
        at->start.memory = memory;
}

/* ------------------------------------------------------------------------
 * Drawing
 */

enum problem_code tape_count(struct tape *tape, const struct place *place,
                             struct problem *problem)
{
    return tape->draws++ < tape->most ? PROBLEM_NONE
                                      : tape_refuse_most(tape, place, problem);
}

enum problem_code tape_refuse_most(const struct tape *tape,
                                   const struct place *place,
                                   struct problem *problem)
{
    return problem_set(problem, PROBLEM_TOO_MANY_LAYERS, place_text(place).text,
                       "With this one there are more draws than the limit "
                       "max_layers, %" PRIu64 " (option --max-layers): pass "
                       "over what is discarded with {\"skip\": steps}.",
                       tape->most);
}

/*
 * Keep a turn: the whole tensor, and nothing of it that may be freed before
 * the tape is.
 */
static enum problem_code add_turn(struct tape *tape,
                                  const struct sow_tensor *tensor,
                                  struct problem *problem)
{
    struct tape_turn *made = malloc(sizeof *made);
    struct sow_spec spec = tensor->spec;
    struct sow_tensor whole;
    struct sow_error error;

    spec.name = "";
    if (!made)
        return problem_no_memory(problem);
    if (sow_tensor_init(&whole, &spec, &error) != SOW_OK) {
        free(made);
        return blame_error(&error, &place_document, NULL, problem);
    }
    sow_turn_init(&made->turn, &whole);
    made->before = tape->turns;
    tape->turns = made;
    tape->bytes += sizeof *made;
    return PROBLEM_NONE;
}

enum problem_code tape_pass(struct tape *tape, const struct sow_tensor *tensor,
                            const struct place *place, struct problem *problem)
{
    const bool turn = sow_tensor_is_turn(tensor);

    if (tape_count(tape, place, problem) != PROBLEM_NONE ||
        (turn && add_turn(tape, tensor, problem) != PROBLEM_NONE))
        return problem->code;
    tape->next = sow_origin_next(tensor, turn ? &tape->turns->turn : NULL);
    return PROBLEM_NONE;
}

enum problem_code tape_skip(struct tape *tape, uint64_t steps,
                            const struct place *place, struct problem *problem)
{
    if (sow_origin_skip(&tape->next, steps) == SOW_OK)
        return PROBLEM_NONE;
    return problem_set(problem, PROBLEM_BAD_PARAMETER, place_text(place).text,
                       "'skip' leads past 2^44 steps of the generator, which "
                       "is as far as can be reached: start nearer, from a "
                       "'state'.");
}

enum sow_status tape_end(const struct tape *tape, struct sow_tensor *tensor,
                         struct sow_error *error)
{
    struct sow_spec spec = {
        .name = "", .origin = tape->next, .shape = {1, {0}}, .multiplier = 1};

    spec.seed = tape->next.start->seed;
    sow_scheme_init(&spec.scheme, sow_scheme_find("zeros"));
    return sow_tensor_init(tensor, &spec, error);
}
