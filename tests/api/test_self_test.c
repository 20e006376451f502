/* SPDX-License-Identifier: MIT */
/* A server is ready when it computes what it should, and not before. */
#include "self_test.h"

#include "drive.h"
#include "kernels/kernels.h"

#include <check.h>
#include <string.h>

Suite *self_test_suite(void);

static struct api *start(const struct sow_engine *engine,
                         const struct api_limits *limits)
{
    struct api_config config = {.engine = engine, .limits = *limits};
    struct api *api = api_new(&config);

    ck_assert_ptr_nonnull(api);
    return api;
}

static const struct sow_engine *engine_called(const char *name)
{
    const struct sow_engine *engine;

    ck_assert_int_eq(sow_init(), SOW_OK);
    ck_assert_int_eq(sow_engine_choose(name, &engine), SOW_OK);
    return engine;
}

static void expect_ready(struct api *api, unsigned status, const char *body)
{
    struct answer answer = drive(api, "GET", "/readyz", NULL, NULL);

    ck_assert_uint_eq(answer.status, status);
    ck_assert_str_eq(answer.body, body);
    answer_release(&answer);
}

START_TEST(every_generator_has_a_known_answer)
{
    const struct sow_generator *generator;

    for (size_t g = 0; (generator = sow_generator_at(g)); g++) {
        const char *name = "";
        for (size_t i = 0; name && strcmp(name, generator->name) != 0; i++)
            name = self_test_generator(i);
        ck_assert_msg(name, "none of %s", generator->name);
    }
}
END_TEST

START_TEST(engines_that_compute_rightly_are_ready)
{
    const char *name;

    for (size_t i = 0; (name = sow_engine_at(i)); i++) {
        const struct sow_engine *engine;
        char reason[API_ERROR] = "";
        if (sow_engine_choose(name, &engine))
            continue;
        struct api *api = start(engine, &drive_limits);
        ck_assert_msg(api_self_test(api, reason), "%s: %s", name, reason);
        expect_ready(api, 200, "ok\n");
        api_free(api);
    }
}
END_TEST

/* The truth, but for the last bit of one element in 32. */
static void nearly(const struct sow_stream *stream, uint64_t group,
                   size_t groups, const struct sow_normal_f32 *law, void *out)
{
    engine_called("portable")->normal_f32(stream, group, groups, law, out);
    *(uint8_t *)out ^= 1;
}

START_TEST(an_engine_that_errs_is_never_ready)
{
    char reason[API_ERROR] = "";
    struct sow_engine liar = *engine_called("portable");

    liar.normal_f32 = nearly;
    struct api *api = start(&liar, &drive_limits);
    ck_assert(!api_self_test(api, reason));
    ck_assert_msg(strstr(reason, "portable") && strstr(reason, "sow1"), "%s",
                  reason);
    expect_ready(api, 503, "self-test failed\n");
    expect_ready(api, 503, "self-test failed\n");
    struct answer answer = drive(api, "GET", "/healthz", NULL, NULL);
    ck_assert_uint_eq(answer.status, 200);
    answer_release(&answer);
    api_free(api);
}
END_TEST

START_TEST(limits_dont_make_it_fail)
{
    struct api_limits limits = drive_limits;

    limits.cache_bytes = 0;
    limits.max_flops = 0;
    limits.digest_max_bytes = 0;
    limits.max_layers = 1;
    struct api *api = start(engine_called(NULL), &limits);
    expect_ready(api, 200, "ok\n");
    api_free(api);
}
END_TEST

START_TEST(a_server_that_stops_is_not_ready)
{
    struct api *api = start(engine_called(NULL), &drive_limits);

    expect_ready(api, 200, "ok\n");
    api_set_draining(api);
    expect_ready(api, 503, "draining\n");
    api_free(api);
}
END_TEST

Suite *self_test_suite(void)
{
    Suite *suite = suite_create("self_test");
    TCase *tcase = tcase_create("self_test");

    tcase_add_test(tcase, every_generator_has_a_known_answer);
    tcase_add_test(tcase, engines_that_compute_rightly_are_ready);
    tcase_add_test(tcase, an_engine_that_errs_is_never_ready);
    tcase_add_test(tcase, limits_dont_make_it_fail);
    tcase_add_test(tcase, a_server_that_stops_is_not_ready);
    suite_add_tcase(suite, tcase);
    return suite;
}
