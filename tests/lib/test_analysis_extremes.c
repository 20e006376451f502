/* SPDX-License-Identifier: MIT */
/* Tests of what a run refuses, and of inputs at the end of every range. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stack.h"

Suite *analysis_extremes_suite(void);

static struct stack s;

static void refused(enum sow_status status, const char *at)
{
    struct sow_analysis_result before = s.results[0];
    struct sow_error error = {0};

    ck_assert_int_eq(sow_analysis_run(&s.input, s.layers, s.count, s.results,
                                      &s.summary, NULL, NULL, &error),
                     status);
    ck_assert_str_eq(error.at, at);
    ck_assert_uint_gt(strlen(error.text), 20);
    ck_assert(memcmp(&before, &s.results[0], sizeof before) == 0);
}

START_TEST(numbers_out_of_range_are_refused)
{
    const double wrong[] = {NAN, INFINITY, -1};

    for (size_t i = 0; i < COUNT(wrong); i++) {
        stack_init(&s, 2, 8, "relu", 2, 0);
        s.layers[1].weight.variance = wrong[i];
        refused(SOW_BAD_PARAMETER, "variance");
        stack_init(&s, 2, 8, "relu", 2, wrong[i]);
        refused(SOW_BAD_PARAMETER, "bias_variance");
        stack_init(&s, 2, 8, "relu", 2, 0);
        s.layers[0].keep = wrong[i];
        refused(SOW_BAD_PARAMETER, "keep");
        stack_init(&s, 2, 8, "relu", 2, 0);
        s.input.second_moment = wrong[i];
        refused(SOW_BAD_PARAMETER, "second_moment");
        stack_init(&s, 2, 8, "relu", 2, 0);
        s.layers[0].receptive = wrong[i];
        refused(SOW_BAD_PARAMETER, "receptive");
    }
}
END_TEST

START_TEST(others_are_refused_by_name)
{
    stack_init(&s, 2, 0, "relu", 2, 0);
    s.layers[0].weight.variance = s.layers[1].weight.variance = 1;
    refused(SOW_BAD_PARAMETER, "n_in");
    stack_init(&s, 2, 8, "elu", 2, 0);
    s.layers[0].parameter = -1;
    refused(SOW_BAD_PARAMETER, "alpha");
    stack_init(&s, 2, 8, "relu", 2, 0);
    s.input.correlation = 1.5;
    refused(SOW_BAD_PARAMETER, "correlation");
    s.input.correlation = 0;
    s.input.mean = 2;
    refused(SOW_BAD_PARAMETER, "mean");
    s.input.mean = 0;
    s.input.threshold = 0;
    refused(SOW_BAD_PARAMETER, "threshold");
    s.input.threshold = 1;
    s.layers[0].weight.mean = NAN;
    refused(SOW_BAD_PARAMETER, "mean");
    s.count = 0;
    refused(SOW_BAD_SHAPE, "count");
}
END_TEST

START_TEST(branches_that_dont_match_are_refused)
{
    stack_init(&s, 3, 8, "relu", 2, 0);
    s.layers[0].opens = true;
    refused(SOW_BAD_SHAPE, "closes");
    s.layers[1].opens = s.layers[2].closes = true;
    refused(SOW_BAD_SHAPE, "opens");
    s.layers[0].opens = s.layers[1].opens = false;
    refused(SOW_BAD_SHAPE, "closes");
}
END_TEST

static void expect_numbers(const char *what)
{
    for (size_t i = 0; i < s.count; i++) {
        const struct sow_analysis_result *r = &s.results[i];
        const double numbers[] = {
            r->mean,
            r->q,
            r->c,
            r->m1,
            r->m2,
            r->c2,
            r->sigma_w2,
            r->chi_1,
            r->dq,
            r->slope,
            r->forward,
            r->backward,
            r->log10_forward,
            r->log10_backward,
            r->log10_weight_gradient,
            r->finite_width,
            r->death,
            r->jacobian,
            r->largest,
            r->inactive,
        };

        for (size_t k = 0; k < COUNT(numbers); k++)
            ck_assert_msg(!isnan(numbers[k]),
                          "%s: number %zu of layer %zu is NaN", what, k, i);
    }
}

/* Every activation with every extreme of length, variance and shape. */
START_TEST(extremes_give_numbers)
{
    const double lengths[] = {0, 1e-320, 1, 1e308};
    const double variances[] = {0, 1e-300, 2, 1e150};
    const struct sow_analysis_activation *a;

    for (size_t i = 0; (a = sow_analysis_activation_at(i)) != NULL; i++)
        for (size_t k = 0; k < 16; k++) {
            stack_init(&s, 4, 1, a->name, variances[k / 4], 0);
            s.input.second_moment = lengths[k % 4];
            s.layers[1].norm = (enum sow_analysis_norm)(k % 4);
            s.layers[2].opens = s.layers[2].closes = true;
            s.layers[3].weight.mean = k % 2 ? 1e100 : 0;
            stack_run(&s);
            expect_numbers(a->name);
        }
}
END_TEST

START_TEST(gradients_don_t_underflow)
{
    stack_init(&s, 250, 64, "relu", 1e-12, 0);
    stack_run(&s);
    expect_close("gradients", s.summary.log10_backward, -250 * (12 + log10(2)),
                 1e-9);
    ck_assert_double_ge(s.results[249].m2, 1e-300);
}
END_TEST

static bool stop_at_once(void *argument)
{
    return *(bool *)argument;
}

/* A hundred thousand layers, within the test's time. */
START_TEST(many_layers_are_followed_and_can_be_stopped)
{
    enum { MANY = 100000 };
    const char *const names[] = {"relu", "tanh", "gelu"};
    struct sow_analysis_layer *layers = must_allocate(MANY * sizeof *layers);
    struct sow_analysis_result *results = must_allocate(MANY * sizeof *results);
    struct sow_error error;
    bool stop = false;

    stack_init(&s, 1, 64, names[_i], 1.3, 0.1);
    for (size_t i = 0; i < MANY; i++)
        layers[i] = s.layers[0];
    ck_assert(sow_analysis_run(&s.input, layers, MANY, results, &s.summary,
                               stop_at_once, &stop, &error) == SOW_OK);
    ck_assert(isfinite(s.summary.log10_backward));
    ck_assert_uint_ge(sow_analysis_verdicts(&s.input, layers, MANY, results,
                                            &s.summary, s.verdicts),
                      1);
    stop = true;
    ck_assert(sow_analysis_run(&s.input, layers, MANY, results, &s.summary,
                               stop_at_once, &stop, &error) == SOW_STOPPED);
    free(results);
    free(layers);
}
END_TEST

Suite *analysis_extremes_suite(void)
{
    Suite *suite = suite_create("analysis/extremes");
    TCase *test = tcase_create("extremes");

    tcase_set_timeout(test, 120);
    tcase_add_test(test, numbers_out_of_range_are_refused);
    tcase_add_test(test, others_are_refused_by_name);
    tcase_add_test(test, branches_that_dont_match_are_refused);
    tcase_add_test(test, extremes_give_numbers);
    tcase_add_test(test, gradients_don_t_underflow);
    tcase_add_loop_test(test, many_layers_are_followed_and_can_be_stopped, 0,
                        3);
    suite_add_tcase(suite, test);
    return suite;
}
