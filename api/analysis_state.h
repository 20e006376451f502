/* SPDX-License-Identifier: MIT */
/* What stands behind 'struct analysis': for analysis.c and analysis_work.c. */
#ifndef ANALYSIS_STATE_H
#define ANALYSIS_STATE_H

#include "analysis.h"
#include "analysis_parts.h"

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

/* 'places' is what the parts' entries are of; 'cases' are owned. */
struct analysis {
    const struct sow_engine *engine;
    const struct place *places;
    struct sow_analysis_input input;
    struct analysis_parts parts;
    struct analysis_case *cases;
    size_t case_count;
    struct text head;
};

#endif
