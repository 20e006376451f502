/* SPDX-License-Identifier: MIT */
/* What runs here: the same in /v1/version as in /metrics. */
#include "build.h"
#include "drive.h"
#include "../count.h"

#include <check.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

Suite *version_suite(void);

static json_t *version_of(struct api *api)
{
    struct answer answer = drive_get(api, "/v1/version");
    json_t *json = json_loads(answer.body, 0, NULL);

    ck_assert_ptr_nonnull(json);
    answer_release(&answer);
    return json;
}

START_TEST(every_limit_is_told)
{
    const struct api_limits limits = {100000, 2, 3, 4, 5, 6, 7, 8, UINT64_MAX};
    const struct {
        const char *name;
        json_int_t value;
    } rows[] = {{"max_body_bytes", 100000},   {"max_layers", 2},
                {"max_elements", 3},          {"max_json_elements", 4},
                {"max_answer_bytes", 5},      {"digest_max_bytes", 6},
                {"digest_wait_max_bytes", 7}, {"cache_bytes", 8},
                {"max_flops", INT64_MAX}};
    struct api *api = drive_api(&limits);
    json_t *json = version_of(api);
    json_t *told = json_object_get(json, "limits");

    for (int i = 0; i < COUNT(rows); i++) {
        json_t *value = json_object_get(told, rows[i].name);
        ck_assert_msg(value && json_integer_value(value) == rows[i].value,
                      "%s is %lld", rows[i].name,
                      (long long)json_integer_value(value));
    }
    ck_assert_uint_eq(json_object_size(told), COUNT(rows));
    json_decref(json);
    api_free(api);
}
END_TEST

START_TEST(it_tells_the_version_and_all_generators)
{
    struct api *api = drive_api(NULL);
    json_t *json = version_of(api);
    json_t *names = json_object_get(json, "generators");
    const struct sow_generator *generator;
    size_t n = 0;

    ck_assert_str_eq(json_string_value(json_object_get(json, "version")),
                     SOW_VERSION);
    for (; (generator = sow_generator_at(n)); n++)
        ck_assert_str_eq(json_string_value(json_array_get(names, n)),
                         generator->name);
    ck_assert_uint_eq(json_array_size(names), n);
    json_decref(json);
    api_free(api);
}
END_TEST

START_TEST(metrics_tell_the_same)
{
    static const char *const names[] = {"version", "revision", "engine"};
    struct api *api = drive_api(NULL);
    json_t *json = version_of(api);
    char sample[256] = "sow_build_info{";

    for (int i = 0; i < COUNT(names); i++) {
        const char *value = json_string_value(json_object_get(json, names[i]));
        const size_t used = strlen(sample);
        ck_assert_ptr_nonnull(value);
        snprintf(sample + used, sizeof sample - used, "%s%s=\"%s\"",
                 i > 0 ? "," : "", names[i], value);
    }
    ck_assert_str_eq(json_string_value(json_object_get(json, "revision")),
                     build_revision());
    const size_t used = strlen(sample);
    snprintf(sample + used, sizeof sample - used, "}");
    ck_assert_double_eq(drive_metric(api, sample), 1);
    json_decref(json);
    api_free(api);
}
END_TEST

Suite *version_suite(void)
{
    Suite *suite = suite_create("version");
    TCase *tcase = tcase_create("version");

    tcase_add_test(tcase, every_limit_is_told);
    tcase_add_test(tcase, it_tells_the_version_and_all_generators);
    tcase_add_test(tcase, metrics_tell_the_same);
    suite_add_tcase(suite, tcase);
    return suite;
}
