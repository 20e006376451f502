/* SPDX-License-Identifier: MIT */
/*
 * Tests of what code bases and papers write elementwise: the law of each
 * scheme against the formula of its source, worked out by hand on a shape.
 */
#include <math.h>

#include "help.h"

Suite *convention_suite(void);

/* What a law's number is: a bound, a standard deviation, a value. */
enum { UNIFORM, NORMAL, CUT_AT_TWO, CUT_AT_THREE, CONSTANT };

struct expected {
    const char *scheme;
    struct sow_shape shape;
    struct {
        const char *name;
        double value;
    } parameters[3];
    int law;
    double number;
};

static double root(double x, double n)
{
    return pow(x, 1 / n);
}

/* The number, and that nothing else of the law is amiss. */
static double number_of(const struct sow_law *law, int kind)
{
    switch (kind) {
    case UNIFORM:
        ck_assert_int_eq(law->kind, SOW_LAW_UNIFORM);
        ck_assert_double_eq(law->uniform.low, -law->uniform.high);
        return law->uniform.high;
    case NORMAL:
        ck_assert_int_eq(law->kind, SOW_LAW_NORMAL);
        ck_assert_double_eq(law->normal.mean, 0);
        return law->normal.std;
    case CONSTANT:
        ck_assert_int_eq(law->kind, SOW_LAW_CONSTANT);
        return law->value;
    default:
        ck_assert_int_eq(law->kind, SOW_LAW_TRUNCATED_NORMAL);
        ck_assert_double_eq_tol(law->normal.high,
                                (kind == CUT_AT_TWO ? 2 : 3) * law->normal.std,
                                1e-15);
        ck_assert_double_eq(law->normal.low, -law->normal.high);
        return law->normal.std;
    }
}

static void check(const struct expected *row)
{
    struct sow_spec spec = spec_make(row->scheme, SOW_FLOAT32, row->shape);
    struct sow_tensor tensor;
    double got;

    for (size_t i = 0; i < 3 && row->parameters[i].name != NULL; i++)
        spec_set(&spec, row->parameters[i].name, row->parameters[i].value);
    tensor = tensor_make(&spec);
    got = number_of(&tensor.law, row->law);
    ck_assert_msg(fabs(got - row->number) <= 1e-14 * fabs(row->number),
                  "%s: %.17g, not %.17g", row->scheme, got, row->number);
}

/* A matrix of 96 outputs and 24 inputs, and a convolution's kernel. */
#define MATRIX SHAPE(96, 24)
#define KERNEL SHAPE(32, 8, 3, 5)

START_TEST(language_models_have_their_spreads)
{
    const struct expected rows[] = {
        {"small_init",
         MATRIX,
         {{"hidden_size", 768}},
         NORMAL,
         sqrt(2 / (5 * 768.0))},
        {"wang_init",
         MATRIX,
         {{"hidden_size", 1024}, {"n_layers", 24}},
         NORMAL,
         2 / 24.0 / 32},
        {"scaled_normal", MATRIX, {{"n_layers", 12}}, NORMAL, 0.02 / sqrt(24)},
        {"gpt2_residual",
         SHAPE(7),
         {{"n_layers", 48}},
         NORMAL,
         0.02 / sqrt(96)},
        {"scaled_normal",
         MATRIX,
         {{"std", 0.1}, {"n_layers", 64}, {"residuals", 1}},
         NORMAL,
         0.1 / 8},
        {"t5_query", MATRIX, {{"d_kv", 64}}, NORMAL, 1 / sqrt(24 * 64)},
        {"olmo_mitchell", MATRIX, {{0}}, CUT_AT_THREE, 1 / sqrt(24)},
        {"olmo_mitchell",
         MATRIX,
         {{"role", 1}},
         CUT_AT_THREE,
         1 / sqrt(2 * 24)},
        {"olmo_mitchell",
         MATRIX,
         {{"role", 1}, {"layer", 5}},
         CUT_AT_THREE,
         1 / sqrt(2 * 24 * 6)},
        {"mup", MATRIX, {{"base", 6}}, NORMAL, 0.01},
        {"mup",
         MATRIX,
         {{"std", 1}, {"base", 6}, {"branches", 25}},
         NORMAL,
         0.1},
        {"spectral", MATRIX, {{0}}, NORMAL, 1 / sqrt(24)},
        {"spectral", SHAPE(6, 24), {{"std", 3}}, NORMAL, 1.5 / sqrt(24)},
    };

    for (size_t i = 0; i < COUNT(rows); i++)
        check(&rows[i]);
}
END_TEST

/* Xavier's variance on MATRIX is 2 / 120, and its bound the root of 0.05. */
START_TEST(transformers_have_their_spreads)
{
    const double std = sqrt(2.0 / 120), bound = sqrt(0.05);
    const struct expected rows[] = {
        {"deepnet", MATRIX, {{"n_layers", 18}}, NORMAL, std / root(144, 4)},
        {"deepnet",
         MATRIX,
         {{"side", 1}, {"n_layers", 6}, {"decoder_layers", 9}},
         NORMAL,
         0.87 * std / root(6 * 6 * 6 * 6 * 9, 16)},
        {"deepnet",
         MATRIX,
         {{"side", 2}, {"decoder_layers", 100}},
         NORMAL,
         std / root(1200, 4)},
        {"subln", MATRIX, {{"n_layers", 24}}, NORMAL, std * sqrt(log(48))},
        {"magneto",
         MATRIX,
         {{"side", 1}, {"n_layers", 6}, {"decoder_layers", 9}},
         NORMAL,
         std * sqrt(log(27) * log(12) / 3)},
        {"subln",
         MATRIX,
         {{"side", 2}, {"decoder_layers", 9}},
         NORMAL,
         std * sqrt(log(27))},
        {"tfixup", MATRIX, {{"n_layers", 16}}, UNIFORM, 0.67 * bound / 2},
        {"tfixup",
         MATRIX,
         {{"side", 1}, {"n_layers", 6}},
         UNIFORM,
         bound / root(54, 4)},
        {"xavier_uniform_fused", MATRIX, {{0}}, UNIFORM, sqrt(6.0 / 56)},
        {"vit_moco_qkv",
         MATRIX,
         {{"blocks", 2}, {"gain", -2}},
         UNIFORM,
         2 * sqrt(6.0 / 72)},
        {"lora_a", SHAPE(8, 512), {{0}}, UNIFORM, 1 / sqrt(512)},
        {"lora_a", SHAPE(8, 64, 3, 3), {{"init", 1}}, NORMAL, 1 / 8.0},
        {"lora_a", SHAPE(8, 512), {{"init", 2}}, UNIFORM, sqrt(6 / 512.0)},
        {"lora_b", SHAPE(512, 8), {{0}}, CONSTANT, 0},
        {"vit_head_bias", SHAPE(1000), {{0}}, CONSTANT, -6.907755278982137},
        {"vit_mlp_bias", SHAPE(3072), {{0}}, NORMAL, 1e-6},
        {"layer_scale", SHAPE(768), {{0}}, CONSTANT, 1e-5},
    };

    for (size_t i = 0; i < COUNT(rows); i++)
        check(&rows[i]);
}
END_TEST

START_TEST(vision_networks_have_their_spreads)
{
    const struct expected rows[] = {
        {"siren", SHAPE(256, 2), {{"first", 1}}, UNIFORM, 0.5},
        {"siren", SHAPE(256, 256), {{0}}, UNIFORM, sqrt(6 / 256.0) / 30},
        {"siren", SHAPE(256, 24), {{"omega_0", 1}}, UNIFORM, 0.5},
        {"fourier_features", SHAPE(256, 2), {{"scale", 100}}, NORMAL, 100},
        {"caffe_xavier", KERNEL, {{0}}, UNIFORM, sqrt(3 / 120.0)},
        {"caffe_xavier",
         KERNEL,
         {{"variance_norm", 1}},
         UNIFORM,
         sqrt(3 / 480.0)},
        {"caffe_msra", KERNEL, {{"variance_norm", 2}}, NORMAL, sqrt(2 / 300.0)},
        {"c2_xavier", KERNEL, {{0}}, UNIFORM, sqrt(3 / 120.0)},
        {"c2_msra", KERNEL, {{0}}, NORMAL, sqrt(2 / 480.0)},
        {"resnet", SHAPE(64, 3, 7, 7), {{0}}, NORMAL, sqrt(2 / 3136.0)},
        {"efficientnet_conv",
         SHAPE(32, 1, 3, 3),
         {{"groups", 32}},
         NORMAL,
         sqrt(2 / 9.0)},
        {"efficientnet_dense",
         SHAPE(1000, 1280),
         {{0}},
         UNIFORM,
         1 / sqrt(1000)},
        {"nfnet_conv", KERNEL, {{0}}, NORMAL, sqrt(1 / 120.0)},
        {"sklearn_mlp", MATRIX, {{0}}, UNIFORM, sqrt(6 / 120.0)},
        {"sklearn_mlp", MATRIX, {{"activation", 0}}, UNIFORM, sqrt(2 / 120.0)},
        {"uniform_unit_scaling",
         MATRIX,
         {{"factor", 1.43}},
         UNIFORM,
         1.43 * sqrt(3 / 24.0)},
        {"fixup",
         SHAPE(16, 16, 3, 3),
         {{"branches", 54}},
         NORMAL,
         sqrt(2 / 144.0) / sqrt(54)},
        {"fixup",
         SHAPE(64, 16, 1, 1),
         {{"branches", 16}, {"layers", 3}},
         NORMAL,
         sqrt(2 / 64.0) / 2},
        {"prior_bias", SHAPE(720), {{0}}, CONSTANT, -4.59511985013459},
        {"retinanet_bias", SHAPE(720), {{"pi", 0.5}}, CONSTANT, 0},
    };

    for (size_t i = 0; i < COUNT(rows); i++)
        check(&rows[i]);
}
END_TEST

/* On (in, out) and (kernel, in, out), as these have them. */
START_TEST(libraries_have_their_spreads)
{
    const struct expected rows[] = {
        {"haiku.linear", SHAPE(24, 96), {{0}}, CUT_AT_TWO, 1 / sqrt(24)},
        {"sonnet.linear", SHAPE(3, 3, 8, 32), {{0}}, CUT_AT_TWO, 1 / sqrt(72)},
        {"haiku.uniform_scaling",
         SHAPE(3, 3, 8, 32),
         {{"scale", 2}},
         UNIFORM,
         2 * sqrt(3 / 72.0)},
        {"haiku.UniformScaling", SHAPE(5), {{0}}, UNIFORM, sqrt(3)},
        {"haiku.random_normal", SHAPE(5), {{0}}, NORMAL, 1},
        {"sonnet.variance_scaling",
         SHAPE(5),
         {{"distribution", 2}},
         UNIFORM,
         sqrt(3 / 5.0)},
        {"haiku.variance_scaling",
         SHAPE(24, 96),
         {{"mode", 1}, {"distribution", 1}},
         NORMAL,
         1 / sqrt(96)},
        {"haiku.VarianceScaling",
         SHAPE(24, 96),
         {{0}},
         CUT_AT_TWO,
         1 / sqrt(24) / .87962566103423978},
        {"sonnet.ones", SHAPE(5), {{0}}, CONSTANT, 1},
        {"timm.variance_scaling", MATRIX, {{0}}, NORMAL, 1 / sqrt(24)},
        {"timm.lecun_normal",
         MATRIX,
         {{0}},
         CUT_AT_TWO,
         1 / sqrt(24) / .87962566103423978},
        {"timm.trunc_normal_tf", MATRIX, {{"std", 0.02}}, CUT_AT_TWO, 0.02},
        {"flax.embed", SHAPE(1000, 64), {{0}}, NORMAL, 1 / 8.0},
        {"flax.kaiming_uniform", SHAPE(24, 96), {{0}}, UNIFORM, 0.5},
        {"keras.HeUniform", SHAPE(24, 96), {{0}}, UNIFORM, 0.5},
        {"keras.uniform", SHAPE(24, 96), {{0}}, UNIFORM, 0.05},
        {"torch.kaiming_uniform",
         MATRIX,
         {{"nonlinearity", 11}},
         UNIFORM,
         sqrt(3 / 24.0)},
    };

    for (size_t i = 0; i < COUNT(rows); i++)
        check(&rows[i]);
}
END_TEST

/* With std 0.02 the bounds are 100 of it away: nothing is cut off. */
START_TEST(timm_cuts_vision_transformers_at_absolute_bounds)
{
    const struct sow_spec spec =
        spec_make("timm.init_weight_vit", SOW_FLOAT64, MATRIX);
    const struct sow_tensor tensor = tensor_make(&spec);

    ck_assert_double_eq(tensor.law.normal.low, -2);
    ck_assert_double_eq(tensor.law.normal.high, 2);
    ck_assert_double_eq_tol(tensor.std, 0.02, 1e-15);
}
END_TEST

START_TEST(bad_parameters_are_refused)
{
    static const struct {
        const char *scheme, *parameter;
        double value;
    } rows[] = {
        {"small_init", "hidden_size", 0},
        {"wang_init", "hidden_size", 2.5},
        {"scaled_normal", "n_layers", 0},
        {"scaled_normal", "std", -1},
        {"olmo_mitchell", "layer", -1},
        {"mup", "base", 0},
        {"deepnet", "side", 3},
        {"xavier_uniform_fused", "blocks", 7},
        {"efficientnet_conv", "groups", 7},
        {"siren", "omega_0", 0},
        {"siren", "first", 2},
        {"fixup", "layers", 1},
        {"prior_bias", "pi", 0},
        {"prior_bias", "pi", 1},
        {"vit_head_bias", "classes", 0},
        {"haiku.variance_scaling", "scale", -1},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct sow_scheme_info *info;
        struct sow_spec spec = spec_make(rows[i].scheme, SOW_FLOAT32, MATRIX);

        info = spec.scheme.info;
        for (uint32_t p = 0; p < info->parameter_count; p++)
            if (info->parameters[p].required)
                spec.scheme.values[p] = 1;
        spec_set(&spec, rows[i].parameter, rows[i].value);
        spec_refused(&spec, SOW_BAD_PARAMETER, rows[i].parameter);
    }
}
END_TEST

START_TEST(fans_take_two_dimensions)
{
    static const char *const schemes[] = {
        "siren",   "fixup",  "mup",      "spectral",           "olmo_mitchell",
        "deepnet", "tfixup", "lora_a",   "sklearn_mlp",        "caffe_xavier",
        "c2_msra", "subln",  "t5_query", "efficientnet_dense",
    };

    for (size_t i = 0; i < COUNT(schemes); i++) {
        struct sow_spec spec = spec_make(schemes[i], SOW_FLOAT32, SHAPE(12));

        for (uint32_t p = 0; p < spec.scheme.info->parameter_count; p++)
            if (spec.scheme.info->parameters[p].required)
                spec.scheme.values[p] = 1;
        spec_refused(&spec, SOW_BAD_SCHEME, "shape");
    }
}
END_TEST

Suite *convention_suite(void)
{
    Suite *suite = suite_create("convention");
    TCase *cases = tcase_create("convention");

    tcase_set_timeout(cases, 60);
    tcase_add_test(cases, language_models_have_their_spreads);
    tcase_add_test(cases, transformers_have_their_spreads);
    tcase_add_test(cases, vision_networks_have_their_spreads);
    tcase_add_test(cases, libraries_have_their_spreads);
    tcase_add_test(cases, timm_cuts_vision_transformers_at_absolute_bounds);
    tcase_add_test(cases, bad_parameters_are_refused);
    tcase_add_test(cases, fans_take_two_dimensions);
    suite_add_tcase(suite, cases);
    return suite;
}
