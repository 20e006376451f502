/* SPDX-License-Identifier: MIT */
/* The pool's two lanes: who overtakes whom, and what is full when. */
#include "jobs.h"
#include "rows.h"

#include <pthread.h>
#include <unistd.h>

/* An express job. */
static void prepare_express(struct counted *counted, sem_t *gate)
{
    counted_prepare(counted, 1, gate);
    counted->job.lane = POOL_EXPRESS;
}

/* Start a job whose 'units' units run now and wait at 'gate'. */
static void hold_up(struct pool *pool, struct counted *counted, size_t units,
                    sem_t *gate)
{
    sem_init(gate, 0, 0);
    counted_prepare(counted, units, gate);
    ck_assert(pool_submit(pool, &counted->job));
    for (size_t i = 0; i < units; i++)
        sem_wait(&counted->started);
}

static void open_gate(sem_t *gate, size_t units)
{
    for (size_t i = 0; i < units; i++)
        sem_post(gate);
}

static bool has_started(struct counted *counted)
{
    return sem_trywait(&counted->started) == 0;
}

static const size_t workers[] = {1, 2, 8};

START_TEST(express_jobs_run_while_every_worker_is_held_up)
{
    static struct counted large, small;
    sem_t gate;
    struct pool *pool = jobs_start(workers[_i], 1);
    hold_up(pool, &large, workers[_i], &gate);
    for (int i = 0; i < 100; i++) {
        prepare_express(&small, NULL);
        ck_assert(pool_submit(pool, &small.job));
        sem_wait(&small.ended);
    }
    ck_assert_int_eq(large.done, 0);
    open_gate(&gate, workers[_i]);
    jobs_end(pool);
    counted_assert_ran(&large);
}
END_TEST

START_TEST(an_express_job_overtakes_what_waits)
{
    static struct counted running, express, waiting, late;
    sem_t gate, express_gate, waiting_gate;
    struct pool *pool = jobs_start(1, 2);
    hold_up(pool, &running, 1, &gate);
    sem_init(&express_gate, 0, 0);
    sem_init(&waiting_gate, 0, 0);
    prepare_express(&express, &express_gate);
    ck_assert(pool_submit(pool, &express.job));
    sem_wait(&express.started); /* by the thread of that lane, now held up */
    counted_prepare(&waiting, 1, &waiting_gate);
    prepare_express(&late, NULL);
    ck_assert(pool_submit(pool, &waiting.job));
    ck_assert(pool_submit(pool, &late.job));
    sem_post(&gate); /* the worker has the choice of 'waiting' and 'late' */
    sem_wait(&late.ended);
    sem_post(&waiting_gate);
    sem_post(&express_gate);
    jobs_end(pool);
    counted_assert_ran(&waiting);
    counted_assert_ran(&express);
}
END_TEST

START_TEST(the_express_thread_leaves_ordinary_jobs_alone)
{
    static struct counted running, waiting, express;
    sem_t gate;
    struct pool *pool = jobs_start(1, 2);
    hold_up(pool, &running, 1, &gate);
    counted_prepare(&waiting, 1, NULL);
    ck_assert(pool_submit(pool, &waiting.job));
    for (int i = 0; i < 10; i++) {
        prepare_express(&express, NULL);
        ck_assert(pool_submit(pool, &express.job));
        sem_wait(&express.ended);
        ck_assert_msg(!has_started(&waiting), "it ran an ordinary job");
    }
    sem_post(&gate);
    jobs_end(pool);
    counted_assert_ran(&waiting);
}
END_TEST

START_TEST(a_full_lane_leaves_the_other_open)
{
    static struct counted held, express, more;
    sem_t gate, express_gate;
    struct pool *pool = jobs_start(1, 1);
    hold_up(pool, &held, 1, &gate);
    counted_prepare(&more, 1, NULL);
    ck_assert_msg(!pool_submit(pool, &more.job), "two ordinary jobs of one");
    sem_init(&express_gate, 0, 0);
    prepare_express(&express, &express_gate);
    ck_assert_msg(pool_submit(pool, &express.job), "no room for express");
    prepare_express(&more, NULL);
    ck_assert_msg(!pool_submit(pool, &more.job), "two express jobs of one");
    sem_post(&gate);
    sem_wait(&held.ended);
    ck_assert_msg(!pool_submit(pool, &more.job), "room of the other lane");
    sem_post(&express_gate);
    sem_wait(&express.ended);
    ck_assert_msg(pool_submit(pool, &more.job), "refused an empty lane");
    jobs_end(pool);
    counted_assert_ran(&more);
}
END_TEST

/* What was brief goes on as long work. */
static size_t three_ordinary(struct pool_job *job)
{
    job->more = NULL;
    job->lane = POOL_ORDINARY;
    return 3;
}

START_TEST(a_job_may_change_lanes_and_frees_its_place)
{
    static struct counted mover, express, ordinary;
    sem_t gate;
    struct pool *pool = jobs_start(1, 1);
    sem_init(&gate, 0, 1); /* for the first unit; the next waits */
    prepare_express(&mover, &gate);
    mover.job.more = three_ordinary;
    ck_assert(pool_submit(pool, &mover.job));
    sem_wait(&mover.started);
    sem_wait(&mover.started);
    counted_prepare(&ordinary, 1, NULL);
    ck_assert_msg(!pool_submit(pool, &ordinary.job), "it has no place there");
    prepare_express(&express, NULL);
    ck_assert_msg(pool_submit(pool, &express.job), "it kept its old place");
    sem_wait(&express.ended);
    ck_assert_int_eq(mover.done, 0);
    open_gate(&gate, 3);
    sem_wait(&mover.ended);
    ck_assert_msg(pool_submit(pool, &ordinary.job), "it kept its place");
    jobs_end(pool);
    ck_assert(!mover.job.refused);
    ck_assert_int_eq(mover.done, 1);
    ck_assert_int_eq(mover.runs[0], 2);
    ck_assert_int_eq(mover.runs[2], 1);
}
END_TEST

START_TEST(a_job_that_would_go_to_a_full_lane_ends_refused)
{
    static struct counted held, mover, express;
    sem_t gate;
    struct pool *pool = jobs_start(1, 1);
    hold_up(pool, &held, 1, &gate);
    prepare_express(&mover, NULL);
    mover.job.more = three_ordinary;
    ck_assert(pool_submit(pool, &mover.job));
    sem_wait(&mover.ended);
    ck_assert(mover.job.refused);
    counted_assert_ran(&mover);
    prepare_express(&express, NULL);
    ck_assert_msg(pool_submit(pool, &express.job), "it kept its place");
    sem_post(&gate);
    jobs_end(pool);
    counted_assert_ran(&express);
    counted_assert_ran(&held);
}
END_TEST

#define MANY 60

/* Every third is ordinary, brief, and brief with ordinary units to follow. */
START_TEST(stopping_empties_both_lanes)
{
    static struct counted jobs[MANY];
    struct pool *pool = jobs_start(workers[_i], MANY);
    for (int i = 0; i < MANY; i++) {
        prepare_express(&jobs[i], NULL);
        if (i % 3 == 0)
            counted_prepare(&jobs[i], 20, NULL);
        if (i % 3 == 2)
            jobs[i].job.more = three_ordinary;
        ck_assert(pool_submit(pool, &jobs[i].job));
    }
    jobs_end(pool);
    for (int i = 0; i < MANY; i++) {
        ck_assert_int_eq(jobs[i].done, 1);
        ck_assert_int_eq(jobs[i].runs[0], i % 3 == 2 ? 2 : 1);
        ck_assert_int_eq(jobs[i].runs[2], i % 3 != 1);
    }
}
END_TEST

static void *stop(void *pool)
{
    pool_stop(pool);
    return NULL;
}

START_TEST(work_that_follows_when_the_workers_have_ended_is_done)
{
    static struct counted held, mover;
    struct pool *pool = jobs_start(2, 1);
    pthread_t stopper;
    sem_t held_gate, gate;
    hold_up(pool, &held, 2, &held_gate);
    sem_init(&gate, 0, 0);
    prepare_express(&mover, &gate);
    mover.job.more = three_ordinary;
    ck_assert(pool_submit(pool, &mover.job));
    sem_wait(&mover.started);
    open_gate(&held_gate, 2);
    sem_wait(&held.ended);
    ck_assert_int_eq(pthread_create(&stopper, NULL, stop, pool), 0);
    usleep(100000); /* long enough for the workers to end, most likely */
    open_gate(&gate, 4);
    pthread_join(stopper, NULL);
    pool_free(pool);
    ck_assert_int_eq(mover.done, 1);
    ck_assert_int_eq(mover.runs[2], 1);
}
END_TEST

Suite *lanes_suite(void);
Suite *lanes_suite(void)
{
    Suite *suite = suite_create("server/lanes");
    TCase *tests = tcase_create("lanes");
    tcase_add_rows(tests, express_jobs_run_while_every_worker_is_held_up,
                   workers);
    tcase_add_test(tests, an_express_job_overtakes_what_waits);
    tcase_add_test(tests, the_express_thread_leaves_ordinary_jobs_alone);
    tcase_add_test(tests, a_full_lane_leaves_the_other_open);
    tcase_add_test(tests, a_job_may_change_lanes_and_frees_its_place);
    tcase_add_test(tests, a_job_that_would_go_to_a_full_lane_ends_refused);
    tcase_add_rows(tests, stopping_empties_both_lanes, workers);
    tcase_add_test(tests,
                   work_that_follows_when_the_workers_have_ended_is_done);
    suite_add_tcase(suite, tests);
    return suite;
}
