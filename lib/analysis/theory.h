/* SPDX-License-Identifier: MIT */
/* What the parts of sow_analysis_run() share; for lib/analysis only. */
#ifndef THEORY_H
#define THEORY_H

#include "analysis/analysis.h"
#include "analysis/shape.h"

/*
 * A signal: its mean, its mean square, the mean product of two inputs', and
 * 'between', that of two others of the batch, which a batch's norm takes away.
 */
struct sow_signal {
    double mean, square, product, between;
};

/*
 * Pre-activations: the mean, and variance and covariance around it, 'between'
 * that of two others.  Squares were multiplied by 'held' to hold them where
 * doubles are.
 */
struct sow_field {
    double mean, variance, covariance, between, held;
};

/* Hold a signal's squares between 1e-300 and 1e300, unless they are 0. */
void sow_theory_hold(struct sow_signal *signal);

/*
 * How a layer stands among the others: 'copies' that its inputs are all equal,
 * 'pairs' that its inputs come in
 * mirrored pairs, 'odd' that its outputs do and the next takes them so,
 * 'inside' that it is in a residual branch.
 */
struct sow_place {
    bool copies, pairs, odd, inside;
};

/* SOW_BAD_PARAMETER or SOW_BAD_SHAPE unless all is in its range. */
SOW_MUST_CHECK enum sow_status
sow_theory_check(const struct sow_analysis_input *input,
                 const struct sow_analysis_layer *layers, size_t count,
                 struct sow_error *error);

struct sow_place sow_theory_place(const struct sow_analysis_layer *layers,
                                  size_t count, size_t i, bool inside);

struct sow_phi sow_theory_phi(const struct sow_analysis_layer *layer,
                              struct sow_place place);

/* receptive n_in, the terms of a sum; receptive n_out, those of a gradient. */
double sow_theory_terms(const struct sow_analysis_layer *layer);
double sow_theory_terms_back(const struct sow_analysis_layer *layer);

/*
 * Put 'signal' through a norm, and through weights and a norm; what is divided
 * by, squared, goes to 'by': 1 without a norm, INFINITY when it gives 0.
 */
void sow_theory_normalize(enum sow_analysis_norm norm,
                          struct sow_signal *signal, double *by);
struct sow_field sow_theory_field(const struct sow_analysis_layer *layer,
                                  struct sow_place place,
                                  const struct sow_signal *signal, double *by);

/*
 * The backward pass: gradients of 'results', whose forward fields are set;
 * 'square' is the input's.
 */
bool sow_theory_backward(double square, const struct sow_analysis_layer *layers,
                         size_t count, struct sow_analysis_result *results,
                         bool (*stop)(void *argument), void *argument);

/* The summary, when all results are there. */
void sow_theory_summarize(const struct sow_analysis_layer *layers, size_t count,
                          const struct sow_analysis_result *results,
                          struct sow_analysis_summary *summary);

/* The map of layer 'summary->typical', which is not in a branch. */
void sow_theory_fix(const struct sow_analysis_layer *layer,
                    const struct sow_analysis_result *result,
                    struct sow_analysis_summary *summary);

/* Is layer 'i' in a residual branch? */
bool sow_theory_is_inside(const struct sow_analysis_layer *layers, size_t i);

/* Ask 'stop' every so many layers. */
bool sow_theory_stops(size_t i, bool (*stop)(void *argument), void *argument);

#endif
