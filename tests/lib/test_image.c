/* SPDX-License-Identifier: MIT */
/* Tests of kernels that resize images. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "expect.h"

Suite *image_suite(void);

/* ---- bilinear upsampling ------------------------------------------------ */

/* Kernels of sizes 3 and 4, as every book has them. */
START_TEST(bilinear_kernels_are_the_known)
{
    static const double three[] = {0.5, 1, 0.5};
    static const double four[] = {0.25, 0.75, 0.75, 0.25};
    struct sow_spec spec =
        spec_make("bilinear_upsampling", SOW_FLOAT16, SHAPE(2, 3, 3, 4));
    double *w = spec_values(&spec);

    for (int o = 0; o < 2; o++)
        for (int i = 0; i < 3; i++)
            for (int y = 0; y < 3; y++)
                for (int x = 0; x < 4; x++)
                    ck_assert_double_eq(w[((o * 3 + i) * 3 + y) * 4 + x],
                                        o == i ? three[y] * four[x] : 0);
    free(w);
}
END_TEST

/*
 * A transposed convolution of stride f and kernel 2 f - f mod 2 gives, away
 * from the borders, a constant for a constant, and a ramp for a ramp.
 */
START_TEST(bilinear_kernels_interpolate)
{
    for (int f = 2; f <= 5; f++) {
        int k = 2 * f - f % 2;
        struct sow_spec spec = spec_make("bilinear_upsampling", SOW_FLOAT64,
                                         SHAPE(4, 1, (uint64_t)k));
        double *w = spec_values(&spec);
        double constant[100] = {0}, ramp[100] = {0};

        for (int i = 0; i < 12; i++)
            for (int t = 0; t < k; t++) {
                constant[i * f + t] += w[2 * k + t];
                ramp[i * f + t] += i * w[2 * k + t];
            }
        for (int i = 2 * f; i < 10 * f; i++) {
            ck_assert_double_eq_tol(constant[i], 1, 1e-15);
            ck_assert_double_eq_tol(ramp[i + 1] - ramp[i], 1.0 / f, 1e-14);
        }
        free(w);
    }
}
END_TEST

/* ---- ICNR --------------------------------------------------------------- */

#define SIDE 5

/* A convolution of 3 x 3 taps at (y, x), without what lies outside. */
static double convolve(const double *w, int ins, const double *image, int y,
                       int x)
{
    double sum = 0;

    for (int i = 0; i < ins; i++)
        for (int dy = -1; dy <= 1; dy++)
            for (int dx = -1; dx <= 1; dx++) {
                int v = y + dy, u = x + dx;

                if (v >= 0 && v < SIDE && u >= 0 && u < SIDE)
                    sum += w[(i * 3 + dy + 1) * 3 + dx + 1] *
                           image[(i * SIDE + v) * SIDE + u];
            }
    return sum;
}

/*
 * After PyTorch's PixelShuffle (channel c r^2 + i r + j to pixel (y r + i, x r
 * + j) of channel c) the image is that of one of the convolutions, each pixel
 * r x r times: nearest-neighbour resizing.
 */
START_TEST(icnr_starts_as_nearest_neighbour)
{
    for (int r = 1; r <= 3; r++) {
        const int ins = 4, channels = 2;
        struct sow_spec spec =
            spec_make("icnr", SOW_FLOAT64,
                      SHAPE((uint64_t)(channels * r * r), (uint64_t)ins, 3, 3));
        double image[4 * SIDE * SIDE];
        double *w;

        spec_set(&spec, "scale", r);
        w = spec_values(&spec);
        for (size_t i = 0; i < COUNT(image); i++)
            image[i] = (double)mix(i) / 0x1p63 - 1;
        for (int c = 0; c < channels; c++)
            for (int y = 0; y < SIDE * r; y++)
                for (int x = 0; x < SIDE * r; x++) {
                    int channel = c * r * r + y % r * r + x % r;
                    double got = convolve(w + channel * ins * 9, ins, image,
                                          y / r, x / r);
                    double want = convolve(w + c * r * r * ins * 9, ins, image,
                                           y / r, x / r);

                    ck_assert_double_eq(got, want);
                }
        ck_assert_double_ne(w[0], w[r * r * ins * 9]);
        free(w);
    }
}
END_TEST

/* TensorFlow's depth_to_space has channel (i r + j) C + c there. */
START_TEST(icnr_knows_the_other_order)
{
    struct sow_spec spec = spec_make("icnr", SOW_FLOAT32, SHAPE(3, 3, 5, 12));
    double *w;

    spec.layout = SOW_KERAS;
    spec_set(&spec, "order", 1);
    w = spec_values(&spec);
    for (int i = 0; i < 45; i++)
        for (int o = 0; o < 12; o++)
            ck_assert_double_eq(w[i * 12 + o], w[i * 12 + o % 3]);
    ck_assert_double_ne(w[0], w[1]);
    free(w);
}
END_TEST

START_TEST(icnr_has_the_variance_of_he)
{
    struct sow_spec spec = spec_make("icnr", SOW_FLOAT32, SHAPE(400, 50, 3, 3));
    struct sow_tensor t = tensor_make(&spec);
    double *w = tensor_values(&t);
    double squares = 0;

    for (uint64_t i = 0; i < t.elements; i++)
        squares += w[i] * w[i];
    ck_assert_double_eq_tol(t.std, sqrt(2.0 / 450), 1e-16);
    /* 45000 independent elements. */
    ck_assert_double_eq_tol(squares / (double)t.elements * 225, 1,
                            6 * sqrt(2.0 / 45000));
    free(w);
}
END_TEST

/* ---- refusals ----------------------------------------------------------- */

START_TEST(what_makes_no_sense_is_refused)
{
    static const struct refusal cases[] = {
        {"bilinear_upsampling", {2, {4, 4}}, NULL, 0, SOW_BAD_SCHEME, "shape"},
        {"icnr", {2, {4, 4}}, NULL, 0, SOW_BAD_SCHEME, "shape"},
        {"icnr", {4, {6, 4, 3, 3}}, NULL, 0, SOW_BAD_PARAMETER, "scale"},
        {"icnr",
         {4, {8, 4, 3, 3}},
         "scale",
         0x1p53,
         SOW_BAD_PARAMETER,
         "scale"},
        {"icnr", {4, {8, 4, 3, 3}}, "scale", 0, SOW_BAD_PARAMETER, "scale"},
    };

    expect_refusals(cases, COUNT(cases));
}
END_TEST

Suite *image_suite(void)
{
    Suite *suite = suite_create("image");
    TCase *cases = tcase_create("image");

    tcase_set_timeout(cases, 60);
    tcase_add_test(cases, bilinear_kernels_are_the_known);
    tcase_add_test(cases, bilinear_kernels_interpolate);
    tcase_add_test(cases, icnr_starts_as_nearest_neighbour);
    tcase_add_test(cases, icnr_knows_the_other_order);
    tcase_add_test(cases, icnr_has_the_variance_of_he);
    tcase_add_test(cases, what_makes_no_sense_is_refused);
    suite_add_tcase(suite, cases);
    return suite;
}
