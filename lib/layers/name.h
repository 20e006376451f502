/* SPDX-License-Identifier: MIT */
/* Names of a layer's tensors, put together; for lib/layers/ only. */
#ifndef NAME_H
#define NAME_H

#include "layers/layers.h"

/* Refuse a name of more than SOW_MAX_NAME bytes. */
SOW_MUST_CHECK enum sow_status sow_name_too_long(struct sow_error *error);

/*
 * Append text[0..n) to the '*length' bytes of 'name', and NUL.  Returns
 * SOW_BAD_PARAMETER, error.at "name", when that passes SOW_MAX_NAME.
 */
SOW_MUST_CHECK enum sow_status sow_name_append(char name[SOW_MAX_NAME + 1],
                                               size_t *length, const char *text,
                                               size_t n,
                                               struct sow_error *error);

/*
 * Append a row's name, in which {e} is the whole number that the expression e
 * comes to in 'scope'.
 */
SOW_MUST_CHECK enum sow_status sow_name_write(char name[SOW_MAX_NAME + 1],
                                              size_t *length, const char *text,
                                              const struct sow_scope *scope,
                                              struct sow_error *error);

#endif
