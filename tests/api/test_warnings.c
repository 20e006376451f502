/* SPDX-License-Identifier: MIT */
/* Tests of the warnings in manifests. */
#include "asking.h"

#include <stdio.h>
#include <string.h>

Suite *warnings_suite(void);

#define ZEROS "'scheme':'zeros'"

/* Layers, and the warnings of their manifest: "warning:name" each. */
static const struct {
    const char *layers, *warnings;
} rows[] = {
    {"{'shape':[8,4]},{'shape':[2,8]}", ""},
    {"{'shape':[8,4]},{'shape':[2,8]," ZEROS "}", ""},
    {"{'shape':[8,4]," ZEROS "}", ""},
    {"{'shape':[8,4]," ZEROS "},{'shape':[2,8]}", "zero_layer:0"},
    {"{'shape':[8,4]," ZEROS "},{'shape':[8]," ZEROS "}", ""},
    {"{'name':'a','shape':[8,4]," ZEROS "},{'name':'b','shape':[8]," ZEROS
     "},{'name':'c','shape':[2,8],'scheme':'ones'}",
     "zero_layer:a constant_rows:c"},
    {"{'shape':[8,4],'scheme':'ones'}", "constant_rows:0"},
    {"{'shape':[1,4],'scheme':'ones'}", ""},
    {"{'shape':[4],'scheme':'ones'}", ""},
    {"{'shape':[4,1],'scheme':'ones','layout':'jax'}", ""},
    {"{'shape':[8,4],'scheme':{'name':'normal','std':0}}", ""},
    {"{'shape':[8,4],'scheme':{'name':'normal','mean':1,'std':0}}",
     "constant_rows:0"},
    {"{'shape':[8,4],'scheme':'identity'}", ""},
    {"{'shape':[8,4],'scheme':'orthogonal'}", ""},
    {"{'shape':[8,0],'scheme':'normal'}", "zero_fan:0"},
    {"{'shape':[0,8],'scheme':'zeros'}", "zero_fan:0"},
    {"{'shape':[0],'scheme':'zeros'}", ""},
    {"{'shape':[8,4],'scheme':{'name':'normal','std':1e-8}}", ""},
    {"{'shape':[8,4],'dtype':'float16','scheme':{'name':'normal','std':1e-8}}",
     "std_underflow:0"},
    {"{'shape':[8,4],'dtype':'float16','scheme':{'name':'normal','std':1e-7}}",
     ""},
    {"{'shape':[8,4],'dtype':'float8_e4m3fn','scheme':{'name':'normal','std':"
     "0.0019}}",
     "std_underflow:0"},
    {"{'shape':[8,4],'dtype':'bfloat16','multiplier':1e-30,'scheme':{'name':"
     "'normal','std':1e-30}}",
     "std_underflow:0"},
};

static json_t *manifest_of(const char *layers, struct answer *answer)
{
    char body[512];

    snprintf(body, sizeof body,
             "{'format':'manifest','scheme':'lecun_normal','layers':[%s]}",
             layers);
    *answer = asking_post("/v1/weights", body);
    ck_assert_msg(answer->status == 200, "%s: %s", layers, answer->body);
    return json_loads(answer->body, 0, NULL);
}

START_TEST(a_manifest_warns_of_what_may_be_a_mistake)
{
    struct answer answer;
    char found[256] = "";
    json_t *json = manifest_of(rows[_i].layers, &answer);
    json_t *warnings = json_object_get(json, "warnings");
    size_t i;
    json_t *warning;

    json_array_foreach(warnings, i, warning)
    {
        size_t used = strlen(found);
        snprintf(found + used, sizeof found - used, "%s%s:%s", i ? " " : "",
                 string(warning, "warning"), string(warning, "name"));
        ck_assert_int_gt((int)strlen(string(warning, "why")), 20);
    }
    ck_assert_msg(!strcmp(found, rows[_i].warnings), "%s: '%s', not '%s'",
                  rows[_i].layers, found, rows[_i].warnings);
    ck_assert_msg((warnings == NULL) == (rows[_i].warnings[0] == '\0'),
                  "%s: an empty list", rows[_i].layers);
    json_decref(json);
    answer_release(&answer);
}
END_TEST

/* The limits that the tags below were made with. */
static void set_limits(void)
{
    struct api_limits limits = drive_limits;

    limits.digest_max_bytes = UINT64_C(64) << 20;
    api_free(asked);
    asked = drive_api(&limits);
}

/* Which was what version 1 of the format gave before there were warnings. */
START_TEST(a_manifest_without_warnings_is_as_ever)
{
    set_limits();
    struct answer answer =
        drive(asked, "GET",
              "/v1/weights?shape=2,3&scheme=he_normal&seed=42&name=w&"
              "format=manifest&digest=off",
              NULL, NULL);
    const char *end = answer.body + strlen(answer.body) - 18;

    ck_assert_str_eq(end, ",\"digest\":null}]}\n");
    ck_assert_ptr_null(strstr(answer.body, "warnings"));
    answer_expect(
        &answer, "ETag",
        "\"522e2ce8660d2519f82f923270d828be831104aeb3711624389a6534faf61f10\"");
    answer_release(&answer);
}
END_TEST

/* Its bytes are not those that the tag of version 1 named. */
START_TEST(a_warning_has_a_tag_of_its_own)
{
    set_limits();
    struct answer answer =
        drive(asked, "GET",
              "/v1/weights?shape=2,3&scheme=ones&seed=42&name=w&"
              "format=manifest&digest=off",
              NULL, NULL);

    ck_assert_ptr_nonnull(strstr(answer.body, "}],\"warnings\":[{\"warning\""));
    ck_assert_str_ne(
        answer_header(&answer, "ETag"),
        "\"2f3e9658ece0c6e6098b23aa1d5ab640f9685b38cc43c68f818ff284b90d7bea\"");
    answer_release(&answer);
}
END_TEST

START_TEST(json_and_other_formats_do_not_warn)
{
    struct answer answer =
        drive(asked, "GET", "/v1/weights?shape=2,3&scheme=ones&format=json",
              NULL, NULL);

    ck_assert_uint_eq(answer.status, 200);
    ck_assert_ptr_null(strstr(answer.body, "warnings"));
    answer_release(&answer);
}
END_TEST

/* Many more than the stream's buffer holds. */
START_TEST(every_tensor_is_warned_of)
{
    enum { TENSORS = 900 };
    static char body[64 + 24 * TENSORS];
    size_t used = (size_t)snprintf(body, sizeof body,
                                   "{\"format\":\"manifest\",\"scheme\":"
                                   "\"ones\",\"layers\":[");

    for (int i = 0; i < TENSORS; i++)
        used += (size_t)snprintf(body + used, sizeof body - used,
                                 "%s{\"shape\":[3,3]}", i ? "," : "");
    snprintf(body + used, sizeof body - used, "]}");
    struct answer answer = drive(asked, "POST", "/v1/weights", NULL, body);
    json_t *json = json_loads(answer.body, 0, NULL);
    json_t *warnings = json_object_get(json, "warnings");
    ck_assert_uint_eq(json_array_size(warnings), TENSORS);
    ck_assert_str_eq(string(json_array_get(warnings, TENSORS - 1), "name"),
                     "899");
    json_decref(json);
    answer_release(&answer);
}
END_TEST

Suite *warnings_suite(void)
{
    Suite *suite = suite_create("warnings");
    TCase *tcase = tcase_create("warnings");

    tcase_add_checked_fixture(tcase, asking_setup, asking_teardown);
    tcase_add_loop_test(tcase, a_manifest_warns_of_what_may_be_a_mistake, 0,
                        COUNT(rows));
    tcase_add_test(tcase, a_manifest_without_warnings_is_as_ever);
    tcase_add_test(tcase, a_warning_has_a_tag_of_its_own);
    tcase_add_test(tcase, json_and_other_formats_do_not_warn);
    tcase_add_test(tcase, every_tensor_is_warned_of);
    suite_add_tcase(suite, tcase);
    return suite;
}
