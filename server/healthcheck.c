/* SPDX-License-Identifier: MIT */
/* A HTTP client of one request, so that an image needs no other. */
#include "healthcheck.h"

#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define SECONDS 2

/* Send the request and read the status line; false with errno. */
static bool ask(int fd, const char *host, const char *path, char *line,
                size_t size)
{
    char text[256];
    int n = snprintf(text, sizeof text,
                     "GET %s HTTP/1.1\r\nHost: %s\r\n"
                     "Connection: close\r\n\r\n",
                     path, host);
    if (n < 0 || send(fd, text, (size_t)n, MSG_NOSIGNAL) != n)
        return false;
    ssize_t got = recv(fd, line, size - 1, MSG_WAITALL);
    if (got < 0)
        return false;
    line[got] = '\0';
    line[strcspn(line, "\r\n")] = '\0';
    return true;
}

/* What 'error' means here, where a time-out shows as one of two others. */
static const char *reason(int error)
{
    if (error == EAGAIN || error == EINPROGRESS)
        return "no answer in time";
    return strerror(error);
}

/* One line about what is wrong, and the exit status for it. */
static int unwell(const char *host, const char *path, const char *why)
{
    fprintf(stderr, "sowd: http://%s%s: %s\n", host, path, why);
    return 1;
}

int healthcheck(char *const *arguments)
{
    const char *path = "/healthz";
    struct config config;
    int status;
    if (*arguments != NULL && strcmp(*arguments, "/readyz") == 0)
        path = *arguments++;
    if (!config_from_process(&config, arguments, &status))
        return status;
    struct address address = address_local(&config.listen);
    char host[ADDRESS_TEXT], line[64];
    address_text(&address, host);
    int fd = address_connect(&address, SECONDS);
    if (fd < 0)
        return unwell(host, path, reason(errno));
    bool asked = ask(fd, host, path, line, sizeof line);
    int error = errno;
    close(fd);
    if (!asked)
        return unwell(host, path, reason(error));
    if (strncmp(line, "HTTP/1.1 200", 12) != 0)
        return unwell(host, path, *line == '\0' ? "no answer" : line);
    return 0;
}
