/* SPDX-License-Identifier: MIT */
/* Tests of conditional and range requests. */
#include "range.h"
#include "../count.h"

#include <check.h>

Suite *range_suite(void);

#define ETAG "\"abc\""

static const struct {
    const char *field;
    uint64_t size;
    enum range_kind kind;
    uint64_t first, length;
} ranges[] = {
    {"bytes=0-0", 10, RANGE_PART, 0, 1},
    {"bytes=1-", 10, RANGE_PART, 1, 9},
    {"bytes=0-9", 10, RANGE_PART, 0, 10},
    {"bytes=0-10", 10, RANGE_PART, 0, 10},
    {"bytes=9-", 10, RANGE_PART, 9, 1},
    {"bytes=3-5", 10, RANGE_PART, 3, 3},
    {"Bytes=3-5", 10, RANGE_PART, 3, 3},
    {"bytes= 3-5 ", 10, RANGE_PART, 3, 3},
    {"bytes=-1", 10, RANGE_PART, 9, 1},
    {"bytes=-10", 10, RANGE_PART, 0, 10},
    {"bytes=-11", 10, RANGE_PART, 0, 10},
    {"bytes=-18446744073709551616", 10, RANGE_PART, 0, 10},
    {"bytes=2-18446744073709551616", 10, RANGE_PART, 2, 8},
    {"bytes=0-99999999999999999999999999", 10, RANGE_PART, 0, 10},
    {"bytes=9223372036854775806-", INT64_MAX, RANGE_PART, INT64_MAX - 1, 1},
    {"bytes=10-", 10, RANGE_UNSATISFIABLE, 0, 0},
    {"bytes=10-12", 10, RANGE_UNSATISFIABLE, 0, 0},
    {"bytes=18446744073709551615-", 10, RANGE_UNSATISFIABLE, 0, 0},
    {"bytes=99999999999999999999999-", 10, RANGE_UNSATISFIABLE, 0, 0},
    {"bytes=-0", 10, RANGE_UNSATISFIABLE, 0, 0},
    {"bytes=0-", 0, RANGE_UNSATISFIABLE, 0, 0},
    {"bytes=-5", 0, RANGE_WHOLE, 0, 0},
    {"bytes=0-1,3-4", 10, RANGE_WHOLE, 0, 10},
    {"bytes=5-3", 10, RANGE_WHOLE, 0, 10},
    {"bytes=-", 10, RANGE_WHOLE, 0, 10},
    {"bytes=", 10, RANGE_WHOLE, 0, 10},
    {"bytes", 10, RANGE_WHOLE, 0, 10},
    {"", 10, RANGE_WHOLE, 0, 10},
    {"bytes=a-b", 10, RANGE_WHOLE, 0, 10},
    {"bytes=1-2x", 10, RANGE_WHOLE, 0, 10},
    {"bytes=1--2", 10, RANGE_WHOLE, 0, 10},
    {"bytes=+1-2", 10, RANGE_WHOLE, 0, 10},
    {"bytes=1 - 2", 10, RANGE_WHOLE, 0, 10},
    {"bytes = 1-2", 10, RANGE_WHOLE, 0, 10},
    {"items=1-2", 10, RANGE_WHOLE, 0, 10},
};

START_TEST(a_range_gives_these_bytes)
{
    struct api_header header = {"Range", ranges[_i].field};
    struct api_request request = {.headers = &header, .header_count = 1};
    struct range range;
    enum range_kind kind =
        range_evaluate(&request, ETAG, ranges[_i].size, &range);

    ck_assert_msg(kind == ranges[_i].kind, "'%s' is kind %d", ranges[_i].field,
                  kind);
    ck_assert_msg(range.first == ranges[_i].first &&
                      range.size == ranges[_i].length,
                  "'%s' is %ju bytes from %ju", ranges[_i].field,
                  (uintmax_t)range.size, (uintmax_t)range.first);
}
END_TEST

static const struct {
    const char *if_range;
    enum range_kind kind;
} if_ranges[] = {
    {ETAG, RANGE_PART},
    {"W/" ETAG, RANGE_WHOLE},
    {"\"abd\"", RANGE_WHOLE},
    {"abc", RANGE_WHOLE},
    {"Sat, 29 Oct 1994 19:43:31 GMT", RANGE_WHOLE},
    {"", RANGE_WHOLE},
};

START_TEST(if_range_wants_the_same_strong_tag)
{
    struct api_header headers[] = {{"Range", "bytes=1-2"},
                                   {"If-Range", if_ranges[_i].if_range}};
    struct api_request request = {.headers = headers, .header_count = 2};
    struct range range;

    ck_assert_msg(range_evaluate(&request, ETAG, 10, &range) ==
                      if_ranges[_i].kind,
                  "If-Range: %s", if_ranges[_i].if_range);
}
END_TEST

START_TEST(two_range_fields_are_ignored)
{
    struct api_header headers[] = {{"Range", "bytes=1-2"},
                                   {"range", "bytes=1-2"}};
    struct api_request request = {.headers = headers, .header_count = 2};
    struct range range;

    ck_assert_int_eq(range_evaluate(&request, ETAG, 10, &range), RANGE_WHOLE);
    ck_assert_uint_eq(range.size, 10);
}
END_TEST

static const struct {
    const char *name, *value;
    enum condition safe, other;
} conditions[] = {
    {"X", "", CONDITION_GO_ON, CONDITION_GO_ON},
    {"If-None-Match", ETAG, CONDITION_NOT_MODIFIED, CONDITION_FAILED},
    {"if-none-match", "W/" ETAG, CONDITION_NOT_MODIFIED, CONDITION_FAILED},
    {"If-None-Match", "*", CONDITION_NOT_MODIFIED, CONDITION_FAILED},
    {"If-None-Match", "\"x\", " ETAG, CONDITION_NOT_MODIFIED, CONDITION_FAILED},
    {"If-None-Match", "\"x,\",W/\"y\" ,," ETAG " ,\"z\"",
     CONDITION_NOT_MODIFIED, CONDITION_FAILED},
    {"If-None-Match", "\"back\\\", " ETAG, CONDITION_NOT_MODIFIED,
     CONDITION_FAILED},
    {"If-None-Match", "\"x\"", CONDITION_GO_ON, CONDITION_GO_ON},
    {"If-None-Match", "abc", CONDITION_GO_ON, CONDITION_GO_ON},
    {"If-None-Match", "\"abc", CONDITION_GO_ON, CONDITION_GO_ON},
    {"If-None-Match", "", CONDITION_GO_ON, CONDITION_GO_ON},
    {"If-None-Match", "W/", CONDITION_GO_ON, CONDITION_GO_ON},
    {"If-Match", ETAG, CONDITION_GO_ON, CONDITION_GO_ON},
    {"If-Match", "*", CONDITION_GO_ON, CONDITION_GO_ON},
    {"If-Match", "\"x\", " ETAG, CONDITION_GO_ON, CONDITION_GO_ON},
    {"If-Match", "W/" ETAG, CONDITION_FAILED, CONDITION_FAILED},
    {"If-Match", "\"x\"", CONDITION_FAILED, CONDITION_FAILED},
    {"If-Match", "", CONDITION_FAILED, CONDITION_FAILED},
};

START_TEST(a_condition_comes_to_this)
{
    struct api_header header = {conditions[_i].name, conditions[_i].value};
    struct api_request request = {.headers = &header, .header_count = 1};

    ck_assert_msg(condition_evaluate(&request, ETAG, true) ==
                      conditions[_i].safe,
                  "GET with %s: %s", header.name, header.value);
    ck_assert_msg(condition_evaluate(&request, ETAG, false) ==
                      conditions[_i].other,
                  "POST with %s: %s", header.name, header.value);
}
END_TEST

START_TEST(tags_on_several_lines_count_as_one_list)
{
    struct api_header headers[] = {{"If-None-Match", "\"x\""},
                                   {"If-None-Match", ETAG}};
    struct api_request request = {.headers = headers, .header_count = 2};

    ck_assert_int_eq(condition_evaluate(&request, ETAG, true),
                     CONDITION_NOT_MODIFIED);
}
END_TEST

Suite *range_suite(void)
{
    Suite *suite = suite_create("range");
    TCase *tcase = tcase_create("range");

    tcase_add_loop_test(tcase, a_range_gives_these_bytes, 0, COUNT(ranges));
    tcase_add_loop_test(tcase, if_range_wants_the_same_strong_tag, 0,
                        COUNT(if_ranges));
    tcase_add_test(tcase, two_range_fields_are_ignored);
    tcase_add_loop_test(tcase, a_condition_comes_to_this, 0, COUNT(conditions));
    tcase_add_test(tcase, tags_on_several_lines_count_as_one_list);
    suite_add_tcase(suite, tcase);
    return suite;
}
