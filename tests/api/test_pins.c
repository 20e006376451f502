/* SPDX-License-Identifier: MIT */
/* Tests of requests for tensors that must be made as a whole. */
#include "drive.h"
#include "../count.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

Suite *pins_suite(void);

/* 320,000 bytes as float32, 640,000 and some as a whole. */
#define MATRIX "/v1/weights?shape=400,200&scheme=orthogonal"
#define MATRIX_BYTES 320000

static struct answer get(const char *target)
{
    struct answer answer = drive(driven, "GET", target, NULL, NULL);

    ck_assert_msg(answer.status == 200, "%s gives %u: %s", target,
                  answer.status, answer.body);
    return answer;
}

/* ------------------------------------------------------------------------
 * When a whole is made
 */

static const struct {
    const char *method, *target, *headers;
    unsigned status;
    bool makes, digest;
} costs[] = {
    {"GET", MATRIX, NULL, 200, true, true},
    {"GET", MATRIX "&digest=off", NULL, 200, true, false},
    {"GET", MATRIX, "Range: bytes=0-3\n", 206, true, true},
    {"GET", MATRIX "&format=json", NULL, 200, true, true},
    {"GET", MATRIX "&format=manifest&digest=wait", NULL, 200, true, true},
    {"HEAD", MATRIX "&digest=wait", NULL, 200, true, true},
    {"HEAD", MATRIX, "Want-Repr-Digest: sha-256=1\n", 200, true, false},
    {"HEAD", MATRIX, NULL, 200, false, false},
    {"HEAD", MATRIX "&digest=off", NULL, 200, false, false},
    {"HEAD", MATRIX "&format=json", NULL, 200, false, false},
    {"GET", MATRIX "&format=manifest", NULL, 200, false, false},
    {"GET", MATRIX, "If-None-Match: *\n", 304, false, false},
    {"GET", MATRIX, "If-Match: \"x\"\n", 412, false, false},
    {"GET", MATRIX, "Range: bytes=320000-\n", 416, false, false},
    {"GET", "/v1/weights?shape=0,5&scheme=orthogonal", NULL, 200, false, true},
    {"GET", "/v1/weights?shape=9,5&scheme=ones", NULL, 200, false, true},
};

START_TEST(a_whole_is_made_for_values_and_for_nothing_else)
{
    struct answer answer = drive(driven, costs[_i].method, costs[_i].target,
                                 costs[_i].headers, NULL);
    bool makes = drive_metric(driven, "sow_cache_misses_total") > 0;

    ck_assert_uint_eq(answer.status, costs[_i].status);
    ck_assert_msg((answer.units > 0) == costs[_i].makes &&
                      makes == costs[_i].makes,
                  "%s %s (%s) has %zu units, and %s a whole", costs[_i].method,
                  costs[_i].target, costs[_i].headers, answer.units,
                  makes ? "makes" : "does not make");
    ck_assert_msg(!answer_header(&answer, "Sow-Digest") == !costs[_i].digest,
                  "%s %s has the fields %s", costs[_i].method, costs[_i].target,
                  answer.headers);
    ck_assert(!answer.broken);
    answer_release(&answer);
}
END_TEST

START_TEST(the_second_request_costs_nothing)
{
    struct answer first = get(MATRIX);
    double flops = drive_metric(driven, "sow_whole_flops_total");
    struct answer again = get(MATRIX);

    ck_assert_uint_gt(first.units, 0);
    ck_assert_uint_eq(again.units, 0);
    ck_assert_uint_eq(again.read, MATRIX_BYTES);
    ck_assert_mem_eq(first.body, again.body, MATRIX_BYTES);
    ck_assert_str_eq(first.headers, again.headers);
    ck_assert_str_eq(answer_header(&first, "Sow-Digest") + 12,
                     digest_hex(first.body, MATRIX_BYTES));
    ck_assert_double_gt(flops, 1e6);
    ck_assert_double_eq(drive_metric(driven, "sow_whole_flops_total"), flops);
    ck_assert_double_eq(drive_metric(driven, "sow_cache_hits_total"), 1);
    ck_assert_double_gt(drive_metric(driven, "sow_cache_bytes"), 640000);
    ck_assert_double_eq(drive_metric(driven, "sow_wholes_in_progress"), 0);
    answer_release(&first);
    answer_release(&again);
}
END_TEST

static const char *const formats[] = {"raw", "json"};

START_TEST(head_tells_the_digest_that_get_has_computed)
{
    char target[128];

    snprintf(target, sizeof target, MATRIX "&format=%s", formats[_i]);
    struct answer answer = get(target);
    struct answer head = drive(driven, "HEAD", target, NULL, NULL);
    ck_assert_str_eq(answer.headers, head.headers);
    ck_assert_ptr_nonnull(answer_header(&head, "Sow-Digest"));
    answer_release(&answer);
    answer_release(&head);
}
END_TEST

START_TEST(a_range_is_a_part_of_the_whole)
{
    struct answer whole = get(MATRIX);
    struct answer part =
        drive(driven, "GET", MATRIX, "Range: bytes=1001-70002\n", NULL);

    ck_assert_uint_eq(part.status, 206);
    ck_assert_uint_eq(part.read, 69002);
    ck_assert_mem_eq(part.body, whole.body + 1001, 69002);
    answer_release(&whole);
    answer_release(&part);
}
END_TEST

#define THREE                                                              \
    "{\"scheme\":\"orthogonal\",\"format\":\"raw\",\"layers\":["           \
    "{\"name\":\"a\",\"shape\":[30,20]},{\"name\":\"b\",\"shape\":[7,9]}," \
    "{\"name\":\"c\",\"shape\":[40,50],\"scheme\":\"normal\"},"            \
    "{\"name\":\"d\",\"shape\":[100,90]}]}"

START_TEST(several_together_are_those_alone)
{
    static const char *const alone[] = {
        "/v1/weights?name=a&shape=30,20&scheme=orthogonal",
        "/v1/weights?name=b&shape=7,9&scheme=orthogonal",
        "/v1/weights?name=c&shape=40,50&scheme=normal",
        "/v1/weights?name=d&shape=100,90&scheme=orthogonal",
    };
    struct answer all = drive(driven, "POST", "/v1/weights", NULL, THREE);
    size_t at = 0;

    ck_assert_uint_eq(all.status, 200);
    ck_assert_double_eq(drive_metric(driven, "sow_cache_misses_total"), 3);
    for (int i = 0; i < COUNT(alone); i++) {
        struct answer one = get(alone[i]);
        ck_assert_uint_le(at + one.read, all.read);
        ck_assert_mem_eq(all.body + at, one.body, one.read);
        at += one.read;
        answer_release(&one);
    }
    ck_assert_uint_eq(at, all.read);
    ck_assert_double_eq(drive_metric(driven, "sow_cache_misses_total"), 3);
    answer_release(&all);
}
END_TEST

Suite *pins_suite(void)
{
    Suite *suite = suite_create("pins");
    TCase *tcase = tcase_create("pins");

    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, drive_setup, drive_teardown);
    tcase_add_loop_test(tcase, a_whole_is_made_for_values_and_for_nothing_else,
                        0, COUNT(costs));
    tcase_add_test(tcase, the_second_request_costs_nothing);
    tcase_add_loop_test(tcase, head_tells_the_digest_that_get_has_computed, 0,
                        COUNT(formats));
    tcase_add_test(tcase, a_range_is_a_part_of_the_whole);
    tcase_add_test(tcase, several_together_are_those_alone);
    suite_add_tcase(suite, tcase);
    return suite;
}
