/* SPDX-License-Identifier: MIT */
/* A method and a path, "GET /v1/schemes", and the route that they take. */
#include "fuzz.h"

#include "path.h"
#include "router.h"

#include <string.h>

static void check_arguments(const struct route_match *match)
{
    bool ended = false;

    for (size_t i = 0; i < ROUTE_ARGUMENTS; i++) {
        const char *end = memchr(match->arguments[i], '\0', ROUTE_REST);
        MUST(end, "argument %zu has no end", i);
        MUST(!ended || !match->arguments[i][0], "argument %zu", i);
        ended = !match->arguments[i][0];
    }
}

/* With every letter and digit escaped the path is what it was. */
static char *escape(const char *path)
{
    static const char digits[] = "0123456789ABCDEF";
    char *all = malloc(3 * strlen(path) + 1);
    char *out = all;

    MUST(all, "out of memory");
    for (; *path; path++) {
        unsigned char byte = (unsigned char)*path;
        bool plain = strchr("/%.~_-:", byte) != NULL || byte >= 0x80;
        if (path[0] == '%' && path[1] && path[2]) {
            memcpy(out, path, 3);
            out += 3;
            path += 2;
        } else if (plain) {
            *out++ = *path;
        } else {
            *out++ = '%';
            *out++ = digits[byte >> 4];
            *out++ = digits[byte & 15];
        }
    }
    *out = '\0';
    return all;
}

static void check_escaped(const char *method, const char *path,
                          const struct route_match *right)
{
    struct route_match match;
    struct problem problem;
    char *text = escape(path);

    if (path[0] == '/') {
        MUST(!route_find(method, text, &match, &problem), "%s", text);
        MUST(match.route == right->route, "%s", text);
        MUST(!memcmp(match.arguments, right->arguments, sizeof match.arguments),
             "%s", text);
    }
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = fuzz_text(data, size);
    char *path = strchr(text, ' ');
    struct route_match match;
    struct problem problem;

    if (path) {
        *path++ = '\0';
        enum problem_code code = route_find(text, path, &match, &problem);
        if (code)
            fuzz_problem(&problem, code);
        if (code == PROBLEM_METHOD_NOT_ALLOWED)
            MUST(match.allow[0] && !match.route, "%s", path);
        if (!code && match.route) {
            check_arguments(&match);
            check_escaped(text, path, &match);
        }
    }
    free(text);
    return 0;
}
