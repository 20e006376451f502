/* SPDX-License-Identifier: MIT */
/*
 * What papers and lecture notes claim of their initializations, seen on small
 * networks.  Mirrored blocks have their test in test_mirrored.c, the Bayesian
 * update in test_classical.c.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "help.h"
#include "network.h"

Suite *papers_suite(void);

#define SEEDS 12

/* One pass with a gradient of the squared error against a target of ones. */
static void learn(struct network *network, double rate)
{
    double at_output[512];
    size_t n = network->width[network->depth];

    network_forward(network);
    for (size_t i = 0; i < n; i++)
        at_output[i] = network->x[network->depth][i] - 1;
    network_backward(network, at_output);
    network_step(network, rate);
}

/* ------------------------------------------------------------------------
 * The lecture note: zeros, constants, small and well-sized random weights
 */

START_TEST(zeros_let_no_gradient_reach_any_layer)
{
    const enum network_activation kinds[] = {LINEAR, RELU, TANH};

    for (size_t k = 0; k < COUNT(kinds); k++) {
        struct network *network = network_new("zeros", 0, 2, 5, 4, 1);

        network->activation = kinds[k];
        network_input(network, 7);
        for (int step = 0; step < 3; step++) {
            learn(network, 0.1);
            ck_assert_double_gt(norm_of(network->d[1], 5), 0);
            ck_assert_double_eq(norm_of(network->gradient[0], 20), 0);
            ck_assert_double_eq(norm_of(network->gradient[1], 20), 0);
        }
        network_free(network);
    }
}
END_TEST

/* How far apart the rows of a layer are at most, over all elements. */
static double spread_of_rows(const struct network *network, size_t l)
{
    double most = 0;

    for (size_t o = 1; o < network->width[l + 1]; o++)
        for (size_t i = 0; i < network->width[l]; i++)
            most =
                fmax(most, fabs(network->weight[l][o * network->width[l] + i] -
                                network->weight[l][i]));
    return most;
}

START_TEST(constants_keep_units_identical_while_they_learn)
{
    struct network *same = network_new("constant", 0.2, 3, 6, 6, 1);
    struct network *other = network_new("xavier_normal", 0, 3, 6, 6, 1);

    same->activation = other->activation = TANH;
    network_input(same, 7);
    network_input(other, 7);
    for (int step = 0; step < 50; step++) {
        learn(same, 0.05);
        learn(other, 0.05);
    }
    for (size_t l = 0; l < 2; l++) {
        ck_assert_double_ne(same->weight[l][0], 0.2);
        ck_assert_double_eq(spread_of_rows(same, l), 0);
        ck_assert_double_gt(spread_of_rows(other, l), 0.1);
    }
    network_free(same);
    network_free(other);
}
END_TEST

/* The mean over seeds of the log of |output| / |input|, squared. */
static double growth(const char *scheme, double value,
                     enum network_activation activation, size_t depth,
                     size_t even, size_t odd)
{
    double sum = 0;

    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct network *network =
            network_new(scheme, value, depth, even, odd, seed);

        network->activation = activation;
        network_input(network, seed);
        network_forward(network);
        sum += log(norm_of(network->x[depth], network->width[depth]) /
                   norm_of(network->x[0], network->width[0]));
        network_free(network);
    }
    return 2 * sum / SEEDS;
}

/*
 * A layer multiplies the mean square by fan_in Var(w), and by half of it when
 * a ReLU follows.  For a Gaussian layer of n units the log of that factor
 * spreads by about sqrt(2 / n), with a ReLU sqrt(5 / n), and its mean is lower
 * than the log of the mean by half the square of that.
 */
START_TEST(schemes_scale_the_signal_by_fan_in_times_variance)
{
    static const struct {
        const char *scheme;
        double value;
        enum network_activation activation;
        double factor, spread;
    } rows[] = {
        {"xavier_normal", 0, LINEAR, 1, 2},
        {"xavier_uniform", 0, LINEAR, 1, 2},
        {"lecun_normal", 0, LINEAR, 1, 2},
        {"kaiming_normal", 0, LINEAR, 2, 2},
        {"torch.linear", 0, LINEAR, 1.0 / 3, 2},
        {"kaiming_normal", 0, RELU, 1, 5},
        {"kaiming_uniform", 0, RELU, 1, 5},
        {"xavier_normal", 0, RELU, 0.5, 5},
        {"torch.linear", 0, RELU, 1.0 / 6, 5},
    };
    const size_t depth = 10, n = 128;

    for (size_t i = 0; i < COUNT(rows); i++) {
        double got = growth(rows[i].scheme, rows[i].value, rows[i].activation,
                            depth, n, n);
        /* The last layer has no activation. */
        double want = (double)depth * log(rows[i].factor) +
                      (rows[i].activation == RELU ? log(2) : 0);
        double bias = (double)depth * rows[i].spread / (2 * (double)n);
        double error =
            sqrt((double)depth * rows[i].spread / (double)(n * SEEDS));

        ck_assert_msg(fabs(got - want + bias) < 5 * error,
                      "%s, activation %d: log of the gain %.3f, not %.3f",
                      rows[i].scheme, rows[i].activation, got, want - bias);
    }
}
END_TEST

/* Small random weights: each layer multiplies the square by n std^2. */
START_TEST(small_random_weights_make_deep_signals_vanish)
{
    double got = growth("torch.normal", 0, LINEAR, 2, 64, 64);
    struct network *network = network_new("zeros", 0, 10, 100, 100, 1);

    ck_assert_double_gt(got, 0); /* std 1 explodes */
    network->activation = TANH;
    for (size_t l = 0; l < 10; l++) {
        struct sow_spec spec =
            spec_make("normal", SOW_FLOAT64, SHAPE(100, 100));

        spec_set(&spec, "std", 0.01);
        spec.seed = l;
        network_set(network, l, &spec);
    }
    network_input(network, 3);
    network_forward(network);
    for (size_t l = 1; l < 10; l++)
        ck_assert_double_lt(norm_of(network->x[l + 1], 100),
                            0.2 * norm_of(network->x[l], 100));
    network_free(network);
}
END_TEST

/* ------------------------------------------------------------------------
 * Arpit, Campos and Bengio 2019: weight-normalized ReLU networks
 */

/* The gradient at the first sum against that at the output. */
static double backward_ratio(struct network *network)
{
    size_t depth = network->depth;
    double *at_output = must_allocate(network->width[depth] * sizeof(double));
    double ratio;

    for (size_t i = 0; i < network->width[depth]; i++)
        at_output[i] = (double)(mix(i) % 1000) - 499.5;
    network_backward(network, at_output);
    ratio = norm_of(network->d[0], network->width[1]) /
            norm_of(at_output, network->width[depth]);
    free(at_output);
    return ratio;
}

/* All layers but the last are followed by a ReLU, which halves the square. */
START_TEST(weight_norm_keeps_norms_through_thirty_layers)
{
    static const size_t odd[] = {256, 384};

    for (size_t i = 0; i < COUNT(odd); i++) {
        double forward = 0, backward = 0;

        for (uint64_t seed = 0; seed < 4; seed++) {
            struct network *network =
                network_new("weightnorm", 0, 30, 256, odd[i], seed);

            network->activation = RELU;
            network_input(network, seed);
            network_forward(network);
            forward += log(norm_of(network->x[29], odd[i]) /
                           norm_of(network->x[0], 256)) /
                       4;
            backward += log(backward_ratio(network)) / 4;
            network_free(network);
        }
        ck_assert_msg(fabs(forward) < 0.3, "%zu: forward %.3f", odd[i],
                      exp(forward));
        ck_assert_msg(fabs(backward) < 0.6, "%zu: backward %.3f", odd[i],
                      exp(backward));
    }
}
END_TEST

/* One block: h + F(h), F of two layers with gammas 2 and 1 / blocks. */
static void add_block(double *h, size_t n, size_t blocks, uint64_t seed)
{
    struct network *branch = network_new("weightnorm", 0, 2, n, n, seed);
    struct sow_spec spec = spec_make("weightnorm", SOW_FLOAT64, SHAPE(n, n));

    branch->activation = RELU;
    spec_set(&spec, "gamma", 1.0 / (double)blocks);
    spec.name = "last";
    spec.seed = seed;
    network_set(branch, 1, &spec);
    memcpy(branch->x[0], h, n * sizeof *h);
    network_forward(branch);
    for (size_t i = 0; i < n; i++)
        h[i] += branch->x[2][i];
    network_free(branch);
}

/* How much a stage of 'blocks' blocks multiplies a vector's norm. */
static double stage_growth(size_t n, size_t blocks, uint64_t trial)
{
    double *h = must_allocate(n * sizeof *h);
    double before, after;

    for (size_t i = 0; i < n; i++)
        h[i] = (double)(mix(i + trial * n) % 1000) - 499.5;
    before = norm_of(h, n);
    for (size_t b = 0; b < blocks; b++)
        add_block(h, n, blocks, trial * blocks + b);
    after = norm_of(h, n);
    free(h);
    return after / before;
}

/*
 * (1 + 1 / B)^(B / 2) = 1.629 in expectation, below sqrt(e) = 1.649.  The
 * log of a stage's growth spreads by about 1 / sqrt(n) for what a branch has
 * in common with its input.
 */
START_TEST(weight_normed_residual_stages_grow_by_at_most_the_root_of_e)
{
    const size_t trials = 8, n = 200;
    double mean = 0;

    for (uint64_t trial = 0; trial < trials; trial++)
        mean += log(stage_growth(n, 20, trial)) / (double)trials;
    ck_assert_msg(fabs(mean - log(1.629)) < 5 / sqrt((double)(n * trials)),
                  "stages grow by %.3f", exp(mean));
}
END_TEST

/* ------------------------------------------------------------------------
 * Ivan and Florian 2020: masks and flips of frozen weights
 */

START_TEST(he_constants_have_one_magnitude_and_the_asked_for_signs)
{
    static const double probabilities[] = {0, 0.25, 0.5, 0.55, 1};

    for (size_t k = 0; k < COUNT(probabilities); k++) {
        struct sow_spec spec =
            spec_make("heconstant", SOW_FLOAT64, SHAPE(300, 784));
        struct sow_tensor tensor;
        double *w, p = probabilities[k], plus = 0, n = 300 * 784;

        spec_set(&spec, "p_plus", p);
        tensor = tensor_make(&spec);
        w = tensor_values(&tensor);
        for (uint64_t i = 0; i < tensor.elements; i++) {
            ck_assert_double_eq(fabs(w[i]), sqrt(2.0 / 784));
            plus += w[i] > 0;
        }
        ck_assert_msg(fabs(plus - n * p) <= 5 * sqrt(n * p * (1 - p)),
                      "%g of %g are positive, p_plus is %g", plus, n, p);
        free(w);
    }
}
END_TEST

/* 784-300-100-10: the input's factor when weights are +-1. */
START_TEST(the_binary_network_is_the_he_constant_one_with_scaled_input)
{
    static const size_t widths[] = {784, 300, 100, 10};
    struct network *binary = network_new("binary", 0, 3, 784, 784, 5);
    struct network *constant = network_new("zeros", 0, 3, 784, 784, 5);
    double factor = 1;

    binary->activation = constant->activation = RELU;
    for (size_t l = 0; l < 3; l++) {
        struct sow_shape shape = SHAPE(widths[l + 1], widths[l]);
        struct sow_spec ones = spec_make("binary", SOW_FLOAT64, shape);
        struct sow_spec he = spec_make("heconstant", SOW_FLOAT64, shape);

        binary->width[l + 1] = constant->width[l + 1] = widths[l + 1];
        network_set(binary, l, &ones);
        network_set(constant, l, &he);
        factor *= sqrt(2.0 / (double)widths[l]);
    }
    network_input(binary, 9);
    network_input(constant, 9);
    for (size_t i = 0; i < 784; i++)
        binary->x[0][i] *= factor;
    network_forward(binary);
    network_forward(constant);
    ck_assert_double_eq_tol(factor, 5.832e-4, 1e-7);
    for (size_t i = 0; i < 10; i++)
        ck_assert_double_eq_tol(binary->x[3][i], constant->x[3][i], 1e-12);
    network_free(binary);
    network_free(constant);
}
END_TEST

/* A score above 0 keeps a connection, and its sign flips none. */
START_TEST(scores_keep_every_connection_and_flip_none_at_first)
{
    struct sow_spec spec =
        spec_make("score_uniform", SOW_FLOAT32, SHAPE(100, 100));
    struct sow_spec weights =
        spec_make("uniform", SOW_FLOAT32, SHAPE(100, 100));
    struct sow_tensor scores = tensor_make(&spec);
    struct sow_tensor tensor = tensor_make(&weights);
    double *s = tensor_values(&scores);
    double *w = tensor_values(&tensor);
    double together = 0;

    for (size_t i = 0; i < 10000; i++) {
        ck_assert(s[i] >= 0.00999999 && s[i] < 0.1);
        together += (s[i] - 0.055) / 0.09 * (w[i] - 0.5) * 12;
    }
    /* Independent of the weights of the same name: 5 standard errors. */
    ck_assert_msg(fabs(together) < 5 * 100, "correlation %.3f",
                  together / 10000);
    free(s);
    free(w);
}
END_TEST

Suite *papers_suite(void)
{
    Suite *suite = suite_create("papers");
    TCase *all = tcase_create("all");

    tcase_set_timeout(all, 300);
    tcase_set_tags(all, "laws");
    tcase_add_test(all, zeros_let_no_gradient_reach_any_layer);
    tcase_add_test(all, constants_keep_units_identical_while_they_learn);
    tcase_add_test(all, schemes_scale_the_signal_by_fan_in_times_variance);
    tcase_add_test(all, small_random_weights_make_deep_signals_vanish);
    tcase_add_test(all, weight_norm_keeps_norms_through_thirty_layers);
    tcase_add_test(all,
                   weight_normed_residual_stages_grow_by_at_most_the_root_of_e);
    tcase_add_test(all,
                   he_constants_have_one_magnitude_and_the_asked_for_signs);
    tcase_add_test(all,
                   the_binary_network_is_the_he_constant_one_with_scaled_input);
    tcase_add_test(all, scores_keep_every_connection_and_flip_none_at_first);
    suite_add_tcase(suite, all);
    return suite;
}
