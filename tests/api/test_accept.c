/* SPDX-License-Identifier: MIT */
/* Tests of content negotiation. */
#include "accept.h"
#include "../count.h"

#include <check.h>

Suite *accept_suite(void);

enum { NONE = -1, RAW, JSON };

static const char *const types[] = {"application/octet-stream",
                                    "application/json"};

static const struct {
    const char *accept;
    int choice;
} choices[] = {
    {"*/*", RAW},
    {"application/*", RAW},
    {"application/json", JSON},
    {"Application/JSON", JSON},
    {"application/octet-stream", RAW},
    {"application/json, application/octet-stream", RAW},
    {"application/json;q=0.9, application/octet-stream;q=0.8", JSON},
    {"application/json;q=0.8, application/octet-stream;q=0.9", RAW},
    {"application/json, text/plain, */*", JSON},
    {"application/json, */*;q=0.5", JSON},
    {"application/json;q=0.4, */*;q=0.5", RAW},
    {"*/*, application/octet-stream;q=0", JSON},
    {"application/*;q=0.1, application/octet-stream;q=0", JSON},
    {"application/json;charset=utf-8", JSON},
    {"application/json ; q=0.5", JSON},
    {"application/json;q=0.001", JSON},
    {"application/json;Q=1.000", JSON},
    {"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", RAW},
    {"text/html;level=\"a,b;q=1\", application/json", JSON},
    {",, application/json ,", JSON},
    {"application/json;q=2, application/octet-stream;q=0.1", RAW},
    {"application/json;q=1.001, */*;q=0.1", RAW},
    {"application/json;q=0.0001, */*;q=0.1", RAW},
    {"application/json;q=x, */*;q=0.1", RAW},
    {"text/html", NONE},
    {"application/json;q=0", NONE},
    {"*/*;q=0", NONE},
    {"application/json;q=0.000", NONE},
    {"", NONE},
    {"application", NONE},
    {"application/", NONE},
    {"application/jsonx", NONE},
    {"*/json", NONE},
};

START_TEST(accept_leads_to_this_choice)
{
    struct api_header header = {"Accept", choices[_i].accept};
    struct api_request request = {.headers = &header, .header_count = 1};
    int choice = accept_choose(&request, types, 2);

    ck_assert_msg(choice == choices[_i].choice, "'%s' gives %d", header.value,
                  choice);
}
END_TEST

START_TEST(without_accept_the_first_is_chosen)
{
    struct api_request request = {0};

    ck_assert_int_eq(accept_choose(&request, types, 2), RAW);
}
END_TEST

START_TEST(several_accept_fields_are_one_list)
{
    struct api_header headers[] = {{"Accept", "application/octet-stream;q=0.1"},
                                   {"accept", "application/json;q=0.2"}};
    struct api_request request = {.headers = headers, .header_count = 2};

    ck_assert_int_eq(accept_choose(&request, types, 2), JSON);
}
END_TEST

Suite *accept_suite(void)
{
    Suite *suite = suite_create("accept");
    TCase *tcase = tcase_create("accept");

    tcase_add_loop_test(tcase, accept_leads_to_this_choice, 0, COUNT(choices));
    tcase_add_test(tcase, without_accept_the_first_is_chosen);
    tcase_add_test(tcase, several_accept_fields_are_one_list);
    suite_add_tcase(suite, tcase);
    return suite;
}
