/* SPDX-License-Identifier: MIT */
/*
 * Tests of what the theory takes from tensors: against the elements that they
 * have.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stack.h"
#include "whole.h"

Suite *analysis_weights_suite(void);

static struct sow_analysis_layer layer_of(const struct sow_spec *spec)
{
    struct sow_tensor tensor = tensor_make(spec);
    struct sow_analysis_layer layer;
    struct sow_error error;

    sow_analysis_layer_init(&layer, 1, 1);
    ck_assert_msg(sow_analysis_weight(&layer, engine_at(0), &tensor, &error) ==
                      SOW_OK,
                  "%s: %s", spec->scheme.info->name, error.text);
    return layer;
}

/* The mean and mean square of all elements, with the whole if one is needed. */
static void measure(struct sow_tensor *tensor, double *mean, double *square)
{
    double n = (double)tensor->elements;
    double *values;

    whole_make(engine_at(0), tensor, false);
    values = tensor_values(tensor);
    whole_free(tensor);

    *mean = *square = 0;
    for (uint64_t i = 0; i < tensor->elements; i++) {
        *mean += values[i] / n;
        *square += values[i] * values[i] / n;
    }
    free(values);
}

static const struct {
    const char *scheme;
    const char *parameter;
    double value;
    enum sow_analysis_ensemble ensemble;
} schemes[] = {
    {"he_normal", NULL, 0, SOW_ENSEMBLE_INDEPENDENT},
    {"xavier_uniform", NULL, 0, SOW_ENSEMBLE_INDEPENDENT},
    {"uniform", "low", -0.2, SOW_ENSEMBLE_INDEPENDENT},
    {"truncated_normal", "low", -0.5, SOW_ENSEMBLE_INDEPENDENT},
    {"torch.trunc_normal", "a", 0.5, SOW_ENSEMBLE_INDEPENDENT},
    {"keras.he_normal", NULL, 0, SOW_ENSEMBLE_INDEPENDENT},
    {"jax.uniform", NULL, 0, SOW_ENSEMBLE_INDEPENDENT},
    {"normal", "mean", 0.3, SOW_ENSEMBLE_INDEPENDENT},
    {"constant", "value", 0.25, SOW_ENSEMBLE_INDEPENDENT},
    {"zeros", NULL, 0, SOW_ENSEMBLE_INDEPENDENT},
    {"sign_constant", "p_plus", 0.7, SOW_ENSEMBLE_INDEPENDENT},
    {"unsigned_constant", NULL, 0, SOW_ENSEMBLE_INDEPENDENT},
    {"torch.sparse", "sparsity", 0.25, SOW_ENSEMBLE_INDEPENDENT},
    {"orthogonal", "gain", 1.5, SOW_ENSEMBLE_ORTHOGONAL},
    {"jax.orthogonal", NULL, 0, SOW_ENSEMBLE_ORTHOGONAL},
    {"dct_signed", "gain", 2, SOW_ENSEMBLE_ORTHOGONAL},
    {"hadamard_signed", NULL, 0, SOW_ENSEMBLE_ORTHOGONAL},
    {"suo", NULL, 0, SOW_ENSEMBLE_ORTHOGONAL},
    {"eye", NULL, 0, SOW_ENSEMBLE_FIXED},
    {"identity", "gain", 3, SOW_ENSEMBLE_FIXED},
    {"idinit", NULL, 0, SOW_ENSEMBLE_FIXED},
    {"zero_hadamard", NULL, 0, SOW_ENSEMBLE_FIXED},
    {"mirrored", "gain", 2, SOW_ENSEMBLE_INDEPENDENT},
    {"weightnorm", NULL, 0, SOW_ENSEMBLE_ORTHOGONAL},
    {"weightnorm_gaussian", NULL, 0, SOW_ENSEMBLE_INDEPENDENT},
    {"nguyen_widrow", NULL, 0, SOW_ENSEMBLE_INDEPENDENT},
    {"torch.embedding", NULL, 0, SOW_ENSEMBLE_INDEPENDENT},
};

/*
 * 128 x 256 independent elements: a mean square within 8 / sqrt(2^15) = 4.4 %
 * and a mean within 6 / sqrt(2^15) deviations.
 */
START_TEST(statistics_are_those_of_the_elements)
{
    struct sow_spec spec =
        spec_make(schemes[_i].scheme, SOW_FLOAT32, SHAPE(128, 256));
    struct sow_analysis_layer layer;
    struct sow_tensor tensor;
    double mean, square, expected;

    spec.multiplier = 1.25;
    if (schemes[_i].parameter != NULL)
        spec_set(&spec, schemes[_i].parameter, schemes[_i].value);
    tensor = tensor_make(&spec);
    layer = layer_of(&spec);
    measure(&tensor, &mean, &square);
    expected = layer.weight.variance + layer.weight.mean * layer.weight.mean;
    if (schemes[_i].ensemble == SOW_ENSEMBLE_FIXED)
        mean = 0; /* a pattern's is in the variance */
    ck_assert_msg(fabs(mean - layer.weight.mean) <=
                      6 * sqrt(square / 32768) + 1e-7,
                  "%s: the mean is %g, not %g", schemes[_i].scheme,
                  layer.weight.mean, mean);
    ck_assert_msg(fabs(square - expected) <= 0.045 * square,
                  "%s: the mean square is %g, not %g", schemes[_i].scheme,
                  expected, square);
    ck_assert_int_eq(layer.weight.ensemble, schemes[_i].ensemble);
    if (tensor.spec.layout == SOW_TORCH) {
        ck_assert_uint_eq(layer.n_out, 128);
        ck_assert_uint_eq(layer.n_in, 256);
    }
}
END_TEST

START_TEST(laws_are_taken_exactly)
{
    struct sow_spec spec =
        spec_make("kaiming_uniform", SOW_FLOAT32, SHAPE(64, 48, 3, 3));
    struct sow_analysis_layer layer = layer_of(&spec);

    expect_close("variance", layer.weight.variance, 2.0 / (48 * 9), 1e-12);
    ck_assert_double_eq(layer.weight.mean, 0);
    ck_assert_uint_eq(layer.n_in, 48);
    ck_assert_uint_eq(layer.n_out, 64);
    ck_assert_double_eq(layer.receptive, 9);
}
END_TEST

START_TEST(delta_kernels_have_one_place)
{
    struct sow_spec spec =
        spec_make("delta_orthogonal", SOW_FLOAT32, SHAPE(64, 48, 3, 3));
    struct sow_analysis_layer layer = layer_of(&spec);

    ck_assert_double_eq(layer.receptive, 1);
    expect_close("variance", layer.weight.variance, 1.0 / 64, 1e-12);
}
END_TEST

START_TEST(mirrored_weights_say_which_sides)
{
    struct sow_spec spec = spec_make("mirrored", SOW_FLOAT32, SHAPE(64, 32));
    struct sow_analysis_layer layer = layer_of(&spec);

    ck_assert(layer.weight.mirrors_in && layer.weight.mirrors_out);
    expect_close("hidden", layer.weight.variance, 2.0 / 32, 1e-12);
    spec_set(&spec, "part", 1);
    layer = layer_of(&spec);
    ck_assert(!layer.weight.mirrors_in && layer.weight.mirrors_out);
    expect_close("first", layer.weight.variance, 1.0 / 32, 1e-12);
    spec_set(&spec, "base", 1);
    spec_set(&spec, "part", 2);
    layer = layer_of(&spec);
    ck_assert(layer.weight.mirrors_in && !layer.weight.mirrors_out);
    ck_assert_int_eq(layer.weight.ensemble, SOW_ENSEMBLE_ORTHOGONAL);
    expect_close("last", layer.weight.variance, 1.0 / 64, 1e-12);
}
END_TEST

START_TEST(equal_rows_are_counted)
{
    const struct {
        const char *scheme;
        uint64_t rows, columns;
    } cases[] = {
        {"zeros", 1, 1}, {"ones", 1, 1},    {"unsigned_constant", 1, 1},
        {"eye", 33, 0},  {"idinit", 32, 0}, {"he_normal", 0, 0}};

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct sow_spec spec =
            spec_make(cases[i].scheme, SOW_FLOAT32, SHAPE(64, 32));
        struct sow_analysis_layer layer = layer_of(&spec);

        ck_assert_msg(layer.weight.rows == cases[i].rows &&
                          layer.weight.columns == cases[i].columns,
                      "%s: %d rows and %d columns", cases[i].scheme,
                      (int)layer.weight.rows, (int)layer.weight.columns);
    }
}
END_TEST

START_TEST(biases_have_their_laws)
{
    struct sow_analysis_layer layer;
    struct sow_error error;
    struct sow_spec spec = spec_make("constant", SOW_FLOAT32, SHAPE(10));
    struct sow_tensor tensor;

    sow_analysis_layer_init(&layer, 3, 10);
    spec_set(&spec, "value", 0.5);
    tensor = tensor_make(&spec);
    ck_assert(sow_analysis_bias(&layer, engine_at(0), &tensor, &error) ==
              SOW_OK);
    ck_assert_double_eq(layer.bias_mean, 0.5);
    ck_assert_double_eq(layer.bias_variance, 0);
    spec = spec_make("uniform", SOW_FLOAT32, SHAPE(10));
    spec_set(&spec, "low", -1);
    tensor = tensor_make(&spec);
    ck_assert(sow_analysis_bias(&layer, engine_at(0), &tensor, &error) ==
              SOW_OK);
    expect_close("variance", layer.bias_variance, 1.0 / 3, 1e-12);
    ck_assert_double_eq(layer.bias_mean, 0);
}
END_TEST

/* An embedding's table has no sum, an empty weight no signal, LSUV no data. */
START_TEST(what_cant_be_known_is_refused)
{
    const struct {
        struct sow_spec spec;
        enum sow_status status;
    } cases[] = {
        {spec_make("he_normal", SOW_FLOAT32, SHAPE(0, 4)), SOW_BAD_SHAPE},
        {spec_make("normal", SOW_FLOAT32, SHAPE(4)), SOW_BAD_SCHEME},
        {spec_make("lsuv", SOW_FLOAT32, SHAPE(8, 8)), SOW_BAD_SCHEME},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct sow_tensor tensor = tensor_make(&cases[i].spec);
        struct sow_analysis_layer layer, before;
        struct sow_error error = {0};

        sow_analysis_layer_init(&layer, 5, 6);
        before = layer;
        ck_assert_int_eq(
            sow_analysis_weight(&layer, engine_at(0), &tensor, &error),
            cases[i].status);
        ck_assert(memcmp(&layer, &before, sizeof layer) == 0);
        ck_assert_uint_gt(strlen(error.text), 20);
    }
}
END_TEST

/* Whatever the catalogue has: either numbers or a sentence. */
START_TEST(every_scheme_has_statistics_or_says_why_not)
{
    const struct sow_scheme_info *info;
    size_t known = 0, all = 0;

    for (size_t i = 0; (info = sow_scheme_at(i)) != NULL; i++) {
        struct sow_spec spec =
            spec_make(info->name, SOW_FLOAT32, SHAPE(16, 16));
        struct sow_analysis_layer layer;
        struct sow_tensor tensor;
        struct sow_error error = {0};

        for (uint32_t k = 0; k < info->parameter_count; k++)
            if (info->parameters[k].required)
                spec.scheme.values[k] = 1;
        if (sow_tensor_init(&tensor, &spec, &error) != SOW_OK)
            continue;
        all++;
        sow_analysis_layer_init(&layer, 1, 1);
        if (sow_analysis_weight(&layer, engine_at(0), &tensor, &error) !=
            SOW_OK) {
            ck_assert_uint_gt(strlen(error.text), 20);
            continue;
        }
        known++;
        ck_assert_msg(isfinite(layer.weight.mean) &&
                          isfinite(layer.weight.variance) &&
                          layer.weight.variance >= 0,
                      "%s", info->name);
    }
    ck_assert_uint_gt(all, 100);
    ck_assert_uint_gt(known, all - 12);
}
END_TEST

Suite *analysis_weights_suite(void)
{
    Suite *suite = suite_create("analysis/weights");
    TCase *test = tcase_create("weights");

    tcase_add_loop_test(test, statistics_are_those_of_the_elements, 0,
                        COUNT(schemes));
    tcase_add_test(test, laws_are_taken_exactly);
    tcase_add_test(test, delta_kernels_have_one_place);
    tcase_add_test(test, mirrored_weights_say_which_sides);
    tcase_add_test(test, equal_rows_are_counted);
    tcase_add_test(test, biases_have_their_laws);
    tcase_add_test(test, what_cant_be_known_is_refused);
    tcase_add_test(test, every_scheme_has_statistics_or_says_why_not);
    suite_add_tcase(suite, test);
    return suite;
}
