/* SPDX-License-Identifier: MIT */
/* Finding embedded files of the page. */
#include "page/files.h"

#include <stdint.h>
#include <string.h>

/* A row of the table in table.S: places, counted from the table. */
struct row {
    uint32_t name, type, bytes, size;
};

extern const struct row page_table[];
extern const uint32_t page_count;

bool page_file_at(size_t i, struct page_file *file)
{
    const char *table = (const char *)page_table;

    if (i >= page_count)
        return false;
    *file = (struct page_file){
        .name = table + page_table[i].name,
        .type = table + page_table[i].type,
        .bytes = table + page_table[i].bytes,
        .size = page_table[i].size,
    };
    return true;
}

bool page_file_find(const char *name, struct page_file *file)
{
    struct page_file each;

    for (size_t i = 0; page_file_at(i, &each); i++) {
        if (strcmp(name, each.name) != 0)
            continue;
        *file = each;
        return true;
    }
    return false;
}
