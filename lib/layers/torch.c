/* SPDX-License-Identifier: MIT */
/*
 * Layers of torch.nn, as of 2.13: linear, convolutions, embeddings, PReLU.
 * Biases are uniform within 1 / sqrt(fan_in), where fan_in is what torch
 * takes for it: of a transposed convolution's (in, out / groups, kernel…) it
 * is out / groups times the kernel.
 */
#include "layers/torch.h"

/* ---- Linear, Bilinear ------------------------------------------------ */

static const struct sow_argument linear_arguments[] = {
    SOW_NEEDS("in_features", INDEX),
    SOW_NEEDS("out_features", INDEX),
    SOW_TAKES("bias", FLAG, "true"),
    SOW_DERIVES("bound", "in_features > 0 ? 1 / sqrt(in_features) : 0"),
};

static const struct sow_row linear_rows[] = {
    {.name = "weight",
     .part = SOW_PART_WEIGHT,
     .shape = {"out_features", "in_features"},
     .scheme = "torch.linear"},
    {.when = "bias",
     .name = "bias",
     .part = SOW_PART_BIAS,
     .shape = {"out_features"},
     .scheme = SOW_WITHIN_BOUND},
};

static const struct sow_argument bilinear_arguments[] = {
    SOW_NEEDS("in1_features", COUNT),
    SOW_NEEDS("in2_features", INDEX),
    SOW_NEEDS("out_features", INDEX),
    SOW_TAKES("bias", FLAG, "true"),
    SOW_DERIVES("bound", "1 / sqrt(in1_features)"),
};

static const struct sow_row bilinear_rows[] = {
    {.name = "weight",
     .part = SOW_PART_WEIGHT,
     .shape = {"out_features", "in1_features", "in2_features"},
     .scheme = SOW_WITHIN_BOUND},
    {.when = "bias",
     .name = "bias",
     .part = SOW_PART_BIAS,
     .shape = {"out_features"},
     .scheme = SOW_WITHIN_BOUND},
};

/* ---- convolutions ---------------------------------------------------- */

#define CONV_ARGUMENTS(dimensions)                                         \
    {                                                                      \
        SOW_NEEDS("in_channels", COUNT), SOW_NEEDS("out_channels", COUNT), \
            {.name = "kernel_size",                                        \
             .kind = SOW_ARGUMENT_SIZES,                                   \
             .length = (dimensions),                                       \
             .least = 1},                                                  \
            SOW_IGNORES("stride"), SOW_IGNORES("padding"),                 \
            SOW_IGNORES("dilation"), SOW_TAKES("groups", COUNT, "1"),      \
            SOW_TAKES("bias", FLAG, "true"), SOW_IGNORES("padding_mode"),  \
            SOW_DERIVES("bound", "1 / sqrt(in_channels / groups "          \
                                 "* prod(kernel_size))"),                  \
    }

static const struct sow_argument conv1d_arguments[] = CONV_ARGUMENTS(1);
static const struct sow_argument conv2d_arguments[] = CONV_ARGUMENTS(2);
static const struct sow_argument conv3d_arguments[] = CONV_ARGUMENTS(3);

static const struct sow_check conv_checks[] = {
    {"in_channels % groups == 0", "groups",
     "in_channels must be a multiple of groups"},
    {"out_channels % groups == 0", "groups",
     "out_channels must be a multiple of groups"},
};

static const struct sow_row conv_rows[] = {
    {.name = "weight",
     .part = SOW_PART_WEIGHT,
     .shape = {"out_channels", "in_channels / groups", "*kernel_size"},
     .scheme = "torch.linear"},
    {.when = "bias",
     .name = "bias",
     .part = SOW_PART_BIAS,
     .shape = {"out_channels"},
     .scheme = SOW_WITHIN_BOUND},
};

#define CONV_TRANSPOSE_ARGUMENTS(dimensions)                                \
    {                                                                       \
        SOW_NEEDS("in_channels", COUNT), SOW_NEEDS("out_channels", COUNT),  \
            {.name = "kernel_size",                                         \
             .kind = SOW_ARGUMENT_SIZES,                                    \
             .length = (dimensions),                                        \
             .least = 1},                                                   \
            SOW_IGNORES("stride"), SOW_IGNORES("padding"),                  \
            SOW_IGNORES("output_padding"), SOW_TAKES("groups", COUNT, "1"), \
            SOW_TAKES("bias", FLAG, "true"), SOW_IGNORES("dilation"),       \
            SOW_IGNORES("padding_mode"),                                    \
            SOW_DERIVES("bound", "1 / sqrt(out_channels / groups "          \
                                 "* prod(kernel_size))"),                   \
    }

static const struct sow_argument conv_transpose1d_arguments[] =
    CONV_TRANSPOSE_ARGUMENTS(1);
static const struct sow_argument conv_transpose2d_arguments[] =
    CONV_TRANSPOSE_ARGUMENTS(2);
static const struct sow_argument conv_transpose3d_arguments[] =
    CONV_TRANSPOSE_ARGUMENTS(3);

static const struct sow_row conv_transpose_rows[] = {
    {.name = "weight",
     .part = SOW_PART_WEIGHT,
     .shape = {"in_channels", "out_channels / groups", "*kernel_size"},
     .scheme = "torch.linear"},
    {.when = "bias",
     .name = "bias",
     .part = SOW_PART_BIAS,
     .shape = {"out_channels"},
     .scheme = SOW_WITHIN_BOUND},
};

/* ---- embeddings ------------------------------------------------------ */

#define PADDING_INDEX                                      \
    {                                                      \
        .name = "padding_idx", .kind = SOW_ARGUMENT_WHOLE, \
        .otherwise = "null", .nullable = true,             \
    }

/* The row of zeros: a negative index counts from the end. */
#define PADDING_ROW                                                  \
    SOW_DERIVES("row", "!has(padding_idx) ? -1 : padding_idx < 0 ? " \
                       "num_embeddings + padding_idx : padding_idx")

static const struct sow_argument embedding_arguments[] = {
    SOW_NEEDS("num_embeddings", INDEX),
    SOW_NEEDS("embedding_dim", INDEX),
    PADDING_INDEX,
    SOW_IGNORES("max_norm"),
    SOW_IGNORES("norm_type"),
    SOW_IGNORES("scale_grad_by_freq"),
    SOW_IGNORES("sparse"),
    PADDING_ROW,
};

static const struct sow_argument embedding_bag_arguments[] = {
    SOW_NEEDS("num_embeddings", INDEX),
    SOW_NEEDS("embedding_dim", INDEX),
    SOW_IGNORES("max_norm"),
    SOW_IGNORES("norm_type"),
    SOW_IGNORES("scale_grad_by_freq"),
    SOW_IGNORES("mode"),
    SOW_IGNORES("sparse"),
    SOW_IGNORES("include_last_offset"),
    PADDING_INDEX,
    PADDING_ROW,
};

static const struct sow_check embedding_checks[] = {
    {"!has(padding_idx) || row >= 0 && row < num_embeddings", "padding_idx",
     "padding_idx must be within num_embeddings; a negative one counts from "
     "the end"},
};

static const struct sow_row embedding_rows[] = {
    {.name = "weight",
     .part = SOW_PART_EMBEDDING,
     .shape = {"num_embeddings", "embedding_dim"},
     .scheme = "torch.embedding(padding_idx = row)"},
};

/* ---- PReLU ----------------------------------------------------------- */

static const struct sow_argument prelu_arguments[] = {
    SOW_TAKES("num_parameters", INDEX, "1"),
    SOW_TAKES("init", NUMBER, "0.25"),
};

static const struct sow_row prelu_rows[] = {
    {.name = "weight",
     .part = SOW_PART_OTHER,
     .shape = {"num_parameters"},
     .scheme = "torch.constant(val = init)"},
};

/* ---- the types ------------------------------------------------------- */

#define CONV(n, class, what, table)                              \
    {                                                            \
        SOW_TORCH_TYPE(n, class),                                \
            .summary = (what), SOW_ARGUMENTS(table##_arguments), \
            SOW_CHECKS(conv_checks), SOW_ROWS_OF(conv_rows),     \
    }
#define CONV_TRANSPOSE(n, class, what, table)                          \
    {                                                                  \
        SOW_TORCH_TYPE(n, class),                                      \
            .summary = (what), SOW_ARGUMENTS(table##_arguments),       \
            SOW_CHECKS(conv_checks), SOW_ROWS_OF(conv_transpose_rows), \
    }

const struct sow_layer_type sow_torch_types[] = {
    [SOW_TORCH_LINEAR] =
        {
            SOW_TORCH_TYPE("linear", "Linear"),
            .summary = "x W^T + b",
            SOW_ARGUMENTS(linear_arguments),
            SOW_ROWS_OF(linear_rows),
        },
    {
        SOW_TORCH_TYPE("bilinear", "Bilinear"),
        .summary = "x1^T W x2 + b",
        SOW_ARGUMENTS(bilinear_arguments),
        SOW_ROWS_OF(bilinear_rows),
    },
    CONV("conv1d", "Conv1d", "convolution over 1 dimension", conv1d),
    CONV("conv2d", "Conv2d", "convolution over 2 dimensions", conv2d),
    CONV("conv3d", "Conv3d", "convolution over 3 dimensions", conv3d),
    CONV_TRANSPOSE("conv_transpose1d", "ConvTranspose1d",
                   "transposed convolution over 1 dimension", conv_transpose1d),
    CONV_TRANSPOSE("conv_transpose2d", "ConvTranspose2d",
                   "transposed convolution over 2 dimensions",
                   conv_transpose2d),
    CONV_TRANSPOSE("conv_transpose3d", "ConvTranspose3d",
                   "transposed convolution over 3 dimensions",
                   conv_transpose3d),
    {
        SOW_TORCH_TYPE("embedding", "Embedding"),
        .summary = "a table of vectors",
        SOW_ARGUMENTS(embedding_arguments),
        SOW_CHECKS(embedding_checks),
        SOW_ROWS_OF(embedding_rows),
    },
    {
        SOW_TORCH_TYPE("embedding_bag", "EmbeddingBag"),
        .summary = "a table of vectors, summed or averaged by bags",
        SOW_ARGUMENTS(embedding_bag_arguments),
        SOW_CHECKS(embedding_checks),
        SOW_ROWS_OF(embedding_rows),
    },
    {
        SOW_TORCH_TYPE("prelu", "PReLU"),
        .summary = "ReLU with slopes that are learnt",
        SOW_ARGUMENTS(prelu_arguments),
        SOW_ROWS_OF(prelu_rows),
    },
};

const struct sow_layer_library sow_torch_layers = {
    sow_torch_types,
    COUNT(sow_torch_types),
};
