/* SPDX-License-Identifier: MIT */
/*
 * States of generators in JSON, each as its library would write it.
 *
 *   torch  the bytes of torch.get_rng_state() in base64
 *   numpy  of a Generator its bit_generator.state, of a RandomState its
 *          get_state(legacy=False); numbers of 128 bits are decimal strings
 *   jax    the two words of a key
 */
#ifndef STATE_JSON_H
#define STATE_JSON_H

#include "formats/text.h"
#include "value.h"

/* Room for the bytes of any generator's state (sow_state_size()). */
#define STATE_BYTES 5056

/*
 * Read the state of a generator that has states from 'value'.  Only its form
 * is checked; whether there can be such a state sow_start_state() knows.
 */
enum problem_code state_read(const struct sow_generator *generator,
                             const struct value *value,
                             uint8_t bytes[STATE_BYTES],
                             struct problem *problem);

/* Add a state, in a form that state_read() reads. */
void state_put(struct text *text, const struct sow_generator *generator,
               const uint8_t *bytes);

#endif
