/* SPDX-License-Identifier: MIT */
/* Flax' attention; see flax.c. */
#include "layers/rows.h"

#include "schemes/schemes.h"

static const struct sow_argument attention_arguments[] = {
    {.name = "input_dim", SOW_ARGUMENT_INDEX, .alias = "in_features"},
    SOW_TAKES("key_input_dim", COUNT, "input_dim"),
    SOW_TAKES("value_input_dim", COUNT, "key_input_dim"),
    SOW_NEEDS("num_heads", COUNT),
    {.name = "qkv_features", SOW_ARGUMENT_COUNT, "input_dim", .nullable = true},
    {.name = "out_features", SOW_ARGUMENT_COUNT, "input_dim", .nullable = true},
    SOW_TAKES("use_bias", FLAG, "true"),
    SOW_TAKES("normalize_qk", FLAG, "false"),
    SOW_TAKES("dropout_rate", NUMBER, "0"), /* for keys alone */
    SOW_IGNORES("deterministic"),
    SOW_IGNORES("decode"),
    SOW_IGNORES("broadcast_dropout"),
    SOW_DERIVES("head_dim", "qkv_features / num_heads"),
};

static const struct sow_row attention_rows[] = {
    {.name = "key.bias",
     .when = "use_bias",
     .part = SOW_PART_BIAS,
     .shape = {"num_heads", "head_dim"},
     .scheme = "jax.zeros"},
    {.name = "key.kernel",
     .part = SOW_PART_WEIGHT,
     .shape = {"key_input_dim", "num_heads", "head_dim"},
     .axes = {.in = 1, .out = 6},
     .scheme = "jax.lecun_normal"},
    {.name = "key_ln.scale",
     .when = "normalize_qk",
     .part = SOW_PART_SCALE,
     .shape = {"head_dim"},
     .scheme = "jax.ones"},
    {.name = "out.bias",
     .when = "use_bias",
     .part = SOW_PART_BIAS,
     .shape = {"out_features"},
     .scheme = "jax.zeros"},
    {.name = "out.kernel",
     .part = SOW_PART_WEIGHT,
     .shape = {"num_heads", "head_dim", "out_features"},
     .axes = {.in = 3, .out = 4},
     .scheme = "jax.lecun_normal"},
    {.name = "query.bias",
     .when = "use_bias",
     .part = SOW_PART_BIAS,
     .shape = {"num_heads", "head_dim"},
     .scheme = "jax.zeros"},
    {.name = "query.kernel",
     .part = SOW_PART_WEIGHT,
     .shape = {"input_dim", "num_heads", "head_dim"},
     .axes = {.in = 1, .out = 6},
     .scheme = "jax.lecun_normal"},
    {.name = "query_ln.scale",
     .when = "normalize_qk",
     .part = SOW_PART_SCALE,
     .shape = {"head_dim"},
     .scheme = "jax.ones"},
    {.name = "value.bias",
     .when = "use_bias",
     .part = SOW_PART_BIAS,
     .shape = {"num_heads", "head_dim"},
     .scheme = "jax.zeros"},
    {.name = "value.kernel",
     .part = SOW_PART_WEIGHT,
     .shape = {"value_input_dim", "num_heads", "head_dim"},
     .axes = {.in = 1, .out = 6},
     .scheme = "jax.lecun_normal"},
};

static const struct sow_check attention_checks[] = {
    {"qkv_features % num_heads == 0", "qkv_features",
     "qkv_features must be a multiple of num_heads"},
};

static const struct sow_draw attention_draws[] = {
    SOW_DRAW(MAKE, "query.kernel", NULL),
    SOW_DRAW(MAKE, "query.bias", NULL),
    SOW_DRAW(MAKE, "key.kernel", NULL),
    SOW_DRAW(MAKE, "key.bias", NULL),
    SOW_DRAW(MAKE, "value.kernel", NULL),
    SOW_DRAW(MAKE, "value.bias", NULL),
    SOW_DRAW(MAKE, "query_ln.scale", NULL),
    SOW_DRAW(MAKE, "key_ln.scale", NULL),
    SOW_DRAW(MAKE, "out.kernel", NULL),
    SOW_DRAW(MAKE, "out.bias", NULL),
};

static const struct sow_layer_type types[] = {
    {
        .name = "flax.multi_head_dot_product_attention",
        .aliases = SOW_NAMES("flax.MultiHeadDotProductAttention",
                             "flax.linen.MultiHeadDotProductAttention",
                             "flax.MultiHeadAttention",
                             "flax.linen.MultiHeadAttention",
                             "flax.SelfAttention", "flax.linen.SelfAttention",
                             "flax.nnx.MultiHeadAttention"),
        .library = "flax",
        .summary = "attention with several heads",
        .layout = SOW_JAX,
        SOW_ARGUMENTS(attention_arguments),
        SOW_CHECKS(attention_checks),
        SOW_ROWS_OF(attention_rows),
        SOW_DRAWS_OF(attention_draws),
    },
};

const struct sow_layer_library sow_flax_attention_layers = {types,
                                                            COUNT(types)};
