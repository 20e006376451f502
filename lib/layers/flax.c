/* SPDX-License-Identifier: MIT */
/*
 * The layers of Flax by their class names in snake_case, with linen's own
 * argument and parameter names and default initializers.  Where a shape
 * depends on the input the argument 'input_dim' says it, nnx's in_features:
 * the size of the input's last axis (of DenseGeneral, of the axes contracted).
 * The order is that in which JAX flattens the parameters, by name; batch
 * statistics come after them.  What nnx names and makes the same has its names
 * here too; its cells that differ are in flax_recurrent.c.  Draws are in the
 * order in which the modules make their parameters.
 */
#include "layers/rows.h"

#include "schemes/schemes.h"

/* ---- dense, convolutions, embedding ------------------------------------ */

static const struct sow_argument dense_arguments[] = {
    {.name = "input_dim", SOW_ARGUMENT_INDEX, .alias = "in_features"},
    {.name = "features", SOW_ARGUMENT_COUNT, .alias = "out_features"},
    SOW_TAKES("use_bias", FLAG, "true"),
};

static const struct sow_row dense_rows[] = {
    {.name = "bias",
     .when = "use_bias",
     .part = SOW_PART_BIAS,
     .shape = {"features"},
     .scheme = "jax.zeros"},
    {.name = "kernel",
     .part = SOW_PART_WEIGHT,
     .shape = {"input_dim", "features"},
     .scheme = "jax.lecun_normal"},
};

static const struct sow_draw kernel_first[] = {
    SOW_DRAW(MAKE, "kernel", NULL),
    SOW_DRAW(MAKE, "bias", NULL),
};

static const struct sow_argument conv_arguments[] = {
    {.name = "input_dim", SOW_ARGUMENT_INDEX, .alias = "in_features"},
    {.name = "features", SOW_ARGUMENT_COUNT, .alias = "out_features"},
    {.name = "kernel_size", SOW_ARGUMENT_SIZES, .least = 1},
    SOW_TAKES("feature_group_count", COUNT, "1"),
    SOW_TAKES("use_bias", FLAG, "true"),
    SOW_IGNORES("strides"),
    SOW_IGNORES("padding"),
    SOW_IGNORES("input_dilation"),
    SOW_IGNORES("kernel_dilation"),
};

static const struct sow_row conv_rows[] = {
    {.name = "bias",
     .when = "use_bias",
     .part = SOW_PART_BIAS,
     .shape = {"features"},
     .scheme = "jax.zeros"},
    {.name = "kernel",
     .part = SOW_PART_WEIGHT,
     .shape = {"*kernel_size", "input_dim / feature_group_count", "features"},
     .scheme = "jax.lecun_normal"},
};

static const struct sow_check conv_checks[] = {
    {"input_dim % feature_group_count == 0", "input_dim",
     "input_dim must be a multiple of feature_group_count"},
    {"features % feature_group_count == 0", "features",
     "features must be a multiple of feature_group_count"},
};

static const struct sow_argument conv_transpose_arguments[] = {
    {.name = "input_dim", SOW_ARGUMENT_INDEX, .alias = "in_features"},
    {.name = "features", SOW_ARGUMENT_COUNT, .alias = "out_features"},
    {.name = "kernel_size", SOW_ARGUMENT_SIZES, .least = 1},
    SOW_TAKES("transpose_kernel", FLAG, "false"),
    SOW_TAKES("use_bias", FLAG, "true"),
    SOW_IGNORES("strides"),
    SOW_IGNORES("padding"),
    SOW_IGNORES("kernel_dilation"),
};

static const struct sow_row conv_transpose_rows[] = {
    {.name = "bias",
     .when = "use_bias",
     .part = SOW_PART_BIAS,
     .shape = {"features"},
     .scheme = "jax.zeros"},
    {.name = "kernel",
     .part = SOW_PART_WEIGHT,
     .shape = {"*kernel_size", "transpose_kernel ? features : input_dim",
               "transpose_kernel ? input_dim : features"},
     .scheme = "jax.lecun_normal"},
};

static const struct sow_argument embed_arguments[] = {
    SOW_NEEDS("num_embeddings", INDEX),
    SOW_NEEDS("features", COUNT),
};

static const struct sow_row embed_rows[] = {
    {.name = "embedding",
     .part = SOW_PART_EMBEDDING,
     .shape = {"num_embeddings", "features"},
     .axes = {.in = 1, .out = 1},
     .scheme = "jax.variance_scaling(scale = 1, mode = fan_in, distribution = "
               "normal)"},
};

/* ---- norms -------------------------------------------------------------- */

static const struct sow_argument norm_arguments[] = {
    {.name = "input_dim", SOW_ARGUMENT_INDEX, .alias = "num_features"},
    SOW_TAKES("use_bias", FLAG, "true"),
    SOW_TAKES("use_scale", FLAG, "true"),
    SOW_IGNORES("epsilon"),
    SOW_IGNORES("momentum"),
    SOW_IGNORES("use_fast_variance"),
};

static const struct sow_row norm_rows[] = {
    {.name = "bias",
     .when = "use_bias",
     .part = SOW_PART_SHIFT,
     .shape = {"input_dim"},
     .scheme = "jax.zeros"},
    {.name = "scale",
     .when = "use_scale",
     .part = SOW_PART_SCALE,
     .shape = {"input_dim"},
     .scheme = "jax.ones"},
};

static const struct sow_draw scale_first[] = {
    SOW_DRAW(MAKE, "scale", NULL),
    SOW_DRAW(MAKE, "bias", NULL),
};

static const struct sow_row batch_norm_rows[] = {
    {.name = "bias",
     .when = "use_bias",
     .part = SOW_PART_SHIFT,
     .shape = {"input_dim"},
     .scheme = "jax.zeros"},
    {.name = "scale",
     .when = "use_scale",
     .part = SOW_PART_SCALE,
     .shape = {"input_dim"},
     .scheme = "jax.ones"},
    {.name = "mean",
     .part = SOW_PART_STATE,
     .shape = {"input_dim"},
     .scheme = "jax.zeros"},
    {.name = "var",
     .part = SOW_PART_STATE,
     .shape = {"input_dim"},
     .scheme = "jax.ones"},
};

static const struct sow_argument group_norm_arguments[] = {
    {.name = "input_dim", SOW_ARGUMENT_INDEX, .alias = "num_features"},
    {.name = "num_groups", SOW_ARGUMENT_COUNT, "32", .nullable = true},
    {.name = "group_size", SOW_ARGUMENT_COUNT, "null", .nullable = true},
    SOW_TAKES("use_bias", FLAG, "true"),
    SOW_TAKES("use_scale", FLAG, "true"),
    SOW_IGNORES("epsilon"),
    SOW_IGNORES("momentum"),
    SOW_IGNORES("use_fast_variance"),
};

static const struct sow_check group_norm_checks[] = {
    {"has(group_size) || input_dim % num_groups == 0", "num_groups",
     "num_groups must divide input_dim"},
    {"!has(group_size) || input_dim % group_size == 0", "group_size",
     "group_size must divide input_dim"},
};

static const struct sow_argument rms_norm_arguments[] = {
    {.name = "input_dim", SOW_ARGUMENT_INDEX, .alias = "num_features"},
    SOW_TAKES("use_scale", FLAG, "true"),
    SOW_IGNORES("epsilon"),
    SOW_IGNORES("momentum"),
    SOW_IGNORES("use_fast_variance"),
};

static const struct sow_row rms_norm_rows[] = {
    {.name = "scale",
     .when = "use_scale",
     .part = SOW_PART_SCALE,
     .shape = {"input_dim"},
     .scheme = "jax.ones"},
};

static const struct sow_argument prelu_arguments[] = {
    SOW_TAKES("negative_slope_init", NUMBER, "0.01"),
};

static const struct sow_row prelu_rows[] = {
    {.name = "negative_slope",
     .part = SOW_PART_OTHER,
     .scheme = "jax.constant(value = negative_slope_init)"},
};

/* ---- the types -------------------------------------------------------- */

static const struct sow_layer_type types[] = {
    {
        .name = "flax.dense",
        .aliases = SOW_NAMES("flax.Dense", "flax.linen.Dense", "flax.Linear",
                             "flax.nnx.Linear"),
        .library = "flax",
        .summary = "features (input_dim, features) and a bias",
        .layout = SOW_JAX,
        SOW_ARGUMENTS(dense_arguments),
        SOW_ROWS_OF(dense_rows),
        SOW_DRAWS_OF(kernel_first),
    },
    {
        .name = "flax.conv",
        .aliases = SOW_NAMES("flax.Conv", "flax.linen.Conv", "flax.nnx.Conv"),
        .library = "flax",
        .summary = "convolution of as many dimensions as kernel_size",
        .layout = SOW_JAX,
        SOW_ARGUMENTS(conv_arguments),
        SOW_CHECKS(conv_checks),
        SOW_ROWS_OF(conv_rows),
        SOW_DRAWS_OF(kernel_first),
    },
    {
        .name = "flax.conv_transpose",
        .aliases = SOW_NAMES("flax.ConvTranspose", "flax.linen.ConvTranspose",
                             "flax.nnx.ConvTranspose"),
        .library = "flax",
        .summary = "transposed convolution",
        .layout = SOW_JAX,
        SOW_ARGUMENTS(conv_transpose_arguments),
        SOW_ROWS_OF(conv_transpose_rows),
        SOW_DRAWS_OF(kernel_first),
    },
    {
        .name = "flax.embed",
        .aliases =
            SOW_NAMES("flax.Embed", "flax.linen.Embed", "flax.nnx.Embed"),
        .library = "flax",
        .summary = "a vector for each of num_embeddings",
        .layout = SOW_JAX,
        SOW_ARGUMENTS(embed_arguments),
        SOW_ROWS_OF(embed_rows),
    },
    {
        .name = "flax.layer_norm",
        .aliases = SOW_NAMES("flax.LayerNorm", "flax.linen.LayerNorm",
                             "flax.nnx.LayerNorm"),
        .library = "flax",
        .summary = "normalization over the features",
        .layout = SOW_JAX,
        SOW_ARGUMENTS(norm_arguments),
        SOW_ROWS_OF(norm_rows),
        SOW_DRAWS_OF(scale_first),
    },
    {
        .name = "flax.instance_norm",
        .aliases = SOW_NAMES("flax.InstanceNorm", "flax.linen.InstanceNorm",
                             "flax.nnx.InstanceNorm"),
        .library = "flax",
        .summary = "normalization of each channel by itself",
        .layout = SOW_JAX,
        SOW_ARGUMENTS(norm_arguments),
        SOW_ROWS_OF(norm_rows),
        SOW_DRAWS_OF(scale_first),
    },
    {
        .name = "flax.batch_norm",
        .aliases = SOW_NAMES("flax.BatchNorm", "flax.linen.BatchNorm",
                             "flax.nnx.BatchNorm"),
        .library = "flax",
        .summary = "normalization over the batch, with running statistics",
        .layout = SOW_JAX,
        SOW_ARGUMENTS(norm_arguments),
        SOW_ROWS_OF(batch_norm_rows),
        SOW_DRAWS_OF(scale_first),
    },
    {
        .name = "flax.group_norm",
        .aliases = SOW_NAMES("flax.GroupNorm", "flax.linen.GroupNorm",
                             "flax.nnx.GroupNorm"),
        .library = "flax",
        .summary = "normalization over groups of channels",
        .layout = SOW_JAX,
        SOW_ARGUMENTS(group_norm_arguments),
        SOW_CHECKS(group_norm_checks),
        SOW_ROWS_OF(norm_rows),
        SOW_DRAWS_OF(scale_first),
    },
    {
        .name = "flax.rms_norm",
        .aliases =
            SOW_NAMES("flax.RMSNorm", "flax.linen.RMSNorm", "flax.nnx.RMSNorm"),
        .library = "flax",
        .summary = "division by the root mean square",
        .layout = SOW_JAX,
        SOW_ARGUMENTS(rms_norm_arguments),
        SOW_ROWS_OF(rms_norm_rows),
    },
    {
        .name = "flax.prelu",
        .aliases =
            SOW_NAMES("flax.PReLU", "flax.linen.PReLU", "flax.nnx.PReLU"),
        .library = "flax",
        .summary = "rectifier with one slope",
        .layout = SOW_JAX,
        SOW_ARGUMENTS(prelu_arguments),
        SOW_ROWS_OF(prelu_rows),
    },
};

const struct sow_layer_library sow_flax_layers = {types, COUNT(types)};
