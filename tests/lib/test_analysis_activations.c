/* SPDX-License-Identifier: MIT */
/* Tests of activations: names, values and slopes. */
#include <math.h>
#include <string.h>

#include "activation.h"
#include "stack.h"

Suite *analysis_activations_suite(void);

/* Away from kinks, by differences. */
START_TEST(slopes_are_those_of_values)
{
    const struct sow_analysis_activation *a;

    for (size_t i = 0; (a = sow_analysis_activation_at(i)) != NULL; i++)
        for (double x = -7.3; x < 8; x += 0.37) {
            double up = sow_analysis_value(a, a->value, x + 1e-5);
            double down = sow_analysis_value(a, a->value, x - 1e-5);
            double slope = sow_analysis_slope(a, a->value, x);

            ck_assert_msg(fabs(slope - (up - down) / 2e-5) < 1e-7,
                          "%s' at %g: %.12g, not %.12g", a->name, x, slope,
                          (up - down) / 2e-5);
        }
}
END_TEST

START_TEST(values_at_some_points_are_known)
{
    const struct {
        const char *name;
        double x, value;
    } cases[] = {
        {"relu6", 7, 6},
        {"leaky_relu", -2, -0.02},
        {"prelu", -2, -0.5},
        {"elu", -1, -0.63212055882855767},
        {"hardtanh", -3, -1},
        {"hardsigmoid", 0, 0.5},
        {"softshrink", 2, 1.5},
        {"hardshrink", 0.4, 0},
        {"step", 0, 0},
        {"step", 1e-9, 1},
        {"sign", -4, -1},
        {"abs", -4, 4},
        {"gaussian", 1, 0.36787944117144232},
        {"logsigmoid", -800, -800},
        {"quick_gelu", 1, 0.8457957659328212},
        {"tanhshrink", 1, 0.23840584404423515},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct sow_analysis_activation *a =
            sow_analysis_activation_find(cases[i].name);
        double value = sow_analysis_value(a, a->value, cases[i].x);

        ck_assert_msg(fabs(value - cases[i].value) < 1e-13,
                      "%s(%g) is %.17g, not %.17g", cases[i].name, cases[i].x,
                      value, cases[i].value);
    }
}
END_TEST

/* Those of lib/activation.h are the same functions. */
START_TEST(shared_names_agree)
{
    const struct sow_activation *shared;

    for (size_t i = 0; (shared = sow_activation_at(i)) != NULL; i++) {
        const struct sow_analysis_activation *a =
            sow_analysis_activation_find(shared->name);

        ck_assert_msg(a != NULL, "there is no %s", shared->name);
        for (double x = -30; x <= 30; x += 0.173) {
            struct sow_point p = shared->at(x);

            ck_assert_msg(
                fabs(sow_analysis_value(a, a->value, x) - p.value) <=
                        1e-14 * (1 + fabs(x)) &&
                    fabs(sow_analysis_slope(a, a->value, x) - p.slope) <= 1e-13,
                "%s at %g", a->name, x);
        }
    }
}
END_TEST

START_TEST(names_and_aliases_are_found_once)
{
    const struct sow_analysis_activation *a;

    for (size_t i = 0; (a = sow_analysis_activation_at(i)) != NULL; i++) {
        ck_assert_ptr_eq(sow_analysis_activation_find(a->name), a);
        for (size_t k = 0; a->aliases && a->aliases[k]; k++)
            ck_assert_ptr_eq(sow_analysis_activation_find(a->aliases[k]), a);
        ck_assert(a->low <= a->value && a->value <= a->high);
        ck_assert(strlen(a->formula) > 0);
    }
    ck_assert_ptr_null(sow_analysis_activation_find("rely"));
}
END_TEST

Suite *analysis_activations_suite(void)
{
    Suite *suite = suite_create("analysis/activations");
    TCase *test = tcase_create("activations");

    tcase_add_test(test, slopes_are_those_of_values);
    tcase_add_test(test, values_at_some_points_are_known);
    tcase_add_test(test, names_and_aliases_are_found_once);
    tcase_add_test(test, shared_names_agree);
    suite_add_tcase(suite, test);
    return suite;
}
