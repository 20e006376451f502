/* SPDX-License-Identifier: MIT */
/*
 * Tests of verdicts: each kind comes up where it must and nowhere else, and
 * what is advised mends it.  And of what a run refuses or survives.
 */
#include <math.h>
#include <string.h>

#include "stack.h"

Suite *analysis_verdicts_suite(void);

static struct stack s;

static const struct sow_verdict *expect(const char *name)
{
    const struct sow_verdict *v = stack_verdict(&s, name);

    ck_assert_msg(v != NULL, "no verdict %s", name);
    ck_assert_uint_gt(strlen(v->text), 30);
    ck_assert_uint_lt(strlen(v->text), sizeof v->text - 1);
    ck_assert_uint_lt(strlen(v->advice.text), sizeof v->advice.text - 1);
    ck_assert_uint_gt(strlen(v->source), 5);
    ck_assert(!isnan(v->number));
    ck_assert(v->first <= v->layer && v->layer <= v->last);
    return v;
}

static void expect_none(const char *name)
{
    const struct sow_verdict *v = stack_verdict(&s, name);

    ck_assert_msg(v == NULL, "%s: %s", name, v == NULL ? "" : v->text);
}

static void zero(size_t i)
{
    s.layers[i].weight.variance = 0;
    s.layers[i].weight.rows = s.layers[i].weight.columns = 1;
}

/* The advised scheme with its parameters. */
static struct sow_tensor advised(const struct sow_advice_scheme *scheme,
                                 struct sow_shape shape)
{
    struct sow_spec spec = spec_make(scheme->name, SOW_FLOAT32, shape);

    for (size_t i = 0; i < scheme->count; i++) {
        int at =
            sow_scheme_parameter(spec.scheme.info, scheme->parameters[i].name);
        const char *const *choices;

        ck_assert_int_ge(at, 0);
        spec.scheme.values[at] = scheme->parameters[i].number;
        choices = spec.scheme.info->parameters[at].choices;
        for (size_t k = 0; scheme->parameters[i].choice != NULL; k++) {
            ck_assert_ptr_nonnull(choices[k]);
            if (strcmp(choices[k], scheme->parameters[i].choice) != 0)
                continue;
            spec.scheme.values[at] = (double)k;
            break;
        }
    }
    return tensor_make(&spec);
}

/* Do what is advised in every layer. */
static void mend(const struct sow_advice *advice)
{
    struct sow_error error;
    uint64_t n = s.layers[0].n_in;

    for (size_t i = 0; i < s.count; i++) {
        struct sow_tensor tensor = advised(&advice->weight, SHAPE(n, n));

        ck_assert(sow_analysis_weight(&s.layers[i], engine_at(0), &tensor,
                                      &error) == SOW_OK);
        s.layers[i].bias_variance = s.layers[i].bias_mean = 0;
        if (advice->bias.name == NULL)
            continue;
        tensor = advised(&advice->bias, SHAPE(n));
        ck_assert(sow_analysis_bias(&s.layers[i], engine_at(0), &tensor,
                                    &error) == SOW_OK);
    }
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
    s.layers[1].weight.columns = s.layers[1].weight.rows = 0;
    s.layers[1].weight.variance = 1.0 / 16;
    stack_run(&s);
    expect_none("symmetric");
}
END_TEST

/* ---- gains --------------------------------------------------------------- */

static const struct {
    const char *activation;
    double sigma_w2;
    const char *verdict;
} sick[] = {
    {"relu", 1.0 / 3, "vanishing"},   {"relu", 1, "vanishing"},
    {"linear", 2, "exploding"},       {"relu", 6, "exploding"},
    {"tanh", 1.0 / 3, "vanishing"},   {"leaky_relu", 1, "vanishing"},
    {"tanh", 9, "exploding"},         {"elu", 0.5, "vanishing"},
    {"softsign", 1, "vanishing"},     {"selu", 3, "exploding"},
    {"hardtanh", 0.3, "vanishing"},   {"prelu", 0.3, "vanishing"},
    {"relu_squared", 9, "exploding"},
};

START_TEST(what_is_advised_mends_it)
{
    stack_init(&s, 40, 64, sick[_i].activation, sick[_i].sigma_w2, 0);
    stack_run(&s);
    ck_assert_double_gt(fabs(expect(sick[_i].verdict)->number), 3);
    ck_assert_msg(stack_verdict(&s, sick[_i].verdict)->advice.weight.name,
                  "no advice: %s", s.verdicts[0].text);
    if (strcmp(sick[_i].activation, "relu_squared") == 0)
        s.input.second_moment = 1 / 1.5; /* only this length is fixed */
    mend(&expect(sick[_i].verdict)->advice);
    stack_run(&s);
    if (strcmp(sick[_i].activation, "hardtanh") == 0 ||
        strcmp(sick[_i].activation, "relu_squared") == 0)
        return; /* of which no gain is stable; the advice says so */
    expect_none("vanishing");
    expect_none("exploding");
}
END_TEST

START_TEST(branches_that_explode_are_advised_a_factor)
{
    stack_init(&s, 40, 64, "linear", 1, 0);
    for (size_t i = 0; i < 40; i++)
        s.layers[i].opens = s.layers[i].closes = true;
    stack_run(&s);
    expect_close("alpha", expect("exploding")->advice.alpha, 1 / sqrt(40),
                 1e-12);
    for (size_t i = 0; i < 40; i++)
        s.layers[i].alpha = 1 / sqrt(40);
    stack_run(&s);
    expect_none("exploding");
}
END_TEST

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

START_TEST(unstable_lengths_are_found)
{
    const char *const unstable[] = {"gelu", "silu", "mish", "hardswish"};
    const char *const stable[] = {"tanh", "selu", "elu", "relu"};

    for (size_t i = 0; i < 4; i++) {
        const struct sow_analysis_activation *a =
            sow_analysis_activation_find(unstable[i]);
        struct sow_analysis_moments m;

        sow_analysis_moments(a, 0, 0, 1, &m);
        stack_init(&s, 50, 64, unstable[i], 1 / m.square, 0);
        stack_run(&s);
        ck_assert_double_gt(expect("unstable_fixed_point")->number, 1.01);
        if (expect("unstable_fixed_point")->advice.weight.name != NULL)
            mend(&expect("unstable_fixed_point")->advice);
        else
            for (size_t l = 0; l < s.count; l++)
                s.layers[l].norm = SOW_NORM_RMS;
        stack_run(&s);
        expect_none("unstable_fixed_point");
        a = sow_analysis_activation_find(stable[i]);
        sow_analysis_moments(a, a->value, 0, 1, &m);
        stack_init(&s, 50, 64, stable[i], 1 / m.square, 0);
        stack_run(&s);
        expect_none("unstable_fixed_point");
    }
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
    tcase_add_test(test, zero_branches_are_fine_each);
    tcase_add_test(test, zero_sigmoid_layers_learn_as_one_unit);
    tcase_add_test(test, constant_layers_are_symmetric);
    tcase_add_loop_test(test, what_is_advised_mends_it, 0, COUNT(sick));
    tcase_add_test(test, branches_that_explode_are_advised_a_factor);
    tcase_add_test(test, phases_are_told_apart);
    tcase_add_test(test, unstable_lengths_are_found);
    tcase_add_test(test, saturation_and_overflow_are_told);
    tcase_add_test(test, narrow_deep_networks_are_told);
    tcase_add_test(test, isometries_are_told);
    tcase_add_test(test, names_of_layers_are_in_the_sentence);
    tcase_add_test(test, verdicts_are_sorted_worst_first_and_named);
    suite_add_tcase(suite, test);
    return suite;
}
