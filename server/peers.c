/* SPDX-License-Identifier: MIT */
/* A locked, doubly linked list of connections. */
#include "peers.h"

#include "clock.h"

#include <stdlib.h>
#include <sys/socket.h>

void peers_init(struct peers *peers, size_t limit)
{
    pthread_mutex_init(&peers->lock, NULL);
    peers->first = NULL;
    peers->count = 0;
    peers->extra = 0;
    peers->limit = limit;
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
    peer->opened = clock_now();
    peer->remote.size = sizeof peer->remote.socket;
    if (getpeername(fd, &peer->remote.socket.any, &peer->remote.size) != 0)
        peer->remote.size = 0;
    pthread_mutex_lock(&peers->lock);
    peer->next = peers->first;
    if (peer->next != NULL)
        peer->next->previous = peer;
    peers->first = peer;
    if (peers->count - peers->extra >= peers->limit) {
        atomic_store(&peer->extra, true);
        peers->extra++;
    }
    peers->count++;
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
    peers->count--;
    if (atomic_load(&peer->extra))
        peers->extra--;
    pthread_mutex_unlock(&peers->lock);
    free(peer);
}

void peer_enter(struct peer *peer, enum peer_phase phase)
{
    atomic_store(&peer->phase, phase);
    atomic_fetch_add(&peer->step, 1);
}

size_t peers_count(struct peers *peers)
{
    pthread_mutex_lock(&peers->lock);
    size_t count = peers->count;
    pthread_mutex_unlock(&peers->lock);
    return count;
}

size_t peers_close_idle(struct peers *peers)
{
    pthread_mutex_lock(&peers->lock);
    for (struct peer *peer = peers->first; peer != NULL; peer = peer->next) {
        enum peer_phase phase = atomic_load(&peer->phase);

        if (phase == PEER_IDLE)
            shutdown(peer->fd, SHUT_RD);
        else if (phase == PEER_RECEIVING)
            peer_tell_end(peer);
    }
    size_t count = peers->count;
    pthread_mutex_unlock(&peers->lock);
    return count;
}
