/* SPDX-License-Identifier: MIT */
/* Tests of JSON, the manifest and raw against each other. */
#include "drive.h"
#include "../count.h"

#include <check.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

Suite *formats_suite(void);

static json_t *json_of(const struct answer *answer)
{
    json_t *json = json_loads(answer->body, JSON_REJECT_DUPLICATES, NULL);

    ck_assert_msg(json != NULL, "no JSON: %.200s", answer->body);
    return json;
}

/* ------------------------------------------------------------------------
 * JSON and the manifest
 */

START_TEST(json_has_its_members_in_this_order)
{
    static const char *const members[] = {
        "generator", "recipe", "tensors", "name",   "shape",
        "dtype",     "scheme", "seed",    "fan_in", "fan_out",
        "std",       "bytes",  "offset",  "digest", "data"};
    struct answer answer =
        drive(driven, "GET", DRIVE_SMALL "&format=json", NULL, NULL);
    const char *at = answer.body;

    ck_assert_uint_eq(answer.size, API_SIZE_UNKNOWN);
    answer_expect(&answer, "Accept-Ranges", "none");
    answer_expect(&answer, "Sow-Shape", "16,8");
    for (int i = 0; i < COUNT(members); i++) {
        char key[32];
        snprintf(key, sizeof key, "%s\"%s\":", i == 7 ? "," : "", members[i]);
        at = strstr(at, key);
        ck_assert_msg(at != NULL, "'%s' is not after the one before it",
                      members[i]);
    }
    answer_release(&answer);
}
END_TEST

START_TEST(json_says_what_the_tensor_is)
{
    struct answer raw = drive(driven, "GET", DRIVE_SMALL, NULL, NULL);
    struct answer answer =
        drive(driven, "GET", DRIVE_SMALL "&format=json", NULL, NULL);
    const char *generator, *recipe, *name, *dtype, *scheme, *seed, *digest;
    json_int_t rows, columns, fan_in, fan_out, bytes, offset;
    double std;
    json_t *json = json_of(&answer);

    ck_assert_int_eq(
        json_unpack(json,
                    "{s:s, s:s, s:[{s:s, s:[I,I], s:s, s:{s:s}, s:s, s:I, s:I,"
                    " s:F, s:I, s:I, s:s}]}",
                    "generator", &generator, "recipe", &recipe, "tensors",
                    "name", &name, "shape", &rows, &columns, "dtype", &dtype,
                    "scheme", "name", &scheme, "seed", &seed, "fan_in", &fan_in,
                    "fan_out", &fan_out, "std", &std, "bytes", &bytes, "offset",
                    &offset, "digest", &digest),
        0);
    ck_assert_str_eq(generator, "sow1");
    answer_expect(&answer, "Sow-Recipe", recipe);
    ck_assert_str_eq(name, "");
    ck_assert(rows == 16 && columns == 8);
    ck_assert_str_eq(dtype, "float32");
    ck_assert_str_eq(seed, "42");
    ck_assert(fan_in == 8 && fan_out == 16);
    ck_assert(std == 0.5);
    ck_assert(bytes == 512 && offset == 0);
    ck_assert_mem_eq(digest, "blake2b-256:", 12);
    ck_assert_str_eq(digest + 12, digest_hex(raw.body, raw.read));
    json_decref(json);
    answer_release(&raw);
    answer_release(&answer);
}
END_TEST

START_TEST(json_holds_the_numbers_of_raw)
{
    struct answer raw = drive(driven, "GET", DRIVE_SMALL, NULL, NULL);
    struct answer answer =
        drive(driven, "GET", DRIVE_SMALL "&format=json", NULL, NULL);
    json_t *json = json_of(&answer);
    json_t *data = json_object_get(
        json_array_get(json_object_get(json, "tensors"), 0), "data");

    ck_assert_uint_eq(json_array_size(data), 16);
    for (size_t i = 0; i < 128; i++) {
        float value;
        memcpy(&value, raw.body + 4 * i, sizeof value);
        json_t *number = json_array_get(json_array_get(data, i / 8), i % 8);
        ck_assert((float)json_number_value(number) == value);
    }
    json_decref(json);
    answer_release(&raw);
    answer_release(&answer);
}
END_TEST

START_TEST(a_manifest_is_json_without_data)
{
    struct answer a =
        drive(driven, "GET", DRIVE_SMALL "&format=json", NULL, NULL);
    struct answer b =
        drive(driven, "GET", DRIVE_SMALL "&format=manifest", NULL, NULL);
    char *data = strstr(a.body, ",\"data\":");

    ck_assert_ptr_nonnull(data);
    memcpy(data, "}]}\n", 5);
    ck_assert_str_eq(a.body, b.body);
    answer_release(&a);
    answer_release(&b);
}
END_TEST

START_TEST(what_has_no_fans_or_std_says_null)
{
    struct answer answer =
        drive(driven, "GET",
              "/v1/weights?shape=4&scheme=uniform&format=manifest", NULL, NULL);

    ck_assert_ptr_nonnull(
        strstr(answer.body, ",\"fan_in\":null,\"fan_out\":null,\"std\":0.28"));
    answer_release(&answer);
    answer =
        drive(driven, "GET", "/v1/weights?shape=4,4&scheme=eye&format=manifest",
              NULL, NULL);
    ck_assert_ptr_nonnull(strstr(answer.body, ",\"std\":null,"));
    answer_release(&answer);
}
END_TEST

START_TEST(names_are_escaped)
{
    struct answer answer =
        drive(driven, "GET",
              "/v1/weights?shape=1&scheme=ones&format=json&name=a%22%5C%C3%A9",
              NULL, NULL);
    json_t *json = json_of(&answer);
    const char *name;

    ck_assert_int_eq(json_unpack(json, "{s:[{s:s}]}", "tensors", "name", &name),
                     0);
    ck_assert_str_eq(name, "a\"\\\xc3\xa9");
    json_decref(json);
    answer_release(&answer);
}
END_TEST

/* ------------------------------------------------------------------------
 * Many tensors
 */

START_TEST(raw_is_the_tensors_one_after_another)
{
    struct answer all =
        drive(driven, "POST", "/v1/weights?format=raw", NULL, DRIVE_TWO);
    struct answer a =
        drive(driven, "GET",
              "/v1/weights?shape=3,5&scheme=uniform&seed=7&name=a", NULL, NULL);
    struct answer b =
        drive(driven, "GET",
              "/v1/weights?shape=7&scheme=uniform&seed=7&name=b&dtype=f16",
              NULL, NULL);

    ck_assert_uint_eq(all.status, 200);
    ck_assert_uint_eq(all.size, 60 + 14);
    ck_assert_mem_eq(all.body, a.body, 60);
    ck_assert_mem_eq(all.body + 60, b.body, 14);
    answer_expect(&all, "Cache-Control", "no-cache");
    answer_expect(&all, "Sow-Shape", NULL);
    answer_expect(&all, "Sow-Dtype", NULL);
    answer_expect(&all, "Sow-Digest", NULL);
    ck_assert_ptr_nonnull(answer_header(&all, "Sow-Recipe"));
    answer_release(&all);
    answer_release(&a);
    answer_release(&b);
}
END_TEST

START_TEST(the_manifest_gives_the_place_and_digest_of_each_tensor)
{
    static const char *const forms[] = {"json", "manifest"};
    struct answer raw =
        drive(driven, "POST", "/v1/weights?format=raw", NULL, DRIVE_TWO);

    for (size_t f = 0; f < 2; f++) {
        char target[64];
        snprintf(target, sizeof target, "/v1/weights?format=%s", forms[f]);
        struct answer answer = drive(driven, "POST", target, NULL, DRIVE_TWO);
        json_t *json = json_of(&answer);
        for (size_t i = 0; i < 2; i++) {
            json_int_t bytes, offset;
            const char *digest;
            json_t *entry = json_array_get(json_object_get(json, "tensors"), i);
            ck_assert_int_eq(json_unpack(entry, "{s:I, s:I, s:s}", "bytes",
                                         &bytes, "offset", &offset, "digest",
                                         &digest),
                             0);
            ck_assert_str_eq(digest + 12,
                             digest_hex(raw.body + offset, (size_t)bytes));
        }
        ck_assert_ptr_null(json_object_get(json, "order_matters"));
        json_decref(json);
        answer_release(&answer);
    }
    answer_release(&raw);
}
END_TEST

START_TEST(nameless_layers_say_that_order_matters)
{
    struct answer answer =
        drive(driven, "POST", "/v1/weights", NULL,
              "{\"scheme\":\"ones\",\"layers\":[{\"shape\":[1]}]}");
    json_t *json = json_of(&answer);

    ck_assert(json_is_true(json_object_get(json, "order_matters")));
    json_decref(json);
    answer_release(&answer);
}
END_TEST

Suite *formats_suite(void)
{
    Suite *suite = suite_create("formats");
    TCase *tcase = tcase_create("formats");

    tcase_add_checked_fixture(tcase, drive_setup, drive_teardown);
    tcase_add_test(tcase, json_has_its_members_in_this_order);
    tcase_add_test(tcase, json_says_what_the_tensor_is);
    tcase_add_test(tcase, json_holds_the_numbers_of_raw);
    tcase_add_test(tcase, a_manifest_is_json_without_data);
    tcase_add_test(tcase, what_has_no_fans_or_std_says_null);
    tcase_add_test(tcase, names_are_escaped);
    tcase_add_test(tcase, raw_is_the_tensors_one_after_another);
    tcase_add_test(tcase,
                   the_manifest_gives_the_place_and_digest_of_each_tensor);
    tcase_add_test(tcase, nameless_layers_say_that_order_matters);
    suite_add_tcase(suite, tcase);
    return suite;
}
