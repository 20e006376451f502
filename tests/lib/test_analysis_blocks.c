/* SPDX-License-Identifier: MIT */
/*
 * Tests of the recursion: finite width, Jacobians, mirrors, residual branches,
 * norms, dropout and kernels.
 */
#include <math.h>
#include <string.h>

#include "stack.h"

Suite *analysis_blocks_suite(void);

static struct stack s;

static double last_square(void)
{
    return s.results[s.count - 1].m2;
}

/* ---- finite width -------------------------------------------------------- */

START_TEST(relative_spreads_are_as_printed)
{
    stack_init(&s, 5, 50, "relu", 2, 0);
    stack_run(&s);
    expect_close("the variance", pow(s.results[4].finite_width, 2) + 1, 1.6105,
                 1e-4);
    stack_init(&s, 10, 100, "relu", 2, 0);
    stack_run(&s);
    expect_close("the variance", pow(s.results[9].finite_width, 2) + 1, 1.629,
                 1e-4);
}
END_TEST

START_TEST(narrow_networks_die_as_printed)
{
    stack_init(&s, 5, 3, "relu", 2, 0);
    stack_run(&s);
    expect_close("death", s.summary.death, 0.487, 1e-3);
    expect_close("death", s.summary.death, 1 - pow(1 - 0.125, 5), 1e-12);
    for (size_t i = 0; i < 5; i++)
        s.layers[i].weight.mirrors_in = s.layers[i].weight.mirrors_out = true;
    s.count = 4;
    stack_run(&s);
    ck_assert_double_le(s.results[2].death, 1e-15);
}
END_TEST

START_TEST(jacobian_shares_of_relu_are_2_and_1_a_layer)
{
    stack_init(&s, 3, 400, "relu", 2, 0);
    stack_run(&s);
    expect_close("independent", s.summary.jacobian, 6, 1e-12);
    for (size_t i = 0; i < 3; i++)
        s.layers[i].weight.ensemble = SOW_ENSEMBLE_ORTHOGONAL;
    stack_run(&s);
    expect_close("orthogonal", s.summary.jacobian, 3, 1e-12);
    for (size_t i = 0; i < 3; i++) {
        s.layers[i].weight.mirrors_in = i > 0;
        s.layers[i].weight.mirrors_out = i < 2;
    }
    s.layers[2].activation = NULL;
    s.layers[2].weight.variance /= 2;
    stack_run(&s);
    ck_assert_double_lt(fabs(s.summary.jacobian), 1e-12);
}
END_TEST

/* Mirrored relu layers are linear: lengths and angles stay. */
START_TEST(mirrored_layers_keep_correlations)
{
    stack_init(&s, 52, 64, "relu", 2, 0);
    for (size_t i = 0; i < s.count; i++) {
        s.layers[i].weight.ensemble = SOW_ENSEMBLE_ORTHOGONAL;
        s.layers[i].weight.mirrors_in = i > 0;
        s.layers[i].weight.mirrors_out = i + 1 < s.count;
    }
    s.layers[0].weight.variance /= 2;
    s.layers[51].activation = NULL;
    stack_run(&s);
    for (size_t i = 0; i + 1 < s.count; i++) {
        expect_close("q", s.results[i].q, 1, 1e-12);
        expect_close("c", s.results[i].c, 0.5, 1e-12);
        ck_assert_double_lt(s.results[i].finite_width, 1e-7);
    }
    ck_assert_double_lt(fabs(s.summary.jacobian), 1e-12);
    ck_assert_double_lt(fabs(s.summary.log10_backward), 0.31);
}
END_TEST

/* ---- blocks -------------------------------------------------------------- */

static void make_blocks(size_t blocks, double alpha)
{
    stack_init(&s, 2 * blocks, 64, "relu", 2, 0);
    for (size_t i = 0; i < blocks; i++) {
        s.layers[2 * i].opens = true;
        s.layers[2 * i + 1].closes = true;
        s.layers[2 * i + 1].alpha = alpha;
        s.layers[2 * i + 1].activation = NULL;
        s.layers[2 * i + 1].weight.variance /= 2;
    }
}

START_TEST(residual_branches_grow_the_signal_by_1_plus_alpha_squared)
{
    make_blocks(20, 1);
    stack_run(&s);
    expect_close("forward", last_square(), 0x1p20, 1e-12);
    expect_close("backward", s.summary.log10_backward, 20 * log10(2), 1e-12);
    make_blocks(20, 1 / sqrt(20));
    stack_run(&s);
    expect_close("forward", last_square(), pow(1.05, 20), 1e-12);
    ck_assert_double_lt(last_square(), exp(1));
    expect_close("backward", s.summary.log10_backward, 20 * log10(1.05), 1e-12);
}
END_TEST

/* A layer a branch: what means add up to counts, where there are any. */
static const struct {
    const char *activation;
    double sigma_w2;
    enum sow_analysis_norm norm;
    double mean; /* of the input */
    size_t count;
    double least; /* of what the signal grows by, with the factor advised */
} adding[] = {
    {"linear", 1, SOW_NORM_NONE, 0, 48, 2.5},
    {"linear", 9, SOW_NORM_NONE, 0, 48, 2.5},
    {"relu", 2, SOW_NORM_NONE, 0, 48, 1.5},
    {"relu", 2, SOW_NORM_NONE, 0, 200, 1.5},
    {"relu", 2, SOW_NORM_LAYER, 0, 100, 1.5},
    {"relu", 2, SOW_NORM_NONE, 1, 100, 1.5},
    {"softplus", 1, SOW_NORM_NONE, 0, 100, 1.5},
    {"sigmoid", 1, SOW_NORM_NONE, 0, 200, 1.5},
};

START_TEST(branches_grow_by_e_at_most_with_the_factor_advised)
{
    const struct sow_verdict *v;
    double alpha;

    stack_init(&s, adding[_i].count, 64, adding[_i].activation,
               adding[_i].sigma_w2, 0);
    s.input.mean = adding[_i].mean;
    for (size_t i = 0; i < s.count; i++) {
        s.layers[i].opens = s.layers[i].closes = true;
        s.layers[i].input_norm = adding[_i].norm;
    }
    stack_run(&s);
    v = stack_verdict(&s, "exploding");
    ck_assert_msg(v != NULL, "%s: 10^%g", adding[_i].activation,
                  s.summary.log10_forward);
    alpha = v->advice.alpha;
    ck_assert_uint_lt(strlen(v->advice.text), sizeof v->advice.text - 1);
    for (size_t i = 0; i < s.count; i++)
        s.layers[i].alpha = alpha;
    stack_run(&s);
    ck_assert_msg(last_square() < exp(1) && last_square() > adding[_i].least,
                  "%zu branches of %s, times %g: a factor of %g",
                  adding[_i].count, adding[_i].activation, alpha,
                  last_square());
}
END_TEST

START_TEST(nothing_that_lives_has_a_death_of_minus_0)
{
    stack_init(&s, 3, 64, "gelu", 1, 0);
    stack_run(&s);
    for (size_t i = 0; i < s.count; i++)
        ck_assert(s.results[i].death == 0 && !signbit(s.results[i].death));
}
END_TEST

START_TEST(zero_branches_change_nothing)
{
    make_blocks(30, 1);
    for (size_t i = 0; i < 30; i++)
        s.layers[2 * i + 1].weight.variance = 0;
    stack_run(&s);
    ck_assert_double_eq(last_square(), 1);
    ck_assert_double_eq(s.results[59].c2, 0.5);
    ck_assert_double_lt(fabs(s.summary.log10_backward), 1e-12);
    ck_assert_double_eq(s.summary.jacobian, 0);
    make_blocks(30, 0);
    stack_run(&s);
    ck_assert_double_eq(last_square(), 1);
}
END_TEST

START_TEST(norms_set_the_length_and_make_scale_no_matter)
{
    const enum sow_analysis_norm norms[] = {SOW_NORM_LAYER, SOW_NORM_RMS,
                                            SOW_NORM_BATCH};

    for (size_t k = 0; k < COUNT(norms); k++) {
        double backward[2];

        for (size_t scale = 0; scale < 2; scale++) {
            stack_init(&s, 4, 64, "relu", scale == 0 ? 2 : 200, 0);
            for (size_t i = 0; i < 4; i++)
                s.layers[i].norm = norms[k];
            stack_run(&s);
            for (size_t i = 0; i < 4; i++) {
                expect_close("q", s.results[i].q, 1, 1e-12);
                ck_assert(s.results[i].scale_invariant);
                ck_assert_double_eq(s.results[i].dq, 0);
            }
            backward[scale] = s.results[1].backward;
        }
        expect_close("backward", backward[1], backward[0], 1e-12);
    }
}
END_TEST

/* Yang et al. 2019: pi / (pi - 1) a layer, for large batches. */
START_TEST(batch_norm_with_relu_explodes_by_1_467_a_layer)
{
    stack_init(&s, 10, 64, "relu", 2, 0);
    for (size_t i = 0; i < s.count; i++)
        s.layers[i].norm = SOW_NORM_BATCH;
    s.input.correlation = 0;
    stack_run(&s);
    expect_close("backward", s.results[5].backward, acos(-1) / (acos(-1) - 1),
                 1e-12);
    for (size_t i = 0; i < s.count; i++)
        ck_assert_double_eq(s.results[i].c, 0);
}
END_TEST

/* The arc-cosine kernel of degree 1, over that of equal inputs. */
static double kernel(double c)
{
    return (sqrt(1 - c * c) + c * (acos(-1) - acos(c))) / acos(-1);
}

/*
 * A batch's norm takes from a pair what any two inputs have in common, and no
 * more: it stays a pair.
 */
START_TEST(batch_norm_leaves_a_pair_what_others_do_not_share)
{
    double c = 0.5;

    stack_init(&s, 10, 64, "relu", 2, 0.5);
    for (size_t i = 0; i < s.count; i++)
        s.layers[i].norm = SOW_NORM_BATCH;
    stack_run(&s);
    for (size_t i = 0; i < s.count; i++) {
        expect_close("c", s.results[i].c, c, 1e-9);
        c = (kernel(c) - kernel(0)) / (1 - kernel(0));
    }
    s.input.correlation = 0.9;
    s.input.between = 0.9;
    stack_run(&s);
    for (size_t i = 0; i < s.count; i++)
        ck_assert_double_eq(s.results[i].c, 0);
    s.input = (struct sow_analysis_input){0.6, 1, 0.5, .threshold = 3,
                                          .epsilon = 0.01};
    for (size_t i = 0; i < s.count; i++)
        s.layers[i].norm = SOW_NORM_NONE;
    s.layers[0].input_norm = SOW_NORM_BATCH;
    stack_run(&s);
    expect_close("c", s.results[0].c * s.results[0].q, 2 * 0.14 / 0.64 + 0.5,
                 1e-12);
}
END_TEST

START_TEST(a_norm_of_nothing_gives_nothing)
{
    stack_init(&s, 2, 64, "tanh", 0, 0);
    s.layers[0].norm = SOW_NORM_LAYER;
    s.layers[1].input_norm = SOW_NORM_RMS;
    stack_run(&s);
    ck_assert_double_eq(s.results[1].m2, 0);
    ck_assert(s.results[0].log10_backward == -INFINITY);
}
END_TEST

START_TEST(dropout_multiplies_lengths_both_ways_and_parts_inputs)
{
    stack_init(&s, 3, 64, "relu", 2, 0);
    for (size_t i = 0; i < 3; i++)
        s.layers[i].keep = 0.8;
    stack_run(&s);
    expect_close("forward", last_square(), pow(0.8, -3), 1e-12);
    expect_close("backward", s.summary.log10_backward, -3 * log10(0.8), 1e-12);
    s.input.correlation = 1;
    stack_run(&s);
    expect_close("c", s.results[0].c2, 0.8, 1e-12);
}
END_TEST

START_TEST(receptive_fields_count_as_inputs)
{
    stack_init(&s, 1, 16, "relu", 2, 0);
    s.layers[0].receptive = 9;
    s.layers[0].weight.variance = 2.0 / (9 * 16);
    stack_run(&s);
    expect_close("forward", s.results[0].forward, 1, 1e-12);
    expect_close("backward", s.results[0].backward, 1, 1e-12);
}
END_TEST

/* dL/dw has E[delta^2] E[x^2]. */
START_TEST(weight_gradients_are_products)
{
    stack_init(&s, 3, 64, "tanh", 1.7, 0.1);
    stack_run(&s);
    for (size_t i = 0; i < 3; i++) {
        double above = i < 2 ? s.results[i + 1].log10_backward : 0;
        double below = i > 0 ? s.results[i - 1].m2 : 1;

        expect_close("dL/dw", s.results[i].log10_weight_gradient,
                     above + log10(s.results[i].slope_square * below), 1e-9);
    }
}
END_TEST

Suite *analysis_blocks_suite(void)
{
    Suite *suite = suite_create("analysis/blocks");
    TCase *test = tcase_create("blocks");

    tcase_add_test(test, relative_spreads_are_as_printed);
    tcase_add_test(test, narrow_networks_die_as_printed);
    tcase_add_test(test, jacobian_shares_of_relu_are_2_and_1_a_layer);
    tcase_add_test(test, mirrored_layers_keep_correlations);
    tcase_add_test(test,
                   residual_branches_grow_the_signal_by_1_plus_alpha_squared);
    tcase_add_loop_test(test,
                        branches_grow_by_e_at_most_with_the_factor_advised, 0,
                        COUNT(adding));
    tcase_add_test(test, nothing_that_lives_has_a_death_of_minus_0);
    tcase_add_test(test, zero_branches_change_nothing);
    tcase_add_test(test, norms_set_the_length_and_make_scale_no_matter);
    tcase_add_test(test, batch_norm_with_relu_explodes_by_1_467_a_layer);
    tcase_add_test(test, batch_norm_leaves_a_pair_what_others_do_not_share);
    tcase_add_test(test, a_norm_of_nothing_gives_nothing);
    tcase_add_test(test, dropout_multiplies_lengths_both_ways_and_parts_inputs);
    tcase_add_test(test, receptive_fields_count_as_inputs);
    tcase_add_test(test, weight_gradients_are_products);
    suite_add_tcase(suite, test);
    return suite;
}
