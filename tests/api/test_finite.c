/* SPDX-License-Identifier: MIT */
/* Tests of telling whether values are finite. */
#include "finite.h"
#include "../count.h"

#include <check.h>
#include <string.h>

Suite *finite_suite(void);

static const struct {
    const char *scheme;
    double values[4];
    enum sow_dtype dtype;
    bool sure, finite;
} cases[] = {
    {"constant", {65504}, SOW_FLOAT16, true, true},
    {"constant", {65505}, SOW_FLOAT16, false, true},
    {"constant", {-65520}, SOW_FLOAT16, false, false},
    {"normal", {0, 3e38}, SOW_FLOAT32, false, false},
    {"constant", {1e38}, SOW_FLOAT32, true, true},
    {"constant", {3.4e38}, SOW_BFLOAT16, false, false},
    {"normal", {0, 3e38}, SOW_FLOAT64, true, true},
    {"constant", {448}, SOW_FLOAT8_E4M3FN, true, true},
    {"constant", {1000}, SOW_FLOAT8_E4M3FN, true, true},
    {"constant", {57344}, SOW_FLOAT8_E5M2, true, true},
    {"constant", {1e6}, SOW_FLOAT8_E5M2, false, false},
    {"uniform", {0, 1}, SOW_FLOAT8_E4M3FN, true, true},
    {"uniform", {-1e6, 0}, SOW_FLOAT16, false, false},
    {"normal", {0, 1}, SOW_FLOAT16, true, true},
    {"normal", {0, 1e5}, SOW_FLOAT16, false, false},
    {"normal", {60000, 1}, SOW_FLOAT16, true, true},
    {"truncated_normal", {0, 1, -2, 2}, SOW_FLOAT8_E4M3FN, true, true},
};

static struct sow_tensor tensor_of(int i, uint64_t elements)
{
    struct sow_spec spec = {
        .name = "", .multiplier = 1, .dtype = cases[i].dtype};
    struct sow_tensor tensor;
    struct sow_error error;

    spec.shape = (struct sow_shape){1, {elements}};
    sow_scheme_init(&spec.scheme, sow_scheme_find(cases[i].scheme));
    memcpy(spec.scheme.values, cases[i].values, sizeof cases[i].values);
    ck_assert_int_eq(sow_tensor_init(&tensor, &spec, &error), SOW_OK);
    return tensor;
}

START_TEST(bounds_and_scans_agree_with_the_values)
{
    struct sow_tensor tensor = tensor_of(_i, 10000);
    const struct sow_engine *engine;
    bool finite;

    ck_assert_int_eq(sow_engine_choose(NULL, &engine), SOW_OK);
    ck_assert_msg(finite_surely(&tensor) == cases[_i].sure, "case %d: %s in %s",
                  _i, cases[_i].scheme, sow_dtype_name(cases[_i].dtype));
    ck_assert_int_eq(finite_scan(engine, &tensor, NULL, NULL, &finite), SOW_OK);
    ck_assert_msg(finite == cases[_i].finite, "case %d: %s in %s", _i,
                  cases[_i].scheme, sow_dtype_name(cases[_i].dtype));
}
END_TEST

START_TEST(patterns_are_finite_without_a_look)
{
    struct sow_spec spec = {.name = "",
                            .multiplier = 1,
                            .dtype = SOW_FLOAT16,
                            .shape = {2, {4096, 4096}}};
    struct sow_tensor tensor;
    struct sow_error error;

    sow_scheme_init(&spec.scheme, sow_scheme_find("eye"));
    ck_assert_int_eq(sow_tensor_init(&tensor, &spec, &error), SOW_OK);
    ck_assert(finite_surely(&tensor));
}
END_TEST

START_TEST(an_empty_tensor_is_finite)
{
    struct sow_tensor tensor = tensor_of(2, 0);

    ck_assert(finite_surely(&tensor));
}
END_TEST

static bool yes(void *argument)
{
    ++*(int *)argument;
    return true;
}

START_TEST(a_scan_stops_when_asked)
{
    struct sow_tensor tensor = tensor_of(0, 10000);
    const struct sow_engine *engine;
    bool finite = false;
    int asked = 0;

    ck_assert_int_eq(sow_engine_choose(NULL, &engine), SOW_OK);
    ck_assert_int_eq(finite_scan(engine, &tensor, yes, &asked, &finite),
                     SOW_STOPPED);
    ck_assert_int_eq(asked, 1);
    ck_assert(!finite);
}
END_TEST

Suite *finite_suite(void)
{
    Suite *suite = suite_create("finite");
    TCase *tcase = tcase_create("finite");

    tcase_add_loop_test(tcase, bounds_and_scans_agree_with_the_values, 0,
                        COUNT(cases));
    tcase_add_test(tcase, patterns_are_finite_without_a_look);
    tcase_add_test(tcase, an_empty_tensor_is_finite);
    tcase_add_test(tcase, a_scan_stops_when_asked);
    suite_add_tcase(suite, tcase);
    return suite;
}
