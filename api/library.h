/* SPDX-License-Identifier: MIT */
/*
 * The recipes that are served: those built in (recipes/), in the namespace
 * "init", and those of the store that the API was given, if any.
 *
 * Functions may take as long as a disk takes; any thread may call them.  A
 * 'name' is "ns/name"; one that no recipe can have is an unknown one.
 */
#ifndef LIBRARY_H
#define LIBRARY_H

#include "api.h"
#include "hub/revision.h"
#include "problems.h"
#include "repo_name.h"

/*
 * A document.  'bytes', with a NUL behind them that 'size' doesn't count, are
 * static when it is built in, else owned: end it with library_release().
 */
struct library_book {
    char *bytes;
    size_t size;
    uint8_t version[SOW_DIGEST_BYTES];
    bool built_in;
};

/*
 * Take a recipe's document from the shelf: a version of it, or with NULL the
 * current one.  Versions of a removed name are there still.  Returns
 * PROBLEM_UNKNOWN_RECIPE, which tells a name that is near, and for a store
 * that fails PROBLEM_STORE_FAILED.
 */
enum problem_code library_get(struct api *api, const char *name,
                              const uint8_t version[SOW_DIGEST_BYTES],
                              struct library_book *book,
                              struct problem *problem);

/* Free what the book owns; zeroed, it owns nothing. */
void library_release(struct library_book *book);

/* Just the version that is current, with the same problems. */
enum problem_code library_current(struct api *api, const char *name,
                                  uint8_t version[SOW_DIGEST_BYTES],
                                  struct problem *problem);

/*
 * What was kept: the version, whether the name is new, the commit of its
 * revision "main", and what the model of the document is.
 */
struct library_receipt {
    uint8_t version[SOW_DIGEST_BYTES];
    char commit[COMMIT_HEX];
    bool created;
    size_t tensors;
    uint64_t bytes;
};

/*
 * Keep a document and make it the current version of 'name', which
 * repo_name_join() has made; with 'create' only if there is none, else
 * PROBLEM_RECIPE_EXISTS.  It must be a document as stored.h says, and its
 * model one that can be served, else the problem is what a request for it
 * would get.  PROBLEM_STORE_READ_ONLY, STORE_FULL and STORE_FAILED say that
 * the store is as it was.
 */
enum problem_code library_put(struct api *api, const char *name,
                              const void *bytes, size_t size, bool create,
                              struct library_receipt *receipt,
                              struct problem *problem);

/* Forget a name; its versions stay. */
enum problem_code library_remove(struct api *api, const char *name,
                                 struct problem *problem);

/* Every recipe with its current version, in any order. */
enum problem_code library_list(struct api *api, store_visit *visit,
                               void *argument, struct problem *problem);

/* Every version of 'name' that is kept, newest first as far as known. */
enum problem_code library_versions(struct api *api, const char *name,
                                   store_visit *visit, void *argument,
                                   struct problem *problem);

/* Read the 64 hexadecimal digits of a version; false for anything else. */
bool library_version_read(const char *hex, uint8_t version[SOW_DIGEST_BYTES]);

#endif
