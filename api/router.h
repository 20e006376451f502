/* SPDX-License-Identifier: MIT */
/*
 * Which handler answers a request.
 */
#ifndef ROUTER_H
#define ROUTER_H

#include "api.h"
#include "problems.h"

/* Bytes, with the final NUL, that a segment of a known path may have. */
#define ROUTE_SEGMENT 64

/* What a query may hold. */
enum route_query {
    QUERY_NONE, /* nothing: a parameter is an error */
    QUERY_SPEC, /* what spec.h reads: the handler checks it */
};

/*
 * Answer a request: fill the exchange's reply, or leave long work to be done
 * first, and return PROBLEM_NONE; or fill 'problem', which is answered then.
 */
typedef enum problem_code route_handler(struct api_exchange *exchange,
                                        struct problem *problem);

/*
 * A row of the route table.  A segment "{…}" of 'path' matches any segment
 * that isn't empty.  A row for GET also serves HEAD.
 */
struct route {
    const char *method;
    const char *path;
    route_handler *handle;
    enum route_query query;
};

/* Row 'i' of the table, or NULL past the last. */
const struct route *route_at(size_t i);

/* Room for the value of an Allow field. */
#define ROUTE_ALLOW 48

/*
 * What was found for a request.  'argument' is the segment that matched
 * "{…}", decoded.  'route' is NULL, and 'allow' filled in, for a known path
 * without that method, and for OPTIONS, which is answered by 'allow' alone.
 */
struct route_match {
    const struct route *route;
    char argument[ROUTE_SEGMENT];
    char allow[ROUTE_ALLOW];
};

/*
 * Find the route of a method and a path.  The path is split at "/" first and
 * each segment percent-decoded then, so that "%2F" is a character of its
 * segment.  A target in absolute form loses its scheme and authority.
 * Returns PROBLEM_BAD_PATH for what no path can be, PROBLEM_NOT_FOUND,
 * or PROBLEM_METHOD_NOT_ALLOWED.
 */
enum problem_code route_find(const char *method, const char *target_path,
                             struct route_match *match,
                             struct problem *problem);

#endif
