/* SPDX-License-Identifier: MIT */
/* Tests of answers with one tensor: fields, tags, conditions, ranges. */
#include "drive.h"
#include "../count.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

Suite *weights_suite(void);

/* ------------------------------------------------------------------------
 * One tensor
 */

START_TEST(raw_has_the_bytes_and_the_fields_of_its_tensor)
{
    struct answer answer = drive(driven, "GET", DRIVE_SMALL, NULL, NULL);
    char digest[96];

    ck_assert_uint_eq(answer.status, 200);
    ck_assert_uint_eq(answer.size, 16 * 8 * 4);
    ck_assert_uint_eq(answer.units, 0);
    answer_expect(&answer, "Content-Type", "application/octet-stream");
    answer_expect(&answer, "Accept-Ranges", "bytes");
    answer_expect(&answer, "Cache-Control",
                  "public, max-age=31536000, immutable");
    answer_expect(&answer, "Vary", "Accept");
    answer_expect(&answer, "Sow-Shape", "16,8");
    answer_expect(&answer, "Sow-Dtype", "float32");
    answer_expect(&answer, "Repr-Digest", NULL);
    snprintf(digest, sizeof digest, "blake2b-256=%s",
             digest_hex(answer.body, answer.read));
    answer_expect(&answer, "Sow-Digest", digest);
    ck_assert_uint_eq(strlen(answer_header(&answer, "Sow-Recipe")), 64);
    ck_assert_uint_eq(strlen(answer_header(&answer, "ETag")), 66);
    answer_release(&answer);
}
END_TEST

START_TEST(a_scalar_has_empty_parentheses_for_a_shape)
{
    struct answer answer =
        drive(driven, "GET", "/v1/weights?shape=()&scheme=uniform", NULL, NULL);

    ck_assert_uint_eq(answer.status, 200);
    ck_assert_uint_eq(answer.size, 4);
    answer_expect(&answer, "Sow-Shape", "()");
    answer_release(&answer);
}
END_TEST

START_TEST(an_empty_tensor_has_an_empty_body)
{
    struct answer answer = drive(
        driven, "GET", "/v1/weights?shape=0,8&scheme=uniform", NULL, NULL);
    char digest[96];

    snprintf(digest, sizeof digest, "blake2b-256=%s", digest_hex("", 0));
    ck_assert_uint_eq(answer.status, 200);
    ck_assert_uint_eq(answer.size, 0);
    answer_expect(&answer, "Sow-Digest", digest);
    answer_release(&answer);
}
END_TEST

static const struct {
    const char *method, *target, *headers, *body, *type;
} formats[] = {
    {"GET", DRIVE_SMALL, NULL, NULL, "application/octet-stream"},
    {"GET", DRIVE_SMALL, "Accept: */*\n", NULL, "application/octet-stream"},
    {"GET", DRIVE_SMALL, "Accept: application/json\n", NULL,
     "application/json"},
    {"GET", DRIVE_SMALL "&format=raw", "Accept: application/json\n", NULL,
     "application/octet-stream"},
    {"GET", DRIVE_SMALL "&format=json", NULL, NULL, "application/json"},
    {"GET", DRIVE_SMALL "&format=manifest", "Accept: text/html\n", NULL,
     "application/json"},
    {"POST", "/v1/weights", NULL, DRIVE_TWO, "application/json"},
    {"POST", "/v1/weights", "Accept: */*\n", DRIVE_TWO, "application/json"},
    {"POST", "/v1/weights", "Accept: application/octet-stream\n", DRIVE_TWO,
     "application/octet-stream"},
    {"POST", "/v1/weights?format=raw", NULL, DRIVE_TWO,
     "application/octet-stream"},
    {"POST", "/v1/weights?format=json", "Accept: application/octet-stream\n",
     DRIVE_TWO, "application/json"},
};

START_TEST(the_format_is_chosen_by_field_then_accept_then_method)
{
    struct answer answer = drive(driven, formats[_i].method, formats[_i].target,
                                 formats[_i].headers, formats[_i].body);

    ck_assert_uint_eq(answer.status, 200);
    answer_expect(&answer, "Content-Type", formats[_i].type);
    answer_release(&answer);
}
END_TEST

static const char *const representations[] = {
    DRIVE_SMALL,
    DRIVE_SMALL "&format=json",
    DRIVE_SMALL "&format=json&digest=off",
    DRIVE_SMALL "&format=json&digest=wait",
    DRIVE_SMALL "&format=manifest",
    DRIVE_SMALL "&format=manifest&digest=off",
    "/v1/weights?shape=16,8&scheme=he_normal&seed=43",
    "/v1/weights?shape=8,16&scheme=he_normal&seed=42",
    "/v1/weights?shape=16,8&scheme=he_normal&seed=42&name=x",
    "/v1/weights?shape=16,8&scheme=he_normal&seed=42&dtype=float16",
};

START_TEST(each_representation_has_a_tag_of_its_own)
{
    char tags[COUNT(representations)][80];

    for (int i = 0; i < COUNT(representations); i++) {
        struct answer answer =
            drive(driven, "GET", representations[i], NULL, NULL);
        ck_assert_uint_eq(answer.status, 200);
        snprintf(tags[i], sizeof tags[i], "%s", answer_header(&answer, "ETag"));
        answer_release(&answer);
        for (int k = 0; k < i; k++)
            ck_assert_msg(strcmp(tags[i], tags[k]) != 0,
                          "%s and %s have one tag", representations[i],
                          representations[k]);
    }
}
END_TEST

static const char *const same[] = {
    "/v1/weights?seed=42&scheme=kaiming_normal&shape=16x8",
    "/v1/weights?shape=16,8&scheme=he_normal&seed=0x2a&dtype=f32",
    DRIVE_SMALL "&format=raw",
    DRIVE_SMALL "&digest=off",
    DRIVE_SMALL "&digest=wait",
    DRIVE_SMALL "&layout=torch",
};

START_TEST(one_request_in_other_words_has_one_tag_and_one_body)
{
    struct answer a = drive(driven, "GET", DRIVE_SMALL, NULL, NULL);
    struct answer b = drive(driven, "GET", same[_i], NULL, NULL);

    ck_assert_msg(b.status == 200, "%s gives %u", same[_i], b.status);
    answer_expect(&b, "ETag", answer_header(&a, "ETag"));
    answer_expect(&b, "Sow-Recipe", answer_header(&a, "Sow-Recipe"));
    ck_assert_uint_eq(a.read, b.read);
    ck_assert_mem_eq(a.body, b.body, a.read);
    answer_release(&a);
    answer_release(&b);
}
END_TEST

static const char *const twins[] = {
    DRIVE_SMALL,
    DRIVE_SMALL "&format=json",
    DRIVE_SMALL "&format=manifest",
    DRIVE_SMALL "&digest=wait",
    DRIVE_SMALL "&digest=off",
    "/v1/weights?shape=16,8&scheme=nonsense",
    "/v1/weights",
    "/v1/weights?shape=1000,1000,1000&scheme=uniform&format=json",
    "/v1/schemes",
    "/v1/schemes/he_normal",
    "/v1/schemes/nonsense",
    "/v1/version",
    "/healthz",
    "/readyz",
    "/openapi.json",
    "/nowhere",
};

START_TEST(head_is_get_without_the_body)
{
    struct answer get = drive(driven, "GET", twins[_i], NULL, NULL);
    struct answer head = drive(driven, "HEAD", twins[_i], NULL, NULL);

    ck_assert_msg(get.status == head.status, "%s: HEAD gives %u", twins[_i],
                  head.status);
    ck_assert_str_eq(get.headers, head.headers);
    ck_assert_uint_eq(get.size, head.size);
    ck_assert(head.bodyless && !get.bodyless);
    answer_release(&get);
    answer_release(&head);
}
END_TEST

/* ------------------------------------------------------------------------
 * Conditions and ranges
 */

/* "%s" in 'headers' stands for the tag. */
static const struct {
    const char *method, *headers;
    unsigned status;
    size_t first, size;
    const char *content_range;
} conditionals[] = {
    {"GET", "Range: bytes=1-\n", 206, 1, 511, "bytes 1-511/512"},
    {"GET", "Range: bytes=510-600\n", 206, 510, 2, "bytes 510-511/512"},
    {"GET", "Range: bytes=-3\n", 206, 509, 3, "bytes 509-511/512"},
    {"GET", "Range: bytes=0-511\n", 206, 0, 512, "bytes 0-511/512"},
    {"GET", "Range: bytes=3-3\n", 206, 3, 1, "bytes 3-3/512"},
    {"GET", "Range: bytes=1-2\nIf-Range: %s\n", 206, 1, 2, "bytes 1-2/512"},
    {"GET", "Range: bytes=1-2\nIf-Range: \"x\"\n", 200, 0, 512, NULL},
    {"GET", "Range: bytes=1-2\nIf-Range: W/%s\n", 200, 0, 512, NULL},
    {"GET", "Range: bytes=1-2,5-6\n", 200, 0, 512, NULL},
    {"GET", "Range: lines=1-2\n", 200, 0, 512, NULL},
    {"GET", "If-None-Match: \"x\"\n", 200, 0, 512, NULL},
    {"GET", "If-Match: %s\n", 200, 0, 512, NULL},
    {"HEAD", "Range: bytes=1-2\n", 200, 0, 0, NULL},
    {"HEAD", "Range: bytes=512-\n", 200, 0, 0, NULL},
};

static struct answer send_tagged(const char *method, const char *target,
                                 const char *headers, const char *tag)
{
    char filled[512];
    const char *at = strstr(headers, "%s");

    if (!at)
        return drive(driven, method, target, headers, NULL);
    snprintf(filled, sizeof filled, "%.*s%s%s", (int)(at - headers), headers,
             tag, at + 2);
    return drive(driven, method, target, filled, NULL);
}

START_TEST(a_conditional_request_gives_this_part)
{
    struct answer whole = drive(driven, "GET", DRIVE_SMALL, NULL, NULL);
    struct answer answer =
        send_tagged(conditionals[_i].method, DRIVE_SMALL,
                    conditionals[_i].headers, answer_header(&whole, "ETag"));

    ck_assert_msg(answer.status == conditionals[_i].status, "%s gives %u",
                  conditionals[_i].headers, answer.status);
    answer_expect(&answer, "Content-Range", conditionals[_i].content_range);
    answer_expect(&answer, "ETag", answer_header(&whole, "ETag"));
    answer_expect(&answer, "Sow-Digest", answer_header(&whole, "Sow-Digest"));
    ck_assert_uint_eq(answer.read, conditionals[_i].size);
    if (answer.read > 0)
        ck_assert_mem_eq(answer.body, whole.body + conditionals[_i].first,
                         answer.read);
    answer_release(&whole);
    answer_release(&answer);
}
END_TEST

START_TEST(range_past_end_is_416)
{
    struct answer answer =
        drive(driven, "GET", DRIVE_SMALL, "Range: bytes=512-\n", NULL);

    ck_assert_uint_eq(answer.status, 416);
    ck_assert_str_eq(answer_code(&answer), "RANGE_NOT_SATISFIABLE");
    answer_expect(&answer, "Content-Range", "bytes */512");
    answer_expect(&answer, "Cache-Control", "no-store");
    answer_release(&answer);
}
END_TEST

static const char *const matching[] = {
    "If-None-Match: %s\n",
    "If-None-Match: W/%s\n",
    "If-None-Match: *\n",
    "If-None-Match: \"x\", %s\n",
    "If-None-Match: %s\nRange: bytes=9999-\n",
};

START_TEST(a_tag_that_matches_gives_304_and_costs_nothing)
{
    static const char *const methods[] = {"GET", "HEAD"};
    static const char target[] =
        "/v1/weights?shape=1024,1024&scheme=he_normal&digest=wait";
    struct answer whole = drive(driven, "HEAD", target, NULL, NULL);

    for (size_t i = 0; i < 2; i++) {
        struct answer answer = send_tagged(methods[i], target, matching[_i],
                                           answer_header(&whole, "ETag"));
        ck_assert_uint_eq(answer.status, 304);
        ck_assert_uint_eq(answer.units, 0);
        ck_assert(answer.bodyless);
        ck_assert_uint_eq(answer.size, 4 << 20);
        answer_expect(&answer, "ETag", answer_header(&whole, "ETag"));
        answer_expect(&answer, "Vary", "Accept");
        answer_expect(&answer, "Cache-Control",
                      answer_header(&whole, "Cache-Control"));
        answer_release(&answer);
    }
    ck_assert_uint_gt(whole.units, 0);
    answer_release(&whole);
}
END_TEST

START_TEST(a_precondition_that_fails_is_412)
{
    struct answer get =
        drive(driven, "GET", DRIVE_SMALL, "If-Match: \"x\"\n", NULL);
    struct answer post =
        drive(driven, "POST", "/v1/weights", "If-None-Match: *\n", DRIVE_TWO);

    ck_assert_uint_eq(get.status, 412);
    ck_assert_str_eq(answer_code(&get), "PRECONDITION_FAILED");
    ck_assert_uint_eq(post.status, 412);
    answer_release(&get);
    answer_release(&post);
}
END_TEST

Suite *weights_suite(void)
{
    Suite *suite = suite_create("weights");
    TCase *tcase = tcase_create("weights");

    tcase_add_checked_fixture(tcase, drive_setup, drive_teardown);
    tcase_add_test(tcase, raw_has_the_bytes_and_the_fields_of_its_tensor);
    tcase_add_test(tcase, a_scalar_has_empty_parentheses_for_a_shape);
    tcase_add_test(tcase, an_empty_tensor_has_an_empty_body);
    tcase_add_loop_test(tcase,
                        the_format_is_chosen_by_field_then_accept_then_method,
                        0, COUNT(formats));
    tcase_add_test(tcase, each_representation_has_a_tag_of_its_own);
    tcase_add_loop_test(tcase,
                        one_request_in_other_words_has_one_tag_and_one_body, 0,
                        COUNT(same));
    tcase_add_loop_test(tcase, head_is_get_without_the_body, 0, COUNT(twins));
    tcase_add_loop_test(tcase, a_conditional_request_gives_this_part, 0,
                        COUNT(conditionals));
    tcase_add_test(tcase, range_past_end_is_416);
    tcase_add_loop_test(tcase, a_tag_that_matches_gives_304_and_costs_nothing,
                        0, COUNT(matching));
    tcase_add_test(tcase, a_precondition_that_fails_is_412);
    suite_add_tcase(suite, tcase);
    return suite;
}
