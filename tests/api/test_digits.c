/* SPDX-License-Identifier: MIT */
/* Tests of digits in text from clients. */
#include "digits.h"
#include "../count.h"

#include <check.h>

Suite *digits_suite(void);

START_TEST(a_digit_has_its_value_and_nothing_else_has_one)
{
    static const char digits[] = "0123456789abcdef0123456789ABCDEF";
    int found = 0;

    for (int i = 0; i < 32; i++)
        ck_assert_int_eq(digit_value(digits[i]), i % 16);
    for (int c = -128; c < 128; c++)
        found += digit_value((char)c) >= 0;
    ck_assert_int_eq(found, 22);
}
END_TEST

static const struct {
    const char *text;
    int byte;
} escapes[] = {
    {"41", 0x41}, {"fF", 0xff}, {"01", 1},  {"10x", 0x10}, {"00", -1},
    {"4", -1},    {"", -1},     {"g1", -1}, {"1g", -1},    {" 1", -1},
};

START_TEST(an_escape_is_two_digits_and_no_nul)
{
    ck_assert_msg(digits_escape(escapes[_i].text) == escapes[_i].byte,
                  "'%s' is %d", escapes[_i].text,
                  digits_escape(escapes[_i].text));
}
END_TEST

static const struct {
    const char *text;
    size_t n;
    uint64_t value;
} numbers[] = {
    {"", 0, 0},
    {"x1", 0, 0},
    {"-1", 0, 0},
    {"0", 1, 0},
    {"0012a", 4, 12},
    {"18446744073709551615", 20, UINT64_MAX},
    {"18446744073709551616", 20, UINT64_MAX},
    {"18446744073709551620", 20, UINT64_MAX},
    {"99999999999999999999999", 23, UINT64_MAX},
};

START_TEST(a_number_stops_at_the_greatest)
{
    uint64_t value = 7;

    ck_assert_uint_eq(digits_read(numbers[_i].text, &value), numbers[_i].n);
    ck_assert_uint_eq(value, numbers[_i].value);
}
END_TEST

Suite *digits_suite(void)
{
    Suite *suite = suite_create("digits");
    TCase *tcase = tcase_create("digits");

    tcase_add_test(tcase, a_digit_has_its_value_and_nothing_else_has_one);
    tcase_add_loop_test(tcase, an_escape_is_two_digits_and_no_nul, 0,
                        COUNT(escapes));
    tcase_add_loop_test(tcase, a_number_stops_at_the_greatest, 0,
                        COUNT(numbers));
    suite_add_tcase(suite, tcase);
    return suite;
}
