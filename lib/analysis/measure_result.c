/* SPDX-License-Identifier: MIT */
/* What was counted, as results. */
#include <math.h>

#include "analysis/pass.h"

#define LOG10_2 0.30102999566398119521

/* A finished measurement, and the mean square of the output's gradient. */
struct finished {
    const struct sow_measurement *m;
    const struct plan *plan;
    const uint8_t *room;
    double input, output;
    uint16_t dead[SOW_MEASURE_MOST_SAMPLES / SOW_LANES]; /* a bit a lane */
};

static double ratio(double a, double b, double without)
{
    return b == 0 ? without : a / b;
}

/* Values of so many units and positions, of all samples. */
static double values_of(const struct finished *f, uint64_t values)
{
    return (double)f->m->samples * (double)values;
}

static uint64_t slots_of(const struct finished *f, uint64_t values)
{
    return f->plan->panels * sow_pass_chunks(values);
}

static void tally_add(struct tally *to, const struct tally *from)
{
    to->sum += from->sum;
    to->square += from->square;
    to->product += from->product;
    if (from->largest > to->largest)
        to->largest = from->largest;
}

/* The mean product of pairs over the mean square. */
static double correlation(const struct tally *tally)
{
    return ratio(2 * tally->product, tally->square, 1);
}

static double sum_doubles(const struct finished *f, uint64_t at, uint64_t count)
{
    const double *slots = (const void *)(f->room + at);
    double sum = 0;

    for (uint64_t i = 0; i < count; i++)
        sum += slots[i];
    return sum;
}

/* ------------------------------------------------------------------------
 * Forward
 */

/* The mean of what a norm divides by, squared; 1 without. */
static double divisor(const struct finished *f, enum sow_analysis_norm norm,
                      const struct flow *flow, uint64_t slots)
{
    double count = norm == SOW_NORM_BATCH
                       ? (double)flow->channels
                       : values_of(f, sow_stage_positions(flow));

    if (norm == SOW_NORM_NONE)
        return 1;
    return sum_doubles(f, slots, sow_norm_tasks(f->plan, flow, norm)) / count;
}

static double weight_variance(const struct finished *f, const struct pass *pass)
{
    const struct slot_weight *slots = (const void *)(f->room + pass->weight);
    double count = (double)pass->step.stage->weight->elements;
    double sum = 0, square = 0, variance;
    uint64_t tasks = pass->storage == PASS_KEPT
                         ? sow_pass_unpack_tasks(pass)
                         : sow_pass_blocks(pass, PASS_FORWARD);

    for (uint64_t i = 0; i < tasks; i++) {
        sum += slots[i].sum;
        square += slots[i].square;
    }
    variance = square / count - sum / count * (sum / count);
    return variance < 0 ? 0 : variance;
}

/* The share of samples of which nothing is left somewhere up to here. */
static double death(struct finished *f, const struct pass *pass,
                    const struct slot_active *slots)
{
    uint64_t chunks = sow_pass_chunks(pass->outs);
    double dead = 0;

    for (uint64_t panel = 0; panel < f->plan->panels; panel++) {
        uint32_t alive = 0;

        for (uint64_t chunk = 0; chunk < chunks; chunk++)
            alive |= slots[panel * chunks + chunk].alive;
        if (!pass->inside)
            f->dead[panel] |= (uint16_t)~alive;
        for (uint64_t lane = 0;
             lane < SOW_LANES && panel * SOW_LANES + lane < f->m->samples;
             lane++)
            dead += f->dead[panel] >> lane & 1;
    }
    return dead / (double)f->m->samples;
}

/* The numbers of the layer's forward pass; 'entering' is a mean square. */
static void set_forward(struct finished *f, size_t i, double entering,
                        struct sow_analysis_result *r)
{
    const struct pass *pass = &f->plan->passes[i];
    const struct sow_analysis_layer *layer = &f->m->layers[i];
    const struct slot_active *slots = (const void *)(f->room + pass->active);
    double n = values_of(f, pass->outs);
    struct slot_active all = {.own = 0};

    for (uint64_t k = 0; k < slots_of(f, pass->outs); k++) {
        tally_add(&all.hidden, &slots[k].hidden);
        tally_add(&all.leaving, &slots[k].leaving);
        all.own += slots[k].own;
        all.slope += slots[k].slope;
        all.slope_square += slots[k].slope_square;
        all.inactive += slots[k].inactive;
    }
    r->mean = all.hidden.sum / n;
    r->q = all.hidden.square / n;
    r->c = correlation(&all.hidden);
    r->m1 = all.leaving.sum / n;
    r->m2 = all.leaving.square / n;
    r->c2 = correlation(&all.leaving);
    r->slope = all.slope / n;
    r->slope_square = all.slope_square / n;
    r->inactive = all.inactive / n;
    r->forward = ratio(all.own / n, entering, 1);
    r->log10_forward = f->input > 0 ? log10(r->m2 / f->input) : 0;
    r->largest = all.hidden.largest > all.leaving.largest ? all.hidden.largest
                                                          : all.leaving.largest;
    r->death = death(f, pass, slots);
    r->norm_variance = divisor(f, layer->norm, &pass->step.out, pass->norm_out);
    r->input_variance =
        divisor(f, layer->input_norm, &pass->step.in, pass->norm_in);
    r->sigma_w2 = (double)pass->step.inputs * (double)pass->step.taps *
                  weight_variance(f, pass) / r->norm_variance;
    r->chi_1 = r->sigma_w2 * r->slope_square / layer->keep;
    r->scale_invariant = layer->norm != SOW_NORM_NONE;
    r->dq = r->finite_width = r->jacobian = NAN;
}

/* ------------------------------------------------------------------------
 * Backward
 */

/* The log10 of a mean square that lacks a power of two. */
static double decades(const struct finished *f, double square, int64_t power)
{
    return log10(square) + 2 * (double)power * LOG10_2 - log10(f->output);
}

static double lanes_of(const struct finished *f, uint64_t at, uint64_t chunks,
                       uint64_t panel, uint64_t lane)
{
    const struct tally_lanes *slots = (const void *)(f->room + at);
    double sum = 0;

    for (uint64_t chunk = 0; chunk < chunks; chunk++)
        sum += slots[panel * chunks + chunk].square[lane];
    return sum;
}

/* The mean square of one sample's gradient of the weight. */
static double weight_gradient(const struct finished *f, const struct pass *pass)
{
    uint64_t chunks = sow_pass_chunks(pass->outs);
    double samples = (double)f->m->samples;
    double sum = 0;

    if (pass->storage == PASS_KEPT)
        return sum_doubles(f, pass->gradient,
                           sow_slide_gradient_tasks(f->plan, pass)) /
               samples / (double)pass->step.stage->weight->elements;
    for (uint64_t sample = 0; sample < f->m->samples; sample++) {
        uint64_t panel = sample / SOW_LANES;
        uint64_t lane = sample % SOW_LANES;

        sum += lanes_of(f, pass->delta_lanes, chunks, panel, lane) *
               lanes_of(f, pass->fed_lanes, pass->fed_chunks, panel, lane);
    }
    return sum / samples / (double)pass->outs / (double)pass->ins;
}

static void set_backward(const struct finished *f, size_t i,
                         struct sow_analysis_result *r)
{
    const struct pass *pass = &f->plan->passes[i];
    const struct slot_back *land = (const void *)(f->room + pass->land);
    const struct slot_back *back = (const void *)(f->room + pass->back);
    const struct note *notes = (const void *)(f->room + f->plan->notes);
    double got = 0, own = 0, all = 0;

    for (uint64_t k = 0; k < slots_of(f, pass->outs); k++)
        got += back[k].own;
    for (uint64_t k = 0; k < slots_of(f, pass->ins); k++) {
        own += land[k].own;
        all += land[k].all;
    }
    r->backward =
        ratio(own / values_of(f, pass->ins), got / values_of(f, pass->outs), 0);
    r->log10_backward =
        decades(f, all / values_of(f, pass->ins), notes[i].land);
    r->log10_weight_gradient =
        decades(f, weight_gradient(f, pass), notes[i].delta);
}

/* ------------------------------------------------------------------------ */

static void set_summary(const struct finished *f,
                        const struct sow_analysis_result *results,
                        struct sow_analysis_summary *summary)
{
    const struct sow_analysis_result *last = &results[f->m->count - 1];

    *summary = (struct sow_analysis_summary){
        .log10_forward = last->log10_forward,
        .log10_backward = results[0].log10_backward,
        .forward_rate = last->log10_forward / (double)f->m->count,
        .backward_rate = results[0].log10_backward / (double)f->m->count,
        .jacobian = NAN,
        .finite_width = NAN,
        .death = last->death,
        .q_star = NAN,
        .c_star = NAN,
        .chi_1 = NAN,
        .slope = NAN,
        .xi_c = NAN,
        .xi_q = NAN,
        .xi_gradient = NAN,
        .trainable_depth = NAN};
}

/* What went in, and the mean square of the output's gradient. */
static void set_ends(struct finished *f, struct sow_analysis_input *input)
{
    const struct tally *slots = (const void *)(f->room + f->plan->input);
    const struct slot_back *output = (const void *)(f->room + f->plan->output);
    const struct pass *last = &f->plan->passes[f->m->count - 1];
    double n = values_of(f, f->plan->passes[0].ins);
    struct tally all = {0, 0, 0, 0};

    for (uint64_t panel = 0; panel < f->plan->panels; panel++) {
        tally_add(&all, &slots[panel]);
        f->output += output[panel].all / values_of(f, last->outs);
    }
    f->input = all.square / n;
    input->mean = all.sum / n;
    input->second_moment = f->input;
    input->correlation = correlation(&all);
}

void sow_measurement_result(const struct sow_measurement *measurement,
                            const void *room,
                            struct sow_analysis_result *results,
                            struct sow_analysis_summary *summary,
                            struct sow_analysis_input *input)
{
    struct finished f = {
        .m = measurement, .plan = measurement->plan, .room = room};

    set_ends(&f, input);
    for (size_t i = 0; i < measurement->count; i++) {
        set_forward(&f, i, i > 0 ? results[i - 1].m2 : f.input, &results[i]);
        set_backward(&f, i, &results[i]);
    }
    set_summary(&f, results, summary);
}
