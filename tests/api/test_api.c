/* SPDX-License-Identifier: MIT */
/* Tests of the routes beside weights, and of what all routes share. */
#include "drive.h"
#include "fields.h"
#include "router.h"
#include "../count.h"

#include <check.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

Suite *api_suite(void);

static json_t *get_json(const char *target)
{
    struct answer answer = drive(driven, "GET", target, NULL, NULL);
    json_t *json = json_loads(answer.body, JSON_REJECT_DUPLICATES, NULL);

    ck_assert_msg(answer.status == 200, "%s gives %u", target, answer.status);
    ck_assert_msg(json != NULL, "%s is no JSON", target);
    ck_assert_str_eq(answer_header(&answer, "Content-Type"),
                     "application/json");
    answer_release(&answer);
    return json;
}

/* ------------------------------------------------------------------------
 * Documents
 */

static const char *const row_members[] = {
    "name",   "aliases",  "library", "layout", "summary",    "formula",
    "source", "evidence", "fans",    "tags",   "parameters", "example",
};

START_TEST(every_scheme_has_a_whole_row_and_a_path)
{
    json_t *json = get_json("/v1/schemes");
    json_t *rows = json_object_get(json, "schemes");
    size_t count = 0;

    while (sow_scheme_at(count))
        count++;
    ck_assert_uint_eq(json_array_size(rows), count);
    for (size_t i = 0; i < count; i++) {
        json_t *row = json_array_get(rows, i);
        char target[128];
        for (int k = 0; k < COUNT(row_members); k++)
            ck_assert_msg(json_object_get(row, row_members[k]) != NULL,
                          "row %zu has no %s", i, row_members[k]);
        snprintf(target, sizeof target, "/v1/schemes/%s",
                 json_string_value(json_object_get(row, "name")));
        json_t *one = get_json(target);
        ck_assert_msg(json_is_object(json_object_get(one, "schema")),
                      "%s has no schema", target);
        json_object_del(one, "schema");
        ck_assert_msg(json_equal(one, row), "%s differs", target);
        json_decref(one);
    }
    json_decref(json);
}
END_TEST

START_TEST(every_example_works)
{
    const struct sow_scheme_info *info;
    json_t *json = get_json("/v1/schemes");
    json_t *rows = json_object_get(json, "schemes");

    for (size_t i = 0; (info = sow_scheme_at(i)); i++) {
        const char *example = json_string_value(
            json_object_get(json_array_get(rows, i), "example"));
        ck_assert_msg(!example == info->data, "%s: %s", info->name, example);
        if (!example)
            continue;
        struct answer answer = drive(driven, "GET", example, NULL, NULL);
        ck_assert_msg(answer.status == 200, "%s gives %u: %s", example,
                      answer.status, answer_string(&answer, "detail"));
        answer_release(&answer);
    }
    json_decref(json);
}
END_TEST

START_TEST(every_parameter_is_described)
{
    json_t *json = get_json("/v1/schemes");
    json_t *rows = json_object_get(json, "schemes");
    json_t *row, *parameter;
    size_t i, k;

    json_array_foreach(rows, i, row)
    {
        json_array_foreach(json_object_get(row, "parameters"), k, parameter)
        {
            const char *name = "?";
            const char *type;
            const char *help;
            int required;
            json_t *value, *choices;
            ck_assert_msg(!json_unpack(parameter,
                                       "{s:s, s:s, s:b, s:s, s:o, s:o!}",
                                       "name", &name, "type", &type, "required",
                                       &required, "help", &help, "default",
                                       &value, "choices", &choices),
                          "parameter %zu of row %zu", k, i);
            ck_assert_msg(json_is_null(value) == !!required, "default of %s",
                          name);
            ck_assert_msg(json_is_array(choices) == !strcmp(type, "choice"),
                          "choices of %s", name);
        }
    }
    json_decref(json);
}
END_TEST

/* In a query parameters and fields stand side by side. */
START_TEST(no_parameter_is_called_as_a_field_is)
{
    const struct sow_scheme_info *info;

    for (size_t i = 0; (info = sow_scheme_at(i)); i++)
        for (uint32_t k = 0; k < info->parameter_count; k++)
            ck_assert_msg(!field_stands(info->parameters[k].name, SCOPE_QUERY),
                          "%s of %s is a field", info->parameters[k].name,
                          info->name);
}
END_TEST

/* Lists of layer types and profiles, and a path to each with more. */
static const struct {
    const char *target, *list, *more;
} lists[] = {
    {"/v1/layers", "layers", "arguments"},
    {"/v1/profiles", "profiles", "rules"},
};

START_TEST(every_row_of_a_list_has_a_path)
{
    json_t *json = get_json(lists[_i].target);
    json_t *rows = json_object_get(json, lists[_i].list);
    json_t *row;
    size_t i;

    ck_assert_uint_gt(json_array_size(rows), 5);
    json_array_foreach(rows, i, row)
    {
        char target[128];
        snprintf(target, sizeof target, "%s/%s", lists[_i].target,
                 json_string_value(json_object_get(row, "name")));
        json_t *one = get_json(target);
        ck_assert_msg(json_is_array(json_object_get(one, lists[_i].more)),
                      "%s has no %s", target, lists[_i].more);
        ck_assert(json_object_get(row, lists[_i].more) == NULL);
        json_object_del(one, lists[_i].more);
        ck_assert_msg(json_equal(one, row), "%s differs", target);
        json_decref(one);
    }
    json_decref(json);
}
END_TEST

START_TEST(an_alias_leads_to_its_scheme)
{
    json_t *a = get_json("/v1/schemes/he_normal");
    json_t *b = get_json("/v1/schemes/kaiming_normal");

    ck_assert(json_equal(a, b));
    json_decref(a);
    json_decref(b);
}
END_TEST

START_TEST(the_openapi_document_is_json)
{
    json_t *json = get_json("/openapi.json");

    ck_assert_ptr_nonnull(json_object_get(json, "openapi"));
    json_decref(json);
}
END_TEST

START_TEST(health_and_readiness_differ_while_draining)
{
    static const struct {
        const char *target;
        unsigned before, after;
    } checks[] = {{"/healthz", 200, 200}, {"/readyz", 200, 503}};

    for (int i = 0; i < COUNT(checks); i++) {
        struct answer answer =
            drive(driven, "GET", checks[i].target, NULL, NULL);
        ck_assert_uint_eq(answer.status, checks[i].before);
        ck_assert_str_eq(answer.body, "ok\n");
        ck_assert_str_eq(answer_header(&answer, "Cache-Control"), "no-store");
        answer_release(&answer);
    }
    api_set_draining(driven);
    for (int i = 0; i < COUNT(checks); i++) {
        struct answer answer =
            drive(driven, "GET", checks[i].target, NULL, NULL);
        ck_assert_uint_eq(answer.status, checks[i].after);
        answer_release(&answer);
    }
}
END_TEST

/* ------------------------------------------------------------------------
 * What all routes share
 */

static const struct {
    const char *method, *target;
    unsigned status;
    const char *code, *allow;
} refusals[] = {
    {"GET", "/page", 404, "NOT_FOUND", NULL},
    {"GET", "/v1/schemes/nonsense", 404, "NOT_FOUND", NULL},
    {"GET", "/v1/layers/linaer", 404, "NOT_FOUND", NULL},
    {"GET", "/v1/profiles/gtp2", 404, "NOT_FOUND", NULL},
    {"GET", "/v1/schemes/he_normal%FF", 404, "NOT_FOUND", NULL},
    {"GET", "/v1/../v1/version", 400, "BAD_PATH", NULL},
    {"GET", "/%00", 400, "BAD_PATH", NULL},
    {"GET", "/v1/schemes?x=1", 400, "UNKNOWN_FIELD", NULL},
    {"GET", "/v1/schemes/he_normal?x", 400, "UNKNOWN_FIELD", NULL},
    {"GET", "/v1/version?x=1", 400, "UNKNOWN_FIELD", NULL},
    {"GET", "/healthz?x=1", 400, "UNKNOWN_FIELD", NULL},
    {"GET", "/readyz?x=%zz", 400, "BAD_QUERY", NULL},
    {"GET", "/openapi.json?x=1", 400, "UNKNOWN_FIELD", NULL},
    {"DELETE", "/v1/weights", 405, "METHOD_NOT_ALLOWED",
     "GET, HEAD, POST, OPTIONS"},
    {"POST", "/v1/version", 405, "METHOD_NOT_ALLOWED", "GET, HEAD, OPTIONS"},
    {"BREW", "/healthz", 405, "METHOD_NOT_ALLOWED", "GET, HEAD, OPTIONS"},
    {"TRACE", "*", 405, "METHOD_NOT_ALLOWED",
     "GET, HEAD, POST, PUT, DELETE, OPTIONS"},
};

START_TEST(a_wrong_request_is_a_problem)
{
    struct answer answer =
        drive(driven, refusals[_i].method, refusals[_i].target, NULL, NULL);

    ck_assert_msg(answer.status == refusals[_i].status, "%s %s gives %u",
                  refusals[_i].method, refusals[_i].target, answer.status);
    ck_assert_str_eq(answer_code(&answer), refusals[_i].code);
    ck_assert_str_eq(answer_header(&answer, "Cache-Control"), "no-store");
    if (refusals[_i].allow)
        ck_assert_str_eq(answer_header(&answer, "Allow"), refusals[_i].allow);
    else
        ck_assert_ptr_null(answer_header(&answer, "Allow"));
    answer_release(&answer);
}
END_TEST

START_TEST(every_get_route_refuses_an_unknown_parameter)
{
    const struct route *route;

    for (size_t i = 0; (route = route_at(i)); i++) {
        char target[128];
        if (strcmp(route->method, "GET") != 0 || route->flags & ROUTE_HUB)
            continue;
        snprintf(target, sizeof target, "%s?scheme=ones&shape=1&bogus=1",
                 route->path);
        struct answer answer = drive(driven, "GET", target, NULL, NULL);
        ck_assert_msg(answer.status == 400, "%s gives %u", target,
                      answer.status);
        answer_release(&answer);
    }
}
END_TEST

START_TEST(options_is_answered_by_allow_alone)
{
    static const struct {
        const char *target, *allow;
    } rows[] = {
        {"*", "GET, HEAD, POST, PUT, DELETE, OPTIONS"},
        {"/v1/weights", "GET, HEAD, POST, OPTIONS"},
        {"/v1/recipes/a/b", "GET, HEAD, PUT, DELETE, OPTIONS"},
    };

    for (int i = 0; i < COUNT(rows); i++) {
        struct answer answer =
            drive(driven, "OPTIONS", rows[i].target, NULL, NULL);
        ck_assert_uint_eq(answer.status, 204);
        ck_assert(answer.bodyless);
        ck_assert_str_eq(answer_header(&answer, "Allow"), rows[i].allow);
        ck_assert_ptr_null(
            answer_header(&answer, "Access-Control-Allow-Methods"));
        answer_release(&answer);
    }
}
END_TEST

START_TEST(pages_of_other_sites_may_use_the_hub)
{
    static const char *const preflight[][2] = {
        {"Allow", "GET, HEAD, OPTIONS"},
        {"Access-Control-Allow-Origin", "*"},
        {"Access-Control-Allow-Methods", "GET, HEAD, OPTIONS"},
        {"Access-Control-Allow-Headers",
         "Range, If-None-Match, If-Range, Authorization, Content-Type"},
        {"Access-Control-Max-Age", "86400"},
    };
    struct answer answer =
        drive(driven, "OPTIONS", "/init/gpt2/resolve/main/config.json",
              "Origin: https://a.example\n"
              "Access-Control-Request-Method: GET\n"
              "Access-Control-Request-Headers: range\n",
              NULL);

    ck_assert_uint_eq(answer.status, 204);
    for (int i = 0; i < COUNT(preflight); i++)
        ck_assert_str_eq(answer_header(&answer, preflight[i][0]),
                         preflight[i][1]);
    answer_release(&answer);
}
END_TEST

START_TEST(a_body_on_get_is_ignored)
{
    struct answer answer =
        drive(driven, "GET", "/healthz", "Content-Length: 3\n", "{}?");

    ck_assert_uint_eq(answer.status, 200);
    answer_release(&answer);
}
END_TEST

Suite *api_suite(void)
{
    Suite *suite = suite_create("api");
    TCase *tcase = tcase_create("api");

    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, drive_setup, drive_teardown);
    tcase_add_test(tcase, every_scheme_has_a_whole_row_and_a_path);
    tcase_add_test(tcase, every_example_works);
    tcase_add_test(tcase, every_parameter_is_described);
    tcase_add_test(tcase, no_parameter_is_called_as_a_field_is);
    tcase_add_loop_test(tcase, every_row_of_a_list_has_a_path, 0, COUNT(lists));
    tcase_add_test(tcase, an_alias_leads_to_its_scheme);
    tcase_add_test(tcase, the_openapi_document_is_json);
    tcase_add_test(tcase, health_and_readiness_differ_while_draining);
    tcase_add_loop_test(tcase, a_wrong_request_is_a_problem, 0,
                        COUNT(refusals));
    tcase_add_test(tcase, every_get_route_refuses_an_unknown_parameter);
    tcase_add_test(tcase, options_is_answered_by_allow_alone);
    tcase_add_test(tcase, pages_of_other_sites_may_use_the_hub);
    tcase_add_test(tcase, a_body_on_get_is_ignored);
    suite_add_tcase(suite, tcase);
    return suite;
}
