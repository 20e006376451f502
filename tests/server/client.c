/* SPDX-License-Identifier: MIT */
/* Sockets without a HTTP library, so that odd requests can be sent. */
#include "client.h"

#include <check.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

/* How long a metric may take to become what is expected. */
#define METRIC_SECONDS 20

/* Seconds that one that hangs is waited for: more than any takes that works,
   with a sanitizer and a crowd beside it. */
#define PATIENCE 30

struct server server_start(const char *option, ...)
{
    char *arguments[16] = {"--listen=127.0.0.1:0", "--threads=2",
                           "--workers=2"};
    char *const environment[] = {NULL};
    struct server server;
    struct config config;
    char error[512] = "";
    va_list options;
    va_start(options, option);
    for (int i = 3; option != NULL && i < 15; i++) {
        arguments[i] = (char *)option;
        option = va_arg(options, const char *);
    }
    va_end(options);
    ck_assert_int_eq(sow_init(), SOW_OK);
    ck_assert_msg(config_read(&config, arguments, environment, error) ==
                      CONFIG_OK,
                  "%s", error);
    log_set_level(config.log_level);
    server.api = api_new(&(struct api_config){
        .engine = config.engine,
        .limits = config.limits,
        .helpers = config.read_ahead,
    });
    ck_assert_ptr_nonnull(server.api);
    ck_assert(helpers_start(server.api, config.read_ahead, &server.helpers));
    server.http = http_open(&config);
    ck_assert_ptr_nonnull(server.http);
    ck_assert(http_start(server.http, &config, server.api));
    return server;
}

static bool nap(int milliseconds)
{
    usleep((useconds_t)milliseconds * 1000);
    return false;
}

void server_stop(struct server *server, unsigned seconds)
{
    http_stop(server->http, seconds, nap);
    helpers_stop(server->helpers);
    api_free(server->api);
}

int client_connect(const struct server *server)
{
    int fd = address_connect(http_address(server->http), PATIENCE);
    ck_assert_int_ge(fd, 0);
    return fd;
}

bool client_send_bytes(int fd, const void *bytes, size_t n)
{
    const char *at = bytes;
    while (n > 0) {
        ssize_t sent = send(fd, at, n, MSG_NOSIGNAL);
        if (sent <= 0)
            return false;
        at += sent;
        n -= (size_t)sent;
    }
    return true;
}

bool client_send(int fd, const char *format, ...)
{
    static char text[65536];
    va_list arguments;
    va_start(arguments, format);
    int n = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    ck_assert(n >= 0 && (size_t)n < sizeof text);
    return client_send_bytes(fd, text, (size_t)n);
}

bool client_get(int fd, const char *target)
{
    return client_send(fd, "GET %s HTTP/1.1\r\nHost: test\r\n\r\n", target);
}

/* Read byte by byte, so as to leave the body alone. */
static bool read_head(int fd, struct answer *answer)
{
    size_t n = 0;
    while (n < sizeof answer->head - 1 &&
           recv(fd, answer->head + n, 1, 0) > 0) {
        answer->head[++n] = '\0';
        if (n >= 4 && memcmp(answer->head + n - 4, "\r\n\r\n", 4) == 0)
            return true;
    }
    return false;
}

static void read_body(int fd, struct answer *answer, size_t length)
{
    static char bytes[65536];
    while (answer->size < length) {
        size_t left = length - answer->size;
        ssize_t got =
            recv(fd, bytes, left < sizeof bytes ? left : sizeof bytes, 0);
        if (got <= 0)
            return;
        for (ssize_t i = 0; i < got; i++, answer->size++)
            if (answer->size < sizeof answer->body - 1)
                answer->body[answer->size] = bytes[i];
    }
}

struct answer client_answer(int fd, bool bodyless)
{
    struct answer answer = {0};
    if (!read_head(fd, &answer))
        return answer;
    if (strncmp(answer.head, "HTTP/1.", 7) == 0)
        answer.status = (unsigned)strtoul(answer.head + 9, NULL, 10);
    if (!bodyless && answer_length(&answer) > 0)
        read_body(fd, &answer, (size_t)answer_length(&answer));
    return answer;
}

bool answer_has(const struct answer *answer, const char *line)
{
    size_t n = strlen(line);
    const char *at = strstr(answer->head, "\r\n");
    for (; at != NULL; at = strstr(at + 2, "\r\n"))
        if (strncasecmp(at + 2, line, n) == 0 && at[2 + n] == '\r')
            return true;
    return false;
}

long long answer_length(const struct answer *answer)
{
    const char *field = strcasestr(answer->head, "\r\nContent-Length: ");
    return field == NULL ? -1 : strtoll(field + 18, NULL, 10);
}

bool client_at_end(int fd)
{
    char byte;
    ssize_t got = recv(fd, &byte, 1, 0);
    return got == 0 || (got < 0 && errno != EAGAIN);
}

void assert_answer(int fd, unsigned status)
{
    struct answer answer = client_answer(fd, false);
    ck_assert_msg(answer.status == status, "status %u, not %u:\n%s%s",
                  answer.status, status, answer.head, answer.body);
}

double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* What /metrics tells over this connection, or -1 if it ends before that. */
static double metric(int fd, const char *fields, const char *sample)
{
    static char text[262144];
    struct answer answer = {0};
    size_t n = 0, length = strlen(sample);
    ck_assert(client_send(fd, "GET /metrics HTTP/1.1\r\nHost: test\r\n%s\r\n",
                          fields));
    if (!read_head(fd, &answer))
        return -1;
    long long size = answer_length(&answer);
    ck_assert(size >= 0 && size < (long long)sizeof text);
    while (n < (size_t)size) {
        ssize_t got = recv(fd, text + n, (size_t)size - n, 0);
        if (got <= 0)
            return -1;
        n += (size_t)got;
    }
    text[n] = '\0';
    for (const char *line = text; (line = strchr(line, '\n')) != NULL;)
        if (strncmp(++line, sample, length) == 0 && line[length] == ' ')
            return strtod(line + length, NULL);
    return 0;
}

/* Over a connection that has gone when this returns, and so has the request. */
static double metric_alone(const struct server *server, const char *sample)
{
    int fd = client_connect(server);
    double value = metric(fd, "Connection: close\r\n", sample);
    client_at_end(fd);
    close(fd);
    return value;
}

void expect_metric(const struct server *server, const char *sample,
                   double value)
{
    double end = seconds_now() + METRIC_SECONDS;
    double seen = metric_alone(server, sample);
    while (seen != value && seconds_now() < end) {
        usleep(50000);
        seen = metric_alone(server, sample);
    }
    ck_assert_msg(seen == value, "%s is %g, not %g", sample, seen, value);
}

void expect_metric_over(int fd, const char *sample, double value)
{
    double end = seconds_now() + METRIC_SECONDS;
    double seen = metric(fd, "", sample);
    while (seen != value && seconds_now() < end) {
        usleep(50000);
        seen = metric(fd, "", sample);
    }
    ck_assert_msg(seen == value, "%s is %g, not %g", sample, seen, value);
}
