/* SPDX-License-Identifier: MIT */
/* The answer to a request for an analysis, as JSON. */
#ifndef ANALYSIS_TEXT_H
#define ANALYSIS_TEXT_H

#include "analysis/analysis.h"
#include "formats/text.h"

/* What was measured of as many layers. */
struct analysis_measured {
    const struct sow_analysis_result *results;
    const struct sow_analysis_summary *summary;
};

/* What was found out of 'count' layers; 'measured' may be NULL. */
struct analysis_findings {
    const struct sow_analysis_input *input;
    const struct sow_analysis_layer *layers;
    size_t count;
    const struct sow_analysis_result *results;
    const struct sow_analysis_summary *summary;
    const struct analysis_measured *measured;
};

/* A batch that was measured: its size, the cost of all, and its moments. */
struct analysis_batch {
    uint64_t samples;
    double flops;
    struct sow_analysis_input input;
};

/*
 * Write what comes before the first scheme's analysis, with 'batch' unless
 * NULL; false when out of memory.
 */
bool analysis_put_head(struct text *text,
                       const struct sow_analysis_input *input,
                       const struct analysis_batch *batch);

/* Add an object: of the scheme, which may be NULL, layers and verdicts. */
void analysis_put(struct text *text, const struct sow_scheme *scheme,
                  const struct analysis_findings *findings);

#endif
