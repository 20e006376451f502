/* SPDX-License-Identifier: MIT */
/* Addresses as people write them. */
#include "address.h"
#include "rows.h"

#include <errno.h>
#include <unistd.h>

static const struct {
    const char *text, *local;
    bool loopback;
} good[] = {
    {"127.0.0.1:8080", "127.0.0.1:8080", true},
    {"127.255.0.9:8080", "127.255.0.9:8080", true},
    {"0.0.0.0:80", "127.0.0.1:80", false},
    {"[::1]:65535", "[::1]:65535", true},
    {"[::]:1", "[::1]:1", false},
    {"192.0.2.1:0", "192.0.2.1:0", false},
    {"[2001:db8::7]:443", "[2001:db8::7]:443", false},
};

START_TEST(an_address_is_written_as_it_was_read)
{
    struct address address;
    char text[ADDRESS_TEXT];
    ck_assert_msg(address_parse(good[_i].text, &address), "%s was refused",
                  good[_i].text);
    address_text(&address, text);
    ck_assert_str_eq(text, good[_i].text);
}
END_TEST

START_TEST(a_wildcard_is_reached_by_loopback)
{
    struct address address, local;
    char text[ADDRESS_TEXT];
    ck_assert(address_parse(good[_i].text, &address));
    local = address_local(&address);
    address_text(&local, text);
    ck_assert_str_eq(text, good[_i].local);
}
END_TEST

START_TEST(who_can_reach_an_address_is_known)
{
    struct address address;
    ck_assert(address_parse(good[_i].text, &address));
    ck_assert_msg(address_is_loopback(&address) == good[_i].loopback,
                  "%s is taken for something else", good[_i].text);
}
END_TEST

static const char *const bad[] = {
    "",
    ":",
    ":80",
    "80",
    "127.0.0.1",
    "127.0.0.1:",
    "a:80",
    "::1:80",
    "[::1]",
    "[::1]80",
    "[::1:80",
    "::1]:80",
    "[]:80",
    "[1.2.3.4]:80",
    "1.2.3.4:65536",
    "1.2.3.4:-1",
    "1.2.3.4:+1",
    "1.2.3.4: 1",
    "1.2.3.4:1 ",
    "1.2.3:x",
    "1.2.3.4:000080",
    "localhost:80",
    "11111111111111111111111111111111111111111111111111111111111111111111:80",
};

START_TEST(anything_else_is_refused)
{
    struct address address;
    ck_assert_msg(!address_parse(bad[_i], &address), "'%s' was accepted",
                  bad[_i]);
}
END_TEST

START_TEST(port_0_is_bound_to_a_real_one)
{
    struct address wanted, bound;
    ck_assert(address_parse("127.0.0.1:0", &wanted));
    int server = address_listen(&wanted, &bound);
    ck_assert_int_ge(server, 0);
    ck_assert_uint_ne(address_port(&bound), 0);
    int client = address_connect(&bound, 2);
    ck_assert_int_ge(client, 0);
    close(client);
    close(server);
}
END_TEST

START_TEST(a_port_in_use_says_so)
{
    struct address wanted, bound, again;
    ck_assert(address_parse("127.0.0.1:0", &wanted));
    int server = address_listen(&wanted, &bound);
    ck_assert_int_ge(server, 0);
    ck_assert_int_eq(address_listen(&bound, &again), -1);
    ck_assert_int_eq(errno, EADDRINUSE);
    close(server);
    ck_assert_int_eq(address_connect(&bound, 2), -1);
    ck_assert_int_eq(errno, ECONNREFUSED);
}
END_TEST

Suite *address_suite(void);
Suite *address_suite(void)
{
    Suite *suite = suite_create("server/address");
    TCase *tests = tcase_create("address");
    tcase_add_rows(tests, an_address_is_written_as_it_was_read, good);
    tcase_add_rows(tests, a_wildcard_is_reached_by_loopback, good);
    tcase_add_rows(tests, who_can_reach_an_address_is_known, good);
    tcase_add_rows(tests, anything_else_is_refused, bad);
    tcase_add_test(tests, port_0_is_bound_to_a_real_one);
    tcase_add_test(tests, a_port_in_use_says_so);
    suite_add_tcase(suite, tests);
    return suite;
}
