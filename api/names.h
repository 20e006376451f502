/* SPDX-License-Identifier: MIT */
/*
 * What is known by name: where and with which scheme the tensor of that name
 * is drawn, or how many there are in the scope of that name.
 */
#ifndef NAMES_H
#define NAMES_H

#include "formats/text.h"

struct named_row;

/* Set it to 0 to begin with.  Names are copied. */
struct names {
    struct named_row *rows; /* owned */
    size_t room, count;
    struct text text;
};

/* 0 and all 0 for a name that is new. */
struct named_value {
    uint32_t count;
    struct sow_origin origin;
    struct sow_scheme scheme;
};

void names_release(struct names *names);

/*
 * What is known of the name of 'size' bytes, to read or to set until the next
 * call; a new name is added.  NULL when out of memory.
 */
struct named_value *names_at(struct names *names, const char *name,
                             size_t size);

/* Likewise, but NULL when the name is new. */
const struct named_value *names_find(const struct names *names,
                                     const char *name, size_t size);

#endif
