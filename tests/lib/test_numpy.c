/* SPDX-License-Identifier: MIT */
/* Tests of numpy.random's values: what NumPy 1.24.2 and 2.3.5 have drawn. */
#include "generators/numpy.h"

#include <stdlib.h>
#include <string.h>

#include "expect.h"
#include "generators/seed_sequence.h"
#include "kernels/kernels.h"
#include "sha256.h"
#include "tape.h"
#include "whole.h"

Suite *numpy_suite(void);

START_TEST(seed_sequences_are_numpys)
{
    static const struct {
        uint64_t seed, words[4];
    } answers[] = {
        {0,
         {0xdb2cd7e7b0f478be, 0xabf4641a2c71ba49, 0x20c6ed6d9d7b8d41,
          0x2c4099de223c39d4}},
        {1,
         {0x672d8ee56d6791ff, 0x8ae19ca14eb1072c, 0x4915796d1322fc4a,
          0xd0cc2bdcaba049bd}},
        {42,
         {0x9f1e2e6dcd540ab7, 0xd57873dc79fb94b6, 0x7d282a1b64d420b7,
          0x336579714692d5ff}},
        {UINT64_C(1) << 32,
         {0x50ff846cec53f444, 0x7a4918dbe8278562, 0x3bff9f6c362e2b19,
          0xbdb177539a0654e3}},
        {UINT64_MAX,
         {0xaebca151928cad0d, 0x119c30448638dc7a, 0x1bbb155659e642a7,
          0xa76b11e3e8c4a8f6}},
    };

    for (size_t i = 0; i < COUNT(answers); i++) {
        uint64_t words[4];

        sow_seed_sequence(answers[i].seed, words);
        for (size_t k = 0; k < 4; k++)
            ck_assert_msg(words[k] == answers[i].words[k],
                          "seed %#llx, word %zu: %#llx",
                          (unsigned long long)answers[i].seed, k,
                          (unsigned long long)words[k]);
    }
}
END_TEST

/* After PCG64.advance(2**44 - 3), random_raw(). */
START_TEST(pcg64_jumps_where_advance_does)
{
    static const struct {
        uint64_t seed;
        bool dxsm;
        uint64_t words[3];
    } answers[] = {
        {0,
         false,
         {0xb66a2bbe94ab3cc2, 0x5e9d8664e69eb2d9, 0xd8359a5643c947a7}},
        {0, true, {0x23f76771666a1464, 0xc72140cb26491e5, 0xde44c1ca9c8268ac}},
        {42,
         false,
         {0x80584d8fa3d326fd, 0x517832867f7f5e4f, 0xeb069eda08c2ed20}},
        {42,
         true,
         {0xf31072f0e6e2b87f, 0x69556f7df8ee0d2c, 0x74495e658933f7af}},
        {UINT64_MAX,
         false,
         {0x67c9116ce0e342de, 0xa167bb815f0cdcbe, 0x8d588fd0bf397249}},
        {UINT64_MAX,
         true,
         {0x2c2768b587812ac7, 0xcbf07092a4ddfafe, 0x7ba7e30324011eb3}},
    };

    for (size_t i = 0; i < COUNT(answers); i++) {
        struct sow_pcg64 pcg;

        sow_pcg64_seed(&pcg, answers[i].seed, answers[i].dxsm);
        sow_pcg64_advance(&pcg, (UINT64_C(1) << 44) - 3);
        for (size_t k = 0; k < 3; k++) {
            uint64_t word = sow_pcg64_next(&pcg);

            ck_assert_msg(word == answers[i].words[k],
                          "row %zu, word %zu: %#llx", i, k,
                          (unsigned long long)word);
        }
        ck_assert_uint_eq(pcg.steps, UINT64_C(1) << 44);
    }
}
END_TEST

/* Without a generator, a draw goes on where the row above has ended. */
static const struct {
    const char *generator;
    struct draw draw;
    const char *sha256;
} drawn[] = {
    {"numpy",
     {"numpy.random", SOW_FLOAT32, 1000003, 0, 0},
     "fd92ae1ff29aa3af74c3a9801e6870e1"
     "aa37495f757f867b8183dca8befc423c"},
    {NULL,
     {"numpy.random", SOW_FLOAT64, 1000003, 0, 0},
     "ec2a93afdb3732fe9239060be66424db"
     "3877b1571153bd4586bca1267684e1da"},
    {NULL,
     {"numpy.random", SOW_FLOAT32, 3, 0, 0},
     "7f42f58b0bae9bf7119c66739ba995d4"
     "d378946af5489da5a3fc7fb580401f17"},
    {"numpy",
     {"numpy.standard_normal", SOW_FLOAT32, 1000003, 0, 0},
     "40ed386b2b07ed24aa987c7b65a2042a"
     "31ad4df7f561b6802324188b89190055"},
    {"numpy",
     {"numpy.standard_normal", SOW_FLOAT64, 1000003, 0, 0},
     "fa381e48bdea47e88ff39d9f9f301045"
     "03d0729bd7ca50ef615a638d37e048ea"},
    {"numpy",
     {"numpy.uniform", SOW_FLOAT64, 1000003, -0.1, 0.3},
     "531be7bdf736cc522cc7306e46c92db2"
     "169e4e05fc47b0573ed6b2c572dd2ce4"},
    {"numpy",
     {"numpy.normal", SOW_FLOAT64, 1000003, 0.5, 0.02},
     "d9abc89c06ec9a4af7cdfd5403cd3f62"
     "848491ee608005dcf22808995b32ed07"},
    {"numpy/pcg64dxsm",
     {"numpy.random", SOW_FLOAT32, 1000003, 0, 0},
     "0d7f0c5a2caf60dd3b8ebee43da71168"
     "81f49e789676d0fdc696d92006e5d7e6"},
    {NULL,
     {"numpy.random", SOW_FLOAT64, 1000003, 0, 0},
     "e36796aa991bab0d791722b349f12ae5"
     "eb907582da27c805a26f495aca603f61"},
    {NULL,
     {"numpy.random", SOW_FLOAT32, 3, 0, 0},
     "31bd22662bf6b2551d3cb58d26477185"
     "05b2efbb63c257fee1c822053a8c2fee"},
    {"numpy/pcg64dxsm",
     {"numpy.standard_normal", SOW_FLOAT32, 1000003, 0, 0},
     "13115f435bcfb4e48f6121c4151f5cc3"
     "847662676b8c003d7be5fff399e2ab72"},
    {"numpy/pcg64dxsm",
     {"numpy.standard_normal", SOW_FLOAT64, 1000003, 0, 0},
     "58e48c65a8e740a2a0659140507cb9d3"
     "b3dc16fed0c2366a58b763468fd13682"},
    {"numpy/pcg64dxsm",
     {"numpy.uniform", SOW_FLOAT64, 1000003, -0.1, 0.3},
     "a213060b502fd34c632a3f200779a47c"
     "db9d5127c98517b298535a8a6185c491"},
    {"numpy/pcg64dxsm",
     {"numpy.normal", SOW_FLOAT64, 1000003, 0.5, 0.02},
     "7df0676f860aa8b45f55b0bdcc2cea36"
     "f92fb1152636012727774bf466e625fb"},
    {"numpy/randomstate",
     {"numpy.rand", SOW_FLOAT64, 1000003, 0, 0},
     "b6cb7e69ba3f374c9b9b2e0f234fe822"
     "27751a8ccde7343d6302e94d44b4e83f"},
    {"numpy/randomstate",
     {"numpy.randn", SOW_FLOAT64, 1000003, 0, 0},
     "a0372eaf375c680f557e1f23821367b9"
     "fb16d8f2ddb71ff4e71f1bd54b2810a7"},
    {"numpy/randomstate",
     {"numpy.uniform", SOW_FLOAT64, 1000003, -0.1, 0.3},
     "2ae3ab6091652894c1d0f24f27f74e5f"
     "90519f6458f528e6b7e1a799b79dafea"},
};

START_TEST(draws_are_numpys)
{
    const struct sow_engine *engine;
    struct tape tape = {.count = 0};

    for (size_t e = 0; (engine = engine_at(e)) != NULL; e++)
        for (size_t i = 0; i < COUNT(drawn); i++) {
            struct sow_sha256 hash;
            uint8_t *bytes;
            size_t size;

            if (drawn[i].generator != NULL)
                tape_seed(&tape, drawn[i].generator, 42);
            bytes = tape_draw(&tape, engine, &drawn[i].draw, &size);
            sow_sha256_start(&hash);
            sow_sha256_add(&hash, bytes, size);
            expect_digest(&hash, drawn[i].draw.scheme, drawn[i].sha256);
            free(bytes);
        }
}
END_TEST

/* NumPy 2.2.4 with glibc 2.41 has drawn it; glibc 2.36 gives another. */
START_TEST(tails_follow_the_glibc_that_the_generator_names)
{
    static const struct draw draw = {"numpy.standard_normal", SOW_FLOAT32,
                                     100003, 0, 0};
    static const char *const answers[][2] = {
        {"numpy/pcg64@glibc2.41", "49da13046ed16a9f5ac38fa790aedeb2"
                                  "79b61fd7dbd21cc2c0b91d72c7f1cfd0"},
        {"numpy/pcg64", "24b2dafda8a648b45e7c57eab9653b01"
                        "3f3dd1830f75e982b7f83db771908c3a"},
    };

    for (size_t i = 0; i < COUNT(answers); i++) {
        struct sow_sha256 hash;
        struct tape tape;
        uint8_t *bytes;
        size_t size;

        tape_seed(&tape, answers[i][0], 5);
        bytes = tape_draw(&tape, &sow_engine_portable, &draw, &size);
        sow_sha256_start(&hash);
        sow_sha256_add(&hash, bytes, size);
        expect_digest(&hash, answers[i][0], answers[i][1]);
        free(bytes);
    }
}
END_TEST

/* Halves that wait across turns, and whose fate only turns know. */
static const struct draw draws[] = {
    {"numpy.random", SOW_FLOAT32, 7, 0, 0},
    {"numpy.random", SOW_FLOAT64, 3, 0, 0},
    {"numpy.standard_normal", SOW_FLOAT64, 10, 0, 0},
    {"numpy.random", SOW_FLOAT32, 1, 0, 0},
    {"numpy.standard_normal", SOW_FLOAT32, 4097, 0, 0},
    {"numpy.random", SOW_FLOAT32, 1, 0, 0},
    {"numpy.random", SOW_FLOAT32, 1, 0, 0},
    {"numpy.random", SOW_FLOAT32, 6, 0, 0},
    {"numpy.standard_normal", SOW_FLOAT32, 0, 0, 0},
    {"numpy.uniform", SOW_FLOAT64, 5, -0.1, 0.3},
    {"numpy.normal", SOW_FLOAT64, 8193, 0.5, 0.02},
    {"numpy.random", SOW_FLOAT32, 3, 0, 0},
    {"numpy.standard_normal", SOW_FLOAT32, 3, 0, 0},
    {"numpy.random", SOW_FLOAT64, 1, 0, 0},
    {"numpy.random", SOW_FLOAT32, 2, 0, 0},
};

/* A RandomState draws float64 only. */
static struct draw draw_of(const struct tape *tape, size_t i)
{
    struct draw draw = draws[i];

    if (tape->start.generator->variant == SOW_NUMPY_RANDOMSTATE)
        draw.dtype = SOW_FLOAT64;
    return draw;
}

static const struct {
    const char *generator, *values, *states;
} mixtures[] = {
    {"numpy/pcg64",
     "9797a8645682736553bea11f14193430ab4ed9fe0aa082076392be212736de6c",
     "9fd404282b57b1054fb50cb713119137b32650071c7985e39b47d27e7fec60b3"},
    {"numpy/pcg64dxsm",
     "56da80b88c0e8da7de203728042a2613bfb8ac99188ad3288c86f98d7a10f355",
     "e179765b6ee7578f58f66c0b4f778b696f3078a32454698396935b8f4357ddf8"},
    {"numpy/randomstate",
     "c0a58dd0fd708d77fa202f8eb7e5c21a3957f7b9a9916a4d5c49ab7a57bbe203",
     "d469f451fa867d49702bf4428ab65068fcee65abf38002f431996afc0e4b9843"},
};

static void check_mixture(const struct sow_engine *engine, size_t which)
{
    struct sow_sha256 values, states;
    struct tape tape;

    sow_sha256_start(&values);
    sow_sha256_start(&states);
    tape_seed(&tape, mixtures[which].generator, 42);
    for (size_t i = 0; i < COUNT(draws); i++) {
        struct draw draw = draw_of(&tape, i);
        size_t size;
        uint8_t *bytes = tape_draw(&tape, engine, &draw, &size);

        sow_sha256_add(&values, bytes, size);
        free(bytes);
        bytes = tape_state(&tape, engine, &size);
        sow_sha256_add(&states, bytes, size);
        free(bytes);
    }
    expect_digest(&values, "values", mixtures[which].values);
    expect_digest(&states, "states", mixtures[which].states);
}

START_TEST(mixtures_of_draws_and_their_states_are_numpys)
{
    const struct sow_engine *engine;

    for (size_t e = 0; (engine = engine_at(e)) != NULL; e++)
        for (size_t i = 0; i < COUNT(mixtures); i++)
            check_mixture(engine, i);
}
END_TEST

/* From the last byte to the first, in pieces of all sizes. */
static void check_pieces(const struct sow_tensor *tensor, const uint8_t *want,
                         const char *generator)
{
    uint8_t piece[20000];
    uint64_t i = 0;

    for (uint64_t pos = tensor->size; pos > 0; i++) {
        uint64_t most = i % 3 == 0 ? 9 : sizeof piece;
        size_t n = (size_t)(1 + mix(i) % (pos < most ? pos : most));

        pos -= n;
        ck_assert_int_eq(
            sow_tensor_read(&sow_engine_portable, tensor, pos, piece, n),
            SOW_OK);
        ck_assert_msg(memcmp(piece, want + pos, n) == 0,
                      "%s, %s: %zu bytes at %llu differ", generator,
                      tensor->spec.scheme.info->name, n,
                      (unsigned long long)pos);
    }
}

START_TEST(values_depend_on_their_position_alone)
{
    for (size_t which = 0; which < COUNT(mixtures); which++) {
        struct tape tape;

        tape_seed(&tape, mixtures[which].generator, UINT32_MAX);
        for (size_t i = 0; i < COUNT(draws); i++) {
            struct draw draw = draw_of(&tape, i);
            struct sow_spec spec = tape_spec(&tape, &draw);
            struct sow_tensor tensor = tensor_make(&spec);
            size_t size;
            uint8_t *bytes =
                tape_draw(&tape, &sow_engine_portable, &draw, &size);

            whole_make_twice(&sow_engine_portable, &tensor);
            check_pieces(&tensor, bytes, mixtures[which].generator);
            whole_free(&tensor);
            free(bytes);
        }
    }
}
END_TEST

Suite *numpy_suite(void)
{
    Suite *suite = suite_create("numpy");
    TCase *cases = tcase_create("numpy");

    tcase_set_timeout(cases, 60);
    tcase_add_test(cases, seed_sequences_are_numpys);
    tcase_add_test(cases, pcg64_jumps_where_advance_does);
    tcase_add_test(cases, draws_are_numpys);
    tcase_add_test(cases, tails_follow_the_glibc_that_the_generator_names);
    tcase_add_test(cases, mixtures_of_draws_and_their_states_are_numpys);
    tcase_add_test(cases, values_depend_on_their_position_alone);
    suite_add_tcase(suite, cases);
    return suite;
}
