/* SPDX-License-Identifier: MIT */
/*
 * A JSON tree as text.  json_dumps() won't do: when its buffer can't grow it
 * leaves a piece out and says nothing.
 */
#include "dump.h"

#include <stdlib.h>

char *dump_json(const json_t *json)
{
    size_t n = json_dumpb(json, NULL, 0, JSON_COMPACT);
    char *text = n > 0 ? malloc(n + 1) : NULL;

    if (!text)
        return NULL;
    if (json_dumpb(json, text, n, JSON_COMPACT) != n) {
        free(text);
        return NULL;
    }
    text[n] = '\0';
    return text;
}

static void put_break(struct text *text, int depth)
{
    text_put(text, "\n");
    for (int i = 0; i < depth && !text->failed; i++)
        text_put(text, "  ");
}

static void put_real(struct text *text, double real)
{
    const size_t start = text->size;

    text_put_number(text, real);
    for (size_t i = start; i < text->size; i++)
        if (text->bytes[i] == '.' || text->bytes[i] == 'e')
            return;
    text_put(text, ".0");
}

static void put_integer(struct text *text, json_int_t integer)
{
    if (integer < 0)
        text_put(text, "-");
    text_put_integer(text,
                     integer < 0 ? 0 - (uint64_t)integer : (uint64_t)integer);
}

static void put_scalar(struct text *text, const json_t *json)
{
    if (json_is_string(json))
        text_put_string(text, json_string_value(json));
    else if (json_is_real(json))
        put_real(text, json_real_value(json));
    else if (json_is_integer(json))
        put_integer(text, json_integer_value(json));
    else if (json_is_null(json))
        text_put(text, "null");
    else
        text_put(text, json_is_true(json) ? "true" : "false");
}

static void put_any(struct text *text, const json_t *json, int depth);

static void put_object(struct text *text, json_t *json, int depth)
{
    const char *key;
    json_t *value;

    text_put(text, "{");
    json_object_foreach(json, key, value)
    {
        if (text->failed)
            return;
        text_put_entry(text);
        put_break(text, depth + 1);
        text_put_string(text, key);
        text_put(text, ": ");
        put_any(text, value, depth + 1);
    }
    if (json_object_size(json) > 0)
        put_break(text, depth);
    text_put(text, "}");
}

static void put_array(struct text *text, const json_t *json, int depth)
{
    text_put(text, "[");
    for (size_t i = 0; i < json_array_size(json) && !text->failed; i++) {
        text_put_entry(text);
        put_break(text, depth + 1);
        put_any(text, json_array_get(json, i), depth + 1);
    }
    if (json_array_size(json) > 0)
        put_break(text, depth);
    text_put(text, "]");
}

/* The parser bounds the depth. */
static void put_any(struct text *text, const json_t *json, int depth)
{
    if (json_is_object(json))
        put_object(text, (json_t *)json, depth);
    else if (json_is_array(json))
        put_array(text, json, depth);
    else
        put_scalar(text, json);
}

void dump_pretty(struct text *text, const json_t *json)
{
    put_any(text, json, 0);
}
