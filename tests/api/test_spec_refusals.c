/* SPDX-License-Identifier: MIT */
/* Tests of queries that are refused, and what they are told. */
#include "reading.h"

Suite *spec_refusals_suite(void);

#define EIGHT_1 "1,1,1,1,1,1,1,1,"
#define OK "shape=2,3&scheme=normal"

static const struct {
    const char *query;
    enum problem_code code;
    const char *at;
} bad[] = {
    {NULL, PROBLEM_MISSING_FIELD, "scheme"},
    {"", PROBLEM_MISSING_FIELD, "scheme"},
    {"%", PROBLEM_BAD_QUERY, ""},
    {OK "&shape=2", PROBLEM_BAD_QUERY, "shape"},
    {OK "&seed=%00", PROBLEM_BAD_QUERY, "seed"},
    {OK "&name=%ff", PROBLEM_BAD_QUERY, "name"},

    {"scheme=normal", PROBLEM_MISSING_FIELD, "shape"},
    {"scheme=normal&shape", PROBLEM_BAD_FIELD, "shape"},
    {"scheme=normal&shape=", PROBLEM_BAD_FIELD, "shape"},
    {"scheme=normal&shape=,", PROBLEM_BAD_FIELD, "shape"},
    {"scheme=normal&shape=2,", PROBLEM_BAD_FIELD, "shape"},
    {"scheme=normal&shape=,2", PROBLEM_BAD_FIELD, "shape"},
    {"scheme=normal&shape=2,,3", PROBLEM_BAD_FIELD, "shape"},
    {"scheme=normal&shape=2x", PROBLEM_BAD_FIELD, "shape"},
    {"scheme=normal&shape=2x3,4", PROBLEM_BAD_FIELD, "shape"},
    {"scheme=normal&shape=2,3x4", PROBLEM_BAD_FIELD, "shape"},
    {"scheme=normal&shape=2X3", PROBLEM_BAD_FIELD, "shape"},
    {"scheme=normal&shape=2+3", PROBLEM_BAD_FIELD, "shape"},
    {"scheme=normal&shape=2,+3", PROBLEM_BAD_FIELD, "shape"},
    {"scheme=normal&shape=%2B2", PROBLEM_BAD_FIELD, "shape"},
    {"scheme=normal&shape=-1", PROBLEM_BAD_FIELD, "shape"},
    {"scheme=normal&shape=2,-3", PROBLEM_BAD_FIELD, "shape"},
    {"scheme=normal&shape=-", PROBLEM_BAD_FIELD, "shape"},
    {"scheme=normal&shape=2.0", PROBLEM_BAD_FIELD, "shape"},
    {"scheme=normal&shape=1e3", PROBLEM_BAD_FIELD, "shape"},
    {"scheme=normal&shape=0x10,2", PROBLEM_BAD_FIELD, "shape"},
    {"scheme=normal&shape=nan", PROBLEM_BAD_FIELD, "shape"},
    {"scheme=normal&shape=(2,3)", PROBLEM_BAD_FIELD, "shape"},
    {"scheme=normal&shape=[2,3]", PROBLEM_BAD_FIELD, "shape"},
    {"scheme=normal&shape=(", PROBLEM_BAD_FIELD, "shape"},
    {"scheme=normal&shape=9223372036854775808", PROBLEM_BAD_FIELD, "shape"},
    {"scheme=normal&shape=18446744073709551617", PROBLEM_BAD_FIELD, "shape"},
    {"scheme=normal&shape=9223372036854775807", PROBLEM_BAD_SHAPE, "shape"},
    {"scheme=normal&shape=4294967296,4294967296", PROBLEM_BAD_SHAPE, "shape"},
    {"scheme=normal&shape=2305843009213693952", PROBLEM_BAD_SHAPE, "shape"},
    {"scheme=normal&shape=0,4294967296,4294967296", PROBLEM_BAD_SHAPE, "shape"},
    {"scheme=normal&shape=" EIGHT_1 "1", PROBLEM_BAD_SHAPE, "shape"},
    {"scheme=normal&shape=" EIGHT_1 EIGHT_1 EIGHT_1 EIGHT_1 EIGHT_1 EIGHT_1
         EIGHT_1 EIGHT_1 "1",
     PROBLEM_BAD_SHAPE, "shape"},

    {"shape=2,3", PROBLEM_MISSING_FIELD, "scheme"},
    {"shape=2,3&std=2", PROBLEM_MISSING_FIELD, "scheme"},
    {"shape=2,3&scheme", PROBLEM_UNKNOWN_SCHEME, "scheme"},
    {"shape=2,3&scheme=", PROBLEM_UNKNOWN_SCHEME, "scheme"},
    {"shape=2,3&scheme=Normal", PROBLEM_UNKNOWN_SCHEME, "scheme"},
    {"shape=2,3&scheme=nomal", PROBLEM_UNKNOWN_SCHEME, "scheme"},
    {"shape=2,3&scheme=torch.", PROBLEM_UNKNOWN_SCHEME, "scheme"},
    {"shape=2,3&scheme=" N64 N64 N64 N64 N64 N64, PROBLEM_UNKNOWN_SCHEME,
     "scheme"},
    {"shape=2,3&schem=normal", PROBLEM_UNKNOWN_FIELD, "schem"},
    {"shape=3&scheme=he_normal", PROBLEM_BAD_SCHEME, NULL},
    {"shape=3&scheme=eye", PROBLEM_BAD_SCHEME, "shape"},
    {"shape=()&scheme=he_normal", PROBLEM_BAD_SCHEME, NULL},

    {OK "&seed=", PROBLEM_BAD_FIELD, "seed"},
    {OK "&seed=-1", PROBLEM_BAD_FIELD, "seed"},
    {OK "&seed=%2B1", PROBLEM_BAD_FIELD, "seed"},
    {OK "&seed=+1", PROBLEM_BAD_FIELD, "seed"},
    {OK "&seed=1.0", PROBLEM_BAD_FIELD, "seed"},
    {OK "&seed=1e3", PROBLEM_BAD_FIELD, "seed"},
    {OK "&seed=nan", PROBLEM_BAD_FIELD, "seed"},
    {OK "&seed=0x", PROBLEM_BAD_FIELD, "seed"},
    {OK "&seed=0xg", PROBLEM_BAD_FIELD, "seed"},
    {OK "&seed=ff", PROBLEM_BAD_FIELD, "seed"},
    {OK "&seed=18446744073709551616", PROBLEM_BAD_FIELD, "seed"},
    {OK "&seed=0x10000000000000000", PROBLEM_BAD_FIELD, "seed"},
    {OK "&seed=99999999999999999999999999", PROBLEM_BAD_FIELD, "seed"},
    {OK "&sede=1", PROBLEM_UNKNOWN_FIELD, "sede"},

    {OK "&name=", PROBLEM_BAD_FIELD, "name"},
    {OK "&name", PROBLEM_BAD_FIELD, "name"},
    {OK "&name=a%01", PROBLEM_BAD_FIELD, "name"},
    {OK "&name=a%0ab", PROBLEM_BAD_FIELD, "name"},
    {OK "&name=%7f", PROBLEM_BAD_FIELD, "name"},
    {OK "&name=%c2%85", PROBLEM_BAD_FIELD, "name"},
    {OK "&name=" N64 N64 N64 N64 "b", PROBLEM_BAD_FIELD, "name"},

    {OK "&dtype=", PROBLEM_UNKNOWN_VALUE, "dtype"},
    {OK "&dtype=int8", PROBLEM_UNKNOWN_VALUE, "dtype"},
    {OK "&dtype=Float32", PROBLEM_UNKNOWN_VALUE, "dtype"},
    {OK "&dtype=float32+", PROBLEM_UNKNOWN_VALUE, "dtype"},

    {OK "&layout=", PROBLEM_UNKNOWN_VALUE, "layout"},
    {OK "&layout=explicit", PROBLEM_UNKNOWN_VALUE, "layout"},
    {OK "&layout=tf", PROBLEM_UNKNOWN_VALUE, "layout"},
    {"shape=2,3&scheme=torch.linear&layout=jax", PROBLEM_BAD_FIELD, "layout"},
    {"shape=2,3&scheme=jax.normal&layout=torch", PROBLEM_BAD_FIELD, "layout"},
    {"shape=2,3&scheme=torch.linear&in_axes=0&out_axes=1", PROBLEM_BAD_FIELD,
     "in_axes"},

    {OK "&in_axes=0", PROBLEM_MISSING_FIELD, "out_axes"},
    {OK "&out_axes=0", PROBLEM_MISSING_FIELD, "in_axes"},
    {OK "&batch_axes=0", PROBLEM_MISSING_FIELD, "in_axes"},
    {OK "&in_axes=0&out_axes=1&layout=torch", PROBLEM_BAD_FIELD, "layout"},
    {OK "&in_axes=&out_axes=1", PROBLEM_BAD_FIELD, "in_axes"},
    {OK "&in_axes=a&out_axes=1", PROBLEM_BAD_FIELD, "in_axes"},
    {OK "&in_axes=0x1&out_axes=1", PROBLEM_BAD_FIELD, "in_axes"},
    {OK "&in_axes=--1&out_axes=1", PROBLEM_BAD_FIELD, "in_axes"},
    {OK "&in_axes=0&out_axes=0.5", PROBLEM_BAD_FIELD, "out_axes"},
    {OK "&in_axes=2&out_axes=1", PROBLEM_BAD_AXES, "in_axes"},
    {OK "&in_axes=0&out_axes=-3", PROBLEM_BAD_AXES, "out_axes"},
    {OK "&in_axes=0,0&out_axes=1", PROBLEM_BAD_AXES, "in_axes"},
    {OK "&in_axes=0,-2&out_axes=1", PROBLEM_BAD_AXES, "in_axes"},
    {OK "&in_axes=0&out_axes=1&batch_axes=9", PROBLEM_BAD_AXES, "batch_axes"},
    {OK "&in_axes=0&out_axes=1&batch_axes=1", PROBLEM_BAD_AXES, NULL},
    {OK "&in_axes=9223372036854775807&out_axes=1", PROBLEM_BAD_AXES, "in_axes"},
    {OK "&in_axes=0&out_axes=0,1,2,3,4,5,6,7,8", PROBLEM_BAD_AXES, "out_axes"},

    {OK "&generator=", PROBLEM_UNKNOWN_VALUE, "generator"},
    {OK "&generator=sow2", PROBLEM_UNKNOWN_VALUE, "generator"},
    {OK "&format=", PROBLEM_UNKNOWN_VALUE, "format"},
    {OK "&format=jsn", PROBLEM_UNKNOWN_VALUE, "format"},
    {OK "&digest=", PROBLEM_UNKNOWN_VALUE, "digest"},
    {OK "&digest=on", PROBLEM_UNKNOWN_VALUE, "digest"},
    {OK "&layers=1", PROBLEM_UNKNOWN_FIELD, "layers"},

    {OK "&stdd=1", PROBLEM_UNKNOWN_FIELD, "stdd"},
    {OK "&low=1", PROBLEM_UNKNOWN_FIELD, "low"},
    {OK "&" N64 N64 N64 N64 N64 N64 N64 "=1", PROBLEM_UNKNOWN_FIELD, NULL},
    {OK "&std=", PROBLEM_BAD_FIELD, "std"},
    {OK "&std=x", PROBLEM_BAD_FIELD, "std"},
    {OK "&std=1x", PROBLEM_BAD_FIELD, "std"},
    {OK "&std=+1", PROBLEM_BAD_FIELD, "std"},
    {OK "&std=1+", PROBLEM_BAD_FIELD, "std"},
    {OK "&std=1,5", PROBLEM_BAD_FIELD, "std"},
    {OK "&std=nan", PROBLEM_BAD_FIELD, "std"},
    {OK "&std=-inf", PROBLEM_BAD_FIELD, "std"},
    {OK "&std=infinity", PROBLEM_BAD_FIELD, "std"},
    {OK "&std=0x10", PROBLEM_BAD_FIELD, "std"},
    {OK "&std=1e999", PROBLEM_BAD_FIELD, "std"},
    {OK "&std=-1e999", PROBLEM_BAD_FIELD, "std"},
    {OK "&std=1e", PROBLEM_BAD_FIELD, "std"},
    {OK "&std=e5", PROBLEM_BAD_FIELD, "std"},
    {OK "&std=.", PROBLEM_BAD_FIELD, "std"},
    {OK "&std=1-1", PROBLEM_BAD_FIELD, "std"},
    {OK "&std=-1", PROBLEM_BAD_PARAMETER, "std"},
    {"shape=2&scheme=uniform&low=2", PROBLEM_BAD_PARAMETER, "high"},
    {"shape=2&scheme=uniform&low=2&high=1", PROBLEM_BAD_PARAMETER, "high"},
    {"shape=2&scheme=constant", PROBLEM_MISSING_FIELD, "value"},
    {"shape=2&scheme=constant&val=1", PROBLEM_UNKNOWN_FIELD, "val"},
    {"shape=2&scheme=zeros&value=1", PROBLEM_UNKNOWN_FIELD, "value"},
    {"shape=2,2&scheme=he_normal&mode=", PROBLEM_UNKNOWN_VALUE, "mode"},
    {"shape=2,2&scheme=he_normal&mode=fan", PROBLEM_UNKNOWN_VALUE, "mode"},
    {"shape=2,2&scheme=he_normal&mode=0", PROBLEM_UNKNOWN_VALUE, "mode"},
    {"shape=2,2,2&scheme=dirac&groups=", PROBLEM_BAD_FIELD, "groups"},
    {"shape=2,2,2&scheme=dirac&groups=1.5", PROBLEM_BAD_FIELD, "groups"},
    {"shape=2,2,2&scheme=dirac&groups=1e0", PROBLEM_BAD_FIELD, "groups"},
    {"shape=2,2,2&scheme=dirac&groups=0", PROBLEM_BAD_PARAMETER, "groups"},
    {"shape=2,2,2&scheme=dirac&groups=-1", PROBLEM_BAD_PARAMETER, "groups"},
    {"shape=2,2,2&scheme=dirac&groups=9007199254740993", PROBLEM_BAD_PARAMETER,
     "groups"},
    {"shape=2,2,2&scheme=dirac&groups=3", PROBLEM_BAD_PARAMETER, "groups"},
};

START_TEST(bad_query_is_refused_at_its_field)
{
    struct reading r = reading_query(bad[_i].query);
    reading_expect_bad(&r, bad[_i].query, bad[_i].code, bad[_i].at);
}
END_TEST

static const struct {
    const char *query, *part;
} details[] = {
    {"shape=2,3&scheme=he_nromal", "Did you mean 'he_normal'?"},
    {"shape=2,3&scheme=he-normal", "Did you mean 'he_normal'?"},
    {"shape=2,3&schem=normal", "Did you mean 'scheme'?"},
    {OK "&sdt=1", "Did you mean 'std'?"},
    {OK "&foo=1",
     "shape, scheme, seed, name, dtype, layout, in_axes, "
     "out_axes, batch_axes, multiplier, generator, slice, format, digest, "
     "recipe, final_state, key, mean, std."},
    {OK "&dtype=flaot32", "Did you mean 'float32'?"},
    {OK "&dtype=int8", "float32, float64, float16, bfloat16, float8_e4m3fn, "
                       "float8_e5m2."},
    {OK "&layout=pytorch", "torch, jax, keras."},
    {OK "&generator=x", "It is one of sow1, torch, "},
    {OK "&generator=troch", "Did you mean 'torch'?"},
    {OK "&format=npz", "raw, json, npy, safetensors, manifest."},
    {OK "&digest=of", "Did you mean 'off'?"},
    {OK "&layers=1", "POST"},
    {"shape=2,2&scheme=he_normal&mode=fan_ni", "Did you mean 'fan_in'?"},
    {"shape=" EIGHT_1 EIGHT_1 "1&scheme=normal", "17 dimensions"},
    {OK "&seed=1.5", "not '1.5'"},
};

START_TEST(detail_tells_the_mend)
{
    const struct reading r = reading_query(details[_i].query);
    ck_assert_int_ne(r.code, PROBLEM_NONE);
    ck_assert_msg(strstr(r.problem.detail, details[_i].part) != NULL,
                  "'%s' says: %s", details[_i].query, r.problem.detail);
}
END_TEST

Suite *spec_refusals_suite(void)
{
    Suite *suite = suite_create("spec_refusals");
    TCase *tests = tcase_create("spec_refusals");
    tcase_add_loop_test(tests, bad_query_is_refused_at_its_field, 0,
                        COUNT(bad));
    tcase_add_loop_test(tests, detail_tells_the_mend, 0, COUNT(details));
    suite_add_tcase(suite, tests);
    return suite;
}
