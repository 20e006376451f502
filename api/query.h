/* SPDX-License-Identifier: MIT */
/*
 * The query of a request, read strictly.
 *
 *     struct query query;
 *     if (query_init(&query, request->query, problem) != PROBLEM_NONE) …
 *     const char *format = query_find(&query, "format");
 *
 * Pairs are split at '&' and the first '=', then decoded: '%' and two hex
 * digits are a byte, '+' is a space.  Refused as PROBLEM_BAD_QUERY: a bad
 * escape, %00, what is not UTF-8, an empty name, a name given twice, and more
 * than the bounds below.  Nothing is allocated, so nothing is to be released.
 */
#ifndef QUERY_H
#define QUERY_H

#include "problems.h"

/* Bounds: bytes before decoding, and pairs. */
#define QUERY_MAX_BYTES 8192
#define QUERY_MAX_PAIRS 32

struct query_pair {
    const char *name;
    const char *value; /* empty when there is no '=' */
};

/*
 * The pairs point into 'text', so a query must not be copied or moved.
 * Decoded, the text gets no longer, but for a NUL for each missing '='.  'own'
 * is a name that the route itself reads, out of the pairs: it is offered beside
 * the others when a name is unknown; NULL for none.
 */
struct query {
    struct query_pair pairs[QUERY_MAX_PAIRS];
    size_t count;
    const char *own;
    char text[QUERY_MAX_BYTES + 1 + QUERY_MAX_PAIRS];
};

/* Read 'text', what followed '?'; NULL and "" are queries without pairs. */
enum problem_code query_init(struct query *query, const char *text,
                             struct problem *problem);

/* The value of 'name', or NULL when it isn't there. */
const char *query_find(const struct query *query, const char *name);

/*
 * Refuse (PROBLEM_UNKNOWN_FIELD) every name that is not in 'names', a list
 * that ends with NULL.
 */
enum problem_code query_allow(const struct query *query,
                              const char *const *names,
                              struct problem *problem);

#endif
