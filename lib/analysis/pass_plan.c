/* SPDX-License-Identifier: MIT */
/* Planning a measurement: where everything lies. */
#include "analysis/pass.h"

/* About what it costs, in operations, to make a weight, and to go by a value.
 */
#define COST_OF_WEIGHT 20
#define COST_OF_VALUE 100

/* Floats of a block of a weight, about. */
#define BLOCK_FLOATS 61440
#define TILE_ROWS 6
#define MOST_TILES 1024

static uint64_t larger(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

static uint64_t smaller(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* ------------------------------------------------------------------------
 * Weights
 */

static enum pass_storage storage_of(const struct sow_stage *stage)
{
    const struct sow_axes *axes = &stage->weight->spec.axes;
    unsigned in = axes->in, out = axes->out;

    if (stage->spatial > 0 || stage->groups > 1)
        return PASS_KEPT;
    if ((out & -out) > in)
        return PASS_IN_OUT;
    return (in & -in) > out ? PASS_OUT_IN : PASS_MIXED;
}

/* So that the rows of a block don't all lie in the same lines of a cache. */
static uint64_t spaced(uint64_t n)
{
    return n % 128 == 0 ? n + 16 : n;
}

static void store(struct pass *pass)
{
    bool rows;

    pass->storage = storage_of(pass->step.stage);
    rows = pass->storage != PASS_IN_OUT;
    pass->ins = sow_stage_values(&pass->step.in);
    pass->outs = sow_stage_values(&pass->step.out);
    pass->outer = rows ? pass->step.out.channels : pass->step.inputs;
    pass->inner = rows ? pass->step.inputs : pass->step.out.channels;
    pass->stride = spaced(pass->inner);
    pass->block = BLOCK_FLOATS / TILE_ROWS / pass->inner;
    pass->block = TILE_ROWS * smaller(larger(pass->block, 1), MOST_TILES);
    pass->block = smaller(pass->block, pass->outer);
}

bool sow_pass_adds(const struct pass *pass, enum pass_direction direction)
{
    return pass->storage == PASS_IN_OUT
               ? direction == PASS_FORWARD
               : pass->storage != PASS_KEPT && direction == PASS_BACKWARD;
}

uint64_t sow_pass_blocks(const struct pass *pass, enum pass_direction direction)
{
    uint64_t blocks = (pass->outer + pass->block - 1) / pass->block;

    return sow_pass_adds(pass, direction) ? smaller(blocks, PASS_PARTS)
                                          : blocks;
}

/* ------------------------------------------------------------------------
 * Regions
 */

uint64_t sow_pass_chunk_size(uint64_t values)
{
    return larger(PASS_CHUNK, (values + PASS_CHUNKS - 1) / PASS_CHUNKS);
}

uint64_t sow_pass_chunks(uint64_t values)
{
    uint64_t size = sow_pass_chunk_size(values);

    return (values + size - 1) / size;
}

static uint64_t claim(uint64_t *room, uint64_t bytes)
{
    uint64_t at = *room;

    *room += (bytes + 63) / 64 * 64;
    return at;
}

/* A float for each of 'values', for each lane of each panel. */
static uint64_t signal(const struct plan *plan, uint64_t values)
{
    return plan->panels * values * SOW_LANES * sizeof(float);
}

static uint64_t deviations(const struct plan *plan, const struct flow *flow,
                           enum sow_analysis_norm norm)
{
    return norm == SOW_NORM_BATCH ? flow->channels * sizeof(float)
                                  : signal(plan, sow_stage_positions(flow));
}

static void claim_slots(const struct plan *plan, struct pass *pass,
                        const struct sow_analysis_layer *layer, uint64_t *room)
{
    uint64_t ins = plan->panels * sow_pass_chunks(pass->ins);
    uint64_t outs = plan->panels * sow_pass_chunks(pass->outs);
    uint64_t weights = pass->storage == PASS_KEPT
                           ? sow_pass_unpack_tasks(pass)
                           : sow_pass_blocks(pass, PASS_FORWARD);

    pass->active = claim(room, outs * sizeof(struct slot_active));
    pass->leaving_lanes = claim(room, outs * sizeof(struct tally_lanes));
    pass->delta_lanes = claim(room, outs * sizeof(struct tally_lanes));
    pass->back = claim(room, outs * sizeof(struct slot_back));
    pass->land = claim(room, ins * sizeof(struct slot_back));
    pass->weight = claim(room, weights * sizeof(struct slot_weight));
    pass->norm_in =
        claim(room, sow_norm_tasks(plan, &pass->step.in, layer->input_norm) *
                        sizeof(double));
    pass->norm_out =
        claim(room, sow_norm_tasks(plan, &pass->step.out, layer->norm) *
                        sizeof(double));
    pass->gradient =
        pass->storage == PASS_KEPT
            ? claim(room, sow_slide_gradient_tasks(plan, pass) * sizeof(double))
            : 0;
}

/* What the layer keeps to itself from the forward to the backward pass. */
static void claim_own(const struct sow_measurement *m, struct plan *plan,
                      size_t i, uint64_t *room)
{
    const struct sow_analysis_layer *layer = &m->layers[i];
    struct pass *pass = &plan->passes[i];
    bool input = layer->input_norm != SOW_NORM_NONE;

    pass->entered = plan->transient;
    if (layer->opens || (pass->storage == PASS_KEPT && !input))
        pass->entered = claim(room, signal(plan, pass->ins));
    pass->fed = input ? claim(room, signal(plan, pass->ins)) : pass->entered;
    pass->inverse_in = claim(
        room, input ? deviations(plan, &pass->step.in, layer->input_norm) : 0);
    pass->hidden = pass->slope = claim(room, signal(plan, pass->outs));
    if (layer->norm != SOW_NORM_NONE) {
        pass->slope = claim(room, signal(plan, pass->outs));
        pass->inverse_out =
            claim(room, deviations(plan, &pass->step.out, layer->norm));
    }
    pass->bias = claim(room, pass->step.out.channels * sizeof(float));
    claim_slots(plan, pass, layer, room);
    pass->fed_chunks = sow_pass_chunks(pass->ins);
    if (input) {
        pass->fed_lanes = claim(room, plan->panels * pass->fed_chunks *
                                          sizeof(struct tally_lanes));
        return;
    }
    pass->fed_chunks = i > 0 ? sow_pass_chunks(plan->passes[i - 1].outs) : 1;
    pass->fed_lanes =
        i > 0 ? plan->passes[i - 1].leaving_lanes : plan->input_lanes;
}

/* The most that any layer wants of what layers share, in bytes. */
struct most {
    uint64_t values, skip, sums, weights, scratch;
};

static uint64_t parts(const struct plan *plan, const struct pass *pass,
                      enum pass_direction direction)
{
    if (!sow_pass_adds(pass, direction))
        return 0;
    return sow_pass_blocks(pass, direction) * signal(plan, pass->inner);
}

static void want(struct most *most, const struct plan *plan,
                 const struct pass *pass, bool closes)
{
    most->values = larger(most->values, larger(pass->ins, pass->outs));
    most->skip = larger(most->skip, closes ? pass->outs : 0);
    most->sums = larger(most->sums, parts(plan, pass, PASS_FORWARD));
    most->sums = larger(most->sums, parts(plan, pass, PASS_BACKWARD));
    if (pass->storage == PASS_KEPT)
        most->weights =
            larger(most->weights, pass->step.taps * pass->step.out.channels *
                                      pass->stride * sizeof(float));
    most->scratch = larger(most->scratch, pass->storage == PASS_KEPT
                                              ? sow_slide_scratch(pass)
                                              : sow_pass_read_scratch(pass));
}

static void claim_shared(struct plan *plan, const struct most *most,
                         size_t count, uint64_t *room)
{
    plan->transient = claim(room, signal(plan, most->values));
    plan->gradient = claim(room, signal(plan, most->values));
    plan->skip = claim(room, signal(plan, most->skip));
    plan->sums = claim(room, most->sums);
    plan->weights = claim(room, most->weights);
    plan->notes = claim(room, (count + 1) * sizeof(struct note));
    plan->input = claim(room, plan->panels * sizeof(struct tally));
    plan->input_lanes = claim(room, plan->panels * sizeof(struct tally_lanes));
    plan->output = claim(room, plan->panels * sizeof(struct slot_back));
}

/* ------------------------------------------------------------------------ */

static double cost(const struct sow_measurement *m, const struct pass *pass)
{
    double each = (double)pass->outs * (double)pass->step.inputs *
                  (double)pass->step.taps * (double)m->samples;

    return 2 * each * (pass->storage == PASS_KEPT ? 3 : 2) +
           2 * COST_OF_WEIGHT * (double)pass->step.stage->weight->elements +
           COST_OF_VALUE * (double)m->samples *
               ((double)pass->ins + (double)pass->outs);
}

static struct flow flow_of(const struct sow_shape *shape)
{
    struct flow flow = {shape->dims[0], {1, 1, 1}};

    for (uint32_t i = 1; i < shape->rank; i++)
        flow.size[i - 1] = shape->dims[i];
    return flow;
}

static enum sow_status enter_all(const struct sow_measurement *m,
                                 struct plan *plan, struct most *most,
                                 double *flops, struct sow_error *error)
{
    struct flow flow = flow_of(&m->shape);
    enum sow_status status = SOW_OK;
    bool inside = false;
    size_t opened = 0;

    if (sow_fit_values(&flow) * (double)plan->panels >= PASS_MOST_BYTES / 64)
        return sow_fit_room(error);
    for (size_t i = 0; i < m->count && status == SOW_OK; i++) {
        plan->passes[i] = (struct pass){.partner = 0};
        status = sow_fit_enter(m, plan, i, &flow, error);
        if (status == SOW_OK)
            status = sow_fit_branch(m, plan, i, &opened, &inside, error);
        if (status != SOW_OK)
            return status;
        store(&plan->passes[i]);
        want(most, plan, &plan->passes[i], m->layers[i].closes);
        *flops += cost(m, &plan->passes[i]);
        flow = plan->passes[i].step.out;
    }
    return status;
}

enum sow_status sow_pass_plan(struct sow_measurement *m,
                              struct sow_error *error)
{
    struct most most = {.scratch = 64};
    struct plan *plan = m->plan;
    uint64_t room = 0;
    double flops = 0;
    enum sow_status status = sow_fit_shape(&m->shape, error);

    if (status != SOW_OK)
        return status;
    plan->panels = (m->samples + SOW_LANES - 1) / SOW_LANES;
    status = enter_all(m, plan, &most, &flops, error);
    if (status != SOW_OK)
        return status;
    claim_shared(plan, &most, m->count, &room);
    for (size_t i = 0; i < m->count; i++) {
        claim_own(m, plan, i, &room);
        if ((double)room >= PASS_MOST_BYTES)
            return sow_fit_room(error);
    }
    m->room = room;
    m->scratch = (most.scratch + 63) / 64 * 64;
    m->flops = flops;
    return SOW_OK;
}
