/* SPDX-License-Identifier: MIT */
/* Tests of what verdicts advise: done as it stands, it mends the stack. */
#include <math.h>
#include <string.h>

#include "stack.h"

Suite *analysis_advice_suite(void);

static struct stack s;

static const struct sow_verdict *expect(const char *name)
{
    return stack_expect(&s, name);
}

static void expect_none(const char *name)
{
    stack_expect_none(&s, name);
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

/* Of what passes dropout, 1 / keep is made up for by the weights. */
START_TEST(dropout_is_counted_in_what_is_advised)
{
    const char *const activations[] = {"relu", "tanh", "leaky_relu"};

    stack_init(&s, 30, 64, activations[_i], 6, 0);
    for (size_t i = 0; i < s.count; i++)
        s.layers[i].keep = 0.5;
    stack_run(&s);
    mend(&expect("exploding")->advice);
    stack_run(&s);
    expect_close("q", s.results[29].q, 1, 1e-3);
}
END_TEST

/* The scale of weights between norms is no matter. */
START_TEST(between_norms_no_scale_is_advised)
{
    static const struct {
        enum sow_analysis_norm before, after;
    } norms[] = {{SOW_NORM_BATCH, SOW_NORM_NONE},
                 {SOW_NORM_LAYER, SOW_NORM_NONE},
                 {SOW_NORM_NONE, SOW_NORM_BATCH}};

    for (size_t k = 0; k < COUNT(norms); k++) {
        stack_init(&s, 40, 64, "relu", 2, 0);
        for (size_t i = 0; i < s.count; i++) {
            s.layers[i].input_norm = norms[k].before;
            s.layers[i].norm = norms[k].after;
        }
        stack_run(&s);
        ck_assert_ptr_null(expect("exploding")->advice.weight.name);
        ck_assert_ptr_nonnull(
            strstr(expect("exploding")->advice.text, "residual"));
    }
}
END_TEST

/* In thin layers orthogonal weights vary too, unless ReLU's are mirrored. */
START_TEST(what_is_advised_for_thin_layers_varies_less)
{
    const char *const activations[] = {"relu", "linear"};
    const struct sow_advice *advice;

    for (size_t k = 0; k < COUNT(activations); k++) {
        stack_init(&s, 40, 32, activations[k], k == 0 ? 2 : 1, 0);
        stack_run(&s);
        mend(&expect("finite_width")->advice);
        stack_run(&s);
        expect_none("finite_width");
        expect_none("vanishing");
    }
    stack_init(&s, 60, 16, "leaky_relu", 2, 0);
    stack_run(&s);
    advice = &expect("finite_width")->advice;
    ck_assert_ptr_null(advice->weight.name);
    ck_assert_ptr_nonnull(strstr(advice->text, "as wide."));
    stack_init(&s, 40, 31, "relu", 2, 0);
    stack_run(&s);
    ck_assert_ptr_null(expect("finite_width")->advice.weight.name);
}
END_TEST

/* Not the width is to blame where the biases are. */
START_TEST(units_that_are_off_are_told_to_have_no_bias)
{
    stack_init(&s, 10, 256, "relu", 2, 0);
    for (size_t i = 0; i < s.count; i++)
        s.layers[i].bias_mean = -3;
    stack_run(&s);
    ck_assert_double_eq(expect("dead_relu_risk")->number, 1);
    ck_assert_str_eq(expect("dead_relu_risk")->advice.weight.name,
                     "exact_gain");
    ck_assert_ptr_nonnull(strstr(expect("ordered")->text, "no gradient"));
}
END_TEST

/* The longest sentence that advice is, of each activation. */
START_TEST(advice_has_room)
{
    for (size_t i = 0; sow_analysis_activation_at(i) != NULL; i++) {
        stack_init(&s, 30, 64, sow_analysis_activation_at(i)->name, 1e-4, 0);
        for (size_t k = 0; k < s.count; k++)
            s.layers[k].keep = 1 - 0.123456;
        stack_run(&s);
        for (size_t k = 0; k < s.verdict_count; k++)
            stack_expect(&s, sow_verdict_name(s.verdicts[k].kind));
    }
}
END_TEST

Suite *analysis_advice_suite(void)
{
    Suite *suite = suite_create("analysis/advice");
    TCase *test = tcase_create("advice");

    tcase_set_timeout(test, 60);
    tcase_add_loop_test(test, what_is_advised_mends_it, 0, COUNT(sick));
    tcase_add_test(test, branches_that_explode_are_advised_a_factor);
    tcase_add_test(test, unstable_lengths_are_found);
    tcase_add_loop_test(test, dropout_is_counted_in_what_is_advised, 0, 3);
    tcase_add_test(test, between_norms_no_scale_is_advised);
    tcase_add_test(test, what_is_advised_for_thin_layers_varies_less);
    tcase_add_test(test, units_that_are_off_are_told_to_have_no_bias);
    tcase_add_test(test, advice_has_room);
    suite_add_tcase(suite, test);
    return suite;
}
