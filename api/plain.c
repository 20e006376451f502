/* SPDX-License-Identifier: MIT */
/* Plain JSON, by recursive descent: each reader returns NULL as plain_load()
   does. */
#include "plain.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Objects and arrays within each other, bytes of a key or of a number with a
   fraction, digits of one without. */
#define DEPTH 32
#define TOKEN 64
#define DIGITS 18

/* Places for values that may come again, and bytes of such a value's text. */
#define PLACES 64
#define SHORT 20

/* A value that was read; 'json', NULL for none, is a reference of its own. */
struct known {
    const char *text;
    size_t size;
    json_t *json;
};

/* What is left of the text, and short values before it. */
struct reader {
    const char *at;
    const char *end;
    unsigned depth;
    struct known known[PLACES];
};

static json_t *read_value(struct reader *reader);

/* Pass 'c', if it is next. */
static bool pass(struct reader *reader, char c)
{
    if (reader->at == reader->end || *reader->at != c)
        return false;
    reader->at++;
    return true;
}

static void skip_blanks(struct reader *reader)
{
    while (pass(reader, ' ') || pass(reader, '\n') || pass(reader, '\r') ||
           pass(reader, '\t'))
        continue;
}

/* Pass blanks and 'c'. */
static bool take(struct reader *reader, char c)
{
    skip_blanks(reader);
    return pass(reader, c);
}

/* ------------------------------------------------------------------------
 * Values that come again
 */

static struct known *find_place(struct reader *reader, const char *text,
                                size_t size)
{
    size_t hash = size;

    for (size_t i = 0; i < size; i++)
        hash = hash * 31 + (unsigned char)text[i];
    return &reader->known[hash % PLACES];
}

/*
 * 'json', which has been read from 'text' on, or the same value as it stands
 * in the tree already: shapes and types come again with each layer, and what
 * a tree costs is its many small blocks.
 */
static json_t *share(struct reader *reader, const char *text, json_t *json)
{
    const size_t size = (size_t)(reader->at - text);

    if (!json || size > SHORT)
        return json;
    struct known *known = find_place(reader, text, size);
    if (known->size == size && memcmp(known->text, text, size) == 0) {
        json_decref(json);
        return json_incref(known->json);
    }
    json_decref(known->json);
    *known = (struct known){text, size, json_incref(json)};
    return json;
}

static void forget(struct reader *reader)
{
    for (size_t i = 0; i < PLACES; i++)
        json_decref(reader->known[i].json);
}

/* ------------------------------------------------------------------------
 * Strings and words
 */

/* A string's bytes in the text. */
struct span {
    const char *start;
    size_t size;
    bool ascii;
};

/* Pass a string without escapes, whose opening quote has just been passed. */
static bool read_span(struct reader *reader, struct span *span)
{
    const char *c = reader->at;
    unsigned char seen = 0;

    while (c < reader->end && *c != '"' && *c != '\\' &&
           (unsigned char)*c >= 0x20)
        seen |= (unsigned char)*c++;
    *span = (struct span){reader->at, (size_t)(c - reader->at), seen < 0x80};
    reader->at = c;
    return pass(reader, '"');
}

static json_t *read_string(struct reader *reader)
{
    struct span span;

    if (!read_span(reader, &span))
        return NULL;
    return span.ascii ? json_stringn_nocheck(span.start, span.size)
                      : json_stringn(span.start, span.size);
}

/* Pass 'word', which 'json' stands for. */
static json_t *read_word(struct reader *reader, const char *word, json_t *json)
{
    const size_t n = strlen(word);

    if ((size_t)(reader->end - reader->at) < n ||
        memcmp(reader->at, word, n) != 0)
        return NULL;
    reader->at += n;
    return json;
}

/* ------------------------------------------------------------------------
 * Numbers
 */

/* Pass digits; how many, and the number that they are, modulo 2^64. */
static size_t pass_digits(struct reader *reader, uint64_t *number)
{
    const char *start = reader->at;

    for (*number = 0; reader->at < reader->end; reader->at++) {
        const unsigned digit = (unsigned char)*reader->at - (unsigned)'0';
        if (digit > 9)
            break;
        *number = *number * 10 + digit;
    }
    return (size_t)(reader->at - start);
}

/* Pass a fraction and an exponent; the number begins at 'start'. */
static json_t *read_real(struct reader *reader, const char *start)
{
    char text[TOKEN];
    uint64_t digits;

    if (pass(reader, '.') && pass_digits(reader, &digits) == 0)
        return NULL;
    if (pass(reader, 'e') || pass(reader, 'E')) {
        if (!pass(reader, '+'))
            pass(reader, '-');
        if (pass_digits(reader, &digits) == 0)
            return NULL;
    }
    const size_t n = (size_t)(reader->at - start);
    if (n >= sizeof text)
        return NULL;
    memcpy(text, start, n);
    text[n] = '\0';
    return json_real(strtod(text, NULL));
}

static json_t *read_number(struct reader *reader)
{
    const char *start = reader->at;
    const bool negative = pass(reader, '-');
    const char *first = reader->at;
    uint64_t number;
    const size_t n = pass_digits(reader, &number);

    if (n == 0 || n > DIGITS || (n > 1 && *first == '0'))
        return NULL;
    if (reader->at < reader->end && memchr(".eE", *reader->at, 3))
        return read_real(reader, start);
    return json_integer(negative ? -(json_int_t)number : (json_int_t)number);
}

/* ------------------------------------------------------------------------
 * Arrays and objects
 */

/* Their first bracket has been passed; with 'whole' the last one has, too. */
static json_t *finish(json_t *json, bool whole)
{
    if (whole)
        return json;
    json_decref(json);
    return NULL;
}

static json_t *read_array(struct reader *reader)
{
    json_t *array = json_array();

    if (!array || take(reader, ']'))
        return array;
    do {
        if (json_array_append_new(array, read_value(reader)) != 0)
            return finish(array, false);
    } while (take(reader, ','));
    return finish(array, take(reader, ']'));
}

/* A member given twice takes the place of the first. */
static bool read_member(struct reader *reader, json_t *object)
{
    const size_t count = json_object_size(object);
    struct span span;
    char key[TOKEN];

    if (!take(reader, '"') || !read_span(reader, &span) || !span.ascii ||
        span.size >= sizeof key || !take(reader, ':'))
        return false;
    memcpy(key, span.start, span.size);
    key[span.size] = '\0';
    return json_object_set_new_nocheck(object, key, read_value(reader)) == 0 &&
           json_object_size(object) > count;
}

static json_t *read_object(struct reader *reader)
{
    json_t *object = json_object();

    if (!object || take(reader, '}'))
        return object;
    do {
        if (!read_member(reader, object))
            return finish(object, false);
    } while (take(reader, ','));
    return finish(object, take(reader, '}'));
}

/* Read what 'read' reads, a level deeper. */
static json_t *read_within(struct reader *reader,
                           json_t *(*read)(struct reader *reader))
{
    json_t *json;

    if (reader->depth == DEPTH)
        return NULL;
    reader->depth++;
    json = read(reader);
    reader->depth--;
    return json;
}

static json_t *read_value(struct reader *reader)
{
    skip_blanks(reader);
    const char *start = reader->at;
    if (pass(reader, '"'))
        return share(reader, start, read_string(reader));
    if (pass(reader, '{'))
        return read_within(reader, read_object);
    if (pass(reader, '['))
        return share(reader, start, read_within(reader, read_array));
    if (reader->at == reader->end)
        return NULL;
    switch (*reader->at) {
    case 't':
        return read_word(reader, "true", json_true());
    case 'f':
        return read_word(reader, "false", json_false());
    case 'n':
        return read_word(reader, "null", json_null());
    default:
        return share(reader, start, read_number(reader));
    }
}

json_t *plain_load(const char *text, size_t size)
{
    struct reader reader = {.at = text, .end = text + size};
    json_t *object = take(&reader, '{') ? read_object(&reader) : NULL;

    forget(&reader);
    skip_blanks(&reader);
    return object ? finish(object, reader.at == reader.end) : NULL;
}
