/* SPDX-License-Identifier: MIT */
/* The route table, the API's contents page, and the way through it. */
#include "router.h"

#include "routes/routes.h"

#include <string.h>
#include <strings.h>

static const struct route routes[] = {
    {"GET", "/v1/weights", get_weights, QUERY_SPEC},
    {"POST", "/v1/weights", post_weights, QUERY_SPEC},
    {"GET", "/v1/schemes", get_schemes, QUERY_NONE},
    {"GET", "/v1/schemes/{name}", get_scheme, QUERY_NONE},
    {"GET", "/v1/version", get_version, QUERY_NONE},
    {"GET", "/openapi.json", get_openapi, QUERY_NONE},
    {"GET", "/healthz", get_health, QUERY_NONE},
    {"GET", "/readyz", get_ready, QUERY_NONE},
};

#define ROUTES (sizeof routes / sizeof routes[0])

const struct route *route_at(size_t i)
{
    return i < ROUTES ? &routes[i] : NULL;
}

/* Segments that a known path may have. */
#define MAX_SEGMENTS 4

/*
 * A path, split and decoded.  'strange' says that it has more or longer
 * segments than any known path, or a NUL: it can be well-formed, not found.
 */
struct path {
    bool strange;
    size_t count;
    char segments[MAX_SEGMENTS][ROUTE_SEGMENT];
};

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/*
 * Decode one character at '*at', which moves past it, or return -1 when it
 * is a bad escape, a NUL or a character that no path has.
 */
static int decode(const char **at)
{
    const char *c = (*at)++;
    int high, low;

    if (*c != '%')
        return *c > 0x20 && *c < 0x7f ? *c : -1;
    high = hex_digit(c[1]);
    low = high < 0 ? -1 : hex_digit(c[2]);
    if (low < 0 || high + low == 0)
        return -1;
    *at = c + 3;
    return high * 16 + low;
}

/*
 * Decode the segment at '*at', which moves to its end, to 'segment'.  Returns
 * its length, which may pass the room there is, or -1.
 */
static int segment_decode(const char **at, char segment[ROUTE_SEGMENT])
{
    int n = 0;

    for (; **at && **at != '/'; n++) {
        int c = decode(at);
        if (c < 0)
            return -1;
        if (n < ROUTE_SEGMENT)
            segment[n] = (char)c;
    }
    segment[n < ROUTE_SEGMENT ? n : ROUTE_SEGMENT - 1] = '\0';
    return n;
}

/* Split 'text', which begins with "/".  False when it can't be a path. */
static bool path_parse(const char *text, struct path *path)
{
    char spare[ROUTE_SEGMENT];

    path->strange = false;
    path->count = 0;
    for (; *text == '/'; path->count++) {
        bool fits = path->count < MAX_SEGMENTS;
        char *segment = fits ? path->segments[path->count] : spare;
        text++;
        int n = segment_decode(&text, segment);
        if (n < 0 || !strcmp(segment, ".") || !strcmp(segment, ".."))
            return false;
        if (!fits || n >= ROUTE_SEGMENT)
            path->strange = true;
    }
    return true;
}

/* The path of a target in absolute form, "http://host/path"; else NULL. */
static const char *absolute_path(const char *target)
{
    static const char *const schemes[] = {"http://", "https://"};

    for (size_t i = 0; i < 2; i++) {
        size_t n = strlen(schemes[i]);
        if (strncasecmp(target, schemes[i], n) != 0)
            continue;
        target += n + strcspn(target + n, "/");
        return *target ? target : "/";
    }
    return NULL;
}

/* Does the segment of 'n' bytes of a pattern match a decoded segment? */
static bool segment_matches(const char *pattern, size_t n, const char *segment)
{
    if (pattern[0] == '{')
        return segment[0] != '\0';
    return strlen(segment) == n && !memcmp(pattern, segment, n);
}

/* Does 'pattern' match 'path'?  Sets 'argument' to what "{…}" stands for. */
static bool matches(const char *pattern, const struct path *path,
                    const char **argument)
{
    for (size_t i = 0; i < path->count; i++) {
        if (*pattern++ != '/')
            return false;
        size_t n = strcspn(pattern, "/");
        if (!segment_matches(pattern, n, path->segments[i]))
            return false;
        if (*pattern == '{')
            *argument = path->segments[i];
        pattern += n;
    }
    return *pattern == '\0';
}

static void append(char allow[ROUTE_ALLOW], const char *method)
{
    size_t used = strlen(allow);
    size_t n = strlen(method);

    if (used + 2 + n >= ROUTE_ALLOW)
        return;
    if (used > 0) {
        memcpy(allow + used, ", ", 2);
        used += 2;
    }
    memcpy(allow + used, method, n + 1);
}

static void allow_route(char allow[ROUTE_ALLOW], const struct route *route)
{
    append(allow, route->method);
    if (!strcmp(route->method, "GET"))
        append(allow, "HEAD");
}

static bool serves(const struct route *route, const char *method)
{
    return !strcmp(route->method, method) ||
           (!strcmp(route->method, "GET") && !strcmp(method, "HEAD"));
}

/* Look 'path' up; returns whether any row has it. */
static bool look_up(const char *method, const struct path *path,
                    struct route_match *match)
{
    bool found = false;

    for (size_t i = 0; i < ROUTES; i++) {
        const char *argument = "";
        if (path->strange || !matches(routes[i].path, path, &argument))
            continue;
        found = true;
        allow_route(match->allow, &routes[i]);
        if (serves(&routes[i], method)) {
            match->route = &routes[i];
            memcpy(match->argument, argument, strlen(argument) + 1);
        }
    }
    if (found)
        append(match->allow, "OPTIONS");
    return found;
}

/* "*" stands for the server as a whole: OPTIONS is all one can ask. */
static bool find_server(struct route_match *match)
{
    for (size_t i = 0; i < ROUTES; i++)
        if (!strstr(match->allow, routes[i].method))
            allow_route(match->allow, &routes[i]);
    append(match->allow, "OPTIONS");
    return true;
}

enum problem_code route_find(const char *method, const char *target_path,
                             struct route_match *match, struct problem *problem)
{
    const char *absolute = absolute_path(target_path);
    const char *text = absolute ? absolute : target_path;
    bool server = !strcmp(text, "*");
    struct path path;

    *match = (struct route_match){0};
    if (!server && (text[0] != '/' || !path_parse(text, &path)))
        return problem_set(problem, PROBLEM_BAD_PATH, "",
                           "The path has a bad percent-escape, a NUL or "
                           "another control character, or a '.' or '..' "
                           "segment.");
    if (!(server ? find_server(match) : look_up(method, &path, match)))
        return problem_set(problem, PROBLEM_NOT_FOUND, "",
                           "There is nothing at this path; /openapi.json "
                           "lists what there is.");
    if (match->route || !strcmp(method, "OPTIONS"))
        return PROBLEM_NONE;
    return problem_set(problem, PROBLEM_METHOD_NOT_ALLOWED, "",
                       "This path takes only %s.", match->allow);
}
