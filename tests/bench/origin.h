/* SPDX-License-Identifier: MIT */
/* The generators of libraries, for measuring them; for one thread. */
#ifndef ORIGIN_H
#define ORIGIN_H

#include "sow.h"

/*
 * Set 'origin' for a tensor of the scheme: a library's scheme is drawn by that
 * library's generator, from seed 42, any other by sow1.  Returns false, with
 * 'error' filled, when the library has none.
 */
bool origin_find(const struct sow_scheme_info *info, struct sow_origin *origin,
                 struct sow_error *error);

#endif
