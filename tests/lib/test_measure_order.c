/* SPDX-License-Identifier: MIT */
/* Measurements: order, threads, engines and stops make no difference. */
#include <stdlib.h>
#include <string.h>

#include "measured.h"

Suite *measure_order_suite(void);

static struct measured net;

static struct sow_analysis_layer *
add(const char *scheme, struct sow_shape shape, const char *activation)
{
    struct sow_spec spec = spec_make(scheme, SOW_FLOAT32, shape);

    return measured_add(&net, &spec, activation);
}

/* Several panels, chunks and blocks, the last of each ragged. */
static void stack_of_all_kinds(enum sow_layout layout)
{
    struct sow_spec spec = spec_make("normal", SOW_FLOAT32, SHAPE(700, 450));

    spec.layout = layout;
    if (layout == SOW_JAX)
        spec.shape = SHAPE(450, 700);
    spec_set(&spec, "std", 0.05);
    measured_init(&net, 38, SHAPE(3, 12, 12));
    add("he_normal", SHAPE(18, 3, 3, 4), "gelu")->norm = SOW_NORM_BATCH;
    measured_stage(&net)->stride[0] = measured_stage(&net)->stride[1] = 2;
    add("he_normal", SHAPE(450, 450), "tanh")->opens = true;
    measured_add_bias(&net);
    add("he_normal", SHAPE(450, 450), "relu")->closes = true;
    net.layers[2].keep = 0.8;
    measured_add(&net, &spec, "silu")->norm = SOW_NORM_LAYER;
    measured_add_bias(&net);
    add("he_normal", SHAPE(5, 700), NULL)->input_norm = SOW_NORM_RMS;
}

static void same_as(const char *what, const struct sow_analysis_result *before,
                    double tolerance)
{
    for (size_t i = 0; i < net.m.count; i++)
        measured_same(what, &net.results[i], &before[i], tolerance);
}

START_TEST(order_and_threads_make_no_difference)
{
    struct sow_analysis_result before[MEASURED_LAYERS];
    const struct sow_engine *engine;

    stack_of_all_kinds(_i == 0 ? SOW_TORCH : SOW_JAX);
    for (size_t i = 0; (engine = engine_at(i)) != NULL; i++) {
        measured_run(&net, engine, IN_ORDER);
        memcpy(before, net.results, sizeof before);
        measured_run(&net, engine, IN_REVERSE);
        same_as("in reverse", before, 0);
        measured_run(&net, engine, SIDE_BY_SIDE);
        same_as("side by side", before, 0);
    }
    measured_free(&net);
}
END_TEST

START_TEST(engines_agree)
{
    struct sow_analysis_result first[MEASURED_LAYERS];
    const struct sow_engine *engine;

    stack_of_all_kinds(SOW_JAX);
    for (size_t i = 0; (engine = engine_at(i)) != NULL; i++) {
        measured_run(&net, engine, IN_ORDER);
        if (i == 0)
            memcpy(first, net.results, sizeof first);
        same_as(sow_engine_name(engine), first, 1e-5);
    }
    measured_free(&net);
}
END_TEST

/* Lets so many questions pass. */
static bool ask(void *argument)
{
    int *left = argument;

    return (*left)-- <= 0;
}

/* A task that was stopped is done again, until it comes to its end. */
static void stop_and_go(size_t phase, uint64_t task, void *scratch)
{
    for (int patience = 0;; patience = 2 * patience + 1) {
        int left = patience;
        enum sow_status status =
            sow_measurement_task(&net.m, engine_at(0), net.room, scratch, phase,
                                 task, NULL, ask, &left);

        ck_assert(patience > 0 || status == SOW_STOPPED);
        if (status == SOW_OK)
            return;
        ck_assert_int_eq(status, SOW_STOPPED);
    }
}

START_TEST(every_task_stops_when_asked)
{
    struct sow_analysis_result before[MEASURED_LAYERS];
    void *scratch;

    stack_of_all_kinds(SOW_TORCH);
    measured_run(&net, engine_at(0), IN_ORDER);
    memcpy(before, net.results, sizeof before);
    scratch = aligned_alloc(64, net.m.scratch);
    for (size_t phase = 0; phase < net.m.phases; phase++)
        for (uint64_t task = 0; task < sow_measurement_tasks(&net.m, phase);
             task++)
            stop_and_go(phase, task, scratch);
    sow_measurement_result(&net.m, net.room, net.results, &net.summary,
                           &net.input);
    same_as("stopped and done again", before, 0);
    free(scratch);
    measured_free(&net);
}
END_TEST

Suite *measure_order_suite(void)
{
    Suite *suite = suite_create("measure_order");
    TCase *tcase = tcase_create("measure_order");

    tcase_set_timeout(tcase, 120);
    tcase_add_loop_test(tcase, order_and_threads_make_no_difference, 0, 2);
    tcase_add_test(tcase, engines_agree);
    tcase_add_test(tcase, every_task_stops_when_asked);
    suite_add_tcase(suite, tcase);
    return suite;
}
