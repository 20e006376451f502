/* SPDX-License-Identifier: MIT */
/* Addresses as text, and the sockets made from them. */
#include "address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

/*
 * Cut "host:port" or "[host]:port" in two within 'text'.  Without brackets
 * the host holds no colon, so that ::1:8080 can't mean two things.
 */
static bool split(char *text, char **host, char **port)
{
    char *colon = strrchr(text, ':');
    if (colon == NULL || colon == text)
        return false;
    *colon = '\0';
    *port = colon + 1;
    *host = text;
    if (*text != '[')
        return strchr(text, ':') == NULL;
    *host = text + 1;
    if (colon[-1] != ']')
        return false;
    colon[-1] = '\0';
    return strchr(*host, ':') != NULL;
}

static bool is_port(const char *text)
{
    size_t n = strlen(text);
    if (n == 0 || n > 5 || strspn(text, "0123456789") != n)
        return false;
    unsigned value = 0;
    for (; *text != '\0'; text++)
        value = value * 10 + (unsigned)(*text - '0');
    return value <= 65535;
}

bool address_parse(const char *text, struct address *address)
{
    char copy[ADDRESS_TEXT], *host, *port;
    size_t n = strlen(text);
    if (n >= sizeof copy)
        return false;
    memcpy(copy, text, n + 1);
    if (!split(copy, &host, &port) || !is_port(port))
        return false;
    struct addrinfo *found;
    struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
                             .ai_socktype = SOCK_STREAM};
    if (getaddrinfo(host, port, &hints, &found) != 0)
        return false;
    *address = (struct address){.size = found->ai_addrlen};
    memcpy(&address->socket, found->ai_addr, found->ai_addrlen);
    freeaddrinfo(found);
    return true;
}

void address_text(const struct address *address, char text[ADDRESS_TEXT])
{
    char host[INET6_ADDRSTRLEN + 24] = "?";
    getnameinfo(&address->socket.any, address->size, host, sizeof host, NULL, 0,
                NI_NUMERICHOST);
    bool six = address->socket.any.sa_family == AF_INET6;
    snprintf(text, ADDRESS_TEXT, six ? "[%s]:%u" : "%s:%u", host,
             address_port(address));
}

unsigned address_port(const struct address *address)
{
    if (address->socket.any.sa_family == AF_INET6)
        return ntohs(address->socket.v6.sin6_port);
    return ntohs(address->socket.v4.sin_port);
}

bool address_is_loopback(const struct address *address)
{
    if (address->socket.any.sa_family == AF_INET6)
        return IN6_IS_ADDR_LOOPBACK(&address->socket.v6.sin6_addr);
    return ntohl(address->socket.v4.sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
}

struct address address_local(const struct address *address)
{
    struct address local = *address;
    if (local.socket.any.sa_family == AF_INET6) {
        if (IN6_IS_ADDR_UNSPECIFIED(&local.socket.v6.sin6_addr))
            local.socket.v6.sin6_addr = in6addr_loopback;
        return local;
    }
    if (local.socket.v4.sin_addr.s_addr == htonl(INADDR_ANY))
        local.socket.v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return local;
}

/* Close 'fd' and return -1, leaving errno as it was. */
static int give_up(int fd)
{
    int saved = errno;
    close(fd);
    errno = saved;
    return -1;
}

int address_listen(const struct address *address, struct address *bound)
{
    int family = address->socket.any.sa_family;
    int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    int yes = 1, no = 0;
    struct address taken = {.size = sizeof taken.socket};
    /* Without it a restart waits for the last connections to be forgotten. */
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) != 0)
        return give_up(fd);
    if (family == AF_INET6 &&
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &no, sizeof no) != 0)
        return give_up(fd);
    if (bind(fd, &address->socket.any, address->size) != 0 ||
        listen(fd, SOMAXCONN) != 0 ||
        getsockname(fd, &taken.socket.any, &taken.size) != 0)
        return give_up(fd);
    *bound = taken;
    return fd;
}

int address_connect(const struct address *address, int seconds)
{
    int family = address->socket.any.sa_family;
    int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    struct timeval limit = {.tv_sec = seconds};
    if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit) != 0 ||
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) != 0 ||
        connect(fd, &address->socket.any, address->size) != 0)
        return give_up(fd);
    return fd;
}
