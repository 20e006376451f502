/* SPDX-License-Identifier: MIT */
/*
 * The types of Keras, Flax and Hugging Face: sizes that were published, and
 * tensors worked out by hand.  tests/conformance/ compares all of them with
 * the libraries themselves.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "given.h"
#include "help.h"

Suite *models_suite(void);

/* What is looked for in a visit, and what was seen. */
struct search {
    const char *name;
    bool found;
    struct sow_tensor tensor;
    double parameters;
    size_t tensors;
};

static enum sow_status look(void *argument,
                            const struct sow_layer_tensor *tensor,
                            struct sow_error *error)
{
    struct search *search = argument;
    struct sow_spec spec = {
        .name = "t",
        .shape = tensor->shape,
        .layout = tensor->layout,
        .axes = tensor->axes,
        .scheme = tensor->scheme,
        .multiplier = tensor->multiplier,
    };
    struct sow_tensor made;
    enum sow_status status = sow_tensor_init(&made, &spec, error);

    if (status != SOW_OK)
        return status;
    search->tensors++;
    if (tensor->part != SOW_PART_STATE)
        search->parameters += (double)made.elements;
    if (search->name != NULL && strcmp(search->name, tensor->name) == 0) {
        search->found = true;
        search->tensor = made;
    }
    return SOW_OK;
}

static struct search visit(const char *type, const char *arguments,
                           const char *name)
{
    struct search search = {.name = name};
    struct sow_error error = {.text = ""};
    struct sow_layer layer;

    ck_assert_msg(layer_make(&layer, type, arguments, &error) == SOW_OK,
                  "%s(%s) is refused: %s", type, arguments, error.text);
    ck_assert_msg(
        sow_layer_visit(&layer, 100000, look, &search, &error) == SOW_OK,
        "%s(%s) is refused: %s: %s", type, arguments, error.at, error.text);
    return search;
}

#define LLAMA "transformers.llama"

START_TEST(models_have_as_many_parameters_as_published)
{
    static const struct {
        const char *type, *arguments;
        double parameters;
    } cases[] = {
        /* GPT-2 small and XL, from nothing but the defaults and sizes */
        {"transformers.gpt2", "architectures=GPT2LMHeadModel", 124439808},
        {"transformers.gpt2",
         "architectures=GPT2LMHeadModel n_layer=48 n_embd=1600 n_head=25",
         1557611200},
        /* Llama 2 7B is the default but for its maximal length; Llama 3 8B */
        {LLAMA, "architectures=LlamaForCausalLM", 6738415616},
        {LLAMA,
         "architectures=LlamaForCausalLM intermediate_size=14336 "
         "num_key_value_heads=8 vocab_size=128256",
         8030261248},
        {"transformers.mistral", "architectures=MistralForCausalLM",
         7241732096},
        {"transformers.qwen2",
         "architectures=Qwen2ForCausalLM hidden_size=896 "
         "intermediate_size=4864 num_hidden_layers=24 num_attention_heads=14 "
         "num_key_value_heads=2 tie_word_embeddings=true",
         494032768},
        {"transformers.bert", "", 109482240},
        {"transformers.vit",
         "architectures=ViTForImageClassification num_labels=1000", 86567656},
        {"transformers.t5", "architectures=T5ForConditionalGeneration",
         60506624},
        {"transformers.t5",
         "architectures=T5ForConditionalGeneration d_model=768 d_ff=3072 "
         "num_layers=12 num_heads=12",
         222903552},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        double got = visit(cases[i].type, cases[i].arguments, NULL).parameters;

        ck_assert_msg(got == cases[i].parameters,
                      "%s(%s) has %.0f parameters, not %.0f", cases[i].type,
                      cases[i].arguments, got, cases[i].parameters);
    }
}
END_TEST

#define TINY_GPT2 "n_layer=2 n_embd=8 n_head=2 vocab_size=11 n_positions=6"
#define TINY_T5 "num_layers=2 d_model=16 d_kv=4 num_heads=3 d_ff=9 vocab_size=7"

/* A tensor of a layer: its shape and standard deviation. */
struct expected {
    const char *type, *arguments, *name;
    struct sow_shape shape;
    double std;
};

static void check(const struct expected *expected)
{
    struct search search =
        visit(expected->type, expected->arguments, expected->name);
    const struct sow_shape *got = &search.tensor.spec.shape;

    ck_assert_msg(search.found, "%s(%s) has no %s", expected->type,
                  expected->arguments, expected->name);
    ck_assert_msg(got->rank == expected->shape.rank &&
                      memcmp(got->dims, expected->shape.dims,
                             got->rank * sizeof got->dims[0]) == 0,
                  "%s(%s): %s has another shape", expected->type,
                  expected->arguments, expected->name);
    ck_assert_msg(fabs(search.tensor.std - expected->std) < 1e-12,
                  "%s(%s): %s has std %.17g, not %.17g", expected->type,
                  expected->arguments, expected->name, search.tensor.std,
                  expected->std);
}

/* From the formulas of the sources. */
START_TEST(models_have_tensors_worked_out_by_hand)
{
    const struct expected cases[] = {
        {"transformers.gpt2", TINY_GPT2, "h.1.attn.c_attn.weight", SHAPE(8, 24),
         0.02},
        {"transformers.gpt2", TINY_GPT2, "h.1.mlp.c_proj.weight", SHAPE(32, 8),
         0.02 / sqrt(4)},
        {"transformers.gpt2", TINY_GPT2 " architectures=GPT2LMHeadModel",
         "transformer.wpe.weight", SHAPE(6, 8), 0.02},
        {"transformers.gpt2",
         TINY_GPT2 " architectures=GPT2LMHeadModel tie_word_embeddings=false "
                   "initializer_range=0.5",
         "lm_head.weight", SHAPE(11, 8), 0.5},
        {"transformers.t5", TINY_T5, "shared.weight", SHAPE(7, 16), 1},
        {"transformers.t5", TINY_T5,
         "encoder.block.0.layer.0.SelfAttention.q.weight", SHAPE(12, 16),
         1 / sqrt(16 * 4)},
        {"transformers.t5", TINY_T5,
         "decoder.block.1.layer.1.EncDecAttention.o.weight", SHAPE(16, 12),
         1 / sqrt(12)},
        {"transformers.t5", TINY_T5,
         "encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight",
         SHAPE(32, 3), 0.25},
        {"transformers.t5",
         TINY_T5 " feed_forward_proj=gated-gelu initializer_factor=3",
         "encoder.block.1.layer.1.DenseReluDense.wi_1.weight", SHAPE(9, 16),
         0.75},
        {LLAMA,
         "hidden_size=8 num_attention_heads=4 num_key_value_heads=2 "
         "head_dim=6 vocab_size=5 num_hidden_layers=1",
         "layers.0.self_attn.k_proj.weight", SHAPE(12, 8), 0.02},
        {"transformers.vit", "image_size=32,24 patch_size=8 hidden_size=12",
         "embeddings.position_embeddings", SHAPE(1, 13, 12), 0.02},
    };

    for (size_t i = 0; i < COUNT(cases); i++)
        check(&cases[i]);
}
END_TEST

START_TEST(layers_have_tensors_worked_out_by_hand)
{
    const struct expected cases[] = {
        {"keras.LSTM", "input_dim=3 units=4", "lstm_cell.kernel", SHAPE(3, 16),
         sqrt(2.0 / 19)},
        {"keras.depthwise_conv2d",
         "input_dim=6 kernel_size=3,5 depth_multiplier=2", "kernel",
         SHAPE(3, 5, 6, 2), sqrt(2.0 / (15 * 8))},
        {"keras.multi_head_attention", "input_dim=8 num_heads=2 key_dim=3",
         "attention_output.kernel", SHAPE(2, 3, 8), sqrt(2.0 / 14)},
        {"flax.embed", "num_embeddings=9 features=4", "embedding", SHAPE(9, 4),
         0.5},
        {"flax.Conv",
         "input_dim=6 features=4 kernel_size=3 feature_group_count=2", "kernel",
         SHAPE(3, 3, 4), 1.0 / 3},
        {"flax.nnx.MultiHeadAttention",
         "in_features=8 num_heads=2 qkv_features=6", "out.kernel",
         SHAPE(2, 3, 8), sqrt(1.0 / 6)},
    };

    for (size_t i = 0; i < COUNT(cases); i++)
        check(&cases[i]);
}
END_TEST

/* The forget gate is the second of Keras' four. */
START_TEST(a_keras_lstm_remembers)
{
    struct search search =
        visit("keras.lstm_cell", "input_dim=1 units=2", "bias");
    double *bias = tensor_values(&search.tensor);

    for (size_t i = 0; i < 8; i++)
        ck_assert_msg(bias[i] == (i / 2 == 1), "element %zu is %g", i, bias[i]);
    free(bias);
}
END_TEST

START_TEST(the_row_of_padding_is_zero)
{
    static const struct {
        const char *type, *arguments, *name;
        size_t row; /* of 5; 5 for none */
    } cases[] = {
        {"transformers.bert", "", "embeddings.word_embeddings.weight", 0},
        {"transformers.bert", "pad_token_id=3",
         "embeddings.word_embeddings.weight", 3},
        {LLAMA, "", "embed_tokens.weight", 5},
        {LLAMA, "pad_token_id=null", "embed_tokens.weight", 5},
        {LLAMA, "pad_token_id=-1", "embed_tokens.weight", 4},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        char text[128];
        struct search search;
        double *rows;

        snprintf(text, sizeof text,
                 "vocab_size=5 hidden_size=2 num_attention_heads=1 "
                 "num_hidden_layers=1 num_key_value_heads=1 %s",
                 cases[i].arguments);
        search = visit(cases[i].type, text, cases[i].name);
        rows = tensor_values(&search.tensor);
        for (size_t k = 0; k < 5; k++)
            ck_assert_msg((rows[2 * k] == 0) == (k == cases[i].row),
                          "%s(%s): row %zu begins with %g", cases[i].type, text,
                          k, rows[2 * k]);
        free(rows);
    }
}
END_TEST

START_TEST(wrong_configs_are_refused)
{
    static const struct {
        const char *type, *arguments, *at;
    } cases[] = {
        {"transformers.gpt2", "n_embd=10 n_head=4", "n_embd"},
        {"transformers.gpt2", "architectures=LlamaModel", "architectures"},
        {"transformers.gpt2", "n_embd=8 hidden_size=8", "n_embd"},
        {"transformers.gpt2", "n_layer=-1", "n_layer"},
        {LLAMA, "hidden_size=4100", "hidden_size"},
        {LLAMA, "vocab_size=10 pad_token_id=10", "pad_token_id"},
        {LLAMA, "head_dim=0", "head_dim"},
        {"transformers.bert", "num_attention_heads=5", "hidden_size"},
        {"transformers.vit", "patch_size=0", "patch_size"},
        {"transformers.t5", "feed_forward_proj=gated", "feed_forward_proj"},
        {"keras.dense", "units=4", "input_dim"},
        {"keras.dense", "input_dim=4 units=4 kernel_size=3", "kernel_size"},
        {"keras.conv2d", "input_dim=4 filters=6 kernel_size=3 groups=3",
         "input_dim"},
        {"keras.conv2d", "input_dim=4 filters=6 kernel_size=3,3,3",
         "kernel_size"},
        {"flax.group_norm", "input_dim=4", "num_groups"},
        {"flax.SelfAttention", "input_dim=6 num_heads=4", "qkv_features"},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct sow_error error = {.at = ""};
        struct sow_layer layer;
        enum sow_status status =
            layer_make(&layer, cases[i].type, cases[i].arguments, &error);

        ck_assert_msg(status == SOW_BAD_PARAMETER, "%s(%s): status %d",
                      cases[i].type, cases[i].arguments, (int)status);
        ck_assert_msg(strcmp(error.at, cases[i].at) == 0,
                      "%s(%s): the error is at %s: %s", cases[i].type,
                      cases[i].arguments, error.at, error.text);
    }
}
END_TEST

/* A config.json has keys that are not about parameters. */
START_TEST(configs_may_say_more)
{
    ck_assert_uint_eq(visit("transformers.gpt2",
                            TINY_GPT2 " resid_pdrop=0.1 use_cache=true "
                                      "model_type=gpt2",
                            NULL)
                          .tensors,
                      2 + 2 * 12 + 2);
}
END_TEST

Suite *models_suite(void)
{
    Suite *suite = suite_create("models");
    TCase *cases = tcase_create("models");

    tcase_set_timeout(cases, 60);
    tcase_add_test(cases, models_have_as_many_parameters_as_published);
    tcase_add_test(cases, models_have_tensors_worked_out_by_hand);
    tcase_add_test(cases, layers_have_tensors_worked_out_by_hand);
    tcase_add_test(cases, a_keras_lstm_remembers);
    tcase_add_test(cases, the_row_of_padding_is_zero);
    tcase_add_test(cases, wrong_configs_are_refused);
    tcase_add_test(cases, configs_may_say_more);
    suite_add_tcase(suite, cases);
    return suite;
}
