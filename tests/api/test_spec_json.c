/* SPDX-License-Identifier: MIT */
/* Tests of reading many tensors from JSON. */
#include "reading.h"

#include <stdint.h>

Suite *spec_json_suite(void);

static struct model model;
static struct spec_options options;

/* Read a body that must be good; the caller releases 'model'. */
static void read_good(const char *json, const char *query)
{
    const struct reading r = reading_json(json, strlen(json), query);
    reading_expect_good(&r, json);
    model = r.model;
    options = r.options;
}

START_TEST(layers_override_defaults)
{
    read_good("{\"seed\":42,\"scheme\":\"he_normal\",\"dtype\":\"float16\","
              "\"layout\":\"jax\",\"generator\":\"sow1\",\"layers\":["
              "{\"name\":\"a\",\"shape\":[8,4]},"
              "{\"name\":\"b\",\"shape\":[8,4],\"seed\":\"0xff\",\"dtype\":"
              "\"f64\",\"layout\":\"torch\",\"scheme\":{\"std\":2,\"name\":"
              "\"normal\"},\"generator\":\"sow1\"},"
              "{\"name\":\"c\",\"shape\":[],\"scheme\":\"ones\"}]}",
              NULL);
    const struct sow_tensor *t = model.tensors;
    ck_assert_uint_eq(model.count, 3);
    ck_assert_str_eq(t[0].spec.name, "a");
    ck_assert_uint_eq(t[0].spec.seed, 42);
    ck_assert_int_eq(t[0].spec.dtype, SOW_FLOAT16);
    ck_assert_int_eq(t[0].spec.layout, SOW_JAX);
    ck_assert_uint_eq(t[0].fan_in, 8);
    ck_assert_uint_eq(t[1].spec.seed, 255);
    ck_assert_int_eq(t[1].spec.dtype, SOW_FLOAT64);
    ck_assert_int_eq(t[1].spec.layout, SOW_TORCH);
    ck_assert_str_eq(t[1].spec.scheme.info->name, "normal");
    ck_assert(t[1].spec.scheme.values[1] == 2);
    ck_assert_uint_eq(t[2].spec.shape.rank, 0);
    ck_assert_uint_eq(t[2].spec.seed, 42);
    ck_assert_uint_eq(t[2].elements, 1);
    model_release(&model);
}
END_TEST

START_TEST(tensors_lie_end_to_end)
{
    read_good(NORMAL "[{\"shape\":[2,3]},{\"shape\":[0]},{\"shape\":[5],"
                     "\"dtype\":\"float16\"},{\"shape\":[]}]}",
              NULL);
    static const uint64_t offsets[] = {0, 24, 24, 34};
    for (size_t i = 0; i < model.count; i++)
        ck_assert_uint_eq(model.offsets[i], offsets[i]);
    ck_assert_uint_eq(model.size, 38);
    model_release(&model);
}
END_TEST

START_TEST(layer_without_a_name_is_called_by_its_position)
{
    read_good(NORMAL "[" LAYER ",{\"shape\":[2],\"name\":\"x\"}," LAYER "]}",
              NULL);
    ck_assert_str_eq(model.tensors[0].spec.name, "0");
    ck_assert_str_eq(model.tensors[1].spec.name, "x");
    ck_assert_str_eq(model.tensors[2].spec.name, "2");
    ck_assert(model.ordered);
    model_release(&model);
    read_good(NORMAL "[{\"shape\":[2],\"name\":\"x\"}]}", NULL);
    ck_assert(!model.ordered);
    model_release(&model);
}
END_TEST

START_TEST(axes_or_layout_of_a_layer_replace_the_default)
{
    read_good("{\"scheme\":\"he_normal\",\"in_axes\":[0],\"out_axes\":[-1],"
              "\"batch_axes\":[1],\"layers\":[{\"shape\":[2,3,5]},"
              "{\"shape\":[2,3,5],\"layout\":\"torch\"},"
              "{\"shape\":[2,3,5],\"in_axes\":2,\"out_axes\":[0,1]}]}",
              NULL);
    ck_assert_int_eq(model.tensors[0].spec.layout, SOW_EXPLICIT);
    ck_assert_uint_eq(model.tensors[0].fan_in, 2);
    ck_assert_uint_eq(model.tensors[0].fan_out, 5);
    ck_assert_int_eq(model.tensors[1].spec.layout, SOW_TORCH);
    ck_assert_uint_eq(model.tensors[1].fan_in, 15);
    ck_assert_int_eq(model.tensors[2].spec.layout, SOW_EXPLICIT);
    ck_assert_uint_eq(model.tensors[2].spec.axes.batch, 0);
    ck_assert_uint_eq(model.tensors[2].fan_in, 5);
    ck_assert_uint_eq(model.tensors[2].fan_out, 6);
    model_release(&model);
}
END_TEST

START_TEST(seed_may_be_a_number_up_to_2_53)
{
    read_good(
        "{\"seed\":9007199254740991,\"scheme\":\"normal\",\"layers\":[" LAYER
        ",{\"shape\":[1],\"seed\":\"18446744073709551615\"}]}",
        NULL);
    ck_assert_uint_eq(model.tensors[0].spec.seed, 9007199254740991);
    ck_assert_uint_eq(model.tensors[1].spec.seed, UINT64_MAX);
    model_release(&model);
}
END_TEST

START_TEST(options_come_from_the_body_or_the_query)
{
    read_good(NORMAL "[" LAYER "],\"format\":\"raw\",\"digest\":\"wait\"}", "");
    ck_assert_int_eq(options.format, FORMAT_RAW);
    ck_assert_int_eq(options.digest, DIGEST_WAIT);
    model_release(&model);
    read_good(NORMAL "[" LAYER "],\"digest\":\"off\"}", "format=json");
    ck_assert_int_eq(options.format, FORMAT_JSON);
    ck_assert_int_eq(options.digest, DIGEST_OFF);
    model_release(&model);
    read_good(NORMAL "[" LAYER "]}", NULL);
    ck_assert_int_eq(options.format, FORMAT_UNSET);
    ck_assert_int_eq(options.digest, DIGEST_AUTO);
    model_release(&model);
}
END_TEST

START_TEST(detail_asks_for_a_string_when_a_seed_is_too_big)
{
    static const char *const json[] = {
        "{\"seed\":9007199254740992}",
        "{\"seed\":18446744073709551615}",
    };
    for (int i = 0; i < COUNT(json); i++) {
        struct reading r = reading_json(json[i], strlen(json[i]), NULL);
        reading_expect_bad(&r, json[i], PROBLEM_BAD_FIELD, "/seed");
        ck_assert_ptr_nonnull(strstr(r.problem.detail, "string"));
    }
}
END_TEST

START_TEST(detail_names_the_limit_on_layers)
{
    char *json = reading_repeat(NORMAL "[" LAYER, "," LAYER, 1000, "]}");
    struct reading r = reading_json(json, strlen(json), NULL);
    reading_expect_bad(&r, json, PROBLEM_TOO_MANY_LAYERS, "/layers");
    ck_assert_ptr_nonnull(strstr(r.problem.detail, "max_layers"));
    ck_assert_ptr_nonnull(strstr(r.problem.detail, "1000"));
    ck_assert_ptr_nonnull(strstr(r.problem.detail, "--max-layers"));
    free(json);
    json = reading_repeat(NORMAL "[" LAYER, "," LAYER, 999, "]}");
    read_good(json, NULL);
    ck_assert_uint_eq(model.count, 1000);
    ck_assert_str_eq(model.tensors[999].spec.name, "999");
    model_release(&model);
    free(json);
}
END_TEST

/* The bound on a body's tree leaves room for all that a layer may say. */
START_TEST(layers_that_say_everything_fit_the_limit)
{
    static const char layer[] =
        ",{\"shape\":[3,3,8,8],\"seed\":\"0x1\",\"dtype\":\"bfloat16\","
        "\"layout\":\"jax\",\"generator\":\"sow1\",\"scheme\":{\"name\":"
        "\"kaiming_normal\",\"a\":0.5,\"mode\":\"fan_out\","
        "\"nonlinearity\":\"relu\"}}";
    char *json = reading_repeat(NORMAL "[" LAYER, layer, 999, "]}");
    read_good(json, NULL);
    ck_assert_uint_eq(model.count, 1000);
    model_release(&model);
    free(json);
}
END_TEST

Suite *spec_json_suite(void)
{
    Suite *suite = suite_create("spec_json");
    TCase *tests = tcase_create("fields");
    tcase_add_test(tests, layers_override_defaults);
    tcase_add_test(tests, tensors_lie_end_to_end);
    tcase_add_test(tests, layer_without_a_name_is_called_by_its_position);
    tcase_add_test(tests, axes_or_layout_of_a_layer_replace_the_default);
    tcase_add_test(tests, seed_may_be_a_number_up_to_2_53);
    tcase_add_test(tests, options_come_from_the_body_or_the_query);
    tcase_add_test(tests, detail_asks_for_a_string_when_a_seed_is_too_big);
    tcase_add_test(tests, detail_names_the_limit_on_layers);
    tcase_add_test(tests, layers_that_say_everything_fit_the_limit);
    suite_add_tcase(suite, tests);
    return suite;
}
