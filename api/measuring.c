/* SPDX-License-Identifier: MIT */
/* Doing a measurement together: who takes which task, and who waits. */
#include "measuring_state.h"

#include <stdlib.h>

bool measuring_stops(void *argument)
{
    const struct measuring_helper *helper = argument;

    return atomic_load(&helper->measuring->over) ||
           (helper->stop && helper->stop(helper->argument));
}

/*
 * The functions below are called with the lock held, and hold it again when
 * they return.
 */

/*
 * Those who wait are told when there is something for them: thousands of small
 * layers are done in less time by one who isn't disturbed.
 */
static void set_stage(struct measuring *measuring, enum measuring_stage stage)
{
    if (stage == MEASURING_OVER)
        atomic_store(&measuring->over, true);
    measuring->stage = stage;
    if (stage == MEASURING_OVER || stage == MEASURING_WHOLE ||
        (stage == MEASURING_TASKS && measuring->tasks > 1))
        pthread_cond_broadcast(&measuring->changed);
}

/* A step is done: tell how far we are, now and then. */
static void count_step(struct measuring *measuring)
{
    const int64_t now = together_now();

    measuring->done++;
    if (now - measuring->told < TOGETHER_TELL)
        return;
    measuring->told = now;
    measuring_tell(measuring, MEASURING_PROGRESS);
}

/* ------------------------------------------------------------------------
 * A turn in each stage; they return how many steps it was
 */

/* Whoever is still in the cache's hands must be out of them before. */
static unsigned go_on(struct measuring_helper *helper)
{
    struct measuring *measuring = helper->measuring;

    if (measuring->makers > 0) {
        together_wait(&measuring->lock, &measuring->changed);
        return 0;
    }
    measuring->stage = MEASURING_BUSY;
    pthread_mutex_unlock(&measuring->lock);
    const enum measuring_stage stage = measuring_go_on(measuring, helper);
    pthread_mutex_lock(&measuring->lock);
    set_stage(measuring,
              atomic_load(&measuring->over) ? MEASURING_OVER : stage);
    return 0;
}

/*
 * Make a unit, or when there is none to take, or it came to nothing, wait for
 * what others make.
 */
static const double *help(struct measuring *measuring, struct whole *whole,
                          const struct wholes_maker *maker, bool *made)
{
    struct wholes *wholes = measuring->api->wholes;
    uint32_t before, after;
    const double *numbers = wholes_get(wholes, whole, &before);

    *made = false;
    if (numbers)
        return numbers;
    if (wholes_help(wholes, whole, maker)) {
        numbers = wholes_get(wholes, whole, &after);
        *made = numbers || after < before;
    }
    return *made ? numbers : wholes_join(wholes, whole, maker);
}

static unsigned make_whole(struct measuring_helper *helper)
{
    struct measuring *measuring = helper->measuring;
    const struct wholes_maker maker = {
        measuring->api->engine, measuring->tensor, measuring_stops, helper};
    struct whole *whole = measuring->whole;
    bool made;

    measuring->makers++;
    pthread_mutex_unlock(&measuring->lock);
    const double *numbers = help(measuring, whole, &maker, &made);
    pthread_mutex_lock(&measuring->lock);
    if (--measuring->makers == 0)
        pthread_cond_broadcast(&measuring->changed);
    if (made)
        count_step(measuring);
    if (numbers && measuring->stage == MEASURING_WHOLE) {
        measuring->numbers = numbers;
        set_stage(measuring, MEASURING_TASKS);
    }
    if (!made && !numbers && measuring->stage != MEASURING_OVER) {
        if (!measuring_stops(helper))
            problem_no_memory(&measuring->run.made->problem);
        set_stage(measuring, MEASURING_OVER);
    }
    return made;
}

/* Memory of one's own, for the first task. */
static bool make_scratch(struct measuring_helper *helper)
{
    const size_t bytes = (size_t)helper->measuring->scratch;

    if (!helper->block)
        helper->block = malloc(bytes + MEASURING_ALIGNMENT);
    return helper->block;
}

static void refuse(struct measuring *measuring, enum sow_status status)
{
    struct problem *problem = &measuring->run.made->problem;

    if (measuring->stage == MEASURING_OVER)
        return;
    if (status != SOW_STOPPED)
        problem_set(problem, PROBLEM_INTERNAL, "",
                    "A weight could not be read: %s.", sow_status_name(status));
    set_stage(measuring, MEASURING_OVER);
}

static unsigned do_task(struct measuring_helper *helper)
{
    struct measuring *measuring = helper->measuring;

    if (measuring->next == measuring->tasks) {
        together_wait(&measuring->lock, &measuring->changed);
        return 0;
    }
    if (!make_scratch(helper)) {
        problem_no_memory(&measuring->run.made->problem);
        set_stage(measuring, MEASURING_OVER);
        return 0;
    }
    const uint64_t task = measuring->next++;
    pthread_mutex_unlock(&measuring->lock);
    const enum sow_status status = sow_measurement_task(
        &measuring->measurement, measuring->api->engine,
        measuring_align(measuring->block), measuring_align(helper->block),
        measuring->phase, task, measuring->numbers, measuring_stops, helper);
    pthread_mutex_lock(&measuring->lock);
    if (status != SOW_OK) {
        refuse(measuring, status);
        return 1;
    }
    count_step(measuring);
    if (--measuring->left == 0 && measuring->stage == MEASURING_TASKS)
        set_stage(measuring, MEASURING_BETWEEN);
    return 1;
}

static unsigned wait_turn(struct measuring_helper *helper)
{
    together_wait(&helper->measuring->lock, &helper->measuring->changed);
    return 0;
}

static unsigned (*const turns[])(struct measuring_helper *helper) = {
    [MEASURING_BETWEEN] = go_on,
    [MEASURING_BUSY] = wait_turn,
    [MEASURING_WHOLE] = make_whole,
    [MEASURING_TASKS] = do_task,
};

/* The share of one who begins now; the last one does all that is left. */
static uint64_t share_of(struct measuring *measuring)
{
    return ++measuring->begun < measuring->units ? measuring->share
                                                 : UINT64_MAX;
}

void measuring_help(struct measuring *measuring, bool (*stop)(void *argument),
                    void *argument)
{
    struct measuring_helper helper = {measuring, stop, argument, NULL};

    pthread_mutex_lock(&measuring->lock);
    uint64_t share = share_of(measuring);
    measuring->inside++;
    while (measuring->stage != MEASURING_OVER && share > 0) {
        if (measuring_stops(&helper))
            set_stage(measuring, MEASURING_OVER);
        else
            share -= turns[measuring->stage](&helper);
    }
    pthread_cond_broadcast(&measuring->changed); /* somebody else go on */
    if (--measuring->inside == 0 && measuring->stage == MEASURING_OVER &&
        measuring->block) {
        measuring_let_go(measuring);
        measuring_tell(measuring, MEASURING_ENDED);
    }
    pthread_mutex_unlock(&measuring->lock);
    free(helper.block);
}
