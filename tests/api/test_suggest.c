/* SPDX-License-Identifier: MIT */
/* Tests of "did you mean". */
#include "suggest.h"
#include "../count.h"

#include <check.h>
#include <stdint.h>
#include <string.h>

Suite *suggest_suite(void);

static const struct {
    const char *a, *b;
    size_t distance;
} distances[] = {
    {"", "", 0},          {"seed", "", 4},
    {"seed", "seed", 0},  {"seed", "sed", 1},
    {"seed", "seeed", 1}, {"seed", "sead", 1},
    {"seed", "sede", 1},  {"kitten", "sitting", 3},
    {"SEED", "seed", 0},  {"he-normal", "he_normal", 0},
    {"ab", "ba", 1},      {"abc", "cab", 2},
};

START_TEST(distance_counts_slips_both_ways)
{
    const char *a = distances[_i].a, *b = distances[_i].b;
    ck_assert_msg(suggest_distance(a, b) == distances[_i].distance,
                  "from '%s' to '%s'", a, b);
    ck_assert_msg(suggest_distance(b, a) == distances[_i].distance,
                  "from '%s' to '%s'", b, a);
}
END_TEST

START_TEST(distance_from_very_long_text_is_not_computed)
{
    char text[4096];
    memset(text, 'a', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    ck_assert_uint_eq(suggest_distance(text, "a"), SIZE_MAX);
    ck_assert_uint_eq(suggest_distance("a", text), SIZE_MAX);
    text[64] = '\0';
    ck_assert_uint_eq(suggest_distance(text, "a"), 63);
    struct suggest suggest;
    suggest_init(&suggest, text);
    suggest_offer(&suggest, "seed");
    ck_assert_ptr_null(suggest.nearest);
}
END_TEST

static const struct {
    const char *written, *hint;
} hints[] = {
    {"sede", " Did you mean 'seed'?"},
    {"Seed", " Did you mean 'seed'?"},
    {"sheme", " Did you mean 'scheme'?"},
    {"schema", " Did you mean 'scheme'?"},
    {"shapes", " Did you mean 'shape'?"},
    {"std", ""},
    {"dimension", ""},
    {"", ""},
    {"x", ""},
};

START_TEST(hint_names_the_nearest_if_it_is_near)
{
    struct suggest suggest;
    suggest_init(&suggest, hints[_i].written);
    suggest_offer(&suggest, "shape");
    suggest_offer(&suggest, "scheme");
    suggest_offer(&suggest, "seed");
    suggest_offer(&suggest, "a");
    ck_assert_msg(strcmp(suggest_hint(&suggest).text, hints[_i].hint) == 0,
                  "'%s' gives \"%s\"", hints[_i].written,
                  suggest_hint(&suggest).text);
    ck_assert_str_eq(suggest.names, "shape, scheme, seed, a");
}
END_TEST

START_TEST(too_many_names_are_cut)
{
    struct suggest suggest;
    suggest_init(&suggest, "seed");
    for (int i = 0; i < 1000; i++)
        suggest_offer(&suggest, "a_name_of_some_length");
    ck_assert_uint_lt(strlen(suggest.names), sizeof(suggest.names));
}
END_TEST

Suite *suggest_suite(void)
{
    Suite *suite = suite_create("suggest");
    TCase *tests = tcase_create("suggest");
    tcase_add_loop_test(tests, distance_counts_slips_both_ways, 0,
                        COUNT(distances));
    tcase_add_test(tests, distance_from_very_long_text_is_not_computed);
    tcase_add_loop_test(tests, hint_names_the_nearest_if_it_is_near, 0,
                        COUNT(hints));
    tcase_add_test(tests, too_many_names_are_cut);
    suite_add_tcase(suite, tests);
    return suite;
}
