/* SPDX-License-Identifier: MIT */
/* Tests of weights that are asked for by the name of a recipe. */
#include "drive.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

Suite *named_suite(void);

#define TINY "/v1/weights?recipe=init/tiny-gpt2"
#define WTE TINY "&seed=42&name=transformer.wte.weight"

START_TEST(name_chooses_one_tensor)
{
    struct answer one = drive_get(driven, WTE);
    struct answer same =
        drive_post(driven, "{\"recipe\":\"init/tiny-gpt2\",\"seed\":42,"
                           "\"format\":\"raw\","
                           "\"tensors\":[\"transformer.wte.weight\"]}");

    ck_assert_uint_eq(one.read, same.read);
    ck_assert_mem_eq(one.body, same.body, one.read);
    answer_expect(&one, "Sow-Recipe", answer_header(&same, "Sow-Recipe"));
    answer_release(&same);
    answer_release(&one);
}
END_TEST

/* Rows 3 to 6 of a matrix of rows of 'n' bytes. */
START_TEST(slice_is_that_of_the_tensor)
{
    struct answer whole = drive_get(driven, WTE);
    struct answer part = drive_get(driven, WTE "&slice=3:6,:");
    const char *shape = answer_header(&whole, "Sow-Shape");
    const size_t row = strtoul(strchr(shape, ',') + 1, NULL, 10) * 4;

    ck_assert_uint_eq(part.read, 3 * row);
    ck_assert_mem_eq(part.body, whole.body + 3 * row, 3 * row);
    ck_assert_ptr_nonnull(strstr(answer_header(&part, "Sow-Slice"), "3:6,0:"));
    ck_assert_ptr_null(answer_header(&whole, "Sow-Slice"));
    answer_release(&part);
    answer_release(&whole);
}
END_TEST

START_TEST(seed_and_dtype_are_the_request_s)
{
    struct answer usual =
        drive_get(driven, TINY "&name=transformer.wte.weight");
    struct answer seeded = drive_get(driven, WTE);
    struct answer narrow = drive_get(driven, WTE "&dtype=bf16");

    ck_assert_uint_eq(usual.read, seeded.read);
    ck_assert_mem_ne(usual.body, seeded.body, usual.read);
    ck_assert_uint_eq(narrow.read, seeded.read / 2);
    answer_expect(&narrow, "Sow-Dtype", "bfloat16");
    answer_release(&narrow);
    answer_release(&seeded);
    answer_release(&usual);
}
END_TEST

/* What a name stands for may change, what a version does not. */
START_TEST(only_a_version_is_for_ever)
{
    struct answer document =
        drive(driven, "GET", "/v1/recipes/init/tiny-gpt2", NULL, NULL);
    struct answer named = drive_get(driven, WTE);
    char target[300];

    ck_assert_uint_eq(document.status, 200);
    snprintf(target, sizeof target,
             "/v1/weights?recipe=init/tiny-gpt2@%.64s&seed=42"
             "&name=transformer.wte.weight",
             answer_header(&document, "ETag") + 1);
    struct answer pinned = drive_get(driven, target);
    answer_expect(&named, "Cache-Control", "no-cache");
    answer_expect(&pinned, "Cache-Control",
                  "public, max-age=31536000, immutable");
    answer_expect(&pinned, "ETag", answer_header(&named, "ETag"));
    answer_release(&pinned);
    answer_release(&named);
    answer_release(&document);
}
END_TEST

static const struct {
    const char *target;
    unsigned status;
    const char *code, *at;
} bad[] = {
    {"/v1/weights?recipe=", 404, "UNKNOWN_RECIPE", "recipe"},
    {"/v1/weights?recipe=gpt2", 404, "UNKNOWN_RECIPE", "recipe"},
    {"/v1/weights?recipe=init/none", 404, "UNKNOWN_RECIPE", "recipe"},
    {"/v1/weights?recipe=init/..", 404, "UNKNOWN_RECIPE", "recipe"},
    {"/v1/weights?recipe=../init/tiny-gpt2", 404, "UNKNOWN_RECIPE", "recipe"},
    {"/v1/weights?recipe=init/tiny-gpt2@", 400, "BAD_FIELD", "recipe"},
    {"/v1/weights?recipe=init/tiny-gpt2@main", 400, "BAD_FIELD", "recipe"},
    {TINY "&shape=2,3", 400, "UNKNOWN_FIELD", "shape"},
    {TINY "&scheme=normal", 400, "UNKNOWN_FIELD", "scheme"},
    {TINY "&std=3", 400, "UNKNOWN_FIELD", "std"},
    {TINY "&tensors=wte.weight", 400, "UNKNOWN_FIELD", "tensors"},
    {TINY "&seed=x", 400, "BAD_FIELD", "seed"},
    {TINY "&name=none", 422, "UNKNOWN_TENSOR", "name"},
    {TINY "&slice=0:1", 400, "MISSING_FIELD", "name"},
    {WTE "&slice=0:1,:,:", 422, "BAD_SLICE", "slice"},
};

START_TEST(bad_request_is_refused)
{
    struct answer answer = drive(driven, "GET", bad[_i].target, NULL, NULL);

    ck_assert_msg(answer.status == bad[_i].status, "%s gives %u: %s",
                  bad[_i].target, answer.status, answer.body);
    ck_assert_str_eq(answer_code(&answer), bad[_i].code);
    ck_assert_str_eq(answer_string(&answer, "at"), bad[_i].at);
    answer_release(&answer);
}
END_TEST

static const struct {
    const char *body, *code, *at;
} bad_bodies[] = {
    {"{\"recipe\":3}", "BAD_FIELD", "/recipe"},
    {"{\"recipe\":\"init/none\"}", "UNKNOWN_RECIPE", "/recipe"},
    {"{\"recipe\":\"init/tiny-gpt2\",\"layers\":[{}]}", "UNKNOWN_FIELD",
     "/layers"},
    {"{\"recipe\":\"init/tiny-gpt2\",\"config\":{}}", "UNKNOWN_FIELD",
     "/config"},
    {"{\"recipe\":\"init/tiny-gpt2\",\"name\":\"a\"}", "UNKNOWN_FIELD",
     "/name"},
    {"{\"recipe\":\"init/tiny-gpt2\",\"tensors\":[]}", "BAD_FIELD", "/tensors"},
    {"{\"recipe\":\"init/tiny-gpt2\",\"tensors\":[\"a\"]}", "UNKNOWN_TENSOR",
     "/tensors/0"},
};

START_TEST(bad_body_is_refused)
{
    struct answer answer =
        drive(driven, "POST", "/v1/weights", NULL, bad_bodies[_i].body);

    ck_assert_uint_ge(answer.status, 400);
    ck_assert_str_eq(answer_code(&answer), bad_bodies[_i].code);
    ck_assert_str_eq(answer_string(&answer, "at"), bad_bodies[_i].at);
    answer_release(&answer);
}
END_TEST

Suite *named_suite(void)
{
    Suite *suite = suite_create("named");
    TCase *cases = tcase_create("named");

    tcase_add_checked_fixture(cases, drive_setup, drive_teardown);
    tcase_add_test(cases, name_chooses_one_tensor);
    tcase_add_test(cases, slice_is_that_of_the_tensor);
    tcase_add_test(cases, seed_and_dtype_are_the_request_s);
    tcase_add_test(cases, only_a_version_is_for_ever);
    tcase_add_loop_test(cases, bad_request_is_refused, 0,
                        sizeof bad / sizeof bad[0]);
    tcase_add_loop_test(cases, bad_body_is_refused, 0,
                        sizeof bad_bodies / sizeof bad_bodies[0]);
    suite_add_tcase(suite, cases);
    return suite;
}
