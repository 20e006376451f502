/* SPDX-License-Identifier: MIT */
/* Tests of wholes: the same bits however they are made and read. */
#include <stdlib.h>
#include <string.h>

#include "matrix.h"

Suite *wholes_suite(void);

static const struct {
    const char *scheme;
    struct sow_shape shape;
} kinds[] = {
    {"orthogonal", {2, {301, 260}}},
    {"orthogonal", {2, {97, 530}}},
    {"orthogonal", {2, {700, 400}}},
    {"keras.orthogonal", {4, {3, 5, 7, 33}}},
    {"jax.orthogonal", {4, {3, 3, 9, 11}}},
    {"torch.orthogonal", {4, {50, 2, 3, 4}}},
    {"delta_orthogonal", {4, {60, 50, 3, 5}}},
    {"jax.delta_orthogonal", {3, {4, 9, 9}}},
    {"suo", {4, {60, 50, 3, 3}}},
    {"suo", {2, {50, 60}}},
    {"conv_orthogonal", {4, {60, 50, 3, 3}}},
    {"conv_orthogonal", {3, {9, 9, 4}}},
    {"conv_orthogonal", {5, {11, 5, 2, 2, 2}}},
    {"weightnorm", {2, {60, 70}}},
    {"weightnorm", {3, {70, 30, 2}}},
    {"weightnorm_gaussian", {3, {40, 9, 3}}},
};

static void check_same(size_t kind, const struct sow_engine *engine,
                       struct sow_tensor *tensor, const double *want)
{
    double *got = matrix_read(engine, tensor);

    for (uint64_t i = 0; i < tensor->elements; i++)
        if (f64_bits(got[i]) != f64_bits(want[i]))
            ck_abort_msg("kind %zu, %s: element %llu is %a, not %a", kind,
                         sow_engine_name(engine), (unsigned long long)i, got[i],
                         want[i]);
    free(got);
    whole_free(tensor);
}

/* Units in any order, by two threads, after a stop; each engine. */
START_TEST(bits_are_the_same_however_made)
{
    const struct sow_spec spec =
        spec_make(kinds[_i].scheme, SOW_FLOAT64, kinds[_i].shape);
    struct sow_tensor tensor = tensor_make(&spec);
    const struct sow_engine *engine;
    double *want;

    whole_make(engine_at(0), &tensor, false);
    want = matrix_read(engine_at(0), &tensor);
    whole_free(&tensor);
    for (size_t e = 0; (engine = engine_at(e)) != NULL; e++) {
        whole_make(engine, &tensor, false);
        check_same((size_t)_i, engine, &tensor, want);
    }
    whole_make(engine_at(0), &tensor, true);
    check_same((size_t)_i, engine_at(0), &tensor, want);
    whole_make_side_by_side(engine_at(0), &tensor);
    check_same((size_t)_i, engine_at(0), &tensor, want);
    whole_make_twice(engine_at(0), &tensor);
    check_same((size_t)_i, engine_at(0), &tensor, want);
    free(want);
}
END_TEST

START_TEST(pieces_equal_the_whole)
{
    const struct sow_spec spec =
        spec_make(kinds[_i].scheme, SOW_FLOAT32, kinds[_i].shape);
    struct sow_tensor tensor = tensor_make(&spec);
    uint8_t *whole = must_allocate(tensor.size);
    uint8_t piece[5000];

    whole_make(engine_at(0), &tensor, false);
    ck_assert_int_eq(
        sow_tensor_read(engine_at(0), &tensor, 0, whole, tensor.size), SOW_OK);
    for (uint64_t i = 0; i < 200; i++) {
        uint64_t from = mix(2 * i) % tensor.size;
        uint64_t left = tensor.size - from;
        size_t n = (size_t)(mix(2 * i + 1) % sizeof piece);

        n = n < left ? n : (size_t)left;
        ck_assert_int_eq(sow_tensor_read(engine_at(0), &tensor, from, piece, n),
                         SOW_OK);
        if (memcmp(piece, whole + from, n) != 0)
            ck_abort_msg("kind %d: bytes %llu + %zu differ", _i,
                         (unsigned long long)from, n);
    }
    whole_free(&tensor);
    free(whole);
}
END_TEST

static void *allocate(size_t size)
{
    void *memory = aligned_alloc(64, (size + 64) / 64 * 64);

    ck_assert_ptr_nonnull(memory);
    return memory;
}

/* Counts its calls, and says stop at the last. */
static bool stop_at(void *argument)
{
    unsigned *calls = argument;

    return --*calls == 0;
}

/* About every millisecond of the work, some 3e7 operations, it is asked. */
START_TEST(makers_ask_whether_to_stop)
{
    enum { MANY = 1 << 30 };
    const struct sow_spec spec =
        spec_make(kinds[_i].scheme, SOW_FLOAT32, kinds[_i].shape);
    const struct sow_tensor tensor = tensor_make(&spec);
    struct sow_need need = sow_tensor_need(&tensor);
    double *whole = allocate(need.doubles * sizeof *whole);
    void *scratch = allocate(need.scratch);
    unsigned asked = 0;

    for (uint32_t unit = 0; unit < need.units; unit++) {
        unsigned left = MANY;
        unsigned calls;

        ck_assert_int_eq(sow_tensor_make_whole(engine_at(0), &tensor, unit,
                                               whole, scratch, stop_at, &left),
                         SOW_OK);
        calls = MANY - left;
        asked += calls;
        ck_assert_uint_gt(calls, 0);
        left = calls;
        ck_assert_int_eq(sow_tensor_make_whole(engine_at(0), &tensor, unit,
                                               whole, scratch, stop_at, &left),
                         SOW_STOPPED);
    }
    ck_assert_double_gt(asked, need.flops / 3e7);
    free(whole);
    free(scratch);
}
END_TEST

Suite *wholes_suite(void)
{
    Suite *suite = suite_create("wholes");
    TCase *cases = tcase_create("wholes");

    tcase_set_timeout(cases, 120);
    tcase_add_loop_test(cases, bits_are_the_same_however_made, 0,
                        (int)COUNT(kinds));
    tcase_add_loop_test(cases, pieces_equal_the_whole, 0, (int)COUNT(kinds));
    tcase_add_loop_test(cases, makers_ask_whether_to_stop, 0,
                        (int)COUNT(kinds));
    suite_add_tcase(suite, cases);
    return suite;
}
