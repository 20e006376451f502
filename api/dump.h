/* SPDX-License-Identifier: MIT */
/* A JSON tree as text. */
#ifndef DUMP_H
#define DUMP_H

#include <jansson.h>

/*
 * The text without white space, allocated with malloc(); NULL when out of
 * memory.
 */
char *dump_json(const json_t *json);

#endif
