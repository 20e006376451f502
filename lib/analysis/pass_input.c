/* SPDX-License-Identifier: MIT */
/* What goes in at either end: a batch, and the gradient of the output. */
#include <math.h>
#include <string.h>

#include "analysis/pass.h"
#include "draw.h"
#include "generators/sow1.h"

/* Values of a sample that are drawn at a time. */
#define SOME SOW_MADE

/* Values of a sample whose sums over samples are made at a time. */
#define SUMS 128

/* How a pair of values follows from a pair of normals. */
struct mix {
    double mean, std, same, other;
};

static struct mix mix_of(const struct sow_analysis_input *input)
{
    double square = input->mean * input->mean;
    double variance = input->second_moment - square;
    double shared = input->correlation * input->second_moment - square;
    double r = variance > 0 ? shared / variance : 1;

    r = r > 1 ? 1 : r < -1 ? -1 : r;
    return (struct mix){input->mean, sqrt(variance > 0 ? variance : 0), r,
                        sqrt(1 - r * r)};
}

/* Row of value 'j' of a sample, channels first, in a flow. */
static uint64_t row_of(const struct flow *flow, uint64_t j)
{
    uint64_t positions = sow_stage_positions(flow);

    return j % positions * flow->channels + j / positions;
}

/* Where values come from: a batch, or a stream of normals. */
struct source {
    const double *batch;
    struct sow_tensor normal;
    struct mix mix;
    uint64_t values;
};

static void source_init(struct source *source, const struct work *work,
                        const char *label, uint64_t values)
{
    memset(source, 0, sizeof *source);
    source->values = values;
    source->normal.spec.dtype = SOW_FLOAT32;
    source->normal.law.kind = SOW_LAW_NORMAL;
    source->normal.law.normal.std = 1;
    source->mix = (struct mix){0, 1, 0, 1};
    sow1_stream(work->m->seed, label, "", &source->normal.stream);
}

/* Values [first, first + n) of samples 'sample' and the one after it. */
static void read_pair(const struct work *work, const struct source *source,
                      uint64_t sample, uint64_t first, size_t n,
                      double pair[2][SOME])
{
    const struct mix *mix = &source->mix;

    for (uint64_t i = 0; i < 2; i++) {
        uint64_t at = (sample + i) * source->values + first;

        if (source->batch != NULL)
            memcpy(pair[i], source->batch + at, n * sizeof(double));
        else
            sow_draw(work->engine, &source->normal, at, n, pair[i]);
    }
    for (size_t k = 0; source->batch == NULL && k < n; k++) {
        double z = pair[0][k];

        pair[0][k] = mix->mean + mix->std * z;
        pair[1][k] =
            mix->mean + mix->std * (mix->same * z + mix->other * pair[1][k]);
    }
}

/* The samples of a panel into 'region', as 'flow' has it. */
static enum sow_status fill(const struct work *work,
                            const struct source *source,
                            const struct flow *flow, uint64_t region)
{
    size_t lanes = sow_pass_lanes(work, work->task);
    float *panel = sow_pass_row(work, region, source->values, work->task, 0);
    double pair[2][SOME];

    if (lanes < SOW_LANES)
        memset(panel, 0, source->values * SOW_LANES * sizeof *panel);
    for (uint64_t first = 0; first < source->values; first += SOME) {
        uint64_t left = source->values - first;
        size_t n = left < SOME ? (size_t)left : SOME;

        if (sow_pass_stops(work))
            return SOW_STOPPED;
        for (size_t lane = 0; lane < lanes; lane += 2) {
            read_pair(work, source, work->task * SOW_LANES + lane, first, n,
                      pair);
            for (size_t k = 0; k < n; k++) {
                float *row = panel + row_of(flow, first + k) * SOW_LANES;

                row[lane] = (float)pair[0][k];
                row[lane + 1] = (float)pair[1][k];
            }
        }
    }
    return SOW_OK;
}

enum sow_status sow_pass_input(const struct work *work)
{
    const struct pass *pass = &work->plan->passes[0];
    struct tally *slots = (void *)(work->room + work->plan->input);
    struct tally_lanes *lanes = (void *)(work->room + work->plan->input_lanes);
    struct gauge gauge = {0};
    struct source source;
    enum sow_status status;

    source_init(&source, work, "measure input", pass->ins);
    source.batch = work->m->batch;
    source.mix = mix_of(&work->m->input);
    status = fill(work, &source, &pass->step.in, pass->entered);
    if (status != SOW_OK)
        return status;
    for (uint64_t v = 0; v < pass->ins; v++)
        sow_gauge_add(&gauge, sow_pass_row(work, pass->entered, pass->ins,
                                           work->task, v));
    sow_gauge_fold(&gauge, sow_pass_lanes(work, work->task),
                   &slots[work->task]);
    sow_gauge_lanes(&gauge, &lanes[work->task]);
    return SOW_OK;
}

enum sow_status sow_pass_output(const struct work *work)
{
    const struct pass *pass = &work->plan->passes[work->m->count - 1];
    struct slot_back *slots = (void *)(work->room + work->plan->output);
    struct note *notes = (void *)(work->room + work->plan->notes);
    double squares[SOW_LANES] = {0};
    struct source source;
    enum sow_status status;

    source_init(&source, work, "measure gradient", pass->outs);
    status = fill(work, &source, &pass->step.out, work->plan->gradient);
    if (status != SOW_OK)
        return status;
    for (uint64_t v = 0; v < pass->outs; v++)
        sow_squares_add(squares, sow_pass_row(work, work->plan->gradient,
                                              pass->outs, work->task, v));
    if (work->task == 0)
        notes[work->m->count] = (struct note){0, 0, 0};
    slots[work->task].all = slots[work->task].own =
        sow_lanes_fold(squares, sow_pass_lanes(work, work->task));
    return SOW_OK;
}

/*
 * The square of a sum over samples is the squares, twice the products of pairs,
 * and the products of samples that are no pair, of which there are
 * samples (samples - 2); 0 where there are none.
 */
static double mean_between(const double *batch, uint64_t samples,
                           uint64_t values, double within)
{
    const double others = (double)samples * (double)(samples - 2);
    double sums[SUMS], squares = 0;

    for (uint64_t at = 0; at < values; at += SUMS) {
        const uint64_t n = values - at < SUMS ? values - at : SUMS;

        memset(sums, 0, sizeof sums);
        for (uint64_t i = 0; i < samples; i++)
            for (uint64_t k = 0; k < n; k++)
                sums[k] += batch[i * values + at + k];
        for (uint64_t k = 0; k < n; k++)
            squares += sums[k] * sums[k];
    }
    return samples > 2 ? (squares - within) / (others * (double)values) : 0;
}

void sow_measurement_batch(const double *batch, uint64_t samples,
                           uint64_t values, struct sow_analysis_input *input)
{
    double count = (double)samples * (double)values;
    double sum = 0, square = 0, product = 0;

    for (uint64_t i = 0; i < samples * values; i++) {
        sum += batch[i];
        square += batch[i] * batch[i];
        if (i / values % 2 == 0)
            product += batch[i] * batch[i + values];
    }
    input->mean = sum / count;
    input->second_moment = square / count;
    input->correlation = square > 0 ? 2 * product / square : 1;
    input->between = mean_between(batch, samples, values, square + 2 * product);
    input->between = square > 0 ? input->between / input->second_moment : 0;
}
