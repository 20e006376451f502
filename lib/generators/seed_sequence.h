/* SPDX-License-Identifier: MIT */
/* numpy.random.SeedSequence, of one number. */
#ifndef SEED_SEQUENCE_H
#define SEED_SEQUENCE_H

#include <stdint.h>

/* SeedSequence(seed).generate_state(4, uint64) */
void sow_seed_sequence(uint64_t seed, uint64_t out[4]);

#endif
