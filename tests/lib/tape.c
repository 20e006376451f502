/* SPDX-License-Identifier: MIT */
/* Draws of a sequence. */
#include "tape.h"

#include <string.h>

#include "whole.h"

static const struct sow_generator *find(const char *name)
{
    const struct sow_generator *generator = sow_generator_find(name);

    if (generator == NULL)
        ck_abort_msg("there is no generator '%s'", name);
    return generator;
}

static void begin(struct tape *tape)
{
    tape->origin = sow_origin_begin(&tape->start);
    tape->count = 0;
}

void tape_seed(struct tape *tape, const char *generator, uint64_t seed)
{
    struct sow_error error;

    if (sow_start_seed(&tape->start, find(generator), seed, &error) != SOW_OK)
        ck_abort_msg("%s: %s", error.at, error.text);
    begin(tape);
}

void tape_load(struct tape *tape, const char *generator, const uint8_t *state)
{
    struct sow_error error;

    if (sow_start_state(&tape->start, find(generator), state, &error) != SOW_OK)
        ck_abort_msg("%s: %s", error.at, error.text);
    begin(tape);
}

struct sow_spec tape_spec(const struct tape *tape, const struct draw *draw)
{
    struct sow_spec spec =
        spec_make(draw->scheme, draw->dtype, SHAPE(draw->count));

    spec.origin = tape->origin;
    if (spec.scheme.info->parameter_count >= 2) {
        spec.scheme.values[0] = draw->a;
        spec.scheme.values[1] = draw->b;
    }
    return spec;
}

void tape_pass(struct tape *tape, const struct sow_tensor *tensor)
{
    struct sow_turn *turn = &tape->turns[tape->count];

    if (!sow_tensor_is_turn(tensor)) {
        tape->origin = sow_origin_next(tensor, NULL);
        return;
    }
    ck_assert_uint_lt(tape->count, TAPE_TURNS);
    sow_turn_init(turn, tensor);
    turn->tensor.whole = NULL;
    tape->count++;
    tape->origin = sow_origin_next(tensor, turn);
}

uint8_t *tape_draw(struct tape *tape, const struct sow_engine *engine,
                   const struct draw *draw, size_t *size)
{
    struct sow_spec spec = tape_spec(tape, draw);
    struct sow_tensor tensor = tensor_make(&spec);
    uint8_t *bytes = must_allocate((size_t)tensor.size + 1);

    whole_make(engine, &tensor, false);
    *size = (size_t)tensor.size;
    if (sow_tensor_read(engine, &tensor, 0, bytes, *size) != SOW_OK)
        ck_abort_msg("%s of %llu can't be read", draw->scheme,
                     (unsigned long long)draw->count);
    tape_pass(tape, &tensor);
    whole_free(&tensor);
    return bytes;
}

uint8_t *tape_state(const struct tape *tape, const struct sow_engine *engine,
                    size_t *size)
{
    const struct draw nothing = {"zeros", SOW_FLOAT32, 0, 0, 0};
    struct sow_spec spec = tape_spec(tape, &nothing);
    struct sow_tensor tensor = tensor_make(&spec);
    uint8_t *bytes;

    *size = sow_state_size(tape->start.generator);
    bytes = must_allocate(*size + 1);
    whole_make(engine, &tensor, false);
    ck_assert_int_eq(sow_state_write(engine, &tensor, bytes), SOW_OK);
    whole_free(&tensor);
    return bytes;
}
