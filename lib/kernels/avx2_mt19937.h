/* SPDX-License-Identifier: MIT */
/* MT19937's words with AVX2.  To be included by kernels alone. */
#ifndef AVX2_MT19937_H
#define AVX2_MT19937_H

#include <immintrin.h>
#include <stdint.h>

static inline __m256i load(const uint32_t *words)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)words);
}

static inline void store(uint32_t *words, __m256i x)
{
    _mm256_storeu_si256((__m256i *)(void *)words, x);
}

/* sow_mt_temper() */
static inline __m256i temper(__m256i x)
{
    const __m256i b = _mm256_set1_epi32((int)0x9d2c5680u);
    const __m256i c = _mm256_set1_epi32((int)0xefc60000u);

    x = _mm256_xor_si256(x, _mm256_srli_epi32(x, 11));
    x = _mm256_xor_si256(x, _mm256_and_si256(_mm256_slli_epi32(x, 7), b));
    x = _mm256_xor_si256(x, _mm256_and_si256(_mm256_slli_epi32(x, 15), c));
    return _mm256_xor_si256(x, _mm256_srli_epi32(x, 18));
}

#endif
