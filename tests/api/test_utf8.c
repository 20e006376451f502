/* SPDX-License-Identifier: MIT */
/* Tests of text from clients. */
#include "utf8.h"
#include "../count.h"

#include <check.h>
#include <string.h>

Suite *utf8_suite(void);

struct sample {
    const char *text;
    const char *mended;
};

static const struct sample valid[] = {
    {"", NULL},
    {"plain", NULL},
    {"\x7f", NULL},
    {"\xc2\x80", NULL},
    {"\xdf\xbf", NULL},
    {"\xe0\xa0\x80", NULL},
    {"\xed\x9f\xbf", NULL},
    {"\xef\xbf\xbf", NULL},
    {"\xf0\x90\x80\x80", NULL},
    {"\xf4\x8f\xbf\xbf", NULL},
};

START_TEST(well_formed_text_is_valid_and_kept)
{
    char copy[16];
    memcpy(copy, valid[_i].text, strlen(valid[_i].text) + 1);
    ck_assert(utf8_valid(valid[_i].text, strlen(valid[_i].text)));
    utf8_mend(copy);
    ck_assert_str_eq(copy, valid[_i].text);
}
END_TEST

static const struct sample invalid[] = {
    {"a\x80z", "a?z"},              /* a continuation alone */
    {"\xc0\xafz", "??z"},           /* '/' in two bytes */
    {"\xc1\xbf", "??"},             /* likewise */
    {"\xe0\x9f\xbfz", "???z"},      /* overlong */
    {"\xed\xa0\x80z", "???z"},      /* a surrogate */
    {"\xf0\x8f\xbf\xbfz", "????z"}, /* overlong */
    {"\xf4\x90\x80\x80z", "????z"}, /* past U+10FFFF */
    {"\xf5\x80\x80\x80z", "????z"}, /* likewise */
    {"\xff", "?"},
    {"a\xc3", "a"}, /* cut off */
    {"a\xe2\x82", "a"},
    {"a\xf0\x9f\x98", "a"},
    {"a\xe2(b", "a?(b"},
};

START_TEST(malformed_text_is_invalid_and_mended)
{
    char copy[16];
    memcpy(copy, invalid[_i].text, strlen(invalid[_i].text) + 1);
    ck_assert(!utf8_valid(copy, strlen(copy)));
    utf8_mend(copy);
    ck_assert_str_eq(copy, invalid[_i].mended);
    ck_assert(utf8_valid(copy, strlen(copy)));
}
END_TEST

START_TEST(length_does_not_look_past_the_end)
{
    ck_assert_uint_eq(utf8_length("", 0), 0);
    ck_assert_uint_eq(utf8_length("\xe2\x82\xac", 3), 3);
    ck_assert_uint_eq(utf8_length("\xe2\x82\xac", 2), 0);
    ck_assert_uint_eq(utf8_length("\xe2\x82\xac", 1), 0);
}
END_TEST

START_TEST(controls_are_c0_del_and_c1)
{
    ck_assert(utf8_has_control("a\x1f", 2));
    ck_assert(utf8_has_control("\x7f", 1));
    ck_assert(utf8_has_control("\xc2\x80", 2));
    ck_assert(utf8_has_control("\xc2\x9f", 2));
    ck_assert(!utf8_has_control("\xc2\xa0", 2));
    ck_assert(!utf8_has_control("a \xe2\x82\xac", 5));
    ck_assert(!utf8_has_control("", 0));
}
END_TEST

START_TEST(quote_cuts_between_characters)
{
    char text[201];
    ck_assert_str_eq(utf8_quote("short").text, "short");
    for (size_t shift = 0; shift < 3; shift++) {
        memset(text, 'a', shift);
        for (size_t i = shift; i + 3 < sizeof(text); i += 3)
            memcpy(text + i, "\xe2\x82\xac", 4);
        const struct utf8_quote quote = utf8_quote(text);
        const size_t n = strlen(quote.text);
        ck_assert(utf8_valid(quote.text, n));
        ck_assert_uint_gt(n, 60);
        ck_assert_str_eq(quote.text + n - 3, "\xe2\x80\xa6");
    }
}
END_TEST

Suite *utf8_suite(void)
{
    Suite *suite = suite_create("utf8");
    TCase *tests = tcase_create("utf8");
    tcase_add_loop_test(tests, well_formed_text_is_valid_and_kept, 0,
                        COUNT(valid));
    tcase_add_loop_test(tests, malformed_text_is_invalid_and_mended, 0,
                        COUNT(invalid));
    tcase_add_test(tests, length_does_not_look_past_the_end);
    tcase_add_test(tests, controls_are_c0_del_and_c1);
    tcase_add_test(tests, quote_cuts_between_characters);
    suite_add_tcase(suite, tests);
    return suite;
}
