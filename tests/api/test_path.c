/* SPDX-License-Identifier: MIT */
/* Tests of paths and patterns. */
#include "path.h"
#include "../count.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

Suite *path_suite(void);

#define FILE_AT "/{ns}/{name}/at/{rev}/{path*}"

/* 'arguments' as "a|b|c", or NULL where the path doesn't fit. */
static const struct {
    const char *path, *pattern, *arguments;
} fits[] = {
    {"/", "/", ""},
    {"/a", "/a", ""},
    {"/a", "/{x}", "a"},
    {"/a/b", "/{x}/b", "a"},
    {"/a/b/c", "/{x}/{y}/{z}", "a|b|c"},
    {"/a%2Fb/c", "/{x}/c", "a/b"},
    {"/%61", "/a", ""},
    {"/a", "/b", NULL},
    {"/a", "/", NULL},
    {"/", "/a", NULL},
    {"/", "/{x}", NULL},
    {"/a/", "/a", NULL},
    {"/a/", "/{x}/{y}", NULL},
    {"//b", "/{x}/b", NULL},
    {"/a", "/a/{x*}", NULL},
    {"/a/", "/a/{x*}", NULL},
    {"/a/b", "/a/{x*}", "b"},
    {"/a/b/c/d", "/a/{x*}", "b/c/d"},
    {"/a/b%2Fc/d", "/a/{x*}", "b/c/d"},
    {"/a/b//d", "/a/{x*}", NULL},
    {"/a/b/", "/a/{x*}", NULL},
    {"/b/c", "/a/{x*}", NULL},
    {"/ns/name/at/main/a", FILE_AT, "ns|name|main|a"},
    {"/ns/name/at/main/a/b.bin", FILE_AT, "ns|name|main|a/b.bin"},
    {"/ns/name/at/refs%2Fpr%2F1/a", FILE_AT, "ns|name|refs/pr/1|a"},
    {"/at/at/at/at/at", FILE_AT, "at|at|at|at"},
    {"/ns/name/in/main/a", FILE_AT, NULL},
    {"/name/at/main/a", FILE_AT, NULL},
    {"/ns%2Fname/at/main/a", FILE_AT, NULL},
    {"http://host/a", "/{x}", "a"},
    {"HTTPS://host:1/a?", "/{x}", "a?"},
    {"http://host", "/", ""},
    {"http://host", "/{x}", NULL},
};

static void join(const struct path *path, const struct path_span *spans,
                 char text[256])
{
    size_t n = 0;

    text[0] = '\0';
    for (int i = 0; i < PATH_ARGUMENTS && spans[i].size > 0; i++)
        n += (size_t)snprintf(text + n, 256 - n, "%s%.*s", i ? "|" : "",
                              (int)spans[i].size, path->text + spans[i].at);
}

START_TEST(a_path_fits_its_patterns)
{
    const char *wanted = fits[_i].arguments;
    struct path path;
    struct path_span spans[PATH_ARGUMENTS];
    char text[256];

    ck_assert_msg(path_parse(&path, fits[_i].path), "%s is bad", fits[_i].path);
    bool fit = path_fits(&path, fits[_i].pattern, spans);
    ck_assert_msg(fit == (wanted != NULL), "%s %s %s", fits[_i].path,
                  fit ? "fits" : "doesn't fit", fits[_i].pattern);
    if (!wanted)
        return;
    join(&path, spans, text);
    ck_assert_msg(!strcmp(text, wanted), "%s in %s gives %s", fits[_i].path,
                  fits[_i].pattern, text);
}
END_TEST

static const char *const bad[] = {
    "",        "a",       "a/b",         "ftp://host/a", "/.",     "/..",
    "/./a",    "/../a",   "/a/..",       "/a/../b",      "/%2e",   "/%2E%2e",
    "/.%2e/a", "/a%2F..", "/a%2f..%2fb", "/..%2fb",      "/%2e/",  "/a%",
    "/a%2",    "/a%2/",   "/a%zz",       "/a%00",        "/a%00b", "/a b",
    "/a\tb",   "/a\x7f",  "/\xc3\xa4",   "/a\n",
};

START_TEST(what_is_no_path_is_refused)
{
    struct path path;

    ck_assert_msg(!path_parse(&path, bad[_i]), "'%s' is read as '%s'", bad[_i],
                  path.text);
}
END_TEST

static const char *const good[] = {
    "/...", "/a..", "/..a", "/.a", "/a/.../b", "/a%2F...", "/%20", "/%0d%0a",
};

START_TEST(dots_and_escapes_that_climb_nowhere_are_read)
{
    struct path path;

    ck_assert_msg(path_parse(&path, good[_i]), "'%s' is refused", good[_i]);
}
END_TEST

/* "/" and 'n' times 'unit'; to be freed. */
static char *repeated(const char *unit, size_t n)
{
    size_t size = strlen(unit);
    char *text = malloc(n * size + 2);

    ck_assert_ptr_nonnull(text);
    text[0] = '/';
    for (size_t i = 0; i < n; i++)
        memcpy(text + 1 + i * size, unit, size);
    text[1 + n * size] = '\0';
    return text;
}

static const struct {
    const char *pattern, *unit;
    size_t most; /* units that fit */
} bounds[] = {
    {"/{x}", "a", PATH_ARGUMENT - 1},
    {"/{x}", "%61", PATH_ARGUMENT - 1},
    {"/{x*}", "a", PATH_REST - 1},
    {"/{x*}", "abcdefghi/a", 46}, /* with the "/" between: 46 * 11 = 506 */
    {"/{x*}", "a/b", PATH_SEGMENTS - 1},
};

START_TEST(a_path_of_any_length_is_read_calmly)
{
    struct path path;
    struct path_span spans[PATH_ARGUMENTS];

    for (size_t n = 1; n < 9000; n = n < 600 ? n + 1 : n * 2) {
        char *text = repeated(bounds[_i].unit, n);
        ck_assert(path_parse(&path, text));
        bool fit = path_fits(&path, bounds[_i].pattern, spans);
        ck_assert_msg(fit == (n <= bounds[_i].most), "%zu times %s %s %s", n,
                      bounds[_i].unit, fit ? "fits" : "doesn't fit",
                      bounds[_i].pattern);
        free(text);
    }
}
END_TEST

START_TEST(an_empty_argument_has_no_bytes)
{
    struct path path;
    struct path_span spans[PATH_ARGUMENTS];

    memset(spans, 0xff, sizeof spans);
    ck_assert(path_parse(&path, "/a/b"));
    ck_assert(path_fits(&path, "/a/{x}", spans));
    ck_assert_uint_eq(spans[0].size, 1);
    for (int i = 1; i < PATH_ARGUMENTS; i++)
        ck_assert_uint_eq(spans[i].size, 0);
}
END_TEST

Suite *path_suite(void)
{
    Suite *suite = suite_create("path");
    TCase *tcase = tcase_create("path");

    tcase_add_loop_test(tcase, a_path_fits_its_patterns, 0, COUNT(fits));
    tcase_add_loop_test(tcase, what_is_no_path_is_refused, 0, COUNT(bad));
    tcase_add_loop_test(tcase, dots_and_escapes_that_climb_nowhere_are_read, 0,
                        COUNT(good));
    tcase_add_loop_test(tcase, a_path_of_any_length_is_read_calmly, 0,
                        COUNT(bounds));
    tcase_add_test(tcase, an_empty_argument_has_no_bytes);
    suite_add_tcase(suite, tcase);
    return suite;
}
