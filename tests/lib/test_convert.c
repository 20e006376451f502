/* SPDX-License-Identifier: MIT */
/*
 * Tests of element types: their names, and rounding against a reference that
 * searches all values of the type for the nearest.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "help.h"

Suite *convert_suite(void);

/*
 * What a format is, in its own words: bits of exponent and mantissa, bias, the
 * pattern of the largest finite value, and what overflow and NaN give.
 */
static const struct format {
    enum sow_dtype dtype;
    int exponent_bits, mantissa_bits, bias;
    uint32_t largest, overflow, nan;
} formats[] = {
    {SOW_FLOAT16, 5, 10, 15, 0x7bff, 0x7c00, 0x7e00},
    {SOW_BFLOAT16, 8, 7, 127, 0x7f7f, 0x7f80, 0x7fc0},
    {SOW_FLOAT8_E4M3FN, 4, 3, 7, 0x7e, 0x7e, 0x7f},
    {SOW_FLOAT8_E5M2, 5, 2, 15, 0x7b, 0x7c, 0x7f},
};

static uint32_t sign_bit(const struct format *f)
{
    return 1u << (f->exponent_bits + f->mantissa_bits);
}

/* The value of a magnitude as if the format had no infinities and no NaN. */
static double magnitude(const struct format *f, uint32_t bits)
{
    int exponent = (int)(bits >> f->mantissa_bits);
    double fraction = (double)(bits & ((1u << f->mantissa_bits) - 1));
    double one = ldexp(1, f->mantissa_bits);

    if (exponent == 0)
        return ldexp(fraction, 1 - f->bias - f->mantissa_bits);
    return ldexp(one + fraction, exponent - f->bias - f->mantissa_bits);
}

/*
 * The nearest pattern by bisection over magnitudes, which grow with their
 * patterns; of two as near, the even one; past 'largest', overflow.
 */
static uint32_t nearest(const struct format *f, float value)
{
    uint32_t sign = signbit(value) ? sign_bit(f) : 0;
    double x = fabs((double)value);
    uint32_t low = 0;
    uint32_t high = f->largest + 1;

    if (isnan(value))
        return sign | f->nan;
    if (x >= magnitude(f, high))
        return sign | f->overflow;
    while (high - low > 1) {
        uint32_t middle = (low + high) / 2;

        if (magnitude(f, middle) <= x)
            low = middle;
        else
            high = middle;
    }
    if (x - magnitude(f, low) > magnitude(f, high) - x ||
        (x - magnitude(f, low) == magnitude(f, high) - x && high % 2 == 0))
        low = high;
    return sign | (low > f->largest ? f->overflow : low);
}

static uint32_t narrow_one(const struct format *f, float value)
{
    uint8_t out[4] = {0xa5, 0xa5, 0xa5, 0xa5};
    size_t size = sow_dtype_size(f->dtype);
    uint32_t bits = 0;

    sow_narrow(f->dtype, &value, out + 1, 1);
    if (out[0] != 0xa5 || out[1 + size] != 0xa5)
        ck_abort_msg("%s: wrote outside", sow_dtype_name(f->dtype));
    memcpy(&bits, out + 1, size);
    return bits;
}

static void check_narrow(const struct format *f, float value)
{
    uint32_t got = narrow_one(f, value);
    uint32_t want = nearest(f, value);

    if (got != want)
        ck_abort_msg("%s: %a is %#x, not %#x", sow_dtype_name(f->dtype),
                     (double)value, got, want);
}

/* 'value' and its neighbours, of both signs. */
static void check_around(const struct format *f, float value)
{
    const float around[] = {nextafterf(value, 0), value,
                            nextafterf(value, INFINITY)};

    for (size_t i = 0; i < COUNT(around); i++) {
        check_narrow(f, around[i]);
        check_narrow(f, -around[i]);
    }
}

/*
 * Every value, and every midpoint between two, which float32 has, but for
 * bfloat16's least subnormals, where it is rounded to one nearby; up to and
 * with what would follow the largest.
 */
START_TEST(narrow_gives_the_nearest_of_all_values)
{
    for (size_t i = 0; i < COUNT(formats); i++) {
        const struct format *f = &formats[i];

        for (uint32_t bits = 0; bits <= f->largest + 1; bits++) {
            double here = magnitude(f, bits);
            double next = magnitude(f, bits + 1);

            check_around(f, (float)here);
            check_around(f, (float)((here + next) / 2));
        }
    }
}
END_TEST

START_TEST(narrow_gives_the_nearest_in_a_sample_of_all_floats)
{
    for (size_t i = 0; i < COUNT(formats); i++)
        for (uint64_t n = 0; n < 1000000; n++)
            check_narrow(&formats[i], f32_of((uint32_t)mix(n)));
}
END_TEST

/* The thresholds and specials, written out. */
START_TEST(narrow_gives_known_patterns)
{
    static const struct {
        enum sow_dtype dtype;
        float value;
        uint32_t want;
    } rows[] = {
        {SOW_FLOAT16, 1, 0x3c00},
        {SOW_FLOAT16, 65504, 0x7bff},
        {SOW_FLOAT16, 0x1.ffdffep15f, 0x7bff},
        {SOW_FLOAT16, 65520, 0x7c00},
        {SOW_FLOAT16, -65520, 0xfc00},
        {SOW_FLOAT16, 0x1p-24f, 0x0001},
        {SOW_FLOAT16, 0x1p-25f, 0x0000},
        {SOW_FLOAT16, 0x1.000002p-25f, 0x0001},
        {SOW_FLOAT16, -0x1p-25f, 0x8000},
        {SOW_FLOAT16, 0x1.ffep-15f, 0x0400},
        {SOW_FLOAT16, INFINITY, 0x7c00},
        {SOW_FLOAT16, -INFINITY, 0xfc00},
        {SOW_FLOAT16, NAN, 0x7e00},
        {SOW_BFLOAT16, 1, 0x3f80},
        {SOW_BFLOAT16, 0x1.fffffep127f, 0x7f80},
        {SOW_BFLOAT16, 0x1.fefffep127f, 0x7f7f},
        {SOW_BFLOAT16, 0x1p-133f, 0x0001},
        {SOW_BFLOAT16, 0x1p-134f, 0x0000},
        {SOW_BFLOAT16, -INFINITY, 0xff80},
        {SOW_BFLOAT16, NAN, 0x7fc0},
        {SOW_FLOAT8_E4M3FN, 1, 0x38},
        {SOW_FLOAT8_E4M3FN, 448, 0x7e},
        {SOW_FLOAT8_E4M3FN, 464, 0x7e},
        {SOW_FLOAT8_E4M3FN, 0x1.d00002p8f, 0x7e},
        {SOW_FLOAT8_E4M3FN, -480, 0xfe},
        {SOW_FLOAT8_E4M3FN, INFINITY, 0x7e},
        {SOW_FLOAT8_E4M3FN, -INFINITY, 0xfe},
        {SOW_FLOAT8_E4M3FN, NAN, 0x7f},
        {SOW_FLOAT8_E4M3FN, 0x1p-9f, 0x01},
        {SOW_FLOAT8_E4M3FN, 0x1p-10f, 0x00},
        {SOW_FLOAT8_E5M2, 1, 0x3c},
        {SOW_FLOAT8_E5M2, 57344, 0x7b},
        {SOW_FLOAT8_E5M2, 0x1.dffffep15f, 0x7b},
        {SOW_FLOAT8_E5M2, 61440, 0x7c},
        {SOW_FLOAT8_E5M2, -INFINITY, 0xfc},
        {SOW_FLOAT8_E5M2, NAN, 0x7f},
        {SOW_FLOAT8_E5M2, 0x1p-16f, 0x01},
        {SOW_FLOAT8_E5M2, 0x1p-17f, 0x00},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct format f = {.dtype = rows[i].dtype};
        uint32_t got = narrow_one(&f, rows[i].value);

        ck_assert_msg(got == rows[i].want, "%s: %a is %#x, not %#x",
                      sow_dtype_name(rows[i].dtype), (double)rows[i].value, got,
                      rows[i].want);
    }
}
END_TEST

/* What 'bits', of either sign, widens to by the definition of the format. */
static double want_wide(const struct format *f, uint32_t bits)
{
    uint32_t size = bits & (sign_bit(f) - 1);
    double sign = bits & sign_bit(f) ? -1 : 1;

    if (size <= f->largest)
        return sign * magnitude(f, size);
    return size == f->overflow ? sign * INFINITY : NAN;
}

START_TEST(every_value_widens_exactly_and_narrows_back)
{
    for (size_t i = 0; i < COUNT(formats); i++) {
        const struct format *f = &formats[i];

        for (uint32_t bits = 0; bits < 2 * sign_bit(f); bits++) {
            double want = want_wide(f, bits);
            double got = 0;

            sow_widen(f->dtype, &bits, &got, 1);
            if (isnan(want) ? !isnan(got) : f64_bits(got) != f64_bits(want))
                ck_abort_msg("%s: %#x is %a, not %a", sow_dtype_name(f->dtype),
                             bits, got, want);
            if (!isnan(want) && narrow_one(f, (float)got) != bits)
                ck_abort_msg("%s: %#x does not narrow back",
                             sow_dtype_name(f->dtype), bits);
        }
    }
}
END_TEST

/* Arrays, at odd addresses: each element by itself. */
START_TEST(arrays_convert_element_by_element)
{
    enum { COUNT = 67 };
    float in[COUNT];
    double wide[COUNT];
    uint8_t out[1 + COUNT * 8 + 1];

    for (int i = 0; i < COUNT; i++)
        in[i] = (float)(int64_t)mix((uint64_t)i) * 0x1p-62f;
    for (int d = 0; d < SOW_DTYPES; d++) {
        enum sow_dtype dtype = (enum sow_dtype)d;
        size_t size = sow_dtype_size(dtype);

        memset(out, 0xa5, sizeof out);
        sow_narrow(dtype, in, out + 1, COUNT);
        ck_assert_uint_eq(out[0], 0xa5);
        ck_assert_uint_eq(out[1 + COUNT * size], 0xa5);
        sow_widen(dtype, out + 1, wide, COUNT);
        for (size_t i = 0; i < COUNT; i++) {
            uint8_t one[8];
            double value;

            sow_narrow(dtype, in + i, one, 1);
            ck_assert_mem_eq(out + 1 + i * size, one, size);
            sow_widen(dtype, one, &value, 1);
            ck_assert_uint_eq(f64_bits(value), f64_bits(wide[i]));
            if (d == SOW_FLOAT32 || d == SOW_FLOAT64)
                ck_assert_double_eq(value, (double)in[i]);
        }
    }
}
END_TEST

START_TEST(types_have_their_names_and_sizes)
{
    static const struct {
        enum sow_dtype dtype;
        const char *name, *short_name;
        size_t size;
    } rows[SOW_DTYPES] = {
        {SOW_FLOAT32, "float32", "f32", 4},
        {SOW_FLOAT64, "float64", "f64", 8},
        {SOW_FLOAT16, "float16", "f16", 2},
        {SOW_BFLOAT16, "bfloat16", "bf16", 2},
        {SOW_FLOAT8_E4M3FN, "float8_e4m3fn", "f8_e4m3fn", 1},
        {SOW_FLOAT8_E5M2, "float8_e5m2", "f8_e5m2", 1},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        const char *const names[] = {rows[i].name, rows[i].short_name};

        ck_assert_str_eq(sow_dtype_name(rows[i].dtype), rows[i].name);
        ck_assert_uint_eq(sow_dtype_size(rows[i].dtype), rows[i].size);
        for (size_t n = 0; n < COUNT(names); n++) {
            enum sow_dtype dtype = SOW_DTYPES;

            ck_assert(sow_dtype_find(names[n], &dtype));
            ck_assert_int_eq(dtype, rows[i].dtype);
        }
    }
}
END_TEST

START_TEST(unknown_types_are_not_found)
{
    const char *const names[] = {"",         "float", "Float32", "float32 ",
                                 "float128", "f8",    "fp16",    "half",
                                 "float8",   "int8"};

    for (size_t i = 0; i < COUNT(names); i++) {
        enum sow_dtype dtype = SOW_FLOAT8_E5M2;

        ck_assert_msg(!sow_dtype_find(names[i], &dtype), "'%s' is found",
                      names[i]);
        ck_assert_int_eq(dtype, SOW_FLOAT8_E5M2);
    }
}
END_TEST

Suite *convert_suite(void)
{
    Suite *suite = suite_create("convert");
    TCase *cases = tcase_create("convert");

    tcase_set_timeout(cases, 60);
    tcase_add_test(cases, narrow_gives_the_nearest_of_all_values);
    tcase_add_test(cases, narrow_gives_the_nearest_in_a_sample_of_all_floats);
    tcase_add_test(cases, narrow_gives_known_patterns);
    tcase_add_test(cases, every_value_widens_exactly_and_narrows_back);
    tcase_add_test(cases, arrays_convert_element_by_element);
    tcase_add_test(cases, types_have_their_names_and_sizes);
    tcase_add_test(cases, unknown_types_are_not_found);
    suite_add_tcase(suite, cases);
    return suite;
}
