/* SPDX-License-Identifier: MIT */
/* Numbers of 32 bits in halves, for the kernels of bfloat16. */
#ifndef AVX512_HALVES_H
#define AVX512_HALVES_H

#include <immintrin.h>

/* The low halves of both vectors' numbers, in order. */
static inline __m512i low_halves(__m512i first, __m512i second)
{
    const __m512i low = _mm512_set_epi16(
        62, 60, 58, 56, 54, 52, 50, 48, 46, 44, 42, 40, 38, 36, 34, 32, 30, 28,
        26, 24, 22, 20, 18, 16, 14, 12, 10, 8, 6, 4, 2, 0);

    return _mm512_permutex2var_epi16(first, low, second);
}

static inline __m512i high_halves(__m512i first, __m512i second)
{
    const __m512i high = _mm512_set_epi16(
        63, 61, 59, 57, 55, 53, 51, 49, 47, 45, 43, 41, 39, 37, 35, 33, 31, 29,
        27, 25, 23, 21, 19, 17, 15, 13, 11, 9, 7, 5, 3, 1);

    return _mm512_permutex2var_epi16(first, high, second);
}

#endif
