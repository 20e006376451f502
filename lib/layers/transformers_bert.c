/* SPDX-License-Identifier: MIT */
/* BERT as transformers has it; its arguments are in transformers.c. */
#include "layers/transformers.h"

static const struct sow_row square_rows[] = {
    {.name = "",
     .block = &sow_hf_linear,
     .with = "in = hidden_size, out = hidden_size, std = std"},
};

static const struct sow_layer_type square = {
    SOW_ROWS_OF(square_rows),
};

static const struct sow_row norm_rows[] = {
    {.name = "LayerNorm.", .block = &sow_hf_norm, .with = "size = hidden_size"},
};

static const struct sow_layer_type norm = {
    SOW_ROWS_OF(norm_rows),
};

static const struct sow_row attention_rows[] = {
    {.name = "self.query.", .block = &square},
    {.name = "self.key.", .block = &square},
    {.name = "self.value.", .block = &square},
    {.name = "output.dense.", .block = &square},
    {.name = "output.", .block = &norm},
};

static const struct sow_layer_type attention = {
    SOW_ROWS_OF(attention_rows),
};

static const struct sow_row layer_rows[] = {
    {.name = "attention.", .block = &attention},
    {.name = "crossattention.",
     .when = "add_cross_attention",
     .block = &attention},
    {.name = "intermediate.dense.",
     .block = &sow_hf_linear,
     .with = "in = hidden_size, out = intermediate_size, std = std"},
    {.name = "output.dense.",
     .block = &sow_hf_linear,
     .with = "in = intermediate_size, out = hidden_size, std = std"},
    {.name = "output.", .block = &norm},
};

static const struct sow_layer_type layer = {
    SOW_ROWS_OF(layer_rows),
};

static const struct sow_row base_rows[] = {
    {.name = "embeddings.word_embeddings.",
     .block = &sow_hf_embedding,
     .with = "rows = vocab_size, columns = hidden_size, std = std, "
             "padding = padding"},
    {.name = "embeddings.position_embeddings.",
     .block = &sow_hf_embedding,
     .with = "rows = max_position_embeddings, columns = hidden_size, "
             "std = std"},
    {.name = "embeddings.token_type_embeddings.",
     .block = &sow_hf_embedding,
     .with = "rows = type_vocab_size, columns = hidden_size, std = std"},
    {.name = "embeddings.", .block = &norm},
    {.name = "encoder.layer.{i}.",
     .repeat = "num_hidden_layers",
     .block = &layer},
    {.name = "pooler.dense.", .when = "pooled", .block = &square},
};

static const struct sow_layer_type base = {
    SOW_ROWS_OF(base_rows),
    SOW_DRAWS_OF(sow_hf_draws),
};

static const struct sow_row prediction_rows[] = {
    {.name = "bias",
     .part = SOW_PART_BIAS,
     .shape = {"vocab_size"},
     .scheme = "torch.zeros"},
    {.name = "transform.dense.", .block = &square},
    {.name = "transform.", .block = &norm},
    {.name = "decoder.",
     .tied = "tie_word_embeddings",
     .block = &sow_hf_linear,
     .with = "in = hidden_size, out = vocab_size, std = std"},
};

static const struct sow_layer_type predictions = {
    SOW_ROWS_OF(prediction_rows),
};

static const struct sow_row rows[] = {
    {.name = "", .when = "is(architectures, BertModel)", .block = &base},
    {.name = "bert.", .when = "!is(architectures, BertModel)", .block = &base},
    {.name = "cls.predictions.", .when = "predicts", .block = &predictions},
    {.name = "cls.seq_relationship.",
     .when = "is(architectures, BertForPreTraining) || "
             "is(architectures, BertForNextSentencePrediction)",
     .block = &sow_hf_linear,
     .with = "in = hidden_size, out = 2, std = std"},
    {.name = "classifier.",
     .when = "is(architectures, BertForSequenceClassification) || "
             "is(architectures, BertForTokenClassification)",
     .block = &sow_hf_linear,
     .with = "in = hidden_size, out = num_labels, std = std"},
    {.name = "classifier.",
     .when = "is(architectures, BertForMultipleChoice)",
     .block = &sow_hf_linear,
     .with = "in = hidden_size, out = 1, std = std"},
    {.name = "qa_outputs.",
     .when = "is(architectures, BertForQuestionAnswering)",
     .block = &sow_hf_linear,
     .with = "in = hidden_size, out = num_labels, std = std"},
};

const struct sow_layer_type sow_hf_bert = {
    SOW_ROWS_OF(rows),
    SOW_DRAWS_OF(sow_hf_draws),
};
