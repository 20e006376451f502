/* SPDX-License-Identifier: MIT */
/*
 * Tests of what schemes mean: each gives, bit for bit, the uniform, normal or
 * truncated normal that the formula of generators/sow1.md makes of it.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "help.h"

Suite *scaling_suite(void);

/* As a fan that is divided by: of one side, or a mean of both. */
enum fan { IN, OUT, AVERAGE, GEOMETRIC };

/* The distributions, as tests call them. */
enum shape { UNIFORM, NORMAL, TRUNCATED };

#define WITHIN_TWO 0.87962566103423978

/* A scheme, at most two parameters of it, and the law it must have. */
static const struct {
    const char *scheme;
    struct {
        const char *name;
        double value;
    } set[3];
    enum fan fan;
    enum shape law;
    double scale;
} rows[] = {
    {"variance_scaling", {{NULL, 0}}, IN, TRUNCATED, 1},
    {"variance_scaling", {{"mode", 1}}, OUT, TRUNCATED, 1},
    {"variance_scaling", {{"mode", 2}}, AVERAGE, TRUNCATED, 1},
    {"variance_scaling", {{"mode", 3}}, GEOMETRIC, TRUNCATED, 1},
    {"variance_scaling", {{"distribution", 1}}, IN, NORMAL, 1},
    {"variance_scaling",
     {{"distribution", 2}, {"scale", 0.3}, {"mode", 3}},
     GEOMETRIC,
     UNIFORM,
     0.3},
    {"variance_scaling", {{"scale", 0}}, IN, TRUNCATED, 0},
    {"xavier_uniform", {{NULL, 0}}, AVERAGE, UNIFORM, 1},
    {"xavier_uniform", {{"gain", 1.7}}, AVERAGE, UNIFORM, 1.7 * 1.7},
    {"xavier_normal", {{NULL, 0}}, AVERAGE, NORMAL, 1},
    {"xavier_normal", {{"gain", 0}}, AVERAGE, NORMAL, 0},
    {"glorot_uniform", {{NULL, 0}}, AVERAGE, UNIFORM, 1},
    {"glorot_normal", {{"gain", 0.1}}, AVERAGE, NORMAL, 0.1 * 0.1},
    {"kaiming_uniform", {{NULL, 0}}, IN, UNIFORM, 2},
    {"kaiming_uniform", {{"a", 0.5}}, IN, UNIFORM, 2 / 1.25},
    {"kaiming_uniform", {{"a", 9}, {"nonlinearity", 1}}, IN, UNIFORM, 2},
    {"kaiming_normal", {{"mode", 1}}, OUT, NORMAL, 2},
    {"kaiming_normal", {{"mode", 2}}, AVERAGE, NORMAL, 2},
    {"kaiming_normal", {{"nonlinearity", 2}}, IN, NORMAL, 1},
    {"kaiming_normal", {{"nonlinearity", 3}}, IN, NORMAL, 1},
    {"kaiming_normal", {{"nonlinearity", 4}}, IN, NORMAL, 25.0 / 9},
    {"kaiming_normal", {{"nonlinearity", 5}}, IN, NORMAL, 9.0 / 16},
    {"he_uniform", {{NULL, 0}}, IN, UNIFORM, 2},
    {"he_normal", {{NULL, 0}}, IN, NORMAL, 2},
    {"lecun_uniform", {{NULL, 0}}, IN, UNIFORM, 1},
    {"lecun_normal", {{NULL, 0}}, IN, NORMAL, 1},
    {"torch.linear", {{NULL, 0}}, IN, UNIFORM, 1.0 / 3},
    {"torch.xavier_uniform", {{"gain", 3}}, AVERAGE, UNIFORM, 9},
    {"torch.xavier_normal", {{NULL, 0}}, AVERAGE, NORMAL, 1},
    {"torch.kaiming_uniform", {{"a", 2}}, IN, UNIFORM, 2.0 / 5},
    {"torch.kaiming_normal", {{"mode", 1}}, OUT, NORMAL, 2},
    {"torch.kaiming_normal", {{"nonlinearity", 4}}, IN, NORMAL, 25.0 / 9},
    {"jax.variance_scaling", {{"scale", 5}}, IN, TRUNCATED, 5},
    {"jax.variance_scaling",
     {{"scale", 5}, {"mode", 3}, {"distribution", 1}},
     GEOMETRIC,
     NORMAL,
     5},
    {"jax.lecun_uniform", {{NULL, 0}}, IN, UNIFORM, 1},
    {"jax.lecun_normal", {{NULL, 0}}, IN, TRUNCATED, 1},
    {"jax.glorot_uniform", {{NULL, 0}}, AVERAGE, UNIFORM, 1},
    {"jax.xavier_normal", {{NULL, 0}}, AVERAGE, TRUNCATED, 1},
    {"jax.he_uniform", {{NULL, 0}}, IN, UNIFORM, 2},
    {"jax.he_normal", {{NULL, 0}}, IN, TRUNCATED, 2},
    {"jax.kaiming_normal", {{NULL, 0}}, IN, TRUNCATED, 2},
    {"keras.variance_scaling", {{NULL, 0}}, IN, TRUNCATED, 1},
    {"keras.variance_scaling", {{"distribution", 1}}, IN, NORMAL, 1},
    {"keras.variance_scaling", {{"distribution", 2}}, IN, UNIFORM, 1},
    {"keras.variance_scaling",
     {{"distribution", 3}, {"mode", 2}},
     AVERAGE,
     TRUNCATED,
     1},
    {"keras.lecun_uniform", {{NULL, 0}}, IN, UNIFORM, 1},
    {"keras.lecun_normal", {{NULL, 0}}, IN, TRUNCATED, 1},
    {"keras.glorot_uniform", {{NULL, 0}}, AVERAGE, UNIFORM, 1},
    {"keras.glorot_normal", {{NULL, 0}}, AVERAGE, TRUNCATED, 1},
    {"keras.he_uniform", {{NULL, 0}}, IN, UNIFORM, 2},
    {"keras.he_normal", {{NULL, 0}}, IN, TRUNCATED, 2},
};

static double divisor(enum fan fan, double in, double out)
{
    if (fan == IN)
        return in;
    if (fan == OUT)
        return out;
    return fan == AVERAGE ? (in + out) / 2 : sqrt(in * out);
}

/* The scaled primitive that row 'i' stands for. */
static struct sow_spec primitive(size_t i, const struct sow_spec *spec,
                                 double fan_in, double fan_out)
{
    static const char *const names[] = {"uniform", "normal",
                                        "truncated_normal"};
    double variance = rows[i].scale / divisor(rows[i].fan, fan_in, fan_out);
    struct sow_spec plain =
        spec_make(names[rows[i].law], spec->dtype, spec->shape);

    if (rows[i].law == UNIFORM) {
        spec_set(&plain, "low", -sqrt(3 * variance));
        spec_set(&plain, "high", sqrt(3 * variance));
    } else if (rows[i].law == NORMAL) {
        spec_set(&plain, "std", sqrt(variance));
    } else {
        spec_set(&plain, "std", sqrt(variance) / WITHIN_TWO);
    }
    return plain;
}

static void check_row(size_t i, enum sow_dtype dtype)
{
    /* Fans of torch 90 and 54; of jax and keras 135 and 54. */
    struct sow_spec spec = spec_make(rows[i].scheme, dtype, SHAPE(9, 15, 6));
    struct sow_spec plain;
    struct sow_tensor got, want;
    uint8_t *got_bytes, *want_bytes;
    bool torch = spec.scheme.info->library == NULL ||
                 strcmp(spec.scheme.info->library, "torch") == 0;

    for (size_t p = 0; p < 3 && rows[i].set[p].name != NULL; p++)
        spec_set(&spec, rows[i].set[p].name, rows[i].set[p].value);
    got = tensor_make(&spec);
    ck_assert_uint_eq(got.fan_in, torch ? 90 : 135);
    ck_assert_uint_eq(got.fan_out, 54);
    plain = primitive(i, &spec, (double)got.fan_in, (double)got.fan_out);
    want = tensor_make(&plain);
    got_bytes = tensor_bytes(&got);
    want_bytes = tensor_bytes(&want);
    if (memcmp(got_bytes, want_bytes, got.size) != 0)
        ck_abort_msg("row %zu, %s %s: not the bits of %s", i, rows[i].scheme,
                     sow_dtype_name(dtype), plain.scheme.info->name);
    ck_assert_double_le(fabs(got.std - want.std), 1e-15 * want.std);
    free(got_bytes);
    free(want_bytes);
}

START_TEST(schemes_are_their_scaled_primitives)
{
    for (size_t i = 0; i < COUNT(rows); i++)
        for (int d = 0; d < SOW_DTYPES; d++)
            check_row(i, (enum sow_dtype)d);
}
END_TEST

/* Schemes of a library that are a plain one under another name. */
START_TEST(elementwise_schemes_are_the_same_everywhere)
{
    static const struct {
        const char *scheme, *plain;
        double values[4], plain_values[4];
    } pairs[] = {
        {"zeros", "constant", {0}, {0}},
        {"ones", "constant", {0}, {1}},
        {"torch.zeros", "constant", {0}, {0}},
        {"torch.ones", "constant", {0}, {1}},
        {"torch.constant", "constant", {-3}, {-3}},
        {"torch.uniform", "uniform", {-1, 5}, {-1, 5}},
        {"torch.normal", "normal", {-1, 5}, {-1, 5}},
        {"torch.trunc_normal",
         "truncated_normal",
         {1, 2, -3, 9},
         {1, 2, -2, 4}},
        {"jax.zeros", "constant", {0}, {0}},
        {"jax.ones", "constant", {0}, {1}},
        {"jax.constant", "constant", {7}, {7}},
        {"jax.uniform", "uniform", {0.3}, {0, 0.3}},
        {"jax.normal", "normal", {0.3}, {0, 0.3}},
        {"jax.truncated_normal",
         "truncated_normal",
         {0.3, -1, 3},
         {0, 0.3, -1, 3}},
        {"keras.zeros", "constant", {0}, {0}},
        {"keras.ones", "constant", {0}, {1}},
        {"keras.constant", "constant", {7}, {7}},
        {"keras.random_uniform", "uniform", {-1, 5}, {-1, 5}},
        {"keras.random_normal", "normal", {-1, 5}, {-1, 5}},
        {"keras.truncated_normal",
         "truncated_normal",
         {0.5, 3},
         {0.5, 3, -2, 2}},
    };

    for (size_t i = 0; i < COUNT(pairs); i++) {
        struct sow_spec one =
            spec_make(pairs[i].scheme, SOW_FLOAT32, SHAPE(77));
        struct sow_spec two = spec_make(pairs[i].plain, SOW_FLOAT32, SHAPE(77));
        struct sow_tensor t1, t2;
        uint8_t *b1, *b2;

        memcpy(one.scheme.values, pairs[i].values, sizeof pairs[i].values);
        memcpy(two.scheme.values, pairs[i].plain_values,
               sizeof pairs[i].plain_values);
        t1 = tensor_make(&one);
        t2 = tensor_make(&two);
        b1 = tensor_bytes(&t1);
        b2 = tensor_bytes(&t2);
        ck_assert_msg(memcmp(b1, b2, t1.size) == 0, "%s is not %s",
                      pairs[i].scheme, pairs[i].plain);
        free(b1);
        free(b2);
    }
}
END_TEST

START_TEST(torch_linear_is_uniform_within_1_over_root_fan_in)
{
    for (uint64_t fan = 1; fan < 3000; fan += 7) {
        const struct sow_spec spec =
            spec_make("torch.linear", SOW_FLOAT64, SHAPE(2, fan));
        const struct sow_tensor tensor = tensor_make(&spec);
        double bound = 1 / sqrt((double)fan);

        ck_assert_int_eq(tensor.law.kind, SOW_LAW_UNIFORM);
        ck_assert_double_eq(tensor.law.uniform.low, -tensor.law.uniform.high);
        ck_assert_double_eq_tol(tensor.law.uniform.high, bound, 3e-16 * bound);
    }
}
END_TEST

/* A library brings its layout; torch knows no axes but its own. */
START_TEST(layouts_come_from_the_library_or_the_axes)
{
    static const struct {
        const char *scheme;
        enum sow_layout given;
        struct sow_axes axes;
        enum sow_layout layout;
        uint64_t in, out;
    } cases[] = {
        {"he_normal", SOW_TORCH, {0, 0, 0}, SOW_TORCH, 5, 3},
        {"he_normal", SOW_JAX, {0, 0, 0}, SOW_JAX, 3, 5},
        {"he_normal", SOW_KERAS, {0, 0, 0}, SOW_KERAS, 3, 5},
        {"torch.kaiming_normal", SOW_JAX, {0, 0, 0}, SOW_TORCH, 5, 3},
        {"jax.he_normal", SOW_TORCH, {0, 0, 0}, SOW_JAX, 3, 5},
        {"keras.he_normal", SOW_TORCH, {0, 0, 0}, SOW_KERAS, 3, 5},
        {"jax.he_normal", SOW_EXPLICIT, {1, 1, 0}, SOW_EXPLICIT, 5, 5},
        {"torch.linear", SOW_EXPLICIT, {1, 2, 0}, SOW_TORCH, 5, 3},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct sow_spec spec =
            spec_make(cases[i].scheme, SOW_FLOAT32, SHAPE(3, 5));
        struct sow_tensor tensor;

        spec.layout = cases[i].given;
        spec.axes = cases[i].axes;
        tensor = tensor_make(&spec);
        ck_assert(tensor.has_fans);
        ck_assert_int_eq(tensor.spec.layout, cases[i].layout);
        ck_assert_msg(
            tensor.fan_in == cases[i].in && tensor.fan_out == cases[i].out,
            "case %zu: %llu, %llu", i, (unsigned long long)tensor.fan_in,
            (unsigned long long)tensor.fan_out);
    }
}
END_TEST

/* An empty tensor has no variance to speak of, but is no error. */
START_TEST(empty_tensors_resolve)
{
    const char *const names[] = {"he_normal", "xavier_uniform", "jax.he_normal",
                                 "keras.he_normal", "torch.linear"};
    const struct sow_shape shapes[] = {SHAPE(0, 0), SHAPE(3, 0), SHAPE(0, 3),
                                       SHAPE(3, 3, 0)};

    for (size_t n = 0; n < COUNT(names); n++)
        for (size_t i = 0; i < COUNT(shapes); i++) {
            const struct sow_spec spec =
                spec_make(names[n], SOW_FLOAT32, shapes[i]);
            const struct sow_tensor tensor = tensor_make(&spec);

            ck_assert_uint_eq(tensor.size, 0);
            ck_assert_msg(isfinite(tensor.std), "%s: std %g", names[n],
                          tensor.std);
        }
}
END_TEST

Suite *scaling_suite(void)
{
    Suite *suite = suite_create("scaling");
    TCase *cases = tcase_create("scaling");

    tcase_set_timeout(cases, 60);
    tcase_add_test(cases, schemes_are_their_scaled_primitives);
    tcase_add_test(cases, elementwise_schemes_are_the_same_everywhere);
    tcase_add_test(cases, torch_linear_is_uniform_within_1_over_root_fan_in);
    tcase_add_test(cases, layouts_come_from_the_library_or_the_axes);
    tcase_add_test(cases, empty_tensors_resolve);
    suite_add_tcase(suite, cases);
    return suite;
}
