/* SPDX-License-Identifier: MIT */
/*
 * Tests of activations and their Gaussian moments: against printed tables,
 * closed forms and midpoint sums with libm.
 */
#include <math.h>
#include <string.h>

#include "stack.h"

Suite *analysis_moments_suite(void);

#define PI 3.14159265358979323846

static const struct sow_analysis_activation *find(const char *name)
{
    const struct sow_analysis_activation *a =
        sow_analysis_activation_find(name);

    ck_assert_msg(a != NULL, "there is no %s", name);
    return a;
}

static struct sow_analysis_moments moments(const char *name, double mean,
                                           double variance)
{
    const struct sow_analysis_activation *a = find(name);
    struct sow_analysis_moments m;

    sow_analysis_moments(a, a->value, mean, variance, &m);
    return m;
}

/* ---- printed tables ------------------------------------------------------ */

/* E[phi], E[phi^2], gain_2, gain_var, E[phi'^2], gain_back, chi_1. */
static const struct {
    const char *name;
    double numbers[7];
} statistics[] = {
    {"identity", {0, 1, 1, 1, 1, 1, 1}},
    {"relu", {0.3989423, 0.5, 1.4142136, 1.7128586, 0.5, 1.4142136, 1}},
    {"relu6", {0.3989423, 0.5, 1.4142136, 1.7128586, 0.5, 1.4142136, 1}},
    {"leaky_relu",
     {0.3949529, 0.5000500, 1.4141429, 1.7048316, 0.5000500, 1.4141429, 1}},
    {"tanh",
     {0, 0.3942945, 1.5925374, 1.5925374, 0.4644029, 1.4674136, 1.1778072}},
    {"sigmoid",
     {0.5, 0.2933790, 1.8462285, 4.8013134, 0.0448362, 4.7226461, 0.1528270}},
    {"erf",
     {0, 0.4645591, 1.4671670, 1.4671670, 0.5694100, 1.3252184, 1.2257000}},
    {"gelu",
     {0.2820948, 0.4252215, 1.5335304, 1.7009262, 0.4558509, 1.4811144,
      1.0720316}},
    {"silu",
     {0.2066210, 0.3557755, 1.6765325, 1.7871872, 0.3794824, 1.6233203,
      1.0666342}},
    {"swish",
     {0.2066210, 0.3557755, 1.6765325, 1.7871872, 0.3794824, 1.6233203,
      1.0666342}},
    {"elu",
     {0.1605206, 0.6449454, 1.2451983, 1.2708434, 0.6681020, 1.2234286,
      1.0359047}},
    {"celu",
     {0.1605206, 0.6449454, 1.2451983, 1.2708434, 0.6681020, 1.2234286,
      1.0359047}},
    {"selu", {0, 1, 1, 1, 1.0715750, 0.9660258, 1.0715750}},
    {"softplus",
     {0.8060592, 0.9212459, 1.0418668, 1.9191260, 0.2933790, 1.8462285,
      0.3184590}},
    {"softsign",
     {0, 0.1830140, 2.3375334, 2.3375334, 0.2276713, 2.0957806, 1.2440104}},
    {"mish",
     {0.2404039, 0.4523422, 1.4868476, 1.5920254, 0.4790838, 1.4447552,
      1.0591180}},
    {"hardswish",
     {0.1662167, 0.3315674, 1.7366572, 1.8138715, 0.3585315, 1.6700764,
      1.0813233}},
    {"sin",
     {0, 0.4323324, 1.5208666, 1.5208666, 0.5676676, 1.3272506, 1.3130353}},
    {"relu_squared", {0.5, 1.5, 0.8164966, 0.8944272, 2, 0.7071068, 1.3333333}},
};

/* relu6 has the same as relu to some 1e-8 only. */
START_TEST(moments_at_1_are_as_printed)
{
    struct sow_analysis_moments m = moments(statistics[_i].name, 0, 1);
    const double got[] = {
        m.mean,
        m.square,
        1 / sqrt(m.square),
        1 / sqrt(m.square - m.mean * m.mean),
        m.slope_square,
        1 / sqrt(m.slope_square),
        m.slope_square / m.square,
    };

    for (size_t k = 0; k < COUNT(got); k++)
        ck_assert_msg(fabs(got[k] - statistics[_i].numbers[k]) < 6e-8,
                      "%s, column %zu: %.9f, not %.7f", statistics[_i].name, k,
                      got[k], statistics[_i].numbers[k]);
}
END_TEST

static const double lengths[] = {0.1, 0.25, 0.5, 1, 2};

/*
 * sigma_w^2 and sigma_b^2 of the edge of chaos at these lengths.  The row of
 * selu and a value of softsign differ from what is printed, on purpose: they
 * are those of a fine midpoint sum of the integrals, which print misses.
 */
static const struct {
    const char *name;
    double numbers[5][2];
} edges[] = {
    {"tanh",
     {{1.17757, .000832},
      {1.39396, .008125},
      {1.68798, .038041},
      {2.1533, .150965},
      {2.86116, .512265}}},
    {"erf",
     {{.92930, .000936},
      {1.11072, .009699},
      {1.36035, .04655},
      {1.7562, .18414},
      {2.35619, .609057}}},
    {"softsign",
     {{2.03313, .004803},
      {2.65381, .022341},
      {3.36656, .067804},
      {4.3923, .196148},
      {5.86761, .540470}}},
    {"gelu",
     {{3.3002, .003996},
      {2.81148, .015223},
      {2.45551, .034543},
      {2.1937, .067192},
      {2.04285, .116322}}},
    {"silu",
     {{3.66626, .001991},
      {3.32991, .009417},
      {2.98767, .026226},
      {2.63517, .062472},
      {2.34262, .127889}}},
    {"elu",
     {{1.2167, .000818},
      {1.31306, .00401},
      {1.40097, .012321},
      {1.49678, .03466},
      {1.59312, .08807}}},
    {"selu",
     {{.64644, .001343},
      {.73502, .006938},
      {.82454, .022413},
      {.93321, .066794},
      {1.05631, .180492}}},
    {"mish",
     {{2.56813, .002093},
      {2.38628, .009262},
      {2.2266, .024422},
      {2.08732, .055818},
      {1.99429, .112002}}},
};

START_TEST(edges_of_chaos_are_as_printed)
{
    for (size_t k = 0; k < COUNT(lengths); k++) {
        double q = lengths[k];
        struct sow_analysis_moments m = moments(edges[_i].name, 0, q);
        double weight = 1 / m.slope_square;
        double bias = q - weight * m.square;

        ck_assert_msg(fabs(weight - edges[_i].numbers[k][0]) < 5.1e-6 &&
                          fabs(bias - edges[_i].numbers[k][1]) < 5.1e-7,
                      "%s at %g: %.7f and %.8f, not %.5f and %.6f",
                      edges[_i].name, q, weight, bias, edges[_i].numbers[k][0],
                      edges[_i].numbers[k][1]);
    }
}
END_TEST

START_TEST(sigmoid_and_softplus_have_no_edge_of_chaos)
{
    const char *const names[] = {"sigmoid", "softplus"};

    for (size_t i = 0; i < COUNT(names); i++)
        for (size_t k = 0; k < COUNT(lengths); k++) {
            struct sow_analysis_moments m = moments(names[i], 0, lengths[k]);

            ck_assert(lengths[k] - m.square / m.slope_square < 0);
        }
}
END_TEST

/* ---- closed forms -------------------------------------------------------- */

static double gelu_square(double q)
{
    return q * (0.25 + (q / ((1 + q) * sqrt(1 + 2 * q)) +
                        atan(q / sqrt(1 + 2 * q)) / 2) /
                           PI);
}

START_TEST(quadrature_agrees_with_closed_forms)
{
    const double lengths_here[] = {1e-12, 1e-3, 0.3, 1, 7, 100, 1e4, 1e10};

    for (size_t i = 0; i < COUNT(lengths_here); i++) {
        double q = lengths_here[i];
        struct sow_analysis_moments e = moments("erf", 0, q);
        struct sow_analysis_moments g = moments("gelu", 0, q);

        expect_close("E[erf^2]", e.square, 2 / PI * asin(2 * q / (1 + 2 * q)),
                     2e-12);
        expect_close("E[erf'^2]", e.slope_square, 4 / PI / sqrt(1 + 4 * q),
                     1e-11);
        expect_close("E[erf'^4]", e.slope_fourth,
                     16 / PI / PI / sqrt(1 + 8 * q), 1e-11);
        expect_close("dE[erf^2]/dq", e.stretch,
                     4 / PI / ((1 + 2 * q) * sqrt(1 + 4 * q)), 1e-10);
        expect_close("E[gelu^2]", g.square, gelu_square(q), 1e-12);
    }
}
END_TEST

static double normal_cdf(double x)
{
    return erfc(-x / sqrt(2)) / 2;
}

static double density(double x)
{
    return exp(-x * x / 2) / sqrt(2 * PI);
}

START_TEST(relu_with_a_mean_has_its_closed_form)
{
    const double cases[][2] = {{0.5, 1}, {-2, 3}, {10, 0.1}, {-0.3, 1e4}};

    for (size_t i = 0; i < COUNT(cases); i++) {
        double m = cases[i][0], s = cases[i][1], a = m / sqrt(s);
        struct sow_analysis_moments got = moments("relu", m, s);
        double mean = sqrt(s) * density(a) + m * normal_cdf(a);

        expect_close("E[relu]", got.mean, mean, 1e-12);
        expect_close("E[relu^2]", got.square,
                     (m * m + s) * normal_cdf(a) + m * sqrt(s) * density(a),
                     1e-12);
        expect_close("E[relu'^2]", got.slope_square, normal_cdf(a), 1e-12);
        expect_close("dE[relu^2]/dS", got.stretch, normal_cdf(a), 1e-12);
    }
}
END_TEST

/* ---- every activation, from its definition ------------------------------- */

struct sums {
    double mean, square, fourth, slope, slope_square;
};

/* By midpoints, of which no kink is one. */
static struct sums integrate(const struct sow_analysis_activation *a,
                             double mean, double variance)
{
    enum { POINTS = 60000 };
    const double step = 24.0 / POINTS;
    struct sums s = {0, 0, 0, 0, 0};

    for (int i = 0; i < POINTS; i++) {
        double z = (i - POINTS / 2 + 0.5) * step;
        double p = density(z) * step;
        double x = mean + sqrt(variance) * z;
        double value = sow_analysis_value(a, a->value, x);
        double slope = sow_analysis_slope(a, a->value, x);

        s.mean += p * value;
        s.square += p * value * value;
        s.fourth += p * value * value * value * value;
        s.slope += p * slope;
        s.slope_square += p * slope * slope;
    }
    return s;
}

/*
 * The midpoint rule is within step^2 / 24 E|f''|, and a jump is missed by at
 * most half a step of density 0.4 (times the deviation's own scale).
 */
START_TEST(moments_are_those_of_a_midpoint_sum)
{
    const double cases[][2] = {{0, 1}, {0, 0.04}, {0.7, 2}, {-1.5, 9}};
    const struct sow_analysis_activation *a = sow_analysis_activation_at(0);

    for (size_t i = 0; (a = sow_analysis_activation_at(i)) != NULL; i++)
        for (size_t k = 0; k < COUNT(cases); k++) {
            struct sums s = integrate(a, cases[k][0], cases[k][1]);
            struct sow_analysis_moments m;
            double tolerance =
                strcmp(a->name, "step") == 0 || strcmp(a->name, "sign") == 0 ||
                        strstr(a->name, "shrink") || strstr(a->name, "hard") ||
                        strcmp(a->name, "relu6") == 0
                    ? 2e-4
                    : 2e-6;

            sow_analysis_moments(a, a->value, cases[k][0], cases[k][1], &m);
            ck_assert_msg(fabs(m.mean - s.mean) <= tolerance,
                          "E[%s] at %g, %g: %.12g, not %.12g", a->name,
                          cases[k][0], cases[k][1], m.mean, s.mean);
            expect_close(a->name, m.square, s.square, tolerance);
            expect_close(a->name, m.fourth, s.fourth, tolerance);
            ck_assert_double_le(fabs(m.slope - s.slope),
                                2e-4 * (1 + fabs(s.slope)));
            ck_assert_msg(fabs(m.slope_square - s.slope_square) <=
                              2e-4 * (1 + s.slope_square),
                          "E[%s'^2] at %g, %g: %.12g, not %.12g", a->name,
                          cases[k][0], cases[k][1], m.slope_square,
                          s.slope_square);
        }
}
END_TEST

/* By differences of the square, whose error is about 1e-5^2 and 1e-15 / h. */
START_TEST(stretch_is_the_slope_of_the_square)
{
    const struct sow_analysis_activation *a;

    for (size_t i = 0; (a = sow_analysis_activation_at(i)) != NULL; i++) {
        const double h = 1e-4;
        struct sow_analysis_moments m, up, down;

        sow_analysis_moments(a, a->value, 0.2, 1.3, &m);
        sow_analysis_moments(a, a->value, 0.2, 1.3 + h, &up);
        sow_analysis_moments(a, a->value, 0.2, 1.3 - h, &down);
        ck_assert_msg(fabs(m.stretch - (up.square - down.square) / (2 * h)) <
                          1e-7,
                      "%s: %.12g, not %.12g", a->name, m.stretch,
                      (up.square - down.square) / (2 * h));
    }
}
END_TEST

/* ---- extremes ------------------------------------------------------------ */

START_TEST(extreme_lengths_give_numbers)
{
    const double variances[] = {0, 1e-300, 1e-30, 1e30, 1e300};
    const struct sow_analysis_activation *a;

    for (size_t i = 0; (a = sow_analysis_activation_at(i)) != NULL; i++)
        for (size_t k = 0; k < COUNT(variances); k++) {
            struct sow_analysis_moments m;
            double product, slopes;

            sow_analysis_moments(a, a->value, 0, variances[k], &m);
            sow_analysis_product(a, a->value, 0, variances[k], 0.3, &product,
                                 &slopes);
            ck_assert_msg(!isnan(m.mean) && !isnan(m.square) &&
                              !isnan(m.fourth) && !isnan(m.slope_square) &&
                              !isnan(product) && !isnan(slopes),
                          "%s at %g", a->name, variances[k]);
        }
}
END_TEST

START_TEST(large_lengths_saturate_as_signs_do)
{
    struct sow_analysis_moments m = moments("tanh", 0, 1e30);

    expect_close("E[tanh^2]", m.square, 1, 1e-12);
    expect_close("E[tanh'^2]", m.slope_square, 4.0 / 3 / sqrt(2e30 * PI),
                 1e-10);
}
END_TEST

Suite *analysis_moments_suite(void)
{
    Suite *suite = suite_create("analysis/moments");
    TCase *test = tcase_create("moments");

    tcase_set_timeout(test, 60);
    tcase_add_loop_test(test, moments_at_1_are_as_printed, 0,
                        COUNT(statistics));
    tcase_add_loop_test(test, edges_of_chaos_are_as_printed, 0, COUNT(edges));
    tcase_add_test(test, sigmoid_and_softplus_have_no_edge_of_chaos);
    tcase_add_test(test, quadrature_agrees_with_closed_forms);
    tcase_add_test(test, relu_with_a_mean_has_its_closed_form);
    tcase_add_test(test, moments_are_those_of_a_midpoint_sum);
    tcase_add_test(test, stretch_is_the_slope_of_the_square);
    tcase_add_test(test, extreme_lengths_give_numbers);
    tcase_add_test(test, large_lengths_saturate_as_signs_do);
    suite_add_tcase(suite, test);
    return suite;
}
