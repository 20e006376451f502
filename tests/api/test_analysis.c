/* SPDX-License-Identifier: MIT */
/* Tests of POST /v1/analysis: what it answers. */
#include "asking.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

Suite *analysis_suite(void);

/* ------------------------------------------------------------------------
 * Numbers
 */

/* What a square layer does to the mean square, and chi_1: known by heart. */
static const struct {
    const char *scheme, *activation;
    double forward, chi_1;
} rules[] = {
    {"'he_normal'", "'relu'", 1, 1},
    {"'he_uniform'", "'relu'", 1, 1},
    {"'he_normal'", "'linear'", 2, 2},
    {"'glorot_normal'", "'relu'", 0.5, 0.5},
    {"'glorot_uniform'", "'linear'", 1, 1},
    {"'lecun_normal'", "'abs'", 1, 1},
    {"{'name':'torch.kaiming_uniform','a':2.23606797749979}", "'relu'", 1.0 / 6,
     1.0 / 6},
    {"{'name':'kaiming_normal','a':0.5}", "{'name':'leaky_relu','slope':0.5}",
     1, 1},
    {"{'name':'normal','std':0.125}", "'relu'", 0.5, 0.5},
};

START_TEST(schemes_do_what_papers_say)
{
    char body[256];

    snprintf(body, sizeof body,
             "{'widths':[64,64,64,64],'activation':%s,'scheme':%s}",
             rules[_i].activation, rules[_i].scheme);
    json_t *json = ask(body);
    for (int i = 0; i < 2; i++) {
        const json_t *layer = layer_of(json, (size_t)i);
        expect(layer, "forward", rules[_i].forward);
        expect(layer, "backward", rules[_i].chi_1);
        expect(layer, "chi_1", rules[_i].chi_1);
        expect(layer, "m2", pow(rules[_i].forward, i + 1));
        expect(layer, "log10_forward", (i + 1) * log10(rules[_i].forward));
    }
    json_decref(json);
}
END_TEST

START_TEST(fan_out_gains_by_the_ratio_of_widths)
{
    json_t *json = ask("{'widths':[300,100,50],'activation':'relu','scheme':"
                       "{'name':'kaiming_normal','mode':'fan_out'}}");

    expect(layer_of(json, 0), "forward", 3);
    expect(layer_of(json, 0), "backward", 1);
    json_decref(json);
}
END_TEST

/* C(c) of Cho and Saul, and 2/pi arcsin of Williams. */
START_TEST(correlations_follow_the_kernels)
{
    double c = 0.5, root = sqrt(1 - 0.25);
    json_t *relu = ask("{'widths':[8,8,8],'activation':'relu',"
                       "'scheme':'he_normal'}");
    json_t *erf = ask("{'widths':[8,8,8],'activation':'erf',"
                      "'scheme':'lecun_normal','input':{'correlation':0.25}}");

    expect(layer_of(relu, 0), "c", 0.5);
    expect(layer_of(relu, 0), "c2", (root + c * (M_PI - acos(c))) / M_PI);
    expect(layer_of(erf, 0), "c2", asin(0.5 / 3) / asin(2.0 / 3));
    expect(layer_of(erf, 0), "m2", 2 / M_PI * asin(2.0 / 3));
    json_decref(relu);
    json_decref(erf);
}
END_TEST

START_TEST(an_input_scales_the_first_layer)
{
    json_t *json = ask("{'widths':[8,8,8],'scheme':'lecun_normal',"
                       "'input':{'second_moment':0.25,'correlation':-0.5}}");
    json_t *input = json_object_get(json, "input");

    expect(input, "second_moment", 0.25);
    expect(input, "correlation", -0.5);
    expect(input, "mean", 0);
    expect(layer_of(json, 0), "q", 0.25);
    expect(layer_of(json, 0), "c", -0.5);
    json_decref(json);
}
END_TEST

START_TEST(biases_add_their_variance)
{
    json_t *json = ask("{'widths':[8,8,8],'scheme':'lecun_normal',"
                       "'bias':{'name':'normal','std':0.5}}");
    json_t *layers =
        ask("{'scheme':'lecun_normal','layers':["
            "{'name':'a.weight','shape':[8,8]},"
            "{'name':'a.bias','shape':[8],'scheme':{'name':'normal',"
            "'std':0.5}},{'shape':[8,8]}]}");

    expect(layer_of(json, 0), "q", 1.25);
    expect(json_object_get(layer_of(json, 0), "bias"), "variance", 0.25);
    expect(layer_of(layers, 0), "q", 1.25);
    ck_assert_ptr_null(json_object_get(layer_of(layers, 1), "bias"));
    json_decref(json);
    json_decref(layers);
}
END_TEST

/* ------------------------------------------------------------------------
 * Verdicts
 */

static json_t *verdict_of(json_t *json, const char *name)
{
    size_t i;
    json_t *verdict;

    json_array_foreach(json_object_get(analysis_of(json, 0), "verdicts"), i,
                       verdict)
    {
        if (!strcmp(string(verdict, "verdict"), name))
            return verdict;
    }
    return NULL;
}

static const struct {
    const char *verdict, *body;
} verdicts[] = {
    {"vanishing", "{'widths':[64,64,64,64,64,64,64,64,64,64,64,64,64,64],"
                  "'activation':'relu','scheme':'glorot_normal'}"},
    {"exploding", "{'widths':[64,64,64,64,64,64,64,64,64,64,64,64,64,64],"
                  "'scheme':'he_normal'}"},
    {"dead", "{'widths':[1,2,1],'scheme':'zeros','activation':'relu'}"},
    {"symmetric", "{'widths':[4,4,4],'scheme':'ones','activation':'tanh',"
                  "'input':{'mean':0.5}}"},
};

START_TEST(verdicts_tell_what_why_and_the_mend)
{
    json_t *json = ask(verdicts[_i].body);
    json_t *verdict = verdict_of(json, verdicts[_i].verdict);
    json_t *advice = verdict ? json_object_get(verdict, "suggestion") : NULL;

    ck_assert_msg(verdict != NULL, "%s has no verdict %s", verdicts[_i].body,
                  verdicts[_i].verdict);
    ck_assert_int_gt((int)strlen(string(verdict, "why")), 20);
    ck_assert_int_gt((int)strlen(string(verdict, "source")), 3);
    ck_assert_ptr_nonnull(json_object_get(verdict, "value"));
    ck_assert(json_is_integer(json_object_get(verdict, "layer")));
    ck_assert(json_is_object(advice));
    ck_assert_int_gt((int)strlen(string(advice, "text")), 10);
    json_decref(json);
}
END_TEST

/* What is suggested may be sent as it stands, and mends it. */
START_TEST(a_suggestion_is_a_scheme_that_mends)
{
    char body[512];
    json_t *json = ask(verdicts[0].body);
    json_t *verdict = verdict_of(json, verdicts[0].verdict);
    json_t *scheme =
        json_object_get(json_object_get(verdict, "suggestion"), "scheme");
    char *text = json_dumps(scheme, 0);

    ck_assert(json_is_object(scheme));
    snprintf(body, sizeof body,
             "{'widths':[64,64,64,64,64,64,64,64,64,64,64,64,64,64],"
             "'activation':'relu','scheme':%s}",
             text);
    json_t *mended = ask(body);
    ck_assert_ptr_null(verdict_of(mended, "vanishing"));
    ck_assert_ptr_null(verdict_of(mended, "exploding"));
    free(text);
    json_decref(json);
    json_decref(mended);
}
END_TEST

/* ------------------------------------------------------------------------
 * Work
 */

static char *deep(int layers)
{
    char *body;
    char *widths = calloc((size_t)layers + 1, 2);

    for (int i = 0; i <= layers; i++)
        memcpy(widths + 2 * i, i < layers ? "9," : "9", i < layers ? 2 : 1);
    ck_assert_int_gt(asprintf(&body,
                              "{\"widths\":[%s],\"activation\":\"relu\","
                              "\"schemes\":[\"he_normal\",\"he_uniform\"]}",
                              widths),
                     0);
    free(widths);
    return body;
}

START_TEST(a_deep_stack_is_work_a_unit_a_scheme)
{
    char *body = deep(400);
    struct answer answer = drive(asked, "POST", "/v1/analysis", NULL, body);
    json_t *json = json_loads(answer.body, 0, NULL);

    ck_assert_uint_eq(answer.status, 200);
    ck_assert_uint_eq(answer.units, 2);
    ck_assert_uint_eq(
        json_array_size(json_object_get(analysis_of(json, 1), "layers")), 400);
    json_decref(json);
    answer_release(&answer);
    free(body);
}
END_TEST

static bool always(void *argument)
{
    (void)argument;
    return true;
}

START_TEST(work_that_is_stopped_is_a_500)
{
    char *body = deep(500);
    const struct api_header headers[] = {{"Host", "test"},
                                         {"Content-Type", "application/json"}};
    const struct api_request request = {.method = "POST",
                                        .target_path = "/v1/analysis",
                                        .headers = headers,
                                        .header_count = 2,
                                        .body = body,
                                        .body_size = strlen(body)};
    struct api_exchange *exchange = api_begin(asked, &request);

    ck_assert_uint_eq(api_work_count(exchange), 2);
    api_work(exchange, 0, NULL, NULL);
    api_work(exchange, 1, always, NULL);
    ck_assert_uint_eq(api_answer(exchange)->status, 500);
    api_end(exchange);
    free(body);
}
END_TEST

Suite *analysis_suite(void)
{
    Suite *suite = suite_create("analysis");
    TCase *tcase = tcase_create("analysis");

    tcase_add_checked_fixture(tcase, asking_setup, asking_teardown);
    tcase_add_loop_test(tcase, schemes_do_what_papers_say, 0, COUNT(rules));
    tcase_add_test(tcase, fan_out_gains_by_the_ratio_of_widths);
    tcase_add_test(tcase, correlations_follow_the_kernels);
    tcase_add_test(tcase, an_input_scales_the_first_layer);
    tcase_add_test(tcase, biases_add_their_variance);
    tcase_add_loop_test(tcase, verdicts_tell_what_why_and_the_mend, 0,
                        COUNT(verdicts));
    tcase_add_test(tcase, a_suggestion_is_a_scheme_that_mends);
    tcase_add_test(tcase, a_deep_stack_is_work_a_unit_a_scheme);
    tcase_add_test(tcase, work_that_is_stopped_is_a_500);
    suite_add_tcase(suite, tcase);
    return suite;
}
