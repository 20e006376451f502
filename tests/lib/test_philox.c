/* SPDX-License-Identifier: MIT */
/* Tests of Philox4x32-10: known answers, and every engine's words. */
#include "generators/philox.h"

#include <string.h>

#include "help.h"
#include "kernels/kernels.h"

Suite *philox_suite(void);

/* Groups in a multiple of 2^32 blocks of four words. */
#define PERIOD (UINT64_C(1) << 29)

/* Blocks in a group. */
#define BLOCKS (SOW_GROUP / 4)

static const struct {
    uint32_t counter[4], key[2], want[4];
} answers[] = {
    /* From kat_vectors in the authors' Random123. */
    {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
    {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
     {0xffffffff, 0xffffffff},
     {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
    {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
     {0xa4093822, 0x299f31d0},
     {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
};

START_TEST(published_answers_hold)
{
    for (size_t i = 0; i < COUNT(answers); i++) {
        uint32_t x[4];

        memcpy(x, answers[i].counter, sizeof x);
        philox(answers[i].key, x);
        ck_assert_msg(memcmp(x, answers[i].want, sizeof x) == 0,
                      "answer %zu: %08x %08x %08x %08x", i, x[0], x[1], x[2],
                      x[3]);
    }
}
END_TEST

/* Compare 'groups' groups from 'first' on, written to an odd address. */
static void compare(const struct sow_engine *engine,
                    const struct sow_stream *stream, uint64_t first,
                    size_t groups)
{
    enum { MOST = 9 * SOW_GROUP * 4 };
    uint8_t want[MOST];
    uint8_t got[MOST + 8];
    size_t size = groups * SOW_GROUP * 4;

    memset(got, 0xa5, sizeof got);
    sow_engine_portable.words(stream, first, groups, want);
    engine->words(stream, first, groups, got + 3);
    if (memcmp(got + 3, want, size) != 0)
        ck_abort_msg("engine %s differs in %zu groups from group %llu",
                     engine->name, groups, (unsigned long long)first);
    if (got[2] != 0xa5 || got[3 + size] != 0xa5)
        ck_abort_msg("engine %s wrote outside %zu groups", engine->name,
                     groups);
}

START_TEST(engines_give_the_portable_words)
{
    const struct sow_engine *engine;

    for (size_t e = 0; (engine = engine_at(e)) != NULL; e++) {
        for (uint64_t i = 0; i < 300; i++) {
            struct sow_stream stream = {
                .key = {(uint32_t)mix(4 * i), (uint32_t)mix(4 * i + 1)},
                .high = {(uint32_t)mix(4 * i + 2), (uint32_t)mix(4 * i + 3)}};
            uint64_t far = mix(i) % (PERIOD << 28) / PERIOD * PERIOD;

            for (size_t groups = 1; groups <= 9; groups++) {
                compare(engine, &stream, i, groups);
                compare(engine, &stream, far, groups);
                compare(engine, &stream, far + PERIOD / 2 - 4, groups);
                compare(engine, &stream, far + PERIOD - groups, groups);
            }
        }
    }
}
END_TEST

/* Only word 0 of the counter counts on from group to group. */
START_TEST(words_are_those_of_the_counter)
{
    const struct sow_stream stream = {.key = {1, 2}, .high = {3, 4}};
    const uint64_t groups[] = {0, 1, PERIOD - 1, PERIOD, 5 * PERIOD + 7};
    const struct sow_engine *engine;

    for (size_t e = 0; (engine = engine_at(e)) != NULL; e++) {
        for (size_t i = 0; i < COUNT(groups); i++) {
            uint32_t words[SOW_GROUP];

            engine->words(&stream, groups[i], 1, words);
            for (uint32_t b = 0; b < BLOCKS; b++) {
                uint64_t block = groups[i] * BLOCKS + b;
                uint32_t x[4] = {(uint32_t)block, (uint32_t)(block >> 32), 3,
                                 4};

                philox(stream.key, x);
                ck_assert_msg(memcmp(x, words + 4 * b, sizeof x) == 0,
                              "engine %s, block %llu", engine->name,
                              (unsigned long long)block);
            }
        }
    }
}
END_TEST

Suite *philox_suite(void)
{
    Suite *suite = suite_create("philox");
    TCase *cases = tcase_create("philox");

    tcase_add_test(cases, published_answers_hold);
    tcase_add_test(cases, engines_give_the_portable_words);
    tcase_add_test(cases, words_are_those_of_the_counter);
    suite_add_tcase(suite, cases);
    return suite;
}
