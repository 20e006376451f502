/* SPDX-License-Identifier: MIT */
/* Tests of schemes that need a number of each output. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "expect.h"

Suite *classical_suite(void);

#define BIASES 2000

/* ---- Nguyen and Widrow -------------------------------------------------- */

START_TEST(widrow_rows_have_the_norm_beta)
{
    static const struct {
        enum sow_layout layout;
        struct sow_shape shape;
        uint64_t outs, ins;
    } cases[] = {
        {SOW_TORCH, {2, {30, 7}}, 30, 7},
        {SOW_JAX, {2, {7, 30}}, 30, 7},
        {SOW_TORCH, {2, {500, 300}}, 500, 300},
        {SOW_TORCH, {2, {4, 1}}, 4, 1},
    };

    for (size_t c = 0; c < COUNT(cases); c++) {
        double outs = (double)cases[c].outs, ins = (double)cases[c].ins;
        double beta = 0.7 * pow(outs, 1 / ins);
        struct sow_spec spec =
            spec_make("nguyen_widrow", SOW_FLOAT64, cases[c].shape);
        double *w;

        spec.layout = cases[c].layout;
        w = spec_values(&spec);
        for (uint64_t o = 0; o < cases[c].outs; o++) {
            double squares = 0;

            for (uint64_t i = 0; i < cases[c].ins; i++) {
                double x = cases[c].layout == SOW_TORCH
                               ? w[o * cases[c].ins + i]
                               : w[i * cases[c].outs + o];

                squares += x * x;
            }
            ck_assert_double_eq_tol(sqrt(squares), beta, 1e-13 * beta);
        }
        free(w);
    }
}
END_TEST

/* Directions are those of the uniform draws. */
START_TEST(widrow_rows_are_scaled_uniforms)
{
    struct sow_spec spec =
        spec_make("nguyen_widrow", SOW_FLOAT64, SHAPE(5, 40));
    struct sow_spec plain = spec_make("uniform", SOW_FLOAT64, SHAPE(5, 40));
    double *w = spec_values(&spec);
    double *u;

    spec_set(&plain, "low", -0.5);
    spec_set(&plain, "high", 0.5);
    u = spec_values(&plain);
    for (int i = 0; i < 5; i++)
        for (int j = 0; j < 40; j++)
            ck_assert_double_eq_tol(w[i * 40 + j] * u[i * 40],
                                    w[i * 40] * u[i * 40 + j], 1e-15);
    free(w);
    free(u);
}
END_TEST

START_TEST(widrow_biases_lie_within_beta)
{
    struct sow_spec spec =
        spec_make("nguyen_widrow_bias", SOW_FLOAT64, SHAPE(BIASES));
    double beta = 0.7 * pow(BIASES, 1.0 / 3);
    struct sow_tensor t;
    double *b;

    spec_set(&spec, "inputs", 3);
    t = tensor_make(&spec);
    b = tensor_values(&t);
    expect_uniform(b, BIASES, -beta, beta);
    ck_assert_double_eq_tol(t.std, beta / sqrt(3), 1e-12);
    free(b);
}
END_TEST

/* ---- Bayes and Kalman --------------------------------------------------- */

#define SIDE 12

/* Solve 'a' x = 'b' in place, by elimination with pivots. */
static void solve(double a[SIDE][SIDE], double b[SIDE])
{
    for (int k = 0; k < SIDE; k++) {
        int pivot = k;

        for (int i = k + 1; i < SIDE; i++)
            if (fabs(a[i][k]) > fabs(a[pivot][k]))
                pivot = i;
        for (int j = 0; j < SIDE; j++) {
            double swap = a[k][j];

            a[k][j] = a[pivot][j];
            a[pivot][j] = swap;
        }
        double swap = b[k];
        b[k] = b[pivot];
        b[pivot] = swap;
        for (int i = 0; i < SIDE; i++) {
            double factor = a[i][k] / a[k][k];

            if (i == k)
                continue;
            for (int j = k; j < SIDE; j++)
                a[i][j] -= factor * a[k][j];
            b[i] -= factor * b[k];
        }
    }
    for (int k = 0; k < SIDE; k++)
        b[k] /= a[k][k];
}

/*
 * One measurement after another, with dense covariances: K = S (S + Theta)^-1,
 * w += K (z - w), S -= K S.
 */
static void update(double w[SIDE], double s[SIDE][SIDE], const double *z,
                   double noise, double rho)
{
    double after[SIDE][SIDE];
    double shift[SIDE] = {0};

    for (int column = -1; column < SIDE; column++) {
        double sum[SIDE][SIDE];
        double right[SIDE];

        for (int i = 0; i < SIDE; i++) {
            for (int j = 0; j < SIDE; j++)
                sum[i][j] = s[i][j] + noise * (i == j ? 1 : rho);
            right[i] = column < 0 ? z[i] - w[i] : s[i][column];
        }
        solve(sum, right);
        for (int i = 0; i < SIDE; i++) {
            double product = 0;

            for (int j = 0; j < SIDE; j++)
                product += s[i][j] * right[j];
            if (column < 0)
                shift[i] = product;
            else
                after[i][column] = s[i][column] - product;
        }
    }
    for (int i = 0; i < SIDE; i++)
        w[i] += shift[i];
    memcpy(s, after, sizeof after);
}

/*
 * The draws themselves, from schemes that show them: with hardly any noise one
 * measurement is the result, and with endless noise the prior is.
 */
static double *draws_of(struct sow_spec spec, double noise)
{
    spec_set(&spec, "noise", noise);
    spec_set(&spec, "rho", 0);
    return spec_values(&spec);
}

START_TEST(kalman_is_the_dense_update)
{
    static const double rhos[] = {0, 0.5, 0.95, -0.05};
    static const double noises[] = {0.1, 1, 10};
    struct sow_spec spec =
        spec_make("bayes_kalman", SOW_FLOAT64, SHAPE(3, SIDE));
    double *prior, *z;
    double h = 2 / sqrt(SIDE);

    spec_set(&spec, "gain", 2);
    prior = draws_of(spec, 1e90);
    z = draws_of(spec, 1e-90);
    for (size_t r = 0; r < COUNT(rhos); r++)
        for (size_t n = 0; n < COUNT(noises); n++) {
            double *w;

            spec_set(&spec, "rho", rhos[r]);
            spec_set(&spec, "noise", noises[n]);
            w = spec_values(&spec);
            for (int row = 0; row < 3; row++) {
                double want[SIDE], s[SIDE][SIDE] = {{0}};
                double a = h * h / 3;

                memcpy(want, prior + row * SIDE, sizeof want);
                for (int i = 0; i < SIDE; i++)
                    s[i][i] = a;
                update(want, s, z + row * SIDE, noises[n] * a, rhos[r]);
                for (int i = 0; i < SIDE; i++)
                    ck_assert_double_eq_tol(w[row * SIDE + i], want[i], 1e-13);
            }
            free(w);
        }
    free(prior);
    free(z);
}
END_TEST

/*
 * Three measurements at once are three updates.  With hardly any noise the
 * result is their mean, so that the means of the first one, two and three
 * show each of them.
 */
START_TEST(kalman_steps_are_updates_in_turn)
{
    struct sow_spec spec =
        spec_make("bayes_kalman", SOW_FLOAT64, SHAPE(1, SIDE));
    double *prior = draws_of(spec, 1e90);
    double a = 1.0 / SIDE / 3;
    double want[SIDE], s[SIDE][SIDE] = {{0}}, before[SIDE] = {0};
    double *w;

    memcpy(want, prior, sizeof want);
    for (int i = 0; i < SIDE; i++)
        s[i][i] = a;
    for (int step = 1; step <= 3; step++) {
        double z[SIDE];
        double *mean;

        spec_set(&spec, "steps", step);
        mean = draws_of(spec, 1e-90);
        for (int i = 0; i < SIDE; i++) {
            z[i] = step * mean[i] - before[i];
            before[i] = step * mean[i];
        }
        update(want, s, z, 0.7 * a, 0.3);
        free(mean);
    }
    spec_set(&spec, "noise", 0.7);
    spec_set(&spec, "rho", 0.3);
    w = spec_values(&spec);
    for (int i = 0; i < SIDE; i++)
        ck_assert_double_eq_tol(w[i], want[i], 1e-13);
    free(prior);
    free(w);
}
END_TEST

START_TEST(kalman_draws_are_uniform_and_independent)
{
    struct sow_spec spec =
        spec_make("bayes_kalman", SOW_FLOAT64, SHAPE(100, 400));
    double *prior = draws_of(spec, 1e90);
    double *z = draws_of(spec, 1e-90);
    double product = 0;

    for (int i = 0; i < 40000; i++)
        product += prior[i] * z[i];
    ck_assert_double_le(fabs(product), 6 * 200 * (1.0 / 400 / 3));
    expect_uniform(prior, 40000, -0.05, 0.05);
    expect_uniform(z, 40000, -0.05, 0.05);
    free(prior);
    free(z);
}
END_TEST

/* ---- refusals ----------------------------------------------------------- */

START_TEST(what_makes_no_sense_is_refused)
{
    static const struct refusal cases[] = {
        {"nguyen_widrow_bias",
         {2, {8, 1}},
         "inputs",
         3,
         SOW_BAD_SCHEME,
         "shape"},
        {"bayes_kalman", {2, {3, 5}}, "rho", 1, SOW_BAD_PARAMETER, "rho"},
        {"bayes_kalman", {2, {3, 5}}, "rho", -0.25, SOW_BAD_PARAMETER, "rho"},
        {"bayes_kalman", {2, {3, 5}}, "steps", 257, SOW_BAD_PARAMETER, "steps"},
        {"bayes_kalman", {2, {3, 5}}, "noise", 0, SOW_BAD_PARAMETER, "noise"},
        {"bayes_kalman", {2, {3, 5}}, "gain", 1e200, SOW_BAD_PARAMETER, "gain"},
    };

    expect_refusals(cases, COUNT(cases));
}
END_TEST

Suite *classical_suite(void)
{
    Suite *suite = suite_create("classical");
    TCase *cases = tcase_create("classical");

    tcase_set_timeout(cases, 60);
    tcase_add_test(cases, widrow_rows_have_the_norm_beta);
    tcase_add_test(cases, widrow_rows_are_scaled_uniforms);
    tcase_add_test(cases, widrow_biases_lie_within_beta);
    tcase_add_test(cases, kalman_is_the_dense_update);
    tcase_add_test(cases, kalman_steps_are_updates_in_turn);
    tcase_add_test(cases, kalman_draws_are_uniform_and_independent);
    tcase_add_test(cases, what_makes_no_sense_is_refused);
    suite_add_tcase(suite, cases);
    return suite;
}
