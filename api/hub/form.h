/* SPDX-License-Identifier: MIT */
/*
 * Pairs as forms and queries have them ("a=1&b=2"), read leniently: clients of
 * the Hub repeat names, and send many that mean nothing here.
 *
 *     struct form form = form_of(bytes, size);
 *     while (form_next(&form))
 *         … form.name, form.value …
 */
#ifndef HUB_FORM_H
#define HUB_FORM_H

#include <stdbool.h>
#include <stddef.h>

/* Room for a decoded name or value; a longer one reads as empty. */
#define FORM_TEXT 256

struct form {
    const char *at;
    const char *end;
    char name[FORM_TEXT];
    char value[FORM_TEXT];
};

/* A walk over 'size' bytes; 'bytes' may be NULL when there are none. */
struct form form_of(const char *bytes, size_t size);

/* Read the next pair; false at the end. */
bool form_next(struct form *form);

/*
 * The value of 'name' in a query, which may be NULL: true, and in 'value', if
 * it is there.
 */
bool form_find(const char *query, const char *name, char value[FORM_TEXT]);

/* Does a value mean yes: anything but "", "0", and "false" in any case? */
bool form_is_yes(const char *value);

#endif
