/* SPDX-License-Identifier: MIT */
/* Planning a measurement: what is measured, and what it costs. */
#include "measuring_state.h"

#include "blame.h"
#include "fields.h"
#include "states.h"
#include "tape.h"
#include "utf8.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const struct place at_measure = {&place_document, "measure", 0};
static const struct place at_input = {&place_document, "input", 0};
static const struct place at_shape = {&at_input, "shape", 0};
static const struct place at_batch = {&at_input, "batch", 0};

/* ------------------------------------------------------------------------
 * What is measured
 */

static struct place place_of(const struct measuring *measuring, size_t i)
{
    const struct analysis *analysis = measuring->analysis;

    return (struct place){analysis->places, NULL,
                          analysis->parts.parts[i].entry};
}

/* A weight as it is measured has inputs, outputs and a kernel. */
static const char *fault_of(const struct sow_tensor *weight,
                            const struct slide *slide)
{
    const struct sow_axes *axes = &weight->spec.axes;

    if (weight->elements == 0)
        return "has no elements: let all its dimensions be 1 at least";
    if (!axes->in || !axes->out || axes->in & axes->out || axes->batch)
        return "has axes that are no inputs, outputs or a kernel's: a "
               "measurement takes a dense layer's or a convolution's";
    if (slide && slide->spatial > SOW_MAX_SPATIAL)
        return "has a kernel of more than 3 axes, which is not measured";
    return NULL;
}

static void set_slide(struct sow_stage *stage, const struct slide *slide)
{
    stage->spatial = slide->spatial;
    stage->groups = slide->groups;
    memcpy(stage->stride, slide->stride, sizeof stage->stride);
    memcpy(stage->padding, slide->padding, sizeof stage->padding);
    memcpy(stage->dilation, slide->dilation, sizeof stage->dilation);
}

static enum problem_code set_stage(struct measuring *measuring, size_t i,
                                   struct problem *problem)
{
    const struct analysis_parts *parts = &measuring->analysis->parts;
    const struct analysis_part *part = &parts->parts[i];
    const struct slide *slide = parts->slides ? &parts->slides[i] : NULL;
    const struct sow_tensor *tensors = measuring->run.made->model.tensors;
    const struct sow_tensor *weight = &tensors[part->weight];
    const struct place at = place_of(measuring, i);
    const char *fault = fault_of(weight, slide);
    struct sow_stage *stage = &measuring->stages[i];

    if (fault)
        return problem_set(problem, PROBLEM_BAD_SHAPE, place_text(&at).text,
                           "'%s' %s.", utf8_quote(weight->spec.name).text,
                           fault);
    *stage = (struct sow_stage){.weight = weight, .groups = 1};
    if (part->bias != PART_NONE)
        stage->bias = &tensors[part->bias];
    if (slide)
        set_slide(stage, slide);
    sow_analysis_layer_init(&measuring->run.layers[i], 1, 1);
    analysis_set_traits(&measuring->run.layers[i], part);
    return PROBLEM_NONE;
}

/* The shape of a sample: as told, or what a dense layer takes. */
static enum problem_code find_shape(const struct measuring *measuring,
                                    struct sow_shape *shape,
                                    struct problem *problem)
{
    const struct measure_wish *wish = &measuring->analysis->wish;
    const struct sow_stage *first = &measuring->stages[0];
    const struct sow_tensor *weight =
        &measuring->run.made->model
             .tensors[measuring->analysis->parts.parts[0].weight];

    *shape = wish->shape;
    if (shape->rank > 0)
        return PROBLEM_NONE;
    *shape = (struct sow_shape){1, {parts_width(weight, weight->spec.axes.in)}};
    if (first->spatial == 0)
        return PROBLEM_NONE;
    return problem_set(problem, PROBLEM_MISSING_FIELD,
                       place_text(&at_shape).text,
                       "'shape' is missing: the first layer is a convolution, "
                       "so say what a sample is, such as [%" PRIu64
                       "%s] with the channels first.",
                       shape->dims[0] * first->groups,
                       first->spatial == 1   ? ", 128"
                       : first->spatial == 2 ? ", 32, 32"
                                             : ", 16, 32, 32");
}

/* What the library has against it, where the request says that. */
static enum problem_code refuse(const struct measuring *measuring,
                                const struct sow_error *error,
                                struct problem *problem)
{
    const struct analysis *analysis = measuring->analysis;
    const bool sample = strcmp(error->at, at_shape.key) == 0;
    char *end;
    const size_t i = strtoul(error->at, &end, 10);
    struct place at = *analysis->places;

    if (end != error->at && *end == '\0' && i < analysis->parts.count)
        at = place_of(measuring, i);
    else if (strcmp(error->at, "room") == 0)
        at = at_measure;
    else if (!sample)
        return blame_error(error, &at, NULL, problem);
    else if (analysis->wish.shape.rank > 0)
        at = analysis->wish.batch.values ? at_batch : at_shape;
    return problem_set(problem, blame_code(error->status), place_text(&at).text,
                       "%s%s.", error->text,
                       sample ? ": let a sample be what the first layer takes"
                              : "");
}

enum problem_code measuring_set(struct measuring *measuring, size_t i,
                                struct problem *problem)
{
    struct analysis *analysis = measuring->analysis;
    struct sow_measurement *measurement = &measuring->measurement;
    struct sow_error error;

    measuring->run.made = &analysis->cases[i];
    for (size_t k = 0; k < analysis->parts.count; k++)
        if (set_stage(measuring, k, problem))
            return problem->code;
    *measurement = (struct sow_measurement){
        .layers = measuring->run.layers,
        .stages = measuring->stages,
        .count = analysis->parts.count,
        .input = analysis->input,
        .samples = analysis->wish.samples,
        .batch = analysis->wish.batch.values,
        .seed = analysis->seed,
        .plan = measuring->plan,
    };
    if (find_shape(measuring, &measurement->shape, problem))
        return problem->code;
    if (sow_measurement_init(measurement, &error))
        return refuse(measuring, &error, problem);
    return PROBLEM_NONE;
}

/* ------------------------------------------------------------------------
 * What it costs
 */

/* What the least of steps costs: the time that handing it out takes. */
#define FLOPS_OF_STEP 1e5

/*
 * What the wholes of a case take together.  Turns are drawn once for all that
 * come after them: 'reached' is up to the last.
 */
struct sum {
    double flops, reached;
    uint64_t units;
    uint64_t largest; /* of one, in bytes */
};

static void add_whole(struct sum *sum, const struct sow_tensor *tensor)
{
    const struct sow_need need = sow_tensor_need(tensor);
    const double drawn = sow_tensor_is_turn(tensor) ? need.flops : 0;
    const uint64_t bytes = wholes_bytes(tensor);

    sum->flops += need.flops - drawn;
    sum->units += need.units;
    if (need.before + drawn > sum->reached)
        sum->reached = need.before + drawn;
    if (bytes > sum->largest)
        sum->largest = bytes;
}

static enum problem_code check_wholes(const struct measuring *measuring,
                                      const struct sum *sum,
                                      struct problem *problem)
{
    const uint64_t limit = measuring->api->limits.cache_bytes;

    if (sum->largest <= limit)
        return PROBLEM_NONE;
    return problem_set(problem, PROBLEM_WHOLE_TOO_LARGE,
                       place_text(&at_measure).text,
                       "What must be made as a whole may take %" PRIu64
                       " bytes of memory at a time (option --cache-bytes); for "
                       "a layer here it would be %" PRIu64
                       ". Leave 'measure' out, or choose a smaller layer.",
                       limit, sum->largest);
}

/* Add up case 'i', which has been set. */
static enum problem_code add_case(struct measuring *measuring,
                                  struct problem *problem)
{
    const struct sow_measurement *measurement = &measuring->measurement;
    struct sum sum = {0};
    uint64_t steps = 0;

    for (size_t phase = 0; phase < measurement->phases; phase++) {
        const struct sow_tensor *tensor =
            sow_measurement_tensor(measurement, phase);
        steps += sow_measurement_tasks(measurement, phase);
        if (tensor)
            add_whole(&sum, tensor);
    }
    measuring->steps += steps + sum.units;
    measuring->batch.flops += measurement->flops;
    measuring->flops += measurement->flops + sum.flops + sum.reached +
                        FLOPS_OF_STEP * (double)(steps + sum.units);
    if (measurement->room > measuring->room)
        measuring->room = measurement->room;
    if (measurement->scratch > measuring->scratch)
        measuring->scratch = measurement->scratch;
    return check_wholes(measuring, &sum, problem);
}

static enum problem_code check_cost(const struct measuring *measuring,
                                    struct problem *problem)
{
    const double limit = (double)measuring->api->limits.max_flops;

    if (measuring->flops <= limit)
        return PROBLEM_NONE;
    return problem_set(problem, PROBLEM_COST_LIMIT,
                       place_text(&at_measure).text,
                       "A request may cost %.3g floating-point operations "
                       "(option --max-flops); measuring this is estimated to "
                       "cost %.3g. Measure fewer samples, or a smaller stack.",
                       limit, measuring->flops);
}

/* Half of what there is for all, so that a request leaves room for others. */
static enum problem_code check_memory(const struct measuring *measuring,
                                      struct problem *problem)
{
    const uint64_t cache = measuring->api->limits.cache_bytes;
    const uint64_t room = measuring->api->room.limit;
    const uint64_t limit = (cache <= room ? cache : room) / 2;
    const uint64_t bytes = measuring->room + measuring->scratch;

    if (bytes <= limit)
        return PROBLEM_NONE;
    return problem_set(
        problem, PROBLEM_COST_LIMIT, place_text(&at_measure).text,
        "A measurement may take %" PRIu64
        " bytes of memory, half of %s; here it would be %" PRIu64
        ". Measure fewer samples, or a smaller stack.",
        limit,
        cache <= room ? "option --cache-bytes"
                      : "the room that all requests share, which "
                        "grows with option --max-layers",
        bytes);
}

/* ------------------------------------------------------------------------
 * From birth to death
 */

static enum problem_code plan(struct measuring *measuring,
                              struct problem *problem)
{
    struct analysis *analysis = measuring->analysis;

    for (size_t i = 0; i < analysis->case_count; i++) {
        tape_remember(analysis->cases[i].model.tape,
                      states_memory(measuring->api->states));
        if (measuring_set(measuring, i, problem) ||
            add_case(measuring, problem))
            return problem->code;
    }
    measuring->units = measuring->steps < MEASURING_UNITS
                           ? (size_t)measuring->steps
                           : MEASURING_UNITS;
    measuring->share = measuring->steps / measuring->units + 1;
    measuring->batch.samples = analysis->wish.samples;
    if (check_cost(measuring, problem))
        return problem->code;
    return check_memory(measuring, problem);
}

static bool allocate(struct measuring *measuring)
{
    const size_t count = measuring->analysis->parts.count;
    struct analysis_run *run = &measuring->run;

    run->analysis = measuring->analysis;
    run->layers = calloc(count, sizeof *run->layers);
    run->results = calloc(count, sizeof *run->results);
    measuring->stages = calloc(count, sizeof *measuring->stages);
    measuring->measured = calloc(count, sizeof *measuring->measured);
    measuring->plan = malloc(sow_measurement_plan(count));
    return run->layers && run->results && measuring->stages &&
           measuring->measured && measuring->plan;
}

enum problem_code measuring_new(struct measuring **measuring,
                                struct analysis *analysis, struct api *api,
                                struct problem *problem)
{
    struct measuring *made = calloc(1, sizeof *made);

    if (!made || !together_init(&made->lock, &made->changed)) {
        free(made);
        return problem_no_memory(problem);
    }
    made->api = api;
    made->analysis = analysis;
    atomic_init(&made->over, false);
    const enum problem_code code =
        allocate(made) ? plan(made, problem) : problem_no_memory(problem);
    if (code)
        measuring_free(made);
    else
        *measuring = made;
    return code;
}

void measuring_free(struct measuring *measuring)
{
    if (!measuring)
        return;
    measuring_let_go(measuring);
    free(measuring->run.layers);
    free(measuring->run.results);
    free(measuring->stages);
    free(measuring->measured);
    free(measuring->plan);
    pthread_cond_destroy(&measuring->changed);
    pthread_mutex_destroy(&measuring->lock);
    free(measuring);
}

uint64_t measuring_bytes(const struct measuring *measuring)
{
    if (!measuring)
        return 0;
    const struct analysis *analysis = measuring->analysis;
    const size_t count = analysis->parts.count;
    const uint64_t layer = sizeof *measuring->stages +
                           sizeof *measuring->measured + sizeof(struct slide);
    uint64_t numbers = analysis->wish.batch.values ? analysis->wish.samples : 0;

    for (uint32_t i = 0; i < analysis->wish.shape.rank; i++)
        numbers *= analysis->wish.shape.dims[i];
    return measuring->room + measuring->units * measuring->scratch +
           count * layer + sow_measurement_plan(count) +
           numbers * sizeof(double);
}

size_t measuring_units(const struct measuring *measuring)
{
    return measuring->units;
}
