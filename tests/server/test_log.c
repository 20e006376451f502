/* SPDX-License-Identifier: MIT */
/* What reaches standard error. */
#include "log.h"
#include "rows.h"

#include <string.h>
#include <unistd.h>

/* Log one line with standard error going to a pipe; returns what came. */
static const char *logged(enum log_level level, const char *text)
{
    static char line[8192];
    int ends[2], saved = dup(STDERR_FILENO);
    ck_assert_int_eq(pipe(ends), 0);
    dup2(ends[1], STDERR_FILENO);
    close(ends[1]);
    log_line(level, "%s", text);
    dup2(saved, STDERR_FILENO);
    close(saved);
    ssize_t n = read(ends[0], line, sizeof line - 1);
    ck_assert_int_ge(n, 0);
    line[n] = '\0';
    close(ends[0]);
    return line;
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
    suite_add_tcase(suite, tests);
    return suite;
}
