/* SPDX-License-Identifier: MIT */
/* Every unit once, 'done' once, and never more jobs than allowed. */
#include "pool.h"
#include "rows.h"

#include <semaphore.h>
#include <stdatomic.h>

#define UNITS 1000

/* A job that counts, and can be held up at its first unit. */
struct counted {
    struct pool_job job; /* first, so that a cast finds the rest */
    atomic_int runs[UNITS];
    atomic_int done;
    sem_t *gate; /* each unit takes one; NULL for none */
    sem_t started, ended;
};

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

static void prepare(struct counted *counted, size_t units, sem_t *gate)
{
    *counted = (struct counted){
        .job = {.run = run, .done = done, .units = units}, .gate = gate};
    sem_init(&counted->started, 0, 0);
    sem_init(&counted->ended, 0, 0);
}

static struct pool *start(size_t workers, size_t limit)
{
    struct pool *pool = pool_new(workers, limit);
    ck_assert_ptr_nonnull(pool);
    return pool;
}

static void end(struct pool *pool)
{
    pool_stop(pool);
    pool_free(pool);
}

static void assert_ran_once(struct counted *counted)
{
    for (size_t i = 0; i < UNITS; i++) {
        int want = i < counted->job.units, got = counted->runs[i];
        ck_assert_msg(got == want, "unit %zu ran %d times, not %d", i, got,
                      want);
    }
    ck_assert_int_eq(counted->done, 1);
}

static const struct {
    size_t workers, units;
} shapes[] = {{1, 1}, {1, UNITS}, {4, 1}, {4, 3}, {4, UNITS}, {32, 7}};

START_TEST(every_unit_runs_once_and_then_done)
{
    static struct counted counted;
    struct pool *pool = start(shapes[_i].workers, 1);
    prepare(&counted, shapes[_i].units, NULL);
    ck_assert(pool_submit(pool, &counted.job));
    sem_wait(&counted.ended);
    end(pool);
    assert_ran_once(&counted);
}
END_TEST

START_TEST(a_full_pool_refuses_until_a_job_is_done)
{
    static struct counted first, second, third;
    sem_t gate;
    struct pool *pool = start(1, 2);
    sem_init(&gate, 0, 0);
    prepare(&first, 2, &gate);
    prepare(&second, 1, &gate);
    prepare(&third, 1, NULL);
    ck_assert(pool_submit(pool, &first.job));
    ck_assert(pool_submit(pool, &second.job));
    ck_assert_msg(!pool_submit(pool, &third.job), "a third of two was taken");
    for (int i = 0; i < 3; i++)
        sem_post(&gate);
    sem_wait(&first.ended);
    sem_wait(&second.ended);
    ck_assert_msg(pool_submit(pool, &third.job), "refused an empty pool");
    end(pool);
    assert_ran_once(&first);
    assert_ran_once(&second);
    assert_ran_once(&third);
}
END_TEST

static size_t twice(struct pool_job *job)
{
    job->more = NULL;
    return 2 * job->units;
}

START_TEST(a_job_goes_on_with_more_units_in_its_place)
{
    static struct counted first, second;
    sem_t gate;
    struct pool *pool = start(1, 1);
    sem_init(&gate, 0, 0);
    prepare(&first, 3, &gate);
    first.job.more = twice;
    prepare(&second, 1, NULL);
    ck_assert(pool_submit(pool, &first.job));
    for (int i = 0; i < 3; i++)
        sem_post(&gate);
    for (int i = 0; i < 4; i++)
        sem_wait(&first.started);
    ck_assert_msg(!pool_submit(pool, &second.job), "its place was given away");
    ck_assert_int_eq(first.done, 0);
    for (int i = 0; i < 6; i++)
        sem_post(&gate);
    sem_wait(&first.ended);
    end(pool);
    for (size_t i = 0; i < UNITS; i++)
        ck_assert_int_eq(first.runs[i], (i < 3) + (i < 6));
    ck_assert_int_eq(first.done, 1);
}
END_TEST

START_TEST(a_small_job_does_not_wait_for_a_large_one)
{
    static struct counted large, small;
    sem_t gate;
    struct pool *pool = start(1, 2);
    sem_init(&gate, 0, 0);
    prepare(&large, UNITS, &gate);
    prepare(&small, 1, NULL);
    ck_assert(pool_submit(pool, &large.job));
    sem_wait(&large.started);
    ck_assert(pool_submit(pool, &small.job));
    sem_post(&gate); /* one unit of the large job, or two, then the small */
    sem_post(&gate);
    sem_wait(&small.ended);
    ck_assert_int_eq(large.done, 0);
    for (int i = 0; i < UNITS; i++)
        sem_post(&gate);
    end(pool);
    assert_ran_once(&large);
}
END_TEST

START_TEST(stopping_finishes_what_was_accepted_and_refuses_more)
{
    static struct counted accepted[8], late;
    struct pool *pool = start(2, 8);
    for (int i = 0; i < 8; i++) {
        prepare(&accepted[i], 50, NULL);
        ck_assert(pool_submit(pool, &accepted[i].job));
    }
    pool_stop(pool);
    for (int i = 0; i < 8; i++)
        assert_ran_once(&accepted[i]);
    prepare(&late, 1, NULL);
    ck_assert(!pool_submit(pool, &late.job));
    ck_assert_int_eq(late.done, 0);
    pool_free(pool);
}
END_TEST

START_TEST(stopping_twice_and_freeing_nothing_is_fine)
{
    struct pool *pool = start(3, 1);
    pool_stop(pool);
    pool_stop(pool);
    static struct counted counted;
    prepare(&counted, 1, NULL);
    ck_assert(!pool_submit(pool, &counted.job));
    pool_free(pool);
    pool_free(NULL);
}
END_TEST

Suite *pool_suite(void);
Suite *pool_suite(void)
{
    Suite *suite = suite_create("server/pool");
    TCase *tests = tcase_create("pool");
    tcase_add_rows(tests, every_unit_runs_once_and_then_done, shapes);
    tcase_add_test(tests, a_full_pool_refuses_until_a_job_is_done);
    tcase_add_test(tests, a_job_goes_on_with_more_units_in_its_place);
    tcase_add_test(tests, a_small_job_does_not_wait_for_a_large_one);
    tcase_add_test(tests, stopping_finishes_what_was_accepted_and_refuses_more);
    tcase_add_test(tests, stopping_twice_and_freeing_nothing_is_fine);
    suite_add_tcase(suite, tests);
    return suite;
}
