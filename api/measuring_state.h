/* SPDX-License-Identifier: MIT */
/*
 * What stands behind measuring.h: for measuring_plan.c, which checks,
 * measuring_case.c, which goes from phase to phase, and measuring.c, which
 * shares out the tasks.
 */
#ifndef MEASURING_STATE_H
#define MEASURING_STATE_H

#include "analysis/measure.h"
#include "analysis_state.h"
#include "exchange.h"
#include "measuring.h"
#include "together.h"

#include <pthread.h>
#include <stdatomic.h>

/* Those who help at most. */
#define MEASURING_UNITS 64

/*
 * Where things stand: between two phases; somebody is on the way to the next
 * one; the whole of the phase's tensor is being made; there are tasks; it is
 * over, done or not.
 */
enum measuring_stage {
    MEASURING_BETWEEN,
    MEASURING_BUSY,
    MEASURING_WHOLE,
    MEASURING_TASKS,
    MEASURING_OVER,
};

/*
 * 'flops' are of all cases, 'room' and 'scratch' what one takes at most,
 * 'steps' tasks and units of wholes.  'run' has the case that is measured:
 * number 'at', once it is 'open'.  'block' is the room as it was allocated.
 *
 * From the first helper on: 'next' is the next task of the phase, 'left' are
 * not done, 'makers' are in the cache's hands with 'whole'; 'numbers' is what
 * they have made.  Of all steps 'done' are; times are in milliseconds.
 */
struct measuring {
    struct api *api;
    struct analysis *analysis;

    struct analysis_run run;
    struct sow_stage *stages;             /* owned */
    void *plan;                           /* owned */
    struct sow_analysis_result *measured; /* owned */
    struct sow_measurement measurement;
    struct analysis_batch batch;
    double flops;
    uint64_t room, scratch;
    uint64_t steps, share;
    size_t units;

    pthread_mutex_t lock; /* for all below, but what one who is busy changes */
    pthread_cond_t changed;
    atomic_bool over; /* for those who do tasks */
    enum measuring_stage stage;
    size_t begun, inside;

    size_t at;
    bool open;
    size_t phase;
    void *block; /* owned */
    const struct sow_tensor *tensor;
    struct whole *whole;
    const double *numbers;
    uint64_t next, tasks, left;
    size_t makers;
    uint64_t done;
    int64_t began, told;
};

/* One who helps: 'scratch' is allocated for the first task. */
struct measuring_helper {
    struct measuring *measuring;
    bool (*stop)(void *argument);
    void *argument;
    void *block;
};

/* Is it over, or stopped by this one?  'argument' is the helper. */
bool measuring_stops(void *argument);

/*
 * Let layers and stages be those of case 'i', and plan its measurement, in
 * 'run', 'stages' and 'measurement'.  Refuses what can't be measured.
 */
enum problem_code measuring_set(struct measuring *measuring, size_t i,
                                struct problem *problem);

/*
 * Go on to the next phase, or to the first of the next case, for one at a time.
 * Returns what is next.
 */
enum measuring_stage measuring_go_on(struct measuring *measuring,
                                     struct measuring_helper *helper);

/* Let go of all that is held, done or not. */
void measuring_let_go(struct measuring *measuring);

/* Say how a long measurement gets on. */
enum measuring_news { MEASURING_BEGUN, MEASURING_PROGRESS, MEASURING_ENDED };
void measuring_tell(const struct measuring *measuring,
                    enum measuring_news news);

/* 'block' aligned as rooms are; it was allocated with as much more. */
#define MEASURING_ALIGNMENT 64
static inline void *measuring_align(void *block)
{
    const size_t past = (uintptr_t)block % MEASURING_ALIGNMENT;

    return (char *)block + (past > 0 ? MEASURING_ALIGNMENT - past : 0);
}

#endif
