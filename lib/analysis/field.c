/* SPDX-License-Identifier: MIT */
/* From a signal to pre-activations: weights and norms. */
#include <math.h>

#include "analysis/theory.h"

/* A variance this small beside a square is rounding. */
#define NOTHING 1e-13

#define LEAST 1e-300
#define MOST 1e300

double sow_theory_terms(const struct sow_analysis_layer *layer)
{
    return layer->receptive * (double)layer->n_in;
}

double sow_theory_terms_back(const struct sow_analysis_layer *layer)
{
    return layer->receptive * (double)layer->n_out;
}

/* The factor that brings 'square' into [LEAST, MOST], unless it is 0. */
static double hold(double square)
{
    if (square > MOST)
        return isinf(square) ? 0 : MOST / square;
    return square > 0 && square < LEAST ? LEAST / square : 1;
}

static double times(double a, double b)
{
    return a == 0 || b == 0 ? 0 : a * b;
}

void sow_theory_hold(struct sow_signal *signal)
{
    double by = hold(signal->square);

    if (by == 1)
        return;
    if (by == 0) {
        *signal = (struct sow_signal){0, MOST, MOST, MOST};
        return;
    }
    signal->mean *= sqrt(by);
    signal->square *= by;
    signal->product *= by;
    signal->between *= by;
}

static void hold_field(struct sow_field *field)
{
    double by = hold(field->mean * field->mean + field->variance);

    field->held = by;
    if (by == 1)
        return;
    if (by == 0) {
        *field = (struct sow_field){0, MOST, MOST, MOST, by};
        return;
    }
    field->mean *= sqrt(by);
    field->variance *= by;
    field->covariance *= by;
    field->between *= by;
}

/* x / by, and 0 where a norm has nothing to divide by. */
static double over(double x, double by)
{
    return isinf(by) ? 0 : x / by;
}

static double divisor(double variance, double square)
{
    return variance > NOTHING * square && variance > 0 ? variance : INFINITY;
}

/* What a norm divides the square of; it is of the field as of a signal. */
static double norm_divisor(enum sow_analysis_norm norm,
                           const struct sow_field *field)
{
    double square = field->mean * field->mean + field->variance;

    switch (norm) {
    case SOW_NORM_NONE:
        return 1;
    case SOW_NORM_LAYER:
        return divisor(field->variance, square);
    case SOW_NORM_RMS:
        return divisor(square, square);
    case SOW_NORM_BATCH:
        return divisor(field->variance - field->between, square);
    }
    return 1;
}

/*
 * A batch's norm takes away what its inputs have in common: the mean of each
 * unit (Yang et al. 2019), which is what those have that are no pair.
 */
static double apply_norm(enum sow_analysis_norm norm, struct sow_field *field)
{
    double by = norm_divisor(norm, field);

    if (norm == SOW_NORM_NONE)
        return 1;
    if (norm == SOW_NORM_BATCH) {
        field->variance -= field->between;
        field->covariance -= field->between;
        field->between = 0;
    }
    field->mean = norm == SOW_NORM_RMS ? over(field->mean, sqrt(by)) : 0;
    field->variance = over(field->variance, by);
    field->covariance = over(field->covariance, by);
    field->between = over(field->between, by);
    return by;
}

void sow_theory_normalize(enum sow_analysis_norm norm,
                          struct sow_signal *signal, double *by)
{
    double square = signal->mean * signal->mean;
    struct sow_field field = {signal->mean, signal->square - square,
                              signal->product - square,
                              signal->between - square, 1};

    *by = apply_norm(norm, &field);
    if (norm == SOW_NORM_NONE)
        return;
    square = field.mean * field.mean;
    *signal =
        (struct sow_signal){field.mean, field.variance + square,
                            field.covariance + square, field.between + square};
}

/* Weights that are one number other than 0: all units get the same. */
static bool is_constant(const struct sow_analysis_weight *weight)
{
    return weight->variance == 0 && weight->mean != 0;
}

/*
 * Then h varies over inputs only: by the sum of n independent units, or of n
 * copies of one.  Units without differences are nothing to a layer's norm.
 */
static void add_sum(struct sow_field *field,
                    const struct sow_analysis_layer *layer,
                    struct sow_place place, const struct sow_signal *signal)
{
    double terms = sow_theory_terms(layer);
    double mean = layer->weight.mean;
    double by = terms * mean * mean * (place.copies ? terms : 1);
    double common = signal->mean * signal->mean;

    if (!is_constant(&layer->weight) || layer->norm == SOW_NORM_LAYER)
        return;
    field->variance += times(by, signal->square - common);
    field->covariance += times(by, signal->product - common);
    field->between += times(by, signal->between - common);
}

/*
 * [A, -A] sees differences only: of a mirrored pair sqrt(2) times the odd part,
 * which is what the signal is then, else of units without their mean.
 */
struct sow_field sow_theory_field(const struct sow_analysis_layer *layer,
                                  struct sow_place place,
                                  const struct sow_signal *signal, double *by)
{
    const struct sow_analysis_weight *weight = &layer->weight;
    double terms = sow_theory_terms(layer);
    double common =
        weight->mirrors_in && !place.pairs ? signal->mean * signal->mean : 0;
    struct sow_field field = {
        times(terms * weight->mean, signal->mean) + layer->bias_mean,
        times(terms * weight->variance, signal->square - common) +
            layer->bias_variance,
        times(terms * weight->variance, signal->product - common) +
            layer->bias_variance,
        times(terms * weight->variance, signal->between - common) +
            layer->bias_variance,
        1,
    };

    add_sum(&field, layer, place, signal);
    hold_field(&field);
    *by = apply_norm(layer->norm, &field);
    return field;
}

static bool is_mirrored_out(const struct sow_analysis_layer *layer)
{
    return layer->weight.mirrors_out && layer->weight.mean == 0 &&
           layer->bias_mean == 0 && layer->bias_variance == 0 &&
           layer->keep == 1 && !layer->closes;
}

static bool is_mirrored_in(const struct sow_analysis_layer *layer)
{
    return layer->weight.mirrors_in && !layer->opens &&
           layer->input_norm == SOW_NORM_NONE;
}

static bool gives_copies(const struct sow_analysis_layer *layer)
{
    return is_constant(&layer->weight) && layer->bias_variance == 0 &&
           layer->keep == 1 && !layer->closes;
}

struct sow_place sow_theory_place(const struct sow_analysis_layer *layers,
                                  size_t count, size_t i, bool inside)
{
    const struct sow_analysis_layer *layer = &layers[i];

    return (struct sow_place){
        .copies = i > 0 && gives_copies(&layers[i - 1]) &&
                  layer->input_norm == SOW_NORM_NONE,
        .pairs =
            i > 0 && is_mirrored_out(&layers[i - 1]) && is_mirrored_in(layer),
        .odd = i + 1 < count && is_mirrored_out(layer) &&
               is_mirrored_in(&layers[i + 1]),
        .inside = inside,
    };
}

struct sow_phi sow_theory_phi(const struct sow_analysis_layer *layer,
                              struct sow_place place)
{
    return sow_phi_of(layer->activation, layer->parameter, place.odd);
}
