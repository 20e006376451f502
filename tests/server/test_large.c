/* SPDX-License-Identifier: MIT */
/* Large requests and large answers beside small ones, on one I/O thread. */
#include "client.h"
#include "rows.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LAYERS 200000

/* How often a thing is tried that a busy machine may have spoilt. */
#define TRIES 5

/* A layer with its name, padded to 'width' bytes with its comma. */
static size_t write_layer(char *at, int i, size_t width)
{
    int n = snprintf(at, width + 1, "{\"shape\":[2,2],\"name\":\"%0*d\"}",
                     (int)width - 26, i);
    at[n] = ',';
    return (size_t)n + 1;
}

/* A document of so many layers, to be freed. */
static char *document(const char *format, size_t width, size_t *size)
{
    char *text = malloc(LAYERS * (width + 1) + 100);
    ck_assert_ptr_nonnull(text);
    size_t n = (size_t)snprintf(text, 100,
                                "{\"scheme\":\"he_normal\",\"format\":\"%s\","
                                "\"layers\":[",
                                format);
    for (int i = 0; i < LAYERS; i++)
        n += write_layer(text + n, i, width);
    memcpy(text + n - 1, "]}", 2);
    *size = n + 1;
    return text;
}

static bool is_readable(int fd)
{
    struct pollfd poller = {.fd = fd, .events = POLLIN};
    return poll(&poller, 1, 0) > 0;
}

/* How long one small request takes, after a short rest. */
static double small_request(int fd)
{
    usleep(2000);
    double start = seconds_now();
    ck_assert(client_get(fd, ZEROS "100"));
    assert_answer(fd, 200);
    return seconds_now() - start;
}

/* Ask small things until there is an answer on 'busy'; the longest wait. */
static double longest_wait(int busy, int fd)
{
    double longest = 0;
    while (!is_readable(busy)) {
        double wait = small_request(fd);
        longest = wait > longest ? wait : longest;
    }
    return longest;
}

static struct server large_server(void)
{
    return server_start("--threads=1", "--workers=1", "--max-layers=200000",
                        "--max-body-bytes=64MiB", NULL);
}

static void post(int fd, const char *text, size_t size)
{
    ck_assert(client_send(fd, POST JSON "Content-Length: %zu\r\n\r\n", size));
    ck_assert(client_send_bytes(fd, text, size));
}

/* How long a large request took, and the longest of small ones meanwhile. */
struct waits {
    double total, longest;
};

static bool are_short(struct waits waits)
{
    return waits.longest < waits.total / 4;
}

static void assert_short(struct waits waits)
{
    ck_assert_msg(are_short(waits), "of %g s one request waited %g s",
                  waits.total, waits.longest);
}

static struct waits while_read(int busy, int fd, const char *text, size_t size)
{
    struct waits waits;
    small_request(fd);
    post(busy, text, size);
    double start = seconds_now();
    waits.longest = longest_wait(busy, fd);
    waits.total = seconds_now() - start;
    assert_answer(busy, 200);
    return waits;
}

/* Names of 250 bytes and more make about 60 MiB. */
START_TEST(small_requests_are_answered_while_a_large_one_is_read)
{
    struct server server = large_server();
    int busy = client_connect(&server), fd = client_connect(&server);
    size_t size;
    char *text = document("raw", 282, &size);
    struct waits waits = while_read(busy, fd, text, size);
    for (int i = 1; i < TRIES && !are_short(waits); i++)
        waits = while_read(busy, fd, text, size);
    assert_short(waits);
    free(text);
    close(busy);
    close(fd);
    server_stop(&server, 5);
}
END_TEST

/* Read what has come, until the last chunk of a chunked answer. */
static bool drain_chunks(int fd, char tail[5])
{
    static char bytes[1 << 16];
    while (is_readable(fd)) {
        ssize_t n = recv(fd, bytes, sizeof bytes, 0);
        ck_assert_int_gt(n, 0);
        size_t last = n < 5 ? (size_t)n : 5;
        memmove(tail, tail + last, 5 - last);
        memcpy(tail + 5 - last, bytes + n - last, last);
    }
    return memcmp(tail, "0\r\n\r\n", 5) == 0;
}

static const char *const listings[] = {"manifest", "json"};

static struct waits while_sent(int busy, int fd, const char *text, size_t size)
{
    struct waits waits = {0, 0};
    char tail[5] = "";
    post(busy, text, size);
    longest_wait(busy, fd);
    double start = seconds_now();
    while (!drain_chunks(busy, tail)) {
        double wait = small_request(fd);
        waits.longest = wait > waits.longest ? wait : waits.longest;
    }
    waits.total = seconds_now() - start;
    return waits;
}

START_TEST(small_requests_are_answered_while_a_long_listing_is_sent)
{
    struct server server = large_server();
    int busy = client_connect(&server), fd = client_connect(&server);
    size_t size;
    char *text = document(listings[_i], 40, &size);
    struct waits waits = while_sent(busy, fd, text, size);
    for (int i = 1; i < TRIES && !are_short(waits); i++)
        waits = while_sent(busy, fd, text, size);
    assert_short(waits);
    free(text);
    close(busy);
    close(fd);
    server_stop(&server, 5);
}
END_TEST

START_TEST(a_large_request_needs_a_place_in_the_queue)
{
    struct server server =
        server_start("--queue=1", "--workers=1", "--max-layers=200000",
                     "--max-body-bytes=64MiB", NULL);
    int busy = client_connect(&server), fd = client_connect(&server);
    size_t size;
    char *text = document("raw", 40, &size);
    ck_assert(
        client_send(busy, "HEAD " LONG_WORK " HTTP/1.1\r\nHost: test\r\n\r\n"));
    expect_metric(&server, HELD_JOBS, 1);
    post(fd, text, size);
    assert_answer(fd, 429);
    close(busy);
    free(text);
    small_request(fd);
    close(fd);
    server_stop(&server, 5);
}
END_TEST

Suite *large_suite(void);
Suite *large_suite(void)
{
    Suite *suite = suite_create("server/large");
    TCase *tests = tcase_create("large");
    tcase_set_timeout(tests, 300);
    tcase_add_test(tests,
                   small_requests_are_answered_while_a_large_one_is_read);
    tcase_add_rows(tests,
                   small_requests_are_answered_while_a_long_listing_is_sent,
                   listings);
    tcase_add_test(tests, a_large_request_needs_a_place_in_the_queue);
    suite_add_tcase(suite, tests);
    return suite;
}
