/* SPDX-License-Identifier: MIT */
/* Tests of forms, read leniently. */
#include "hub/form.h"
#include "../count.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

Suite *hub_form_suite(void);

#define A64 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define A255                                                             \
    A64 A64 A64 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" \
                "aaaaaaaaa"

/* Pairs as "name=value;". */
static const struct {
    const char *form;
    const char *pairs;
} forms[] = {
    {"", ""},
    {"a=1", "a=1;"},
    {"a=1&b=2", "a=1;b=2;"},
    {"paths=x&paths=y&expand=False", "paths=x;paths=y;expand=False;"},
    {"a", "a=;"},
    {"a&b", "a=;b=;"},
    {"a=", "a=;"},
    {"=1", "=1;"},
    {"&", "=;"},
    {"a=1&", "a=1;"},
    {"a=b=c", "a=b=c;"},
    {"a+b=c+d", "a b=c d;"},
    {"a%2Bb=%2f%25", "a+b=/%;"},
    {"a=%", "a=%;"},
    {"a=%4", "a=%4;"},
    {"a=%zz", "a=%zz;"},
    {"a=%00b", "a=%00b;"},
    {"a%3Db=1", "a=b=1;"},
    {"a=1%26b", "a=1&b;"},
    {"a=" A255, "a=" A255 ";"},
    {"a=" A255 "a&b=1", "a=;b=1;"},
};

START_TEST(pairs_are_split_then_decoded)
{
    /* Without a final NUL, so that reading past the end is seen. */
    size_t size = strlen(forms[_i].form);
    char *copy = malloc(size > 0 ? size : 1);
    char seen[600] = "";

    memcpy(copy, forms[_i].form, size);
    struct form form = form_of(copy, size);
    while (form_next(&form)) {
        strncat(seen, form.name, FORM_TEXT);
        strncat(seen, "=", 2);
        strncat(seen, form.value, FORM_TEXT);
        strncat(seen, ";", 2);
    }
    free(copy);
    ck_assert_str_eq(seen, forms[_i].pairs);
}
END_TEST

START_TEST(the_first_of_a_name_is_found)
{
    char value[FORM_TEXT] = "as it was";

    ck_assert(!form_find(NULL, "a", value));
    ck_assert(!form_find("aa=1&b=2", "a", value));
    ck_assert_str_eq(value, "as it was");
    ck_assert(form_find("b=2&a=1&a=3", "a", value));
    ck_assert_str_eq(value, "1");
}
END_TEST

START_TEST(yes_is_anything_but_no)
{
    ck_assert(form_is_yes("1"));
    ck_assert(form_is_yes("true"));
    ck_assert(form_is_yes("True"));
    ck_assert(!form_is_yes(""));
    ck_assert(!form_is_yes("0"));
    ck_assert(!form_is_yes("false"));
    ck_assert(!form_is_yes("False"));
}
END_TEST

Suite *hub_form_suite(void)
{
    Suite *suite = suite_create("hub_form");
    TCase *tcase = tcase_create("form");

    tcase_add_loop_test(tcase, pairs_are_split_then_decoded, 0, COUNT(forms));
    tcase_add_test(tcase, the_first_of_a_name_is_found);
    tcase_add_test(tcase, yes_is_anything_but_no);
    suite_add_tcase(suite, tcase);
    return suite;
}
