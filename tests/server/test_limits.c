/* SPDX-License-Identifier: MIT */
/* Clients that are slow, too many, or ask for too much work. */
#include "client.h"
#include "clock.h"
#include "peers.h"
#include "rows.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* How often things are looked at here, for up to so long. */
#define STEP 50000
#define STEPS 240

/* Whether the server has hung up by now. */
static bool hung_up(int fd)
{
    char byte;
    ssize_t n = recv(fd, &byte, 1, MSG_DONTWAIT | MSG_PEEK);
    return n == 0 || (n < 0 && errno != EAGAIN);
}

static const struct {
    const char *what, *begin, *piece;
} trickles[] = {
    {"a head", "GET /v1/version HTTP/1.1\r\n", "X"},
    {"a first line", "GET /v1/ver", "x"},
    {"a body", POST JSON "Content-Length: 100000\r\n\r\n{", " "},
};

START_TEST(what_trickles_in_is_cut_off)
{
    struct server server =
        server_start("--idle-seconds=1", "--min-rate=1000", NULL);
    double begun = seconds_now();
    int fd = client_connect(&server), i = 0;
    ck_assert(client_send(fd, "%s", trickles[_i].begin));
    for (; i < STEPS && !hung_up(fd); i++) {
        client_send(fd, "%s", trickles[_i].piece);
        usleep(STEP);
        http_tick(server.http);
    }
    ck_assert_msg(i < STEPS, "%s was waited for", trickles[_i].what);
    double seconds = seconds_now() - begun;
    ck_assert_msg(seconds >= 0.9, "%s got only %g s", trickles[_i].what,
                  seconds);
    close(fd);
    server_stop(&server, 5);
}
END_TEST

/* Two ends of a connection; the first has sent more than there is room for. */
static void open_pair(int ends[2])
{
    struct address any, bound;
    static char bytes[1 << 20];
    ck_assert(address_parse("127.0.0.1:0", &any));
    int listener = address_listen(&any, &bound);
    ends[1] = address_connect(&bound, 10);
    while ((ends[0] = accept(listener, NULL, NULL)) < 0)
        ck_assert_int_eq(errno, EAGAIN);
    close(listener);
    while (send(ends[0], bytes, sizeof bytes, MSG_DONTWAIT) > 0)
        ;
}

/* 'peer', of those 'peers', is the first. */
static void close_pair(struct peers *peers, struct peer *peer,
                       const int ends[2])
{
    peers_remove(peers, peer);
    peers_release(peers);
    close(ends[0]);
    close(ends[1]);
}

static const struct {
    enum peer_phase phase;
    size_t piece; /* that the client reads a time */
    bool cut;
} readers[] = {
    {PEER_SENDING, 0, true},       {PEER_SENDING, 500, true},
    {PEER_SENDING, 500000, false}, {PEER_WORKING, 0, false},
    {PEER_IDLE, 0, false},
};

START_TEST(an_answer_that_is_read_too_slowly_is_cut_off)
{
    static char bytes[500000];
    struct peers peers;
    size_t cut = 0;
    int ends[2];
    open_pair(ends);
    peers_init(&peers, 1);
    struct peer *peer = peers_add(&peers, ends[0]);
    peer_enter(peer, readers[_i].phase);
    for (int i = 0; i < 90 && cut == 0; i++) {
        cut = peers_cut_slow(&peers, 1 << 20, 1);
        usleep(STEP);
        recv(ends[1], bytes, readers[_i].piece, MSG_DONTWAIT);
        send(ends[0], bytes, readers[_i].piece, MSG_DONTWAIT | MSG_NOSIGNAL);
    }
    ck_assert_msg(cut == (readers[_i].cut ? 1 : 0),
                  "phase %d, %zu bytes a time: %zu were cut off",
                  (int)readers[_i].phase, readers[_i].piece, cut);
    ck_assert(atomic_load(&peer->late) == readers[_i].cut);
    close_pair(&peers, peer, ends);
}
END_TEST

START_TEST(nobody_else_is_cut_off)
{
    struct server server =
        server_start("--idle-seconds=2", "--min-rate=1000", NULL);
    int busy = client_connect(&server), fd = client_connect(&server);
    ck_assert(client_get(busy, LONG_WORK));
    double last = seconds_now();
    for (int i = 0; i < 60; i++) {
        if (seconds_now() - last > 1) { /* a pause of ours: it may be idle */
            close(fd);
            fd = client_connect(&server);
        }
        ck_assert(client_get(fd, VERSION));
        assert_answer(fd, 200);
        last = seconds_now();
        usleep(STEP);
        http_tick(server.http);
    }
    ck_assert_msg(!hung_up(busy), "one that waits for work was cut off");
    close(busy);
    close(fd);
    server_stop(&server, 5);
}
END_TEST

START_TEST(a_request_too_many_is_429_and_transfers_go_on)
{
    struct server server = server_start("--max-requests=2", NULL);
    int fds[2], fd = client_connect(&server);
    for (int i = 0; i < 2; i++) {
        fds[i] = client_connect(&server);
        ck_assert(client_get(fds[i], ZEROS "30000000"));
    }
    expect_metric(&server, "sow_http_requests_in_flight", 3);
    ck_assert(client_get(fd, VERSION));
    struct answer answer = client_answer(fd, false);
    ck_assert_uint_eq(answer.status, 429);
    ck_assert(answer_has(&answer, "Retry-After: 1"));
    ck_assert_msg(strstr(answer.body, "--max-requests"), "%s", answer.body);
    ck_assert(client_get(fd, "/healthz"));
    assert_answer(fd, 200);
    for (int i = 0; i < 2; i++) {
        answer = client_answer(fds[i], false);
        ck_assert_uint_eq(answer.size, 120000000);
        close(fds[i]);
    }
    ck_assert(client_get(fd, VERSION));
    assert_answer(fd, 200);
    close(fd);
    server_stop(&server, 5);
}
END_TEST

START_TEST(work_that_takes_too_long_is_429)
{
    struct server server = server_start("--max-seconds=1", NULL);
    int fd = client_connect(&server);
    double start = seconds_now();
    ck_assert(client_get(fd, LONG_WORK));
    struct answer answer = client_answer(fd, false);
    double seconds = seconds_now() - start;
    ck_assert_msg(answer.status == 429, "%s", answer.head);
    ck_assert_msg(strstr(answer.body, "--max-seconds"), "%s", answer.body);
    ck_assert_msg(seconds > 0.9 && seconds < 12, "after %g s", seconds);
    close(fd);
    server_stop(&server, 5);
}
END_TEST

static unsigned status_alone(const struct server *server)
{
    struct answer answer = {0};
    int fd = client_connect(server);
    if (client_get(fd, VERSION))
        answer = client_answer(fd, false);
    close(fd);
    return answer.status;
}

START_TEST(an_address_has_no_more_connections_than_it_may)
{
    struct server server =
        server_start("--max-connections-per-address=2", NULL);
    int fds[3];
    for (int i = 0; i < 3; i++) {
        fds[i] = client_connect(&server);
        if (client_get(fds[i], VERSION) && i < 2)
            assert_answer(fds[i], 200);
    }
    ck_assert_msg(client_at_end(fds[2]), "a third one stays open");
    close(fds[0]);
    close(fds[2]);
    double end = seconds_now() + 10;
    unsigned status = status_alone(&server);
    while (status != 200 && seconds_now() < end) {
        usleep(50000);
        status = status_alone(&server);
    }
    ck_assert_uint_eq(status, 200);
    close(fds[1]);
    server_stop(&server, 5);
}
END_TEST

/* Open connections that have been answered, and say nothing more. */
static void fill(const struct server *server, int *fds, int count)
{
    for (int i = 0; i < count; i++) {
        fds[i] = client_connect(server);
        ck_assert(client_get(fds[i], VERSION));
        assert_answer(fds[i], 200);
    }
}

static void close_all(const int *fds, int count)
{
    for (int i = 0; i < count; i++)
        close(fds[i]);
}

static const char refused_connections[] = "sow_http_refused_connections_total";

START_TEST(a_connection_too_many_is_429)
{
    struct server server = server_start("--max-connections=4", NULL);
    int fds[4];
    fill(&server, fds, 4);
    expect_metric(&server, "sow_http_connections_limit", 4);
    for (int i = 1; i <= 3; i++) {
        int fd = client_connect(&server);
        ck_assert(client_get(fd, VERSION));
        struct answer answer = client_answer(fd, false);
        ck_assert_uint_eq(answer.status, 429);
        ck_assert(answer_has(&answer, "Retry-After: 1"));
        ck_assert(answer_has(&answer, "Connection: close"));
        ck_assert_msg(strstr(answer.body, "--max-connections"), "%s",
                      answer.body);
        ck_assert(client_at_end(fd));
        close(fd);
        expect_metric(&server, refused_connections, i);
    }
    ck_assert(client_get(fds[0], VERSION));
    assert_answer(fds[0], 200);
    close_all(fds, 4);
    server_stop(&server, 5);
}
END_TEST

/* It answers /readyz with 503 for as long as it tests itself. */
static void await_ready(const struct server *server)
{
    unsigned status = 0;
    for (int i = 0; i < STEPS && status != 200; i++) {
        int fd = client_connect(server);
        ck_assert(client_get(fd, "/readyz"));
        status = client_answer(fd, false).status;
        close(fd);
        usleep(STEP);
    }
    ck_assert_uint_eq(status, 200);
}

static const char *const questions[] = {"/healthz", "/readyz", "/metrics"};

START_TEST(who_asks_how_it_is_gets_in)
{
    struct server server = server_start("--max-connections=4", NULL);
    int fds[4];
    fill(&server, fds, 4);
    await_ready(&server);
    for (int i = 0; i < 100; i++) {
        int fd = client_connect(&server);
        ck_assert(client_get(fd, questions[_i]));
        struct answer answer = client_answer(fd, false);
        ck_assert_msg(answer.status == 200, "%s", answer.head);
        ck_assert_msg(client_at_end(fd), "it takes a place for good");
        close(fd);
    }
    expect_metric(&server, refused_connections, 0);
    close_all(fds, 4);
    server_stop(&server, 5);
}
END_TEST

START_TEST(who_is_too_many_and_silent_is_cut_off)
{
    struct server server = server_start("--max-connections=4", NULL);
    int fds[4], silent[80], i = 0;
    fill(&server, fds, 4);
    for (; i < 80; i++)
        silent[i] = client_connect(&server);
    int left = 80;
    for (i = 0; i < STEPS && left > 0; i++) {
        left = 0;
        for (int j = 0; j < 80; j++)
            left += !hung_up(silent[j]);
        usleep(STEP);
        http_tick(server.http);
    }
    ck_assert_msg(left == 0, "%d stay", left);
    expect_metric(&server, refused_connections, 80);
    ck_assert_msg(!hung_up(fds[0]), "one of those before was cut off");
    close_all(fds, 4);
    close_all(silent, 80);
    server_stop(&server, 5);
}
END_TEST

/* Its thread may be busy, and take a while to hear of it. */
START_TEST(who_is_cut_off_is_counted_once)
{
    struct peers peers;
    int ends[2];
    open_pair(ends);
    peers_init(&peers, 0);
    struct peer *peer = peers_add(&peers, ends[0]);
    ck_assert_uint_eq(peers_cut_extra(&peers), 0);
    peer->opened -= 4 * CLOCK_SECOND;
    ck_assert_uint_eq(peers_cut_extra(&peers), 1);
    ck_assert_uint_eq(peers_cut_extra(&peers), 0);
    ck_assert_msg(atomic_load(&peer->late), "it isn't said to have been late");
    close_pair(&peers, peer, ends);
}
END_TEST

START_TEST(who_was_too_many_stays_when_there_is_room)
{
    struct server server = server_start("--max-connections=4", NULL);
    int fds[4];
    fill(&server, fds, 4);
    int late = client_connect(&server);
    expect_metric(&server, "sow_http_connections", 6);
    close(fds[0]);
    expect_metric(&server, "sow_http_connections", 5);
    for (int i = 0; i < 2; i++) {
        ck_assert(client_get(late, VERSION));
        assert_answer(late, 200);
    }
    fds[0] = client_connect(&server);
    ck_assert(client_get(fds[0], VERSION));
    assert_answer(fds[0], 429);
    close(late);
    close_all(fds, 4);
    server_stop(&server, 5);
}
END_TEST

Suite *limits_suite(void);
Suite *limits_suite(void)
{
    Suite *suite = suite_create("server/limits");
    TCase *tests = tcase_create("limits");
    tcase_set_timeout(tests, 60);
    tcase_add_rows(tests, what_trickles_in_is_cut_off, trickles);
    tcase_add_rows(tests, an_answer_that_is_read_too_slowly_is_cut_off,
                   readers);
    tcase_add_test(tests, nobody_else_is_cut_off);
    tcase_add_test(tests, a_request_too_many_is_429_and_transfers_go_on);
    tcase_add_test(tests, work_that_takes_too_long_is_429);
    tcase_add_test(tests, an_address_has_no_more_connections_than_it_may);
    tcase_add_test(tests, a_connection_too_many_is_429);
    tcase_add_rows(tests, who_asks_how_it_is_gets_in, questions);
    tcase_add_test(tests, who_is_too_many_and_silent_is_cut_off);
    tcase_add_test(tests, who_is_cut_off_is_counted_once);
    tcase_add_test(tests, who_was_too_many_stays_when_there_is_room);
    suite_add_tcase(suite, tests);
    return suite;
}
