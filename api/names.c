/* SPDX-License-Identifier: MIT */
/* What is known by name: a hash table. */
#include "names.h"

#include <stdlib.h>
#include <string.h>

#define FEWEST 64

/* 'start' is where the name is in the text; 'used' that there is one. */
struct named_row {
    bool used;
    uint64_t hash;
    size_t start, size;
    struct named_value value;
};

void names_release(struct names *names)
{
    free(names->rows);
    text_release(&names->text);
    *names = (struct names){0};
}

/* Clients choose names: nobody finds many that fall together. */
static uint64_t hash_name(const char *name, size_t size)
{
    uint8_t digest[SOW_DIGEST_BYTES];
    uint64_t hash;

    sow_digest(name, size, digest);
    memcpy(&hash, digest, sizeof hash);
    return hash;
}

static bool is_called(const struct names *names, const struct named_row *row,
                      uint64_t hash, const char *name, size_t size)
{
    return row->hash == hash && row->size == size &&
           (size == 0 ||
            memcmp(names->text.bytes + row->start, name, size) == 0);
}

/* The row of a name, or the free one where it would go; there is one. */
static struct named_row *look_up(const struct names *names, uint64_t hash,
                                 const char *name, size_t size)
{
    const size_t mask = names->room - 1;
    size_t i = hash & mask;

    while (names->rows[i].used &&
           !is_called(names, &names->rows[i], hash, name, size))
        i = (i + 1) & mask;
    return &names->rows[i];
}

static void move(struct names *names, const struct named_row *row)
{
    const size_t mask = names->room - 1;
    size_t i = row->hash & mask;

    while (names->rows[i].used)
        i = (i + 1) & mask;
    names->rows[i] = *row;
}

/* Have room for one more: half of the rows are free. */
static bool make_room(struct names *names)
{
    const struct names old = *names;
    const size_t room = old.room ? 2 * old.room : FEWEST;

    if (2 * (names->count + 1) <= names->room)
        return true;
    struct named_row *rows = calloc(room, sizeof *rows);
    if (!rows)
        return false;
    names->rows = rows;
    names->room = room;
    for (size_t i = 0; i < old.room; i++)
        if (old.rows[i].used)
            move(names, &old.rows[i]);
    free(old.rows);
    return true;
}

struct named_value *names_at(struct names *names, const char *name, size_t size)
{
    const uint64_t hash = hash_name(name, size);

    if (!make_room(names))
        return NULL;
    struct named_row *row = look_up(names, hash, name, size);
    if (row->used)
        return &row->value;
    names->text.grows = true;
    const size_t start = names->text.size;
    if (size > 0) /* else there may be no text yet */
        text_add(&names->text, name, size);
    if (names->text.failed)
        return NULL;
    *row = (struct named_row){
        .used = true, .hash = hash, .start = start, .size = size};
    names->count++;
    return &row->value;
}

const struct named_value *names_find(const struct names *names,
                                     const char *name, size_t size)
{
    if (names->room == 0)
        return NULL;
    const struct named_row *row =
        look_up(names, hash_name(name, size), name, size);
    return row->used ? &row->value : NULL;
}
