/* SPDX-License-Identifier: MIT */
/*
 * Theory and measurement side by side, 4096 wide, and what must hold exactly.
 *
 * The bounds.  The theory itself tells the standard deviation of the squared
 * norm of a signal over draws of the weights, finite_width; a mean over
 * samples has at most that of one of them, and the pre-activations add 2 / n
 * to its square.  Of a gradient the same holds from the output on.  A
 * correlation of n pairs has a variance of (1 - c^2)^2 / n at most, and each
 * layer adds such an error, which the next ones don't make larger: C'(c) is at
 * most 1 here.  Four standard deviations are given everywhere.
 */
#include <math.h>

#include "measured.h"

Suite *measure_theory_suite(void);

enum { WIDE = 4096, DEPTH = 3 };

static struct measured net;
static struct sow_analysis_result theory[MEASURED_LAYERS];
static struct sow_analysis_summary summary;

static void run(void)
{
    struct sow_error error;

    measured_run(&net, engine_at(0), IN_ORDER);
    ck_assert_msg(sow_analysis_run(&net.m.input, net.layers, net.m.count,
                                   theory, &summary, NULL, NULL,
                                   &error) == SOW_OK,
                  "%s", error.text);
}

static void within(const char *what, size_t layer, double a, double b,
                   double deviation)
{
    ck_assert_msg(fabs(a - b) <= 4 * deviation,
                  "layer %zu: %s is %g, but the theory says %g, 4 * %g from it",
                  layer, what, a, b, deviation);
}

static void compare(size_t i)
{
    const struct sow_analysis_result *m = &net.results[i];
    const struct sow_analysis_result *t = &theory[i];
    double n = WIDE;
    double signal = sqrt(t->finite_width * t->finite_width + 2 / n);
    double back = theory[net.m.count - 1].finite_width * 2;
    double pair = sqrt((double)(i + 2) / n);

    within("mean", i, m->mean, t->mean, sqrt(t->q) * sqrt(1 / n));
    within("q", i, m->q / t->q, 1, signal);
    within("c", i, m->c, t->c, pair);
    within("m1", i, m->m1, t->m1, sqrt(t->m2) * signal);
    within("m2", i, m->m2 / t->m2, 1, signal);
    within("c2", i, m->c2, t->c2, pair);
    within("sigma_w2", i, m->sigma_w2 / t->sigma_w2, 1, sqrt(2) / n);
    within("slope_square", i, m->slope_square / t->slope_square, 1, signal);
    within("chi_1", i, m->chi_1 / t->chi_1, 1, signal + 2 / n);
    within("forward", i, m->forward / t->forward, 1, signal);
    within("backward", i, m->backward / t->backward, 1, back);
    within("log10_forward", i, m->log10_forward, t->log10_forward,
           signal / log(10));
    within("log10_backward", i, m->log10_backward, t->log10_backward,
           back / log(10));
    within("log10_weight_gradient", i, m->log10_weight_gradient,
           t->log10_weight_gradient, (back + signal) / log(10));
    within("inactive", i, m->inactive, t->inactive, sqrt(0.25 / n));
    ck_assert_double_eq(m->death, 0);
}

static const struct {
    const char *scheme, *activation;
} pairs[] = {
    {"he_normal", "relu"},
    {"lecun_normal", "tanh"},
    {"glorot_uniform", "gelu"},
    {"looks_linear", "relu"},
};

START_TEST(wide_layers_are_as_predicted)
{
    struct sow_spec spec =
        spec_make(pairs[_i].scheme, SOW_FLOAT32, SHAPE(WIDE, WIDE));

    measured_init(&net, 16, SHAPE(WIDE));
    for (size_t i = 0; i < DEPTH; i++)
        measured_add(&net, &spec, pairs[_i].activation);
    run();
    /* An eighth of one weight: it is read in blocks. */
    ck_assert_uint_lt(net.m.room + net.m.scratch, UINT64_C(1) << 23);
    for (size_t i = 0; i < DEPTH; i++)
        compare(i);
    measured_free(&net);
}
END_TEST

/* Orthogonal weights keep norms and angles, to float32's precision. */
START_TEST(orthogonal_layers_are_isometries)
{
    struct sow_spec spec =
        spec_make("orthogonal", SOW_FLOAT32, SHAPE(256, 256));

    measured_init(&net, 32, SHAPE(256));
    for (size_t i = 0; i < 6; i++)
        measured_add(&net, &spec, NULL);
    run();
    for (size_t i = 0; i < 6; i++) {
        const struct sow_analysis_result *r = &net.results[i];

        ck_assert_double_eq_tol(r->forward, 1, 1e-5);
        ck_assert_double_eq_tol(r->backward, 1, 1e-5);
        ck_assert_double_eq_tol(r->log10_forward, 0, 1e-5);
        ck_assert_double_eq_tol(r->log10_backward, 0, 1e-5);
        ck_assert_double_eq_tol(r->c2, net.input.correlation, 1e-5);
        ck_assert_double_eq_tol(r->q / net.input.second_moment, 1, 1e-5);
        ck_assert_double_eq_tol(r->sigma_w2, 1, 1e-3);
    }
    measured_free(&net);
}
END_TEST

/*
 * Mirrored orthogonal weights and ReLU: relu(a) - relu(-a) = a, so that the
 * first layer's outputs hold the input's norm, and all that follow keep it.
 */
START_TEST(mirrored_layers_are_isometries)
{
    static const double parts[] = {1, 0, 0, 2};
    static const uint64_t dims[][2] = {
        {512, 256}, {512, 512}, {512, 512}, {256, 512}};

    measured_init(&net, 32, SHAPE(256));
    for (size_t i = 0; i < COUNT(parts); i++) {
        struct sow_spec spec =
            spec_make("mirrored", SOW_FLOAT32, SHAPE(dims[i][0], dims[i][1]));

        spec_set(&spec, "base", 1);
        spec_set(&spec, "gain", 1);
        spec_set(&spec, "part", parts[i]);
        measured_add(&net, &spec, i < 3 ? "relu" : NULL);
    }
    run();
    for (size_t i = 0; i < 3; i++)
        ck_assert_double_eq_tol(net.results[i].m2 * 2, net.input.second_moment,
                                1e-5);
    ck_assert_double_eq_tol(net.summary.log10_forward, 0, 1e-5);
    ck_assert_double_eq_tol(net.results[3].c2, net.input.correlation, 1e-5);
    measured_free(&net);
}
END_TEST

/* A norm gives what it says, whatever came before; dropout 1 / keep. */
START_TEST(norms_and_dropout_are_as_predicted)
{
    struct sow_spec spec = spec_make("normal", SOW_FLOAT32, SHAPE(1024, 1024));

    measured_init(&net, 32, SHAPE(1024));
    for (int kind = SOW_NORM_NONE; kind <= SOW_NORM_BATCH; kind++) {
        struct sow_analysis_layer *layer = measured_add(&net, &spec, "tanh");

        layer->norm = (enum sow_analysis_norm)kind;
        layer->keep = 0.5;
    }
    run();
    for (size_t i = 0; i < net.m.count; i++) {
        const struct sow_analysis_result *m = &net.results[i];

        if (i > 0)
            ck_assert_double_eq_tol(m->q, 1, 1e-6);
        within("norm_variance", i, m->norm_variance / theory[i].norm_variance,
               1, 2 * sqrt(2.0 / 1024));
        within("m2", i, m->m2 / theory[i].m2, 1, 2 * sqrt(2.0 / 1024));
        within("chi_1", i, m->chi_1 / theory[i].chi_1, 1, 4 * sqrt(2.0 / 1024));
    }
    measured_free(&net);
}
END_TEST

/*
 * A finite batch shares more than inputs that have nothing to do with each
 * other: a sample with its mean 1 / samples of itself, and of its pair.
 */
START_TEST(pairs_stay_pairs_behind_a_batch_norm)
{
    struct sow_spec spec = spec_make("normal", SOW_FLOAT32, SHAPE(1024, 1024));

    measured_init(&net, 128, SHAPE(1024));
    net.m.input.correlation = 0.8;
    for (int i = 0; i < 4; i++)
        measured_add(&net, &spec, "relu")->norm = SOW_NORM_BATCH;
    run();
    for (size_t i = 0; i < net.m.count; i++) {
        const double layers = (double)i + 2;

        within("c", i, net.results[i].c, theory[i].c,
               sqrt(layers / 1024) / 2 + layers / 2 / 128);
        within("c2", i, net.results[i].c2, theory[i].c2,
               sqrt(layers / 1024) / 2 + layers / 2 / 128);
        within("norm_variance", i,
               net.results[i].norm_variance / theory[i].norm_variance, 1,
               sqrt(2.0 / 1024) + 1.0 / 128);
    }
    ck_assert_double_gt(theory[3].c, 0.3);
    measured_free(&net);
}
END_TEST

Suite *measure_theory_suite(void)
{
    Suite *suite = suite_create("measure_theory");
    TCase *tcase = tcase_create("measure_theory");

    tcase_set_timeout(tcase, 120);
    tcase_add_loop_test(tcase, wide_layers_are_as_predicted, 0, COUNT(pairs));
    tcase_add_test(tcase, orthogonal_layers_are_isometries);
    tcase_add_test(tcase, mirrored_layers_are_isometries);
    tcase_add_test(tcase, norms_and_dropout_are_as_predicted);
    tcase_add_test(tcase, pairs_stay_pairs_behind_a_batch_norm);
    suite_add_tcase(suite, tcase);
    return suite;
}
