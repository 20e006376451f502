/* SPDX-License-Identifier: MIT */
/* Tests of the route table and the way through it. */
#include "router.h"
#include "../count.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

Suite *router_suite(void);

/* 'argument' is the first. */
static const struct {
    const char *method, *target, *path, *argument;
} found[] = {
    {"GET", "/v1/weights", "/v1/weights", ""},
    {"HEAD", "/v1/weights", "/v1/weights", ""},
    {"POST", "/v1/weights", "/v1/weights", ""},
    {"POST", "/v1/analysis", "/v1/analysis", ""},
    {"GET", "/v1/schemes", "/v1/schemes", ""},
    {"GET", "/v1/schemes/he_normal", "/v1/schemes/{name}", "he_normal"},
    {"GET", "/v1/schemes/a%2Fb", "/v1/schemes/{name}", "a/b"},
    {"GET", "/v1/schemes/%74orch.linear", "/v1/schemes/{name}", "torch.linear"},
    {"GET", "/%761/version", "/v1/version", ""},
    {"GET", "/v1/layers", "/v1/layers", ""},
    {"GET", "/v1/layers/keras.dense", "/v1/layers/{type}", "keras.dense"},
    {"GET", "/v1/profiles", "/v1/profiles", ""},
    {"GET", "/v1/profiles/gpt2", "/v1/profiles/{name}", "gpt2"},
    {"GET", "/healthz", "/healthz", ""},
    {"GET", "/", "/", ""},
    {"GET", "http://host", "/", ""},
    {"GET", "/page/main.js", "/page/{file}", "main.js"},
    {"GET", "http://host:80/healthz", "/healthz", ""},
    {"GET", "HTTPS://host/v1/version", "/v1/version", ""},
};

START_TEST(a_path_leads_to_its_row)
{
    struct route_match match;
    struct problem problem;
    enum problem_code code =
        route_find(found[_i].method, found[_i].target, &match, &problem);

    ck_assert_msg(code == PROBLEM_NONE, "%s %s is refused", found[_i].method,
                  found[_i].target);
    ck_assert_str_eq(match.route->path, found[_i].path);
    ck_assert_str_eq(match.arguments[0], found[_i].argument);
    ck_assert_str_eq(match.arguments[ROUTE_ARGUMENTS - 1], "");
    ck_assert_str_eq(match.allow, "");
}
END_TEST

static const struct {
    const char *method, *target;
    enum problem_code code;
} lost[] = {
    {"GET", "/page", PROBLEM_NOT_FOUND},
    {"GET", "/v1", PROBLEM_NOT_FOUND},
    {"GET", "/v1/weights/", PROBLEM_NOT_FOUND},
    {"GET", "//v1/weights", PROBLEM_NOT_FOUND},
    {"GET", "/v1//weights", PROBLEM_NOT_FOUND},
    {"GET", "/v1%2Fweights", PROBLEM_NOT_FOUND},
    {"GET", "/V1/weights", PROBLEM_NOT_FOUND},
    {"GET", "/v1/weightsx", PROBLEM_NOT_FOUND},
    {"GET", "/v1/weight", PROBLEM_NOT_FOUND},
    {"GET", "/v1/schemes/", PROBLEM_NOT_FOUND},
    {"GET", "/v1/schemes/a/b", PROBLEM_NOT_FOUND},
    {"GET", "/a/b/c/d/e/f/g", PROBLEM_NOT_FOUND},
    {"GET", "", PROBLEM_BAD_PATH},
    {"GET", "v1/weights", PROBLEM_BAD_PATH},
    {"GET", "ftp://host/healthz", PROBLEM_BAD_PATH},
    {"GET", "/v1/./weights", PROBLEM_BAD_PATH},
    {"GET", "/v1/x/../weights", PROBLEM_BAD_PATH},
    {"GET", "/v1/%2e%2E/weights", PROBLEM_BAD_PATH},
    {"GET", "/v1/weights%00", PROBLEM_BAD_PATH},
    {"GET", "/v1/weights%", PROBLEM_BAD_PATH},
    {"GET", "/v1/weights%2", PROBLEM_BAD_PATH},
    {"GET", "/v1/weights%2g", PROBLEM_BAD_PATH},
    {"GET", "/v1/weights%g2", PROBLEM_BAD_PATH},
    {"GET", "/v1/we ights", PROBLEM_BAD_PATH},
    {"GET", "/v1/weights\x01", PROBLEM_BAD_PATH},
    {"GET", "/v1/weights\xc3\xa4", PROBLEM_BAD_PATH},
    {"GET", "/a/b/c/d/e/f/%zz", PROBLEM_BAD_PATH},
    {"PUT", "/v1/weights", PROBLEM_METHOD_NOT_ALLOWED},
    {"get", "/v1/weights", PROBLEM_METHOD_NOT_ALLOWED},
    {"POST", "/v1/schemes", PROBLEM_METHOD_NOT_ALLOWED},
    {"DELETE", "/healthz", PROBLEM_METHOD_NOT_ALLOWED},
    {"POST", "/v1/recipes/a/b", PROBLEM_METHOD_NOT_ALLOWED},
    {"PUT", "/a/b/resolve/main/c", PROBLEM_METHOD_NOT_ALLOWED},
    {"GET", "/a/b/resolve/main", PROBLEM_NOT_FOUND},
    {"GET", "/a/b/resolve/main/", PROBLEM_NOT_FOUND},
    {"GET", "/a/b/resolve/main/x//y", PROBLEM_NOT_FOUND},
    {"GET", "/v1/recipes/a/b/c", PROBLEM_NOT_FOUND},
    {"GET", "/v1/recipes/a%2Fb", PROBLEM_NOT_FOUND},
    {"GET", "/a/b/resolve/main/../x", PROBLEM_BAD_PATH},
    {"GET", "/a/b/resolve/main/..%2F..%2Fx", PROBLEM_BAD_PATH},
    {"PUT", "/v1/recipes/a/..%2fb", PROBLEM_BAD_PATH},
    {"GET", "*", PROBLEM_METHOD_NOT_ALLOWED},
    {"GET", "/v1%2Fweights", PROBLEM_NOT_FOUND},
    {"GET", "/v1/schemes%2F%7Bname%7D", PROBLEM_NOT_FOUND},
    {"GET", "/v1/weight", PROBLEM_NOT_FOUND},
    {"GET", "/v1/schemes//", PROBLEM_NOT_FOUND},
};

START_TEST(a_wrong_path_or_method_is_refused)
{
    struct route_match match;
    struct problem problem;
    enum problem_code code =
        route_find(lost[_i].method, lost[_i].target, &match, &problem);

    ck_assert_msg(code == lost[_i].code, "%s '%s' gives %s", lost[_i].method,
                  lost[_i].target, problem_name(code));
    ck_assert_int_eq(problem.code, code);
}
END_TEST

#define MODEL "/api/models/{ns}/{name}"

/* 'arguments' as "a|b|c|d"; the flags are the Hub's. */
static const struct {
    const char *method, *target, *path, *arguments;
} hub[] = {
    {"GET", "/ns/a-1.b_c/resolve/main/config.json",
     "/{ns}/{name}/resolve/{rev}/{path*}", "ns|a-1.b_c|main|config.json"},
    {"HEAD", "/ns/a/resolve/refs%2Fpr%2F1/x/y%20z",
     "/{ns}/{name}/resolve/{rev}/{path*}", "ns|a|refs/pr/1|x/y z"},
    {"GET", "/ns/a/raw/seed-42/x", "/{ns}/{name}/raw/{rev}/{path*}",
     "ns|a|seed-42|x"},
    {"GET", "/resolve/resolve/resolve/main/x",
     "/{ns}/{name}/resolve/{rev}/{path*}", "resolve|resolve|main|x"},
    {"GET", "/a/resolve/main/x", "/{name}/resolve/{rev}/{path*}", "a|main|x"},
    {"GET", "/api/models", "/api/models", ""},
    {"GET", "/api/models/a", "/api/models/{name}", "a"},
    {"GET", "/api/models/ns/a", MODEL, "ns|a"},
    {"GET", "/api/models/ns/a/revision/refs%2Fpr%2F1", MODEL "/revision/{rev}",
     "ns|a|refs/pr/1"},
    {"GET", "/api/models/ns/a/tree/main", MODEL "/tree/{rev}", "ns|a|main"},
    {"GET", "/api/models/ns/a/tree/main/x%2Fy", MODEL "/tree/{rev}/{path*}",
     "ns|a|main|x/y"},
    {"POST", "/api/models/ns/a/paths-info/main", MODEL "/paths-info/{rev}",
     "ns|a|main"},
};

static void join(const struct route_match *match, char text[256])
{
    text[0] = '\0';
    for (size_t i = 0, n = 0; i < ROUTE_ARGUMENTS && *match->arguments[i]; i++)
        n += (size_t)snprintf(text + n, 256 - n, "%s%s", i ? "|" : "",
                              match->arguments[i]);
}

START_TEST(a_path_of_the_hub_leads_to_its_row)
{
    struct route_match match;
    struct problem problem;
    char text[256];
    enum problem_code code =
        route_find(hub[_i].method, hub[_i].target, &match, &problem);

    ck_assert_msg(code == PROBLEM_NONE, "%s is refused", hub[_i].target);
    ck_assert_str_eq(match.route->path, hub[_i].path);
    join(&match, text);
    ck_assert_str_eq(text, hub[_i].arguments);
    ck_assert_uint_eq(match.flags, ROUTE_HUB);
}
END_TEST

START_TEST(flags_are_known_without_a_method)
{
    static const struct {
        const char *target;
        unsigned flags;
    } rows[] = {{"/ns/a/resolve/main/x", ROUTE_HUB}, {"/v1/version", 0}};
    struct route_match match;
    struct problem problem;

    for (size_t i = 0; i < 2; i++) {
        ck_assert_int_eq(route_find("PUT", rows[i].target, &match, &problem),
                         PROBLEM_METHOD_NOT_ALLOWED);
        ck_assert_uint_eq(match.flags, rows[i].flags);
    }
}
END_TEST

START_TEST(a_segment_of_any_length_is_refused_calmly)
{
    struct route_match match;
    struct problem problem;

    for (size_t n = 1; n < 300; n++) {
        char *path = calloc(1, 13 + n);
        memcpy(path, "/v1/schemes/", 12);
        memset(path + 12, 'a', n);
        enum problem_code code = route_find("GET", path, &match, &problem);
        ck_assert_msg(
            code == (n < ROUTE_SEGMENT ? PROBLEM_NONE : PROBLEM_NOT_FOUND),
            "a name of %zu bytes gives %s", n, problem_name(code));
        free(path);
    }
}
END_TEST

static const struct {
    const char *target, *allow;
} allows[] = {
    {"/v1/weights", "GET, HEAD, POST, OPTIONS"},
    {"/v1/schemes/x", "GET, HEAD, OPTIONS"},
    {"/v1/recipes/a/b", "GET, HEAD, PUT, DELETE, OPTIONS"},
    {"/a/b/resolve/main/c", "GET, HEAD, OPTIONS"},
    {"/api/models/a/b/paths-info/main", "POST, OPTIONS"},
    {"*", "GET, HEAD, POST, PUT, DELETE, OPTIONS"},
};

START_TEST(options_are_told_in_allow)
{
    struct route_match match;
    struct problem problem;

    ck_assert_int_eq(route_find("OPTIONS", allows[_i].target, &match, &problem),
                     PROBLEM_NONE);
    ck_assert_ptr_null(match.route);
    ck_assert_str_eq(match.allow, allows[_i].allow);
}
END_TEST

/* The parts "{…}" of a pattern. */
static size_t braces(const char *path)
{
    size_t n = 0;

    for (; *path; path++)
        n += *path == '{';
    return n;
}

START_TEST(every_row_is_one_that_can_be_found)
{
    static const char *const methods[] = {"GET", "POST", "PUT", "DELETE"};
    const struct route *route;

    for (size_t i = 0; (route = route_at(i)); i++) {
        const char *star = strstr(route->path, "*}");
        size_t k = 0;
        while (k < 4 && strcmp(methods[k], route->method) != 0)
            k++;
        ck_assert_msg(k < 4, "row %zu has the method %s", i, route->method);
        ck_assert_msg(braces(route->path) <= ROUTE_ARGUMENTS,
                      "%s has too many parts", route->path);
        ck_assert_msg(!star || !star[2], "%s goes on after {…*}", route->path);
        ck_assert(route->handle != NULL);
    }
}
END_TEST

START_TEST(no_two_rows_are_the_same)
{
    size_t rows = 0;

    for (; route_at(rows); rows++)
        for (size_t i = 0; i < rows; i++)
            ck_assert_msg(
                strcmp(route_at(i)->method, route_at(rows)->method) != 0 ||
                    strcmp(route_at(i)->path, route_at(rows)->path) != 0,
                "rows %zu and %zu are the same", i, rows);
    ck_assert_uint_gt(rows, 0);
}
END_TEST

Suite *router_suite(void)
{
    Suite *suite = suite_create("router");
    TCase *tcase = tcase_create("router");

    tcase_add_loop_test(tcase, a_path_leads_to_its_row, 0, COUNT(found));
    tcase_add_loop_test(tcase, a_wrong_path_or_method_is_refused, 0,
                        COUNT(lost));
    tcase_add_loop_test(tcase, a_path_of_the_hub_leads_to_its_row, 0,
                        COUNT(hub));
    tcase_add_test(tcase, flags_are_known_without_a_method);
    tcase_add_test(tcase, a_segment_of_any_length_is_refused_calmly);
    tcase_add_loop_test(tcase, options_are_told_in_allow, 0, COUNT(allows));
    tcase_add_test(tcase, every_row_is_one_that_can_be_found);
    tcase_add_test(tcase, no_two_rows_are_the_same);
    suite_add_tcase(suite, tcase);
    return suite;
}
