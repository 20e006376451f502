/* SPDX-License-Identifier: MIT */
/*
 * States that generators were in, remembered: the memory of lib/generator.h,
 * which spares them the way from the start of a sequence.
 *
 * It is bounded, the least recently used going first.  Who reads on moves the
 * state it came from along, so that a reader takes one place; states on the
 * grid stay beside.  Every function may be called from any thread.
 */
#ifndef STATES_H
#define STATES_H

#include "sow.h"

/* States that are remembered at once: some 2.6 MiB of them. */
#define STATES 1024

struct states;

/*
 * An empty memory; what it holds is allocated when the first state is kept.
 * NULL when out of memory.  states_free(NULL) is fine.
 */
struct states *states_new(void);
void states_free(struct states *states);

/* What a 'sow_start' takes; it lives as long as 'states'. */
const struct sow_memory *states_memory(const struct states *states);

/* How many are remembered. */
size_t states_count(struct states *states);

#endif
