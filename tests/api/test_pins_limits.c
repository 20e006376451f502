/* SPDX-License-Identifier: MIT */
/* Tests of wholes that are too many, too large or wanted at the same time. */
#include "drive.h"
#include "../count.h"

#include <check.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

Suite *pins_limits_suite(void);

/* 320,000 bytes as float32, 640,000 and some as a whole. */
#define MATRIX "/v1/weights?shape=400,200&scheme=orthogonal"

static void start(uint64_t cache_bytes, uint64_t max_flops)
{
    struct api_limits limits = drive_limits;

    limits.cache_bytes = cache_bytes;
    limits.max_flops = max_flops;
    api_free(driven);
    driven = drive_api(&limits);
}

static struct answer get(const char *target)
{
    struct answer answer = drive(driven, "GET", target, NULL, NULL);

    ck_assert_msg(answer.status == 200, "%s gives %u: %s", target,
                  answer.status, answer.body);
    return answer;
}

/* ------------------------------------------------------------------------
 * Limits
 */

#define LAYERS "{\"layers\":[" LAYER("a") "," LAYER("b") "]}"
#define LAYER(name) \
    "{\"name\":\"" name "\",\"shape\":[400,200],\"scheme\":\"orthogonal\"}"

/* Turns, whose draws take 30 flops each, and what has nothing to draw first. */
#define SEQUENCE(layers)                                      \
    "{\"generator\":\"torch\",\"format\":\"raw\",\"scheme\":" \
    "\"torch.trunc_normal\",\"layers\":[" layers "]}"
#define TURN "{\"shape\":[1000000]}"
#define DRAWN "{\"draw\":" TURN "}"
#define END "{\"shape\":[3],\"scheme\":\"torch.uniform\"}"

static const struct {
    uint64_t cache_bytes, max_flops;
    const char *method, *target, *body;
    const char *code, *at, *detail;
} refusals[] = {
    {1 << 24, 1000000, "GET", MATRIX, NULL, "COST_LIMIT", "shape",
     "may cost 1e+06 floating-point operations (option --max-flops)"},
    {1 << 24, 1000000, "GET", MATRIX "&format=manifest&digest=wait", NULL,
     "COST_LIMIT", "shape", "is estimated to cost "},
    {1 << 24, 1000000000, "GET",
     "/v1/weights?shape=200000,200000&scheme=orthogonal", NULL, "COST_LIMIT",
     "shape", "is estimated to cost 1.07e+16"},
    {600000, 1000000000, "GET", MATRIX, NULL, "WHOLE_TOO_LARGE", "shape",
     "may take 600000 bytes"},
    {600000, 1000000000, "GET", MATRIX "&format=json", NULL, "WHOLE_TOO_LARGE",
     "shape", "(option --cache-bytes); here it would be "},
    {1000000, 1000000000, "POST", "/v1/weights", LAYERS, "WHOLE_TOO_LARGE",
     "/layers", "here it would be 1"},
    {1 << 24, 60000000, "POST", "/v1/weights",
     SEQUENCE(DRAWN "," DRAWN "," END), "COST_LIMIT", "/layers",
     "is estimated to cost 6.3e+07"},
    {1 << 24, 60000000, "POST", "/v1/weights",
     SEQUENCE(DRAWN "," END ",{\"seed\":1}," DRAWN "," END), "COST_LIMIT",
     "/layers", "is estimated to cost 6.4e+07"},
    {1 << 24, 60000000, "POST", "/v1/weights", SEQUENCE(TURN "," TURN),
     "COST_LIMIT", "/layers", "is estimated to cost 6.2e+07"},
};

/* However many come after a turn, it is drawn once. */
START_TEST(turns_cost_what_they_do_once)
{
    start(1 << 24, 100000000);
    struct answer answer =
        drive(driven, "POST", "/v1/weights", NULL,
              SEQUENCE(DRAWN "," TURN "," TURN "," END "," END "," END));

    ck_assert_msg(answer.status == 200, "%u: %s", answer.status, answer.body);
    answer_release(&answer);
}
END_TEST

START_TEST(too_much_is_refused_with_the_estimate)
{
    start(refusals[_i].cache_bytes, refusals[_i].max_flops);
    struct answer answer = drive(driven, refusals[_i].method,
                                 refusals[_i].target, NULL, refusals[_i].body);

    ck_assert_msg(answer.status == 422, "%s gives %u", refusals[_i].target,
                  answer.status);
    ck_assert_str_eq(answer_code(&answer), refusals[_i].code);
    ck_assert_str_eq(answer_string(&answer, "at"), refusals[_i].at);
    ck_assert_ptr_nonnull(
        strstr(answer_string(&answer, "detail"), refusals[_i].detail));
    ck_assert_double_eq(drive_metric(driven, "sow_cache_misses_total"), 0);
    answer_release(&answer);
}
END_TEST

START_TEST(head_is_refused_what_get_is)
{
    start(600000, 1000000000);
    struct answer head = drive(driven, "HEAD", MATRIX, NULL, NULL);
    struct answer manifest = get(MATRIX "&format=manifest");

    ck_assert_uint_eq(head.status, 422);
    answer_release(&head);
    answer_release(&manifest);
}
END_TEST

/* ------------------------------------------------------------------------
 * At the same time
 */

static struct api_header host[] = {{"Host", "a"}};

static struct api_exchange *begin(const char *query)
{
    struct api_request request = {
        .method = "GET",
        .target_path = "/v1/weights",
        .query = query,
        .headers = host,
        .header_count = 1,
    };
    struct api_exchange *exchange = api_begin(driven, &request);

    ck_assert_ptr_nonnull(exchange);
    return exchange;
}

START_TEST(what_others_hold_makes_a_429_until_they_end)
{
    start(700000, 1000000000);
    struct api_exchange *holder =
        begin("shape=400,200&scheme=orthogonal&digest=off");
    struct answer same = get(MATRIX);
    struct answer other = drive(driven, "GET", MATRIX "&seed=1", NULL, NULL);

    ck_assert_uint_eq(other.status, 429);
    ck_assert_str_eq(answer_code(&other), "BUSY");
    ck_assert_ptr_nonnull(answer_header(&other, "Retry-After"));
    ck_assert_ptr_nonnull(
        strstr(answer_string(&other, "detail"), "--cache-bytes"));
    answer_release(&other);
    api_end(holder);
    other = get(MATRIX "&seed=1");
    answer_release(&same);
    answer_release(&other);
}
END_TEST

struct run {
    pthread_t thread;
    struct api_exchange *exchange;
    size_t units;
};

static void *work_and_answer(void *argument)
{
    struct run *run = argument;

    run->exchange = begin("shape=400,200&scheme=orthogonal&digest=off");
    run->units = api_work_count(run->exchange);
    for (size_t i = 0; i < run->units; i++)
        api_work(run->exchange, i, NULL, NULL);
    ck_assert_uint_eq(api_answer(run->exchange)->status, 200);
    return NULL;
}

START_TEST(many_requests_share_one_computation)
{
    struct run runs[12];
    struct answer right = get(MATRIX);
    double flops = drive_metric(driven, "sow_whole_flops_total");
    char body[4096];

    start(1 << 24, 1000000000);
    for (int i = 0; i < COUNT(runs); i++)
        pthread_create(&runs[i].thread, NULL, work_and_answer, &runs[i]);
    for (int i = 0; i < COUNT(runs); i++) {
        pthread_join(runs[i].thread, NULL);
        ck_assert_int_eq(api_read(runs[i].exchange, 999, body, sizeof body),
                         sizeof body);
        ck_assert_mem_eq(body, right.body + 999, sizeof body);
        api_end(runs[i].exchange);
    }
    ck_assert_double_eq(drive_metric(driven, "sow_cache_misses_total"), 1);
    ck_assert_double_eq(drive_metric(driven, "sow_whole_flops_total"), flops);
    answer_release(&right);
}
END_TEST

static bool always(void *argument)
{
    (void)argument;
    return true;
}

START_TEST(work_that_is_stopped_leaves_nothing)
{
    struct api_exchange *exchange =
        begin("shape=400,200&scheme=orthogonal&digest=off");

    for (size_t i = 0; i < api_work_count(exchange); i++)
        api_work(exchange, i, always, NULL);
    ck_assert_uint_eq(api_answer(exchange)->status, 500);
    ck_assert_double_eq(drive_metric(driven, "sow_wholes_in_progress"), 1);
    api_end(exchange);
    ck_assert_double_eq(drive_metric(driven, "sow_wholes_in_progress"), 0);
    ck_assert_double_eq(drive_metric(driven, "sow_cache_bytes"), 0);
}
END_TEST

START_TEST(an_exchange_may_end_before_its_whole_is_made)
{
    struct api_exchange *exchange = begin("shape=400,200&scheme=orthogonal");

    ck_assert_uint_gt(api_work_count(exchange), 0);
    api_work(exchange, 0, NULL, NULL);
    api_end(exchange);
    ck_assert_double_eq(drive_metric(driven, "sow_wholes_in_progress"), 0);
    struct answer answer = get(MATRIX);
    answer_release(&answer);
}
END_TEST

/* ------------------------------------------------------------------------
 * Memory of digests
 */

START_TEST(a_remembered_digest_saves_the_whole_where_no_values_are_sent)
{
    struct answer first, other, head, manifest;

    start(700000, 1000000000);
    first = get(MATRIX);
    other = get(MATRIX "&seed=1");
    ck_assert_double_eq(drive_metric(driven, "sow_cache_evictions_total"), 1);
    head = drive(driven, "HEAD", MATRIX "&digest=wait", NULL, NULL);
    manifest = get(MATRIX "&digest=wait&format=manifest");
    ck_assert_uint_eq(head.units + manifest.units, 0);
    ck_assert_str_eq(answer_header(&head, "Sow-Digest"),
                     answer_header(&first, "Sow-Digest"));
    ck_assert_double_eq(drive_metric(driven, "sow_cache_misses_total"), 2);
    answer_release(&first);
    answer_release(&other);
    answer_release(&head);
    answer_release(&manifest);
}
END_TEST

Suite *pins_limits_suite(void)
{
    Suite *suite = suite_create("pins_limits");
    TCase *tcase = tcase_create("pins_limits");

    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, drive_setup, drive_teardown);
    tcase_add_loop_test(tcase, too_much_is_refused_with_the_estimate, 0,
                        COUNT(refusals));
    tcase_add_test(tcase, turns_cost_what_they_do_once);
    tcase_add_test(tcase, head_is_refused_what_get_is);
    tcase_add_test(tcase, what_others_hold_makes_a_429_until_they_end);
    tcase_add_test(tcase, many_requests_share_one_computation);
    tcase_add_test(tcase, work_that_is_stopped_leaves_nothing);
    tcase_add_test(tcase, an_exchange_may_end_before_its_whole_is_made);
    tcase_add_test(
        tcase, a_remembered_digest_saves_the_whole_where_no_values_are_sent);
    suite_add_tcase(suite, tcase);
    return suite;
}
