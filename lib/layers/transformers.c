/* SPDX-License-Identifier: MIT */
/*
 * Hugging Face models by the keys of their config.json, with transformers'
 * defaults (transformers.h).  What isn't there is derived: 'std' is what the
 * common _init_weights() makes of initializer_range, 'padding' the row of the
 * embedding that is 0, or -1.
 */
#include "layers/transformers.h"

/* From the seventh on the unit is a gated one. */
static const char *const t5_projections[] = {
    "relu",        "gelu",       "gelu_new",   "silu",           "swish",
    "tanh",        "gated-relu", "gated-gelu", "gated-gelu_new", "gated-silu",
    "gated-swish", "gated-tanh", NULL};

static const char *const gpt2_architectures[] = {
    "GPT2Model",
    "GPT2LMHeadModel",
    "GPT2DoubleHeadsModel",
    "GPT2ForSequenceClassification",
    "GPT2ForTokenClassification",
    "GPT2ForQuestionAnswering",
    NULL};

static const struct sow_argument gpt2_arguments[] = {
    {.name = "architectures",
     SOW_ARGUMENT_CHOICE,
     "GPT2Model",
     .nullable = true,
     .choices = gpt2_architectures,
     .alias = "architecture"},
    SOW_TAKES("vocab_size", COUNT, "50257"),
    {.name = "n_positions",
     SOW_ARGUMENT_COUNT,
     "1024",
     .alias = "max_position_embeddings"},
    {.name = "n_embd", SOW_ARGUMENT_COUNT, "768", .alias = "hidden_size"},
    {.name = "n_layer", SOW_ARGUMENT_INDEX, "12", .alias = "num_hidden_layers"},
    {.name = "n_head",
     SOW_ARGUMENT_COUNT,
     "12",
     .alias = "num_attention_heads"},
    {.name = "n_inner", SOW_ARGUMENT_COUNT, "4 * n_embd", .nullable = true},
    SOW_TAKES("initializer_range", NUMBER, "0.02"),
    SOW_TAKES("add_cross_attention", FLAG, "false"),
    SOW_TAKES("tie_word_embeddings", FLAG, "true"),
    SOW_TAKES("summary_use_proj", FLAG, "true"),
    SOW_TAKES("summary_proj_to_labels", FLAG, "true"),
    SOW_TAKES("num_labels", COUNT, "2"),
    SOW_DERIVES("d_model", "n_embd"),
    SOW_DERIVES("std", "initializer_range == 0 ? 0.02 : initializer_range"),
    SOW_DERIVES("residual_std",
                "n_layer == 0 ? 0 : initializer_range / sqrt(2 * n_layer)"),
};

static const char *const bert_architectures[] = {
    "BertModel",
    "BertForPreTraining",
    "BertForMaskedLM",
    "BertLMHeadModel",
    "BertForNextSentencePrediction",
    "BertForSequenceClassification",
    "BertForMultipleChoice",
    "BertForTokenClassification",
    "BertForQuestionAnswering",
    NULL};

static const struct sow_argument bert_arguments[] = {
    {.name = "architectures",
     SOW_ARGUMENT_CHOICE,
     "BertModel",
     .nullable = true,
     .choices = bert_architectures,
     .alias = "architecture"},
    SOW_TAKES("vocab_size", COUNT, "30522"),
    SOW_TAKES("hidden_size", COUNT, "768"),
    SOW_TAKES("num_hidden_layers", INDEX, "12"),
    SOW_TAKES("num_attention_heads", COUNT, "12"),
    SOW_TAKES("intermediate_size", COUNT, "3072"),
    SOW_TAKES("max_position_embeddings", COUNT, "512"),
    SOW_TAKES("type_vocab_size", COUNT, "2"),
    SOW_TAKES("initializer_range", NUMBER, "0.02"),
    {.name = "pad_token_id", SOW_ARGUMENT_WHOLE, "0", .nullable = true},
    SOW_TAKES("add_cross_attention", FLAG, "false"),
    SOW_TAKES("tie_word_embeddings", FLAG, "true"),
    SOW_TAKES("num_labels", COUNT, "2"),
    SOW_DERIVES("n_layer", "num_hidden_layers"),
    SOW_DERIVES("d_model", "hidden_size"),
    SOW_DERIVES("std", "initializer_range == 0 ? 0.02 : initializer_range"),
    SOW_DERIVES("padding", "!has(pad_token_id) ? -1 : pad_token_id < 0 ? "
                           "pad_token_id + vocab_size : pad_token_id"),
    SOW_DERIVES(
        "pooled",
        "!(is(architectures, BertForMaskedLM) || is(architectures, "
        "BertLMHeadModel) || is(architectures, BertForTokenClassification) || "
        "is(architectures, BertForQuestionAnswering))"),
    SOW_DERIVES("predicts",
                "is(architectures, BertForPreTraining) || is(architectures, "
                "BertForMaskedLM) || is(architectures, BertLMHeadModel)"),
};

static const char *const vit_architectures[] = {
    "ViTModel", "ViTForImageClassification", "ViTForMaskedImageModeling", NULL};

static const struct sow_argument vit_arguments[] = {
    {.name = "architectures",
     SOW_ARGUMENT_CHOICE,
     "ViTModel",
     .nullable = true,
     .choices = vit_architectures,
     .alias = "architecture"},
    SOW_TAKES("hidden_size", COUNT, "768"),
    SOW_TAKES("num_hidden_layers", INDEX, "12"),
    SOW_TAKES("num_attention_heads", COUNT, "12"),
    SOW_TAKES("intermediate_size", COUNT, "3072"),
    SOW_TAKES("initializer_range", NUMBER, "0.02"),
    {.name = "image_size", SOW_ARGUMENT_SIZES, "224", .length = 2, .least = 1},
    {.name = "patch_size", SOW_ARGUMENT_SIZES, "16", .length = 2, .least = 1},
    SOW_TAKES("num_channels", COUNT, "3"),
    SOW_TAKES("qkv_bias", FLAG, "true"),
    SOW_TAKES("encoder_stride", COUNT, "16"),
    {.name = "pooler_output_size", SOW_ARGUMENT_INDEX, "0", .nullable = true},
    SOW_TAKES("num_labels", INDEX, "2"),
    SOW_DERIVES("n_layer", "num_hidden_layers"),
    SOW_DERIVES("d_model", "hidden_size"),
    SOW_DERIVES("std", "initializer_range == 0 ? 0.02 : initializer_range"),
    SOW_DERIVES("patches", "floor(image_size[0] / patch_size[0]) * "
                           "floor(image_size[1] / patch_size[1])"),
    SOW_DERIVES("pooled",
                "pooler_output_size == 0 ? hidden_size : pooler_output_size"),
};

static const char *const t5_architectures[] = {"T5Model",
                                               "T5ForConditionalGeneration",
                                               "T5EncoderModel",
                                               "T5ForSequenceClassification",
                                               "T5ForTokenClassification",
                                               "T5ForQuestionAnswering",
                                               NULL};

static const struct sow_argument t5_arguments[] = {
    {.name = "architectures",
     SOW_ARGUMENT_CHOICE,
     "T5Model",
     .nullable = true,
     .choices = t5_architectures,
     .alias = "architecture"},
    SOW_TAKES("vocab_size", COUNT, "32128"),
    {.name = "d_model", SOW_ARGUMENT_COUNT, "512", .alias = "hidden_size"},
    {.name = "d_kv", SOW_ARGUMENT_COUNT, "64", .alias = "head_dim"},
    SOW_TAKES("d_ff", COUNT, "2048"),
    {.name = "num_layers",
     SOW_ARGUMENT_INDEX,
     "6",
     .alias = "num_hidden_layers"},
    {.name = "num_decoder_layers",
     SOW_ARGUMENT_INDEX,
     "num_layers",
     .nullable = true},
    {.name = "num_heads",
     SOW_ARGUMENT_COUNT,
     "8",
     .alias = "num_attention_heads"},
    SOW_TAKES("relative_attention_num_buckets", COUNT, "32"),
    SOW_TAKES("initializer_factor", NUMBER, "1"),
    {.name = "feed_forward_proj",
     SOW_ARGUMENT_CHOICE,
     "relu",
     .choices = t5_projections},
    SOW_TAKES("num_labels", COUNT, "2"),
    SOW_DERIVES("n_layer", "num_layers"),
    SOW_DERIVES("n_encoder", "num_layers"),
    SOW_DERIVES("n_decoder", "num_decoder_layers"),
    SOW_DERIVES("factor", "initializer_factor"),
    SOW_DERIVES("inner", "num_heads * d_kv"),
    SOW_DERIVES("gated", "feed_forward_proj >= 6"),
    SOW_DERIVES("decodes", "!(is(architectures, T5EncoderModel) || "
                           "is(architectures, T5ForTokenClassification))"),
    SOW_DERIVES("nested", "is(architectures, T5ForSequenceClassification) || "
                          "is(architectures, T5ForTokenClassification)"),
};

/* ---- what must hold, and the types ---------------------------------- */

static const struct sow_check gpt2_checks[] = {
    {"n_embd % n_head == 0", "n_embd", "n_embd must be a multiple of n_head"},
};

static const struct sow_row gpt2_rows[] = {{.name = "", .block = &sow_hf_gpt2}};

static const struct sow_check llama_checks[] = {
    {"hidden_size % num_attention_heads == 0", "hidden_size",
     "hidden_size must be a multiple of num_attention_heads"},
    {"padding < vocab_size", "pad_token_id",
     "pad_token_id must be below vocab_size"},
};

static const struct sow_row llama_rows[] = {
    {.name = "", .block = &sow_hf_llama}};

static const struct sow_check mistral_checks[] = {
    {"padding < vocab_size", "pad_token_id",
     "pad_token_id must be below vocab_size"},
};

static const struct sow_row mistral_rows[] = {
    {.name = "", .block = &sow_hf_mistral}};

static const struct sow_check qwen2_checks[] = {
    {"padding < vocab_size", "pad_token_id",
     "pad_token_id must be below vocab_size"},
};

static const struct sow_row qwen2_rows[] = {
    {.name = "", .block = &sow_hf_qwen2}};

static const struct sow_check bert_checks[] = {
    {"hidden_size % num_attention_heads == 0", "hidden_size",
     "hidden_size must be a multiple of num_attention_heads"},
    {"padding < vocab_size", "pad_token_id",
     "pad_token_id must be below vocab_size"},
};

static const struct sow_row bert_rows[] = {{.name = "", .block = &sow_hf_bert}};

static const struct sow_check vit_checks[] = {
    {"hidden_size % num_attention_heads == 0", "hidden_size",
     "hidden_size must be a multiple of num_attention_heads"},
};

static const struct sow_row vit_rows[] = {{.name = "", .block = &sow_hf_vit}};

static const struct sow_row t5_rows[] = {{.name = "", .block = &sow_hf_t5}};

static const struct sow_layer_type types[] = {
    {
        .name = "transformers.gpt2",
        .library = "transformers",
        .summary = "GPT-2, from its config.json",
        .open = true,
        SOW_ARGUMENTS(gpt2_arguments),
        SOW_CHECKS(gpt2_checks),
        SOW_ROWS_OF(gpt2_rows),
    },
    {
        .name = "transformers.llama",
        .library = "transformers",
        .summary = "Llama, from its config.json",
        .open = true,
        SOW_ARGUMENTS(sow_hf_llama_arguments),
        SOW_CHECKS(llama_checks),
        SOW_ROWS_OF(llama_rows),
    },
    {
        .name = "transformers.mistral",
        .library = "transformers",
        .summary = "Mistral, from its config.json",
        .open = true,
        SOW_ARGUMENTS(sow_hf_mistral_arguments),
        SOW_CHECKS(mistral_checks),
        SOW_ROWS_OF(mistral_rows),
    },
    {
        .name = "transformers.qwen2",
        .library = "transformers",
        .summary = "Qwen2, from its config.json",
        .open = true,
        SOW_ARGUMENTS(sow_hf_qwen2_arguments),
        SOW_CHECKS(qwen2_checks),
        SOW_ROWS_OF(qwen2_rows),
    },
    {
        .name = "transformers.bert",
        .library = "transformers",
        .summary = "BERT, from its config.json",
        .open = true,
        SOW_ARGUMENTS(bert_arguments),
        SOW_CHECKS(bert_checks),
        SOW_ROWS_OF(bert_rows),
    },
    {
        .name = "transformers.vit",
        .library = "transformers",
        .summary = "Vision Transformer, from its config.json",
        .open = true,
        SOW_ARGUMENTS(vit_arguments),
        SOW_CHECKS(vit_checks),
        SOW_ROWS_OF(vit_rows),
    },
    {
        .name = "transformers.t5",
        .library = "transformers",
        .summary = "T5, version 1.1 too (gated), from its config.json",
        .open = true,
        .narrow = true,
        SOW_ARGUMENTS(t5_arguments),
        SOW_ROWS_OF(t5_rows),
    },
};

const struct sow_layer_library sow_transformers_layers = {types, COUNT(types)};
