/* SPDX-License-Identifier: MIT */
/*
 * Plain JSON, read several times as fast as the library reads it: a body of a
 * hundred thousand layers is nothing else.
 */
#ifndef PLAIN_H
#define PLAIN_H

#include <jansson.h>
#include <stddef.h>

/*
 * Load 'size' bytes that are a JSON object, which the caller owns then.
 * Returns NULL, with errno ENOMEM, when memory runs out; and NULL, with any
 * other errno, for all that is not plain: whether that is a mistake, and
 * which, or only rare (escapes, long numbers, deep nesting), the library
 * tells.  What is loaded equals what json_loadb() would load, and a member
 * given twice is not plain.  But short arrays and scalars may stand in several
 * places of the tree at once: only its objects may be changed.
 */
json_t *plain_load(const char *text, size_t size);

#endif
