/* SPDX-License-Identifier: MIT */
/* Tests of the problems: the table, the text and the document. */
#include "problems.h"
#include "utf8.h"

#include <check.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

Suite *problems_suite(void);

START_TEST(each_code_has_a_status_a_name_and_a_title)
{
    const enum problem_code code = (enum problem_code)_i;
    const char *name = problem_name(code);
    ck_assert_uint_ge(problem_status(code), 400);
    ck_assert_uint_le(problem_status(code), 507);
    ck_assert_ptr_nonnull(name);
    ck_assert_uint_eq(strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_"),
                      strlen(name));
    ck_assert_ptr_nonnull(problem_title(code));
    ck_assert_uint_gt(strlen(problem_title(code)), 5);
    for (int other = PROBLEM_NONE; other < _i; other++)
        ck_assert_str_ne(name, problem_name((enum problem_code)other));
}
END_TEST

START_TEST(statuses_are_the_ones_promised)
{
    ck_assert_uint_eq(problem_status(PROBLEM_BAD_QUERY), 400);
    ck_assert_uint_eq(problem_status(PROBLEM_MISSING_FIELD), 400);
    ck_assert_uint_eq(problem_status(PROBLEM_NOT_FOUND), 404);
    ck_assert_uint_eq(problem_status(PROBLEM_BODY_TOO_LARGE), 413);
    ck_assert_uint_eq(problem_status(PROBLEM_URI_TOO_LONG), 414);
    ck_assert_uint_eq(problem_status(PROBLEM_RANGE_NOT_SATISFIABLE), 416);
    ck_assert_uint_eq(problem_status(PROBLEM_UNKNOWN_SCHEME), 422);
    ck_assert_uint_eq(problem_status(PROBLEM_NOT_FINITE), 422);
    ck_assert_uint_eq(problem_status(PROBLEM_BUSY), 429);
    ck_assert_uint_eq(problem_status(PROBLEM_INTERNAL), 500);
    ck_assert_uint_eq(problem_status(PROBLEM_NOT_IMPLEMENTED), 501);
}
END_TEST

START_TEST(document_has_every_member)
{
    struct problem problem;
    ck_assert_int_eq(problem_set(&problem, PROBLEM_UNKNOWN_SCHEME,
                                 "/layers/3/scheme", "No scheme '%s'.", "a\"b"),
                     PROBLEM_UNKNOWN_SCHEME);
    char *text = problem_json(&problem, false);
    ck_assert_str_eq(
        text, "{\"type\":\"/problems/unknown-scheme\",\"title\":\"Unknown "
              "scheme\",\"status\":422,\"code\":\"UNKNOWN_SCHEME\","
              "\"detail\":\"No scheme 'a\\\"b'.\",\"at\":"
              "\"/layers/3/scheme\"}");
    free(text);
}
END_TEST

START_TEST(at_is_left_out_when_no_place_is_to_blame)
{
    struct problem problem;
    problem_set(&problem, PROBLEM_BUSY, "", "Try again.");
    char *text = problem_json(&problem, false);
    ck_assert_ptr_nonnull(text);
    ck_assert_ptr_null(strstr(text, "\"at\""));
    free(text);
}
END_TEST

START_TEST(every_problem_is_json)
{
    struct problem problem;
    problem_set(&problem, (enum problem_code)_i, "shape", "Because.");
    char *text = problem_json(&problem, false);
    json_t *json = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    ck_assert_ptr_nonnull(json);
    ck_assert_str_eq(json_string_value(json_object_get(json, "code")),
                     problem_name((enum problem_code)_i));
    json_decref(json);
    free(text);
}
END_TEST

/* Text of two- to four-byte characters, at each offset to the cut. */
START_TEST(long_text_is_cut_between_characters)
{
    static const char *const letters[] = {"\xc3\xa9", "\xe2\x82\xac",
                                          "\xf0\x9f\x98\x80"};
    const char *letter = letters[_i % 3];
    char text[2000] = "";
    memset(text, 'x', (size_t)_i);
    for (size_t i = (size_t)_i; i + 5 < sizeof(text); i += strlen(letter))
        memcpy(text + i, letter, strlen(letter) + 1);

    struct problem problem;
    problem_set(&problem, PROBLEM_BAD_FIELD, text, "%s", text);
    ck_assert(utf8_valid(problem.at, strlen(problem.at)));
    ck_assert(utf8_valid(problem.detail, strlen(problem.detail)));
    ck_assert_uint_ge(strlen(problem.at), sizeof(problem.at) - 4);
    ck_assert_uint_ge(strlen(problem.detail), sizeof(problem.detail) - 4);
    ck_assert_ptr_null(strchr(problem.detail, '?'));
    char *json = problem_json(&problem, false);
    ck_assert_ptr_nonnull(json);
    free(json);
}
END_TEST

START_TEST(bytes_that_are_not_utf8_still_make_json)
{
    struct problem problem;
    problem_set(&problem, PROBLEM_BAD_QUERY, "na\xffme", "'%s' is bad.",
                "\xc0\x80");
    ck_assert_str_eq(problem.at, "na?me");
    ck_assert_str_eq(problem.detail, "'?\?' is bad.");
    char *json = problem_json(&problem, false);
    ck_assert_ptr_nonnull(json);
    free(json);
}
END_TEST

Suite *problems_suite(void)
{
    Suite *suite = suite_create("problems");
    TCase *tests = tcase_create("problems");
    tcase_add_loop_test(tests, each_code_has_a_status_a_name_and_a_title, 1,
                        PROBLEM_CODES);
    tcase_add_test(tests, statuses_are_the_ones_promised);
    tcase_add_test(tests, document_has_every_member);
    tcase_add_test(tests, at_is_left_out_when_no_place_is_to_blame);
    tcase_add_loop_test(tests, every_problem_is_json, 1, PROBLEM_CODES);
    tcase_add_loop_test(tests, long_text_is_cut_between_characters, 0, 12);
    tcase_add_test(tests, bytes_that_are_not_utf8_still_make_json);
    suite_add_tcase(suite, tests);
    return suite;
}
