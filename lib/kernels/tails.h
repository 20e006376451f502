/* SPDX-License-Identifier: MIT */
/*
 * What vector kernels of float32 normals know of a law's words: which tails
 * they can't have is settled before the first is made.
 */
#ifndef TAILS_H
#define TAILS_H

#include "kernels/kernels.h"

/*
 * What the words are, a constant in each kernel: all of them, those within
 * bounds, or those within bounds that no tail of less than NEAR_TAIL passes.
 */
enum words { ALL, BOUNDED, NEAR };

#define NEAR_TAIL (UINT64_C(1) << 24)

static inline bool are_near(const struct sow_normal_f32 *law)
{
    return law->first >= NEAR_TAIL &&
           law->first + law->count <= (UINT64_C(1) << 32) - NEAR_TAIL;
}

/*
 * Note the places of a group's elements that miss their values, a bit each, in
 * place[n] and after it; returns how many there are then.  Mostly one or two
 * more, which no branch foretells.
 */
static inline size_t note_missing(uint32_t group, uint32_t mask,
                                  uint16_t *place, size_t n)
{
    const uint32_t end = UINT32_C(1) << 31; /* __builtin_ctz() takes no 0 */
    uint32_t first = group * SOW_GROUP;

    for (int i = 0; i < 2; i++, mask &= mask - 1) {
        place[n] = (uint16_t)(first + (uint32_t)__builtin_ctz(mask | end));
        n += mask != 0;
    }
    for (; mask != 0; mask &= mask - 1)
        place[n++] = (uint16_t)(first + (uint32_t)__builtin_ctz(mask));
    return n;
}

#endif
