/* SPDX-License-Identifier: MIT */
/*
 * What a store of recipes must do; server/ brings the implementation.
 *
 * A store maps names ("ns/name", checked by the caller) to documents, which
 * are bytes to it.  A document is named by its version, the BLAKE2b-256 of its
 * bytes; old versions of a name stay readable.  Writing is atomic and durable:
 * once 'write' has returned STORE_OK the document survives a crash of the
 * machine, and whoever reads at any moment sees a whole document or none.  Of
 * writers of one name at the same time, in one process or in several that
 * share the store, one wins wholly.
 *
 * Functions may take as long as a disk takes; any thread may call them.
 */
#ifndef STORE_H
#define STORE_H

#include "sow.h"

enum store_status {
    STORE_OK = 0,
    STORE_MISSING,   /* no such name, or no such version of it */
    STORE_EXISTS,    /* the name is taken, and was to be created */
    STORE_READ_ONLY, /* the store can be read, not written */
    STORE_FULL,      /* no room: a full disk, a quota */
    STORE_FAILED,    /* anything else; the store has told why, in the log */
    STORE_NO_MEMORY,
};

/* Called with each name or version; false ends the walk. */
typedef bool store_visit(void *argument, const char *name,
                         const uint8_t version[SOW_DIGEST_BYTES]);

/*
 * A store; 'self' goes to each function first.
 *
 * current    the version that 'name' has now
 * read       the document of a version, checked against it; malloc'd, and the
 *            caller's to free
 * write      keep a document and make it the current one of 'name'; with
 *            'create' only if the name is new.  Sets 'version', and 'created'
 *            when there was none before.
 * remove     forget the name; its versions stay readable
 * list       every name with its current version, in any order
 * versions   every version of 'name' that is kept, newest first as far as that
 *            is known; also of a removed one
 */
struct store {
    void *self;
    enum store_status (*current)(void *self, const char *name,
                                 uint8_t version[SOW_DIGEST_BYTES]);
    enum store_status (*read)(void *self, const char *name,
                              const uint8_t version[SOW_DIGEST_BYTES],
                              char **bytes, size_t *size);
    enum store_status (*write)(void *self, const char *name, const void *bytes,
                               size_t size, bool create,
                               uint8_t version[SOW_DIGEST_BYTES],
                               bool *created);
    enum store_status (*remove)(void *self, const char *name);
    enum store_status (*list)(void *self, store_visit *visit, void *argument);
    enum store_status (*versions)(void *self, const char *name,
                                  store_visit *visit, void *argument);
};

#endif
