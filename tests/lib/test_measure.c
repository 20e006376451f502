/* SPDX-License-Identifier: MIT */
/* Measurements: by hand, at the ends of float32, and of what goes in. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "draw.h"
#include "generators/sow1.h"
#include "measured.h"

Suite *measure_suite(void);

static struct measured net;

static struct sow_analysis_layer *add(const char *scheme, double value,
                                      struct sow_shape shape,
                                      const char *activation)
{
    struct sow_spec spec = spec_make(scheme, SOW_FLOAT32, shape);

    if (value != 0)
        spec_set(&spec, spec.scheme.info->parameters[0].name, value);
    return measured_add(&net, &spec, activation);
}

static void give(const double *batch, size_t count)
{
    net.batch = must_allocate(count * sizeof *batch);
    memcpy(net.batch, batch, count * sizeof *batch);
    net.m.batch = net.batch;
}

static void is(const char *what, double a, double b)
{
    ck_assert_msg(a == b || fabs(a - b) <= 1e-6 * (1 + fabs(b)),
                  "%s is %.12g, not %.12g", what, a, b);
}

/* ---- by hand ------------------------------------------------------------- */

/* Two normals, the gradient of an output of one unit and two samples. */
static void gradient_of_two(double g[2])
{
    struct sow_tensor normal = {.spec.dtype = SOW_FLOAT32,
                                .law = {.kind = SOW_LAW_NORMAL}};

    normal.law.normal.std = 1;
    sow1_stream(42, "measure gradient", "", &normal.stream);
    sow_draw(engine_at(0), &normal, 0, 2, g);
}

/*
 * x = (1, -2) and (3, 1); h = x, relu gives (1, 0) and (3, 1); their half sums
 * are 1/2 and 2.  The gradients are g / 2 for each unit that is not 0.
 */
static void measure_two_layers(void)
{
    static const double batch[] = {1, -2, 3, 1};

    measured_init(&net, 2, SHAPE(2));
    give(batch, COUNT(batch));
    add("identity", 0, SHAPE(2, 2), "relu");
    add("constant", 0.5, SHAPE(1, 2), NULL);
    measured_run(&net, engine_at(0), IN_ORDER);
}

START_TEST(two_layers_by_hand_forward)
{
    const struct sow_analysis_result *r = net.results;

    measure_two_layers();
    is("the input's mean", net.input.mean, 0.75);
    is("the input's square", net.input.second_moment, 3.75);
    is("the input's correlation", net.input.correlation, 0.5 / 3.75);
    is("mean", r[0].mean, 0.75);
    is("q", r[0].q, 3.75);
    is("c", r[0].c, 2.0 / 15);
    is("m1", r[0].m1, 1.25);
    is("m2", r[0].m2, 2.75);
    is("c2", r[0].c2, 6.0 / 11);
    is("sigma_w2", r[0].sigma_w2, 0.5);
    is("chi_1", r[0].chi_1, 0.375);
    is("slope", r[0].slope, 0.75);
    is("slope_square", r[0].slope_square, 0.75);
    is("forward", r[0].forward, 11.0 / 15);
    is("largest", r[0].largest, 3);
    is("inactive", r[0].inactive, 0.25);
    is("death", r[0].death, 0);
    is("q", r[1].q, 17.0 / 8);
    is("c", r[1].c, 8.0 / 17);
    is("sigma_w2", r[1].sigma_w2, 0);
    is("log10_forward", r[1].log10_forward, log10(17.0 / 8 / 3.75));
    is("forward_rate", net.summary.forward_rate, net.summary.log10_forward / 2);
    ck_assert(isnan(r[0].dq) && isnan(r[0].finite_width));
    ck_assert(isnan(r[0].jacobian) && isnan(net.summary.xi_c));
    measured_free(&net);
}
END_TEST

START_TEST(two_layers_by_hand_backward)
{
    const struct sow_analysis_result *r = net.results;
    double g[2], a, b, sum;

    gradient_of_two(g);
    a = g[0] * g[0];
    b = g[1] * g[1];
    sum = a + b;
    measure_two_layers();
    is("backward", r[1].backward, 0.25);
    is("dL/dx", r[1].log10_backward, log10(0.25));
    is("dL/dw", r[1].log10_weight_gradient, log10((a * 0.5 + b * 5) / sum));
    is("backward", r[0].backward, (a / 2 + b) / sum);
    is("dL/dx", r[0].log10_backward, log10((a / 2 + b) / 4 / sum));
    is("dL/dw", r[0].log10_weight_gradient,
       log10((a / 8 * 2.5 + b / 4 * 5) / sum));
    is("the summary", net.summary.log10_backward, r[0].log10_backward);
    measured_free(&net);
}
END_TEST

/* Samples 1, -1, 2 and 3 of one unit: the second dies in the first layer. */
START_TEST(a_sample_that_dies_stays_dead)
{
    static const double batch[] = {1, -1, 2, 3};

    measured_init(&net, 4, SHAPE(1));
    give(batch, COUNT(batch));
    add("constant", 1, SHAPE(1, 1), "relu");
    add("constant", -1, SHAPE(1, 1), "leaky_relu");
    add("constant", 1, SHAPE(1, 1), "relu")->opens = true;
    net.layers[2].closes = true;
    measured_run(&net, engine_at(0), IN_ORDER);
    is("death", net.results[0].death, 0.25);
    is("death behind it", net.results[1].death, 0.25);
    is("death in a branch", net.results[2].death, 0.25);
    measured_free(&net);
}
END_TEST

/* One unit to 40000 and back: their mean is what went in. */
START_TEST(layers_may_be_very_wide)
{
    measured_init(&net, 18, SHAPE(1));
    add("constant", 1, SHAPE(40000, 1), NULL);
    add("constant", 1.0 / 40000, SHAPE(1, 40000), NULL);
    measured_run(&net, engine_at(0), IN_ORDER);
    is("q", net.results[0].q, net.input.second_moment);
    is("c2", net.results[0].c2, net.input.correlation);
    is("m1", net.results[1].m1, net.input.mean);
    is("m2", net.results[1].m2, net.input.second_moment);
    is("dL/dx", net.results[1].log10_backward, -2 * log10(40000));
    is("dL/dx", net.results[0].log10_backward, 0);
    measured_free(&net);
}
END_TEST

/* Wide enough for sums to be made in several turns. */
START_TEST(a_batch_of_one_sample_again_and_again_is_one)
{
    static double batch[6 * 300];
    struct sow_analysis_input input;

    for (size_t i = 0; i < 6 * 300; i++)
        batch[i] = (double)(i % 300) - 100;
    sow_measurement_batch(batch, 6, 300, &input);
    is("correlation", input.correlation, 1);
    is("between", input.between, 1);
    sow_measurement_batch(batch, 2, 300, &input);
    is("between, of a pair alone", input.between, 0);
}
END_TEST

START_TEST(a_batch_tells_its_moments)
{
    static const double batch[] = {1, 2, 3, 4, -1, 0, 1, 2};
    struct sow_analysis_input input = {.threshold = 7};

    sow_measurement_batch(batch, 4, 2, &input);
    is("mean", input.mean, 1.5);
    is("second_moment", input.second_moment, 36.0 / 8);
    is("correlation", input.correlation, (11.0 - 1) / 4 / (36.0 / 8));
    is("between", input.between, (-1.0 + 5 - 3 + 11) / 8 / (36.0 / 8));
    is("what else there is", input.threshold, 7);
}
END_TEST

/* ---- the ends of float32 ------------------------------------------------- */

static void chain(double weight)
{
    measured_init(&net, 2, SHAPE(1));
    for (size_t i = 0; i < MEASURED_LAYERS; i++)
        add("constant", weight, SHAPE(1, 1), NULL);
    measured_run(&net, engine_at(0), IN_ORDER);
}

START_TEST(gradients_go_where_float32_can_not)
{
    chain(1e15);
    is("a gradient that explodes", net.summary.log10_backward, 30.0 * 8);
    is("its share", net.results[3].backward, 1e30);
    ck_assert(isinf(net.results[2].q) && isinf(net.results[7].largest));
    measured_free(&net);
    chain(1e-15);
    is("a gradient that vanishes", net.summary.log10_backward, -30.0 * 8);
    ck_assert(net.results[7].q == 0 && isinf(net.results[7].log10_forward));
    ck_assert(net.results[7].death == 1);
    measured_free(&net);
}
END_TEST

/* dL/dw of a branch is times alpha^2. */
static double gradient_of_branch(double alpha)
{
    double square;

    measured_init(&net, 2, SHAPE(1));
    add("constant", 1, SHAPE(1, 1), NULL)->opens = true;
    net.layers[0].closes = true;
    net.layers[0].alpha = alpha;
    add("constant", 1, SHAPE(1, 1), NULL);
    measured_run(&net, engine_at(0), IN_ORDER);
    is("dL/dx", net.results[0].log10_backward, 2 * log10(1 + alpha));
    square = net.results[0].log10_weight_gradient;
    measured_free(&net);
    return square;
}

START_TEST(branches_may_count_for_next_to_nothing)
{
    static const double alphas[] = {1e-5, 1e-30, 1e-80, 1e30};
    double one = gradient_of_branch(1);

    for (size_t k = 0; k < COUNT(alphas); k++)
        is("dL/dw", gradient_of_branch(alphas[k]) - one, 2 * log10(alphas[k]));
}
END_TEST

START_TEST(nothing_comes_of_nothing)
{
    measured_init(&net, 2, SHAPE(3));
    net.m.input.second_moment = 0;
    add("zeros", 0, SHAPE(2, 3), "relu")->norm = SOW_NORM_LAYER;
    add("zeros", 0, SHAPE(2, 2), "relu");
    measured_run(&net, engine_at(0), IN_ORDER);
    is("forward", net.results[0].forward, 1);
    is("log10_forward", net.results[0].log10_forward, 0);
    is("backward", net.results[1].backward, 0);
    is("backward of nothing", net.results[0].backward, 0);
    is("dL/dx", net.results[0].log10_backward, -INFINITY);
    is("c", net.results[1].c, 1);
    is("death", net.results[1].death, 1);
    measured_free(&net);
}
END_TEST

/* ---- what goes in -------------------------------------------------------- */

/* Means over n pairs of normals are within six of their deviations. */
START_TEST(a_synthetic_batch_is_as_asked)
{
    double n = 32 * 4096;

    measured_init(&net, 64, SHAPE(4096));
    net.m.input.mean = 0.5;
    net.m.input.second_moment = 2;
    net.m.input.correlation = -0.25;
    add("zeros", 0, SHAPE(1, 4096), NULL);
    measured_run(&net, engine_at(0), IN_ORDER);
    ck_assert_double_eq_tol(net.input.mean, 0.5, 6 * sqrt(1.75 / n));
    ck_assert_double_eq_tol(net.input.second_moment, 2, 6 * sqrt(8 / n));
    ck_assert_double_eq_tol(net.input.correlation, -0.25, 6 * sqrt(4 / n));
    measured_free(&net);
}
END_TEST

START_TEST(another_seed_gives_another_batch)
{
    double before;

    measured_init(&net, 2, SHAPE(3));
    add("he_normal", 0, SHAPE(2, 3), NULL);
    measured_run(&net, engine_at(0), IN_ORDER);
    before = net.input.mean;
    net.m.seed = 43;
    measured_run(&net, engine_at(0), IN_ORDER);
    ck_assert(net.input.mean != before);
    measured_free(&net);
}
END_TEST

Suite *measure_suite(void)
{
    Suite *suite = suite_create("measure");
    TCase *tcase = tcase_create("measure");

    tcase_set_timeout(tcase, 120);
    tcase_add_test(tcase, two_layers_by_hand_forward);
    tcase_add_test(tcase, two_layers_by_hand_backward);
    tcase_add_test(tcase, a_sample_that_dies_stays_dead);
    tcase_add_test(tcase, layers_may_be_very_wide);
    tcase_add_test(tcase, a_batch_tells_its_moments);
    tcase_add_test(tcase, a_batch_of_one_sample_again_and_again_is_one);
    tcase_add_test(tcase, gradients_go_where_float32_can_not);
    tcase_add_test(tcase, branches_may_count_for_next_to_nothing);
    tcase_add_test(tcase, nothing_comes_of_nothing);
    tcase_add_test(tcase, a_synthetic_batch_is_as_asked);
    tcase_add_test(tcase, another_seed_gives_another_batch);
    suite_add_tcase(suite, tcase);
    return suite;
}
