/* SPDX-License-Identifier: MIT */
/* Finding embedded documents. */
#include "recipes/builtin.h"

#include <stdint.h>
#include <string.h>

/* A row of the table in documents.S: places, counted from the table. */
struct row {
    uint32_t name, bytes, size;
};

extern const struct row builtin_table[];
extern const uint32_t builtin_count;

const char *builtin_at(size_t i, const char **name, size_t *size)
{
    const char *table = (const char *)builtin_table;

    if (i >= builtin_count)
        return NULL;
    *name = table + builtin_table[i].name;
    *size = builtin_table[i].size;
    return table + builtin_table[i].bytes;
}

const char *builtin_find(const char *name, size_t *size)
{
    const char *bytes, *its_name;

    for (size_t i = 0; (bytes = builtin_at(i, &its_name, size)); i++)
        if (!strcmp(name, its_name))
            return bytes;
    return NULL;
}
