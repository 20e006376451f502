/* SPDX-License-Identifier: MIT */
/*
 * From phase to phase and from case to case: what one does while the others
 * wait.
 */
#include "measuring_state.h"

#include "model.h"
#include "notice.h"
#include "pages.h"
#include "recipe.h"

#include <stdio.h>
#include <stdlib.h>

/* Measurements that are long enough to be told of. */
#define LONG_FLOPS 1e11

void measuring_tell(const struct measuring *measuring, enum measuring_news news)
{
    const struct analysis *analysis = measuring->analysis;
    const double seconds = (double)(together_now() - measuring->began) / 1000;
    const double share = (double)measuring->done / (double)measuring->steps;
    const bool done = measuring->at == analysis->case_count;
    char text[NOTICE_BYTES], what[96], schemes[48] = "";

    if (!measuring->api->notice || measuring->flops < LONG_FLOPS ||
        measuring->began == 0)
        return;
    if (analysis->case_count > 1)
        snprintf(schemes, sizeof schemes, " by %zu schemes",
                 analysis->case_count);
    snprintf(what, sizeof what, "%zu layers%s, %u samples",
             analysis->parts.count, schemes, (unsigned)analysis->wish.samples);
    switch (news) {
    case MEASURING_BEGUN:
        snprintf(text, sizeof text, "measuring %s, about %.2g flops", what,
                 measuring->flops);
        break;
    case MEASURING_PROGRESS:
        snprintf(text, sizeof text, "measuring %s: %.0f %% after %.1f s", what,
                 100 * share, seconds);
        break;
    case MEASURING_ENDED:
        snprintf(text, sizeof text, "%s %s after %.1f s",
                 done ? "measured" : "stopped measuring", what, seconds);
        break;
    }
    measuring->api->notice(text);
}

/* ------------------------------------------------------------------------
 * Wholes
 */

static bool fail(struct measuring *measuring, enum problem_code code,
                 const char *detail)
{
    problem_set(&measuring->run.made->problem, code, "", "%s", detail);
    return false;
}

static bool pin(struct measuring *measuring, const struct sow_tensor *tensor,
                struct whole **whole)
{
    struct problem *problem = &measuring->run.made->problem;
    uint8_t key[SOW_DIGEST_BYTES];

    if (recipe_tensor_digest(tensor, key, problem))
        return false;
    switch (wholes_pin(measuring->api->wholes, key, tensor, whole)) {
    case WHOLES_PINNED:
        return true;
    case WHOLES_FULL:
        return fail(measuring, PROBLEM_BUSY,
                    "Other requests hold so much of the memory for what must "
                    "be made as a whole (option --cache-bytes) that this one "
                    "must wait. Try again soon.");
    case WHOLES_NO_MEMORY:
        break;
    }
    problem_no_memory(problem);
    return false;
}

static bool is_needy(const struct sow_tensor *tensor)
{
    return tensor && !tensor->whole && sow_tensor_need(tensor).units > 0;
}

static void let_go_of_whole(struct measuring *measuring)
{
    if (measuring->whole)
        wholes_unpin(measuring->api->wholes, measuring->whole,
                     measuring->tensor);
    measuring->whole = NULL;
    measuring->numbers = NULL;
}

/* ------------------------------------------------------------------------
 * Phases
 */

static enum measuring_stage open_phase(struct measuring *measuring)
{
    const struct sow_measurement *measurement = &measuring->measurement;
    uint32_t left;

    measuring->next = 0;
    measuring->tasks = sow_measurement_tasks(measurement, measuring->phase);
    measuring->left = measuring->tasks;
    measuring->tensor = sow_measurement_tensor(measurement, measuring->phase);
    if (!is_needy(measuring->tensor))
        return MEASURING_TASKS;
    if (!pin(measuring, measuring->tensor, &measuring->whole))
        return MEASURING_OVER;
    measuring->numbers =
        wholes_get(measuring->api->wholes, measuring->whole, &left);
    return measuring->numbers ? MEASURING_TASKS : MEASURING_WHOLE;
}

/* ------------------------------------------------------------------------
 * Cases
 */

static bool make_room(struct measuring *measuring)
{
    const size_t bytes = (size_t)measuring->room + MEASURING_ALIGNMENT;

    if (measuring->block)
        return true;
    measuring->block = malloc(bytes);
    pages_enlarge(measuring->block, bytes);
    if (!measuring->block)
        problem_no_memory(&measuring->run.made->problem);
    return measuring->block;
}

static enum measuring_stage open_case(struct measuring *measuring,
                                      struct measuring_helper *helper)
{
    struct analysis_run *run = &measuring->run;
    struct problem problem;

    if (measuring->began == 0) {
        measuring->began = measuring->told = together_now();
        measuring_tell(measuring, MEASURING_BEGUN);
    }
    if (measuring_set(measuring, measuring->at, &problem)) {
        run->made->problem = problem;
        return MEASURING_OVER;
    }
    measuring->open = true;
    run->stop = measuring_stops;
    run->argument = helper;
    if (!make_room(measuring) || !analysis_follow(run))
        return MEASURING_OVER;
    measuring->phase = 0;
    return open_phase(measuring);
}

/* False when something went wrong. */
static bool close_case(struct measuring *measuring)
{
    struct analysis_case *made = measuring->run.made;
    struct sow_analysis_summary summary;
    const struct analysis_measured measured = {measuring->measured, &summary};

    sow_measurement_result(
        &measuring->measurement, measuring_align(measuring->block),
        measuring->measured, &summary, &measuring->batch.input);
    analysis_write(&measuring->run, &measured);
    model_release(&made->model);
    measuring->open = false;
    measuring->at++;
    return made->done;
}

static enum measuring_stage finish(struct measuring *measuring)
{
    struct analysis *analysis = measuring->analysis;
    struct analysis_case *last = measuring->run.made;

    if (analysis_put_head(&analysis->head, &analysis->input, &measuring->batch))
        return MEASURING_OVER;
    last->done = false;
    problem_no_memory(&last->problem);
    return MEASURING_OVER;
}

enum measuring_stage measuring_go_on(struct measuring *measuring,
                                     struct measuring_helper *helper)
{
    let_go_of_whole(measuring);
    if (measuring->open && ++measuring->phase < measuring->measurement.phases)
        return open_phase(measuring);
    if (measuring->open && !close_case(measuring))
        return MEASURING_OVER;
    if (measuring->at < measuring->analysis->case_count)
        return open_case(measuring, helper);
    return finish(measuring);
}

void measuring_let_go(struct measuring *measuring)
{
    let_go_of_whole(measuring);
    free(measuring->block);
    measuring->block = NULL;
}
