/* SPDX-License-Identifier: MIT */
/*
 * Tests of E[phi(x) phi(y)] and E[phi^2] against a table of numbers that
 * tests/oracle/products.py integrated from the definitions.
 */
#include <math.h>
#include <string.h>

#include "stack.h"

Suite *analysis_accuracy_suite(void);

struct answer {
    const char *name;
    double parameter, mean, variance, rho;
    double product, slopes, square, slope_square;
};

static const struct answer answers[] = {
#include "product_answers.inc"
};

static void expect_within(const struct answer *a, const char *what, double got,
                          double want, double tolerance)
{
    ck_assert_msg(fabs(got - want) <= tolerance,
                  "%s of %s(%g) at mean %g, variance %g, rho %g: %.13g, not "
                  "%.13g within %.2g",
                  what, a->name, a->parameter, a->mean, a->variance, a->rho,
                  got, want, tolerance);
}

static bool is_rough(const struct answer *a)
{
    return strcmp(a->name, "softsign") == 0 && a->variance > 100;
}

START_TEST(products_are_as_integrated)
{
    for (size_t i = 0; i < COUNT(answers); i++) {
        const struct answer *a = &answers[i];
        double limit = is_rough(a) ? 1e-3 : 1e-9;
        double product, slopes;

        sow_analysis_product(sow_analysis_activation_find(a->name),
                             a->parameter, a->mean, a->variance, a->rho,
                             &product, &slopes);
        expect_within(a, "E[phi phi]", product, a->product, limit * a->square);
        expect_within(a, "E[phi' phi']", slopes, a->slopes,
                      1e-9 * a->slope_square);
        sow_analysis_product(sow_analysis_activation_find(a->name),
                             a->parameter, a->mean, a->variance, a->rho,
                             &product, NULL);
        expect_within(a, "E[phi phi] alone", product, a->product,
                      limit * a->square);
    }
}
END_TEST

START_TEST(squares_are_as_integrated)
{
    for (size_t i = 0; i < COUNT(answers); i++) {
        const struct answer *a = &answers[i];
        struct sow_analysis_moments m;

        sow_analysis_moments(sow_analysis_activation_find(a->name),
                             a->parameter, a->mean, a->variance, &m);
        expect_within(a, "E[phi^2]", m.square, a->square, 1e-10 * a->square);
        expect_within(a, "E[phi'^2]", m.slope_square, a->slope_square,
                      1e-10 * a->slope_square);
    }
}
END_TEST

Suite *analysis_accuracy_suite(void)
{
    Suite *suite = suite_create("analysis/accuracy");
    TCase *test = tcase_create("accuracy");

    tcase_set_timeout(test, 60);
    tcase_add_test(test, products_are_as_integrated);
    tcase_add_test(test, squares_are_as_integrated);
    suite_add_tcase(suite, test);
    return suite;
}
