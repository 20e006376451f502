/* SPDX-License-Identifier: MIT */
/* Tests of orthogonal matrices: orthonormal, and as their text has them. */
#include "schemes/orthogonal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "draw.h"
#include "matrix.h"

Suite *orthogonal_suite(void);

/* Around the sides of panels, strips and blocks of rows. */
START_TEST(matrices_are_orthonormal)
{
    static const uint64_t sides[][2] = {
        {1, 1},    {1, 2},    {2, 1},    {2, 2},    {1, 9},    {9, 1},
        {3, 3},    {7, 8},    {8, 8},    {9, 8},    {47, 47},  {48, 48},
        {49, 49},  {47, 48},  {49, 48},  {48, 49},  {95, 97},  {96, 96},
        {97, 96},  {240, 3},  {239, 48}, {241, 49}, {240, 48}, {288, 95},
        {3, 240},  {1, 1000}, {1000, 1}, {60, 500}, {500, 60}, {145, 145},
        {480, 24}, {289, 25},
    };
    static const double most[] = {[SOW_FLOAT32] = 1e-6, [SOW_FLOAT64] = 1e-13};

    for (size_t i = 0; i < COUNT(sides); i++)
        for (int d = SOW_FLOAT32; d <= SOW_FLOAT64; d++) {
            const struct sow_spec spec =
                spec_make("orthogonal", (enum sow_dtype)d,
                          SHAPE(sides[i][0], sides[i][1]));
            double *values = matrix_make(&spec);
            double error = matrix_error(values, sides[i][0], sides[i][1]);

            ck_assert_msg(error < most[d], "%llu x %llu, %s: off by %g",
                          (unsigned long long)sides[i][0],
                          (unsigned long long)sides[i][1],
                          sow_dtype_name(spec.dtype), error);
            free(values);
        }
}
END_TEST

/* The first panel's draws of column 0, as float32. */
static void first_vector(const struct sow_tensor *tensor, uint64_t length,
                         double *x)
{
    struct sow_tensor draws = *tensor;

    draws.spec.dtype = SOW_FLOAT32;
    for (uint64_t r = 0; r < length; r++)
        sow_draw(engine_at(0), &draws, 48 * r, 1, &x[r]);
}

START_TEST(first_column_is_the_first_vector_normed)
{
    static const uint64_t sides[][2] = {{1, 1},   {5, 5},   {300, 7},
                                        {7, 300}, {60, 60}, {1, 50}};

    for (size_t i = 0; i < COUNT(sides); i++) {
        uint64_t rows = sides[i][0], cols = sides[i][1];
        uint64_t length = rows > cols ? rows : cols;
        const struct sow_spec spec =
            spec_make("orthogonal", SOW_FLOAT64, SHAPE(rows, cols));
        struct sow_tensor tensor = tensor_make(&spec);
        double *x = must_allocate(length * sizeof *x);
        double *values = matrix_make(&spec);
        double norm = 0;

        first_vector(&tensor, length, x);
        for (uint64_t r = 0; r < length; r++)
            norm += x[r] * x[r];
        for (uint64_t r = 0; r < length; r++)
            ck_assert_double_eq_tol(values[rows < cols ? r : r * cols],
                                    x[r] / sqrt(norm), 1e-14);
        free(values);
        free(x);
    }
}
END_TEST

/* A textbook QR of the same Gaussian matrix gives the same Q. */
START_TEST(a_qr_decomposition_gives_the_same)
{
    enum { M = 70, K = 53 };
    const struct sow_spec spec =
        spec_make("orthogonal", SOW_FLOAT64, SHAPE(M, K));
    struct sow_tensor tensor = tensor_make(&spec);
    double *q = matrix_make(&spec);
    static double g[K][M];

    /*
     * Column j of the Gaussian matrix is x_j in the frame that the first j
     * reflections leave: Q e_j is orthogonal to the columns before, and its
     * product with H_1 … H_(j-1) (0, x_j) is |x_j|.
     */
    tensor.spec.dtype = SOW_FLOAT32;
    for (int j = 0; j < K; j++) {
        for (int r = j; r < M; r++)
            sow_draw(engine_at(0), &tensor,
                     (uint64_t)(j / 48 * 48 * M + 48 * r + j % 48), 1,
                     &g[j][r]);
        for (int i = j - 1; i >= 0; i--) {
            double v[M] = {0}, norm = 0, vv = 0, vg = 0;
            double raw[M];

            for (int r = i; r < M; r++) {
                sow_draw(engine_at(0), &tensor,
                         (uint64_t)(i / 48 * 48 * M + 48 * r + i % 48), 1,
                         &raw[r]);
                norm += raw[r] * raw[r];
                v[r] = raw[r];
            }
            v[i] += raw[i] < 0 ? -sqrt(norm) : sqrt(norm);
            for (int r = i; r < M; r++) {
                vv += v[r] * v[r];
                vg += v[r] * g[j][r];
            }
            for (int r = i; r < M; r++)
                g[j][r] -= 2 * vg / vv * v[r];
        }
    }
    for (int j = 0; j < K; j++) {
        double norm = 0, product = 0;

        for (int r = 0; r < M; r++) {
            norm += g[j][r] * g[j][r];
            product += g[j][r] * q[r * K + j];
        }
        ck_assert_double_eq_tol(product / sqrt(norm), 1, 1e-13);
    }
    free(q);
}
END_TEST

/* A float32 tensor is the float64 tensor, rounded; so are the narrow ones. */
START_TEST(dtypes_agree_to_rounding)
{
    struct sow_spec spec = spec_make("orthogonal", SOW_FLOAT64, SHAPE(90, 61));
    double *wide = matrix_make(&spec);

    for (int d = 0; d < SOW_DTYPES; d++) {
        double *narrow;

        spec.dtype = (enum sow_dtype)d;
        narrow = matrix_make(&spec);
        for (size_t i = 0; i < 90 * 61; i++) {
            float single = (float)wide[i];
            double want = wide[i];
            uint8_t item[8];

            if (d != SOW_FLOAT64) {
                sow_narrow(spec.dtype, &single, item, 1);
                sow_widen(spec.dtype, item, &want, 1);
            }
            ck_assert_double_eq(narrow[i], want);
        }
        free(narrow);
    }
    free(wide);
}
END_TEST

START_TEST(the_layouts_have_the_same_matrix)
{
    struct sow_spec spec = spec_make("orthogonal", SOW_FLOAT64, SHAPE(20, 12));
    double *torch = matrix_make(&spec);

    for (int layout = SOW_JAX; layout <= SOW_EXPLICIT; layout++) {
        double *values;

        spec.layout = (enum sow_layout)layout;
        spec.axes = (struct sow_axes){.in = 1, .out = 2};
        values = matrix_make(&spec);
        ck_assert_mem_eq(values, torch, 20 * 12 * sizeof *values);
        free(values);
    }
    free(torch);
}
END_TEST

/* Experts: each slice of the batch axis is a matrix of its own. */
START_TEST(batches_are_independent_matrices)
{
    struct sow_spec spec =
        spec_make("orthogonal", SOW_FLOAT64, SHAPE(5, 30, 55));
    double *values;
    double product = 0;

    spec.layout = SOW_EXPLICIT;
    spec.axes = (struct sow_axes){.batch = 1, .out = 2, .in = 4};
    values = matrix_make(&spec);
    for (int b = 0; b < 5; b++)
        ck_assert_double_lt(matrix_error(values + b * 30 * 55, 30, 55), 1e-13);
    for (int i = 0; i < 30 * 55; i++)
        product += values[i] * values[i + 30 * 55];
    ck_assert_double_lt(fabs(product), 4); /* of std 1 x (30 x 30 / 55)^1/2 */
    free(values);
}
END_TEST

/* ------------------------------------------------------------------------
 * Gains and refusals
 */

START_TEST(gains_are_those_of_the_sources)
{
    const struct {
        const char *scheme, *parameter;
        double value, gain;
        struct sow_shape shape;
    } rows[] = {
        {"orthogonal", "gain", -2.5, -2.5, SHAPE(6, 9)},
        {"torch.orthogonal", "gain", 3, 3, SHAPE(9, 6)},
        {"keras.orthogonal", "gain", 3, 3, SHAPE(9, 6)},
        {"jax.orthogonal", "scale", 0, 0, SHAPE(9, 6)},
        {"jax.orthogonal", "scale", 0.5, 0.5, SHAPE(9, 6)},
        {"scaled_orthogonal", "n_layers", 8, 0.5, SHAPE(9, 6)},
        {"suo", "gain", 1, 2, SHAPE(8, 2)},
        {"suo", "gain", 3, 3, SHAPE(2, 8)},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct sow_spec spec =
            spec_make("orthogonal", SOW_FLOAT64, rows[i].shape);
        const uint64_t *dims = rows[i].shape.dims;
        double *plain = matrix_make(&spec);
        double *values;
        struct sow_tensor tensor;

        spec = spec_make(rows[i].scheme, SOW_FLOAT64, rows[i].shape);
        spec_set(&spec, rows[i].parameter, rows[i].value);
        spec.multiplier = 2;
        values = matrix_make(&spec);
        for (uint64_t e = 0; e < dims[0] * dims[1]; e++)
            ck_assert_double_eq_tol(values[e], plain[e] * rows[i].gain * 2,
                                    1e-15);
        tensor = tensor_make(&spec);
        ck_assert_double_eq_tol(
            tensor.std,
            2 * fabs(rows[i].gain) /
                sqrt((double)(dims[0] > dims[1] ? dims[0] : dims[1])),
            1e-15);
        free(plain);
        free(values);
    }
}
END_TEST

START_TEST(empty_matrices_need_nothing)
{
    const struct {
        const char *scheme;
        struct sow_shape shape;
    } rows[] = {
        {"orthogonal", SHAPE(0, 5)},
        {"orthogonal", SHAPE(5, 0)},
        {"orthogonal", SHAPE(0, 0)},
        {"suo", SHAPE(0, 5)},
        {"suo", SHAPE(5, 0)},
        {"suo", SHAPE(5, 0, 3, 3)},
        {"delta_orthogonal", SHAPE(5, 0, 3)},
        {"weightnorm", SHAPE(0, 5)},
        {"delta_orthogonal", SHAPE(5, 4, 0)},
        {"weightnorm", SHAPE(5, 0)},
        {"conv_orthogonal", SHAPE(5, 4, 0)},
        {"conv_orthogonal", SHAPE(5, 0, 3)},
        {"weightnorm_gaussian", SHAPE(0, 5)},
        {"weightnorm_gaussian", SHAPE(5, 0)},
        {"weightnorm_gaussian", SHAPE(5, 4, 0)},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct sow_spec spec =
            spec_make(rows[i].scheme, SOW_FLOAT32, rows[i].shape);
        const struct sow_tensor tensor = tensor_make(&spec);

        ck_assert_uint_eq(tensor.size, 0);
        ck_assert_uint_eq(sow_tensor_need(&tensor).units, 0);
        ck_assert_uint_eq(sow_tensor_need(&tensor).doubles, 0);
        ck_assert_int_eq(sow_tensor_read(engine_at(0), &tensor, 0, NULL, 0),
                         SOW_OK);
    }
}
END_TEST

START_TEST(shapes_that_are_no_matrix_are_refused)
{
    static const char *const names[] = {"orthogonal",
                                        "torch.orthogonal",
                                        "jax.orthogonal",
                                        "keras.orthogonal",
                                        "scaled_orthogonal",
                                        "delta_orthogonal",
                                        "suo",
                                        "conv_orthogonal",
                                        "weightnorm_v",
                                        "weightnorm",
                                        "weightnorm_gaussian"};
    const struct sow_shape shapes[] = {{0, {0}}, SHAPE(5)};

    for (size_t n = 0; n < COUNT(names); n++)
        for (size_t i = 0; i < COUNT(shapes); i++) {
            struct sow_spec spec = spec_make(names[n], SOW_FLOAT32, shapes[i]);

            if (strcmp(names[n], "scaled_orthogonal") == 0)
                spec_set(&spec, "n_layers", 1);
            spec_refused(&spec, SOW_BAD_SCHEME, "shape");
        }
}
END_TEST

/* Out axes apart, in the middle, none, and a batch axis that isn't first. */
START_TEST(axes_that_make_no_matrix_are_refused)
{
    static const struct sow_axes rows[] = {
        {.in = 2, .out = 5},
        {.in = 5, .out = 2},
        {.in = 3},
        {.in = 2, .out = 1, .batch = 4},
        {.in = 1, .out = 12, .batch = 2},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct sow_spec spec =
            spec_make("orthogonal", SOW_FLOAT32,
                      i < 4 ? SHAPE(4, 5, 6) : SHAPE(4, 5, 6, 7));

        spec.layout = SOW_EXPLICIT;
        spec.axes = rows[i];
        spec_refused(&spec, SOW_BAD_AXES, "axes");
    }
}
END_TEST

Suite *orthogonal_suite(void)
{
    Suite *suite = suite_create("orthogonal");
    TCase *cases = tcase_create("orthogonal");

    tcase_set_timeout(cases, 120);
    tcase_add_test(cases, matrices_are_orthonormal);
    tcase_add_test(cases, first_column_is_the_first_vector_normed);
    tcase_add_test(cases, a_qr_decomposition_gives_the_same);
    tcase_add_test(cases, dtypes_agree_to_rounding);
    tcase_add_test(cases, the_layouts_have_the_same_matrix);
    tcase_add_test(cases, batches_are_independent_matrices);
    tcase_add_test(cases, gains_are_those_of_the_sources);
    tcase_add_test(cases, empty_matrices_need_nothing);
    tcase_add_test(cases, shapes_that_are_no_matrix_are_refused);
    tcase_add_test(cases, axes_that_make_no_matrix_are_refused);
    suite_add_tcase(suite, cases);
    return suite;
}
