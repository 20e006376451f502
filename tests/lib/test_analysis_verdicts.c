/* SPDX-License-Identifier: MIT */
/* Tests of verdicts: each kind comes up where it must and nowhere else. */
#include <math.h>
#include <string.h>

#include "stack.h"

Suite *analysis_verdicts_suite(void);

static struct stack s;

static const struct sow_verdict *expect(const char *name)
{
    return stack_expect(&s, name);
}

static void expect_none(const char *name)
{
    stack_expect_none(&s, name);
}

static void zero(size_t i)
{
    s.layers[i].weight.variance = 0;
    s.layers[i].weight.rows = s.layers[i].weight.columns = 1;
}

/* ---- zeros and copies ---------------------------------------------------- */

/* 1 -> 2 -> 1, both zero, without biases. */
START_TEST(two_zero_layers_are_dead)
{
    stack_init(&s, 2, 1, "tanh", 0, 0);
    s.layers[0].n_out = s.layers[1].n_in = 2;
    zero(0);
    zero(1);
    stack_run(&s);
    ck_assert_double_eq(expect("dead")->number, 2);
    ck_assert_int_eq(s.verdicts[0].kind, SOW_VERDICT_DEAD);
    ck_assert_int_eq(s.verdicts[0].severity, SOW_FAULT);
    expect_none("symmetric");
    expect_none("zero_layer_ok");
}
END_TEST

START_TEST(zero_layers_around_others_are_dead)
{
    stack_init(&s, 5, 16, "relu", 2, 0);
    zero(1);
    zero(4);
    stack_run(&s);
    ck_assert_uint_eq(expect("dead")->first, 1);
    ck_assert_uint_eq(expect("dead")->last, 4);
    expect_none("vanishing");
}
END_TEST

START_TEST(a_zero_head_is_fine)
{
    stack_init(&s, 5, 16, "relu", 2, 0);
    zero(4);
    s.layers[4].activation = NULL;
    stack_run(&s);
    ck_assert_uint_eq(expect("zero_layer_ok")->layer, 4);
    ck_assert_int_eq(expect("zero_layer_ok")->severity, SOW_NOTE);
    expect_none("dead");
    expect_none("vanishing");
}
END_TEST

/* ReLU is flat at 0, so nothing reaches the weights below it. */
START_TEST(a_zero_layer_below_relu_is_dead)
{
    stack_init(&s, 5, 16, "relu", 2, 0);
    zero(2);
    stack_run(&s);
    ck_assert_uint_eq(expect("dead")->layer, 2);
    stack_init(&s, 5, 16, "tanh", 2, 0);
    zero(2);
    stack_run(&s);
    expect("zero_layer_ok");
    expect_none("dead");
}
END_TEST

/* Nothing in the branches learns, but what is around them does. */
START_TEST(zero_branches_below_relu_are_dead)
{
    stack_init(&s, 6, 16, "relu", 2, 0);
    for (size_t i = 1; i < 5; i++) {
        s.layers[i].opens = s.layers[i].closes = true;
        zero(i);
    }
    stack_run(&s);
    ck_assert_uint_eq(expect("dead")->layer, 1);
    ck_assert_uint_eq(expect("dead")->first, 1);
    ck_assert_uint_eq(expect("dead")->last, 4);
    ck_assert_double_eq(expect("dead")->number, 4);
    ck_assert_ptr_nonnull(strstr(expect("dead")->text, "still pass"));
    ck_assert_ptr_null(strstr(expect("dead")->text, "anything below"));
    ck_assert_ptr_nonnull(strstr(expect("dead")->advice.text, "flat at 0"));
    expect_none("vanishing");
    s.layers[4].opens = s.layers[4].closes = false;
    stack_run(&s);
    ck_assert_uint_eq(expect("dead")->layer, 4);
    ck_assert_uint_eq(expect("dead")->first, 1);
    ck_assert_ptr_nonnull(strstr(expect("dead")->text, "anything below"));
}
END_TEST

START_TEST(zero_branches_are_fine_each)
{
    stack_init(&s, 7, 16, "relu", 2, 0);
    for (size_t i = 0; i < 6; i += 2) {
        s.layers[i].opens = true;
        s.layers[i + 1].closes = true;
        s.layers[i + 1].activation = NULL;
        zero(i + 1);
    }
    s.layers[6].activation = NULL;
    zero(6);
    stack_run(&s);
    expect("zero_layer_ok");
    expect_none("dead");
    zero(0);
    stack_run(&s);
    expect("dead");
}
END_TEST

START_TEST(zero_sigmoid_layers_learn_as_one_unit)
{
    stack_init(&s, 2, 16, "sigmoid", 0, 0);
    zero(0);
    zero(1);
    stack_run(&s);
    ck_assert_double_eq(expect("zero_but_symmetric")->number, 1);
    expect_none("dead");
    expect_none("approximate");
}
END_TEST

START_TEST(constant_layers_are_symmetric)
{
    stack_init(&s, 3, 16, "tanh", 0, 0);
    for (size_t i = 0; i < 3; i++) {
        zero(i);
        s.layers[i].weight.mean = 0.1;
    }
    stack_run(&s);
    ck_assert_double_eq(expect("symmetric")->number, 1);
    ck_assert_str_eq(expect("symmetric")->quantity, "width");
    ck_assert_uint_eq(expect("approximate")->first, 0);
    ck_assert_uint_eq(expect("approximate")->last, 2);
    ck_assert_ptr_nonnull(strstr(expect("approximate")->text, "all equal"));
    s.layers[1].weight.columns = s.layers[1].weight.rows = 0;
    s.layers[1].weight.variance = 1.0 / 16;
    stack_run(&s);
    expect_none("symmetric");
}
END_TEST

/* ---- gains --------------------------------------------------------------- */

START_TEST(phases_are_told_apart)
{
    stack_init(&s, 3, 64, "tanh", 0.5, 0);
    stack_run(&s);
    expect("ordered");
    stack_init(&s, 3, 64, "tanh", 3, 0.1);
    stack_run(&s);
    expect("chaotic");
    stack_init(&s, 3, 64, "relu", 2, 0);
    stack_run(&s);
    expect("critical");
    stack_init(&s, 3, 64, "relu", 2.01, 0);
    stack_run(&s);
    expect("critical");
    s.input.epsilon = 0.001;
    stack_run(&s);
    expect("chaotic");
}
END_TEST

/* ---- ranges and widths --------------------------------------------------- */

START_TEST(saturation_and_overflow_are_told)
{
    stack_init(&s, 3, 64, "tanh", 30, 0);
    stack_run(&s);
    ck_assert_double_gt(expect("saturating")->number, 4);
    stack_init(&s, 20, 64, "linear", 4, 0);
    stack_run(&s);
    expect_none("overflow_risk");
    for (size_t i = 0; i < 20; i++)
        s.layers[i].dtype = SOW_FLOAT16;
    stack_run(&s);
    /* 3.1 deviations of 2^(l + 1) pass 65504 when l is 14. */
    ck_assert_uint_eq(expect("overflow_risk")->first, 14);
    for (size_t i = 0; i < 20; i++)
        s.layers[i].dtype = SOW_BFLOAT16;
    stack_run(&s);
    expect_none("overflow_risk");
}
END_TEST

START_TEST(narrow_deep_networks_are_told)
{
    stack_init(&s, 60, 16, "relu", 2, 0);
    stack_run(&s);
    expect("finite_width");
    expect_none("dead_relu_risk");
    stack_init(&s, 5, 3, "relu", 2, 0);
    stack_run(&s);
    expect_close("death", expect("dead_relu_risk")->number, 0.487, 1e-3);
    stack_init(&s, 20, 1024, "relu", 2, 0);
    stack_run(&s);
    expect_none("finite_width");
    expect_none("dead_relu_risk");
    s.layers[3].bias_mean = -3;
    stack_run(&s);
    ck_assert_str_eq(expect("dead_relu_risk")->quantity, "inactive");
}
END_TEST

START_TEST(isometries_are_told)
{
    stack_init(&s, 30, 64, "linear", 1, 0);
    for (size_t i = 0; i < 30; i++)
        s.layers[i].weight.ensemble = SOW_ENSEMBLE_ORTHOGONAL;
    stack_run(&s);
    ck_assert_double_eq(expect("isometric")->number, 0);
    stack_init(&s, 30, 64, "linear", 1, 0);
    stack_run(&s);
    expect_none("isometric");
    s.layers[4].weight.ensemble = SOW_ENSEMBLE_FIXED;
    stack_run(&s);
    ck_assert_uint_eq(expect("approximate")->layer, 4);
}
END_TEST

START_TEST(names_of_layers_are_in_the_sentence)
{
    stack_init(&s, 5, 16, "relu", 2, 0);
    zero(2);
    s.layers[2].name = "body.2.weight";
    stack_run(&s);
    ck_assert_ptr_nonnull(strstr(expect("dead")->text, "body.2.weight"));
}
END_TEST

/* Branches that add little leave little of a gradient in them: so they may. */
START_TEST(what_is_small_in_a_branch_does_not_vanish)
{
    stack_init(&s, 40, 64, "relu", 2, 0);
    for (size_t i = 0; i < s.count; i += 2) {
        s.layers[i].opens = true;
        s.layers[i + 1].closes = true;
        s.layers[i + 1].alpha = 0.01;
    }
    stack_run(&s);
    ck_assert_double_lt(s.results[1].log10_backward, -3);
    expect_none("vanishing");
    for (size_t i = 0; i < s.count; i++)
        s.layers[i].opens = s.layers[i].closes = false;
    s.layers[20].weight.variance *= 1e-4;
    stack_run(&s);
    expect("vanishing");
}
END_TEST

/* From 4 units to 256: distances per unit grow there, and nowhere else. */
START_TEST(chi_1_between_different_widths_is_of_one_layer)
{
    stack_init(&s, 4, 256, "relu", 2, 0);
    s.layers[0].n_out = s.layers[1].n_in = 4;
    s.layers[2].n_out = s.layers[3].n_in = 4;
    s.layers[2].weight.variance = 0.5;
    stack_run(&s);
    ck_assert_double_gt(expect("chaotic")->number, 60);
    ck_assert_int_eq(expect("chaotic")->severity, SOW_NOTE);
    ck_assert_ptr_null(strstr(expect("chaotic")->text, "gradients"));
}
END_TEST

/* h has the mean of the weights times the sum of the inputs, for all units. */
START_TEST(weights_with_a_mean_are_a_rough_guide)
{
    stack_init(&s, 4, 256, "relu", 1, 0);
    for (size_t i = 0; i < s.count; i++)
        s.layers[i].weight.mean = 0.5;
    stack_run(&s);
    ck_assert_uint_eq(expect("approximate")->layer, 0);
    ck_assert_ptr_nonnull(strstr(expect("approximate")->text, "mean"));
    for (size_t i = 0; i < s.count; i++)
        s.layers[i].weight.mean = 0.01 / 256;
    stack_run(&s);
    expect_none("approximate");
}
END_TEST

/*
 * x . dL/dx is what L is for a network that scales as its input does, so that
 * a gradient gains along the signal what the signal gains (Euler).
 */
START_TEST(gradients_gain_along_the_signal_what_it_gains)
{
    stack_init(&s, 50, 64, "relu", 2, 0);
    for (size_t i = 0; i < s.count; i++)
        s.layers[i].opens = s.layers[i].closes = true;
    stack_run(&s);
    expect_close("gain", expect("approximate")->number,
                 s.summary.log10_forward - log10(64), 1e-9);
    ck_assert_double_gt(expect("approximate")->number,
                        s.summary.log10_backward);
    s.layers[7].bias_variance = 0.1;
    stack_run(&s);
    expect_none("approximate");
    stack_init(&s, 50, 64, "relu", 2, 0);
    stack_run(&s);
    expect_none("approximate");
}
END_TEST

START_TEST(verdicts_are_sorted_worst_first_and_named)
{
    stack_init(&s, 60, 3, "relu", 9, 0);
    stack_run(&s);
    ck_assert_uint_ge(s.verdict_count, 3);
    for (size_t i = 1; i < s.verdict_count; i++)
        ck_assert(s.verdicts[i].severity <= s.verdicts[i - 1].severity);
    for (int i = 0; i < SOW_VERDICTS; i++)
        ck_assert_uint_gt(strlen(sow_verdict_name((enum sow_verdict_kind)i)),
                          3);
    ck_assert_str_eq(sow_severity_name(SOW_FAULT), "fault");
}
END_TEST

Suite *analysis_verdicts_suite(void)
{
    Suite *suite = suite_create("analysis/verdicts");
    TCase *test = tcase_create("verdicts");

    tcase_set_timeout(test, 60);
    tcase_add_test(test, two_zero_layers_are_dead);
    tcase_add_test(test, zero_layers_around_others_are_dead);
    tcase_add_test(test, a_zero_head_is_fine);
    tcase_add_test(test, a_zero_layer_below_relu_is_dead);
    tcase_add_test(test, zero_branches_below_relu_are_dead);
    tcase_add_test(test, zero_branches_are_fine_each);
    tcase_add_test(test, zero_sigmoid_layers_learn_as_one_unit);
    tcase_add_test(test, constant_layers_are_symmetric);
    tcase_add_test(test, phases_are_told_apart);
    tcase_add_test(test, saturation_and_overflow_are_told);
    tcase_add_test(test, narrow_deep_networks_are_told);
    tcase_add_test(test, isometries_are_told);
    tcase_add_test(test, names_of_layers_are_in_the_sentence);
    tcase_add_test(test, what_is_small_in_a_branch_does_not_vanish);
    tcase_add_test(test, chi_1_between_different_widths_is_of_one_layer);
    tcase_add_test(test, weights_with_a_mean_are_a_rough_guide);
    tcase_add_test(test, gradients_gain_along_the_signal_what_it_gains);
    tcase_add_test(test, verdicts_are_sorted_worst_first_and_named);
    suite_add_tcase(suite, test);
    return suite;
}
