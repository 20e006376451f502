/* SPDX-License-Identifier: MIT */
/* What the Hugging Face models are built of; see transformers.h. */
#include "layers/transformers.h"

const struct sow_draw sow_hf_draws[] = {
    SOW_PASS(MAKE, NULL, MAKE),
    SOW_PASS(MAKE, NULL, RESET),
};

static const struct sow_argument linear_arguments[] = {
    SOW_NEEDS("in", INDEX),
    SOW_NEEDS("out", INDEX),
    SOW_TAKES("bias", FLAG, "true"),
    SOW_NEEDS("std", NUMBER),
    SOW_TAKES("first", NUMBER, "std"),
};

static const struct sow_row linear_rows[] = {
    {.name = "weight",
     .part = SOW_PART_WEIGHT,
     .shape = {"out", "in"},
     .scheme = "torch.normal(std = std)"},
    {.name = "bias",
     .when = "bias",
     .part = SOW_PART_BIAS,
     .shape = {"out"},
     .scheme = "torch.zeros"},
};

static const struct sow_draw linear_draws[] = {
    SOW_DRAW(MAKE, "weight", "torch.linear"),
    SOW_DRAW(MAKE, "bias",
             "torch.uniform(a = -1 / sqrt(in), b = 1 / sqrt(in))"),
    SOW_DRAW(RESET, "weight", "torch.normal(std = first)"),
    SOW_DRAW(AGAIN, "weight", NULL),
};

const struct sow_layer_type sow_hf_linear = {
    SOW_ARGUMENTS(linear_arguments),
    SOW_ROWS_OF(linear_rows),
    SOW_DRAWS_OF(linear_draws),
};

static const struct sow_argument norm_arguments[] = {
    SOW_NEEDS("size", INDEX),
    SOW_TAKES("bias", FLAG, "true"),
    SOW_TAKES("value", NUMBER, "1"),
};

static const struct sow_row norm_rows[] = {
    {.name = "weight",
     .part = SOW_PART_SCALE,
     .shape = {"size"},
     .scheme = "torch.constant(val = value)"},
    {.name = "bias",
     .when = "bias",
     .part = SOW_PART_SHIFT,
     .shape = {"size"},
     .scheme = "torch.zeros"},
};

const struct sow_layer_type sow_hf_norm = {
    SOW_ARGUMENTS(norm_arguments),
    SOW_ROWS_OF(norm_rows),
};

static const struct sow_argument embedding_arguments[] = {
    SOW_NEEDS("rows", INDEX),          SOW_NEEDS("columns", INDEX),
    SOW_NEEDS("std", NUMBER),          SOW_TAKES("first", NUMBER, "std"),
    SOW_TAKES("padding", WHOLE, "-1"),
};

static const struct sow_row embedding_rows[] = {
    {.name = "weight",
     .part = SOW_PART_EMBEDDING,
     .shape = {"rows", "columns"},
     .scheme = "torch.embedding(std = std, padding_idx = padding)"},
};

static const struct sow_draw embedding_draws[] = {
    SOW_DRAW(MAKE, "weight", "torch.embedding(padding_idx = padding)"),
    SOW_DRAW(RESET, "weight",
             "torch.embedding(std = first, padding_idx = padding)"),
    SOW_DRAW(AGAIN, "weight", NULL),
};

const struct sow_layer_type sow_hf_embedding = {
    SOW_ARGUMENTS(embedding_arguments),
    SOW_ROWS_OF(embedding_rows),
    SOW_DRAWS_OF(embedding_draws),
};
