/* SPDX-License-Identifier: MIT */
/*
 * The open connections: which of them are between requests, so that a server
 * that stops can close those at once, and which are more than there may be.
 */
#ifndef PEERS_H
#define PEERS_H

#include "address.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a connection does. */
enum peer_phase {
    PEER_IDLE,      /* nothing, or the first line of a request comes in */
    PEER_RECEIVING, /* the rest of the request does */
    PEER_WORKING,   /* the answer is worked out */
    PEER_SENDING,   /* the answer goes out */
};

/* What was seen of a connection at a time, by peers_cut_slow(). */
struct peer_sight {
    int64_t at; /* by clock_now(); 0 for never */
    unsigned step;
    uint64_t received, sent; /* bytes, since it was opened */
};

/* A connection; any thread may enter a phase. */
struct peer {
    int fd;
    struct address remote;
    _Atomic(enum peer_phase) phase;
    atomic_uint step;        /* counts phases */
    atomic_bool late;        /* it was cut off, for it had had its time */
    atomic_bool extra;       /* it is beyond the limit */
    int64_t opened;          /* by clock_now() */
    struct peer_sight sight; /* these two under the list's lock */
    struct peer *next, *previous;
};

/* It does something else from now on. */
void peer_enter(struct peer *peer, enum peer_phase phase);

/* How the client's side of a connection stands. */
enum peer_end {
    PEER_STAYS,    /* open: more may come */
    PEER_SAID_ALL, /* shut right behind its last byte: it reads on, or has
                      left; which of the two only an answer would tell */
    PEER_LEFT,     /* shut later than that, or reset */
};

enum peer_end peer_end(const struct peer *peer);

/*
 * When the client has shut its side, make its socket tell of that again.  The
 * HTTP library is told of an end once, and misses one that came together with
 * the last bytes of a request, or of a part of one: without this it would keep
 * such a connection for as long as a silent one.  What came before the end is
 * still read.  Not while an answer is worked out or sent.
 */
void peer_tell_end(const struct peer *peer);

/* All connections.  Any thread. */
struct peers {
    pthread_mutex_t lock;
    struct peer *first;
    size_t count, extra; /* all, and those of them beyond the limit */
    size_t limit;
};

/* Let there be 'limit' connections, and more that are extra. */
void peers_init(struct peers *peers, size_t limit);

/* The list must be empty by now. */
void peers_release(struct peers *peers);

/* Enter a connection; NULL when out of memory.  The list owns it. */
struct peer *peers_add(struct peers *peers, int fd);

/* How many there are. */
size_t peers_count(struct peers *peers);

/*
 * Whether a connection may make requests: it may unless it is extra, and is
 * that no more when there is room for it.
 */
bool peers_admit(struct peers *peers, struct peer *peer);

/*
 * Cut off those that are extra and have been for a few seconds, unless there
 * is room for them by now.  To be called about once a second; returns how many
 * were cut off that nothing had been answered to.
 */
size_t peers_cut_extra(struct peers *peers);

/* Forget a connection, before its socket is closed; NULL is fine. */
void peers_remove(struct peers *peers, struct peer *peer);

/*
 * Cut off connections that are slower than 'rate' bytes per second over
 * 'seconds': heads and bodies of requests that trickle in, and answers that
 * nobody reads.  Silence is not slow, when it is the client's turn: that has a
 * limit of its own.  A rate of 0 cuts off nobody.  Those whose end came while
 * a request did are made to tell of it again, as peer_tell_end() does.  To be
 * called about once a second; returns how many were cut off.
 */
size_t peers_cut_slow(struct peers *peers, uint64_t rate, unsigned seconds);

/*
 * Ask every connection that is between requests to close; returns how many
 * connections there are.  It shuts only the reading side: a request that is
 * just arriving is still answered, and then the connection ends.  Who left in
 * the midst of a request is told of again.
 */
size_t peers_close_idle(struct peers *peers);

#endif
