/* SPDX-License-Identifier: MIT */
/* How much one answer may send, and how many elements it may be of. */
#include "drive.h"
#include "../count.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

/* 4,000 bytes. */
#define TENSOR "/v1/weights?shape=1000&scheme=uniform&seed=1"

Suite *answer_size_suite(void);

static const struct {
    const char *method, *target, *headers;
    uint64_t limit;
    unsigned status;
} rows[] = {
    {"GET", TENSOR, NULL, 0, 200},
    {"GET", TENSOR, NULL, 4000, 200},
    {"GET", TENSOR, NULL, 3999, 422},
    {"HEAD", TENSOR, NULL, 3999, 200},
    {"GET", TENSOR, "Range: bytes=1-3999\n", 3999, 206},
    {"GET", TENSOR, "Range: bytes=0-3999\n", 3999, 422},
    {"GET", TENSOR "&slice=0:10", NULL, 40, 200},
    {"GET", TENSOR "&format=npy", NULL, 4000, 422},
    {"GET", TENSOR "&digest=wait", NULL, 3999, 422},
    {"GET", "/v1/schemes", NULL, 10, 200},
};

/* Before any work it is too large, by this option. */
static void expect_too_large(const struct answer *answer, const char *option)
{
    ck_assert_str_eq(answer_code(answer), "TOO_LARGE");
    ck_assert_ptr_nonnull(strstr(answer_string(answer, "detail"), option));
    ck_assert_uint_eq(answer->units, 0);
}

START_TEST(an_answer_sends_no_more_than_it_may)
{
    struct api_limits limits = drive_limits;

    limits.max_answer_bytes = rows[_i].limit;
    struct api *api = drive_api(&limits);
    struct answer answer =
        drive(api, rows[_i].method, rows[_i].target, rows[_i].headers, NULL);
    ck_assert_msg(answer.status == rows[_i].status,
                  "%s %s %s with %llu gives %u", rows[_i].method,
                  rows[_i].target, rows[_i].headers ? rows[_i].headers : "",
                  (unsigned long long)rows[_i].limit, answer.status);
    if (answer.status == 422)
        expect_too_large(&answer, "--max-answer-bytes");
    answer_release(&answer);
    api_free(api);
}
END_TEST

#define LAYERS                             \
    "{\"scheme\":\"uniform\",\"layers\":[" \
    "{\"name\":\"a\",\"shape\":[600]},"    \
    "{\"name\":\"b\",\"shape\":[30,10]}]"
#define HUGE                                           \
    "{\"scheme\":\"uniform\",\"layers\":["             \
    "{\"name\":\"a\",\"shape\":[2000000000000000000]," \
    "\"dtype\":\"float8_e5m2\"},"                      \
    "{\"name\":\"b\",\"shape\":[2000000000000000000]," \
    "\"dtype\":\"float8_e5m2\"}]}"

/* Of 'query' after TENSOR, or 'body'. */
static const struct {
    const char *query, *body;
    uint64_t limit;
    unsigned status;
    const char *at;
} counts[] = {
    {"", NULL, 0, 200, NULL},
    {"", NULL, 1000, 200, NULL},
    {"", NULL, 999, 422, "shape"},
    {"&dtype=float16", NULL, 999, 422, "shape"},
    {"&format=json", NULL, 999, 422, "shape"},
    {"&format=manifest&digest=wait", NULL, 999, 422, "shape"},
    {"&slice=1:1000", NULL, 999, 200, NULL},
    {NULL, LAYERS "}", 900, 200, NULL},
    {NULL, LAYERS "}", 899, 422, "/layers"},
    {NULL, LAYERS ",\"tensors\":[\"b\"]}", 300, 200, NULL},
    {NULL, LAYERS ",\"tensors\":[\"b\"]}", 299, 422, "/tensors"},
    {NULL, HUGE, 0, 200, NULL},
    {NULL, HUGE, 3999999999999999999, 422, "/layers"},
};

START_TEST(a_request_has_no_more_elements_than_it_may)
{
    struct api_limits limits = drive_limits;
    char target[256] = "/v1/weights?format=manifest";

    limits.max_elements = counts[_i].limit;
    if (counts[_i].query)
        snprintf(target, sizeof(target), TENSOR "%s", counts[_i].query);
    struct api *api = drive_api(&limits);
    struct answer answer = drive(api, counts[_i].body ? "POST" : "GET", target,
                                 NULL, counts[_i].body);
    ck_assert_msg(answer.status == counts[_i].status, "row %d gives %u: %s", _i,
                  answer.status, answer.body);
    if (counts[_i].at) {
        expect_too_large(&answer, "--max-elements");
        ck_assert_str_eq(answer_string(&answer, "at"), counts[_i].at);
    }
    answer_release(&answer);
    api_free(api);
}
END_TEST

Suite *answer_size_suite(void)
{
    Suite *suite = suite_create("answer_size");
    TCase *tcase = tcase_create("answer_size");

    tcase_add_loop_test(tcase, an_answer_sends_no_more_than_it_may, 0,
                        COUNT(rows));
    tcase_add_loop_test(tcase, a_request_has_no_more_elements_than_it_may, 0,
                        COUNT(counts));
    suite_add_tcase(suite, tcase);
    return suite;
}
