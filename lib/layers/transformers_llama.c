/* SPDX-License-Identifier: MIT */
/*
 * Llama, Mistral and Qwen2 as transformers has them, which differ in their
 * biases and their heads; their arguments are in transformers.c.  The
 * architectures are in the same order: the bare model, ForCausalLM,
 * ForSequenceClassification, ForTokenClassification, ForQuestionAnswering.
 */
#include "layers/transformers.h"

static const struct sow_row layer_rows[] = {
    {.name = "self_attn.q_proj.",
     .block = &sow_hf_linear,
     .with = "in = hidden_size, out = num_attention_heads * head_dim, "
             "bias = qkv_bias, std = std"},
    {.name = "self_attn.k_proj.",
     .block = &sow_hf_linear,
     .with = "in = hidden_size, out = num_key_value_heads * head_dim, "
             "bias = qkv_bias, std = std"},
    {.name = "self_attn.v_proj.",
     .block = &sow_hf_linear,
     .with = "in = hidden_size, out = num_key_value_heads * head_dim, "
             "bias = qkv_bias, std = std"},
    {.name = "self_attn.o_proj.",
     .block = &sow_hf_linear,
     .with = "in = num_attention_heads * head_dim, out = hidden_size, "
             "bias = o_bias, std = std"},
    {.name = "mlp.gate_proj.",
     .block = &sow_hf_linear,
     .with = "in = hidden_size, out = intermediate_size, bias = mlp_bias, "
             "std = std"},
    {.name = "mlp.up_proj.",
     .block = &sow_hf_linear,
     .with = "in = hidden_size, out = intermediate_size, bias = mlp_bias, "
             "std = std"},
    {.name = "mlp.down_proj.",
     .block = &sow_hf_linear,
     .with = "in = intermediate_size, out = hidden_size, bias = mlp_bias, "
             "std = std"},
    {.name = "input_layernorm.",
     .block = &sow_hf_norm,
     .with = "size = hidden_size, bias = 0"},
    {.name = "post_attention_layernorm.",
     .block = &sow_hf_norm,
     .with = "size = hidden_size, bias = 0"},
};

static const struct sow_layer_type layer = {
    SOW_ROWS_OF(layer_rows),
};

static const struct sow_row base_rows[] = {
    {.name = "embed_tokens.",
     .block = &sow_hf_embedding,
     .with = "rows = vocab_size, columns = hidden_size, std = std, "
             "padding = padding"},
    {.name = "layers.{i}.", .repeat = "num_hidden_layers", .block = &layer},
    {.name = "norm.",
     .block = &sow_hf_norm,
     .with = "size = hidden_size, bias = 0"},
};

static const struct sow_layer_type base = {
    SOW_ROWS_OF(base_rows),
    SOW_DRAWS_OF(sow_hf_draws),
};

static const struct sow_row head_rows[] = {
    {.name = "lm_head.",
     .when = "architectures == 1",
     .tied = "tie_word_embeddings",
     .block = &sow_hf_linear,
     .with = "in = hidden_size, out = vocab_size, bias = 0, std = std"},
    {.name = "score.",
     .when = "architectures == 2 || architectures == 3",
     .block = &sow_hf_linear,
     .with = "in = hidden_size, out = num_labels, bias = architectures == 3, "
             "std = std"},
    {.name = "qa_outputs.",
     .when = "architectures == 4",
     .block = &sow_hf_linear,
     .with = "in = hidden_size, out = 2, std = std"},
};

static const struct sow_layer_type heads = {
    SOW_ROWS_OF(head_rows),
};

static const struct sow_row rows[] = {
    {.name = "", .when = "architectures == 0", .block = &base},
    {.name = "model.",
     .when = "architectures >= 1 && architectures <= 3",
     .block = &base},
    {.name = "transformer.", .when = "architectures == 4", .block = &base},
    {.name = "", .block = &heads},
};

const struct sow_layer_type sow_hf_llama = {
    SOW_ROWS_OF(rows),
    SOW_DRAWS_OF(sow_hf_draws),
};

const struct sow_layer_type sow_hf_qwen2 = {
    SOW_ROWS_OF(rows),
    SOW_DRAWS_OF(sow_hf_draws),
};

static const struct sow_row mistral_rows[] = {
    {.name = "", .when = "architectures == 0", .block = &base},
    {.name = "model.", .when = "architectures != 0", .block = &base},
    {.name = "", .block = &heads},
};

const struct sow_layer_type sow_hf_mistral = {
    SOW_ROWS_OF(mistral_rows),
    SOW_DRAWS_OF(sow_hf_draws),
};
