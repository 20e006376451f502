/* SPDX-License-Identifier: MIT */
/*
 * Tests of E[phi(x) phi(y)] of correlated normal variables: against grids and
 * closed forms.
 */
#include <math.h>

#include "stack.h"

Suite *analysis_products_suite(void);

#define PI 3.14159265358979323846

static const struct sow_analysis_activation *find(const char *name)
{
    const struct sow_analysis_activation *a =
        sow_analysis_activation_find(name);

    ck_assert_msg(a != NULL, "there is no %s", name);
    return a;
}

static double density(double x)
{
    return exp(-x * x / 2) / sqrt(2 * PI);
}

/*
 * E over x and y by a trapezoid of normal variables; 'tolerance' of a kinked
 * integrand is some step^2.
 */
static double brute(const struct sow_analysis_activation *a, double mean,
                    double variance, double rho)
{
    enum { POINTS = 1200 };
    const double step = 18.0 / POINTS;
    double sum = 0;

    for (int i = 0; i <= POINTS; i++) {
        double z = -9 + step * i + 1e-4;
        double x = mean + sqrt(variance) * z;
        double line = 0;

        for (int k = 0; k <= POINTS; k++) {
            double w = -9 + step * k + 1e-4;
            double y =
                mean + sqrt(variance) * (rho * z + sqrt(1 - rho * rho) * w);

            line += density(w) * sow_analysis_value(a, a->value, y);
        }
        sum += density(z) * sow_analysis_value(a, a->value, x) * line;
    }
    return sum * step * step;
}

/* In a midpoint grid of two variables a kink costs about step^2 = 2e-4. */
START_TEST(products_are_those_of_a_grid)
{
    const char *const smooth[] = {"tanh", "silu", "softplus"};
    const char *const kinked[] = {"elu", "relu6", "relu_squared", "celu"};
    const double rhos[] = {-0.7, 0.2, 0.97};

    for (size_t k = 0; k < COUNT(rhos); k++) {
        const char *name = smooth[k];
        const struct sow_analysis_activation *a = find(name);
        const struct sow_analysis_activation *b = find(kinked[_i]);
        double product;

        sow_analysis_product(a, a->value, 0.3, 2, rhos[k], &product, NULL);
        expect_close(name, product, brute(a, 0.3, 2, rhos[k]), 1e-9);
        sow_analysis_product(b, b->value, -0.2, 1.5, rhos[k], &product, NULL);
        ck_assert_double_le(fabs(product - brute(b, -0.2, 1.5, rhos[k])), 3e-5);
    }
}
END_TEST

static double arc_cosine(double c)
{
    return (sqrt(1 - c * c) + c * (PI - acos(c))) / PI;
}

START_TEST(relu_has_the_arc_cosine_kernel)
{
    const struct sow_analysis_activation *a = find("relu");

    for (double c = -1; c <= 1; c += 0.125) {
        double product, slopes;

        sow_analysis_product(a, 0, 0, 3, c, &product, &slopes);
        ck_assert_double_le(fabs(product - 1.5 * arc_cosine(c)), 1e-14);
        ck_assert_double_le(fabs(slopes - (PI - acos(c)) / (2 * PI)), 1e-14);
    }
}
END_TEST

START_TEST(sine_and_erf_have_their_kernels)
{
    const double q = 0.8, c = 0.6;
    double product, slopes;

    sow_analysis_product(find("sin"), 1, 0, q, c, &product, &slopes);
    expect_close("sin", product, (exp(-q + q * c) - exp(-q - q * c)) / 2,
                 1e-14);
    expect_close("cos", slopes, (exp(-q + q * c) + exp(-q - q * c)) / 2, 1e-14);
    sow_analysis_product(find("erf"), 0, 0, q, c, &product, &slopes);
    expect_close("erf", product, 2 / PI * asin(2 * q * c / (1 + 2 * q)), 1e-14);
}
END_TEST

/*
 * relu and leaky ReLU with a mean have no closed form here, so that series and
 * plane both come to what the closed forms say as the mean goes to 0.
 */
START_TEST(series_and_plane_agree_with_closed_kernels)
{
    const struct {
        const char *name;
        double mean;
    } cases[] = {{"relu", 1e-13}, {"leaky_relu", 1e-13}, {"erf", 1e-14}};
    const double rhos[] = {-1, -0.999, -0.4, 0.1, 0.9, 0.99, 0.9999, 0.9999999};

    for (size_t i = 0; i < COUNT(cases); i++)
        for (size_t k = 0; k < COUNT(rhos); k++)
            for (double q = 0.01; q < 2000; q *= 11) {
                const struct sow_analysis_activation *a = find(cases[i].name);
                double closed[2], open[2];

                sow_analysis_product(a, a->value, 0, q, rhos[k], &closed[0],
                                     &closed[1]);
                sow_analysis_product(a, a->value, cases[i].mean, q, rhos[k],
                                     &open[0], &open[1]);
                ck_assert_msg(fabs(open[0] - closed[0]) < 1e-9 * q &&
                                  fabs(open[1] - closed[1]) < 1e-9,
                              "%s at q = %g, rho = %g: %.12g and %.12g, not "
                              "%.12g and %.12g",
                              a->name, q, rhos[k], open[0], open[1], closed[0],
                              closed[1]);
            }
}
END_TEST

START_TEST(products_of_equal_inputs_are_squares)
{
    const struct sow_analysis_activation *a;

    for (size_t i = 0; (a = sow_analysis_activation_at(i)) != NULL; i++) {
        struct sow_analysis_moments m;
        double near, equal, slopes;

        sow_analysis_moments(a, a->value, 0, 1, &m);
        sow_analysis_product(a, a->value, 0, 1, 1, &equal, &slopes);
        sow_analysis_product(a, a->value, 0, 1, 1 - 1e-10, &near, NULL);
        ck_assert_double_eq(equal, m.square);
        ck_assert_double_eq(slopes, m.slope_square);
        ck_assert_msg(fabs(near - equal) < 2e-5 * equal, "%s: %.12g, not %.12g",
                      a->name, near, equal);
    }
}
END_TEST

Suite *analysis_products_suite(void)
{
    Suite *suite = suite_create("analysis/products");
    TCase *test = tcase_create("products");

    tcase_set_timeout(test, 60);
    tcase_add_loop_test(test, products_are_those_of_a_grid, 0, 4);
    tcase_add_test(test, relu_has_the_arc_cosine_kernel);
    tcase_add_test(test, sine_and_erf_have_their_kernels);
    tcase_add_test(test, series_and_plane_agree_with_closed_kernels);
    tcase_add_test(test, products_of_equal_inputs_are_squares);
    suite_add_tcase(suite, test);
    return suite;
}
