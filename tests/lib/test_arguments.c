/* SPDX-License-Identifier: MIT */
/* Arguments of layers that are refused, and how. */
#include <string.h>

#include "given.h"
#include "help.h"

Suite *arguments_suite(void);

static const struct {
    const char *type, *arguments, *at, *said;
} wrong[] = {
    {"linear", "in_features=4", "out_features", "is missing"},
    {"linear", "in=4", "in", "there are: in_features, out_features, bias"},
    {"linear", "in_features=4 bound=1", "bound", "computed"},
    {"linear", "in_features=-1 out_features=3", "in_features",
     "a whole number of at least 0"},
    {"linear", "in_features=1.5 out_features=3", "in_features", "whole"},
    {"linear", "in_features=4 in_features=4", "in_features", "twice"},
    {"linear", "in_features=null out_features=3", "in_features", "null"},
    {"linear", "in_features=true out_features=3", "in_features",
     "must be a number"},
    {"linear", "in_features=4 out_features=3 bias=1", "bias", "true or false"},
    {"linear", "in_features=4,4 out_features=3", "in_features",
     "must be a number"},
    {"conv1d", "in_channels=0 out_channels=1 kernel_size=1", "in_channels",
     "at least 1"},
    {"conv1d", "in_channels=1 out_channels=1 kernel_size=3,3", "kernel_size",
     "one number"},
    {"conv3d", "in_channels=1 out_channels=1 kernel_size=3,3", "kernel_size",
     "a whole number or 3 of them"},
    {"conv2d", "in_channels=1 out_channels=1 kernel_size=0", "kernel_size",
     "at least 1"},
    {"conv2d", "in_channels=3 out_channels=4 kernel_size=3 groups=2", "groups",
     "in_channels must be a multiple of groups"},
    {"conv2d", "in_channels=4 out_channels=3 kernel_size=3 groups=2", "groups",
     "out_channels must be a multiple of groups"},
    {"embedding", "num_embeddings=3 embedding_dim=1 padding_idx=3",
     "padding_idx", "within num_embeddings"},
    {"embedding", "num_embeddings=3 embedding_dim=1 padding_idx=-4",
     "padding_idx", "within num_embeddings"},
    {"lstm", "input_size=3 hidden_size=4 proj_size=4", "proj_size",
     "smaller than hidden_size"},
    {"gru", "input_size=3 hidden_size=4 proj_size=2", "proj_size", "computed"},
    {"rnn", "input_size=3 hidden_size=4 nonlinearity=gelu", "nonlinearity",
     "one of tanh, relu"},
    {"multihead_attention", "embed_dim=5 num_heads=2", "num_heads",
     "a multiple of num_heads"},
    {"transformer_encoder_layer", "d_model=5 nhead=2", "nhead",
     "a multiple of nhead"},
    {"group_norm", "num_groups=3 num_channels=4", "num_groups",
     "a multiple of num_groups"},
};

START_TEST(wrong_arguments_are_refused)
{
    for (size_t i = 0; i < COUNT(wrong); i++) {
        struct sow_error error = {.at = "", .text = ""};
        struct sow_layer layer;

        ck_assert_msg(layer_make(&layer, wrong[i].type, wrong[i].arguments,
                                 &error) == SOW_BAD_PARAMETER,
                      "%s %s is accepted", wrong[i].type, wrong[i].arguments);
        ck_assert_msg(strcmp(error.at, wrong[i].at) == 0 &&
                          strstr(error.text, wrong[i].said) != NULL,
                      "%s %s says, at %s: %s", wrong[i].type,
                      wrong[i].arguments, error.at, error.text);
    }
}
END_TEST

/* A name that isn't plain text is not repeated. */
START_TEST(strange_names_are_not_repeated)
{
    const struct sow_given given = {.name = "\xff\xfe"};
    struct sow_error error = {.at = ""};
    struct sow_layer layer;

    ck_assert_int_eq(sow_layer_init(&layer, sow_layer_type_find("linear"),
                                    &given, 1, &error),
                     SOW_BAD_PARAMETER);
    ck_assert_str_eq(error.at, "arguments");
}
END_TEST

/* The keys of a config.json that no table knows are passed over. */
START_TEST(open_types_pass_over_what_they_do_not_know)
{
    static const struct sow_argument arguments[] = {
        {.name = "n_embd", .kind = SOW_ARGUMENT_COUNT, .alias = "hidden_size"},
        {.name = "n_inner",
         .kind = SOW_ARGUMENT_COUNT,
         .otherwise = "4 * n_embd",
         .nullable = true},
        {.name = "head",
         .kind = SOW_ARGUMENT_DERIVED,
         .otherwise = "n_embd / 2"},
    };
    const struct sow_given given[] = {
        {.name = "model_type", .kind = SOW_VALUE_TEXT, .text = "x"},
        {.name = "n_inner", .kind = SOW_VALUE_NULL},
        {.name = "hidden_size", .kind = SOW_VALUE_NUMBER, .numbers = {6}},
        {.name = "head", .kind = SOW_VALUE_OTHER},
    };
    struct sow_variable variables[3];
    struct sow_error error = {.text = ""};

    ck_assert_msg(sow_arguments_bind(arguments, 3, true, given, 4, variables,
                                     &error) == SOW_OK,
                  "%s", error.text);
    ck_assert_double_eq(variables[0].numbers[0], 6);
    ck_assert_double_eq(variables[1].numbers[0], 24);
    ck_assert_double_eq(variables[2].numbers[0], 3);
    ck_assert_int_eq(
        sow_arguments_bind(arguments, 3, false, given, 4, variables, &error),
        SOW_BAD_PARAMETER);
    ck_assert_str_eq(error.at, "model_type");
}
END_TEST

Suite *arguments_suite(void)
{
    Suite *suite = suite_create("arguments");
    TCase *cases = tcase_create("arguments");

    tcase_add_test(cases, wrong_arguments_are_refused);
    tcase_add_test(cases, strange_names_are_not_repeated);
    tcase_add_test(cases, open_types_pass_over_what_they_do_not_know);
    suite_add_tcase(suite, cases);
    return suite;
}
