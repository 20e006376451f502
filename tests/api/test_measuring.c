/* SPDX-License-Identifier: MIT */
/* Tests of how a measurement gets done: by many, stopped, with wholes. */
#include "asking.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

Suite *measuring_suite(void);

#define THREADS 4

/* ------------------------------------------------------------------------
 * Exchanges by hand
 */

static const struct api_header headers[] = {
    {"Host", "test"}, {"Content-Type", "application/json"}};

/* Single quotes stand for double ones; the body lasts as long as the test. */
static struct api_exchange *begin(const char *target, const char *text)
{
    char *body = strdup(text);

    ck_assert_ptr_nonnull(body);
    for (char *c = body; *c; c++)
        if (*c == '\'')
            *c = '"';
    const struct api_request request = {.method = "POST",
                                        .target_path = target,
                                        .headers = headers,
                                        .header_count = 2,
                                        .body = body,
                                        .body_size = strlen(body)};
    struct api_exchange *exchange = api_begin(asked, &request);
    ck_assert_ptr_nonnull(exchange);
    free(body);
    return exchange;
}

/* Threads that share the units of an exchange; 'stop' is asked by one. */
struct crew {
    struct api_exchange *exchange;
    atomic_size_t next;
    bool backwards;
    bool (*stop)(void *argument);
    void *argument;
};

static void *work(void *argument)
{
    struct crew *crew = argument;
    const size_t count = api_work_count(crew->exchange);
    size_t i;

    while ((i = atomic_fetch_add(&crew->next, 1)) < count) {
        const bool asks = crew->stop && i == 0;
        api_work(crew->exchange, crew->backwards ? count - 1 - i : i,
                 asks ? crew->stop : NULL, crew->argument);
    }
    return NULL;
}

static void work_together(struct crew *crew, int count)
{
    pthread_t threads[THREADS];

    for (int i = 0; i < count; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, work, crew), 0);
    for (int i = 0; i < count; i++)
        pthread_join(threads[i], NULL);
}

#define STACK                                                         \
    "{'widths':[40,96,96,96,10],'activation':'gelu','measure':true,"  \
    "'schemes':['he_normal','orthogonal','glorot_uniform'],'bias':"   \
    "{'name':'normal','std':0.1},'norm':'layer_norm','dropout':0.25," \
    "'residual':0.5}"

/* The bytes of an answer that must be a 200; for free(). */
static char *read_answer(struct api_exchange *exchange)
{
    const uint64_t size = api_answer(exchange)->size;
    char *bytes = calloc(1, size + 1);

    ck_assert_ptr_nonnull(bytes);
    for (uint64_t n = 0; n < size;) {
        const int64_t got = api_read(exchange, n, bytes + n, size - n);
        ck_assert_int_gt(got, 0);
        n += (uint64_t)got;
    }
    ck_assert_msg(api_answer(exchange)->status == 200, "%s", bytes);
    return bytes;
}

static char *measure(int threads, bool backwards)
{
    struct crew crew = {.exchange = begin("/v1/analysis", STACK),
                        .backwards = backwards};

    ck_assert_uint_gt(api_work_count(crew.exchange), THREADS);
    work_together(&crew, threads);
    char *bytes = read_answer(crew.exchange);
    api_end(crew.exchange);
    return bytes;
}

START_TEST(bytes_do_not_depend_on_who_does_what)
{
    char *alone = measure(1, false);
    char *other = measure(1 + _i % THREADS, _i >= THREADS);

    ck_assert_str_eq(alone, other);
    free(alone);
    free(other);
}
END_TEST

/* ------------------------------------------------------------------------
 * Stopping
 */

/* Says no so many times, then yes. */
static bool patience(void *argument)
{
    int *times = argument;

    return (*times)-- <= 0;
}

static const int patiences[] = {0, 1, 2, 3, 5, 9, 17, 33, 65, 129};

/* The memory is given back, too, or the last of these would find none. */
START_TEST(when_one_is_stopped_all_are)
{
    for (int threads = 1; threads <= THREADS; threads++) {
        int times = patiences[_i];
        struct crew crew = {.exchange = begin("/v1/analysis", STACK),
                            .stop = patience,
                            .argument = &times};
        work_together(&crew, threads);
        const unsigned status = api_answer(crew.exchange)->status;
        ck_assert_msg(status == 500 || status == 200, "it is %u", status);
        if (patiences[_i] < 3)
            ck_assert_uint_eq(status, 500);
        api_end(crew.exchange);
    }
}
END_TEST

START_TEST(what_only_some_worked_on_is_no_answer)
{
    struct api_exchange *exchange = begin("/v1/analysis", STACK);
    const size_t count = api_work_count(exchange);

    for (size_t i = 0; i + 1 < count; i += 2)
        api_work(exchange, i, NULL, NULL);
    ck_assert_uint_eq(api_answer(exchange)->status, 500);
    api_end(exchange);
}
END_TEST

START_TEST(what_nobody_worked_on_can_be_ended)
{
    api_end(begin("/v1/analysis", STACK));
}
END_TEST

/* ------------------------------------------------------------------------
 * Wholes
 */

#define ORTHOGONAL "{'widths':[96,96,96,96,96],'scheme':'orthogonal'"

static void tight_setup(void)
{
    struct api_limits limits = drive_limits;

    limits.cache_bytes = 1 << 20;
    asked = drive_api(&limits);
}

/* Of the cache there is room for a matrix or two at a time. */
START_TEST(wholes_are_held_one_at_a_time)
{
    json_t *json = ask(ORTHOGONAL ",'measure':true}");

    for (size_t i = 0; i < 4; i++)
        ck_assert_double_eq_tol(
            number(json_object_get(layer_of(json, i), "measured"), "forward"),
            1, 1e-4);
    ck_assert_double_eq(drive_metric(asked, "sow_wholes_in_progress"), 0);
    json_decref(json);
}
END_TEST

START_TEST(who_finds_the_cache_full_is_to_try_again)
{
    struct api_exchange *holder =
        begin("/v1/weights", "{'format':'raw','scheme':'orthogonal','layers':"
                             "[{'name':'a','shape':[355,355]}]}");
    struct answer answer =
        asking_post("/v1/analysis", ORTHOGONAL ",'measure':true}");

    ck_assert_uint_gt(api_work_count(holder), 0);
    ck_assert_msg(answer.status == 429, "%u: %s", answer.status, answer.body);
    answer_expect(&answer, "Retry-After", "1");
    answer_release(&answer);
    api_end(holder);
    json_decref(ask(ORTHOGONAL ",'measure':true}"));
}
END_TEST

/* NumPy's normals are drawn by rejection: who comes after one waits for it. */
START_TEST(what_follows_a_turn_is_measured)
{
    json_t *json =
        ask("{'generator':'numpy','scheme':'numpy.standard_normal','measure':"
            "true,'layers':["
            "{'name':'a.weight','shape':[16,24],'activation':'tanh'},"
            "{'name':'a.bias','shape':[16]},{'name':'b.weight','shape':[8,16]},"
            "{'name':'b.bias','shape':[8]}]}");

    ck_assert_double_eq_tol(
        number(json_object_get(layer_of(json, 0), "measured"), "sigma_w2"), 24,
        6);
    ck_assert_double_eq_tol(
        number(json_object_get(layer_of(json, 1), "measured"), "sigma_w2"), 16,
        8);
    json_decref(json);
}
END_TEST

Suite *measuring_suite(void)
{
    Suite *suite = suite_create("measuring");
    TCase *tcase = tcase_create("measuring");
    TCase *tight = tcase_create("measuring with little cache");

    tcase_add_checked_fixture(tcase, asking_setup, asking_teardown);
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, bytes_do_not_depend_on_who_does_what, 0,
                        2 * THREADS);
    tcase_add_loop_test(tcase, when_one_is_stopped_all_are, 0,
                        COUNT(patiences));
    tcase_add_test(tcase, what_only_some_worked_on_is_no_answer);
    tcase_add_test(tcase, what_nobody_worked_on_can_be_ended);
    tcase_add_test(tcase, what_follows_a_turn_is_measured);
    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(tight, tight_setup, asking_teardown);
    tcase_add_test(tight, wholes_are_held_one_at_a_time);
    tcase_add_test(tight, who_finds_the_cache_full_is_to_try_again);
    suite_add_tcase(suite, tight);
    return suite;
}
