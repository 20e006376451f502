/* SPDX-License-Identifier: MIT */
/* Tests of weights of one magnitude, masks and scores. */
#include <math.h>
#include <stdlib.h>

#include "help.h"

Suite *sign_suite(void);

#define SHAPE_OF_MANY SHAPE(400, 500)

static double *values_of(struct sow_spec *spec, uint64_t *count)
{
    struct sow_tensor tensor = tensor_make(spec);

    *count = tensor.elements;
    return tensor_values(&tensor);
}

/* The magnitudes, of fan_in 500 and fan_out 400. */
START_TEST(elements_have_the_magnitude_and_either_sign)
{
    static const struct {
        const char *scheme, *parameter;
        double value, want;
    } rows[] = {
        {"sign_constant", "scale", 0, 0.06324555320336759},
        {"sign_constant", "scale", 1, 0.04472135954999579},
        {"sign_constant", "scale", 2, 0.04714045207910317},
        {"binary", "value", 1, 1},
        {"binary", "value", 0.3, 0.3},
        {"signed_constant", "mode", 0, 0.06324555320336759},
        {"signed_constant", "mode", 1, 0.07071067811865475},
        {"signed_constant", "prune_rate", 0.5, 0.08944271909999159},
        {"signed_constant", "gain", 1, 0.04472135954999579},
        {"xavier_constant", "gain", 1, 0.04714045207910317},
        {"xavier_constant", "gain", 3, 0.1414213562373095},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct sow_spec spec =
            spec_make(rows[i].scheme, SOW_FLOAT64, SHAPE_OF_MANY);
        uint64_t count, plus = 0;
        double *values;

        spec_set(&spec, rows[i].parameter, rows[i].value);
        values = values_of(&spec, &count);
        for (uint64_t j = 0; j < count; j++) {
            if (fabs(fabs(values[j]) - rows[i].want) > 2e-17 + 1e-15)
                ck_abort_msg("%s(%s = %g): %.17g, not +-%.17g", rows[i].scheme,
                             rows[i].parameter, rows[i].value, values[j],
                             rows[i].want);
            plus += values[j] > 0;
        }
        ck_assert_msg(fabs((double)plus - 100000) < 5 * sqrt(50000),
                      "%s: %llu of %llu are positive", rows[i].scheme,
                      (unsigned long long)plus, (unsigned long long)count);
        free(values);
    }
}
END_TEST

/*
 * The products of He constants over all layers that the code of Ivan and
 * Florian 2020 has, for its Conv2, Conv4 and Conv6 networks.
 */
START_TEST(he_constants_multiply_to_the_published_numbers)
{
    static const struct {
        double want;
        uint64_t inputs[9];
    } networks[] = {
        {1.3843e-6, {27, 576, 16384, 256, 256}},
        {4.8066e-9, {27, 576, 576, 1152, 8192, 256, 256}},
        {8.3448e-12, {27, 576, 576, 1152, 1152, 2304, 4096, 256, 256}},
    };

    for (size_t i = 0; i < COUNT(networks); i++) {
        double product = 1;

        for (size_t j = 0; j < 9 && networks[i].inputs[j] > 0; j++) {
            struct sow_spec spec = spec_make("heconstant", SOW_FLOAT32,
                                             SHAPE(4, networks[i].inputs[j]));

            product *= tensor_make(&spec).law.most;
        }
        ck_assert_msg(fabs(product - networks[i].want) <
                          5e-5 * networks[i].want,
                      "network %zu: %g, not %g", i, product, networks[i].want);
    }
}
END_TEST

START_TEST(probabilities_are_kept)
{
    static const double p[] = {0, 1e-4, 0.1, 0.5, 0.9, 1};
    static const struct {
        const char *scheme, *parameter;
    } rows[] = {{"sign_constant", "p_plus"},
                {"rademacher", "p_plus"},
                {"bernoulli_mask", "p"}};

    for (size_t i = 0; i < COUNT(rows) * COUNT(p); i++) {
        double chance = p[i % COUNT(p)];
        struct sow_spec spec =
            spec_make(rows[i / COUNT(p)].scheme, SOW_FLOAT32, SHAPE_OF_MANY);
        uint64_t count, upper = 0;
        double *values, error, std;

        spec_set(&spec, rows[i / COUNT(p)].parameter, chance);
        values = values_of(&spec, &count);
        for (uint64_t j = 0; j < count; j++)
            upper += values[j] > 0;
        error = fabs((double)upper - chance * (double)count);
        std = sqrt(chance * (1 - chance) * (double)count);
        ck_assert_msg(error <= 5 * std, "%s with p = %g: %llu of %llu",
                      spec.scheme.info->name, chance, (unsigned long long)upper,
                      (unsigned long long)count);
        free(values);
    }
}
END_TEST

/* Zhou's frozen weights, edge-popup's, and those of the layers' defaults. */
START_TEST(signs_are_those_of_the_weights_of_the_name)
{
    static const char *const weights[] = {"keras.glorot_normal",
                                          "jax.glorot_normal", "torch.linear",
                                          "kaiming_uniform"};
    static const char *const signs[] = {"xavier_constant", "signed_constant",
                                        "sign_constant", "binary"};
    static const enum sow_dtype dtypes[] = {SOW_FLOAT32, SOW_FLOAT64};

    for (size_t i = 0; i < COUNT(weights) * COUNT(signs); i++) {
        for (size_t d = 0; d < COUNT(dtypes); d++) {
            struct sow_spec weight = spec_make(weights[i % COUNT(weights)],
                                               dtypes[d], SHAPE(100, 101));
            struct sow_spec sign = spec_make(signs[i / COUNT(weights)],
                                             dtypes[d], SHAPE(100, 101));
            uint64_t count;
            double *w, *s;

            weight.name = sign.name = "fc1.weight";
            w = values_of(&weight, &count);
            s = values_of(&sign, &count);
            for (uint64_t j = 0; j < count; j++)
                if ((w[j] >= 0) != (s[j] > 0))
                    ck_abort_msg("%s has element %llu %g, %s %g",
                                 weight.scheme.info->name,
                                 (unsigned long long)j, w[j],
                                 sign.scheme.info->name, s[j]);
            free(w);
            free(s);
        }
    }
}
END_TEST

/* The correlation of two schemes of one name and seed. */
static double correlation(const char *one, const char *two)
{
    struct sow_spec a = spec_make(one, SOW_FLOAT64, SHAPE_OF_MANY);
    struct sow_spec b = spec_make(two, SOW_FLOAT64, SHAPE_OF_MANY);
    uint64_t count;
    double *x = values_of(&a, &count);
    double *y = values_of(&b, &count);
    double n = (double)count;
    double sx = 0, sy = 0, xx = 0, yy = 0, xy = 0;

    for (uint64_t i = 0; i < count; i++) {
        sx += x[i];
        sy += y[i];
        xx += x[i] * x[i];
        yy += y[i] * y[i];
        xy += x[i] * y[i];
    }
    free(x);
    free(y);
    return (xy / n - sx / n * (sy / n)) /
           sqrt((xx / n - sx / n * (sx / n)) * (yy / n - sy / n * (sy / n)));
}

START_TEST(weights_masks_and_scores_of_a_name_are_independent)
{
    static const char *const schemes[] = {"sign_constant", "torch.linear",
                                          "bernoulli_mask", "score_uniform"};

    for (size_t i = 0; i < COUNT(schemes); i++)
        for (size_t j = 0; j < i; j++) {
            double r = correlation(schemes[i], schemes[j]);

            if (i == 1)
                ck_assert_double_gt(r, 0.8);
            else
                ck_assert_msg(fabs(r) < 5 / sqrt(200000),
                              "%s and %s correlate by %g", schemes[i],
                              schemes[j], r);
        }
    ck_assert_double_gt(correlation("score_uniform", "score_kaiming"), 0.99);
}
END_TEST

START_TEST(masks_are_the_same_in_every_dtype)
{
    struct sow_spec spec = spec_make("bernoulli_mask", SOW_FLOAT32, SHAPE(777));
    struct sow_tensor single = tensor_make(&spec);
    double *want = tensor_values(&single);

    for (int d = 1; d < SOW_DTYPES; d++) {
        struct sow_tensor tensor;
        double *got;

        spec.dtype = (enum sow_dtype)d;
        tensor = tensor_make(&spec);
        got = tensor_values(&tensor);
        ck_assert_mem_eq(got, want, 777 * sizeof *got);
        free(got);
    }
    free(want);
}
END_TEST

START_TEST(scores_lie_within_their_bounds)
{
    static const struct {
        const char *scheme;
        double low, high;
    } rows[] = {{"score_uniform", 0.01, 0.1},
                {"score_kaiming", -0.044721359549995794, 0.0447213595499958}};

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct sow_spec spec =
            spec_make(rows[i].scheme, SOW_FLOAT64, SHAPE_OF_MANY);
        double span = rows[i].high - rows[i].low;
        double least = INFINITY, most = -INFINITY;
        uint64_t count;
        double *values = values_of(&spec, &count);

        for (uint64_t j = 0; j < count; j++) {
            least = fmin(least, values[j]);
            most = fmax(most, values[j]);
        }
        free(values);
        ck_assert_double_ge(least, rows[i].low);
        ck_assert_double_lt(most, rows[i].high);
        ck_assert_double_lt(least, rows[i].low + span * 1e-4);
        ck_assert_double_gt(most, rows[i].high - span * 1e-4);
    }
}
END_TEST

START_TEST(bad_parameters_are_refused)
{
    static const struct {
        const char *scheme, *parameter;
        double value;
    } rows[] = {
        {"sign_constant", "p_plus", 1.1},
        {"sign_constant", "p_plus", -0.1},
        {"sign_constant", "scale", 3},
        {"binary", "value", -1},
        {"signed_constant", "prune_rate", 1},
        {"signed_constant", "gain", -1},
        {"unsigned_constant", "prune_rate", 1},
        {"bernoulli_mask", "p", 2},
        {"score_uniform", "high", 0},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct sow_spec spec =
            spec_make(rows[i].scheme, SOW_FLOAT32, SHAPE(3, 4));

        spec_set(&spec, rows[i].parameter, rows[i].value);
        spec_refused(&spec, SOW_BAD_PARAMETER, rows[i].parameter);
    }
}
END_TEST

Suite *sign_suite(void)
{
    Suite *suite = suite_create("sign");
    TCase *cases = tcase_create("sign");

    tcase_set_timeout(cases, 60);
    tcase_add_test(cases, elements_have_the_magnitude_and_either_sign);
    tcase_add_test(cases, he_constants_multiply_to_the_published_numbers);
    tcase_add_test(cases, probabilities_are_kept);
    tcase_add_test(cases, signs_are_those_of_the_weights_of_the_name);
    tcase_add_test(cases, weights_masks_and_scores_of_a_name_are_independent);
    tcase_add_test(cases, masks_are_the_same_in_every_dtype);
    tcase_add_test(cases, scores_lie_within_their_bounds);
    tcase_add_test(cases, bad_parameters_are_refused);
    suite_add_tcase(suite, cases);
    return suite;
}
