/* SPDX-License-Identifier: MIT */
/* Tests of numpy.random's seeds and states, and of what is refused. */
#include "generators/numpy.h"

#include <stdlib.h>
#include <string.h>

#include "kernels/kernels.h"
#include "tape.h"

Suite *numpy_states_suite(void);

static const char *const generators[] = {"numpy/pcg64", "numpy/pcg64dxsm",
                                         "numpy/randomstate"};

/* PCG64(42).state and PCG64DXSM(42).state, which are the same. */
START_TEST(seeds_give_numpys_states)
{
    static const uint8_t want[SOW_NUMPY_PCG64_STATE] = {
        0xc8, 0x0a, 0x86, 0x68, 0x9d, 0x7c, 0xbc, 0xac, 0x2a, 0x8f, 0x79, 0x98,
        0x67, 0x4f, 0xa4, 0xce, 0xff, 0xab, 0x25, 0x8d, 0xe2, 0xf2, 0xca, 0x66,
        0x6e, 0x41, 0xa8, 0xc9, 0x36, 0x54, 0x50, 0xfa, 0x00, 0x00, 0x00, 0x00,
        0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00};

    for (size_t i = 0; i < 2; i++) {
        struct tape tape;
        uint8_t *state;
        size_t size;

        tape_seed(&tape, generators[i], 42);
        state = tape_state(&tape, &sow_engine_portable, &size);
        ck_assert_uint_eq(size, sizeof want);
        ck_assert_mem_eq(state, want, size);
        free(state);
    }
}
END_TEST

/* Draws that leave a value, none, and one that has been given. */
static const struct draw draws[] = {
    {"numpy.random", SOW_FLOAT32, 3, 0, 0},
    {"numpy.random", SOW_FLOAT32, 1, 0, 0},
    {"numpy.standard_normal", SOW_FLOAT32, 5, 0, 0},
    {"numpy.random", SOW_FLOAT64, 2, 0, 0},
    {"numpy.standard_normal", SOW_FLOAT64, 5000, 0, 0},
    {"numpy.standard_normal", SOW_FLOAT64, 1, 0, 0},
};

/* Draw 'i' on both tapes gives the same, and the same state. */
static void check_same(struct tape *a, struct tape *b, size_t i)
{
    struct draw draw = draws[i];
    size_t size[4];
    uint8_t *bytes[4];

    if (a->start.generator->variant == SOW_NUMPY_RANDOMSTATE)
        draw.dtype = SOW_FLOAT64;
    bytes[0] = tape_draw(a, &sow_engine_portable, &draw, &size[0]);
    bytes[1] = tape_draw(b, &sow_engine_portable, &draw, &size[1]);
    bytes[2] = tape_state(a, &sow_engine_portable, &size[2]);
    bytes[3] = tape_state(b, &sow_engine_portable, &size[3]);
    ck_assert_uint_eq(size[0], size[1]);
    ck_assert_mem_eq(bytes[0], bytes[1], size[0]);
    ck_assert_mem_eq(bytes[2], bytes[3], size[2]);
    for (size_t k = 0; k < COUNT(bytes); k++)
        free(bytes[k]);
}

START_TEST(a_state_goes_on_as_the_seed_does)
{
    for (size_t g = 0; g < COUNT(generators); g++)
        for (size_t first = 0; first < COUNT(draws); first++) {
            struct tape seeded, loaded;
            uint8_t *state;
            size_t size;

            tape_seed(&seeded, generators[g], 7);
            for (size_t i = 0; i < first; i++) {
                struct draw draw = draws[i];

                if (g == 2)
                    draw.dtype = SOW_FLOAT64;
                free(tape_draw(&seeded, &sow_engine_portable, &draw, &size));
            }
            state = tape_state(&seeded, &sow_engine_portable, &size);
            tape_load(&loaded, generators[g], state);
            for (size_t i = first; i < COUNT(draws); i++)
                check_same(&seeded, &loaded, i);
            free(state);
        }
}
END_TEST

/* A state of 'generator' with 'value' in byte 'at' is refused. */
static void expect_bad_state(const char *generator, size_t at, uint8_t value,
                             const char *word)
{
    struct tape tape;
    struct sow_start start;
    struct sow_error error = {.at = ""};
    uint8_t *state;
    size_t size;

    tape_seed(&tape, generator, 42);
    state = tape_state(&tape, &sow_engine_portable, &size);
    state[at] = value;
    ck_assert_int_eq(
        sow_start_state(&start, tape.start.generator, state, &error),
        SOW_BAD_PARAMETER);
    ck_assert_str_eq(error.at, "state");
    ck_assert_msg(strstr(error.text, word) != NULL, "byte %zu of %s: %s", at,
                  generator, error.text);
    free(state);
}

START_TEST(states_that_numpy_never_has_are_refused)
{
    expect_bad_state("numpy", 16, 2, "odd");
    expect_bad_state("numpy", 32, 2, "has_uint32");
    expect_bad_state("numpy", 35, 1, "has_uint32");
    expect_bad_state("numpy", 40, 1, "8 bytes");
    expect_bad_state("numpy/pcg64dxsm", 47, 1, "8 bytes");
    expect_bad_state("numpy/randomstate", 2496, 0x71, "pos");
    expect_bad_state("numpy/randomstate", 2500, 2, "has_gauss");
    expect_bad_state("numpy/randomstate", 2519, 1, "8 bytes");
}
END_TEST

START_TEST(a_gauss_is_finite_and_a_key_not_all_0)
{
    const struct sow_generator *generator =
        sow_generator_find("numpy/randomstate");
    uint8_t state[2520] = {0};
    struct sow_start start;
    struct sow_error error;

    state[2496] = 1;
    ck_assert_int_eq(sow_start_state(&start, generator, state, &error),
                     SOW_BAD_PARAMETER);
    ck_assert_msg(strstr(error.text, "key") != NULL, "%s", error.text);
    state[4] = 1;
    ck_assert_int_eq(sow_start_state(&start, generator, state, &error), SOW_OK);
    state[2510] = 0xf0;
    state[2511] = 0x7f;
    ck_assert_int_eq(sow_start_state(&start, generator, state, &error),
                     SOW_BAD_PARAMETER);
    ck_assert_msg(strstr(error.text, "gauss") != NULL, "%s", error.text);
}
END_TEST

START_TEST(seeds_are_what_the_class_takes)
{
    const struct sow_generator *legacy =
        sow_generator_find("numpy/randomstate");
    struct sow_start start;
    struct sow_error error;

    ck_assert_int_eq(sow_start_seed(&start, legacy, UINT32_MAX, &error),
                     SOW_OK);
    ck_assert_int_eq(sow_start_seed(&start, legacy, UINT64_C(1) << 32, &error),
                     SOW_BAD_PARAMETER);
    ck_assert_str_eq(error.at, "seed");
    ck_assert_int_eq(
        sow_start_seed(&start, sow_generator_find("numpy"), UINT64_MAX, &error),
        SOW_OK);
}
END_TEST

START_TEST(what_numpy_cannot_draw_is_refused)
{
    static const struct {
        const char *generator;
        struct draw draw;
        const char *at;
    } refusals[] = {
        {"numpy", {"numpy.uniform", SOW_FLOAT32, 5, 0, 1}, "dtype"},
        {"numpy", {"numpy.normal", SOW_FLOAT32, 5, 0, 1}, "dtype"},
        {"numpy", {"numpy.random", SOW_FLOAT16, 5, 0, 0}, "dtype"},
        {"numpy", {"numpy.standard_normal", SOW_BFLOAT16, 5, 0, 0}, "dtype"},
        {"numpy/randomstate", {"numpy.rand", SOW_FLOAT32, 5, 0, 0}, "dtype"},
        {"numpy/randomstate", {"numpy.randn", SOW_FLOAT32, 5, 0, 0}, "dtype"},
        {"numpy", {"normal", SOW_FLOAT64, 5, 0, 1}, "scheme"},
        {"numpy", {"torch.normal", SOW_FLOAT64, 5, 0, 1}, "scheme"},
    };

    for (size_t i = 0; i < COUNT(refusals); i++) {
        struct tape tape;
        struct sow_spec spec;

        tape_seed(&tape, refusals[i].generator, 42);
        spec = tape_spec(&tape, &refusals[i].draw);
        spec_refused(&spec, SOW_BAD_SCHEME, refusals[i].at);
    }
}
END_TEST

/* Only a whole knows where the draws after a turn begin. */
START_TEST(what_follows_a_turn_needs_a_whole)
{
    const struct draw normal = {"numpy.standard_normal", SOW_FLOAT64, 9, 0, 0};
    const struct draw uniform = {"numpy.random", SOW_FLOAT64, 9, 0, 0};
    struct tape tape;
    struct sow_spec spec;
    struct sow_tensor tensor;
    uint8_t bytes[72], state[SOW_NUMPY_PCG64_STATE];

    tape_seed(&tape, "numpy", 42);
    spec = tape_spec(&tape, &normal);
    tensor = tensor_make(&spec);
    ck_assert(sow_tensor_is_turn(&tensor));
    tape_pass(&tape, &tensor);
    spec = tape_spec(&tape, &uniform);
    tensor = tensor_make(&spec);
    ck_assert(!sow_tensor_is_turn(&tensor));
    ck_assert_uint_eq(sow_tensor_need(&tensor).units, 1);
    ck_assert_int_eq(
        sow_tensor_read(&sow_engine_portable, &tensor, 0, bytes, sizeof bytes),
        SOW_NEEDS_WHOLE);
    ck_assert_int_eq(sow_state_write(&sow_engine_portable, &tensor, state),
                     SOW_NEEDS_WHOLE);
}
END_TEST

Suite *numpy_states_suite(void)
{
    Suite *suite = suite_create("numpy_states");
    TCase *cases = tcase_create("numpy_states");

    tcase_add_test(cases, seeds_give_numpys_states);
    tcase_add_test(cases, a_state_goes_on_as_the_seed_does);
    tcase_add_test(cases, states_that_numpy_never_has_are_refused);
    tcase_add_test(cases, a_gauss_is_finite_and_a_key_not_all_0);
    tcase_add_test(cases, seeds_are_what_the_class_takes);
    tcase_add_test(cases, what_numpy_cannot_draw_is_refused);
    tcase_add_test(cases, what_follows_a_turn_needs_a_whole);
    suite_add_tcase(suite, cases);
    return suite;
}
