/* SPDX-License-Identifier: MIT */
/* Tests of files with secrets: what is read, and what is refused. */
#include "secret_file.h"

#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

Suite *secret_file_suite(void);

static char folder[] = "/tmp/sow-secret-XXXXXX";
static char path[64];

static void setup(void)
{
    memcpy(folder + strlen(folder) - 6, "XXXXXX", 6);
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/file", folder);
}

static void teardown(void)
{
    (void)unlink(path);
    ck_assert_int_eq(rmdir(folder), 0);
}

/* 'n' bytes, each one 'byte'. */
static void fill(size_t n, char byte)
{
    char *bytes = malloc(n + !n);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

    ck_assert_ptr_nonnull(bytes);
    memset(bytes, byte, n);
    ck_assert_int_eq(write(fd, bytes, n), (ssize_t)n);
    ck_assert_int_eq(close(fd), 0);
    free(bytes);
}

START_TEST(a_file_is_read_as_a_whole)
{
    static const size_t sizes[] = {0, 1, 4096, SECRET_FILE_BYTES};
    struct secret_file file;

    fill(sizes[_i], 'x');
    ck_assert(secret_file_read(&file, "--test", path, true));
    ck_assert_uint_eq(file.size, sizes[_i]);
    ck_assert_uint_eq(strlen(file.bytes), sizes[_i]);
    ck_assert_uint_eq(strspn(file.bytes, "x"), sizes[_i]);
    secret_file_release(&file);
    ck_assert_ptr_null(file.bytes);
    secret_file_release(&file);
}
END_TEST

static void expect_refused(const char *what)
{
    struct secret_file file;

    ck_assert_msg(!secret_file_read(&file, "--test", what, true), "%s is taken",
                  what);
    ck_assert_ptr_null(file.bytes);
    ck_assert_uint_eq(file.size, 0);
}

START_TEST(a_byte_more_than_may_be_is_refused)
{
    fill(SECRET_FILE_BYTES + 1, 'x');
    expect_refused(path);
}
END_TEST

START_TEST(what_is_not_a_file_is_refused_at_once)
{
    expect_refused(path);
    expect_refused(folder);
    expect_refused("/dev/zero");
    ck_assert_int_eq(mkfifo(path, 0600), 0);
    expect_refused(path);
}
END_TEST

/* As Kubernetes mounts secrets. */
START_TEST(a_link_is_followed)
{
    struct secret_file file;
    char link[80];

    fill(3, 'y');
    snprintf(link, sizeof link, "%s/link", folder);
    ck_assert_int_eq(symlink("file", link), 0);
    ck_assert(secret_file_read(&file, "--test", link, true));
    ck_assert_str_eq(file.bytes, "yyy");
    secret_file_release(&file);
    ck_assert_int_eq(unlink(link), 0);
}
END_TEST

Suite *secret_file_suite(void)
{
    Suite *suite = suite_create("server/secret_file");
    TCase *tcase = tcase_create("secret_file");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_loop_test(tcase, a_file_is_read_as_a_whole, 0, 4);
    tcase_add_test(tcase, a_byte_more_than_may_be_is_refused);
    tcase_add_test(tcase, what_is_not_a_file_is_refused_at_once);
    tcase_add_test(tcase, a_link_is_followed);
    suite_add_tcase(suite, tcase);
    return suite;
}
