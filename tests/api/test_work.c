/* SPDX-License-Identifier: MIT */
/* Tests of the long work: units, memory of digests, stopping. */
#include "drive.h"
#include "work.h"
#include "../count.h"

#include <check.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

Suite *work_suite(void);

/* 1 MiB: more than is digested at once, less than auto's limit. */
#define LARGE "/v1/weights?shape=512,512&scheme=he_normal&seed=1"

static struct answer get(const char *target, const char *headers)
{
    struct answer answer = drive(driven, "GET", target, headers, NULL);

    ck_assert_msg(answer.status == 200, "%s gives %u", target, answer.status);
    return answer;
}

START_TEST(a_large_digest_is_work_the_first_time_only)
{
    struct answer first = get(LARGE, NULL);
    struct answer again = get(LARGE, NULL);
    uint8_t digest[SOW_DIGEST_BYTES];
    char hex[2 * SOW_DIGEST_BYTES + 1];

    sow_digest(first.body, first.read, digest);
    sow_digest_hex(digest, hex);
    ck_assert_uint_eq(first.units, 1);
    ck_assert_uint_eq(again.units, 0);
    ck_assert_str_eq(answer_header(&first, "Sow-Digest") + 12, hex);
    ck_assert_str_eq(first.headers, again.headers);
    answer_release(&first);
    answer_release(&again);
}
END_TEST

static const struct {
    const char *target;
    size_t units;
    bool digest;
} modes[] = {
    {LARGE "&digest=off", 0, false},
    {LARGE "&digest=auto", 1, true},
    {LARGE "&digest=wait", 1, true},
    {LARGE "&format=json&digest=off", 0, false},
    {LARGE "&format=json", 1, true},
    {LARGE "&format=manifest&digest=auto", 0, false},
    {LARGE "&format=manifest&digest=wait", 1, true},
    /* Past auto's limit. */
    {"/v1/weights?shape=4194305&scheme=ones", 0, false},
    {"/v1/weights?shape=4194305&scheme=ones&digest=wait", 1, true},
};

START_TEST(a_mode_costs_this_work_and_gives_a_digest_or_not)
{
    struct answer answer = drive(driven, "HEAD", modes[_i].target, NULL, NULL);

    ck_assert_uint_eq(answer.status, 200);
    ck_assert_msg(answer.units == modes[_i].units, "%s takes %zu units",
                  modes[_i].target, answer.units);
    ck_assert_msg(!answer_header(&answer, "Sow-Digest") == !modes[_i].digest,
                  "%s has the fields %s", modes[_i].target, answer.headers);
    answer_release(&answer);
}
END_TEST

START_TEST(auto_tells_a_digest_past_its_limit_once_it_is_remembered)
{
    static const char target[] = "/v1/weights?shape=4194305&scheme=ones";
    static const char wait[] =
        "/v1/weights?shape=4194305&scheme=ones&digest=wait";
    struct answer before = drive(driven, "HEAD", target, NULL, NULL);
    struct answer waited = drive(driven, "HEAD", wait, NULL, NULL);
    struct answer after = drive(driven, "HEAD", target, NULL, NULL);

    ck_assert_ptr_null(answer_header(&before, "Sow-Digest"));
    ck_assert_str_eq(answer_header(&after, "Sow-Digest"),
                     answer_header(&waited, "Sow-Digest"));
    ck_assert_str_eq(answer_header(&after, "ETag"),
                     answer_header(&before, "ETag"));
    ck_assert_uint_eq(after.units, 0);
    answer_release(&before);
    answer_release(&waited);
    answer_release(&after);
}
END_TEST

START_TEST(a_manifest_that_learns_a_digest_gets_another_tag)
{
    static const char target[] = LARGE "&format=manifest";
    struct answer before = get(target, NULL);
    struct answer same = get(target, NULL);
    struct answer raw = get(LARGE, NULL);
    struct answer after = get(target, NULL);

    ck_assert_ptr_nonnull(strstr(before.body, "\"digest\":null"));
    ck_assert_ptr_nonnull(
        strstr(after.body, answer_header(&raw, "Sow-Digest") + 12));
    ck_assert_str_eq(answer_header(&before, "ETag"),
                     answer_header(&same, "ETag"));
    ck_assert_str_ne(answer_header(&before, "ETag"),
                     answer_header(&after, "ETag"));
    ck_assert_str_eq(answer_header(&after, "Cache-Control"), "no-cache");
    answer_release(&before);
    answer_release(&same);
    answer_release(&raw);
    answer_release(&after);
}
END_TEST

START_TEST(json_depends_on_the_request_alone)
{
    struct api_limits limits = drive_limits;
    static const char target[] = LARGE "&format=json";

    limits.digest_max_bytes = 1000;
    api_free(driven);
    driven = drive_api(&limits);
    struct answer before = get(target, NULL);
    struct answer wait = get(LARGE "&digest=wait", NULL);
    struct answer after = get(target, NULL);

    ck_assert_ptr_nonnull(answer_header(&wait, "Sow-Digest"));
    ck_assert_str_eq(before.headers, after.headers);
    ck_assert_str_eq(before.body, after.body);
    answer_release(&before);
    answer_release(&wait);
    answer_release(&after);
}
END_TEST

/* ------------------------------------------------------------------------
 * Units
 */

/* A model of 'count' layers of 'elements' float32 each; to be freed. */
static char *layers(size_t count, size_t elements)
{
    size_t room = 64 * count + 128;
    char *text = malloc(room);
    size_t used = (size_t)snprintf(text, room,
                                   "{\"scheme\":\"uniform\",\"digest\":"
                                   "\"wait\",\"layers\":[");

    for (size_t i = 0; i < count; i++)
        used += (size_t)snprintf(text + used, room - used,
                                 "%s{\"name\":\"w%zu\",\"shape\":[%zu]}",
                                 i ? "," : "", i, elements);
    snprintf(text + used, room - used, "]}");
    return text;
}

static const struct {
    size_t count, elements, least, most;
} models[] = {
    {1, 100, 0, 0},
    {3, 100, 0, 0},
    {200, 0, 0, 0},
    {1000, 100, 1, WORK_UNITS},
    {1000, 16000, WORK_UNITS / 2, WORK_UNITS},
    {2, 100000, 2, 2},
    {10, 100000, 10, 10},
};

START_TEST(work_is_cut_into_a_bounded_number_of_units)
{
    char *body = layers(models[_i].count, models[_i].elements);
    struct answer answer =
        drive(driven, "POST", "/v1/weights?format=manifest", NULL, body);

    ck_assert_uint_eq(answer.status, 200);
    ck_assert_msg(answer.units >= models[_i].least &&
                      answer.units <= models[_i].most,
                  "%zu layers of %zu elements are %zu units", models[_i].count,
                  models[_i].elements, answer.units);
    ck_assert_ptr_null(strstr(answer.body, "\"digest\":null"));
    answer_release(&answer);
    free(body);
}
END_TEST

struct unit {
    pthread_t thread;
    struct api_exchange *exchange;
    size_t index;
};

static void *run_unit(void *argument)
{
    struct unit *unit = argument;

    api_work(unit->exchange, unit->index, NULL, NULL);
    return NULL;
}

static struct api_header head[] = {{"Host", "a"},
                                   {"Content-Type", "application/json"}};

static struct api_exchange *begin(const char *body)
{
    struct api_request request = {
        .method = "POST",
        .target_path = "/v1/weights",
        .query = "format=manifest",
        .headers = head,
        .header_count = 2,
        .body = body,
        .body_size = strlen(body),
    };
    struct api_exchange *exchange = api_begin(driven, &request);

    ck_assert_ptr_nonnull(exchange);
    return exchange;
}

START_TEST(units_may_run_side_by_side)
{
    char *body = layers(8, 200000);
    struct api_exchange *exchange = begin(body);
    struct unit units[WORK_UNITS];
    size_t count = api_work_count(exchange);

    ck_assert_uint_eq(count, 8);
    for (size_t i = 0; i < count; i++) {
        units[i] = (struct unit){.exchange = exchange, .index = i};
        pthread_create(&units[i].thread, NULL, run_unit, &units[i]);
    }
    for (size_t i = 0; i < count; i++)
        pthread_join(units[i].thread, NULL);
    ck_assert_uint_eq(api_answer(exchange)->status, 200);
    api_end(exchange);
    free(body);
}
END_TEST

static bool always(void *argument)
{
    (void)argument;
    return true;
}

START_TEST(a_unit_that_is_stopped_makes_a_500)
{
    char *body = layers(2, 200000);
    struct api_exchange *exchange = begin(body);

    ck_assert_uint_eq(api_work_count(exchange), 2);
    api_work(exchange, 0, NULL, NULL);
    api_work(exchange, 1, always, NULL);
    ck_assert_uint_eq(api_answer(exchange)->status, 500);
    api_end(exchange);
    free(body);
}
END_TEST

START_TEST(an_exchange_may_end_before_its_work)
{
    char *body = layers(2, 200000);
    struct api_exchange *exchange = begin(body);

    ck_assert_uint_gt(api_work_count(exchange), 0);
    api_end(exchange);
    free(body);
}
END_TEST

/* ------------------------------------------------------------------------
 * Repr-Digest
 */

#define WANT "Want-Repr-Digest: sha-256=5\n"

START_TEST(repr_digest_is_the_sha_256_of_the_body)
{
    static const char small[] = "/v1/weights?shape=4&scheme=zeros";
    struct answer answer = get(small, WANT);

    ck_assert_uint_eq(answer.units, 0);
    /* SHA-256 of sixteen zero bytes. */
    ck_assert_str_eq(answer_header(&answer, "Repr-Digest"),
                     "sha-256=:N0cI//dxndWXnsh11WzSKG9tPPfsMXo7JWMqqyjsN7s=:");
    answer_release(&answer);
}
END_TEST

START_TEST(repr_digest_and_sow_digest_come_together)
{
    struct answer first = get(LARGE, WANT);
    struct answer again = get(LARGE, WANT);
    struct answer plain = get(LARGE, NULL);

    ck_assert_uint_eq(first.units, 1);
    ck_assert_uint_eq(again.units, 0);
    ck_assert_str_eq(first.headers, again.headers);
    ck_assert_ptr_nonnull(answer_header(&first, "Repr-Digest"));
    ck_assert_ptr_null(answer_header(&plain, "Repr-Digest"));
    ck_assert_str_eq(answer_header(&first, "Sow-Digest"),
                     answer_header(&plain, "Sow-Digest"));
    answer_release(&first);
    answer_release(&again);
    answer_release(&plain);
}
END_TEST

static const char *const unheard[] = {
    LARGE "&digest=off",
    LARGE "&format=json",
    "/v1/weights?shape=4194305&scheme=ones",
};

START_TEST(repr_digest_stays_away)
{
    struct answer answer = drive(driven, "HEAD", unheard[_i], WANT, NULL);

    ck_assert_uint_eq(answer.status, 200);
    ck_assert_ptr_null(answer_header(&answer, "Repr-Digest"));
    answer_release(&answer);
}
END_TEST

START_TEST(repr_digest_covers_all_tensors_of_raw)
{
    char *body = layers(2, 100000);
    struct answer two =
        drive(driven, "POST", "/v1/weights?format=raw", WANT, body);

    ck_assert_uint_eq(two.units, 1);
    ck_assert_ptr_nonnull(answer_header(&two, "Repr-Digest"));
    answer_release(&two);
    free(body);
}
END_TEST

Suite *work_suite(void)
{
    Suite *suite = suite_create("work");
    TCase *tcase = tcase_create("work");

    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, drive_setup, drive_teardown);
    tcase_add_test(tcase, a_large_digest_is_work_the_first_time_only);
    tcase_add_loop_test(tcase, a_mode_costs_this_work_and_gives_a_digest_or_not,
                        0, COUNT(modes));
    tcase_add_test(tcase,
                   auto_tells_a_digest_past_its_limit_once_it_is_remembered);
    tcase_add_test(tcase, a_manifest_that_learns_a_digest_gets_another_tag);
    tcase_add_test(tcase, json_depends_on_the_request_alone);
    tcase_add_loop_test(tcase, work_is_cut_into_a_bounded_number_of_units, 0,
                        COUNT(models));
    tcase_add_test(tcase, units_may_run_side_by_side);
    tcase_add_test(tcase, a_unit_that_is_stopped_makes_a_500);
    tcase_add_test(tcase, an_exchange_may_end_before_its_work);
    tcase_add_test(tcase, repr_digest_is_the_sha_256_of_the_body);
    tcase_add_test(tcase, repr_digest_and_sow_digest_come_together);
    tcase_add_loop_test(tcase, repr_digest_stays_away, 0, COUNT(unheard));
    tcase_add_test(tcase, repr_digest_covers_all_tensors_of_raw);
    suite_add_tcase(suite, tcase);
    return suite;
}
