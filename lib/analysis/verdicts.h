/* SPDX-License-Identifier: MIT */
/* What the parts of sow_analysis_verdicts() share; for lib/analysis only. */
#ifndef VERDICTS_H
#define VERDICTS_H

#include "analysis/theory.h"

/* A finished run. */
struct sow_run {
    const struct sow_analysis_input *input;
    const struct sow_analysis_layer *layers;
    size_t count;
    const struct sow_analysis_result *results;
    const struct sow_analysis_summary *summary;
};

/* The verdicts so far; there is room. */
struct sow_findings {
    struct sow_verdict *verdicts;
    size_t count;
};

/* Layers of a verdict: the worst, the first and the last. */
struct sow_span {
    size_t layer, first, last;
};

/* Add a verdict, without text and advice. */
struct sow_verdict *sow_findings_add(struct sow_findings *findings,
                                     enum sow_verdict_kind kind,
                                     enum sow_severity severity,
                                     struct sow_span span, const char *quantity,
                                     double number);

/* The verdict of that kind, or NULL. */
const struct sow_verdict *sow_findings_of(const struct sow_findings *findings,
                                          enum sow_verdict_kind kind);

/* snprintf() into a field of 'size' bytes. */
void sow_say(char *text, size_t size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* What a sentence calls layer 'i'; the result is 'room' or the layer's name. */
#define SOW_CALLED 32
const char *sow_call(const struct sow_run *run, size_t i,
                     char room[SOW_CALLED]);

const char *sow_phi_name(const struct sow_analysis_layer *layer);
bool sow_is_zero(const struct sow_analysis_layer *layer);

/* The parts: zero and equal weights, gains, ranges and widths. */
void sow_judge_zeros(const struct sow_run *run, struct sow_findings *findings);
void sow_judge_gains(const struct sow_run *run, struct sow_findings *findings);
void sow_judge_ranges(const struct sow_run *run, struct sow_findings *findings);

/*
 * Advise weights that keep the signal and the gradient of a stack of layers
 * like 'i': for an activation with a stable critical point the edge of chaos,
 * else the gain that keeps the mean square.
 */
void sow_advise_gain(const struct sow_run *run, size_t i,
                     struct sow_advice *advice);

/*
 * Advise what makes one draw more like the next: layers that are 'wider' times
 * as wide, or weights that vary less where such would do.
 */
void sow_advise_width(const struct sow_run *run, double wider,
                      struct sow_advice *advice);

/* Can each layer's weights be mirrored, both ways? */
bool sow_has_even_widths(const struct sow_run *run);

#endif
