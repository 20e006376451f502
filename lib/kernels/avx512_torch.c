/* SPDX-License-Identifier: MIT */
/*
 * MT19937 with AVX-512, sixteen words at a time, in one line of blocks; and
 * torch's uniform draws from it, whose one fused operation is called by name.
 */
#include <immintrin.h>

#include "generators/mt19937.h"
#include "kernels/kernels.h"

#define MIDDLE 397
#define LANES 16

/* Truth tables of vpternlogd: for its operands a, b and c. */
#define XOR3 0x96    /* a ^ b ^ c */
#define XOR_AND 0x78 /* a ^ (b & c) */
#define CHOOSE 0xca  /* a ? b : c, by bits */

#define logic(a, b, c, table) _mm512_ternarylogic_epi32(a, b, c, table)

static inline __m512i each(uint32_t value)
{
    return _mm512_set1_epi32((int)value);
}

void sow_avx512_mt_twist(uint32_t *words, size_t blocks)
{
    for (size_t i = 0; i < blocks * SOW_MT_WORDS; i += LANES) {
        __m512i first = _mm512_loadu_si512(words + i);
        __m512i second = _mm512_loadu_si512(words + i + 1);
        __m512i middle = _mm512_loadu_si512(words + i + MIDDLE);
        /* The high bit of one and the low ones of the other. */
        __m512i x = logic(each(0x80000000u), first, second, CHOOSE);
        __m512i odd = _mm512_srai_epi32(_mm512_slli_epi32(second, 31), 31);

        x = logic(_mm512_srli_epi32(x, 1), odd, each(0x9908b0dfu), XOR_AND);
        _mm512_storeu_si512(words + i + SOW_MT_WORDS,
                            _mm512_xor_si512(x, middle));
    }
}

/* sow_mt_temper() of the words at 'from' */
static inline __m512i temper(const uint32_t *from)
{
    __m512i x = _mm512_loadu_si512(from);

    x = _mm512_xor_si512(x, _mm512_srli_epi32(x, 11));
    x = logic(x, _mm512_slli_epi32(x, 7), each(0x9d2c5680u), XOR_AND);
    x = logic(x, _mm512_slli_epi32(x, 15), each(0xefc60000u), XOR_AND);
    return _mm512_xor_si512(x, _mm512_srli_epi32(x, 18));
}

void sow_avx512_mt_temper(const uint32_t *words, size_t n, uint32_t *out)
{
    size_t i = 0;

    for (; i + LANES <= n; i += LANES)
        _mm512_storeu_si512(out + i, temper(words + i));
    for (; i < n; i++)
        out[i] = sow_mt_temper(words[i]);
}

/* VECTORS of the sum stay in registers while all its terms pass by. */
#define VECTORS 13
#define EACH _Pragma("GCC unroll 13") for (int v = 0; v < VECTORS; v++)

_Static_assert(SOW_MT_WORDS % (VECTORS * LANES) == 0,
               "the sum's parts don't make up a block");

void sow_avx512_mt_sum(const uint32_t *words, const uint16_t *from, size_t n,
                       uint32_t *sum)
{
    for (size_t part = 0; part < SOW_MT_WORDS; part += VECTORS * LANES) {
        __m512i x[VECTORS];

        EACH x[v] = _mm512_loadu_si512(sum + part + LANES * v);
        for (size_t k = 0; k < n; k++) {
            const uint32_t *term = words + from[k] + part;

            EACH x[v] =
                _mm512_xor_si512(x[v], _mm512_loadu_si512(term + LANES * v));
        }
        EACH _mm512_storeu_si512(sum + part + LANES * v, x[v]);
    }
}

void sow_avx512_torch_uniform_f32(const uint32_t *words, size_t n,
                                  const struct sow_torch_uniform *law,
                                  void *out)
{
    const __m512 low = _mm512_set1_ps(law->low);
    const __m512 span = _mm512_set1_ps(law->span);
    const __m512 high = _mm512_set1_ps(law->high);
    float *to = out;
    size_t i = 0;

    for (; i + LANES <= n; i += LANES) {
        __m512i word = _mm512_and_si512(temper(words + i), each(0xffffff));
        __m512 u = _mm512_cvtepi32_ps(word);

        u = _mm512_mul_ps(u, _mm512_set1_ps(0x1p-24f));
        u = _mm512_fmadd_ps(u, span, low);
        u = _mm512_mask_mov_ps(u, _mm512_cmp_ps_mask(u, high, _CMP_EQ_OQ), low);
        _mm512_storeu_ps(to + i, u);
    }
    sow_portable_torch_uniform_f32(words + i, n - i, law, to + i);
}
