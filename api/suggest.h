/* SPDX-License-Identifier: MIT */
/*
 * "Did you mean …?": the nearest of the names that would have been right, and
 * the list of them.
 *
 *     struct suggest suggest;
 *     suggest_init(&suggest, written);
 *     for each name: suggest_offer(&suggest, name);
 *     …"%s", suggest_hint(&suggest).text…
 */
#ifndef SUGGEST_H
#define SUGGEST_H

#include <stddef.h>

/*
 * 'nearest' is NULL when no name offered is near enough to be a slip of the
 * pen.  'names' are all that were offered, with ", " between them, as far as
 * there is room.  Names are borrowed.
 */
struct suggest {
    const char *written;
    const char *nearest;
    size_t distance;
    char names[256];
};

struct suggest_hint {
    char text[96];
};

void suggest_init(struct suggest *suggest, const char *written);

void suggest_offer(struct suggest *suggest, const char *name);

/* " Did you mean 'name'?", or nothing. */
struct suggest_hint suggest_hint(const struct suggest *suggest);

/*
 * How many letters must be inserted, removed, replaced or swapped with their
 * neighbour to make one name from the other.  Case counts for nothing, and
 * '-' is '_'.  SIZE_MAX when one is too long to be a name.
 */
size_t suggest_distance(const char *a, const char *b);

#endif
