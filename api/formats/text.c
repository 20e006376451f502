/* SPDX-License-Identifier: MIT */
/* Adding to a text, as long as it fits. */
#include "formats/text.h"

#include "formats/number.h"

#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static void add(struct text *text, const char *bytes, size_t n)
{
    if (text->failed || n > text->room - text->size) {
        text->failed = true;
        return;
    }
    memcpy(text->bytes + text->size, bytes, n);
    text->size += n;
}

void text_put(struct text *text, const char *string)
{
    add(text, string, strlen(string));
}

/* Does a string stand for itself in JSON? */
static bool is_plain(const char *string)
{
    const unsigned char *c = (const unsigned char *)string;

    while (*c >= 0x20 && *c != '"' && *c != '\\')
        c++;
    return *c == '\0';
}

static void put_escaped(struct text *text, const char *string)
{
    size_t room = text->room - text->size;
    json_t *json = json_string_nocheck(string);
    size_t n =
        json ? json_dumpb(json, text->bytes + text->size, room, JSON_ENCODE_ANY)
             : 0;

    json_decref(json);
    if (n == 0 || n > room)
        text->failed = true;
    if (!text->failed)
        text->size += n;
}

void text_put_string(struct text *text, const char *string)
{
    if (!is_plain(string)) {
        put_escaped(text, string);
        return;
    }
    text_put(text, "\"");
    text_put(text, string);
    text_put(text, "\"");
}

void text_put_integer(struct text *text, uint64_t number)
{
    char digits[24];

    snprintf(digits, sizeof digits, "%" PRIu64, number);
    text_put(text, digits);
}

void text_put_number(struct text *text, double number)
{
    char digits[NUMBER_MAX];

    if (isfinite(number))
        add(text, digits, number_write_f64(number, digits));
    else
        text_put(text, "null");
}
