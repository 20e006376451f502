/* SPDX-License-Identifier: MIT */
/* What is in a file that is stored with a recipe; for stored.c. */
#ifndef STORED_CONTENT_H
#define STORED_CONTENT_H

#include "stored.h"
#include "value.h"

/* 'bytes' is owned. */
struct stored_file {
    char name[STORED_NAME];
    char *bytes;
    size_t size;
};

/*
 * Take the content of a file from 'json' at 'place': a text, base64, or
 * anything that is written as JSON then.  It may have more than 'room' bytes,
 * if not many more.
 */
enum problem_code stored_content(struct stored_file *file, json_t *json,
                                 const struct place *place, uint64_t room,
                                 struct problem *problem);

#endif
