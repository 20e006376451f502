/* SPDX-License-Identifier: MIT */
/* Tests of base64 and base64url, with the answers of RFC 4648. */
#include "base64.h"
#include "../count.h"

#include <check.h>
#include <string.h>

Suite *base64_suite(void);

/* Section 10, and three bytes that have both letters that differ. */
static const struct {
    const char *bytes, *text, *url;
} known[] = {
    {"", "", ""},
    {"f", "Zg==", "Zg"},
    {"fo", "Zm8=", "Zm8"},
    {"foo", "Zm9v", "Zm9v"},
    {"foob", "Zm9vYg==", "Zm9vYg"},
    {"fooba", "Zm9vYmE=", "Zm9vYmE"},
    {"foobar", "Zm9vYmFy", "Zm9vYmFy"},
    {"\xfb\xff\xbf", "+/+/", "-_-_"},
};

START_TEST(bytes_are_written)
{
    const uint8_t *bytes = (const uint8_t *)known[_i].bytes;
    const size_t n = strlen(known[_i].bytes);
    char text[16];

    base64_text(bytes, n, text);
    ck_assert_str_eq(text, known[_i].text);
    ck_assert_uint_eq(strlen(text), base64_characters(n));
    base64_url(bytes, n, text);
    ck_assert_str_eq(text, known[_i].url);
}
END_TEST

START_TEST(what_was_written_is_read)
{
    const char *text = known[_i].text;
    const size_t n = strlen(known[_i].bytes);

    for (size_t i = 0; i < n; i++)
        ck_assert_int_eq(base64_byte(text, i), (uint8_t)known[_i].bytes[i]);
    ck_assert(base64_is_padded(text, n));
}
END_TEST

Suite *base64_suite(void)
{
    Suite *suite = suite_create("base64");
    TCase *tcase = tcase_create("base64");

    tcase_add_loop_test(tcase, bytes_are_written, 0, COUNT(known));
    tcase_add_loop_test(tcase, what_was_written_is_read, 0, COUNT(known));
    suite_add_tcase(suite, tcase);
    return suite;
}
