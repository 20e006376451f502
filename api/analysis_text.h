/* SPDX-License-Identifier: MIT */
/* The answer to a request for an analysis, as JSON. */
#ifndef ANALYSIS_TEXT_H
#define ANALYSIS_TEXT_H

#include "analysis/analysis.h"
#include "formats/text.h"

/* What was found out of 'count' layers. */
struct analysis_findings {
    const struct sow_analysis_input *input;
    const struct sow_analysis_layer *layers;
    size_t count;
    const struct sow_analysis_result *results;
    const struct sow_analysis_summary *summary;
};

/* Add the members of what goes in. */
void analysis_put_input(struct text *text,
                        const struct sow_analysis_input *input);

/* Add an object: of the scheme, which may be NULL, layers and verdicts. */
void analysis_put(struct text *text, const struct sow_scheme *scheme,
                  const struct analysis_findings *findings);

#endif
