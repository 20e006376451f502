/* SPDX-License-Identifier: MIT */
/* ViT as transformers has it; its arguments are in transformers.c. */
#include "layers/transformers.h"

/* Over two dimensions, as torch's. */
static const struct sow_argument convolution_arguments[] = {
    SOW_NEEDS("in", INDEX),
    SOW_NEEDS("out", INDEX),
    SOW_TAKES_SIZES("kernel", 2, "1"),
    SOW_NEEDS("std", NUMBER),
};

static const struct sow_row convolution_rows[] = {
    {.name = "weight",
     .part = SOW_PART_WEIGHT,
     .shape = {"out", "in", "*kernel"},
     .scheme = "torch.normal(std = std)"},
    {.name = "bias",
     .part = SOW_PART_BIAS,
     .shape = {"out"},
     .scheme = "torch.zeros"},
};

static const struct sow_draw convolution_draws[] = {
    SOW_DRAW(MAKE, "weight", "torch.linear"),
    SOW_DRAW(MAKE, "bias",
             "torch.uniform(a = -1 / sqrt(in * prod(kernel)), "
             "b = 1 / sqrt(in * prod(kernel)))"),
    SOW_DRAW(RESET, "weight", NULL),
};

static const struct sow_layer_type convolution = {
    SOW_ARGUMENTS(convolution_arguments),
    SOW_ROWS_OF(convolution_rows),
    SOW_DRAWS_OF(convolution_draws),
};

static const struct sow_row attention_rows[] = {
    {.name = "q_proj.",
     .block = &sow_hf_linear,
     .with = "in = hidden_size, out = hidden_size, bias = qkv_bias, "
             "std = std"},
    {.name = "k_proj.",
     .block = &sow_hf_linear,
     .with = "in = hidden_size, out = hidden_size, bias = qkv_bias, "
             "std = std"},
    {.name = "v_proj.",
     .block = &sow_hf_linear,
     .with = "in = hidden_size, out = hidden_size, bias = qkv_bias, "
             "std = std"},
    {.name = "o_proj.",
     .block = &sow_hf_linear,
     .with = "in = hidden_size, out = hidden_size, std = std"},
};

static const struct sow_layer_type attention = {
    SOW_ROWS_OF(attention_rows),
};

static const struct sow_row layer_rows[] = {
    {.name = "attention.", .block = &attention},
    {.name = "layernorm_before.",
     .block = &sow_hf_norm,
     .with = "size = hidden_size"},
    {.name = "layernorm_after.",
     .block = &sow_hf_norm,
     .with = "size = hidden_size"},
    {.name = "mlp.fc1.",
     .block = &sow_hf_linear,
     .with = "in = hidden_size, out = intermediate_size, std = std"},
    {.name = "mlp.fc2.",
     .block = &sow_hf_linear,
     .with = "in = intermediate_size, out = hidden_size, std = std"},
};

static const struct sow_layer_type layer = {
    SOW_ROWS_OF(layer_rows),
};

static const struct sow_row embedding_rows[] = {
    {.name = "cls_token",
     .part = SOW_PART_EMBEDDING,
     .shape = {"1", "1", "hidden_size"},
     .scheme = "torch.trunc_normal(std = initializer_range)"},
    {.name = "mask_token",
     .when = "is(architectures, ViTForMaskedImageModeling)",
     .part = SOW_PART_OTHER,
     .shape = {"1", "1", "hidden_size"},
     .scheme = "torch.zeros"},
    {.name = "position_embeddings",
     .part = SOW_PART_EMBEDDING,
     .shape = {"1", "patches + 1", "hidden_size"},
     .scheme = "torch.trunc_normal(std = initializer_range)"},
    {.name = "patch_embeddings.projection.",
     .block = &convolution,
     .with = "in = num_channels, out = hidden_size, kernel = patch_size, "
             "std = std"},
};

/* Tokens are made as torch.randn() makes them. */
static const struct sow_draw embedding_draws[] = {
    SOW_DRAW(MAKE, "cls_token", "torch.normal"),
    SOW_PASS(MAKE, "patch_embeddings.projection.", MAKE),
    SOW_DRAW(MAKE, "position_embeddings", "torch.normal"),
    SOW_PASS(RESET, "patch_embeddings.projection.", RESET),
    SOW_DRAW(RESET, "position_embeddings", NULL),
    SOW_DRAW(RESET, "cls_token", NULL),
};

static const struct sow_layer_type embeddings = {
    SOW_ROWS_OF(embedding_rows),
    SOW_DRAWS_OF(embedding_draws),
};

static const struct sow_row base_rows[] = {
    {.name = "embeddings.", .block = &embeddings},
    {.name = "layers.{i}.", .repeat = "num_hidden_layers", .block = &layer},
    {.name = "layernorm.", .block = &sow_hf_norm, .with = "size = hidden_size"},
    {.name = "pooler.dense.",
     .when = "is(architectures, ViTModel)",
     .block = &sow_hf_linear,
     .with = "in = hidden_size, out = pooled, std = std"},
};

static const struct sow_layer_type base = {
    SOW_ROWS_OF(base_rows),
    SOW_DRAWS_OF(sow_hf_draws),
};

static const struct sow_row rows[] = {
    {.name = "", .when = "is(architectures, ViTModel)", .block = &base},
    {.name = "vit.", .when = "!is(architectures, ViTModel)", .block = &base},
    {.name = "classifier.",
     .when = "is(architectures, ViTForImageClassification) && "
             "num_labels > 0",
     .block = &sow_hf_linear,
     .with = "in = hidden_size, out = num_labels, std = std"},
    {.name = "decoder.0.",
     .when = "is(architectures, ViTForMaskedImageModeling)",
     .block = &convolution,
     .with = "in = hidden_size, out = encoder_stride ^ 2 * num_channels, "
             "std = std"},
};

const struct sow_layer_type sow_hf_vit = {
    SOW_ROWS_OF(rows),
    SOW_DRAWS_OF(sow_hf_draws),
};
