/* SPDX-License-Identifier: MIT */
/* Jobs that have a weight: which of them run beside each other. */
#include "jobs.h"
#include "rows.h"

#include <unistd.h>

/* Long enough for a thread to begin on what it may begin on. */
#define A_WHILE 100000

static void submit(struct pool *pool, struct counted *counted, size_t weight,
                   sem_t *gate)
{
    counted_prepare(counted, 1, gate);
    counted->job.weight = weight;
    ck_assert(pool_submit(pool, &counted->job));
}

static bool has_started(struct counted *counted)
{
    return sem_trywait(&counted->started) == 0;
}

/* Of jobs that stand in this order, which run while there are threads free. */
static const struct {
    const char *what;
    size_t weights[4];
    bool runs[4];
} mixes[] = {
    {"what is borne together runs", {4, 3, 3, 1}, {true, true, true, false}},
    {"what has no weight always does", {10, 0, 0, 0}, {true, true, true, true}},
    {"one that waits is not overtaken",
     {6, 5, 1, 0},
     {true, false, false, true}},
    {"one that is too heavy runs alone",
     {99, 1, 99, 0},
     {true, false, false, true}},
    {"and waits to be alone", {1, 99, 1, 0}, {true, false, false, true}},
};

START_TEST(heavy_units_run_as_far_as_they_are_borne)
{
    static struct counted jobs[4];
    struct pool *pool = jobs_start(8, 8);
    sem_t gate;
    sem_init(&gate, 0, 0);
    for (int i = 0; i < 4; i++)
        submit(pool, &jobs[i], mixes[_i].weights[i], &gate);
    for (int i = 0; i < 4; i++)
        if (mixes[_i].runs[i]) /* or the test doesn't end */
            sem_wait(&jobs[i].started);
    usleep(A_WHILE);
    for (int i = 0; i < 4; i++)
        ck_assert_msg(!has_started(&jobs[i]), "%s: job %d of weight %zu does",
                      mixes[_i].what, i, mixes[_i].weights[i]);
    for (int i = 0; i < 4; i++)
        sem_post(&gate);
    for (int i = 0; i < 4; i++)
        sem_wait(&jobs[i].ended);
    jobs_end(pool);
    for (int i = 0; i < 4; i++)
        counted_assert_ran(&jobs[i]);
}
END_TEST

START_TEST(one_that_ends_lets_all_run_that_it_kept_waiting)
{
    static struct counted first, others[5];
    struct pool *pool = jobs_start(8, 8);
    sem_t gate, gates;
    sem_init(&gate, 0, 0);
    sem_init(&gates, 0, 0);
    submit(pool, &first, 10, &gate);
    sem_wait(&first.started);
    for (int i = 0; i < 5; i++)
        submit(pool, &others[i], 2, &gates);
    sem_post(&gate);
    for (int i = 0; i < 5; i++)
        sem_wait(&others[i].started); /* all at once, for none has ended */
    for (int i = 0; i < 5; i++)
        sem_post(&gates);
    jobs_end(pool);
    for (int i = 0; i < 5; i++)
        counted_assert_ran(&others[i]);
}
END_TEST

static size_t two_light(struct pool_job *job)
{
    job->more = NULL;
    job->weight = 0;
    return 2;
}

START_TEST(a_job_may_lose_its_weight)
{
    static struct counted mover, heavy;
    struct pool *pool = jobs_start(2, 2);
    sem_t gate;
    sem_init(&gate, 0, 1); /* for the first unit; the next two wait */
    counted_prepare(&mover, 1, &gate);
    mover.job.weight = 10;
    mover.job.more = two_light;
    ck_assert(pool_submit(pool, &mover.job));
    for (int i = 0; i < 3; i++)
        sem_wait(&mover.started);
    submit(pool, &heavy, 10, NULL);
    sem_post(&gate);
    sem_wait(&heavy.ended);
    ck_assert_int_eq(mover.done, 0);
    sem_post(&gate);
    jobs_end(pool);
    counted_assert_ran(&heavy);
}
END_TEST

static const size_t workers[] = {1, 2, 8};

#define MANY 60

START_TEST(stopping_does_what_waits_for_its_turn)
{
    static struct counted jobs[MANY];
    struct pool *pool = jobs_start(workers[_i], MANY);
    for (int i = 0; i < MANY; i++) {
        counted_prepare(&jobs[i], i % 5 == 0 ? 20 : 1, NULL);
        jobs[i].job.weight = (size_t)i % 4 * 5;
        ck_assert(pool_submit(pool, &jobs[i].job));
    }
    jobs_end(pool);
    for (int i = 0; i < MANY; i++)
        counted_assert_ran(&jobs[i]);
}
END_TEST

Suite *burden_suite(void);
Suite *burden_suite(void)
{
    Suite *suite = suite_create("server/burden");
    TCase *tests = tcase_create("burden");
    tcase_add_rows(tests, heavy_units_run_as_far_as_they_are_borne, mixes);
    tcase_add_test(tests, one_that_ends_lets_all_run_that_it_kept_waiting);
    tcase_add_test(tests, a_job_may_lose_its_weight);
    tcase_add_rows(tests, stopping_does_what_waits_for_its_turn, workers);
    suite_add_tcase(suite, tests);
    return suite;
}
