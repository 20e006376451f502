/* SPDX-License-Identifier: MIT */
/*
 * The path of a request, split and decoded, and how it fits a pattern.
 */
#ifndef PATH_H
#define PATH_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes, with the final NUL, that what "{name}" stands for may have. */
#define PATH_ARGUMENT 128

/* Likewise for "{name*}", which stands for several segments. */
#define PATH_REST 512

/* How many of both a pattern may have. */
#define PATH_ARGUMENTS 4

/* No pattern fits a path that has more than this. */
#define PATH_SEGMENTS 64
#define PATH_TEXT 8193

/* A part of a path's text. */
struct path_span {
    size_t at, size;
};

/*
 * A path without its first "/", decoded.  'strange' says that it has more
 * segments or bytes than any known path; 'count' and 'text' are cut then.
 */
struct path {
    bool strange;
    size_t count, size;
    struct path_span segments[PATH_SEGMENTS];
    char text[PATH_TEXT];
};

/*
 * Split 'text', as it came, at "/" and decode the segments then, so that
 * "%2F" is a character of its segment.  A target in absolute form loses its
 * scheme and authority.  False for what no path can be: one that doesn't
 * begin with "/", has a bad escape, a NUL or a character that must be
 * escaped, or "." or ".." between two "/" or "%2F".
 */
bool path_parse(struct path *path, const char *text);

/*
 * Does 'path' fit 'pattern'?  A segment "{…}" of a pattern fits any segment
 * of fewer than PATH_ARGUMENT bytes; a last one "{…*}" one or more segments
 * of fewer than PATH_REST bytes with the "/" between them.  Neither fits an
 * empty segment.  What they stand for goes to 'arguments', in order; the rest
 * of these have the size 0.
 */
bool path_fits(const struct path *path, const char *pattern,
               struct path_span arguments[PATH_ARGUMENTS]);

#endif
