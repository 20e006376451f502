/* SPDX-License-Identifier: MIT */
/* Tests of weight normalization: the parts, and the layers made of them. */
#include <math.h>
#include <stdlib.h>

#include "matrix.h"

Suite *norm_suite(void);

/* More outputs than inputs, fewer, as many; kernels; both orders of axes. */
static const struct {
    enum sow_layout layout;
    struct sow_shape shape;
    uint64_t outputs, others;
} layers[] = {
    {SOW_TORCH, {2, {40, 100}}, 40, 100},
    {SOW_TORCH, {2, {100, 40}}, 100, 40},
    {SOW_TORCH, {2, {50, 50}}, 50, 50},
    {SOW_TORCH, {2, {700, 3}}, 700, 3},
    {SOW_TORCH, {2, {5, 600}}, 5, 600},
    {SOW_TORCH, {4, {60, 4, 3, 3}}, 60, 36},
    {SOW_TORCH, {3, {20, 9, 4}}, 20, 36},
    {SOW_JAX, {2, {40, 100}}, 100, 40},
    {SOW_JAX, {2, {100, 40}}, 40, 100},
    {SOW_KERAS, {4, {3, 3, 4, 60}}, 60, 36},
    {SOW_KERAS, {2, {2, 1100}}, 1100, 2},
};

static struct sow_spec layer_spec(const char *scheme, int layer)
{
    struct sow_spec spec = spec_make(scheme, SOW_FLOAT64, layers[layer].shape);

    spec.layout = layers[layer].layout;
    return spec;
}

/* Element 'other' of output 'output': outputs are rows in torch only. */
static size_t place(int layer, uint64_t output, uint64_t other)
{
    if (layers[layer].layout == SOW_TORCH)
        return (size_t)(output * layers[layer].others + other);
    return (size_t)(other * layers[layer].outputs + output);
}

static double norm_of(int layer, const double *values, uint64_t output)
{
    double sum = 0;

    for (uint64_t i = 0; i < layers[layer].others; i++)
        sum += pow(values[place(layer, output, i)], 2);
    return sqrt(sum);
}

/* w = g v / |v| by output, where g = sqrt(gamma fan_in / fan_out). */
static void check_layer(int layer, const char *fused, const char *directions)
{
    struct sow_spec spec = layer_spec(fused, layer);
    struct sow_spec parts = layer_spec(directions, layer);
    double *w, *v;
    struct sow_tensor tensor;
    double g;

    spec_set(&spec, "gamma", 0.3);
    tensor = tensor_make(&spec);
    g = sqrt(0.3 * (double)tensor.fan_in / (double)tensor.fan_out);
    w = matrix_make(&spec);
    v = matrix_make(&parts);
    for (uint64_t o = 0; o < layers[layer].outputs; o++) {
        double norm = norm_of(layer, v, o);

        ck_assert_double_eq_tol(norm_of(layer, w, o), g, 1e-13 * g);
        for (uint64_t i = 0; i < layers[layer].others; i++)
            ck_assert_double_eq_tol(w[place(layer, o, i)],
                                    g * v[place(layer, o, i)] / norm,
                                    1e-13 * g);
    }
    free(w);
    free(v);
}

START_TEST(layers_are_normed_directions)
{
    check_layer(_i, "weightnorm", "weightnorm_v");
    check_layer(_i, "weightnorm_gaussian", "weightnorm_gaussian_v");
}
END_TEST

/* A uniform direction's element has variance 1 / n. */
START_TEST(the_std_is_that_of_a_direction)
{
    struct sow_spec spec = spec_make("weightnorm", SOW_FLOAT32, SHAPE(40, 160));
    struct sow_tensor tensor = tensor_make(&spec);

    /* g is sqrt(2 x 160 / 40). */
    ck_assert_double_eq_tol(tensor.std, sqrt(8.0 / 160), 1e-15);
    spec = spec_make("weightnorm_gaussian", SOW_FLOAT32, SHAPE(40, 160));
    tensor = tensor_make(&spec);
    ck_assert_double_eq_tol(tensor.std, sqrt(8.0 / 160), 1e-15);
    ck_assert_uint_eq(sow_tensor_need(&tensor).doubles, 40);
    spec = spec_make("weightnorm", SOW_FLOAT32, SHAPE(160, 40));
    tensor = tensor_make(&spec);
    ck_assert(isnan(tensor.std));
}
END_TEST

START_TEST(norms_are_constant)
{
    struct sow_spec spec =
        spec_make("weightnorm_g", SOW_FLOAT64, SHAPE(64, 1, 1, 1));
    double *values;

    spec_set(&spec, "gamma", 0.25);
    spec_set(&spec, "fan_in", 576);
    spec_set(&spec, "fan_out", 64);
    values = matrix_make(&spec);
    for (int i = 0; i < 64; i++)
        ck_assert_double_eq(values[i], 1.5);
    free(values);
}
END_TEST

START_TEST(norms_out_of_range_are_refused)
{
    const char *const names[] = {"weightnorm", "weightnorm_gaussian"};

    for (size_t i = 0; i < COUNT(names); i++) {
        struct sow_spec spec = spec_make(names[i], SOW_FLOAT64, SHAPE(1, 99));

        spec_set(&spec, "gamma", -1);
        spec_refused(&spec, SOW_BAD_PARAMETER, "gamma");
        spec_set(&spec, "gamma", 1e308);
        spec_refused(&spec, SOW_BAD_PARAMETER, "gamma");
        spec_set(&spec, "gamma", 1e200);
        spec.dtype = SOW_FLOAT32;
        spec_refused(&spec, SOW_BAD_PARAMETER, "scheme");
    }
}
END_TEST

Suite *norm_suite(void)
{
    Suite *suite = suite_create("norm");
    TCase *cases = tcase_create("norm");

    tcase_set_timeout(cases, 60);
    tcase_add_loop_test(cases, layers_are_normed_directions, 0,
                        (int)COUNT(layers));
    tcase_add_test(cases, the_std_is_that_of_a_direction);
    tcase_add_test(cases, norms_are_constant);
    tcase_add_test(cases, norms_out_of_range_are_refused);
    suite_add_tcase(suite, cases);
    return suite;
}
