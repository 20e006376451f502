/* SPDX-License-Identifier: MIT */
/*
 * The recursion, backward: mean squares of gradients, for a gradient of the
 * output with independent elements of mean square 1.
 */
#include <float.h>
#include <math.h>

#include "analysis/theory.h"

/*
 * 'square' is the mean square of an element, 'cross' the mean product of two,
 * which weights of mean other than 0 make; both times 10^decades.
 */
struct gradient {
    double square, cross, decades;
};

/* Keep 'square' near 1; beyond a double it is held at its end. */
static void rescale(struct gradient *g)
{
    if (isinf(g->square))
        *g = (struct gradient){DBL_MAX, 0, g->decades};
    if (!(g->square > 0))
        return;
    g->decades += log10(g->square);
    g->cross /= g->square;
    g->square = 1;
}

static void scale(struct gradient *g, double by)
{
    g->square *= by;
    g->cross *= by;
}

/* By 1 / 'by', which is infinite for a norm that gives 0. */
static void divide(struct gradient *g, enum sow_analysis_norm norm, double by)
{
    scale(g, isinf(by) ? 0 : 1 / by);
    if (norm == SOW_NORM_LAYER || norm == SOW_NORM_BATCH)
        g->cross = 0;
}

static double logarithm(const struct gradient *g)
{
    return log10(g->square) + g->decades;
}

static struct gradient sum(struct gradient a, struct gradient b)
{
    if (!(a.square > 0) || b.decades > a.decades) {
        struct gradient c = a;

        a = b;
        b = c;
    }
    if (!(b.square > 0))
        return a;
    scale(&b, pow(10, b.decades - a.decades));
    a.square += b.square;
    a.cross += b.cross;
    return a;
}

/* Through W^T. */
static void transpose(struct gradient *g,
                      const struct sow_analysis_layer *layer)
{
    double terms = sow_theory_terms_back(layer);
    double mean = layer->weight.mean * layer->weight.mean;
    double shared =
        mean > 0 ? mean * terms * (g->square + (terms - 1) * g->cross) : 0;

    g->square = terms * layer->weight.variance * g->square + shared;
    g->cross = shared;
}

/* The log10 of the square of dL/dw, from the mean square that it meets. */
static double of_weight(const struct gradient *g, double square)
{
    return square > 0 ? logarithm(g) + log10(square) : -INFINITY;
}

/* The mean square of a layer's input, after its norm. */
static double meets(double square, const struct sow_analysis_layer *layer,
                    const struct sow_analysis_result *results, size_t i)
{
    if (layer->input_norm != SOW_NORM_NONE)
        return isinf(results[i].input_variance) ? 0 : 1;
    return i > 0 ? results[i - 1].m2 : square;
}

/* Through one layer, of which 'g' is the gradient of phi(h) at first. */
static void pass(struct gradient *g, double square,
                 const struct sow_analysis_layer *layer,
                 struct sow_analysis_result *results, size_t i)
{
    struct sow_analysis_result *r = &results[i];
    double before = logarithm(g);

    g->square *= r->slope_square / layer->keep;
    g->cross *= r->slope * r->slope;
    divide(g, layer->norm, r->norm_variance);
    rescale(g);
    r->log10_weight_gradient = of_weight(g, meets(square, layer, results, i));
    transpose(g, layer);
    divide(g, layer->input_norm, r->input_variance);
    r->backward = before > -INFINITY ? pow(10, logarithm(g) - before) : 0;
    rescale(g);
}

/*
 * The share of a branch I + alpha f': with a the mean squared singular value
 * of alpha f' and s its variance, (2 a + a^2 s) / (1 + a)^2, for random f'.
 */
static void share_branch(struct sow_analysis_result *results, size_t first,
                         size_t last, double alpha)
{
    double a = alpha * alpha, s = 0, whole;

    for (size_t i = first; i <= last; i++) {
        a *= results[i].backward;
        s += results[i].jacobian;
        results[i].jacobian = 0;
    }
    if (!(a > 0))
        return;
    whole = isfinite(a) ? a / (1 + a) : 1;
    results[last].jacobian = 2 * whole / (1 + a) + whole * whole * s;
}

bool sow_theory_backward(double square, const struct sow_analysis_layer *layers,
                         size_t count, struct sow_analysis_result *results,
                         bool (*stop)(void *argument), void *argument)
{
    struct gradient g = {1, 0, 0}, skip = {0, 0, 0};
    size_t last = 0;

    for (size_t i = count; i-- > 0;) {
        if (sow_theory_stops(i, stop, argument))
            return false;
        if (layers[i].closes) {
            last = i;
            skip = g;
            scale(&g, layers[i].alpha * layers[i].alpha);
            rescale(&g);
        }
        pass(&g, square, &layers[i], results, i);
        if (layers[i].opens) {
            share_branch(results, i, last, layers[last].alpha);
            g = sum(g, skip);
            rescale(&g);
        }
        results[i].log10_backward = logarithm(&g);
    }
    return true;
}
