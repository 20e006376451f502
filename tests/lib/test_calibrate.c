/* SPDX-License-Identifier: MIT */
/* Tests of data-dependent initialization: a batch through a stack. */
#include "forward/calibrate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "generators/sow1.h"
#include "help.h"

Suite *calibrate_suite(void);

#define SAMPLES 40

/* A batch that is no random draw, with means and spreads that differ. */
static void make_batch(double *batch, size_t samples, size_t values)
{
    for (size_t b = 0; b < samples; b++)
        for (size_t i = 0; i < values; i++)
            batch[b * values + i] =
                sin((double)(b * values + i) * 1.7) * (1 + (double)i / 7) +
                (double)(i % 3) - 0.4;
}

static struct sow_tensor weight(const char *name, struct sow_shape shape)
{
    struct sow_spec spec = spec_make("normal", SOW_FLOAT32, shape);

    spec.name = name;
    return tensor_make(&spec);
}

static struct sow_stage dense(enum sow_stage_method method,
                              const struct sow_tensor *tensor,
                              const char *activation)
{
    return (struct sow_stage){
        .method = method,
        .tolerance = 1e-9,
        .attempts = 10,
        .weight = tensor,
        .activation = activation ? sow_activation_find(activation) : NULL,
        .groups = 1};
}

static struct sow_calibration over(const struct sow_stage *stages, size_t count,
                                   struct sow_shape input)
{
    return (struct sow_calibration){
        .stages = stages, .count = count, .input = input};
}

/* Run 'c' over the batch of make_batch(); the caller frees the results. */
static double *run(struct sow_calibration *c)
{
    const struct sow_engine *engine = engine_at(0);
    struct sow_error error = {.text = ""};
    size_t values = 1;
    double *batch, *room, *results;

    for (uint32_t i = 1; i < c->input.rank; i++)
        values *= (size_t)c->input.dims[i];
    ck_assert_msg(sow_calibration_init(c, &error) == SOW_OK, "%s: %s", error.at,
                  error.text);
    batch = calloc(c->input.dims[0] * values, sizeof *batch);
    room = calloc(c->room, sizeof *room);
    results = calloc(c->results + 1, sizeof *results);
    ck_assert(batch != NULL && room != NULL && results != NULL);
    make_batch(batch, (size_t)c->input.dims[0], values);
    c->batch = batch;
    results[c->results] = 12345;
    ck_assert_msg(sow_calibration_run(c, engine, room, results, NULL, NULL,
                                      &error) == SOW_OK,
                  "%s: %s", error.at, error.text);
    ck_assert_double_eq(results[c->results], 12345);
    free(batch);
    free(room);
    return results;
}

/* y = w x of one sample, with the plain formula. */
static void plain(const double *w, const double *x, size_t outs, size_t ins,
                  double *y)
{
    for (size_t o = 0; o < outs; o++) {
        y[o] = 0;
        for (size_t i = 0; i < ins; i++)
            y[o] += w[o * ins + i] * x[i];
    }
}

/* The mean and deviation of values[first], values[first + step] … */
static void moments(const double *values, size_t n, size_t step, double *mean,
                    double *std)
{
    *mean = *std = 0;
    for (size_t i = 0; i < n; i++)
        *mean += values[i * step] / (double)n;
    for (size_t i = 0; i < n; i++)
        *std += pow(values[i * step] - *mean, 2) / (double)n;
    *std = sqrt(*std);
}

START_TEST(lsuv_makes_every_layer_have_unit_variance)
{
    struct sow_tensor t1 = weight("a", SHAPE(6, 5));
    struct sow_tensor t2 = weight("b", SHAPE(4, 6));
    struct sow_stage stages[] = {dense(SOW_STAGE_LSUV, &t1, "relu"),
                                 dense(SOW_STAGE_LSUV, &t2, NULL)};
    struct sow_calibration c = over(stages, 2, SHAPE(SAMPLES, 5));
    double *w1 = tensor_values(&t1), *w2 = tensor_values(&t2);
    double batch[SAMPLES * 5], y1[SAMPLES * 6], y2[SAMPLES * 4];
    double *s = run(&c);
    double mean, std;

    make_batch(batch, SAMPLES, 5);
    for (size_t b = 0; b < SAMPLES; b++) {
        plain(w1, batch + b * 5, 6, 5, y1 + b * 6);
        for (size_t i = 0; i < 6; i++)
            y1[b * 6 + i] = fmax(s[0] * y1[b * 6 + i], 0);
        plain(w2, y1 + b * 6, 4, 6, y2 + b * 4);
        for (size_t i = 0; i < 4; i++)
            y2[b * 4 + i] *= s[1];
    }
    moments(y2, SAMPLES * 4, 1, &mean, &std);
    ck_assert_msg(fabs(std - 1) < 1e-9, "the outputs' std is %.17g", std);
    ck_assert_msg(s[0] > 0 && s[1] > 0 && s[0] != 1 && s[1] != 1,
                  "factors %g %g", s[0], s[1]);
    free(w1);
    free(w2);
    free(s);
}
END_TEST

START_TEST(lsuv_leaves_what_is_within_the_tolerance)
{
    struct sow_tensor t = weight("a", SHAPE(6, 5));
    struct sow_stage stage = dense(SOW_STAGE_LSUV, &t, NULL);
    struct sow_calibration c = over(&stage, 1, SHAPE(SAMPLES, 5));
    double *s;

    stage.tolerance = 1e9;
    s = run(&c);

    ck_assert_double_eq(s[0], 1);
    free(s);
}
END_TEST

START_TEST(weight_norm_gives_each_unit_mean_0_and_variance_1)
{
    struct sow_tensor t = weight("v", SHAPE(6, 5));
    struct sow_stage stage = dense(SOW_STAGE_WEIGHT_NORM, &t, NULL);
    struct sow_calibration c = over(&stage, 1, SHAPE(SAMPLES, 5));
    double *w = tensor_values(&t);
    double batch[SAMPLES * 5], y[SAMPLES * 6];
    double *r = run(&c);

    ck_assert_uint_eq(c.results, 12);
    make_batch(batch, SAMPLES, 5);
    for (size_t b = 0; b < SAMPLES; b++)
        plain(w, batch + b * 5, 6, 5, y + b * 6);
    for (size_t o = 0; o < 6; o++) {
        double norm = 0, mean, std;

        for (size_t i = 0; i < 5; i++)
            norm += w[o * 5 + i] * w[o * 5 + i];
        for (size_t b = 0; b < SAMPLES; b++)
            y[b * 6 + o] = r[o] * y[b * 6 + o] / sqrt(norm) + r[6 + o];
        moments(y + o, SAMPLES, 6, &mean, &std);
        ck_assert_msg(fabs(mean) < 1e-12 && fabs(std - 1) < 1e-12,
                      "unit %zu: mean %g, std %.17g", o, mean, std);
    }
    free(w);
    free(r);
}
END_TEST

/* One output of a grouped, strided, padded, dilated convolution, plainly. */
static double convolve(const double *w, const double *x, int o, int r, int s)
{
    double sum = 0;
    int group = o / 2;

    for (int i = 0; i < 3; i++)
        for (int k = 0; k < 2; k++)
            for (int l = 0; l < 3; l++) {
                int row = r * 2 + k * 2 - 1;
                int column = s * 1 + l * 1 - 2;

                if (row < 0 || row >= 7 || column < 0 || column >= 5)
                    continue;
                sum += w[((o * 3 + i) * 2 + k) * 3 + l] *
                       x[((group * 3 + i) * 7 + row) * 5 + column];
            }
    return sum;
}

/* (7 + 2 - 2 - 1) / 2 + 1 = 4 rows, 5 + 4 - 2 = 7 columns. */
START_TEST(convolutions_are_those_of_the_definition)
{
    struct sow_tensor t = weight("conv", SHAPE(4, 3, 2, 3));
    struct sow_stage stage = {.method = SOW_STAGE_LSUV,
                              .tolerance = 1e-12,
                              .attempts = 3,
                              .weight = &t,
                              .spatial = 2,
                              .stride = {2, 1},
                              .padding = {1, 2},
                              .dilation = {2, 1},
                              .groups = 2};
    struct sow_calibration c = over(&stage, 1, SHAPE(SAMPLES, 6, 7, 5));
    double *w = tensor_values(&t);
    double *batch = calloc(SAMPLES * 210, sizeof *batch);
    double *y = calloc(SAMPLES * 112, sizeof *y);
    double *s = run(&c);
    double mean, std;
    size_t n = 0;

    ck_assert(batch != NULL && y != NULL);
    make_batch(batch, SAMPLES, 210);
    for (size_t b = 0; b < SAMPLES; b++)
        for (int o = 0; o < 4; o++)
            for (int r = 0; r < 4; r++)
                for (int q = 0; q < 7; q++)
                    y[n++] = convolve(w, batch + b * 210, o, r, q);
    moments(y, n, 1, &mean, &std);
    ck_assert_msg(fabs(s[0] * std - 1) < 1e-11, "factor %.17g, std %.17g", s[0],
                  std);
    free(batch);
    free(y);
    free(w);
    free(s);
}
END_TEST

START_TEST(convolutions_flatten_into_dense_layers)
{
    struct sow_tensor t1 = weight("conv", SHAPE(2, 1, 3));
    struct sow_tensor t2 = weight("fc", SHAPE(3, 8));
    struct sow_stage stages[] = {
        {.method = SOW_STAGE_FORWARD,
         .weight = &t1,
         .spatial = 1,
         .stride = {1},
         .dilation = {1},
         .groups = 1},
        dense(SOW_STAGE_LSUV, &t2, NULL),
    };
    struct sow_calibration c = over(stages, 2, SHAPE(SAMPLES, 1, 6));
    double *w1 = tensor_values(&t1), *w2 = tensor_values(&t2);
    double batch[SAMPLES * 6], y[SAMPLES * 3], h[8];
    double *s = run(&c);
    double mean, std;

    make_batch(batch, SAMPLES, 6);
    for (size_t b = 0; b < SAMPLES; b++) {
        for (size_t o = 0; o < 2; o++)
            for (size_t p = 0; p < 4; p++)
                plain(w1 + o * 3, batch + b * 6 + p, 1, 3, h + o * 4 + p);
        plain(w2, h, 3, 8, y + b * 3);
    }
    moments(y, SAMPLES * 3, 1, &mean, &std);
    ck_assert_msg(fabs(s[0] * std - 1) < 1e-9, "factor %.17g, std %.17g", s[0],
                  std);
    free(w1);
    free(w2);
    free(s);
}
END_TEST

START_TEST(stacks_that_do_not_fit_are_refused)
{
    struct sow_tensor t1 = weight("a", SHAPE(6, 5));
    struct sow_tensor t2 = weight("b", SHAPE(4, 7));
    struct sow_stage stages[] = {dense(SOW_STAGE_LSUV, &t1, NULL),
                                 dense(SOW_STAGE_LSUV, &t2, NULL)};
    const struct {
        struct sow_shape input;
        size_t count;
        const char *at;
    } rows[] = {
        {{2, {8, 5}}, 2, "1"},
        {{2, {8, 4}}, 1, "data"},
        {{1, {8}}, 1, "data"},
        {{2, {0, 5}}, 1, "data"},
        {{6, {1, 1, 1, 1, 1, 5}}, 1, "data"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct sow_calibration c = {
            .stages = stages, .count = rows[i].count, .input = rows[i].input};
        struct sow_error error = {.at = ""};

        ck_assert_msg(sow_calibration_init(&c, &error) == SOW_BAD_SHAPE,
                      "row %zu is taken", i);
        ck_assert_str_eq(error.at, rows[i].at);
        ck_assert_str_ne(error.text, "");
    }
}
END_TEST

START_TEST(outputs_that_do_not_vary_are_refused)
{
    struct sow_tensor t = weight("a", SHAPE(3, 2));
    struct sow_stage stages[] = {dense(SOW_STAGE_LSUV, &t, NULL),
                                 dense(SOW_STAGE_WEIGHT_NORM, &t, NULL)};
    const struct sow_engine *engine = engine_at(0);

    for (size_t i = 0; i < 2; i++) {
        struct sow_calibration c = over(&stages[i], 1, SHAPE(4, 2));
        double batch[8] = {0}, room[64], results[8];
        struct sow_error error = {.at = ""};

        ck_assert_int_eq(sow_calibration_init(&c, &error), SOW_OK);
        ck_assert_uint_le(c.room, 64);
        c.batch = batch;
        ck_assert_int_eq(
            sow_calibration_run(&c, engine, room, results, NULL, NULL, &error),
            SOW_BAD_SCHEME);
        ck_assert_str_eq(error.at, "a");
        ck_assert(isnan(results[c.results - 1]));
    }
}
END_TEST

static bool always(void *argument)
{
    (void)argument;
    return true;
}

START_TEST(a_run_stops_when_asked)
{
    struct sow_tensor t = weight("a", SHAPE(3, 2));
    struct sow_stage stage = dense(SOW_STAGE_LSUV, &t, NULL);
    struct sow_calibration c = {
        .stages = &stage, .count = 1, .input = {2, {4, 2}}, .seed = 1};
    const struct sow_engine *engine = engine_at(0);
    double room[64], results[8];
    struct sow_error error;

    ck_assert_int_eq(sow_calibration_init(&c, &error), SOW_OK);
    ck_assert_int_eq(
        sow_calibration_run(&c, engine, room, results, always, NULL, &error),
        SOW_STOPPED);
}
END_TEST

/* The batch that is drawn is normal draws of the stream "data". */
START_TEST(a_batch_may_be_drawn)
{
    struct sow_spec spec =
        spec_make("normal", SOW_FLOAT64, SHAPE(SAMPLES, 700));
    struct sow_tensor drawn, t = weight("a", SHAPE(3, 700));
    struct sow_stage stage = dense(SOW_STAGE_LSUV, &t, NULL);
    struct sow_calibration c = {
        .stages = &stage, .count = 1, .input = {2, {SAMPLES, 700}}, .seed = 7};
    const struct sow_engine *engine = engine_at(0);
    struct sow_error error;
    double *room, *batch, results[2];

    spec.name = "";
    drawn = tensor_make(&spec);
    sow1_stream(7, "data", "", &drawn.stream);
    ck_assert_int_eq(sow_calibration_init(&c, &error), SOW_OK);
    room = calloc(c.room, sizeof *room);
    batch = tensor_values(&drawn);
    ck_assert(room != NULL);
    for (size_t i = 0; i < 2; i++) {
        ck_assert_int_eq(sow_calibration_run(&c, engine, room, &results[i],
                                             NULL, NULL, &error),
                         SOW_OK);
        c.batch = batch;
    }
    ck_assert_msg(results[0] == results[1], "%.17g, given %.17g", results[0],
                  results[1]);
    free(room);
    free(batch);
}
END_TEST

Suite *calibrate_suite(void)
{
    Suite *suite = suite_create("calibrate");
    TCase *all = tcase_create("all");

    tcase_add_test(all, lsuv_makes_every_layer_have_unit_variance);
    tcase_add_test(all, lsuv_leaves_what_is_within_the_tolerance);
    tcase_add_test(all, weight_norm_gives_each_unit_mean_0_and_variance_1);
    tcase_add_test(all, convolutions_are_those_of_the_definition);
    tcase_add_test(all, convolutions_flatten_into_dense_layers);
    tcase_add_test(all, stacks_that_do_not_fit_are_refused);
    tcase_add_test(all, outputs_that_do_not_vary_are_refused);
    tcase_add_test(all, a_run_stops_when_asked);
    tcase_add_test(all, a_batch_may_be_drawn);
    suite_add_tcase(suite, all);
    return suite;
}
