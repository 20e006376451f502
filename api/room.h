/* SPDX-License-Identifier: MIT */
/*
 * Memory for what requests are made of (tensors, files) while their answers
 * are sent: bounded for all of them together, since slow readers keep it.
 */
#ifndef ROOM_H
#define ROOM_H

#include "problems.h"

#include <stdatomic.h>
#include <stdint.h>

/* Shared by all threads. */
struct room {
    uint64_t limit;
    _Atomic uint64_t taken;
};

/*
 * An empty room for four requests of the most tensors that are allowed, and
 * for a GiB at least.
 */
void room_init(struct room *room, uint64_t max_layers);

/*
 * Take 'bytes'.  Refuses with PROBLEM_BUSY, and takes nothing, when that is
 * more than there is left.
 */
enum problem_code room_take(struct room *room, uint64_t bytes,
                            struct problem *problem);

/* Give them back. */
void room_give(struct room *room, uint64_t bytes);

#endif
