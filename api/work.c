/* SPDX-License-Identifier: MIT */
/* The work: who does which part of it, and what comes out. */
#include "work.h"

#include "exchange.h"
#include "finite.h"
#include "stack.h"
#include "work_files.h"
#include "work_known.h"
#include "work_run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Work on so many bytes is done at once, on the caller's thread. */
#define AT_ONCE_BYTES (256 * 1024)

/* Up to so many tensors are looked up before work is handed out. */
#define LOOK_UPS 64

/* What a tensor costs beside its bytes, in bytes. */
#define TENSOR_COST 1024

void work_unit(struct api_exchange *exchange, size_t unit, stop_function *stop,
               void *argument)
{
    const size_t *first = exchange->weights.work.first;
    const size_t helpers = exchange->weights.pins.units;

    if (unit < helpers)
        pins_help(exchange, stop, argument);
    else
        work_run(exchange, first[unit - helpers], first[unit - helpers + 1],
                 stop, argument);
}

/* ------------------------------------------------------------------------
 * Cutting it up
 */

/* Is something still to be done for tensor 'i'? */
static bool is_open(const struct api_exchange *exchange, size_t i)
{
    const struct work *work = &exchange->weights.work;

    return (work->items && work_is_open(&work->items[i])) ||
           pins_wait(exchange, i);
}

/* How much task 'task' is, in bytes; making a whole is not counted. */
static uint64_t cost(const struct api_exchange *exchange, size_t task)
{
    const struct weights *weights = &exchange->weights;
    const struct work *work = &weights->work;
    const size_t i = task - work->file_count;

    if (task < work->file_count)
        return work->files[task].known
                   ? 0
                   : work->files[task].body->size + TENSOR_COST;
    if (i == weights->model.count)
        return final_cost(weights);
    if (!is_open(exchange, i) ||
        (work->items && (work->items[i].flags & WORK_FILED)))
        return 0;
    return weights->model.tensors[i].size + TENSOR_COST;
}

static size_t task_count(const struct weights *weights)
{
    return weights->work.file_count + weights->model.count + 1;
}

static uint64_t total_cost(const struct api_exchange *exchange)
{
    uint64_t total = 0;

    for (size_t i = 0; i < task_count(&exchange->weights); i++)
        total += cost(exchange, i);
    return total;
}

/*
 * Drop what is remembered from what is to be done: all that may save a whole,
 * and if the rest is much, the first of it.
 */
static void recall_some(struct api_exchange *exchange)
{
    struct weights *weights = &exchange->weights;
    size_t look_ups = total_cost(exchange) > AT_ONCE_BYTES ? LOOK_UPS : 0;

    for (size_t i = 0; weights->work.items && i < weights->model.count; i++)
        if ((weights->work.items[i].flags & WORK_DIGEST) &&
            (i < look_ups || work_needs_whole(&weights->model.tensors[i])))
            work_recall(exchange->api, &weights->model.tensors[i],
                        &weights->work.items[i]);
}

/*
 * Cut the tasks into units, each the shortest that costs a WORK_UNITS-th of
 * the total or more, so that there are WORK_UNITS at most.
 */
static void cut(struct api_exchange *exchange, uint64_t total)
{
    struct work *work = &exchange->weights.work;
    const size_t count = task_count(&exchange->weights);
    uint64_t share = total / WORK_UNITS + 1;
    uint64_t sum = 0;

    work->first[0] = 0;
    for (size_t i = 0; i < count; i++) {
        sum += cost(exchange, i);
        if (sum >= share) {
            work->first[++work->unit_count] = i + 1;
            sum = 0;
        }
    }
    if (sum > 0)
        work->first[++work->unit_count] = count;
}

/* Start on what is marked. */
static enum problem_code start(struct api_exchange *exchange,
                               struct problem *problem)
{
    struct weights *weights = &exchange->weights;
    uint64_t total;

    recall_some(exchange);
    if (pins_hold(exchange, problem))
        return problem->code;
    total = total_cost(exchange);
    if (total > AT_ONCE_BYTES || weights->pins.units > 0)
        cut(exchange, total);
    else if (total > 0)
        work_run(exchange, 0, task_count(weights), NULL, NULL);
    return PROBLEM_NONE;
}

enum problem_code work_start(struct api_exchange *exchange,
                             struct problem *problem)
{
    struct weights *weights = &exchange->weights;

    memcpy(weights->work.own.key, weights->tag, SOW_DIGEST_BYTES);
    if (work_mark_files(exchange, problem))
        return problem->code;
    return start(exchange, problem);
}

enum problem_code work_start_files(struct api_exchange *exchange,
                                   struct problem *problem)
{
    if (work_mark_files(exchange, problem) ||
        work_check_files(exchange, problem) || pins_check(exchange, problem))
        return problem->code;
    return start(exchange, problem);
}

size_t work_count(const struct api_exchange *exchange)
{
    const struct weights *weights = &exchange->weights;

    return weights->pins.units + weights->work.unit_count;
}

/* ------------------------------------------------------------------------
 * What came out
 */

static enum problem_code refuse(const struct api_exchange *exchange, size_t i,
                                struct problem *problem)
{
    const struct model *model = &exchange->weights.model;
    char at[48] = "dtype";

    if (model->listed)
        snprintf(at, sizeof at, "%s/%zu", model->place, i);
    else if (exchange_is(exchange, "POST"))
        snprintf(at, sizeof at, "%s", model->place ? model->place : "");
    return finite_refuse(&model->tensors[i], at, problem);
}

static bool is_done(const struct api_exchange *exchange)
{
    const struct weights *weights = &exchange->weights;
    const struct work *work = &weights->work;

    for (size_t i = 0; i < work->file_count; i++)
        if (!work->files[i].known)
            return false;
    for (size_t i = 0; i < weights->model.count; i++)
        if (is_open(exchange, i))
            return false;
    return final_cost(weights) == 0;
}

enum problem_code work_check(const struct api_exchange *exchange,
                             struct problem *problem)
{
    const struct weights *weights = &exchange->weights;
    const struct work *work = &weights->work;
    const struct stack *stack = weights->model.stack;

    if (stack && stack_check(stack, &weights->model, problem))
        return problem->code;
    if (!is_done(exchange))
        return problem_set(problem, PROBLEM_INTERNAL, "",
                           "The work on this answer was stopped.");
    for (size_t i = 0; work->items && i < weights->model.count; i++)
        if (work->items[i].flags & WORK_NOT_FINITE)
            return refuse(exchange, i, problem);
    return PROBLEM_NONE;
}

const uint8_t *work_digest(const struct work *work, size_t i)
{
    if (!work->items || !(work->items[i].flags & WORK_KNOWN))
        return NULL;
    return work->items[i].digest;
}

void work_release(struct work *work)
{
    if (work->items != &work->one)
        free(work->items);
    if (work->files != &work->own)
        free(work->files);
}
