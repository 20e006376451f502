/* SPDX-License-Identifier: MIT */
/* Digests on a disk that is full, or is none. */
#include "ledgers.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * Add records [from, to) while files can't grow past 'room' bytes, as if the
 * disk were full then; returns how many lines that logged.  Nothing may be
 * asserted meanwhile, for Check takes notes in a file.
 */
static int lines_of_adding(struct ledger *ledger, uint32_t from, uint32_t to,
                           rlim_t room)
{
    struct rlimit usual, limit = {.rlim_cur = room};
    char text[8192];
    int ends[2], lines = 0, saved = dup(STDERR_FILENO);
    ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &usual), 0);
    limit.rlim_max = usual.rlim_max;
    ck_assert_int_eq(pipe(ends), 0);
    dup2(ends[1], STDERR_FILENO);
    close(ends[1]);
    setrlimit(RLIMIT_FSIZE, &limit);
    for (uint32_t i = from; i < to; i++)
        add(ledger, i);
    setrlimit(RLIMIT_FSIZE, &usual);
    dup2(saved, STDERR_FILENO);
    close(saved);
    ssize_t n = read(ends[0], text, sizeof text);
    for (ssize_t i = 0; i < n; i++)
        lines += text[i] == '\n';
    close(ends[0]);
    return lines;
}

START_TEST(a_full_disk_is_told_once_and_loses_no_more_than_it_must)
{
    struct ledger *ledger = must_open();
    const rlim_t room = 3 * RECORD + 37;
    signal(SIGXFSZ, SIG_IGN);
    ck_assert_int_eq(lines_of_adding(ledger, 0, 3, room), 0);
    ck_assert_int_eq(lines_of_adding(ledger, 3, 9, room), 1);
    expect("full", 3, (uint32_t[]){0, 1, 2});
    ck_assert_int_eq(lines_of_adding(ledger, 9, 10, RLIM_INFINITY), 0);
    ledger_close(ledger);
    expect("with room again", 4, (uint32_t[]){0, 1, 2, 9});
}
END_TEST

START_TEST(compacting_that_fails_leaves_the_file_alone)
{
    struct rlimit limit;
    put_records(0, MOST);
    struct ledger *ledger = must_open();
    /* No file can be opened, so none can be written aside. */
    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
    rlim_t usual = limit.rlim_cur;
    limit.rlim_cur = 0;
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
    add(ledger, MOST);
    add(ledger, MOST + 1);
    limit.rlim_cur = usual;
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
    ledger_close(ledger);
    ck_assert_int_eq(file_records(), MOST + 2);
    /* Who comes next makes up for it. */
    ledger = must_open();
    add(ledger, MOST + 2);
    ledger_close(ledger);
    ck_assert_int_eq(file_records(), LEDGER_KEPT);
}
END_TEST

START_TEST(an_unusable_folder_is_an_error_in_one_line)
{
    static const char *const paths[] = {"/dev/null", "/dev/null/cache",
                                        "/nonexistent/cache", "/proc/cache",
                                        ""};
    char error[512];
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        error[0] = '\0';
        ck_assert_msg(ledger_open(paths[i], error) == NULL, "%s is opened",
                      paths[i]);
        ck_assert_ptr_nonnull(strstr(error, paths[i]));
        ck_assert_ptr_null(strchr(error, '\n'));
        ck_assert_uint_gt(strlen(error), 20);
    }
}
END_TEST

static void make_folder(void)
{
    ck_assert_int_eq(mkdir(ledgers_path, 0700), 0);
}

static void make_pipe(void)
{
    ck_assert_int_eq(mkfifo(ledgers_path, 0600), 0);
}

static void make_full(void)
{
    ck_assert_int_eq(symlink("/dev/full", ledgers_path), 0);
}

static void (*const in_the_way[])(void) = {make_folder, make_pipe, make_full};

START_TEST(what_is_no_file_is_an_error)
{
    char error[512];
    in_the_way[_i]();
    ck_assert_ptr_null(ledger_open(ledgers_folder, error));
}
END_TEST

START_TEST(the_folder_is_made)
{
    char made[80], file[96], error[512];
    snprintf(made, sizeof made, "%s/made", ledgers_folder);
    snprintf(file, sizeof file, "%s/digests", made);
    struct ledger *ledger = ledger_open(made, error);
    ck_assert_ptr_nonnull(ledger);
    ledger_close(ledger);
    ck_assert_int_eq(unlink(file), 0);
    ck_assert_int_eq(rmdir(made), 0);
}
END_TEST

START_TEST(without_a_folder_nothing_is_kept)
{
    struct ledger *ledger;
    ck_assert(ledger_start(NULL, &ledger));
    ck_assert_ptr_null(ledger);
    add(NULL, 1);
    ck_assert_uint_eq(ledger_read(NULL, NULL, NULL), 0);
    ledger_close(NULL);
}
END_TEST

Suite *ledger_trouble_suite(void);
Suite *ledger_trouble_suite(void)
{
    Suite *suite = suite_create("server/ledger_trouble");
    TCase *tests = tcase_create("ledger_trouble");
    tcase_set_timeout(tests, 120);
    tcase_add_checked_fixture(tests, ledgers_setup, ledgers_teardown);
    tcase_add_test(tests,
                   a_full_disk_is_told_once_and_loses_no_more_than_it_must);
    tcase_add_test(tests, compacting_that_fails_leaves_the_file_alone);
    tcase_add_test(tests, an_unusable_folder_is_an_error_in_one_line);
    tcase_add_rows(tests, what_is_no_file_is_an_error, in_the_way);
    tcase_add_test(tests, the_folder_is_made);
    tcase_add_test(tests, without_a_folder_nothing_is_kept);
    suite_add_tcase(suite, tests);
    return suite;
}
