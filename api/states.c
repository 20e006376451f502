/* SPDX-License-Identifier: MIT */
/*
 * The memory of states: tags to look through, and what they stand for.
 *
 * A tag may be read at any time, and tells where to look; what it has told is
 * looked at again once the place is claimed.  A state is read under a claim,
 * which readers share, and written under one that excludes all others; nobody
 * waits for a claim.
 */
#include "states.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* No such place. */
#define NONE SIZE_MAX

/* Of a place: that it is being written.  Below, how many read it. */
#define WRITER SIZE_MAX

/* How often one looks once more when others were faster. */
#define TRIES 8

typedef atomic_uint_least64_t word;

/* 'mark' is of the key and the size; 'used' when it was, 0 for never. */
struct tag {
    word mark;
    word at;
    word used;
    atomic_size_t claims;
};

struct state {
    uint8_t key[SOW_DIGEST_BYTES];
    size_t size;
    uint8_t bytes[SOW_MEMORY_BYTES];
};

/* Of the places 'count' have been taken; 'clock' tells when each was used. */
struct states {
    struct sow_memory memory;
    atomic_size_t count;
    word clock;
    struct tag tags[STATES];
    struct state states[STATES];
};

static uint64_t get(word *from)
{
    return atomic_load_explicit(from, memory_order_relaxed);
}

static void set(word *to, uint64_t value)
{
    atomic_store_explicit(to, value, memory_order_relaxed);
}

/* ------------------------------------------------------------------------
 * Claims
 */

static bool begin_reading(struct tag *tag)
{
    size_t claims = atomic_load(&tag->claims);

    while (claims != WRITER)
        if (atomic_compare_exchange_weak(&tag->claims, &claims, claims + 1))
            return true;
    return false;
}

static void end_reading(struct tag *tag)
{
    atomic_fetch_sub(&tag->claims, 1);
}

static bool begin_writing(struct tag *tag)
{
    size_t claims = 0;

    return atomic_compare_exchange_strong(&tag->claims, &claims, WRITER);
}

static void end_writing(struct tag *tag)
{
    atomic_store(&tag->claims, 0);
}

/* ------------------------------------------------------------------------
 * Looking
 */

/* The beginning of a key, and what is of another size is another's. */
static uint64_t mark_of(const uint8_t key[SOW_DIGEST_BYTES], size_t size)
{
    uint64_t mark;

    memcpy(&mark, key, sizeof mark);
    return mark ^ size;
}

/*
 * The place whose state is the furthest of those up to 'at', or NONE.  It looks
 * past what is just being written.
 */
static size_t nearest(struct states *states, uint64_t mark, uint64_t at)
{
    const size_t count = atomic_load(&states->count);
    size_t best = NONE;
    uint64_t furthest = 0;

    for (size_t i = 0; i < count; i++) {
        struct tag *tag = &states->tags[i];
        const uint64_t there = get(&tag->at);
        if (get(&tag->mark) == mark && get(&tag->used) != 0 && there <= at &&
            (best == NONE || there > furthest) &&
            atomic_load(&tag->claims) != WRITER) {
            best = i;
            furthest = there;
        }
    }
    return best;
}

/* The place that was used least recently of those that nobody is at. */
static size_t oldest(struct states *states, uint64_t *used)
{
    size_t best = NONE;

    *used = UINT64_MAX;
    for (size_t i = 0; i < STATES; i++) {
        struct tag *tag = &states->tags[i];
        const uint64_t then = get(&tag->used);
        if (then < *used && atomic_load(&tag->claims) == 0) {
            best = i;
            *used = then;
        }
    }
    return best;
}

/* Once it is claimed: is it the state that it was found for? */
static bool is_of(const struct states *states, size_t i, const uint8_t *key,
                  size_t size)
{
    const struct state *state = &states->states[i];

    return state->size == size &&
           memcmp(state->key, key, sizeof state->key) == 0;
}

static void touch(struct states *states, size_t i)
{
    set(&states->tags[i].used, atomic_fetch_add(&states->clock, 1) + 1);
}

/* ------------------------------------------------------------------------
 * Finding
 */

/* Copy the state at place 'i' if it is up to 'at'; UINT64_MAX if it isn't. */
static uint64_t copy(struct states *states, size_t i, const uint8_t *key,
                     uint64_t at, void *bytes, size_t size)
{
    struct tag *tag = &states->tags[i];
    uint64_t found = UINT64_MAX;

    if (!begin_reading(tag))
        return UINT64_MAX;
    if (get(&tag->at) <= at && is_of(states, i, key, size)) {
        memcpy(bytes, states->states[i].bytes, size);
        touch(states, i);
        found = get(&tag->at);
    }
    end_reading(tag);
    return found;
}

static uint64_t find(void *self, const uint8_t key[SOW_DIGEST_BYTES],
                     uint64_t at, void *bytes, size_t size)
{
    struct states *states = self;
    const uint64_t mark = mark_of(key, size);
    uint64_t found = UINT64_MAX;

    for (int i = 0; i < TRIES && found == UINT64_MAX; i++) {
        const size_t place = nearest(states, mark, at);
        if (place == NONE)
            break;
        found = copy(states, place, key, at, bytes, size);
    }
    return found;
}

/* ------------------------------------------------------------------------
 * Keeping
 */

/* Claim the place of the state at 'at' itself, for writing; or NONE. */
static size_t claim_own(struct states *states, const uint8_t *key, uint64_t at,
                        size_t size)
{
    const size_t i = nearest(states, mark_of(key, size), at);

    if (i == NONE || get(&states->tags[i].at) != at ||
        !begin_writing(&states->tags[i]))
        return NONE;
    if (get(&states->tags[i].at) == at && is_of(states, i, key, size))
        return i;
    end_writing(&states->tags[i]);
    return NONE;
}

/* Claim a place that nobody has had. */
static size_t claim_new(struct states *states)
{
    size_t count = atomic_load(&states->count);

    while (count < STATES)
        if (atomic_compare_exchange_weak(&states->count, &count, count + 1))
            return begin_writing(&states->tags[count]) ? count : NONE;
    return NONE;
}

/* Claim the place of the state that was used least recently. */
static size_t claim_oldest(struct states *states)
{
    uint64_t used;
    const size_t i = oldest(states, &used);

    if (i == NONE || !begin_writing(&states->tags[i]))
        return NONE;
    if (get(&states->tags[i].used) == used)
        return i;
    end_writing(&states->tags[i]);
    return NONE;
}

static size_t claim_any(struct states *states)
{
    size_t place = claim_new(states);

    for (int i = 0; i < TRIES && place == NONE; i++)
        place = claim_oldest(states);
    return place;
}

/*
 * A state at 'at', of a reader that came from 'from', goes where it is, where
 * the one is that it takes the place of, or anywhere.
 */
static size_t claim(struct states *states, const uint8_t *key, uint64_t at,
                    uint64_t from, size_t size)
{
    size_t i = claim_own(states, key, at, size);

    if (i == NONE && from != UINT64_MAX && from % SOW_MEMORY_GRID != 0)
        i = claim_own(states, key, from, size);
    return i == NONE ? claim_any(states) : i;
}

static void keep(void *self, const uint8_t key[SOW_DIGEST_BYTES], uint64_t at,
                 uint64_t from, const void *bytes, size_t size)
{
    struct states *states = self;

    if (size > SOW_MEMORY_BYTES)
        return;
    const size_t i = claim(states, key, at, from, size);
    if (i == NONE)
        return;
    struct state *state = &states->states[i];
    memcpy(state->key, key, sizeof state->key);
    memcpy(state->bytes, bytes, size);
    state->size = size;
    set(&states->tags[i].mark, mark_of(key, size));
    set(&states->tags[i].at, at);
    touch(states, i);
    end_writing(&states->tags[i]);
}

/* ------------------------------------------------------------------------
 * From outside
 */

struct states *states_new(void)
{
    struct states *states = calloc(1, sizeof *states);

    if (states)
        states->memory = (struct sow_memory){states, find, keep};
    return states;
}

void states_free(struct states *states)
{
    free(states);
}

const struct sow_memory *states_memory(const struct states *states)
{
    return &states->memory;
}

size_t states_count(struct states *states)
{
    return atomic_load(&states->count);
}
