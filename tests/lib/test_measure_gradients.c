/* SPDX-License-Identifier: MIT */
/*
 * Measured signals and gradients against a forward pass in float64 and finite
 * differences of it: every activation, every norm, branches, dropout, and
 * convolutions of all kinds.
 */
#include <math.h>
#include <stdio.h>

#include "exact.h"

Suite *measure_gradients_suite(void);

enum { SAMPLES = 4 };

static struct measured net;

static void add_in(enum sow_layout layout, struct sow_shape shape,
                   const char *activation)
{
    struct sow_spec spec = spec_make("normal", SOW_FLOAT32, shape);

    spec_set(&spec, "std", 0.5);
    spec.layout = layout;
    measured_add(&net, &spec, activation);
    measured_add_bias(&net);
}

static struct sow_analysis_layer *add(struct sow_shape shape,
                                      const char *activation)
{
    add_in(SOW_TORCH, shape, activation);
    return &net.layers[net.m.count - 1];
}

/* Mean squares within 2e-4 of each other; 0 is 0. */
static void near(const char *what, size_t layer, const char *field, double a,
                 double b)
{
    ck_assert_msg(a == b || fabs(a - b) <= 1e-4,
                  "%s, layer %zu: the log10 of %s is %.9g, but finite "
                  "differences say %.9g",
                  what, layer, field, a, b);
}

static void check_layer(const char *what, struct exact *exact, size_t i)
{
    const struct sow_analysis_result *r = &net.results[i];
    struct exact_gradients g = exact_gradients(exact, i);
    struct exact_signals s = exact_signals(exact, i);

    near(what, i, "q", log10(r->q), log10(s.q));
    near(what, i, "m2", log10(r->m2), log10(s.m2));
    ck_assert_double_eq_tol(r->mean, s.mean, 1e-5 * sqrt(s.q));
    ck_assert_double_eq_tol(r->m1, s.m1, 1e-5 * sqrt(s.m2));
    near(what, i, "backward", log10(r->backward),
         g.given > 0 ? log10(g.own / g.given) : -INFINITY);
    near(what, i, "dL/dx", r->log10_backward, log10(g.entering));
    near(what, i, "dL/dw", r->log10_weight_gradient, log10(g.weight));
}

/* Run what has been added on every engine. */
static void check(const char *what)
{
    const struct sow_engine *engine;
    struct exact *exact;

    measured_give_batch(&net);
    exact = exact_new(&net);
    for (size_t i = 0; (engine = engine_at(i)) != NULL; i++) {
        measured_run(&net, engine, IN_ORDER);
        for (size_t k = 0; k < net.m.count; k++)
            check_layer(what, exact, k);
    }
    exact_free(exact);
    measured_free(&net);
}

START_TEST(every_activation)
{
    const struct sow_analysis_activation *row;

    for (size_t i = 0; (row = sow_analysis_activation_at(i)) != NULL; i++) {
        measured_init(&net, SAMPLES, SHAPE(5));
        add(SHAPE(7, 5), row->name);
        add(SHAPE(6, 7), row->name);
        add(SHAPE(4, 6), NULL);
        check(row->name);
    }
}
END_TEST

START_TEST(every_norm_before_and_after)
{
    for (int kind = SOW_NORM_LAYER; kind <= SOW_NORM_BATCH; kind++)
        for (int before = 0; before < 2; before++) {
            struct sow_analysis_layer *layer;

            measured_init(&net, SAMPLES, SHAPE(5));
            add(SHAPE(7, 5), "tanh");
            layer = add(SHAPE(6, 7), "softplus");
            *(before ? &layer->input_norm : &layer->norm) =
                (enum sow_analysis_norm)kind;
            add(SHAPE(4, 6), NULL);
            check(sow_analysis_norm_name((enum sow_analysis_norm)kind));
        }
}
END_TEST

START_TEST(norms_over_positions)
{
    for (int kind = SOW_NORM_LAYER; kind <= SOW_NORM_BATCH; kind++) {
        struct sow_analysis_layer *layer;

        measured_init(&net, SAMPLES, SHAPE(2, 5));
        layer = add(SHAPE(3, 2, 2), "tanh");
        layer->norm = (enum sow_analysis_norm)kind;
        layer = add(SHAPE(3, 3, 2), "silu");
        layer->input_norm = (enum sow_analysis_norm)kind;
        check(sow_analysis_norm_name((enum sow_analysis_norm)kind));
    }
}
END_TEST

START_TEST(a_branch_of_two_layers)
{
    measured_init(&net, SAMPLES, SHAPE(5));
    add(SHAPE(6, 5), "tanh");
    add(SHAPE(7, 6), "gelu")->opens = true;
    net.layers[1].input_norm = SOW_NORM_LAYER;
    add(SHAPE(6, 7), NULL)->closes = true;
    net.layers[2].alpha = -0.3;
    add(SHAPE(3, 6), NULL);
    check("a branch");
}
END_TEST

START_TEST(branches_of_one_layer)
{
    static const double alphas[] = {1, 0.01, 0, 40};

    for (size_t k = 0; k < COUNT(alphas); k++) {
        measured_init(&net, SAMPLES, SHAPE(6));
        for (size_t i = 0; i < 2; i++) {
            struct sow_analysis_layer *layer = add(SHAPE(6, 6), "tanh");

            layer->opens = layer->closes = true;
            layer->alpha = alphas[k];
        }
        add(SHAPE(3, 6), NULL);
        check("a branch of one layer");
    }
}
END_TEST

START_TEST(dropout)
{
    measured_init(&net, SAMPLES, SHAPE(2, 6));
    add(SHAPE(5, 2, 2), "tanh")->keep = 0.6;
    add(SHAPE(6, 25), "sigmoid")->keep = 0.25;
    add(SHAPE(4, 6), NULL);
    check("dropout");
}
END_TEST

/* A convolution, and another behind it. */
static const struct {
    const char *name;
    enum sow_layout layout;
    struct sow_shape input, first, second;
    struct sow_stage geometry; /* of the first */
} convolutions[] = {
    {"plain",
     SOW_TORCH,
     {2, {2, 6}},
     {3, {3, 2, 3}},
     {3, {2, 3, 2}},
     {.groups = 1}},
    {"jax",
     SOW_JAX,
     {2, {2, 6}},
     {3, {3, 2, 3}},
     {3, {2, 3, 2}},
     {.groups = 1}},
    {"stride, padding",
     SOW_TORCH,
     {3, {2, 5, 4}},
     {4, {3, 2, 3, 2}},
     {4, {2, 3, 2, 1}},
     {.stride = {2, 3}, .padding = {2, 1}, .groups = 1}},
    {"dilation",
     SOW_JAX,
     {3, {1, 6, 5}},
     {4, {2, 2, 1, 3}},
     {4, {3, 1, 3, 2}},
     {.dilation = {3, 2}, .padding = {1, 0}, .groups = 1}},
    {"groups",
     SOW_TORCH,
     {3, {4, 3, 3}},
     {4, {6, 2, 2, 2}},
     {4, {2, 6, 1, 2}},
     {.padding = {1, 1}, .groups = 2}},
    {"depthwise, three axes",
     SOW_TORCH,
     {4, {3, 3, 2, 3}},
     {5, {3, 1, 2, 2, 2}},
     {5, {2, 3, 1, 1, 2}},
     {.stride = {1, 1, 2}, .padding = {0, 1, 1}, .groups = 3}},
};

START_TEST(convolutions_of_all_kinds)
{
    const struct sow_stage *geometry = &convolutions[_i].geometry;
    struct sow_stage *stage;

    measured_init(&net, SAMPLES, convolutions[_i].input);
    add_in(convolutions[_i].layout, convolutions[_i].first, "tanh");
    stage = measured_stage(&net);
    stage->groups = geometry->groups;
    for (size_t k = 0; k < SOW_MAX_SPATIAL; k++) {
        stage->padding[k] = geometry->padding[k];
        if (geometry->stride[k] > 0)
            stage->stride[k] = geometry->stride[k];
        if (geometry->dilation[k] > 0)
            stage->dilation[k] = geometry->dilation[k];
    }
    add_in(convolutions[_i].layout, convolutions[_i].second, "silu");
    check(convolutions[_i].name);
}
END_TEST

START_TEST(a_dense_layer_flattens_channels_first)
{
    measured_init(&net, SAMPLES, SHAPE(2, 3, 3));
    add(SHAPE(3, 2, 2, 2), "tanh")->norm = SOW_NORM_RMS;
    add(SHAPE(5, 12), "tanh")->input_norm = SOW_NORM_LAYER;
    add(SHAPE(4, 5), NULL);
    check("flattened");
}
END_TEST

START_TEST(the_input_is_flattened_too)
{
    measured_init(&net, SAMPLES, SHAPE(2, 3));
    add(SHAPE(5, 6), "tanh");
    check("a flat input");
}
END_TEST

/* A weight of four outputs and six inputs. */
static const struct {
    const char *name;
    enum sow_layout layout;
    struct sow_shape shape;
    struct sow_axes axes;
} dense[] = {
    {"(out, in)", SOW_TORCH, {2, {4, 6}}, {0, 0, 0}},
    {"(in, out)", SOW_JAX, {2, {6, 4}}, {0, 0, 0}},
    {"(in, in, out, out)", SOW_EXPLICIT, {4, {2, 3, 2, 2}}, {3, 12, 0}},
    {"(out, in, in)", SOW_EXPLICIT, {3, {4, 3, 2}}, {6, 1, 0}},
    {"(out, in, out)", SOW_EXPLICIT, {3, {2, 6, 2}}, {2, 5, 0}},
    {"(in, out, in)", SOW_EXPLICIT, {3, {2, 4, 3}}, {5, 2, 0}},
};

START_TEST(weights_however_they_lie)
{
    for (int dtype = 0; dtype < SOW_DTYPES; dtype++) {
        struct sow_spec spec =
            spec_make("normal", (enum sow_dtype)dtype, dense[_i].shape);

        spec.layout = dense[_i].layout;
        spec.axes = dense[_i].axes;
        measured_init(&net, SAMPLES, SHAPE(6));
        measured_add(&net, &spec, "tanh");
        measured_stage(&net)->spatial = 0;
        measured_add_bias(&net);
        add(SHAPE(3, 4), NULL);
        check(dense[_i].name);
    }
}
END_TEST

START_TEST(a_dense_layer_with_groups)
{
    measured_init(&net, SAMPLES, SHAPE(6));
    add(SHAPE(4, 3), "tanh");
    measured_stage(&net)->groups = 2;
    add(SHAPE(3, 4), NULL);
    check("groups");
}
END_TEST

START_TEST(a_residual_convolution)
{
    measured_init(&net, SAMPLES, SHAPE(2, 4));
    add(SHAPE(3, 2, 2), "tanh");
    add(SHAPE(3, 3, 3), "tanh")->opens = true;
    measured_stage(&net)->padding[0] = 1;
    net.layers[1].closes = true;
    net.layers[1].alpha = 0.7;
    add(SHAPE(2, 9), NULL);
    check("a residual convolution");
}
END_TEST

Suite *measure_gradients_suite(void)
{
    Suite *suite = suite_create("measure_gradients");
    TCase *tcase = tcase_create("measure_gradients");

    tcase_set_timeout(tcase, 120);
    tcase_add_test(tcase, every_activation);
    tcase_add_test(tcase, every_norm_before_and_after);
    tcase_add_test(tcase, norms_over_positions);
    tcase_add_test(tcase, a_branch_of_two_layers);
    tcase_add_test(tcase, branches_of_one_layer);
    tcase_add_test(tcase, dropout);
    tcase_add_loop_test(tcase, convolutions_of_all_kinds, 0,
                        COUNT(convolutions));
    tcase_add_test(tcase, a_dense_layer_flattens_channels_first);
    tcase_add_test(tcase, the_input_is_flattened_too);
    tcase_add_loop_test(tcase, weights_however_they_lie, 0, COUNT(dense));
    tcase_add_test(tcase, a_dense_layer_with_groups);
    tcase_add_test(tcase, a_residual_convolution);
    suite_add_tcase(suite, tcase);
    return suite;
}
