/* SPDX-License-Identifier: MIT */
/* Recipes in a folder that others change, damage and write to as well. */
#include "rows.h"
#include "shelf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define WRITERS 8

static const struct {
    const char *name, *file, *text;
} damages[] = {
    {"a document that was changed", NULL, "One"},
    {"a document that was cut", NULL, "on"},
    {"a document that grew", NULL, "onee"},
    {"an empty document", NULL, ""},
    {"an empty 'current'", SHELF_NAME "/current", ""},
    {"a short 'current'", SHELF_NAME "/current", "0123\n"},
    {"a 'current' that is no hex", SHELF_NAME "/current",
     "zz23456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n"},
    {"a 'current' without an end", SHELF_NAME "/current",
     "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"},
};

START_TEST(what_is_damaged_is_never_served)
{
    shelf_must_put(SHELF_NAME, "one");
    const char *file = damages[_i].file;
    shelf_write(file ? file : shelf_document("one"), damages[_i].text);
    enum store_status status =
        file ? shelf_current(SHELF_NAME) : shelf_get(SHELF_NAME, "one");
    ck_assert_msg(status == STORE_FAILED, "%s: %d", damages[_i].name, status);
    shelf_must_put(SHELF_NAME, "one");
    shelf_must_be(SHELF_NAME, "one");
}
END_TEST

/* Each is a link to something good. */
static const char *const linked[] = {"lab", SHELF_NAME, SHELF_NAME "/current",
                                     NULL};

START_TEST(links_are_not_followed)
{
    shelf_must_put(SHELF_NAME, "one");
    const char *file = linked[_i] ? linked[_i] : shelf_document("one");
    const char *target = shelf_path("elsewhere");
    ck_assert_int_eq(rename(shelf_path(file), target), 0);
    ck_assert_int_eq(symlink(target, shelf_path(file)), 0);
    ck_assert_msg((linked[_i] ? shelf_current(SHELF_NAME)
                              : shelf_get(SHELF_NAME, "one")) != STORE_OK,
                  "%s is followed", file);
    if (_i < 2)
        ck_assert_int_ne(shelf_put(SHELF_NAME, "two", false, &(bool){false}),
                         STORE_OK);
}
END_TEST

START_TEST(a_pipe_is_no_document)
{
    shelf_must_put(SHELF_NAME, "one");
    ck_assert_int_eq(unlink(shelf_path(shelf_document("one"))), 0);
    ck_assert_int_eq(mkfifo(shelf_path(shelf_document("one")), 0600), 0);
    ck_assert_int_eq(shelf_get(SHELF_NAME, "one"), STORE_FAILED);
}
END_TEST

/* A text of a writer's own, of many pages. */
static const char *long_text(int writer)
{
    static char text[100000];
    memset(text, 'a' + writer, sizeof text - 1);
    return text;
}

/*
 * Writers in processes of their own, which begin together; returns how many
 * of them have created the name.
 */
static int write_together(bool create)
{
    int gate[2], winners = 0;
    ck_assert_int_eq(pipe(gate), 0);
    for (int i = 0; i < WRITERS; i++) {
        if (fork() != 0)
            continue;
        char byte;
        bool created = false;
        close(gate[1]);
        (void)!read(gate[0], &byte, 1);
        shelf_open();
        enum store_status status =
            shelf_put(SHELF_NAME, long_text(i), create, &created);
        _exit(status == STORE_OK ? created : status == STORE_EXISTS ? 0 : 9);
    }
    close(gate[0]);
    close(gate[1]);
    for (int i = 0; i < WRITERS; i++) {
        int status;
        ck_assert_int_gt(wait(&status), 0);
        ck_assert(WIFEXITED(status) && WEXITSTATUS(status) <= 1);
        winners += WEXITSTATUS(status);
    }
    return winners;
}

START_TEST(of_many_writers_one_wins_wholly)
{
    uint8_t version[SOW_DIGEST_BYTES];
    char *bytes;
    size_t size;
    ck_assert_int_eq(write_together(_i), 1);
    ck_assert_int_eq(store->current(store->self, SHELF_NAME, version),
                     STORE_OK);
    ck_assert_int_eq(
        store->read(store->self, SHELF_NAME, version, &bytes, &size), STORE_OK);
    ck_assert_int_ge(bytes[0], 'a');
    ck_assert_int_lt(bytes[0], 'a' + WRITERS);
    ck_assert_str_eq(bytes, long_text(bytes[0] - 'a'));
    ck_assert_int_eq(shelf_count(shelf_path(SHELF_NAME), ".aside"), 0);
    free(bytes);
}
END_TEST

Suite *store_hazards_suite(void);
Suite *store_hazards_suite(void)
{
    Suite *suite = suite_create("server/store_hazards");
    TCase *tests = tcase_create("store_hazards");
    tcase_add_checked_fixture(tests, shelf_setup, shelf_teardown);
    tcase_set_timeout(tests, 60);
    tcase_add_rows(tests, what_is_damaged_is_never_served, damages);
    tcase_add_rows(tests, links_are_not_followed, linked);
    tcase_add_test(tests, a_pipe_is_no_document);
    tcase_add_loop_test(tests, of_many_writers_one_wins_wholly, 0, 2);
    suite_add_tcase(suite, tests);
    return suite;
}
