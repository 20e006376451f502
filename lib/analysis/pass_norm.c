/* SPDX-License-Identifier: MIT */
/*
 * Norms.  Of each group of values that is normalized together the inverse
 * deviation is kept: for a layer or rms norm of each position and sample, for
 * a batch norm of each unit.  With x^ the values after the norm, i the inverse
 * deviation and d their gradient, the gradient before it is
 *
 *     i (d - mean(d) - x^ mean(d x^)),
 *
 * without mean(d) for an rms norm.
 */
#include <math.h>

#include "analysis/pass.h"

#define EPSILON 1e-5

/* Units of a batch norm that a task takes. */
#define UNITS 16

/* A norm: its values before, after, and their gradient. */
struct norm {
    enum sow_analysis_norm kind;
    const struct flow *flow;
    uint64_t from, to, inverse;
    uint64_t gradient;
    double *divisors; /* a slot for each task */
};

static struct norm norm_in(const struct work *work)
{
    const struct pass *pass = work->pass;

    return (struct norm){work->layer->input_norm,
                         &pass->step.in,
                         pass->entered,
                         pass->fed,
                         pass->inverse_in,
                         work->plan->gradient,
                         (double *)(void *)(work->room + pass->norm_in)};
}

static struct norm norm_out(const struct work *work)
{
    const struct pass *pass = work->pass;

    return (struct norm){work->layer->norm,
                         &pass->step.out,
                         pass->hidden,
                         pass->hidden,
                         pass->inverse_out,
                         pass->slope,
                         (double *)(void *)(work->room + pass->norm_out)};
}

/* ------------------------------------------------------------------------
 * Tasks: some positions of a panel, or some units
 */

static uint64_t positions_of_task(const struct flow *flow)
{
    return flow->channels < PASS_CHUNK ? PASS_CHUNK / flow->channels : 1;
}

uint64_t sow_norm_tasks(const struct plan *plan, const struct flow *flow,
                        enum sow_analysis_norm norm)
{
    uint64_t each = positions_of_task(flow);

    if (norm == SOW_NORM_NONE)
        return 0;
    if (norm == SOW_NORM_BATCH)
        return (flow->channels + UNITS - 1) / UNITS;
    return plan->panels * ((sow_stage_positions(flow) + each - 1) / each);
}

/*
 * The values that are normalized together: row 'first' and 'count' - 1 others,
 * 'step' apart, of each panel from 'panel' to 'last'.  'shared' says that so
 * are the lanes.
 */
struct together {
    uint64_t panel, last, first, count, step;
    bool shared;
    uint64_t inverse; /* the index of its inverse deviation */
};

typedef void each(const struct work *work, const struct norm *norm,
                  const struct together *together);

static void each_unit(const struct work *work, const struct norm *norm,
                      each *act)
{
    uint64_t channels = norm->flow->channels;
    uint64_t unit = work->task * UNITS;
    uint64_t last = channels - unit < UNITS ? channels : unit + UNITS;

    for (; unit < last; unit++)
        act(work, norm,
            &(struct together){0, work->plan->panels, unit,
                               sow_stage_positions(norm->flow), channels, true,
                               unit});
}

static void each_position(const struct work *work, const struct norm *norm,
                          each *act)
{
    uint64_t channels = norm->flow->channels;
    uint64_t positions = sow_stage_positions(norm->flow);
    uint64_t some = positions_of_task(norm->flow);
    uint64_t tasks = (positions + some - 1) / some;
    uint64_t panel = work->task / tasks;
    uint64_t at = work->task % tasks * some;
    uint64_t last = positions - at < some ? positions : at + some;

    for (; at < last; at++)
        act(work, norm,
            &(struct together){panel, panel + 1, at * channels, channels, 1,
                               false, (panel * positions + at) * SOW_LANES});
}

static enum sow_status for_each(const struct work *work,
                                const struct norm *norm, each *act)
{
    (norm->kind == SOW_NORM_BATCH ? each_unit : each_position)(work, norm, act);
    return SOW_OK;
}

/* ------------------------------------------------------------------------
 * Means
 */

/*
 * Sums, lane by lane: of 'a', or with 'b' of their products.  Lanes that don't
 * count give 0 where lanes are shared, and all then have the sum of all.
 */
static void sum(const struct work *work, const struct together *t,
                uint64_t values, const uint64_t regions[2], bool products,
                double sums[SOW_LANES])
{
    double total = 0;

    for (size_t lane = 0; lane < SOW_LANES; lane++)
        sums[lane] = 0;
    for (uint64_t panel = t->panel; panel < t->last; panel++) {
        size_t lanes = t->shared ? sow_pass_lanes(work, panel) : SOW_LANES;

        for (uint64_t i = 0; i < t->count; i++) {
            uint64_t v = t->first + i * t->step;
            const float *a = sow_pass_row(work, regions[0], values, panel, v);
            const float *b = sow_pass_row(work, regions[1], values, panel, v);

            for (size_t lane = 0; lane < lanes; lane++)
                sums[lane] += products ? (double)a[lane] * (double)b[lane]
                                       : (double)a[lane];
        }
    }
    for (size_t lane = 0; lane < SOW_LANES; lane++)
        total += sums[lane];
    for (size_t lane = 0; t->shared && lane < SOW_LANES; lane++)
        sums[lane] = total;
}

static double terms(const struct work *work, const struct together *t)
{
    return (double)t->count * (t->shared ? (double)work->m->samples : 1);
}

static void mean(const struct work *work, const struct together *t,
                 uint64_t values, const uint64_t regions[2], bool products,
                 double means[SOW_LANES])
{
    sum(work, t, values, regions, products, means);
    for (size_t lane = 0; lane < SOW_LANES; lane++)
        means[lane] /= terms(work, t);
}

static float *inverse_of(const struct work *work, const struct norm *norm,
                         const struct together *t)
{
    return (float *)(void *)(work->room + norm->inverse) + t->inverse;
}

/* ------------------------------------------------------------------------
 * Forward
 */

/* to = from - means, on all rows. */
static void shift(const struct work *work, const struct norm *norm,
                  const struct together *t, const double means[SOW_LANES])
{
    uint64_t values = sow_stage_values(norm->flow);

    for (uint64_t panel = t->panel; panel < t->last; panel++)
        for (uint64_t i = 0; i < t->count; i++) {
            uint64_t v = t->first + i * t->step;
            const float *from =
                sow_pass_row(work, norm->from, values, panel, v);
            float *to = sow_pass_row(work, norm->to, values, panel, v);

            for (size_t lane = 0; lane < SOW_LANES; lane++)
                to[lane] = (float)((double)from[lane] - means[lane]);
        }
}

static void scale(const struct work *work, const struct norm *norm,
                  const struct together *t, const float inverse[SOW_LANES])
{
    uint64_t values = sow_stage_values(norm->flow);

    for (uint64_t panel = t->panel; panel < t->last; panel++)
        for (uint64_t i = 0; i < t->count; i++) {
            float *to = sow_pass_row(work, norm->to, values, panel,
                                     t->first + i * t->step);

            for (size_t lane = 0; lane < SOW_LANES; lane++)
                to[lane] *= inverse[lane];
        }
}

/* The sum over what counts of the divisor, squared, goes to the slot. */
static void normalize(const struct work *work, const struct norm *norm,
                      const struct together *t)
{
    uint64_t values = sow_stage_values(norm->flow);
    size_t lanes = t->shared ? 1 : sow_pass_lanes(work, t->panel);
    double means[SOW_LANES] = {0}, squares[SOW_LANES];
    float inverse[SOW_LANES];

    if (norm->kind != SOW_NORM_RMS)
        mean(work, t, values, (uint64_t[2]){norm->from, norm->from}, false,
             means);
    shift(work, norm, t, means);
    mean(work, t, values, (uint64_t[2]){norm->to, norm->to}, true, squares);
    for (size_t lane = 0; lane < SOW_LANES; lane++) {
        double by = squares[lane] + EPSILON;

        inverse[lane] = (float)(1 / sqrt(by));
        if (lane < lanes)
            norm->divisors[work->task] += by;
    }
    scale(work, norm, t, inverse);
    for (size_t lane = 0; lane < (t->shared ? 1 : SOW_LANES); lane++)
        inverse_of(work, norm, t)[lane] = inverse[lane];
}

static enum sow_status forward(const struct work *work, const struct norm *norm)
{
    norm->divisors[work->task] = 0;
    return for_each(work, norm, normalize);
}

enum sow_status sow_pass_norm_in(const struct work *work)
{
    struct norm norm = norm_in(work);

    return forward(work, &norm);
}

enum sow_status sow_pass_norm_out(const struct work *work)
{
    struct norm norm = norm_out(work);

    return forward(work, &norm);
}

/* ------------------------------------------------------------------------
 * Backward
 */

static void combine(const struct work *work, const struct norm *norm,
                    const struct together *t, const double means[SOW_LANES],
                    const double products[SOW_LANES])
{
    uint64_t values = sow_stage_values(norm->flow);
    const float *inverse = inverse_of(work, norm, t);

    for (uint64_t panel = t->panel; panel < t->last; panel++)
        for (uint64_t i = 0; i < t->count; i++) {
            uint64_t v = t->first + i * t->step;
            const float *hat = sow_pass_row(work, norm->to, values, panel, v);
            float *d = sow_pass_row(work, norm->gradient, values, panel, v);

            for (size_t lane = 0; lane < SOW_LANES; lane++)
                d[lane] = (float)((double)inverse[t->shared ? 0 : lane] *
                                  ((double)d[lane] - means[lane] -
                                   (double)hat[lane] * products[lane]));
        }
}

static void differentiate(const struct work *work, const struct norm *norm,
                          const struct together *t)
{
    uint64_t values = sow_stage_values(norm->flow);
    const uint64_t regions[2] = {norm->gradient, norm->to};
    double means[SOW_LANES] = {0}, products[SOW_LANES];

    if (norm->kind != SOW_NORM_RMS)
        mean(work, t, values, regions, false, means);
    mean(work, t, values, regions, true, products);
    combine(work, norm, t, means, products);
}

enum sow_status sow_pass_norm_in_back(const struct work *work)
{
    struct norm norm = norm_in(work);

    return for_each(work, &norm, differentiate);
}

enum sow_status sow_pass_norm_out_back(const struct work *work)
{
    struct norm norm = norm_out(work);

    return for_each(work, &norm, differentiate);
}
