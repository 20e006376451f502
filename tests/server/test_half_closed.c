/* SPDX-License-Identifier: MIT */
/*
 * Clients that shut their side of a connection and read on, as 'nc -N' does,
 * and those who shut it because they leave.
 */
#include "client.h"
#include "rows.h"

#include <string.h>
#include <unistd.h>

#define WORK "/v1/weights?scheme=zeros&digest=wait&shape="

/* What is soon done. */
#define SHORT_WORK WORK "2000000"

/* How often a thing is tried that a busy machine may have spoilt. */
#define TRIES 10

/* Send a request, with its end right behind it. */
static int ask_and_shut(const struct server *server, const char *target)
{
    int fd = client_connect(server);
    ck_assert(client_get(fd, target));
    shutdown(fd, SHUT_WR);
    return fd;
}

/* One that keeps the only worker busy. */
static int keep_busy(const struct server *server)
{
    int fd = client_connect(server);
    ck_assert(client_get(fd, LONG_WORK "&seed=1"));
    expect_metric(server, HELD_JOBS, 1);
    return fd;
}

/* The seconds until the only worker is free for others again; what it did once
   is remembered, so it is asked for something else each time. */
static double until_free(const struct server *server)
{
    static int asked;
    char target[128];
    snprintf(target, sizeof target, WORK "%d", 999999 - asked++);
    double start = seconds_now();
    int fd = client_connect(server);
    ck_assert(client_get(fd, target));
    assert_answer(fd, 200);
    close(fd);
    return seconds_now() - start;
}

/* Work of each kind: on the pool in the end, or from the beginning on. */
static const char *const kinds[] = {
    SHORT_WORK,
    "/v1/weights?recipe=no/such&name=a",
    "/v1/weights?scheme=orthogonal&shape=64,64&digest=wait",
};
static const unsigned statuses[] = {200, 404, 200};

/* Such work may take a second; whether it had that and was too slow. */
static bool was_too_slow(const struct server *server, int kind)
{
    double start = seconds_now();
    int fd = ask_and_shut(server, kinds[kind]);
    struct answer answer = client_answer(fd, false);
    bool slow = answer.status == 0 && seconds_now() - start > 0.8;
    ck_assert_msg(slow || answer.status == statuses[kind], "status %u:\n%s%s",
                  answer.status, answer.head, answer.body);
    ck_assert(client_at_end(fd));
    close(fd);
    return slow;
}

START_TEST(who_has_said_all_is_answered_though_it_takes_work)
{
    struct server server = server_start("--workers=1", NULL);
    int slow = 0;
    for (int i = 0; i < 20; i++)
        while (was_too_slow(&server, _i))
            ck_assert_int_lt(slow++, TRIES);
    server_stop(&server, 5);
}
END_TEST

START_TEST(who_has_said_all_may_wait_for_a_worker)
{
    struct server server = server_start("--workers=1", NULL);
    int busy = keep_busy(&server);
    int fd = ask_and_shut(&server, SHORT_WORK);
    usleep(1500000);
    shutdown(busy, SHUT_RDWR);
    assert_answer(fd, 200);
    close(busy);
    close(fd);
    server_stop(&server, 5);
}
END_TEST

START_TEST(work_for_who_has_said_all_ends_soon)
{
    struct server server = server_start("--workers=1", NULL);
    double start = seconds_now();
    int fd = ask_and_shut(&server, LONG_WORK);
    expect_metric(&server, HELD_JOBS, 1);
    until_free(&server);
    double seconds = seconds_now() - start;
    ck_assert_msg(seconds > 0.5 && seconds < 12, "after %g s", seconds);
    struct answer answer = client_answer(fd, false);
    ck_assert_msg(answer.status == 0, "it was answered with %s", answer.head);
    close(fd);
    server_stop(&server, 5);
}
END_TEST

/* How one leaves in the middle of work: by a reset, or later than at once. */
static const struct {
    bool reset;
    useconds_t after;
} leaves[] = {{true, 100000}, {false, 1500000}};

/* In less time than is given to one that may read on. */
START_TEST(work_for_who_leaves_ends_at_once)
{
    const struct linger how = {leaves[_i].reset, 0};
    struct server server = server_start("--workers=1", NULL);
    double seconds = 1;
    for (int i = 0; i < TRIES && seconds >= 0.8; i++) {
        int busy = keep_busy(&server);
        usleep(leaves[_i].after);
        setsockopt(busy, SOL_SOCKET, SO_LINGER, &how, sizeof how);
        close(busy);
        seconds = until_free(&server);
    }
    ck_assert_msg(seconds < 0.8, "after %g s", seconds);
    server_stop(&server, 5);
}
END_TEST

/* A body of 2 MiB or so, that is refused when it has been read. */
static void post_much(int fd)
{
    static const char entry[] = ",{\"a\":1,\"b\":[2]}";
    const size_t size = sizeof entry - 1;
    static char body[130000 * (sizeof entry - 1) + 1];
    for (size_t n = 0; n + size < sizeof body; n += size)
        memcpy(body + n, entry, size);
    body[0] = '[';
    body[sizeof body - 1] = ']';
    ck_assert(
        client_send(fd, POST JSON "Content-Length: %zu\r\n\r\n", sizeof body));
    ck_assert(client_send_bytes(fd, body, sizeof body));
}

#define CROWD 16

/* The seconds that one body takes, from its first byte to its answer. */
static double seconds_of_one(const struct server *server)
{
    int fd = client_connect(server);
    double start = seconds_now();
    post_much(fd);
    assert_answer(fd, 400);
    close(fd);
    return seconds_now() - start;
}

/* Those that the worker is kept from for all who wait to have left. */
static double seconds_after_crowd(const struct server *server)
{
    const struct linger none = {1, 0};
    int fds[CROWD + 1];
    fds[0] = keep_busy(server);
    for (int i = 1; i <= CROWD; i++)
        post_much(fds[i] = client_connect(server));
    expect_metric(server, HELD_JOBS, CROWD + 1);
    for (int i = CROWD; i >= 0; i--) {
        setsockopt(fds[i], SOL_SOCKET, SO_LINGER, &none, sizeof none);
        close(fds[i]);
    }
    return until_free(server);
}

START_TEST(who_left_while_waiting_costs_nothing)
{
    struct server server = server_start("--workers=1", NULL);
    double one = 0, seconds = 1;
    for (int i = 0; i < TRIES && seconds >= 0.3 + one * CROWD / 3; i++) {
        one = seconds_of_one(&server);
        seconds = seconds_after_crowd(&server);
    }
    ck_assert_msg(seconds < 0.3 + one * CROWD / 3,
                  "%g s for %d; one takes %g s", seconds, CROWD, one);
    server_stop(&server, 5);
}
END_TEST

/* How one leaves in the middle of work, a request before that included. */
static const struct {
    bool reset;
    useconds_t after;
} ways[] = {{true, 300000}, {false, 1500000}, {false, 100000}};

START_TEST(who_leaves_is_counted_as_that_and_is_nobodys_fault)
{
    const struct linger how = {ways[_i].reset, 0};
    struct server server = server_start("--workers=1", NULL);
    int fd = client_connect(&server);
    ck_assert(client_get(fd, VERSION));
    assert_answer(fd, 200);
    ck_assert(client_get(fd, LONG_WORK));
    expect_metric(&server, HELD_JOBS, 1);
    usleep(ways[_i].after);
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &how, sizeof how);
    close(fd);
    until_free(&server);
    expect_metric(&server,
                  "sow_http_aborted_responses_total{reason=\"client\"}", 1);
    static const char *const classes[] = {"2xx", "4xx", "5xx"};
    for (int i = 0; i < 3; i++) {
        char sample[128];
        snprintf(sample, sizeof sample,
                 "sow_http_requests_total{method=\"GET\",route=\"/v1/"
                 "weights\",code=\"%s\"}",
                 classes[i]);
        expect_metric(&server, sample, i == 0);
    }
    server_stop(&server, 5);
}
END_TEST

Suite *half_closed_suite(void);
Suite *half_closed_suite(void)
{
    Suite *suite = suite_create("server/half_closed");
    TCase *tests = tcase_create("half_closed");
    tcase_set_timeout(tests, 60);
    tcase_add_rows(tests, who_has_said_all_is_answered_though_it_takes_work,
                   kinds);
    tcase_add_test(tests, who_has_said_all_may_wait_for_a_worker);
    tcase_add_test(tests, work_for_who_has_said_all_ends_soon);
    tcase_add_rows(tests, work_for_who_leaves_ends_at_once, leaves);
    tcase_add_test(tests, who_left_while_waiting_costs_nothing);
    tcase_add_rows(tests, who_leaves_is_counted_as_that_and_is_nobodys_fault,
                   ways);
    suite_add_tcase(suite, tests);
    return suite;
}
