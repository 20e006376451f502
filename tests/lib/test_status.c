/* SPDX-License-Identifier: MIT */
/* Tests of the names of statuses and the filling of errors. */
#include "status.h"

#include <string.h>

#include "help.h"

Suite *status_suite(void);

START_TEST(every_status_has_its_own_name)
{
    ck_assert_str_eq(sow_status_name(SOW_OK), "ok");
    for (int i = SOW_OK; i <= SOW_NO_LIBRARY; i++) {
        const char *name = sow_status_name((enum sow_status)i);

        ck_assert_ptr_nonnull(name);
        ck_assert_uint_gt(strlen(name), 0);
        for (int j = SOW_OK; j < i; j++)
            ck_assert_str_ne(name, sow_status_name((enum sow_status)j));
    }
}
END_TEST

START_TEST(fail_fills_the_error_and_returns_the_status)
{
    struct sow_error error;

    memset(&error, 0xa5, sizeof error);
    ck_assert_int_eq(sow_fail(&error, SOW_BAD_AXES, "axes", "%d of %s", 3, "x"),
                     SOW_BAD_AXES);
    ck_assert_int_eq(error.status, SOW_BAD_AXES);
    ck_assert_str_eq(error.at, "axes");
    ck_assert_str_eq(error.text, "3 of x");
}
END_TEST

START_TEST(what_does_not_fit_is_cut)
{
    struct sow_error error;
    char text[1000];

    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    ck_assert_int_eq(sow_fail(&error, SOW_BAD_SHAPE, text, "%s", text),
                     SOW_BAD_SHAPE);
    ck_assert_uint_eq(strlen(error.at), sizeof error.at - 1);
    ck_assert_uint_eq(strlen(error.text), sizeof error.text - 1);
}
END_TEST

Suite *status_suite(void)
{
    Suite *suite = suite_create("status");
    TCase *cases = tcase_create("status");

    tcase_add_test(cases, every_status_has_its_own_name);
    tcase_add_test(cases, fail_fills_the_error_and_returns_the_status);
    tcase_add_test(cases, what_does_not_fit_is_cut);
    suite_add_tcase(suite, cases);
    return suite;
}
