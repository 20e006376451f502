/* SPDX-License-Identifier: MIT */
/* What /metrics tells, and that it adds up. */
#include "drive.h"
#include "../count.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

Suite *metrics_suite(void);

/* Ask for 'target' and count it as the server would; returns the status. */
static unsigned count(const char *method, const char *target, double seconds,
                      enum api_fate fate)
{
    struct api_header host = {"Host", "test"};
    struct api_request request = {.method = method,
                                  .target_path = target,
                                  .headers = &host,
                                  .header_count = 1};
    char path[128];

    snprintf(path, sizeof path, "%s", target);
    request.target_path = path;
    if (strchr(path, '?')) {
        *strchr(path, '?') = '\0';
        request.query = strchr(target, '?') + 1;
    }
    struct api_exchange *exchange = api_begin(driven, &request);
    unsigned status = api_answer(exchange)->status;
    api_count(driven, exchange,
              &(struct api_outcome){.status = status,
                                    .seconds = seconds,
                                    .first_byte = seconds / 2,
                                    .bytes = 5000,
                                    .fate = fate});
    api_end(exchange);
    return status;
}

START_TEST(every_sample_stands_under_its_own_help_and_type)
{
    count("GET", "/v1/schemes/he_normal", 0.2, API_SENT);
    struct answer answer = drive_get(driven, "/metrics");
    char *line = answer.body, name[128] = "", type[16] = "";
    size_t samples = 0, n;

    answer_expect(&answer, "Content-Type",
                  "text/plain; version=0.0.4; charset=utf-8");
    for (; *line; line += n + 1) {
        n = strcspn(line, "\n");
        line[n] = '\0';
        if (sscanf(line, "# HELP %127s", name) == 1)
            continue;
        if (line[0] == '#') {
            ck_assert_int_eq(sscanf(line, "# TYPE %*s %15s", type), 1);
            ck_assert_msg(!strncmp(line + 7, name, strlen(name)), "%s", line);
            ck_assert_msg(!strcmp(type, "counter") ==
                              (strstr(name, "_total") != NULL),
                          "%s is a %s", name, type);
            continue;
        }
        ck_assert_msg(!strncmp(line, name, strlen(name)) &&
                          strchr("_{ ", line[strlen(name)]),
                      "'%s' stands under %s", line, name);
        samples++;
    }
    ck_assert_uint_ge(samples, 40);
    answer_release(&answer);
}
END_TEST

static const struct {
    const char *method, *target, *sample;
} rows[] = {
    {"GET", "/v1/schemes/he_normal",
     "{method=\"GET\",route=\"/v1/schemes/{name}\",code=\"2xx\"}"},
    {"GET", "/v1/schemes/zero\"s\\",
     "{method=\"GET\",route=\"/v1/schemes/{name}\",code=\"4xx\"}"},
    {"HEAD", "/v1/version",
     "{method=\"GET\",route=\"/v1/version\",code=\"2xx\"}"},
    {"GET", "/n\"o/where/at/all",
     "{method=\"none\",route=\"none\",code=\"4xx\"}"},
    {"BREW", "/v1/version", "{method=\"none\",route=\"none\",code=\"4xx\"}"},
    {"OPTIONS", "/v1/version", "{method=\"none\",route=\"none\",code=\"2xx\"}"},
};

START_TEST(requests_are_counted_by_route_and_class)
{
    char name[160];

    count(rows[_i].method, rows[_i].target, 0.2, API_SENT);
    count(rows[_i].method, rows[_i].target, 0.2, API_SENT);
    snprintf(name, sizeof name, "sow_http_requests_total%s", rows[_i].sample);
    ck_assert_double_eq(drive_metric(driven, name), 2);
}
END_TEST

/* The metric of /v1/version with that ending. */
static double version_metric(const char *name, const char *label)
{
    char full[160];

    snprintf(full, sizeof full, "%s{method=\"GET\",route=\"/v1/version\"%s}",
             name, label);
    return drive_metric(driven, full);
}

START_TEST(histograms_add_up)
{
    const char *bucket = "sow_http_request_duration_seconds_bucket";

    count("GET", "/v1/version", 0.0001, API_SENT);
    count("GET", "/v1/version", 0.3, API_SENT);
    count("GET", "/v1/version", 1000, API_CUT_CLIENT);
    ck_assert_double_eq(version_metric(bucket, ",le=\"0.0005\""), 1);
    ck_assert_double_eq(version_metric(bucket, ",le=\"0.1\""), 1);
    ck_assert_double_eq(version_metric(bucket, ",le=\"0.5\""), 2);
    ck_assert_double_eq(version_metric(bucket, ",le=\"300\""), 2);
    ck_assert_double_eq(version_metric(bucket, ",le=\"+Inf\""), 3);
    ck_assert_double_eq(
        version_metric("sow_http_request_duration_seconds_count", ""), 3);
    ck_assert_double_eq_tol(
        version_metric("sow_http_request_duration_seconds_sum", ""), 1000.3001,
        1e-6);
    ck_assert_double_eq_tol(
        version_metric("sow_http_time_to_first_byte_seconds_sum", ""),
        500.15005, 1e-6);
    ck_assert_double_eq(
        drive_metric(driven,
                     "sow_http_response_size_bytes_bucket{le=\"10000\"}"),
        3);
}
END_TEST

START_TEST(what_was_cut_is_counted_by_its_reason)
{
    const char *client = "sow_http_aborted_responses_total{reason=\"client\"}";

    ck_assert_double_eq(drive_metric(driven, client), 0);
    count("GET", "/v1/version", 1, API_CUT_CLIENT);
    ck_assert_double_eq(drive_metric(driven, client), 1);
}
END_TEST

START_TEST(a_problem_is_counted_by_its_code)
{
    ck_assert_uint_eq(count("GET", "/v1/weights?shape=2,2", 0.1, API_SENT),
                      400);
    ck_assert_double_eq(
        drive_metric(driven, "sow_problems_total{code=\"MISSING_FIELD\"}"), 1);
}
END_TEST

START_TEST(work_is_timed_and_digests_are_remembered)
{
    const char *target = "/v1/weights?shape=3000000&scheme=uniform&digest=wait";
    struct answer first = drive_get(driven, target);
    double generated = drive_metric(driven, "sow_generation_seconds_total");

    ck_assert_double_gt(drive_metric(driven, "sow_hash_seconds_total"), 0.001);
    ck_assert_double_gt(generated, 0.0001);
    ck_assert_double_ge(drive_metric(driven, "sow_http_response_bytes_total"),
                        12000000);
    ck_assert_double_eq(drive_metric(driven, "sow_digest_hits_total"), 0);
    struct answer second = drive_get(driven, target);
    ck_assert_double_ge(drive_metric(driven, "sow_digest_hits_total"), 1);
    ck_assert_mem_eq(first.body, second.body, first.read);
    answer_release(&first);
    answer_release(&second);
}
END_TEST

static void tell(void *self, struct api_vitals *vitals)
{
    *vitals = (struct api_vitals){.connections = *(int *)self, .cpu = -1};
}

START_TEST(the_server_is_asked_for_what_it_knows)
{
    int connections = 7;
    struct answer answer = drive_get(driven, "/metrics");

    ck_assert_ptr_null(strstr(answer.body, "sow_http_connections"));
    answer_release(&answer);
    api_watch(driven, tell, &connections);
    ck_assert_double_eq(drive_metric(driven, "sow_http_connections"), 7);
    answer = drive_get(driven, "/metrics");
    ck_assert_msg(!strstr(answer.body, "process_cpu_seconds_total"),
                  "what isn't known was told");
    answer_release(&answer);
}
END_TEST

Suite *metrics_suite(void)
{
    Suite *suite = suite_create("metrics");
    TCase *tcase = tcase_create("metrics");

    tcase_add_checked_fixture(tcase, drive_setup, drive_teardown);
    tcase_add_test(tcase, every_sample_stands_under_its_own_help_and_type);
    tcase_add_loop_test(tcase, requests_are_counted_by_route_and_class, 0,
                        COUNT(rows));
    tcase_add_test(tcase, histograms_add_up);
    tcase_add_test(tcase, what_was_cut_is_counted_by_its_reason);
    tcase_add_test(tcase, a_problem_is_counted_by_its_code);
    tcase_add_test(tcase, work_is_timed_and_digests_are_remembered);
    tcase_add_test(tcase, the_server_is_asked_for_what_it_knows);
    suite_add_tcase(suite, tcase);
    return suite;
}
