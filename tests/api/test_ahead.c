/* SPDX-License-Identifier: MIT */
/* Blocks ahead of their reader: every order of things, and many at a time. */
#include "ahead.h"

#include <check.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>

Suite *ahead_suite(void);

#define BLOCK 64
#define COUNT 8
#define MOST 40000

/* A helper is asked for blocks until the ring is full: what it left out. */
#define NEAREST (COUNT / 8)

/*
 * Bytes that tell their position.  'made' counts how often each was made, and
 * from 'broken' on they can't be; 0 for never.  In the middle of a block, once,
 * 'meanwhile' is called.
 */
struct bytes {
    struct ahead ahead;
    uint64_t broken;
    void (*meanwhile)(struct bytes *bytes);
    atomic_uchar made[MOST];
};

static uint8_t byte_at(uint64_t pos)
{
    return (uint8_t)(pos * 2654435761u >> 13);
}

static bool make(void *self, uint64_t pos, void *buf, size_t n)
{
    struct bytes *bytes = self;
    void (*meanwhile)(struct bytes *) = bytes->meanwhile;
    uint8_t *out = buf;

    if (bytes->broken && pos + n > bytes->broken)
        return false;
    for (size_t i = 0; i < n; i++) {
        out[i] = byte_at(pos + i);
        atomic_fetch_add(&bytes->made[pos + i], 1);
        if (meanwhile && i == n / 2) {
            bytes->meanwhile = NULL;
            meanwhile(bytes);
        }
    }
    return true;
}

/* The bytes of the test that runs. */
static struct bytes at_hand;

static struct bytes *begin(uint64_t size, uint64_t pos)
{
    struct bytes *bytes = &at_hand;
    const struct ahead_source source = {make, bytes, size};

    memset(bytes, 0, sizeof *bytes);
    ck_assert(ahead_init(&bytes->ahead, &source, BLOCK, COUNT, pos));
    return bytes;
}

static void assert_right(const uint8_t *got, uint64_t pos, size_t n)
{
    size_t i = 0;

    while (i < n && got[i] == byte_at(pos + i))
        i++;
    ck_assert_msg(i == n, "byte %d is not the right one", (int)(pos + i));
}

/* Read as much as comes, up to 'n' bytes; returns how many came. */
static size_t read_at(struct bytes *bytes, uint64_t pos, size_t n)
{
    uint8_t buf[1000];
    const size_t got = ahead_read(&bytes->ahead, pos, buf, n);

    ck_assert_uint_le(got, n);
    assert_right(buf, pos, got);
    return got;
}

/* The same where the bytes are. */
static size_t view_at(struct bytes *bytes, uint64_t pos, size_t n)
{
    uint8_t buf[1000];
    const void *there;
    const size_t got = ahead_view(&bytes->ahead, pos, buf, n, &there);

    assert_right(there, pos, got);
    return got;
}

static unsigned times_made(struct bytes *bytes, uint64_t pos)
{
    return atomic_load(&bytes->made[pos]);
}

/* Let a helper make all it can; returns how many blocks. */
static unsigned help_out(struct bytes *bytes)
{
    unsigned blocks = 0;

    while (ahead_help(&bytes->ahead))
        blocks++;
    return blocks;
}

/* ------------------------------------------------------------------------
 * One thread, in every order
 */

static const uint64_t sizes[] = {1,
                                 BLOCK - 1,
                                 BLOCK,
                                 BLOCK + 1,
                                 COUNT *BLOCK,
                                 COUNT *BLOCK + 1,
                                 10 * COUNT *BLOCK,
                                 10 * COUNT *BLOCK + 63};

/* Pieces that are read: less than a block, blocks, and more than the ring. */
static const size_t pieces[] = {1, 7, BLOCK, BLOCK + 1, 2 * BLOCK, 999};

static void read_all(uint64_t size, size_t piece, int helped,
                     size_t (*read)(struct bytes *, uint64_t, size_t))
{
    struct bytes *bytes = begin(size, 0);

    for (uint64_t at = 0; at < size;) {
        for (int i = 0; i < helped; i++)
            ahead_help(&bytes->ahead);
        const size_t got = read(bytes, at, piece);
        ck_assert_msg(got > 0, "of %d nothing came at %d", (int)size, (int)at);
        at += got;
    }
    uint64_t pos = 0;
    while (pos < size && times_made(bytes, pos) == 1)
        pos++;
    ck_assert_msg(pos == size, "byte %d was made %u times", (int)pos,
                  times_made(bytes, pos));
    ck_assert_msg(!ahead_help(&bytes->ahead), "there was more to do");
    ahead_release(&bytes->ahead);
}

/* None, and one that does as much, less or more than the reader. */
START_TEST(whatever_helpers_do_each_byte_is_made_once)
{
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++)
        for (int helped = 0; helped < 2 * COUNT; helped++) {
            read_all(sizes[_i], pieces[i], helped, read_at);
            read_all(sizes[_i], pieces[i], helped, view_at);
        }
}
END_TEST

START_TEST(helpers_stop_when_the_ring_is_full)
{
    struct bytes *bytes = begin(MOST, 0);

    ck_assert_uint_eq(help_out(bytes), COUNT - NEAREST);
    ck_assert(!ahead_wants(&bytes->ahead));
    ck_assert_uint_eq(times_made(bytes, COUNT * BLOCK - 1), 1);
    ck_assert_uint_eq(times_made(bytes, COUNT * BLOCK), 0);
    for (uint64_t pos = 0; pos < COUNT / 2 * BLOCK; pos += BLOCK)
        ck_assert_uint_eq(read_at(bytes, pos, BLOCK), BLOCK);
    ck_assert(ahead_wants(&bytes->ahead));
    ck_assert_uint_eq(help_out(bytes), COUNT / 2);
    ahead_release(&bytes->ahead);
}
END_TEST

START_TEST(
    a_read_takes_all_blocks_that_are_there_and_makes_no_more_than_it_gets)
{
    struct bytes *bytes = begin(MOST, 0);

    ck_assert_uint_eq(read_at(bytes, 0, BLOCK), BLOCK);
    help_out(bytes);
    ck_assert_uint_eq(read_at(bytes, BLOCK, 999), 999);
    ck_assert_uint_eq(times_made(bytes, BLOCK), 1);
    ahead_release(&bytes->ahead);
}
END_TEST

START_TEST(a_reader_may_begin_anywhere)
{
    struct bytes *bytes = begin(MOST, 100 * BLOCK + 3);

    ck_assert(ahead_help(&bytes->ahead));
    ck_assert_uint_eq(times_made(bytes, (100 + NEAREST) * BLOCK), 1);
    ck_assert_uint_eq(read_at(bytes, 100 * BLOCK + 3, 5), 5);
    ck_assert_uint_eq(times_made(bytes, 0), 0);
    ahead_release(&bytes->ahead);
}
END_TEST

/* Forth, back, far, and once more: what is ahead is right wherever it is. */
START_TEST(a_reader_may_jump)
{
    static const uint64_t jumps[] = {0, 3, 2, 400, 1, 7, 8, 9, 16, 15, 0, 624};
    struct bytes *bytes = begin(MOST, 0);

    for (size_t i = 0; i < sizeof jumps / sizeof jumps[0]; i++) {
        for (int helped = 0; helped < _i; helped++)
            ahead_help(&bytes->ahead);
        uint64_t pos = jumps[i] * BLOCK + i;
        ck_assert_uint_gt(read_at(bytes, pos, 3 * BLOCK), 0);
        ck_assert_uint_gt(view_at(bytes, pos, BLOCK), 0);
    }
    ahead_release(&bytes->ahead);
}
END_TEST

START_TEST(what_breaks_ahead_breaks_when_the_reader_is_there)
{
    const uint64_t broken = 4 * BLOCK;
    struct bytes *bytes = begin(MOST, 0);
    uint64_t pos = 0;

    bytes->broken = broken;
    for (int helped = 0; helped < _i; helped++)
        ahead_help(&bytes->ahead);
    while (pos < broken) {
        const size_t got = read_at(bytes, pos, BLOCK);
        ck_assert_msg(got == BLOCK, "it broke at %d already", (int)pos);
        pos += got;
    }
    ck_assert_uint_eq(read_at(bytes, pos, BLOCK), 0);
    ck_assert_uint_eq(view_at(bytes, pos, BLOCK), 0);
    ahead_release(&bytes->ahead);
}
END_TEST

START_TEST(what_breaks_in_the_middle_of_a_read_gives_what_came_before)
{
    struct bytes *bytes = begin(MOST, 0);

    bytes->broken = 2 * BLOCK;
    ck_assert_uint_eq(read_at(bytes, 0, 999), 2 * BLOCK);
    ck_assert_uint_eq(read_at(bytes, 2 * BLOCK, 999), 0);
    ahead_release(&bytes->ahead);
}
END_TEST

/* ------------------------------------------------------------------------
 * A helper in the middle of a block: what the reader does meanwhile
 */

/* Where the helper is: the first block that isn't too near to the reader. */
#define HELD (NEAREST * BLOCK)

static void read_past(struct bytes *bytes)
{
    for (uint64_t pos = 0; pos < 20 * BLOCK; pos += BLOCK)
        ck_assert_uint_eq(read_at(bytes, pos, BLOCK), BLOCK);
}

START_TEST(a_helper_that_is_left_behind_holds_up_nobody)
{
    struct bytes *bytes = begin(MOST, 0);

    bytes->meanwhile = read_past;
    ck_assert(ahead_help(&bytes->ahead));
    ck_assert_uint_eq(times_made(bytes, HELD + BLOCK - 1), 2);
    ck_assert_uint_eq(times_made(bytes, HELD + BLOCK), 1);
    ck_assert_uint_eq(help_out(bytes), COUNT - NEAREST);
    ck_assert_uint_gt(read_at(bytes, 20 * BLOCK, 999), 0);
    ahead_release(&bytes->ahead);
}
END_TEST

/* It has 999 bytes to make, of which the last block must do for its own. */
static void read_more(struct bytes *bytes)
{
    ck_assert_uint_eq(read_at(bytes, 0, BLOCK), BLOCK);
    ck_assert_uint_ge(read_at(bytes, HELD, 6 * BLOCK), BLOCK);
}

START_TEST(a_reader_makes_others_while_a_helper_is_at_its_block)
{
    struct bytes *bytes = begin(MOST, 0);
    unsigned more = 0;

    bytes->meanwhile = read_more;
    ck_assert(ahead_help(&bytes->ahead));
    for (uint64_t pos = HELD + BLOCK; pos < MOST; pos += BLOCK)
        more += times_made(bytes, pos);
    ck_assert_uint_eq(more, 5);
    ck_assert_uint_eq(times_made(bytes, HELD), 2);
    ahead_release(&bytes->ahead);
}
END_TEST

static void jump_away(struct bytes *bytes)
{
    ck_assert_uint_gt(read_at(bytes, 300 * BLOCK, BLOCK), 0);
}

START_TEST(a_block_that_nobody_wants_any_more_makes_room)
{
    struct bytes *bytes = begin(MOST, 0);

    bytes->meanwhile = jump_away;
    ck_assert(ahead_help(&bytes->ahead));
    ck_assert_uint_eq(help_out(bytes), COUNT - NEAREST);
    ahead_release(&bytes->ahead);
}
END_TEST

/* ------------------------------------------------------------------------
 * Many threads
 */

static atomic_bool over;

static void *keep_helping(void *bytes)
{
    while (!atomic_load(&over))
        if (!ahead_help(&((struct bytes *)bytes)->ahead))
            sched_yield();
    return NULL;
}

static void race(size_t (*read)(struct bytes *, uint64_t, size_t), size_t piece,
                 uint64_t stop)
{
    struct bytes *bytes = begin(MOST, 0);
    pthread_t helpers[3];

    atomic_store(&over, false);
    for (int i = 0; i < 3; i++)
        ck_assert(!pthread_create(&helpers[i], NULL, keep_helping, bytes));
    for (uint64_t pos = 0; pos < stop;)
        pos += read(bytes, pos, piece);
    atomic_store(&over, true);
    for (int i = 0; i < 3; i++)
        pthread_join(helpers[i], NULL);
    ahead_release(&bytes->ahead);
}

START_TEST(many_helpers_give_the_same_bytes)
{
    for (int i = 0; i < 3; i++) {
        race(read_at, pieces[_i], MOST);
        race(view_at, pieces[_i], MOST);
    }
}
END_TEST

START_TEST(a_reader_may_leave_while_others_help)
{
    for (uint64_t stop = 0; stop < 30 * BLOCK; stop += 3 * BLOCK)
        race(read_at, BLOCK, stop);
}
END_TEST

Suite *ahead_suite(void)
{
    Suite *suite = suite_create("ahead");
    TCase *tcase = tcase_create("ahead");
    const int rows = sizeof sizes / sizeof sizes[0];

    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, whatever_helpers_do_each_byte_is_made_once, 0,
                        rows);
    tcase_add_test(tcase, helpers_stop_when_the_ring_is_full);
    tcase_add_test(
        tcase,
        a_read_takes_all_blocks_that_are_there_and_makes_no_more_than_it_gets);
    tcase_add_test(tcase, a_reader_may_begin_anywhere);
    tcase_add_loop_test(tcase, a_reader_may_jump, 0, COUNT + 2);
    tcase_add_loop_test(
        tcase, what_breaks_ahead_breaks_when_the_reader_is_there, 0, COUNT);
    tcase_add_test(tcase,
                   what_breaks_in_the_middle_of_a_read_gives_what_came_before);
    tcase_add_test(tcase, a_helper_that_is_left_behind_holds_up_nobody);
    tcase_add_test(tcase, a_reader_makes_others_while_a_helper_is_at_its_block);
    tcase_add_test(tcase, a_block_that_nobody_wants_any_more_makes_room);
    tcase_add_loop_test(tcase, many_helpers_give_the_same_bytes, 1,
                        sizeof pieces / sizeof pieces[0]);
    tcase_add_test(tcase, a_reader_may_leave_while_others_help);
    suite_add_tcase(suite, tcase);
    return suite;
}
