/* SPDX-License-Identifier: MIT */
/* MT19937 with AVX2: eight words at a time, in one line of blocks. */
#include <immintrin.h>

#include "generators/mt19937.h"
#include "kernels/avx2_mt19937.h"
#include "kernels/kernels.h"

#define MIDDLE 397
#define LANES 8

void sow_avx2_mt_twist(uint32_t *words, size_t blocks)
{
    const __m256i high = _mm256_set1_epi32((int)0x80000000u);
    const __m256i one = _mm256_set1_epi32(1);
    const __m256i matrix = _mm256_set1_epi32((int)0x9908b0dfu);

    for (size_t i = 0; i < blocks * SOW_MT_WORDS; i += LANES) {
        __m256i first = load(words + i);
        __m256i second = load(words + i + 1);
        /* The high bit of one and the low ones of the other. */
        __m256i x = _mm256_xor_si256(
            second, _mm256_and_si256(_mm256_xor_si256(first, second), high));
        __m256i odd = _mm256_cmpeq_epi32(_mm256_and_si256(second, one), one);

        x = _mm256_xor_si256(_mm256_srli_epi32(x, 1),
                             _mm256_and_si256(odd, matrix));
        store(words + i + SOW_MT_WORDS,
              _mm256_xor_si256(x, load(words + i + MIDDLE)));
    }
}

void sow_avx2_mt_temper(const uint32_t *words, size_t n, uint32_t *out)
{
    size_t i = 0;

    for (; i + LANES <= n; i += LANES)
        store(out + i, temper(load(words + i)));
    for (; i < n; i++)
        out[i] = sow_mt_temper(words[i]);
}

/* VECTORS of the sum stay in registers while all its terms pass by. */
#define VECTORS 13
#define EACH _Pragma("GCC unroll 13") for (int v = 0; v < VECTORS; v++)

_Static_assert(SOW_MT_WORDS % (VECTORS * LANES) == 0,
               "the sum's parts don't make up a block");

void sow_avx2_mt_sum(const uint32_t *words, const uint16_t *from, size_t n,
                     uint32_t *sum)
{
    for (size_t part = 0; part < SOW_MT_WORDS; part += VECTORS * LANES) {
        __m256i x[VECTORS];

        EACH x[v] = load(sum + part + LANES * v);
        for (size_t k = 0; k < n; k++) {
            const uint32_t *term = words + from[k] + part;

            EACH x[v] = _mm256_xor_si256(x[v], load(term + LANES * v));
        }
        EACH store(sum + part + LANES * v, x[v]);
    }
}
