/* SPDX-License-Identifier: MIT */
/*
 * A request on its way through the server, from its first line to the last
 * byte of its answer.
 *
 *     REQUEST_HEAD   the head has come; is it refused at sight?
 *     REQUEST_BODY   the body comes in, piece by piece
 *     REQUEST_WORK   long work is on the pool, the connection suspended
 *
 * Work is what the API calls so, and starting on what isn't quick, in the
 * express lane if it is brief.  The request belongs to the connection's I/O
 * thread, but while in REQUEST_WORK to the pool, up to 'resume'.
 */
#ifndef REQUEST_H
#define REQUEST_H

#include "api.h"
#include "peers.h"
#include "pool.h"
#include "trace.h"
#include "upload.h"

enum request_stage { REQUEST_HEAD, REQUEST_BODY, REQUEST_WORK };

/* What all requests share; borrowed. */
struct request_host {
    struct api *api;
    struct pool *pool;
    struct upload_budget uploads;
    uint64_t max_body_bytes;
    bool log_requests;
    uint64_t max_requests; /* in flight */
    uint64_t max_seconds;  /* of work before an answer; 0 for any */
    atomic_size_t in_flight;
    atomic_size_t ended; /* since the start, without probes */
    uint64_t max_connections;
    atomic_size_t turned_away; /* connections that were too many */
    atomic_bool stopping;      /* long work ends at once */
};

/* When a request got so far, by clock_now(); 0 for not yet. */
struct request_times {
    int64_t begun;    /* its first line was there */
    int64_t whole;    /* its body was */
    int64_t taken;    /* the pool began to work on it */
    int64_t answered; /* its answer could be sent */
};

struct request {
    struct request_host *host;
    struct peer *peer; /* the connection; NULL until it is known */
    void *connection;  /* what 'resume' is called with */
    void (*resume)(void *connection);
    enum request_stage stage;
    struct api_request head;   /* as the API wants it */
    struct api_header *fields; /* 'head.headers', owned */
    struct upload upload;
    struct api_exchange *exchange; /* owned; NULL before there is one */
    struct pool_job job;
    struct trace trace;
    struct request_times times;
    uint64_t sent;    /* bytes of the answer's body */
    bool close;       /* the connection ends with the answer */
    bool extra;       /* the connection is one too many */
    atomic_bool late; /* work took longer than it may */
    atomic_bool left; /* work was given up, for the client is gone */
    atomic_int_least64_t said_all; /* when work saw its side shut; 0: never */
    bool broken;     /* the answer can't be sent, for our own fault */
    unsigned status; /* of the answer; 0 before there is one */
    char target[];   /* path, NUL, query */
};

/* A request for 'target', path?query as it came; NULL when out of memory. */
struct request *request_new(struct request_host *host, const char *target);

/*
 * It is over: 'fate' is how.  Count it, log it and free it; NULL is fine.
 */
void request_end(struct request *request, enum api_fate fate);

/*
 * Make room for 'count' header lines, to be given to request_add_field() in
 * order; both strings live as long as the request.  False when out of memory.
 */
bool request_expect_fields(struct request *request, size_t count);
void request_add_field(struct request *request, const char *name,
                       const char *value);

/* The value of the first field of that name, or NULL. */
const char *request_field(const struct request *request, const char *name);

/* Whether it asks how the server is: from who looks after it. */
bool request_is_probe(const struct request *request);

/*
 * The head is complete: ask the API whether to refuse it.  Returns true when
 * the answer should be sent now, and the connection closed, for the body stays
 * unread; false to read the body, which is thrown away if the request is
 * refused.
 */
bool request_open(struct request *request);

/*
 * The body is complete: start the exchange, unless that would take long.
 * Returns true when the answer can be sent, with 'exchange' NULL when out of
 * memory; false when there is work to be done first.
 */
bool request_begin(struct request *request);

/* Room for a Server-Timing. */
#define REQUEST_TIMING 64

/*
 * Its answer can be sent: note the time, and write the value of Server-Timing,
 * what came before in milliseconds: waiting for the pool, and work.
 */
void request_answered(struct request *request, char timing[REQUEST_TIMING]);

/*
 * Put the work on the pool, which ends in a call of 'resume' from any thread.
 * When the pool has no room for it the request is refused and resumed.
 */
void request_work(struct request *request);

#endif
