/* SPDX-License-Identifier: MIT */
/* The catalogue of schemes as JSON. */
#ifndef ROUTES_CATALOGUE_H
#define ROUTES_CATALOGUE_H

#include "sow.h"

#include <jansson.h>

/*
 * A row of the catalogue: names, parameters, formula, source and an example
 * that works.  The caller owns it; NULL when out of memory.
 */
json_t *catalogue_row(const struct sow_scheme_info *info);

#endif
