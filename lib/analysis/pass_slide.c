/* SPDX-License-Identifier: MIT */
/*
 * Products with a weight that slides over positions, or that goes by groups;
 * it is kept, as [tap][output][input].
 */
#include <string.h>

#include "analysis/pass.h"

/* About the products that a task of the forward pass makes. */
#define TASK_PRODUCTS (UINT64_C(1) << 22)

/* Input channels of a task of the backward pass. */
#define CHANNELS 96

/* Output channels of a task of the weight's gradient, and pairs at a time. */
#define OUTPUTS 16
#define PAIRS 256

/* Output channels of a group. */
static uint64_t group_of(const struct pass *pass)
{
    return pass->step.out.channels / pass->step.stage->groups;
}

static const float *weights_of(const struct work *work, uint64_t tap,
                               uint64_t output)
{
    const struct pass *pass = work->pass;

    return (const float *)(const void *)(work->room + work->plan->weights) +
           (tap * pass->step.out.channels + output) * pass->stride;
}

/* ------------------------------------------------------------------------
 * Forward
 */

static uint64_t positions_of_task(const struct pass *pass)
{
    double each = (double)pass->step.out.channels * (double)pass->step.inputs *
                  (double)pass->step.taps * SOW_LANES;

    return each < (double)TASK_PRODUCTS
               ? (uint64_t)((double)TASK_PRODUCTS / each)
               : 1;
}

static uint64_t pieces(uint64_t n, uint64_t each)
{
    return (n + each - 1) / each;
}

uint64_t sow_slide_tasks(const struct plan *plan, const struct pass *pass)
{
    return plan->panels * pieces(sow_stage_positions(&pass->step.out),
                                 positions_of_task(pass));
}

static void begin(const struct work *work, float *to)
{
    const float *bias = (const float *)(void *)(work->room + work->pass->bias);
    bool has = work->pass->step.stage->bias != NULL;

    for (uint64_t unit = 0; unit < work->pass->step.out.channels; unit++)
        for (size_t lane = 0; lane < SOW_LANES; lane++)
            *to++ = has ? bias[unit] : 0;
}

/* All outputs of position 'at'. */
static void slide(const struct work *work, uint64_t panel, uint64_t at)
{
    const struct pass *pass = work->pass;
    const struct step *step = &pass->step;
    uint64_t each = group_of(pass);
    float *to = sow_pass_row(work, pass->hidden, pass->outs, panel,
                             at * step->out.channels);

    begin(work, to);
    for (uint64_t tap = 0; tap < step->taps; tap++) {
        const float *from;
        uint64_t where;

        if (!sow_stage_look(step, at, tap, &where))
            continue;
        from = sow_pass_row(work, pass->fed, pass->ins, panel,
                            where * step->in.channels);
        for (uint64_t g = 0; g < step->stage->groups; g++)
            work->engine->measure_rows(weights_of(work, tap, g * each),
                                       pass->stride, each,
                                       from + g * step->inputs * SOW_LANES,
                                       step->inputs, to + g * each * SOW_LANES);
    }
}

enum sow_status sow_pass_slide(const struct work *work)
{
    uint64_t positions = sow_stage_positions(&work->pass->step.out);
    uint64_t each = positions_of_task(work->pass);
    uint64_t tasks = pieces(positions, each);
    uint64_t at = work->task % tasks * each;
    uint64_t last = positions - at < each ? positions : at + each;

    for (; at < last; at++) {
        if (sow_pass_stops(work))
            return SOW_STOPPED;
        slide(work, work->task / tasks, at);
    }
    return SOW_OK;
}

/* ------------------------------------------------------------------------
 * Backward: what a task adds to are some channels of one group of inputs
 */

uint64_t sow_slide_back_tasks(const struct plan *plan, const struct pass *pass)
{
    return plan->panels * pass->step.stage->groups *
           pieces(pass->step.inputs, CHANNELS);
}

static void clear(const struct work *work, uint64_t panel, uint64_t channel,
                  uint64_t channels)
{
    const struct step *step = &work->pass->step;

    for (uint64_t at = 0; at < sow_stage_positions(&step->in); at++)
        memset(sow_pass_row(work, work->plan->gradient, work->pass->ins, panel,
                            at * step->in.channels + channel),
               0, channels * SOW_LANES * sizeof(float));
}

/* The gradient of position 'at', on to inputs [first, first + n) of 'group'. */
static void slide_back(const struct work *work, uint64_t panel, uint64_t group,
                       uint64_t first, uint64_t n, uint64_t at)
{
    const struct pass *pass = work->pass;
    const struct step *step = &pass->step;
    uint64_t each = group_of(pass);
    const float *from = sow_pass_row(work, pass->slope, pass->outs, panel,
                                     at * step->out.channels + group * each);

    for (uint64_t tap = 0; tap < step->taps; tap++) {
        uint64_t where;

        if (!sow_stage_look(step, at, tap, &where))
            continue;
        work->engine->measure_columns(
            weights_of(work, tap, group * each) + first, pass->stride, each,
            from, n,
            sow_pass_row(work, work->plan->gradient, pass->ins, panel,
                         where * step->in.channels + group * step->inputs +
                             first));
    }
}

enum sow_status sow_pass_slide_back(const struct work *work)
{
    const struct step *step = &work->pass->step;
    uint64_t parts = pieces(step->inputs, CHANNELS);
    uint64_t first = work->task % parts * CHANNELS;
    uint64_t n =
        step->inputs - first < CHANNELS ? step->inputs - first : CHANNELS;
    uint64_t group = work->task / parts % step->stage->groups;
    uint64_t panel = work->task / parts / step->stage->groups;

    clear(work, panel, group * step->inputs + first, n);
    for (uint64_t at = 0; at < sow_stage_positions(&step->out); at++) {
        if (sow_pass_stops(work))
            return SOW_STOPPED;
        slide_back(work, panel, group, first, n, at);
    }
    return SOW_OK;
}

/* ------------------------------------------------------------------------
 * The gradient of the weight, sample by sample
 */

/* Some outputs of one tap, with all inputs of their group. */
struct share {
    uint64_t panel, tap, group, first;
    size_t rows;
};

static uint64_t shares_of_group(const struct pass *pass)
{
    return pieces(group_of(pass), OUTPUTS);
}

uint64_t sow_slide_gradient_tasks(const struct plan *plan,
                                  const struct pass *pass)
{
    return plan->panels * pass->step.taps * pass->step.stage->groups *
           shares_of_group(pass);
}

static struct share share_of(const struct work *work)
{
    const struct pass *pass = work->pass;
    uint64_t task = work->task;
    uint64_t first = task % shares_of_group(pass) * OUTPUTS;
    uint64_t left = group_of(pass) - first;
    struct share share = {.first = first,
                          .rows = left < OUTPUTS ? (size_t)left : OUTPUTS};

    task /= shares_of_group(pass);
    share.group = task % pass->step.stage->groups;
    task /= pass->step.stage->groups;
    share.tap = task % pass->step.taps;
    share.panel = task / pass->step.taps;
    return share;
}

uint64_t sow_slide_scratch(const struct pass *pass)
{
    uint64_t sums = OUTPUTS * pass->step.inputs * SOW_LANES * sizeof(float);
    uint64_t raw = PASS_RAW * (sizeof(float) + sizeof(double));

    return sums > raw ? sums : raw;
}

/* The positions from '*at' on, PAIRS at most, whose tap sees an input. */
static size_t gather(const struct pass *pass, uint64_t tap, uint64_t *at,
                     size_t *d_at, size_t *x_at)
{
    const struct step *step = &pass->step;
    size_t count = 0;

    for (; *at < sow_stage_positions(&step->out) && count < PAIRS; ++*at) {
        uint64_t where;

        if (!sow_stage_look(step, *at, tap, &where))
            continue;
        d_at[count] = *at * step->out.channels * SOW_LANES;
        x_at[count++] = where * step->in.channels * SOW_LANES;
    }
    return count;
}

static double squares(const float *sums, uint64_t n, size_t lanes)
{
    double total = 0;

    for (uint64_t i = 0; i < n; i++)
        for (size_t lane = 0; lane < lanes; lane++)
            total += (double)sums[i * SOW_LANES + lane] *
                     (double)sums[i * SOW_LANES + lane];
    return total;
}

enum sow_status sow_pass_gradient(const struct work *work)
{
    const struct pass *pass = work->pass;
    const struct step *step = &pass->step;
    struct share share = share_of(work);
    uint64_t n = share.rows * step->inputs;
    size_t d_at[PAIRS], x_at[PAIRS];
    struct sow_outer outer = {d_at, x_at, 0, share.rows, step->inputs};
    const float *d = sow_pass_row(work, pass->slope, pass->outs, share.panel,
                                  share.group * group_of(pass) + share.first);
    const float *x = sow_pass_row(work, pass->fed, pass->ins, share.panel,
                                  share.group * step->inputs);
    double *slots = (double *)(void *)(work->room + pass->gradient);
    float *sums = work->scratch;

    memset(sums, 0, n * SOW_LANES * sizeof *sums);
    for (uint64_t at = 0; at < sow_stage_positions(&step->out);) {
        if (sow_pass_stops(work))
            return SOW_STOPPED;
        outer.count = gather(pass, share.tap, &at, d_at, x_at);
        work->engine->measure_outer(&outer, d, x, sums);
    }
    slots[work->task] = squares(sums, n, sow_pass_lanes(work, share.panel));
    return SOW_OK;
}
