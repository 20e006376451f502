/* SPDX-License-Identifier: MIT */
/* Jobs for the pool that count what becomes of them. */
#include "jobs.h"

#include <check.h>

static void run(struct pool_job *job, size_t unit)
{
    struct counted *counted = (struct counted *)job;
    sem_post(&counted->started);
    if (counted->gate != NULL)
        sem_wait(counted->gate);
    atomic_fetch_add(&counted->runs[unit], 1);
}

static void done(struct pool_job *job)
{
    struct counted *counted = (struct counted *)job;
    atomic_fetch_add(&counted->done, 1);
    sem_post(&counted->ended);
}

void counted_prepare(struct counted *counted, size_t units, sem_t *gate)
{
    *counted = (struct counted){
        .job = {.run = run, .done = done, .units = units}, .gate = gate};
    sem_init(&counted->started, 0, 0);
    sem_init(&counted->ended, 0, 0);
}

struct pool *jobs_start(size_t workers, size_t limit)
{
    struct pool *pool = pool_new(workers, limit, WEIGHT);
    ck_assert_ptr_nonnull(pool);
    return pool;
}

void jobs_end(struct pool *pool)
{
    pool_stop(pool);
    pool_free(pool);
}

void counted_assert_ran(struct counted *counted)
{
    for (size_t i = 0; i < UNITS; i++) {
        int want = i < counted->job.units, got = counted->runs[i];
        ck_assert_msg(got == want, "unit %zu ran %d times, not %d", i, got,
                      want);
    }
    ck_assert_int_eq(counted->done, 1);
}
