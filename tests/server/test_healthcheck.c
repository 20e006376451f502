/* SPDX-License-Identifier: MIT */
/* What an image's HEALTHCHECK runs, against a server in this process. */
#include "client.h"
#include "healthcheck.h"
#include "rows.h"

#include <stdio.h>
#include <unistd.h>

/* Check the server, or its port after it has gone. */
static int check(const struct address *address, char *path)
{
    char where[ADDRESS_TEXT];
    address_text(address, where);
    char *const plain[] = {"--listen", where, NULL};
    char *const with_path[] = {path, "--listen", where, NULL};
    return healthcheck(path == NULL ? plain : with_path);
}

/* It gives an answer a few seconds, which a busy machine may take. */
static int check_until_well(const struct address *address, char *path)
{
    double end = seconds_now() + 20;
    int got = check(address, path);
    while (got != 0 && seconds_now() < end) {
        usleep(50000);
        got = check(address, path);
    }
    return got;
}

START_TEST(a_server_is_well_and_ready_until_it_is_gone)
{
    struct server server = server_start(NULL);
    struct address address = *http_address(server.http);
    ck_assert_int_eq(check_until_well(&address, NULL), 0);
    /* It is ready when the self-test is over. */
    ck_assert_int_eq(check_until_well(&address, "/readyz"), 0);
    api_set_draining(server.api);
    ck_assert_int_eq(check_until_well(&address, NULL), 0);
    ck_assert_int_eq(check(&address, "/readyz"), 1);
    server_stop(&server, 5);
    ck_assert_int_eq(check(&address, NULL), 1);
}
END_TEST

START_TEST(a_wildcard_address_is_reached)
{
    struct server server = server_start("--listen=0.0.0.0:0", NULL);
    ck_assert_int_eq(check_until_well(http_address(server.http), NULL), 0);
    server_stop(&server, 5);
}
END_TEST

START_TEST(a_bad_option_exits_2)
{
    char *const arguments[] = {"--listen", "nowhere", NULL};
    ck_assert_int_eq(healthcheck(arguments), 2);
}
END_TEST

START_TEST(a_server_that_says_nothing_is_not_well)
{
    struct address wanted, bound;
    ck_assert(address_parse("127.0.0.1:0", &wanted));
    int fd = address_listen(&wanted, &bound);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(check(&bound, NULL), 1);
    close(fd);
}
END_TEST

Suite *healthcheck_suite(void);
Suite *healthcheck_suite(void)
{
    Suite *suite = suite_create("server/healthcheck");
    TCase *tests = tcase_create("healthcheck");
    tcase_set_timeout(tests, 30);
    tcase_add_test(tests, a_server_is_well_and_ready_until_it_is_gone);
    tcase_add_test(tests, a_wildcard_address_is_reached);
    tcase_add_test(tests, a_bad_option_exits_2);
    tcase_add_test(tests, a_server_that_says_nothing_is_not_well);
    suite_add_tcase(suite, tests);
    return suite;
}
