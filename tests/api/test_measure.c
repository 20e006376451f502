/* SPDX-License-Identifier: MIT */
/* Tests of what POST /v1/analysis measures: what is asked, what is told. */
#include "asking.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

Suite *measure_suite(void);

static json_t *measured_of(json_t *object)
{
    return json_object_get(object, "measured");
}

/* ------------------------------------------------------------------------
 * What is told
 */

static const char *const of_layers[] = {"mean",
                                        "q",
                                        "c",
                                        "m1",
                                        "m2",
                                        "c2",
                                        "sigma_w2",
                                        "chi_1",
                                        "slope",
                                        "slope_square",
                                        "forward",
                                        "backward",
                                        "log10_forward",
                                        "log10_backward",
                                        "log10_weight_gradient",
                                        "death",
                                        "largest",
                                        "inactive"};

static const char *const of_all[] = {"log10_forward", "log10_backward",
                                     "forward_rate", "backward_rate", "death"};

static const char *const of_input[] = {"samples", "flops", "mean",
                                       "second_moment", "correlation"};

static void expect_members(const json_t *json, const char *const *names,
                           size_t count)
{
    ck_assert_uint_eq(json_object_size(json), count);
    for (size_t i = 0; i < count; i++)
        (void)number(json, names[i]);
}

START_TEST(what_is_measured_stands_beside_the_theory)
{
    json_t *json = ask("{'widths':[48,64,64,8],'activation':'tanh',"
                       "'scheme':'lecun_normal','measure':true}");
    json_t *summary = json_object_get(analysis_of(json, 0), "summary");

    expect_members(measured_of(json), of_input, COUNT(of_input));
    expect_members(measured_of(summary), of_all, COUNT(of_all));
    for (size_t i = 0; i < 3; i++)
        expect_members(measured_of(layer_of(json, i)), of_layers,
                       COUNT(of_layers));
    json_decref(json);
}
END_TEST

/* Without a measurement not even the order of members is another. */
START_TEST(the_rest_of_the_answer_is_that_without)
{
    static const char stack[] = "{'widths':[16,32,32,8],'activation':'relu',"
                                "'schemes':['he_normal','orthogonal']";
    char body[256];
    size_t i;
    json_t *layer;

    snprintf(body, sizeof body, "%s}", stack);
    json_t *without = ask(body);
    snprintf(body, sizeof body, "%s,'measure':false}", stack);
    json_t *refused = ask(body);
    snprintf(body, sizeof body, "%s,'measure':{}}", stack);
    json_t *with = ask(body);
    ck_assert_int_eq(json_object_del(with, "measured"), 0);
    for (size_t k = 0; k < 2; k++) {
        json_t *one = analysis_of(with, k);
        json_object_del(json_object_get(one, "summary"), "measured");
        json_array_foreach(json_object_get(one, "layers"), i, layer)
            ck_assert_int_eq(json_object_del(layer, "measured"), 0);
    }
    ck_assert(json_equal(with, without));
    ck_assert(json_equal(refused, without));
    json_decref(without);
    json_decref(refused);
    json_decref(with);
}
END_TEST

/* Half of a wide layer's units are on, and lengths stay, about. */
START_TEST(wide_layers_do_as_theory_says)
{
    json_t *json = ask("{'widths':[256,256,256,256],'activation':'relu',"
                       "'scheme':'he_normal','measure':{'samples':256}}");

    for (size_t i = 0; i < 2; i++) {
        const json_t *layer = layer_of(json, i);
        const json_t *measured = json_object_get(layer, "measured");
        ck_assert_double_eq_tol(number(measured, "m2"), number(layer, "m2"),
                                0.3);
        ck_assert_double_eq_tol(number(measured, "inactive"), 0.5, 0.1);
        ck_assert_double_eq_tol(number(measured, "sigma_w2"), 2, 0.1);
        ck_assert_double_eq_tol(number(measured, "slope_square"), 0.5, 0.1);
    }
    ck_assert_double_eq_tol(number(measured_of(json), "second_moment"), 1, 0.1);
    ck_assert_double_eq_tol(number(measured_of(json), "correlation"), 0.5, 0.1);
    json_decref(json);
}
END_TEST

START_TEST(another_seed_is_another_measurement)
{
    char body[128];
    double q[3];

    for (int i = 0; i < 3; i++) {
        snprintf(body, sizeof body,
                 "{'widths':[8,8,8],'scheme':'he_normal','measure':true,"
                 "'seed':%d}",
                 i % 2);
        json_t *json = ask(body);
        q[i] = number(measured_of(layer_of(json, 1)), "q");
        json_decref(json);
    }
    ck_assert(q[0] == q[2] && q[0] != q[1]);
}
END_TEST

/* ------------------------------------------------------------------------
 * A batch
 */

#define IDENTITY \
    "'scheme':'identity','widths':[2,2],'input':{'batch':[[1,2],[3,4]]"

START_TEST(a_batch_is_what_goes_in)
{
    json_t *json = ask("{'measure':true," IDENTITY "}}");
    const json_t *input = json_object_get(json, "input");
    const json_t *measured = measured_of(layer_of(json, 0));

    expect(measured_of(json), "samples", 2);
    expect(measured_of(json), "mean", 2.5);
    expect(measured_of(json), "second_moment", 7.5);
    expect(measured_of(json), "correlation", 11.0 / 2 / 7.5);
    expect(input, "mean", 2.5);
    expect(input, "second_moment", 7.5);
    expect(input, "correlation", 11.0 / 2 / 7.5);
    expect(measured, "q", 7.5);
    expect(measured, "mean", 2.5);
    expect(measured, "largest", 4);
    json_decref(json);
}
END_TEST

START_TEST(what_the_input_says_goes_before_the_batch)
{
    json_t *json =
        ask("{'measure':true," IDENTITY ",'second_moment':9,'correlation':1}}");
    const json_t *input = json_object_get(json, "input");

    expect(input, "mean", 2.5);
    expect(input, "second_moment", 9);
    expect(input, "correlation", 1);
    expect(measured_of(json), "second_moment", 7.5);
    json_decref(json);
}
END_TEST

/* Numbers that are no binary fractions, equal ones, none but 0. */
static const struct {
    int width;
    const char *batch;
    double mean, second_moment, correlation;
} batches[] = {
    {2, "[[0.1,0.1],[0.1,0.1]]", 0.1, 0.01, 1},
    {3, "[[0.7,0.7,0.7],[-0.7,-0.7,-0.7]]", 0, 0.49, -1},
    {1, "[[0],[0],[0],[0]]", 0, 0, 1},
    {1, "[[1e30],[-1e30]]", 0, 1e60, -1},
};

START_TEST(the_theory_takes_the_moments_of_a_batch)
{
    char body[256];

    snprintf(body, sizeof body,
             "{'widths':[%d,2],'scheme':'ones','input':{'batch':%s}}",
             batches[_i].width, batches[_i].batch);
    json_t *json = ask(body);
    const json_t *input = json_object_get(json, "input");
    expect(input, "mean", batches[_i].mean);
    expect(input, "second_moment", batches[_i].second_moment);
    expect(input, "correlation", batches[_i].correlation);
    ck_assert_ptr_null(measured_of(json));
    json_decref(json);
}
END_TEST

/* ------------------------------------------------------------------------
 * Convolutions
 */

#define SHAPED(shape) "'measure':true,'input':{'shape':" shape "},"
#define PLAIN "{'measure':true,'scheme':{'name':'constant','value':0.1},"
#define CONV(more)                                                    \
    "{" SHAPED("[2,6,5]") "'scheme':{'name':'constant','value':0.1}," \
                          "'activation':'relu','layers':[" more "]}"
#define TORCH(more)                                                      \
    "{'type':'conv2d','in_channels':2,'out_channels':4,'kernel_size':3," \
    "'bias':false" more "}"
#define KERAS(more)                                                     \
    "{'type':'keras.conv2d','input_dim':2,'filters':4,'kernel_size':3," \
    "'use_bias':false" more "}"
#define FLAX(more)                                                        \
    "{'type':'flax.conv','input_dim':2,'features':4,'kernel_size':[3,3]," \
    "'use_bias':false" more "}"
#define SHAPE(more) "{'shape':[4,2,3,3]" more "}"
#define HEAD(n) ",{'shape':[3," n "]}"

/* All weights being equal, only how they slide tells forms apart. */
static const struct {
    const char *what, *a, *b;
} twins[] = {
    {"a shape slides by 1 without padding", CONV(TORCH("") HEAD("48")),
     CONV(SHAPE("") HEAD("48"))},
    {"a shape takes torch's words",
     CONV(TORCH(",'stride':2,'padding':[1,2],'dilation':[1,2]") HEAD("36")),
     CONV(SHAPE(",'stride':2,'padding':[1,2],'dilation':[1,2]") HEAD("36"))},
    {"groups of a type and of a shape",
     CONV("{'type':'conv2d','in_channels':2,'out_channels':4,'kernel_size':3,"
          "'groups':2,'bias':false}" HEAD("48")),
     CONV("{'shape':[4,1,3,3],'groups':2}" HEAD("48"))},
    {"keras is valid", CONV(KERAS("") HEAD("48")), CONV(TORCH("") HEAD("48"))},
    {"keras' own words",
     CONV(KERAS(",'strides':[2,1],'dilation_rate':[1,2]") HEAD("8")),
     CONV(TORCH(",'stride':[2,1],'dilation':[1,2]") HEAD("8"))},
    {"same is half on both sides", CONV(KERAS(",'padding':'same'") HEAD("120")),
     CONV(TORCH(",'padding':1") HEAD("120"))},
    {"flax is the same", CONV(FLAX("") HEAD("120")),
     CONV(TORCH(",'padding':'same'") HEAD("120"))},
    {"flax' own words",
     CONV(FLAX(",'padding':'VALID','strides':2,'kernel_dilation':1")
              HEAD("16")),
     CONV(TORCH(",'stride':2") HEAD("16"))},
    {"a sample of a dense layer is its inputs", PLAIN "'widths':[6,4,2]}",
     "{" SHAPED("[6]") "'scheme':{'name':'constant','value':0.1},"
                       "'layers':[{'shape':[4,6]},{'shape':[2,4]}]}"},
};

static void expect_close(const json_t *a, const json_t *b, const char *what)
{
    for (size_t i = 0; i < COUNT(of_layers); i++) {
        const json_t *x = json_object_get(a, of_layers[i]);
        const json_t *y = json_object_get(b, of_layers[i]);
        const double p = json_number_value(x), q = json_number_value(y);
        ck_assert_msg(json_typeof(x) == json_typeof(y) &&
                          fabs(p - q) <= 1e-5 * (fabs(p) + fabs(q)) + 1e-6,
                      "%s: %s is %.9g or %.9g", what, of_layers[i], p, q);
    }
}

START_TEST(two_forms_of_a_stack_measure_the_same)
{
    json_t *a = ask(twins[_i].a);
    json_t *b = ask(twins[_i].b);

    for (size_t i = 0; i < 2; i++)
        expect_close(measured_of(layer_of(a, i)), measured_of(layer_of(b, i)),
                     twins[_i].what);
    expect(measured_of(a), "flops", number(measured_of(b), "flops"));
    json_decref(a);
    json_decref(b);
}
END_TEST

/* Fewer places are fewer operations. */
START_TEST(a_stride_is_no_matter_for_theory_but_for_measuring)
{
    json_t *one = ask(CONV(SHAPE("")));
    json_t *two = ask(CONV(SHAPE(",'stride':2")));

    ck_assert_double_gt(number(measured_of(one), "flops"),
                        number(measured_of(two), "flops"));
    expect(layer_of(one, 0), "q", number(layer_of(two, 0), "q"));
    json_decref(one);
    json_decref(two);
}
END_TEST

Suite *measure_suite(void)
{
    Suite *suite = suite_create("measure");
    TCase *tcase = tcase_create("measure");

    tcase_add_checked_fixture(tcase, asking_setup, asking_teardown);
    tcase_add_test(tcase, what_is_measured_stands_beside_the_theory);
    tcase_add_test(tcase, the_rest_of_the_answer_is_that_without);
    tcase_add_test(tcase, wide_layers_do_as_theory_says);
    tcase_add_test(tcase, another_seed_is_another_measurement);
    tcase_add_test(tcase, a_batch_is_what_goes_in);
    tcase_add_test(tcase, what_the_input_says_goes_before_the_batch);
    tcase_add_loop_test(tcase, the_theory_takes_the_moments_of_a_batch, 0,
                        COUNT(batches));
    tcase_add_loop_test(tcase, two_forms_of_a_stack_measure_the_same, 0,
                        COUNT(twins));
    tcase_add_test(tcase, a_stride_is_no_matter_for_theory_but_for_measuring);
    suite_add_tcase(suite, tcase);
    return suite;
}
