/* SPDX-License-Identifier: MIT */
/*
 * Every engine draws the portable engine's doubles: of words that hardly ever
 * come up, and within bounds of any number of words.
 */
#include "kernels/kernels.h"

#include <math.h>
#include <string.h>

#include "generators/sow1.h"
#include "help.h"

Suite *doubles_suite(void);

#define WORDS (UINT64_C(1) << 53)
#define GROUPS 5

static const struct sow_stream stream = {.key = {1, 2}, .high = {3, 4}};

/*
 * A truncated normal whose bounds hold a single word gives that word's value in
 * each element.
 */
static void check_word(const struct sow_engine *engine, uint64_t word)
{
    const struct sow_normal_f64 law = {
        0, 1, -INFINITY, INFINITY, word ^ WORDS / 2, 1};
    double want = sow1_normal_f64(word);
    double got[SOW_GROUP];

    engine->truncated_f64(&stream, word % 1000, 1, &law, got);
    for (int i = 0; i < SOW_GROUP; i++)
        if (f64_bits(got[i]) != f64_bits(want))
            ck_abort_msg("engine %s, word %#llx, lane %d: %a, not %a",
                         engine->name, (unsigned long long)word, i, got[i],
                         want);
}

/* Around each power of two, as distance from the median and from the end. */
START_TEST(normals_agree_around_every_octave)
{
    enum { AROUND = 100 };
    const struct sow_engine *engine;

    for (size_t e = 0; (engine = engine_at(e)) != NULL; e++)
        for (int bit = 0; bit < 53; bit++)
            for (uint64_t i = 0; i < 2 * AROUND; i++) {
                uint64_t word = ((UINT64_C(1) << bit) - AROUND + i) % WORDS;

                check_word(engine, word);
                check_word(engine, WORDS - 1 - word);
                check_word(engine, (WORDS / 2 - 1 - word) % WORDS);
                check_word(engine, (WORDS / 2 + word) % WORDS);
            }
}
END_TEST

START_TEST(normals_agree_over_a_sample_of_all_words)
{
    const struct sow_engine *engine;

    for (size_t e = 0; (engine = engine_at(e)) != NULL; e++)
        for (uint64_t i = 0; i < 100000; i++)
            check_word(engine, mix(i) % WORDS);
}
END_TEST

static void check_bytes(const struct sow_engine *engine, const char *what,
                        const double *got, const double *want)
{
    for (size_t i = 0; i < GROUPS * SOW_GROUP; i++)
        if (f64_bits(got[i]) != f64_bits(want[i]))
            ck_abort_msg("engine %s, %s, element %zu: %a, not %a", engine->name,
                         what, i, got[i], want[i]);
}

/* The product of word and count needs all of 106 bits. */
START_TEST(bounds_of_any_number_of_words_agree)
{
    const struct sow_engine *engine;

    for (size_t e = 0; (engine = engine_at(e)) != NULL; e++)
        for (uint64_t i = 0; i < 5000; i++) {
            uint64_t count = i < 53 ? UINT64_C(1) << i : mix(i) % WORDS + 1;
            uint64_t first = (WORDS - count) / 2;
            const struct sow_normal_f64 law = {0.5, 3, -20, 15, first, count};
            double want[GROUPS * SOW_GROUP], got[GROUPS * SOW_GROUP];
            uint64_t group = mix(~i) % (UINT64_C(1) << 40);

            group -= group % 8; /* not across 2^32 blocks */
            sow_engine_portable.truncated_f64(&stream, group, GROUPS, &law,
                                              want);
            engine->truncated_f64(&stream, group, GROUPS, &law, got);
            check_bytes(engine, "truncated", got, want);
        }
}
END_TEST

/* Spans from one that rounds much away to one that has the largest double. */
START_TEST(uniforms_of_any_span_agree)
{
    const struct sow_engine *engine;

    for (size_t e = 0; (engine = engine_at(e)) != NULL; e++)
        for (uint64_t i = 0; i < 5000; i++) {
            double span = ldexp(1 + (double)(mix(i) >> 12) * 0x1p-52,
                                (int)(i % 2000) - 1000);
            const struct sow_uniform_f64 law = {1, span,
                                                nextafter(1 + span, 0)};
            double want[GROUPS * SOW_GROUP], got[GROUPS * SOW_GROUP];

            sow_engine_portable.uniform_f64(&stream, 8 * i, GROUPS, &law, want);
            engine->uniform_f64(&stream, 8 * i, GROUPS, &law, got);
            check_bytes(engine, "uniform", got, want);
        }
}
END_TEST

Suite *doubles_suite(void)
{
    Suite *suite = suite_create("doubles");
    TCase *cases = tcase_create("doubles");

    tcase_set_timeout(cases, 60);
    tcase_add_test(cases, normals_agree_around_every_octave);
    tcase_add_test(cases, normals_agree_over_a_sample_of_all_words);
    tcase_add_test(cases, bounds_of_any_number_of_words_agree);
    tcase_add_test(cases, uniforms_of_any_span_agree);
    suite_add_tcase(suite, cases);
    return suite;
}
