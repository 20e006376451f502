/* SPDX-License-Identifier: MIT */
/* How much one answer may send. */
#include "drive.h"
#include "../count.h"

#include <check.h>
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
    if (answer.status == 422) {
        ck_assert_str_eq(answer_code(&answer), "TOO_LARGE");
        ck_assert_ptr_nonnull(
            strstr(answer_string(&answer, "detail"), "--max-answer-bytes"));
        ck_assert_uint_eq(answer.units, 0);
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
    suite_add_tcase(suite, tcase);
    return suite;
}
