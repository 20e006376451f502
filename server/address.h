/* SPDX-License-Identifier: MIT */
/*
 * Where to listen: a numeric address and a port, as people write them.
 *
 *     127.0.0.1:8080    0.0.0.0:80    [::1]:8080    [::]:0
 *
 * [::] takes IPv4 connections as well.  Port 0 lets the kernel choose.
 */
#ifndef ADDRESS_H
#define ADDRESS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <sys/socket.h>

struct address {
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } socket;
    socklen_t size;
};

/* Enough for any address_text(). */
#define ADDRESS_TEXT 80

/*
 * Read an address.  Returns false, 'address' untouched, for anything else: a
 * host name, a missing port, an IPv6 address without brackets.
 */
bool address_parse(const char *text, struct address *address);

/* The address as address_parse() reads it. */
void address_text(const struct address *address, char text[ADDRESS_TEXT]);

/* The port, in the machine's byte order. */
unsigned address_port(const struct address *address);

/* Whether only this machine reaches it. */
bool address_is_loopback(const struct address *address);

/*
 * Where a client on this machine reaches a server that listens there: the
 * loopback address in place of "all addresses".
 */
struct address address_local(const struct address *address);

/*
 * Listen there and set 'bound' to the address with the port that was taken.
 * Returns a non-blocking socket, or -1 with errno.
 */
int address_listen(const struct address *address, struct address *bound);

/* Connect, giving up after 'seconds', which also bounds each later read and
 * write.  Returns a socket, or -1 with errno. */
int address_connect(const struct address *address, int seconds);

#endif
