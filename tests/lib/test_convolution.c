/* SPDX-License-Identifier: MIT */
/* Tests of convolution kernels that keep norms. */
#include <math.h>
#include <stdlib.h>

#include "matrix.h"

Suite *convolution_suite(void);

/* The kernel's element by layout-free indices, in torch's layout. */
static double tap_of(const double *w, const struct sow_shape *shape,
                     uint64_t out, uint64_t in, uint64_t tap)
{
    uint64_t taps = 1;

    for (uint32_t i = 2; i < shape->rank; i++)
        taps *= shape->dims[i];
    return w[(out * shape->dims[1] + in) * taps + tap];
}

/*
 * A convolution with circular padding keeps all products if the kernel's
 * autocorrelation is the identity at shift 0 and 0 at all others.
 */
static double autocorrelation_error(const double *w,
                                    const struct sow_shape *shape)
{
    int64_t k = (int64_t)shape->dims[2];
    int axes = (int)shape->rank - 2;
    int64_t span = 2 * k - 1, shifts = 1, taps = 1;
    double worst = 0;

    for (int a = 0; a < axes; a++) {
        shifts *= span;
        taps *= k;
    }
    for (int64_t shift = 0; shift < shifts; shift++)
        for (uint64_t i = 0; i < shape->dims[1]; i++)
            for (uint64_t j = 0; j < shape->dims[1]; j++) {
                double sum = shift == shifts / 2 && i == j ? -1 : 0;

                for (int64_t tap = 0; tap < taps; tap++) {
                    int64_t other = 0, weight = 1, s = shift, t = tap;
                    bool inside = true;

                    for (int a = 0; a < axes; a++, s /= span, t /= k) {
                        int64_t at = t % k + s % span - (k - 1);

                        inside = inside && at >= 0 && at < k;
                        other += at * weight;
                        weight *= k;
                    }
                    for (uint64_t o = 0; inside && o < shape->dims[0]; o++)
                        sum += tap_of(w, shape, o, i, (uint64_t)tap) *
                               tap_of(w, shape, o, j, (uint64_t)other);
                }
                worst = fmax(worst, fabs(sum));
            }
    return worst;
}

static const struct sow_shape isometries[] = {
    {3, {7, 5, 1}},       {3, {5, 5, 2}},       {3, {9, 9, 3}},
    {3, {50, 12, 4}},     {3, {6, 1, 5}},       {4, {8, 8, 1, 1}},
    {4, {8, 5, 2, 2}},    {4, {10, 10, 3, 3}},  {4, {52, 9, 3, 3}},
    {4, {5, 4, 5, 5}},    {5, {6, 4, 2, 2, 2}}, {5, {5, 5, 3, 3, 3}},
    {5, {1, 1, 3, 3, 3}},
};

START_TEST(convolutions_are_isometries_under_circular_padding)
{
    static const char *const names[] = {"conv_orthogonal", "delta_orthogonal"};

    for (size_t n = 0; n < COUNT(names); n++)
        for (size_t i = 0; i < COUNT(isometries); i++) {
            const struct sow_spec spec =
                spec_make(names[n], SOW_FLOAT64, isometries[i]);
            double *values = matrix_make(&spec);
            double error = autocorrelation_error(values, &isometries[i]);

            ck_assert_msg(error < 1e-13, "%s, shape %zu: off by %g", names[n],
                          i, error);
            free(values);
        }
}
END_TEST

/* Not only the centre: every tap of these is used. */
START_TEST(convolutions_use_their_whole_kernel)
{
    const struct sow_spec spec =
        spec_make("conv_orthogonal", SOW_FLOAT64, SHAPE(64, 32, 3, 3));
    double *values = matrix_make(&spec);

    for (uint64_t tap = 0; tap < 9; tap++) {
        double norm = 0;

        for (uint64_t i = 0; i < 64 * 32; i++)
            norm += values[9 * i + tap] * values[9 * i + tap];
        ck_assert_double_gt(norm, 0.25);
        ck_assert_double_lt(norm, 16);
    }
    free(values);
}
END_TEST

/* Projections keep half of the coordinates, on the average. */
START_TEST(two_taps_share_the_norm)
{
    enum { COUNT = 4000, SIDE = 4 };
    struct sow_spec spec =
        spec_make("conv_orthogonal", SOW_FLOAT64, SHAPE(SIDE, SIDE, 2));
    double sum = 0;

    for (spec.seed = 0; spec.seed < COUNT; spec.seed++) {
        double *values = matrix_make(&spec);

        for (int i = 0; i < SIDE * SIDE; i++)
            sum += values[2 * i] * values[2 * i];
        free(values);
    }
    matrix_check_mean("the norm of the first tap", sum, COUNT, SIDE / 2.0,
                      SIDE / 4.0);
}
END_TEST

START_TEST(kernels_are_the_same_in_every_layout)
{
    static const char *const names[] = {"conv_orthogonal", "delta_orthogonal",
                                        "suo"};

    for (size_t n = 0; n < COUNT(names); n++) {
        struct sow_spec torch =
            spec_make(names[n], SOW_FLOAT64, SHAPE(9, 7, 3, 3));
        struct sow_spec jax =
            spec_make(names[n], SOW_FLOAT64, SHAPE(3, 3, 7, 9));
        double *a = matrix_make(&torch);
        double *b;

        jax.layout = SOW_JAX;
        b = matrix_make(&jax);
        for (uint64_t i = 0; i < 9; i++)
            for (uint64_t j = 0; j < 7; j++)
                for (uint64_t tap = 0; tap < 9; tap++)
                    ck_assert_double_eq(a[(i * 7 + j) * 9 + tap],
                                        b[(tap * 7 + j) * 9 + i]);
        free(a);
        free(b);
    }
}
END_TEST

/* The centre of an even kernel is JAX's (k - 1) / 2, not torch's k / 2. */
START_TEST(delta_kernels_are_their_centre)
{
    const struct sow_spec spec =
        spec_make("delta_orthogonal", SOW_FLOAT64, SHAPE(6, 4, 4, 3));
    double *values = matrix_make(&spec);

    for (int i = 0; i < 6 * 4 * 12; i++)
        ck_assert_msg((values[i] != 0) == (i % 12 == 1 * 3 + 1),
                      "element %d is %g", i, values[i]);
    free(values);
}
END_TEST

/* Without delta a kernel is a matrix of all taps and inputs. */
START_TEST(suo_keeps_the_mean_square_of_units)
{
    struct sow_spec spec = spec_make("suo", SOW_FLOAT64, SHAPE(72, 2, 3, 3));
    double *values;

    spec_set(&spec, "delta", 0);
    values = matrix_make(&spec);
    for (int i = 0; i < 72 * 18; i++)
        values[i] /= 2; /* sqrt(72 / 18) */
    ck_assert_double_lt(matrix_error(values, 72, 18), 1e-13);
    free(values);
}
END_TEST

START_TEST(kernels_that_do_not_fit_are_refused)
{
    const struct {
        const char *scheme;
        struct sow_shape shape;
    } rows[] = {
        {"delta_orthogonal", SHAPE(5, 5)},
        {"delta_orthogonal", SHAPE(4, 5, 3)},
        {"jax.delta_orthogonal", SHAPE(3, 5, 4)},
        {"delta_orthogonal", SHAPE(4, 3, 3, 3, 3, 3)},
        {"suo", SHAPE(4, 4, 3, 2)},
        {"suo", SHAPE(4, 4, 3, 3, 3, 3)},
        {"conv_orthogonal", SHAPE(4, 5, 3)},
        {"conv_orthogonal", SHAPE(5, 4, 3, 2)},
        {"conv_orthogonal", SHAPE(5, 4)},
        {"orthogonal", SHAPE(UINT64_C(1) << 30, UINT64_C(1) << 30)},
        {"orthogonal", SHAPE(1, UINT64_C(1) << 60)},
        {"conv_orthogonal", SHAPE(UINT64_C(1) << 20, 1 << 20, 1 << 18)},
        {"conv_orthogonal", SHAPE(1, 1, UINT64_C(1) << 60)},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct sow_spec spec =
            spec_make(rows[i].scheme, SOW_FLOAT8_E5M2, rows[i].shape);

        spec_refused(&spec, SOW_BAD_SCHEME, "shape");
    }
}
END_TEST

Suite *convolution_suite(void)
{
    Suite *suite = suite_create("convolution");
    TCase *cases = tcase_create("convolution");

    tcase_set_timeout(cases, 120);
    tcase_add_test(cases, convolutions_are_isometries_under_circular_padding);
    tcase_add_test(cases, convolutions_use_their_whole_kernel);
    tcase_add_test(cases, two_taps_share_the_norm);
    tcase_add_test(cases, kernels_are_the_same_in_every_layout);
    tcase_add_test(cases, delta_kernels_are_their_centre);
    tcase_add_test(cases, suo_keeps_the_mean_square_of_units);
    tcase_add_test(cases, kernels_that_do_not_fit_are_refused);
    suite_add_tcase(suite, cases);
    return suite;
}
