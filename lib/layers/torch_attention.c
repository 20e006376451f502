/* SPDX-License-Identifier: MIT */
/*
 * Attention and transformers of torch.nn, as of 2.13.
 *
 * torch makes the layers of a TransformerEncoder or TransformerDecoder as
 * copies of one, with equal values; for sow1 each is drawn by its own name.
 * Their arguments here are the layer's own, num_layers, and 'norm', which says
 * whether there is a final LayerNorm.
 */
#include "layers/torch.h"

#define LINEAR (&sow_torch_types[SOW_TORCH_LINEAR])
#define LAYER_NORM (&sow_torch_norm_types[SOW_TORCH_LAYER_NORM])

/* ---- MultiheadAttention ---------------------------------------------- */

#define OTHER_SIZE(n)                                                      \
    {                                                                      \
        .name = (n), .kind = SOW_ARGUMENT_INDEX, .otherwise = "embed_dim", \
        .nullable = true,                                                  \
    }

static const struct sow_argument attention_arguments[] = {
    SOW_NEEDS("embed_dim", COUNT),
    SOW_NEEDS("num_heads", COUNT),
    SOW_IGNORES("dropout"),
    SOW_TAKES("bias", FLAG, "true"),
    SOW_TAKES("add_bias_kv", FLAG, "false"),
    SOW_IGNORES("add_zero_attn"),
    OTHER_SIZE("kdim"),
    OTHER_SIZE("vdim"),
    SOW_IGNORES("batch_first"),
    SOW_DERIVES("fused", "kdim == embed_dim && vdim == embed_dim"),
};

static const struct sow_check attention_checks[] = {
    {"embed_dim % num_heads == 0", "num_heads",
     "embed_dim must be a multiple of num_heads"},
};

#define PROJECTION(n, condition, rows, columns)                         \
    {                                                                   \
        .when = (condition), .name = (n), .part = SOW_PART_WEIGHT,      \
        .shape = {(rows), (columns)}, .scheme = "torch.xavier_uniform", \
    }

/* An element that is put before the keys or the values. */
#define FIRST(n)                                                           \
    {                                                                      \
        .when = "add_bias_kv", .name = (n), .part = SOW_PART_OTHER,        \
        .shape = {"1", "1", "embed_dim"}, .scheme = "torch.xavier_normal", \
    }

static const struct sow_row attention_rows[] = {
    PROJECTION("in_proj_weight", "fused", "3 * embed_dim", "embed_dim"),
    PROJECTION("q_proj_weight", "!fused", "embed_dim", "embed_dim"),
    PROJECTION("k_proj_weight", "!fused", "embed_dim", "kdim"),
    PROJECTION("v_proj_weight", "!fused", "embed_dim", "vdim"),
    {.when = "bias",
     .name = "in_proj_bias",
     .part = SOW_PART_BIAS,
     .shape = {"3 * embed_dim"},
     .scheme = "torch.zeros"},
    FIRST("bias_k"),
    FIRST("bias_v"),
    {.name = "out_proj.weight",
     .part = SOW_PART_WEIGHT,
     .shape = {"embed_dim", "embed_dim"},
     .scheme = "torch.linear"},
    {.when = "bias",
     .name = "out_proj.bias",
     .part = SOW_PART_BIAS,
     .shape = {"embed_dim"},
     .scheme = "torch.zeros"},
};

/* out_proj is a Linear, whose bias is 0 only afterwards. */
static const struct sow_draw attention_draws[] = {
    SOW_DRAW(MAKE, "out_proj.weight", NULL),
    SOW_DRAW(MAKE, "out_proj.bias",
             "torch.uniform(a = -1 / sqrt(embed_dim), "
             "b = 1 / sqrt(embed_dim))"),
    SOW_DRAW(MAKE, "in_proj_weight", NULL),
    SOW_DRAW(MAKE, "q_proj_weight", NULL),
    SOW_DRAW(MAKE, "k_proj_weight", NULL),
    SOW_DRAW(MAKE, "v_proj_weight", NULL),
    SOW_DRAW(MAKE, "bias_k", NULL),
    SOW_DRAW(MAKE, "bias_v", NULL),
    SOW_PASS(RESET, NULL, RESET),
};

static const struct sow_layer_type attention = {
    SOW_ARGUMENTS(attention_arguments),
    SOW_CHECKS(attention_checks),
    SOW_ROWS_OF(attention_rows),
    SOW_DRAWS_OF(attention_draws),
};

/* ---- one layer ------------------------------------------------------- */

#define SIZES(d, n)                                                    \
    {.name = "d_model", .kind = SOW_ARGUMENT_COUNT, .otherwise = (d)}, \
    {                                                                  \
        .name = "nhead", .kind = SOW_ARGUMENT_COUNT, .otherwise = (n)  \
    }

#define FORWARD                                                          \
    SOW_TAKES("dim_feedforward", INDEX, "2048"), SOW_IGNORES("dropout"), \
        SOW_IGNORES("activation"), SOW_IGNORES("layer_norm_eps"),        \
        SOW_IGNORES("batch_first"), SOW_IGNORES("norm_first"),           \
        SOW_TAKES("bias", FLAG, "true")

static const struct sow_argument layer_arguments[] = {
    SIZES(NULL, NULL),
    FORWARD,
};

static const struct sow_check layer_checks[] = {
    {"d_model % nhead == 0", "nhead", "d_model must be a multiple of nhead"},
};

#define ATTENTION(n)                                       \
    {                                                      \
        .name = (n), .block = &attention,                  \
        .with = "embed_dim = d_model, num_heads = nhead, " \
                "bias = bias",                             \
    }
#define NORM(n)                                            \
    {                                                      \
        .name = (n), .block = LAYER_NORM,                  \
        .with = "normalized_shape = d_model, bias = bias", \
    }
#define LINEARS                                                           \
    {.name = "linear1.",                                                  \
     .block = LINEAR,                                                     \
     .with = "in_features = d_model, out_features = dim_feedforward, "    \
             "bias = bias"},                                              \
    {                                                                     \
        .name = "linear2.", .block = LINEAR,                              \
        .with = "in_features = dim_feedforward, out_features = d_model, " \
                "bias = bias",                                            \
    }

static const struct sow_row encoder_layer_rows[] = {
    ATTENTION("self_attn."),
    LINEARS,
    NORM("norm1."),
    NORM("norm2."),
};

static const struct sow_row decoder_layer_rows[] = {
    ATTENTION("self_attn."),
    ATTENTION("multihead_attn."),
    LINEARS,
    NORM("norm1."),
    NORM("norm2."),
    NORM("norm3."),
};

/* The same rows for who has the arguments already. */
static const struct sow_layer_type encoder_layer = {
    SOW_ROWS_OF(encoder_layer_rows),
};

static const struct sow_layer_type decoder_layer = {
    SOW_ROWS_OF(decoder_layer_rows),
};

/* ---- stacks ---------------------------------------------------------- */

static const struct sow_argument stack_arguments[] = {
    SIZES(NULL, NULL),
    FORWARD,
    SOW_NEEDS("num_layers", INDEX),
    SOW_TAKES("norm", FLAG, "false"),
};

#define STACK(prefix, layer, repetitions)               \
    {                                                   \
        .name = prefix "layers.{i}.", .block = (layer), \
        .repeat = (repetitions),                        \
    }
#define LAST_NORM(prefix, condition)                                      \
    {                                                                     \
        .when = (condition), .name = prefix "norm.", .block = LAYER_NORM, \
        .with = "normalized_shape = d_model, bias = bias",                \
    }

#define COPIES(prefix)                                               \
    {                                                                \
        .in = SOW_MAKE, .name = prefix "layers.{i}.", .copied = true \
    }

/* One layer is made, and copied. */
static const struct sow_draw stack_draws[] = {
    COPIES(""),
};

static const struct sow_row encoder_rows[] = {
    STACK("", &encoder_layer, "num_layers"),
    LAST_NORM("", "norm"),
};

static const struct sow_row decoder_rows[] = {
    STACK("", &decoder_layer, "num_layers"),
    LAST_NORM("", "norm"),
};

static const struct sow_argument transformer_arguments[] = {
    SIZES("512", "8"),
    SOW_TAKES("num_encoder_layers", INDEX, "6"),
    SOW_TAKES("num_decoder_layers", INDEX, "6"),
    FORWARD,
};

static const struct sow_row both_rows[] = {
    STACK("encoder.", &encoder_layer, "num_encoder_layers"),
    LAST_NORM("encoder.", "true"),
    STACK("decoder.", &decoder_layer, "num_decoder_layers"),
    LAST_NORM("decoder.", "true"),
};

/* Norms draw nothing. */
static const struct sow_draw both_draws[] = {
    COPIES("encoder."),
    COPIES("decoder."),
    SOW_PASS(RESET, NULL, RESET),
};

static const struct sow_layer_type both = {
    SOW_ROWS_OF(both_rows),
    SOW_DRAWS_OF(both_draws),
};

static const struct sow_row transformer_rows[] = {
    {.name = "", .block = &both, .matrices = "torch.xavier_uniform"},
};

static const struct sow_draw transformer_draws[] = {
    SOW_PASS(MAKE, NULL, MAKE),
    SOW_PASS(MAKE, NULL, RESET),
};

static const struct sow_layer_type types[] = {
    {
        SOW_TORCH_TYPE("multihead_attention", "MultiheadAttention"),
        .summary = "attention with several heads",
        SOW_ARGUMENTS(attention_arguments),
        SOW_CHECKS(attention_checks),
        SOW_ROWS_OF(attention_rows),
        SOW_DRAWS_OF(attention_draws),
    },
    {
        SOW_TORCH_TYPE("transformer_encoder_layer", "TransformerEncoderLayer"),
        .summary = "self-attention and two linear layers, with norms",
        SOW_ARGUMENTS(layer_arguments),
        SOW_CHECKS(layer_checks),
        SOW_ROWS_OF(encoder_layer_rows),
    },
    {
        SOW_TORCH_TYPE("transformer_decoder_layer", "TransformerDecoderLayer"),
        .summary = "self-attention, attention to the encoder and two linear "
                   "layers, with norms",
        SOW_ARGUMENTS(layer_arguments),
        SOW_CHECKS(layer_checks),
        SOW_ROWS_OF(decoder_layer_rows),
    },
    {
        SOW_TORCH_TYPE("transformer_encoder", "TransformerEncoder"),
        .summary = "a stack of encoder layers",
        SOW_ARGUMENTS(stack_arguments),
        SOW_CHECKS(layer_checks),
        SOW_ROWS_OF(encoder_rows),
        SOW_DRAWS_OF(stack_draws),
    },
    {
        SOW_TORCH_TYPE("transformer_decoder", "TransformerDecoder"),
        .summary = "a stack of decoder layers",
        SOW_ARGUMENTS(stack_arguments),
        SOW_CHECKS(layer_checks),
        SOW_ROWS_OF(decoder_rows),
        SOW_DRAWS_OF(stack_draws),
    },
    {
        SOW_TORCH_TYPE("transformer", "Transformer"),
        .summary = "an encoder and a decoder, all matrices Xavier uniform",
        SOW_ARGUMENTS(transformer_arguments),
        SOW_CHECKS(layer_checks),
        SOW_ROWS_OF(transformer_rows),
        SOW_DRAWS_OF(transformer_draws),
    },
};

const struct sow_layer_library sow_torch_attention_layers = {
    types,
    COUNT(types),
};
