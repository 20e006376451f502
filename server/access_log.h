/* SPDX-License-Identifier: MIT */
/*
 * The log of requests: an event for each, with who asked, what for, how it was
 * answered and how long that took.  Neither the query nor any field that may
 * hold a secret is written: a recipe's digest says what the answer follows
 * from, if there is one.
 */
#ifndef ACCESS_LOG_H
#define ACCESS_LOG_H

#include "request.h"

/*
 * Log a request that is over.  The level is LEVEL_INFO; LEVEL_DEBUG for those
 * of health and metrics, which come every few seconds from machines.
 */
void access_log(const struct request *request,
                const struct api_outcome *outcome);

#endif
