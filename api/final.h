/* SPDX-License-Identifier: MIT */
/*
 * The state that a generator is in after all draws of a request, which
 * 'final_state' asks for: a task of the exchange's work, and a member of the
 * answer in JSON.
 */
#ifndef FINAL_H
#define FINAL_H

#include "formats/text.h"
#include "problems.h"

struct api_exchange;
struct weights;
struct whole;

/*
 * 'end' is a tensor without elements where the tape ends; 'whole' is what is
 * held for it, or NULL.  'bytes', the state, are there when it is 'known'.
 */
struct final {
    bool wanted, known;
    struct sow_tensor end;
    struct whole *whole;
    uint8_t *bytes; /* owned */
};

/*
 * See whether the state is wanted, and can be given: in a format that is JSON.
 * A step of weights.c.
 */
enum problem_code final_begin(struct api_exchange *exchange,
                              struct problem *problem);

/* A digest of all that the state follows from, into 'key'. */
enum problem_code final_name(const struct weights *weights,
                             uint8_t key[SOW_DIGEST_BYTES],
                             struct problem *problem);

/* How much the task is, in bytes of tensors; 0 when nothing is to be done. */
uint64_t final_cost(const struct weights *weights);

/* Do it; false when stopped. */
bool final_run(struct api_exchange *exchange, bool (*stop)(void *argument),
               void *argument);

/* Add ,"state":… to an object, or nothing. */
void final_put(struct text *text, const struct weights *weights);

void final_release(struct weights *weights);

#endif
