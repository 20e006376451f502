/* SPDX-License-Identifier: MIT */
/* Tests of what requests with data are refused for. */
#include "stacks.h"

#include <string.h>

Suite *stack_refusals_suite(void);

/* ------------------------------------------------------------------------
 * Refusals
 */

#define CONSTANT "\"data\":{\"values\":[[1,1,1,1,1,1],[1,1,1,1,1,1]]},"
#define DRAWN "\"data\":{\"synthetic\":true,\"shape\":[8,6]},"
#define ONE(more)                                         \
    "\"layers\":[{\"type\":\"linear\",\"in_features\":6," \
    "\"out_features\":2" more "}]}"
#define CONV(more)                                                         \
    "{" LSUV "\"data\":{\"synthetic\":true,\"shape\":[4,1,9]},\"layers\":" \
    "[{\"type\":\"conv1d\",\"in_channels\":1,\"out_channels\":2,"          \
    "\"kernel_size\":3," more "}]}"

static const struct {
    const char *body;
    unsigned status;
    const char *code, *at, *detail;
} refusals[] = {
    {"{" LSUV ONE(""), 422, "BAD_SCHEME", "/data", "'data', such as"},
    {"{\"layers\":[{\"shape\":[3,4],\"scheme\":\"lsuv\"}]}", 422, "BAD_SCHEME",
     "/data", "'data', such as"},
    {"{\"scheme\":\"he_normal\"," DRAWN ONE(""), 422, "BAD_SCHEME", "/data",
     "leave 'data' out"},
    {"{" LSUV CONSTANT ONE(",\"scheme\":\"weightnorm_data\""), 422,
     "BAD_SCHEME", "/data", "'0.weight_v' (/layers/0) don't vary"},
    {"{" LSUV DRAWN "\"layers\":[{\"shape\":[3,4]}]}", 422, "BAD_SCHEME",
     "/layers/0", "linear, conv1d"},
    {"{" LSUV DRAWN "\"layers\":[{\"type\":\"layer_norm\","
     "\"normalized_shape\":6}]}",
     422, "BAD_SCHEME", "/layers/0", "linear, conv1d"},
    {"{" LSUV DRAWN "\"config\":{\"model_type\":\"gpt2\"}}", 422, "BAD_SCHEME",
     "/data", "'config'"},
    {"{" LSUV "\"data\":{\"synthetic\":true,\"shape\":[8,7]}," ONE(""), 422,
     "BAD_SHAPE", "/data", "would be 7"},
    {"{" LSUV DRAWN "\"layers\":[{\"type\":\"linear\",\"in_features\":6,"
     "\"out_features\":2},{\"type\":\"linear\",\"in_features\":3,"
     "\"out_features\":2}]}",
     422, "BAD_SHAPE", "/layers/1", "would be 2"},
    {"{" LSUV DRAWN "\"layers\":[{\"type\":\"linear\",\"in_features\":6,"
     "\"out_features\":0}]}",
     422, "BAD_SCHEME", "/data", "don't vary"},
    {"{" LSUV "\"data\":{\"synthetic\":true,\"shape\":[8]}," ONE(""), 422,
     "BAD_SHAPE", "/data", "(batch, features)"},
    {"{" LSUV "\"data\":{\"synthetic\":true,\"shape\":[8,0]}," ONE(""), 400,
     "BAD_FIELD", "/data/shape/1", "at least 1"},
    {"{" LSUV "\"data\":{\"synthetic\":true}," ONE(""), 400, "MISSING_FIELD",
     "/data/shape", "missing"},
    {"{" LSUV "\"data\":{\"synthetic\":false,\"shape\":[8,6]}," ONE(""), 400,
     "BAD_FIELD", "/data/synthetic", "must be true"},
    {"{" LSUV "\"data\":{\"synthetic\":true,\"shapes\":[8,6]}," ONE(""), 400,
     "UNKNOWN_FIELD", "/data/shapes", "'shape'"},
    {"{" LSUV "\"data\":{\"values\":[[1]],\"synthetic\":true}," ONE(""), 400,
     "BAD_FIELD", "/data", "one of"},
    {"{" LSUV "\"data\":[[1]]," ONE(""), 400, "BAD_FIELD", "/data", "'values'"},
    {"{" LSUV "\"data\":{\"values\":[[1,2],[3]]}," ONE(""), 422, "BAD_SHAPE",
     "/data/values/1", "array of 2"},
    {"{" LSUV "\"data\":{\"values\":[[1,2],[3,[4]]]}," ONE(""), 400,
     "BAD_FIELD", "/data/values/1/1", "number"},
    {"{" LSUV "\"data\":{\"values\":[[1,null]]}," ONE(""), 400, "BAD_FIELD",
     "/data/values/0/1", "number"},
    {"{" LSUV "\"data\":{\"values\":3}," ONE(""), 422, "BAD_SHAPE", "/data",
     "(batch, features)"},
    {"{" LSUV "\"data\":{\"base64\":\"AAAA\",\"shape\":[1,1]}," ONE(""), 422,
     "BAD_SHAPE", "/data/base64", "wants 8"},
    {"{" LSUV "\"data\":{\"base64\":\"AA-AAA==\",\"shape\":[1,1]}," ONE(""),
     400, "BAD_FIELD", "/data/base64", "Value 0"},
    {"{" LSUV "\"data\":{\"base64\":\"AADAfw==\",\"shape\":[1,1]}," ONE(""),
     400, "BAD_FIELD", "/data/base64", "finite"},
    {"{" LSUV "\"data\":{\"base64\":\"AAAAAAAA\",\"shape\":[1,1]}," ONE(""),
     400, "BAD_FIELD", "/data/base64", "ends with ="},
    {"{" LSUV "\"data\":{\"base64\":1,\"shape\":[1,1]}," ONE(""), 400,
     "BAD_FIELD", "/data/base64", "string"},
    {"{\"scheme\":\"bayes_kalman_data\"," DRAWN
     "\"layers\":[{\"shape\":[3,4]}]}",
     422, "BAD_SHAPE", "/data", "fan_in of 4"},
    {"{\"scheme\":\"bayes_kalman_data\",\"data\":{\"values\":[[],[]]},"
     "\"layers\":[{\"shape\":[3,4]}]}",
     422, "BAD_SHAPE", "/data", "rows of fan_in"},
    {"{\"scheme\":\"bayes_kalman_data\",\"layers\":[{\"shape\":[3,4]}]}", 422,
     "BAD_SCHEME", "/data", "'data', such as"},
    {"{\"scheme\":\"bayes_kalman_data\"," DRAWN
     "\"layers\":[{\"shape\":[3,6]},{\"type\":\"linear\",\"in_features\":6,"
     "\"out_features\":2,\"scheme\":\"lsuv\"}]}",
     422, "BAD_SCHEME", "/data", "make two requests"},
    {"{" LSUV DRAWN ONE(",\"activation\":\"rely\""), 422, "UNKNOWN_VALUE",
     "/layers/0/activation", "'relu'"},
    {"{" LSUV DRAWN ONE(",\"activation\":1"), 400, "BAD_FIELD",
     "/layers/0/activation", "string"},
    {"{" LSUV "\"bias\":\"ones\"," DRAWN ONE(""), 422, "BAD_SCHEME", "/bias",
     "leave it out"},
    {"{" LSUV DRAWN ONE(",\"bias\":\"ones\""), 422, "BAD_SCHEME",
     "/layers/0/bias", "leave it out"},
    {"{\"scheme\":\"weightnorm_data\"," DRAWN ONE(",\"bias\":false"), 422,
     "BAD_SCHEME", "/layers/0", "bias"},
    {"{\"scheme\":\"weightnorm_data_g\"," DRAWN ONE(""), 422, "BAD_SCHEME",
     "/data", "leave 'data' out"},
    {"{\"scheme\":{\"name\":\"lsuv\",\"max_attempts\":1001}," DRAWN ONE(""),
     422, "BAD_PARAMETER", "/scheme/max_attempts", "1000"},
    {CONV("\"stride\":0"), 400, "BAD_FIELD", "/layers/0/stride", "whole"},
    {CONV("\"stride\":[1,1]"), 400, "BAD_FIELD", "/layers/0/stride", "1 axes"},
    {CONV("\"dilation\":65536"), 400, "BAD_FIELD", "/layers/0/dilation",
     "65535"},
    {CONV("\"padding\":-1"), 400, "BAD_FIELD", "/layers/0/padding", "whole"},
    {CONV("\"padding\":[65536]"), 400, "BAD_FIELD", "/layers/0/padding/0",
     "65535"},
    {CONV("\"padding\":\"some\""), 400, "BAD_FIELD", "/layers/0/padding",
     "same"},
    {CONV("\"padding\":\"same\",\"stride\":2"), 400, "BAD_FIELD",
     "/layers/0/padding", "stride of 1"},
    {CONV("\"padding_mode\":\"reflect\""), 400, "BAD_FIELD",
     "/layers/0/padding_mode", "zeros"},
    {CONV("\"dilation\":9"), 422, "BAD_SHAPE", "/data",
     "smaller than its kernel"},
};

START_TEST(refusals_name_the_place_and_the_mend)
{
    struct answer answer =
        drive(stack_api, "POST", TARGET, NULL, refusals[_i].body);

    ck_assert_msg(answer.status == refusals[_i].status &&
                      !strcmp(answer_code(&answer), refusals[_i].code),
                  "%s gives %u: %s", refusals[_i].body, answer.status,
                  answer.body);
    ck_assert_str_eq(answer_string(&answer, "at"), refusals[_i].at);
    ck_assert_msg(strstr(answer_string(&answer, "detail"), refusals[_i].detail),
                  "%s gives: %s", refusals[_i].body, answer.body);
    answer_release(&answer);
}
END_TEST

START_TEST(a_query_has_no_data)
{
    struct answer answer =
        drive(stack_api, "GET", TARGET "?shape=4,4&scheme=weightnorm_data",
              NULL, NULL);

    ck_assert_uint_eq(answer.status, 422);
    ck_assert_str_eq(answer_code(&answer), "BAD_SCHEME");
    answer_release(&answer);
}
END_TEST

/* Also when the failed run is still remembered. */
START_TEST(data_that_do_not_vary_are_refused_again_and_again)
{
    for (int i = 0; i < 3; i++) {
        struct answer answer =
            drive(stack_api, "POST", TARGET, NULL,
                  "{\"scheme\":\"weightnorm_data\"," CONSTANT ONE(""));
        ck_assert_uint_eq(answer.status, 422);
        ck_assert_str_eq(answer_string(&answer, "at"), "/data");
        answer_release(&answer);
    }
}
END_TEST

static const struct {
    uint64_t cache_bytes, max_flops;
    const char *code;
} limits[] = {
    {1 << 20, 1000, "COST_LIMIT"},
    {2000, 1 << 30, "WHOLE_TOO_LARGE"},
};

START_TEST(what_a_run_costs_is_limited)
{
    struct api_limits changed = drive_limits;

    changed.cache_bytes = limits[_i].cache_bytes;
    changed.max_flops = limits[_i].max_flops;
    api_free(stack_api);
    stack_api = drive_api(&changed);
    struct answer answer = stack_post("", stack_body(WEIGHT_NORM, false, MLP));
    ck_assert_uint_eq(answer.status, 422);
    ck_assert_str_eq(answer_code(&answer), limits[_i].code);
    ck_assert_uint_eq(answer.units, 0);
    answer_release(&answer);
}
END_TEST

Suite *stack_refusals_suite(void)
{
    Suite *suite = suite_create("stack_refusals");
    TCase *tcase = tcase_create("stack_refusals");

    tcase_add_checked_fixture(tcase, stack_setup, stack_teardown);
    tcase_add_loop_test(tcase, refusals_name_the_place_and_the_mend, 0,
                        COUNT(refusals));
    tcase_add_test(tcase, a_query_has_no_data);
    tcase_add_test(tcase, data_that_do_not_vary_are_refused_again_and_again);
    tcase_add_loop_test(tcase, what_a_run_costs_is_limited, 0, COUNT(limits));
    suite_add_tcase(suite, tcase);
    return suite;
}
