/* SPDX-License-Identifier: MIT */
/*
 * The HTTP server: sockets and libmicrohttpd on one side, 'struct api' on the
 * other.
 *
 * I/O threads read requests and send answers; a body is generated straight
 * into the buffer that is sent.  Long work goes to a pool, and its connection
 * sleeps meanwhile.
 */
#ifndef HTTP_H
#define HTTP_H

#include "config.h"

struct http;

/*
 * What may take root: read the certificate, and listen.  Who connects waits
 * until it has started.  No thread is started yet.  On failure returns NULL;
 * the reason has been logged.
 */
struct http *http_open(const struct config *config);

/*
 * Serve.  'config' is not needed afterwards, 'api' until http_stop() or
 * http_close().  Returns false after logging the reason; then http_close() it.
 */
bool http_start(struct http *http, const struct config *config,
                struct api *api);

/* Free one that doesn't serve. */
void http_close(struct http *http);

/* Where it listens, with the port that was taken. */
const struct address *http_address(const struct http *http);

/* Look after slow clients; to be called about once a second. */
void http_tick(struct http *http);

/*
 * Take no more connections, close those between requests, let the others
 * finish for up to 'drain_seconds', and free everything.  'hurry' is called
 * over and over to wait for some milliseconds; when it returns true what is
 * left is cut off at once.
 */
void http_stop(struct http *http, uint64_t drain_seconds,
               bool (*hurry)(int milliseconds));

#endif
