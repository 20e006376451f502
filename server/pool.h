/* SPDX-License-Identifier: MIT */
/*
 * A bounded pool of worker threads for work that would hold up an I/O thread.
 *
 * A job has one or more units, which run side by side.  The workers go round
 * the jobs that have units left, one unit of each in turn, so a job of one
 * unit never waits behind all of a job of thousands.
 */
#ifndef POOL_H
#define POOL_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Work, embedded in the caller's struct, which lives until 'done'.  'run' is
 * called once for each unit, on any worker.  After the last one 'more', unless
 * NULL, says how many units come next: the job goes on with these in its
 * place.  When there are none 'done' is called once, and the pool doesn't
 * touch the job any more.  Both are called on the worker that ran the last
 * unit.
 */
struct pool_job {
    void (*run)(struct pool_job *job, size_t unit);
    size_t (*more)(struct pool_job *job);
    void (*done)(struct pool_job *job);
    size_t units;

    /* The pool's own. */
    struct pool_job *next;
    size_t taken, finished;
};

struct pool;

/*
 * Start 'workers' threads that hold at most 'limit' jobs, running ones
 * included.  NULL with errno when that fails.
 */
struct pool *pool_new(size_t workers, size_t limit);

/*
 * Hand over a job of at least one unit.  False, and nothing of it runs, when
 * the pool is full or has been stopped.  It may be done before this returns.
 */
bool pool_submit(struct pool *pool, struct pool_job *job);

/*
 * Take no more jobs, finish those that were accepted and end the threads.
 * The pool remains, to refuse what is still submitted, until pool_free().
 */
void pool_stop(struct pool *pool);

/* Free a stopped pool; NULL is fine. */
void pool_free(struct pool *pool);

#endif
