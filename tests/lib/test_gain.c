/* SPDX-License-Identifier: MIT */
/*
 * Tests of exact gains and of the edge of chaos, against quadrature with libm
 * and against printed tables.
 */
#include <math.h>
#include <string.h>

#include "help.h"

Suite *gain_suite(void);

/* ---- activations, from their definitions -------------------------------- */

static double linear(double x)
{
    return x;
}

static double relu(double x)
{
    return x > 0 ? x : 0;
}

static double relu6(double x)
{
    return fmin(relu(x), 6);
}

static double leaky_relu(double x)
{
    return x > 0 ? x : 0.01 * x;
}

static double sigmoid(double x)
{
    return 1 / (1 + exp(-x));
}

static double gelu(double x)
{
    return x * erfc(-x / sqrt(2)) / 2;
}

static double gelu_tanh(double x)
{
    return x / 2 * (1 + tanh(sqrt(2 / acos(-1)) * (x + 0.044715 * x * x * x)));
}

static double silu(double x)
{
    return x * sigmoid(x);
}

static double elu(double x)
{
    return x > 0 ? x : expm1(x);
}

static double selu(double x)
{
    return 1.0507009873554805 * (x > 0 ? x : 1.6732632423543772 * expm1(x));
}

static double softplus(double x)
{
    return x > 0 ? x + log1p(exp(-x)) : log1p(exp(x));
}

static double softsign(double x)
{
    return x / (1 + fabs(x));
}

static double mish(double x)
{
    return x * tanh(softplus(x));
}

static double hardswish(double x)
{
    return x * relu6(x + 3) / 6;
}

static double relu_squared(double x)
{
    return relu(x) * relu(x);
}

static const struct {
    const char *name;
    double (*phi)(double x);
} functions[] = {
    {"linear", linear},
    {"relu", relu},
    {"relu6", relu6},
    {"leaky_relu", leaky_relu},
    {"tanh", tanh},
    {"sigmoid", sigmoid},
    {"erf", erf},
    {"gelu", gelu},
    {"gelu_tanh", gelu_tanh},
    {"silu", silu},
    {"elu", elu},
    {"selu", selu},
    {"softplus", softplus},
    {"softsign", softsign},
    {"mish", mish},
    {"hardswish", hardswish},
    {"sin", sin},
    {"relu_squared", relu_squared},
};

/* E[phi], E[phi^2] and E[phi'^2] of N(0, q). */
struct moments {
    double mean, square, slope;
};

/* By midpoints, that no kink at 0, 3 or 6 is one of; differences for phi'. */
static struct moments integrate(double (*phi)(double x), double q)
{
    enum { POINTS = 120000 };
    const double step = 24.0 / POINTS;
    struct moments m = {0, 0, 0};

    for (int i = 0; i < POINTS; i++) {
        double z = (i - POINTS / 2 + 0.5) * step;
        double p = exp(-z * z / 2) / sqrt(2 * acos(-1)) * step;
        double x = sqrt(q) * z;
        double value = phi(x);
        double slope = (phi(x + 1e-5) - phi(x - 1e-5)) / 2e-5;

        m.mean += p * value;
        m.square += p * value * value;
        m.slope += p * slope * slope;
    }
    return m;
}

/* ---- reading the schemes ------------------------------------------------- */

static const struct sow_parameter *parameter_of(const struct sow_spec *spec,
                                                const char *name)
{
    int i = sow_scheme_parameter(spec->scheme.info, name);

    ck_assert_msg(i >= 0, "%s has no %s", spec->scheme.info->name, name);
    return &spec->scheme.info->parameters[i];
}

/* The index of a choice, or a failing test. */
static double choice(const struct sow_spec *spec, const char *parameter,
                     const char *name)
{
    const char *const *choices = parameter_of(spec, parameter)->choices;

    for (int i = 0; choices[i] != NULL; i++)
        if (strcmp(choices[i], name) == 0)
            return i;
    ck_abort_msg("%s has no choice %s", parameter, name);
}

static struct sow_spec spec_of(const char *scheme, const char *activation,
                               struct sow_shape shape)
{
    struct sow_spec spec = spec_make(scheme, SOW_FLOAT64, shape);

    spec_set(&spec, "activation", choice(&spec, "activation", activation));
    return spec;
}

/* The standard deviation times the root of the fan_in, which is 49. */
static double gain_of(const char *activation, const char *gain)
{
    struct sow_spec spec = spec_of("exact_gain", activation, SHAPE(5, 49));

    spec_set(&spec, "gain", choice(&spec, "gain", gain));
    return tensor_make(&spec).std * 7;
}

START_TEST(gains_are_those_of_quadrature)
{
    for (size_t i = 0; i < COUNT(functions); i++) {
        const char *name = functions[i].name;
        struct moments m = integrate(functions[i].phi, 1);
        const double want[] = {1 / sqrt(m.square),
                               1 / sqrt(m.square - m.mean * m.mean),
                               1 / sqrt(m.slope)};
        const char *const kinds[] = {"forward", "variance", "backward"};

        for (size_t kind = 0; kind < COUNT(kinds); kind++)
            ck_assert_msg(fabs(gain_of(name, kinds[kind]) - want[kind]) < 2e-6,
                          "the %s gain of %s is %.9g, not %.9g", kinds[kind],
                          name, gain_of(name, kinds[kind]), want[kind]);
    }
}
END_TEST

/*
 * What is known otherwise: He et al.'s 2 / (1 + a^2), 1 / 0.6449454 in SIREN's
 * code for elu, and 1 for selu by its definition; and seven digits of a table.
 */
START_TEST(gains_are_those_of_tables)
{
    static const struct {
        const char *activation, *gain;
        double want, within;
    } rows[] = {
        {"relu", "forward", 1.4142135623730951, 1e-15},
        {"leaky_relu", "forward", 1.4141428569978354, 1e-15},
        {"elu", "forward", 1.2451983, 5e-8},
        {"selu", "forward", 1, 0},
        {"relu", "variance", 1.7128586, 5e-8},
        {"leaky_relu", "variance", 1.7048316, 5e-8},
        {"tanh", "forward", 1.5925374, 5e-8},
        {"tanh", "backward", 1.4674136, 5e-8},
        {"sigmoid", "variance", 4.8013134, 5e-8},
        {"gelu", "forward", 1.5335304, 5e-8},
        {"silu", "forward", 1.6765325, 5e-8},
        {"softplus", "variance", 1.9191260, 5e-8},
        {"softsign", "forward", 2.3375334, 5e-8},
        {"hardswish", "forward", 1.7366572, 5e-8},
        {"sin", "backward", 1.3272506, 5e-8},
        {"relu_squared", "forward", 0.8164966, 5e-8},
        {"relu_squared", "variance", 0.8944272, 5e-8},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        double got = gain_of(rows[i].activation, rows[i].gain);

        ck_assert_msg(fabs(got - rows[i].want) <= rows[i].within + 4e-16,
                      "the %s gain of %s is %.17g, not %.8g", rows[i].gain,
                      rows[i].activation, got, rows[i].want);
    }
}
END_TEST

START_TEST(modes_and_distributions_apply)
{
    struct sow_spec spec = spec_of("exact_gain", "relu", SHAPE(8, 32));
    struct sow_tensor tensor;

    spec_set(&spec, "mode", choice(&spec, "mode", "fan_out"));
    spec_set(&spec, "distribution", choice(&spec, "distribution", "uniform"));
    tensor = tensor_make(&spec);
    ck_assert_int_eq(tensor.law.kind, SOW_LAW_UNIFORM);
    ck_assert_double_eq_tol(tensor.law.uniform.high, sqrt(6.0 / 8), 1e-15);
}
END_TEST

/* ---- the edge of chaos --------------------------------------------------- */

static struct sow_spec critical_spec(const char *scheme, const char *activation,
                                     double q)
{
    struct sow_spec spec = spec_of(scheme, activation, SHAPE(1, 1));

    spec_set(&spec, "q_star", q);
    return spec;
}

static double variance_of(const char *scheme, const char *activation, double q)
{
    struct sow_spec spec = critical_spec(scheme, activation, q);
    double std = tensor_make(&spec).std;

    return std * std;
}

START_TEST(critical_points_are_those_of_the_table)
{
    static const double q[] = {0.1, 0.25, 0.5, 1, 2};
    static const struct {
        const char *activation;
        double weight[5], bias[5];
    } rows[] = {
        {"tanh",
         {1.17757, 1.39396, 1.68798, 2.1533, 2.86116},
         {.000832, .008125, .038041, .150965, .512265}},
        {"erf",
         {.92930, 1.11072, 1.36035, 1.7562, 2.35619},
         {.000936, .009699, .04655, .18414, .609057}},
        {"softsign",
         {2.03313, 2.65381, 3.36656, 4.3923, 5.86761},
         {.004803, .022341, .067804, .196148, .5404702}},
        {"gelu",
         {3.3002, 2.81148, 2.45551, 2.1937, 2.04285},
         {.003996, .015223, .034543, .067192, .116322}},
        {"silu",
         {3.66626, 3.32991, 2.98767, 2.63517, 2.34262},
         {.001991, .009417, .026226, .062472, .127889}},
        {"elu",
         {1.2167, 1.31306, 1.40097, 1.49678, 1.59312},
         {.000818, .00401, .012321, .03466, .08807}},
        {"selu",
         {.6464403, .7350228, .8245395, .9332058, 1.056313},
         {.0013428, .0069382, .0224134, .0667942, .1804922}},
        {"mish",
         {2.56813, 2.38628, 2.2266, 2.08732, 1.99429},
         {.002093, .009262, .024422, .055818, .112002}},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        for (size_t j = 0; j < COUNT(q); j++) {
            const char *name = rows[i].activation;
            double weight = variance_of("edge_of_chaos", name, q[j]);
            double bias = variance_of("edge_of_chaos_bias", name, q[j]);

            ck_assert_msg(fabs(weight - rows[i].weight[j]) < 6e-6 &&
                              fabs(bias - rows[i].bias[j]) < 6e-7,
                          "%s at q* = %g: %.6g, %.6g", name, q[j], weight,
                          bias);
        }
    }
}
END_TEST

/* q is kept, and gradients, by the recursions of mean field theory. */
START_TEST(critical_points_are_fixed_and_critical)
{
    static const double q[] = {0.02, 0.3, 1, 3, 10, 60};
    static const char *const critical[] = {"linear", "relu",     "tanh", "erf",
                                           "elu",    "softsign", "selu", "sin"};

    for (size_t i = 0; i < COUNT(functions); i++) {
        for (size_t j = 0; j < COUNT(q) * COUNT(critical); j++) {
            const char *name = critical[j / COUNT(q)];
            double at = q[j % COUNT(q)];
            double weight, next;
            struct moments m;

            if (strcmp(name, functions[i].name) != 0)
                continue;
            m = integrate(functions[i].phi, at);
            weight = variance_of("edge_of_chaos", name, at);
            next =
                weight * m.square + variance_of("edge_of_chaos_bias", name, at);
            ck_assert_msg(fabs(next - at) < 1e-5 * at,
                          "%s: q = %g becomes %.9g", name, at, next);
            ck_assert_msg(fabs(weight * m.slope - 1) < 1e-5,
                          "%s at q = %g: chi = %.9g", name, at,
                          weight * m.slope);
        }
    }
}
END_TEST

/* ReLU's single point is (2, 0), whatever q. */
START_TEST(relu_is_critical_at_he)
{
    ck_assert_double_eq_tol(variance_of("edge_of_chaos", "relu", 0.7), 2,
                            1e-15);
    ck_assert_double_eq(variance_of("edge_of_chaos_bias", "relu", 0.7), 0);
}
END_TEST

START_TEST(what_cannot_be_critical_is_refused)
{
    static const char *const schemes[] = {"edge_of_chaos",
                                          "edge_of_chaos_bias"};
    static const double q[] = {0.1, 0.25, 0.5, 1, 2};
    struct sow_spec spec;

    for (size_t s = 0; s < COUNT(schemes); s++) {
        for (size_t j = 0; j < COUNT(q); j++) {
            spec = critical_spec(schemes[s], "sigmoid", q[j]);
            spec_refused(&spec, SOW_BAD_PARAMETER, "q_star");
            spec = critical_spec(schemes[s], "softplus", q[j]);
            spec_refused(&spec, SOW_BAD_PARAMETER, "q_star");
        }
        spec = critical_spec(schemes[s], "tanh", 0);
        spec_refused(&spec, SOW_BAD_PARAMETER, "q_star");
        spec = critical_spec(schemes[s], "tanh", 101);
        spec_refused(&spec, SOW_BAD_PARAMETER, "q_star");
    }
    spec = spec_of("exact_gain", "leaky_relu", SHAPE(3, 3));
    spec_set(&spec, "slope", 1e200);
    spec_refused(&spec, SOW_BAD_PARAMETER, "slope");
    spec = spec_of("exact_gain", "tanh", SHAPE(3));
    spec_refused(&spec, SOW_BAD_SCHEME, "shape");
}
END_TEST

Suite *gain_suite(void)
{
    Suite *suite = suite_create("gain");
    TCase *cases = tcase_create("gain");

    tcase_set_timeout(cases, 60);
    tcase_add_test(cases, gains_are_those_of_quadrature);
    tcase_add_test(cases, gains_are_those_of_tables);
    tcase_add_test(cases, modes_and_distributions_apply);
    tcase_add_test(cases, critical_points_are_those_of_the_table);
    tcase_add_test(cases, critical_points_are_fixed_and_critical);
    tcase_add_test(cases, relu_is_critical_at_he);
    tcase_add_test(cases, what_cannot_be_critical_is_refused);
    suite_add_tcase(suite, cases);
    return suite;
}
