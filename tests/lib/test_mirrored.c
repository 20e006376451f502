/* SPDX-License-Identifier: MIT */
/*
 * Tests of mirrored weights: the blocks, and what they are for: a ReLU network
 * that is exactly linear, and with orthogonal blocks an isometry.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "expect.h"

Suite *mirrored_suite(void);

enum { GAUSSIAN, ORTHOGONAL };
enum { EVERY_TAP, CENTRE };
enum { HIDDEN, FIRST, LAST };

/* All values of the spec's tensor; 'tensor' may be NULL. */
static struct sow_spec mirrored(int base, int part, struct sow_shape shape)
{
    struct sow_spec spec = spec_make("mirrored", SOW_FLOAT64, shape);

    spec_set(&spec, "base", base);
    spec_set(&spec, "part", part);
    return spec;
}

/* ---- blocks ------------------------------------------------------------- */

/* Each element must be its twin's, with the sign of its halves. */
static void check_blocks(const struct sow_spec *spec, bool outs, bool ins)
{
    const uint64_t *dims = spec->shape.dims;
    uint64_t rows = outs ? dims[0] / 2 : dims[0];
    uint64_t columns = ins ? dims[1] / 2 : dims[1];
    struct sow_tensor t = tensor_make(spec);
    uint64_t taps = t.elements / (dims[0] * dims[1]);
    double *w = spec_values(spec);

    for (uint64_t i = 0; i < dims[0]; i++)
        for (uint64_t j = 0; j < dims[1]; j++)
            for (uint64_t k = 0; k < taps; k++) {
                double sign = (i / rows + j / columns) % 2 == 0 ? 1 : -1;
                uint64_t twin = (i % rows * dims[1] + j % columns) * taps + k;
                uint64_t at = (i * dims[1] + j) * taps + k;

                MUST(w[at] == sign * w[twin], "%s[%u, %u, %u] is %g, not %g",
                     spec->scheme.info->name, (unsigned)i, (unsigned)j,
                     (unsigned)k, w[at], sign * w[twin]);
            }
    free(w);
}

START_TEST(halves_mirror_each_other)
{
    static const struct sow_shape shapes[] = {
        {2, {6, 10}}, {2, {10, 6}}, {4, {4, 6, 3, 3}}, {3, {34, 70, 2}}};

    for (size_t s = 0; s < COUNT(shapes); s++)
        for (int base = GAUSSIAN; base <= ORTHOGONAL; base++)
            for (int kernel = EVERY_TAP; kernel <= CENTRE; kernel++) {
                for (int part = HIDDEN; part <= LAST; part++) {
                    struct sow_spec spec = mirrored(base, part, shapes[s]);

                    spec_set(&spec, "kernel", kernel);
                    check_blocks(&spec, part != LAST, part != FIRST);
                    spec.dtype = SOW_FLOAT16;
                    check_blocks(&spec, part != LAST, part != FIRST);
                }
            }
}
END_TEST

START_TEST(gsm_is_mirrored)
{
    ck_assert_ptr_eq(sow_scheme_find("gsm"), sow_scheme_find("mirrored"));
}
END_TEST

/* Only the centre of a kernel has values, if asked so. */
START_TEST(centres_alone_have_values)
{
    struct sow_spec spec = mirrored(GAUSSIAN, HIDDEN, SHAPE(4, 4, 3, 4));
    double *w;

    spec_set(&spec, "kernel", CENTRE);
    w = spec_values(&spec);
    for (int i = 0; i < 4 * 4 * 12; i++)
        MUST((w[i] != 0) == (i % 12 == 6), "element %d is %g", i, w[i]);
    free(w);
}
END_TEST

/* The standard deviations that keep units' squares, or the norm. */
START_TEST(gaussian_blocks_have_their_variance)
{
    static const struct {
        int part;
        const char *preserve;
        double variance;
    } cases[] = {
        {HIDDEN, "unit", 2.0 / (20 * 3)}, {FIRST, "unit", 1.0 / (20 * 3)},
        {LAST, "unit", 2.0 / (20 * 3)},   {HIDDEN, "norm", 2.0 / (600 * 3)},
        {FIRST, "norm", 2.0 / (600 * 3)}, {LAST, "norm", 1.0 / (600 * 3)},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct sow_spec spec =
            mirrored(GAUSSIAN, cases[i].part, SHAPE(600, 20, 3));
        struct sow_tensor t;
        double *w;
        double squares = 0;

        spec_set(&spec, "preserve", strcmp(cases[i].preserve, "norm") == 0);
        spec_set(&spec, "gain", 3);
        t = tensor_make(&spec);
        w = spec_values(&spec);
        for (uint64_t k = 0; k < t.elements; k++)
            squares += w[k] * w[k];
        ck_assert_double_eq_tol(t.std, 3 * sqrt(cases[i].variance), 1e-15);
        /* 36000 elements, a quarter or a half of them independent. */
        ck_assert_double_eq_tol(squares / (double)t.elements,
                                9 * cases[i].variance,
                                6 * 9 * cases[i].variance * sqrt(2 / 9000.0));
        free(w);
    }
}
END_TEST

/* ---- networks ----------------------------------------------------------- */

#define WIDTH 64
#define LAYERS 50

static void apply(const double *w, size_t rows, size_t columns, const double *x,
                  double *y)
{
    for (size_t i = 0; i < rows; i++) {
        y[i] = 0;
        for (size_t j = 0; j < columns; j++)
            y[i] += w[i * columns + j] * x[j];
    }
}

static void rectify(double *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        x[i] = x[i] > 0 ? x[i] : 0;
}

/* A network of ReLU layers from and to WIDTH / 2: its output for 'x'. */
static void run_network(int base, const double *x, double *out)
{
    double state[WIDTH], next[WIDTH];
    char name[32];

    for (int layer = 0; layer <= LAYERS; layer++) {
        bool first = layer == 0, last = layer == LAYERS;
        size_t rows = last ? WIDTH / 2 : WIDTH;
        size_t columns = first ? WIDTH / 2 : WIDTH;
        struct sow_spec spec = mirrored(base,
                                        first  ? FIRST
                                        : last ? LAST
                                               : HIDDEN,
                                        SHAPE(rows, columns));
        double *w;

        snprintf(name, sizeof name, "layer.%d", layer);
        spec.name = name;
        w = spec_values(&spec);
        apply(w, rows, columns, first ? x : state, next);
        if (last) {
            memcpy(out, next, rows * sizeof *out);
        } else {
            rectify(next, rows);
            memcpy(state, next, sizeof state);
        }
        free(w);
    }
}

static double dot(const double *x, const double *y)
{
    double sum = 0;

    for (int i = 0; i < WIDTH / 2; i++)
        sum += x[i] * y[i];
    return sum;
}

/* Three inputs, the third 2 x - 3 y. */
static void fill_inputs(double x[3][WIDTH / 2])
{
    for (size_t i = 0; i < WIDTH / 2; i++) {
        x[0][i] = (double)mix(i) / 0x1p63 - 1;
        x[1][i] = (double)mix(i + 1000) / 0x1p63 - 1;
        x[2][i] = 2 * x[0][i] - 3 * x[1][i];
    }
}

/* f(2 x - 3 y) = 2 f(x) - 3 f(y), through 50 ReLU layers. */
START_TEST(relu_networks_are_linear)
{
    double x[3][WIDTH / 2], y[3][WIDTH / 2];

    fill_inputs(x);
    for (int base = GAUSSIAN; base <= ORTHOGONAL; base++) {
        double size;

        for (int i = 0; i < 3; i++)
            run_network(base, x[i], y[i]);
        size = sqrt(dot(y[2], y[2]));
        ck_assert_double_gt(size, 1e-3);
        for (int i = 0; i < WIDTH / 2; i++)
            ck_assert_double_eq_tol(y[2][i], 2 * y[0][i] - 3 * y[1][i],
                                    1e-12 * size);
    }
}
END_TEST

/* Norms and angles come through 50 ReLU layers as they were. */
START_TEST(orthogonal_networks_are_isometries)
{
    double x[3][WIDTH / 2], y[3][WIDTH / 2];

    fill_inputs(x);
    for (int i = 0; i < 3; i++)
        run_network(ORTHOGONAL, x[i], y[i]);
    for (int i = 0; i < 3; i++)
        for (int j = 0; j <= i; j++)
            ck_assert_double_eq_tol(dot(y[i], y[j]), dot(x[i], x[j]),
                                    1e-14 * LAYERS * dot(x[2], x[2]));
}
END_TEST

/* In the mean over layers, Gaussian blocks keep the square of a unit. */
START_TEST(gaussian_layers_preserve_in_the_mean)
{
    double x[3][WIDTH / 2];
    double sum = 0;
    const int trials = 300;

    fill_inputs(x);
    for (int trial = 0; trial < trials; trial++) {
        struct sow_spec spec =
            mirrored(GAUSSIAN, FIRST, SHAPE(WIDTH, WIDTH / 2));
        double y[WIDTH];
        double *w;

        spec.seed = (uint64_t)trial;
        w = spec_values(&spec);
        apply(w, WIDTH, WIDTH / 2, x[0], y);
        rectify(y, WIDTH);
        for (int i = 0; i < WIDTH; i++)
            sum += y[i] * y[i];
        free(w);
    }
    /* A chi^2 of 32 degrees each time: 6 standard errors. */
    ck_assert_double_eq_tol(sum / trials / dot(x[0], x[0]), 1,
                            6 * sqrt(2.0 / 32 / trials));
}
END_TEST

/* After CReLU a layer is its block: W [relu(x); relu(-x)] = W0 x. */
START_TEST(looks_linear_layers_are_linear)
{
    for (int base = GAUSSIAN; base <= ORTHOGONAL; base++) {
        struct sow_spec spec =
            spec_make("looks_linear", SOW_FLOAT64, SHAPE(WIDTH / 2, WIDTH));
        double x[3][WIDTH / 2], both[WIDTH], y[WIDTH / 2], want[WIDTH / 2];
        double block[WIDTH / 2 * WIDTH / 2];
        double *w;

        spec_set(&spec, "base", base);
        w = spec_values(&spec);
        fill_inputs(x);
        for (int i = 0; i < WIDTH / 2; i++) {
            both[i] = x[0][i] > 0 ? x[0][i] : 0;
            both[WIDTH / 2 + i] = x[0][i] < 0 ? -x[0][i] : 0;
            for (int j = 0; j < WIDTH / 2; j++)
                block[i * (WIDTH / 2) + j] = w[i * WIDTH + j];
        }
        apply(w, WIDTH / 2, WIDTH, both, y);
        apply(block, WIDTH / 2, WIDTH / 2, x[0], want);
        for (int i = 0; i < WIDTH / 2; i++)
            ck_assert_double_eq_tol(y[i], want[i], 1e-13);
        if (base == ORTHOGONAL)
            ck_assert_double_eq_tol(dot(y, y), dot(x[0], x[0]), 1e-12);
        free(w);
    }
}
END_TEST

/* ---- layouts and refusals ----------------------------------------------- */

/* JAX's and Keras's have outputs last. */
START_TEST(other_layouts_mirror_their_own_axes)
{
    static const enum sow_layout layouts[] = {SOW_JAX, SOW_KERAS};

    for (size_t l = 0; l < COUNT(layouts); l++)
        for (int base = GAUSSIAN; base <= ORTHOGONAL; base++) {
            struct sow_spec spec = mirrored(base, FIRST, SHAPE(3, 5, 8));
            double *w;

            spec.layout = layouts[l];
            w = spec_values(&spec);
            for (int i = 0; i < 15; i++)
                for (int o = 0; o < 4; o++)
                    MUST(w[i * 8 + o] == -w[i * 8 + 4 + o] && w[i * 8 + o] != 0,
                         "[%d, %d]: %g and %g", i, o, w[i * 8 + o],
                         w[i * 8 + 4 + o]);
            free(w);
        }
}
END_TEST

START_TEST(odd_sizes_are_refused)
{
    static const struct {
        int part;
        struct sow_shape shape;
    } cases[] = {
        {HIDDEN, {2, {5, 4}}}, {HIDDEN, {2, {4, 5}}}, {FIRST, {2, {5, 4}}},
        {LAST, {2, {4, 5}}},   {HIDDEN, {1, {4}}},
    };

    for (size_t i = 0; i < COUNT(cases); i++)
        for (int base = GAUSSIAN; base <= ORTHOGONAL; base++) {
            struct sow_spec spec =
                mirrored(base, cases[i].part, cases[i].shape);

            spec_refused(&spec, SOW_BAD_SCHEME, "shape");
        }
}
END_TEST

/* What is not halved may be odd. */
START_TEST(other_sides_may_be_odd)
{
    struct sow_spec first = mirrored(GAUSSIAN, FIRST, SHAPE(6, 5));
    struct sow_spec last = mirrored(ORTHOGONAL, LAST, SHAPE(5, 6));

    check_blocks(&first, true, false);
    check_blocks(&last, false, true);
}
END_TEST

Suite *mirrored_suite(void)
{
    Suite *suite = suite_create("mirrored");
    TCase *cases = tcase_create("mirrored");

    tcase_set_timeout(cases, 120);
    tcase_add_test(cases, halves_mirror_each_other);
    tcase_add_test(cases, gsm_is_mirrored);
    tcase_add_test(cases, centres_alone_have_values);
    tcase_add_test(cases, gaussian_blocks_have_their_variance);
    tcase_add_test(cases, relu_networks_are_linear);
    tcase_add_test(cases, orthogonal_networks_are_isometries);
    tcase_add_test(cases, gaussian_layers_preserve_in_the_mean);
    tcase_add_test(cases, looks_linear_layers_are_linear);
    tcase_add_test(cases, other_layouts_mirror_their_own_axes);
    tcase_add_test(cases, odd_sizes_are_refused);
    tcase_add_test(cases, other_sides_may_be_odd);
    suite_add_tcase(suite, cases);
    return suite;
}
