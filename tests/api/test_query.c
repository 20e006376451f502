/* SPDX-License-Identifier: MIT */
/* Tests of reading a query. */
#include "query.h"
#include "../count.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

Suite *query_suite(void);

static const struct {
    const char *query, *name, *value;
    size_t count;
} good[] = {
    {"a=1", "a", "1", 1},
    {"a=1&b=2", "b", "2", 2},
    {"a", "a", "", 1},
    {"a=", "a", "", 1},
    {"a=b=c", "a", "b=c", 1},
    {"a==", "a", "=", 1},
    {"a=+x+", "a", " x ", 1},
    {"a=%2B%26%3d", "a", "+&=", 1},
    {"%61=1", "a", "1", 1},
    {"a%3db=1", "a=b", "1", 1},
    {"a=%E2%82%ac", "a", "\xe2\x82\xac", 1},
    {"a=\xe2\x82\xac", "a", "\xe2\x82\xac", 1},
    {"a=%25%32%35", "a", "%25", 1},
    {"a=1&b=&c&d=4", "d", "4", 4},
    {"a=%01", "a", "\x01", 1},
    {"a=/?#", "a", "/?#", 1},
};

START_TEST(pairs_are_split_then_decoded)
{
    struct query query;
    struct problem problem;
    ck_assert_msg(query_init(&query, good[_i].query, &problem) == PROBLEM_NONE,
                  "'%s' is refused", good[_i].query);
    ck_assert_uint_eq(query.count, good[_i].count);
    ck_assert_ptr_nonnull(query_find(&query, good[_i].name));
    ck_assert_str_eq(query_find(&query, good[_i].name), good[_i].value);
    ck_assert_ptr_null(query_find(&query, "absent"));
}
END_TEST

static const struct {
    const char *query, *at;
} bad[] = {
    {"a=%", "a"},      {"a=%4", "a"},        {"a=%4&b=1", "a"},
    {"a=%zz", "a"},    {"a=%4g", "a"},       {"a=% 1", "a"},
    {"a=%00", "a"},    {"a=x%00y", "a"},     {"%00=1", ""},
    {"a%=1", ""},      {"a=%ff", "a"},       {"a=\xff", "a"},
    {"a=%c0%af", "a"}, {"a=%ed%a0%80", "a"}, {"b=1&a=%e2%82", "a"},
    {"a%ff=1", "a?"},  {"=1", ""},           {"=", ""},
    {"&", ""},         {"a=1&", ""},         {"&a=1", ""},
    {"a=1&&b=2", ""},  {"a=1&a=1", "a"},     {"a=1&b=2&%61=3", "a"},
    {"a&a", "a"},
};

START_TEST(malformed_query_is_refused_with_the_name)
{
    struct query query;
    struct problem problem;
    const enum problem_code code = query_init(&query, bad[_i].query, &problem);
    ck_assert_msg(code == PROBLEM_BAD_QUERY, "'%s' gives %s", bad[_i].query,
                  problem_name(code));
    ck_assert_int_eq(problem.code, PROBLEM_BAD_QUERY);
    ck_assert_msg(strcmp(problem.at, bad[_i].at) == 0, "'%s' is at '%s'",
                  bad[_i].query, problem.at);
}
END_TEST

START_TEST(no_query_has_no_pairs)
{
    struct query query;
    struct problem problem;
    ck_assert_int_eq(query_init(&query, NULL, &problem), PROBLEM_NONE);
    ck_assert_uint_eq(query.count, 0);
    ck_assert_int_eq(query_init(&query, "", &problem), PROBLEM_NONE);
    ck_assert_uint_eq(query.count, 0);
}
END_TEST

START_TEST(pairs_are_bounded)
{
    char text[40 * 6] = "";
    struct query query;
    struct problem problem;
    size_t used = 0;
    for (int i = 0; i < QUERY_MAX_PAIRS; i++)
        used += (size_t)snprintf(text + used, sizeof(text) - used, "%sp%02d",
                                 i > 0 ? "&" : "", i);
    ck_assert_int_eq(query_init(&query, text, &problem), PROBLEM_NONE);
    ck_assert_uint_eq(query.count, QUERY_MAX_PAIRS);
    ck_assert_ptr_nonnull(query_find(&query, "p31"));
    snprintf(text + used, sizeof(text) - used, "&more=1");
    ck_assert_int_eq(query_init(&query, text, &problem), PROBLEM_BAD_QUERY);
}
END_TEST

START_TEST(bytes_are_bounded)
{
    static char text[QUERY_MAX_BYTES + 2];
    struct query query;
    struct problem problem;
    memset(text, 'a', QUERY_MAX_BYTES);
    ck_assert_int_eq(query_init(&query, text, &problem), PROBLEM_NONE);
    ck_assert_uint_eq(strlen(query.pairs[0].name), QUERY_MAX_BYTES);
    text[QUERY_MAX_BYTES] = 'a';
    ck_assert_int_eq(query_init(&query, text, &problem), PROBLEM_BAD_QUERY);
}
END_TEST

/* As many names without '=' as fit, which need most room for final NULs. */
START_TEST(longest_query_of_bare_names_fits)
{
    static char text[QUERY_MAX_BYTES + 1];
    struct query query;
    struct problem problem;
    memset(text, 'a', QUERY_MAX_BYTES);
    for (int i = 1; i < QUERY_MAX_PAIRS; i++) {
        text[i * 8] = '&';
        text[i * 8 - 1] = (char)('A' + i - 1);
    }
    ck_assert_int_eq(query_init(&query, text, &problem), PROBLEM_NONE);
    ck_assert_uint_eq(query.count, QUERY_MAX_PAIRS);
}
END_TEST

START_TEST(names_not_allowed_are_refused_with_a_hint)
{
    static const char *const names[] = {"format", "digest", NULL};
    static const char *const none[] = {NULL};
    struct query query;
    struct problem problem;
    ck_assert_int_eq(query_init(&query, "format=raw&digset=1", &problem),
                     PROBLEM_NONE);
    ck_assert_int_eq(query_allow(&query, names, &problem),
                     PROBLEM_UNKNOWN_FIELD);
    ck_assert_str_eq(problem.at, "digset");
    ck_assert_ptr_nonnull(strstr(problem.detail, "Did you mean 'digest'?"));
    ck_assert_ptr_nonnull(strstr(problem.detail, "format, digest"));
    ck_assert_int_eq(query_allow(&query, none, &problem),
                     PROBLEM_UNKNOWN_FIELD);
    ck_assert_str_eq(problem.at, "format");
}
END_TEST

START_TEST(names_allowed_pass)
{
    static const char *const names[] = {"format", "digest", NULL};
    static const char *const none[] = {NULL};
    struct query query;
    struct problem problem;
    ck_assert_int_eq(query_init(&query, "digest=off", &problem), PROBLEM_NONE);
    ck_assert_int_eq(query_allow(&query, names, &problem), PROBLEM_NONE);
    ck_assert_int_eq(query_init(&query, NULL, &problem), PROBLEM_NONE);
    ck_assert_int_eq(query_allow(&query, none, &problem), PROBLEM_NONE);
}
END_TEST

Suite *query_suite(void)
{
    Suite *suite = suite_create("query");
    TCase *tests = tcase_create("query");
    tcase_add_loop_test(tests, pairs_are_split_then_decoded, 0, COUNT(good));
    tcase_add_loop_test(tests, malformed_query_is_refused_with_the_name, 0,
                        COUNT(bad));
    tcase_add_test(tests, no_query_has_no_pairs);
    tcase_add_test(tests, pairs_are_bounded);
    tcase_add_test(tests, bytes_are_bounded);
    tcase_add_test(tests, longest_query_of_bare_names_fits);
    tcase_add_test(tests, names_not_allowed_are_refused_with_a_hint);
    tcase_add_test(tests, names_allowed_pass);
    suite_add_tcase(suite, tests);
    return suite;
}
