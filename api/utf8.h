/* SPDX-License-Identifier: MIT */
/*
 * Text from clients: whether it is UTF-8, and how to show it in a sentence.
 */
#ifndef UTF8_H
#define UTF8_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The length, 1 to 4, of the well-formed UTF-8 sequence at 'text', which has
 * 'n' bytes; 0 when there is none (also when 'n' is 0 or cuts it off).
 */
size_t utf8_length(const char *text, size_t n);

/* Whether all 'n' bytes are well-formed UTF-8. */
bool utf8_valid(const char *text, size_t n);

/* Whether valid UTF-8 holds one of U+0000–U+001F, U+007F–U+009F. */
bool utf8_has_control(const char *text, size_t n);

/*
 * Make 'text' well-formed, in place: a sequence that the end cuts off is
 * dropped, any other bad byte becomes '?'.
 */
void utf8_mend(char *text);

struct utf8_quote {
    char text[72];
};

/*
 * 'text' short enough for an error message: cut, with an ellipsis, after
 * about 64 bytes.  Use as 'utf8_quote(name).text' within one expression.
 */
struct utf8_quote utf8_quote(const char *text);

#endif
