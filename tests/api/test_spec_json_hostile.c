/* SPDX-License-Identifier: MIT */
/* Tests of JSON bodies that are made to hurt, and of memory that runs out. */
#include "reading.h"

#include <jansson.h>

Suite *spec_json_hostile_suite(void);

static const struct {
    const char *prefix, *unit;
    size_t times;
    const char *suffix;
    enum problem_code code;
    const char *at;
} hostile[] = {
    {"", "[", 10000, "", PROBLEM_BAD_JSON, ""},
    {"", "{\"a\":", 4000, "", PROBLEM_BAD_JSON, ""},
    {"{\"layers\":", "[", 10000, "1", PROBLEM_BAD_JSON, ""},
    {"{\"scheme\":", "{\"name\":", 4000, "1", PROBLEM_BAD_JSON, ""},
    {"{\"layers\":", "[", 1000000, "", PROBLEM_TOO_MANY_LAYERS, "/layers"},
    {"{\"layers\":[1", ",1", 2000000, "]}", PROBLEM_TOO_MANY_LAYERS, "/layers"},
    {"{\"layers\":[{}", ",{}", 2000000, "]}", PROBLEM_TOO_MANY_LAYERS,
     "/layers"},
    {"{\"layers\":[{}", ",{}", 1000, "]}", PROBLEM_TOO_MANY_LAYERS, "/layers"},
    {"{\"seed\":", "9", 1000000, "}", PROBLEM_BAD_FIELD, "/seed"},
    {"{\"seed\":\"", "9", 1000000, "\"}", PROBLEM_BAD_FIELD, "/seed"},
    {"{\"seed\":0.", "0", 1000000, "1}", PROBLEM_BAD_FIELD, "/seed"},
    {"{\"scheme\":\"", "\xe2\x82\xac", 2000, "\"}", PROBLEM_UNKNOWN_SCHEME,
     "/scheme"},
    {"{\"scheme\":\"", "\xe2\x82\xac", 1000000, "\"}", PROBLEM_BAD_FIELD,
     "/scheme"},
    {"{\"", "\xe2\x82\xac", 2000, "\":1}", PROBLEM_UNKNOWN_FIELD, NULL},
    {"{\"", "\xe2\x82\xac", 1000000, "\":1}", PROBLEM_BAD_FIELD, NULL},
    {"{\"x", "~/", 4000, "\":1}", PROBLEM_UNKNOWN_FIELD, NULL},
    {NORMAL "[{\"shape\":[1", ",1", 64, "]}]}", PROBLEM_BAD_SHAPE,
     "/layers/0/shape"},
    {NORMAL "[{\"shape\":[1", ",1", 20000, "]}]}", PROBLEM_BAD_SHAPE,
     "/layers/0/shape"},
    {"", " ", 1000000, "", PROBLEM_BAD_JSON, ""},
    {"{\"layers\":[{\"name\":\"", "\\\\", 100000, "\"", PROBLEM_BAD_FIELD,
     "/layers/0/name"},
    {"{\"a\":\"", "\\\"", 100000, "", PROBLEM_BAD_FIELD, "/a"},
};

START_TEST(hostile_body_is_refused)
{
    char *json = reading_repeat(hostile[_i].prefix, hostile[_i].unit,
                                hostile[_i].times, hostile[_i].suffix);
    struct reading r = reading_json(json, strlen(json), NULL);
    reading_expect_bad(&r, json, hostile[_i].code, hostile[_i].at);
    free(json);
}
END_TEST

/* Cut a good body at every byte: each piece is refused, none read past. */
START_TEST(every_cut_of_a_body_is_refused)
{
    static const char json[] =
        "{\"seed\":\"0x1\",\"layers\":[{\"shape\":[2,3],\"name\":\"\\u00e9"
        "\xc3\xa9\",\"scheme\":{\"name\":\"normal\",\"std\":1.5e-1}}]}";
    struct reading good = reading_json(json, sizeof(json) - 1, NULL);
    reading_expect_good(&good, json);
    model_release(&good.model);
    for (size_t n = 0; n < sizeof(json) - 1; n++) {
        struct reading r = reading_json(json, n, NULL);
        reading_expect_bad(&r, json, PROBLEM_BAD_JSON, "");
    }
}
END_TEST

/* Set each byte of a good body to each value: it is read or refused. */
START_TEST(any_byte_may_be_wrong)
{
    char json[] = "{\"seed\":1,\"layers\":[{\"shape\":[2,3],\"scheme\":{"
                  "\"name\":\"he_normal\",\"a\":0.5},\"in_axes\":0,"
                  "\"out_axes\":[-1]}]}";
    for (size_t i = 0; i < sizeof(json) - 1; i++) {
        const char right = json[i];
        for (int byte = 0; byte < 256; byte++) {
            json[i] = (char)byte;
            struct reading r = reading_json(json, sizeof(json) - 1, NULL);
            ck_assert_uint_lt(problem_status(r.code), 500);
            if (r.code == PROBLEM_NONE)
                model_release(&r.model);
        }
        json[i] = right;
    }
}
END_TEST

/* How many more allocations the JSON library may make; the next one fails. */
static long allocations_left;

static void *allocate(size_t size)
{
    return allocations_left-- > 0 ? malloc(size) : NULL;
}

/*
 * The JSON library takes some failures for bad syntax.  Each test runs in a
 * process of its own, so the allocator need not go back.
 */
START_TEST(memory_that_runs_out_is_survived)
{
    static const char json[] =
        "{\"seed\":\"0x1\",\"layers\":[{\"shape\":[2,3],\"name\":\"a\","
        "\"scheme\":{\"name\":\"normal\",\"std\":1.5e-1}},"
        "{\"shape\":[1,2,3,4,5,6,7,8],\"scheme\":\"ones\",\"in_axes\":[0],"
        "\"out_axes\":[1,-1],\"dtype\":\"f16\",\"seed\":7}]}";
    json_set_alloc_funcs(allocate, free);
    struct reading r = {.code = PROBLEM_INTERNAL};
    long n = 0;
    for (; r.code != PROBLEM_NONE && n < 10000; n++) {
        allocations_left = n;
        r = reading_json(json, sizeof(json) - 1, NULL);
        if (r.code != PROBLEM_NONE && r.code != PROBLEM_BAD_JSON)
            reading_expect_bad(&r, json, PROBLEM_INTERNAL, "");
    }
    ck_assert_int_eq(r.code, PROBLEM_NONE);
    ck_assert_int_gt(n, 20);
    model_release(&r.model);
}
END_TEST

Suite *spec_json_hostile_suite(void)
{
    Suite *suite = suite_create("spec_json_hostile");
    TCase *tests = tcase_create("spec_json_hostile");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, hostile_body_is_refused, 0, COUNT(hostile));
    tcase_add_test(tests, every_cut_of_a_body_is_refused);
    tcase_add_test(tests, any_byte_may_be_wrong);
    tcase_add_test(tests, memory_that_runs_out_is_survived);
    suite_add_tcase(suite, tests);
    return suite;
}
