/* SPDX-License-Identifier: MIT */
/* Tests of what a request's head must not be. */
#include "head.h"

#include "drive.h"
#include "../count.h"

#include <check.h>
#include <string.h>

Suite *head_suite(void);

#define HOST "Host: a\n"

static const struct {
    const char *headers;
    unsigned status;
    const char *at;
} bad[] = {
    {"Accept: */*\n", 400, "Host"},
    {"Host: a\nHost: a\n", 400, "Host"},
    {"Host: a\nhost: b\n", 400, "Host"},
    {"Host: a b\n", 400, "Host"},
    {"Host: a,b\n", 400, "Host"},
    {"Host: http://a\n", 400, "Host"},
    {"Host: u@a\n", 400, "Host"},
    {HOST "Content-Length: 2\nContent-Length: 2\n", 400, "Content-Length"},
    {HOST "Content-Length: 2\ncontent-length: 3\n", 400, "Content-Length"},
    {HOST "Content-Length: +2\n", 400, "Content-Length"},
    {HOST "Content-Length: -2\n", 400, "Content-Length"},
    {HOST "Content-Length: 0x2\n", 400, "Content-Length"},
    {HOST "Content-Length: 2, 2\n", 400, "Content-Length"},
    {HOST "Content-Length: 2 \n", 400, "Content-Length"},
    {HOST "Content-Length: \n", 400, "Content-Length"},
    {HOST "Content-Length: 2\nTransfer-Encoding: chunked\n", 400,
     "Transfer-Encoding"},
    {HOST "Transfer-Encoding: chunked\nContent-Length: 0\n", 400,
     "Transfer-Encoding"},
    {HOST "Transfer-Encoding: gzip, chunked\n", 501, "Transfer-Encoding"},
    {HOST "Transfer-Encoding: chunked, chunked\n", 501, "Transfer-Encoding"},
    {HOST "Transfer-Encoding: identity\n", 501, "Transfer-Encoding"},
    {HOST "Transfer-Encoding: xchunked\n", 501, "Transfer-Encoding"},
    {HOST "Transfer-Encoding: \n", 501, "Transfer-Encoding"},
    {HOST "Transfer-Encoding: chunked\nTransfer-Encoding: chunked\n", 501,
     "Transfer-Encoding"},
    {HOST "Content-Length: 1048577\n", 413, "Content-Length"},
    {HOST "Content-Length: 99999999999999999999999999\n", 413,
     "Content-Length"},
    {HOST "Content-Length : 2\n", 400, ""},
    {HOST "X(y): 2\n", 400, ""},
    {HOST ": 2\n", 400, ""},
    {HOST "X: a\r\n", 400, ""},
    {HOST "Content-Length: 18446744073709551616\n", 413, "Content-Length"},
};

/* Closed is what has no known end. */
START_TEST(a_doubtful_head_is_refused)
{
    static const char *const methods[] = {"GET", "POST", "PUT"};
    struct api *api = drive_api(NULL);

    for (size_t i = 0; i < 3; i++) {
        struct answer answer =
            drive_bare(api, methods[i], "/v1/weights", bad[_i].headers, "{}");
        ck_assert_msg(answer.status == bad[_i].status, "%s '%s' gives %u",
                      methods[i], bad[_i].headers, answer.status);
        ck_assert_msg(answer.refused, "'%s' waits for the body",
                      bad[_i].headers);
        ck_assert_msg(answer.close == (answer.status != 413),
                      "'%s' %s the connection", bad[_i].headers,
                      answer.close ? "closes" : "keeps");
        ck_assert_str_eq(answer_string(&answer, "at"), bad[_i].at);
        answer_release(&answer);
    }
    api_free(api);
}
END_TEST

static const char *const good[] = {
    HOST,
    "host: a:8080\n",
    "Host: [::1]:8080\n",
    "Host: \n",
    HOST "Content-Length: 0\n",
    HOST "Content-Length: 0000000000000000000000000000002\n",
    HOST "Content-Length: 1048576\n",
    HOST "Transfer-Encoding: chunked\n",
    HOST "Transfer-Encoding: Chunked\n",
    HOST "X: \n",
};

START_TEST(a_sound_head_goes_on)
{
    struct api *api = drive_api(NULL);
    struct answer answer = drive_bare(api, "GET", "/healthz", good[_i], NULL);

    ck_assert_msg(answer.status == 200, "'%s' gives %u", good[_i],
                  answer.status);
    ck_assert(!answer.close);
    answer_release(&answer);
    api_free(api);
}
END_TEST

START_TEST(a_declared_body_that_is_too_large_names_limit_and_option)
{
    struct api *api = drive_api(NULL);
    struct answer answer = drive_bare(api, "POST", "/v1/weights",
                                      HOST "Content-Length: 1048577\n", "");
    const char *detail = answer_string(&answer, "detail");

    ck_assert_str_eq(answer_code(&answer), "BODY_TOO_LARGE");
    ck_assert_ptr_nonnull(strstr(detail, "1048576"));
    ck_assert_ptr_nonnull(strstr(detail, "1048577"));
    ck_assert_ptr_nonnull(strstr(detail, "--max-body-bytes"));
    answer_release(&answer);
    api_free(api);
}
END_TEST

START_TEST(http_1_0_needs_no_host_and_knows_no_chunks)
{
    struct api_header chunked = {"Transfer-Encoding", "chunked"};
    struct api_request request = {.http_1_0 = true};
    struct problem problem;

    ck_assert_int_eq(head_check(&request, &problem), PROBLEM_NONE);
    request.headers = &chunked;
    request.header_count = 1;
    ck_assert_int_eq(head_check(&request, &problem), PROBLEM_BAD_REQUEST);
}
END_TEST

START_TEST(a_refusal_keeps_the_connection_when_the_framing_is_sound)
{
    static const char *const methods[] = {"GET", "POST", "BREW"};
    struct api *api = drive_api(NULL);
    struct answer answer = drive_bare(api, methods[_i], "/nowhere",
                                      HOST "Content-Length: 5\n", "{}");

    ck_assert_uint_eq(answer.status, 404);
    ck_assert(answer.refused);
    ck_assert(!answer.close);
    answer_release(&answer);
    api_free(api);
}
END_TEST

/* Where a target is cut into path and query doesn't matter. */
static const struct {
    size_t path, query;
    bool fits;
} targets[] = {
    {HEAD_MAX_TARGET, 0, true},       {HEAD_MAX_TARGET + 1, 0, false},
    {12, HEAD_MAX_TARGET - 13, true}, {12, HEAD_MAX_TARGET - 12, false},
    {HEAD_MAX_TARGET - 1, 1, false},
};

START_TEST(a_target_of_more_than_8_kib_is_414)
{
    static const char *const methods[] = {"GET", "POST"};
    struct api *api = drive_api(NULL);

    for (size_t i = 0; i < 2; i++) {
        char target[HEAD_MAX_TARGET + 3] = "/v1/weights";
        size_t path = targets[_i].path, query = targets[_i].query;
        memset(target + 11, 'a', path - 11 + query + 1);
        if (query > 0)
            target[path] = '?';
        target[path + (query > 0 ? 1 + query : 0)] = '\0';
        struct answer answer = drive_bare(api, methods[i], target, HOST, "{}");
        ck_assert_msg((answer.status != 414) == targets[_i].fits,
                      "%zu + %zu bytes give %u", path, query, answer.status);
        if (!targets[_i].fits) {
            ck_assert(answer.refused);
            ck_assert_str_eq(answer_code(&answer), "URI_TOO_LONG");
            ck_assert_ptr_nonnull(
                strstr(answer_string(&answer, "detail"), "8192"));
            ck_assert_ptr_nonnull(
                strstr(answer_string(&answer, "detail"), "POST"));
        }
        answer_release(&answer);
    }
    api_free(api);
}
END_TEST

static const struct {
    const char *list;
    const char *elements[4];
} lists[] = {
    {"", {NULL}},
    {" , ,\t", {NULL}},
    {"a", {"a", NULL}},
    {" a , b ", {"a", "b", NULL}},
    {"a;x=\"1,2\",b", {"a;x=\"1,2\"", "b", NULL}},
    {"\"a\\\",b\",c", {"\"a\\\",b\"", "c", NULL}},
    {"\"open,b", {"\"open,b", NULL}},
    {"\"open\\", {"\"open\\", NULL}},
};

START_TEST(lists_fall_into_elements)
{
    struct head_list list =
        head_list(lists[_i].list, strlen(lists[_i].list), ',');
    const char *element;
    size_t n;
    size_t count = 0;

    for (; head_list_next(&list, &element, &n); count++) {
        const char *expected = lists[_i].elements[count];
        ck_assert_msg(expected && strlen(expected) == n &&
                          !memcmp(expected, element, n),
                      "'%s' has '%.*s'", lists[_i].list, (int)n, element);
    }
    ck_assert_ptr_null(lists[_i].elements[count]);
}
END_TEST

Suite *head_suite(void)
{
    Suite *suite = suite_create("head");
    TCase *tcase = tcase_create("head");

    tcase_add_loop_test(tcase, a_doubtful_head_is_refused, 0, COUNT(bad));
    tcase_add_loop_test(tcase, a_sound_head_goes_on, 0, COUNT(good));
    tcase_add_test(tcase,
                   a_declared_body_that_is_too_large_names_limit_and_option);
    tcase_add_test(tcase, http_1_0_needs_no_host_and_knows_no_chunks);
    tcase_add_loop_test(
        tcase, a_refusal_keeps_the_connection_when_the_framing_is_sound, 0, 3);
    tcase_add_loop_test(tcase, a_target_of_more_than_8_kib_is_414, 0,
                        COUNT(targets));
    tcase_add_loop_test(tcase, lists_fall_into_elements, 0, COUNT(lists));
    suite_add_tcase(suite, tcase);
    return suite;
}
