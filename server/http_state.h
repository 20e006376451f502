/* SPDX-License-Identifier: MIT */
/* What stands behind 'struct http': for the files http*.c only. */
#ifndef HTTP_STATE_H
#define HTTP_STATE_H

#include "http.h"
#include "http_log.h"
#include "request.h"
#include "tls.h"

struct http {
    struct MHD_Daemon *daemon;
    struct request_host host;
    struct peers peers;
    struct tls tls; /* until it has started */
    struct address bound;
    int listener; /* the library's to close */
    int mute;     /* takes its place in the end */
    atomic_bool draining;
    uint64_t queue;     /* how much long work there may be */
    uint64_t slow_rate; /* bytes per second; 0: as slow as they like */
    unsigned slow_seconds;
    atomic_size_t closed; /* connections, since the start */
    int64_t tidied;       /* when http_tick() tidied up, by clock_now() */
    size_t tidied_requests,
        tidied_connections; /* of those there were by then */
    size_t told_turned_away;
    struct http_refusals refusals;
    struct pool_job self_test;
};

#endif
