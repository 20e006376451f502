/* SPDX-License-Identifier: MIT */
/* Tests of 'tensors': choosing among those of a model. */
#include "reading.h"

Suite *choose_suite(void);

/* A model with fc.weight (3, 2), fc.bias (3), and plain (4, 5). */
#define MODEL                                                 \
    "\"seed\":7,\"scheme\":\"normal\",\"layers\":["           \
    "{\"name\":\"fc\",\"type\":\"linear\",\"in_features\":2," \
    "\"out_features\":3},{\"name\":\"plain\",\"shape\":[4,5]}]"

static struct reading choose(const char *tensors)
{
    char json[600];

    snprintf(json, sizeof json, "{" MODEL ",\"tensors\":%s}", tensors);
    return reading_json(json, strlen(json), NULL);
}

START_TEST(tensors_come_in_the_order_that_is_asked_for)
{
    struct reading r = choose("[\"plain\",{\"name\":\"fc.weight\"}]");

    reading_expect_good(&r, "two tensors");
    ck_assert_uint_eq(r.model.count, 2);
    ck_assert_str_eq(r.model.tensors[0].spec.name, "plain");
    ck_assert_str_eq(r.model.tensors[1].spec.name, "fc.weight");
    ck_assert_uint_eq(r.model.offsets[1], 80);
    ck_assert_uint_eq(r.model.size, 80 + 24);
    ck_assert_uint_eq(r.model.tensors[1].spec.seed, 7);
    model_release(&r.model);
}
END_TEST

START_TEST(slice_is_of_its_tensor_alone)
{
    struct reading r =
        choose("[{\"name\":\"plain\",\"slice\":\"1:3,-2:\"},\"fc.bias\"]");

    reading_expect_good(&r, "a slice and a tensor");
    ck_assert_uint_eq(r.model.tensors[0].size, 16);
    ck_assert_uint_eq(r.model.tensors[0].spec.shape.dims[0], 4);
    ck_assert_uint_eq(r.model.tensors[0].shape.dims[0], 2);
    ck_assert_uint_eq(r.model.tensors[0].start[1], 3);
    ck_assert(!sow_tensor_is_cut(&r.model.tensors[1]));
    model_release(&r.model);
}
END_TEST

static const struct {
    const char *tensors;
    enum problem_code code;
    const char *at;
} bad[] = {
    {"[]", PROBLEM_BAD_FIELD, "/tensors"},
    {"\"plain\"", PROBLEM_BAD_FIELD, "/tensors"},
    {"{\"name\":\"plain\"}", PROBLEM_BAD_FIELD, "/tensors"},
    {"[1]", PROBLEM_BAD_FIELD, "/tensors/0"},
    {"[\"plain\",null]", PROBLEM_BAD_FIELD, "/tensors/1"},
    {"[{\"slice\":\"0:1\"}]", PROBLEM_BAD_FIELD, "/tensors/0"},
    {"[{\"name\":3}]", PROBLEM_BAD_FIELD, "/tensors/0"},
    {"[\"plain\",\"plane\"]", PROBLEM_UNKNOWN_TENSOR, "/tensors/1"},
    {"[\"\"]", PROBLEM_UNKNOWN_TENSOR, "/tensors/0"},
    {"[\"fc\"]", PROBLEM_UNKNOWN_TENSOR, "/tensors/0"},
    {"[{\"name\":\"Plain\"}]", PROBLEM_UNKNOWN_TENSOR, "/tensors/0/name"},
    {"[\"plain\",\"fc.bias\",{\"name\":\"plain\",\"slice\":\"0:1\"}]",
     PROBLEM_DUPLICATE_NAME, "/tensors/2"},
    {"[{\"name\":\"plain\",\"slice\":\"0:5\"}]", PROBLEM_BAD_SLICE,
     "/tensors/0/slice"},
    {"[{\"name\":\"plain\",\"slice\":4}]", PROBLEM_BAD_FIELD,
     "/tensors/0/slice"},
    {"[{\"name\":\"plain\",\"dtype\":\"float64\"}]", PROBLEM_UNKNOWN_FIELD,
     "/tensors/0/dtype"},
};

START_TEST(bad_choice_is_refused)
{
    struct reading r = choose(bad[_i].tensors);
    reading_expect_bad(&r, bad[_i].tensors, bad[_i].code, bad[_i].at);
}
END_TEST

START_TEST(what_depends_on_data_is_not_chosen_from)
{
    const char *json =
        "{\"scheme\":\"lsuv\",\"data\":{\"synthetic\":true,\"shape\":[8,2]},"
        "\"layers\":[{\"name\":\"fc\",\"type\":\"linear\",\"in_features\":2,"
        "\"out_features\":3}],\"tensors\":[\"fc.weight\"]}";
    struct reading r = reading_json(json, strlen(json), NULL);
    reading_expect_bad(&r, json, PROBLEM_BAD_FIELD, "/tensors");
}
END_TEST

Suite *choose_suite(void)
{
    Suite *suite = suite_create("choose");
    TCase *cases = tcase_create("choose");

    tcase_add_test(cases, tensors_come_in_the_order_that_is_asked_for);
    tcase_add_test(cases, slice_is_of_its_tensor_alone);
    tcase_add_loop_test(cases, bad_choice_is_refused, 0, COUNT(bad));
    tcase_add_test(cases, what_depends_on_data_is_not_chosen_from);
    suite_add_tcase(suite, cases);
    return suite;
}
