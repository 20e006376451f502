/* SPDX-License-Identifier: MIT */
/*
 * From the fields of a request to its tape (tape.h): where it starts, and the
 * entries of 'layers' that are no tensors.
 */
#ifndef SPEC_TAPE_H
#define SPEC_TAPE_H

#include "draft.h"
#include "tape.h"

/*
 * Start the tape of a request, whose fields are in 'request' and stand in
 * 'root'; the caller owns it.  '*tape' is NULL for sow1, which needs none.
 */
enum problem_code spec_tape_open(const struct api_limits *limits,
                                 const struct draft *request,
                                 const struct place *root, struct tape **tape,
                                 struct problem *problem);

/*
 * Refuse a seed that is given in a draft, which stands in 'place', when its
 * generator takes no such one.
 */
enum problem_code spec_tape_check_seed(const struct draft *draft,
                                       const struct place *place,
                                       struct problem *problem);

/*
 * Check what an entry of 'layers' says of its generator, seed and key against
 * the tape, which may be NULL, and set the seed that its tensors have.
 */
enum problem_code spec_tape_check(const struct tape *tape,
                                  const struct draft *request,
                                  struct draft *draft,
                                  const struct place *place,
                                  struct problem *problem);

/* Check that the tape's generator can draw the layer type of an entry. */
enum problem_code spec_tape_check_type(const struct tape *tape,
                                       const struct draft *draft,
                                       const struct place *place,
                                       struct problem *problem);

/*
 * Whether 'profile', a field's value or NULL, is what the constructors of a
 * config.json's model do by themselves when the tape draws it.
 */
bool spec_tape_has_default(const struct tape *tape, const json_t *profile);

/*
 * Whether 'json', an entry of the layers that a sequential generator draws, is
 * no tensor but {"skip": …}, {"draw": …} or {"seed": …} alone.
 */
bool spec_tape_is_step(const json_t *json);

/*
 * Do such a step, but for what is drawn: '*draw' is set to what the entry
 * draws, or NULL.
 */
enum problem_code spec_tape_step(struct tape *tape, json_t *json,
                                 const struct place *place, json_t **draw,
                                 struct problem *problem);

/*
 * Set where in the sequence the tensor called 'name' begins that 'draft' tells
 * of, or its key; after it has been made, spec_tape_pass() it.
 */
enum problem_code spec_tape_place(struct tape *tape, struct draft *draft,
                                  const char *name, const struct place *place,
                                  struct problem *problem);
enum problem_code spec_tape_pass(struct tape *tape,
                                 const struct sow_tensor *tensor,
                                 const struct place *place,
                                 struct problem *problem);

#endif
