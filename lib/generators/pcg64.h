/* SPDX-License-Identifier: MIT */
/*
 * M. O'Neill's PCG64 as NumPy has it: 128 bits of state that go on by a
 * multiplication and an addition, and 64 that are made of them for each step.
 * Two values of 32 bits come from one step, the lower half first, and the other
 * waits for whoever next asks for 32 bits.
 */
#ifndef PCG64_H
#define PCG64_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

__extension__ typedef unsigned __int128 sow_u128;

/*
 * 'half' is the upper half of the last step that gave 32 bits, and 'has_half'
 * says that it still waits.  'dxsm' is whether this is PCG64DXSM; 'steps'
 * counts what sow_pcg64_next() gives.  'rounded' is for ziggurat.h.
 */
struct sow_pcg64 {
    sow_u128 state, increment;
    uint64_t steps;
    uint32_t half;
    bool has_half;
    bool dxsm;
    bool rounded;
};

#define SOW_PCG64_FACTOR                            \
    ((sow_u128)UINT64_C(0x2360ed051fc65da4) << 64 | \
     UINT64_C(0x4385df649fccf645))
#define SOW_PCG64_CHEAP UINT64_C(0xda942042e4dd58b5)

/* Set it as PCG64(seed) or PCG64DXSM(seed) would. */
void sow_pcg64_seed(struct sow_pcg64 *pcg, uint64_t seed, bool dxsm);

/* Pass 'steps' over, and count them; quick for any number. */
void sow_pcg64_advance(struct sow_pcg64 *pcg, uint64_t steps);

/* The output of plain PCG64 after a step: xor of the halves, rotated. */
static inline uint64_t sow_pcg64_rotated(sow_u128 state)
{
    uint64_t folded = (uint64_t)(state >> 64) ^ (uint64_t)state;
    unsigned by = (unsigned)(state >> 122);

    return folded >> by | folded << (-by & 63);
}

/* The output of PCG64DXSM before a step. */
static inline uint64_t sow_pcg64_multiplied(sow_u128 state)
{
    uint64_t high = (uint64_t)(state >> 64);

    high ^= high >> 32;
    high *= SOW_PCG64_CHEAP;
    high ^= high >> 48;
    return high * ((uint64_t)state | 1);
}

/* 64 bits.  What waits goes on waiting. */
static inline uint64_t sow_pcg64_next(struct sow_pcg64 *pcg)
{
    sow_u128 before = pcg->state;

    pcg->steps++;
    if (pcg->dxsm) {
        pcg->state = before * SOW_PCG64_CHEAP + pcg->increment;
        return sow_pcg64_multiplied(before);
    }
    pcg->state = before * SOW_PCG64_FACTOR + pcg->increment;
    return sow_pcg64_rotated(pcg->state);
}

/* 'count' of these, faster. */
void sow_pcg64_words(struct sow_pcg64 *pcg, uint64_t *out, size_t count);

/* 32 bits */
static inline uint32_t sow_pcg64_next32(struct sow_pcg64 *pcg)
{
    uint64_t word;

    if (pcg->has_half) {
        pcg->has_half = false;
        return pcg->half;
    }
    word = sow_pcg64_next(pcg);
    pcg->has_half = true;
    pcg->half = (uint32_t)(word >> 32);
    return (uint32_t)word;
}

/* [0, 1) in steps of 2^-53; the cast spares the CPU a case distinction. */
static inline double sow_pcg64_as_double(uint64_t word)
{
    return (double)(int64_t)(word >> 11) * 0x1p-53;
}

static inline double sow_pcg64_double(struct sow_pcg64 *pcg)
{
    return sow_pcg64_as_double(sow_pcg64_next(pcg));
}

/* [0, 1) in steps of 2^-24 */
static inline float sow_pcg64_as_float(uint32_t word)
{
    return (float)(int32_t)(word >> 8) * 0x1p-24f;
}

static inline float sow_pcg64_float(struct sow_pcg64 *pcg)
{
    return sow_pcg64_as_float(sow_pcg64_next32(pcg));
}

#endif
