/* SPDX-License-Identifier: MIT */
/*
 * The digest memo: sets of eight entries, most recently used first.  Keys are
 * digests themselves, so their first bytes choose a set evenly.
 */
#include "memo.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define WAYS 8
#define SETS (MEMO_ENTRIES / WAYS)

struct entry {
    uint8_t key[SOW_DIGEST_BYTES];
    uint8_t digest[SOW_DIGEST_BYTES];
};

struct memo {
    pthread_mutex_t lock;
    bool filled;
    uint8_t used[SETS]; /* entries in use in each set */
    struct entry sets[SETS][WAYS];
};

struct memo *memo_new(void)
{
    struct memo *memo = calloc(1, sizeof *memo);
    if (!memo)
        return NULL;
    if (pthread_mutex_init(&memo->lock, NULL)) {
        free(memo);
        return NULL;
    }
    return memo;
}

void memo_free(struct memo *memo)
{
    if (!memo)
        return;
    pthread_mutex_destroy(&memo->lock);
    free(memo);
}

static size_t set_of(const uint8_t key[SOW_DIGEST_BYTES])
{
    uint32_t word;

    memcpy(&word, key, sizeof word);
    return word % SETS;
}

/* The place of 'key' in its set; 'used' when it isn't there. */
static size_t find(const struct entry *set, size_t used, const uint8_t *key)
{
    size_t way = 0;

    while (way < used && memcmp(set[way].key, key, SOW_DIGEST_BYTES) != 0)
        way++;
    return way;
}

/* Make room at the front by moving the entries before 'way' up by one. */
static void shift(struct entry *set, size_t way)
{
    memmove(&set[1], &set[0], way * sizeof *set);
}

bool memo_is_empty(struct memo *memo)
{
    pthread_mutex_lock(&memo->lock);
    bool empty = !memo->filled;
    pthread_mutex_unlock(&memo->lock);
    return empty;
}

bool memo_get(struct memo *memo, const uint8_t key[SOW_DIGEST_BYTES],
              uint8_t digest[SOW_DIGEST_BYTES])
{
    size_t index = set_of(key);
    struct entry *set = memo->sets[index];

    pthread_mutex_lock(&memo->lock);
    size_t way = find(set, memo->used[index], key);
    bool found = way < memo->used[index];
    if (found) {
        struct entry entry = set[way];
        shift(set, way);
        set[0] = entry;
        memcpy(digest, entry.digest, SOW_DIGEST_BYTES);
    }
    pthread_mutex_unlock(&memo->lock);
    return found;
}

bool memo_put(struct memo *memo, const uint8_t key[SOW_DIGEST_BYTES],
              const uint8_t digest[SOW_DIGEST_BYTES])
{
    size_t index = set_of(key);
    struct entry *set = memo->sets[index];

    pthread_mutex_lock(&memo->lock);
    size_t way = find(set, memo->used[index], key);
    bool news = way == memo->used[index] ||
                memcmp(set[way].digest, digest, SOW_DIGEST_BYTES) != 0;
    if (way == memo->used[index] && way < WAYS)
        memo->used[index]++;
    if (way == WAYS)
        way = WAYS - 1;
    shift(set, way);
    memcpy(set[0].key, key, SOW_DIGEST_BYTES);
    memcpy(set[0].digest, digest, SOW_DIGEST_BYTES);
    memo->filled = true;
    pthread_mutex_unlock(&memo->lock);
    return news;
}
