/* SPDX-License-Identifier: MIT */
/* Digests on a disk: kept, torn, shared, compacted. */
#include "ledgers.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

START_TEST(what_was_added_is_read_by_the_next_process)
{
    struct ledger *ledger = must_open();
    expect("a new file", 0, NULL);
    add(ledger, 7);
    add(ledger, 5);
    add(ledger, 7);
    ledger_close(ledger);
    expect("three", 3, (uint32_t[]){7, 5, 7});
}
END_TEST

START_TEST(the_file_is_as_its_header_says)
{
    uint8_t expected[RECORD], bytes[RECORD + 1];
    struct ledger *ledger = must_open();
    add(ledger, 3);
    ledger_close(ledger);
    make_record(3, 4, expected);
    FILE *file = fopen(ledgers_path, "r");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fread(bytes, 1, sizeof bytes, file), RECORD);
    fclose(file);
    ck_assert_mem_eq(bytes, expected, RECORD);
}
END_TEST

START_TEST(a_torn_record_is_passed_over)
{
    uint8_t torn[RECORD];
    make_record(2, 3, torn);
    for (size_t size = 1; size < RECORD; size++) {
        char what[32];
        snprintf(what, sizeof what, "cut at %zu", size);
        unlink(ledgers_path);
        put_records(1, 2);
        put_bytes(torn, size);
        expect(what, 1, (uint32_t[]){1});
        put_records(3, 5);
        expect(what, 3, (uint32_t[]){1, 3, 4});
    }
}
END_TEST

START_TEST(a_changed_byte_costs_its_record_alone)
{
    uint8_t changed[RECORD];
    for (size_t i = 0; i < RECORD; i++) {
        char what[32];
        snprintf(what, sizeof what, "byte %zu", i);
        make_record(2, 3, changed);
        changed[i] ^= 1;
        unlink(ledgers_path);
        put_records(1, 2);
        put_bytes(changed, RECORD);
        put_records(3, 4);
        expect(what, 2, (uint32_t[]){1, 3});
    }
}
END_TEST

START_TEST(garbage_gives_nothing)
{
    char bytes[16384];
    uint32_t state = 1;
    for (size_t i = 0; i < sizeof bytes; i++) {
        state = state * 1664525 + 1013904223;
        bytes[i] = (char)(state >> 24);
    }
    put_bytes(bytes, sizeof bytes);
    for (size_t i = 0; i + 8 < sizeof bytes; i += 8)
        memcpy(bytes + i, "sowdig1\n", 8);
    put_bytes(bytes, sizeof bytes);
    expect("garbage", 0, NULL);
    put_records(9, 10);
    expect("garbage and a record", 1, (uint32_t[]){9});
}
END_TEST

START_TEST(of_a_long_file_the_end_is_read)
{
    put_bytes("not a record", 12);
    put_records(0, MOST + 5);
    struct seen seen = read_all();
    ck_assert_uint_eq(seen.count, MOST);
    ck_assert_uint_eq(seen.numbers[0], 5);
    ck_assert_uint_eq(seen.numbers[MOST - 1], MOST + 4);
    free(seen.numbers);
}
END_TEST

/* ---- sharing and compacting --------------------------------------------- */

#define WRITERS 4
#define EACH 1000

static void *write_many(void *argument)
{
    const uint32_t *writer = argument;
    struct ledger *ledger = must_open();
    for (uint32_t i = 0; i < EACH; i++)
        add(ledger, *writer * EACH + i);
    ledger_close(ledger);
    return NULL;
}

START_TEST(several_writers_lose_nothing)
{
    static bool there[WRITERS * EACH];
    pthread_t threads[WRITERS];
    uint32_t writers[WRITERS];
    for (uint32_t i = 0; i < WRITERS; i++) {
        writers[i] = i;
        pthread_create(&threads[i], NULL, write_many, &writers[i]);
    }
    for (uint32_t i = 0; i < WRITERS; i++)
        pthread_join(threads[i], NULL);
    struct seen seen = read_all();
    ck_assert_uint_eq(seen.count, WRITERS * EACH);
    for (size_t i = 0; i < seen.count; i++) {
        ck_assert_uint_lt(seen.numbers[i], WRITERS * EACH);
        ck_assert_msg(!there[seen.numbers[i]], "%u comes twice",
                      seen.numbers[i]);
        there[seen.numbers[i]] = true;
    }
    free(seen.numbers);
}
END_TEST

static struct ledger *shared;

static void *write_shared(void *argument)
{
    const uint32_t *writer = argument;
    for (uint32_t i = 0; i < EACH; i++)
        add(shared, *writer * EACH + i);
    return NULL;
}

START_TEST(one_ledger_is_for_all_threads)
{
    pthread_t threads[2];
    uint32_t writers[2] = {0, 1};
    shared = must_open();
    for (size_t i = 0; i < 2; i++)
        pthread_create(&threads[i], NULL, write_shared, &writers[i]);
    for (size_t i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    ledger_close(shared);
    struct seen seen = read_all();
    ck_assert_uint_eq(seen.count, 2 * EACH);
    free(seen.numbers);
}
END_TEST

START_TEST(a_file_that_has_grown_long_is_compacted)
{
    put_records(0, MOST);
    struct ledger *other = must_open();
    struct ledger *ledger = must_open();
    add(ledger, MOST);
    ck_assert_int_eq(file_records(), LEDGER_KEPT);
    add(ledger, MOST + 1);
    /* The other one had the old file open. */
    add(other, MOST + 2);
    ck_assert_int_eq(file_records(), LEDGER_KEPT + 2);
    ledger_close(ledger);
    ledger_close(other);
    struct seen seen = read_all();
    ck_assert_uint_eq(seen.count, LEDGER_KEPT + 2);
    for (uint32_t i = 0; i < seen.count; i++)
        ck_assert_uint_eq(seen.numbers[i], MOST + 1 - LEDGER_KEPT + i);
    free(seen.numbers);
}
END_TEST

START_TEST(compacting_leaves_each_key_once_where_it_came_last)
{
    for (int i = 0; i < MOST / 1024; i++)
        put_records(1, 1025);
    put_bytes("torn", 4);
    struct ledger *ledger = must_open();
    add(ledger, 7);
    ledger_close(ledger);
    struct seen seen = read_all();
    ck_assert_uint_eq(seen.count, 1024);
    for (uint32_t i = 0; i < 1023; i++)
        ck_assert_uint_eq(seen.numbers[i], i < 6 ? i + 1 : i + 2);
    ck_assert_uint_eq(seen.numbers[1023], 7);
    free(seen.numbers);
}
END_TEST

START_TEST(a_file_that_was_removed_is_made_again)
{
    struct ledger *ledger = must_open();
    add(ledger, 1);
    unlink(ledgers_path);
    add(ledger, 2);
    ledger_close(ledger);
    expect("after the removal", 1, (uint32_t[]){2});
}
END_TEST

Suite *ledger_suite(void);
Suite *ledger_suite(void)
{
    Suite *suite = suite_create("server/ledger");
    TCase *tests = tcase_create("ledger");
    tcase_set_timeout(tests, 120);
    tcase_add_checked_fixture(tests, ledgers_setup, ledgers_teardown);
    tcase_add_test(tests, what_was_added_is_read_by_the_next_process);
    tcase_add_test(tests, the_file_is_as_its_header_says);
    tcase_add_test(tests, a_torn_record_is_passed_over);
    tcase_add_test(tests, a_changed_byte_costs_its_record_alone);
    tcase_add_test(tests, garbage_gives_nothing);
    tcase_add_test(tests, of_a_long_file_the_end_is_read);
    tcase_add_test(tests, several_writers_lose_nothing);
    tcase_add_test(tests, one_ledger_is_for_all_threads);
    tcase_add_test(tests, a_file_that_has_grown_long_is_compacted);
    tcase_add_test(tests, compacting_leaves_each_key_once_where_it_came_last);
    tcase_add_test(tests, a_file_that_was_removed_is_made_again);
    suite_add_tcase(suite, tests);
    return suite;
}
