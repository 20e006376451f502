/* SPDX-License-Identifier: MIT */
/*
 * A bounded pool of worker threads for work that would hold up an I/O thread.
 *
 * A job has one or more units, which run side by side.  It stands in one of
 * two lanes.  In each, units are taken in turn, one of every job that has
 * some left, so a job of one unit never waits behind all of a job of
 * thousands.  Every worker takes what is in the express lane first, and one
 * thread more serves that lane alone: there no job waits for an ordinary unit
 * to end, however long that takes.  So an express unit must be short.  A lane
 * has a limit of its own: one that is full of long work leaves the other open.
 *
 * What takes much memory while it runs has a weight.  Such units run beside
 * each other only as far as the pool bears them together, or else alone, and
 * one doesn't overtake another; what has none overtakes them.
 */
#ifndef POOL_H
#define POOL_H

#include <stdbool.h>
#include <stddef.h>

enum pool_lane { POOL_ORDINARY, POOL_EXPRESS, POOL_LANES };

/*
 * Work, embedded in the caller's struct, which lives until 'done'.  'run' is
 * called once for each unit, on any thread of the pool.  After the last one
 * 'more', unless NULL, says how many units come next: the job goes on with
 * these in its place, or in another lane if it changes 'lane'; it may change
 * 'weight', too.  When there are
 * none, or that lane is full, which 'refused' tells then, 'done' is called
 * once, and the pool doesn't touch the job any more.  Both are called on the
 * thread that ran the last unit.
 */
struct pool_job {
    void (*run)(struct pool_job *job, size_t unit);
    size_t (*more)(struct pool_job *job);
    void (*done)(struct pool_job *job);
    size_t units;
    enum pool_lane lane;
    size_t weight; /* of a unit, see above; 0 for none */
    bool extra;    /* takes no place of the lane's limit */

    bool refused; /* the pool's to set; false before */

    /* The pool's own. */
    struct pool_job *next;
    size_t taken, finished;
};

struct pool;

/*
 * Start 'workers' threads, and one for the express lane; each lane holds at
 * most 'limit' jobs, running ones included, and both bear units of 'weight'
 * together.  NULL with errno when that fails.
 */
struct pool *pool_new(size_t workers, size_t limit, size_t weight);

/*
 * Hand over a job of at least one unit.  False, and nothing of it runs, when
 * its lane is full or the pool has been stopped.  It may be done before this
 * returns.
 */
bool pool_submit(struct pool *pool, struct pool_job *job);

/* How many jobs a lane holds, running ones included. */
size_t pool_held(struct pool *pool, enum pool_lane lane);

/*
 * Take no more jobs, finish those that were accepted and end the threads.
 * The pool remains, to refuse what is still submitted, until pool_free().
 */
void pool_stop(struct pool *pool);

/* Free a stopped pool; NULL is fine. */
void pool_free(struct pool *pool);

#endif
