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
#include "upload.h"

enum request_stage { REQUEST_HEAD, REQUEST_BODY, REQUEST_WORK };

/* What all requests share; borrowed. */
struct request_host {
    struct api *api;
    struct pool *pool;
    struct upload_budget uploads;
    uint64_t max_body_bytes;
    atomic_bool stopping; /* long work ends at once */
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
    bool close;      /* the connection ends with the answer */
    unsigned status; /* of the answer; 0 before there is one */
    char target[];   /* path, NUL, query */
};

/* A request for 'target', path?query as it came; NULL when out of memory. */
struct request *request_new(struct request_host *host, const char *target);

/* NULL is fine. */
void request_free(struct request *request);

/*
 * Make room for 'count' header lines, to be given to request_add_field() in
 * order; both strings live as long as the request.  False when out of memory.
 */
bool request_expect_fields(struct request *request, size_t count);
void request_add_field(struct request *request, const char *name,
                       const char *value);

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

/*
 * Put the work on the pool, which ends in a call of 'resume' from any thread.
 * When the pool has no room for it the request is refused and resumed.
 */
void request_work(struct request *request);

#endif
