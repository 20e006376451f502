/* SPDX-License-Identifier: MIT */
/* JAX's draws, one element at a time: what the other engines must give. */
#include <math.h>
#include <string.h>

#include "generators/jax.h"
#include "generators/jax_erf.h"
#include "generators/threefry.h"

static uint32_t word_at(const struct sow_jax_words *words, size_t i)
{
    uint32_t x[2] = {words->first[0] + words->step * (uint32_t)i,
                     words->first[1] + (uint32_t)i};

    threefry(words->key, x);
    return words->take == SOW_JAX_BOTH ? x[0] ^ x[1] : x[words->take];
}

static float value_of(uint32_t word, const struct sow_jax_f32 *law)
{
    uint32_t bits = word >> 9 | 0x3f800000;
    float x;

    memcpy(&x, &bits, sizeof x);
    x = fmaf(x - 1, law->span, law->low);
    x = x > law->low ? x : law->low;
    if (law->inverse) {
        x = sow_jax_erf_inv_f32(x) * JAX_SQRT2;
        x = x > law->least ? x : law->least;
        x = x < law->most ? x : law->most;
    }
    return x * law->scale;
}

void sow_portable_jax_words(const struct sow_jax_words *words, size_t n,
                            void *out)
{
    uint8_t *to = out;

    for (size_t i = 0; i < n; i++) {
        uint32_t word = word_at(words, i);

        memcpy(to + i * sizeof word, &word, sizeof word);
    }
}

void sow_portable_jax_f32(const struct sow_jax_words *words, size_t n,
                          const struct sow_jax_f32 *law, void *out)
{
    uint8_t *to = out;

    for (size_t i = 0; i < n; i++) {
        float value = value_of(word_at(words, i), law);

        memcpy(to + i * sizeof value, &value, sizeof value);
    }
}
