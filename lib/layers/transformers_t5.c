/* SPDX-License-Identifier: MIT */
/*
 * T5 as transformers has it; its arguments are in transformers.c.  Standard
 * deviations are written there as n ** -0.5, which is the C library's pow() and
 * may be another double than 1 / sqrt(n) is, so its draws are 'narrow'.
 */
#include "layers/transformers.h"

static const struct sow_row attention_rows[] = {
    {.name = "q.",
     .block = &sow_hf_linear,
     .with = "in = d_model, out = inner, bias = 0, "
             "std = factor / sqrt(d_model * d_kv), first = factor"},
    {.name = "k.",
     .block = &sow_hf_linear,
     .with = "in = d_model, out = inner, bias = 0, "
             "std = factor / sqrt(d_model), first = factor"},
    {.name = "v.",
     .block = &sow_hf_linear,
     .with = "in = d_model, out = inner, bias = 0, "
             "std = factor / sqrt(d_model), first = factor"},
    {.name = "o.",
     .block = &sow_hf_linear,
     .with = "in = inner, out = d_model, bias = 0, "
             "std = factor / sqrt(inner), first = factor"},
};

static const struct sow_layer_type attention = {
    SOW_ROWS_OF(attention_rows),
};

static const struct sow_row norm_rows[] = {
    {.name = "",
     .block = &sow_hf_norm,
     .with = "size = d_model, bias = 0, value = factor"},
};

static const struct sow_layer_type norm = {
    SOW_ROWS_OF(norm_rows),
};

/* A module draws again what its own have just drawn. */
static const struct sow_draw again_draws[] = {
    SOW_PASS(MAKE, NULL, MAKE),
    SOW_PASS(RESET, NULL, RESET),
    SOW_PASS(RESET, NULL, AGAIN),
};

static const struct sow_row self_rows[] = {
    {.name = "SelfAttention.", .block = &attention},
    {.name = "SelfAttention.relative_attention_bias.",
     .when = "i == 0",
     .block = &sow_hf_embedding,
     .with = "rows = relative_attention_num_buckets, columns = num_heads, "
             "std = factor / sqrt(d_model), first = factor"},
    {.name = "layer_norm.", .block = &norm},
};

static const struct sow_layer_type self_attention = {
    SOW_ROWS_OF(self_rows),
    SOW_DRAWS_OF(again_draws),
};

static const struct sow_row cross_rows[] = {
    {.name = "EncDecAttention.", .block = &attention},
    {.name = "layer_norm.", .block = &norm},
};

static const struct sow_layer_type cross_attention = {
    SOW_ROWS_OF(cross_rows),
    SOW_DRAWS_OF(again_draws),
};

static const struct sow_row feed_rows[] = {
    {.name = "DenseReluDense.wi.",
     .when = "!gated",
     .block = &sow_hf_linear,
     .with = "in = d_model, out = d_ff, bias = 0, "
             "std = factor / sqrt(d_model), first = factor"},
    {.name = "DenseReluDense.wi_{w}.",
     .when = "gated",
     .repeat = "2",
     .index = "w",
     .block = &sow_hf_linear,
     .with = "in = d_model, out = d_ff, bias = 0, "
             "std = factor / sqrt(d_model), first = factor"},
    {.name = "DenseReluDense.wo.",
     .block = &sow_hf_linear,
     .with = "in = d_ff, out = d_model, bias = 0, "
             "std = factor / sqrt(d_ff), first = factor"},
    {.name = "layer_norm.", .block = &norm},
};

static const struct sow_layer_type feed_forward = {
    SOW_ROWS_OF(feed_rows),
    SOW_DRAWS_OF(again_draws),
};

static const struct sow_row encoder_layer_rows[] = {
    {.name = "layer.0.", .block = &self_attention},
    {.name = "layer.1.", .block = &feed_forward},
};

static const struct sow_layer_type encoder_layer = {
    SOW_ROWS_OF(encoder_layer_rows),
};

static const struct sow_row decoder_layer_rows[] = {
    {.name = "layer.0.", .block = &self_attention},
    {.name = "layer.1.", .block = &cross_attention},
    {.name = "layer.2.", .block = &feed_forward},
};

static const struct sow_layer_type decoder_layer = {
    SOW_ROWS_OF(decoder_layer_rows),
};

/* A stack is made with words of its own, and then given the model's. */
#define WORDS(prefix, whether)                                           \
    {                                                                    \
        .name = (prefix), .block = &sow_hf_embedding, .tied = (whether), \
        .with = "rows = vocab_size, columns = d_model, std = factor",    \
    }

static const struct sow_row encoder_rows[] = {
    WORDS("embed_tokens.", "true"),
    {.name = "block.{i}.", .repeat = "num_layers", .block = &encoder_layer},
    {.name = "final_layer_norm.", .block = &norm},
};

static const struct sow_layer_type encoder = {
    SOW_ROWS_OF(encoder_rows),
    SOW_DRAWS_OF(sow_hf_draws),
};

static const struct sow_row decoder_rows[] = {
    WORDS("embed_tokens.", "true"),
    {.name = "block.{i}.",
     .repeat = "num_decoder_layers",
     .block = &decoder_layer},
    {.name = "final_layer_norm.", .block = &norm},
};

static const struct sow_layer_type decoder = {
    SOW_ROWS_OF(decoder_rows),
    SOW_DRAWS_OF(sow_hf_draws),
};

static const struct sow_row base_rows[] = {
    WORDS("shared.", NULL),
    {.name = "encoder.", .block = &encoder},
    {.name = "decoder.", .when = "decodes", .block = &decoder},
};

static const struct sow_layer_type base = {
    SOW_ROWS_OF(base_rows),
};

/* A model by itself. */
static const struct sow_row nested_rows[] = {
    {.name = "", .block = &base},
};

static const struct sow_draw nested_draws[] = {
    SOW_PASS(MAKE, NULL, MAKE),
    SOW_PASS(MAKE, NULL, RESET),
    SOW_PASS(MAKE, NULL, AGAIN),
};

static const struct sow_layer_type nested = {
    SOW_ROWS_OF(nested_rows),
    SOW_DRAWS_OF(nested_draws),
};

static const struct sow_row head_rows[] = {
    {.name = "dense.",
     .block = &sow_hf_linear,
     .with = "in = d_model, out = d_model, std = factor / sqrt(d_model), "
             "first = factor"},
    {.name = "out_proj.",
     .block = &sow_hf_linear,
     .with = "in = d_model, out = num_labels, std = factor / sqrt(d_model), "
             "first = factor"},
};

static const struct sow_layer_type head = {
    SOW_ROWS_OF(head_rows),
    SOW_DRAWS_OF(again_draws),
};

static const struct sow_row rows[] = {
    {.name = "", .when = "!nested", .block = &base},
    {.name = "transformer.", .when = "nested", .block = &nested},
    {.name = "lm_head.",
     .when = "is(architectures, T5ForConditionalGeneration)",
     .tied = "true",
     .block = &sow_hf_linear,
     .with = "in = d_model, out = vocab_size, bias = 0, std = factor"},
    {.name = "classification_head.",
     .when = "is(architectures, T5ForSequenceClassification)",
     .block = &head},
    {.name = "classifier.",
     .when = "is(architectures, T5ForTokenClassification)",
     .block = &sow_hf_linear,
     .with = "in = d_model, out = num_labels, std = factor"},
    {.name = "qa_outputs.",
     .when = "is(architectures, T5ForQuestionAnswering)",
     .block = &sow_hf_linear,
     .with = "in = d_model, out = num_labels, std = factor / sqrt(d_model), "
             "first = factor"},
};

/* lm_head, which is tied, isn't drawn again. */
static const struct sow_draw draws[] = {
    SOW_PASS(MAKE, NULL, MAKE),
    SOW_PASS(MAKE, NULL, RESET),
    SOW_PASS(MAKE, "", AGAIN),
    SOW_PASS(MAKE, "classifier.", AGAIN),
    SOW_PASS(MAKE, "qa_outputs.", AGAIN),
};

const struct sow_layer_type sow_hf_t5 = {
    SOW_ROWS_OF(rows),
    SOW_DRAWS_OF(draws),
};
