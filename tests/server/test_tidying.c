/* SPDX-License-Identifier: MIT */
/* What the server does now and then, and when it doesn't. */
#include "client.h"
#include "rows.h"

#include <malloc.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

/* How often memory was given back: the program's own function is taken. */
static atomic_int given;

int malloc_trim(size_t pad)
{
    (void)pad;
    atomic_fetch_add(&given, 1);
    return 0;
}

/* A request has ended a moment after its answer; what tells of that is one. */
static void ask(const struct server *server, const char *target)
{
    int fd = client_connect(server);
    ck_assert(client_get(fd, target));
    assert_answer(fd, 200);
    close(fd);
    expect_metric(server, "sow_http_requests_in_flight", 1);
}

START_TEST(memory_is_given_back_when_there_was_a_request)
{
    struct server server = server_start(NULL);
    atomic_store(&given, 0);
    http_tick(server.http);
    ck_assert_msg(given == 0, "for a server that nobody has asked anything");
    server_stop(&server, 5);
    server = server_start(NULL);
    ask(&server, VERSION);
    http_tick(server.http);
    ck_assert_int_eq(given, 1);
    ask(&server, VERSION);
    http_tick(server.http);
    ck_assert_msg(given == 1, "again, a moment later");
    server_stop(&server, 5);
}
END_TEST

static const char *const probes[] = {"/healthz", "/metrics"};

START_TEST(probes_are_no_reason_to_give_memory_back)
{
    struct server server = server_start(NULL);
    atomic_store(&given, 0);
    for (int i = 0; i < 3; i++)
        ask(&server, probes[_i]);
    http_tick(server.http);
    ck_assert_int_eq(given, 0);
    server_stop(&server, 5);
}
END_TEST

START_TEST(many_connections_are)
{
    struct server server = server_start(NULL);
    atomic_store(&given, 0);
    for (int i = 0; i < 100; i++)
        close(client_connect(&server));
    /* They end in a moment, and a tick that comes before it is one for ten
       seconds. */
    for (int i = 0; i < 200 && given == 0; i++) {
        usleep(100000);
        http_tick(server.http);
    }
    ck_assert_int_eq(given, 1);
    server_stop(&server, 5);
}
END_TEST

/* ------------------------------------------------------------------------
 * Requests that the HTTP library answers by itself
 */

static const char long_field[] =
    "GET /v1/version HTTP/1.1\r\nHost: a\r\nLong: ";

START_TEST(what_the_library_answers_is_counted)
{
    static char letters[40000];
    struct server server = server_start(NULL);
    for (int i = 1; i <= 3; i++) {
        int fd = client_connect(&server);
        memset(letters, 'a', sizeof letters);
        if (client_send(fd, "%s", long_field))
            client_send_bytes(fd, letters, sizeof letters);
        struct answer answer = client_answer(fd, true);
        ck_assert_msg(answer.status >= 400 && answer.status < 500, "%s",
                      answer.head);
        close(fd);
        expect_metric(&server, "sow_http_refused_requests_total", i);
        expect_metric(&server,
                      "sow_http_requests_total{method=\"none\","
                      "route=\"none\",code=\"4xx\"}",
                      i);
    }
    http_tick(server.http);
    server_stop(&server, 5);
}
END_TEST

START_TEST(connections_that_are_too_many_are_counted)
{
    struct server server =
        server_start("--max-connections-per-address=2", NULL);
    int fds[2];
    for (int i = 0; i < 2; i++) {
        fds[i] = client_connect(&server);
        ck_assert(client_get(fds[i], "/v1/version"));
        assert_answer(fds[i], 200); /* so it is one of the two */
    }
    for (int i = 0; i < 3; i++) {
        int fd = client_connect(&server);
        ck_assert(client_at_end(fd));
        close(fd);
    }
    expect_metric_over(fds[0], "sow_http_refused_connections_total", 3);
    close(fds[0]);
    close(fds[1]);
    server_stop(&server, 5);
}
END_TEST

Suite *tidying_suite(void);
Suite *tidying_suite(void)
{
    Suite *suite = suite_create("server/tidying");
    TCase *tests = tcase_create("tidying");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, memory_is_given_back_when_there_was_a_request);
    tcase_add_rows(tests, probes_are_no_reason_to_give_memory_back, probes);
    tcase_add_test(tests, many_connections_are);
    tcase_add_test(tests, what_the_library_answers_is_counted);
    tcase_add_test(tests, connections_that_are_too_many_are_counted);
    suite_add_tcase(suite, tests);
    return suite;
}
