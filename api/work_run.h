/* SPDX-License-Identifier: MIT */
/* Doing the work, task by task: for work.c. */
#ifndef WORK_RUN_H
#define WORK_RUN_H

#include "work.h"

/* What 'stop' of api_work() is. */
typedef bool stop_function(void *argument);

/*
 * Do tasks [from, to): file by file, then tensor by tensor, as far as 'stop'
 * lets it.
 */
void work_run(struct api_exchange *exchange, size_t from, size_t to,
              stop_function *stop, void *argument);

#endif
