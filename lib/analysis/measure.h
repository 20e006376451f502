/* SPDX-License-Identifier: MIT */
/*
 * What an initialization does to signals and gradients, measured: the actual
 * weights of the actual seed, and a batch that runs through them forward and
 * its gradient backward.  A part of the public header analysis/analysis.h,
 * whose layers it takes and whose results it gives, so that theory and
 * measurement stand side by side.
 *
 *     struct sow_measurement m = {.layers = …, .stages = …, .count = …,
 *                                 .input = …, .samples = 64, .shape = …};
 *     m.plan = malloc(sow_measurement_plan(m.count));
 *     if (sow_measurement_init(&m, &error) != SOW_OK) …error.text…
 *     room = aligned_alloc(64, m.room);
 *     for (size_t phase = 0; phase < m.phases; phase++) {
 *         tensor = sow_measurement_tensor(&m, phase);
 *         … make the tensor's whole, if it needs one …
 *         for each task < sow_measurement_tasks(&m, phase)  on any threads
 *             sow_measurement_task(&m, engine, room, scratch of the thread,
 *                                  phase, task, whole, stop, argument);
 *     }
 *     sow_measurement_result(&m, room, results, &summary, &input);
 *
 * Nothing here makes threads or allocates.  All tasks of a phase must be done
 * before one of the next begins; those of one phase may run at the same time
 * and in any order.  The numbers don't depend on that, nor on how many threads
 * there are: cuts and the order of sums follow from the sizes alone.  They may
 * differ a little from engine to engine.
 *
 * Arithmetic is float32, its products may be fused, and what is counted over
 * values is summed in float64.  Forward, values are those that float32
 * training would have: what leaves its range is infinite, and reported so.
 * Backward, gradients are multiplied by powers of two, so that they neither
 * overflow nor underflow.  Weights are read in blocks, twice; only those of
 * convolutions are kept, those of one layer at a time.
 */
#ifndef MEASURE_H
#define MEASURE_H

#include "analysis/analysis.h"
#include "forward/calibrate.h"

/* Samples: even, as they come in pairs; and how many at most. */
#define SOW_MEASURE_SAMPLES 64
#define SOW_MEASURE_MOST_SAMPLES 4096

/*
 * A measurement.  Layer i has the activation, norms, dropout and branch of
 * layers[i], and the weight, bias and geometry of stages[i], whose method and
 * activation are not read; what layers[i] says of sizes and weights isn't
 * either.  A residual branch must give the units and positions that it takes.
 * An arriving signal with spatial axes is flattened, channels first, by a
 * dense layer.
 *
 * 'shape' is a sample's: (features), or (channels, spatial axes…).  'batch' is
 * 'samples' of these, row-major, of which 2 k and 2 k + 1 are a pair; or NULL:
 * then of pair x, x' the elements are
 *
 *     mean + s z,  mean + s (r z + sqrt(1 - r^2) z'),
 *     s^2 = second_moment - mean^2,
 *     r = (correlation second_moment - mean^2) / s^2 in [-1, 1]
 *
 * with z and z' the elements of samples 2 k and 2 k + 1 of a standard normal
 * float32 tensor (samples, shape…), the stream "measure input" of 'seed' and
 * no name.  The gradient of the output, (samples, channels, positions), is the
 * same of the stream "measure gradient".  Dropout in layer i keeps, times
 * 1 / keep, the values whose word of the stream "measure dropout" of the name
 * i is below keep 2^32, (samples, positions, channels).
 *
 * A layer or rms norm is over the channels of a position; a batch norm over
 * samples and positions, in training mode.  To what they divide by, squared,
 * 1e-5 is added.  They have gain 1 and shift 0.
 *
 * 'plan' is the caller's, sow_measurement_plan() bytes, as long as the
 * measurement lives; sow_measurement_init() fills it.  It works out the rest:
 * 'phases', how many there are; 'room', bytes that all tasks share, and
 * 'scratch', bytes of each thread, both aligned to 64 bytes and of any
 * content; and 'flops', about what it costs, in additions and multiplications.
 */
struct sow_measurement {
    const struct sow_analysis_layer *layers;
    const struct sow_stage *stages;
    size_t count;
    struct sow_analysis_input input;
    uint64_t samples;
    struct sow_shape shape;
    const double *batch;
    uint64_t seed;
    void *plan;
    size_t phases;
    uint64_t room;
    uint64_t scratch;
    double flops;
};

/* The bytes of a plan for 'count' layers; aligned as malloc() does. */
size_t sow_measurement_plan(size_t count);

/*
 * Set 'mean', 'second_moment', 'correlation' and 'between' to those of
 * 'samples' inputs of 'values' numbers each, of which each two are a pair, and
 * nothing else.  'samples' is even, none is 0; of one pair 'between' is 0. What
 * is no number gives NaN.
 */
void sow_measurement_batch(const double *batch, uint64_t samples,
                           uint64_t values, struct sow_analysis_input *input);

/*
 * Check the layers, and plan the measurement.  Fails, with all but the plan
 * untouched, with
 *
 *   SOW_BAD_PARAMETER  error.at "samples", "keep", "alpha", "second_moment",
 *                      … as sow_analysis_run() has it, or the name of an
 *                      activation's parameter
 *   SOW_BAD_SHAPE      at "shape", which doesn't fit the first layer or is no
 *                      sample's; or at a layer's number, such as "3", which
 *                      doesn't fit what comes before, or closes a branch that
 *                      doesn't give what it took; at "opens", "closes" or
 *                      "count" as sow_analysis_run() has it; at "room" when
 *                      all would take 2^48 bytes or more
 *   SOW_BAD_SCHEME     at "shape": a weight without in and out axes
 */
SOW_MUST_CHECK enum sow_status
sow_measurement_init(struct sow_measurement *measurement,
                     struct sow_error *error);

/* How many tasks phase 'phase' < phases has, at least 1. */
uint64_t sow_measurement_tasks(const struct sow_measurement *measurement,
                               size_t phase);

/*
 * The tensor that the phase reads, or NULL.  If sow_tensor_need() says so,
 * its whole has to be made before.
 */
const struct sow_tensor *
sow_measurement_tensor(const struct sow_measurement *measurement, size_t phase);

/*
 * Do task 'task' of phase 'phase'.  'whole' is that of the phase's tensor, or
 * NULL when it needs none or has its own.  It takes some milliseconds at most,
 * unless a layer is huge; now and then, and before anything else, it asks
 * 'stop(argument)', if given, and returns SOW_STOPPED when that is true, the
 * task half done; it may be done again.  Else it returns SOW_OK, or what
 * reading the tensor gave.
 */
SOW_MUST_CHECK enum sow_status
sow_measurement_task(const struct sow_measurement *measurement,
                     const struct sow_engine *engine, void *room, void *scratch,
                     size_t phase, uint64_t task, const double *whole,
                     bool (*stop)(void *argument), void *argument);

/*
 * What was measured, when all phases are done: 'count' results, the summary,
 * and into 'input' mean, second_moment and correlation of what went in, as
 * float32 has it; nothing else there.  A task that was stopped spoils it.
 *
 * Numbers mean what analysis.h says, with means over units, positions and
 * samples, and over pairs for c and c2: the mean product over the mean square,
 * not held in [-1, 1].  They are of the units themselves, also between mirrored
 * layers.  sigma_w2 is the number of terms of a sum times the variance of the
 * weights, over norm_variance; chi_1 = sigma_w2 slope_square / keep.  'death'
 * is the share of samples for which some layer up to here (none in branches)
 * gives 0 in all units.  log10_weight_gradient is of one sample's gradient:
 * of a dense layer the mean over samples of mean(delta^2) mean(x^2).  Gradients
 * are over the mean square of what arrives at the output.  'largest' is the
 * magnitude itself.  Not measured, and NaN, are dq, finite_width and jacobian,
 * and of the summary all but the first four fields and 'death'; 'typical' is
 * 0 and 'fixed' false.  Where values have left float32's range numbers are
 * infinite or NaN.
 */
void sow_measurement_result(const struct sow_measurement *measurement,
                            const void *room,
                            struct sow_analysis_result *results,
                            struct sow_analysis_summary *summary,
                            struct sow_analysis_input *input);

#endif
