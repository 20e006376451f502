/* SPDX-License-Identifier: MIT */
/* Request bodies, and heads that two parsers could read in two ways. */
#include "client.h"
#include "rows.h"

#include <string.h>
#include <unistd.h>

START_TEST(a_body_may_come_in_any_pieces)
{
    struct server server = server_start(NULL);
    int fd = client_connect(&server);
    ck_assert(client_send(fd, POST JSON "Content-Length: %zu\r\n\r\n",
                          strlen(LAYER)));
    for (const char *byte = LAYER; *byte != '\0'; byte++)
        ck_assert(client_send_bytes(fd, byte, 1));
    struct answer answer = client_answer(fd, false);
    ck_assert_msg(answer.status == 200, "%s%s", answer.head, answer.body);
    ck_assert_uint_eq(answer.size, 12);
    ck_assert(client_send(fd,
                          POST JSON "Transfer-Encoding: chunked\r\n\r\n"
                                    "%zx\r\n%s\r\n0\r\n\r\n",
                          strlen(LAYER), LAYER));
    answer = client_answer(fd, false);
    ck_assert_msg(answer.status == 200, "%s%s", answer.head, answer.body);
    close(fd);
    server_stop(&server, 5);
}
END_TEST

/* Send 'count' chunks of 4 KiB; false when the server hung up. */
static bool send_chunks(int fd, size_t count)
{
    static const char chunk[4096];
    for (size_t i = 0; i < count; i++)
        if (!client_send(fd, "1000\r\n") ||
            !client_send_bytes(fd, chunk, sizeof chunk) ||
            !client_send(fd, "\r\n"))
            return false;
    return true;
}

START_TEST(a_chunked_body_past_the_cap_is_read_on_and_answered)
{
    struct server server = server_start("--max-body-bytes=64KiB", NULL);
    int fd = client_connect(&server);
    ck_assert(client_send(fd, POST JSON "Transfer-Encoding: chunked\r\n\r\n"));
    ck_assert_msg(send_chunks(fd, 8 * 16), "it hung up before 8 x the cap");
    ck_assert(client_send(fd, "0\r\n\r\n"));
    assert_answer(fd, 413);
    close(fd);
    server_stop(&server, 5);
}
END_TEST

START_TEST(an_endless_chunked_body_is_cut_off)
{
    struct server server = server_start("--max-body-bytes=64KiB", NULL);
    int fd = client_connect(&server);
    ck_assert(client_send(fd, POST JSON "Transfer-Encoding: chunked\r\n\r\n"));
    ck_assert_msg(!send_chunks(fd, 100000), "400 MB were read");
    close(fd);
    server_stop(&server, 5);
}
END_TEST

START_TEST(a_body_declared_too_large_is_refused_at_sight)
{
    struct server server = server_start("--max-body-bytes=64KiB", NULL);
    int fd = client_connect(&server);
    ck_assert(client_send(fd, POST JSON "Content-Length: 1000000000\r\n"
                                        "Expect: 100-continue\r\n\r\n"));
    assert_answer(fd, 413);
    ck_assert(client_at_end(fd));
    close(fd);
    server_stop(&server, 5);
}
END_TEST

/* Refused at sight, and large for a socket's buffer. */
static const struct {
    const char *path;
    size_t size;
    unsigned status;
} refused[] = {
    {"/no/such/path", 1 << 20, 404},
    {VERSION, 1 << 20, 405},
    {"/v1/weights", 6 << 20, 413},
};

START_TEST(a_refused_client_that_writes_on_gets_its_answer)
{
    static const char body[6 << 20];
    struct server server = server_start("--max-body-bytes=1MiB", NULL);
    int fd = client_connect(&server);
    ck_assert(client_send(fd,
                          "POST %s HTTP/1.1\r\nHost: test\r\n" JSON
                          "Content-Length: %zu\r\n\r\n",
                          refused[_i].path, refused[_i].size));
    ck_assert_msg(client_send_bytes(fd, body, refused[_i].size),
                  "it hung up on a client that was writing");
    assert_answer(fd, refused[_i].status);
    close(fd);
    server_stop(&server, 5);
}
END_TEST

/* The status of 8 KiB that come in chunks, over a connection of their own. */
static unsigned status_of_chunks(const struct server *server)
{
    int fd = client_connect(server);
    ck_assert(client_send(fd, POST JSON "Transfer-Encoding: chunked\r\n\r\n"));
    ck_assert(send_chunks(fd, 2) && client_send(fd, "0\r\n\r\n"));
    struct answer answer = client_answer(fd, false);
    close(fd);
    return answer.status;
}

START_TEST(all_bodies_together_have_a_limit)
{
    struct server server = server_start("--max-upload-bytes=64KiB", NULL);
    int held = client_connect(&server);
    ck_assert(
        client_send(held, POST JSON "Transfer-Encoding: chunked\r\n\r\n"));
    ck_assert(send_chunks(held, 15));
    expect_metric(&server, "sow_upload_bytes", 64 << 10);
    ck_assert_uint_eq(status_of_chunks(&server), 429);
    close(held);
    expect_metric(&server, "sow_upload_bytes", 0);
    ck_assert_uint_eq(status_of_chunks(&server), 400);
    server_stop(&server, 5);
}
END_TEST

static const struct {
    const char *name, *head;
    unsigned status;
} framings[] = {
    {"two lengths",
     POST JSON "Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcde", 400},
    {"two equal lengths",
     POST JSON "Content-Length: 5\r\nContent-Length: 5\r\n\r\nabcde", 400},
    {"a length and chunks",
     POST JSON "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"
               "0\r\n\r\n",
     400},
    {"an unknown coding", POST JSON "Transfer-Encoding: gzip\r\n\r\n", 501},
    {"a coding before chunked",
     POST JSON "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501},
    {"no Host", "GET " VERSION " HTTP/1.1\r\n\r\n", 400},
    {"two Hosts", "GET " VERSION " HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
     400},
};

START_TEST(framing_that_invites_smuggling_is_refused_and_closed)
{
    struct server server = server_start(NULL);
    int fd = client_connect(&server);
    ck_assert(client_send(fd, "%s", framings[_i].head));
    struct answer answer = client_answer(fd, false);
    /* libmicrohttpd 1.0 refuses some by itself, with a 400. */
    ck_assert_msg(answer.status == framings[_i].status || answer.status == 400,
                  "%s gave %u:\n%s%s", framings[_i].name, answer.status,
                  answer.head, answer.body);
    ck_assert_msg(client_at_end(fd), "%s: left open", framings[_i].name);
    close(fd);
    server_stop(&server, 5);
}
END_TEST

/* What the library answers by itself must leak nothing either. */
static const char *const malformed[] = {
    "",
    "\r\n\r\n",
    "GET\r\n\r\n",
    "GET " VERSION "\r\n\r\n",
    "GET " VERSION " HTTP/9.9\r\n\r\n",
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "GET " VERSION " HTTP/1.1\r\nHost",
    POST JSON "Content-Length: -1\r\n\r\n",
    POST JSON "Content-Length: 99999999999999999999999\r\n\r\n",
    POST JSON "Content-Length: 100\r\n\r\nabc",
    POST JSON "Transfer-Encoding: chunked\r\n\r\nxyz\r\n",
    POST JSON "Transfer-Encoding: chunked\r\n\r\nffffffffffffffffffff\r\n",
    "GET " VERSION " HTTP/1.1\r\nHost: a\r\n : b\r\nno colon\r\n\r\n",
    "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
};

START_TEST(malformed_requests_leave_the_server_well)
{
    struct server server = server_start("--idle-seconds=1", NULL);
    int fd = client_connect(&server);
    client_send(fd, "%s", malformed[_i]);
    shutdown(fd, SHUT_WR);
    double start = seconds_now();
    while (!client_at_end(fd))
        continue;
    ck_assert_msg(seconds_now() - start < 30, "it was left open");
    close(fd);
    fd = client_connect(&server);
    ck_assert(client_get(fd, VERSION));
    assert_answer(fd, 200);
    close(fd);
    server_stop(&server, 5);
}
END_TEST

Suite *framing_suite(void);
Suite *framing_suite(void)
{
    Suite *suite = suite_create("server/framing");
    TCase *tests = tcase_create("framing");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, a_body_may_come_in_any_pieces);
    tcase_add_test(tests, a_chunked_body_past_the_cap_is_read_on_and_answered);
    tcase_add_test(tests, an_endless_chunked_body_is_cut_off);
    tcase_add_test(tests, a_body_declared_too_large_is_refused_at_sight);
    tcase_add_rows(tests, a_refused_client_that_writes_on_gets_its_answer,
                   refused);
    tcase_add_test(tests, all_bodies_together_have_a_limit);
    tcase_add_rows(tests, framing_that_invites_smuggling_is_refused_and_closed,
                   framings);
    tcase_add_rows(tests, malformed_requests_leave_the_server_well, malformed);
    suite_add_tcase(suite, tests);
    return suite;
}
