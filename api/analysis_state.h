/* SPDX-License-Identifier: MIT */
/*
 * What stands behind 'struct analysis': for the files that read one, follow it
 * and measure it.
 */
#ifndef ANALYSIS_STATE_H
#define ANALYSIS_STATE_H

#include "analysis.h"
#include "analysis_parts.h"
#include "analysis_text.h"
#include "measure_fields.h"

/*
 * A scheme, the tensors that it makes, and what became of them.  The scheme's
 * 'info' is NULL where layers have theirs.  When a unit has been left it isn't
 * 'done', and 'problem' says why, or has no code if it was stopped.
 */
struct analysis_case {
    struct sow_scheme scheme;
    struct model model;
    struct text text;
    bool done;
    struct problem problem;
};

struct measuring;

/*
 * 'places' is what the parts' entries are of; 'compares' says that the schemes
 * are those of 'schemes'.  'cases' and 'measuring' are owned, the latter NULL
 * when nothing is measured.
 */
struct analysis {
    const struct sow_engine *engine;
    const struct place *places;
    bool compares;
    struct sow_analysis_input input;
    struct measure_wish wish;
    uint64_t seed; /* the request's */
    struct analysis_parts parts;
    struct analysis_case *cases;
    size_t case_count;
    struct text head;
    struct measuring *measuring;
};

/* A case at work, with room for as many layers and results as there are. */
struct analysis_run {
    const struct analysis *analysis;
    struct analysis_case *made;
    struct sow_analysis_layer *layers;
    struct sow_analysis_result *results;
    struct sow_analysis_summary summary;
    bool (*stop)(void *argument);
    void *argument;
};

/*
 * Put a problem with the scheme of case 'i' where that scheme was given.
 * Between widths that is what doesn't fit, not the widths.
 */
void analysis_blame_scheme(const struct analysis *analysis, size_t i,
                           struct problem *problem);

/* What is said of layer 'i' beside its weights. */
void analysis_set_traits(struct sow_analysis_layer *layer,
                         const struct analysis_part *part);

/* By theory; false when stopped, or refused, as the case says then. */
bool analysis_follow(struct analysis_run *run);

/* Write what has been found, 'measured' unless NULL beside it: it is done. */
void analysis_write(const struct analysis_run *run,
                    const struct analysis_measured *measured);

#endif
