/* SPDX-License-Identifier: MIT */
/*
 * A store of recipes (store.h) that is a folder of plain files:
 *
 *     DIR/ns/name/<64 hex>.json   a document, called by its BLAKE2b-256
 *     DIR/ns/name/current         the 64 hex of the current one, and a newline
 *
 * Documents are never changed or removed.  Everything is written as folder.h
 * says, so the folder may be shared by several daemons, on a volume that many
 * hosts mount, and each may be killed at any moment.  What can't be done is
 * logged, in a line that names the file.
 */
#ifndef STORE_DIRECTORY_H
#define STORE_DIRECTORY_H

#include "store.h"

struct store_directory;

/*
 * Open the folder 'path', or make it in a folder that is there, and remove
 * what writers that died left aside an hour ago or longer.  Returns NULL, with
 * one line in 'error', when it can't be read.
 */
struct store_directory *store_directory_open(const char *path, char error[512]);

/*
 * The same for main(): open what --recipes names, unless that is NULL, and
 * print the error.  'directory' is NULL then.  Returns true to go on.
 */
bool store_directory_start(const char *path,
                           struct store_directory **directory);

/* The store; borrowed, until store_directory_close().  NULL for NULL. */
const struct store *store_directory_store(struct store_directory *directory);

/* NULL is fine. */
void store_directory_close(struct store_directory *directory);

#endif
