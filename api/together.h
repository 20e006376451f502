/* SPDX-License-Identifier: MIT */
/*
 * What long work that several threads do together has in common: a lock, a
 * condition that something has changed, and a clock that nobody sets.
 */
#ifndef TOGETHER_H
#define TOGETHER_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

/* How often, in milliseconds, such work is told of. */
#define TOGETHER_TELL 5000

/* Set up both; false, and neither is, when that fails. */
bool together_init(pthread_mutex_t *lock, pthread_cond_t *changed);

/*
 * With the lock held: wait until something changes, or for so short a time
 * that one may ask in between whether to stop.
 */
void together_wait(pthread_mutex_t *lock, pthread_cond_t *changed);

/* Milliseconds since some moment. */
int64_t together_now(void);

#endif
