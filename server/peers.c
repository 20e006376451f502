/* SPDX-License-Identifier: MIT */
/* A locked, doubly linked list of connections. */
#include "peers.h"

#include <stdlib.h>
#include <sys/socket.h>

void peers_init(struct peers *peers)
{
    pthread_mutex_init(&peers->lock, NULL);
    peers->first = NULL;
}

void peers_release(struct peers *peers)
{
    pthread_mutex_destroy(&peers->lock);
}

struct peer *peers_add(struct peers *peers, int fd)
{
    struct peer *peer = calloc(1, sizeof *peer);
    if (peer == NULL)
        return NULL;
    peer->fd = fd;
    pthread_mutex_lock(&peers->lock);
    peer->next = peers->first;
    if (peer->next != NULL)
        peer->next->previous = peer;
    peers->first = peer;
    pthread_mutex_unlock(&peers->lock);
    return peer;
}

void peers_remove(struct peers *peers, struct peer *peer)
{
    if (peer == NULL)
        return;
    pthread_mutex_lock(&peers->lock);
    if (peer->next != NULL)
        peer->next->previous = peer->previous;
    if (peer->previous != NULL)
        peer->previous->next = peer->next;
    else
        peers->first = peer->next;
    pthread_mutex_unlock(&peers->lock);
    free(peer);
}

size_t peers_close_idle(struct peers *peers)
{
    size_t count = 0;
    pthread_mutex_lock(&peers->lock);
    for (struct peer *peer = peers->first; peer != NULL; peer = peer->next) {
        if (!atomic_load(&peer->busy))
            shutdown(peer->fd, SHUT_RD);
        count++;
    }
    pthread_mutex_unlock(&peers->lock);
    return count;
}
