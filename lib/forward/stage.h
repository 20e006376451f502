/* SPDX-License-Identifier: MIT */
/*
 * One stage of a stack: its sizes, and a batch through it; lib/ only.
 *
 * Activations are kept as [channel][position][sample], so that the innermost
 * loop runs over samples, each with a sum of its own.
 */
#ifndef STAGE_H
#define STAGE_H

#include "forward/calibrate.h"

/* batch.c: values [first, first + count), count <= SOW_MADE, row-major. */
void sow_batch_read(const struct sow_calibration *calibration,
                    const struct sow_engine *engine, uint64_t first,
                    size_t count, double *out);

/* What flows from stage to stage: channels, and positions on three axes. */
struct flow {
    uint64_t channels;
    uint64_t size[SOW_MAX_SPATIAL];
};

/* A stage with the sizes around it. */
struct step {
    const struct sow_stage *stage;
    struct flow in, out;
    uint64_t kernel[SOW_MAX_SPATIAL];
    uint64_t taps;
    uint64_t inputs; /* of one output: a group's channels */
};

uint64_t sow_stage_positions(const struct flow *flow);
uint64_t sow_stage_values(const struct flow *flow); /* of one sample */

/*
 * Set up a step whose input is 'in'; a dense layer flattens it.  Returns
 * SOW_BAD_SHAPE or SOW_BAD_SCHEME, error.at being 'at', when they don't fit.
 */
SOW_MUST_CHECK enum sow_status
sow_stage_enter(struct step *step, const struct sow_stage *stage,
                const struct flow *in, const char *at, struct sow_error *error);

/*
 * Where tap 'tap' of output position 'at' looks: a position of the input, or
 * false when it looks at the padding.
 */
bool sow_stage_look(const struct step *step, uint64_t at, uint64_t tap,
                    uint64_t *where);

/* The weight as [output][input][tap].  It stops as sow_stage_multiply() does.
 */
SOW_MUST_CHECK enum sow_status
sow_stage_unpack(const struct sow_engine *engine, const struct step *step,
                 double *weights, bool (*stop)(void *argument), void *argument);

/*
 * All outputs of 'batch' samples, without bias and activation.  Returns
 * SOW_STOPPED when 'stop(argument)', if given, says true.
 */
SOW_MUST_CHECK enum sow_status
sow_stage_multiply(const struct step *step, const double *weights,
                   uint64_t batch, const double *in, double *out,
                   bool (*stop)(void *argument), void *argument);

/* Add the bias, if there is one, to all outputs. */
SOW_MUST_CHECK enum sow_status
sow_stage_add_bias(const struct sow_engine *engine, const struct step *step,
                   uint64_t batch, double *out);

/* Apply the activation to all outputs. */
void sow_stage_activate(const struct step *step, uint64_t batch, double *out);

#endif
