/* SPDX-License-Identifier: MIT */
/*
 * A pool of four words, into which the seed is hashed and which is then mixed,
 * after M. O'Neill's seed_seq_fe.  The constants are hers.
 */
#include "generators/seed_sequence.h"

#define POOL 4

static const uint32_t fill_first = 0x43b0d7e5, fill_factor = 0x931e8875;
static const uint32_t take_first = 0x8b51f9dd, take_factor = 0x58f38ded;
static const uint32_t mix_left = 0xca01f9dd, mix_right = 0x4973f715;

static uint32_t fold(uint32_t value)
{
    return value ^ value >> 16;
}

/* '*hash' goes from one value to the next. */
static uint32_t hashed(uint32_t value, uint32_t *hash, uint32_t factor)
{
    value ^= *hash;
    *hash *= factor;
    return fold(value * *hash);
}

static uint32_t mixed(uint32_t left, uint32_t right)
{
    return fold(mix_left * left - mix_right * right);
}

/* A seed has two words at most, so that the pool holds all of them. */
static void fill_pool(uint64_t seed, uint32_t pool[POOL])
{
    uint32_t hash = fill_first;

    for (int i = 0; i < POOL; i++) {
        pool[i] = hashed((uint32_t)seed, &hash, fill_factor);
        seed >>= 32;
    }
    for (int from = 0; from < POOL; from++)
        for (int to = 0; to < POOL; to++)
            if (from != to)
                pool[to] =
                    mixed(pool[to], hashed(pool[from], &hash, fill_factor));
}

void sow_seed_sequence(uint64_t seed, uint64_t out[4])
{
    uint32_t pool[POOL];
    uint32_t hash = take_first;

    fill_pool(seed, pool);
    for (int i = 0; i < 4; i++) {
        uint32_t low = hashed(pool[2 * i % POOL], &hash, take_factor);
        uint32_t high = hashed(pool[(2 * i + 1) % POOL], &hash, take_factor);

        out[i] = (uint64_t)high << 32 | low;
    }
}
