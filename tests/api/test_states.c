/* SPDX-License-Identifier: MIT */
/* Tests of the memory of states. */
#include "states.h"

#include <check.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>

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

/* ------------------------------------------------------------------------
 * Somebody in the middle of a copy, who doesn't get on meanwhile
 */

#define PAGE 4096

/*
 * Bytes that nobody can touch before 'meanwhile' is over, in which nothing can
 * be asserted: what it has 'seen' is looked at later.
 */
static uint64_t *page;
static void (*meanwhile)(void);
static uint64_t seen[8];
static int seen_count;

static void see(const uint8_t *key, uint64_t at)
{
    uint64_t bytes[SIZE / 8 + 1] = {FAR, FAR};

    memory->find(memory->self, key, at, bytes, SIZE);
    seen[seen_count++] = bytes[0];
}

/* All that was there before goes, where nobody is at it. */
static void fill(void)
{
    for (uint64_t i = 0; i < STATES; i++)
        keep(other, 1000 + i, FAR);
    see(other, 1000 + STATES);
}

static void on_touch(int number)
{
    (void)number;
    meanwhile();
    mprotect(page, PAGE, PROT_READ | PROT_WRITE);
}

static void close_page(void (*then)(void))
{
    struct sigaction action = {.sa_handler = on_touch};

    page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
                -1, 0);
    ck_assert_ptr_ne(page, MAP_FAILED);
    page[0] = 30;
    page[1] = one[0];
    meanwhile = then;
    ck_assert_int_eq(sigaction(SIGSEGV, &action, NULL), 0);
    ck_assert_int_eq(mprotect(page, PAGE, PROT_NONE), 0);
}

static void open_page(void)
{
    signal(SIGSEGV, SIG_DFL);
    munmap(page, PAGE);
}

static void assert_seen(const uint64_t *wanted, int count)
{
    ck_assert_int_eq(seen_count, count);
    for (int i = 0; i < count; i++)
        ck_assert_msg(seen[i] == wanted[i], "the search %d finds %d", i,
                      (int)seen[i]);
}

static void read_and_move(void)
{
    see(one, 20);
    keep(one, 20, 10);
    see(one, 25);
    see(one, 15);
    fill();
}

START_TEST(a_state_that_somebody_copies_stays_and_holds_up_nobody)
{
    static const uint64_t wanted[] = {10, 20, 10, 1000 + STATES - 1};

    keep(one, 10, FAR);
    close_page(read_and_move);
    ck_assert_uint_eq(memory->find(memory->self, one, 15, page, SIZE), 10);
    ck_assert_uint_eq(page[0], 10);
    open_page();
    assert_seen(wanted, 4);
    ck_assert_uint_eq(find(one, 25), 10);
    fill();
    ck_assert_uint_eq(find(one, 25), FAR);
}
END_TEST

static void go_without(void)
{
    see(one, 40);
    keep(one, 40, 7);
    see(one, 50);
    keep(one, 30, 10);
    see(one, 39);
    fill();
    see(one, 50);
}

START_TEST(a_state_that_somebody_writes_is_missed_and_holds_up_nobody)
{
    static const uint64_t wanted[] = {7, 40, 30, 1000 + STATES - 1, FAR};

    keep(one, 7, FAR);
    keep(one, 10, FAR);
    close_page(go_without);
    memory->keep(memory->self, one, 30, 10, page, SIZE);
    open_page();
    assert_seen(wanted, 5);
    ck_assert_uint_eq(find(one, 50), 30);
    fill();
    ck_assert_uint_eq(find(one, 50), FAR);
}
END_TEST

Suite *states_suite(void)
{
    Suite *suite = suite_create("states");
    TCase *cases = tcase_create("states");

    tcase_set_timeout(cases, 60);
    tcase_add_checked_fixture(cases, start, stop);
    tcase_add_test(cases, nearest_state_before_is_found);
    tcase_add_test(cases, states_of_others_are_not_found);
    tcase_add_test(cases, a_reader_moves_its_state_along);
    tcase_add_test(cases, a_state_on_the_grid_stays);
    tcase_add_test(cases, a_state_that_is_there_is_kept_once);
    tcase_add_test(cases, the_least_recently_used_goes);
    tcase_add_test(cases, what_is_too_large_is_not_kept);
    tcase_add_test(cases, threads_share_it);
    tcase_add_test(cases,
                   a_state_that_somebody_copies_stays_and_holds_up_nobody);
    tcase_add_test(cases,
                   a_state_that_somebody_writes_is_missed_and_holds_up_nobody);
    suite_add_tcase(suite, cases);
    return suite;
}
