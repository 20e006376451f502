/* SPDX-License-Identifier: MIT */
/* How long it takes to start on a request, before anything is read of it. */
#include "query.h"
#include "router.h"

#include <string.h>

/* Reading a body of so many bytes takes a few milliseconds. */
#define SMALL_BODY ((size_t)64 << 10)

static bool holds(const struct api_request *request, const char *text)
{
    return request->body_size > 0 &&
           memmem(request->body, request->body_size, text, strlen(text));
}

/*
 * May the body stand for more tensors than it spells out?  Its fields may be
 * written with escapes, so any escape is taken for one that does.
 */
static bool expands(const struct api_request *request)
{
    static const char *const fields[] = {
        "\"type\"", "\"config\"", "\"profile\"", "\"data\"", "\\",
    };

    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
        if (holds(request, fields[i]))
            return true;
    return false;
}

/* Does the query name a stored recipe?  One that is malformed is refused. */
static bool query_has_recipe(const struct api_request *request)
{
    struct query query;
    struct problem problem;

    return !query_init(&query, request->query, &problem) &&
           query_find(&query, "recipe");
}

enum api_pace api_pace(const struct api_request *request)
{
    struct route_match match;
    struct problem problem;

    if (route_find(request->method, request->target_path, &match, &problem) ||
        !match.route)
        return API_QUICK;
    bool get = !strcmp(match.route->method, "GET");
    if (!get && request->body_size > SMALL_BODY)
        return API_LONG;
    if (match.route->query != QUERY_SPEC)
        return match.route->pace;
    if (!get && expands(request))
        return API_LONG;
    if (match.route->pace != API_QUICK)
        return match.route->pace;
    if (query_has_recipe(request) || (!get && holds(request, "\"recipe\"")))
        return API_BRIEF;
    return API_QUICK;
}
