/* SPDX-License-Identifier: MIT */
/*
 * Text, JSON above all, in a buffer of the caller's.  Numbers are written as
 * number.h says, so that the bytes depend on no library's taste; strings that
 * need escapes are left to the JSON library, for JSON fixes those.
 *
 *     char buffer[512];
 *     struct text text = {.bytes = buffer, .room = sizeof buffer};
 *     text_put(&text, "{\"name\":");
 *     text_put_string(&text, name);
 *     …
 *     if (text.failed) …
 */
#ifndef FORMATS_TEXT_H
#define FORMATS_TEXT_H

#include "sow.h"

#include <string.h>

/*
 * 'size' of 'room' bytes are written.  When something does not fit, 'failed'
 * is set and all else is dropped; but a text that 'grows' moves to 'heap',
 * which it owns: end it with text_release().  It grows to 'most' bytes, unless
 * that is 0; 'over' says that it failed for that, not for lack of memory.
 */
struct text {
    char *bytes;
    size_t room;
    size_t size;
    bool failed;
    bool grows;
    bool over;
    size_t most;
    char *heap;
};

/* Free what a text that grows owns. */
void text_release(struct text *text);

/* text_add() where there is no room yet, or where the text has failed. */
void text_add_grown(struct text *text, const char *bytes, size_t n);

/*
 * Add 'n' bytes as they are.  Here, as is text_put(), so that what is known of
 * a literal makes it a store or two: a model's recipe is millions of these.
 */
static inline void text_add(struct text *text, const char *bytes, size_t n)
{
    if (text->failed || n > text->room - text->size) {
        text_add_grown(text, bytes, n);
        return;
    }
    memcpy(text->bytes + text->size, bytes, n);
    text->size += n;
}

/* Add a string as it is. */
static inline void text_put(struct text *text, const char *string)
{
    text_add(text, string, strlen(string));
}

/* Add a JSON string of valid UTF-8. */
void text_put_string(struct text *text, const char *string);

/* Add a number; null for one that isn't finite. */
void text_put_integer(struct text *text, uint64_t number);
void text_put_number(struct text *text, double number);

/* Add 'count' integers with a comma between each two. */
void text_put_integers(struct text *text, const uint64_t *numbers,
                       size_t count);

/* Add a digest in hex. */
void text_put_digest(struct text *text, const uint8_t digest[SOW_DIGEST_BYTES]);

/*
 * Begin an entry of an array, or a member of an object: a comma, unless it is
 * the first; and the member's key.
 */
void text_put_entry(struct text *text);
void text_put_key(struct text *text, const char *key);

/* Add a member: a string, or null for NULL. */
void text_put_member(struct text *text, const char *key, const char *string);

/* Add a member: an array of strings; NULL ends 'strings', and may be them. */
void text_put_strings(struct text *text, const char *key,
                      const char *const *strings);

/* Add a value of a scheme's parameter, as a request would write it. */
void text_put_value(struct text *text, const struct sow_parameter *parameter,
                    double value);

/* Add the value of a scheme's parameter 'i' as recipes have it. */
void text_put_parameter(struct text *text, const struct sow_scheme *scheme,
                        uint32_t i);

#endif
