/* SPDX-License-Identifier: MIT */
/* Tests of HiPPO and S4D, against what they are defined by. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "expect.h"

Suite *state_suite(void);

/* ---- HiPPO -------------------------------------------------------------- */

/* The first matrices as published, to ten places. */
START_TEST(hippo_matrices_are_the_published)
{
    static const double legs[9] = {-1,           0,  0, /**/
                                   -1.732050808, -2, 0, -2.236067977,
                                   -3.872983346, -3};
    static const double legt[9] = {-0.5,         0.866025404,  -1.118033989,
                                   -0.866025404, -1.5,         1.936491673,
                                   -1.118033989, -1.936491673, -2.5};
    double *a = scheme_values("hippo_legs_a", SHAPE(3, 3));
    double *t = scheme_values("hippo_legt_a", SHAPE(3, 3));

    for (int i = 0; i < 9; i++) {
        ck_assert_double_eq_tol(a[i], legs[i], 1e-9);
        ck_assert_double_eq_tol(t[i], legt[i], 1e-9);
    }
    free(a);
    free(t);
    ck_assert_ptr_eq(sow_scheme_find("hippo"), sow_scheme_find("hippo_legs_a"));
}
END_TEST

#define N 24

/* A + P P^T = -I/2 + a skew matrix: what makes LegS normal plus low rank. */
START_TEST(legs_is_normal_plus_rank_one)
{
    double *a = scheme_values("hippo_legs_a", SHAPE(N, N));
    double *p = scheme_values("hippo_legs_p", SHAPE(N));

    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) {
            double here = a[i * N + j] + p[i] * p[j];
            double there = a[j * N + i] + p[j] * p[i];

            ck_assert_double_eq_tol(here + there, i == j ? -1 : 0, 1e-12);
        }
    free(a);
    free(p);
}
END_TEST

/* A = -(B B^T below the diagonal + diag(n + 1)), for any shape of B. */
START_TEST(legs_b_belongs_to_a)
{
    double *a = scheme_values("hippo_legs_a", SHAPE(N, N));
    double *b = scheme_values("hippo_legs_b", SHAPE(N));
    double *c = scheme_values("hippo_legs_b", SHAPE(N, 1));
    double *t = scheme_values("hippo_legt_b", SHAPE(N, 2));

    for (int i = 0; i < N; i++) {
        for (int j = 0; j < i; j++)
            ck_assert_double_eq_tol(a[i * N + j], -b[i] * b[j], 1e-12);
        ck_assert_double_eq(a[i * N + i], -(i + 1));
        ck_assert_double_eq(b[i], c[i]);
        ck_assert_double_eq_tol(b[i], sqrt(2 * i + 1), 1e-14);
        ck_assert_double_eq(t[2 * i], b[i] / 2);
        ck_assert_double_eq(t[2 * i + 1], b[i] / 2);
    }
    free(a);
    free(b);
    free(c);
    free(t);
}
END_TEST

/* The first polynomial holds a constant input: A e_0 + B = 0. */
START_TEST(hippo_holds_a_constant)
{
    static const char *const pairs[][2] = {{"hippo_legs_a", "hippo_legs_b"},
                                           {"hippo_legt_a", "hippo_legt_b"}};

    for (size_t k = 0; k < COUNT(pairs); k++) {
        double *a = scheme_values(pairs[k][0], SHAPE(N, N));
        double *b = scheme_values(pairs[k][1], SHAPE(N));

        for (int i = 0; i < N; i++)
            ck_assert_double_eq_tol(a[i * N] + b[i], 0, 1e-13);
        free(a);
        free(b);
    }
}
END_TEST

/* ---- S4D ---------------------------------------------------------------- */

enum { IMAG, REAL, LOG_REAL };

START_TEST(s4d_has_its_eigenvalues)
{
    static const char *const names[] = {"s4d_lin", "s4d_inv", "s4d_real"};
    const double pi = acos(-1);

    for (size_t s = 0; s < COUNT(names); s++)
        for (int part = IMAG; part <= LOG_REAL; part++) {
            struct sow_spec spec =
                spec_make(names[s], SOW_FLOAT64, SHAPE(3, N));
            double *a;

            spec_set(&spec, "part", part);
            a = spec_values(&spec);
            for (int i = 0; i < 3 * N; i++) {
                int n = i % N;
                double real = s == 2 ? -(n + 1) : -0.5;
                double imag = s == 0 ? pi * n
                              : s == 1
                                  ? 2 * N / pi * (2.0 * N / (2 * n + 1) - 1)
                                  : 0;
                double want = part == IMAG   ? imag
                              : part == REAL ? real
                                             : log(-real);

                ck_assert_double_eq_tol(a[i], want, 1e-15 + 1e-14 * fabs(want));
            }
            free(a);
        }
}
END_TEST

START_TEST(mamba_states_are_s4d_real)
{
    struct sow_spec spec = spec_make("s4d_real", SOW_FLOAT32, SHAPE(8, 16));
    struct sow_spec mamba = spec_make("mamba_a_log", SOW_FLOAT32, SHAPE(8, 16));
    double *want, *got = spec_values(&mamba);

    spec_set(&spec, "part", LOG_REAL);
    want = spec_values(&spec);
    for (int i = 0; i < 8 * 16; i++) {
        ck_assert_double_eq(got[i], want[i]);
        ck_assert_double_eq(got[i], (double)(float)log(i % 16 + 1));
    }
    free(want);
    free(got);
}
END_TEST

/* ---- refusals ----------------------------------------------------------- */

START_TEST(what_makes_no_sense_is_refused)
{
    static const struct refusal cases[] = {
        {"hippo_legs_a", {2, {4, 5}}, NULL, 0, SOW_BAD_SCHEME, "shape"},
        {"hippo_legt_a", {1, {4}}, NULL, 0, SOW_BAD_SCHEME, "shape"},
        {"hippo_legs_b", {0, {0}}, NULL, 0, SOW_BAD_SCHEME, "shape"},
        {"s4d_lin", {0, {0}}, NULL, 0, SOW_BAD_SCHEME, "shape"},
    };

    expect_refusals(cases, COUNT(cases));
}
END_TEST

Suite *state_suite(void)
{
    Suite *suite = suite_create("state");
    TCase *cases = tcase_create("state");

    tcase_set_timeout(cases, 60);
    tcase_add_test(cases, hippo_matrices_are_the_published);
    tcase_add_test(cases, legs_is_normal_plus_rank_one);
    tcase_add_test(cases, legs_b_belongs_to_a);
    tcase_add_test(cases, hippo_holds_a_constant);
    tcase_add_test(cases, s4d_has_its_eigenvalues);
    tcase_add_test(cases, mamba_states_are_s4d_real);
    tcase_add_test(cases, what_makes_no_sense_is_refused);
    suite_add_tcase(suite, cases);
    return suite;
}
