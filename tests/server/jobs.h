/* SPDX-License-Identifier: MIT */
/* Jobs for the pool that count what becomes of them. */
#ifndef JOBS_H
#define JOBS_H

#include "pool.h"

#include <semaphore.h>
#include <stdatomic.h>

/* The most units of a job. */
#define UNITS 1000

/* What the pools here bear of jobs that have a weight. */
#define WEIGHT 10

/* A job that counts, and can be held up at its first unit. */
struct counted {
    struct pool_job job; /* first, so that a cast finds the rest */
    atomic_int runs[UNITS];
    atomic_int done;
    sem_t *gate; /* each unit takes one; NULL for none */
    sem_t started, ended;
};

/* A job of the ordinary lane; change 'job' as you like before it runs. */
void counted_prepare(struct counted *counted, size_t units, sem_t *gate);

/* Fail unless each unit ran once, and then 'done' once. */
void counted_assert_ran(struct counted *counted);

/* A pool, which must start; and its end. */
struct pool *jobs_start(size_t workers, size_t limit);
void jobs_end(struct pool *pool);

#endif
