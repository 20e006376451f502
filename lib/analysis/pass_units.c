/* SPDX-License-Identifier: MIT */
/* Activations, dropout and the skip: value by value, on a chunk of a panel. */
#include <math.h>
#include <stdio.h>

#include "analysis/pass.h"
#include "draw.h"
#include "generators/sow1.h"

/* Values that go through an activation at a time. */
#define SOME 32

/* Some values on their way, and what is counted on it. */
struct active {
    struct chunk chunk;
    struct sow_phi phi;
    struct sow_stream dropped;
    double scale;   /* what dropout multiplies by; 0 when there is none */
    uint64_t least; /* words below it are kept */
    uint64_t to;    /* where the next layer has what enters it */
    float values[SOME][SOW_LANES], slopes[SOME][SOW_LANES];
    struct gauge hidden, leaving;
    double own[SOW_LANES];
    double slope[SOW_LANES], slope_square[SOW_LANES], inactive[SOW_LANES];
    float most[SOW_LANES]; /* of values before dropout */
    unsigned alive[SOW_LANES];
};

static void begin(struct active *a, const struct work *work)
{
    char name[24];

    *a = (struct active){.chunk = sow_pass_chunk(work, work->pass->outs),
                         .phi = sow_phi_of(work->layer->activation,
                                           work->layer->parameter, false),
                         .to = work->index + 1 < work->m->count
                                   ? work->pass[1].entered
                                   : work->plan->transient};
    if (work->layer->keep >= 1)
        return;
    a->scale = 1 / work->layer->keep;
    a->least = (uint64_t)ceil(work->layer->keep * 0x1p32);
    snprintf(name, sizeof name, "%zu", work->index);
    sow1_stream(work->m->seed, "measure dropout", name, &a->dropped);
}

static void count_hidden(struct active *a, const float *row, size_t v)
{
    sow_gauge_add(&a->hidden, row);
    for (size_t lane = 0; lane < SOW_LANES; lane++) {
        double slope = (double)a->slopes[v][lane];

        a->slope[lane] += slope;
        a->slope_square[lane] += slope * slope;
        a->inactive[lane] += row[lane] <= 0;
    }
    for (size_t lane = 0; lane < SOW_LANES; lane++) {
        float x = a->values[v][lane];
        float size = x < 0 ? -x : x;

        a->most[lane] = size > a->most[lane] ? size : a->most[lane];
        a->alive[lane] |= x != 0;
    }
}

/* Drop some of 'n' values from 'first' on, and their slopes. */
static void drop(struct active *a, const struct work *work, uint64_t first,
                 size_t n)
{
    uint32_t words[SOME];

    for (size_t lane = 0; a->scale > 0 && lane < a->chunk.lanes; lane++) {
        uint64_t sample = a->chunk.panel * SOW_LANES + lane;

        sow_draw_words(work->engine, &a->dropped,
                       sample * work->pass->outs + first, n, words);
        for (size_t v = 0; v < n; v++) {
            float by = words[v] < a->least ? (float)a->scale : 0;

            a->values[v][lane] *= by;
            a->slopes[v][lane] *= by;
        }
    }
}

/* Hand value 'v' on, with what enters the branch if it ends here. */
static void leave(struct active *a, const struct work *work, uint64_t v,
                  const float *value)
{
    const struct pass *pass = work->pass;
    float *to = sow_pass_row(work, a->to, pass->outs, a->chunk.panel,
                             sow_pass_turn(pass, v));
    const float *skip;

    sow_squares_add(a->own, value);
    for (size_t lane = 0; lane < SOW_LANES; lane++)
        to[lane] = value[lane];
    if (work->layer->closes) {
        float alpha = (float)work->layer->alpha;

        skip = sow_pass_row(work, work->plan->passes[pass->partner].entered,
                            pass->outs, a->chunk.panel, v);
        for (size_t lane = 0; lane < SOW_LANES; lane++)
            to[lane] = skip[lane] + alpha * value[lane];
    }
    sow_gauge_add(&a->leaving, to);
}

static void finish(const struct active *a, const struct work *work)
{
    const struct pass *pass = work->pass;
    struct slot_active *slots = (void *)(work->room + pass->active);
    struct slot_active *slot = &slots[work->task];
    struct tally_lanes *lanes = (void *)(work->room + pass->leaving_lanes);
    size_t n = a->chunk.lanes;

    *slot =
        (struct slot_active){.own = sow_lanes_fold(a->own, n),
                             .slope = sow_lanes_fold(a->slope, n),
                             .slope_square = sow_lanes_fold(a->slope_square, n),
                             .inactive = sow_lanes_fold(a->inactive, n)};
    sow_gauge_fold(&a->hidden, n, &slot->hidden);
    sow_gauge_fold(&a->leaving, n, &slot->leaving);
    for (size_t lane = 0; lane < n; lane++) {
        slot->alive |= (uint32_t)a->alive[lane] << lane;
        if ((double)a->most[lane] > slot->leaving.largest)
            slot->leaving.largest = (double)a->most[lane];
    }
    sow_gauge_lanes(&a->leaving, &lanes[work->task]);
}

enum sow_status sow_pass_activate(const struct work *work)
{
    const struct pass *pass = work->pass;
    struct active a;

    begin(&a, work);
    for (size_t done = 0; done < a.chunk.count; done += SOME) {
        size_t n = a.chunk.count - done < SOME ? a.chunk.count - done : SOME;
        uint64_t first = a.chunk.first + done;
        const float *hidden =
            sow_pass_row(work, pass->hidden, pass->outs, a.chunk.panel, first);
        float *slopes =
            sow_pass_row(work, pass->slope, pass->outs, a.chunk.panel, first);

        sow_pass_phi(&a.phi, hidden, n * SOW_LANES, a.values[0], a.slopes[0]);
        for (size_t v = 0; v < n; v++)
            count_hidden(&a, hidden + v * SOW_LANES, v);
        drop(&a, work, first, n);
        for (size_t v = 0; v < n; v++)
            leave(&a, work, first + v, a.values[v]);
        for (size_t i = 0; i < n * SOW_LANES; i++)
            slopes[i] = a.slopes[i / SOW_LANES][i % SOW_LANES];
    }
    finish(&a, work);
    return SOW_OK;
}
