/* SPDX-License-Identifier: MIT */
/*
 * Gradients: value by value, on a chunk of a panel.  They are kept near 1;
 * notes tell the powers of two that they lack.  Only a layer's first task of
 * sow_pass_delta() writes its note, and only tasks of later phases read it.
 */
#include <math.h>

#include "analysis/pass.h"

static struct note *notes_of(const struct work *work)
{
    return (void *)(work->room + work->plan->notes);
}

/* The power of two that is nearest to 'size', or 0 when it has none. */
static int64_t power_of(double size)
{
    return size > 0 && isfinite(size) ? (int64_t)log2(size) : 0;
}

static int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* That of the gradient that the layer gets, as it is stored. */
static int64_t arriving_power(const struct work *work)
{
    const struct plan *plan = work->plan;
    bool top = work->index + 1 == work->m->count;
    const struct slot_back *slots =
        (const void *)(work->room + (top ? plan->output : work->pass[1].land));
    uint64_t values = top ? work->pass->outs : work->pass[1].ins;
    uint64_t count = plan->panels * (top ? 1 : sow_pass_chunks(values));
    double squares = 0;

    for (uint64_t i = 0; i < count; i++)
        squares += slots[i].all;
    return power_of(squares / (double)values / (double)work->m->samples) / 2;
}

/*
 * What the layer's gradient is multiplied by, for the skip and for the layer
 * itself, as powers of two and a factor.
 */
struct factor {
    double alpha;
    int64_t skip, delta;
};

static struct factor factor_of(const struct work *work)
{
    double alpha = work->layer->closes ? work->layer->alpha : 1;
    int64_t power = power_of(fabs(alpha));
    int64_t down = arriving_power(work);

    return (struct factor){ldexp(alpha, (int)-power), down, down + power};
}

/* delta = g phi'(h), and g for the skip. */
enum sow_status sow_pass_delta(const struct work *work)
{
    const struct pass *pass = work->pass;
    struct slot_back *slots = (void *)(work->room + pass->back);
    struct tally_lanes *slot = (void *)(work->room + pass->delta_lanes);
    struct chunk chunk = sow_pass_chunk(work, pass->outs);
    struct factor factor = factor_of(work);
    double scale = ldexp(1, (int)-factor.skip);
    double own[SOW_LANES] = {0};
    struct tally_lanes lanes = {{0}};

    for (uint64_t v = chunk.first; v < chunk.first + chunk.count; v++) {
        const float *g = sow_pass_row(work, work->plan->gradient, pass->outs,
                                      chunk.panel, sow_pass_turn(pass, v));
        float *d = sow_pass_row(work, pass->slope, pass->outs, chunk.panel, v);
        float got[SOW_LANES], skip[SOW_LANES];

        for (size_t lane = 0; lane < SOW_LANES; lane++) {
            skip[lane] = (float)((double)g[lane] * scale);
            got[lane] = (float)((double)skip[lane] * factor.alpha);
            d[lane] *= got[lane];
        }
        sow_squares_add(own, got);
        sow_squares_add(lanes.square, d);
        for (size_t lane = 0; work->layer->closes && lane < SOW_LANES; lane++)
            sow_pass_row(work, work->plan->skip, pass->outs, chunk.panel,
                         v)[lane] = skip[lane];
    }
    slots[work->task].own = sow_lanes_fold(own, chunk.lanes);
    slot[work->task] = lanes;
    if (work->task == 0) {
        struct note *notes = notes_of(work);
        struct note *note = &notes[work->index];

        note->skip = note[1].land + factor.skip;
        note->delta = note->land = note[1].land + factor.delta;
        if (work->layer->opens)
            note->land = larger(note->delta, notes[pass->partner].skip);
    }
    return SOW_OK;
}

/* Two to a power that is 0 or less. */
static float shrink(int64_t power)
{
    return power < -400 ? 0 : (float)ldexp(1, (int)power);
}

/*
 * The gradient of what enters, with what came over the skip; both are brought
 * to the larger of their powers.
 */
enum sow_status sow_pass_land(const struct work *work)
{
    const struct pass *pass = work->pass;
    const struct note *notes = notes_of(work);
    struct slot_back *slots = (void *)(work->room + pass->land);
    struct chunk chunk = sow_pass_chunk(work, pass->ins);
    int64_t more = notes[pass->partner].skip - notes[work->index].delta;
    double own[SOW_LANES] = {0}, all[SOW_LANES] = {0};
    bool opens = work->layer->opens;

    for (uint64_t v = chunk.first; v < chunk.first + chunk.count; v++) {
        float *g =
            sow_pass_row(work, work->plan->gradient, pass->ins, chunk.panel, v);
        const float *skip = opens ? sow_pass_row(work, work->plan->skip,
                                                 pass->ins, chunk.panel, v)
                                  : NULL;

        sow_squares_add(own, g);
        for (size_t lane = 0; opens && lane < SOW_LANES; lane++)
            g[lane] = g[lane] * shrink(more > 0 ? -more : 0) +
                      skip[lane] * shrink(more < 0 ? more : 0);
        sow_squares_add(all, g);
    }
    slots[work->task] = (struct slot_back){sow_lanes_fold(own, chunk.lanes),
                                           sow_lanes_fold(all, chunk.lanes)};
    return SOW_OK;
}

/* Count the squares of a region, lane by lane. */
static enum sow_status count(const struct work *work, uint64_t region,
                             uint64_t values, uint64_t slots)
{
    struct chunk chunk = sow_pass_chunk(work, values);
    struct tally_lanes lanes = {{0}};

    for (size_t v = 0; v < chunk.count; v++)
        sow_squares_add(
            lanes.square,
            sow_pass_row(work, region, values, chunk.panel, chunk.first + v));
    ((struct tally_lanes *)(void *)(work->room + slots))[work->task] = lanes;
    return SOW_OK;
}

enum sow_status sow_pass_fed(const struct work *work)
{
    return count(work, work->pass->fed, work->pass->ins, work->pass->fed_lanes);
}

enum sow_status sow_pass_weigh(const struct work *work)
{
    return count(work, work->pass->slope, work->pass->outs,
                 work->pass->delta_lanes);
}
