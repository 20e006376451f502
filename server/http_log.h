/* SPDX-License-Identifier: MIT */
/*
 * The HTTP library answers some requests itself, those that it can't read, and
 * hangs up on connections that are too many, and tells nobody but its log.  So
 * that is read: its lines are counted here, and told at a bearable rate.
 */
#ifndef HTTP_LOG_H
#define HTTP_LOG_H

#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>

struct http_refusals {
    atomic_size_t requests, connections; /* since the start */
    atomic_uint status;                  /* of the last answer */
    size_t told_requests, told_connections;
};

/*
 * Take a line of the library's, 'self' being a struct http_refusals; any
 * thread.  Where it says that it has no descriptor for its only connection, it
 * would ask again at once, and for ever: that thread waits here a moment.
 */
void http_on_log(void *self, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));

/* Log how many there were since the last call; none without any. */
void http_log_refusals(struct http_refusals *refusals);

#endif
