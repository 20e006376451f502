/* SPDX-License-Identifier: MIT */
/*
 * Threads that make large bodies ahead of those who send or hash them.  They
 * run only when a processor has nothing else to do.
 */
#ifndef HELPERS_H
#define HELPERS_H

#include "api.h"

struct helpers;

/*
 * Start up to 'count' of them for 'api', as many as the system lets.  NULL for
 * none: what they help with works without them.
 */
struct helpers *helpers_start(struct api *api, size_t count);

/* Stop them, and free all; before api_free().  NULL is fine. */
void helpers_stop(struct helpers *helpers);

#endif
