/* SPDX-License-Identifier: MIT */
/*
 * Lists of tokens and files of keys, with every allocation failing that
 * reading them makes: what was in force before stays so.
 */
#include "memory.h"

#include "small.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINES 100

/* The status of a GET without a token. */
static unsigned ask(struct api *api, const char *path)
{
    static const struct api_header host = {"Host", "test"};
    const struct api_request request = {.method = "GET",
                                        .target_path = path,
                                        .headers = &host,
                                        .header_count = 1};
    struct api_exchange *exchange = api_refuse(api, &request);

    if (!exchange)
        exchange = api_begin(api, &request);
    const unsigned status = exchange ? api_answer(exchange)->status : 0;
    api_end(exchange);
    return status;
}

/* A list that is as long as to be moved while it is read. */
static size_t write_list(char *text, size_t room)
{
    size_t used = 0;

    for (unsigned i = 0; i < LINES; i++)
        used += (size_t)snprintf(text + used, room - used, "t%u:read:%064x\n",
                                 i, i);
    return used;
}

START_TEST(a_list_is_taken_or_refused)
{
    static char text[LINES * 80];
    const size_t n = write_list(text, sizeof text);
    struct memory_fault fault = {.first = 1, .onwards = _i};
    long count = 0, leaked;

    for (; fault.first <= count + 1; fault.first++) {
        struct api *api = small_api(NULL, 0);
        char error[API_ERROR] = "";
        memory_begin(fault);
        const bool taken = api_set_tokens(api, text, n, error);
        count = memory_end(&leaked);
        const long kept = taken ? 2 : 0;
        ck_assert_msg(leaked == kept, "allocation %ld fails: %ld leaked",
                      fault.first, leaked - kept);
        ck_assert_uint_eq(ask(api, "/v1/schemes"), taken ? 401 : 200);
        ck_assert_msg(taken || strstr(error, "memory"), "'%s'", error);
        api_free(api);
    }
    ck_assert_int_gt(fault.first, 4);
}
END_TEST

START_TEST(a_refusal_needs_no_luck)
{
    static const char list[] = "a:read:00000000000000000000000000000000"
                               "00000000000000000000000000000000";
    struct memory_fault fault = {.first = 1, .onwards = _i};
    struct api *api = small_api(NULL, 0);
    char error[API_ERROR];
    long count = 0, leaked;

    ck_assert(api_set_tokens(api, list, sizeof list - 1, error));
    for (; fault.first <= count + 1; fault.first++) {
        memory_begin(fault);
        const unsigned status = ask(api, "/v1/schemes");
        count = memory_end(&leaked);
        ck_assert_int_eq(leaked, 0);
        ck_assert_msg(status == 401 || status == 500 || status == 0,
                      "allocation %ld fails: %u", fault.first, status);
    }
    ck_assert_int_gt(fault.first, 2);
    api_free(api);
}
END_TEST

START_TEST(a_signed_answer_is_whole_or_a_500_or_none)
{
    static const char key[] =
        "-----BEGIN PRIVATE KEY-----\n"
        "MC4CAQAwBQYDK2VwBCIEIJ+DYvh6SEqVTm50DFtMDoQikTmiCqirVv9mWG9qfSnF\n"
        "-----END PRIVATE KEY-----\n";
    struct memory_fault fault = {.first = 1, .onwards = _i};
    struct api *api = small_api(NULL, 0);
    char error[API_ERROR];
    long count = 0, leaked;

    ck_assert(api_set_signing_keys(api, key, sizeof key - 1, error));
    for (; fault.first <= count + 1; fault.first++) {
        memory_begin(fault);
        const unsigned status = ask(api, "/.well-known/jwks.json");
        count = memory_end(&leaked);
        ck_assert_int_eq(leaked, 0);
        ck_assert_msg(status == 200 || status == 500 || status == 0,
                      "allocation %ld fails: %u", fault.first, status);
    }
    ck_assert_int_gt(fault.first, 2);
    api_free(api);
}
END_TEST

Suite *fault_tokens_suite(void);
Suite *fault_tokens_suite(void)
{
    Suite *suite = suite_create("fault/tokens");
    TCase *tcase = tcase_create("fault");

    memory_prepare();
    tcase_add_loop_test(tcase, a_list_is_taken_or_refused, 0, 2);
    tcase_add_loop_test(tcase, a_refusal_needs_no_luck, 0, 2);
    tcase_add_loop_test(tcase, a_signed_answer_is_whole_or_a_500_or_none, 0, 2);
    suite_add_tcase(suite, tcase);
    return suite;
}
