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
 * Start 'count' of them for 'api'; 'helpers' is NULL for none.  False after
 * logging what is wrong; end those that were started with helpers_stop().
 */
bool helpers_start(struct api *api, size_t count, struct helpers **helpers);

/* Stop them, and free all; before api_free().  NULL is fine. */
void helpers_stop(struct helpers *helpers);

#endif
