/* SPDX-License-Identifier: MIT */
/*
 * torch's normal_() of fewer than 16 elements: pairs of doubles from four
 * words, of which the second is kept for whoever asks next, whatever tensor
 * that is for.
 */
#include <math.h>
#include <string.h>

#include "generators/glibc.h"
#include "generators/torch.h"
#include "kernels/kernels.h"

#define WORDS 4 /* of a pair */

static uint64_t bits_of(double value)
{
    uint64_t bits;

    memcpy(&bits, &value, sizeof bits);
    return bits;
}

/* Two normals from four words: returns the first, 'kept' is the second. */
static double pair(const uint32_t words[WORDS], uint64_t *kept)
{
    double turn = 0x1.921fb54442d18p+2 * sow_torch_unit(words);
    double radius = sqrt(-2.0 * sow_glibc_log1p(-sow_torch_unit(words + 2)));

    *kept = bits_of(radius * sow_glibc_sin(turn));
    return radius * sow_glibc_cos(turn);
}

uint64_t sow_torch_kept(const struct sow_engine *engine,
                        const struct sow_start *start, uint64_t at)
{
    uint32_t words[WORDS];
    uint64_t kept;
    struct sow_mt mt;

    sow_mt_begin(&mt, engine, start, at);
    sow_mt_words(&mt, words, WORDS);
    sow_mt_end(&mt);
    pair(words, &kept);
    return kept;
}

static void put(const struct sow_tensor *tensor, double normal, uint8_t *out)
{
    const double *numbers = tensor->law.numbers;
    double value = fma(normal, numbers[SOW_TORCH_STD], numbers[SOW_TORCH_MEAN]);
    float single = (float)value;

    if (tensor->spec.dtype == SOW_FLOAT64)
        memcpy(out, &value, sizeof value);
    else
        sow_narrow(tensor->spec.dtype, &single, out, 1);
}

/* Pairs that it takes, when a value is kept or none is. */
static uint64_t pairs(const struct sow_tensor *tensor, uint64_t kept)
{
    return (tensor->elements - kept + 1) / 2;
}

void sow_torch_small_draw(const struct sow_engine *engine,
                          const struct sow_tensor *tensor,
                          struct sow_place *place, void *out)
{
    size_t size = sow_dtype_size(tensor->spec.dtype);
    size_t n = (size_t)pairs(tensor, place->kept) * WORDS;
    uint32_t words[SOW_TORCH_BLOCK / 2 * WORDS] = {0};
    const uint32_t *from = words;
    uint8_t *to = out;
    struct sow_mt mt;

    if (n > 0) {
        sow_mt_begin(&mt, engine, tensor->spec.origin.start, place->at);
        sow_mt_words(&mt, words, n);
        mt.at -= WORDS; /* where what is kept can be drawn again */
        sow_mt_end(&mt);
    }
    for (size_t i = 0; i < tensor->elements; i++, to += size) {
        double value;

        memcpy(&value, &place->value, sizeof value);
        if (place->kept == 0) {
            value = pair(from, &place->value);
            from += WORDS;
        }
        place->kept ^= 1;
        put(tensor, value, to);
    }
    place->at += n;
}

void sow_torch_small_fill(const struct sow_engine *engine,
                          const struct sow_tensor *tensor, uint64_t first,
                          size_t count, void *out)
{
    size_t size = sow_dtype_size(tensor->spec.dtype);
    struct sow_place place = sow_chain_place(engine, tensor);
    uint8_t items[SOW_TORCH_BLOCK * sizeof(double)];

    sow_torch_small_draw(engine, tensor, &place, items);
    memcpy(out, items + first * size, count * size);
}

void sow_torch_small(struct sow_tensor *tensor)
{
    const struct sow_origin *origin = &tensor->spec.origin;
    enum sow_kept kept = sow_chain_kept(origin);
    struct sow_law *law = &tensor->law;
    uint64_t had = kept == SOW_KEEPS_ONE;
    uint64_t n = pairs(tensor, had);

    law->turn = kept == SOW_MAY_KEEP;
    law->steps = n * WORDS + law->counts[SOW_TORCH_WORDS_AFTER];
    law->kept = SOW_KEPT_NONE;
    if (law->turn)
        law->kept = SOW_KEPT_UNKNOWN;
    else if ((tensor->elements - had) % 2 != 0)
        law->kept = origin->at + (n - 1) * WORDS;
}

bool sow_torch_small_finish(const struct sow_engine *engine,
                            const struct sow_tensor *turn,
                            const struct sow_place *begin,
                            struct sow_place *end)
{
    uint8_t items[SOW_TORCH_BLOCK * sizeof(double)];

    *end = *begin;
    sow_torch_small_draw(engine, turn, end, items);
    end->at += turn->law.counts[SOW_TORCH_WORDS_AFTER];
    return true;
}
