/* SPDX-License-Identifier: MIT */
/* Adding to a text, as long as it fits or can grow. */
#include "formats/text.h"

#include "formats/number.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>

void text_release(struct text *text)
{
    free(text->heap);
}

/* Move to the heap, or there to more room, for 'n' more bytes and then some. */
static bool grow(struct text *text, size_t n)
{
    size_t room = 2 * text->room + n;
    char *heap = NULL;

    text->over = text->most > 0 && text->size + n > text->most;
    if (text->most > 0 && room > text->most)
        room = text->most;
    if (text->grows && !text->over)
        heap = realloc(text->heap, room);
    if (!heap)
        return false;
    if (!text->heap && text->size > 0)
        memcpy(heap, text->bytes, text->size);
    text->heap = heap;
    text->bytes = heap;
    text->room = room;
    return true;
}

/* Make room for 'n' more bytes; false when the text has failed. */
static bool reserve(struct text *text, size_t n)
{
    if (!text->failed && n > text->room - text->size && !grow(text, n))
        text->failed = true;
    return !text->failed;
}

void text_add_grown(struct text *text, const char *bytes, size_t n)
{
    if (!reserve(text, n))
        return;
    memcpy(text->bytes + text->size, bytes, n);
    text->size += n;
}

/* How much of a string stands for itself in JSON. */
static size_t plain_length(const char *string)
{
    const unsigned char *c = (const unsigned char *)string;

    while (*c >= 0x20 && *c != '"' && *c != '\\')
        c++;
    return (size_t)(c - (const unsigned char *)string);
}

static void put_escaped(struct text *text, const char *string)
{
    json_t *json = json_string_nocheck(string);
    size_t n = json ? json_dumpb(json, NULL, 0, JSON_ENCODE_ANY) : 0;

    if (n == 0 || !reserve(text, n) ||
        json_dumpb(json, text->bytes + text->size, n, JSON_ENCODE_ANY) != n)
        text->failed = true;
    else
        text->size += n;
    json_decref(json);
}

void text_put_string(struct text *text, const char *string)
{
    const size_t n = plain_length(string);

    if (string[n] != '\0') {
        put_escaped(text, string);
        return;
    }
    text_put(text, "\"");
    text_add(text, string, n);
    text_put(text, "\"");
}

void text_put_integer(struct text *text, uint64_t number)
{
    char digits[20];
    char *const end = digits + sizeof digits;
    char *at = end;

    do {
        *--at = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    text_add(text, at, (size_t)(end - at));
}

void text_put_number(struct text *text, double number)
{
    char digits[NUMBER_MAX];

    if (isfinite(number))
        text_add(text, digits, number_write_f64(number, digits));
    else
        text_put(text, "null");
}

void text_put_integers(struct text *text, const uint64_t *numbers, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            text_put(text, ",");
        text_put_integer(text, numbers[i]);
    }
}

void text_put_digest(struct text *text, const uint8_t digest[SOW_DIGEST_BYTES])
{
    char hex[2 * SOW_DIGEST_BYTES + 1];

    sow_digest_hex(digest, hex);
    text_add(text, hex, sizeof hex - 1);
}

void text_put_entry(struct text *text)
{
    const char last = text->size > 0 ? text->bytes[text->size - 1] : '[';

    if (last != '[' && last != '{')
        text_put(text, ",");
}

void text_put_key(struct text *text, const char *key)
{
    text_put_entry(text);
    text_put_string(text, key);
    text_put(text, ":");
}

void text_put_member(struct text *text, const char *key, const char *string)
{
    text_put_key(text, key);
    if (string)
        text_put_string(text, string);
    else
        text_put(text, "null");
}

void text_put_strings(struct text *text, const char *key,
                      const char *const *strings)
{
    text_put_key(text, key);
    text_put(text, "[");
    for (; strings && *strings; strings++) {
        text_put_entry(text);
        text_put_string(text, *strings);
    }
    text_put(text, "]");
}

void text_put_value(struct text *text, const struct sow_parameter *parameter,
                    double value)
{
    if (parameter->kind == SOW_CHOICE)
        text_put_string(text, parameter->choices[(size_t)value]);
    else if (parameter->kind == SOW_FLAG)
        text_put(text, value != 0 ? "true" : "false");
    else if (parameter->kind == SOW_COUNT || parameter->kind == SOW_INDEX)
        text_put_integer(text, (uint64_t)value);
    else
        text_put_number(text, value);
}

/* In a recipe a whole number is written as all numbers are: 1e3. */
void text_put_parameter(struct text *text, const struct sow_scheme *scheme,
                        uint32_t i)
{
    const struct sow_parameter *parameter = &scheme->info->parameters[i];

    if (parameter->kind == SOW_COUNT || parameter->kind == SOW_INDEX)
        text_put_number(text, scheme->values[i]);
    else
        text_put_value(text, parameter, scheme->values[i]);
}
