/* SPDX-License-Identifier: MIT */
/* Tests of JSON bodies that are refused. */
#include "reading.h"

#include <stdio.h>

Suite *spec_json_refusals_suite(void);

/* ------------------------------------------------------------------------
 * Bodies that are refused
 */

static const struct {
    const char *json;
    enum problem_code code;
    const char *at;
} bodies[] = {
    {"", PROBLEM_BAD_JSON, ""},
    {" \r\n\t", PROBLEM_BAD_JSON, ""},
    {"null", PROBLEM_BAD_JSON, ""},
    {"42", PROBLEM_BAD_JSON, ""},
    {"\"layers\"", PROBLEM_BAD_JSON, ""},
    {"[]", PROBLEM_BAD_JSON, ""},
    {"[{\"shape\":[2]}]", PROBLEM_BAD_JSON, ""},
    {"{", PROBLEM_BAD_JSON, ""},
    {"{\"", PROBLEM_BAD_JSON, ""},
    {"{\"\\", PROBLEM_BAD_JSON, ""},
    {"{\"layers\"", PROBLEM_BAD_JSON, ""},
    {"{\"layers\":", PROBLEM_BAD_JSON, ""},
    {"{\"layers\":[", PROBLEM_BAD_JSON, ""},
    {"{\"layers\":[}", PROBLEM_BAD_JSON, ""},
    {"{\"layers\":[{}]", PROBLEM_BAD_JSON, ""},
    {"{\"layers\":[{}]} x", PROBLEM_BAD_JSON, ""},
    {"{\"layers\":[{}]}{}", PROBLEM_BAD_JSON, ""},
    {"{\"layers\":[{},]}", PROBLEM_BAD_JSON, ""},
    {"{layers:[]}", PROBLEM_BAD_JSON, ""},
    {"{'layers':[]}", PROBLEM_BAD_JSON, ""},
    {"{\"seed\":NaN}", PROBLEM_BAD_JSON, ""},
    {"{\"seed\":Infinity}", PROBLEM_BAD_JSON, ""},
    {"{\"seed\":01}", PROBLEM_BAD_JSON, ""},
    {"{\"seed\":+1}", PROBLEM_BAD_JSON, ""},
    {"{\"seed\":0x1}", PROBLEM_BAD_JSON, ""},
    {"{\"seed\":.5}", PROBLEM_BAD_JSON, ""},
    {"// no\n{}", PROBLEM_BAD_JSON, ""},
    {"\xef\xbb\xbf{}", PROBLEM_BAD_JSON, ""},
    {"{\"scheme\":\"\xff\"}", PROBLEM_BAD_JSON, ""},
    {"{\"scheme\":\"\xc0\xaf\"}", PROBLEM_BAD_JSON, ""},
    {"{\"\xff\":1}", PROBLEM_BAD_JSON, ""},
    {"{\"scheme\":\"\\ud800\"}", PROBLEM_BAD_JSON, ""},
    {"{\"scheme\":\"a\\u0000b\"}", PROBLEM_BAD_JSON, ""},
    {"{\"a\\u0000b\":1}", PROBLEM_BAD_JSON, ""},
    {"{\"scheme\":\"a\nb\"}", PROBLEM_BAD_JSON, ""},
    {"p\0q", PROBLEM_BAD_JSON, ""},

    {"{}", PROBLEM_MISSING_FIELD, "/layers"},
    {"{\"seed\":1}", PROBLEM_MISSING_FIELD, "/layers"},
    {"{\"layers\":[]}", PROBLEM_BAD_FIELD, "/layers"},
    {"{\"layers\":{}}", PROBLEM_BAD_FIELD, "/layers"},
    {"{\"layers\":null}", PROBLEM_BAD_FIELD, "/layers"},
    {"{\"layers\":\"x\"}", PROBLEM_BAD_FIELD, "/layers"},
    {"{\"layers\":1}", PROBLEM_BAD_FIELD, "/layers"},
    {"{\"layers\":[1]}", PROBLEM_BAD_FIELD, "/layers/0"},
    {"{\"layers\":[[2,3]]}", PROBLEM_BAD_FIELD, "/layers/0"},
    {"{\"layers\":[null]}", PROBLEM_BAD_FIELD, "/layers/0"},
    {"{\"layer\":[]}", PROBLEM_UNKNOWN_FIELD, "/layer"},
    {"{\"shape\":[2],\"scheme\":\"normal\"}", PROBLEM_UNKNOWN_FIELD, "/shape"},
    {"{\"name\":\"x\"}", PROBLEM_UNKNOWN_FIELD, "/name"},
    {"{\"\":1}", PROBLEM_UNKNOWN_FIELD, "/"},
    {"{\"a/b~c\":1}", PROBLEM_UNKNOWN_FIELD, "/a~1b~0c"},
    {"{\"caf\xc3\xa9\":1}", PROBLEM_UNKNOWN_FIELD, "/caf\xc3\xa9"},

    {"{\"seed\":1,\"seed\":1}", PROBLEM_BAD_FIELD, "/seed"},
    {"{\"se\\u0065d\":1,\"seed\":1}", PROBLEM_BAD_FIELD, "/seed"},
    {"{\"layers\":[{\"shape\":[2]},{\"shape\":[2],\"shape\":[3]}]}",
     PROBLEM_BAD_FIELD, "/layers/1/shape"},
    {"{\"layers\":[{\"scheme\":{\"name\":\"a\",\"x\":[{}],\"name\":1}}]}",
     PROBLEM_BAD_FIELD, "/layers/0/scheme/name"},
    {"{\"a\":\"}]\\\"{[\",\"b/c\":1,\"b/c\":2}", PROBLEM_BAD_FIELD, "/b~1c"},
    {"{\"seed\":18446744073709551615}", PROBLEM_BAD_FIELD, "/seed"},
    {"{\"seed\":9223372036854775808}", PROBLEM_BAD_FIELD, "/seed"},
    {"{\"seed\":-9223372036854775809}", PROBLEM_BAD_FIELD, "/seed"},
    {"{\"seed\":1e999}", PROBLEM_BAD_FIELD, "/seed"},
    {"{\"layers\":[{\"shape\":[2,3]},{\"seed\":99999999999999999999}]}",
     PROBLEM_BAD_FIELD, "/layers/1/seed"},
    {"{\"layers\":[{\"shape\":[2,99999999999999999999,4]}]}", PROBLEM_BAD_FIELD,
     "/layers/0/shape/1"},
    {"{\"layers\":[{\"scheme\":{\"name\":\"normal\",\"std\":1e999}}]}",
     PROBLEM_BAD_FIELD, "/layers/0/scheme/std"},
};

START_TEST(bad_body_is_refused)
{
    const char *json = bodies[_i].json;
    const size_t size = strcmp(json, "p") == 0 ? 3 : strlen(json);
    struct reading r = reading_json(json, size, NULL);
    reading_expect_bad(&r, json, bodies[_i].code, bodies[_i].at);
}
END_TEST

/* ------------------------------------------------------------------------
 * Fields that are refused, in an entry and as a default
 */

static const struct {
    const char *member; /* of a layer that has a shape of two dimensions */
    enum problem_code code;
    const char *at; /* below /layers/0 */
} members[] = {
    {"\"seed\":null", PROBLEM_BAD_FIELD, "/seed"},
    {"\"seed\":true", PROBLEM_BAD_FIELD, "/seed"},
    {"\"seed\":[]", PROBLEM_BAD_FIELD, "/seed"},
    {"\"seed\":{}", PROBLEM_BAD_FIELD, "/seed"},
    {"\"seed\":-1", PROBLEM_BAD_FIELD, "/seed"},
    {"\"seed\":42.0", PROBLEM_BAD_FIELD, "/seed"},
    {"\"seed\":1e3", PROBLEM_BAD_FIELD, "/seed"},
    {"\"seed\":9007199254740992", PROBLEM_BAD_FIELD, "/seed"},
    {"\"seed\":9223372036854775807", PROBLEM_BAD_FIELD, "/seed"},
    {"\"seed\":\"\"", PROBLEM_BAD_FIELD, "/seed"},
    {"\"seed\":\"-1\"", PROBLEM_BAD_FIELD, "/seed"},
    {"\"seed\":\" 1\"", PROBLEM_BAD_FIELD, "/seed"},
    {"\"seed\":\"18446744073709551616\"", PROBLEM_BAD_FIELD, "/seed"},
    {"\"scheme\":null", PROBLEM_BAD_FIELD, "/scheme"},
    {"\"scheme\":1", PROBLEM_BAD_FIELD, "/scheme"},
    {"\"scheme\":[\"normal\"]", PROBLEM_BAD_FIELD, "/scheme"},
    {"\"scheme\":\"\"", PROBLEM_UNKNOWN_SCHEME, "/scheme"},
    {"\"scheme\":\"nomal\"", PROBLEM_UNKNOWN_SCHEME, "/scheme"},
    {"\"scheme\":\"constant\"", PROBLEM_MISSING_FIELD, "/scheme/value"},
    {"\"scheme\":{}", PROBLEM_MISSING_FIELD, "/scheme/name"},
    {"\"scheme\":{\"std\":1}", PROBLEM_MISSING_FIELD, "/scheme/name"},
    {"\"scheme\":{\"name\":1}", PROBLEM_BAD_FIELD, "/scheme/name"},
    {"\"scheme\":{\"name\":\"nomal\"}", PROBLEM_UNKNOWN_SCHEME, "/scheme/name"},
    {"\"scheme\":{\"name\":\"constant\"}", PROBLEM_MISSING_FIELD,
     "/scheme/value"},
    {"\"scheme\":{\"name\":\"normal\",\"stdd\":1}", PROBLEM_UNKNOWN_FIELD,
     "/scheme/stdd"},
    {"\"scheme\":{\"name\":\"normal\",\"seed\":1}", PROBLEM_UNKNOWN_FIELD,
     "/scheme/seed"},
    {"\"scheme\":{\"name\":\"normal\",\"a/b\":1}", PROBLEM_UNKNOWN_FIELD,
     "/scheme/a~1b"},
    {"\"scheme\":{\"name\":\"normal\",\"std\":\"1\"}", PROBLEM_BAD_FIELD,
     "/scheme/std"},
    {"\"scheme\":{\"name\":\"normal\",\"std\":null}", PROBLEM_BAD_FIELD,
     "/scheme/std"},
    {"\"scheme\":{\"std\":true,\"name\":\"normal\"}", PROBLEM_BAD_FIELD,
     "/scheme/std"},
    {"\"scheme\":{\"name\":\"normal\",\"std\":-1}", PROBLEM_BAD_PARAMETER,
     "/scheme/std"},
    {"\"scheme\":{\"name\":\"he_normal\",\"mode\":1}", PROBLEM_BAD_FIELD,
     "/scheme/mode"},
    {"\"scheme\":{\"name\":\"he_normal\",\"mode\":\"fan\"}",
     PROBLEM_UNKNOWN_VALUE, "/scheme/mode"},
    {"\"scheme\":{\"name\":\"dirac\",\"groups\":1.0}", PROBLEM_BAD_FIELD,
     "/scheme/groups"},
    {"\"scheme\":{\"name\":\"dirac\",\"groups\":\"1\"}", PROBLEM_BAD_FIELD,
     "/scheme/groups"},
    {"\"scheme\":{\"name\":\"dirac\",\"groups\":0}", PROBLEM_BAD_PARAMETER,
     "/scheme/groups"},
    {"\"scheme\":{\"name\":\"dirac\",\"groups\":9007199254740993}",
     PROBLEM_BAD_PARAMETER, "/scheme/groups"},
    {"\"dtype\":null", PROBLEM_BAD_FIELD, "/dtype"},
    {"\"dtype\":32", PROBLEM_BAD_FIELD, "/dtype"},
    {"\"dtype\":\"\"", PROBLEM_UNKNOWN_VALUE, "/dtype"},
    {"\"dtype\":\"int8\"", PROBLEM_UNKNOWN_VALUE, "/dtype"},
    {"\"layout\":1", PROBLEM_BAD_FIELD, "/layout"},
    {"\"layout\":\"explicit\"", PROBLEM_UNKNOWN_VALUE, "/layout"},
    {"\"generator\":{}", PROBLEM_BAD_FIELD, "/generator"},
    {"\"generator\":\"sow2\"", PROBLEM_UNKNOWN_VALUE, "/generator"},
    {"\"in_axes\":[0]", PROBLEM_MISSING_FIELD, "/out_axes"},
    {"\"batch_axes\":[0]", PROBLEM_MISSING_FIELD, "/in_axes"},
    {"\"in_axes\":0,\"out_axes\":1,\"layout\":\"jax\"", PROBLEM_BAD_FIELD,
     "/layout"},
    {"\"in_axes\":\"0\",\"out_axes\":1", PROBLEM_BAD_FIELD, "/in_axes"},
    {"\"in_axes\":null,\"out_axes\":1", PROBLEM_BAD_FIELD, "/in_axes"},
    {"\"in_axes\":[0.0],\"out_axes\":1", PROBLEM_BAD_FIELD, "/in_axes/0"},
    {"\"in_axes\":0,\"out_axes\":[[1]]", PROBLEM_BAD_FIELD, "/out_axes/0"},
    {"\"in_axes\":0,\"out_axes\":[0,0,0,0,0,0,0,0,1]", PROBLEM_BAD_AXES,
     "/out_axes"},
    {"\"sede\":1", PROBLEM_UNKNOWN_FIELD, "/sede"},
    {"\"std\":1", PROBLEM_UNKNOWN_FIELD, "/std"},
};

START_TEST(bad_member_of_a_layer_is_refused_at_its_place)
{
    char json[512], at[64];
    snprintf(json, sizeof(json), "{\"layers\":[{\"shape\":[2,3],%s}]}",
             members[_i].member);
    snprintf(at, sizeof(at), "/layers/0%s", members[_i].at);
    struct reading r = reading_json(json, strlen(json), NULL);
    reading_expect_bad(&r, json, members[_i].code, at);
}
END_TEST

START_TEST(bad_default_is_refused_at_its_place)
{
    char json[512];
    snprintf(json, sizeof(json), "{%s,\"layers\":[{\"shape\":[2,3]}]}",
             members[_i].member);
    struct reading r = reading_json(json, strlen(json), NULL);
    reading_expect_bad(&r, json, members[_i].code, members[_i].at);
}
END_TEST

static const struct {
    const char *json;
    enum problem_code code;
    const char *at;
} layers[] = {
    {"{\"layers\":[" LAYER "]}", PROBLEM_MISSING_FIELD, "/layers/0/scheme"},
    {NORMAL "[{}]}", PROBLEM_MISSING_FIELD, "/layers/0/shape"},
    {NORMAL "[" LAYER ",{\"seed\":1}]}", PROBLEM_MISSING_FIELD,
     "/layers/1/shape"},
    {NORMAL "[{\"shape\":null}]}", PROBLEM_BAD_FIELD, "/layers/0/shape"},
    {NORMAL "[{\"shape\":2}]}", PROBLEM_BAD_FIELD, "/layers/0/shape"},
    {NORMAL "[{\"shape\":\"2,3\"}]}", PROBLEM_BAD_FIELD, "/layers/0/shape"},
    {NORMAL "[{\"shape\":{}}]}", PROBLEM_BAD_FIELD, "/layers/0/shape"},
    {NORMAL "[{\"shape\":[2,-3]}]}", PROBLEM_BAD_FIELD, "/layers/0/shape/1"},
    {NORMAL "[{\"shape\":[2.0]}]}", PROBLEM_BAD_FIELD, "/layers/0/shape/0"},
    {NORMAL "[{\"shape\":[\"2\"]}]}", PROBLEM_BAD_FIELD, "/layers/0/shape/0"},
    {NORMAL "[{\"shape\":[null]}]}", PROBLEM_BAD_FIELD, "/layers/0/shape/0"},
    {NORMAL "[{\"shape\":[[2]]}]}", PROBLEM_BAD_FIELD, "/layers/0/shape/0"},
    {NORMAL "[{\"shape\":[1,1,1,1,1,1,1,1,1]}]}", PROBLEM_BAD_SHAPE,
     "/layers/0/shape"},
    {NORMAL "[{\"shape\":[4294967296,4294967296]}]}", PROBLEM_BAD_SHAPE,
     "/layers/0/shape"},
    {NORMAL "[{\"shape\":[9223372036854775807]}]}", PROBLEM_BAD_SHAPE,
     "/layers/0/shape"},
    {NORMAL "[{\"shape\":[2000000000000000000]},"
            "{\"shape\":[2000000000000000000]}]}",
     PROBLEM_TOO_LARGE, "/layers"},
    {NORMAL "[{\"shape\":[2],\"name\":null}]}", PROBLEM_BAD_FIELD,
     "/layers/0/name"},
    {NORMAL "[{\"shape\":[2],\"name\":5}]}", PROBLEM_BAD_FIELD,
     "/layers/0/name"},
    {NORMAL "[{\"shape\":[2],\"name\":\"\"}]}", PROBLEM_BAD_FIELD,
     "/layers/0/name"},
    {NORMAL "[{\"shape\":[2],\"name\":\"a\\nb\"}]}", PROBLEM_BAD_FIELD,
     "/layers/0/name"},
    {NORMAL "[{\"shape\":[2],\"name\":\"\\u007f\"}]}", PROBLEM_BAD_FIELD,
     "/layers/0/name"},
    {NORMAL "[{\"shape\":[2],\"name\":\"\\u009f\"}]}", PROBLEM_BAD_FIELD,
     "/layers/0/name"},
    {NORMAL "[{\"shape\":[2],\"name\":\"" N64 N64 N64 N64 "a\"}]}",
     PROBLEM_BAD_FIELD, "/layers/0/name"},
    {NORMAL "[{\"shape\":[2],\"format\":\"raw\"}]}", PROBLEM_UNKNOWN_FIELD,
     "/layers/0/format"},
    {NORMAL "[{\"shape\":[2],\"layers\":[]}]}", PROBLEM_UNKNOWN_FIELD,
     "/layers/0/layers"},
    {NORMAL "[{\"shape\":[2],\"name\":\"a\"},{\"shape\":[2],\"name\":\"b\"},"
            "{\"shape\":[2],\"name\":\"a\"},{\"shape\":[2],\"name\":\"b\"}]}",
     PROBLEM_DUPLICATE_NAME, "/layers/2/name"},
    {NORMAL "[{\"shape\":[2],\"name\":\"1\"},{\"shape\":[2]}]}",
     PROBLEM_DUPLICATE_NAME, "/layers/1/name"},
    {NORMAL "[{\"shape\":[2],\"name\":\"a\\u0062\"},"
            "{\"shape\":[2],\"name\":\"ab\"}]}",
     PROBLEM_DUPLICATE_NAME, "/layers/1/name"},
    {NORMAL "[" LAYER "],\"format\":\"npz\"}", PROBLEM_UNKNOWN_VALUE,
     "/format"},
    {NORMAL "[" LAYER "],\"format\":null}", PROBLEM_BAD_FIELD, "/format"},
    {NORMAL "[" LAYER "],\"digest\":true}", PROBLEM_BAD_FIELD, "/digest"},
    {NORMAL "[" LAYER "],\"digest\":\"on\"}", PROBLEM_UNKNOWN_VALUE, "/digest"},

    /* What is inherited is blamed where it stands, or on the layer. */
    {"{\"scheme\":{\"name\":\"normal\",\"std\":-1},\"layers\":[" LAYER "]}",
     PROBLEM_BAD_PARAMETER, "/scheme/std"},
    {"{\"scheme\":\"eye\",\"layers\":[" LAYER ",{\"shape\":[2]}]}",
     PROBLEM_BAD_SCHEME, "/layers/1/shape"},
    {"{\"scheme\":\"normal\",\"in_axes\":2,\"out_axes\":0,\"layers\":["
     "{\"shape\":[2,3,4]}," LAYER "]}",
     PROBLEM_BAD_AXES, "/layers/1"},
    {"{\"layout\":\"jax\",\"layers\":[{\"shape\":[2,3],\"scheme\":"
     "\"torch.linear\"}]}",
     PROBLEM_BAD_FIELD, "/layers/0"},
    {"{\"scheme\":\"torch.linear\",\"layers\":[{\"shape\":[2,3],\"layout\":"
     "\"jax\"}]}",
     PROBLEM_BAD_FIELD, "/layers/0/layout"},
    {"{\"scheme\":\"normal\",\"in_axes\":0,\"out_axes\":1,\"layers\":["
     "{\"shape\":[2,3],\"in_axes\":1}]}",
     PROBLEM_MISSING_FIELD, "/layers/0/out_axes"},
};

START_TEST(bad_layer_is_refused_at_its_place)
{
    struct reading r =
        reading_json(layers[_i].json, strlen(layers[_i].json), NULL);
    reading_expect_bad(&r, layers[_i].json, layers[_i].code, layers[_i].at);
}
END_TEST

static const struct {
    const char *json, *query;
    enum problem_code code;
    const char *at;
} beside[] = {
    {NORMAL "[" LAYER "]}", "seed=1", PROBLEM_UNKNOWN_FIELD, "seed"},
    {NORMAL "[" LAYER "]}", "std=1", PROBLEM_UNKNOWN_FIELD, "std"},
    {NORMAL "[" LAYER "]}", "fromat=raw", PROBLEM_UNKNOWN_FIELD, "fromat"},
    {NORMAL "[" LAYER "]}", "format=npz", PROBLEM_UNKNOWN_VALUE, "format"},
    {NORMAL "[" LAYER "]}", "format=raw&format=raw", PROBLEM_BAD_QUERY,
     "format"},
    {NORMAL "[" LAYER "]}", "format=%", PROBLEM_BAD_QUERY, "format"},
    {NORMAL "[" LAYER "],\"format\":\"raw\"}", "format=raw", PROBLEM_BAD_QUERY,
     "format"},
    {NORMAL "[" LAYER "],\"digest\":\"off\"}", "format=raw&digest=wait",
     PROBLEM_BAD_QUERY, "digest"},
};

START_TEST(bad_query_beside_a_body_is_refused)
{
    struct reading r = reading_json(beside[_i].json, strlen(beside[_i].json),
                                    beside[_i].query);
    reading_expect_bad(&r, beside[_i].json, beside[_i].code, beside[_i].at);
}
END_TEST

Suite *spec_json_refusals_suite(void)
{
    Suite *suite = suite_create("spec_json_refusals");
    TCase *tests = tcase_create("spec_json_refusals");
    tcase_add_loop_test(tests, bad_body_is_refused, 0, COUNT(bodies));
    tcase_add_loop_test(tests, bad_member_of_a_layer_is_refused_at_its_place, 0,
                        COUNT(members));
    tcase_add_loop_test(tests, bad_default_is_refused_at_its_place, 0,
                        COUNT(members));
    tcase_add_loop_test(tests, bad_layer_is_refused_at_its_place, 0,
                        COUNT(layers));
    tcase_add_loop_test(tests, bad_query_beside_a_body_is_refused, 0,
                        COUNT(beside));
    suite_add_tcase(suite, tests);
    return suite;
}
