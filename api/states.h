/* SPDX-License-Identifier: MIT */
/*
 * States that generators were in, remembered: the memory of lib/generator.h,
 * which spares them the way from the start of a sequence.
 *
 * It is bounded, the least recently used going first.  Who reads on moves the
 * state it came from along, so that a reader takes one place; states on the
 * grid stay beside.
 *
 * Every function may be called from any thread, and none waits for another:
 * there are no locks.  A place is claimed while it is copied to or from, and
 * who meets one that is claimed takes the next best, or none.  A thread that is
 * left without a processor in the middle of that, as helpers (crew.h) may be
 * for ever, takes one place of many away, and a reader of the same sequence
 * goes on from the state before: from the one on the grid at worst, which is
 * milliseconds away.
 */
#ifndef STATES_H
#define STATES_H

#include "sow.h"

/* States that are remembered at once: some 2.6 MiB of them. */
#define STATES 1024

struct states;

/*
 * An empty memory; the kernel gives it pages when states are kept.  NULL when
 * out of memory.  states_free(NULL) is fine, otherwise nobody is at it any
 * more.
 */
struct states *states_new(void);
void states_free(struct states *states);

/* What a 'sow_start' takes; it lives as long as 'states'. */
const struct sow_memory *states_memory(const struct states *states);

/* How many are remembered, when nobody is at it. */
size_t states_count(struct states *states);

#endif
