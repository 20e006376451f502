/* SPDX-License-Identifier: MIT */
/* Tests of kernels of the short-time Fourier transform. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "expect.h"

Suite *stft_suite(void);

/* ---- STFT --------------------------------------------------------------- */

enum { REAL, IMAG };
enum { DENSITY, SPECTRUM, UNSCALED };

#define TAPS 33

/* scipy.signal.get_window(name, 9, fftbins=periodic), to nine places. */
static const struct {
    int choice;
    bool periodic;
    double taps[9];
} windows[] = {
    {0,
     false,
     {0, 0.146446609, 0.5, 0.853553391, 1, 0.853553391, 0.5, 0.146446609, 0}},
    {0,
     true,
     {0, 0.116977778, 0.413175911, 0.75, 0.969846310, 0.969846310, 0.75,
      0.413175911, 0.116977778}},
    {1,
     false,
     {0.08, 0.214730881, 0.54, 0.865269119, 1, 0.865269119, 0.54, 0.214730881,
      0.08}},
    {2,
     false,
     {0, 0.066446609, 0.34, 0.773553391, 1, 0.773553391, 0.34, 0.066446609, 0}},
    {3,
     false,
     {0.0003628, 0.025205567, 0.226982400, 0.701958233, 1, 0.701958233,
      0.226982400, 0.025205567, 0.0003628}},
    {4,
     false,
     {0.00006, 0.021735837, 0.217470000, 0.695764163, 1, 0.695764163,
      0.217470000, 0.021735837, 0.00006}},
    {5,
     false,
     {-0.000421051, -0.026872193, -0.054736840, 0.444135357, 1.000000003,
      0.444135357, -0.054736840, -0.026872193, -0.000421051}},
    {6, false, {1, 1, 1, 1, 1, 1, 1, 1, 1}},
};

START_TEST(windows_are_those_of_scipy)
{
    for (size_t k = 0; k < COUNT(windows); k++) {
        struct sow_spec spec =
            spec_make("keras.stft", SOW_FLOAT64, SHAPE(9, 1, 5));
        double *w;

        spec_set(&spec, "window", windows[k].choice);
        spec_set(&spec, "periodic", windows[k].periodic);
        spec_set(&spec, "scaling", UNSCALED);
        w = spec_values(&spec);
        for (int t = 0; t < 9; t++)
            ck_assert_double_eq_tol(w[t * 5], windows[k].taps[t], 2e-9);
        free(w);
    }
}
END_TEST

/* cos and sin of -2 pi t f / (2 (F - 1)), times a symmetric Hann window. */
START_TEST(kernels_are_transforms)
{
    const int frequencies = 17;
    const double pi = acos(-1);

    for (int side = REAL; side <= IMAG; side++)
        for (int scaling = DENSITY; scaling <= UNSCALED; scaling++) {
            struct sow_spec spec =
                spec_make("keras.STFTInitializer", SOW_FLOAT64,
                          SHAPE(TAPS, 1, (uint64_t)frequencies));
            double hann[TAPS];
            double sum = 0, squares = 0, by;
            double *w;

            spec_set(&spec, "side", side);
            spec_set(&spec, "scaling", scaling);
            w = spec_values(&spec);
            for (int t = 0; t < TAPS; t++) {
                hann[t] = 0.5 - 0.5 * cos(2 * pi * t / (TAPS - 1));
                sum += hann[t];
                squares += hann[t] * hann[t];
            }
            by = scaling == DENSITY    ? sqrt(squares)
                 : scaling == SPECTRUM ? sum
                                       : 1;
            for (int t = 0; t < TAPS; t++)
                for (int f = 0; f < frequencies; f++) {
                    double angle = -pi * t * f / (frequencies - 1);
                    double wave = side == REAL ? cos(angle) : sin(angle);

                    ck_assert_double_eq_tol(w[t * frequencies + f],
                                            wave * hann[t] / by, 1e-14);
                }
            free(w);
        }
}
END_TEST

/* Without a window there is nothing to scale. */
START_TEST(no_window_is_a_plain_transform)
{
    struct sow_spec spec = spec_make("keras.stft", SOW_FLOAT64, SHAPE(4, 1, 3));
    static const double want[] = {1, 1, 1, 1, 0, -1, 1, -1, 1, 1, 0, -1};
    double *w;

    spec_set(&spec, "window", 7);
    w = spec_values(&spec);
    for (int i = 0; i < 12; i++)
        ck_assert_double_eq(w[i], want[i]);
    free(w);
}
END_TEST

/* ---- refusals ----------------------------------------------------------- */

START_TEST(what_makes_no_sense_is_refused)
{
    static const struct refusal cases[] = {
        {"keras.stft", {2, {4, 4}}, NULL, 0, SOW_BAD_SCHEME, "shape"},
        {"keras.stft", {3, {4, 2, 4}}, NULL, 0, SOW_BAD_SCHEME, "shape"},
        {"keras.stft", {3, {4, 1, 1}}, NULL, 0, SOW_BAD_SCHEME, "shape"},
        {"keras.stft", {3, {2, 1, 4}}, NULL, 0, SOW_BAD_SCHEME, "shape"},
        {"keras.stft", {3, {65537, 1, 4}}, NULL, 0, SOW_BAD_SCHEME, "shape"},
        {"keras.stft",
         {3, {4, 1, 4}},
         "periodic",
         2,
         SOW_BAD_PARAMETER,
         "periodic"},
    };

    expect_refusals(cases, COUNT(cases));
}
END_TEST

Suite *stft_suite(void)
{
    Suite *suite = suite_create("stft");
    TCase *cases = tcase_create("stft");

    tcase_set_timeout(cases, 60);
    tcase_add_test(cases, windows_are_those_of_scipy);
    tcase_add_test(cases, kernels_are_transforms);
    tcase_add_test(cases, no_window_is_a_plain_transform);
    tcase_add_test(cases, what_makes_no_sense_is_refused);
    suite_add_tcase(suite, cases);
    return suite;
}
