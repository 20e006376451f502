/* SPDX-License-Identifier: MIT */
/*
 * MT19937 far ahead: the block that is n words on is the sum, over GF(2), of
 * those that begin i words on, for each coefficient of x^i in x^n modulo the
 * recurrence's polynomial (Haramoto, Matsumoto, Nishimura, Panneton and
 * L'Ecuyer, "Efficient jump ahead for F2-linear random number generators",
 * 2008).
 */
#include <string.h>

#include "generators/mt19937.h"
#include "kernels/kernels.h"

#define DEGREE 19937

static const uint64_t polynomials[][(DEGREE + 63) / 64] = {
#include "generators/mt19937_jump.inc"
};

#define POLYNOMIALS (sizeof polynomials / sizeof polynomials[0])

/* The coefficients from that of x^first on, a block's worth, that are 1. */
static size_t choose(const uint64_t *polynomial, size_t first,
                     uint16_t chosen[SOW_MT_WORDS])
{
    size_t n = 0;

    for (size_t i = 0; i < SOW_MT_WORDS && first + i < DEGREE; i++) {
        size_t bit = first + i;

        chosen[n] = (uint16_t)i;
        n += polynomial[bit / 64] >> bit % 64 & 1;
    }
    return n;
}

static void jump(const struct sow_engine *engine, const uint64_t *polynomial,
                 uint32_t words[SOW_MT_WORDS])
{
    uint32_t blocks[2 * SOW_MT_WORDS];
    uint32_t sum[SOW_MT_WORDS] = {0};
    uint16_t chosen[SOW_MT_WORDS];

    memcpy(blocks, words, sizeof sum);
    for (size_t first = 0; first < DEGREE; first += SOW_MT_WORDS) {
        size_t n = choose(polynomial, first, chosen);

        engine->mt_twist(blocks, 1);
        engine->mt_sum(blocks, chosen, n, sum);
        memmove(blocks, blocks + SOW_MT_WORDS, sizeof sum);
    }
    memcpy(words, sum, sizeof sum);
}

/* The last digit may be greater than 3. */
uint64_t sow_mt_jump(const struct sow_engine *engine,
                     uint32_t words[SOW_MT_WORDS], uint64_t blocks)
{
    uint64_t digits = blocks / SOW_MT_JUMP;

    for (size_t i = 0; digits > 0; i++) {
        bool last = i == POLYNOMIALS - 1;

        for (uint64_t n = last ? digits : digits % 4; n > 0; n--)
            jump(engine, polynomials[i], words);
        digits = last ? 0 : digits / 4;
    }
    return blocks % SOW_MT_JUMP;
}
