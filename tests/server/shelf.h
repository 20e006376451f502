/* SPDX-License-Identifier: MIT */
/*
 * A store in a folder that lasts as long as a test, and what tests ask of it.
 * Functions assert that they can do what they do; texts that they return last
 * for a few calls.
 */
#ifndef SHELF_H
#define SHELF_H

#include "store_directory.h"

#include <time.h>

/* The recipe that most tests are about. */
#define SHELF_NAME "lab/tiny"

/* The folder, the open store in it, and what it can do. */
extern char shelf_root[32];
extern struct store_directory *shelf_directory;
extern const struct store *store;

/* A checked fixture. */
void shelf_setup(void);
void shelf_teardown(void);

/* Remove a folder, whatever is in it. */
void shelf_remove(const char *folder);

/* Open the store in the folder, once more. */
void shelf_open(void);

/* ---- files, by their names below the folder ---- */

const char *shelf_path(const char *name);
void shelf_write(const char *name, const char *text);
const char *shelf_text(const char *name);

/* How many entries the folder 'path' has that begin with 'prefix'. */
int shelf_count(const char *path, const char *prefix);

/* Let a file be so old. */
void shelf_age(const char *name, time_t seconds);

/* Where a document of SHELF_NAME lies. */
const char *shelf_document(const char *document);

/* ---- documents, which are texts ---- */

struct shelf_hex {
    char text[2 * SOW_DIGEST_BYTES + 1];
};

/* The version of a document. */
struct shelf_hex shelf_hex_of(const char *document);

/* Write a document; what went well must have the right version. */
enum store_status shelf_put(const char *name, const char *document, bool create,
                            bool *created);
void shelf_must_put(const char *name, const char *document);

/* Read the version that 'document' is; what can be read must be it. */
enum store_status shelf_get(const char *name, const char *document);

/* Assert that the current document of 'name' is 'document', whole. */
void shelf_must_be(const char *name, const char *document);

/* Just whether there is a current version. */
enum store_status shelf_current(const char *name);

/* ---- walks ---- */

/* What a walk has seen, "lab/a=01 lab/b=ff "; it ends after 'left' steps. */
struct shelf_seen {
    char text[1024];
    int left;
};

/* Of the type store_visit; 'argument' is a struct shelf_seen. */
bool shelf_see(void *argument, const char *name,
               const uint8_t version[SOW_DIGEST_BYTES]);

/* How that writes a document of SHELF_NAME. */
const char *shelf_seen_as(const char *document);

#endif
