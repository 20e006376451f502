/* SPDX-License-Identifier: MIT */
/*
 * What follows from an analysis, in sentences.  A part of analysis/analysis.h,
 * which includes it.
 */
#ifndef VERDICT_H
#define VERDICT_H

#include <stdbool.h>
#include <stddef.h>

struct sow_analysis_input;
struct sow_analysis_layer;
struct sow_analysis_result;
struct sow_analysis_summary;

enum sow_verdict_kind {
    SOW_VERDICT_DEAD,               /* zero weights that nothing will move */
    SOW_VERDICT_ZERO_LAYER_OK,      /* one zero layer, which learns */
    SOW_VERDICT_ZERO_BUT_SYMMETRIC, /* zero, learns, units stay identical */
    SOW_VERDICT_SYMMETRIC,          /* units that stay identical */
    SOW_VERDICT_VANISHING,
    SOW_VERDICT_EXPLODING,
    SOW_VERDICT_ORDERED,
    SOW_VERDICT_CRITICAL,
    SOW_VERDICT_CHAOTIC,
    SOW_VERDICT_UNSTABLE_FIXED_POINT,
    SOW_VERDICT_SATURATING,
    SOW_VERDICT_OVERFLOW_RISK,
    SOW_VERDICT_DEAD_RELU_RISK,
    SOW_VERDICT_FINITE_WIDTH,
    SOW_VERDICT_ISOMETRIC,   /* dynamical isometry: singular values near 1 */
    SOW_VERDICT_APPROXIMATE, /* what the theory doesn't fit */
};

#define SOW_VERDICTS 16

/* "dead", "zero_layer_ok", …: the enum's names in lower case. */
const char *sow_verdict_name(enum sow_verdict_kind kind);

/* How bad: fine to know, may train badly, will not train. */
enum sow_severity { SOW_NOTE, SOW_WARNING, SOW_FAULT };

/* "note", "warning", "fault". */
const char *sow_severity_name(enum sow_severity severity);

#define SOW_ADVICE_PARAMETERS 3

/*
 * A scheme of the catalogue with the parameters that are not at their
 * defaults: 'choice' is a choice's text, or NULL, and then 'number' counts.
 * 'name' is NULL for no scheme.
 */
struct sow_advice_scheme {
    const char *name;
    size_t count;
    struct {
        const char *name;
        const char *choice;
        double number;
    } parameters[SOW_ADVICE_PARAMETERS];
};

/*
 * What would mend it: a sentence, "" when nothing need be mended, and as far
 * as a scheme does it, the one for weights and the one for biases.  'alpha' is
 * a residual branch's factor, NaN when that is not the mend.
 */
struct sow_advice {
    char text[256];
    struct sow_advice_scheme weight, bias;
    double alpha;
};

/*
 * One verdict a kind.  'first' and 'last' are the layers it is about (they
 * and some, not always all, between), 'layer' the worst or the first of them;
 * 'number' is the number behind it there and 'quantity' its name: a field of
 * struct sow_analysis_result or of the summary, or "width", the number of
 * different units, "zero_layers", how many.  'text' is a sentence or two with
 * the number; 'source' who found it.
 */
struct sow_verdict {
    enum sow_verdict_kind kind;
    enum sow_severity severity;
    size_t layer, first, last;
    const char *quantity;
    double number;
    char text[320];
    const char *source;
    struct sow_advice advice;
};

/*
 * The verdicts of a finished run, worst first, into 'verdicts', which has room
 * for SOW_VERDICTS.  Returns how many there are.
 */
size_t sow_analysis_verdicts(const struct sow_analysis_input *input,
                             const struct sow_analysis_layer *layers,
                             size_t count,
                             const struct sow_analysis_result *results,
                             const struct sow_analysis_summary *summary,
                             struct sow_verdict verdicts[SOW_VERDICTS]);

#endif
