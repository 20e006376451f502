/* SPDX-License-Identifier: MIT */
/* What the routes of stored recipes share. */
#ifndef ROUTES_RECIPES_H
#define ROUTES_RECIPES_H

#include "exchange.h"
#include "library.h"

/* The recipe that the path names. */
enum problem_code recipes_name(const struct api_exchange *exchange,
                               char name[REPO_NAME], struct problem *problem);

/* Add the members "name" and "version". */
void recipes_put_names(struct text *text, const char *name,
                       const uint8_t version[SOW_DIGEST_BYTES]);

/* Room for the tag of a version. */
#define RECIPES_ETAG (2 * SOW_DIGEST_BYTES + 3)

/* The tag of a version: its hex, quoted. */
void recipes_etag(const uint8_t version[SOW_DIGEST_BYTES],
                  char etag[RECIPES_ETAG]);

/* Give the reply that field. */
void recipes_put_etag(struct reply *reply,
                      const uint8_t version[SOW_DIGEST_BYTES]);

/*
 * Before a change of 'name': what If-Match and If-None-Match say of the
 * version that it has now (PROBLEM_PRECONDITION_FAILED).  'create' is set for
 * "If-None-Match: *", which is left to the store then: it alone can tell
 * without fail whether a name is new.  NULL: that's no creation.
 */
enum problem_code recipes_precondition(const struct api_exchange *exchange,
                                       const char *name, bool *create,
                                       struct problem *problem);

#endif
