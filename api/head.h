/* SPDX-License-Identifier: MIT */
/*
 * The head of a request: reading its fields, and refusing a head that two
 * parsers could read in two ways (request smuggling, RFC 9112 section 6.3).
 */
#ifndef HEAD_H
#define HEAD_H

#include "api.h"
#include "problems.h"

/* Bytes that a request's path and query may have together. */
#define HEAD_MAX_TARGET 8192

/*
 * Check Host, Content-Length and Transfer-Encoding and the syntax of every
 * field.  Where a request that fails ends nobody knows.
 */
enum problem_code head_check(const struct api_request *request,
                             struct problem *problem);

/* Check what passed head_check() against the limits on sizes. */
enum problem_code head_limit(const struct api_request *request,
                             const struct api_limits *limits,
                             struct problem *problem);

/* Check that the body is said to be JSON (PROBLEM_UNSUPPORTED_MEDIA_TYPE). */
enum problem_code head_check_json(const struct api_request *request,
                                  struct problem *problem);

/* The value of the first field called 'name', or NULL. */
const char *head_value(const struct api_request *request, const char *name);

/*
 * The value of the next field called 'name' from position '*i' on, which
 * moves past it; NULL when there is no more.  Start with 0.
 */
const char *head_next(const struct api_request *request, const char *name,
                      size_t *i);

/*
 * A walk over the elements of a field value that is a list, such as
 * "a, b;c=d".  Quoted strings hide the separator.
 */
struct head_list {
    const char *at;
    const char *end;
    char separator;
};

/* A walk over 'n' bytes at 'value'. */
struct head_list head_list(const char *value, size_t n, char separator);

/*
 * The next element that isn't empty, without the blanks around it.  Returns
 * false at the end.
 */
bool head_list_next(struct head_list *list, const char **element, size_t *n);

#endif
