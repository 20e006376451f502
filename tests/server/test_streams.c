/* SPDX-License-Identifier: MIT */
/* Large bodies, made ahead: many at a time, cut short, and while it stops. */
#include "client.h"
#include "rows.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* 16 MiB each, of another seed. */
#define LARGE "/v1/weights?scheme=he_normal&digest=off&shape=4096,1024&seed="
#define SIZE ((size_t)16 << 20)
#define STREAMS 6

/* One client: what it asks, and what the bytes that came hash to. */
struct stream {
    const struct server *server;
    unsigned seed;
    size_t most;    /* read no more than that, then leave */
    unsigned pause; /* microseconds, between reads */
    int fd;
    size_t size;
    uint8_t digest[SOW_DIGEST_BYTES];
};

/* Skip the head; what came of the body is moved to the beginning. */
static size_t skip_head(int fd, char *bytes)
{
    size_t n = 0;
    char *end = NULL;
    while (end == NULL) {
        ssize_t got = recv(fd, bytes + n, 4095 - n, 0);
        if (got <= 0)
            return 0;
        n += (size_t)got;
        bytes[n] = '\0';
        end = strstr(bytes, "\r\n\r\n");
    }
    n -= (size_t)(end + 4 - bytes);
    memmove(bytes, end + 4, n);
    return n;
}

/* Not for several threads at a time. */
static void ask(struct stream *stream)
{
    char target[128];
    stream->fd = client_connect(stream->server);
    snprintf(target, sizeof target, LARGE "%u", stream->seed);
    ck_assert(client_get(stream->fd, target));
}

static void *run(void *argument)
{
    struct stream *stream = argument;
    char *bytes = malloc(SIZE + 4096);
    ck_assert_ptr_nonnull(bytes);
    size_t n = skip_head(stream->fd, bytes);
    ssize_t got = 1;
    while (n < stream->most && got > 0) {
        size_t left = stream->most - n;
        usleep(stream->pause);
        got = recv(stream->fd, bytes + n, left < 1 << 20 ? left : 1 << 20, 0);
        n += got > 0 ? (size_t)got : 0;
    }
    close(stream->fd);
    stream->size = n;
    sow_digest(bytes, n, stream->digest);
    free(bytes);
    return NULL;
}

/* The digest of the body for a seed, as the API gives it. */
static void right_digest(struct api *api, unsigned seed,
                         uint8_t digest[SOW_DIGEST_BYTES])
{
    char query[128];
    const struct api_header host = {"Host", "test"};
    struct api_request request = {.method = "GET",
                                  .target_path = "/v1/weights",
                                  .query = query,
                                  .headers = &host,
                                  .header_count = 1};
    char *bytes = malloc(SIZE);
    snprintf(query, sizeof query, "%s%u", strchr(LARGE, '?') + 1, seed);
    struct api_exchange *exchange = api_begin(api, &request);
    ck_assert_uint_eq(api_answer(exchange)->size, SIZE);
    for (size_t pos = 0; pos < SIZE;)
        pos += (size_t)api_read(exchange, pos, bytes + pos, SIZE - pos);
    api_end(exchange);
    sow_digest(bytes, SIZE, digest);
    free(bytes);
}

/* Let clients run at one time. */
static void run_all(struct stream *streams, int count)
{
    pthread_t threads[STREAMS];
    for (int i = 0; i < count; i++)
        ask(&streams[i]);
    for (int i = 0; i < count; i++)
        ck_assert(!pthread_create(&threads[i], NULL, run, &streams[i]));
    for (int i = 0; i < count; i++)
        pthread_join(threads[i], NULL);
}

static const char *const helpers[] = {"--read-ahead=0", "--read-ahead=1",
                                      "--read-ahead=4"};

/* Of each two one is slow, so that its memory is wanted by others. */
START_TEST(streams_side_by_side_have_their_own_bytes)
{
    struct server server = server_start(helpers[_i], NULL);
    struct stream streams[STREAMS];
    for (unsigned i = 0; i < STREAMS; i++)
        streams[i] = (struct stream){.server = &server,
                                     .seed = i / 2,
                                     .most = SIZE,
                                     .pause = i % 2 == 0 ? 0 : 2000};
    run_all(streams, STREAMS);
    for (unsigned i = 0; i < STREAMS; i++) {
        uint8_t right[SOW_DIGEST_BYTES];
        right_digest(server.api, streams[i].seed, right);
        ck_assert_uint_eq(streams[i].size, SIZE);
        ck_assert_mem_eq(streams[i].digest, right, sizeof right);
    }
    server_stop(&server, 5);
}
END_TEST

START_TEST(clients_that_leave_in_the_middle_hold_up_nobody)
{
    struct server server = server_start(helpers[_i], NULL);
    struct stream streams[STREAMS];
    for (int round = 0; round < 3; round++) {
        for (unsigned i = 0; i < STREAMS; i++)
            streams[i] = (struct stream){
                .server = &server, .seed = i, .most = (i + 1) * 1000003};
        streams[0].most = SIZE;
        run_all(streams, STREAMS);
        uint8_t right[SOW_DIGEST_BYTES];
        right_digest(server.api, 0, right);
        ck_assert_mem_eq(streams[0].digest, right, sizeof right);
    }
    server_stop(&server, 5);
}
END_TEST

/* Nobody reads them to the end. */
START_TEST(a_server_stops_under_its_streams)
{
    struct server server = server_start(helpers[_i], NULL);
    int fds[STREAMS];
    char bytes[4096];
    for (unsigned i = 0; i < STREAMS; i++) {
        fds[i] = client_connect(&server);
        ck_assert(client_get(fds[i], LARGE "7"));
        ck_assert_int_gt(recv(fds[i], bytes, sizeof bytes, 0), 0);
    }
    double start = seconds_now();
    server_stop(&server, 0);
    /* Helpers end when nothing else wants to run; silence, after a minute. */
    ck_assert_msg(seconds_now() - start < 50, "it took %g s",
                  seconds_now() - start);
    for (int i = 0; i < STREAMS; i++)
        close(fds[i]);
}
END_TEST

Suite *streams_suite(void);
Suite *streams_suite(void)
{
    Suite *suite = suite_create("server/streams");
    TCase *tests = tcase_create("streams");
    tcase_set_timeout(tests, 120);
    tcase_add_rows(tests, streams_side_by_side_have_their_own_bytes, helpers);
    tcase_add_rows(tests, clients_that_leave_in_the_middle_hold_up_nobody,
                   helpers);
    tcase_add_rows(tests, a_server_stops_under_its_streams, helpers);
    suite_add_tcase(suite, tests);
    return suite;
}
