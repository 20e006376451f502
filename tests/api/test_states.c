/* SPDX-License-Identifier: MIT */
/* Tests of the memory of states. */
#include "states.h"

#include <check.h>
#include <pthread.h>
#include <string.h>

Suite *states_suite(void);

#define SIZE 100
#define FAR UINT64_MAX

static struct states *states;
static const struct sow_memory *memory;

static const uint8_t one[SOW_DIGEST_BYTES] = {1};
static const uint8_t other[SOW_DIGEST_BYTES] = {[SOW_DIGEST_BYTES - 1] = 1};

static void start(void)
{
    states = states_new();
    ck_assert_ptr_nonnull(states);
    memory = states_memory(states);
}

static void stop(void)
{
    states_free(states);
}

/* Keep a state whose bytes tell where it is. */
static void keep(const uint8_t *key, uint64_t at, uint64_t from)
{
    uint64_t bytes[SIZE / 8 + 1] = {at, (uint64_t)key[0]};

    memory->keep(memory->self, key, at, from, bytes, SIZE);
}

/* Find the nearest, whose bytes must be its own. */
static uint64_t find(const uint8_t *key, uint64_t at)
{
    uint64_t bytes[SIZE / 8 + 1] = {FAR, FAR};
    const uint64_t found = memory->find(memory->self, key, at, bytes, SIZE);

    ck_assert_uint_eq(bytes[0], found);
    ck_assert_uint_eq(bytes[1], found == FAR ? FAR : key[0]);
    return found;
}

START_TEST(nearest_state_before_is_found)
{
    ck_assert_uint_eq(find(one, FAR), FAR);
    keep(one, 10, FAR);
    keep(one, 30, FAR);
    ck_assert_uint_eq(find(one, 9), FAR);
    ck_assert_uint_eq(find(one, 10), 10);
    ck_assert_uint_eq(find(one, 29), 10);
    ck_assert_uint_eq(find(one, FAR - 1), 30);
}
END_TEST

/* Keys differ by any byte, and states of another size are others. */
START_TEST(states_of_others_are_not_found)
{
    uint8_t bytes[8];

    keep(one, 10, FAR);
    ck_assert_uint_eq(find(other, 20), FAR);
    ck_assert_uint_eq(memory->find(memory->self, one, 20, bytes, 8), FAR);
    keep(other, 15, FAR);
    ck_assert_uint_eq(find(one, 20), 10);
    ck_assert_uint_eq(find(other, 20), 15);
}
END_TEST

/* A thousand steps of a reader take one place. */
START_TEST(a_reader_moves_its_state_along)
{
    keep(one, 1, FAR);
    for (uint64_t at = 2; at < 5000; at++)
        keep(one, at, at - 1);
    ck_assert_uint_eq(states_count(states), 1);
    ck_assert_uint_eq(find(one, 4000), FAR);
    ck_assert_uint_eq(find(one, 6000), 4999);
}
END_TEST

START_TEST(a_state_on_the_grid_stays)
{
    keep(one, SOW_MEMORY_GRID, FAR);
    keep(one, SOW_MEMORY_GRID + 5, SOW_MEMORY_GRID);
    keep(one, SOW_MEMORY_GRID + 9, SOW_MEMORY_GRID + 5);
    ck_assert_uint_eq(states_count(states), 2);
    ck_assert_uint_eq(find(one, SOW_MEMORY_GRID + 8), SOW_MEMORY_GRID);
    ck_assert_uint_eq(find(one, SOW_MEMORY_GRID + 9), SOW_MEMORY_GRID + 9);
}
END_TEST

START_TEST(a_state_that_is_there_is_kept_once)
{
    keep(one, 7, FAR);
    keep(one, 7, FAR);
    keep(one, 3, FAR);
    keep(one, 7, 3);
    ck_assert_uint_eq(states_count(states), 2);
}
END_TEST

/* The room is bounded; what was used last stays. */
START_TEST(the_least_recently_used_goes)
{
    keep(one, 1, FAR);
    for (uint64_t i = 0; i < 3 * STATES; i++) {
        keep(other, 1000 + i, FAR);
        ck_assert_uint_eq(find(one, 2), 1);
    }
    ck_assert_uint_eq(states_count(states), STATES);
    ck_assert_uint_eq(find(other, 1000 + 3 * STATES), 1000 + 3 * STATES - 1);
    ck_assert_uint_eq(find(other, 1000), FAR);
}
END_TEST

START_TEST(what_is_too_large_is_not_kept)
{
    static const uint8_t bytes[SOW_MEMORY_BYTES + 1] = {0};

    memory->keep(memory->self, one, 1, FAR, bytes, sizeof bytes);
    ck_assert_uint_eq(states_count(states), 0);
    memory->keep(memory->self, one, 1, FAR, bytes, SOW_MEMORY_BYTES);
    ck_assert_uint_eq(states_count(states), 1);
}
END_TEST

/* Readers side by side: each finds bytes that belong to what it finds. */
static void *read_on(void *argument)
{
    const uint8_t *key = argument;

    for (uint64_t at = 1; at < 3000; at++) {
        const uint64_t from = find(key, at);
        keep(key, at, from);
    }
    return NULL;
}

START_TEST(threads_share_it)
{
    pthread_t threads[4];

    for (size_t i = 0; i < 4; i++)
        ck_assert_int_eq(
            pthread_create(&threads[i], NULL, read_on,
                           (void *)(uintptr_t)(i % 2 ? one : other)),
            0);
    for (size_t i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    ck_assert_uint_eq(find(one, FAR - 1), 2999);
    ck_assert_uint_eq(find(other, FAR - 1), 2999);
}
END_TEST

Suite *states_suite(void)
{
    Suite *suite = suite_create("states");
    TCase *cases = tcase_create("states");

    tcase_add_checked_fixture(cases, start, stop);
    tcase_add_test(cases, nearest_state_before_is_found);
    tcase_add_test(cases, states_of_others_are_not_found);
    tcase_add_test(cases, a_reader_moves_its_state_along);
    tcase_add_test(cases, a_state_on_the_grid_stays);
    tcase_add_test(cases, a_state_that_is_there_is_kept_once);
    tcase_add_test(cases, the_least_recently_used_goes);
    tcase_add_test(cases, what_is_too_large_is_not_kept);
    tcase_add_test(cases, threads_share_it);
    suite_add_tcase(suite, cases);
    return suite;
}
