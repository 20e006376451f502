/* SPDX-License-Identifier: MIT */
/* GPT-2 as transformers has it; its arguments are in transformers.c. */
#include "layers/transformers.h"

/* A linear layer whose weight lies (in, out). */
static const struct sow_argument conv1d_arguments[] = {
    SOW_NEEDS("in", INDEX),
    SOW_NEEDS("out", INDEX),
    SOW_NEEDS("std", NUMBER),
    SOW_TAKES("first", NUMBER, "std"),
};

static const struct sow_row conv1d_rows[] = {
    {.name = "weight",
     .part = SOW_PART_WEIGHT,
     .shape = {"in", "out"},
     .axes = {.in = 1, .out = 2},
     .scheme = "normal(std = std)"},
    {.name = "bias",
     .part = SOW_PART_BIAS,
     .shape = {"out"},
     .scheme = "torch.zeros"},
};

static const struct sow_draw conv1d_draws[] = {
    SOW_DRAW(MAKE, "weight", "torch.normal(std = 0.02)"),
    SOW_DRAW(RESET, "weight", "torch.normal(std = first)"),
    SOW_DRAW(AGAIN, "weight", "torch.normal(std = std)"),
};

static const struct sow_layer_type conv1d = {
    SOW_ARGUMENTS(conv1d_arguments),
    SOW_ROWS_OF(conv1d_rows),
    SOW_DRAWS_OF(conv1d_draws),
};

/* What writes to the residual stream is drawn again. */
static const struct sow_draw residual_draws[] = {
    SOW_PASS(MAKE, NULL, MAKE),
    SOW_PASS(RESET, NULL, RESET),
    SOW_PASS(RESET, "c_proj.", AGAIN),
};

static const struct sow_row self_rows[] = {
    {.name = "c_attn.",
     .block = &conv1d,
     .with = "in = n_embd, out = 3 * n_embd, std = initializer_range"},
    {.name = "c_proj.",
     .block = &conv1d,
     .with = "in = n_embd, out = n_embd, std = residual_std, first = "
             "initializer_range"},
};

static const struct sow_layer_type self_attention = {
    SOW_ROWS_OF(self_rows),
    SOW_DRAWS_OF(residual_draws),
};

static const struct sow_row cross_rows[] = {
    {.name = "c_attn.",
     .block = &conv1d,
     .with = "in = n_embd, out = 2 * n_embd, std = initializer_range"},
    {.name = "q_attn.",
     .block = &conv1d,
     .with = "in = n_embd, out = n_embd, std = initializer_range"},
    {.name = "c_proj.",
     .block = &conv1d,
     .with = "in = n_embd, out = n_embd, std = residual_std, first = "
             "initializer_range"},
};

static const struct sow_layer_type cross_attention = {
    SOW_ROWS_OF(cross_rows),
    SOW_DRAWS_OF(residual_draws),
};

static const struct sow_row mlp_rows[] = {
    {.name = "c_fc.",
     .block = &conv1d,
     .with = "in = n_embd, out = n_inner, std = initializer_range"},
    {.name = "c_proj.",
     .block = &conv1d,
     .with = "in = n_inner, out = n_embd, std = residual_std, "
             "first = initializer_range"},
};

static const struct sow_layer_type mlp = {
    SOW_ROWS_OF(mlp_rows),
    SOW_DRAWS_OF(residual_draws),
};

static const struct sow_row layer_rows[] = {
    {.name = "ln_1.", .block = &sow_hf_norm, .with = "size = n_embd"},
    {.name = "attn.", .block = &self_attention},
    {.name = "ln_2.", .block = &sow_hf_norm, .with = "size = n_embd"},
    {.name = "crossattention.",
     .when = "add_cross_attention",
     .block = &cross_attention},
    {.name = "ln_cross_attn.",
     .when = "add_cross_attention",
     .block = &sow_hf_norm,
     .with = "size = n_embd"},
    {.name = "mlp.", .block = &mlp},
};

static const struct sow_layer_type layer = {
    SOW_ROWS_OF(layer_rows),
};

static const struct sow_row base_rows[] = {
    {.name = "wte.",
     .block = &sow_hf_embedding,
     .with = "rows = vocab_size, columns = n_embd, std = std"},
    {.name = "wpe.",
     .block = &sow_hf_embedding,
     .with = "rows = n_positions, columns = n_embd, std = std"},
    {.name = "h.{i}.", .repeat = "n_layer", .block = &layer},
    {.name = "ln_f.", .block = &sow_hf_norm, .with = "size = n_embd"},
};

static const struct sow_layer_type base = {
    SOW_ROWS_OF(base_rows),
    SOW_DRAWS_OF(sow_hf_draws),
};

static const struct sow_row rows[] = {
    {.name = "", .when = "is(architectures, GPT2Model)", .block = &base},
    {.name = "transformer.",
     .when = "!is(architectures, GPT2Model)",
     .block = &base},
    {.name = "lm_head.",
     .when = "is(architectures, GPT2LMHeadModel) || "
             "is(architectures, GPT2DoubleHeadsModel)",
     .tied = "tie_word_embeddings",
     .block = &sow_hf_linear,
     .with = "in = n_embd, out = vocab_size, bias = 0, std = std"},
    {.name = "multiple_choice_head.summary.",
     .when = "is(architectures, GPT2DoubleHeadsModel) && summary_use_proj",
     .block = &sow_hf_linear,
     .with = "in = n_embd, std = std, "
             "out = summary_proj_to_labels ? 1 : n_embd"},
    {.name = "score.",
     .when = "is(architectures, GPT2ForSequenceClassification)",
     .block = &sow_hf_linear,
     .with = "in = n_embd, out = num_labels, bias = 0, std = std"},
    {.name = "classifier.",
     .when = "is(architectures, GPT2ForTokenClassification)",
     .block = &sow_hf_linear,
     .with = "in = n_embd, out = num_labels, std = std"},
    {.name = "qa_outputs.",
     .when = "is(architectures, GPT2ForQuestionAnswering)",
     .block = &sow_hf_linear,
     .with = "in = n_embd, out = 2, std = std"},
};

const struct sow_layer_type sow_hf_gpt2 = {
    SOW_ROWS_OF(rows),
    SOW_DRAWS_OF(sow_hf_draws),
};
