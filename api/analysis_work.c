/* SPDX-License-Identifier: MIT */
/* Doing an analysis, a scheme at a time. */
#include "analysis_state.h"

#include "analysis_widths.h"
#include "blame.h"
#include "measuring.h"
#include "model.h"

#include <stdlib.h>

/* What a layer's text takes, about. */
#define LAYER_TEXT 1024

/* Layers, of all schemes together, that take a few milliseconds. */
#define BRIEF_LAYERS 64

static size_t layer_count(const struct analysis *analysis)
{
    return analysis->case_count * analysis->parts.count;
}

uint64_t analysis_bytes(const struct analysis *analysis)
{
    const uint64_t layer = sizeof(struct sow_analysis_layer) +
                           sizeof(struct sow_analysis_result) + LAYER_TEXT;
    uint64_t bytes = layer_count(analysis) * layer;

    for (size_t i = 0; i < analysis->case_count; i++)
        bytes += analysis->cases[i].model.count * sizeof(struct sow_tensor);
    return bytes + measuring_bytes(analysis->measuring);
}

bool analysis_is_brief(const struct analysis *analysis)
{
    return !analysis->measuring && layer_count(analysis) <= BRIEF_LAYERS;
}

size_t analysis_units(const struct analysis *analysis)
{
    return analysis->measuring ? measuring_units(analysis->measuring)
                               : analysis->case_count;
}

const struct text *analysis_head(const struct analysis *analysis)
{
    return &analysis->head;
}

size_t analysis_cases(const struct analysis *analysis)
{
    return analysis->case_count;
}

const struct text *analysis_case(const struct analysis *analysis, size_t i)
{
    return &analysis->cases[i].text;
}

/* ------------------------------------------------------------------------
 * A unit
 */

static bool is_stopped(const struct analysis_run *run)
{
    return run->stop && run->stop(run->argument);
}

static enum problem_code refuse(const struct analysis_run *run, size_t i,
                                const char *tensor,
                                const struct sow_error *error)
{
    const struct analysis *analysis = run->analysis;
    const struct place at = {analysis->places, NULL,
                             analysis->parts.parts[i].entry};

    return blame_error(error, &at, tensor, &run->made->problem);
}

void analysis_set_traits(struct sow_analysis_layer *layer,
                         const struct analysis_part *part)
{
    const struct analysis_traits *traits = &part->traits;

    layer->activation = traits->activation;
    layer->parameter = traits->parameter;
    layer->input_norm = traits->input_norm;
    layer->norm = traits->norm;
    layer->keep = traits->keep;
    layer->opens = part->opens;
    layer->closes = traits->branch > 0;
    if (layer->closes)
        layer->alpha = traits->alpha;
}

/* Set layer 'i'; false when it can't be one. */
static bool set_layer(const struct analysis_run *run, size_t i)
{
    const struct analysis_part *part = &run->analysis->parts.parts[i];
    const struct sow_engine *engine = run->analysis->engine;
    const struct sow_tensor *tensors = run->made->model.tensors;
    const struct sow_tensor *weight = &tensors[part->weight];
    struct sow_analysis_layer *layer = &run->layers[i];
    struct sow_error error;

    sow_analysis_layer_init(layer, 1, 1);
    if (sow_analysis_weight(layer, engine, weight, &error)) {
        refuse(run, i, weight->spec.name, &error);
        return false;
    }
    if (part->bias != PART_NONE &&
        sow_analysis_bias(layer, engine, &tensors[part->bias], &error)) {
        refuse(run, i, tensors[part->bias].spec.name, &error);
        return false;
    }
    if (run->analysis->places != &widths_place)
        layer->name = weight->spec.name;
    layer->dtype = weight->spec.dtype;
    analysis_set_traits(layer, part);
    return true;
}

static bool set_layers(const struct analysis_run *run)
{
    for (size_t i = 0; i < run->analysis->parts.count; i++)
        if (is_stopped(run) || !set_layer(run, i))
            return false;
    return true;
}

bool analysis_follow(struct analysis_run *run)
{
    const struct analysis *analysis = run->analysis;
    struct sow_error error;

    if (!set_layers(run))
        return false;
    const enum sow_status status = sow_analysis_run(
        &analysis->input, run->layers, analysis->parts.count, run->results,
        &run->summary, run->stop, run->argument, &error);
    if (status != SOW_OK && status != SOW_STOPPED)
        blame_error(&error, analysis->places, NULL, &run->made->problem);
    return status == SOW_OK;
}

void analysis_write(const struct analysis_run *run,
                    const struct analysis_measured *measured)
{
    const struct analysis_findings findings = {
        &run->analysis->input, run->layers,   run->analysis->parts.count,
        run->results,          &run->summary, measured};
    const struct sow_scheme *scheme = &run->made->scheme;
    struct text *text = &run->made->text;

    *text = (struct text){.grows = true};
    analysis_put(text, scheme->info ? scheme : NULL, &findings);
    if (text->failed)
        problem_no_memory(&run->made->problem);
    else
        run->made->done = true;
}

/* The analysis of a scheme by theory alone. */
static void analyse(struct analysis *analysis, size_t unit,
                    bool (*stop)(void *argument), void *argument)
{
    struct analysis_case *made = &analysis->cases[unit];
    const size_t count = analysis->parts.count;
    struct analysis_run run = {
        .analysis = analysis,
        .made = made,
        .layers = calloc(count, sizeof *run.layers),
        .results = calloc(count, sizeof *run.results),
        .stop = stop,
        .argument = argument,
    };

    if (!run.layers || !run.results)
        problem_no_memory(&made->problem);
    else if (analysis_follow(&run))
        analysis_write(&run, NULL);
    free(run.layers);
    free(run.results);
    model_release(&made->model);
}

void analysis_work(struct analysis *analysis, size_t unit,
                   bool (*stop)(void *argument), void *argument)
{
    if (analysis->measuring)
        measuring_help(analysis->measuring, stop, argument);
    else
        analyse(analysis, unit, stop, argument);
}

enum problem_code analysis_check(const struct analysis *analysis,
                                 struct problem *problem)
{
    for (size_t i = 0; i < analysis->case_count; i++) {
        const struct analysis_case *made = &analysis->cases[i];
        if (made->done)
            continue;
        if (!made->problem.code)
            return problem_set(problem, PROBLEM_INTERNAL, "",
                               "The work on this answer was stopped.");
        *problem = made->problem;
        analysis_blame_scheme(analysis, i, problem);
        return problem->code;
    }
    return PROBLEM_NONE;
}
