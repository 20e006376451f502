/* SPDX-License-Identifier: MIT */
/* An answer of the API on its way into libmicrohttpd. */
#ifndef HTTP_ANSWER_H
#define HTTP_ANSWER_H

#include "request.h"

#include <microhttpd.h>

/*
 * The answer to a request whose exchange is there and worked out; 'close'
 * announces the connection's end.  The body is read from the exchange while it
 * is sent, so that the request must live until then.  NULL when out of memory.
 */
struct MHD_Response *http_answer(struct request *request, bool close);

#endif
