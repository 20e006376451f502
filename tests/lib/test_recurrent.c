/* SPDX-License-Identifier: MIT */
/* Tests of what recurrent networks begin with: chains, and gates. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "expect.h"

Suite *recurrent_suite(void);

/* ---- chains ------------------------------------------------------------- */

START_TEST(chains_are_what_their_authors_make)
{
    const struct {
        const char *scheme;
        double above, below;
    } cases[] = {{"chain", 1.02, 0}, {"feedback_chain", 0.99, 0.04}};

    for (size_t c = 0; c < COUNT(cases); c++)
        for (uint64_t n = 0; n < 40; n += 13) {
            struct sow_spec spec =
                spec_make(cases[c].scheme, SOW_FLOAT64, SHAPE(n, n));
            double *w;

            spec_set(&spec, "diagonal", 0.5);
            w = spec_values(&spec);
            for (uint64_t i = 0; i < n; i++)
                for (uint64_t j = 0; j < n; j++) {
                    double want = j == i       ? 0.5
                                  : j == i + 1 ? cases[c].above
                                  : i == j + 1 ? cases[c].below
                                               : 0;

                    ck_assert_double_eq(w[i * n + j], want);
                }
            free(w);
        }
}
END_TEST

START_TEST(irnn_inputs_are_small_normals)
{
    struct sow_spec spec = spec_make("irnn_input", SOW_FLOAT32, SHAPE(9, 9));
    struct sow_tensor t = tensor_make(&spec);

    ck_assert_int_eq(t.law.kind, SOW_LAW_NORMAL);
    ck_assert_double_eq(t.std, 0.001);
}
END_TEST

/* ---- gates -------------------------------------------------------------- */

static const char *const orders[] = {"ifgo", "igfo", "iofg"};

START_TEST(forget_gates_remember)
{
    for (int order = 0; order < 3; order++) {
        struct sow_spec spec =
            spec_make("forget_gate_bias", SOW_FLOAT32, SHAPE(4 * 70));
        double *b;

        spec_set(&spec, "gates", order);
        spec_set(&spec, "value", 1.5);
        b = spec_values(&spec);
        for (int i = 0; i < 4 * 70; i++)
            ck_assert_double_eq(b[i], orders[order][i / 70] == 'f' ? 1.5 : 0);
        free(b);
    }
}
END_TEST

#define UNITS 2000
#define T_MAX 785.0

/* The forget gate of 'order', which is within a list of all four. */
static double *chrono_of(int order, enum sow_dtype dtype)
{
    struct sow_spec spec =
        spec_make("chrono_bias", dtype, SHAPE(order < 3 ? 4 * UNITS : UNITS));

    spec_set(&spec, "gates", order);
    spec_set(&spec, "t_max", T_MAX);
    return spec_values(&spec);
}

/* b_i = -b_f, the others 0, in every order; and each gate alone. */
START_TEST(chrono_gates_are_opposite)
{
    double *forget = chrono_of(3, SOW_FLOAT32);
    double *input = chrono_of(4, SOW_FLOAT32);

    for (int order = 0; order < 3; order++) {
        double *b = chrono_of(order, SOW_FLOAT32);

        for (int i = 0; i < 4 * UNITS; i++) {
            char letter = orders[order][i / UNITS];
            double want = letter == 'f'   ? forget[i % UNITS]
                          : letter == 'i' ? -forget[i % UNITS]
                                          : 0;

            MUST(b[i] == want, "%s: %d is %g, not %g", orders[order], i, b[i],
                 want);
        }
        free(b);
    }
    for (int i = 0; i < UNITS; i++)
        ck_assert_double_eq(input[i], -forget[i]);
    free(forget);
    free(input);
}
END_TEST

START_TEST(chrono_times_are_uniform)
{
    static const enum sow_dtype dtypes[] = {SOW_FLOAT32, SOW_FLOAT64};

    for (size_t d = 0; d < COUNT(dtypes); d++) {
        double *b = chrono_of(3, dtypes[d]);

        for (int i = 0; i < UNITS; i++)
            b[i] = exp(b[i]);
        expect_uniform(b, UNITS, 1, T_MAX - 1);
        free(b);
    }
}
END_TEST

/* ---- refusals ----------------------------------------------------------- */

START_TEST(what_makes_no_sense_is_refused)
{
    static const struct refusal cases[] = {
        {"chain", {2, {4, 5}}, "gain", 1, SOW_BAD_SCHEME, "shape"},
        {"chain", {1, {4}}, "gain", 1, SOW_BAD_SCHEME, "shape"},
        {"chrono_bias", {1, {8}}, "t_max", 1.5, SOW_BAD_PARAMETER, "t_max"},
        {"chrono_bias", {1, {10}}, "t_max", 9, SOW_BAD_SCHEME, "shape"},
        {"chrono_bias", {2, {8, 1}}, "t_max", 9, SOW_BAD_SCHEME, "shape"},
        {"forget_gate_bias", {1, {7}}, "value", 1, SOW_BAD_SCHEME, "shape"},
    };

    expect_refusals(cases, COUNT(cases));
}
END_TEST

Suite *recurrent_suite(void)
{
    Suite *suite = suite_create("recurrent");
    TCase *cases = tcase_create("recurrent");

    tcase_set_timeout(cases, 60);
    tcase_add_test(cases, chains_are_what_their_authors_make);
    tcase_add_test(cases, irnn_inputs_are_small_normals);
    tcase_add_test(cases, forget_gates_remember);
    tcase_add_test(cases, chrono_gates_are_opposite);
    tcase_add_test(cases, chrono_times_are_uniform);
    tcase_add_test(cases, what_makes_no_sense_is_refused);
    suite_add_tcase(suite, cases);
    return suite;
}
