/* SPDX-License-Identifier: MIT */
/* The memory of states: tags to look through, and what they stand for. */
#include "states.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* No such state. */
#define NONE SIZE_MAX

/* What is looked through for a state; 'key' is the beginning of its key. */
struct tag {
    uint64_t key;
    uint64_t at;
    uint64_t used;
};

struct state {
    uint8_t key[SOW_DIGEST_BYTES];
    size_t size;
    uint8_t bytes[SOW_MEMORY_BYTES];
};

/* 'states' is NULL until there is one; 'clock' tells when each was used. */
struct states {
    pthread_mutex_t lock;
    struct sow_memory memory;
    struct state *states; /* owned */
    struct tag tags[STATES];
    size_t count;
    uint64_t clock;
};

/* ------------------------------------------------------------------------
 * Under the lock
 */

static uint64_t key_word(const uint8_t key[SOW_DIGEST_BYTES])
{
    uint64_t word;

    memcpy(&word, key, sizeof word);
    return word;
}

static bool is_of(const struct states *states, size_t i, const uint8_t *key,
                  size_t size)
{
    const struct state *state = &states->states[i];

    return state->size == size &&
           memcmp(state->key, key, sizeof state->key) == 0;
}

/* The state of 'key' that is the furthest of those up to 'at', or NONE. */
static size_t nearest(const struct states *states, const uint8_t *key,
                      uint64_t at, size_t size)
{
    const uint64_t word = key_word(key);
    size_t best = NONE;

    for (size_t i = 0; i < states->count; i++) {
        const struct tag *tag = &states->tags[i];
        if (tag->key == word && tag->at <= at &&
            (best == NONE || tag->at > states->tags[best].at) &&
            is_of(states, i, key, size))
            best = i;
    }
    return best;
}

/* The state of 'key' at 'at' itself, or NONE. */
static size_t exact(const struct states *states, const uint8_t *key,
                    uint64_t at, size_t size)
{
    const size_t i = nearest(states, key, at, size);

    return i != NONE && states->tags[i].at == at ? i : NONE;
}

/* A place for one more: a new one, or that of the least recently used. */
static size_t make_place(struct states *states)
{
    size_t oldest = 0;

    if (states->count < STATES)
        return states->count++;
    for (size_t i = 1; i < states->count; i++)
        if (states->tags[i].used < states->tags[oldest].used)
            oldest = i;
    return oldest;
}

/*
 * Where a state at 'at' goes, of a reader that came from 'from': where it is,
 * where the one is that it takes the place of, or anywhere.
 */
static size_t choose_place(struct states *states, const uint8_t *key,
                           uint64_t at, uint64_t from, size_t size)
{
    size_t i = exact(states, key, at, size);

    if (i == NONE && from != UINT64_MAX && from % SOW_MEMORY_GRID != 0)
        i = exact(states, key, from, size);
    return i == NONE ? make_place(states) : i;
}

static void put(struct states *states, size_t i, const uint8_t *key,
                uint64_t at, const void *bytes, size_t size)
{
    struct state *state = &states->states[i];

    states->tags[i] = (struct tag){key_word(key), at, ++states->clock};
    memcpy(state->key, key, sizeof state->key);
    memcpy(state->bytes, bytes, size);
    state->size = size;
}

static bool allocate(struct states *states)
{
    if (!states->states)
        states->states = calloc(STATES, sizeof *states->states);
    return states->states;
}

/* ------------------------------------------------------------------------
 * From outside
 */

static uint64_t find(void *self, const uint8_t key[SOW_DIGEST_BYTES],
                     uint64_t at, void *bytes, size_t size)
{
    struct states *states = self;
    uint64_t found = UINT64_MAX;

    pthread_mutex_lock(&states->lock);
    const size_t i = nearest(states, key, at, size);
    if (i != NONE) {
        memcpy(bytes, states->states[i].bytes, size);
        states->tags[i].used = ++states->clock;
        found = states->tags[i].at;
    }
    pthread_mutex_unlock(&states->lock);
    return found;
}

static void keep(void *self, const uint8_t key[SOW_DIGEST_BYTES], uint64_t at,
                 uint64_t from, const void *bytes, size_t size)
{
    struct states *states = self;

    if (size > SOW_MEMORY_BYTES)
        return;
    pthread_mutex_lock(&states->lock);
    if (allocate(states))
        put(states, choose_place(states, key, at, from, size), key, at, bytes,
            size);
    pthread_mutex_unlock(&states->lock);
}

struct states *states_new(void)
{
    struct states *states = calloc(1, sizeof *states);

    if (!states)
        return NULL;
    if (pthread_mutex_init(&states->lock, NULL)) {
        free(states);
        return NULL;
    }
    states->memory = (struct sow_memory){states, find, keep};
    return states;
}

void states_free(struct states *states)
{
    if (!states)
        return;
    pthread_mutex_destroy(&states->lock);
    free(states->states);
    free(states);
}

const struct sow_memory *states_memory(const struct states *states)
{
    return &states->memory;
}

size_t states_count(struct states *states)
{
    pthread_mutex_lock(&states->lock);
    const size_t count = states->count;
    pthread_mutex_unlock(&states->lock);
    return count;
}
