/* SPDX-License-Identifier: MIT */
/*
 * AVX-512 on any processor: the intrinsics that lib/kernels/avx512*.c call, by
 * SIMDe, and here, as Intel's manual has them, those that it lacks.  Included
 * before all else, by the compiler's -include (Makefile, MODE=simde).
 */
#ifndef SIMDE_AVX512_H
#define SIMDE_AVX512_H

#define SIMDE_ENABLE_NATIVE_ALIASES
#include <string.h>

#include <simde/x86/avx512.h>

/* Every processor has what the engine needs. */
#define __builtin_cpu_supports(feature) 1

/* A vector as numbers. */
union simde_lanes {
    __m512 ps;
    __m512d pd;
    __m512i si;
    float f32[16];
    double f64[8];
    int32_t i32[16];
    int64_t i64[8];
    uint32_t u32[16];
    uint16_t u16[32];
};

#define EACH_LANE(n) for (size_t i = 0; i < (n); i++)

static inline __m512 simde_cvtepi32_ps(__m512i a)
{
    union simde_lanes x = {.si = a};

    EACH_LANE(16) x.f32[i] = (float)x.i32[i];
    return x.ps;
}
#undef _mm512_cvtepi32_ps
#define _mm512_cvtepi32_ps simde_cvtepi32_ps

static inline __m512d simde_cvtepi64_pd(__m512i a)
{
    union simde_lanes x = {.si = a};

    EACH_LANE(8) x.f64[i] = (double)x.i64[i];
    return x.pd;
}
#undef _mm512_cvtepi64_pd
#define _mm512_cvtepi64_pd simde_cvtepi64_pd

static inline __m512i simde_srai_epi32(__m512i a, int by)
{
    union simde_lanes x = {.si = a};

    EACH_LANE(16) x.i32[i] >>= by;
    return x.si;
}
#undef _mm512_srai_epi32
#define _mm512_srai_epi32 simde_srai_epi32

static inline __m512i simde_srai_epi64(__m512i a, int by)
{
    union simde_lanes x = {.si = a};

    EACH_LANE(8) x.i64[i] >>= by;
    return x.si;
}
#undef _mm512_srai_epi64
#define _mm512_srai_epi64 simde_srai_epi64

static inline __m256i simde_maskz_cvtps_ph(__mmask16 all, __m512 a,
                                           int rounding)
{
    const union simde_lanes x = {.ps = a};
    __m256i y;

    (void)all;
    (void)rounding; /* to nearest, even */
    for (int i = 0; i < 2; i++) {
        __m128i half = _mm256_cvtps_ph(_mm256_loadu_ps(x.f32 + 8 * i),
                                       _MM_FROUND_TO_NEAREST_INT);

        memcpy((uint8_t *)&y + 16 * i, &half, sizeof half);
    }
    return y;
}
#undef _mm512_maskz_cvtps_ph
#define _mm512_maskz_cvtps_ph simde_maskz_cvtps_ph

static inline __m128i simde_cvtepi32_epi8(__m512i a)
{
    const union simde_lanes x = {.si = a};
    uint8_t to[16];

    EACH_LANE(16) to[i] = (uint8_t)x.u32[i];
    return _mm_loadu_si128((const __m128i *)(const void *)to);
}
#undef _mm512_cvtepi32_epi8
#define _mm512_cvtepi32_epi8 simde_cvtepi32_epi8

static inline __mmask32 simde_cmplt_epu16_mask(__m512i a, __m512i b)
{
    const union simde_lanes x = {.si = a}, y = {.si = b};
    __mmask32 mask = 0;

    EACH_LANE(32) mask |= (__mmask32)(x.u16[i] < y.u16[i]) << i;
    return mask;
}
#undef _mm512_cmplt_epu16_mask
#define _mm512_cmplt_epu16_mask simde_cmplt_epu16_mask

#endif
