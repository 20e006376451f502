/* SPDX-License-Identifier: MIT */
/* Tests of what is refused as a certificate; the rest is for real clients. */
#include "tls.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

Suite *tls_suite(void);

/* A file that holds 'text'; to be unlinked. */
static const char *file_of(const char *text)
{
    static char path[32];
    snprintf(path, sizeof path, "/tmp/sow-tls-XXXXXX");
    int fd = mkstemp(path);

    ck_assert_int_ge(fd, 0);
    ck_assert_int_gt(dprintf(fd, "%s", text), 0);
    ck_assert_int_eq(close(fd), 0);
    return path;
}

START_TEST(no_files_are_no_tls)
{
    struct tls tls;

    ck_assert(tls_open(&tls, NULL, NULL));
    ck_assert_ptr_null(tls.cert.bytes);
    ck_assert_ptr_null(tls.key.bytes);
    tls_release(&tls);
}
END_TEST

START_TEST(one_file_alone_is_refused)
{
    struct tls tls;
    const char *path = file_of("x");

    ck_assert(!tls_open(&tls, path, NULL));
    ck_assert(!tls_open(&tls, NULL, path));
    unlink(path);
}
END_TEST

static const char *const nonsense[] = {
    "x",
    "-----BEGIN CERTIFICATE-----\n",
    "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    "-----BEGIN PRIVATE KEY-----\n"
    "MC4CAQAwBQYDK2VwBCIEIJ+DYvh6SEqVTm50DFtMDoQikTmiCqirVv9mWG9qfSnF\n"
    "-----END PRIVATE KEY-----\n",
};

START_TEST(what_is_no_certificate_is_refused)
{
    struct tls tls;
    const char *path = file_of(nonsense[_i]);

    ck_assert(!tls_open(&tls, path, path));
    ck_assert_ptr_null(tls.cert.bytes);
    ck_assert_ptr_null(tls.key.bytes);
    unlink(path);
}
END_TEST

Suite *tls_suite(void)
{
    Suite *suite = suite_create("server/tls");
    TCase *tcase = tcase_create("tls");

    tcase_add_test(tcase, no_files_are_no_tls);
    tcase_add_test(tcase, one_file_alone_is_refused);
    tcase_add_loop_test(tcase, what_is_no_certificate_is_refused, 0,
                        sizeof nonsense / sizeof nonsense[0]);
    suite_add_tcase(suite, tcase);
    return suite;
}
