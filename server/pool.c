/* SPDX-License-Identifier: MIT */
/*
 * Worker threads around one queue.  The queue holds the jobs that have units
 * nobody has taken yet; a job that has handed out its last unit lives on only
 * in the workers that run it.
 */
#include "pool.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

struct pool {
    pthread_mutex_t lock; /* for all below */
    pthread_cond_t work;  /* the queue is not empty, or 'stopping' is set */
    struct pool_job *first, *last;
    size_t held, limit; /* jobs accepted and not done; how many may be */
    bool stopping;

    size_t threads; /* how many were started */
    pthread_t thread[];
};

static void queue_append(struct pool *pool, struct pool_job *job)
{
    job->next = NULL;
    if (pool->first == NULL)
        pool->first = job;
    else
        pool->last->next = job;
    pool->last = job;
}

/*
 * Wait for a unit and take it from the first job, which goes to the end of
 * the queue if it has more.  NULL when the pool stops and all are taken.
 */
static struct pool_job *take(struct pool *pool, size_t *unit)
{
    while (pool->first == NULL && !pool->stopping)
        pthread_cond_wait(&pool->work, &pool->lock);
    struct pool_job *job = pool->first;
    if (job == NULL)
        return NULL;
    pool->first = job->next;
    *unit = job->taken++;
    if (job->taken < job->units)
        queue_append(pool, job);
    return job;
}

/* Put the units of a job that nobody has taken into the queue. */
static void offer(struct pool *pool, struct pool_job *job)
{
    size_t units = job->units;
    job->taken = 0;
    job->finished = 0;
    queue_append(pool, job);
    if (units == 1)
        pthread_cond_signal(&pool->work);
    else
        pthread_cond_broadcast(&pool->work);
}

/* All units are done: go on with more, or end the job.  Keeps the lock. */
static void finish(struct pool *pool, struct pool_job *job)
{
    pthread_mutex_unlock(&pool->lock);
    size_t units = job->more == NULL ? 0 : job->more(job);
    pthread_mutex_lock(&pool->lock);
    if (units > 0) {
        job->units = units;
        offer(pool, job);
        return;
    }
    pool->held--;
    pthread_mutex_unlock(&pool->lock);
    job->done(job);
    pthread_mutex_lock(&pool->lock);
}

static void *worker(void *argument)
{
    struct pool *pool = argument;
    struct pool_job *job;
    size_t unit;
    pthread_mutex_lock(&pool->lock);
    while ((job = take(pool, &unit)) != NULL) {
        pthread_mutex_unlock(&pool->lock);
        job->run(job, unit);
        pthread_mutex_lock(&pool->lock);
        if (++job->finished == job->units)
            finish(pool, job);
    }
    pthread_mutex_unlock(&pool->lock);
    return NULL;
}

struct pool *pool_new(size_t workers, size_t limit)
{
    struct pool *pool =
        calloc(1, sizeof *pool + workers * sizeof pool->thread[0]);
    if (pool == NULL)
        return NULL;
    pool->limit = limit;
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->work, NULL);
    while (pool->threads < workers) {
        int error =
            pthread_create(&pool->thread[pool->threads], NULL, worker, pool);
        if (error != 0) {
            pool_stop(pool);
            pool_free(pool);
            errno = error;
            return NULL;
        }
        pool->threads++;
    }
    return pool;
}

bool pool_submit(struct pool *pool, struct pool_job *job)
{
    pthread_mutex_lock(&pool->lock);
    bool accepted = !pool->stopping && pool->held < pool->limit;
    if (accepted) {
        pool->held++;
        offer(pool, job);
    }
    pthread_mutex_unlock(&pool->lock);
    return accepted;
}

void pool_stop(struct pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    pool->stopping = true;
    pthread_cond_broadcast(&pool->work);
    pthread_mutex_unlock(&pool->lock);
    for (; pool->threads > 0; pool->threads--)
        pthread_join(pool->thread[pool->threads - 1], NULL);
}

void pool_free(struct pool *pool)
{
    if (pool == NULL)
        return;
    pthread_cond_destroy(&pool->work);
    pthread_mutex_destroy(&pool->lock);
    free(pool);
}
