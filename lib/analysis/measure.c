/* SPDX-License-Identifier: MIT */
/* A measurement as phases of tasks. */
#include "analysis/measure.h"

#include "analysis/pass.h"
#include "status.h"
#include "count.h"

/* ------------------------------------------------------------------------
 * What a layer has to go through
 */

enum want {
    WANT_ALWAYS = 1,
    WANT_NORM_IN = 2,
    WANT_NORM_OUT = 4,
    WANT_BIAS = 8,
    WANT_KEPT = 16,
    WANT_DENSE = 32,
    WANT_SUM = 64,
    WANT_SUM_BACK = 128,
};

enum reads { READS_NOTHING, READS_WEIGHT, READS_BIAS };

typedef uint64_t task_count(const struct sow_measurement *m, size_t i);

/* A phase of the layers that want it. */
struct phase {
    enum want want;
    enum reads reads;
    task_count *tasks;
    pass_task *run;
};

static const struct pass *pass_of(const struct sow_measurement *m, size_t i)
{
    return &((const struct plan *)m->plan)->passes[i];
}

static unsigned wants_of(const struct sow_measurement *m, size_t i)
{
    const struct pass *pass = pass_of(m, i);
    const struct sow_analysis_layer *layer = &m->layers[i];
    unsigned wants = WANT_ALWAYS;

    wants |= layer->input_norm != SOW_NORM_NONE ? WANT_NORM_IN : 0;
    wants |= layer->norm != SOW_NORM_NONE ? WANT_NORM_OUT : 0;
    wants |= m->stages[i].bias != NULL ? WANT_BIAS : 0;
    wants |= pass->storage == PASS_KEPT ? WANT_KEPT : WANT_DENSE;
    wants |= sow_pass_adds(pass, PASS_FORWARD) ? WANT_SUM : 0;
    wants |= sow_pass_adds(pass, PASS_BACKWARD) ? WANT_SUM_BACK : 0;
    return wants;
}

/* ------------------------------------------------------------------------
 * How many tasks
 */

static uint64_t one(const struct sow_measurement *m, size_t i)
{
    (void)m;
    (void)i;
    return 1;
}

static uint64_t panels(const struct sow_measurement *m, size_t i)
{
    (void)i;
    return ((const struct plan *)m->plan)->panels;
}

static uint64_t chunks_in(const struct sow_measurement *m, size_t i)
{
    return panels(m, i) * sow_pass_chunks(pass_of(m, i)->ins);
}

static uint64_t chunks_out(const struct sow_measurement *m, size_t i)
{
    return panels(m, i) * sow_pass_chunks(pass_of(m, i)->outs);
}

static uint64_t norm_in(const struct sow_measurement *m, size_t i)
{
    return sow_norm_tasks(m->plan, &pass_of(m, i)->step.in,
                          m->layers[i].input_norm);
}

static uint64_t norm_out(const struct sow_measurement *m, size_t i)
{
    return sow_norm_tasks(m->plan, &pass_of(m, i)->step.out, m->layers[i].norm);
}

static uint64_t unpack(const struct sow_measurement *m, size_t i)
{
    return sow_pass_unpack_tasks(pass_of(m, i));
}

static uint64_t blocks(const struct sow_measurement *m, size_t i)
{
    return sow_pass_blocks(pass_of(m, i), PASS_FORWARD);
}

static uint64_t blocks_back(const struct sow_measurement *m, size_t i)
{
    return sow_pass_blocks(pass_of(m, i), PASS_BACKWARD);
}

static uint64_t slide(const struct sow_measurement *m, size_t i)
{
    return sow_slide_tasks(m->plan, pass_of(m, i));
}

static uint64_t slide_back(const struct sow_measurement *m, size_t i)
{
    return sow_slide_back_tasks(m->plan, pass_of(m, i));
}

static uint64_t gradient(const struct sow_measurement *m, size_t i)
{
    return sow_slide_gradient_tasks(m->plan, pass_of(m, i));
}

/* ------------------------------------------------------------------------
 * The phases
 */

static const struct phase input = {WANT_ALWAYS, READS_NOTHING, panels,
                                   sow_pass_input};
static const struct phase output = {WANT_ALWAYS, READS_NOTHING, panels,
                                    sow_pass_output};

static const struct phase forward[] = {
    {WANT_NORM_IN, READS_NOTHING, norm_in, sow_pass_norm_in},
    {WANT_NORM_IN, READS_NOTHING, chunks_in, sow_pass_fed},
    {WANT_BIAS, READS_BIAS, one, sow_pass_bias},
    {WANT_KEPT, READS_WEIGHT, unpack, sow_pass_unpack},
    {WANT_KEPT, READS_NOTHING, slide, sow_pass_slide},
    {WANT_DENSE, READS_WEIGHT, blocks, sow_pass_multiply},
    {WANT_SUM, READS_NOTHING, chunks_out, sow_pass_sum},
    {WANT_NORM_OUT, READS_NOTHING, norm_out, sow_pass_norm_out},
    {WANT_ALWAYS, READS_NOTHING, chunks_out, sow_pass_activate},
};

static const struct phase backward[] = {
    {WANT_ALWAYS, READS_NOTHING, chunks_out, sow_pass_delta},
    {WANT_NORM_OUT, READS_NOTHING, norm_out, sow_pass_norm_out_back},
    {WANT_NORM_OUT, READS_NOTHING, chunks_out, sow_pass_weigh},
    {WANT_KEPT, READS_WEIGHT, unpack, sow_pass_unpack},
    {WANT_KEPT, READS_NOTHING, gradient, sow_pass_gradient},
    {WANT_KEPT, READS_NOTHING, slide_back, sow_pass_slide_back},
    {WANT_DENSE, READS_WEIGHT, blocks_back, sow_pass_multiply_back},
    {WANT_SUM_BACK, READS_NOTHING, chunks_in, sow_pass_sum_back},
    {WANT_NORM_IN, READS_NOTHING, norm_in, sow_pass_norm_in_back},
    {WANT_ALWAYS, READS_NOTHING, chunks_in, sow_pass_land},
};

static size_t count_wanted(unsigned wants, const struct phase *table,
                           size_t count)
{
    size_t found = 0;

    for (size_t k = 0; k < count; k++)
        found += (wants & table[k].want) != 0;
    return found;
}

/* Number the phases: the input's, forward, the output's, backward. */
static size_t number(const struct sow_measurement *m, struct plan *plan)
{
    size_t next = 1;

    for (size_t i = 0; i < m->count; i++) {
        plan->passes[i].forward = next;
        next += count_wanted(wants_of(m, i), forward, COUNT(forward));
    }
    plan->last = next++;
    for (size_t i = m->count; i-- > 0;) {
        plan->passes[i].backward = next;
        next += count_wanted(wants_of(m, i), backward, COUNT(backward));
    }
    return next;
}

/* The layer that 'phase' is of, which is neither input's nor output's. */
static size_t layer_of(const struct sow_measurement *m, size_t phase)
{
    const struct plan *plan = m->plan;
    bool back = phase > plan->last;
    size_t low = 0, high = m->count;

    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        const struct pass *pass = &plan->passes[back ? middle - 1 : middle];

        if (back ? phase < pass->backward : phase >= pass->forward)
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* Phase 'phase', and into 'i' its layer. */
static const struct phase *phase_of(const struct sow_measurement *m,
                                    size_t phase, size_t *i)
{
    const struct plan *plan = m->plan;
    bool back = phase > plan->last;
    const struct phase *row = back ? backward : forward;
    size_t left;
    unsigned wants;

    *i = 0;
    if (phase == 0)
        return &input;
    *i = m->count - 1;
    if (phase == plan->last)
        return &output;
    *i = layer_of(m, phase);
    wants = wants_of(m, *i);
    left =
        phase - (back ? plan->passes[*i].backward : plan->passes[*i].forward);
    while (left > 0 || (wants & row->want) == 0) {
        left -= (wants & row->want) != 0;
        row++;
    }
    return row;
}

/* ------------------------------------------------------------------------ */

size_t sow_measurement_plan(size_t count)
{
    return sizeof(struct plan) + count * sizeof(struct pass);
}

enum sow_status sow_measurement_init(struct sow_measurement *measurement,
                                     struct sow_error *error)
{
    struct sow_measurement m = *measurement;
    enum sow_status status =
        sow_theory_check(&m.input, m.layers, m.count, error);

    if (status == SOW_OK && (m.samples < 2 || m.samples % 2 != 0 ||
                             m.samples > SOW_MEASURE_MOST_SAMPLES))
        status =
            sow_fail(error, SOW_BAD_PARAMETER, "samples",
                     "there are %llu samples; let them be an even "
                     "number from 2 to %d",
                     (unsigned long long)m.samples, SOW_MEASURE_MOST_SAMPLES);
    if (status == SOW_OK)
        status = sow_pass_plan(&m, error);
    if (status != SOW_OK)
        return status;
    m.phases = number(&m, m.plan);
    *measurement = m;
    return SOW_OK;
}

uint64_t sow_measurement_tasks(const struct sow_measurement *measurement,
                               size_t phase)
{
    size_t i;

    return phase_of(measurement, phase, &i)->tasks(measurement, i);
}

const struct sow_tensor *
sow_measurement_tensor(const struct sow_measurement *measurement, size_t phase)
{
    size_t i;

    switch (phase_of(measurement, phase, &i)->reads) {
    case READS_WEIGHT:
        return measurement->stages[i].weight;
    case READS_BIAS:
        return measurement->stages[i].bias;
    case READS_NOTHING:
        return NULL;
    }
    return NULL;
}

enum sow_status sow_measurement_task(const struct sow_measurement *measurement,
                                     const struct sow_engine *engine,
                                     void *room, void *scratch, size_t phase,
                                     uint64_t task, const double *whole,
                                     bool (*stop)(void *argument),
                                     void *argument)
{
    const struct sow_tensor *tensor =
        sow_measurement_tensor(measurement, phase);
    struct work work = {.m = measurement,
                        .plan = measurement->plan,
                        .engine = engine,
                        .room = room,
                        .scratch = scratch,
                        .task = task,
                        .stop = stop,
                        .argument = argument};
    const struct phase *what = phase_of(measurement, phase, &work.index);

    work.pass = &work.plan->passes[work.index];
    work.layer = &measurement->layers[work.index];
    if (tensor != NULL)
        work.tensor = *tensor;
    if (whole != NULL)
        work.tensor.whole = whole;
    return sow_pass_stops(&work) ? SOW_STOPPED : what->run(&work);
}
