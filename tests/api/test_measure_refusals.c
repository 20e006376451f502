/* SPDX-License-Identifier: MIT */
/* Tests of what a request that measures is refused for. */
#include "asking.h"

#include <string.h>

Suite *measure_refusals_suite(void);

/* Bodies, in which single quotes stand for double ones. */
#define WIDTHS(more) "{'widths':[4,4,2],'scheme':'he_normal'," more "}"
#define MEASURE(more) WIDTHS("'measure':true,'input':{" more "}")
#define LAYERS(shape, layers)                                      \
    "{'scheme':'he_normal','measure':true,'input':{'shape':" shape \
    "},'layers':[" layers "]}"
#define CONV(more) \
    "{'type':'conv2d','in_channels':3,'out_channels':8,'kernel_size':3" more "}"

static const struct {
    const char *body;
    unsigned status;
    const char *code, *at, *detail;
} refusals[] = {
    /* 'measure' */
    {WIDTHS("'mesure':true"), 400, "UNKNOWN_FIELD", "/mesure", "'measure'"},
    {WIDTHS("'measure':64"), 400, "BAD_FIELD", "/measure", "\"samples\": 64"},
    {WIDTHS("'measure':null"), 400, "BAD_FIELD", "/measure", "true or false"},
    {WIDTHS("'measure':'true'"), 400, "BAD_FIELD", "/measure", "true or false"},
    {WIDTHS("'measure':{'sample':64}"), 400, "UNKNOWN_FIELD", "/measure/sample",
     "'samples'"},
    {WIDTHS("'measure':{'samples':0}"), 422, "BAD_PARAMETER",
     "/measure/samples", "an even number from 2 to 4096"},
    {WIDTHS("'measure':{'samples':3}"), 422, "BAD_PARAMETER",
     "/measure/samples", "pairs"},
    {WIDTHS("'measure':{'samples':4098}"), 422, "BAD_PARAMETER",
     "/measure/samples", "there are 4098"},
    {WIDTHS("'measure':{'samples':-2}"), 422, "BAD_PARAMETER",
     "/measure/samples", "not -2"},
    {WIDTHS("'measure':{'samples':2.0}"), 400, "BAD_FIELD", "/measure/samples",
     "whole"},
    {WIDTHS("'measure':{'samples':'64'}"), 400, "BAD_FIELD", "/measure/samples",
     "whole"},
    {WIDTHS("'measure':{'samples':NaN}"), 400, "BAD_JSON", "", "NaN"},

    /* 'batch' */
    {MEASURE("'bach':[]"), 400, "UNKNOWN_FIELD", "/input/bach", "'batch'"},
    {MEASURE("'batch':1"), 422, "BAD_SHAPE", "/input/batch", "[[0.5, 1]"},
    {MEASURE("'batch':'1'"), 400, "BAD_FIELD", "/input/batch", "number"},
    {MEASURE("'batch':{}"), 400, "BAD_FIELD", "/input/batch", "number"},
    {MEASURE("'batch':{'shape':[2,4],'base64':''}"), 400, "BAD_FIELD",
     "/input/batch", "nested arrays of numbers"},
    {MEASURE("'batch':[]"), 422, "BAD_SHAPE", "/input/batch", "[[0.5, 1]"},
    {MEASURE("'batch':[1,2]"), 422, "BAD_SHAPE", "/input/batch", "[[0.5, 1]"},
    {MEASURE("'batch':[[],[]]"), 422, "BAD_SHAPE", "/input/batch", "[[0.5, 1]"},
    {MEASURE("'batch':[[[[[[1]]]]],[[[[[1]]]]]]"), 422, "BAD_SHAPE",
     "/input/batch", "3 spatial axes"},
    {MEASURE("'batch':[[1,2,3,4]]"), 422, "BAD_PARAMETER", "/input/batch",
     "there are 1"},
    {MEASURE("'batch':[[1,2,3,4],[1,2,3]]"), 422, "BAD_SHAPE", "/input/batch/1",
     "array of 4"},
    {MEASURE("'batch':[[1,2,3,4],[1,2,3,[4]]]"), 400, "BAD_FIELD",
     "/input/batch/1/3", "nested 2 deep"},
    {MEASURE("'batch':[[1,2,3,4],[1,2,null,4]]"), 400, "BAD_FIELD",
     "/input/batch/1/2", "number"},
    {MEASURE("'batch':[[1,2,3,4],[1,2,1e39,4]]"), 422, "BAD_PARAMETER",
     "/input/batch/1/2", "beyond float32"},
    {MEASURE("'batch':[[1,2,3,4],[1,2,1e999,4]]"), 400, "BAD_FIELD",
     "/input/batch/1/2", "too big"},
    {MEASURE("'batch':[[1,2,3],[1,2,3]]"), 422, "BAD_SHAPE", "/input/batch",
     "3"},
    {MEASURE("'batch':[[1,2,3,4],[1,2,3,4]],'shape':[4]"), 400, "BAD_FIELD",
     "/input/shape", "leave one"},
    {MEASURE("'batch':[[1,1,1,1],[1,1,1,1]],'second_moment':0.5"), 422,
     "BAD_PARAMETER", "/input/second_moment", "1 in the batch"},
    {WIDTHS("'measure':{'samples':4},'input':{'batch':[[1,2,3,4],[1,2,3,4]]}"),
     422, "BAD_PARAMETER", "/measure/samples", "has 2 of them"},

    /* 'shape' */
    {WIDTHS("'input':{'shape':[4]}"), 400, "BAD_FIELD", "/input/shape",
     "\"measure\": true"},
    {WIDTHS("'measure':false,'input':{'shape':[4]}"), 400, "BAD_FIELD",
     "/input/shape", "\"measure\": true"},
    {MEASURE("'shape':4"), 400, "BAD_FIELD", "/input/shape", "[3, 32, 32]"},
    {MEASURE("'shape':[]"), 400, "BAD_FIELD", "/input/shape", "[3, 32, 32]"},
    {MEASURE("'shape':[0]"), 400, "BAD_FIELD", "/input/shape/0", "[3, 32, 32]"},
    {MEASURE("'shape':[4,1,1,1,1]"), 400, "BAD_FIELD", "/input/shape",
     "[3, 32, 32]"},
    {MEASURE("'shape':[4,9007199254740992,9007199254740992]"), 422, "BAD_SHAPE",
     "/input/shape", "counted"},
    {MEASURE("'shape':[5]"), 422, "BAD_SHAPE", "/input/shape", "5"},

    /* Stacks */
    {"{'scheme':'ones','measure':true,'layers':[" CONV("") "]}", 400,
     "MISSING_FIELD", "/input/shape", "[3, 32, 32]"},
    {"{'scheme':'ones','measure':true,'layers':[{'shape':[4,2,3],"
     "'groups':2}]}",
     400, "MISSING_FIELD", "/input/shape", "[4, 128]"},
    {LAYERS("[4,8,8]", CONV("")), 422, "BAD_SHAPE", "/input/shape", "4"},
    {LAYERS("[3,2,8]", CONV("")), 422, "BAD_SHAPE", "/input/shape",
     "smaller than its kernel: let a sample be"},
    {LAYERS("[3]", CONV("")), 422, "BAD_SHAPE", "/input/shape",
     "smaller than its kernel"},
    {LAYERS("[3,4,4]", CONV("") ",{'shape':[2,64]}"), 422, "BAD_SHAPE",
     "/layers/1", "32"},
    {LAYERS("[3,4,4]", CONV("") "," CONV(",'name':'b'")), 422, "BAD_SHAPE",
     "/layers/1", "'b.weight' takes 3"},
    {LAYERS("[8]", "{'shape':[4,8],'residual':true},{'shape':[2,4]}"), 422,
     "BAD_SHAPE", "/layers/0", "keep units"},
    {LAYERS("[3,4,4]", CONV(",'stride':0")), 400, "BAD_FIELD",
     "/layers/0/stride", "from 1"},
    {LAYERS("[3,4,4]", CONV(",'stride':[1,1,1]")), 400, "BAD_FIELD",
     "/layers/0/stride", "2 axes"},
    {LAYERS("[3,4,4]", CONV(",'padding':'same','stride':2")), 400, "BAD_FIELD",
     "/layers/0/padding", "stride of 1"},
    {LAYERS("[3,4,4]", CONV(",'padding_mode':'reflect'")), 400, "BAD_FIELD",
     "/layers/0/padding_mode", "zeros"},
    {LAYERS("[3,4,4]", "{'type':'flax.conv','input_dim':3,'features':4,"
                       "'kernel_size':[3,3],'input_dilation':2}"),
     400, "BAD_FIELD", "/layers/0/input_dilation", "leave"},
    {LAYERS("[8]", "{'shape':[4,8],'stride':2}"), 400, "BAD_FIELD",
     "/layers/0/stride", "convolution"},
    {LAYERS("[8]", "{'shape':[4,8]},{'name':'bias','shape':[4],'scheme':"
                   "'zeros','padding':1}"),
     400, "BAD_FIELD", "/layers/1", "move it"},
    {LAYERS("[3,4,4]", "{'shape':[4,3,3,3],'groups':0}"), 422, "BAD_PARAMETER",
     "/layers/0/groups", "from 1"},
    {LAYERS("[6,4,4]", "{'shape':[3,3,3,3],'groups':2}"), 422, "BAD_SHAPE",
     "/input/shape", "groups"},
    {LAYERS("[3,4,4]", "{'shape':[4,3,3,3],'strid':1}"), 400, "UNKNOWN_FIELD",
     "/layers/0/strid", "'stride'"},
    {LAYERS("[3,4,4]", "{'shape':[4,3,2,2,2,2],'name':'a'}"), 422, "BAD_SHAPE",
     "/layers/0", "more than 3"},
    {"{'scheme':'he_normal','measure':true,'layers':[{'shape':[2,4,8],"
     "'in_axes':[2],'out_axes':[1],'batch_axes':[0]}]}",
     422, "BAD_SHAPE", "/layers/0", "'0' has axes"},
    {"{'scheme':'ones','measure':true,'layers':[{'shape':[0,8]}]}", 422,
     "BAD_SHAPE", "/layers/0", "no elements"},

    /* What it costs: 1e9 operations, 16 MiB of cache. */
    {"{'widths':[2000,2000,2000],'scheme':'ones','measure':true}", 422,
     "COST_LIMIT", "/measure",
     "1e+09 floating-point operations (option "
     "--max-flops); measuring this"},
    {"{'widths':[200,200,200],'measure':true,'schemes':['ones','ones','ones',"
     "'ones','ones','ones','ones','ones','ones','ones','ones','ones','ones',"
     "'ones','ones','ones','ones','ones','ones','ones','ones','ones','ones',"
     "'ones','ones','ones','ones','ones','ones','ones','ones','ones','ones',"
     "'ones','ones','ones','ones','ones','ones','ones','ones','ones','ones',"
     "'ones','ones','ones','ones','ones','ones','ones','ones','ones','ones']}",
     422, "COST_LIMIT", "/measure", "fewer samples"},
    {"{'widths':[600,2],'scheme':'ones','measure':{'samples':4096}}", 422,
     "COST_LIMIT", "/measure", "half of option --cache-bytes"},
    {"{'widths':[1600,1600],'scheme':'orthogonal','measure':{'samples':2}}",
     422, "WHOLE_TOO_LARGE", "/measure", "--cache-bytes"},
};

START_TEST(refusals_name_the_place_and_the_mend)
{
    struct answer answer = asking_post("/v1/analysis", refusals[_i].body);

    ck_assert_msg(answer.status == refusals[_i].status &&
                      !strcmp(answer_code(&answer), refusals[_i].code),
                  "%.200s gives %u: %.400s", refusals[_i].body, answer.status,
                  answer.body);
    if (refusals[_i].at[0])
        ck_assert_str_eq(answer_string(&answer, "at"), refusals[_i].at);
    ck_assert_msg(strstr(answer_string(&answer, "detail"), refusals[_i].detail),
                  "%.200s gives: %.400s", refusals[_i].body, answer.body);
    answer_release(&answer);
}
END_TEST

/* Layers of a weight each, many tasks with little to do. */
START_TEST(many_tiny_layers_cost_what_handing_them_out_does)
{
    static const char begin[] = "{'scheme':'ones','measure':{'samples':1024},"
                                "'widths':[1";
    char body[sizeof begin + 2 * 100 + 3];
    struct answer answer;

    memcpy(body, begin, sizeof begin);
    for (size_t i = 0; i < 100; i++)
        memcpy(body + sizeof begin - 1 + 2 * i, ",1", 3);
    memcpy(body + sizeof begin - 1 + 2 * 100, "]}", 3);
    answer = asking_post("/v1/analysis", body);
    ck_assert_str_eq(answer_code(&answer), "COST_LIMIT");
    answer_release(&answer);
    memcpy(body + sizeof begin - 1 + 2 * 30, "]}", 3);
    json_decref(ask(body));
}
END_TEST

/* What would be refused if it were measured, theory takes. */
static const char *const ignored[] = {
    CONV(",'stride':0"),
    CONV(",'padding_mode':'reflect'"),
    CONV(",'padding':'same','stride':2"),
    "{'type':'flax.conv','input_dim':3,'features':4,'kernel_size':[3,3,3,3]}",
    "{'shape':[4,8],'residual':true},{'shape':[2,4]}",
};

START_TEST(without_a_measurement_arguments_of_types_are_no_matter)
{
    char body[512];

    snprintf(body, sizeof body, "{'scheme':'he_normal','layers':[%s]}",
             ignored[_i]);
    json_decref(ask(body));
}
END_TEST

Suite *measure_refusals_suite(void)
{
    Suite *suite = suite_create("measure_refusals");
    TCase *tcase = tcase_create("measure_refusals");

    tcase_add_checked_fixture(tcase, asking_setup, asking_teardown);
    tcase_add_loop_test(tcase, refusals_name_the_place_and_the_mend, 0,
                        COUNT(refusals));
    tcase_add_test(tcase, many_tiny_layers_cost_what_handing_them_out_does);
    tcase_add_loop_test(tcase,
                        without_a_measurement_arguments_of_types_are_no_matter,
                        0, COUNT(ignored));
    suite_add_tcase(suite, tcase);
    return suite;
}
