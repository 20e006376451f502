/* SPDX-License-Identifier: MIT */
/* Every unit once, 'done' once, and never more jobs than allowed. */
#include "jobs.h"
#include "rows.h"

static const struct {
    size_t workers, units;
} shapes[] = {{1, 1}, {1, UNITS}, {4, 1}, {4, 3}, {4, UNITS}, {32, 7}};

START_TEST(every_unit_runs_once_and_then_done)
{
    static struct counted counted;
    struct pool *pool = jobs_start(shapes[_i].workers, 1);
    counted_prepare(&counted, shapes[_i].units, NULL);
    ck_assert(pool_submit(pool, &counted.job));
    sem_wait(&counted.ended);
    jobs_end(pool);
    counted_assert_ran(&counted);
}
END_TEST

START_TEST(a_full_pool_refuses_until_a_job_is_done)
{
    static struct counted first, second, third;
    sem_t gate;
    struct pool *pool = jobs_start(1, 2);
    sem_init(&gate, 0, 0);
    counted_prepare(&first, 2, &gate);
    counted_prepare(&second, 1, &gate);
    counted_prepare(&third, 1, NULL);
    ck_assert(pool_submit(pool, &first.job));
    ck_assert(pool_submit(pool, &second.job));
    ck_assert_msg(!pool_submit(pool, &third.job), "a third of two was taken");
    for (int i = 0; i < 3; i++)
        sem_post(&gate);
    sem_wait(&first.ended);
    sem_wait(&second.ended);
    ck_assert_msg(pool_submit(pool, &third.job), "refused an empty pool");
    jobs_end(pool);
    counted_assert_ran(&first);
    counted_assert_ran(&second);
    counted_assert_ran(&third);
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
    struct pool *pool = jobs_start(1, 1);
    sem_init(&gate, 0, 0);
    counted_prepare(&first, 3, &gate);
    first.job.more = twice;
    counted_prepare(&second, 1, NULL);
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
    jobs_end(pool);
    for (size_t i = 0; i < UNITS; i++)
        ck_assert_int_eq(first.runs[i], (i < 3) + (i < 6));
    ck_assert_int_eq(first.done, 1);
}
END_TEST

START_TEST(a_small_job_does_not_wait_for_a_large_one)
{
    static struct counted large, small;
    sem_t gate;
    struct pool *pool = jobs_start(1, 2);
    sem_init(&gate, 0, 0);
    counted_prepare(&large, UNITS, &gate);
    counted_prepare(&small, 1, NULL);
    ck_assert(pool_submit(pool, &large.job));
    sem_wait(&large.started);
    ck_assert(pool_submit(pool, &small.job));
    sem_post(&gate); /* one unit of the large job, or two, then the small */
    sem_post(&gate);
    sem_wait(&small.ended);
    ck_assert_int_eq(large.done, 0);
    for (int i = 0; i < UNITS; i++)
        sem_post(&gate);
    jobs_end(pool);
    counted_assert_ran(&large);
}
END_TEST

START_TEST(stopping_finishes_what_was_accepted_and_refuses_more)
{
    static struct counted accepted[8], late;
    struct pool *pool = jobs_start(2, 8);
    for (int i = 0; i < 8; i++) {
        counted_prepare(&accepted[i], 50, NULL);
        ck_assert(pool_submit(pool, &accepted[i].job));
    }
    pool_stop(pool);
    for (int i = 0; i < 8; i++)
        counted_assert_ran(&accepted[i]);
    counted_prepare(&late, 1, NULL);
    ck_assert(!pool_submit(pool, &late.job));
    ck_assert_int_eq(late.done, 0);
    pool_free(pool);
}
END_TEST

START_TEST(stopping_twice_and_freeing_nothing_is_fine)
{
    struct pool *pool = jobs_start(3, 1);
    pool_stop(pool);
    pool_stop(pool);
    static struct counted counted;
    counted_prepare(&counted, 1, NULL);
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
