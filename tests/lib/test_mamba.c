/* SPDX-License-Identifier: MIT */
/* Tests of time steps, decays and projections of state-space models. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "expect.h"

Suite *mamba_suite(void);

/* ---- draws -------------------------------------------------------------- */

#define DRAWS 20000

/* What undoes a scheme: its values become uniform on [low, high]. */
static double same(double x)
{
    return x;
}

/* log of softplus. */
static double log_softplus(double x)
{
    return log(log1p(exp(x)));
}

static double squared_modulus(double nu_log)
{
    return exp(-2 * exp(nu_log));
}

static double squared_gamma(double gamma_log)
{
    return exp(2 * gamma_log);
}

START_TEST(draws_have_their_laws)
{
    const struct {
        const char *scheme;
        double (*undo)(double);
        double low, high;
    } cases[] = {
        {"s4d_log_dt", same, log(0.001), log(0.1)},
        {"mamba_dt_bias", log_softplus, log(0.001), log(0.1)},
        {"mamba2_dt_bias", log_softplus, log(0.001), log(0.1)},
        {"mamba2_a_log", exp, 1, 16},
        {"lru_nu_log", squared_modulus, 0, 1},
        {"lru_theta_log", exp, 0, 6.28},
        {"lru_gamma_log", squared_gamma, 0, 1},
    };
    static const enum sow_dtype dtypes[] = {SOW_FLOAT32, SOW_FLOAT64};

    for (size_t d = 0; d < COUNT(dtypes); d++)
        for (size_t c = 0; c < COUNT(cases); c++) {
            struct sow_spec spec =
                spec_make(cases[c].scheme, dtypes[d], SHAPE(DRAWS));
            double *x = spec_values(&spec);

            for (int i = 0; i < DRAWS; i++)
                x[i] = cases[c].undo(x[i]);
            expect_uniform(x, DRAWS, cases[c].low, cases[c].high);
            free(x);
        }
}
END_TEST

/* What is shorter than the floor becomes it. */
START_TEST(dt_has_a_floor)
{
    struct sow_spec spec =
        spec_make("mamba_dt_bias", SOW_FLOAT64, SHAPE(DRAWS));
    double *x;
    double floors = 0;

    spec_set(&spec, "dt_init_floor", 0.01);
    x = spec_values(&spec);
    for (int i = 0; i < DRAWS; i++) {
        double dt = log1p(exp(x[i]));

        MUST(dt > 0.01 * (1 - 1e-12), "dt %d is %g", i, dt);
        floors += dt < 0.01 * (1 + 1e-12);
    }
    /* Half of all, in the logarithm. */
    ck_assert_double_le(fabs(floors - DRAWS / 2.0), 6 * sqrt(DRAWS / 4.0));
    free(x);
}
END_TEST

/* |lambda|^2 + gamma^2 = 1, of the same module; not of another. */
START_TEST(gamma_normalizes_its_nu)
{
    static const struct {
        const char *nu, *gamma;
        bool same;
    } cases[] = {
        {"nu_log", "gamma_log", true},
        {"blocks.3.nu_log", "blocks.3.gamma_log", true},
        {"blocks.3.nu_log", "blocks.4.gamma_log", false},
        {"x", "x", true},
        {"nu_log_1", "nu_log_2", false},
        {"nu_log_1", "nu_log_1", true},
        {"a.nu_log", "a", false},
        {"a.nu_log", "a.", true},
    };

    for (size_t c = 0; c < COUNT(cases); c++) {
        struct sow_spec spec = spec_make("lru_nu_log", SOW_FLOAT64, SHAPE(300));
        double *nu, *gamma;
        int pairs = 0;

        spec_set(&spec, "r_min", 0.4);
        spec_set(&spec, "r_max", 0.99);
        spec.name = cases[c].nu;
        nu = spec_values(&spec);
        spec.scheme.info = sow_scheme_find("lru_gamma_log");
        spec.name = cases[c].gamma;
        gamma = spec_values(&spec);
        for (int i = 0; i < 300; i++)
            pairs +=
                fabs(squared_modulus(nu[i]) + exp(2 * gamma[i]) - 1) < 1e-12;
        MUST(cases[c].same ? pairs == 300 : pairs < 3, "%s and %s: %d pairs",
             cases[c].nu, cases[c].gamma, pairs);
        free(nu);
        free(gamma);
    }
}
END_TEST

/* ---- laws that have a name ---------------------------------------------- */

START_TEST(laws_have_their_numbers)
{
    static const struct {
        const char *scheme, *parameter;
        double value;
        enum sow_law_kind kind;
        double number;
    } cases[] = {
        {"mamba_dt_weight", "dt_scale", 2, SOW_LAW_UNIFORM, 2.0 / 6},
        {"mamba_dt_weight", "dt_init", 1, SOW_LAW_CONSTANT, 1.0 / 6},
        {"mamba_out", "n_layer", 16, SOW_LAW_UNIFORM, 1.0 / 24},
        {"mamba_out", "n_residuals", 4, SOW_LAW_UNIFORM, 1.0 / 12},
        {"lru_b", NULL, 0, SOW_LAW_NORMAL, 0.11785113019775793},
        {"lru_c", NULL, 0, SOW_LAW_NORMAL, 1.0 / 6},
        {"s4d_c", NULL, 0, SOW_LAW_NORMAL, 0.70710678118654752},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct sow_spec spec =
            spec_make(cases[i].scheme, SOW_FLOAT32, SHAPE(50, 36));
        struct sow_tensor t;
        double number;

        if (strcmp(cases[i].scheme, "mamba_out") == 0)
            spec_set(&spec, "n_layer", 1);
        if (cases[i].parameter != NULL)
            spec_set(&spec, cases[i].parameter, cases[i].value);
        t = tensor_make(&spec);
        ck_assert_int_eq(t.law.kind, cases[i].kind);
        number = t.law.kind == SOW_LAW_UNIFORM    ? t.law.uniform.high
                 : t.law.kind == SOW_LAW_CONSTANT ? t.law.value
                                                  : t.law.normal.std;
        ck_assert_double_eq_tol(number, cases[i].number, 1e-16);
        if (t.law.kind == SOW_LAW_UNIFORM)
            ck_assert_double_eq(t.law.uniform.low, -number);
    }
}
END_TEST

/* ---- refusals ----------------------------------------------------------- */

START_TEST(what_makes_no_sense_is_refused)
{
    static const struct refusal cases[] = {
        {"s4d_log_dt", {1, {4}}, "dt_max", 1e-4, SOW_BAD_PARAMETER, "dt_max"},
        {"s4d_log_dt", {1, {4}}, "dt_min", 1e-40, SOW_BAD_PARAMETER, "dt_min"},
        {"mamba_dt_bias", {1, {4}}, "dt_max", 101, SOW_BAD_PARAMETER, "dt_max"},
        {"mamba_dt_bias",
         {1, {4}},
         "dt_init_floor",
         101,
         SOW_BAD_PARAMETER,
         "dt_init_floor"},
        {"mamba2_a_log", {1, {4}}, "high", 0.5, SOW_BAD_PARAMETER, "high"},
        {"mamba2_a_log", {1, {4}}, "low", 0, SOW_BAD_PARAMETER, "low"},
        {"lru_nu_log", {1, {4}}, "r_min", 1, SOW_BAD_PARAMETER, "r_max"},
        {"lru_gamma_log", {1, {4}}, "r_max", 0, SOW_BAD_PARAMETER, "r_max"},
        {"lru_theta_log",
         {1, {4}},
         "max_phase",
         0,
         SOW_BAD_PARAMETER,
         "max_phase"},
        {"mamba_dt_weight", {1, {4}}, NULL, 0, SOW_BAD_SCHEME, "shape"},
    };

    expect_refusals(cases, COUNT(cases));
}
END_TEST

Suite *mamba_suite(void)
{
    Suite *suite = suite_create("mamba");
    TCase *cases = tcase_create("mamba");

    tcase_set_timeout(cases, 60);
    tcase_add_test(cases, draws_have_their_laws);
    tcase_add_test(cases, dt_has_a_floor);
    tcase_add_test(cases, gamma_normalizes_its_nu);
    tcase_add_test(cases, laws_have_their_numbers);
    tcase_add_test(cases, what_makes_no_sense_is_refused);
    suite_add_tcase(suite, cases);
    return suite;
}
