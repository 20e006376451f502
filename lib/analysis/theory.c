/* SPDX-License-Identifier: MIT */
/* The recursion, forward. */
#include "analysis/theory.h"

#include <math.h>

#define ASK_EVERY 16

/* What goes forward from layer to layer. */
struct forward {
    struct sow_signal signal, skip;
    bool inside;
    /*
     * The relative variance of the squared norm: 'base' where the branch
     * began (0 outside), times 'elastic' squared, and what is new since.
     */
    double base, elastic, fresh;
    double survival; /* the log of 1 - death */
    double input;    /* the network's */
};

/*
 * Moments of the last layer, which are often the next one's too; 'batches' says
 * that a norm wants to know 'between', which follows 'product' otherwise.
 */
struct memory {
    struct sow_phi phi;
    struct sow_field field;
    struct sow_analysis_moments moments;
    double product, between;
    bool batches;
};

static double ratio(double a, double b)
{
    return b > 0 ? a / b : 0;
}

static double clamp(double c)
{
    return c > 1 ? 1 : c < -1 ? -1 : c;
}

static double cosine(double product, double square)
{
    return square > 0 && isfinite(square) ? clamp(product / square) : 1;
}

static bool is_same_phi(const struct sow_phi *a, const struct sow_phi *b)
{
    return a->shape == b->shape && a->parameter == b->parameter &&
           a->odd == b->odd;
}

static double product_of(const struct sow_phi *phi,
                         const struct sow_field *field, double covariance)
{
    double product;

    sow_phi_product(phi, field->mean, field->variance,
                    cosine(covariance, field->variance), &product, NULL);
    return product;
}

static void recall(struct memory *memory, struct sow_phi phi,
                   const struct sow_field *field)
{
    const struct sow_field last = memory->field;
    bool same = is_same_phi(&memory->phi, &phi) && last.mean == field->mean &&
                last.variance == field->variance;

    memory->phi = phi;
    memory->field = *field;
    if (!same)
        sow_phi_moments(&phi, field->mean, field->variance, &memory->moments);
    if (!same || last.covariance != field->covariance)
        memory->product = product_of(&phi, field, field->covariance);
    if (!memory->batches || field->between == field->covariance)
        memory->between = memory->product;
    else if (!same || last.between != field->between)
        memory->between = product_of(&phi, field, field->between);
}

static double smaller(double a, double b)
{
    return a < b ? a : b;
}

/* ------------------------------------------------------------------------
 * Finite width
 */

/*
 * The variance of phi^2 of one unit over its squared mean.  An orthogonal
 * matrix keeps the sum of the squares of h, so that much of it doesn't vary.
 */
static double spread_of_unit(const struct sow_analysis_layer *layer,
                             const struct sow_analysis_moments *m,
                             double variance)
{
    double spread = m->fourth / (m->square * m->square) - 1;
    double elastic = m->stretch * variance / m->square;
    double whole = smaller(1, (double)layer->n_out / sow_theory_terms(layer));

    if (layer->weight.ensemble != SOW_ENSEMBLE_INDEPENDENT)
        spread -= 2 * elastic * elastic * whole;
    return isfinite(spread) && spread > 0 ? spread : 0;
}

static double held(double x)
{
    return x < 1e150 ? x : 1e150;
}

static double total_spread(const struct forward *f)
{
    return held((1 + f->fresh) * (1 + f->elastic * f->elastic * f->base) - 1);
}

static void spread(struct forward *f, const struct sow_analysis_layer *layer,
                   const struct memory *memory, double elastic)
{
    double units = (double)layer->n_out / (memory->phi.odd ? 2 : 1);
    double unit =
        spread_of_unit(layer, &memory->moments, memory->field.variance);

    f->fresh =
        held((1 + unit / units) * (1 + elastic * elastic * f->fresh) - 1);
    f->elastic = held(f->elastic * elastic);
}

/* The sum of a branch and its skip, whose product varies as 1 / n does. */
static void spread_sum(struct forward *f,
                       const struct sow_analysis_layer *layer, double square,
                       double total)
{
    double skip = ratio(f->skip.square, total);
    double branch = ratio(layer->alpha * layer->alpha * square, total);
    double same = skip + branch * f->elastic;

    f->base = same * same * f->base + branch * branch * f->fresh +
              4 * skip * branch / (double)layer->n_out;
    f->elastic = 1;
    f->fresh = 0;
}

/* ------------------------------------------------------------------------
 * A layer
 */

static double inactive(const struct sow_field *field)
{
    if (!(field->variance > 0))
        return field->mean <= 0;
    return erfc(field->mean / sqrt(2 * field->variance)) / 2;
}

/* The probability that a layer gives nothing, if that can be. */
static void live_on(struct forward *f, const struct sow_analysis_layer *layer,
                    const struct memory *memory, double dead_unit)
{
    if (f->inside || !memory->phi.shape->half || memory->phi.odd)
        return;
    f->survival += log1p(-pow(dead_unit, (double)layer->n_out));
}

static double larger(double a, double b)
{
    return a > b ? a : b;
}

static double largest(const struct sow_analysis_layer *layer,
                      const struct memory *memory)
{
    struct sow_phi phi = sow_phi_of(layer->activation, layer->parameter, false);
    double most =
        fabs(memory->field.mean) +
        sqrt(memory->field.variance) * sqrt(2 * log(2 * (double)layer->n_out));

    if (!isfinite(most))
        return INFINITY;
    return larger(most, larger(fabs(sow_phi_at(&phi, most).value),
                               fabs(sow_phi_at(&phi, -most).value)));
}

/*
 * The skip is added; what it has in common with the branch are their means.
 * Each is at most 1e300, so that no product of 0 and infinity comes up.
 */
static void close_branch(struct forward *f,
                         const struct sow_analysis_layer *layer)
{
    const struct sow_signal *s = &f->skip;
    double alpha = layer->alpha;
    double square = f->signal.square;
    double cross = 2 * alpha * s->mean * f->signal.mean;

    f->signal = (struct sow_signal){
        s->mean + alpha * f->signal.mean,
        s->square + alpha * alpha * square + cross,
        s->product + alpha * alpha * f->signal.product + cross,
        s->between + alpha * alpha * f->signal.between + cross,
    };
    spread_sum(f, layer, square, f->signal.square);
}

/* The Jacobian's share: mu_2 / mu_1^2 - 1 - s_1. */
static double jacobian(const struct sow_analysis_layer *layer,
                       const struct sow_analysis_moments *m)
{
    double first = layer->weight.ensemble == SOW_ENSEMBLE_INDEPENDENT ? -1 : 0;
    double second = m->slope_fourth / (m->slope_square * m->slope_square);

    if (!(m->slope_square > 0) || !isfinite(second))
        return INFINITY;
    return second / layer->keep - 1 - first;
}

static double growth(double scale, double moment)
{
    return scale > 0 && moment != 0 ? scale * moment : 0;
}

/* What the layer alone does; 'entering' is its signal before any norm. */
static void set_result(struct sow_analysis_result *r,
                       const struct sow_analysis_layer *layer,
                       const struct memory *memory,
                       const struct sow_signal *entering)
{
    const struct sow_analysis_moments *m = &memory->moments;
    const struct sow_field *field = &memory->field;
    bool free = layer->norm == SOW_NORM_NONE;

    r->mean = field->mean;
    r->q = field->mean * field->mean + field->variance;
    r->c = cosine(field->mean * field->mean + field->covariance, r->q);
    r->sigma_w2 =
        sow_theory_terms(layer) * layer->weight.variance / r->norm_variance;
    r->slope = m->slope;
    r->slope_square = m->slope_square;
    r->chi_1 = growth(r->sigma_w2, m->slope_square) / layer->keep;
    r->dq = free && layer->input_norm == SOW_NORM_NONE
                ? growth(r->sigma_w2, m->stretch) / layer->keep
                : 0;
    r->forward =
        entering->square > 0 ? m->square / layer->keep / entering->square : 1;
    r->jacobian = jacobian(layer, m);
    r->inactive = inactive(field);
    r->largest = largest(layer, memory);
    r->scale_invariant = !free;
}

static void set_leaving(struct sow_analysis_result *r, const struct forward *f,
                        const struct sow_analysis_layer *layer)
{
    r->m1 = f->signal.mean;
    r->m2 = f->signal.square;
    r->c2 = cosine(f->signal.product, f->signal.square);
    r->log10_forward = f->input > 0 ? log10(r->m2 / f->input) : 0;
    r->finite_width = sqrt(total_spread(f));
    r->death = fabs(expm1(f->survival));
    if (layer->closes)
        r->largest =
            larger(r->largest, sqrt(r->m2 * 2 * log(2 * (double)layer->n_out)));
}

static void step(struct forward *f, struct memory *memory,
                 const struct sow_analysis_layer *layers, size_t count,
                 size_t i, struct sow_analysis_result *r)
{
    const struct sow_analysis_layer *layer = &layers[i];
    struct sow_place place;
    struct sow_signal entering;
    struct sow_field field;

    if (layer->opens) {
        f->base = total_spread(f);
        f->elastic = 1;
        f->fresh = 0;
        f->skip = f->signal;
        f->inside = true;
    }
    place = sow_theory_place(layers, count, i, f->inside);
    entering = f->signal;
    sow_theory_normalize(layer->input_norm, &f->signal, &r->input_variance);
    field = sow_theory_field(layer, place, &f->signal, &r->norm_variance);
    recall(memory, sow_theory_phi(layer, place), &field);
    set_result(r, layer, memory, &entering);
    f->signal = (struct sow_signal){memory->moments.mean,
                                    memory->moments.square / layer->keep,
                                    memory->product, memory->between};
    sow_theory_hold(&f->signal);
    spread(f, layer, memory, ratio(r->dq * entering.square, f->signal.square));
    live_on(f, layer, memory, r->inactive);
    if (layer->closes) {
        close_branch(f, layer);
        sow_theory_hold(&f->signal);
        f->inside = false;
    }
    set_leaving(r, f, layer);
}

bool sow_theory_stops(size_t i, bool (*stop)(void *argument), void *argument)
{
    return stop != NULL && i % ASK_EVERY == 0 && stop(argument);
}

static bool has_batch_norm(const struct sow_analysis_layer *layers,
                           size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (layers[i].norm == SOW_NORM_BATCH ||
            layers[i].input_norm == SOW_NORM_BATCH)
            return true;
    return false;
}

/* Inputs that have nothing to do with each other still have their means. */
static struct sow_signal first_signal(const struct sow_analysis_input *input)
{
    return (struct sow_signal){
        input->mean,
        input->second_moment,
        input->correlation * input->second_moment,
        larger(input->between * input->second_moment,
               input->mean * input->mean),
    };
}

enum sow_status sow_analysis_run(const struct sow_analysis_input *input,
                                 const struct sow_analysis_layer *layers,
                                 size_t count,
                                 struct sow_analysis_result *results,
                                 struct sow_analysis_summary *summary,
                                 bool (*stop)(void *argument), void *argument,
                                 struct sow_error *error)
{
    struct forward f = {
        .signal = first_signal(input),
        .elastic = 1,
    };
    struct memory memory = {.field.variance = NAN,
                            .batches = has_batch_norm(layers, count)};
    enum sow_status status = sow_theory_check(input, layers, count, error);

    if (status != SOW_OK)
        return status;
    sow_theory_hold(&f.signal);
    f.input = f.signal.square;
    for (size_t i = 0; i < count; i++) {
        if (sow_theory_stops(i, stop, argument))
            return SOW_STOPPED;
        step(&f, &memory, layers, count, i, &results[i]);
    }
    if (!sow_theory_backward(input->second_moment, layers, count, results, stop,
                             argument))
        return SOW_STOPPED;
    sow_theory_summarize(layers, count, results, summary);
    return SOW_OK;
}
