/* SPDX-License-Identifier: MIT */
/*
 * By what a request is found again in the logs of all who handled it: its
 * X-Request-Id, the client's or one of ours, and W3C's traceparent.
 */
#ifndef TRACE_H
#define TRACE_H

#include <stdbool.h>

/* Characters of a client's X-Request-Id that is kept. */
#define TRACE_REQUEST 128

/* Texts; 'trace' and 'span' are in hex, empty when there is no trace. */
struct trace {
    char request[TRACE_REQUEST + 1];
    char trace[33];
    char span[17];
};

/*
 * Take both from the values of a request's fields, each of which may be NULL.
 * An id that is empty, too long, or has anything but visible ASCII is replaced
 * by a new one, that no other request here or elsewhere has; a traceparent
 * that is malformed is ignored.
 */
void trace_read(struct trace *trace, const char *request_id,
                const char *traceparent);

#endif
