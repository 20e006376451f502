/* SPDX-License-Identifier: MIT */
/* sd_listen_fds(3), sd_notify(3) and sd_watchdog_enabled(3), the little that
 * they are. */
#include "systemd.h"

#include "clock.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

/* The first descriptor that is handed over. */
#define FIRST_SOCKET 3

/* A variable's whole number, or 0. */
static uint64_t number(const char *name)
{
    const char *text = getenv(name);
    return text == NULL ? 0 : strtoull(text, NULL, 10);
}

/* Make 'fd' ours, if it listens for TCP. */
static bool take_socket(int fd, struct address *bound)
{
    int listens = 0;
    socklen_t size = sizeof listens;
    bound->size = sizeof bound->socket;
    if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) != 0 ||
        getsockname(fd, &bound->socket.any, &bound->size) != 0)
        return false;
    int family = bound->socket.any.sa_family;
    if (!listens || (family != AF_INET && family != AF_INET6)) {
        errno = EAFNOSUPPORT;
        return false;
    }
    int flags = fcntl(fd, F_GETFL);
    return flags >= 0 && fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0 &&
           fcntl(fd, F_SETFD, FD_CLOEXEC) == 0;
}

int systemd_socket(struct address *bound)
{
    if (number("LISTEN_PID") != (uint64_t)getpid() || number("LISTEN_FDS") == 0)
        return SYSTEMD_NONE;
    return take_socket(FIRST_SOCKET, bound) ? FIRST_SOCKET : -1;
}

/* An address that begins with '@' has no file: a NUL stands there. */
static bool manager_address(struct sockaddr_un *address, socklen_t *size)
{
    const char *path = getenv("NOTIFY_SOCKET");
    size_t n = path == NULL ? 0 : strlen(path);
    if (n < 2 || n >= sizeof address->sun_path ||
        (path[0] != '/' && path[0] != '@'))
        return false;
    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    memcpy(address->sun_path, path, n);
    if (path[0] == '@')
        address->sun_path[0] = '\0';
    *size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n);
    return true;
}

void systemd_notify(const char *state)
{
    struct sockaddr_un address;
    socklen_t size;
    if (!manager_address(&address, &size))
        return;
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return;
    /* Nobody can be told that it can't be told. */
    ssize_t sent = sendto(fd, state, strlen(state), MSG_NOSIGNAL,
                          (struct sockaddr *)&address, size);
    (void)sent;
    close(fd);
}

void systemd_notify_reloading(void)
{
    char state[64];
    snprintf(state, sizeof state, "RELOADING=1\nMONOTONIC_USEC=%" PRId64,
             clock_now() / 1000);
    systemd_notify(state);
}

int systemd_watchdog(void)
{
    uint64_t process = number("WATCHDOG_PID");
    uint64_t half = number("WATCHDOG_USEC") / 2000;
    if (process != 0 && process != (uint64_t)getpid())
        return 0;
    return half > 60000 ? 60000 : (int)half;
}
