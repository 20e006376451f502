/* SPDX-License-Identifier: MIT */
/* Tests of tables of positions. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "expect.h"

Suite *position_suite(void);

/* ---- positions ---------------------------------------------------------- */

START_TEST(sinusoids_are_the_formula)
{
    for (int halves = 0; halves <= 1; halves++) {
        const int rows = 3000, d = 14;
        struct sow_spec spec =
            spec_make("sinusoidal", SOW_FLOAT64, SHAPE(3000, 14));
        double *w;

        spec_set(&spec, "order", halves);
        spec_set(&spec, "base", 500);
        w = spec_values(&spec);
        for (int p = 0; p < rows; p++)
            for (int i = 0; i < d / 2; i++) {
                double angle = p / pow(500, 2.0 * i / d);
                int sine = halves ? i : 2 * i;
                int cosine = halves ? d / 2 + i : 2 * i + 1;

                ck_assert_double_eq_tol(w[p * d + sine], sin(angle), 2e-12);
                ck_assert_double_eq_tol(w[p * d + cosine], cos(angle), 2e-12);
            }
        free(w);
    }
}
END_TEST

/*
 * Rows y W + x of quarters sin x, cos x, sin y, cos y (in the reference code
 * "w goes first"), after rows of 0 for further tokens.
 */
static void check_grid(int height, int width, int extra, bool square)
{
    const int d = 16, quarter = 4;
    struct sow_spec spec =
        spec_make("sincos_2d", SOW_FLOAT64,
                  SHAPE((uint64_t)(height * width + extra), 16));
    double *w;

    spec_set(&spec, "width", square ? 0 : width);
    spec_set(&spec, "extra_tokens", extra);
    w = spec_values(&spec);
    for (int row = 0; row < height * width + extra; row++)
        for (int i = 0; i < d; i++) {
            int place = row - extra;
            int position = i < d / 2 ? place % width : place / width;
            double angle = position / pow(10000, i % quarter / 4.0);
            double want = place < 0              ? 0
                          : i / quarter % 2 == 0 ? sin(angle)
                                                 : cos(angle);

            ck_assert_double_eq_tol(w[row * d + i], want, 1e-14);
        }
    free(w);
}

START_TEST(grids_are_the_formula)
{
    check_grid(14, 14, 0, true);
    check_grid(14, 14, 1, true);
    check_grid(5, 8, 0, false);
    check_grid(8, 5, 2, false);
}
END_TEST

START_TEST(rotary_frequencies_are_the_formula)
{
    struct sow_spec spec = spec_make("rope_inv_freq", SOW_FLOAT64, SHAPE(64));
    double *w;

    spec_set(&spec, "base", 500000);
    w = spec_values(&spec);
    for (int i = 0; i < 64; i++)
        ck_assert_double_eq_tol(w[i] * pow(500000, 2.0 * i / 128), 1, 1e-14);
    free(w);
}
END_TEST

/* ---- refusals ----------------------------------------------------------- */

START_TEST(what_makes_no_sense_is_refused)
{
    static const struct refusal cases[] = {
        {"sinusoidal", {2, {4, 5}}, NULL, 0, SOW_BAD_SCHEME, "shape"},
        {"sinusoidal", {1, {4}}, NULL, 0, SOW_BAD_SCHEME, "shape"},
        {"sinusoidal", {2, {0x2000001, 4}}, NULL, 0, SOW_BAD_SCHEME, "shape"},
        {"sinusoidal", {2, {4, 4}}, "base", 0.5, SOW_BAD_PARAMETER, "base"},
        {"sincos_2d", {2, {16, 6}}, NULL, 0, SOW_BAD_SCHEME, "shape"},
        {"sincos_2d", {2, {15, 8}}, NULL, 0, SOW_BAD_PARAMETER, "width"},
        {"sincos_2d", {2, {16, 8}}, "width", 5, SOW_BAD_PARAMETER, "width"},
        {"sincos_2d",
         {2, {16, 8}},
         "extra_tokens",
         17,
         SOW_BAD_PARAMETER,
         "extra_tokens"},
        {"rope_inv_freq", {2, {4, 4}}, NULL, 0, SOW_BAD_SCHEME, "shape"},
    };

    expect_refusals(cases, COUNT(cases));
}
END_TEST

Suite *position_suite(void)
{
    Suite *suite = suite_create("position");
    TCase *cases = tcase_create("position");

    tcase_set_timeout(cases, 60);
    tcase_add_test(cases, sinusoids_are_the_formula);
    tcase_add_test(cases, grids_are_the_formula);
    tcase_add_test(cases, rotary_frequencies_are_the_formula);
    tcase_add_test(cases, what_makes_no_sense_is_refused);
    suite_add_tcase(suite, cases);
    return suite;
}
