/* SPDX-License-Identifier: MIT */
/* Seeds and jumps of PCG64. */
#include "generators/pcg64.h"

#include "generators/seed_sequence.h"

/* Words that are made side by side; a power of two. */
#define LANES 4

static sow_u128 factor_of(const struct sow_pcg64 *pcg)
{
    return pcg->dxsm ? SOW_PCG64_CHEAP : SOW_PCG64_FACTOR;
}

void sow_pcg64_seed(struct sow_pcg64 *pcg, uint64_t seed, bool dxsm)
{
    uint64_t words[4];
    sow_u128 start;

    sow_seed_sequence(seed, words);
    start = (sow_u128)words[0] << 64 | words[1];
    *pcg = (struct sow_pcg64){.dxsm = dxsm};
    pcg->increment = ((sow_u128)words[2] << 64 | words[3]) << 1 | 1;
    /* A step from 0, the seed added, and another: DXSM's own factor is not
     * used before. */
    pcg->state = (pcg->increment + start) * SOW_PCG64_FACTOR + pcg->increment;
}

/* F. Brown, Random number generation with arbitrary strides, 1994. */
void sow_pcg64_advance(struct sow_pcg64 *pcg, uint64_t steps)
{
    sow_u128 factor = factor_of(pcg), term = pcg->increment;

    pcg->steps += steps;
    for (; steps > 0; steps >>= 1) {
        if (steps & 1)
            pcg->state = pcg->state * factor + term;
        term *= factor + 1;
        factor *= factor;
    }
}

/* Every LANES-th word of each lane, so that none waits for the one before. */
static void fill_lanes(const struct sow_pcg64 *pcg, uint64_t *out, size_t count)
{
    sow_u128 factor = factor_of(pcg), term = pcg->increment;
    sow_u128 lanes[LANES];

    lanes[0] = pcg->dxsm ? pcg->state : pcg->state * factor + term;
    for (int k = 1; k < LANES; k++)
        lanes[k] = lanes[k - 1] * factor + term;
    for (int far = 1; far < LANES; far *= 2) {
        term *= factor + 1;
        factor *= factor;
    }
    for (size_t i = 0; i < count; i += LANES)
        for (int k = 0; k < LANES; k++) {
            out[i + (size_t)k] = pcg->dxsm ? sow_pcg64_multiplied(lanes[k])
                                           : sow_pcg64_rotated(lanes[k]);
            lanes[k] = lanes[k] * factor + term;
        }
}

void sow_pcg64_words(struct sow_pcg64 *pcg, uint64_t *out, size_t count)
{
    size_t lanes = count - count % LANES;

    fill_lanes(pcg, out, lanes);
    sow_pcg64_advance(pcg, lanes);
    for (size_t i = lanes; i < count; i++)
        out[i] = sow_pcg64_next(pcg);
}
