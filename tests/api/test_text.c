/* SPDX-License-Identifier: MIT */
/* Tests of text in a buffer. */
#include "formats/text.h"
#include "../count.h"

#include <check.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>

Suite *text_suite(void);

static const char *const strings[] = {
    "",       "plain",    "\xc3\xa9\xe2\x82\xac", "\"",   "\\",
    "a\"b\\", "\x01\x1f", "\b\f\n\r\t",           "\x7f", "/",
};

/* The JSON library, which reads it again, and writes it, agrees. */
START_TEST(a_string_is_written_as_json_has_it)
{
    char bytes[128];
    struct text text = {.bytes = bytes, .room = sizeof bytes};

    text_put_string(&text, strings[_i]);
    ck_assert(!text.failed);
    json_t *json = json_string(strings[_i]);
    char *dumped = json_dumps(json, JSON_ENCODE_ANY);
    ck_assert_uint_eq(text.size, strlen(dumped));
    ck_assert_mem_eq(bytes, dumped, text.size);
    free(dumped);
    json_decref(json);
}
END_TEST

/* Written with each amount of room: all of it, or a failure. */
static void put_all(struct text *text)
{
    static const uint64_t numbers[] = {0, 10, UINT64_MAX};

    text_put_integers(text, numbers, 3);
    text_put(text, " ");
    text_put_number(text, -0.5);
    text_put_number(text, NAN);
    text_put_string(text, "a");
    text_put_string(text, "\"");
}

static const char whole[] = "0,10,18446744073709551615 -0.5null\"a\"\"\\\"\"";

#define WHOLE (sizeof whole - 1)

START_TEST(what_does_not_fit_fails_and_leaves_the_rest_alone)
{
    for (size_t room = 0; room <= WHOLE + 1; room++) {
        char *bytes = malloc(room + 1);
        struct text text = {.bytes = bytes, .room = room};
        bytes[room] = '!';
        put_all(&text);
        ck_assert_msg(text.failed == (room < WHOLE), "room for %zu", room);
        ck_assert_uint_le(text.size, room);
        ck_assert_mem_eq(bytes, whole, text.size);
        ck_assert_int_eq(bytes[room], '!');
        free(bytes);
    }
}
END_TEST

START_TEST(a_text_that_grows_holds_all)
{
    for (size_t room = 0; room <= WHOLE; room++) {
        char bytes[WHOLE];
        struct text text = {.bytes = bytes, .room = room, .grows = true};
        for (int i = 0; i < 100; i++)
            put_all(&text);
        ck_assert(!text.failed);
        ck_assert_uint_eq(text.size, 100 * WHOLE);
        for (size_t i = 0; i < 100; i++)
            ck_assert_mem_eq(text.bytes + i * WHOLE, whole, WHOLE);
        text_release(&text);
    }
}
END_TEST

START_TEST(a_text_grows_to_its_most_and_tells)
{
    for (size_t most = 1; most <= 3 * WHOLE; most++) {
        char bytes[8];
        struct text text = {
            .bytes = bytes, .room = 4, .grows = true, .most = most};
        for (int i = 0; i < 3; i++)
            put_all(&text);
        bool over = most < 3 * WHOLE;
        ck_assert_msg(text.over == over && text.failed == over, "%zu", most);
        ck_assert(text.size <= (most < 4 ? 4 : most));
        ck_assert_mem_eq(text.bytes, whole,
                         text.size < WHOLE ? text.size : WHOLE);
        text_release(&text);
    }
}
END_TEST

START_TEST(a_digest_is_written_in_hex)
{
    uint8_t digest[SOW_DIGEST_BYTES] = {0x01, 0xab};
    char bytes[64];
    struct text text = {.bytes = bytes, .room = sizeof bytes};

    text_put_digest(&text, digest);
    ck_assert(!text.failed);
    ck_assert_uint_eq(text.size, 64);
    ck_assert_mem_eq(bytes, "01ab00", 6);
}
END_TEST

START_TEST(a_parameter_is_a_number_or_a_name)
{
    struct sow_scheme scheme;
    char bytes[64];
    struct text text = {.bytes = bytes, .room = sizeof bytes};

    sow_scheme_init(&scheme, sow_scheme_find("he_normal"));
    text_put_parameter(&text, &scheme,
                       (uint32_t)sow_scheme_parameter(scheme.info, "a"));
    text_put_parameter(&text, &scheme,
                       (uint32_t)sow_scheme_parameter(scheme.info, "mode"));
    ck_assert_uint_eq(text.size, 9);
    ck_assert_mem_eq(bytes, "0\"fan_in\"", 9);
}
END_TEST

/* The text and what the JSON library makes of it. */
START_TEST(members_and_entries_are_separated)
{
    static const char *const words[] = {"a", "b\"", NULL};
    struct text text = {.grows = true};

    text_put_entry(&text);
    text_put(&text, "{");
    text_put_member(&text, "none", NULL);
    text_put_strings(&text, "words", words);
    text_put_strings(&text, "empty", NULL);
    text_put_key(&text, "number");
    text_put_integer(&text, 7);
    text_put(&text, "}");
    ck_assert(!text.failed);
    json_t *json = json_loadb(text.bytes, text.size, 0, NULL);
    json_t *wanted = json_pack("{s:n, s:[s,s], s:[], s:i}", "none", "words",
                               "a", "b\"", "empty", "number", 7);
    ck_assert_msg(json_equal(json, wanted), "%.*s", (int)text.size, text.bytes);
    json_decref(json);
    json_decref(wanted);
    text_release(&text);
}
END_TEST

static const char *const two[] = {"first", "second", NULL};

static const struct {
    enum sow_parameter_kind kind;
    double value;
    const char *text;
} written[] = {
    {SOW_NUMBER, 0.5, "0.5"},
    {SOW_COUNT, 1000, "1000"},
    {SOW_INDEX, 0, "0"},
    {SOW_CHOICE, 1, "\"second\""},
    {SOW_FLAG, 1, "true"},
    {SOW_FLAG, 0, "false"},
    {SOW_COUNT, 0x1p53, "9007199254740992"},
};

START_TEST(a_value_is_written_as_a_request_has_it)
{
    const struct sow_parameter parameter = {.kind = written[_i].kind,
                                            .choices = two};
    char bytes[32];
    struct text text = {.bytes = bytes, .room = sizeof bytes};

    text_put_value(&text, &parameter, written[_i].value);
    text_add(&text, "", 1);
    ck_assert(!text.failed);
    ck_assert_str_eq(bytes, written[_i].text);
}
END_TEST

Suite *text_suite(void)
{
    Suite *suite = suite_create("text");
    TCase *tcase = tcase_create("text");

    tcase_add_loop_test(tcase, a_string_is_written_as_json_has_it, 0,
                        COUNT(strings));
    tcase_add_test(tcase, what_does_not_fit_fails_and_leaves_the_rest_alone);
    tcase_add_test(tcase, a_text_that_grows_holds_all);
    tcase_add_test(tcase, a_text_grows_to_its_most_and_tells);
    tcase_add_test(tcase, a_digest_is_written_in_hex);
    tcase_add_test(tcase, a_parameter_is_a_number_or_a_name);
    tcase_add_test(tcase, members_and_entries_are_separated);
    tcase_add_loop_test(tcase, a_value_is_written_as_a_request_has_it, 0,
                        COUNT(written));
    suite_add_tcase(suite, tcase);
    return suite;
}
