/* SPDX-License-Identifier: MIT */
/* The state after all draws. */
#include "final.h"

#include "exchange.h"
#include "recipe.h"
#include "state_json.h"
#include "tape.h"

#include <stdlib.h>

/* As many bytes of tensors as a thread makes while it gets to a state. */
#define COST 65536

static enum problem_code refuse_format(struct problem *problem)
{
    return problem_set(problem, PROBLEM_BAD_GENERATOR, "final_state",
                       "'final_state' is a member of an answer in JSON: ask "
                       "for format=json or format=manifest, or leave it out.");
}

enum problem_code final_begin(struct api_exchange *exchange,
                              struct problem *problem)
{
    struct weights *weights = &exchange->weights;
    struct final *final = &weights->final;
    const struct tape *tape = weights->model.tape;
    struct sow_error error;

    if (!weights->options.final_state || !tape)
        return PROBLEM_NONE;
    if (weights->format->sized)
        return refuse_format(problem);
    if (tape_end(tape, &final->end, &error) != SOW_OK)
        return problem_set(problem, PROBLEM_BAD_GENERATOR, "final_state",
                           "%s: %s.", error.at, error.text);
    final->bytes = malloc(sow_state_size(tape->generator));
    if (!final->bytes)
        return problem_no_memory(problem);
    final->wanted = true;
    return PROBLEM_NONE;
}

enum problem_code final_name(const struct weights *weights,
                             uint8_t key[SOW_DIGEST_BYTES],
                             struct problem *problem)
{
    return recipe_tensor_digest(&weights->final.end, key, problem);
}

uint64_t final_cost(const struct weights *weights)
{
    return weights->final.wanted && !weights->final.known ? COST : 0;
}

bool final_run(struct api_exchange *exchange, bool (*stop)(void *argument),
               void *argument)
{
    struct final *final = &exchange->weights.final;
    const struct wholes_maker maker = {exchange->api->engine, &final->end, stop,
                                       argument};

    if (!final->wanted)
        return true;
    if (final->whole && !final->end.whole)
        final->end.whole =
            wholes_join(exchange->api->wholes, final->whole, &maker);
    if (final->whole && !final->end.whole)
        return false;
    final->known = sow_state_write(exchange->api->engine, &final->end,
                                   final->bytes) == SOW_OK;
    return final->known;
}

void final_put(struct text *text, const struct weights *weights)
{
    if (!weights->final.known)
        return;
    text_put(text, ",\"state\":");
    state_put(text, weights->model.generator, weights->final.bytes);
}

void final_release(struct weights *weights)
{
    free(weights->final.bytes);
    weights->final.bytes = NULL;
}
