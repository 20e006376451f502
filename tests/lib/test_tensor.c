/* SPDX-License-Identifier: MIT */
/* Tests of what sow_tensor_init() refuses, and what it fills in. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "help.h"

Suite *tensor_suite(void);

/* A parameter out of its range, alone or with others set. */
static const struct {
    const char *scheme;
    struct {
        const char *name;
        double value;
    } set[4];
    const char *at;
} bad[] = {
    {"constant", {{"value", NAN}}, "value"},
    {"constant", {{"value", INFINITY}}, "value"},
    {"uniform", {{"low", NAN}}, "low"},
    {"uniform", {{"high", NAN}}, "high"},
    {"uniform", {{"low", -INFINITY}}, "low"},
    {"uniform", {{"low", 2}}, "high"},
    {"uniform", {{"low", 1}, {"high", 0.999}}, "high"},
    {"torch.uniform", {{"a", 2}}, "b"},
    {"jax.uniform", {{"scale", -1}}, "scale"},
    {"keras.random_uniform", {{"minval", 1}}, "maxval"},
    {"normal", {{"std", -1}}, "std"},
    {"normal", {{"std", -DBL_MIN}}, "std"},
    {"normal", {{"mean", INFINITY}}, "mean"},
    {"jax.normal", {{"stddev", -1}}, "stddev"},
    {"keras.random_normal", {{"stddev", NAN}}, "stddev"},
    {"keras.truncated_normal", {{"stddev", -1}}, "stddev"},
    {"truncated_normal", {{"std", -1}}, "std"},
    {"truncated_normal", {{"low", 3}}, "high"},
    {"truncated_normal", {{"low", 2}}, "high"},
    {"truncated_normal", {{"high", NAN}}, "high"},
    {"torch.trunc_normal", {{"std", 0}}, "std"},
    {"torch.trunc_normal", {{"std", -1}}, "std"},
    {"torch.trunc_normal", {{"a", 2}, {"b", -2}}, "b"},
    {"torch.trunc_normal", {{"a", 1}, {"b", 1}}, "b"},
    {"jax.truncated_normal", {{"lower", 4}, {"upper", 3}}, "upper"},
    {"variance_scaling", {{"scale", -1}}, "scale"},
    {"variance_scaling", {{"scale", NAN}}, "scale"},
    {"jax.variance_scaling", {{"scale", -1}}, "scale"},
    {"keras.variance_scaling", {{"scale", INFINITY}}, "scale"},
    {"xavier_normal", {{"gain", NAN}}, "gain"},
    {"torch.xavier_uniform", {{"gain", INFINITY}}, "gain"},
    {"kaiming_normal", {{"a", NAN}}, "a"},
};

START_TEST(bad_parameters_are_refused_by_name)
{
    for (size_t i = 0; i < COUNT(bad); i++) {
        for (int d = 0; d < SOW_DTYPES; d++) {
            struct sow_spec spec =
                spec_make(bad[i].scheme, (enum sow_dtype)d, SHAPE(6, 4));

            for (size_t p = 0; p < 4 && bad[i].set[p].name != NULL; p++)
                spec_set(&spec, bad[i].set[p].name, bad[i].set[p].value);
            spec_refused(&spec, SOW_BAD_PARAMETER, bad[i].at);
        }
    }
}
END_TEST

/* Bounds must hold 2^20 of 2^32 words, or of 2^53 in float64. */
START_TEST(bounds_that_hold_too_few_words_are_refused)
{
    static const struct {
        const char *scheme, *low_name, *high_name;
        double low, high;
        enum sow_dtype dtype;
        bool good;
    } rows[] = {
        {"truncated_normal", "low", "high", 5, 9, SOW_FLOAT32, false},
        {"truncated_normal", "low", "high", -9, -5, SOW_FLOAT16, false},
        {"truncated_normal", "low", "high", 5, 9, SOW_FLOAT64, true},
        {"truncated_normal", "low", "high", 7, 9, SOW_FLOAT64, false},
        {"truncated_normal", "low", "high", 1, 1.0005, SOW_FLOAT32, false},
        {"truncated_normal", "low", "high", 1, 1.0005, SOW_FLOAT64, true},
        {"torch.trunc_normal", "a", "b", 5, 9, SOW_BFLOAT16, false},
        {"jax.truncated_normal", "lower", "upper", 5, 9, SOW_FLOAT32, false},
        /* 2^-12 is the mass below -3.4872 and within 0 and 0.00061197. */
        {"truncated_normal", "low", "high", 3.4871, 99, SOW_FLOAT32, true},
        {"truncated_normal", "low", "high", 3.4873, 99, SOW_FLOAT32, false},
        {"truncated_normal", "low", "high", 0, 0.000612, SOW_FLOAT32, true},
        {"truncated_normal", "low", "high", 0, 0.0006119, SOW_FLOAT32, false},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct sow_spec spec =
            spec_make(rows[i].scheme, rows[i].dtype, SHAPE(6, 4));

        spec_set(&spec, rows[i].low_name, rows[i].low);
        spec_set(&spec, rows[i].high_name, rows[i].high);
        if (!rows[i].good)
            spec_refused(&spec, SOW_BAD_PARAMETER, rows[i].low_name);
        else
            ck_assert_double_gt(tensor_make(&spec).std, 0);
    }
}
END_TEST

/* Just inside of what is refused. */
START_TEST(parameters_at_their_limits_are_taken)
{
    static const struct {
        const char *scheme;
        struct {
            const char *name;
            double value;
        } set[4];
    } good[] = {
        {"uniform", {{"low", 1}, {"high", 1}}},
        {"jax.uniform", {{"scale", 0}}},
        {"normal", {{"std", 0}}},
        {"normal", {{"std", -0.0}}},
        {"truncated_normal", {{"std", 0}}},
        {"truncated_normal", {{"low", 3.4}, {"high", 99}}},
        {"truncated_normal", {{"low", -1e300}, {"high", 1e300}}},
        {"torch.trunc_normal", {{"std", 1e-300}}},
        {"variance_scaling", {{"scale", 0}}},
        {"xavier_normal", {{"gain", 0}}},
        {"xavier_normal", {{"gain", -1}}},
        {"kaiming_normal", {{"a", 1e200}}},
    };

    for (size_t i = 0; i < COUNT(good); i++) {
        struct sow_spec spec =
            spec_make(good[i].scheme, SOW_FLOAT32, SHAPE(6, 4));
        struct sow_tensor tensor;

        for (size_t p = 0; p < 4 && good[i].set[p].name != NULL; p++)
            spec_set(&spec, good[i].set[p].name, good[i].set[p].value);
        tensor = tensor_make(&spec);
        ck_assert_msg(isfinite(tensor.std) && tensor.std >= 0, "%s: std %g",
                      good[i].scheme, tensor.std);
    }
}
END_TEST

START_TEST(counts_are_whole_numbers_that_divide)
{
    const struct {
        double groups;
        bool good;
    } counts[] = {
        {1, true},       {2, true},       {3, true},        {6, true},
        {4, false},      {12, false},     {0, false},       {-1, false},
        {1.5, false},    {0.5, false},    {NAN, false},     {INFINITY, false},
        {0x1p53, false}, {0x1p64, false}, {-0x1p64, false}, {1e300, false},
    };

    for (size_t i = 0; i < COUNT(counts); i++) {
        struct sow_spec spec = spec_make("dirac", SOW_FLOAT32, SHAPE(6, 4, 3));

        spec_set(&spec, "groups", counts[i].groups);
        if (counts[i].good)
            ck_assert_uint_eq(tensor_make(&spec).elements, 72);
        else
            spec_refused(&spec, SOW_BAD_PARAMETER, "groups");
    }
}
END_TEST

/* What float32 can't hold, float64 may. */
START_TEST(numbers_past_the_type_are_refused)
{
    static const struct {
        const char *scheme;
        struct {
            const char *name;
            double value;
        } set[4];
        bool fits_float64;
    } rows[] = {
        {"constant", {{"value", 1e39}}, true},
        {"constant", {{"value", -1e39}}, true},
        {"normal", {{"std", 1e39}}, true},
        {"normal", {{"mean", -1e39}}, true},
        {"uniform", {{"high", 1e39}}, true},
        {"uniform", {{"low", -3e38}, {"high", 3e38}}, true},
        {"uniform", {{"low", -1.5e308}, {"high", 1.5e308}}, false},
        {"truncated_normal", {{"std", 1e39}}, true},
        {"variance_scaling", {{"scale", 1e80}}, true},
        {"keras.identity", {{"gain", 1e39}}, true},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        for (int d = 0; d < SOW_DTYPES; d++) {
            struct sow_spec spec =
                spec_make(rows[i].scheme, (enum sow_dtype)d, SHAPE(6, 4));

            for (size_t p = 0; p < 4 && rows[i].set[p].name != NULL; p++)
                spec_set(&spec, rows[i].set[p].name, rows[i].set[p].value);
            if (d == SOW_FLOAT64 && rows[i].fits_float64)
                ck_assert_uint_eq(tensor_make(&spec).size, 24 * 8);
            else
                spec_refused(&spec, SOW_BAD_PARAMETER, "scheme");
        }
    }
}
END_TEST

START_TEST(ranks_that_do_not_fit_are_refused)
{
    static const struct {
        const char *scheme;
        uint32_t least, most;
    } rows[] = {
        {"he_normal", 2, 8},
        {"torch.linear", 2, 8},
        {"variance_scaling", 2, 8},
        {"jax.glorot_uniform", 2, 8},
        {"keras.he_normal", 0, 8},
        {"keras.variance_scaling", 0, 8},
        {"eye", 2, 2},
        {"torch.eye", 2, 2},
        {"keras.identity", 2, 2},
        {"dirac", 3, 5},
        {"torch.dirac", 3, 5},
        {"normal", 0, 8},
        {"jax.truncated_normal", 0, 8},
        {"keras.zeros", 0, 8},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        for (uint32_t rank = 0; rank <= SOW_MAX_RANK; rank++) {
            struct sow_spec spec =
                spec_make(rows[i].scheme, SOW_FLOAT32,
                          (struct sow_shape){rank, {2, 2, 2, 2, 2, 2, 2, 2}});

            if (rank < rows[i].least || rank > rows[i].most)
                spec_refused(&spec, SOW_BAD_SCHEME, "shape");
            else
                ck_assert_uint_eq(tensor_make(&spec).elements, 1u << rank);
        }
    }
}
END_TEST

START_TEST(shapes_too_large_are_refused)
{
    const struct sow_shape shapes[] = {
        SHAPE(UINT64_C(1) << 61),
        SHAPE(UINT64_C(1) << 31, UINT64_C(1) << 30),
        SHAPE(0, UINT64_MAX),
        {.rank = 9},
    };

    for (size_t i = 0; i < COUNT(shapes); i++) {
        const struct sow_spec spec =
            spec_make("normal", SOW_FLOAT32, shapes[i]);

        spec_refused(&spec, SOW_BAD_SHAPE, "shape");
    }
}
END_TEST

START_TEST(tensors_carry_their_spec_and_sizes)
{
    struct sow_spec spec = spec_make("normal", SOW_BFLOAT16, SHAPE(3, 5));
    struct sow_tensor tensor;

    spec.name = "fc.weight";
    spec.layout = SOW_JAX;
    tensor = tensor_make(&spec);
    ck_assert_uint_eq(tensor.elements, 15);
    ck_assert_uint_eq(tensor.size, 30);
    ck_assert(tensor.has_fans);
    ck_assert_uint_eq(tensor.fan_in, 3);
    ck_assert_uint_eq(tensor.fan_out, 5);
    ck_assert_uint_eq(tensor.spec.axes.in, 1);
    ck_assert_uint_eq(tensor.spec.axes.out, 2);
    ck_assert_str_eq(tensor.spec.name, "fc.weight");
    ck_assert_uint_eq(tensor.spec.seed, 42);
    ck_assert_double_eq(tensor.std, 1);
    spec.shape = SHAPE(7);
    tensor = tensor_make(&spec);
    ck_assert(!tensor.has_fans);
    ck_assert_uint_eq(tensor.fan_in, 0);
}
END_TEST

/* Values depend on the seed and the name, and not on dtype, layout or law. */
START_TEST(streams_depend_on_seed_and_name_alone)
{
    struct sow_spec spec = spec_make("normal", SOW_FLOAT32, SHAPE(3, 5));
    const struct sow_tensor first = tensor_make(&spec);
    struct sow_spec other = spec_make("eye", SOW_FLOAT64, SHAPE(9, 9));
    struct sow_tensor tensor = tensor_make(&other);

    ck_assert_mem_eq(&tensor.stream, &first.stream, sizeof first.stream);
    spec.seed = 43;
    tensor = tensor_make(&spec);
    ck_assert_mem_ne(&tensor.stream, &first.stream, sizeof first.stream);
    spec.seed = 42;
    spec.name = "x";
    tensor = tensor_make(&spec);
    ck_assert_mem_ne(&tensor.stream, &first.stream, sizeof first.stream);
}
END_TEST

Suite *tensor_suite(void)
{
    Suite *suite = suite_create("tensor");
    TCase *cases = tcase_create("tensor");

    tcase_add_test(cases, bad_parameters_are_refused_by_name);
    tcase_add_test(cases, bounds_that_hold_too_few_words_are_refused);
    tcase_add_test(cases, parameters_at_their_limits_are_taken);
    tcase_add_test(cases, counts_are_whole_numbers_that_divide);
    tcase_add_test(cases, numbers_past_the_type_are_refused);
    tcase_add_test(cases, ranks_that_do_not_fit_are_refused);
    tcase_add_test(cases, shapes_too_large_are_refused);
    tcase_add_test(cases, tensors_carry_their_spec_and_sizes);
    tcase_add_test(cases, streams_depend_on_seed_and_name_alone);
    suite_add_tcase(suite, cases);
    return suite;
}
