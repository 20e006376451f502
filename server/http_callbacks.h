/* SPDX-License-Identifier: MIT */
/*
 * What libmicrohttpd calls, with a 'struct http' first:
 *
 *     http_on_connection   a connection came or went
 *     http_on_target       the first line of a request: a 'struct request' is
 *                          born
 *     http_on_request      called with the head, each piece of body, and the
 *                          end
 *     http_on_completed    the request is over, however it went: it is freed
 *
 * What the library hides: it answers some malformed heads itself, and while a
 * connection is suspended it neither times it out nor sees it close.
 */
#ifndef HTTP_CALLBACKS_H
#define HTTP_CALLBACKS_H

#include <microhttpd.h>

size_t http_on_unescape(void *cls, struct MHD_Connection *connection,
                        char *text);

void http_on_connection(void *cls, struct MHD_Connection *connection,
                        void **socket_context,
                        enum MHD_ConnectionNotificationCode code);

void *http_on_target(void *cls, const char *target,
                     struct MHD_Connection *connection);

enum MHD_Result http_on_request(void *cls, struct MHD_Connection *connection,
                                const char *path, const char *method,
                                const char *version, const char *piece,
                                size_t *piece_size, void **context);

void http_on_completed(void *cls, struct MHD_Connection *connection,
                       void **context, enum MHD_RequestTerminationCode code);

#endif
