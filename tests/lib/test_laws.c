/* SPDX-License-Identifier: MIT */
/*
 * Tests of the laws' arithmetic: every element against the text of
 * generators/sow1.md, nothing fused, and all values within their bounds.
 */
#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "generators/philox.h"
#include "generators/sow1.h"
#include "help.h"

Suite *laws_suite(void);

enum { COUNT = 4096 };

/* Word 'i' of a tensor's stream. */
static uint32_t word_at(const struct sow_tensor *t, uint64_t i)
{
    uint32_t x[4] = {(uint32_t)(i / 4), (uint32_t)(i / 4 >> 32),
                     t->stream.high[0], t->stream.high[1]};

    philox(t->stream.key, x);
    return x[i % 4];
}

static uint64_t wide_word_at(const struct sow_tensor *t, uint64_t i)
{
    return ((uint64_t)word_at(t, 2 * i + 1) << 32 | word_at(t, 2 * i)) >> 11;
}

/* x · a + b with two roundings, or with one. */
static float step_f32(float x, float a, float b, bool fused)
{
    volatile float product = x * a;
    volatile float sum = product + b;

    return fused ? fmaf(x, a, b) : sum;
}

static double step_f64(double x, double a, double b, bool fused)
{
    volatile double product = x * a;
    volatile double sum = product + b;

    return fused ? fma(x, a, b) : sum;
}

static float want_f32(const struct sow_tensor *t, uint64_t i, bool fused)
{
    const double *p = t->spec.scheme.values;
    uint32_t word = word_at(t, i);
    float low, high, z, x, last;
    uint64_t first, count;

    if (t->law.kind == SOW_LAW_UNIFORM) {
        low = (float)p[0];
        high = (float)p[1];
        last = low == high ? low : nextafterf(high, -INFINITY);
        x = step_f32((float)(word >> 8) * 0x1p-24f, high - low, low, fused);
        return x < last ? x : last;
    }
    if (t->law.kind == SOW_LAW_NORMAL)
        return step_f32(sow1_normal_f32(word), (float)p[1], (float)p[0], fused);
    sow1_truncate(p[2], p[3], 32, &first, &count);
    if (count == UINT64_C(1) << 32)
        z = sow1_normal_f32((uint32_t)(first + word - 0x80000000u));
    else
        z = sow1_normal_f32(
            (uint32_t)(first + (word * count >> 32) - 0x80000000u));
    z = fminf(fmaxf(z, (float)p[2]), (float)p[3]);
    return step_f32(z, (float)p[1], (float)p[0], fused);
}

static double want_f64(const struct sow_tensor *t, uint64_t i, bool fused)
{
    __extension__ typedef unsigned __int128 wide;
    const double *p = t->spec.scheme.values;
    uint64_t word = wide_word_at(t, i);
    uint64_t first, count, rank;
    double z, x, last;

    if (t->law.kind == SOW_LAW_UNIFORM) {
        last = p[0] == p[1] ? p[0] : nextafter(p[1], -INFINITY);
        x = step_f64((double)word * 0x1p-53, p[1] - p[0], p[0], fused);
        return x < last ? x : last;
    }
    if (t->law.kind == SOW_LAW_NORMAL)
        return step_f64(sow1_normal_f64(word), p[1], p[0], fused);
    sow1_truncate(p[2], p[3], 53, &first, &count);
    rank = first + (uint64_t)((wide)word * count >> 53);
    z = sow1_normal_f64(rank ^ UINT64_C(1) << 52);
    z = fmin(fmax(z, p[2]), p[3]);
    return step_f64(z, p[1], p[0], fused);
}

static const struct {
    const char *scheme;
    double parameters[4];
} laws[] = {
    {"uniform", {-0.1, 0.3}},
    {"uniform", {1e-3, 1e3}},
    {"normal", {0.3, 0.7}},
    {"normal", {-1.1, 3.3}},
    {"truncated_normal", {0.3, 0.7, -2, 2}},
    {"truncated_normal", {-0.1, 3, -0.3, 5}},
    {"truncated_normal", {1, 0.1, 2.5, 7}},
    {"truncated_normal", {0.5, 1.1, -9, 9}},
};

static struct sow_tensor law_tensor(size_t law, enum sow_dtype dtype)
{
    struct sow_spec spec = spec_make(laws[law].scheme, dtype, SHAPE(COUNT));

    for (uint32_t i = 0; i < spec.scheme.info->parameter_count; i++)
        spec.scheme.values[i] = laws[law].parameters[i];
    return tensor_make(&spec);
}

/* In each law there are values that fusing would change. */
START_TEST(float32_is_as_written_and_nothing_is_fused)
{
    const struct sow_tensor tensor = law_tensor((size_t)_i, SOW_FLOAT32);
    double *values = tensor_values(&tensor);
    int telling = 0;

    for (uint64_t i = 0; i < COUNT; i++) {
        double want = (double)want_f32(&tensor, i, false);

        ck_assert_msg(f64_bits(values[i]) == f64_bits(want),
                      "element %llu is %a, not %a", (unsigned long long)i,
                      values[i], want);
        telling += want != (double)want_f32(&tensor, i, true);
    }
    ck_assert_int_gt(telling, COUNT / 100);
    free(values);
}
END_TEST

START_TEST(float64_is_as_written_and_nothing_is_fused)
{
    const struct sow_tensor tensor = law_tensor((size_t)_i, SOW_FLOAT64);
    double *values = tensor_values(&tensor);
    int telling = 0;

    for (uint64_t i = 0; i < COUNT; i++) {
        double want = want_f64(&tensor, i, false);

        ck_assert_msg(f64_bits(values[i]) == f64_bits(want),
                      "element %llu is %a, not %a", (unsigned long long)i,
                      values[i], want);
        telling += want != want_f64(&tensor, i, true);
    }
    ck_assert_int_gt(telling, COUNT / 100);
    free(values);
}
END_TEST

START_TEST(narrow_types_are_the_rounded_float32)
{
    const struct sow_tensor single = law_tensor((size_t)_i, SOW_FLOAT32);
    uint8_t *from = tensor_bytes(&single);

    for (int d = SOW_FLOAT16; d < SOW_DTYPES; d++) {
        const struct sow_tensor tensor =
            law_tensor((size_t)_i, (enum sow_dtype)d);
        uint8_t *got = tensor_bytes(&tensor);
        uint8_t *want = must_allocate(tensor.size);

        sow_narrow(tensor.spec.dtype, (const float *)(const void *)from, want,
                   COUNT);
        ck_assert_mem_eq(got, want, tensor.size);
        free(got);
        free(want);
    }
    free(from);
}
END_TEST

/* Spans of a few steps between floats, where many sums round to 'high'. */
START_TEST(uniforms_stay_below_high)
{
    const struct {
        double low, high;
    } bounds[] = {
        {1, 1 + 0x1p-23},
        {1, 1 + 0x1p-22},
        {1, 1 + 0x1.8p-22},
        {1, 1 + 0x1p-52},
        {1, 1 + 0x1.8p-51},
        {-1 - 0x1p-23, -1},
        {-0.1, 0.3},
        {-1, 0},
        {0, 1},
        {-0x1p-149, 0},
        {0, 0x1p-149},
        {0, 0x1.4p-147},
        {-0x1p-1074, 0},
        {0, 0x1p-1074},
        {-0x1p-1073, 0x1p-1074},
        {1e30, 1.0000002e30},
        {-1e-30, 1e30},
        {0.1, 0.1},
        {0, 0},
        {-7, -7},
        {-FLT_MAX / 2, FLT_MAX / 2},
        {FLT_MAX / 2, FLT_MAX},
    };

    for (size_t i = 0; i < COUNT(bounds); i++) {
        for (int d = SOW_FLOAT32; d <= SOW_FLOAT64; d++) {
            bool single = d == SOW_FLOAT32;
            double low = single ? (double)(float)bounds[i].low : bounds[i].low;
            double high =
                single ? (double)(float)bounds[i].high : bounds[i].high;
            struct sow_spec spec =
                spec_make("uniform", (enum sow_dtype)d, SHAPE(COUNT));
            struct sow_tensor tensor;
            double *values;

            spec_set(&spec, "low", bounds[i].low);
            spec_set(&spec, "high", bounds[i].high);
            tensor = tensor_make(&spec);
            values = tensor_values(&tensor);
            for (size_t j = 0; j < COUNT; j++)
                ck_assert_msg(
                    values[j] >= low &&
                        (values[j] < high || (low == high && values[j] == low)),
                    "%s in [%a, %a): %a", sow_dtype_name((enum sow_dtype)d),
                    low, high, values[j]);
            free(values);
        }
    }
}
END_TEST

START_TEST(uniforms_reach_both_ends)
{
    struct sow_spec spec = spec_make("uniform", SOW_FLOAT32, SHAPE(COUNT));
    struct sow_tensor tensor;
    double *values;
    int ends[2] = {0, 0};

    spec_set(&spec, "low", 1);
    spec_set(&spec, "high", 1 + 0x1p-22);
    tensor = tensor_make(&spec);
    values = tensor_values(&tensor);
    for (size_t i = 0; i < COUNT; i++)
        ends[values[i] == 1 ? 0 : 1]++;
    ck_assert_int_gt(ends[0], COUNT / 8);
    ck_assert_int_gt(ends[1], COUNT / 8);
    free(values);
}
END_TEST

START_TEST(truncated_normals_stay_within_their_bounds)
{
    static const double bounds[][2] = {
        {-2, 2},   {-1, 3},   {0, 9},      {-9, 0},    {2.5, 8},  {-8, -3},
        {3.4, 99}, {-0.1, 0}, {0, 0.0007}, {1, 1.002}, {-99, 99}, {-0.3, 0.3}};

    for (size_t i = 0; i < COUNT(bounds); i++) {
        for (int d = SOW_FLOAT32; d <= SOW_FLOAT64; d++) {
            struct sow_spec spec =
                spec_make("truncated_normal", (enum sow_dtype)d, SHAPE(COUNT));
            bool single = d == SOW_FLOAT32;
            double low = single ? (double)(float)bounds[i][0] : bounds[i][0];
            double high = single ? (double)(float)bounds[i][1] : bounds[i][1];
            struct sow_tensor tensor;
            double *values;

            spec_set(&spec, "low", bounds[i][0]);
            spec_set(&spec, "high", bounds[i][1]);
            tensor = tensor_make(&spec);
            values = tensor_values(&tensor);
            for (size_t j = 0; j < COUNT; j++)
                ck_assert_msg(
                    values[j] >= low && values[j] <= high, "%s in [%a, %a]: %a",
                    sow_dtype_name((enum sow_dtype)d), low, high, values[j]);
            free(values);
        }
    }
}
END_TEST

Suite *laws_suite(void)
{
    Suite *suite = suite_create("laws");
    TCase *cases = tcase_create("laws");
    int count = (int)COUNT(laws);

    tcase_set_timeout(cases, 60);
    tcase_add_loop_test(cases, float32_is_as_written_and_nothing_is_fused, 0,
                        count);
    tcase_add_loop_test(cases, float64_is_as_written_and_nothing_is_fused, 0,
                        count);
    tcase_add_loop_test(cases, narrow_types_are_the_rounded_float32, 0, count);
    tcase_add_test(cases, uniforms_stay_below_high);
    tcase_add_test(cases, uniforms_reach_both_ends);
    tcase_add_test(cases, truncated_normals_stay_within_their_bounds);
    suite_add_tcase(suite, cases);
    return suite;
}
