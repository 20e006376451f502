/* SPDX-License-Identifier: MIT */
/*
 * The layers of Keras 3 by their class names in snake_case, with Keras' own
 * argument names and default initializers.  Where a shape depends on the input
 * the argument 'input_dim' says it: the size of the input's last axis (its
 * channels, "channels_last"); of norms and PReLU all axes that the weights
 * have.  Names are those of the weights' paths, with dots for slashes.
 */
#include "layers/rows.h"

#include "schemes/schemes.h"

/* ---- dense and embedding ---------------------------------------------- */

static const struct sow_argument dense_arguments[] = {
    SOW_NEEDS("input_dim", INDEX),
    SOW_NEEDS("units", COUNT),
    SOW_TAKES("use_bias", FLAG, "true"),
    SOW_IGNORES("activation"),
};

static const struct sow_row dense_rows[] = {
    {.name = "kernel",
     .part = SOW_PART_WEIGHT,
     .shape = {"input_dim", "units"},
     .scheme = "keras.glorot_uniform"},
    {.name = "bias",
     .when = "use_bias",
     .part = SOW_PART_BIAS,
     .shape = {"units"},
     .scheme = "keras.zeros"},
};

static const struct sow_argument embedding_arguments[] = {
    SOW_NEEDS("input_dim", COUNT),
    SOW_NEEDS("output_dim", COUNT),
    SOW_IGNORES("mask_zero"),
};

static const struct sow_row embedding_rows[] = {
    {.name = "embeddings",
     .part = SOW_PART_EMBEDDING,
     .shape = {"input_dim", "output_dim"},
     .scheme = "keras.random_uniform"},
};

/* ---- convolutions ---------------------------------------------------- */

static const struct sow_argument conv1d_arguments[] = {
    SOW_NEEDS("input_dim", COUNT),
    SOW_NEEDS("filters", COUNT),
    {.name = "kernel_size", SOW_ARGUMENT_SIZES, .length = 1, .least = 1},
    SOW_TAKES("groups", COUNT, "1"),
    SOW_TAKES("use_bias", FLAG, "true"),
    SOW_IGNORES("activation"),
    SOW_IGNORES("strides"),
    SOW_IGNORES("padding"),
    SOW_IGNORES("dilation_rate"),
    SOW_IGNORES("data_format"),
};

static const struct sow_argument conv2d_arguments[] = {
    SOW_NEEDS("input_dim", COUNT),
    SOW_NEEDS("filters", COUNT),
    {.name = "kernel_size", SOW_ARGUMENT_SIZES, .length = 2, .least = 1},
    SOW_TAKES("groups", COUNT, "1"),
    SOW_TAKES("use_bias", FLAG, "true"),
    SOW_IGNORES("activation"),
    SOW_IGNORES("strides"),
    SOW_IGNORES("padding"),
    SOW_IGNORES("dilation_rate"),
    SOW_IGNORES("data_format"),
};

static const struct sow_argument conv3d_arguments[] = {
    SOW_NEEDS("input_dim", COUNT),
    SOW_NEEDS("filters", COUNT),
    {.name = "kernel_size", SOW_ARGUMENT_SIZES, .length = 3, .least = 1},
    SOW_TAKES("groups", COUNT, "1"),
    SOW_TAKES("use_bias", FLAG, "true"),
    SOW_IGNORES("activation"),
    SOW_IGNORES("strides"),
    SOW_IGNORES("padding"),
    SOW_IGNORES("dilation_rate"),
    SOW_IGNORES("data_format"),
};

static const struct sow_row conv_rows[] = {
    {.name = "kernel",
     .part = SOW_PART_WEIGHT,
     .shape = {"*kernel_size", "input_dim / groups", "filters"},
     .scheme = "keras.glorot_uniform"},
    {.name = "bias",
     .when = "use_bias",
     .part = SOW_PART_BIAS,
     .shape = {"filters"},
     .scheme = "keras.zeros"},
};

static const struct sow_check conv_checks[] = {
    {"input_dim % groups == 0", "input_dim",
     "input_dim must be a multiple of groups"},
    {"filters % groups == 0", "filters",
     "filters must be a multiple of groups"},
};

static const struct sow_argument conv1d_transpose_arguments[] = {
    SOW_NEEDS("input_dim", COUNT),
    SOW_NEEDS("filters", COUNT),
    {.name = "kernel_size", SOW_ARGUMENT_SIZES, .length = 1, .least = 1},
    SOW_TAKES("use_bias", FLAG, "true"),
    SOW_IGNORES("output_padding"),
    SOW_IGNORES("activation"),
    SOW_IGNORES("strides"),
    SOW_IGNORES("padding"),
    SOW_IGNORES("dilation_rate"),
    SOW_IGNORES("data_format"),
};

static const struct sow_argument conv2d_transpose_arguments[] = {
    SOW_NEEDS("input_dim", COUNT),
    SOW_NEEDS("filters", COUNT),
    {.name = "kernel_size", SOW_ARGUMENT_SIZES, .length = 2, .least = 1},
    SOW_TAKES("use_bias", FLAG, "true"),
    SOW_IGNORES("output_padding"),
    SOW_IGNORES("activation"),
    SOW_IGNORES("strides"),
    SOW_IGNORES("padding"),
    SOW_IGNORES("dilation_rate"),
    SOW_IGNORES("data_format"),
};

static const struct sow_argument conv3d_transpose_arguments[] = {
    SOW_NEEDS("input_dim", COUNT),
    SOW_NEEDS("filters", COUNT),
    {.name = "kernel_size", SOW_ARGUMENT_SIZES, .length = 3, .least = 1},
    SOW_TAKES("use_bias", FLAG, "true"),
    SOW_IGNORES("output_padding"),
    SOW_IGNORES("activation"),
    SOW_IGNORES("strides"),
    SOW_IGNORES("padding"),
    SOW_IGNORES("dilation_rate"),
    SOW_IGNORES("data_format"),
};

static const struct sow_row conv_transpose_rows[] = {
    {.name = "kernel",
     .part = SOW_PART_WEIGHT,
     .shape = {"*kernel_size", "filters", "input_dim"},
     .scheme = "keras.glorot_uniform"},
    {.name = "bias",
     .when = "use_bias",
     .part = SOW_PART_BIAS,
     .shape = {"filters"},
     .scheme = "keras.zeros"},
};

static const struct sow_argument depthwise_conv1d_arguments[] = {
    SOW_NEEDS("input_dim", COUNT),
    {.name = "kernel_size", SOW_ARGUMENT_SIZES, .length = 1, .least = 1},
    SOW_TAKES("depth_multiplier", COUNT, "1"),
    SOW_TAKES("use_bias", FLAG, "true"),
    SOW_IGNORES("activation"),
    SOW_IGNORES("strides"),
    SOW_IGNORES("padding"),
    SOW_IGNORES("dilation_rate"),
    SOW_IGNORES("data_format"),
};

static const struct sow_argument depthwise_conv2d_arguments[] = {
    SOW_NEEDS("input_dim", COUNT),
    {.name = "kernel_size", SOW_ARGUMENT_SIZES, .length = 2, .least = 1},
    SOW_TAKES("depth_multiplier", COUNT, "1"),
    SOW_TAKES("use_bias", FLAG, "true"),
    SOW_IGNORES("activation"),
    SOW_IGNORES("strides"),
    SOW_IGNORES("padding"),
    SOW_IGNORES("dilation_rate"),
    SOW_IGNORES("data_format"),
};

static const struct sow_row depthwise_conv_rows[] = {
    {.name = "kernel",
     .part = SOW_PART_WEIGHT,
     .shape = {"*kernel_size", "input_dim", "depth_multiplier"},
     .scheme = "keras.glorot_uniform"},
    {.name = "bias",
     .when = "use_bias",
     .part = SOW_PART_BIAS,
     .shape = {"input_dim * depth_multiplier"},
     .scheme = "keras.zeros"},
};

static const struct sow_argument separable_conv1d_arguments[] = {
    SOW_NEEDS("input_dim", COUNT),
    SOW_NEEDS("filters", COUNT),
    {.name = "kernel_size", SOW_ARGUMENT_SIZES, .length = 1, .least = 1},
    SOW_TAKES("depth_multiplier", COUNT, "1"),
    SOW_TAKES("use_bias", FLAG, "true"),
    SOW_IGNORES("activation"),
    SOW_IGNORES("strides"),
    SOW_IGNORES("padding"),
    SOW_IGNORES("dilation_rate"),
    SOW_IGNORES("data_format"),
};

static const struct sow_row separable_conv1d_rows[] = {
    {.name = "depthwise_kernel",
     .part = SOW_PART_WEIGHT,
     .shape = {"*kernel_size", "input_dim", "depth_multiplier"},
     .scheme = "keras.glorot_uniform"},
    {.name = "pointwise_kernel",
     .part = SOW_PART_WEIGHT,
     .shape = {"1", "input_dim * depth_multiplier", "filters"},
     .scheme = "keras.glorot_uniform"},
    {.name = "bias",
     .when = "use_bias",
     .part = SOW_PART_BIAS,
     .shape = {"filters"},
     .scheme = "keras.zeros"},
};

static const struct sow_argument separable_conv2d_arguments[] = {
    SOW_NEEDS("input_dim", COUNT),
    SOW_NEEDS("filters", COUNT),
    {.name = "kernel_size", SOW_ARGUMENT_SIZES, .length = 2, .least = 1},
    SOW_TAKES("depth_multiplier", COUNT, "1"),
    SOW_TAKES("use_bias", FLAG, "true"),
    SOW_IGNORES("activation"),
    SOW_IGNORES("strides"),
    SOW_IGNORES("padding"),
    SOW_IGNORES("dilation_rate"),
    SOW_IGNORES("data_format"),
};

static const struct sow_row separable_conv2d_rows[] = {
    {.name = "depthwise_kernel",
     .part = SOW_PART_WEIGHT,
     .shape = {"*kernel_size", "input_dim", "depth_multiplier"},
     .scheme = "keras.glorot_uniform"},
    {.name = "pointwise_kernel",
     .part = SOW_PART_WEIGHT,
     .shape = {"1", "1", "input_dim * depth_multiplier", "filters"},
     .scheme = "keras.glorot_uniform"},
    {.name = "bias",
     .when = "use_bias",
     .part = SOW_PART_BIAS,
     .shape = {"filters"},
     .scheme = "keras.zeros"},
};

/* ---- the types -------------------------------------------------------- */

static const struct sow_layer_type types[] = {
    {
        .name = "keras.dense",
        .aliases = SOW_NAMES("keras.Dense"),
        .library = "keras",
        .summary = "units (input_dim, units) and a bias",
        .layout = SOW_KERAS,
        SOW_ARGUMENTS(dense_arguments),
        SOW_ROWS_OF(dense_rows),
    },
    {
        .name = "keras.embedding",
        .aliases = SOW_NAMES("keras.Embedding"),
        .library = "keras",
        .summary = "a vector for each of input_dim words",
        .layout = SOW_KERAS,
        SOW_ARGUMENTS(embedding_arguments),
        SOW_ROWS_OF(embedding_rows),
    },
    {
        .name = "keras.conv1d",
        .aliases = SOW_NAMES("keras.Conv1D", "keras.Convolution1D"),
        .library = "keras",
        .summary = "convolution of 1 dimension",
        .layout = SOW_KERAS,
        SOW_ARGUMENTS(conv1d_arguments),
        SOW_CHECKS(conv_checks),
        SOW_ROWS_OF(conv_rows),
    },
    {
        .name = "keras.conv2d",
        .aliases = SOW_NAMES("keras.Conv2D", "keras.Convolution2D"),
        .library = "keras",
        .summary = "convolution of 2 dimensions",
        .layout = SOW_KERAS,
        SOW_ARGUMENTS(conv2d_arguments),
        SOW_CHECKS(conv_checks),
        SOW_ROWS_OF(conv_rows),
    },
    {
        .name = "keras.conv3d",
        .aliases = SOW_NAMES("keras.Conv3D", "keras.Convolution3D"),
        .library = "keras",
        .summary = "convolution of 3 dimensions",
        .layout = SOW_KERAS,
        SOW_ARGUMENTS(conv3d_arguments),
        SOW_CHECKS(conv_checks),
        SOW_ROWS_OF(conv_rows),
    },
    {
        .name = "keras.conv1d_transpose",
        .aliases = SOW_NAMES("keras.Conv1DTranspose"),
        .library = "keras",
        .summary = "transposed convolution of 1 dimension",
        .layout = SOW_KERAS,
        SOW_ARGUMENTS(conv1d_transpose_arguments),
        SOW_ROWS_OF(conv_transpose_rows),
    },
    {
        .name = "keras.conv2d_transpose",
        .aliases = SOW_NAMES("keras.Conv2DTranspose"),
        .library = "keras",
        .summary = "transposed convolution of 2 dimensions",
        .layout = SOW_KERAS,
        SOW_ARGUMENTS(conv2d_transpose_arguments),
        SOW_ROWS_OF(conv_transpose_rows),
    },
    {
        .name = "keras.conv3d_transpose",
        .aliases = SOW_NAMES("keras.Conv3DTranspose"),
        .library = "keras",
        .summary = "transposed convolution of 3 dimensions",
        .layout = SOW_KERAS,
        SOW_ARGUMENTS(conv3d_transpose_arguments),
        SOW_ROWS_OF(conv_transpose_rows),
    },
    {
        .name = "keras.depthwise_conv1d",
        .aliases = SOW_NAMES("keras.DepthwiseConv1D"),
        .library = "keras",
        .summary = "convolution of each channel by itself",
        .layout = SOW_KERAS,
        SOW_ARGUMENTS(depthwise_conv1d_arguments),
        SOW_ROWS_OF(depthwise_conv_rows),
    },
    {
        .name = "keras.depthwise_conv2d",
        .aliases = SOW_NAMES("keras.DepthwiseConv2D"),
        .library = "keras",
        .summary = "convolution of each channel by itself",
        .layout = SOW_KERAS,
        SOW_ARGUMENTS(depthwise_conv2d_arguments),
        SOW_ROWS_OF(depthwise_conv_rows),
    },
    {
        .name = "keras.separable_conv1d",
        .aliases = SOW_NAMES("keras.SeparableConv1D"),
        .library = "keras",
        .summary = "depthwise convolution, then a pointwise one",
        .layout = SOW_KERAS,
        SOW_ARGUMENTS(separable_conv1d_arguments),
        SOW_ROWS_OF(separable_conv1d_rows),
    },
    {
        .name = "keras.separable_conv2d",
        .aliases = SOW_NAMES("keras.SeparableConv2D"),
        .library = "keras",
        .summary = "depthwise convolution, then a pointwise one",
        .layout = SOW_KERAS,
        SOW_ARGUMENTS(separable_conv2d_arguments),
        SOW_ROWS_OF(separable_conv2d_rows),
    },
};

const struct sow_layer_library sow_keras_layers = {types, COUNT(types)};
