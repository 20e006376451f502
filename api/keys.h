/* SPDX-License-Identifier: MIT */
/*
 * The keys of tensors, for generators that draw with keys: a path from the
 * root key, as jax.random has them, and how Flax makes those of parameters.
 */
#ifndef KEYS_H
#define KEYS_H

#include "draft.h"
#include "tape.h"

/*
 * Set 'origin' to the key of the tensor called 'name' that 'draft', an entry
 * at 'place', tells of; for Flax a parameter, which is counted.
 *
 * The root is that of the tape, or the entry's own 'seed'.  The field 'key'
 * leads on from there: steps "split(n)[i]", jax.random.split(key, n)[i], and
 * "fold_in(d)", jax.random.fold_in(key, d), with "/" between them, 64 at most.
 */
enum problem_code keys_place(struct tape *tape, const struct draft *draft,
                             const char *name, const struct place *place,
                             struct sow_origin *origin,
                             struct problem *problem);

/*
 * In what nnx's modules differ from linen's: how many keys 'layer' takes beside
 * those of its parameters: none, but one for attention with dropout; -1 when
 * its parameters take none themselves (PReLU).
 */
int keys_beside(const struct tape *tape, const struct sow_layer *layer);

#endif
