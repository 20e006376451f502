/* SPDX-License-Identifier: MIT */
/*
 * JSON text in a buffer of fixed size.  Numbers are written as number.h says,
 * so that the bytes depend on no library's taste; strings are left to the JSON
 * library, whose escapes JSON fixes.
 */
#ifndef FORMATS_TEXT_H
#define FORMATS_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * 'size' of 'room' bytes are written.  After something did not fit, 'failed'
 * is true and all else is dropped.
 */
struct text {
    char *bytes;
    size_t room;
    size_t size;
    bool failed;
};

/* Add a string as it is. */
void text_put(struct text *text, const char *string);

/* Add a JSON string of valid UTF-8. */
void text_put_string(struct text *text, const char *string);

/* Add a number; null for one that isn't finite. */
void text_put_integer(struct text *text, uint64_t number);
void text_put_number(struct text *text, double number);

#endif
