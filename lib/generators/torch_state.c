/* SPDX-License-Identifier: MIT */
/*
 * torch's seeds and states.  A state is the 5056 bytes that
 * torch.get_rng_state() gives, little-endian:
 *
 *     0     seed, 8 bytes
 *     8     left, 4: words that this block still has, and the one after it
 *     12    seeded, 4: 1
 *     16    next, 8: words of the block that have been given
 *     24    the block: 624 words, 8 bytes each
 *     5016  three doubles, of which the second is the normal that is kept
 *     5040  whether there is one, 4; 4 of 0
 *     5048  the same for a float, which is never used; 0
 */
#include <math.h>
#include <string.h>

#include "generators/torch.h"
#include "status.h"

#define SEED 0
#define LEFT 8
#define SEEDED 12
#define NEXT 16
#define BLOCK 24
#define NORMALS (BLOCK + 8 * SOW_MT_WORDS)
#define KEPT (NORMALS + 8)
#define KEEPS (NORMALS + 24)

/* What a normal from 53 bits can't pass. */
#define LARGEST_NORMAL 8.6

/* The least significant byte first, whatever the machine. */
static uint64_t get(const uint8_t *bytes, size_t n)
{
    uint64_t value = 0;

    while (n-- > 0)
        value = value << 8 | bytes[n];
    return value;
}

static void put(uint8_t *bytes, uint64_t value, size_t n)
{
    for (size_t i = 0; i < n; i++)
        bytes[i] = (uint8_t)(value >> 8 * i);
}

enum sow_status sow_torch_seed(struct sow_start *start, struct sow_error *error)
{
    (void)error;
    sow_mt_seed((uint32_t)start->seed, start->words);
    start->words[SOW_MT_OFFSET] = SOW_MT_WORDS;
    start->words[SOW_TORCH_FRESH] = 1;
    return SOW_OK;
}

/* ------------------------------------------------------------------------
 * States
 */

/* Take the block over; false when that is none of MT19937's. */
static bool load_block(struct sow_start *start, const uint8_t *bytes)
{
    uint32_t any = 0;

    for (size_t i = 0; i < SOW_MT_WORDS; i++) {
        uint64_t word = get(bytes + BLOCK + 8 * i, 8);

        if (word > UINT32_MAX)
            return false;
        start->words[i] = (uint32_t)word;
        any |= i == 0 ? (uint32_t)word & 0x80000000 : (uint32_t)word;
    }
    return any != 0;
}

/* Take 'next' over: words given, or 0 for a block that is to be replaced. */
static bool load_place(struct sow_start *start, const uint8_t *bytes)
{
    uint64_t left = get(bytes + LEFT, 4);
    uint64_t next = get(bytes + NEXT, 8);

    if (get(bytes + SEEDED, 4) != 1 || next > SOW_MT_WORDS ||
        left != (next == 0 ? 1 : SOW_MT_WORDS + 1 - next))
        return false;
    start->words[SOW_TORCH_FRESH] = next == 0;
    start->words[SOW_MT_OFFSET] = next == 0 ? SOW_MT_WORDS : (uint32_t)next;
    return true;
}

static bool load_kept(struct sow_start *start, const uint8_t *bytes)
{
    uint64_t bits = get(bytes + KEPT, 8);
    uint64_t keeps = get(bytes + KEEPS, 8);
    double value;

    memcpy(&value, &bits, sizeof value);
    if (keeps > 1 || (keeps == 0 && bits != 0) ||
        !(fabs(value) <= LARGEST_NORMAL) || get(bytes + NORMALS, 8) != 0 ||
        get(bytes + NORMALS + 16, 8) != 0 || get(bytes + KEEPS + 8, 8) != 0)
        return false;
    start->words[SOW_TORCH_KEEPS] = (uint32_t)keeps;
    start->words[SOW_TORCH_KEPT] = (uint32_t)bits;
    start->words[SOW_TORCH_KEPT + 1] = (uint32_t)(bits >> 32);
    return true;
}

enum sow_status sow_torch_load(struct sow_start *start, const uint8_t *bytes,
                               struct sow_error *error)
{
    start->seed = get(bytes + SEED, 8);
    if (load_block(start, bytes) && load_place(start, bytes) &&
        load_kept(start, bytes))
        return SOW_OK;
    return sow_fail(error, SOW_BAD_PARAMETER, "state",
                    "these %d bytes are no state of torch's generator on a "
                    "CPU; give what torch.get_rng_state() returns",
                    SOW_TORCH_STATE_SIZE);
}

void sow_torch_save(const struct sow_engine *engine,
                    const struct sow_tensor *tensor, uint8_t *bytes)
{
    const struct sow_start *start = tensor->spec.origin.start;
    struct sow_place place = sow_chain_place(engine, tensor);
    uint32_t words[SOW_MT_WORDS];
    uint32_t next = sow_mt_state(engine, start, place.at, words);

    memset(bytes, 0, SOW_TORCH_STATE_SIZE);
    if (place.at == 0 && start->words[SOW_TORCH_FRESH])
        next = 0;
    put(bytes + SEED, start->seed, 8);
    put(bytes + LEFT, next == 0 ? 1 : SOW_MT_WORDS + 1 - next, 4);
    put(bytes + SEEDED, 1, 4);
    put(bytes + NEXT, next, 8);
    for (size_t i = 0; i < SOW_MT_WORDS; i++)
        put(bytes + BLOCK + 8 * i, words[i], 8);
    put(bytes + KEPT, place.kept != 0 ? place.value : 0, 8);
    put(bytes + KEEPS, place.kept, 4);
}

/* ------------------------------------------------------------------------
 * Beginnings
 */

void sow_torch_begin(struct sow_origin *origin)
{
    origin->kept = SOW_KEPT_BEFORE;
}

void sow_torch_first(const struct sow_start *start, struct sow_place *place)
{
    place->kept = start->words[SOW_TORCH_KEEPS];
    place->value = (uint64_t)start->words[SOW_TORCH_KEPT + 1] << 32 |
                   start->words[SOW_TORCH_KEPT];
}
