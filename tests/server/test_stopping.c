/* SPDX-License-Identifier: MIT */
/* Long work beside I/O, and a server that stops in the middle of things. */
#include "client.h"
#include "rows.h"

#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

/* Nobody should have to wait for that. */
#define LONG_HEAD "HEAD " LONG_WORK " HTTP/1.1\r\nHost: test\r\n\r\n"

START_TEST(long_work_is_answered_when_it_is_done)
{
    struct server server = server_start(NULL);
    int fd = client_connect(&server);
    ck_assert(client_get(fd, "/v1/weights?shape=1000&scheme=uniform&seed=7"
                             "&digest=wait"));
    struct answer answer = client_answer(fd, false);
    ck_assert_msg(answer.status == 200, "%s%s", answer.head, answer.body);
    ck_assert_uint_eq(answer.size, 4000);
    ck_assert_ptr_nonnull(strstr(answer.head, "Sow-Digest: blake2b-256="));
    ck_assert(client_get(fd, VERSION));
    assert_answer(fd, 200);
    close(fd);
    server_stop(&server, 5);
}
END_TEST

START_TEST(io_goes_on_while_work_is_done)
{
    struct server server = server_start("--workers=1", "--threads=1", NULL);
    int busy = client_connect(&server), fd = client_connect(&server);
    ck_assert(client_send(busy, LONG_HEAD));
    double start = seconds_now();
    for (int i = 0; i < 20; i++) {
        ck_assert(client_get(fd, VERSION));
        assert_answer(fd, 200);
    }
    ck_assert_msg(seconds_now() - start < 10, "20 requests took %g s",
                  seconds_now() - start);
    close(busy);
    close(fd);
    server_stop(&server, 5);
}
END_TEST

START_TEST(a_full_queue_is_429_until_the_client_leaves)
{
    struct server server = server_start("--queue=1", "--workers=1", NULL);
    int busy = client_connect(&server), fd = client_connect(&server);
    const char *small = "/v1/weights?shape=999999&scheme=zeros&digest=wait";
    struct answer answer = {.status = 429};
    ck_assert(client_send(busy, LONG_HEAD));
    expect_metric(&server, HELD_JOBS, 1);
    ck_assert(client_get(fd, small));
    answer = client_answer(fd, false);
    ck_assert_msg(answer.status == 429, "%s%s", answer.head, answer.body);
    ck_assert_ptr_nonnull(strstr(answer.head, "Retry-After: "));
    close(busy);
    for (int i = 0; i < 100 && answer.status == 429; i++) {
        usleep(100000);
        ck_assert(client_get(fd, small));
        answer = client_answer(fd, false);
    }
    ck_assert_msg(answer.status == 200, "still %u after the client left",
                  answer.status);
    close(fd);
    server_stop(&server, 5);
}
END_TEST

START_TEST(stopping_at_once_ends_long_work)
{
    struct server server = server_start("--workers=1", NULL);
    int fds[3];
    for (int i = 0; i < 3; i++) {
        fds[i] = client_connect(&server);
        ck_assert(client_send(fds[i], LONG_HEAD));
    }
    expect_metric(&server, HELD_JOBS, 3);
    double start = seconds_now();
    server_stop(&server, 0);
    ck_assert_msg(seconds_now() - start < 10, "stopping took %g s",
                  seconds_now() - start);
    for (int i = 0; i < 3; i++)
        close(fds[i]);
}
END_TEST

static void *stop_in_thread(void *server)
{
    server_stop(server, 50);
    return NULL;
}

static bool has_begun(int fd)
{
    struct pollfd poller = {.fd = fd, .events = POLLIN};
    return poll(&poller, 1, 10000) > 0;
}

START_TEST(a_transfer_is_finished_before_the_server_stops)
{
    struct server server = server_start(NULL);
    pthread_t stopper;
    int fd = client_connect(&server), idle = client_connect(&server);
    ck_assert(client_get(fd, ZEROS "50000000"));
    ck_assert(has_begun(fd));
    ck_assert_int_eq(pthread_create(&stopper, NULL, stop_in_thread, &server),
                     0);
    ck_assert_msg(client_at_end(idle), "the idle connection stayed");
    struct answer answer = client_answer(fd, false);
    ck_assert_uint_eq(answer.status, 200);
    ck_assert_uint_eq(answer.size, 200000000);
    ck_assert_msg(client_at_end(fd), "left open after the transfer");
    pthread_join(stopper, NULL);
    close(fd);
    close(idle);
}
END_TEST

START_TEST(an_upload_is_answered_while_stopping_and_then_closed)
{
    struct server server = server_start(NULL);
    pthread_t stopper;
    int fd = client_connect(&server), idle = client_connect(&server);
    ck_assert(client_send(fd, POST JSON "Content-Length: %zu\r\n\r\n",
                          strlen(LAYER)));
    expect_metric(&server, "sow_http_requests_in_flight", 2);
    ck_assert_int_eq(pthread_create(&stopper, NULL, stop_in_thread, &server),
                     0);
    ck_assert(client_at_end(idle));
    ck_assert_msg(address_connect(http_address(server.http), 1) < 0,
                  "a server that stops took a new connection");
    ck_assert(client_send(fd, "%s", LAYER));
    struct answer answer = client_answer(fd, false);
    ck_assert_uint_eq(answer.status, 200);
    ck_assert_msg(answer_has(&answer, "Connection: close"), "%s", answer.head);
    ck_assert(client_at_end(fd));
    pthread_join(stopper, NULL);
    close(fd);
    close(idle);
}
END_TEST

/* An end that comes with the last bytes is one that the library misses. */
START_TEST(who_left_in_a_body_is_not_waited_for)
{
    struct server server = server_start(NULL);

    for (int i = 0; i < 40; i++) {
        int fd = client_connect(&server);
        ck_assert(client_send(fd, POST JSON "Content-Length: 100\r\n\r\n{"));
        close(fd);
    }
    double start = seconds_now();
    server_stop(&server, 50);
    ck_assert_msg(seconds_now() - start < 20, "stopping took %g s",
                  seconds_now() - start);
}
END_TEST

START_TEST(a_transfer_that_takes_too_long_is_cut)
{
    struct server server = server_start(NULL);
    int fd = client_connect(&server);
    ck_assert(client_get(fd, ZEROS "25000000000"));
    ck_assert(has_begun(fd));
    double start = seconds_now();
    server_stop(&server, 1);
    ck_assert_msg(seconds_now() - start < 30, "stopping took %g s",
                  seconds_now() - start);
    close(fd);
}
END_TEST

Suite *stopping_suite(void);
Suite *stopping_suite(void)
{
    Suite *suite = suite_create("server/stopping");
    TCase *tests = tcase_create("stopping");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, long_work_is_answered_when_it_is_done);
    tcase_add_test(tests, io_goes_on_while_work_is_done);
    tcase_add_test(tests, a_full_queue_is_429_until_the_client_leaves);
    tcase_add_test(tests, stopping_at_once_ends_long_work);
    tcase_add_test(tests, a_transfer_is_finished_before_the_server_stops);
    tcase_add_test(tests, an_upload_is_answered_while_stopping_and_then_closed);
    tcase_add_test(tests, who_left_in_a_body_is_not_waited_for);
    tcase_add_test(tests, a_transfer_that_takes_too_long_is_cut);
    suite_add_tcase(suite, tests);
    return suite;
}
