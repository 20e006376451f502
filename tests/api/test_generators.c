/* SPDX-License-Identifier: MIT */
/* Tests of other libraries' generators through the API. */
#include "drive.h"

#include "base64.h"
#include "../count.h"

#include <check.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

Suite *generators_suite(void);

#define FULL "torch/linux-x86_64-avx2@2.13"

/* The recipe's text, written out: its digest is a promise. */
START_TEST(the_recipe_has_the_origin)
{
    struct answer answer = drive_get(
        driven, "/v1/weights?generator=jax&seed=42&shape=2&scheme=jax.uniform"
                "&digest=off");
    static const char recipe[] =
        "{\"generator\":\"jax/threefry@0.10\",\"tensors\":[{\"axes\":null,"
        "\"dtype\":\"float32\",\"name\":\"\",\"origin\":{\"key\":[0,42]},"
        "\"scheme\":{\"name\":\"jax.uniform\",\"scale\":0.01},\"seed\":\"42\","
        "\"shape\":[2],\"slice\":null}]}";

    answer_expect(&answer, "Sow-Recipe", digest_hex(recipe, sizeof recipe - 1));
    answer_release(&answer);
}
END_TEST

START_TEST(an_alias_is_its_full_name)
{
    struct answer one = drive_get(
        driven, "/v1/weights?generator=torch&shape=4&scheme=torch.normal");
    struct answer two = drive_get(driven, "/v1/weights?generator=" FULL
                                          "&shape=4&scheme=torch.normal");

    answer_expect(&one, "Sow-Recipe", answer_header(&two, "Sow-Recipe"));
    answer_expect(&one, "ETag", answer_header(&two, "ETag"));
    answer_release(&two);
    answer_release(&one);
    one = drive_post(
        driven, "{\"generator\":\"torch\",\"format\":\"manifest\",\"layers\":[{"
                "\"shape\":[4],\"scheme\":\"torch.normal\",\"generator\":"
                "\"" FULL "\"}]}");
    ck_assert_str_eq(answer_string(&one, "generator"), FULL);
    answer_release(&one);
}
END_TEST

/* The "state" of an answer; the caller frees it. */
static char *state_of(const struct answer *answer)
{
    json_t *json = json_loadb(answer->body, answer->read, 0, NULL);
    const char *state = json_string_value(json_object_get(json, "state"));

    ck_assert_msg(state != NULL, "no state: %.200s", answer->body);
    char *copy = strdup(state);
    json_decref(json);
    return copy;
}

#define STATE(layers)                                                      \
    "{\"generator\":\"torch\",\"seed\":1,\"final_state\":true,\"format\":" \
    "\"manifest\",\"layers\":[" layers "]}"
#define SMALL "{\"shape\":[3],\"scheme\":\"torch.uniform\"}"
#define TURN "{\"shape\":[300,300],\"scheme\":\"torch.trunc_normal\"}"

/* The state after a turn takes the turn, which is part of the work. */
START_TEST(a_state_may_take_work)
{
    struct answer plain = drive_post(driven, STATE(SMALL));
    struct answer turned = drive_post(driven, STATE(TURN));
    char *one = state_of(&plain);
    char *other = state_of(&turned);

    ck_assert_uint_eq(strlen(one), base64_characters(5056));
    ck_assert_uint_eq(strlen(other), base64_characters(5056));
    ck_assert_str_ne(one, other);
    ck_assert_uint_gt(turned.units, 0);
    free(other);
    free(one);
    answer_release(&turned);
    answer_release(&plain);
}
END_TEST

/* Where a state ends up, another request starts. */
START_TEST(a_state_is_taken_back)
{
    struct answer first = drive_post(driven, STATE(SMALL));
    struct answer both =
        drive_post(driven, "{\"generator\":\"torch\",\"seed\":1,\"format\":"
                           "\"raw\",\"layers\":[" SMALL "," SMALL "]}");
    char *state = state_of(&first);
    char body[8000];

    snprintf(body, sizeof body,
             "{\"generator\":\"torch\",\"state\":\"%s\",\"format\":\"raw\","
             "\"layers\":[" SMALL "]}",
             state);
    struct answer second = drive_post(driven, body);
    ck_assert_uint_eq(both.read, 24);
    ck_assert_mem_eq(both.body + 12, second.body, 12);
    answer_release(&second);
    answer_release(&both);
    answer_release(&first);
    free(state);
}
END_TEST

START_TEST(base64_is_written_as_it_is_read)
{
    uint8_t bytes[5] = {0, 255, 128, 7, 63};

    for (size_t n = 1; n <= 3; n++) {
        char four[5] = "";
        base64_write(bytes, n, four);
        ck_assert(base64_is_padded(four, n));
        for (size_t i = 0; i < n; i++)
            ck_assert_int_eq(base64_byte(four, i), bytes[i]);
    }
}
END_TEST

#define WEIGHTS "/v1/weights?shape=2&scheme=torch.normal&generator="

static const struct {
    const char *target;
    unsigned status;
    const char *code, *at;
} refused[] = {
    {WEIGHTS "torhc", 422, "UNKNOWN_VALUE", "generator"},
    {WEIGHTS "torch&seed=-9223372036854775809", 400, "BAD_FIELD", "seed"},
    {WEIGHTS "torch&final_state=true", 422, "BAD_GENERATOR", "final_state"},
    {WEIGHTS "torch&key=fold_in(1)", 422, "BAD_GENERATOR", "key"},
    {WEIGHTS "torch&multiplier=2", 422, "BAD_PARAMETER", "multiplier"},
    {WEIGHTS "torch&dtype=float8_e5m2", 422, "BAD_SCHEME", "dtype"},
    {WEIGHTS "numpy", 422, "BAD_SCHEME", "scheme"},
    {"/v1/generators/none", 404, "NOT_FOUND", ""},
    {"/v1/generators/torch/none", 404, "NOT_FOUND", ""},
};

START_TEST(what_can_not_be_is_refused)
{
    struct answer answer = drive(driven, "GET", refused[_i].target, NULL, NULL);

    ck_assert_msg(answer.status == refused[_i].status, "%s gives %u: %s",
                  refused[_i].target, answer.status, answer.body);
    ck_assert_str_eq(answer_code(&answer), refused[_i].code);
    if (refused[_i].at[0])
        ck_assert_str_eq(answer_string(&answer, "at"), refused[_i].at);
    answer_release(&answer);
}
END_TEST

static const char *const names[] = {
    "sow1", "torch", FULL, "numpy", "numpy/randomstate", "jax", "flax"};

START_TEST(a_generator_is_found_by_any_name)
{
    char target[100];

    snprintf(target, sizeof target, "/v1/generators/%s", names[_i]);
    struct answer answer = drive_get(driven, target);
    ck_assert_str_eq(answer_string(&answer, "name"),
                     sow_generator_find(names[_i])->name);
    answer_expect(&answer, "Content-Type", "application/json");
    answer_release(&answer);
}
END_TEST

START_TEST(the_probe_is_a_script)
{
    struct answer answer = drive_get(driven, "/v1/generators/torch/probe");

    answer_expect(&answer, "Content-Type", "text/x-python; charset=utf-8");
    ck_assert_ptr_nonnull(strstr(answer.body, "import torch"));
    ck_assert_ptr_nonnull(strstr(answer.body, "unknown"));
    answer_release(&answer);
}
END_TEST

/* 'seeds' is what is taken, and one more is refused with the range. */
static const struct {
    const char *name, *last, *beyond;
} seeds[] = {
    {"numpy/randomstate", "4294967295", "4294967296"},
    {"jax", "9223372036854775807", "9223372036854775808"},
    {"numpy", "18446744073709551615", "18446744073709551616"},
};

START_TEST(the_seeds_told_are_those_taken)
{
    char target[160], told[64];
    const char *scheme =
        strcmp(seeds[_i].name, "jax") == 0 ? "jax.zeros" : "numpy.random";

    snprintf(target, sizeof target, "/v1/generators/%s", seeds[_i].name);
    snprintf(told, sizeof told, "\"maximum\":\"%s\"", seeds[_i].last);
    struct answer answer = drive_get(driven, target);
    ck_assert_ptr_nonnull(strstr(answer.body, told));
    answer_release(&answer);
    for (int beyond = 0; beyond < 2; beyond++) {
        snprintf(target, sizeof target,
                 "/v1/weights?shape=2&dtype=f64&scheme=%s&generator=%s&seed=%s",
                 scheme, seeds[_i].name,
                 beyond ? seeds[_i].beyond : seeds[_i].last);
        answer = drive(driven, "GET", target, NULL, NULL);
        ck_assert_msg(beyond ? answer.status >= 400 : answer.status == 200,
                      "%s gives %u: %s", target, answer.status, answer.body);
        if (beyond)
            ck_assert_ptr_nonnull(strstr(answer.body, seeds[_i].last));
        answer_release(&answer);
    }
}
END_TEST

Suite *generators_suite(void)
{
    Suite *suite = suite_create("generators");
    TCase *cases = tcase_create("generators");

    tcase_add_checked_fixture(cases, drive_setup, drive_teardown);
    tcase_add_loop_test(cases, the_seeds_told_are_those_taken, 0, COUNT(seeds));
    tcase_add_test(cases, the_recipe_has_the_origin);
    tcase_add_test(cases, an_alias_is_its_full_name);
    tcase_add_test(cases, a_state_may_take_work);
    tcase_add_test(cases, a_state_is_taken_back);
    tcase_add_test(cases, base64_is_written_as_it_is_read);
    tcase_add_loop_test(cases, what_can_not_be_is_refused, 0, COUNT(refused));
    tcase_add_loop_test(cases, a_generator_is_found_by_any_name, 0,
                        COUNT(names));
    tcase_add_test(cases, the_probe_is_a_script);
    suite_add_tcase(suite, cases);
    return suite;
}
