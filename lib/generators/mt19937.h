/* SPDX-License-Identifier: MIT */
/*
 * MT19937 (Matsumoto and Nishimura 1998), read from any position; for lib/
 * only.
 *
 * The sequence is one of words of 32 bits, x[0], x[1], …, of which the first
 * SOW_MT_WORDS are the start's, block 0, and each later one follows from three
 * before it.  Block b is words [b * SOW_MT_WORDS, (b + 1) * SOW_MT_WORDS), and
 * a block is all that is needed to go on.  What a generator gives are these
 * words, tempered.
 *
 * start->words has block 0, and after it, at SOW_MT_OFFSET, how many words of
 * that have been given before the sequence starts, 0 to SOW_MT_WORDS: all of
 * them, for a generator that has just been seeded.  What comes after that is
 * the generator's own.
 *
 * A position is a number of words given since the start.
 */
#ifndef MT19937_H
#define MT19937_H

#include "sow.h"

#define SOW_MT_WORDS 624
#define SOW_MT_OFFSET SOW_MT_WORDS /* index in start->words */
#define SOW_MT_OWN (SOW_MT_OFFSET + 1)

/* Blocks that a cursor makes at a time. */
#define SOW_MT_BLOCKS 4

/* x[0 … 623] from one word, and from several as 'init_by_array' has it. */
void sow_mt_seed(uint32_t seed, uint32_t words[SOW_MT_WORDS]);
void sow_mt_seed_array(const uint32_t *key, size_t n,
                       uint32_t words[SOW_MT_WORDS]);

/* What a word becomes on its way out. */
static inline uint32_t sow_mt_temper(uint32_t x)
{
    x ^= x >> 11;
    x ^= (x << 7) & 0x9d2c5680;
    x ^= (x << 15) & 0xefc60000;
    return x ^ x >> 18;
}

/*
 * A place in the sequence, on its way forward.  It asks the start's memory
 * once, where it begins, and tells it what it has got to at the end, and
 * wherever it passes a multiple of SOW_MEMORY_GRID.
 */
struct sow_mt {
    const struct sow_engine *engine;
    const struct sow_start *start;
    uint64_t from;  /* where the memory says that it is */
    bool kept;      /* the memory needn't be told at the end */
    uint64_t block; /* the number of the first block in 'words' */
    size_t at, end; /* the next word, and past the last */
    uint32_t words[(1 + SOW_MT_BLOCKS) * SOW_MT_WORDS];
};

/* Begin at 'position'. */
void sow_mt_begin(struct sow_mt *mt, const struct sow_engine *engine,
                  const struct sow_start *start, uint64_t position);

/* Go on to 'position', which is not before the present one. */
void sow_mt_move(struct sow_mt *mt, uint64_t position);

uint64_t sow_mt_position(const struct sow_mt *mt);

/*
 * The next words, untempered, up to 'most' of them: 'n' of them, which is at
 * least 'unit' and a multiple of it, as 'most' is; 'unit' is a block's size at
 * most.  They stay there until the next call.
 */
const uint32_t *sow_mt_take(struct sow_mt *mt, uint64_t most, size_t unit,
                            size_t *n);

/* Take 'n' words and temper them into 'out'. */
void sow_mt_words(struct sow_mt *mt, uint32_t *out, size_t n);

/* Tell the start's memory where this has got to. */
void sow_mt_end(struct sow_mt *mt);

/*
 * The block that a library holds when it has got to 'position', and how many
 * words of that have been given: as in 'start' at position 0, and later from 1
 * to SOW_MT_WORDS, because the next block is made when it is asked for.
 */
uint32_t sow_mt_state(const struct sow_engine *engine,
                      const struct sow_start *start, uint64_t position,
                      uint32_t words[SOW_MT_WORDS]);

/*
 * mt19937_jump.c: from block b >= 1 to block b + 'blocks', less the 'blocks' %
 * SOW_MT_JUMP that it returns.  It takes about a third of a millisecond for
 * each unit of each digit of 'blocks' / SOW_MT_JUMP to the base of 4, of which
 * there are a dozen.
 */
#define SOW_MT_JUMP 4096

uint64_t sow_mt_jump(const struct sow_engine *engine,
                     uint32_t words[SOW_MT_WORDS], uint64_t blocks);

#endif
