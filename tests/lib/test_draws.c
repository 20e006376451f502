/* SPDX-License-Identifier: MIT */
/*
 * What constructors draw: sequences as they were traced in torch 2.13 and
 * transformers 5.23, and draws that end.  test_drawn.c has what must hold for
 * every type; tests/conformance/ compares values.
 */
#include <string.h>

#include "given.h"
#include "help.h"
#include "layers/rows.h"
#include "story.h"

Suite *draws_suite(void);

/* ---- sequences ------------------------------------------------------- */

static enum sow_status tell(void *argument, const struct sow_layer_draw *draw,
                            struct sow_error *error)
{
    struct story *story = argument;

    (void)error;
    if (draw->use == SOW_DRAW_DISCARDED)
        story_say(story, "-");
    if (draw->use == SOW_DRAW_COPIED)
        story_say(story, "%s = %s; ", draw->tensor->name, draw->from);
    else
        story_tell(story, draw->tensor);
    return SOW_OK;
}

static const struct {
    const char *type, *arguments, *draws;
} traced[] = {
    {"embedding", "num_embeddings=4 embedding_dim=3 padding_idx=1",
     "weight 4x3 embedding 1 1; "},
    {"layer_norm", "normalized_shape=4", ""},
    {"prelu", "", ""},
    {"multihead_attention", "embed_dim=4 num_heads=2",
     "out_proj.weight 4x4 linear; - 4 uniform -0.5 0.5; "
     "in_proj_weight 12x4 xavier_uniform 1; "},
    {"multihead_attention",
     "embed_dim=4 num_heads=2 kdim=3 vdim=5 add_bias_kv=true bias=false",
     "out_proj.weight 4x4 linear; q_proj_weight 4x4 xavier_uniform 1; "
     "k_proj_weight 4x3 xavier_uniform 1; "
     "v_proj_weight 4x5 xavier_uniform 1; bias_k 1x1x4 xavier_normal 1; "
     "bias_v 1x1x4 xavier_normal 1; "},
    {"transformer_encoder",
     "d_model=4 nhead=2 dim_feedforward=4 num_layers=2 norm=true "
     "bias=false",
     "layers.0.self_attn.out_proj.weight 4x4 linear; "
     "layers.0.self_attn.in_proj_weight 12x4 xavier_uniform 1; "
     "layers.0.linear1.weight 4x4 linear; "
     "layers.0.linear2.weight 4x4 linear; "
     "layers.1.self_attn.in_proj_weight = layers.0.self_attn.in_proj_weight; "
     "layers.1.self_attn.out_proj.weight = layers.0.self_attn.out_proj.weight; "
     "layers.1.linear1.weight = layers.0.linear1.weight; "
     "layers.1.linear2.weight = layers.0.linear2.weight; "},
    {"transformer_encoder",
     "d_model=4 nhead=2 dim_feedforward=4 num_layers=0 bias=false",
     "- 4x4 linear; - 12x4 xavier_uniform 1; - 4x4 linear; - 4x4 linear; "},
    {"transformer",
     "d_model=4 nhead=2 dim_feedforward=4 num_encoder_layers=1 "
     "num_decoder_layers=0",
     "encoder.layers.0.self_attn.out_proj.weight 4x4 linear; "
     "- 4 uniform -0.5 0.5; "
     "encoder.layers.0.self_attn.in_proj_weight 12x4 xavier_uniform 1; "
     "encoder.layers.0.linear1.weight 4x4 linear; "
     "encoder.layers.0.linear1.bias 4 uniform -0.5 0.5; "
     "encoder.layers.0.linear2.weight 4x4 linear; "
     "encoder.layers.0.linear2.bias 4 uniform -0.5 0.5; - 4x4 linear; "
     "- 4 uniform -0.5 0.5; - 12x4 xavier_uniform 1; - 4x4 linear; "
     "- 4 uniform -0.5 0.5; - 12x4 xavier_uniform 1; - 4x4 linear; "
     "- 4 uniform -0.5 0.5; - 4x4 linear; - 4 uniform -0.5 0.5; "
     "encoder.layers.0.self_attn.in_proj_weight 12x4 xavier_uniform 1; "
     "encoder.layers.0.self_attn.out_proj.weight 4x4 xavier_uniform 1; "
     "encoder.layers.0.linear1.weight 4x4 xavier_uniform 1; "
     "encoder.layers.0.linear2.weight 4x4 xavier_uniform 1; "},
    {"transformers.gpt2",
     "architectures=GPT2LMHeadModel n_embd=4 n_layer=1 n_head=2 "
     "vocab_size=7 n_positions=5 n_inner=4 initializer_range=0.1",
     "transformer.wte.weight 7x4 embedding -1 1; "
     "transformer.wpe.weight 5x4 embedding -1 1; "
     "transformer.h.0.attn.c_attn.weight 4x12 normal 0 0.02; "
     "transformer.h.0.attn.c_proj.weight 4x4 normal 0 0.02; "
     "transformer.h.0.mlp.c_fc.weight 4x4 normal 0 0.02; "
     "transformer.h.0.mlp.c_proj.weight 4x4 normal 0 0.02; "
     "transformer.wte.weight 7x4 embedding -1 0.1; "
     "transformer.wpe.weight 5x4 embedding -1 0.1; "
     "transformer.h.0.attn.c_attn.weight 4x12 normal 0 0.1; "
     "transformer.h.0.attn.c_proj.weight 4x4 normal 0 0.1; "
     "transformer.h.0.attn.c_proj.weight 4x4 normal 0 0.0707107; "
     "transformer.h.0.mlp.c_fc.weight 4x4 normal 0 0.1; "
     "transformer.h.0.mlp.c_proj.weight 4x4 normal 0 0.1; "
     "transformer.h.0.mlp.c_proj.weight 4x4 normal 0 0.0707107; "
     "- 7x4 linear; - 7x4 normal 0 0.1; "},
    {"transformers.llama",
     "architectures=LlamaForTokenClassification num_hidden_layers=0 "
     "hidden_size=4 num_attention_heads=2 vocab_size=7 pad_token_id=2",
     "model.embed_tokens.weight 7x4 embedding 2 1; "
     "model.embed_tokens.weight 7x4 embedding 2 0.02; "
     "score.weight 2x4 linear; - 2 uniform -0.5 0.5; "
     "score.weight 2x4 normal 0 0.02; "},
    {"transformers.vit",
     "num_hidden_layers=0 hidden_size=4 num_attention_heads=2 "
     "image_size=4 patch_size=2 num_channels=1",
     "embeddings.cls_token 1x1x4 normal 0 1; "
     "embeddings.patch_embeddings.projection.weight 4x1x2x2 linear; "
     "- 4 uniform -0.5 0.5; "
     "embeddings.position_embeddings 1x5x4 normal 0 1; "
     "pooler.dense.weight 4x4 linear; - 4 uniform -0.5 0.5; "
     "embeddings.patch_embeddings.projection.weight 4x1x2x2 normal 0 0.02; "
     "embeddings.position_embeddings 1x5x4 trunc_normal 0 0.02 -2 2; "
     "embeddings.cls_token 1x1x4 trunc_normal 0 0.02 -2 2; "
     "pooler.dense.weight 4x4 normal 0 0.02; "},
    {"transformers.t5",
     "architectures=T5EncoderModel num_layers=1 d_model=4 d_kv=3 "
     "num_heads=2 d_ff=4 vocab_size=7",
     "shared.weight 7x4 embedding -1 1; - 7x4 embedding -1 1; "
     "encoder.block.0.layer.0.SelfAttention.q.weight 6x4 linear; "
     "encoder.block.0.layer.0.SelfAttention.k.weight 6x4 linear; "
     "encoder.block.0.layer.0.SelfAttention.v.weight 6x4 linear; "
     "encoder.block.0.layer.0.SelfAttention.o.weight 4x6 linear; "
     "encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight "
     "32x2 embedding -1 1; "
     "encoder.block.0.layer.1.DenseReluDense.wi.weight 4x4 linear; "
     "encoder.block.0.layer.1.DenseReluDense.wo.weight 4x4 linear; "
     "- 7x4 embedding -1 1; "
     "encoder.block.0.layer.0.SelfAttention.q.weight 6x4 normal 0 1; "
     "encoder.block.0.layer.0.SelfAttention.k.weight 6x4 normal 0 1; "
     "encoder.block.0.layer.0.SelfAttention.v.weight 6x4 normal 0 1; "
     "encoder.block.0.layer.0.SelfAttention.o.weight 4x6 normal 0 1; "
     "encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight "
     "32x2 embedding -1 1; "
     "encoder.block.0.layer.0.SelfAttention.q.weight 6x4 normal 0 0.288675; "
     "encoder.block.0.layer.0.SelfAttention.k.weight 6x4 normal 0 0.5; "
     "encoder.block.0.layer.0.SelfAttention.v.weight 6x4 normal 0 0.5; "
     "encoder.block.0.layer.0.SelfAttention.o.weight 4x6 normal 0 0.408248; "
     "encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight "
     "32x2 embedding -1 0.5; "
     "encoder.block.0.layer.1.DenseReluDense.wi.weight 4x4 normal 0 1; "
     "encoder.block.0.layer.1.DenseReluDense.wo.weight 4x4 normal 0 1; "
     "encoder.block.0.layer.1.DenseReluDense.wi.weight 4x4 normal 0 0.5; "
     "encoder.block.0.layer.1.DenseReluDense.wo.weight 4x4 normal 0 0.5; "
     "shared.weight 7x4 embedding -1 1; "
     "shared.weight 7x4 embedding -1 1; "},
    {"flax.dense", "input_dim=4 features=3",
     "kernel 4x3 lecun_normal; bias 3 zeros; "},
    {"flax.batch_norm", "input_dim=4", "scale 4 ones; bias 4 zeros; "},
};

START_TEST(draws_are_in_the_order_of_the_constructor)
{
    for (size_t i = 0; i < COUNT(traced); i++) {
        struct sow_error error = {.text = ""};
        struct story story = {.used = 0};
        struct sow_layer layer;

        ck_assert_msg(
            layer_make(&layer, traced[i].type, traced[i].arguments, &error) ==
                    SOW_OK &&
                sow_layer_draws(&layer, 100, tell, &story, &error) == SOW_OK,
            "%s(%s) is refused: %s: %s", traced[i].type, traced[i].arguments,
            error.at, error.text);
        ck_assert_msg(strcmp(story.text, traced[i].draws) == 0,
                      "%s(%s) draws\n%s\nnot\n%s", traced[i].type,
                      traced[i].arguments, story.text, traced[i].draws);
    }
}
END_TEST

/* ---- limits ---------------------------------------------------------- */

static enum sow_status count(void *argument, const struct sow_layer_draw *draw,
                             struct sow_error *error)
{
    size_t *seen = argument;

    (void)draw;
    (void)error;
    ++*seen;
    return SOW_OK;
}

START_TEST(draws_end_at_their_limit)
{
    for (size_t i = 0; i < COUNT(traced); i++) {
        struct sow_error error = {.text = ""};
        struct sow_layer layer;
        size_t total = 0, seen = 0;

        ck_assert_int_eq(
            layer_make(&layer, traced[i].type, traced[i].arguments, &error),
            SOW_OK);
        ck_assert_int_eq(sow_layer_draws(&layer, 100, count, &total, &error),
                         SOW_OK);
        ck_assert_int_eq(sow_layer_draws(&layer, total, count, &seen, &error),
                         SOW_OK);
        ck_assert_uint_eq(seen, total);
        if (total == 0)
            continue;
        seen = 0;
        ck_assert_int_eq(
            sow_layer_draws(&layer, total - 1, count, &seen, &error),
            SOW_BAD_PARAMETER);
        ck_assert_str_eq(error.at, "layers");
        ck_assert_uint_eq(seen, total - 1);
    }
}
END_TEST

/* Repetitions and copies of what is never drawn cost time as well. */
START_TEST(repetitions_of_nothing_end)
{
    static const struct sow_row rows[] = {{.name = "x{i}",
                                           .repeat = "2^53",
                                           .part = SOW_PART_BIAS,
                                           .scheme = "torch.zeros"}};
    static const struct sow_draw copied[] = {
        {.in = SOW_MAKE, .name = "x{i}", .copied = true}};
    static const struct sow_layer_type types[] = {
        {.library = "torch", SOW_ROWS_OF(rows)},
        {.library = "torch", SOW_ROWS_OF(rows), SOW_DRAWS_OF(copied)}};

    for (size_t i = 0; i < COUNT(types); i++) {
        struct sow_error error = {.text = ""};
        struct sow_layer layer;
        size_t seen = 0;

        ck_assert_int_eq(sow_layer_init(&layer, &types[i], NULL, 0, &error),
                         SOW_OK);
        ck_assert_int_eq(sow_layer_draws(&layer, 1000, count, &seen, &error),
                         SOW_BAD_PARAMETER);
        ck_assert_uint_eq(seen, 0);
    }
}
END_TEST

static enum sow_status stop(void *argument, const struct sow_layer_draw *draw,
                            struct sow_error *error)
{
    (void)count(argument, draw, error);
    return SOW_STOPPED;
}

START_TEST(drawers_can_stop)
{
    struct sow_error error = {.text = ""};
    struct sow_layer layer;
    size_t seen = 0;

    ck_assert_int_eq(
        layer_make(&layer, "linear", "in_features=1 out_features=1", &error),
        SOW_OK);
    ck_assert_int_eq(sow_layer_draws(&layer, 9, stop, &seen, &error),
                     SOW_STOPPED);
    ck_assert_uint_eq(seen, 1);
}
END_TEST

Suite *draws_suite(void)
{
    Suite *suite = suite_create("draws");
    TCase *cases = tcase_create("draws");

    tcase_set_timeout(cases, 60);
    tcase_add_test(cases, draws_are_in_the_order_of_the_constructor);
    tcase_add_test(cases, draws_end_at_their_limit);
    tcase_add_test(cases, repetitions_of_nothing_end);
    tcase_add_test(cases, drawers_can_stop);
    suite_add_tcase(suite, cases);
    return suite;
}
