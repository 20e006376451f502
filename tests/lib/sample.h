/* SPDX-License-Identifier: MIT */
/*
 * Statistics of many draws from a law that is known exactly, and the limits
 * that they keep unless the draws are wrong.
 *
 * Each statistic is compared with a limit that a right generator passes with
 * probability 'level' at most.  The limits follow from the law and the number
 * of draws alone:
 *
 *   moments, correlations and fine bits are means of n independent terms
 *   whose mean and variance are known, so a z-score, normal by the central
 *   limit theorem;
 *   Kolmogorov and Smirnov's D by Massart's bound 2 exp(-2 n D^2) (1990);
 *   Anderson and Darling's A^2, which tends to the sum of Z_j^2 / (j (j + 1))
 *   with independent standard normals Z_j (1952), by Chernoff's bound on it.
 *
 * With a level of 1e-6 over the number of all checks (Bonferroni), a right
 * generator fails any of them with probability 1e-6 at most.  And since draws
 * are functions of the seed, a test that passes passes for ever.
 */
#ifndef SAMPLE_H
#define SAMPLE_H

#include "sow.h"

/* A law: its density, on [low, high], and its distribution function. */
struct exact_law {
    enum sow_law_kind kind;
    double low, high;
    double below, between; /* a normal's mass below low, and inside */
};

/*
 * SAMPLE_TENSORS tensors of SAMPLE_ROWS rows and columns each, one after
 * another: first those of one name, with one seed after another, then as many
 * of another name.  So neighbours, rows, seeds and names are all distances.
 */
enum {
    SAMPLE_COLUMNS = 1000,
    SAMPLE_TENSOR = 1000 * SAMPLE_COLUMNS,
    SAMPLE_SEEDS = 5,
    SAMPLE_NAME = SAMPLE_SEEDS * SAMPLE_TENSOR,
    SAMPLE_COUNT = 2 * SAMPLE_NAME
};

/* The statistics, in the order of their names. */
enum statistic {
    SAMPLE_BOUNDS,
    SAMPLE_MEAN,
    SAMPLE_VARIANCE,
    SAMPLE_SKEWNESS,
    SAMPLE_KURTOSIS,
    SAMPLE_NEIGHBOURS,
    SAMPLE_BETWEEN_ROWS,
    SAMPLE_BETWEEN_SEEDS,
    SAMPLE_BETWEEN_NAMES,
    SAMPLE_FINE_BITS,
    /* Of the draws in order. */
    SAMPLE_KOLMOGOROV,
    SAMPLE_ANDERSON,
    SAMPLE_STATISTICS
};

const char *statistic_name(enum statistic statistic);

/* What a right generator's statistic does not pass, with 1 - 'level'. */
double statistic_limit(enum statistic statistic, double level);

/* Uniform on [low, high), or standard normal on [low, high]. */
struct exact_law law_uniform(double low, double high);
struct exact_law law_normal(double low, double high);

/*
 * The statistics of SAMPLE_COUNT draws but for the last two.  z-scores are
 * absolute values; SAMPLE_BOUNDS counts the draws outside of the law's.
 */
void sample_measure(const struct exact_law *law, const double *draws,
                    double statistics[SAMPLE_STATISTICS]);

/* The last two, for which the draws must be sorted. */
void sample_measure_order(const struct exact_law *law, const double *draws,
                          double statistics[SAMPLE_STATISTICS]);

#endif
