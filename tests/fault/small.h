/* SPDX-License-Identifier: MIT */
#ifndef SMALL_H
#define SMALL_H

#include "api.h"

/*
 * An API with small limits on the fastest engine, with recipes from 'store'
 * unless NULL, and 'helpers' threads.  NULL when memory runs out.
 */
struct api *small_api(const struct store *store, size_t helpers);

#endif
