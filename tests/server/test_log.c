/* SPDX-License-Identifier: MIT */
/* What reaches standard error. */
#include "log.h"
#include "rows.h"

#include <jansson.h>
#include <string.h>
#include <unistd.h>

/* Log an event with standard error going to a pipe; returns what came. */
static const char *logged_event(enum log_level level, const char *text,
                                const struct log_field *fields, size_t count)
{
    static char line[32768];
    int ends[2], saved = dup(STDERR_FILENO);
    ck_assert_int_eq(pipe(ends), 0);
    dup2(ends[1], STDERR_FILENO);
    close(ends[1]);
    if (count == 0)
        log_line(level, "%s", text);
    else
        log_event(level, text, fields, count);
    dup2(saved, STDERR_FILENO);
    close(saved);
    ssize_t n = read(ends[0], line, sizeof line - 1);
    ck_assert_int_ge(n, 0);
    line[n] = '\0';
    close(ends[0]);
    return line;
}

static const char *logged(enum log_level level, const char *text)
{
    return logged_event(level, text, NULL, 0);
}

START_TEST(a_line_has_a_time_and_a_level)
{
    const char *line = logged(LEVEL_WARN, "hello");
    ck_assert_uint_eq(strspn(line, "0123456789-T:.Z"), 24);
    ck_assert_str_eq(line + 24, " warn  hello\n");
}
END_TEST

static const struct {
    const char *text, *written;
} escapes[] = {
    {"plain ~ text", "plain ~ text\n"},
    {"two\nlines", "two\\x0alines\n"},
    {"\r\033[31mred\x7f", "\\x0d\\x1b[31mred\\x7f\n"},
    {"\xc2\x9b"
     "31m",
     "\\xc2\\x9b31m\n"},
};

START_TEST(control_characters_are_escaped)
{
    const char *line = logged(LEVEL_ERROR, escapes[_i].text);
    ck_assert_str_eq(line + 31, escapes[_i].written);
}
END_TEST

START_TEST(less_important_lines_are_left_out)
{
    log_set_level(LEVEL_WARN);
    ck_assert(log_writes(LEVEL_ERROR) && log_writes(LEVEL_WARN));
    ck_assert(!log_writes(LEVEL_INFO) && !log_writes(LEVEL_DEBUG));
    ck_assert_str_eq(logged(LEVEL_INFO, "quiet"), "");
    ck_assert_str_ne(logged(LEVEL_WARN, "loud"), "");
}
END_TEST

START_TEST(a_long_line_is_cut_and_ends)
{
    char text[5000];
    memset(text, '\n', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    const char *line = logged(LEVEL_ERROR, text);
    ck_assert_uint_eq(strlen(line), 31 + 4 * 1023 + 1);
    ck_assert_ptr_eq(strchr(line, '\n'), line + strlen(line) - 1);
}
END_TEST

static const struct log_field fields[] = {
    {"plain", "/v1/weights", 0},
    {"spaced", "a \"b\" = \\c", 0},
    {"hostile", "x\r\ny=\x1b[31m\xc3\xa9", 0},
    {"empty", "", 0},
    {"number", NULL, 12.5},
    {"bytes", NULL, 123456789},
};

#define FIELDS (sizeof fields / sizeof *fields)

START_TEST(fields_follow_the_text)
{
    ck_assert_str_eq(logged_event(LEVEL_INFO, "request", fields, FIELDS) + 31,
                     "request plain=/v1/weights "
                     "spaced=\"a \\x22b\\x22 = \\x5cc\" "
                     "hostile=\"x\\x0d\\x0ay=\\x1b[31m\\xc3\\xa9\" "
                     "number=12.5 bytes=123456789\n");
}
END_TEST

START_TEST(json_is_json_whatever_is_in_it)
{
    log_set_format(LOG_JSON);
    const char *line = logged_event(LEVEL_WARN, "a\n\"b\"", fields, FIELDS);
    json_t *json = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
    ck_assert_msg(json != NULL, "%s", line);
    const char *ts, *level, *msg, *plain, *spaced, *hostile;
    double number;
    json_int_t bytes;
    ck_assert_msg(json_unpack(json,
                              "{s:s, s:s, s:s, s:s, s:s, s:s, s:F, s:I !}",
                              "ts", &ts, "level", &level, "msg", &msg, "plain",
                              &plain, "spaced", &spaced, "hostile", &hostile,
                              "number", &number, "bytes", &bytes) == 0,
                  "%s", line);
    ck_assert_uint_eq(strlen(ts), 24);
    ck_assert_str_eq(level, "warn");
    ck_assert_str_eq(msg, "a\n\"b\"");
    ck_assert_str_eq(spaced, fields[1].text);
    ck_assert_str_eq(hostile, "x\r\ny=\x1b[31m\xc3\x83\xc2\xa9");
    ck_assert_double_eq(number, 12.5);
    ck_assert_int_eq(bytes, 123456789);
    json_decref(json);
    ck_assert_ptr_eq(strchr(line, '\n'), line + strlen(line) - 1);
}
END_TEST

START_TEST(the_longest_fields_leave_json_whole)
{
    static char longest[4096];
    struct log_field many[4];
    memset(longest, '\x01', sizeof longest - 1);
    for (size_t i = 0; i < 4; i++)
        many[i] = (struct log_field){&"abcd"[i], longest, 0};
    log_set_format(LOG_JSON);
    const char *line = logged_event(LEVEL_INFO, "m", many, 4);
    json_t *json = json_loads(line, 0, NULL);
    ck_assert_msg(json != NULL, "%s", line);
    json_decref(json);
}
END_TEST

/* A reader that has stopped reading must not stop the server. */
START_TEST(nobody_waits_for_a_full_pipe)
{
    int ends[2], saved = dup(STDERR_FILENO);
    static char text[1 << 20];
    ck_assert_int_eq(pipe(ends), 0);
    dup2(ends[1], STDERR_FILENO);
    close(ends[1]);
    for (int i = 0; i < 5000; i++)
        log_line(LEVEL_INFO, "line %d of many, each of some fifty bytes", i);
    ssize_t n = read(ends[0], text, sizeof text);
    log_line(LEVEL_INFO, "after that");
    dup2(saved, STDERR_FILENO);
    close(saved);
    ck_assert_int_gt(n, 4096);
    n = read(ends[0], text, sizeof text - 1);
    ck_assert_int_gt(n, 0);
    text[n] = '\0';
    ck_assert_msg(strstr(text, "nobody read the log in time lines="), "%s",
                  text);
    ck_assert_msg(strstr(text, "after that\n"), "%s", text);
    close(ends[0]);
}
END_TEST

static const char *const level_names[] = {"error", "warn", "info", "debug"};

START_TEST(levels_have_names)
{
    enum log_level level;
    ck_assert(log_level_find(level_names[_i], &level));
    ck_assert_int_eq((int)level, _i);
    ck_assert(!log_level_find("loud", &level));
    ck_assert_int_eq((int)level, _i);
}
END_TEST

Suite *log_suite(void);
Suite *log_suite(void)
{
    Suite *suite = suite_create("server/log");
    TCase *tests = tcase_create("log");
    tcase_add_test(tests, a_line_has_a_time_and_a_level);
    tcase_add_rows(tests, control_characters_are_escaped, escapes);
    tcase_add_test(tests, less_important_lines_are_left_out);
    tcase_add_test(tests, a_long_line_is_cut_and_ends);
    tcase_add_rows(tests, levels_have_names, level_names);
    tcase_add_test(tests, fields_follow_the_text);
    tcase_add_test(tests, json_is_json_whatever_is_in_it);
    tcase_add_test(tests, the_longest_fields_leave_json_whole);
    tcase_add_test(tests, nobody_waits_for_a_full_pipe);
    suite_add_tcase(suite, tests);
    return suite;
}
