/* SPDX-License-Identifier: MIT */
/* A request's head, written as text. */
#ifndef FUZZ_HEAD_H
#define FUZZ_HEAD_H

#include "api.h"

#define FUZZ_FIELDS 24

/*
 * Cut lines "Name: value" into fields, in place, up to an empty line or the
 * end; lines without a colon, and those too many, are left out.  Returns what
 * follows the empty line, or NULL.
 */
char *fuzz_head(char *text, struct api_header fields[FUZZ_FIELDS],
                size_t *count);

#endif
