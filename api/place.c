/* SPDX-License-Identifier: MIT */
/* Where in a request something stands. */
#include "place.h"

#include <stdio.h>

const struct place place_document = {NULL, NULL, 0};
const struct place place_query = {NULL, NULL, 0};

struct writer {
    struct place_text *out;
    size_t used;
};

static void write_char(struct writer *writer, char c)
{
    if (writer->used < sizeof(writer->out->text) - 1)
        writer->out->text[writer->used++] = c;
    writer->out->text[writer->used] = '\0';
}

/* In a pointer '~' is written ~0 and '/' is written ~1. */
static void write_escaped(struct writer *writer, const char *key)
{
    for (; *key; key++) {
        const char c = *key;
        write_char(writer, c == '/' ? '~' : c);
        if (c == '/' || c == '~')
            write_char(writer, c == '/' ? '1' : '0');
    }
}

static void write_plain(struct writer *writer, const char *text)
{
    for (; *text; text++)
        write_char(writer, *text);
}

/* Places are few levels deep: the reader makes them one a level. */
static void write_pointer(struct writer *writer, const struct place *place)
{
    if (!place->parent)
        return;
    write_pointer(writer, place->parent);
    write_char(writer, '/');
    char index[24];
    snprintf(index, sizeof(index), "%zu", place->index);
    write_escaped(writer, place->key ? place->key : index);
}

struct place_text place_text(const struct place *place)
{
    struct place_text out = {""};
    struct writer writer = {&out, 0};
    const struct place *root = place;
    while (root->parent)
        root = root->parent;
    if (root == &place_query)
        write_plain(&writer, place_key(place));
    else
        write_pointer(&writer, place);
    return out;
}

const char *place_key(const struct place *place)
{
    while (place && !place->key)
        place = place->parent;
    return place ? place->key : "";
}
