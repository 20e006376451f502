/* SPDX-License-Identifier: MIT */
/* Seeds, states and places of PCG64 as numpy.random has it. */
#include <string.h>

#include "generators/numpy.h"
#include "status.h"

/*
 * A start's words are those of a state but the last two: the state and the
 * increment, whether a half waits, and the half.
 */
#define WORDS 10
#define STATE_WORDS (SOW_NUMPY_PCG64_STATE / 4)

void sow_numpy_words(const uint8_t *bytes, uint32_t *words, size_t n)
{
    for (size_t i = 0; i < n; i++, bytes += 4)
        words[i] = bytes[0] | (uint32_t)bytes[1] << 8 |
                   (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

void sow_numpy_bytes(const uint32_t *words, size_t n, uint8_t *bytes)
{
    for (size_t i = 0; i < 4 * n; i++)
        bytes[i] = (uint8_t)(words[i / 4] >> i % 4 * 8);
}

static sow_u128 read_wide(const uint32_t words[4])
{
    sow_u128 wide = 0;

    for (int i = 4; i-- > 0;)
        wide = wide << 32 | words[i];
    return wide;
}

static void write_wide(sow_u128 wide, uint32_t words[4])
{
    for (int i = 0; i < 4; i++, wide >>= 32)
        words[i] = (uint32_t)wide;
}

static void pcg64_read(struct sow_pcg64 *pcg, const struct sow_start *start)
{
    *pcg = (struct sow_pcg64){
        .state = read_wide(start->words),
        .increment = read_wide(start->words + 4),
        .half = start->words[9],
        .has_half = start->words[8] != 0,
        .dxsm = (start->generator->variant & SOW_NUMPY_DXSM) != 0,
        .rounded = (start->generator->variant & SOW_NUMPY_ROUNDED) != 0,
    };
}

static void pcg64_write(const struct sow_pcg64 *pcg, uint32_t words[WORDS])
{
    write_wide(pcg->state, words);
    write_wide(pcg->increment, words + 4);
    words[8] = pcg->has_half;
    words[9] = pcg->half;
}

enum sow_status sow_numpy_seed(struct sow_start *start, struct sow_error *error)
{
    struct sow_pcg64 pcg;

    (void)error;
    sow_pcg64_seed(&pcg, start->seed,
                   (start->generator->variant & SOW_NUMPY_DXSM) != 0);
    pcg64_write(&pcg, start->words);
    return SOW_OK;
}

enum sow_status sow_numpy_load(struct sow_start *start, const uint8_t *bytes,
                               struct sow_error *error)
{
    uint32_t words[STATE_WORDS];

    sow_numpy_words(bytes, words, STATE_WORDS);
    if ((words[4] & 1) == 0)
        return sow_fail(error, SOW_BAD_PARAMETER, "state",
                        "the increment 'inc' of a PCG64 is odd; this one is "
                        "even");
    if (words[8] > 1)
        return sow_fail(error, SOW_BAD_PARAMETER, "state",
                        "has_uint32 is 0 or 1; this one is %u", words[8]);
    if ((words[10] | words[11]) != 0)
        return sow_fail(error, SOW_BAD_PARAMETER, "state",
                        "the last 8 bytes of a PCG64's state must be 0");
    memcpy(start->words, words, WORDS * sizeof words[0]);
    return SOW_OK;
}

struct sow_pcg64 sow_numpy_at(const struct sow_start *start,
                              const struct sow_place *place)
{
    struct sow_pcg64 pcg;

    pcg64_read(&pcg, start);
    sow_pcg64_advance(&pcg, place->at);
    pcg.steps = 0;
    pcg.has_half = place->kept != 0;
    pcg.half = (uint32_t)place->value;
    return pcg;
}

void sow_numpy_save(const struct sow_engine *engine,
                    const struct sow_tensor *tensor, uint8_t *bytes)
{
    struct sow_place place = sow_chain_place(engine, tensor);
    struct sow_pcg64 pcg = sow_numpy_at(tensor->spec.origin.start, &place);
    uint32_t words[STATE_WORDS] = {0};

    pcg64_write(&pcg, words);
    sow_numpy_bytes(words, STATE_WORDS, bytes);
}

/* ------------------------------------------------------------------------
 * Places
 */

/* A state shows the last half even when it has been given. */
void sow_numpy_begin(struct sow_origin *origin)
{
    const uint32_t *words = origin->start->words;

    origin->kept = (words[8] | words[9]) != 0 ? SOW_KEPT_BEFORE : SOW_KEPT_NONE;
}

void sow_numpy_first(const struct sow_start *start, struct sow_place *place)
{
    place->kept = start->words[8];
    place->value = start->words[9];
}

uint64_t sow_numpy_kept(const struct sow_engine *engine,
                        const struct sow_start *start, uint64_t at)
{
    struct sow_place place = {.at = at};
    struct sow_pcg64 pcg = sow_numpy_at(start, &place);

    (void)engine;
    return sow_pcg64_next(&pcg) >> 32;
}
