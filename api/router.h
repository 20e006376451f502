/* SPDX-License-Identifier: MIT */
/*
 * Which handler answers a request.
 */
#ifndef ROUTER_H
#define ROUTER_H

#include "api.h"
#include "path.h"
#include "problems.h"

/* What a query may hold. */
enum route_query {
    QUERY_NONE, /* nothing: a parameter is an error */
    QUERY_SPEC, /* what spec.h reads: the handler checks it */
    QUERY_OWN,  /* what the handler reads and checks */
};

/*
 * Flags of a route: one of the Hub's, that pages of other sites may use; one
 * that answers without a token.
 */
#define ROUTE_HUB 1u
#define ROUTE_OPEN 2u

/*
 * Answer a request: fill the exchange's reply, or leave long work to be done
 * first, and return PROBLEM_NONE; or fill 'problem', which is answered then.
 */
typedef enum problem_code route_handler(struct api_exchange *exchange,
                                        struct problem *problem);

/*
 * A row of the route table.  'path' is a pattern (path.h); of several that
 * fit a request the first row wins.  A row for GET also serves HEAD.  'pace'
 * is that of its handler (api.h) where neither query nor body slow it down.
 */
struct route {
    const char *method;
    const char *path;
    route_handler *handle;
    enum route_query query;
    enum api_pace pace;
    unsigned flags;
};

/* Row 'i' of the table, or NULL past the last. */
const struct route *route_at(size_t i);

/* Room for the value of an Allow field. */
#define ROUTE_ALLOW 48

/*
 * How many "{…}" a route may have, and room for what one stands for and what
 * "{…*}" does.
 */
#define ROUTE_ARGUMENTS PATH_ARGUMENTS
#define ROUTE_SEGMENT PATH_ARGUMENT
#define ROUTE_REST PATH_REST

/*
 * What was found for a request.  'arguments' are what the route's "{…}" stand
 * for, decoded, in order, then empty ones: any bytes a client likes but NUL.
 * 'route' is NULL, and 'allow' filled in, for a known path without that
 * method, and for OPTIONS, which is answered by 'allow' alone; 'flags' are
 * the route's, or those of all rows with that path.
 */
struct route_match {
    const struct route *route;
    unsigned flags;
    char arguments[ROUTE_ARGUMENTS][ROUTE_REST];
    char allow[ROUTE_ALLOW];
};

/*
 * Find the route of a method and a path, which is read as path.h says, or "*".
 * Returns PROBLEM_BAD_PATH for what no path can be, PROBLEM_NOT_FOUND,
 * or PROBLEM_METHOD_NOT_ALLOWED.
 */
enum problem_code route_find(const char *method, const char *target_path,
                             struct route_match *match,
                             struct problem *problem);

#endif
