/* SPDX-License-Identifier: MIT */
/* A HTTP client of one request, so that an image needs no other. */
#include "healthcheck.h"

#include "config.h"
#include "tls.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define SECONDS 2

/* Whom to ask for what. */
struct question {
    bool tls;
    const char *path;
    char host[ADDRESS_TEXT];
};

/* What 'error' means here, where a time-out shows as one of two others. */
static const char *explain(int error)
{
    if (error == EAGAIN || error == EINPROGRESS)
        return "no answer in time";
    return strerror(error);
}

/* As tls_ask(), without TLS. */
static ssize_t plain_ask(int fd, const char *request, size_t n, char *answer,
                         size_t size, const char **reason)
{
    ssize_t got = send(fd, request, n, MSG_NOSIGNAL);
    if (got == (ssize_t)n)
        got = recv(fd, answer, size, MSG_WAITALL);
    *reason = explain(errno);
    return got;
}

/* Send the request and read the status line; false with the reason. */
static bool ask(const struct question *question, int fd, char *line,
                size_t size, const char **reason)
{
    char text[256];
    int n = snprintf(text, sizeof text,
                     "GET %s HTTP/1.1\r\nHost: %s\r\n"
                     "Connection: close\r\n\r\n",
                     question->path, question->host);
    ssize_t got = (question->tls ? tls_ask : plain_ask)(fd, text, (size_t)n,
                                                        line, size - 1, reason);
    if (got < 0)
        return false;
    line[got] = '\0';
    line[strcspn(line, "\r\n")] = '\0';
    return true;
}

/* One line about what is wrong, and the exit status for it. */
static int unwell(const struct question *question, const char *why)
{
    fprintf(stderr, "sowd: http%s://%s%s: %s\n", question->tls ? "s" : "",
            question->host, question->path, why);
    return 1;
}

int healthcheck(char *const *arguments)
{
    struct question question = {.path = "/healthz"};
    struct config config;
    char line[64];
    const char *reason;
    int status;
    if (*arguments != NULL && strcmp(*arguments, "/readyz") == 0)
        question.path = *arguments++;
    if (!config_from_process(&config, arguments, &status))
        return status;
    struct address address = address_local(&config.listen);
    address_text(&address, question.host);
    question.tls = config.tls_cert != NULL;
    int fd = address_connect(&address, SECONDS);
    if (fd < 0)
        return unwell(&question, explain(errno));
    bool asked = ask(&question, fd, line, sizeof line, &reason);
    close(fd);
    if (!asked)
        return unwell(&question, reason);
    if (strncmp(line, "HTTP/1.1 200", 12) != 0)
        return unwell(&question, *line == '\0' ? "no answer" : line);
    return 0;
}
