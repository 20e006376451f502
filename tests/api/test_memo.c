/* SPDX-License-Identifier: MIT */
/* Tests of the digest memo. */
#include "memo.h"

#include <check.h>
#include <string.h>

Suite *memo_suite(void);

/* A key, or digest, that stands for 'number': its bytes hashed. */
static const uint8_t *key(uint32_t number)
{
    static uint8_t keys[4][SOW_DIGEST_BYTES];
    static unsigned next;
    uint8_t *out = keys[next++ % 4];

    sow_digest(&number, sizeof number, out);
    return out;
}

START_TEST(what_was_put_is_got)
{
    struct memo *memo = memo_new();
    uint8_t digest[SOW_DIGEST_BYTES];

    for (uint32_t i = 0; i < 1000; i++)
        memo_put(memo, key(i), key(i + 1));
    for (uint32_t i = 0; i < 1000; i++) {
        ck_assert_msg(memo_get(memo, key(i), digest), "%u is forgotten", i);
        ck_assert_mem_eq(digest, key(i + 1), SOW_DIGEST_BYTES);
    }
    memo_free(memo);
}
END_TEST

START_TEST(nothing_is_got_that_was_not_put)
{
    struct memo *memo = memo_new();
    uint8_t digest[SOW_DIGEST_BYTES] = {1, 2, 3};

    ck_assert(memo_is_empty(memo));
    ck_assert(!memo_get(memo, key(1), digest));
    memo_put(memo, key(1), key(2));
    ck_assert(!memo_is_empty(memo));
    ck_assert(!memo_get(memo, key(2), digest));
    ck_assert_int_eq(digest[1], 2);
    memo_free(memo);
}
END_TEST

START_TEST(a_second_put_replaces)
{
    struct memo *memo = memo_new();
    uint8_t digest[SOW_DIGEST_BYTES];

    memo_put(memo, key(1), key(2));
    memo_put(memo, key(1), key(3));
    ck_assert(memo_get(memo, key(1), digest));
    ck_assert_mem_eq(digest, key(3), SOW_DIGEST_BYTES);
    memo_free(memo);
}
END_TEST

/* Keys that differ in their last bytes only share a set. */
static void crowd(uint8_t out[SOW_DIGEST_BYTES], uint8_t number)
{
    memset(out, 7, SOW_DIGEST_BYTES);
    out[SOW_DIGEST_BYTES - 1] = number;
}

START_TEST(a_full_set_forgets_what_was_used_least_recently)
{
    struct memo *memo = memo_new();
    uint8_t name[SOW_DIGEST_BYTES];
    uint8_t digest[SOW_DIGEST_BYTES];

    for (uint8_t i = 0; i < 8; i++) {
        crowd(name, i);
        memo_put(memo, name, name);
    }
    crowd(name, 0);
    ck_assert(memo_get(memo, name, digest));
    crowd(name, 8);
    memo_put(memo, name, name);
    for (uint8_t i = 0; i < 9; i++) {
        crowd(name, i);
        ck_assert_msg(memo_get(memo, name, digest) == (i != 1),
                      "entry %u of a full set", i);
    }
    memo_free(memo);
}
END_TEST

START_TEST(memory_is_bounded_and_mostly_used)
{
    struct memo *memo = memo_new();
    uint8_t digest[SOW_DIGEST_BYTES];
    uint32_t kept = 0;

    for (uint32_t i = 0; i < 2 * MEMO_ENTRIES; i++)
        memo_put(memo, key(i), key(i));
    for (uint32_t i = 0; i < 2 * MEMO_ENTRIES; i++)
        kept += memo_get(memo, key(i), digest);
    ck_assert_uint_le(kept, MEMO_ENTRIES);
    ck_assert_uint_ge(kept, MEMO_ENTRIES / 10 * 9);
    memo_free(memo);
}
END_TEST

Suite *memo_suite(void)
{
    Suite *suite = suite_create("memo");
    TCase *tcase = tcase_create("memo");

    tcase_add_test(tcase, what_was_put_is_got);
    tcase_add_test(tcase, nothing_is_got_that_was_not_put);
    tcase_add_test(tcase, a_second_put_replaces);
    tcase_add_test(tcase, a_full_set_forgets_what_was_used_least_recently);
    tcase_add_test(tcase, memory_is_bounded_and_mostly_used);
    suite_add_tcase(suite, tcase);
    return suite;
}
