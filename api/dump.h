/* SPDX-License-Identifier: MIT */
/* A JSON tree as text. */
#ifndef DUMP_H
#define DUMP_H

#include "formats/text.h"

#include <jansson.h>

/*
 * The text without white space, allocated with malloc(); NULL when out of
 * memory.
 */
char *dump_json(const json_t *json);

/*
 * Add the text as Python's json.dump(…, indent=2) lays it out, members in
 * their order.  Numbers are the shortest that read back the same, and a real
 * one looks like one: 1.0.
 */
void dump_pretty(struct text *text, const json_t *json);

#endif
