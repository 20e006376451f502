/* SPDX-License-Identifier: MIT */
/*
 * The two passes of a measurement, and what their parts share; for
 * lib/analysis only.
 *
 * Samples go in panels of SOW_LANES; what a panel lacks is made up with
 * samples that count for nothing.  A signal is a list of panels; a panel is a
 * row of SOW_LANES floats for each value, and value v of a flow is unit
 * v % channels of position v / channels.  Signals lie in the room, where a
 * region is the offset of its first byte, a multiple of 64.
 *
 * A layer's regions:
 *
 *     entered   what enters; if nobody reads it later that is the transient
 *     fed       what the weights take: 'entered', or that after the norm
 *     hidden    the sums, and then these after the norm
 *     slope     phi'(h), times what dropout does; then delta, the gradient of
 *               the sums; the same as 'hidden' if there is no norm
 *
 * Tasks leave what they count in slots of their own, which the result adds up.
 */
#ifndef PASS_H
#define PASS_H

#include "analysis/measure.h"
#include "analysis/theory.h"
#include "forward/stage.h"
#include "kernels/kernels.h"

/* The least values of one panel that a task takes, and the most tasks. */
#define PASS_CHUNK 512
#define PASS_CHUNKS 64

/* Sums side by side, where more than one task adds to an output. */
#define PASS_PARTS 8

/* Elements of a weight that are converted at a time. */
#define PASS_RAW 8192

/* Room, and scratch, stay below it. */
#define PASS_MOST_BYTES 0x1p48

/* How the elements of a weight lie in the tensor. */
enum pass_storage {
    PASS_OUT_IN, /* all inputs of an output side by side */
    PASS_IN_OUT, /* the other way round */
    PASS_MIXED,  /* read as if it were PASS_OUT_IN */
    PASS_KEPT,   /* rearranged, and kept while it is needed: slid along */
};

/* Over what was counted: doubles of all lanes that count. */
struct tally {
    double sum, square, product; /* of pairs of lanes */
    double largest;
};

/* Squares, lane by lane. */
struct tally_lanes {
    double square[SOW_LANES];
};

struct slot_active {
    struct tally hidden, leaving;
    double own; /* the square of what the layer gives, without the skip */
    double slope, slope_square, inactive;
    uint32_t alive; /* a bit for each lane in which not all is 0 */
};

/* Sums of a weight and of its squares. */
struct slot_weight {
    double sum, square;
};

/* Squares: of what a layer gets back, or has got with and without the skip. */
struct slot_back {
    double own, all;
};

/*
 * Powers of two that the stored gradients lack: delta, what is handed to the
 * skip, and what the layer below gets.
 */
struct note {
    int64_t delta, skip, land;
};

/* Slots: one for each task, or for each panel and chunk. */
struct pass {
    struct step step;
    enum pass_storage storage;
    uint64_t ins, outs;    /* values of one sample */
    uint64_t outer, inner; /* rows of the weight as stored, and their length */
    uint64_t block;        /* rows that are read at a time */
    uint64_t stride;       /* floats from row to row of a block */
    size_t partner;        /* the other end of the branch */
    bool inside;           /* in a branch */
    bool turned;           /* the next layer wants channels first */
    uint64_t entered, fed, hidden, slope;
    uint64_t bias, inverse_in, inverse_out;
    uint64_t fed_lanes, fed_chunks; /* who counted what is fed */
    uint64_t delta_lanes;
    uint64_t leaving_lanes;
    uint64_t active, weight, norm_in, norm_out, back, land, gradient;
    size_t forward, backward; /* the first phase of either pass */
};

/* What layers share, and then the layers. */
struct plan {
    uint64_t panels;
    uint64_t transient, gradient, skip, sums, weights, notes;
    uint64_t input, input_lanes, output;
    size_t last; /* the first phase of the backward pass: the output's */
    struct pass passes[];
};

/* A task at work, for layer 'index'. */
struct work {
    const struct sow_measurement *m;
    const struct plan *plan;
    const struct pass *pass;
    const struct sow_analysis_layer *layer;
    size_t index;
    const struct sow_engine *engine;
    uint8_t *room;
    void *scratch;
    uint64_t task;
    struct sow_tensor tensor; /* the phase's, with its whole */
    bool (*stop)(void *argument);
    void *argument;
};

enum pass_direction { PASS_FORWARD, PASS_BACKWARD };

/* Some values of a panel, and how many of its lanes count. */
struct chunk {
    uint64_t panel, first;
    size_t count, lanes;
};

/* Sums as one goes along the rows, lane by lane. */
struct gauge {
    double sum[SOW_LANES], square[SOW_LANES], product[SOW_LANES / 2];
    float largest[SOW_LANES];
};

/* A task; what it returns goes to the caller of sow_measurement_task(). */
typedef enum sow_status pass_task(const struct work *work);

/* ------------------------------------------------------------------------
 * pass_plan.c
 */

/*
 * Check the stack, and set room, scratch and flops of 'm' and all of its plan
 * but the phases.
 */
SOW_MUST_CHECK enum sow_status sow_pass_plan(struct sow_measurement *m,
                                             struct sow_error *error);

/* How many of so many values are a chunk, and chunks of so many. */
uint64_t sow_pass_chunk_size(uint64_t values);
uint64_t sow_pass_chunks(uint64_t values);

/* Does the product add up columns, in parts? */
bool sow_pass_adds(const struct pass *pass, enum pass_direction direction);

/* Tasks of a product; the parts, if it adds them up. */
uint64_t sow_pass_blocks(const struct pass *pass,
                         enum pass_direction direction);

/* ------------------------------------------------------------------------
 * pass_fit.c: SOW_BAD_SHAPE unless it fits, as sow_measurement_init() says
 */

/* A sample's shape. */
SOW_MUST_CHECK enum sow_status sow_fit_shape(const struct sow_shape *shape,
                                             struct sow_error *error);

/* Layer 'i' behind 'flow': the step of its pass. */
SOW_MUST_CHECK enum sow_status sow_fit_enter(const struct sow_measurement *m,
                                             struct plan *plan, size_t i,
                                             const struct flow *flow,
                                             struct sow_error *error);

/*
 * The branch that layer 'i' is in: it must end as it began.  'opened' is the
 * layer where the last one did, 'inside' whether it hasn't ended yet.
 */
SOW_MUST_CHECK enum sow_status sow_fit_branch(const struct sow_measurement *m,
                                              struct plan *plan, size_t i,
                                              size_t *opened, bool *inside,
                                              struct sow_error *error);

/* Fail for want of memory. */
enum sow_status sow_fit_room(struct sow_error *error);

/* Values of a sample, however many. */
double sow_fit_values(const struct flow *flow);

/* ------------------------------------------------------------------------
 * pass_tally.c
 */

/* Row 'value' of a panel in a region whose panels have 'values' of them. */
float *sow_pass_row(const struct work *work, uint64_t region, uint64_t values,
                    uint64_t panel, uint64_t value);

/* Lanes of a panel that count. */
size_t sow_pass_lanes(const struct work *work, uint64_t panel);

/* The chunk that the task is to do, where there is one for each. */
struct chunk sow_pass_chunk(const struct work *work, uint64_t values);

/* Where value 'v' of the outputs goes; the next layer may want it turned. */
uint64_t sow_pass_turn(const struct pass *pass, uint64_t v);

bool sow_pass_stops(const struct work *work);

void sow_gauge_add(struct gauge *gauge, const float *row);
void sow_gauge_fold(const struct gauge *gauge, size_t lanes,
                    struct tally *tally);
void sow_gauge_lanes(const struct gauge *gauge, struct tally_lanes *lanes);

/* Sums of squares, lane by lane; and the sum of the first 'lanes' lanes. */
void sow_squares_add(double squares[SOW_LANES], const float *row);
double sow_lanes_fold(const double sums[SOW_LANES], size_t lanes);

/* ------------------------------------------------------------------------
 * pass_phi.c
 */

/* Values and slopes of 'n' numbers. */
void sow_pass_phi(const struct sow_phi *phi, const float *x, size_t n,
                  float *values, float *slopes);

/* ------------------------------------------------------------------------
 * Tasks, and how many there are
 */

pass_task sow_pass_input, sow_pass_output; /* pass_input.c: a panel each */

pass_task sow_pass_bias, sow_pass_unpack; /* pass_weight.c */
uint64_t sow_pass_unpack_tasks(const struct pass *pass);
uint64_t sow_pass_read_scratch(const struct pass *pass); /* bytes */

/*
 * Rows [first, first + rows) of the weight, 'block' of the pass at most, into
 * 'block', 'stride' of the pass apart.
 */
SOW_MUST_CHECK enum sow_status sow_pass_read(const struct work *work,
                                             uint64_t first, uint64_t rows,
                                             float *block);

pass_task sow_pass_multiply, sow_pass_multiply_back; /* pass_multiply.c */
pass_task sow_pass_sum, sow_pass_sum_back;           /* a chunk each */

pass_task sow_pass_slide, sow_pass_slide_back; /* pass_slide.c */
pass_task sow_pass_gradient;
uint64_t sow_slide_tasks(const struct plan *plan, const struct pass *pass);
uint64_t sow_slide_back_tasks(const struct plan *plan, const struct pass *pass);
uint64_t sow_slide_gradient_tasks(const struct plan *plan,
                                  const struct pass *pass);
uint64_t sow_slide_scratch(const struct pass *pass); /* bytes */

pass_task sow_pass_norm_in, sow_pass_norm_out; /* pass_norm.c */
pass_task sow_pass_norm_in_back, sow_pass_norm_out_back;
uint64_t sow_norm_tasks(const struct plan *plan, const struct flow *flow,
                        enum sow_analysis_norm norm);

pass_task sow_pass_fed, sow_pass_activate; /* pass_units.c: a chunk each */
pass_task sow_pass_delta, sow_pass_weigh, sow_pass_land; /* pass_back.c */

#endif
