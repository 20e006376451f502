/* SPDX-License-Identifier: MIT */
/* What stands behind 'struct http': for the files http*.c only. */
#ifndef HTTP_STATE_H
#define HTTP_STATE_H

#include "http.h"
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
    uint64_t slow_rate; /* bytes per second; 0: as slow as they like */
    unsigned slow_seconds;
    int64_t tidied; /* when memory was given back, by clock_now() */
    struct pool_job self_test;
};

#endif
