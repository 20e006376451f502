/* SPDX-License-Identifier: MIT */
/* How a client's side of a connection ends, as the kernel tells it. */
#include "peers.h"

#include <linux/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

/* Who has said all shuts its side in less than so much after its last byte. */
#define AFTERWARDS_MILLISECONDS 1000

/* The state until the client ends; the name is in a header that clashes. */
#define ESTABLISHED 1

/* What has happened to a socket, but for bytes that came. */
static int look(const struct peer *peer)
{
    struct pollfd socket = {.fd = peer->fd, .events = POLLRDHUP};
    return poll(&socket, 1, 0) > 0 ? socket.revents : 0;
}

/*
 * Whether the end came by itself: its segment acknowledges what was sent, and
 * is the last one that does, where nothing was sent since the last byte came.
 */
static bool came_afterwards(const struct tcp_info *info)
{
    return info->tcpi_last_data_sent >= info->tcpi_last_data_recv &&
           info->tcpi_last_data_recv >
               info->tcpi_last_ack_recv + AFTERWARDS_MILLISECONDS;
}

enum peer_end peer_end(const struct peer *peer)
{
    struct tcp_info info;
    socklen_t size = sizeof info;
    int events = look(peer);
    if (events == 0)
        return PEER_STAYS;
    if (events != POLLRDHUP)
        return PEER_LEFT;
    memset(&info, 0, sizeof info);
    if (getsockopt(peer->fd, IPPROTO_TCP, TCP_INFO, &info, &size) != 0)
        return PEER_SAID_ALL;
    if (info.tcpi_state == ESTABLISHED) /* it was peers_close_idle() */
        return PEER_STAYS;
    return came_afterwards(&info) ? PEER_LEFT : PEER_SAID_ALL;
}

void peer_tell_end(const struct peer *peer)
{
    if (look(peer) != 0)
        shutdown(peer->fd, SHUT_RD);
}
