/* SPDX-License-Identifier: MIT */
/* Recipes in a folder: what is kept, found, listed and forgotten. */
#include "rows.h"
#include "shelf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define HOUR 3600

START_TEST(what_is_written_is_read_back)
{
    bool created = false;
    ck_assert_int_eq(shelf_current(SHELF_NAME), STORE_MISSING);
    ck_assert_int_eq(shelf_put(SHELF_NAME, "one", false, &created), STORE_OK);
    ck_assert(created);
    shelf_must_be(SHELF_NAME, "one");
    ck_assert_int_eq(shelf_put(SHELF_NAME, "two", false, &created), STORE_OK);
    ck_assert(!created);
    shelf_must_be(SHELF_NAME, "two");
    shelf_must_put("lab/empty", "");
    shelf_must_be("lab/empty", "");
}
END_TEST

START_TEST(files_lie_where_the_header_says)
{
    char expected[80];
    shelf_must_put(SHELF_NAME, "one");
    snprintf(expected, sizeof expected, "%s\n", shelf_hex_of("one").text);
    ck_assert_str_eq(shelf_text(SHELF_NAME "/current"), expected);
    ck_assert_str_eq(shelf_text(shelf_document("one")), "one");
    ck_assert_int_eq(shelf_count(shelf_path(SHELF_NAME), ".aside"), 0);
}
END_TEST

START_TEST(what_was_written_is_there_after_a_restart)
{
    shelf_must_put(SHELF_NAME, "one");
    store_directory_close(shelf_directory);
    shelf_open();
    shelf_must_be(SHELF_NAME, "one");
}
END_TEST

START_TEST(old_versions_stay_newest_first)
{
    struct shelf_seen seen = {.left = 9}, first = {.left = 1};
    char expected[512];
    shelf_must_put(SHELF_NAME, "one");
    shelf_must_put(SHELF_NAME, "two");
    shelf_must_put(SHELF_NAME, "three");
    shelf_age(shelf_document("one"), 30);
    shelf_age(shelf_document("two"), 20);
    shelf_age(shelf_document("three"), 10);
    shelf_must_put(SHELF_NAME, "one");
    snprintf(expected, sizeof expected, "%s%s%s", shelf_seen_as("one"),
             shelf_seen_as("three"), shelf_seen_as("two"));
    ck_assert_int_eq(store->versions(store->self, SHELF_NAME, shelf_see, &seen),
                     STORE_OK);
    ck_assert_str_eq(seen.text, expected);
    ck_assert_int_eq(
        store->versions(store->self, SHELF_NAME, shelf_see, &first), STORE_OK);
    ck_assert_str_eq(first.text, shelf_seen_as("one"));
    ck_assert_int_eq(shelf_get(SHELF_NAME, "two"), STORE_OK);
    ck_assert_int_eq(shelf_get(SHELF_NAME, "four"), STORE_MISSING);
}
END_TEST

START_TEST(a_removed_name_is_gone_and_its_versions_are_not)
{
    struct shelf_seen listed = {.left = 9}, versions = {.left = 9};
    bool created;
    shelf_must_put(SHELF_NAME, "one");
    ck_assert_int_eq(store->remove(store->self, SHELF_NAME), STORE_OK);
    ck_assert_int_eq(shelf_current(SHELF_NAME), STORE_MISSING);
    ck_assert_int_eq(store->remove(store->self, SHELF_NAME), STORE_MISSING);
    ck_assert_int_eq(store->remove(store->self, "lab/none"), STORE_MISSING);
    ck_assert_int_eq(shelf_get(SHELF_NAME, "one"), STORE_OK);
    ck_assert_int_eq(store->list(store->self, shelf_see, &listed), STORE_OK);
    ck_assert_str_eq(listed.text, "");
    ck_assert_int_eq(
        store->versions(store->self, SHELF_NAME, shelf_see, &versions),
        STORE_OK);
    ck_assert_str_eq(versions.text, shelf_seen_as("one"));
    ck_assert_int_eq(shelf_put(SHELF_NAME, "two", true, &created), STORE_OK);
    ck_assert(created);
}
END_TEST

START_TEST(creating_leaves_what_is_there)
{
    bool created;
    ck_assert_int_eq(shelf_put(SHELF_NAME, "one", true, &created), STORE_OK);
    ck_assert(created);
    ck_assert_int_eq(shelf_put(SHELF_NAME, "two", true, &created),
                     STORE_EXISTS);
    shelf_must_be(SHELF_NAME, "one");
    ck_assert_int_eq(shelf_get(SHELF_NAME, "two"), STORE_MISSING);
}
END_TEST

START_TEST(every_recipe_is_listed_and_nothing_else)
{
    struct shelf_seen seen = {.left = 9}, first = {.left = 1};
    shelf_must_put(SHELF_NAME, "one");
    ck_assert_int_eq(mkdir(shelf_path("lost+found"), 0700), 0);
    ck_assert_int_eq(mkdir(shelf_path(".git"), 0700), 0);
    ck_assert_int_eq(mkdir(shelf_path("lab/no_current"), 0700), 0);
    shelf_write("notes.txt", "a file");
    shelf_write("lab/notes.txt", "a file");
    shelf_write(SHELF_NAME "/notes.txt", "a file");
    ck_assert_int_eq(store->list(store->self, shelf_see, &seen), STORE_OK);
    ck_assert_str_eq(seen.text, shelf_seen_as("one"));
    shelf_must_put("lab/second", "two");
    shelf_must_put("other/third", "two");
    ck_assert_int_eq(store->list(store->self, shelf_see, &first), STORE_OK);
    ck_assert_uint_eq(strcspn(first.text, " "), strlen(first.text) - 1);
}
END_TEST

START_TEST(what_dead_writers_left_is_removed_at_start)
{
    shelf_must_put(SHELF_NAME, "one");
    shelf_write(SHELF_NAME "/.aside-0000000000000001", "hal");
    shelf_write(SHELF_NAME "/.aside-0000000000000002", "hal");
    shelf_write(SHELF_NAME "/.other", "hal");
    shelf_age(SHELF_NAME "/.aside-0000000000000001", HOUR + 60);
    shelf_age(SHELF_NAME "/.other", HOUR + 60);
    shelf_age(shelf_document("one"), HOUR + 60);
    store_directory_close(shelf_directory);
    shelf_open();
    ck_assert_int_eq(shelf_count(shelf_path(SHELF_NAME), ".aside"), 1);
    ck_assert_int_eq(shelf_count(shelf_path(SHELF_NAME), ".other"), 1);
    shelf_must_be(SHELF_NAME, "one");
}
END_TEST

START_TEST(a_folder_is_made_in_one_that_is_there)
{
    char path[64], error[512] = "";
    snprintf(path, sizeof path, "%s/new", shelf_root);
    struct store_directory *made = store_directory_open(path, error);
    ck_assert_msg(made != NULL, "%s", error);
    store_directory_close(made);
    snprintf(path, sizeof path, "%s/none/new", shelf_root);
    ck_assert_ptr_null(store_directory_open(path, error));
    ck_assert_msg(strstr(error, path) && !strchr(error, '\n'), "'%s'", error);
    shelf_write("file", "");
    snprintf(path, sizeof path, "%s/file", shelf_root);
    ck_assert_ptr_null(store_directory_open(path, error));
}
END_TEST

START_TEST(no_file_stays_open)
{
    shelf_must_put(SHELF_NAME, "one");
    int before = shelf_count("/proc/self/fd", "");
    for (int i = 0; i < 3; i++) {
        struct shelf_seen seen = {.left = 9};
        shelf_must_put(SHELF_NAME, "one");
        shelf_must_be(SHELF_NAME, "one");
        (void)shelf_put(SHELF_NAME, "two", true, &(bool){false});
        (void)shelf_get(SHELF_NAME, "none");
        (void)shelf_current("lab/none");
        (void)store->list(store->self, shelf_see, &seen);
        (void)store->versions(store->self, SHELF_NAME, shelf_see, &seen);
        (void)store->remove(store->self, "lab/none");
    }
    ck_assert_int_eq(shelf_count("/proc/self/fd", ""), before);
}
END_TEST

Suite *store_directory_suite(void);
Suite *store_directory_suite(void)
{
    Suite *suite = suite_create("server/store_directory");
    TCase *tests = tcase_create("store_directory");
    tcase_add_checked_fixture(tests, shelf_setup, shelf_teardown);
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, what_is_written_is_read_back);
    tcase_add_test(tests, files_lie_where_the_header_says);
    tcase_add_test(tests, what_was_written_is_there_after_a_restart);
    tcase_add_test(tests, old_versions_stay_newest_first);
    tcase_add_test(tests, a_removed_name_is_gone_and_its_versions_are_not);
    tcase_add_test(tests, creating_leaves_what_is_there);
    tcase_add_test(tests, every_recipe_is_listed_and_nothing_else);
    tcase_add_test(tests, what_dead_writers_left_is_removed_at_start);
    tcase_add_test(tests, a_folder_is_made_in_one_that_is_there);
    tcase_add_test(tests, no_file_stays_open);
    suite_add_tcase(suite, tests);
    return suite;
}
