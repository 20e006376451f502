/* SPDX-License-Identifier: MIT */
/* Counting bytes that are held. */
#include "room.h"

#include "sow.h"

#define LEAST (UINT64_C(1) << 30)
#define REQUESTS 4

void room_init(struct room *room, uint64_t max_layers)
{
    uint64_t bytes;

    if (__builtin_mul_overflow(max_layers, REQUESTS * sizeof(struct sow_tensor),
                               &bytes))
        bytes = UINT64_MAX;
    room->limit = bytes > LEAST ? bytes : LEAST;
    atomic_init(&room->taken, 0);
}

enum problem_code room_take(struct room *room, uint64_t bytes,
                            struct problem *problem)
{
    const uint64_t before = atomic_fetch_add(&room->taken, bytes);

    if (before <= room->limit && bytes <= room->limit - before)
        return PROBLEM_NONE;
    room_give(room, bytes);
    return problem_set(problem, PROBLEM_BUSY, "",
                       "The models of other answers hold so much memory that "
                       "this one must wait. Try again soon.");
}

void room_give(struct room *room, uint64_t bytes)
{
    atomic_fetch_sub(&room->taken, bytes);
}
