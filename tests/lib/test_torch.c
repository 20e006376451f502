/* SPDX-License-Identifier: MIT */
/* Tests of torch's generator on a CPU, against what torch itself has drawn. */
#include <stdlib.h>
#include <string.h>

#include "help.h"
#include "kernels/kernels.h"
#include "sha256.h"
#include "tape.h"
#include "torch_answers.h"
#include "whole.h"

Suite *torch_suite(void);

#define NEWER "torch"
#define BETWEEN "torch/linux-x86_64-avx2@2.12"
#define OLDER "torch/linux-x86_64-avx2@2.11"
#define STATE_SIZE 5056

static struct sow_spec answer_spec(const struct sow_start *start,
                                   const struct torch_answer *answer)
{
    struct sow_spec spec =
        spec_make(answer->scheme, answer->dtype, answer->shape);

    spec.origin = sow_origin_begin(start);
    memcpy(spec.scheme.values, answer->values, sizeof answer->values);
    return spec;
}

static void start_seed(struct sow_start *start, const char *name, uint64_t seed)
{
    struct sow_error error;

    if (sow_start_seed(start, sow_generator_find(name), seed, &error) != SOW_OK)
        ck_abort_msg("%s: %s", name, error.text);
}

static void sha256_hex(const void *bytes, size_t n,
                       char hex[2 * SOW_DIGEST_BYTES + 1])
{
    uint8_t digest[SOW_DIGEST_BYTES];
    struct sow_sha256 hash;

    sow_sha256_start(&hash);
    sow_sha256_add(&hash, bytes, n);
    sow_sha256_finish(&hash, digest);
    sow_digest_hex(digest, hex);
}

static void check_answers(const struct sow_engine *engine, const char *name,
                          const struct torch_answer *answers, size_t count)
{
    struct sow_start start;
    char hex[2 * SOW_DIGEST_BYTES + 1];

    for (size_t i = 0; i < count; i++) {
        struct sow_spec spec;
        struct sow_tensor tensor;
        uint8_t *bytes;

        start_seed(&start, name, answers[i].seed);
        spec = answer_spec(&start, &answers[i]);
        tensor = tensor_make(&spec);
        whole_make(engine, &tensor, false);
        bytes = must_allocate((size_t)tensor.size);
        if (sow_tensor_read(engine, &tensor, 0, bytes, (size_t)tensor.size))
            ck_abort_msg("%s can't be read", answers[i].scheme);
        sha256_hex(bytes, (size_t)tensor.size, hex);
        if (strcmp(hex, answers[i].sha256) != 0)
            ck_abort_msg("%s: answer %zu, %s of %llu %s, is not torch's",
                         engine->name, i, answers[i].scheme,
                         (unsigned long long)tensor.elements,
                         sow_dtype_name(answers[i].dtype));
        free(bytes);
        whole_free(&tensor);
    }
}

START_TEST(answers_are_those_of_torch)
{
    const struct sow_engine *engine = engine_at((size_t)_i);

    if (engine == NULL)
        return;
    check_answers(engine, NEWER, torch_answers, COUNT(torch_answers));
    check_answers(engine, OLDER, torch_older_answers,
                  COUNT(torch_older_answers));
}
END_TEST

/* But for what a version refuses, of those that it draws in its own way. */
START_TEST(other_versions_agree_where_they_draw_the_same)
{
    for (size_t i = 0; i < COUNT(torch_answers); i++) {
        const struct torch_answer *answer = &torch_answers[i];
        bool wide = sow_dtype_size(answer->dtype) >= sizeof(float);

        if (wide || strcmp(answer->scheme, "torch.uniform") == 0)
            check_answers(engine_at(0), BETWEEN, answer, 1);
        if (wide && strcmp(answer->scheme, "torch.trunc_normal") != 0)
            check_answers(engine_at(0), OLDER, answer, 1);
    }
}
END_TEST

/* ------------------------------------------------------------------------
 * Pieces
 */

/* Sizes with all kinds of ends, narrow types and ones that take a turn. */
static const struct torch_answer pieces[] = {
    {1, "torch.uniform", SOW_FLOAT32, {1, {1000}}, {-1, 1}, NULL},
    {2, "torch.uniform", SOW_FLOAT64, {1, {333}}, {-1, 1}, NULL},
    {3, "torch.uniform", SOW_BFLOAT16, {1, {777}}, {-1, 1}, NULL},
    {4, "torch.normal", SOW_FLOAT32, {1, {15}}, {0, 1}, NULL},
    {5, "torch.normal", SOW_FLOAT32, {1, {16}}, {0, 1}, NULL},
    {6, "torch.normal", SOW_FLOAT32, {1, {31}}, {0, 1}, NULL},
    {7, "torch.normal", SOW_FLOAT32, {1, {640}}, {0, 1}, NULL},
    {8, "torch.normal", SOW_FLOAT32, {1, {1287}}, {1, 2}, NULL},
    {9, "torch.normal", SOW_FLOAT16, {1, {1287}}, {1, 2}, NULL},
    {9, "torch.normal", SOW_FLOAT64, {1, {327}}, {1, 2}, NULL},
    {10, "torch.embedding", SOW_FLOAT32, {2, {20, 33}}, {7, 1}, NULL},
    {11, "torch.sparse", SOW_FLOAT32, {2, {70, 19}}, {0.3, 1}, NULL},
    {12, "torch.sparse", SOW_FLOAT32, {2, {3, 3}}, {0.3, 1}, NULL},
    {13, "torch.trunc_normal", SOW_FLOAT32, {1, {1300}}, {0, 1, -1, 1}, NULL},
    {14, "torch.trunc_normal", SOW_FLOAT32, {1, {11}}, {0, 1, -1, 1}, NULL},
    {15, "torch.trunc_normal", SOW_BFLOAT16, {1, {99}}, {0, 1, -1, 1}, NULL},
};

/* Bytes [from, from + n) alone, at an odd address, and nothing else. */
static void must_agree(const struct sow_engine *engine,
                       const struct sow_tensor *tensor, const uint8_t *whole,
                       uint64_t from, size_t n)
{
    uint8_t *buffer = must_allocate(n + 2), *to = buffer + 1;

    memset(buffer, 0xa5, n + 2);
    if (sow_tensor_read(engine, tensor, from, to, n) != SOW_OK)
        ck_abort_msg("bytes from %llu can't be read", (unsigned long long)from);
    if (memcmp(to, whole + from, n) != 0 || buffer[0] != 0xa5 || to[n] != 0xa5)
        ck_abort_msg("%s, %s of %llu: %zu bytes from %llu differ", engine->name,
                     tensor->spec.scheme.info->name,
                     (unsigned long long)tensor->elements, n,
                     (unsigned long long)from);
    free(buffer);
}

static void check_pieces(const struct sow_engine *engine,
                         const struct torch_answer *piece)
{
    struct sow_start start;
    struct sow_spec spec;
    struct sow_tensor tensor;
    uint8_t *whole;

    start_seed(&start, NEWER, piece->seed);
    spec = answer_spec(&start, piece);
    tensor = tensor_make(&spec);
    whole_make(&sow_engine_portable, &tensor, false);
    whole = tensor_bytes(&tensor);
    whole_free(&tensor);
    whole_make(engine, &tensor, false);
    for (uint64_t i = 0; i < 300; i++) {
        uint64_t from = mix(i) % (tensor.size + 1);
        uint64_t n = mix(i + 1000) % (tensor.size - from + 1);

        must_agree(engine, &tensor, whole, from,
                   (size_t)(i % 3 == 0 && n > 9 ? 9 : n));
    }
    must_agree(engine, &tensor, whole, 0, (size_t)tensor.size);
    whole_free(&tensor);
    free(whole);
}

START_TEST(pieces_equal_the_whole_on_every_engine)
{
    const struct sow_engine *engine;

    for (size_t i = 0; (engine = engine_at(i)) != NULL; i++)
        check_pieces(engine, &pieces[_i]);
}
END_TEST

/* ------------------------------------------------------------------------
 * Sequences
 */

/* SHA-256 of draws one after another, and of the state in the end. */
static void check_tape(const struct sow_engine *engine,
                       const struct draw *draws, size_t count, const char *want,
                       const char *want_state)
{
    char hex[2 * SOW_DIGEST_BYTES + 1];
    uint8_t all[1 << 16];
    size_t size, used = 0;
    struct tape tape;
    uint8_t *bytes;

    tape_seed(&tape, NEWER, 42);
    for (size_t i = 0; i < count; i++) {
        bytes = tape_draw(&tape, engine, &draws[i], &size);
        ck_assert_uint_le(used + size, sizeof all);
        memcpy(all + used, bytes, size);
        used += size;
        free(bytes);
    }
    sha256_hex(all, used, hex);
    ck_assert_msg(strcmp(hex, want) == 0, "%s: values differ: %s", engine->name,
                  hex);
    bytes = tape_state(&tape, engine, &size);
    ck_assert_uint_eq(size, STATE_SIZE);
    sha256_hex(bytes, size, hex);
    ck_assert_msg(strcmp(hex, want_state) == 0, "%s: the state differs: %s",
                  engine->name, hex);
    free(bytes);
}

/* The normal that five leave is the first of the four, whatever is between. */
static const struct draw carry[] = {
    {"torch.normal", SOW_FLOAT32, 5, 0, 1},
    {"torch.normal", SOW_FLOAT32, 20, 0, 1},
    {"torch.uniform", SOW_FLOAT64, 3, 0, 1},
    {"torch.normal", SOW_FLOAT32, 4, 0, 1},
    {"torch.normal", SOW_BFLOAT16, 3, 0, 1},
};

/* The defaults, cut at 2: turns; small ones leave a normal or don't. */
static const struct draw turns[] = {
    {"torch.normal", SOW_FLOAT32, 3, 0, 1},
    {"torch.trunc_normal", SOW_FLOAT32, 1000, 0, 1},
    {"torch.normal", SOW_FLOAT32, 2, 0, 1},
    {"torch.trunc_normal", SOW_FLOAT32, 7, 0, 1},
    {"torch.normal", SOW_FLOAT32, 4, 0, 1},
    {"torch.trunc_normal", SOW_FLOAT32, 8, 0, 1},
    {"torch.normal", SOW_FLOAT32, 1, 0, 1},
    {"torch.uniform", SOW_FLOAT32, 33, 0, 1},
    {"torch.trunc_normal", SOW_BFLOAT16, 50, 0, 1},
    {"torch.normal", SOW_FLOAT32, 1, 0, 1},
};

START_TEST(sequences_are_those_of_torch)
{
    const struct sow_engine *engine = engine_at((size_t)_i);

    if (engine == NULL)
        return;
    check_tape(
        engine, carry, COUNT(carry),
        "dfd351e62988b00adf834193d75528ac6383dcac85a0323cf65ea8ab894c8fa6",
        "4e87a2d837469fd8eec30b6099b4435cdf66a1ab80e3e2510ce931103aad344a");
    check_tape(
        engine, turns, COUNT(turns),
        "e836d2edf37479afd85215025ffad50aa8d1e6e541748405bb887af2fa8c5815",
        "2c6af040f0d593c91c234c5bb0b48492f4c81ab4f891eaf5a7f9146dcd67b517");
    check_tape(
        engine, NULL, 0,
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852"
        "b855",
        "5feb54a46230d321d888e9b43cf5a57492665f199e4377408d79ee460e36679c");
}
END_TEST

/* ------------------------------------------------------------------------
 * States
 */

START_TEST(a_sequence_goes_on_from_its_state)
{
    const struct sow_engine *engine = engine_at(0);

    for (size_t cut = 0; cut <= COUNT(turns); cut++) {
        struct tape tape, on;
        uint8_t *state, *again, *want, *got;
        size_t size;

        tape_seed(&tape, NEWER, 42);
        for (size_t i = 0; i < cut; i++)
            free(tape_draw(&tape, engine, &turns[i], &size));
        state = tape_state(&tape, engine, &size);
        tape_load(&on, NEWER, state);
        again = tape_state(&on, engine, &size);
        ck_assert_mem_eq(again, state, STATE_SIZE);
        for (size_t i = cut; i < COUNT(turns); i++) {
            want = tape_draw(&tape, engine, &turns[i], &size);
            got = tape_draw(&on, engine, &turns[i], &size);
            ck_assert_mem_eq(got, want, size);
            free(want);
            free(got);
        }
        free(state);
        free(again);
    }
}
END_TEST

/* Bytes of a state that are set, and the value that makes it none. */
static const struct {
    size_t at;
    uint8_t value;
} faults[] = {
    {8, 2},    {8, 0},      {12, 0},   {12, 2},   {16, 1},   {17, 3},
    {23, 1},   {24 + 4, 1}, {5015, 1}, {5016, 1}, {5024, 1}, {5031, 0x7f},
    {5040, 2}, {5032, 1},   {5048, 1}, {5052, 1},
};

START_TEST(states_that_torch_never_has_are_refused)
{
    const struct sow_generator *generator = sow_generator_find(NEWER);
    struct sow_error error;
    struct sow_start start;
    struct tape tape;
    size_t size;
    uint8_t *state;

    tape_seed(&tape, NEWER, 42);
    state = tape_state(&tape, engine_at(0), &size);
    for (size_t i = 0; i < COUNT(faults); i++) {
        uint8_t was = state[faults[i].at];

        state[faults[i].at] = faults[i].value;
        error.at[0] = 0;
        if (sow_start_state(&start, generator, state, &error) == SOW_OK)
            ck_abort_msg("byte %zu may be %d", faults[i].at, faults[i].value);
        ck_assert_str_eq(error.at, "state");
        state[faults[i].at] = was;
    }
    memset(state + 24, 0, 8 * 624);
    ck_assert_int_eq(sow_start_state(&start, generator, state, &error),
                     SOW_BAD_PARAMETER);
    free(state);
}
END_TEST

/* What can't be exact, and the field that says so. */
static const struct {
    const char *generator;
    struct torch_answer draw;
    const char *at;
} refused[] = {
    {NEWER,
     {0, "torch.normal", SOW_FLOAT8_E5M2, {1, {9}}, {0, 1}, ""},
     "dtype"},
    {NEWER,
     {0, "torch.orthogonal", SOW_FLOAT32, {2, {9, 9}}, {1}, ""},
     "scheme"},
    {NEWER, {0, "he_normal", SOW_FLOAT32, {2, {9, 9}}, {0}, ""}, "scheme"},
    {NEWER,
     {0, "torch.xavier_uniform", SOW_FLOAT32, {2, {9, 9}}, {-1}, ""},
     "scheme"},
    {NEWER,
     {0, "torch.kaiming_normal", SOW_FLOAT64, {2, {9, 9}}, {9.4875}, ""},
     "a"},
    {NEWER,
     {0, "torch.uniform", SOW_FLOAT16, {1, {9}}, {-4e4, 4e4}, ""},
     "scheme"},
    {NEWER,
     {0, "torch.trunc_normal", SOW_FLOAT32, {1, {99}}, {0, 1, 1, 2}, ""},
     "scheme"},
    {BETWEEN,
     {0, "torch.normal", SOW_BFLOAT16, {1, {16}}, {0, 1}, ""},
     "dtype"},
    {OLDER,
     {0, "torch.trunc_normal", SOW_FLOAT32, {1, {99}}, {0, 1, -2, 2}, ""},
     "scheme"},
};

START_TEST(what_cant_be_exact_is_refused)
{
    struct sow_start start;
    struct sow_spec spec;
    struct sow_error error;
    struct sow_tensor tensor;

    start_seed(&start, refused[_i].generator, 0);
    spec = answer_spec(&start, &refused[_i].draw);
    if (sow_tensor_init(&tensor, &spec, &error) == SOW_OK)
        ck_abort_msg("%s is drawn", refused[_i].draw.scheme);
    ck_assert_str_eq(error.at, refused[_i].at);
    ck_assert_uint_lt(strlen(error.text), sizeof error.text - 4);
}
END_TEST

Suite *torch_suite(void)
{
    Suite *s = suite_create("torch");
    TCase *tc = tcase_create("torch");

    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, answers_are_those_of_torch, 0, ENGINES);
    tcase_add_test(tc, other_versions_agree_where_they_draw_the_same);
    tcase_add_loop_test(tc, pieces_equal_the_whole_on_every_engine, 0,
                        COUNT(pieces));
    tcase_add_loop_test(tc, sequences_are_those_of_torch, 0, ENGINES);
    tcase_add_test(tc, a_sequence_goes_on_from_its_state);
    tcase_add_test(tc, states_that_torch_never_has_are_refused);
    tcase_add_loop_test(tc, what_cant_be_exact_is_refused, 0, COUNT(refused));
    suite_add_tcase(s, tc);
    return s;
}
