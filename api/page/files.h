/* SPDX-License-Identifier: MIT */
/*
 * The page for people: the files beside this one, and Chart.js, embedded.
 * table.S lists them.
 */
#ifndef PAGE_FILES_H
#define PAGE_FILES_H

#include <stdbool.h>
#include <stddef.h>

/* A file: its name, without a folder, its media type, and its bytes. */
struct page_file {
    const char *name;
    const char *type;
    const char *bytes;
    size_t size;
};

/* Write file 'i' to '*file'; returns whether there is one. */
bool page_file_at(size_t i, struct page_file *file);

/* Write the file called 'name' to '*file'; returns whether there is one. */
bool page_file_find(const char *name, struct page_file *file);

#endif
