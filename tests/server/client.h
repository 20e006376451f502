/* SPDX-License-Identifier: MIT */
/*
 * A server in this process and a client that writes raw bytes to it.  Any
 * failure here fails the test.
 */
#ifndef CLIENT_H
#define CLIENT_H

#include "helpers.h"
#include "http.h"

#include <stdbool.h>
#include <stddef.h>

/* A small answer, and zeros of any number: the target of a GET. */
#define VERSION "/v1/version"
#define ZEROS "/v1/weights?scheme=zeros&digest=off&shape="

/* Half a minute of hashing and more, and how many jobs there are of the kind.
 */
#define LONG_WORK "/v1/weights?scheme=zeros&digest=wait&shape=16000000000"
#define HELD_JOBS "sow_long_work_requests"

/* The beginning of a POST, and a body for it, whose answer has 12 bytes. */
#define POST "POST /v1/weights HTTP/1.1\r\nHost: test\r\n"
#define JSON "Content-Type: application/json\r\n"
#define LAYER                                                      \
    "{\"scheme\":\"zeros\",\"format\":\"raw\",\"digest\":\"off\"," \
    "\"layers\":[{\"name\":\"a\",\"shape\":[3]}]}"

/* A server on a free port of 127.0.0.1, with two threads of each kind. */
struct server {
    struct api *api;
    struct http *http;
    struct helpers *helpers;
};

/* Start it with more options, each as "--flag=value", up to a NULL. */
struct server server_start(const char *option, ...);

/* Stop it, waiting up to 'seconds' for what is under way. */
void server_stop(struct server *server, unsigned seconds);

/* Open a connection whose reads and writes give up after ten seconds. */
int client_connect(const struct server *server);

/* Send bytes, or formatted text.  False when the server has hung up. */
bool client_send_bytes(int fd, const void *bytes, size_t n);
bool client_send(int fd, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* "GET target" with a Host and nothing else. */
bool client_get(int fd, const char *target);

/* An answer; 'body' has the first bytes of it, 'size' counts all. */
struct answer {
    unsigned status; /* 0: the connection ended before an answer */
    char head[8192];
    char body[4096];
    size_t size;
};

/*
 * Read one answer with its body, as Content-Length says; the body of a
 * 'bodyless' one (HEAD, 304) isn't waited for.
 */
struct answer client_answer(int fd, bool bodyless);

/* Whether the head has the line "name: value", in any case. */
bool answer_has(const struct answer *answer, const char *line);

/* The value of Content-Length, or -1. */
long long answer_length(const struct answer *answer);

/* Whether the server has hung up, waiting for it if need be. */
bool client_at_end(int fd);

/* Read one answer with its body, and expect that status. */
void assert_answer(int fd, unsigned status);

/* What GET /metrics tells, by its name and labels, is so much or within twenty
   seconds becomes that; 0 is what it doesn't tell.  An answer is counted after
   its client has it. */
void expect_metric(const struct server *server, const char *sample,
                   double value);

/* The same over a connection that is there. */
void expect_metric_over(int fd, const char *sample, double value);

/* A clock, for how long things take. */
double seconds_now(void);

#endif
