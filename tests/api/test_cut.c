/* SPDX-License-Identifier: MIT */
/* Tests of 'slice': what it may look like, and what it cuts. */
#include "reading.h"

#include "cut.h"

Suite *cut_suite(void);

#define SHAPE_456 "shape=4,5,6&scheme=normal&name=w"

/* What a slice of a (4, 5, 6) tensor becomes, written out; NULL if nothing. */
static const struct {
    const char *slice, *cut;
} slices[] = {
    {"1:3", "1:3,0:5,0:6"}, {"1:3,:,2:", "1:3,0:5,2:6"},
    {":,:,:", NULL},        {"0:4", NULL},
    {"-1:", "3:4,0:5,0:6"}, {":-1,1:-1", "0:3,1:4,0:6"},
    {"-4:4,-5:", NULL},     {"2:2", "2:2,0:5,0:6"},
    {"4:4", "4:4,0:5,0:6"}, {"4:,5:", "4:4,5:5,0:6"},
    {":0", "0:0,0:5,0:6"},  {"-4:-4,:,-6:-5", "0:0,0:5,0:1"},
    {"007:4", ""},
};

static const char *cut_text(const struct sow_tensor *tensor, char out[80])
{
    struct text text = {.bytes = out, .room = 79};

    if (!sow_tensor_is_cut(tensor))
        return NULL;
    cut_put(&text, tensor);
    out[text.size] = '\0';
    return out;
}

START_TEST(slice_cuts_as_numpy_does)
{
    char query[200], out[80];

    snprintf(query, sizeof query, SHAPE_456 "&slice=%s", slices[_i].slice);
    struct reading r = reading_query(query);
    if (slices[_i].cut && !slices[_i].cut[0]) {
        reading_expect_bad(&r, query, PROBLEM_BAD_SLICE, "slice");
        return;
    }
    reading_expect_good(&r, query);
    ck_assert_pstr_eq(cut_text(&r.model.tensors[0], out), slices[_i].cut);
    ck_assert_uint_eq(r.model.size, r.model.tensors[0].size);
    model_release(&r.model);
}
END_TEST

static const struct {
    const char *slice;
    enum problem_code code;
} bad[] = {
    {"", PROBLEM_BAD_FIELD},
    {"1", PROBLEM_BAD_FIELD},
    {"1:2:1", PROBLEM_BAD_FIELD},
    {"1:2,", PROBLEM_BAD_FIELD},
    {",1:2", PROBLEM_BAD_FIELD},
    {"-:2", PROBLEM_BAD_FIELD},
    {"--1:", PROBLEM_BAD_FIELD},
    {"1.0:2", PROBLEM_BAD_FIELD},
    {"0x1:2", PROBLEM_BAD_FIELD},
    {"+1:2", PROBLEM_BAD_FIELD},
    {"...", PROBLEM_BAD_FIELD},
    {"None:2", PROBLEM_BAD_FIELD},
    {"9223372036854775808:", PROBLEM_BAD_FIELD},
    {"18446744073709551616:", PROBLEM_BAD_FIELD},
    {"3:2", PROBLEM_BAD_SLICE},
    {"-1:0", PROBLEM_BAD_SLICE},
    {"0:5", PROBLEM_BAD_SLICE},
    {"5:", PROBLEM_BAD_SLICE},
    {"-5:", PROBLEM_BAD_SLICE},
    {":,:,:7", PROBLEM_BAD_SLICE},
    {":9223372036854775807", PROBLEM_BAD_SLICE},
    {"-9223372036854775807:", PROBLEM_BAD_SLICE},
    {":,:,:,:", PROBLEM_BAD_SLICE},
    {":,:,:,:,:,:,:,:,:,:,:,:,:,:,:,:,:,:,:,:,:,:,:", PROBLEM_BAD_SLICE},
};

START_TEST(bad_slice_is_refused)
{
    char query[200];

    snprintf(query, sizeof query, SHAPE_456 "&slice=%s", bad[_i].slice);
    struct reading r = reading_query(query);
    reading_expect_bad(&r, query, bad[_i].code, "slice");
}
END_TEST

START_TEST(scalar_has_nothing_to_slice)
{
    struct reading r = reading_query("shape=()&scheme=normal&slice=:");
    reading_expect_bad(&r, "a scalar", PROBLEM_BAD_SLICE, "slice");
}
END_TEST

static struct reading read_layer(const char *slice)
{
    char json[300];

    snprintf(json, sizeof json,
             "{\"layers\":[{\"name\":\"w\",\"shape\":[4,5,6],\"scheme\":"
             "\"he_normal\",\"slice\":%s}]}",
             slice);
    return reading_json(json, strlen(json), NULL);
}

/* The same slice in JSON's ways; NULL if it is refused. */
static const struct {
    const char *json, *cut;
} written[] = {
    {"\"1:3,:,2:\"", "1:3,0:5,2:6"},
    {"[[1,3],null,[2,null]]", "1:3,0:5,2:6"},
    {"[[1,3],[null,null],[-4,6]]", "1:3,0:5,2:6"},
    {"[[1,-1]]", "1:3,0:5,0:6"},
    {"[]", ""},
    {"[[1]]", NULL},
    {"[[1,2,3]]", NULL},
    {"[1,2]", NULL},
    {"[[1.0,2]]", NULL},
    {"[[\"1\",2]]", NULL},
    {"[\"1:2\"]", NULL},
    {"[{}]", NULL},
    {"3", NULL},
    {"null", NULL},
    {"{}", NULL},
    {"true", NULL},
    {"[[-9223372036854775808,null]]", NULL},
};

START_TEST(json_slice_is_a_text_or_pairs)
{
    struct reading r = read_layer(written[_i].json);
    char out[80];

    if (!written[_i].cut) {
        reading_expect_bad(&r, written[_i].json,
                           strstr(written[_i].json, "-92") ? PROBLEM_BAD_SLICE
                                                           : PROBLEM_BAD_FIELD,
                           "/layers/0/slice");
        return;
    }
    reading_expect_good(&r, written[_i].json);
    const char *cut = cut_text(&r.model.tensors[0], out);
    ck_assert_str_eq(cut ? cut : "", written[_i].cut);
    ck_assert_uint_eq(r.model.tensors[0].fan_in, 30);
    ck_assert_uint_eq(r.model.tensors[0].fan_out, 24);
    model_release(&r.model);
}
END_TEST

START_TEST(layer_with_a_type_takes_no_slice)
{
    const char *json = "{\"layers\":[{\"name\":\"w\",\"type\":\"linear\","
                       "\"in_features\":2,\"out_features\":3,"
                       "\"slice\":\"0:1\"}]}";
    struct reading r = reading_json(json, strlen(json), NULL);
    reading_expect_bad(&r, json, PROBLEM_BAD_FIELD, "/layers/0/slice");
}
END_TEST

Suite *cut_suite(void)
{
    Suite *suite = suite_create("cut");
    TCase *cases = tcase_create("cut");

    tcase_add_loop_test(cases, slice_cuts_as_numpy_does, 0, COUNT(slices));
    tcase_add_loop_test(cases, bad_slice_is_refused, 0, COUNT(bad));
    tcase_add_test(cases, scalar_has_nothing_to_slice);
    tcase_add_loop_test(cases, json_slice_is_a_text_or_pairs, 0,
                        COUNT(written));
    tcase_add_test(cases, layer_with_a_type_takes_no_slice);
    suite_add_tcase(suite, cases);
    return suite;
}
