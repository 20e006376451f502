/* SPDX-License-Identifier: MIT */
/*
 * Tests of the kernels on words that hardly ever come up: a truncated normal
 * whose bounds hold a single word gives that word's value in each element.
 */
#include "kernels/kernels.h"

#include <math.h>
#include <string.h>

#include "generators/sow1.h"
#include "help.h"

Suite *kernels_suite(void);

/* All lanes of a group must be the value of 'word'. */
static void check_word(const struct sow_engine *engine, uint32_t word)
{
    const struct sow_stream stream = {.key = {1, 2}, .high = {3, 4}};
    const struct sow_normal_f32 law = {
        0, 1, -INFINITY, INFINITY, word ^ 0x80000000u, 1};
    float want = sow1_normal_f32(word);
    float got[SOW_GROUP];
    uint16_t rounded, short_got[SOW_GROUP];

    engine->truncated_f32(&stream, word % 1000, 1, &law, got);
    for (int i = 0; i < SOW_GROUP; i++)
        if (f32_bits(got[i]) != f32_bits(want))
            ck_abort_msg("engine %s, word %#x, lane %d: %a, not %a",
                         engine->name, word, i, (double)got[i], (double)want);
    if (engine->truncated_bf16 == NULL)
        return;
    sow_narrow(SOW_BFLOAT16, &want, &rounded, 1);
    engine->truncated_bf16(&stream, word % 1000, 1, &law, short_got);
    for (int i = 0; i < SOW_GROUP; i++)
        if (short_got[i] != rounded)
            ck_abort_msg("engine %s, word %#x, lane %d: bfloat16 %#x, not %#x",
                         engine->name, word, i, short_got[i], rounded);
}

/* Around each power of two, as distance from the median and from the end. */
START_TEST(normals_agree_around_every_octave)
{
    enum { AROUND = 300 };
    const struct sow_engine *engine;

    for (size_t e = 0; (engine = engine_at(e)) != NULL; e++) {
        for (int bit = 0; bit < 32; bit++) {
            uint32_t from = (uint32_t)(UINT64_C(1) << bit) - AROUND;

            for (uint32_t i = 0; i < 2 * AROUND; i++) {
                check_word(engine, from + i);
                check_word(engine, ~(from + i));
                check_word(engine, 0x7fffffffu - (from + i));
                check_word(engine, 0x80000000u + (from + i));
            }
        }
    }
}
END_TEST

START_TEST(normals_agree_over_a_sample_of_all_words)
{
    const struct sow_engine *engine;

    for (size_t e = 0; (engine = engine_at(e)) != NULL; e++)
        for (uint64_t i = 0; i < 100000; i++)
            check_word(engine, (uint32_t)mix(i));
}
END_TEST

/* One rare word among common ones, in each lane of a group. */
START_TEST(rare_words_do_not_disturb_their_neighbours)
{
    enum { GROUPS = 3000 };
    const struct sow_stream stream = {.key = {5, 6}, .high = {7, 8}};
    const struct sow_normal_f32 law = {0, 1, -INFINITY, INFINITY, 0, 1u << 26};
    const struct sow_engine *engine;
    static float want[GROUPS * SOW_GROUP], got[GROUPS * SOW_GROUP];

    sow_engine_portable.truncated_f32(&stream, 0, GROUPS, &law, want);
    for (size_t e = 0; (engine = engine_at(e)) != NULL; e++) {
        engine->truncated_f32(&stream, 0, GROUPS, &law, got);
        for (size_t i = 0; i < GROUPS * SOW_GROUP; i++)
            if (f32_bits(got[i]) != f32_bits(want[i]))
                ck_abort_msg("engine %s, element %zu: %a, not %a", engine->name,
                             i, (double)got[i], (double)want[i]);
    }
}
END_TEST

/* ------------------------------------------------------------------------
 * Products of reflections
 */

/* A block of a panel, a strip and W, full of numbers below 1. */
struct reflection {
    _Alignas(64) double v[SOW_PANEL_ROWS * SOW_PANEL];
    _Alignas(64) double t[SOW_PANEL * SOW_PANEL];
    _Alignas(64) double c[(SOW_PANEL_ROWS + 1) * SOW_STRIP];
    _Alignas(64) double w[(SOW_PANEL + 1) * SOW_STRIP];
};

static void reflection_fill(struct reflection *r)
{
    double *const all = (double *)r;

    for (size_t i = 0; i < sizeof *r / sizeof *all; i++)
        all[i] = (double)(int64_t)mix(i) * 0x1p-63;
    for (size_t i = 0; i < SOW_PANEL; i++)
        r->t[i * SOW_PANEL + i] += 48;
}

static void check_reflection(const struct sow_engine *engine, const char *what,
                             size_t rows, const struct reflection *got,
                             const struct reflection *want)
{
    if (memcmp(got, want, sizeof *got) != 0)
        ck_abort_msg("engine %s, %s, %zu rows: other bits", engine->name, what,
                     rows);
}

/* Each number of rows, so each rest; what lies behind is left alone. */
START_TEST(reflections_agree)
{
    static struct reflection got, want;
    const struct sow_engine *const reference = &sow_engine_portable;
    const struct sow_engine *engine;

    for (size_t e = 0; (engine = engine_at(e)) != NULL; e++)
        for (size_t rows = 1; rows <= SOW_PANEL_ROWS; rows++) {
            size_t columns =
                (rows % (SOW_PANEL / SOW_PANEL_GROUP) + 1) * SOW_PANEL_GROUP;

            reflection_fill(&got);
            reflection_fill(&want);
            engine->reflect_dot(got.v, columns, got.c, rows, got.w);
            reference->reflect_dot(want.v, columns, want.c, rows, want.w);
            check_reflection(engine, "dot", rows, &got, &want);
            engine->reflect_solve(got.t, rows % 2 == 0, got.w);
            reference->reflect_solve(want.t, rows % 2 == 0, want.w);
            check_reflection(engine, "solve", rows, &got, &want);
            engine->reflect_apply(got.v, got.w, rows, got.c);
            reference->reflect_apply(want.v, want.w, rows, want.c);
            check_reflection(engine, "apply", rows, &got, &want);
        }
}
END_TEST

/* U w = b and U' w = b, with t[i][j] element (j, i) of U, by substitution. */
START_TEST(triangles_are_solved)
{
    static struct reflection r;
    const struct sow_engine *engine;

    for (size_t e = 0; (engine = engine_at(e)) != NULL; e++)
        for (int transposed = 0; transposed <= 1; transposed++) {
            double b[SOW_PANEL];

            reflection_fill(&r);
            for (size_t i = 0; i < SOW_PANEL; i++)
                b[i] = r.w[i * SOW_STRIP];
            engine->reflect_solve(r.t, transposed, r.w);
            for (size_t i = 0; i < SOW_PANEL; i++) {
                double sum = 0;

                for (size_t j = 0; j < SOW_PANEL; j++)
                    if (transposed ? j <= i : j >= i)
                        sum += r.t[transposed ? i * SOW_PANEL + j
                                              : j * SOW_PANEL + i] *
                               r.w[j * SOW_STRIP];
                ck_assert_double_eq_tol(sum, b[i], 1e-14);
            }
        }
}
END_TEST

Suite *kernels_suite(void)
{
    Suite *suite = suite_create("kernels");
    TCase *cases = tcase_create("kernels");

    tcase_set_timeout(cases, 60);
    tcase_add_test(cases, normals_agree_around_every_octave);
    tcase_add_test(cases, normals_agree_over_a_sample_of_all_words);
    tcase_add_test(cases, rare_words_do_not_disturb_their_neighbours);
    tcase_add_test(cases, reflections_agree);
    tcase_add_test(cases, triangles_are_solved);
    suite_add_tcase(suite, cases);
    return suite;
}
