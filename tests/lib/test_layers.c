/* SPDX-License-Identifier: MIT */
/*
 * Layers: what torch's have, worked out by hand from its sources, and visits
 * that end.
 */
#include <stdio.h>
#include <string.h>

#include "given.h"
#include "help.h"
#include "layers/rows.h"
#include "story.h"

Suite *layers_suite(void);

static enum sow_status tell(void *argument,
                            const struct sow_layer_tensor *tensor,
                            struct sow_error *error)
{
    (void)error;
    story_tell(argument, tensor);
    return SOW_OK;
}

#define LAYER(p)                                                            \
    p "self_attn.in_proj_weight 12x4 xavier_uniform 1; " p                  \
      "self_attn.in_proj_bias 12 zeros; " p                                 \
      "self_attn.out_proj.weight 4x4 linear; " p                            \
      "self_attn.out_proj.bias 4 zeros; " p "linear1.weight 9x4 linear; " p \
      "linear1.bias 9 uniform -0.5 0.5; " p "linear2.weight 4x9 linear; " p \
      "linear2.bias 4 uniform -0.333333 0.333333; " p                       \
      "norm1.weight 4 ones; " p "norm1.bias 4 zeros; " p                    \
      "norm2.weight 4 ones; " p "norm2.bias 4 zeros; "

static const struct {
    const char *type, *arguments, *tensors;
} of_torch[] = {
    {"linear", "in_features=4 out_features=3",
     "weight 3x4 linear; bias 3 uniform -0.5 0.5; "},
    {"linear", "in_features=0 out_features=3",
     "weight 3x0 linear; bias 3 uniform 0 0; "},
    {"Linear", "in_features=4 out_features=3 bias=false",
     "weight 3x4 linear; "},
    {"bilinear", "in1_features=4 in2_features=2 out_features=3",
     "weight 3x4x2 uniform -0.5 0.5; bias 3 uniform -0.5 0.5; "},
    {"torch.nn.Conv1d",
     "in_channels=4 out_channels=6 kernel_size=2 "
     "groups=2 stride=2 padding=same padding_mode=circular",
     "weight 6x2x2 linear; bias 6 uniform -0.5 0.5; "},
    {"conv2d", "in_channels=3 out_channels=6 kernel_size=3",
     "weight 6x3x3x3 linear; bias 6 uniform -0.19245 0.19245; "},
    {"torch.conv3d",
     "in_channels=1 out_channels=2 kernel_size=1,2,3 bias=false",
     "weight 2x1x1x2x3 linear; "},
    {"conv_transpose2d",
     "in_channels=6 out_channels=8 kernel_size=1,2 groups=2",
     "weight 6x4x1x2 linear; bias 8 uniform -0.353553 0.353553; "},
    {"embedding", "num_embeddings=5 embedding_dim=2 padding_idx=null",
     "weight 5x2 embedding -1 1; "},
    {"embedding", "num_embeddings=5 embedding_dim=2 padding_idx=-2",
     "weight 5x2 embedding 3 1; "},
    {"embedding_bag", "num_embeddings=5 embedding_dim=2 padding_idx=0 mode=sum",
     "weight 5x2 embedding 0 1; "},
    {"layer_norm", "normalized_shape=3,2", "weight 3x2 ones; bias 3x2 zeros; "},
    {"layer_norm", "normalized_shape=3 bias=false", "weight 3 ones; "},
    {"rms_norm", "normalized_shape=3 eps=null", "weight 3 ones; "},
    {"group_norm", "num_groups=2 num_channels=4",
     "weight 4 ones; bias 4 zeros; "},
    {"batch_norm2d", "num_features=4 momentum=null",
     "weight 4 ones; bias 4 zeros; running_mean 4 zeros; "
     "running_var 4 ones; "},
    {"instance_norm1d", "num_features=4", ""},
    {"prelu", "", "weight 1 constant 0.25; "},
    {"gru_cell", "input_size=2 hidden_size=4",
     "weight_ih 12x2 uniform -0.5 0.5; weight_hh 12x4 uniform -0.5 0.5; "
     "bias_ih 12 uniform -0.5 0.5; bias_hh 12 uniform -0.5 0.5; "},
    {"rnn",
     "input_size=2 hidden_size=4 num_layers=2 bias=false "
     "bidirectional=true nonlinearity=relu",
     "weight_ih_l0 4x2 uniform -0.5 0.5; "
     "weight_hh_l0 4x4 uniform -0.5 0.5; "
     "weight_ih_l0_reverse 4x2 uniform -0.5 0.5; "
     "weight_hh_l0_reverse 4x4 uniform -0.5 0.5; "
     "weight_ih_l1 4x8 uniform -0.5 0.5; "
     "weight_hh_l1 4x4 uniform -0.5 0.5; "
     "weight_ih_l1_reverse 4x8 uniform -0.5 0.5; "
     "weight_hh_l1_reverse 4x4 uniform -0.5 0.5; "},
    {"lstm", "input_size=2 hidden_size=4 num_layers=2 proj_size=3",
     "weight_ih_l0 16x2 uniform -0.5 0.5; "
     "weight_hh_l0 16x3 uniform -0.5 0.5; "
     "bias_ih_l0 16 uniform -0.5 0.5; bias_hh_l0 16 uniform -0.5 0.5; "
     "weight_hr_l0 3x4 uniform -0.5 0.5; "
     "weight_ih_l1 16x3 uniform -0.5 0.5; "
     "weight_hh_l1 16x3 uniform -0.5 0.5; "
     "bias_ih_l1 16 uniform -0.5 0.5; bias_hh_l1 16 uniform -0.5 0.5; "
     "weight_hr_l1 3x4 uniform -0.5 0.5; "},
    {"multihead_attention", "embed_dim=4 num_heads=2 kdim=3 add_bias_kv=true",
     "q_proj_weight 4x4 xavier_uniform 1; "
     "k_proj_weight 4x3 xavier_uniform 1; "
     "v_proj_weight 4x4 xavier_uniform 1; in_proj_bias 12 zeros; "
     "bias_k 1x1x4 xavier_normal 1; bias_v 1x1x4 xavier_normal 1; "
     "out_proj.weight 4x4 linear; out_proj.bias 4 zeros; "},
    {"multihead_attention", "embed_dim=4 num_heads=2 vdim=4 bias=false",
     "in_proj_weight 12x4 xavier_uniform 1; out_proj.weight 4x4 linear; "},
    {"transformer_encoder",
     "d_model=4 nhead=2 dim_feedforward=9 num_layers=2 norm=true "
     "activation=gelu",
     LAYER("layers.0.")
         LAYER("layers.1.") "norm.weight 4 ones; norm.bias 4 zeros; "},
    {"transformer",
     "d_model=4 nhead=2 dim_feedforward=9 num_encoder_layers=1 "
     "num_decoder_layers=0 bias=false",
     "encoder.layers.0.self_attn.in_proj_weight 12x4 xavier_uniform 1; "
     "encoder.layers.0.self_attn.out_proj.weight 4x4 xavier_uniform 1; "
     "encoder.layers.0.linear1.weight 9x4 xavier_uniform 1; "
     "encoder.layers.0.linear2.weight 4x9 xavier_uniform 1; "
     "encoder.layers.0.norm1.weight 4 ones; "
     "encoder.layers.0.norm2.weight 4 ones; "
     "encoder.norm.weight 4 ones; decoder.norm.weight 4 ones; "},
};

START_TEST(layers_have_the_tensors_of_torch)
{
    for (size_t i = 0; i < COUNT(of_torch); i++) {
        struct story story = {.text = ""};
        struct sow_error error = {.text = ""};
        struct sow_layer layer;

        ck_assert_msg(layer_make(&layer, of_torch[i].type,
                                 of_torch[i].arguments, &error) == SOW_OK,
                      "%s %s: %s", of_torch[i].type, of_torch[i].arguments,
                      error.text);
        ck_assert_msg(
            sow_layer_visit(&layer, 100, tell, &story, &error) == SOW_OK,
            "%s %s: %s", of_torch[i].type, of_torch[i].arguments, error.text);
        ck_assert_msg(strcmp(story.text, of_torch[i].tensors) == 0,
                      "%s %s has\n%s, not\n%s", of_torch[i].type,
                      of_torch[i].arguments, story.text, of_torch[i].tensors);
    }
}
END_TEST

START_TEST(visits_end_at_their_limit)
{
    static const char *const huge[] = {"9007199254740992", "1000000000"};
    struct sow_error error = {.text = ""};
    struct sow_layer layer;
    size_t count = 17;
    char text[128];

    ck_assert_int_eq(layer_make(&layer, "transformer",
                                "num_encoder_layers=2 num_decoder_layers=0",
                                &error),
                     SOW_OK);
    ck_assert_int_eq(sow_layer_count(&layer, 28, &count, &error), SOW_OK);
    ck_assert_uint_eq(count, 28);
    ck_assert_int_eq(sow_layer_count(&layer, 27, &count, &error),
                     SOW_BAD_PARAMETER);
    for (size_t i = 0; i < COUNT(huge); i++) {
        snprintf(text, sizeof text, "input_size=1 hidden_size=1 num_layers=%s",
                 huge[i]);
        ck_assert_int_eq(layer_make(&layer, "lstm", text, &error), SOW_OK);
        ck_assert_int_eq(sow_layer_count(&layer, 1000, &count, &error),
                         SOW_BAD_PARAMETER);
    }
}
END_TEST

static enum sow_status tally(void *argument,
                             const struct sow_layer_tensor *tensor,
                             struct sow_error *error)
{
    struct sow_layer_size *size = argument;

    (void)error;
    size->tensors++;
    size->names += strlen(tensor->name);
    size->parts |= (unsigned)tensor->part;
    return SOW_OK;
}

START_TEST(measures_are_what_visits_have)
{
    static const char *const layers[][2] = {
        {"linear", "in_features=3 out_features=2"},
        {"lstm", "input_size=2 hidden_size=3 num_layers=2"},
        {"batch_norm2d", "num_features=3"},
        {"transformer", "num_encoder_layers=2 num_decoder_layers=11"},
        {"transformers.gpt2", "n_layer=12"},
        {"transformers.llama", "num_hidden_layers=101"},
        {"transformers.t5", "num_layers=3"},
    };
    for (size_t i = 0; i < COUNT(layers); i++) {
        struct sow_layer_size visited = {0, 0, 0};
        struct sow_layer_size size = {0, 0, 0};
        struct sow_error error = {.text = ""};
        struct sow_layer layer;

        ck_assert_msg(layer_make(&layer, layers[i][0], layers[i][1], &error) ==
                          SOW_OK,
                      "%s: %s: %s", layers[i][0], error.at, error.text);
        ck_assert_int_eq(sow_layer_visit(&layer, 1000, tally, &visited, &error),
                         SOW_OK);
        ck_assert_int_eq(
            sow_layer_measure(&layer, visited.tensors, &size, &error), SOW_OK);
        ck_assert_msg(visited.tensors == size.tensors &&
                          visited.names == size.names &&
                          visited.parts == size.parts,
                      "%s: visited %zu tensors, measured %zu", layers[i][0],
                      visited.tensors, size.tensors);
        ck_assert_int_eq(
            sow_layer_measure(&layer, visited.tensors - 1, &size, &error),
            SOW_BAD_PARAMETER);
        ck_assert_str_eq(error.at, "layers");
    }
}
END_TEST

/* Rows that are never wanted cost time as well. */
START_TEST(repetitions_of_nothing_end)
{
    static const struct sow_row rows[] = {
        {.when = "false", .name = "x", .repeat = "2^53", .scheme = "zeros"}};
    static const struct sow_layer_type type = {.library = "torch",
                                               SOW_ROWS_OF(rows)};
    struct sow_error error = {.text = ""};
    struct sow_layer layer;
    size_t count;

    ck_assert_int_eq(sow_layer_init(&layer, &type, NULL, 0, &error), SOW_OK);
    ck_assert_int_eq(sow_layer_count(&layer, 1000, &count, &error),
                     SOW_BAD_PARAMETER);
}
END_TEST

static enum sow_status stop(void *argument,
                            const struct sow_layer_tensor *tensor,
                            struct sow_error *error)
{
    size_t *seen = argument;

    (void)tensor;
    error->status = SOW_STOPPED;
    ++*seen;
    return SOW_STOPPED;
}

START_TEST(visitors_can_stop)
{
    struct sow_error error = {.text = ""};
    struct sow_layer layer;
    size_t seen = 0;

    ck_assert_int_eq(
        layer_make(&layer, "linear", "in_features=1 out_features=1", &error),
        SOW_OK);
    ck_assert_int_eq(sow_layer_visit(&layer, 9, stop, &seen, &error),
                     SOW_STOPPED);
    ck_assert_uint_eq(seen, 1);
}
END_TEST

/* Sizes that are whole, but not together. */
START_TEST(sizes_past_two_to_the_53_are_refused)
{
    struct sow_error error = {.at = ""};
    struct sow_layer layer;
    size_t count;

    ck_assert_int_eq(layer_make(&layer, "lstm_cell",
                                "input_size=1 hidden_size=9007199254740992",
                                &error),
                     SOW_OK);
    ck_assert_int_eq(sow_layer_count(&layer, 9, &count, &error),
                     SOW_BAD_PARAMETER);
    ck_assert_str_eq(error.at, "shape");
}
END_TEST

Suite *layers_suite(void)
{
    Suite *suite = suite_create("layers");
    TCase *cases = tcase_create("layers");

    tcase_set_timeout(cases, 60);
    tcase_add_test(cases, layers_have_the_tensors_of_torch);
    tcase_add_test(cases, visits_end_at_their_limit);
    tcase_add_test(cases, measures_are_what_visits_have);
    tcase_add_test(cases, repetitions_of_nothing_end);
    tcase_add_test(cases, visitors_can_stop);
    tcase_add_test(cases, sizes_past_two_to_the_53_are_refused);
    suite_add_tcase(suite, cases);
    return suite;
}
