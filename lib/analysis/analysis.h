/* SPDX-License-Identifier: MIT */
/*
 * What an initialization does to signals and gradients, before any training:
 * mean-field theory of a stack of layers, and what follows from it.  The fourth
 * public header of lib/, beside sow.h, layers/layers.h, forward/calibrate.h.
 *
 *     struct sow_analysis_input input;
 *     sow_analysis_input_init(&input);
 *     for each layer …
 *         sow_analysis_layer_init(&layers[i], n_in, n_out);
 *         sow_analysis_weight(&layers[i], engine, &tensor, &error) or
 *             layers[i].weight.variance = …;
 *         layers[i].activation = sow_analysis_activation_find("relu");
 *     sow_analysis_run(&input, layers, count, results, &summary, …);
 *     n = sow_analysis_verdicts(&input, layers, count, results, &summary,
 *                               verdicts);
 *
 * Model.  A layer takes n_in units (channels of a convolution) and gives
 * n_out:  x -> [norm] -> h = W x + b -> [norm] -> phi(h) -> dropout, and with
 * a residual branch that ends here  s + alpha f,  s what entered the branch.
 * Weights are random and independent, layers wide, so that the elements of h
 * are Gaussian over units (Poole et al. 2016, arXiv:1606.05340; Schoenholz et
 * al. 2017, arXiv:1611.01232).  Three numbers describe a signal and go through
 * the stack: its mean over units, its mean square, and the mean product of the
 * signals of two inputs of equal length; a batch's norm wants a fourth, the
 * mean product of inputs that are no such pair.
 *
 * Weights that are one constant give every unit the same h, which is normal
 * over inputs then.
 *
 * moments.h has the activations and verdict.h the verdicts; this includes both.
 * measure.h, which is public as well, measures what this predicts, and
 * density.h has the law of one element.
 *
 * Everything here reports; none of it is promised to the last bit, unlike the
 * tensors (it uses libm).  Moments are within 1e-10 of themselves where they
 * are not much smaller than the largest.  Nothing allocates or keeps mutable
 * globals; arrays are the caller's; any thread may call.  Mean squares of
 * signals are held between 1e-300 and 1e300, unless they are 0; a logarithm of
 * 0 is -INFINITY.  Nothing is ever NaN but where this header says so.
 */
#ifndef ANALYSIS_H
#define ANALYSIS_H

#include "analysis/moments.h"
#include "analysis/verdict.h"
#include "sow.h"

/* ------------------------------------------------------------------------
 * Layers
 */

/* What a weight matrix is beside its mean and variance. */
enum sow_analysis_ensemble {
    SOW_ENSEMBLE_INDEPENDENT, /* independent elements */
    SOW_ENSEMBLE_ORTHOGONAL,  /* orthonormal rows or columns times a gain */
    SOW_ENSEMBLE_FIXED,       /* not random, such as the identity */
};

/* "independent", "orthogonal", "fixed". */
const char *sow_analysis_ensemble_name(enum sow_analysis_ensemble ensemble);

/*
 * A weight.  'mean' and 'variance' are those of an element.  For an orthogonal
 * one of gain g the variance is g^2 / max(receptive n_in, n_out).
 * 'mirrors_in' says that it is [A, -A], 'mirrors_out' that it is [A; -A]; both
 * that it is [[A, -A], [-A, A]] (Burkholz and Dubatovka 2019); 'ensemble' is
 * A's then and 'variance' that of A's elements.  'rows' and 'columns' are how
 * many different rows, which are of one output each, and columns there are; 0
 * stands for all.  (1 and 1 for a constant.)
 */
struct sow_analysis_weight {
    double mean, variance;
    enum sow_analysis_ensemble ensemble;
    bool mirrors_in, mirrors_out;
    uint64_t rows, columns;
};

enum sow_analysis_norm {
    SOW_NORM_NONE,
    SOW_NORM_LAYER, /* less the mean over units, over the deviation */
    SOW_NORM_RMS,   /* over the root of the mean square */
    SOW_NORM_BATCH, /* as layer, but over a large batch of pairs of inputs */
};

/* "none", "layer_norm", "rms_norm", "batch_norm". */
const char *sow_analysis_norm_name(enum sow_analysis_norm norm);
SOW_MUST_CHECK bool sow_analysis_norm_find(const char *name,
                                           enum sow_analysis_norm *norm);

/*
 * A layer.  'n_in' and 'n_out' are at least 1; 'receptive' is how many places
 * of a kernel have weights, 1 for a dense layer: a sum has receptive n_in
 * terms.  'activation' NULL is the identity.  'norm' comes after the sum,
 * 'input_norm' before the weights; a norm's own gain is 1 and shift 0.  'keep'
 * is what dropout keeps of the activations, in (0, 1].
 *
 * 'opens' says that a residual branch begins at this layer's input, 'closes'
 * that it ends at its output, which times 'alpha' is added to what entered the
 * branch.  Branches don't nest or overlap.  A branch must give as many units
 * as it took; where it doesn't (a projection on the skip) it is taken to keep
 * the mean square.
 *
 * 'dtype' is what activations are kept in.  'name' is NULL or what verdicts
 * call the layer (borrowed; NULL gives "layer 3", counted from 0).
 */
struct sow_analysis_layer {
    const char *name;
    uint64_t n_in, n_out;
    double receptive;
    struct sow_analysis_weight weight;
    double bias_mean, bias_variance;
    const struct sow_analysis_activation *activation;
    double parameter;
    enum sow_analysis_norm input_norm, norm;
    double keep;
    bool opens, closes;
    double alpha;
    enum sow_dtype dtype;
};

/*
 * Set a dense float32 layer without bias, activation, norm, dropout and
 * branch, all weights 0.
 */
void sow_analysis_layer_init(struct sow_analysis_layer *layer, uint64_t n_in,
                             uint64_t n_out);

/*
 * Set n_in, n_out, receptive and weight of 'layer' from a weight tensor with
 * in and out axes; nothing else of it.  Exact from the law where the scheme
 * has one; the mean and variance of other schemes are taken from up to 16384
 * elements read with 'engine' (a millisecond).  Kernels with values on the
 * centre alone have receptive 1.  Returns, 'layer' untouched,
 * SOW_BAD_SHAPE for an empty tensor, and SOW_BAD_SCHEME for one without in and
 * out axes or when nothing is known of the scheme before its whole is made or
 * its data are there ('error' says so in a sentence).
 */
SOW_MUST_CHECK enum sow_status
sow_analysis_weight(struct sow_analysis_layer *layer,
                    const struct sow_engine *engine,
                    const struct sow_tensor *tensor, struct sow_error *error);

/* The same for bias_mean and bias_variance, from a tensor of any shape. */
SOW_MUST_CHECK enum sow_status
sow_analysis_bias(struct sow_analysis_layer *layer,
                  const struct sow_engine *engine,
                  const struct sow_tensor *tensor, struct sow_error *error);

/* ------------------------------------------------------------------------
 * The recursion
 */

/*
 * What goes in, and the thresholds of verdicts.  'mean' and 'second_moment'
 * are over the elements of an input, 'correlation' is the mean product of two
 * inputs that are a pair over second_moment, 'between' of two that are not,
 * at least mean^2 / second_moment.
 */
struct sow_analysis_input {
    double mean;          /* 0; its square is at most second_moment */
    double second_moment; /* 1; at least 0 and finite */
    double correlation;   /* 0.5; from -1 to 1 */
    double between;       /* 0; from -1 to 1; of concern to batch norms */
    double threshold;     /* 3: decades that a signal may gain or lose; > 0 */
    double epsilon;       /* 0.01: how near 1 chi_1 is critical; > 0 */
};

void sow_analysis_input_init(struct sow_analysis_input *input);

/*
 * What a layer does.  "Enters" is the layer's input, "leaves" what the next
 * one takes, after activation, dropout and the sum of a residual branch.
 */
struct sow_analysis_result {
    /* Pre-activations (after 'norm'), over units and weights. */
    double mean; /* E[h] */
    double q;    /* E[h^2], the length of Poole et al. */
    double c;    /* E[h h'] / q of two inputs; 1 when q is 0 */

    /*
     * What leaves.  Between mirrored layers, which see of phi its odd part
     * only, this and what follows is of (phi(h) - phi(-h)) / sqrt(2).
     */
    double m1; /* mean */
    double m2; /* mean square */
    double c2; /* of two inputs, over m2; 1 when m2 is 0 */

    /*
     * sigma_w^2 = receptive n_in Var(w), over a norm's variance.  chi_1 =
     * sigma_w^2 E[phi'(h)^2] / keep, by which the distance of two near inputs
     * grows; dq = d E[phi^2] / d m2 of what enters (the slope of the length
     * map, Poole et al.), 0 behind a norm.
     */
    double sigma_w2;
    double chi_1;
    double dq;
    double slope;          /* E[phi'(h)] */
    double slope_square;   /* E[phi'(h)^2] */
    double norm_variance;  /* what 'norm' divides by, squared; 1 without */
    double input_variance; /* the same of 'input_norm' */

    /*
     * forward = mean square of phi(h) over that of what enters, backward =
     * mean square of dL/d(what enters) over dL/d phi(h), by the layer itself,
     * without the skip: receptive n_out Var(w) E[phi'^2] / keep for weights
     * of mean 0.  1 and 0 when there is nothing to divide by.
     */
    double forward;
    double backward;

    /*
     * log10 of mean squares over the whole network: what leaves over the
     * network's input; dL/d(what enters) over dL/d(output), with skips; and
     * dL/dw of this layer's weight, for dL/d(output) of mean square 1.
     */
    double log10_forward;
    double log10_backward;
    double log10_weight_gradient;

    /*
     * Finite width, from the input on: the standard deviation of the squared
     * norm of what leaves over its mean, over draws of the weights; for zero
     * biases and (leaky) ReLU exactly sqrt(prod (1 + k / n) - 1), k = 5 for
     * ReLU.  And the probability that for one input some layer up to here
     * gives 0 in all units, 1 - prod (1 - P(h <= 0)^n); 0 in branches.
     */
    double finite_width;
    double death;

    /*
     * The layer's share of the variance of the squared singular values of the
     * input-output Jacobian over their squared mean: mu_2 / mu_1^2 - 1 - s_1,
     * mu_k = E[phi'^(2k)], s_1 = -1 for independent and 0 for orthogonal
     * weights (Pennington, Schoenholz and Ganguli 2017, arXiv:1711.04735).
     * INFINITY where phi' is 0.  A residual branch has its share, (2 a + a^2
     * s) / (1 + a)^2 with s the sum of its layers' shares and a the mean
     * squared singular value of alpha f', at the layer that closes it.
     */
    double jacobian;

    /*
     * About the largest magnitude in h, phi(h) and what leaves, sqrt(2 log(2
     * n_out)) deviations; and the share of units with h <= 0.
     */
    double largest;
    double inactive;

    bool scale_invariant; /* a norm follows: the weights' scale is no matter */
};

/*
 * Of the whole.  'typical' is the layer whose map was iterated to its fixed
 * point: the last hidden one that is as wide in as out, or else the last
 * hidden, or the only one.  That is the fixed point near its q, or where q
 * goes, or the one that q runs away from.  Where it has none (or has a norm,
 * weights of mean other than 0, mirrors, or is in a residual branch)
 * 'fixed' is false, chi_1 and slope are those at the layer itself, and the
 * others of the group are NaN.  Depth scales are in layers, INFINITY at a
 * critical point: |1 / log x| for x = C'(c*), dq'/dq and chi_1.
 */
struct sow_analysis_summary {
    double log10_forward, log10_backward; /* of the whole network */
    double forward_rate, backward_rate;   /* the same over the layers */
    double jacobian;                      /* the shares' sum */
    double finite_width, death;

    size_t typical;
    bool fixed;
    double q_star, c_star;
    double chi_1, slope;
    double xi_c, xi_q, xi_gradient;
    double trainable_depth; /* about 6 xi_c (Schoenholz et al.) */
};

/*
 * Follow 'count' >= 1 layers.  'results' has room for as many.  Returns
 * SOW_BAD_PARAMETER, with error.at the field ("second_moment", "n_in", "keep",
 * "variance", …) and the layer in error.text, when a number is out of its
 * range or no number, and SOW_BAD_SHAPE (at "opens", "closes" or "count")
 * when branches don't match; nothing is written then.  That a layer takes what
 * the one before gives is the caller's to check.  Now and then it asks
 * 'stop(argument)', if given, and returns SOW_STOPPED when that is true, the
 * results half made.  Fifty layers take some milliseconds, ten thousand some
 * seconds at most.
 */
SOW_MUST_CHECK enum sow_status sow_analysis_run(
    const struct sow_analysis_input *input,
    const struct sow_analysis_layer *layers, size_t count,
    struct sow_analysis_result *results, struct sow_analysis_summary *summary,
    bool (*stop)(void *argument), void *argument, struct sow_error *error);

#endif
