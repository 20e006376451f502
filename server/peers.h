/* SPDX-License-Identifier: MIT */
/*
 * The open connections: which of them are between requests, so that a server
 * that stops can close those at once.
 */
#ifndef PEERS_H
#define PEERS_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

/* A connection.  'busy' from the first line of a request to the end of its
 * answer; any thread may set it. */
struct peer {
    int fd;
    atomic_bool busy;
    struct peer *next, *previous; /* under the list's lock */
};

/* All connections.  Any thread. */
struct peers {
    pthread_mutex_t lock;
    struct peer *first;
};

void peers_init(struct peers *peers);

/* The list must be empty by now. */
void peers_release(struct peers *peers);

/* Enter a connection; NULL when out of memory.  The list owns it. */
struct peer *peers_add(struct peers *peers, int fd);

/* Forget a connection, before its socket is closed; NULL is fine. */
void peers_remove(struct peers *peers, struct peer *peer);

/*
 * Ask every connection that is between requests to close; returns how many
 * connections there are.  It shuts only the reading side: a request that is
 * just arriving is still answered, and then the connection ends.
 */
size_t peers_close_idle(struct peers *peers);

#endif
