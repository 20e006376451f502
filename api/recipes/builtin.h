/* SPDX-License-Identifier: MIT */
/* The recipes that are built in: the documents beside this file, embedded. */
#ifndef RECIPES_BUILTIN_H
#define RECIPES_BUILTIN_H

#include <stddef.h>

/*
 * Document 'i' of them, by name ascending, with a NUL behind it that 'size'
 * doesn't count; NULL past the last.  'name' is "init/gpt2".
 */
const char *builtin_at(size_t i, const char **name, size_t *size);

/* The document called 'name', or NULL. */
const char *builtin_find(const char *name, size_t *size);

#endif
