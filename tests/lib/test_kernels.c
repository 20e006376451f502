/* SPDX-License-Identifier: MIT */
/*
 * Tests of the kernels on words that hardly ever come up: a truncated normal
 * whose bounds hold a single word gives that word's value in each element.
 */
#include "kernels/kernels.h"

#include <math.h>

#include "generators/sow1.h"
#include "help.h"

Suite *kernels_suite(void);

/* All lanes of a group must be the value of 'word'. */
static void check_word(const struct sow_engine *engine, uint32_t word)
{
    const struct sow_stream stream = {{1, 2}, {3, 4}};
    const struct sow_normal_f32 law = {
        0, 1, -INFINITY, INFINITY, word ^ 0x80000000u, 1};
    float want = sow1_normal_f32(word);
    float got[SOW_GROUP];

    engine->truncated_f32(&stream, word % 1000, 1, &law, got);
    for (int i = 0; i < SOW_GROUP; i++)
        if (f32_bits(got[i]) != f32_bits(want))
            ck_abort_msg("engine %s, word %#x, lane %d: %a, not %a",
                         engine->name, word, i, (double)got[i], (double)want);
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
    const struct sow_stream stream = {{5, 6}, {7, 8}};
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

Suite *kernels_suite(void)
{
    Suite *suite = suite_create("kernels");
    TCase *cases = tcase_create("kernels");

    tcase_set_timeout(cases, 60);
    tcase_add_test(cases, normals_agree_around_every_octave);
    tcase_add_test(cases, normals_agree_over_a_sample_of_all_words);
    tcase_add_test(cases, rare_words_do_not_disturb_their_neighbours);
    suite_add_tcase(suite, cases);
    return suite;
}
