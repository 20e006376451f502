/* SPDX-License-Identifier: MIT */
/* Keys of JAX's generators, and how Flax derives them. */
#include <string.h>

#include "generators/jax.h"
#include "generators/threefry.h"
#include "sha1.h"
#include "sow.h"

/*
 * In the original layout the counters 0 to 2 * count - 1 are cut in halves: one
 * block encrypts the same place of both, and the first words of all blocks come
 * before the second words.
 */
static uint32_t original_word(const uint32_t key[2], uint64_t count,
                              uint64_t index)
{
    bool second = index >= count;
    uint64_t place = second ? index - count : index;
    uint32_t x[2] = {(uint32_t)place, (uint32_t)(place + count)};

    threefry(key, x);
    return x[second];
}

void sow_key_split(const struct sow_generator *generator, const uint32_t key[2],
                   uint64_t count, uint64_t index, uint32_t child[2])
{
    uint32_t made[2] = {(uint32_t)(index >> 32), (uint32_t)index};

    if (generator->variant == SOW_JAX_ORIGINAL) {
        made[0] = original_word(key, count, 2 * index);
        made[1] = original_word(key, count, 2 * index + 1);
    } else {
        threefry(key, made);
    }
    memcpy(child, made, sizeof made);
}

void sow_key_fold_in(const uint32_t key[2], uint32_t data, uint32_t child[2])
{
    uint32_t made[2] = {0, data};

    threefry(key, made);
    memcpy(child, made, sizeof made);
}

/*
 * The names without their dots and the counter, as few bytes as it takes with
 * the highest first, are hashed; the digest's first four are what is folded in.
 */
void sow_key_linen(const uint32_t root[2], const char *path, uint32_t counter,
                   uint32_t child[2])
{
    uint8_t digest[SOW_SHA1_BYTES];
    char names[SOW_MAX_NAME];
    uint8_t bytes[4];
    size_t n = 0;
    size_t m = 0;

    for (; *path != '\0' && n < sizeof names; path++)
        if (*path != '.')
            names[n++] = *path;
    for (int shift = 24; shift >= 0; shift -= 8)
        if (counter >> shift > 0)
            bytes[m++] = (uint8_t)(counter >> shift);
    sow_sha1(names, n, bytes, m, digest);
    sow_key_fold_in(root,
                    (uint32_t)digest[0] << 24 | (uint32_t)digest[1] << 16 |
                        (uint32_t)digest[2] << 8 | digest[3],
                    child);
}
