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
