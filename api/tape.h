/* SPDX-License-Identifier: MIT */
/*
 * The tape of a model: the draws of a library's generator, in order, while a
 * request is read.
 *
 * A generator that is sequential draws one tensor after another: 'next' is
 * where the next one begins, and tape_pass() moves on.  Of one with keys
 * 'next' has the root key, and keys.h makes those of tensors from it.  The
 * tape owns the starts and turns that the tensors' origins point at, so a
 * model has it for as long as it has tensors (spec.h).
 */
#ifndef TAPE_H
#define TAPE_H

#include "names.h"
#include "place.h"
#include "problems.h"
#include "sow.h"

struct tape_start;
struct tape_turn;

/*
 * 'draws' counts what has been drawn, at most 'most'; 'bytes' is about the
 * memory that all takes.  With keys, 'own' has the root of the last tensor
 * with a seed of its own; 'scopes' and 'parameters' count for Flax's keys.
 */
struct tape {
    const struct sow_generator *generator;
    struct sow_origin next, own;
    uint64_t draws, most;
    size_t bytes;
    struct tape_start *starts; /* owned */
    struct tape_turn *turns;   /* owned */
    struct names scopes;
    uint32_t parameters;
};

/*
 * A tape without a start, of at most 'most' draws; NULL when out of memory.
 * tape_free(NULL) is fine.
 */
struct tape *tape_new(const struct sow_generator *generator, uint64_t most);
void tape_free(struct tape *tape);

/*
 * Start, or start anew, from a seed or from a state as lib/generator.h has
 * it.  What the library would not take is refused at 'place'.
 */
enum problem_code tape_seed(struct tape *tape, uint64_t seed,
                            const struct place *place, struct problem *problem);
enum problem_code tape_state(struct tape *tape, const uint8_t *bytes,
                             const struct place *place,
                             struct problem *problem);

/* Refuse more than 'most' draws at 'place'. */
enum problem_code tape_refuse_most(const struct tape *tape,
                                   const struct place *place,
                                   struct problem *problem);

/* Count a draw; refuses at 'place' one that is more than 'most'. */
enum problem_code tape_count(struct tape *tape, const struct place *place,
                             struct problem *problem);

/*
 * Move on behind 'tensor', whose origin was 'next'; it may be a slice of what
 * is drawn.
 */
enum problem_code tape_pass(struct tape *tape, const struct sow_tensor *tensor,
                            const struct place *place, struct problem *problem);

/* Pass steps over; refuses past 2^44. */
enum problem_code tape_skip(struct tape *tape, uint64_t steps,
                            const struct place *place, struct problem *problem);

/* A tensor without elements where the tape ends. */
enum sow_status tape_end(const struct tape *tape, struct sow_tensor *tensor,
                         struct sow_error *error);

/* Let reading the model's tensors use 'memory'; NULL is no tape. */
void tape_remember(struct tape *tape, const struct sow_memory *memory);

#endif
