/* SPDX-License-Identifier: MIT */
/* Tests of the reader of plain JSON, against the JSON library. */
#include "plain.h"
#include "../count.h"

#include <check.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

Suite *plain_suite(void);

/* Read from a block of just its size, so that going past it shows. */
static json_t *load(const char *text, size_t size)
{
    char *copy = malloc(size > 0 ? size : 1);
    ck_assert_ptr_nonnull(copy);
    memcpy(copy, text, size);
    errno = 0;
    json_t *json = plain_load(copy, size);
    ck_assert_int_ne(errno, ENOMEM);
    free(copy);
    return json;
}

static void check_equal(json_t *json, const char *text, size_t size)
{
    json_error_t error;
    json_t *wanted = json_loadb(text, size, JSON_REJECT_DUPLICATES, &error);
    ck_assert_msg(wanted, "%.*s is loaded, but: %s", (int)size, text,
                  error.text);
    ck_assert_msg(json_equal(json, wanted), "%.*s is loaded as another value",
                  (int)size, text);
    json_decref(wanted);
}

static const char *const plain[] = {
    "{}",
    " \t\r\n{ } \n",
    "{\"a\":[]}",
    "{\"a\" : [ 1 , -2,0 ,-0,999999999999999999,\"\" ] }",
    "{\"a\":[true,false,null,{},[]],\"b\":{\"a\":{}}}",
    "{\"a\":[0.5,-0.0,1e3,1E+3,1e-3,2.50e10,1e-400,0.1,123456789012345678.5]}",
    "{\"a\":\"h\xc3\xa9\xf0\x9d\x84\x9e\x7f\",\"\":1}",
    "{\"a\":[[1,2],[1,2],[1,2]],\"b\":[1,2],\"c\":\"x\",\"d\":\"x\"}",
    "{\"a\":[1,true,\"1\",1.0,\"true\",[1],\"[1]\"]}",
};

START_TEST(plain_json_is_what_the_library_reads)
{
    const char *text = plain[_i];
    json_t *json = load(text, strlen(text));
    ck_assert_msg(json, "%s is not loaded", text);
    check_equal(json, text, strlen(text));
    json_decref(json);
}
END_TEST

static const char *const others[] = {
    "",
    "[]",
    "1",
    "{",
    "{\"a\":1",
    "{\"a\":1,}",
    "{\"a\":[1,]}",
    "{\"a\":1}x",
    "{\"a\":1}{}",
    "{\"a\":1,\"a\":1}",
    "{\"a\" 1}",
    "{a:1}",
    "{\"a\":01}",
    "{\"a\":-}",
    "{\"a\":+1}",
    "{\"a\":1.}",
    "{\"a\":.5}",
    "{\"a\":1e}",
    "{\"a\":1e999}",
    "{\"a\":1000000000000000000}",
    "{\"a\":tru}",
    "{\"a\":truex}",
    "{\"a\":\"\\n\"}",
    "{\"a\":\"\n\"}",
    "{\"a\":\"\xc3\"}",
    "{\"\xc3\xa9\":1}",
    "{\"a\":nul",
};

START_TEST(other_text_is_left_to_the_library)
{
    const char *text = others[_i];
    ck_assert_msg(!load(text, strlen(text)), "%s is loaded", text);
}
END_TEST

/* Bytes that are no text end a document, too. */
START_TEST(a_null_byte_is_not_plain)
{
    ck_assert_ptr_null(load("{\"a\":1}\0", 8));
    ck_assert_ptr_null(load("{\"a\":1\0}", 8));
    ck_assert_ptr_null(load("{\"a\":\"\0\"}", 9));
}
END_TEST

START_TEST(deep_nesting_is_left_to_the_library)
{
    char text[2 * 64 + 8] = "{\"a\":";
    size_t levels = (size_t)_i;
    memset(text + 5, '[', levels);
    memset(text + 5 + levels, ']', levels);
    text[5 + 2 * levels] = '}';
    json_t *json = load(text, 6 + 2 * levels);
    ck_assert_int_eq(json != NULL, levels <= 32);
    json_decref(json);
}
END_TEST

/* The next of a sequence of numbers that look like chance. */
static unsigned draw(uint64_t *state, unsigned below)
{
    *state = *state * UINT64_C(6364136223846793005) + 1442695040888963407;
    return (unsigned)(*state >> 33) % below;
}

/* Whatever is done to a document, what is loaded is JSON, and the same. */
START_TEST(broken_json_is_never_read)
{
    static const char marks[] = "{}[],:\"\\ 0-.eEtfn1\n\x01\x80\xc3";
    const char *text = plain[_i];
    uint64_t state = (uint64_t)_i;

    for (int round = 0; round < 3000; round++) {
        char broken[128];
        size_t size = strlen(text);
        memcpy(broken, text, size);
        for (unsigned n = draw(&state, 3) + 1; n > 0; n--)
            broken[draw(&state, (unsigned)size)] =
                marks[draw(&state, sizeof marks)];
        json_t *json = load(broken, size);
        if (json)
            check_equal(json, broken, size);
        json_decref(json);
    }
}
END_TEST

Suite *plain_suite(void)
{
    Suite *suite = suite_create("plain");
    TCase *cases = tcase_create("plain");

    tcase_add_loop_test(cases, plain_json_is_what_the_library_reads, 0,
                        COUNT(plain));
    tcase_add_loop_test(cases, other_text_is_left_to_the_library, 0,
                        COUNT(others));
    tcase_add_test(cases, a_null_byte_is_not_plain);
    tcase_add_loop_test(cases, deep_nesting_is_left_to_the_library, 30, 36);
    tcase_add_loop_test(cases, broken_json_is_never_read, 0, COUNT(plain));
    suite_add_tcase(suite, cases);
    return suite;
}
