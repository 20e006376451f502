/* SPDX-License-Identifier: MIT */
/* Tests of requests for weights that are refused, from one table. */
#include "drive.h"
#include "../count.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

Suite *refusals_suite(void);

static const struct {
    const char *method, *target, *headers, *body;
    unsigned status;
    const char *code, *at, *detail;
} refusals[] = {
    {"GET", DRIVE_SMALL, "Accept: text/html\n", NULL, 406, "NOT_ACCEPTABLE",
     "Accept", "application/json"},
    {"POST", "/v1/weights", "Content-Type: text/plain\n", DRIVE_TWO, 415,
     "UNSUPPORTED_MEDIA_TYPE", "Content-Type", "curl --json"},
    {"POST", "/v1/weights", "Content-Type: application/x-www-form-urlencoded\n",
     DRIVE_TWO, 415, "UNSUPPORTED_MEDIA_TYPE", "Content-Type", "curl --json"},
    {"POST", "/v1/weights", "Content-Type: application/jsonx\n", DRIVE_TWO, 415,
     "UNSUPPORTED_MEDIA_TYPE", "Content-Type", "curl --json"},
    {"POST", "/v1/weights", NULL, "", 400, "BAD_JSON", "", ""},
    {"POST", "/v1/weights", NULL, "[]", 400, NULL, "", ""},
    {"POST", "/v1/weights", NULL, "{\"scheme\":\"ones\"}", 400, "MISSING_FIELD",
     NULL, "layers"},
    {"GET", "/v1/weights", NULL, NULL, 400, "MISSING_FIELD", NULL, ""},
    {"GET", DRIVE_SMALL "&format=xml", NULL, NULL, 422, "UNKNOWN_VALUE",
     "format", "manifest"},
    {"GET", DRIVE_SMALL "&digest=maybe", NULL, NULL, 422, "UNKNOWN_VALUE",
     "digest", "wait"},
    {"GET", DRIVE_SMALL "&x=1", NULL, NULL, 400, "UNKNOWN_FIELD", "x", ""},
    {"GET", "/v1/weights?shape=1025,1024&scheme=ones&format=json", NULL, NULL,
     422, "TOO_MANY_ELEMENTS", "format", "--max-json-elements"},
    {"GET", "/v1/weights?shape=1025,1024,0&scheme=ones&format=json", NULL, NULL,
     422, "TOO_MANY_ELEMENTS", "format", "format=raw"},
    {"GET", "/v1/weights?shape=1025,1024&scheme=ones&format=json", NULL, NULL,
     422, "TOO_MANY_ELEMENTS", "format", "1048576"},
    {"GET",
     "/v1/weights?shape=4&scheme=constant&value=1e6&dtype=f16&format=json",
     NULL, NULL, 422, "NOT_FINITE", "dtype", "float16"},
    {"GET",
     "/v1/weights?shape=400000&scheme=constant&value=1e6&dtype=f16&"
     "format=json",
     NULL, NULL, 422, "NOT_FINITE", "dtype", "format=raw"},
    {"POST", "/v1/weights", NULL,
     "{\"layers\":[{\"shape\":[2],\"scheme\":\"ones\"},{\"shape\":[2],"
     "\"dtype\":\"bf16\",\"scheme\":{\"name\":\"constant\","
     "\"value\":3.4e38}}]}",
     422, "NOT_FINITE", "/layers/1", "bfloat16"},
    {"POST", "/v1/weights", NULL,
     "{\"dtype\":\"f16\",\"layers\":[{\"type\":\"linear\",\"in_features\":2,"
     "\"out_features\":2,\"bias\":{\"name\":\"constant\",\"value\":1e6}}]}",
     422, "NOT_FINITE", "/layers", "float16"},
    {"POST", "/v1/weights", NULL,
     "{\"layers\":[{\"shape\":[2],\"scheme\":\"ones\"},{\"shape\":[2],"
     "\"dtype\":\"f16\",\"scheme\":{\"name\":\"constant\",\"value\":1e6}}],"
     "\"tensors\":[\"1\"]}",
     422, "NOT_FINITE", "/tensors/0", "float16"},
    {"POST", "/v1/weights?format=raw", NULL,
     "{\"seed\":1,\"layers\":[{\"shape\":[9000,9000],"
     "\"scheme\":\"orthogonal\"}]}",
     422, "COST_LIMIT", "/layers", "--max-flops"},
    {"POST", "/v1/weights?format=raw", NULL,
     "{\"config\":{\"model_type\":\"gpt2\"},\"profile\":{\"rules\":["
     "{\"match\":\"*wte.weight\",\"scheme\":\"orthogonal\"}]}}",
     422, "COST_LIMIT", "/config", "--max-flops"},
    {"GET", "/v1/weights?shape=16777217&scheme=ones&digest=wait", NULL, NULL,
     422, "DIGEST_TOO_LARGE", "digest", "--digest-wait-max-bytes"},
    {"GET",
     "/v1/weights?shape=16777217&scheme=ones&digest=wait&format=manifest", NULL,
     NULL, 422, "DIGEST_TOO_LARGE", "digest", "67108864"},
    {"POST", "/v1/weights", NULL,
     "{\"digest\":\"wait\",\"format\":\"raw\",\"scheme\":\"ones\","
     "\"layers\":[{\"shape\":[16777217]}]}",
     422, "DIGEST_TOO_LARGE", "/digest", "67108864"},
    {"POST", "/v1/weights?digest=wait&format=raw", NULL,
     "{\"scheme\":\"ones\",\"layers\":[{\"shape\":[16777217]}]}", 422,
     "DIGEST_TOO_LARGE", "digest", "67108864"},
    {"POST", "/v1/weights", NULL,
     "{\"scheme\":\"ones\",\"layers\":[{\"shape\":[1025,1024]}]}", 422,
     "TOO_MANY_ELEMENTS", "/format", "1048576"},
    {"POST", "/v1/weights", NULL,
     "{\"scheme\":\"ones\",\"format\":\"npy\",\"layers\":[{\"shape\":[1]},"
     "{\"shape\":[1]}]}",
     406, "NOT_ACCEPTABLE", "/format", "one array"},
};

START_TEST(a_request_too_many_is_refused_by_name)
{
    struct answer answer =
        drive(driven, refusals[_i].method, refusals[_i].target,
              refusals[_i].headers, refusals[_i].body);

    ck_assert_msg(answer.status == refusals[_i].status, "%s %s gives %u: %s",
                  refusals[_i].method, refusals[_i].target, answer.status,
                  answer.body);
    if (refusals[_i].code)
        ck_assert_str_eq(answer_code(&answer), refusals[_i].code);
    if (refusals[_i].at)
        ck_assert_str_eq(answer_string(&answer, "at"), refusals[_i].at);
    ck_assert_msg(
        strstr(answer_string(&answer, "detail"), refusals[_i].detail) != NULL,
        "'%s' doesn't say '%s'", answer_string(&answer, "detail"),
        refusals[_i].detail);
    answer_expect(&answer, "Cache-Control", "no-store");
    answer_release(&answer);
}
END_TEST

static const char *const json_types[] = {
    "Content-Type: application/json\n",
    "Content-Type: Application/JSON\n",
    "Content-Type: application/json; charset=utf-8\n",
    "Content-Type: application/json;charset=utf-8\n",
};

START_TEST(json_by_any_spelling_is_read)
{
    struct answer answer =
        drive(driven, "POST", "/v1/weights", json_types[_i], DRIVE_TWO);

    ck_assert_uint_eq(answer.status, 200);
    answer_release(&answer);
}
END_TEST

static const struct api_request post = {.method = "POST",
                                        .target_path = "/v1/weights"};

START_TEST(a_body_that_grew_too_large_is_413)
{
    struct answer answer = drive_exchange(api_refuse_body(driven, &post));

    ck_assert_uint_eq(answer.status, 413);
    ck_assert_str_eq(answer_code(&answer), "BODY_TOO_LARGE");
    answer_expect(&answer, "Access-Control-Allow-Origin", NULL);
    answer_release(&answer);
}
END_TEST

START_TEST(a_full_queue_is_429_with_retry_after)
{
    struct answer answer =
        drive_exchange(api_refuse_busy(driven, &post, "Full."));

    ck_assert_uint_eq(answer.status, 429);
    ck_assert_str_eq(answer_header(&answer, "Retry-After"), "1");
    ck_assert_str_eq(answer_code(&answer), "BUSY");
    answer_release(&answer);
}
END_TEST

START_TEST(a_page_of_another_site_may_read_that_the_queue_is_full)
{
    static const struct api_request head = {
        .method = "HEAD", .target_path = "/init/gpt2/resolve/main/a"};
    struct answer answer =
        drive_exchange(api_refuse_busy(driven, &head, "Full."));

    ck_assert_uint_eq(answer.status, 429);
    ck_assert(answer.bodyless);
    answer_expect(&answer, "Retry-After", "1");
    answer_expect(&answer, "Access-Control-Allow-Origin", "*");
    answer_release(&answer);
}
END_TEST

Suite *refusals_suite(void)
{
    Suite *suite = suite_create("refusals");
    TCase *tcase = tcase_create("refusals");

    tcase_add_checked_fixture(tcase, drive_setup, drive_teardown);
    tcase_add_loop_test(tcase, a_request_too_many_is_refused_by_name, 0,
                        COUNT(refusals));
    tcase_add_loop_test(tcase, json_by_any_spelling_is_read, 0,
                        COUNT(json_types));
    tcase_add_test(tcase, a_body_that_grew_too_large_is_413);
    tcase_add_test(tcase, a_full_queue_is_429_with_retry_after);
    tcase_add_test(tcase,
                   a_page_of_another_site_may_read_that_the_queue_is_full);
    suite_add_tcase(suite, tcase);
    return suite;
}
