/* SPDX-License-Identifier: MIT */
/* Tests of revisions and commits. */
#include "hub/revision.h"
#include "../count.h"

#include <check.h>
#include <string.h>

Suite *hub_revision_suite(void);

#define HEX "0123456789abcdef0123456789abcdef01234567"

static const struct {
    const char *text;
    enum revision_kind kind;
    uint64_t seed;
} good[] = {
    {"main", REVISION_MAIN, 0},
    {"refs/heads/main", REVISION_MAIN, 0},
    {"seed-0", REVISION_SEED, 0},
    {"seed-42", REVISION_SEED, 42},
    {"seed-18446744073709551615", REVISION_SEED, UINT64_MAX},
    {"seed-18446744073709551614", REVISION_SEED, UINT64_MAX - 1},
};

START_TEST(main_and_seeds_are_read)
{
    struct revision revision;

    ck_assert_msg(revision_read(good[_i].text, &revision), "%s is refused",
                  good[_i].text);
    ck_assert_int_eq(revision.kind, good[_i].kind);
    ck_assert_uint_eq(revision.seed, good[_i].seed);
}
END_TEST

static const char *const bad[] = {
    "",
    "Main",
    "main ",
    "master",
    "seed",
    "seed-",
    "seed--1",
    "seed-+1",
    "seed- 1",
    "seed-01",
    "seed-00",
    "seed-1x",
    "seed-0x10",
    "seed-1e3",
    "seed-18446744073709551616",
    "seed-99999999999999999999999",
    "seed=42",
    "torch-seed-",
    "torch-seed--",
    "torch-seed--0",
    "torch-seed--9223372036854775809",
    "torch-seed-01",
    "numpy-seed--1",
    "jax-seed-9223372036854775808",
    "sow1-seed--1",
    "sow2-seed-1",
    "-seed-1",
    "torch-seed-1-seed-2",
    "torch/linux-x86_64-avx2@2.13-seed-1",
    "SEED-42",
    "42",
    "refs/pr/1",
    "refs/heads/",
    "refs/heads/seed-1",
    "0123456789abcdef0123456789abcdef0123456",
    HEX "8",
    "0123456789ABCDEF0123456789ABCDEF01234567",
    "0123456789abcdef0123456789abcdef0123456g",
};

START_TEST(anything_else_is_no_revision)
{
    struct revision revision = {.seed = 99};

    ck_assert_msg(!revision_read(bad[_i], &revision), "'%s' is read", bad[_i]);
    ck_assert_uint_eq(revision.seed, 99);
}
END_TEST

START_TEST(a_commit_is_40_digits_and_reads_back)
{
    struct revision revision;
    char hex[COMMIT_HEX];

    ck_assert(revision_read(HEX, &revision));
    ck_assert_int_eq(revision.kind, REVISION_COMMIT);
    ck_assert_uint_eq(revision.commit[0], 0x01);
    ck_assert_uint_eq(revision.commit[19], 0x67);
    ck_assert_uint_eq(revision.seed, commit_seed(revision.commit));
    commit_hex(revision.commit, hex);
    ck_assert_str_eq(hex, HEX);
}
END_TEST

static const uint64_t seeds[] = {
    0, 1, 42, 255, 256, UINT64_C(1) << 32, UINT64_C(1) << 63, UINT64_MAX};

START_TEST(a_commit_names_its_seed)
{
    uint8_t contents[SOW_DIGEST_BYTES];
    uint8_t commit[COMMIT_BYTES];

    sow_digest(&seeds[_i], sizeof seeds[_i], contents);
    commit_make(contents, sow_generator_at(0), seeds[_i], commit);
    ck_assert_uint_eq(commit_seed(commit), seeds[_i]);
    ck_assert_mem_eq(commit, contents, 12);
}
END_TEST

/* Each names itself, and those of sow1 none. */
START_TEST(a_commit_names_its_generator)
{
    const struct sow_generator *generator;
    uint8_t contents[SOW_DIGEST_BYTES];
    uint8_t commit[COMMIT_BYTES];

    for (size_t i = 0; (generator = sow_generator_at(i)); i++) {
        sow_digest(&i, sizeof i, contents);
        commit_make(contents, generator, i, commit);
        ck_assert_ptr_eq(commit_generator(commit), i > 0 ? generator : NULL);
        ck_assert_uint_eq(commit_seed(commit), i);
    }
}
END_TEST

static const struct {
    const char *text, *generator;
    uint64_t seed;
} drawn[] = {
    {"torch-seed-42", "torch", 42},
    {"torch-seed--1", "torch", UINT64_MAX},
    {"torch-seed--9223372036854775808", "torch", UINT64_C(1) << 63},
    {"torch-seed-18446744073709551615", "torch", UINT64_MAX},
    {"numpy-seed-7", "numpy", 7},
    {"jax-seed--1", "jax", UINT64_MAX},
    {"flax-seed-0", "flax", 0},
    {"sow1-seed-5", "sow1", 5},
};

START_TEST(a_revision_names_a_generator)
{
    struct revision revision;

    ck_assert_msg(revision_read(drawn[_i].text, &revision), "%s is refused",
                  drawn[_i].text);
    ck_assert_int_eq(revision.kind, REVISION_SEED);
    ck_assert_ptr_eq(revision.generator,
                     sow_generator_find(drawn[_i].generator));
    ck_assert_uint_eq(revision.seed, drawn[_i].seed);
}
END_TEST

/* Computed with hashlib, from the text of the header. */
START_TEST(a_commit_is_what_its_description_says)
{
    uint8_t contents[SOW_DIGEST_BYTES];
    uint8_t commit[COMMIT_BYTES];
    char hex[COMMIT_HEX];

    sow_digest("abc", 3, contents);
    commit_make(contents, sow_generator_at(0), 42, commit);
    commit_hex(commit, hex);
    ck_assert_str_eq(hex, "bddd813c634239723171ef3f03e925dc8e6c10c7");
    commit_make(contents, sow_generator_find("torch"), 42, commit);
    commit_hex(commit, hex);
    ck_assert_str_eq(hex, "bddd813c63423972c45cc687620fc1ce89f93c8c");
}
END_TEST

/* Seeds one apart must not look alike: half of the mask's bits differ. */
START_TEST(commits_of_neighbouring_seeds_have_nothing_in_common)
{
    uint8_t contents[SOW_DIGEST_BYTES];
    uint8_t one[COMMIT_BYTES], other[COMMIT_BYTES];
    int equal = 0;

    sow_digest("1", 1, contents);
    commit_make(contents, sow_generator_at(0), 1, one);
    sow_digest("2", 1, contents);
    commit_make(contents, sow_generator_at(0), 2, other);
    for (int i = 0; i < COMMIT_BYTES; i++)
        equal += one[i] == other[i];
    ck_assert_int_lt(equal, 4);
}
END_TEST

Suite *hub_revision_suite(void)
{
    Suite *suite = suite_create("hub_revision");
    TCase *tcase = tcase_create("revision");

    tcase_add_loop_test(tcase, main_and_seeds_are_read, 0, COUNT(good));
    tcase_add_loop_test(tcase, anything_else_is_no_revision, 0, COUNT(bad));
    tcase_add_test(tcase, a_commit_is_40_digits_and_reads_back);
    tcase_add_loop_test(tcase, a_commit_names_its_seed, 0, COUNT(seeds));
    tcase_add_test(tcase, a_commit_names_its_generator);
    tcase_add_loop_test(tcase, a_revision_names_a_generator, 0, COUNT(drawn));
    tcase_add_test(tcase, a_commit_is_what_its_description_says);
    tcase_add_test(tcase, commits_of_neighbouring_seeds_have_nothing_in_common);
    suite_add_tcase(suite, tcase);
    return suite;
}
