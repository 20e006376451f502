/* SPDX-License-Identifier: MIT */
/* Reading the path of a request, and comparing it with patterns. */
#include "path.h"

#include "digits.h"

#include <string.h>
#include <strings.h>

/* The path of a target in absolute form, "http://host/path"; else 'target'. */
static const char *without_authority(const char *target)
{
    static const char *const schemes[] = {"http://", "https://"};

    for (size_t i = 0; i < 2; i++) {
        size_t n = strlen(schemes[i]);
        if (strncasecmp(target, schemes[i], n) != 0)
            continue;
        target += n + strcspn(target + n, "/");
        return *target ? target : "/";
    }
    return target;
}

/*
 * Decode one character at '*at', which moves past it, or return -1 when it
 * is a bad escape, a NUL or a character that no path has.
 */
static int decode(const char **at)
{
    const char *c = (*at)++;
    int byte;

    if (*c != '%')
        return *c > 0x20 && *c < 0x7f ? *c : -1;
    byte = digits_escape(c + 1);
    if (byte >= 0)
        *at = c + 3;
    return byte;
}

static void put(struct path *path, char c)
{
    if (path->size + 1 < PATH_TEXT)
        path->text[path->size++] = c;
    else
        path->strange = true;
}

/* Decode the segment at '*at', which moves to its end. */
static bool put_segment(struct path *path, const char **at)
{
    struct path_span span = {path->size, 0};

    while (**at && **at != '/') {
        int c = decode(at);
        if (c < 0)
            return false;
        put(path, (char)c);
    }
    span.size = path->size - span.at;
    if (path->count < PATH_SEGMENTS)
        path->segments[path->count++] = span;
    else
        path->strange = true;
    return true;
}

/* Is there "." or ".." between two slashes, however those came? */
static bool climbs(const char *text)
{
    for (;; text++) {
        size_t n = strcspn(text, "/");
        if ((n == 1 || n == 2) && strspn(text, ".") == n)
            return true;
        text += n;
        if (*text == '\0')
            return false;
    }
}

bool path_parse(struct path *path, const char *text)
{
    text = without_authority(text);
    path->strange = false;
    path->count = 0;
    path->size = 0;
    if (*text != '/')
        return false;
    while (*text == '/') {
        if (path->count > 0)
            put(path, '/');
        text++;
        if (!put_segment(path, &text))
            return false;
    }
    path->text[path->size] = '\0';
    return !climbs(path->text);
}

/* All segments from 'i' on, if they may stand for "{…*}"; else size 0. */
static struct path_span rest(const struct path *path, size_t i)
{
    size_t at = path->segments[i].at;
    struct path_span span = {at, path->size - at};

    for (; i < path->count; i++)
        if (path->segments[i].size == 0)
            return (struct path_span){0};
    return span.size < PATH_REST ? span : (struct path_span){0};
}

/* What the pattern segment "{…}" or "{…*}" of 'n' bytes stands for. */
static struct path_span argument(const struct path *path, size_t i,
                                 const char *pattern, size_t n)
{
    struct path_span span = path->segments[i];

    if (n > 2 && pattern[n - 2] == '*')
        return rest(path, i);
    return span.size < PATH_ARGUMENT ? span : (struct path_span){0};
}

bool path_fits(const struct path *path, const char *pattern,
               struct path_span arguments[PATH_ARGUMENTS])
{
    size_t used = 0;

    memset(arguments, 0, PATH_ARGUMENTS * sizeof *arguments);
    for (size_t i = 0, n; !path->strange && i < path->count; i++) {
        struct path_span span = path->segments[i];
        if (*pattern++ != '/')
            return false;
        n = strcspn(pattern, "/");
        if (*pattern == '{' && used < PATH_ARGUMENTS) {
            span = arguments[used++] = argument(path, i, pattern, n);
            if (span.size == 0)
                return false;
        } else if (n != span.size ||
                   memcmp(pattern, path->text + span.at, n) != 0) {
            return false;
        }
        pattern += n;
        if (span.at + span.size == path->size)
            break;
    }
    return !path->strange && *pattern == '\0';
}
