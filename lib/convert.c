/* SPDX-License-Identifier: MIT */
/*
 * Element types: names, sizes, and rounding between them.
 *
 * The float8 formats are those of Micikevicius et al. 2022, arXiv:2209.05433.
 */
#include <math.h>
#include <string.h>

#include "convert.h"

struct dtype_info {
    const char *name;
    const char *short_name;
    size_t size;
    struct narrow_format format;
};

static const struct dtype_info dtypes[SOW_DTYPES] = {
    [SOW_FLOAT32] = {"float32", "f32", 4, {0}},
    [SOW_FLOAT64] = {"float64", "f64", 8, {0}},
    [SOW_FLOAT16] = {"float16", "f16", 2, {10, 15, 0x7bff, 0x7c00, 0x7e00}},
    [SOW_BFLOAT16] = {"bfloat16", "bf16", 2, {7, 127, 0x7f7f, 0x7f80, 0x7fc0}},
    [SOW_FLOAT8_E4M3FN] = {"float8_e4m3fn",
                           "f8_e4m3fn",
                           1,
                           {3, 7, 0x7e, 0x7e, 0x7f}},
    [SOW_FLOAT8_E5M2] = {"float8_e5m2",
                         "f8_e5m2",
                         1,
                         {2, 15, 0x7b, 0x7c, 0x7f}},
};

size_t sow_dtype_size(enum sow_dtype dtype)
{
    return dtypes[dtype].size;
}

const struct narrow_format *sow_dtype_format(enum sow_dtype dtype)
{
    return &dtypes[dtype].format;
}

const char *sow_dtype_name(enum sow_dtype dtype)
{
    return dtypes[dtype].name;
}

bool sow_dtype_find(const char *name, enum sow_dtype *dtype)
{
    for (int i = 0; i < SOW_DTYPES; i++) {
        if (strcmp(name, dtypes[i].name) == 0 ||
            strcmp(name, dtypes[i].short_name) == 0) {
            *dtype = (enum sow_dtype)i;
            return true;
        }
    }
    return false;
}

static uint32_t float_bits(float value)
{
    uint32_t bits;

    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static float bits_float(uint32_t bits)
{
    float value;

    memcpy(&value, &bits, sizeof value);
    return value;
}

/* 'value' >> 'shift', rounded to nearest even; 1 <= shift <= 31. */
static uint32_t shift_to_even(uint32_t value, int shift)
{
    uint32_t half = 1u << (shift - 1);
    uint32_t odd = (value >> shift) & 1;

    return (value + (half - 1) + odd) >> shift;
}

/*
 * The magnitude of a finite float32 in format 'f'.  A normal result keeps its
 * exponent, rebiased, above its mantissa, so that rounding up carries into
 * it; a subnormal one is the significand with its leading bit, shifted to the
 * one exponent that subnormals have.
 */
static uint32_t narrow_magnitude(const struct narrow_format *f, uint32_t bits)
{
    int exponent = (int)(bits >> 23) - 127 + f->bias;
    int drop = 23 - f->mantissa;
    uint32_t significand = (bits & 0x7fffff) | 0x800000;
    uint32_t rounded;

    if (exponent >= 1) {
        rounded = shift_to_even(bits - ((uint32_t)(127 - f->bias) << 23), drop);
        return rounded > f->largest ? f->overflow : rounded;
    }
    if (bits < 0x800000)
        significand = (bits & 0x7fffff) << 1;
    drop += 1 - exponent;
    return drop > 25 ? 0 : shift_to_even(significand, drop);
}

static uint32_t narrow(const struct narrow_format *f, int bits, float value)
{
    uint32_t in = float_bits(value);
    uint32_t magnitude = in & 0x7fffffff;
    uint32_t sign = (in >> 31) << (bits - 1);

    if (magnitude > 0x7f800000)
        return sign | f->nan;
    if (magnitude == 0x7f800000)
        return sign | f->overflow;
    return sign | narrow_magnitude(f, magnitude);
}

static void narrow_to_8(const struct narrow_format *f, const float *in,
                        uint8_t *out, size_t n)
{
    for (size_t i = 0; i < n; i++)
        out[i] = (uint8_t)narrow(f, 8, in[i]);
}

static void narrow_to_16(const struct narrow_format *f, const float *in,
                         uint8_t *out, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        uint16_t value = (uint16_t)narrow(f, 16, in[i]);

        memcpy(out + 2 * i, &value, sizeof value);
    }
}

void sow_narrow(enum sow_dtype dtype, const float *in, void *out, size_t n)
{
    const struct dtype_info *info = &dtypes[dtype];

    if (dtype == SOW_FLOAT32) {
        memcpy(out, in, n * sizeof *in);
    } else if (dtype == SOW_FLOAT64) {
        for (size_t i = 0; i < n; i++) {
            double value = in[i];

            memcpy((uint8_t *)out + 8 * i, &value, sizeof value);
        }
    } else if (info->size == 2) {
        narrow_to_16(&info->format, in, out, n);
    } else {
        narrow_to_8(&info->format, in, out, n);
    }
}

/*
 * The float that 'value', of 'bits' bits in format 'f', stands for.  Its fields
 * moved to where a float has them make one that is too small by the difference
 * of the biases, which a product mends, exactly; subnormal values, too.
 */
static float widen(const struct narrow_format *f, int bits, uint32_t value)
{
    uint32_t magnitude = value & ((1u << (bits - 1)) - 1);
    uint32_t sign = value >> (bits - 1) << 31;
    float scale = bits_float((uint32_t)(254 - f->bias) << 23);

    if (magnitude > f->largest)
        return magnitude == f->overflow ? bits_float(sign | 0x7f800000) : NAN;
    return bits_float(sign | magnitude << (23 - f->mantissa)) * scale;
}

static void widen_from_8(const struct narrow_format *f, const uint8_t *in,
                         double *out, size_t n)
{
    for (size_t i = 0; i < n; i++)
        out[i] = (double)widen(f, 8, in[i]);
}

static void widen_from_16(const struct narrow_format *f, const uint8_t *in,
                          double *out, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        uint16_t value;

        memcpy(&value, in + 2 * i, sizeof value);
        out[i] = (double)widen(f, 16, value);
    }
}

void sow_widen(enum sow_dtype dtype, const void *in, double *out, size_t n)
{
    const struct dtype_info *info = &dtypes[dtype];

    if (dtype == SOW_FLOAT64) {
        memcpy(out, in, n * sizeof *out);
    } else if (dtype == SOW_FLOAT32) {
        for (size_t i = 0; i < n; i++) {
            float value;

            memcpy(&value, (const uint8_t *)in + 4 * i, sizeof value);
            out[i] = (double)value;
        }
    } else if (info->size == 2) {
        widen_from_16(&info->format, in, out, n);
    } else {
        widen_from_8(&info->format, in, out, n);
    }
}
