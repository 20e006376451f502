/* SPDX-License-Identifier: MIT */
/* MT19937: seeds, and a cursor over the sequence. */
#include "generators/mt19937.h"

#include <string.h>

#include "kernels/kernels.h"

void sow_mt_seed(uint32_t seed, uint32_t words[SOW_MT_WORDS])
{
    words[0] = seed;
    for (uint32_t i = 1; i < SOW_MT_WORDS; i++) {
        uint32_t last = words[i - 1];

        words[i] = 1812433253u * (last ^ last >> 30) + i;
    }
}

void sow_mt_seed_array(const uint32_t *key, size_t n,
                       uint32_t words[SOW_MT_WORDS])
{
    size_t i = 1, j = 0;

    sow_mt_seed(19650218, words);
    for (size_t k = n > SOW_MT_WORDS ? n : SOW_MT_WORDS; k > 0; k--) {
        uint32_t last = words[i - 1];

        words[i] ^= (last ^ last >> 30) * 1664525u;
        words[i] += key[j] + (uint32_t)j;
        j = j + 1 < n ? j + 1 : 0;
        if (++i == SOW_MT_WORDS) {
            words[0] = words[SOW_MT_WORDS - 1];
            i = 1;
        }
    }
    for (size_t k = SOW_MT_WORDS - 1; k > 0; k--) {
        uint32_t last = words[i - 1];

        words[i] ^= (last ^ last >> 30) * 1566083941u;
        words[i] -= (uint32_t)i;
        if (++i == SOW_MT_WORDS) {
            words[0] = words[SOW_MT_WORDS - 1];
            i = 1;
        }
    }
    words[0] = 0x80000000;
}

/* ------------------------------------------------------------------------
 * What the memory keeps
 */

struct state {
    uint64_t block;
    uint32_t words[SOW_MT_WORDS];
};

_Static_assert(sizeof(struct state) <= SOW_MEMORY_BYTES,
               "the memory's entries are too small");

/*
 * Words within which a read is taken to go on where another has ended, whose
 * state nobody wants any more.  Farther on, another may be on its way there.
 */
#define NEAR (UINT64_C(1) << 18)

/* Put the nearest block up to 'block', which has 'position', into 'words'. */
static void recall(struct sow_mt *mt, uint64_t position, uint64_t block)
{
    const struct sow_memory *memory = mt->start->memory;
    struct state state;

    state.block = 0;
    mt->from = UINT64_MAX;
    mt->block = 0;
    mt->end = SOW_MT_WORDS;
    if (memory != NULL)
        mt->from = memory->find(memory->self, mt->start->key, position, &state,
                                sizeof state);
    if (mt->from == UINT64_MAX || state.block > block) {
        memcpy(mt->words, mt->start->words, sizeof state.words);
        return;
    }
    mt->block = state.block;
    memcpy(mt->words, state.words, sizeof state.words);
    if (position - mt->from > NEAR)
        mt->from = UINT64_MAX;
}

/* Keep the block at index 'at' of 'words' as the state at 'position'. */
static void keep(struct sow_mt *mt, uint64_t position, size_t at)
{
    const struct sow_memory *memory = mt->start->memory;
    struct state state;

    if (memory == NULL || position == mt->from)
        return;
    state.block = mt->block + at / SOW_MT_WORDS;
    memcpy(state.words, mt->words + at, sizeof state.words);
    memory->keep(memory->self, mt->start->key, position, mt->from, &state,
                 sizeof state);
    mt->from = position;
}

/* ------------------------------------------------------------------------
 * The cursor
 */

/* Let the last block be the first, and make up to 'blocks' more after it. */
static void shift(struct sow_mt *mt, size_t blocks)
{
    size_t last = mt->end - SOW_MT_WORDS;

    memmove(mt->words, mt->words + last, SOW_MT_WORDS * sizeof mt->words[0]);
    mt->block += last / SOW_MT_WORDS;
    mt->engine->mt_twist(mt->words, blocks);
    mt->end = (blocks + 1) * SOW_MT_WORDS;
}

/* Let 'block' be one of those in 'words', which end before it. */
static void advance(struct sow_mt *mt, uint64_t block)
{
    uint64_t left;

    if (mt->block + mt->end / SOW_MT_WORDS - 1 == 0)
        shift(mt, 1); /* jumps are from block 1 on */
    left = block - (mt->block + mt->end / SOW_MT_WORDS - 1);
    if (left >= SOW_MT_JUMP) {
        shift(mt, 0);
        left = sow_mt_jump(mt->engine, mt->words, left);
        mt->block = block - left;
    }
    while (left > 0) {
        size_t take = left < SOW_MT_BLOCKS ? (size_t)left : SOW_MT_BLOCKS;

        shift(mt, take);
        left -= take;
    }
}

void sow_mt_move(struct sow_mt *mt, uint64_t position)
{
    uint64_t word = position + mt->start->words[SOW_MT_OFFSET];
    uint64_t block = word / SOW_MT_WORDS;

    if (block >= mt->block + mt->end / SOW_MT_WORDS)
        advance(mt, block);
    mt->at = (size_t)(word - mt->block * SOW_MT_WORDS);
}

void sow_mt_begin(struct sow_mt *mt, const struct sow_engine *engine,
                  const struct sow_start *start, uint64_t position)
{
    uint64_t word = position + start->words[SOW_MT_OFFSET];

    mt->engine = engine;
    mt->start = start;
    mt->kept = false;
    recall(mt, position, word / SOW_MT_WORDS);
    sow_mt_move(mt, position);
}

uint64_t sow_mt_position(const struct sow_mt *mt)
{
    return mt->block * SOW_MT_WORDS + mt->at - mt->start->words[SOW_MT_OFFSET];
}

/* Make more words, and keep the state if they pass a multiple of the grid. */
static void refill(struct sow_mt *mt)
{
    uint32_t offset = mt->start->words[SOW_MT_OFFSET];
    uint64_t grid, at;

    mt->at -= mt->end - SOW_MT_WORDS;
    shift(mt, SOW_MT_BLOCKS);
    grid = (mt->block + 1) * SOW_MT_WORDS - offset + SOW_MEMORY_GRID - 1;
    grid -= grid % SOW_MEMORY_GRID;
    at = grid + offset - mt->block * SOW_MT_WORDS;
    if (at < mt->end && grid > 0) {
        keep(mt, grid, (size_t)(at - at % SOW_MT_WORDS));
        mt->kept = true;
    }
}

const uint32_t *sow_mt_take(struct sow_mt *mt, uint64_t most, size_t unit,
                            size_t *n)
{
    const uint32_t *words;
    size_t left = mt->end - mt->at;

    if (left < unit) {
        refill(mt);
        left = mt->end - mt->at;
    }
    *n = most < left ? (size_t)most : left - left % unit;
    words = mt->words + mt->at;
    mt->at += *n;
    return words;
}

void sow_mt_words(struct sow_mt *mt, uint32_t *out, size_t n)
{
    while (n > 0) {
        size_t take;
        const uint32_t *words = sow_mt_take(mt, n, 1, &take);

        mt->engine->mt_temper(words, take, out);
        out += take;
        n -= take;
    }
}

void sow_mt_end(struct sow_mt *mt)
{
    size_t block = mt->at < mt->end ? mt->at : mt->end - 1;

    if (!mt->kept)
        keep(mt, sow_mt_position(mt), block - block % SOW_MT_WORDS);
}

uint32_t sow_mt_state(const struct sow_engine *engine,
                      const struct sow_start *start, uint64_t position,
                      uint32_t words[SOW_MT_WORDS])
{
    struct sow_mt mt;

    if (position == 0) {
        memcpy(words, start->words, SOW_MT_WORDS * sizeof words[0]);
        return start->words[SOW_MT_OFFSET];
    }
    sow_mt_begin(&mt, engine, start, position - 1);
    sow_mt_end(&mt);
    memcpy(words, mt.words + mt.at - mt.at % SOW_MT_WORDS,
           SOW_MT_WORDS * sizeof words[0]);
    return (uint32_t)(mt.at % SOW_MT_WORDS) + 1;
}
