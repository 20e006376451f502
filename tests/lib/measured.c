/* SPDX-License-Identifier: MIT */
/* Small stacks with real weights, to be measured. */
#include "measured.h"

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "whole.h"

#define THREADS 3

static const struct sow_engine *fastest(void)
{
    return engine_at(0);
}

void measured_init(struct measured *measured, uint64_t samples,
                   struct sow_shape shape)
{
    memset(measured, 0, sizeof *measured);
    measured->m = (struct sow_measurement){.layers = measured->layers,
                                           .stages = measured->stages,
                                           .samples = samples,
                                           .shape = shape,
                                           .seed = 42};
    sow_analysis_input_init(&measured->m.input);
}

void measured_free(struct measured *measured)
{
    for (size_t i = 0; i < measured->m.count; i++)
        whole_free(&measured->weights[i]);
    free(measured->batch);
    free(measured->m.plan);
    free(measured->room);
}

static double normal(uint64_t i)
{
    double u = ((double)(mix(2 * i) >> 11) + 0.5) * 0x1p-53;
    double v = ((double)(mix(2 * i + 1) >> 11) + 0.5) * 0x1p-53;

    return sqrt(-2 * log(u)) * cos(2 * acos(-1) * v);
}

void measured_give_batch(struct measured *measured)
{
    uint64_t count = measured->m.samples;

    for (uint32_t i = 0; i < measured->m.shape.rank; i++)
        count *= measured->m.shape.dims[i];
    measured->batch = must_allocate(count * sizeof(double));
    for (uint64_t i = 0; i < count; i++)
        measured->batch[i] = (double)(float)normal(i);
    measured->m.batch = measured->batch;
}

static void set_geometry(struct sow_stage *stage,
                         const struct sow_tensor *weight)
{
    stage->weight = weight;
    stage->spatial = weight->spec.shape.rank - 2;
    stage->groups = 1;
    for (size_t i = 0; i < SOW_MAX_SPATIAL; i++)
        stage->stride[i] = stage->dilation[i] = 1;
}

struct sow_analysis_layer *measured_add(struct measured *measured,
                                        const struct sow_spec *spec,
                                        const char *activation)
{
    size_t i = measured->m.count++;
    struct sow_analysis_layer *layer = &measured->layers[i];
    struct sow_spec named = *spec;
    struct sow_error error;

    ck_assert_uint_lt(i, MEASURED_LAYERS);
    snprintf(measured->names[i][0], sizeof measured->names[i][0], "w%zu", i);
    named.name = measured->names[i][0];
    named.seed = i + 1;
    measured->weights[i] = tensor_make(&named);
    if (sow_tensor_need(&measured->weights[i]).doubles > 0)
        whole_make(fastest(), &measured->weights[i], false);
    set_geometry(&measured->stages[i], &measured->weights[i]);
    sow_analysis_layer_init(layer, 1, 1);
    ck_assert_msg(sow_analysis_weight(layer, fastest(), &measured->weights[i],
                                      &error) == SOW_OK,
                  "%s", error.text);
    if (activation == NULL)
        return layer;
    layer->activation = sow_analysis_activation_find(activation);
    ck_assert_ptr_nonnull(layer->activation);
    layer->parameter = layer->activation->value;
    return layer;
}

void measured_add_bias(struct measured *measured)
{
    size_t i = measured->m.count - 1;
    const struct sow_tensor *weight = &measured->weights[i];
    struct sow_spec spec = spec_make("normal", SOW_FLOAT32, SHAPE(1));

    spec.shape.dims[0] = 1;
    for (uint32_t axis = 0; axis < weight->spec.shape.rank; axis++)
        if (weight->spec.axes.out >> axis & 1)
            spec.shape.dims[0] *= weight->spec.shape.dims[axis];
    snprintf(measured->names[i][1], sizeof measured->names[i][1], "b%zu", i);
    spec.name = measured->names[i][1];
    measured->biases[i] = tensor_make(&spec);
    measured->stages[i].bias = &measured->biases[i];
    measured->layers[i].bias_variance = 1;
}

struct sow_stage *measured_stage(struct measured *measured)
{
    return &measured->stages[measured->m.count - 1];
}

/* ---- running ------------------------------------------------------------- */

struct crew {
    struct measured *measured;
    const struct sow_engine *engine;
    pthread_mutex_t lock;
    size_t phase;
    uint64_t next;
};

static void do_task(struct crew *crew, uint64_t task, void *scratch)
{
    const struct sow_measurement *m = &crew->measured->m;

    ck_assert_int_eq(sow_measurement_task(m, crew->engine, crew->measured->room,
                                          scratch, crew->phase, task, NULL,
                                          NULL, NULL),
                     SOW_OK);
}

static void *dirty(uint64_t size)
{
    void *memory = aligned_alloc(64, size);

    ck_assert_ptr_nonnull(memory);
    memset(memory, 0xff, size);
    return memory;
}

static void *work(void *argument)
{
    struct crew *crew = argument;
    uint64_t tasks = sow_measurement_tasks(&crew->measured->m, crew->phase);
    void *scratch = dirty(crew->measured->m.scratch);
    uint64_t task = 0;

    while (task < tasks) {
        pthread_mutex_lock(&crew->lock);
        task = crew->next++;
        pthread_mutex_unlock(&crew->lock);
        if (task < tasks)
            do_task(crew, task, scratch);
    }
    free(scratch);
    return NULL;
}

static void run_side_by_side(struct crew *crew)
{
    pthread_t threads[THREADS];

    crew->next = 0;
    for (size_t i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, work, crew), 0);
    for (size_t i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
}

static void run_phase(struct crew *crew, enum measured_order order)
{
    uint64_t tasks = sow_measurement_tasks(&crew->measured->m, crew->phase);
    void *scratch;

    ck_assert_uint_ge(tasks, 1);
    if (order == SIDE_BY_SIDE) {
        run_side_by_side(crew);
        return;
    }
    scratch = dirty(crew->measured->m.scratch);
    for (uint64_t task = 0; task < tasks; task++)
        do_task(crew, order == IN_ORDER ? task : tasks - 1 - task, scratch);
    free(scratch);
}

static enum sow_status plan(struct measured *measured, struct sow_error *error)
{
    free(measured->m.plan);
    measured->m.plan = must_allocate(sow_measurement_plan(measured->m.count));
    return sow_measurement_init(&measured->m, error);
}

void measured_run(struct measured *measured, const struct sow_engine *engine,
                  enum measured_order order)
{
    struct crew crew = {.measured = measured, .engine = engine};
    struct sow_error error;

    if (plan(measured, &error) != SOW_OK)
        ck_abort_msg("%s: %s", error.at, error.text);
    free(measured->room);
    measured->room = dirty(measured->m.room);
    pthread_mutex_init(&crew.lock, NULL);
    for (; crew.phase < measured->m.phases; crew.phase++)
        run_phase(&crew, order);
    pthread_mutex_destroy(&crew.lock);
    sow_measurement_result(&measured->m, measured->room, measured->results,
                           &measured->summary, &measured->input);
}

void measured_refused(struct measured *measured, enum sow_status status,
                      const char *at)
{
    struct sow_error error = {.at = "", .text = ""};
    enum sow_status got = plan(measured, &error);

    ck_assert_msg(got == status && error.status == status, "'%s', not '%s': %s",
                  sow_status_name(got), sow_status_name(status), error.text);
    ck_assert_str_eq(error.at, at);
    ck_assert_str_ne(error.text, "");
    ck_assert_uint_eq(measured->m.phases, 0);
}

/* ---- comparing ----------------------------------------------------------- */

#define FIELD(name)                                       \
    {                                                     \
#name, offsetof(struct sow_analysis_result, name) \
    }

static const struct {
    const char *name;
    size_t at;
} fields[] = {
    FIELD(mean),
    FIELD(q),
    FIELD(c),
    FIELD(m1),
    FIELD(m2),
    FIELD(c2),
    FIELD(sigma_w2),
    FIELD(chi_1),
    FIELD(slope),
    FIELD(slope_square),
    FIELD(norm_variance),
    FIELD(input_variance),
    FIELD(forward),
    FIELD(backward),
    FIELD(log10_forward),
    FIELD(log10_backward),
    FIELD(death),
    FIELD(log10_weight_gradient),
    FIELD(largest),
    FIELD(inactive),
};

void measured_same(const char *what, const struct sow_analysis_result *a,
                   const struct sow_analysis_result *b, double tolerance)
{
    for (size_t i = 0; i < COUNT(fields); i++) {
        double x, y;

        memcpy(&x, (const char *)a + fields[i].at, sizeof x);
        memcpy(&y, (const char *)b + fields[i].at, sizeof y);
        ck_assert_msg(x == y || fabs(x - y) <= tolerance * (1 + fabs(y)),
                      "%s: %s is %.17g, not %.17g", what, fields[i].name, x, y);
    }
}
