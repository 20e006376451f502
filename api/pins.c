/* SPDX-License-Identifier: MIT */
/* Which wholes an answer needs, and holding on to them. */
#include "pins.h"

#include "exchange.h"
#include "recipe.h"
#include "stack.h"

#include <inttypes.h>
#include <stdlib.h>

/* Are the tensors' values part of the answer?  It may have no format. */
static bool sends_values(const struct weights *weights)
{
    return weights->format &&
           (weights->format->sized || weights->format->numbers);
}

/* Is tensor 'i' looked at before the answer? */
static bool is_worked_on(const struct weights *weights, size_t i)
{
    const struct work *work = &weights->work;

    return work->items && work_reads(&work->items[i]);
}

/*
 * Is something looked at that depends on the run of the stack?  For that all
 * its tensors are needed.
 */
static bool is_run(const struct weights *weights, bool sends)
{
    const struct model *model = &weights->model;

    for (size_t i = 0; model->stack && i < model->count; i++)
        if (model->tensors[i].data && (sends || is_worked_on(weights, i)))
            return true;
    return false;
}

/* ------------------------------------------------------------------------
 * Limits
 */

/*
 * What the wholes of an answer take together.  Turns are drawn once for all
 * that come after them: 'reached' is what those cost that are needed of the
 * sequence from 'start', up to the last; it is not in 'flops' yet.
 */
struct sum {
    double flops;
    uint64_t bytes;
    const struct sow_start *start;
    double reached;
};

static void reach(struct sum *sum, const struct sow_start *start, double flops)
{
    if (start != sum->start)
        sum->flops += sum->reached;
    if (start != sum->start || flops > sum->reached)
        sum->reached = flops;
    sum->start = start;
}

static void add_whole(struct sum *sum, const struct sow_tensor *tensor)
{
    const struct sow_need need = sow_tensor_need(tensor);
    const double drawn = sow_tensor_is_turn(tensor) ? need.flops : 0;

    reach(sum, tensor->spec.origin.start, need.before + drawn);
    sum->flops += need.flops - drawn;
    if (__builtin_add_overflow(sum->bytes, wholes_bytes(tensor), &sum->bytes))
        sum->bytes = UINT64_MAX;
}

static struct sum sum_up(const struct weights *weights)
{
    struct sum sum = {0};
    bool run = is_run(weights, sends_values(weights));

    for (size_t i = 0; i < weights->model.count; i++)
        if (run || sends_values(weights) || is_worked_on(weights, i))
            add_whole(&sum, &weights->model.tensors[i]);
    if (run)
        add_whole(&sum, &weights->model.stack->run);
    if (weights->final.wanted)
        add_whole(&sum, &weights->final.end);
    reach(&sum, NULL, 0);
    return sum;
}

enum problem_code pins_check(const struct api_exchange *exchange,
                             struct problem *problem)
{
    const struct api_limits *limits = &exchange->api->limits;
    struct sum sum = sum_up(&exchange->weights);
    const char *place = exchange->weights.model.place;
    const char *at = place ? place : "";

    if (sum.flops > (double)limits->max_flops)
        return problem_set(problem, PROBLEM_COST_LIMIT, at,
                           "A request may cost %.3g floating-point operations "
                           "(option --max-flops); this one is estimated to "
                           "cost %.3g. Ask for less at a time.",
                           (double)limits->max_flops, sum.flops);
    if (sum.bytes > limits->cache_bytes)
        return problem_set(problem, PROBLEM_WHOLE_TOO_LARGE, at,
                           "What must be made as a whole may take %" PRIu64
                           " bytes of memory in a request (option "
                           "--cache-bytes); here it would be %" PRIu64
                           ". Ask for less at a time.",
                           limits->cache_bytes, sum.bytes);
    return PROBLEM_NONE;
}

/* ------------------------------------------------------------------------
 * Holding
 */

static enum problem_code pin(struct api_exchange *exchange, const uint8_t *key,
                             const struct sow_tensor *tensor,
                             struct whole **whole, const double **made,
                             struct problem *problem)
{
    struct wholes *wholes = exchange->api->wholes;
    uint32_t left;

    switch (wholes_pin(wholes, key, tensor, whole)) {
    case WHOLES_PINNED:
        *made = wholes_get(wholes, *whole, &left);
        exchange->weights.pins.units += left;
        return PROBLEM_NONE;
    case WHOLES_FULL:
        return problem_set(problem, PROBLEM_BUSY, "",
                           "Other requests hold so much of the memory for "
                           "what must be made as a whole (option "
                           "--cache-bytes) that this one must wait. Try again "
                           "soon.");
    case WHOLES_NO_MEMORY:
        break;
    }
    return problem_no_memory(problem);
}

/* Data change no whole, and it is that of all slices. */
static enum problem_code pin_tensor(struct api_exchange *exchange, size_t i,
                                    struct problem *problem)
{
    struct sow_tensor *tensor = &exchange->weights.model.tensors[i];
    struct sow_tensor without = *tensor;
    uint8_t key[SOW_DIGEST_BYTES];

    without.data = NULL;
    without.shape = without.spec.shape;
    if (recipe_tensor_digest(&without, key, problem))
        return problem->code;
    return pin(exchange, key, tensor, &exchange->weights.pins.wholes[i],
               &tensor->whole, problem);
}

static enum problem_code pin_run(struct api_exchange *exchange,
                                 struct problem *problem)
{
    struct pins *pins = &exchange->weights.pins;
    struct model *model = &exchange->weights.model;
    const double *results = NULL;

    model->stack->wholes = exchange->api->wholes;
    model->stack->pinned = pins->wholes;
    if (pin(exchange, model->stack->digest, &model->stack->run, &pins->run,
            &results, problem))
        return problem->code;
    if (!results)
        return PROBLEM_NONE;
    stack_give_all(model->stack, model, results);
    return stack_check(model->stack, model, problem);
}

/* What it takes to know where the generator is at the end, if that is asked. */
static enum problem_code pin_final(struct api_exchange *exchange,
                                   struct problem *problem)
{
    struct final *final = &exchange->weights.final;
    uint8_t key[SOW_DIGEST_BYTES];

    if (!final->wanted || sow_tensor_need(&final->end).units == 0)
        return PROBLEM_NONE;
    if (final_name(&exchange->weights, key, problem))
        return problem->code;
    return pin(exchange, key, &final->end, &final->whole, &final->end.whole,
               problem);
}

/* Does the exchange look at tensor 'i' itself? */
static bool needs(const struct api_exchange *exchange, size_t i)
{
    const struct weights *weights = &exchange->weights;

    return is_worked_on(weights, i) ||
           (sends_values(weights) && !exchange_is(exchange, "HEAD"));
}

/* Room for what is held. */
static bool make_room(struct pins *pins, size_t count)
{
    if (!pins->wholes)
        pins->wholes =
            count > 1 ? calloc(count, sizeof *pins->wholes) : &pins->one;
    return pins->wholes;
}

enum problem_code pins_hold(struct api_exchange *exchange,
                            struct problem *problem)
{
    struct weights *weights = &exchange->weights;
    bool run = is_run(weights,
                      sends_values(weights) && !exchange_is(exchange, "HEAD"));

    for (size_t i = 0; i < weights->model.count; i++) {
        if (sow_tensor_need(&weights->model.tensors[i]).units == 0 ||
            (!run && !needs(exchange, i)))
            continue;
        if (!make_room(&weights->pins, weights->model.count))
            return problem_no_memory(problem);
        if (pin_tensor(exchange, i, problem))
            return problem->code;
    }
    if (pin_final(exchange, problem))
        return problem->code;
    return run ? pin_run(exchange, problem) : PROBLEM_NONE;
}

void pins_release(struct api_exchange *exchange)
{
    struct weights *weights = &exchange->weights;
    struct pins *pins = &weights->pins;

    for (size_t i = 0; pins->wholes && i < weights->model.count; i++)
        if (pins->wholes[i])
            wholes_unpin(exchange->api->wholes, pins->wholes[i],
                         &weights->model.tensors[i]);
    if (pins->run)
        wholes_unpin(exchange->api->wholes, pins->run,
                     &weights->model.stack->run);
    pins->run = NULL;
    if (weights->final.whole)
        wholes_unpin(exchange->api->wholes, weights->final.whole,
                     &weights->final.end);
    weights->final.whole = NULL;
    if (pins->wholes != &pins->one)
        free(pins->wholes);
    pins->wholes = NULL;
}

/* ------------------------------------------------------------------------
 * Making
 */

static bool waits_for_whole(const struct weights *weights, size_t i)
{
    return weights->pins.wholes && weights->pins.wholes[i] &&
           !weights->model.tensors[i].whole;
}

static bool waits_for_run(const struct weights *weights, size_t i)
{
    const struct sow_tensor *tensor = &weights->model.tensors[i];

    return weights->pins.run && tensor->data && !tensor->data->numbers;
}

bool pins_wait(const struct api_exchange *exchange, size_t i)
{
    return waits_for_whole(&exchange->weights, i) ||
           waits_for_run(&exchange->weights, i);
}

static struct wholes_maker maker(const struct api_exchange *exchange,
                                 const struct sow_tensor *tensor,
                                 bool (*stop)(void *argument), void *argument)
{
    return (struct wholes_maker){exchange->api->engine, tensor, stop, argument};
}

/* The run comes last: whoever makes it makes what it needs. */
static void help_run(struct api_exchange *exchange,
                     bool (*stop)(void *argument), void *argument)
{
    struct weights *weights = &exchange->weights;

    if (!weights->pins.run)
        return;
    struct wholes_maker with =
        maker(exchange, &weights->model.stack->run, stop, argument);
    wholes_help(exchange->api->wholes, weights->pins.run, &with);
}

static void help_final(struct api_exchange *exchange,
                       bool (*stop)(void *argument), void *argument)
{
    struct final *final = &exchange->weights.final;

    if (!final->whole)
        return;
    struct wholes_maker with = maker(exchange, &final->end, stop, argument);
    wholes_help(exchange->api->wholes, final->whole, &with);
}

void pins_help(struct api_exchange *exchange, bool (*stop)(void *argument),
               void *argument)
{
    struct pins *pins = &exchange->weights.pins;
    const size_t count = pins->wholes ? exchange->weights.model.count : 0;

    for (size_t i = atomic_load(&pins->next); i < count; i++) {
        struct wholes_maker with = maker(
            exchange, &exchange->weights.model.tensors[i], stop, argument);
        size_t expected = i;
        if (pins->wholes[i] &&
            wholes_help(exchange->api->wholes, pins->wholes[i], &with))
            return;
        atomic_compare_exchange_strong(&pins->next, &expected, i + 1);
    }
    help_final(exchange, stop, argument);
    help_run(exchange, stop, argument);
}

static bool join_whole(struct api_exchange *exchange, size_t i,
                       bool (*stop)(void *argument), void *argument)
{
    struct sow_tensor *tensor = &exchange->weights.model.tensors[i];
    struct wholes_maker with = maker(exchange, tensor, stop, argument);

    tensor->whole = wholes_join(exchange->api->wholes,
                                exchange->weights.pins.wholes[i], &with);
    return tensor->whole;
}

/* Nothing is done with a tensor whose data are no good. */
static bool join_run(struct api_exchange *exchange, size_t i,
                     bool (*stop)(void *argument), void *argument)
{
    struct weights *weights = &exchange->weights;
    struct stack *stack = weights->model.stack;
    struct wholes_maker with = maker(exchange, &stack->run, stop, argument);
    const double *results =
        wholes_join(exchange->api->wholes, weights->pins.run, &with);

    if (results)
        stack_give(stack, i, results);
    return results && !stack_failed(stack, results);
}

bool pins_join(struct api_exchange *exchange, size_t i,
               bool (*stop)(void *argument), void *argument)
{
    const struct weights *weights = &exchange->weights;

    if (waits_for_whole(weights, i) && !join_whole(exchange, i, stop, argument))
        return false;
    return !waits_for_run(weights, i) || join_run(exchange, i, stop, argument);
}
