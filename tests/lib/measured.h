/* SPDX-License-Identifier: MIT */
/* Small stacks with real weights, to be measured. */
#ifndef MEASURED_H
#define MEASURED_H

#include "analysis/measure.h"
#include "help.h"

#define MEASURED_LAYERS 8

/*
 * Layers, their tensors, and what was measured.  The batch is owned, or NULL.
 * 'scratch' and 'room' are dirty before anything runs.
 */
struct measured {
    struct sow_analysis_layer layers[MEASURED_LAYERS];
    struct sow_stage stages[MEASURED_LAYERS];
    struct sow_tensor weights[MEASURED_LAYERS], biases[MEASURED_LAYERS];
    char names[MEASURED_LAYERS][2][16];
    struct sow_measurement m;
    double *batch;
    void *room;
    struct sow_analysis_result results[MEASURED_LAYERS];
    struct sow_analysis_summary summary;
    struct sow_analysis_input input;
};

/* How the tasks of a phase are done. */
enum measured_order { IN_ORDER, IN_REVERSE, SIDE_BY_SIDE };

/* No layers; samples of this shape, synthetic, of seed 42. */
void measured_init(struct measured *measured, uint64_t samples,
                   struct sow_shape shape);
void measured_free(struct measured *measured);

/* Give it a batch of normals, the same for the same samples and shape. */
void measured_give_batch(struct measured *measured);

/*
 * Add a layer with the weight that 'spec' says, whose name and seed are set to
 * go with the layer's number; of more than two dimensions it is a convolution
 * with stride 1.  'activation' is a name, or NULL.
 */
struct sow_analysis_layer *measured_add(struct measured *measured,
                                        const struct sow_spec *spec,
                                        const char *activation);

/* Give the last layer normal biases. */
void measured_add_bias(struct measured *measured);

/* The geometry of the last layer. */
struct sow_stage *measured_stage(struct measured *measured);

/* Plan and run it; all must succeed. */
void measured_run(struct measured *measured, const struct sow_engine *engine,
                  enum measured_order order);

/* Plan it; it must be refused so. */
void measured_refused(struct measured *measured, enum sow_status status,
                      const char *at);

/* The numbers of two layers' results, within 'tolerance' of each other. */
void measured_same(const char *what, const struct sow_analysis_result *a,
                   const struct sow_analysis_result *b, double tolerance);

#endif
