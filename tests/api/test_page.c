/* SPDX-License-Identifier: MIT */
/* Tests of the page's files, as they are served. */
#include "drive.h"
#include "page/files.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

Suite *page_suite(void);

/* What every file is sent with. */
static const struct {
    const char *name;
    const char *value;
} fields[] = {
    {"Cache-Control", "no-cache"},
    {"X-Content-Type-Options", "nosniff"},
    {"Referrer-Policy", "no-referrer"},
    {"Content-Security-Policy",
     "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' "
     "data: blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
     "frame-ancestors 'none'"},
};

static void expect_fields(const struct answer *answer)
{
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
        answer_expect(answer, fields[i].name, fields[i].value);
}

/* Where a file is. */
static const char *target_of(const struct page_file *file, char target[64])
{
    snprintf(target, 64, "/page/%s", file->name);
    return target;
}

START_TEST(every_file_comes_as_it_is)
{
    struct page_file file;
    char target[64];
    size_t i = 0;

    for (; page_file_at(i, &file); i++) {
        struct answer answer = drive_get(driven, target_of(&file, target));
        ck_assert_msg(file.size > 0, "%s is empty", file.name);
        ck_assert_uint_eq(answer.size, file.size);
        ck_assert_mem_eq(answer.body, file.bytes, file.size);
        answer_expect(&answer, "Content-Type", file.type);
        expect_fields(&answer);
        answer_release(&answer);
    }
    ck_assert_uint_gt(i, 0);
}
END_TEST

START_TEST(the_root_is_the_index)
{
    struct answer root = drive_get(driven, "/");
    struct answer index = drive_get(driven, "/page/index.html");

    answer_expect(&root, "Content-Type", "text/html; charset=utf-8");
    expect_fields(&root);
    ck_assert_ptr_nonnull(strstr(root.body, "<!DOCTYPE html>"));
    ck_assert_str_eq(root.body, index.body);
    answer_release(&root);
    answer_release(&index);
}
END_TEST

/* The page runs nothing that stands in the HTML itself: the policy forbids. */
START_TEST(the_index_has_no_inline_code)
{
    static const char *const inlined[] = {"<style", " style=", " on",
                                          "<script>", "://cdn"};
    struct answer root = drive_get(driven, "/");

    for (size_t i = 0; i < sizeof inlined / sizeof inlined[0]; i++) {
        const char *at = strstr(root.body, inlined[i]);
        ck_assert_msg(!at, "index.html has %.40s", at);
    }
    answer_release(&root);
}
END_TEST

START_TEST(what_a_client_has_is_not_sent_again)
{
    struct page_file file;
    char target[64], line[128];

    for (size_t i = 0; page_file_at(i, &file); i++) {
        const char *hex = digest_hex(file.bytes, file.size);
        snprintf(line, sizeof line, "If-None-Match: \"%s\"\n", hex);
        struct answer answer =
            drive(driven, "GET", target_of(&file, target), line, NULL);
        ck_assert_msg(answer.status == 304, "%s: %u", target, answer.status);
        ck_assert(answer.bodyless);
        snprintf(line, sizeof line, "\"%s\"", hex);
        answer_expect(&answer, "ETag", line);
        expect_fields(&answer);
        answer_release(&answer);
    }
}
END_TEST

static const struct {
    const char *method, *target, *header;
    unsigned status;
} others[] = {
    {"HEAD", "/", NULL, 200},
    {"HEAD", "/page/main.js", NULL, 200},
    {"GET", "/", "If-None-Match: \"other\"\n", 200},
    {"GET", "/", "If-None-Match: *\n", 304},
    {"GET", "/", "If-Match: *\n", 200},
    {"GET", "/", "If-Match: \"other\"\n", 412},
    {"GET", "/page/main.js", "If-Match: \"other\"\n", 412},
    {"GET", "/page/nothing.js", NULL, 404},
    {"GET", "/page/main.js/", NULL, 404},
    {"GET", "/page/table.S", NULL, 404},
    {"GET", "/page/MAIN.JS", NULL, 404},
    {"GET", "/page/", NULL, 404},
    {"GET", "/page/../main.js", NULL, 400},
    {"GET", "/?x=1", NULL, 400},
    {"GET", "/page/main.js?x=1", NULL, 400},
    {"POST", "/", NULL, 405},
    {"PUT", "/page/main.js", NULL, 405},
    {"OPTIONS", "/", NULL, 204},
};

START_TEST(other_requests_get_what_is_due)
{
    struct answer answer = drive(driven, others[_i].method, others[_i].target,
                                 others[_i].header, NULL);

    ck_assert_msg(answer.status == others[_i].status, "%s %s %s: %u",
                  others[_i].method, others[_i].target,
                  others[_i].header ? others[_i].header : "", answer.status);
    answer_release(&answer);
}
END_TEST

START_TEST(head_tells_the_size_and_the_fields)
{
    struct answer get = drive_get(driven, "/");
    struct answer head = drive(driven, "HEAD", "/", NULL, NULL);

    ck_assert(head.bodyless);
    ck_assert_uint_eq(head.size, get.size);
    answer_expect(&head, "ETag", answer_header(&get, "ETag"));
    expect_fields(&head);
    answer_release(&get);
    answer_release(&head);
}
END_TEST

Suite *page_suite(void)
{
    Suite *suite = suite_create("page");
    TCase *tcase = tcase_create("page");

    tcase_add_checked_fixture(tcase, drive_setup, drive_teardown);
    tcase_add_test(tcase, every_file_comes_as_it_is);
    tcase_add_test(tcase, the_root_is_the_index);
    tcase_add_test(tcase, the_index_has_no_inline_code);
    tcase_add_test(tcase, what_a_client_has_is_not_sent_again);
    tcase_add_loop_test(tcase, other_requests_get_what_is_due, 0,
                        (int)(sizeof others / sizeof others[0]));
    tcase_add_test(tcase, head_tells_the_size_and_the_fields);
    suite_add_tcase(suite, tcase);
    return suite;
}
