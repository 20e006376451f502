/* SPDX-License-Identifier: MIT */
/*
 * A store of recipes in memory, and an API that has it.
 */
#ifndef KEEPER_H
#define KEEPER_H

#include "api.h"
#include "repo_name.h"

#include <stdatomic.h>

#define KEEPER_ROOM 64

struct keeper_document {
    char name[REPO_NAME];
    uint8_t version[SOW_DIGEST_BYTES];
    char *bytes; /* owned */
    size_t size;
    bool current;
};

/*
 * 'fails', unless STORE_OK, is all that the store says; 'asked' counts, and
 * 'reads' those of documents.  Threads may read side by side.
 */
struct keeper {
    struct store store;
    struct keeper_document documents[KEEPER_ROOM];
    size_t count;
    enum store_status fails;
    atomic_int asked;
    atomic_uint reads;
};

/* An empty one; it must stay where it is. */
void keeper_init(struct keeper *keeper);
void keeper_release(struct keeper *keeper);

/* An API with drive_limits and that store, or none for NULL. */
struct api *keeper_api(struct keeper *keeper);

#endif
