/* SPDX-License-Identifier: MIT */
/* What can't be measured is refused, however large. */
#include <math.h>

#include "measured.h"

Suite *measure_refused_suite(void);

static struct measured net;

static struct sow_analysis_layer *
add(const char *scheme, struct sow_shape shape, const char *activation)
{
    struct sow_spec spec = spec_make(scheme, SOW_FLOAT32, shape);

    return measured_add(&net, &spec, activation);
}

typedef void spoil(struct measured *net);

static void odd_samples(struct measured *n)
{
    n->m.samples = 3;
}
static void no_samples(struct measured *n)
{
    n->m.samples = 0;
}
static void many_samples(struct measured *n)
{
    n->m.samples = 4098;
}
static void no_layers(struct measured *n)
{
    n->m.count = 0;
}
static void no_shape(struct measured *n)
{
    n->m.shape.rank = 0;
}
static void long_shape(struct measured *n)
{
    n->m.shape.rank = 5;
}
static void empty_shape(struct measured *n)
{
    n->m.shape.dims[0] = 0;
}
static void wrong_shape(struct measured *n)
{
    n->m.shape.dims[0] = 5;
}
static void no_groups(struct measured *n)
{
    n->stages[1].groups = 0;
}
static void wrong_groups(struct measured *n)
{
    n->stages[1].groups = 2;
}
static void kernel(struct measured *n)
{
    n->stages[1].spatial = 1;
}
static void axes(struct measured *n)
{
    n->stages[1].spatial = 9;
}
static void keep(struct measured *n)
{
    n->layers[0].keep = 0;
}
static void not_number(struct measured *n)
{
    n->m.input.mean = NAN;
}
static void closes(struct measured *n)
{
    n->layers[0].closes = true;
}
static void bias(struct measured *n)
{
    n->stages[1].bias = n->stages[0].bias;
}

static void wrong_branch(struct measured *n)
{
    n->layers[0].opens = n->layers[1].closes = true;
}

static const struct {
    spoil *spoil;
    enum sow_status status;
    const char *at;
} spoilt[] = {
    {odd_samples, SOW_BAD_PARAMETER, "samples"},
    {no_samples, SOW_BAD_PARAMETER, "samples"},
    {many_samples, SOW_BAD_PARAMETER, "samples"},
    {no_layers, SOW_BAD_SHAPE, "count"},
    {no_shape, SOW_BAD_SHAPE, "shape"},
    {long_shape, SOW_BAD_SHAPE, "shape"},
    {empty_shape, SOW_BAD_SHAPE, "shape"},
    {wrong_shape, SOW_BAD_SHAPE, "shape"},
    {no_groups, SOW_BAD_SHAPE, "1"},
    {wrong_groups, SOW_BAD_SHAPE, "1"},
    {kernel, SOW_BAD_SHAPE, "1"},
    {axes, SOW_BAD_SHAPE, "1"},
    {keep, SOW_BAD_PARAMETER, "keep"},
    {not_number, SOW_BAD_PARAMETER, "mean"},
    {closes, SOW_BAD_SHAPE, "closes"},
    {wrong_branch, SOW_BAD_SHAPE, "1"},
    {bias, SOW_BAD_SHAPE, "1"},
};

START_TEST(what_does_not_fit_is_refused)
{
    measured_init(&net, 4, SHAPE(3));
    add("he_normal", SHAPE(6, 3), "relu");
    measured_add_bias(&net);
    add("he_normal", SHAPE(4, 6), "relu");
    spoilt[_i].spoil(&net);
    measured_refused(&net, spoilt[_i].status, spoilt[_i].at);
    measured_free(&net);
}
END_TEST

/* Sizes whose products pass 64 bits, or only all memory. */
START_TEST(sizes_without_end_are_refused)
{
    static const uint64_t wide = UINT64_C(1) << 40;
    struct sow_stage *stage;

    measured_init(&net, 4096, SHAPE(1));
    add("ones", SHAPE(UINT64_C(1) << 30, 1), "relu");
    add("ones", SHAPE(wide, UINT64_C(1) << 20), "relu");
    measured_refused(&net, SOW_BAD_SHAPE, "room");
    measured_free(&net);

    measured_init(&net, 2, SHAPE(1, 4, 4, 4));
    add("ones", SHAPE(wide, 1, 1, 1, 1), NULL);
    stage = measured_stage(&net);
    for (size_t i = 0; i < SOW_MAX_SPATIAL; i++)
        stage->padding[i] = UINT32_MAX;
    measured_refused(&net, SOW_BAD_SHAPE, "0");
    stage->padding[0] = stage->padding[1] = stage->padding[2] = 1 << 30;
    net.weights[0].spec.shape.dims[0] = 1 << 20;
    net.weights[0].elements = 1 << 20;
    measured_refused(&net, SOW_BAD_SHAPE, "room");
    stage->dilation[0] = 0;
    measured_refused(&net, SOW_BAD_SHAPE, "0");
    measured_free(&net);
}
END_TEST

Suite *measure_refused_suite(void)
{
    Suite *suite = suite_create("measure_refused");
    TCase *tcase = tcase_create("measure_refused");

    tcase_set_timeout(tcase, 120);
    tcase_add_loop_test(tcase, what_does_not_fit_is_refused, 0, COUNT(spoilt));
    tcase_add_test(tcase, sizes_without_end_are_refused);
    suite_add_tcase(suite, tcase);
    return suite;
}
