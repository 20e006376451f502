/* SPDX-License-Identifier: MIT */
/* Tests of activation functions, against libm's. */
#include "activation.h"

#include <math.h>
#include <string.h>

#include "help.h"

Suite *activation_suite(void);

static double logistic(double x)
{
    return 1 / (1 + exp(-x));
}

static double linear(double x)
{
    return x;
}

static double relu(double x)
{
    return fmax(x, 0);
}

static double relu6(double x)
{
    return fmin(fmax(x, 0), 6);
}

static double relu_squared(double x)
{
    return relu(x) * relu(x);
}

static double leaky_relu(double x)
{
    return x > 0 ? x : 0.01 * x;
}

static double gelu(double x)
{
    return x * 0.5 * erfc(-x / sqrt(2));
}

static double gelu_tanh(double x)
{
    return 0.5 * x * (1 + tanh(sqrt(2 / M_PI) * (x + 0.044715 * pow(x, 3))));
}

static double silu(double x)
{
    return x * logistic(x);
}

static double elu(double x)
{
    return x > 0 ? x : expm1(x);
}

static double selu(double x)
{
    return 1.0507009873554804934 *
           (x > 0 ? x : 1.6732632423543772848 * expm1(x));
}

static double softplus(double x)
{
    return log1p(exp(-fabs(x))) + fmax(x, 0);
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

static const struct {
    const char *name;
    double (*value)(double x);
} rows[] = {
    {"linear", linear},     {"identity", linear},
    {"relu", relu},         {"relu6", relu6},
    {"tanh", tanh},         {"leaky_relu", leaky_relu},
    {"sigmoid", logistic},  {"erf", erf},
    {"gelu", gelu},         {"gelu_tanh", gelu_tanh},
    {"silu", silu},         {"swish", silu},
    {"elu", elu},           {"selu", selu},
    {"softplus", softplus}, {"softsign", softsign},
    {"mish", mish},         {"hardswish", hardswish},
    {"sin", sin},           {"relu_squared", relu_squared},
};

/* Where an activation is near 0 its error is that of terms of size 'x'. */
START_TEST(values_are_those_of_the_formulas)
{
    for (size_t r = 0; r < COUNT(rows); r++) {
        const struct sow_activation *phi = sow_activation_find(rows[r].name);

        ck_assert_msg(phi != NULL, "there is no %s", rows[r].name);
        for (double x = -31.37; x < 32; x += 0.0625) {
            double is = phi->at(x).value;
            double wants = rows[r].value(x);

            ck_assert_msg(fabs(is - wants) <= 1e-14 * fabs(wants) + 1e-15,
                          "%s(%g) is %.17g, not %.17g", rows[r].name, x, is,
                          wants);
        }
    }
}
END_TEST

/* No point lies within 'step' of a kink: they are at whole numbers. */
START_TEST(slopes_are_those_of_the_values)
{
    const double step = 1e-5;
    const struct sow_activation *phi;

    for (size_t i = 0; (phi = sow_activation_at(i)) != NULL; i++)
        for (double x = -25.3; x < 26; x += 0.173) {
            double is = phi->at(x).slope;
            double wants = (phi->at(x + step).value - phi->at(x - step).value) /
                           (2 * step);

            ck_assert_msg(fabs(is - wants) <= 1e-8 * (1 + fabs(wants)),
                          "%s'(%g) is %.12g, not %.12g", phi->name, x, is,
                          wants);
        }
}
END_TEST

START_TEST(every_activation_is_tested)
{
    const struct sow_activation *phi;

    for (size_t i = 0; (phi = sow_activation_at(i)) != NULL; i++) {
        size_t r = 0;

        while (r < COUNT(rows) && strcmp(rows[r].name, phi->name) != 0)
            r++;
        ck_assert_msg(r < COUNT(rows), "%s is not tested", phi->name);
    }
    ck_assert_ptr_null(sow_activation_find("tan"));
}
END_TEST

/* But a sine, of which nobody knows the turn. */
START_TEST(huge_arguments_have_values)
{
    const struct sow_activation *phi;
    const double huge[] = {-1e308, -1e20, -800, 800, 1e20, 1e300};

    for (size_t i = 0; (phi = sow_activation_at(i)) != NULL; i++)
        for (size_t k = 0; k < COUNT(huge); k++) {
            struct sow_point p = phi->at(huge[k]);
            bool is = !isnan(p.value) && !isnan(p.slope);
            bool wants = strcmp(phi->name, "sin") != 0 || fabs(huge[k]) < 1e4;

            ck_assert_msg(is == wants, "%s(%g) is %g, its slope %g", phi->name,
                          huge[k], p.value, p.slope);
        }
}
END_TEST

Suite *activation_suite(void)
{
    Suite *suite = suite_create("activation");
    TCase *all = tcase_create("all");

    tcase_add_test(all, values_are_those_of_the_formulas);
    tcase_add_test(all, slopes_are_those_of_the_values);
    tcase_add_test(all, every_activation_is_tested);
    tcase_add_test(all, huge_arguments_have_values);
    suite_add_tcase(suite, all);
    return suite;
}
