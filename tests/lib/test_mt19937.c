/* SPDX-License-Identifier: MIT */
/*
 * Tests of MT19937: known answers, places that are reached by jumps, steps and
 * memory, and every engine's words.
 */
#include "generators/mt19937.h"

#include <stdlib.h>
#include <string.h>

#include "help.h"
#include "kernels/kernels.h"

Suite *mt19937_suite(void);

#define DIGITS 12 /* of a jump, to the base of 4 */

static void start_seed(struct sow_start *start, uint32_t seed)
{
    memset(start, 0, sizeof *start);
    sow_mt_seed(seed, start->words);
    start->words[SOW_MT_OFFSET] = SOW_MT_WORDS;
}

/* The tempered words at positions [position, position + n). */
static void words_at(const struct sow_engine *engine,
                     const struct sow_start *start, uint64_t position,
                     uint32_t *out, size_t n)
{
    struct sow_mt mt;

    sow_mt_begin(&mt, engine, start, position);
    sow_mt_words(&mt, out, n);
    ck_assert_uint_eq(sow_mt_position(&mt), position + n);
    sow_mt_end(&mt);
}

/* ------------------------------------------------------------------------
 * Known answers
 */

START_TEST(the_ten_thousandth_word_is_that_of_the_cxx_standard)
{
    const struct sow_engine *engine;
    struct sow_start start;
    uint32_t word;

    start_seed(&start, 5489);
    for (size_t i = 0; (engine = engine_at(i)) != NULL; i++) {
        words_at(engine, &start, 0, &word, 1);
        ck_assert_uint_eq(word, 3499211612u);
        words_at(engine, &start, 9999, &word, 1);
        ck_assert_uint_eq(word, 4123659995u);
    }
}
END_TEST

START_TEST(seeds_of_several_words_give_what_the_authors_print)
{
    /* From their mt19937ar.out: the first five, and the 1000th. */
    static const uint32_t key[] = {0x123, 0x234, 0x345, 0x456};
    static const uint32_t want[] = {1067595299, 955945823, 477289528,
                                    4107218783u, 4228976476u};
    struct sow_start start = {.words[SOW_MT_OFFSET] = SOW_MT_WORDS};
    uint32_t got[1000];

    sow_mt_seed_array(key, COUNT(key), start.words);
    words_at(engine_at(0), &start, 0, got, COUNT(got));
    for (size_t i = 0; i < COUNT(want); i++)
        ck_assert_uint_eq(got[i], want[i]);
    ck_assert_uint_eq(got[999], 3460025646u);
}
END_TEST

/* ------------------------------------------------------------------------
 * Places
 */

/* The block that is 'blocks' after block 1 of seed 42. */
static void block_after(const struct sow_engine *engine, uint64_t blocks,
                        uint32_t words[SOW_MT_WORDS])
{
    uint32_t two[2 * SOW_MT_WORDS];

    sow_mt_seed(42, two);
    for (uint64_t i = 0; i <= blocks; i++) {
        engine->mt_twist(two, 1);
        memcpy(two, two + SOW_MT_WORDS, sizeof two / 2);
    }
    memcpy(words, two, sizeof two / 2);
}

START_TEST(jumps_end_where_steps_do)
{
    static const uint64_t distances[] = {4096, 4097, 3 * 4096 + 5, 16384,
                                         65536 + 4096 + 77};
    const struct sow_engine *engine = engine_at((size_t)_i);
    uint32_t want[SOW_MT_WORDS], got[SOW_MT_WORDS];

    for (size_t i = 0; engine != NULL && i < COUNT(distances); i++) {
        uint64_t left;

        block_after(engine, 0, got);
        left = sow_mt_jump(engine, got, distances[i]);
        ck_assert_uint_eq(left, distances[i] % SOW_MT_JUMP);
        block_after(engine, distances[i] - left, want);
        if (memcmp(got, want, sizeof want) != 0)
            ck_abort_msg("%s: a jump by %llu blocks differs", engine->name,
                         (unsigned long long)(distances[i] - left));
    }
}
END_TEST

START_TEST(four_jumps_end_where_one_four_times_as_far_does)
{
    const struct sow_engine *engine = engine_at(0);
    uint32_t want[SOW_MT_WORDS], got[SOW_MT_WORDS];
    uint64_t distance = SOW_MT_JUMP;

    for (int digit = 1; digit < DIGITS; digit++, distance *= 4) {
        block_after(engine, 0, want);
        memcpy(got, want, sizeof want);
        for (int i = 0; i < 4; i++)
            ck_assert_uint_eq(sow_mt_jump(engine, got, distance), 0);
        ck_assert_uint_eq(sow_mt_jump(engine, want, 4 * distance), 0);
        if (memcmp(got, want, sizeof want) != 0)
            ck_abort_msg("four jumps by %llu blocks don't make one",
                         (unsigned long long)distance);
    }
}
END_TEST

/* Positions around edges of blocks, of what a cursor holds and of jumps. */
static const uint64_t positions[] = {0,
                                     1,
                                     15,
                                     623,
                                     624,
                                     625,
                                     1247,
                                     1248,
                                     2495,
                                     2496,
                                     2497,
                                     3119,
                                     3120,
                                     3121,
                                     10000,
                                     624 * 4096 - 1,
                                     624 * 4096 + 1,
                                     624 * 4097,
                                     4194303,
                                     4194304,
                                     5000001};

START_TEST(any_position_gives_what_reading_from_the_start_does)
{
    enum { ALL = 5100000, SOME = 1500 };
    const struct sow_engine *engine = engine_at((size_t)_i);
    uint32_t *all, got[SOME];
    struct sow_start start;

    if (engine == NULL)
        return;
    all = must_allocate(ALL * sizeof *all);
    start_seed(&start, 42);
    for (uint32_t offset = 1; offset <= SOW_MT_WORDS; offset += 89) {
        start.words[SOW_MT_OFFSET] = offset;
        words_at(engine, &start, 0, all, ALL);
        for (size_t i = 0; i < COUNT(positions); i++) {
            words_at(engine, &start, positions[i], got, SOME);
            if (memcmp(got, all + positions[i], sizeof got) != 0)
                ck_abort_msg("%s, offset %u: words from %llu on differ",
                             engine->name, offset,
                             (unsigned long long)positions[i]);
        }
    }
    free(all);
}
END_TEST

START_TEST(moving_on_gives_what_beginning_there_does)
{
    const struct sow_engine *engine = engine_at(0);
    uint32_t want[40], got[40];
    struct sow_start start;
    struct sow_mt mt;

    start_seed(&start, 7);
    sow_mt_begin(&mt, engine, &start, 0);
    for (size_t i = 0; i + 1 < COUNT(positions); i++) {
        size_t n = (size_t)(positions[i + 1] - positions[i]);

        n = n < COUNT(got) ? n : COUNT(got);
        sow_mt_move(&mt, positions[i]);
        sow_mt_words(&mt, got, n);
        words_at(engine, &start, positions[i], want, n);
        ck_assert_mem_eq(got, want, n * sizeof got[0]);
    }
}
END_TEST

START_TEST(states_are_those_of_a_generator_that_makes_a_block_when_asked)
{
    uint32_t words[SOW_MT_WORDS], want[SOW_MT_WORDS];
    const struct sow_engine *engine = engine_at(0);
    struct sow_start start;

    start_seed(&start, 42);
    ck_assert_uint_eq(sow_mt_state(engine, &start, 0, words), SOW_MT_WORDS);
    ck_assert_mem_eq(words, start.words, sizeof words);
    block_after(engine, 0, want);
    ck_assert_uint_eq(sow_mt_state(engine, &start, 1, words), 1);
    ck_assert_mem_eq(words, want, sizeof words);
    ck_assert_uint_eq(sow_mt_state(engine, &start, 624, words), 624);
    ck_assert_mem_eq(words, want, sizeof words);
    block_after(engine, 1, want);
    ck_assert_uint_eq(sow_mt_state(engine, &start, 625, words), 1);
    ck_assert_mem_eq(words, want, sizeof words);
}
END_TEST

/* ------------------------------------------------------------------------
 * Memory
 */

enum { ENTRIES = 64 };

/* Remembers all; 'forgets' lets it find nothing. */
struct memory {
    bool forgets;
    unsigned finds, keeps;
    size_t count;
    uint64_t at[ENTRIES], from[ENTRIES];
    uint8_t bytes[ENTRIES][SOW_MEMORY_BYTES];
};

static uint64_t find(void *self, const uint8_t key[SOW_DIGEST_BYTES],
                     uint64_t at, void *bytes, size_t size)
{
    struct memory *memory = self;
    size_t best = ENTRIES;

    (void)key;
    memory->finds++;
    for (size_t i = 0; i < memory->count && !memory->forgets; i++)
        if (memory->at[i] <= at &&
            (best == ENTRIES || memory->at[i] > memory->at[best]))
            best = i;
    if (best == ENTRIES)
        return UINT64_MAX;
    memcpy(bytes, memory->bytes[best], size);
    return memory->at[best];
}

static void keep(void *self, const uint8_t key[SOW_DIGEST_BYTES], uint64_t at,
                 uint64_t from, const void *bytes, size_t size)
{
    struct memory *memory = self;

    (void)key;
    memory->keeps++;
    ck_assert_uint_lt(memory->count, ENTRIES);
    ck_assert_uint_le(size, SOW_MEMORY_BYTES);
    memory->at[memory->count] = at;
    memory->from[memory->count] = from;
    memcpy(memory->bytes[memory->count++], bytes, size);
}

START_TEST(words_are_the_same_with_a_memory)
{
    static const uint64_t places[] = {
        5000000, 0, 4194304, 4190000, 4999990, 700, 8388600, 4200000, 4999999};
    const struct sow_engine *engine = engine_at(0);
    struct memory memory = {.forgets = _i == 1};
    struct sow_memory given = {&memory, find, keep};
    struct sow_start start;
    uint32_t want[3000], got[3000];

    start_seed(&start, 42);
    for (size_t i = 0; i < COUNT(places); i++) {
        start.memory = NULL;
        words_at(engine, &start, places[i], want, COUNT(want));
        start.memory = &given;
        words_at(engine, &start, places[i], got, COUNT(got));
        ck_assert_mem_eq(got, want, sizeof want);
        ck_assert_uint_eq(memory.finds, i + 1);
        ck_assert_uint_le(memory.keeps, i + 1);
    }
}
END_TEST

START_TEST(reading_on_is_told_from_reading_elsewhere)
{
    const struct sow_engine *engine = engine_at(0);
    struct memory memory = {0};
    struct sow_memory given = {&memory, find, keep};
    struct sow_start start;
    uint32_t words[100];

    start_seed(&start, 42);
    start.memory = &given;
    words_at(engine, &start, 1000, words, 100);
    words_at(engine, &start, 1100, words, 100);
    words_at(engine, &start, SOW_MEMORY_GRID - 50, words, 100);
    ck_assert_uint_eq(memory.count, 3);
    ck_assert_uint_eq(memory.at[0], 1100);
    ck_assert_uint_eq(memory.from[0], UINT64_MAX);
    ck_assert_uint_eq(memory.at[1], 1200);
    ck_assert_uint_eq(memory.from[1], 1100);
    ck_assert_uint_eq(memory.at[2] % SOW_MEMORY_GRID, 50);
    ck_assert_uint_eq(memory.from[2], UINT64_MAX);
}
END_TEST

START_TEST(multiples_of_the_grid_are_kept_on_the_way)
{
    enum { MANY = SOW_MEMORY_GRID * 2 + 5 };
    struct memory memory = {0};
    struct sow_memory given = {&memory, find, keep};
    struct sow_start start;
    uint32_t *words = must_allocate(MANY * sizeof *words);

    start_seed(&start, 42);
    start.memory = &given;
    words_at(engine_at(0), &start, 0, words, MANY);
    ck_assert_uint_eq(memory.count, 2);
    ck_assert_uint_eq(memory.at[0], SOW_MEMORY_GRID);
    ck_assert_uint_eq(memory.at[1], 2 * SOW_MEMORY_GRID);
    free(words);
}
END_TEST

/* ------------------------------------------------------------------------
 * Engines
 */

START_TEST(engines_agree_on_words_that_begin_anywhere)
{
    enum { BLOCKS = 3, ALL = (BLOCKS + 1) * SOW_MT_WORDS };
    const struct sow_engine *engine = engine_at((size_t)_i);
    uint32_t want[ALL], got[ALL], sums[2][SOW_MT_WORDS] = {{0}};
    uint16_t from[40];

    if (engine == NULL)
        return;
    for (uint64_t i = 0; i < ALL; i++)
        want[i] = got[i] = (uint32_t)mix(i);
    sow_engine_portable.mt_twist(want, BLOCKS);
    engine->mt_twist(got, BLOCKS);
    ck_assert_mem_eq(got, want, sizeof want);
    for (size_t n = 0; n < 40; n++) {
        from[n] = (uint16_t)(mix(n) % SOW_MT_WORDS);
        sow_engine_portable.mt_sum(want, from, n, sums[0]);
        engine->mt_sum(want, from, n, sums[1]);
        ck_assert_mem_eq(sums[0], sums[1], sizeof sums[0]);
        sow_engine_portable.mt_temper(want + n, n, want + 2 * n);
        engine->mt_temper(got + n, n, got + 2 * n);
        ck_assert_mem_eq(got, want, sizeof want);
    }
}
END_TEST

Suite *mt19937_suite(void)
{
    Suite *s = suite_create("mt19937");
    TCase *tc = tcase_create("mt19937");

    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, the_ten_thousandth_word_is_that_of_the_cxx_standard);
    tcase_add_test(tc, seeds_of_several_words_give_what_the_authors_print);
    tcase_add_loop_test(tc, jumps_end_where_steps_do, 0, ENGINES);
    tcase_add_test(tc, four_jumps_end_where_one_four_times_as_far_does);
    tcase_add_loop_test(tc, any_position_gives_what_reading_from_the_start_does,
                        0, ENGINES);
    tcase_add_test(tc, moving_on_gives_what_beginning_there_does);
    tcase_add_test(
        tc, states_are_those_of_a_generator_that_makes_a_block_when_asked);
    tcase_add_loop_test(tc, words_are_the_same_with_a_memory, 0, ENGINES);
    tcase_add_test(tc, reading_on_is_told_from_reading_elsewhere);
    tcase_add_test(tc, multiples_of_the_grid_are_kept_on_the_way);
    tcase_add_loop_test(tc, engines_agree_on_words_that_begin_anywhere, 0,
                        ENGINES);
    suite_add_tcase(s, tc);
    return s;
}
