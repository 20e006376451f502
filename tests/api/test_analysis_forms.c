/* SPDX-License-Identifier: MIT */
/* Tests of POST /v1/analysis: forms of a request that mean the same. */
#include "asking.h"

#include <string.h>

Suite *analysis_forms_suite(void);

/* Without names, which differ. */
static bool same_layers(json_t *a, json_t *b)
{
    json_t *layers[] = {json_object_get(analysis_of(a, 0), "layers"),
                        json_object_get(analysis_of(b, 0), "layers")};
    size_t i;
    json_t *layer;

    for (int k = 0; k < 2; k++) {
        json_array_foreach(layers[k], i, layer) json_object_del(layer, "name");
    }
    return json_array_size(layers[0]) > 0 && json_equal(layers[0], layers[1]);
}

static const struct {
    const char *what, *a, *b;
} twins[] = {
    {"widths are shapes",
     "{'widths':[8,4,2],'activation':'tanh','scheme':'he_normal'}",
     "{'scheme':'he_normal','layers':[{'shape':[4,8],'activation':'tanh'},"
     "{'shape':[2,4]}]}"},
    {"widths in JAX's layout are shapes",
     "{'widths':[8,4,2],'activation':'tanh','scheme':'jax.he_normal'}",
     "{'scheme':'jax.he_normal','layers':[{'shape':[8,4],'activation':"
     "'tanh'},{'shape':[4,2]}]}"},
    {"a type is a shape",
     "{'scheme':'he_normal','layers':[{'type':'linear','in_features':8,"
     "'out_features':4,'bias':false,'activation':'relu'},"
     "{'type':'linear','in_features':4,'out_features':2,'bias':false}]}",
     "{'widths':[8,4,2],'activation':'relu','scheme':'he_normal'}"},
    {"an activation at the top is for all but the last layer",
     "{'scheme':'he_normal','activation':'relu','layers':[{'shape':[4,8]},"
     "{'shape':[2,4]}]}",
     "{'scheme':'he_normal','layers':[{'shape':[4,8],'activation':'relu'},"
     "{'shape':[2,4],'activation':'linear'}]}"},
    {"a norm's type is a norm",
     "{'scheme':'he_normal','layers':[{'shape':[4,8]},{'type':'layer_norm',"
     "'normalized_shape':4,'activation':'relu'},{'shape':[2,4]}]}",
     "{'scheme':'he_normal','layers':[{'shape':[4,8],'norm':'layer_norm',"
     "'activation':'relu'},{'shape':[2,4]}]}"},
    {"behind an activation a norm is the next layer's",
     "{'scheme':'he_normal','layers':[{'shape':[4,8],'activation':'relu'},"
     "{'type':'rms_norm','normalized_shape':4},{'shape':[2,4]}]}",
     "{'scheme':'he_normal','layers':[{'shape':[4,8],'activation':'relu'},"
     "{'shape':[2,4],'input_norm':'rms_norm'}]}"},
    {"a branch at the top is of all square layers but the last",
     "{'widths':[8,4,4,4,4],'scheme':'he_normal','residual':0.5}",
     "{'scheme':'he_normal','layers':[{'shape':[4,8]},"
     "{'shape':[4,4],'residual':0.5},{'shape':[4,4],'residual':{'alpha':0.5}}"
     ",{'shape':[4,4]}]}"},
    {"a branch may have two layers",
     "{'widths':[4,8,4,4],'activation':'relu','scheme':'he_normal',"
     "'residual':{'layers':2}}",
     "{'scheme':'he_normal','layers':[{'shape':[8,4],'activation':'relu'},"
     "{'shape':[4,8],'activation':'relu','residual':{'layers':2,'alpha':1}},"
     "{'shape':[4,4]}]}"},
    {"a layer may refuse the only branch there could be",
     "{'scheme':'he_normal','residual':true,'layers':["
     "{'shape':[4,4],'residual':false},{'shape':[2,4]}]}",
     "{'widths':[4,4,2],'scheme':'he_normal'}"},
    {"no branch at the top is none",
     "{'widths':[4,8,2],'scheme':'he_normal','residual':false}",
     "{'widths':[4,8,2],'scheme':'he_normal'}"},
    {"steps of a tape are no layers",
     "{'generator':'torch','layers':[{'seed':7},{'shape':[4,8],'scheme':"
     "'torch.kaiming_normal','activation':'relu'},{'skip':3},{'shape':[2,4],"
     "'scheme':'torch.kaiming_normal'}]}",
     "{'scheme':'torch.kaiming_normal','widths':[8,4,2],'activation':"
     "'relu'}"},
};

START_TEST(two_forms_of_a_request_give_one_answer)
{
    json_t *a = ask(twins[_i].a);
    json_t *b = ask(twins[_i].b);

    ck_assert_msg(same_layers(a, b), "not so: %s\n%s\n%s", twins[_i].what,
                  json_dumps(a, JSON_INDENT(1)), json_dumps(b, JSON_INDENT(1)));
    json_decref(a);
    json_decref(b);
}
END_TEST

START_TEST(convolutions_count_their_kernel)
{
    json_t *json =
        ask("{'scheme':'he_normal','activation':'relu','layers':["
            "{'type':'conv2d','in_channels':3,'out_channels':16,"
            "'kernel_size':3,'bias':false},{'type':'conv2d','in_channels':16,"
            "'out_channels':32,'kernel_size':3,'groups':4,'bias':false},"
            "{'type':'linear','in_features':1568,'out_features':10}]}");

    expect(layer_of(json, 0), "receptive", 9);
    expect(layer_of(json, 0), "n_in", 3);
    expect(layer_of(json, 0), "sigma_w2", 2);
    expect(layer_of(json, 1), "sigma_w2", 2);
    expect(layer_of(json, 2), "n_in", 1568);
    json_decref(json);
}
END_TEST

START_TEST(schemes_are_compared_one_by_one)
{
    static const char *const names[] = {"he_normal", "glorot_uniform",
                                        "orthogonal"};
    json_t *all = ask("{'widths':[16,16,16],'activation':'relu','schemes':["
                      "'he_normal','glorot_uniform','orthogonal']}");
    char body[128];

    ck_assert_uint_eq(json_array_size(json_object_get(all, "analyses")), 3);
    for (size_t i = 0; i < 3; i++) {
        snprintf(body, sizeof body,
                 "{'widths':[16,16,16],'activation':'relu','scheme':'%s'}",
                 names[i]);
        json_t *one = ask(body);
        ck_assert_msg(json_equal(analysis_of(all, i), analysis_of(one, 0)),
                      "%s differs", names[i]);
        json_decref(one);
    }
    json_decref(all);
}
END_TEST

/* A scheme of an entry is not one of those to be compared. */
START_TEST(a_scheme_is_told_with_all_parameters)
{
    json_t *json = ask("{'schemes':['he_normal','ones'],'layers':["
                       "{'name':'a','shape':[8,8]},"
                       "{'shape':[8,8],'scheme':'lecun_normal'}]}");
    json_t *lone = ask("{'layers':[{'name':'a','shape':[8,8],'scheme':"
                       "'he_normal'}]}");
    const json_t *scheme = json_object_get(analysis_of(json, 0), "scheme");

    ck_assert_str_eq(string(scheme, "name"), "kaiming_normal");
    ck_assert_str_eq(string(scheme, "mode"), "fan_in");
    ck_assert_str_eq(string(layer_of(json, 0), "name"), "a");
    ck_assert_str_eq(string(layer_of(json, 1), "name"), "1");
    expect(layer_of(json, 1), "sigma_w2", 1);
    ck_assert(json_is_null(json_object_get(analysis_of(lone, 0), "scheme")));
    json_decref(json);
    json_decref(lone);
}
END_TEST

Suite *analysis_forms_suite(void)
{
    Suite *suite = suite_create("analysis_forms");
    TCase *tcase = tcase_create("analysis_forms");

    tcase_add_checked_fixture(tcase, asking_setup, asking_teardown);
    tcase_add_loop_test(tcase, two_forms_of_a_request_give_one_answer, 0,
                        COUNT(twins));
    tcase_add_test(tcase, convolutions_count_their_kernel);
    tcase_add_test(tcase, schemes_are_compared_one_by_one);
    tcase_add_test(tcase, a_scheme_is_told_with_all_parameters);
    suite_add_tcase(suite, tcase);
    return suite;
}
