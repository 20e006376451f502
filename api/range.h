/* SPDX-License-Identifier: MIT */
/*
 * Conditional and range requests (RFC 9110, sections 13 and 14): what the
 * client has already, and which part it wants.
 */
#ifndef RANGE_H
#define RANGE_H

#include "api.h"

enum condition { CONDITION_GO_ON, CONDITION_NOT_MODIFIED, CONDITION_FAILED };

/*
 * Evaluate If-Match, by strong comparison, then If-None-Match, by weak, on a
 * representation whose strong tag is 'etag' (with its quotes).  NOT_MODIFIED
 * is for GET and HEAD, 'safe'; other methods get FAILED instead.
 */
enum condition condition_evaluate(const struct api_request *request,
                                  const char *etag, bool safe);

enum range_kind { RANGE_WHOLE, RANGE_PART, RANGE_UNSATISFIABLE };

/* Bytes [first, first + size) of a representation. */
struct range {
    uint64_t first;
    uint64_t size;
};

/*
 * What part of a representation of 'size' bytes a GET wants.  A field that
 * can't be read, names another unit or several ranges, comes twice, or stands
 * beside an If-Range that isn't exactly 'etag' is ignored: the whole.
 * 'range' is set always, for RANGE_UNSATISFIABLE to no bytes.
 */
enum range_kind range_evaluate(const struct api_request *request,
                               const char *etag, uint64_t size,
                               struct range *range);

#endif
