/* SPDX-License-Identifier: MIT */
/* Seats: who gets one, who loses it, and when it is over. */
#include "crew.h"

#include <check.h>
#include <pthread.h>
#include <unistd.h>

Suite *crew_suite(void);

#define SIZE (4 << 20)

/* Longer than a reader may stay away. */
#define LONG 60000

static uint8_t bytes[SIZE];
static struct sow_segment segment = {.size = SIZE, .bytes = bytes};
static atomic_int overs;

static void over(void *self)
{
    (void)self;
    atomic_fetch_add(&overs, 1);
}

static void spent(void *self, uint64_t nanoseconds)
{
    (void)self;
    (void)nanoseconds;
}

/* Readers, by something of theirs. */
static const uint64_t anna, berta, carla;

static struct crew *crew_of(size_t helpers)
{
    static struct crew crew;

    for (size_t i = 0; i < SIZE; i++)
        bytes[i] = (uint8_t)(i >> 9);
    atomic_store(&overs, 0);
    crew_init(&crew, helpers);
    return &crew;
}

static struct seat *sit(struct crew *crew, const void *reader)
{
    const struct crew_job job = {
        .body = {.segments = &segment, .count = 1, .size = SIZE},
        .size = SIZE,
        .over = over,
        .spent = spent};

    return crew_sit(crew, &job, reader);
}

static bool read_at(struct crew *crew, struct seat *seat, const void *reader,
                    uint64_t pos)
{
    uint8_t byte;

    if (!crew_resume(seat, reader))
        return false;
    ck_assert_uint_eq(ahead_read(&seat->ahead, pos, &byte, 1), 1);
    ck_assert_uint_eq(byte, bytes[pos]);
    crew_pause(crew, seat, reader);
    return true;
}

START_TEST(without_helpers_nobody_sits)
{
    struct crew *crew = crew_of(0);

    ck_assert_ptr_null(sit(crew, &anna));
    ck_assert(!crew_turn(crew));
    ck_assert_int_eq(atomic_load(&overs), 0);
    crew_release(crew);
}
END_TEST

/* Those who read keep their seats, however long it takes. */
START_TEST(seats_are_few_and_given_again)
{
    struct crew *crew = crew_of(1000);
    struct seat *seats[CREW_SEATS];

    for (int i = 0; i < CREW_SEATS; i++) {
        ck_assert_ptr_nonnull(seats[i] = sit(crew, &seats[i]));
        ck_assert(crew_resume(seats[i], &seats[i]));
    }
    usleep(LONG);
    ck_assert_ptr_null(sit(crew, &anna));
    crew_pause(crew, seats[3], &seats[3]);
    crew_leave(seats[3], &seats[3]);
    ck_assert_int_eq(atomic_load(&overs), 1);
    ck_assert_ptr_eq(sit(crew, &anna), seats[3]);
    crew_leave(seats[3], &anna);
    for (int i = 0; i < CREW_SEATS; i++)
        if (i != 3) {
            crew_pause(crew, seats[i], &seats[i]);
            crew_leave(seats[i], &seats[i]);
        }
    ck_assert_int_eq(atomic_load(&overs), 1 + CREW_SEATS);
    crew_release(crew);
}
END_TEST

START_TEST(a_turn_is_a_block_for_whoever_wants_one)
{
    struct crew *crew = crew_of(2);
    struct seat *seat = sit(crew, &anna);
    int turns = 0;

    while (crew_turn(crew))
        turns++;
    ck_assert_int_gt(turns, 3);
    ck_assert(read_at(crew, seat, &anna, SIZE / 2));
    ck_assert(crew_turn(crew));
    crew_leave(seat, &anna);
    ck_assert(!crew_turn(crew));
    crew_release(crew);
}
END_TEST

START_TEST(a_reader_that_stays_away_loses_its_seat_to_the_next)
{
    struct crew *crew = crew_of(1);
    struct seat *first = sit(crew, &anna);

    ck_assert(read_at(crew, first, &anna, 1000));
    usleep(LONG);
    ck_assert(read_at(crew, first, &anna, 2000));
    usleep(LONG);
    struct seat *second = sit(crew, &berta);
    ck_assert_ptr_nonnull(second);
    ck_assert_int_eq(atomic_load(&overs), 1);
    ck_assert(!read_at(crew, first, &anna, 3000));
    ck_assert(read_at(crew, second, &berta, 0));
    crew_leave(first, &anna);
    ck_assert_int_eq(atomic_load(&overs), 1);
    crew_leave(second, &berta);
    ck_assert_int_eq(atomic_load(&overs), 2);
    crew_release(crew);
}
END_TEST

/* ------------------------------------------------------------------------
 * Threads
 */

static void *work(void *crew)
{
    crew_work(crew);
    return NULL;
}

/* A reader that sits, reads some, is slow now and then, and leaves. */
static void *come_and_go(void *argument)
{
    struct crew *crew = argument;
    uint64_t me = 0;

    for (int i = 0; i < 100; i++) {
        struct seat *seat = sit(crew, &me);
        if (!seat)
            continue;
        me++;
        for (uint64_t pos = 0; pos < SIZE; pos += SIZE / 16 + 1)
            if (!read_at(crew, seat, &me, pos))
                break;
        if (i % 50 == 0)
            usleep(LONG);
        crew_leave(seat, &me);
    }
    return (void *)(uintptr_t)me;
}

START_TEST(each_seat_is_over_once_whoever_leaves_last)
{
    struct crew *crew = crew_of(2);
    pthread_t helpers[3], readers[3];
    uintptr_t sat = 0;
    void *result;

    for (int i = 0; i < 3; i++) {
        ck_assert(!pthread_create(&helpers[i], NULL, work, crew));
        ck_assert(!pthread_create(&readers[i], NULL, come_and_go, crew));
    }
    for (int i = 0; i < 3; i++) {
        pthread_join(readers[i], &result);
        sat += (uintptr_t)result;
    }
    crew_stop(crew);
    for (int i = 0; i < 3; i++)
        pthread_join(helpers[i], NULL);
    ck_assert_uint_gt(sat, 0);
    ck_assert_int_eq(atomic_load(&overs), (int)sat);
    crew_release(crew);
}
END_TEST

START_TEST(helpers_that_sleep_stop_and_so_do_those_that_come_late)
{
    for (int i = 0; i < 20; i++) {
        struct crew *crew = crew_of(2);
        pthread_t helper;
        ck_assert(!pthread_create(&helper, NULL, work, crew));
        usleep(i % 2 == 0 ? 0 : 2000);
        crew_stop(crew);
        pthread_join(helper, NULL);
        crew_release(crew);
    }
}
END_TEST

START_TEST(a_helper_that_sleeps_is_woken_for_a_reader)
{
    struct crew *crew = crew_of(1);
    pthread_t helper;

    ck_assert(!pthread_create(&helper, NULL, work, crew));
    usleep(20000);
    struct seat *seat = sit(crew, &carla);
    for (int i = 0; i < 1000 && ahead_wants(&seat->ahead); i++)
        usleep(10000);
    ck_assert_msg(!ahead_wants(&seat->ahead), "nobody has helped");
    crew_leave(seat, &carla);
    crew_stop(crew);
    pthread_join(helper, NULL);
    crew_release(crew);
}
END_TEST

Suite *crew_suite(void)
{
    Suite *suite = suite_create("crew");
    TCase *tcase = tcase_create("crew");

    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, without_helpers_nobody_sits);
    tcase_add_test(tcase, seats_are_few_and_given_again);
    tcase_add_test(tcase, a_turn_is_a_block_for_whoever_wants_one);
    tcase_add_test(tcase, a_reader_that_stays_away_loses_its_seat_to_the_next);
    tcase_add_test(tcase, each_seat_is_over_once_whoever_leaves_last);
    tcase_add_test(tcase,
                   helpers_that_sleep_stop_and_so_do_those_that_come_late);
    tcase_add_test(tcase, a_helper_that_sleeps_is_woken_for_a_reader);
    suite_add_tcase(suite, tcase);
    return suite;
}
