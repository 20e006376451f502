/* SPDX-License-Identifier: MIT */
/* Generator sow1, one value at a time; see sow1.md. */
#include "generators/sow1.h"

#include <string.h>

#include "digest.h"
#include "elementary.h"

/* clang-format off */
const float sow1_normal_f32_table[SOW1_F32_ROWS][SOW1_F32_TERMS] = {
#include "generators/normal_f32.inc"
};

const double sow1_normal_f64_table[SOW1_F64_ROWS][SOW1_F64_TERMS] = {
#include "generators/normal_f64.inc"
};
/* clang-format on */

static void store_u64(uint8_t out[8], uint64_t value)
{
    for (int i = 0; i < 8; i++)
        out[i] = (uint8_t)(value >> (8 * i));
}

static uint32_t load_u32(const uint8_t in[4])
{
    return (uint32_t)in[0] | (uint32_t)in[1] << 8 | (uint32_t)in[2] << 16 |
           (uint32_t)in[3] << 24;
}

void sow1_stream(uint64_t seed, const char *label, const char *name,
                 struct sow_stream *stream)
{
    uint8_t id[16];
    uint8_t number[8];
    struct sow_hash hash;

    store_u64(number, seed);
    sow_hash_start(&hash, sizeof id, "sow1 stream");
    sow_hash_add(&hash, number, sizeof number);
    sow_hash_add(&hash, label, strlen(label) + 1);
    sow_hash_add(&hash, name, strlen(name));
    sow_hash_finish(&hash, id, sizeof id);
    *stream = (struct sow_stream){
        .key = {load_u32(id), load_u32(id + 4)},
        .high = {load_u32(id + 8), load_u32(id + 12)},
    };
}

/*
 * A word, as a two's complement integer k, stands for the probability
 * 1/2 + (k + 1/2) 2^-32.  With m = k or ~k, whichever is not negative, the
 * distance from the median is x = (m + 1/2) 2^-32, and the tail beyond is
 * q = (a + 1/2) 2^-32 with a = 2^31 - 1 - m.  Each octave of q has a row of
 * coefficients, for a polynomial in w = 2 - q / 2^floor(log2 q), which runs
 * from 0 at the octave's inner end to 1.  In the first octave w = 4 x, which
 * is taken from m, where small x are exact, and the polynomial is odd.
 */
float sow1_normal_f32(uint32_t word)
{
    uint32_t m = word & 0x80000000u ? ~word : word;
    float tail = (float)(int32_t)(0x7fffffff - m) + 0.5f;
    const float *c;
    uint32_t bits;
    float w, v, z;

    /* The largest float below 2^31 keeps what rounds up in its octave. */
    if (tail > 0x1.fffffep30f)
        tail = 0x1.fffffep30f;
    memcpy(&bits, &tail, sizeof bits);
    c = sow1_normal_f32_table[127 + 30 - (bits >> 23)];
    if (m < 0x40000000u) {
        w = (float)(int32_t)(2 * m + 1) * 0x1p-31f;
        v = w * w;
    } else {
        bits = (bits & 0x007fffffu) | 0x3f800000u;
        memcpy(&w, &bits, sizeof w);
        v = w = 2 - w;
    }
    z = c[SOW1_F32_TERMS - 1];
    for (int i = SOW1_F32_TERMS - 2; i >= 1; i--)
        z = z * v + c[i];
    z = z * w + c[0];
    /* The sign is tossed: a branch on it would be foretold half the time. */
    memcpy(&bits, &z, sizeof bits);
    bits ^= word & 0x80000000u;
    memcpy(&z, &bits, sizeof z);
    return z;
}

/* The same in double, where no step before the polynomial rounds. */
double sow1_normal_f64(uint64_t word)
{
    const uint64_t sign = UINT64_C(1) << 52;
    uint64_t m = word & sign ? ~word & (sign - 1) : word;
    double tail = (double)(int64_t)(sign - 1 - m) + 0.5;
    const double *c;
    uint64_t bits;
    double w, v, z;

    memcpy(&bits, &tail, sizeof bits);
    c = sow1_normal_f64_table[1023 + 51 - (bits >> 52)];
    if (m < sign / 2) {
        w = (double)(int64_t)(2 * m + 1) * 0x1p-52;
        v = w * w;
    } else {
        bits = (bits & 0x000fffffffffffffu) | 0x3ff0000000000000u;
        memcpy(&w, &bits, sizeof w);
        v = w = 2 - w;
    }
    z = c[SOW1_F64_TERMS - 1];
    for (int i = SOW1_F64_TERMS - 2; i >= 1; i--)
        z = z * v + c[i];
    z = z * w + c[0];
    return word & sign ? -z : z;
}

/* 'p' 2^bits, rounded to nearest, with ties away from zero. */
static uint64_t words_below(double p, unsigned bits)
{
    double scale = (double)(UINT64_C(1) << bits);

    return (uint64_t)(p * scale + 0.5);
}

/*
 * The ranks below 'x' are half the words plus or minus a part that is
 * computed from the smaller tail, so that symmetric bounds keep symmetric
 * ranks.
 */
static uint64_t ranks_below(double x, unsigned bits)
{
    uint64_t all = UINT64_C(1) << bits;

    if (x > 0)
        return all - words_below(sow_normal_cdf(-x), bits);
    return words_below(sow_normal_cdf(x), bits);
}

void sow1_truncate(double low, double high, unsigned bits, uint64_t *first,
                   uint64_t *count)
{
    *first = ranks_below(low, bits);
    *count = ranks_below(high, bits) - *first;
}
