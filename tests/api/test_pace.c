/* SPDX-License-Identifier: MIT */
/* Tests of which requests may begin where. */
#include "api.h"
#include "../count.h"

#include <check.h>
#include <string.h>

Suite *pace_suite(void);

static const char *const paces[] = {"quick", "brief", "long"};

static const struct {
    const char *method, *path, *query, *body;
    enum api_pace pace;
} rows[] = {
    {"GET", "/v1/weights", "shape=2&scheme=ones", NULL, API_QUICK},
    {"GET", "/v1/weights", NULL, NULL, API_QUICK},
    {"GET", "/v1/weights", "recipe=init/gpt2", NULL, API_BRIEF},
    {"HEAD", "/v1/weights", "seed=1&recipe=init/gpt2", NULL, API_BRIEF},
    {"GET", "/v1/weights", "recip%65=init/gpt2", NULL, API_BRIEF},
    {"GET", "/v1/weights", "recipe", NULL, API_BRIEF},
    {"GET", "/v1/weights", "scheme=recipe", NULL, API_QUICK},
    {"GET", "/v1/weights", "recipe=%zz", NULL, API_QUICK},
    {"GET", "/v1/weights", NULL, "{\"config\":{}}", API_QUICK},
    {"GET", "/healthz", NULL, NULL, API_QUICK},
    {"GET", "/v1/recipes", NULL, NULL, API_BRIEF},
    {"GET", "/v1/recipes/a/b", NULL, NULL, API_BRIEF},
    {"PUT", "/v1/recipes/a/b", NULL, "{\"config\":{}}", API_BRIEF},
    {"DELETE", "/v1/recipes/a/b", NULL, NULL, API_BRIEF},
    {"HEAD", "/a/b/resolve/main/c", NULL, NULL, API_BRIEF},
    {"GET", "/api/models/a/b/tree/main", NULL, NULL, API_BRIEF},
    {"POST", "/api/models/a/b/paths-info/main", NULL, "paths=a", API_BRIEF},
    {"GET", "/nowhere", NULL, NULL, API_QUICK},
    {"POST", "/healthz", NULL, "{\"config\":{}}", API_QUICK},
    {"OPTIONS", "/v1/weights", NULL, NULL, API_QUICK},
    {"POST", "/v1/weights", NULL, NULL, API_QUICK},
    {"POST", "/v1/weights", NULL, "", API_QUICK},
    {"POST", "/v1/weights", NULL,
     "{\"layers\":[{\"shape\":[2],\"scheme\":\"zeros\"}]}", API_QUICK},
    {"POST", "/v1/weights", NULL, "{\"recipe\":\"init/gpt2\"}", API_BRIEF},
    {"POST", "/v1/weights", "recipe=init/gpt2", "{}", API_BRIEF},
    {"POST", "/v1/weights", NULL, "{\"layers\":[{\"type\":\"linear\"}]}",
     API_LONG},
    {"POST", "/v1/weights", NULL, "{\"config\":{},\"profile\":1}", API_LONG},
    {"POST", "/v1/weights", NULL, "{\"c\\u006fnfig\":{}}", API_LONG},
    {"POST", "/v1/weights", NULL, "{\"r\\u0065cipe\":\"a/b\"}", API_LONG},
    {"POST", "/v1/analysis", NULL, "{\"widths\":[2,2]}", API_BRIEF},
    {"POST", "/v1/analysis", NULL, "{\"layers\":[{\"type\":\"linear\"}]}",
     API_LONG},
};

START_TEST(a_request_goes_at_the_pace_of_its_row)
{
    struct api_request request = {
        .method = rows[_i].method,
        .target_path = rows[_i].path,
        .query = rows[_i].query,
        .body = rows[_i].body,
        .body_size = rows[_i].body == NULL ? 0 : strlen(rows[_i].body),
    };
    enum api_pace pace = api_pace(&request);

    ck_assert_msg(pace == rows[_i].pace, "%s %s?%s %s is %s", rows[_i].method,
                  rows[_i].path, rows[_i].query, rows[_i].body, paces[pace]);
}
END_TEST

static const struct {
    const char *method, *path;
    enum api_pace small, large; /* 64 KiB, and a byte more */
} sizes[] = {
    {"POST", "/v1/weights", API_QUICK, API_LONG},
    {"POST", "/v1/analysis", API_BRIEF, API_LONG},
    {"PUT", "/v1/recipes/a/b", API_BRIEF, API_LONG},
    {"POST", "/api/models/a/b/paths-info/main", API_BRIEF, API_LONG},
    {"GET", "/v1/weights", API_QUICK, API_QUICK},
};

START_TEST(a_body_of_64_kib_is_the_largest_small_one)
{
    static char body[(64 << 10) + 1];
    struct api_request request = {.method = sizes[_i].method,
                                  .target_path = sizes[_i].path};

    memset(body, ' ', sizeof body);
    request.body = body;
    request.body_size = sizeof body - 1;
    ck_assert_int_eq(api_pace(&request), sizes[_i].small);
    request.body_size = sizeof body;
    ck_assert_int_eq(api_pace(&request), sizes[_i].large);
}
END_TEST

Suite *pace_suite(void)
{
    Suite *suite = suite_create("pace");
    TCase *tcase = tcase_create("pace");

    tcase_add_loop_test(tcase, a_request_goes_at_the_pace_of_its_row, 0,
                        COUNT(rows));
    tcase_add_loop_test(tcase, a_body_of_64_kib_is_the_largest_small_one, 0,
                        COUNT(sizes));
    suite_add_tcase(suite, tcase);
    return suite;
}
