/* SPDX-License-Identifier: MIT */
/*
 * What the files of a store of recipes share: for store_directory.c and
 * store_listing.c only.
 */
#ifndef STORE_FILES_H
#define STORE_FILES_H

#include "store_directory.h"

#include <time.h>

#define STORE_CURRENT "current"
#define STORE_SUFFIX ".json"
#define STORE_HEX (2 * (size_t)SOW_DIGEST_BYTES)

/* Constant once it is open. */
struct store_directory {
    struct store store;
    int root;
    char *path; /* owned; for the log */
};

/*
 * Read a version that 'text' begins with; 'end' is all that follows it.
 * Returns false for anything else.
 */
bool store_version_read(const char *text, const char *end,
                        uint8_t version[SOW_DIGEST_BYTES]);

/* The version that is current in the folder of the recipe 'name'. */
enum store_status store_current_read(const struct store_directory *directory,
                                     int folder, const char *name,
                                     uint8_t version[SOW_DIGEST_BYTES]);

/* Open the folder of a recipe, to read; -1 and errno. */
int store_name_open(const struct store_directory *directory, const char *name);

/*
 * Reading 'name' has failed, as errno says: log it, unless nothing was there,
 * and return what it means.
 */
enum store_status store_fail_reading(const struct store_directory *directory,
                                     const char *name);

/* 'list' and 'versions' of the store. */
enum store_status store_list(void *self, store_visit *visit, void *argument);
enum store_status store_versions(void *self, const char *name,
                                 store_visit *visit, void *argument);

/* Remove what was written aside before 'before' and never placed. */
void store_sweep(const struct store_directory *directory, time_t before);

#endif
