/* SPDX-License-Identifier: MIT */
/* The server seen from a socket: connections, bodies and targets. */
#include "client.h"
#include "rows.h"

#include <poll.h>
#include <string.h>
#include <unistd.h>

/* ------------------------------------------------------------------------
 * Connections and bodies
 */

START_TEST(a_connection_is_kept_alive)
{
    struct server server = server_start(NULL);
    int fd = client_connect(&server);
    for (int i = 0; i < 3; i++) {
        ck_assert(client_get(fd, VERSION));
        assert_answer(fd, 200);
        ck_assert(client_get(fd, "/no/such/path"));
        assert_answer(fd, 404);
    }
    close(fd);
    server_stop(&server, 5);
}
END_TEST

START_TEST(pipelined_requests_are_answered_in_order)
{
    struct server server = server_start(NULL);
    int fd = client_connect(&server);
    static const unsigned sizes[] = {1, 100000, 0, 5000, 4096, 70000};
    for (size_t i = 0; i < 6; i++)
        ck_assert(client_send(fd,
                              "GET " ZEROS "%u&dtype=f8_e5m2 HTTP/1.1\r\n"
                              "Host: test\r\n\r\n",
                              sizes[i]));
    for (size_t i = 0; i < 6; i++) {
        struct answer answer = client_answer(fd, false);
        ck_assert_uint_eq(answer.status, 200);
        ck_assert_uint_eq(answer.size, sizes[i]);
    }
    close(fd);
    server_stop(&server, 5);
}
END_TEST

/* Around the sizes where one write, one block and several blocks meet. */
static const unsigned body_sizes[] = {0,      1,      16383,  16384,  16385,
                                      262143, 262144, 262145, 1 << 20};

START_TEST(bodies_of_every_size_are_whole)
{
    struct server server = server_start(NULL);
    int fd = client_connect(&server);
    ck_assert(client_send(fd,
                          "GET " ZEROS "%u&dtype=f8_e5m2 HTTP/1.1\r\n"
                          "Host: test\r\n\r\n",
                          body_sizes[_i]));
    struct answer answer = client_answer(fd, false);
    ck_assert_uint_eq(answer.status, 200);
    ck_assert_int_eq(answer_length(&answer), body_sizes[_i]);
    ck_assert_uint_eq(answer.size, body_sizes[_i]);
    ck_assert(client_get(fd, VERSION));
    assert_answer(fd, 200);
    close(fd);
    server_stop(&server, 5);
}
END_TEST

START_TEST(head_has_the_length_and_no_body)
{
    struct server server = server_start(NULL);
    int fd = client_connect(&server);
    ck_assert(client_send(fd, "HEAD " ZEROS "25000000000 HTTP/1.1\r\n"
                              "Host: test\r\n\r\n"));
    struct answer answer = client_answer(fd, true);
    ck_assert_uint_eq(answer.status, 200);
    ck_assert_int_eq(answer_length(&answer), 100000000000);
    ck_assert(client_get(fd, VERSION));
    assert_answer(fd, 200);
    close(fd);
    server_stop(&server, 5);
}
END_TEST

START_TEST(a_304_does_not_claim_to_be_empty)
{
    struct server server = server_start(NULL);
    int fd = client_connect(&server);
    ck_assert(client_send(fd, "GET " ZEROS "100000 HTTP/1.1\r\n"
                              "Host: test\r\nIf-None-Match: *\r\n\r\n"));
    struct answer answer = client_answer(fd, true);
    ck_assert_uint_eq(answer.status, 304);
    ck_assert_int_ne(answer_length(&answer), 0);
    ck_assert(client_get(fd, VERSION));
    assert_answer(fd, 200);
    close(fd);
    server_stop(&server, 5);
}
END_TEST

START_TEST(hundreds_of_idle_connections_do_no_harm)
{
    struct server server = server_start(NULL);
    int fds[500];
    for (int i = 0; i < 500; i++)
        fds[i] = client_connect(&server);
    for (int i = 499; i >= 0; i -= 7) {
        ck_assert(client_get(fds[i], VERSION));
        assert_answer(fds[i], 200);
    }
    double start = seconds_now();
    server_stop(&server, 30);
    ck_assert_msg(seconds_now() - start < 5, "stopping took %g s",
                  seconds_now() - start);
    for (int i = 0; i < 500; i++) {
        ck_assert(client_at_end(fds[i]));
        close(fds[i]);
    }
}
END_TEST

START_TEST(a_client_that_leaves_mid_transfer_is_forgotten)
{
    struct server server = server_start(NULL);
    char bytes[1000];
    for (int i = 0; i < 20; i++) {
        int fd = client_connect(&server);
        ck_assert(client_get(fd, ZEROS "25000000000"));
        ck_assert_int_gt(recv(fd, bytes, sizeof bytes, 0), 0);
        close(fd);
    }
    double start = seconds_now();
    server_stop(&server, 30);
    ck_assert_msg(seconds_now() - start < 5, "stopping took %g s",
                  seconds_now() - start);
}
END_TEST

static const char *const halves[] = {
    "", "GET /v1/ver", "GET /v1/version HTTP/1.1\r\nHost: te",
    POST JSON "Content-Length: 100000\r\n\r\n{"};

/* Whether the server hangs up until then. */
static bool ends_by(int fd, double end)
{
    struct pollfd poller = {.fd = fd, .events = POLLIN};
    double left = end - seconds_now();
    return poll(&poller, 1, left < 0 ? 0 : (int)(left * 1e3)) > 0 &&
           client_at_end(fd);
}

/* How many of fifty are kept for five seconds after the one tick, which comes
   so many seconds after they have left. */
static int kept_after(const struct server *server, const char *half,
                      double pause)
{
    int fds[50], kept = 0;
    for (size_t i = 0; i < 50; i++) {
        fds[i] = client_connect(server);
        ck_assert(client_send(fds[i], "%s", half));
        shutdown(fds[i], SHUT_WR);
    }
    usleep((useconds_t)(pause * 1e6));
    http_tick(server->http);
    double end = seconds_now() + 5;
    for (size_t i = 0; i < 50; i++) {
        kept += !ends_by(fds[i], end);
        close(fds[i]);
    }
    return kept;
}

/* A busy machine may not have read by then what they sent. */
START_TEST(who_leaves_in_a_request_is_forgotten_soon)
{
    static const double pauses[] = {0.1, 1, 3};
    struct server server = server_start(NULL);
    int kept = 50;
    for (int i = 0; i < 3 && kept > 0; i++)
        kept = kept_after(&server, halves[_i], pauses[i]);
    ck_assert_msg(kept == 0, "%d were kept", kept);
    server_stop(&server, 5);
}
END_TEST

/* The end comes together with the requests, or a moment later. */
static const struct {
    unsigned requests, times;
    useconds_t pause;
} last_words[] = {{1, 100, 0}, {3, 50, 0}, {1, 20, 300}, {0, 10, 0}};

START_TEST(who_has_said_all_is_answered_and_hung_up_on)
{
    struct server server = server_start(NULL);
    for (unsigned i = 0; i < last_words[_i].times; i++) {
        int fd = client_connect(&server);
        double start = seconds_now();
        const char *query = "/v1/weights?scheme=zeros&shape=20000";
        for (unsigned k = 0; k < last_words[_i].requests; k++)
            ck_assert(client_get(fd, query));
        if (last_words[_i].pause > 0)
            usleep(last_words[_i].pause);
        shutdown(fd, SHUT_WR);
        for (unsigned k = 0; k < last_words[_i].requests; k++)
            assert_answer(fd, 200);
        ck_assert(client_at_end(fd));
        ck_assert_msg(seconds_now() - start < 5, "turn %u took %g s", i,
                      seconds_now() - start);
        close(fd);
    }
    server_stop(&server, 5);
}
END_TEST

START_TEST(a_port_in_use_is_refused)
{
    struct server server = server_start(NULL);
    struct config config;
    char *const nothing[] = {NULL};
    char error[512];
    ck_assert_int_eq(config_read(&config, nothing, nothing, error), CONFIG_OK);
    config.listen = *http_address(server.http);
    ck_assert_ptr_null(http_open(&config));
    server_stop(&server, 5);
}
END_TEST

/* ------------------------------------------------------------------------
 * Targets
 */

START_TEST(the_path_is_split_before_it_is_decoded)
{
    struct server server = server_start(NULL);
    int fd = client_connect(&server);
    ck_assert(client_get(fd, "/v1%2Fversion"));
    struct answer answer = client_answer(fd, false);
    ck_assert_msg(answer.status >= 400 && answer.status < 500,
                  "/v1%%2Fversion gave %u", answer.status);
    close(fd);
    server_stop(&server, 5);
}
END_TEST

static const size_t long_targets[] = {8193, 10000, 20000, 28000};

START_TEST(a_long_target_is_refused_by_a_problem_of_ours)
{
    struct server server = server_start(NULL);
    int fd = client_connect(&server);
    char target[32768] = "/v1/weights?shape=";
    size_t n = strlen(target);
    memset(target + n, '1', long_targets[_i] - n);
    target[long_targets[_i]] = '\0';
    ck_assert(client_get(fd, target));
    struct answer answer = client_answer(fd, false);
    ck_assert_msg(answer.status == 414, "%zu bytes gave %u", long_targets[_i],
                  answer.status);
    ck_assert_msg(answer_has(&answer, "Content-Type: "
                                      "application/problem+json"),
                  "not a problem document:\n%s", answer.head);
    close(fd);
    server_stop(&server, 5);
}
END_TEST

/* ------------------------------------------------------------------------
 * Versions
 */

static const struct {
    const char *head;
    unsigned status;
} versions[] = {
    {"GET " VERSION " HTTP/1.0\r\n\r\n", 200},
    {"GET " VERSION " HTTP/1.0\r\nHost: test\r\n\r\n", 200},
    {"GET " VERSION " HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n", 400},
    {"GET " VERSION " HTTP/1.1\r\n\r\n", 400},
    {"GET " VERSION " HTTP/1.1\r\nHost: test\r\n\r\n", 200},
};

START_TEST(only_http_1_0_may_leave_out_host)
{
    struct server server = server_start(NULL);
    int fd = client_connect(&server);
    ck_assert(client_send(fd, "%s", versions[_i].head));
    struct answer answer = client_answer(fd, false);
    ck_assert_msg(answer.status == versions[_i].status, "%s gave %u:\n%s%s",
                  versions[_i].head, answer.status, answer.head, answer.body);
    close(fd);
    server_stop(&server, 5);
}
END_TEST

Suite *http_suite(void);
Suite *http_suite(void)
{
    Suite *suite = suite_create("server/http");
    TCase *tests = tcase_create("http");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, a_connection_is_kept_alive);
    tcase_add_test(tests, pipelined_requests_are_answered_in_order);
    tcase_add_rows(tests, bodies_of_every_size_are_whole, body_sizes);
    tcase_add_test(tests, head_has_the_length_and_no_body);
    tcase_add_test(tests, a_304_does_not_claim_to_be_empty);
    tcase_add_test(tests, hundreds_of_idle_connections_do_no_harm);
    tcase_add_test(tests, a_client_that_leaves_mid_transfer_is_forgotten);
    tcase_add_rows(tests, who_leaves_in_a_request_is_forgotten_soon, halves);
    tcase_add_rows(tests, who_has_said_all_is_answered_and_hung_up_on,
                   last_words);
    tcase_add_test(tests, a_port_in_use_is_refused);
    tcase_add_test(tests, the_path_is_split_before_it_is_decoded);
    tcase_add_rows(tests, a_long_target_is_refused_by_a_problem_of_ours,
                   long_targets);
    tcase_add_rows(tests, only_http_1_0_may_leave_out_host, versions);
    suite_add_tcase(suite, tests);
    return suite;
}
