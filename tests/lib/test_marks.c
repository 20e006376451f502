/* SPDX-License-Identifier: MIT */
/*
 * What is written in place of being made: every byte must be what the makers,
 * which define the elements, would give.
 */
#include <stdlib.h>

#include "subject.h"
#include "whole.h"

Suite *marks_suite(void);

/* ---- against the makers ------------------------------------------------- */

/* Read bytes [pos, pos + n), and as many of the others as there are. */
static void check_piece(const struct sow_engine *engine,
                        const struct sow_tensor *tensor, const uint8_t *want,
                        uint64_t pos, uint64_t n)
{
    uint8_t *got = must_allocate(n + 1);

    if (n > tensor->size - pos)
        n = tensor->size - pos;
    got[n] = 0xa5;
    MUST(sow_tensor_read(engine, tensor, pos, got, n) == SOW_OK,
         "bytes of %s can't be read", subject_describe(&tensor->spec));
    for (uint64_t i = 0; i < n; i++)
        MUST(got[i] == want[pos + i],
             "engine %s, %s: byte %llu of %llu from %llu is %#x, not %#x",
             sow_engine_name(engine), subject_describe(&tensor->spec),
             (unsigned long long)i, (unsigned long long)n,
             (unsigned long long)pos, got[i], want[pos + i]);
    MUST(got[n] == 0xa5, "%s: written past the end",
         subject_describe(&tensor->spec));
    free(got);
}

/* All of a tensor, and pieces at odd offsets of odd sizes. */
static void check_tensor(const struct sow_tensor *tensor)
{
    static const uint64_t sizes[] = {1, 3, 8, 61, 500};
    struct sow_tensor made = *tensor;
    const struct sow_engine *engine;
    uint8_t *want;

    made.law.fill = NULL;
    want = subject_read(engine_at(0), &made);
    for (size_t e = 0; (engine = engine_at(e)) != NULL; e++) {
        check_piece(engine, tensor, want, 0, tensor->size);
        for (uint64_t i = 0, pos = 0; pos < tensor->size; i++, pos += 37)
            check_piece(engine, tensor, want, pos, sizes[i % COUNT(sizes)]);
    }
    free(want);
}

static void filled_as_made_on(struct subject *subject)
{
    if (subject->tensor.law.make != NULL && subject->tensor.law.fill != NULL)
        check_tensor(&subject->tensor);
}

START_TEST(fillers_give_what_makers_do)
{
    subject_each((enum sow_dtype)_i, filled_as_made_on);
}
END_TEST

/* ---- axes in every order ------------------------------------------------ */

#define RANK 4

/* One axis of each kind; 'batch' may be RANK, for none. */
static bool make_with_axes(const char *scheme, const struct sow_shape *shape,
                           uint32_t in, uint32_t out, uint32_t batch,
                           struct sow_tensor *tensor)
{
    struct sow_spec spec = spec_make(scheme, SOW_BFLOAT16, *shape);
    struct sow_error error;

    spec.layout = SOW_EXPLICIT;
    spec.axes.in = 1u << in;
    spec.axes.out = 1u << out;
    if (batch < RANK)
        spec.axes.batch = 1u << batch;
    spec.multiplier = in == 1 ? 0.3 : 1;
    return in != out && in != batch && out != batch &&
           sow_tensor_init(tensor, &spec, &error) == SOW_OK;
}

static const struct {
    const char *scheme;
    struct sow_shape shape;
    int filled; /* of the orders of axes, how many at least */
} rows[] = {
    {"identity", {RANK, {5, 6, 7, 4}}, 36},
    {"identity", {RANK, {1, 9, 1, 8}}, 30},
    {"idinit", {RANK, {6, 6, 6, 6}}, 36},
    {"zero_hadamard", {RANK, {8, 4, 5, 16}}, 18},
    {"delta_orthogonal", {RANK, {6, 4, 5, 12}}, 3},
    {"bilinear_upsampling", {RANK, {3, 12, 5, 8}}, 6},
    {"mirrored", {RANK, {6, 4, 2, 12}}, 6},
    {"mirrored", {RANK, {40, 2, 8, 6}}, 6},
    {"looks_linear", {RANK, {6, 7, 8, 5}}, 3},
};

START_TEST(axes_may_be_in_any_order)
{
    int filled = 0;

    for (uint32_t i = 0; i < RANK * RANK * (RANK + 1); i++) {
        struct sow_tensor tensor;

        if (!make_with_axes(rows[_i].scheme, &rows[_i].shape, i % RANK,
                            i / RANK % RANK, i / RANK / RANK, &tensor) ||
            tensor.law.fill == NULL)
            continue;
        filled++;
        whole_make(engine_at(0), &tensor, false);
        check_tensor(&tensor);
        whole_free(&tensor);
    }
    ck_assert_int_ge(filled, rows[_i].filled);
}
END_TEST

/* ---- which are written -------------------------------------------------- */

/* What nobody would notice but by its slowness. */
START_TEST(patterns_of_few_elements_are_written_not_made)
{
    static const struct {
        const char *scheme;
        struct sow_shape shape;
    } patterns[] = {
        {"eye", {2, {64, 64}}},
        {"eye", {2, {3, 1000}}},
        {"torch.eye", {2, {64, 64}}},
        {"keras.identity", {2, {64, 64}}},
        {"dirac", {4, {16, 16, 3, 3}}},
        {"torch.dirac", {3, {16, 16, 5}}},
        {"identity", {2, {64, 64}}},
        {"identity", {4, {16, 16, 3, 3}}},
        {"irnn", {2, {64, 64}}},
        {"idinit", {2, {64, 64}}},
        {"zero_hadamard", {2, {64, 64}}},
        {"chain", {2, {64, 64}}},
        {"feedback_chain", {2, {64, 64}}},
        {"delta_orthogonal", {4, {16, 16, 7, 7}}},
        {"bilinear_upsampling", {4, {16, 16, 4, 4}}},
        {"mirrored", {2, {64, 64}}},
        {"mirrored", {4, {16, 16, 3, 3}}},
        {"looks_linear", {2, {64, 64}}},
    };

    for (size_t i = 0; i < COUNT(patterns); i++) {
        struct sow_spec spec =
            spec_make(patterns[i].scheme, SOW_FLOAT32, patterns[i].shape);
        struct sow_tensor tensor;

        if (sow_scheme_parameter(spec.scheme.info, "groups") >= 0)
            spec_set(&spec, "groups", 1);
        tensor = tensor_make(&spec);
        ck_assert_msg(tensor.law.fill != NULL, "%s is made",
                      subject_describe(&spec));
    }
}
END_TEST

/* Then all is -0. */
START_TEST(a_multiplier_of_minus_zero_is_heeded)
{
    struct sow_spec spec = spec_make("eye", SOW_FLOAT32, SHAPE(64, 64));
    struct sow_tensor tensor;
    uint8_t *bytes;

    spec.multiplier = -0.0;
    tensor = tensor_make(&spec);
    bytes = subject_read(engine_at(0), &tensor);
    for (uint64_t i = 0; i < tensor.size; i++)
        ck_assert_uint_eq(bytes[i], i % 4 == 3 ? 0x80 : 0);
    free(bytes);
}
END_TEST

Suite *marks_suite(void)
{
    Suite *suite = suite_create("marks");
    TCase *cases = tcase_create("marks");

    tcase_set_timeout(cases, 300);
    tcase_add_loop_test(cases, fillers_give_what_makers_do, 0, SOW_DTYPES);
    tcase_add_loop_test(cases, axes_may_be_in_any_order, 0, COUNT(rows));
    tcase_add_test(cases, a_multiplier_of_minus_zero_is_heeded);
    tcase_add_test(cases, patterns_of_few_elements_are_written_not_made);
    suite_add_tcase(suite, cases);
    return suite;
}
