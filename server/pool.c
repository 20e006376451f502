/* SPDX-License-Identifier: MIT */
/*
 * Threads around two queues.  A queue holds the jobs that have units nobody
 * has taken yet; a job that has handed out its last unit lives on only in the
 * threads that run it.
 */
#include "pool.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

struct lane {
    struct pool_job *first, *last;
    size_t held; /* jobs accepted and not done, or gone to the other lane */
    pthread_cond_t work; /* see wake() */
};

struct pool {
    pthread_mutex_t lock; /* for all below */
    struct lane lanes[POOL_LANES];
    size_t limit; /* how many jobs a lane may hold */
    size_t bears; /* weight that units may have together, */
    size_t borne; /* and that of those which run */
    bool stopping;

    size_t threads; /* how many were started; the first is the express one */
    pthread_t thread[];
};

static void append(struct lane *lane, struct pool_job *job)
{
    job->next = NULL;
    if (lane->first == NULL)
        lane->first = job;
    else
        lane->last->next = job;
    lane->last = job;
}

/*
 * A thread waits at the lane it is there for, and the workers serve both: so
 * an express unit wakes one of each, and whoever comes first has it.
 */
static void wake(struct pool *pool, const struct pool_job *job)
{
    for (int i = 0; i <= (int)job->lane; i++)
        if (job->units == 1)
            pthread_cond_signal(&pool->lanes[i].work);
        else
            pthread_cond_broadcast(&pool->lanes[i].work);
}

/* Put the units of a job that nobody has taken into its queue. */
static void offer(struct pool *pool, struct pool_job *job)
{
    job->taken = 0;
    job->finished = 0;
    append(&pool->lanes[job->lane], job);
    wake(pool, job);
}

/* Whether a unit of so much may run beside those that do. */
static bool bears(const struct pool *pool, size_t weight)
{
    return weight == 0 || pool->borne == 0 ||
           (pool->borne <= pool->bears && weight <= pool->bears - pool->borne);
}

/* Take the first job out of a queue that may run now; NULL for none. */
static struct pool_job *pick(const struct pool *pool, struct lane *lane)
{
    struct pool_job *before = NULL, *job = lane->first;
    bool overtakes = false;

    while (job != NULL &&
           (job->weight > 0 && (overtakes || !bears(pool, job->weight)))) {
        overtakes = true;
        before = job;
        job = job->next;
    }
    if (job == NULL)
        return NULL;
    if (before == NULL)
        lane->first = job->next;
    else
        before->next = job->next;
    if (lane->last == job)
        lane->last = before;
    return job;
}

/*
 * The job that a thread there for 'home' takes its next unit from, out of its
 * queue, or NULL.  The express thread helps to empty a pool that stops, for by
 * then the workers may have ended.
 */
static struct pool_job *pick_any(struct pool *pool, enum pool_lane home)
{
    struct pool_job *job = pick(pool, &pool->lanes[POOL_EXPRESS]);

    if (job != NULL || (home == POOL_EXPRESS && !pool->stopping))
        return job;
    return pick(pool, &pool->lanes[POOL_ORDINARY]);
}

/*
 * Wait for a unit and take it from its job, which goes to the end of the queue
 * if it has more.  NULL when the pool stops and all are taken, or wait for one
 * that runs: its thread will take them.
 */
static struct pool_job *take(struct pool *pool, enum pool_lane home,
                             size_t *unit)
{
    struct pool_job *job;

    while ((job = pick_any(pool, home)) == NULL && !pool->stopping)
        pthread_cond_wait(&pool->lanes[home].work, &pool->lock);
    if (job == NULL)
        return NULL;
    pool->borne += job->weight;
    *unit = job->taken++;
    if (job->taken < job->units)
        append(&pool->lanes[job->lane], job);
    return job;
}

/* A unit has ended: those that it was in the way of may run. */
static void unburden(struct pool *pool, size_t weight)
{
    pool->borne -= weight;
    for (int i = 0; weight > 0 && i < POOL_LANES; i++)
        if (pool->lanes[i].first != NULL)
            pthread_cond_broadcast(&pool->lanes[i].work);
}

/* Give a job a place in its lane, if there is one. */
static bool admit(struct pool *pool, const struct pool_job *job)
{
    struct lane *lane = &pool->lanes[job->lane];

    if (job->extra)
        return true;
    if (lane->held >= pool->limit)
        return false;
    lane->held++;
    return true;
}

/* And take it away. */
static void leave(struct pool *pool, const struct pool_job *job,
                  enum pool_lane lane)
{
    if (!job->extra)
        pool->lanes[lane].held--;
}

/*
 * Go on with 'units' more of a job that had its place in the lane 'from'.
 * False when it ends instead.
 */
static bool go_on(struct pool *pool, struct pool_job *job, enum pool_lane from,
                  size_t units)
{
    if (units > 0 && job->lane != from)
        job->refused = !admit(pool, job);
    if (units == 0 || job->lane != from)
        leave(pool, job, from);
    if (units == 0 || job->refused)
        return false;
    job->units = units;
    offer(pool, job);
    return true;
}

/* All units are done: go on with more, or end the job.  Keeps the lock. */
static void finish(struct pool *pool, struct pool_job *job)
{
    enum pool_lane from = job->lane;
    pthread_mutex_unlock(&pool->lock);
    size_t units = job->more == NULL ? 0 : job->more(job);
    pthread_mutex_lock(&pool->lock);
    if (go_on(pool, job, from, units))
        return;
    pthread_mutex_unlock(&pool->lock);
    job->done(job);
    pthread_mutex_lock(&pool->lock);
}

static void serve(struct pool *pool, enum pool_lane home)
{
    struct pool_job *job;
    size_t unit;
    pthread_mutex_lock(&pool->lock);
    while ((job = take(pool, home, &unit)) != NULL) {
        size_t weight = job->weight;
        pthread_mutex_unlock(&pool->lock);
        job->run(job, unit);
        pthread_mutex_lock(&pool->lock);
        unburden(pool, weight);
        if (++job->finished == job->units)
            finish(pool, job);
    }
    pthread_mutex_unlock(&pool->lock);
}

static void *worker(void *pool)
{
    serve(pool, POOL_ORDINARY);
    return NULL;
}

static void *express(void *pool)
{
    serve(pool, POOL_EXPRESS);
    return NULL;
}

/* Start the threads; 0, or what went wrong. */
static int start(struct pool *pool, size_t workers)
{
    for (; pool->threads < workers + 1; pool->threads++) {
        pthread_t *thread = &pool->thread[pool->threads];
        int error = pthread_create(thread, NULL,
                                   pool->threads == 0 ? express : worker, pool);
        if (error != 0)
            return error;
    }
    return 0;
}

struct pool *pool_new(size_t workers, size_t limit, size_t weight)
{
    struct pool *pool =
        calloc(1, sizeof *pool + (workers + 1) * sizeof pool->thread[0]);
    if (pool == NULL)
        return NULL;
    pool->limit = limit;
    pool->bears = weight;
    pthread_mutex_init(&pool->lock, NULL);
    for (int i = 0; i < POOL_LANES; i++)
        pthread_cond_init(&pool->lanes[i].work, NULL);
    int error = start(pool, workers);
    if (error == 0)
        return pool;
    pool_stop(pool);
    pool_free(pool);
    errno = error;
    return NULL;
}

bool pool_submit(struct pool *pool, struct pool_job *job)
{
    pthread_mutex_lock(&pool->lock);
    bool accepted = !pool->stopping && admit(pool, job);
    if (accepted)
        offer(pool, job);
    pthread_mutex_unlock(&pool->lock);
    return accepted;
}

size_t pool_held(struct pool *pool, enum pool_lane lane)
{
    pthread_mutex_lock(&pool->lock);
    size_t held = pool->lanes[lane].held;
    pthread_mutex_unlock(&pool->lock);
    return held;
}

void pool_stop(struct pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    pool->stopping = true;
    for (int i = 0; i < POOL_LANES; i++)
        pthread_cond_broadcast(&pool->lanes[i].work);
    pthread_mutex_unlock(&pool->lock);
    for (; pool->threads > 0; pool->threads--)
        pthread_join(pool->thread[pool->threads - 1], NULL);
}

void pool_free(struct pool *pool)
{
    if (pool == NULL)
        return;
    for (int i = 0; i < POOL_LANES; i++)
        pthread_cond_destroy(&pool->lanes[i].work);
    pthread_mutex_destroy(&pool->lock);
    free(pool);
}
