/* SPDX-License-Identifier: MIT */
/* Tests of the recursion: worked examples of plain stacks. */
#include <math.h>
#include <string.h>

#include "stack.h"

Suite *analysis_suite(void);

static struct stack s;

static double last_square(void)
{
    return s.results[s.count - 1].m2;
}

/* ---- worked examples ----------------------------------------------------- */

/* U(-1/sqrt(n), 1/sqrt(n)) has n Var(w) = 1/3. */
START_TEST(torch_default_with_relu_loses_a_sixth_a_layer)
{
    stack_init(&s, 20, 256, "relu", 1.0 / 3, 0);
    stack_run(&s);
    expect_close("the signal", last_square(), 2.7e-16, 0.02);
    expect_close("the signal", last_square(), pow(6, -20), 1e-12);
    expect_close("its logarithm", s.summary.log10_forward, -20 * log10(6),
                 1e-12);
    expect_close("a layer's", s.results[7].forward, 1.0 / 6, 1e-12);
    expect_close("gradients", s.summary.log10_backward, -20 * log10(6), 1e-12);
    expect_close("chi_1", s.summary.chi_1, 1.0 / 6, 1e-12);
}
END_TEST

START_TEST(torch_default_with_tanh_is_ordered)
{
    stack_init(&s, 20, 256, "tanh", 1.0 / 3, 0);
    stack_run(&s);
    for (size_t i = 0; i < s.count; i++)
        ck_assert_double_le(s.results[i].chi_1, 1.0 / 3 + 1e-12);
    ck_assert(s.summary.fixed);
    ck_assert_double_eq(s.summary.q_star, 0);
    expect_close("chi_1 at 0", s.summary.chi_1, 1.0 / 3, 1e-9);
}
END_TEST

/* q' = q - 2 q^2 + …, so that q ~ 1 / (2 l) after l layers. */
START_TEST(glorot_with_tanh_decays_slowly_to_its_critical_point)
{
    stack_init(&s, 256, 64, "tanh", 1, 0);
    stack_run(&s);
    for (size_t i = 1; i < s.count; i++)
        ck_assert_double_lt(s.results[i].q, s.results[i - 1].q);
    expect_close("q l", s.results[255].q * 256, 0.5, 0.05);
    ck_assert_double_lt(s.summary.q_star, 1e-3);
    expect_close("chi_1", s.summary.chi_1, 1, 1e-3);
}
END_TEST

START_TEST(glorot_with_relu_halves)
{
    stack_init(&s, 10, 64, "relu", 1, 0);
    stack_run(&s);
    for (size_t i = 0; i < s.count; i++)
        expect_close("the signal", s.results[i].m2, pow(0.5, (double)i + 1),
                     1e-12);
}
END_TEST

START_TEST(he_with_relu_keeps_lengths_and_is_critical)
{
    stack_init(&s, 200, 64, "relu", 2, 0);
    stack_run(&s);
    for (size_t i = 0; i < s.count; i++) {
        expect_close("q", s.results[i].q, 2, 1e-12);
        expect_close("chi_1", s.results[i].chi_1, 1, 1e-12);
        expect_close("dq'/dq", s.results[i].dq, 1, 1e-12);
    }
    ck_assert(s.summary.fixed);
    expect_close("q*", s.summary.q_star, 2, 1e-12);
    ck_assert(isinf(s.summary.xi_c) && isinf(s.summary.xi_gradient));
}
END_TEST

/* 1 - c ~ (9 pi^2 / 2) / l^2; at l = 1000 the ratio is 0.97. */
START_TEST(correlations_under_relu_drift_to_1_as_44_over_l_squared)
{
    const struct sow_analysis_activation *relu =
        sow_analysis_activation_find("relu");
    double c = 0.5;

    for (int l = 0; l < 1000; l++) {
        double product;

        sow_analysis_product(relu, 0, 0, 2, c, &product, NULL);
        c = product;
    }
    expect_close("(1 - c) l^2", (1 - c) * 1e6, 0.97 * 4.5 * acos(-1) * acos(-1),
                 0.006);
    stack_init(&s, 200, 64, "relu", 2, 0);
    stack_run(&s);
    expect_close("(1 - c) l^2", (1 - s.results[199].c2) * 200 * 200, 44.4, 0.2);
}
END_TEST

START_TEST(he_with_linear_doubles)
{
    stack_init(&s, 30, 64, "linear", 2, 0);
    stack_run(&s);
    expect_close("the signal", last_square(), 0x1p30, 1e-12);
    expect_close("gradients", s.summary.log10_backward, 30 * log10(2), 1e-12);
}
END_TEST

/* Var(w) = 2 / n_out: forward n_in / n_out, backward 1. */
START_TEST(fan_out_keeps_gradients_where_widths_differ)
{
    stack_init(&s, 2, 64, "relu", 0, 0);
    for (size_t i = 0; i < 2; i++) {
        s.layers[i].n_in = i == 0 ? 300 : 100;
        s.layers[i].n_out = i == 0 ? 100 : 700;
        s.layers[i].weight.variance = 2 / (double)s.layers[i].n_out;
    }
    stack_run(&s);
    expect_close("forward", s.results[0].forward, 3, 1e-12);
    expect_close("forward", s.results[1].forward, 1.0 / 7, 1e-12);
    expect_close("backward", s.results[0].backward, 1, 1e-12);
    expect_close("backward", s.results[1].backward, 1, 1e-12);
}
END_TEST

START_TEST(normals_of_0_02_at_width_768_have_the_known_scale)
{
    stack_init(&s, 1, 768, "gelu", 768 * 0.0004, 0);
    stack_run(&s);
    expect_close("sigma_w^2", s.results[0].sigma_w2, 0.307, 0.001);
}
END_TEST

/* p = 0.55 of +c, c = sqrt(2 / n), else -c: the mean outgrows everything. */
START_TEST(weights_with_a_mean_grow_as_printed)
{
    const double printed[] = {0.99, 8.24, 144, 2849};
    const double c2 = 2.0 / 1000;

    stack_init(&s, 4, 1000, "relu", 0, 0);
    for (size_t i = 0; i < 4; i++) {
        s.layers[i].weight.mean = 0.1 * sqrt(c2);
        s.layers[i].weight.variance = 0.99 * c2;
    }
    stack_run(&s);
    for (size_t i = 0; i < 4; i++)
        expect_close("the signal", s.results[i].m2, printed[i], 0.006);
}
END_TEST

START_TEST(tanh_with_small_biases_is_critical_where_printed)
{
    stack_init(&s, 200, 64, "tanh", 1.760955, 0.05);
    stack_run(&s);
    ck_assert(s.summary.fixed);
    expect_close("q*", s.summary.q_star, 0.570048, 2e-6);
    expect_close("chi_1", s.summary.chi_1, 1, 2e-6);
    expect_close("q after 200 layers", s.results[199].q, 0.570048, 2e-6);
}
END_TEST

START_TEST(chaotic_tanh_has_its_correlation_below_1)
{
    stack_init(&s, 250, 64, "tanh", 4, 0.3);
    stack_run(&s);
    ck_assert(s.summary.fixed);
    ck_assert_double_gt(s.summary.chi_1, 1.01);
    ck_assert_double_lt(s.summary.c_star, 0.99);
    expect_close("c", s.results[249].c, s.summary.c_star, 1e-6);
    expect_close("xi_c", s.summary.trainable_depth, 6 * s.summary.xi_c, 1e-12);
    /* The distance to c* shrinks by exp(-1 / xi_c) a layer. */
    expect_close("rate",
                 (s.results[21].c - s.summary.c_star) /
                     (s.results[20].c - s.summary.c_star),
                 exp(-1 / s.summary.xi_c), 1e-3);
}
END_TEST

/* A deviation of a tenth grows to either side. */
START_TEST(gelu_and_silu_run_away_from_their_fixed_point)
{
    const char *const names[] = {"gelu", "silu"};
    const double gains[] = {1.5335304411955353, 1.6765324703310911};

    for (size_t i = 0; i < 2; i++) {
        stack_init(&s, 100, 64, names[i], gains[i] * gains[i], 0);
        stack_run(&s);
        ck_assert(s.summary.fixed);
        expect_close("q*", s.summary.q_star, 1, 1e-9);
        ck_assert_double_gt(s.summary.slope, 1.05);
        s.input.second_moment = 0.9 / gains[i] / gains[i];
        stack_run(&s);
        ck_assert_double_lt(s.results[99].q, 0.01);
        s.input.second_moment = 1.1 / gains[i] / gains[i];
        stack_run(&s);
        ck_assert_double_gt(s.results[99].q, 1e5);
    }
}
END_TEST

Suite *analysis_suite(void)
{
    Suite *suite = suite_create("analysis");
    TCase *test = tcase_create("recursion");

    tcase_set_timeout(test, 60);
    tcase_add_test(test, torch_default_with_relu_loses_a_sixth_a_layer);
    tcase_add_test(test, torch_default_with_tanh_is_ordered);
    tcase_add_test(test, glorot_with_tanh_decays_slowly_to_its_critical_point);
    tcase_add_test(test, glorot_with_relu_halves);
    tcase_add_test(test, he_with_relu_keeps_lengths_and_is_critical);
    tcase_add_test(test,
                   correlations_under_relu_drift_to_1_as_44_over_l_squared);
    tcase_add_test(test, he_with_linear_doubles);
    tcase_add_test(test, fan_out_keeps_gradients_where_widths_differ);
    tcase_add_test(test, normals_of_0_02_at_width_768_have_the_known_scale);
    tcase_add_test(test, weights_with_a_mean_grow_as_printed);
    tcase_add_test(test, tanh_with_small_biases_is_critical_where_printed);
    tcase_add_test(test, chaotic_tanh_has_its_correlation_below_1);
    tcase_add_test(test, gelu_and_silu_run_away_from_their_fixed_point);
    suite_add_tcase(suite, test);
    return suite;
}
