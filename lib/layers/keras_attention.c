/* SPDX-License-Identifier: MIT */
/* Keras 3's norms, PReLU and attention; see keras.c. */
#include "layers/rows.h"

#include "schemes/schemes.h"

/* ---- norms ------------------------------------------------------------ */

static const struct sow_argument layer_normalization_arguments[] = {
    SOW_NEEDS("input_dim", SIZES),    SOW_TAKES("center", FLAG, "true"),
    SOW_TAKES("scale", FLAG, "true"), SOW_IGNORES("axis"),
    SOW_IGNORES("epsilon"),
};

static const struct sow_row normalization_rows[] = {
    {.name = "gamma",
     .when = "scale",
     .part = SOW_PART_SCALE,
     .shape = {"*input_dim"},
     .scheme = "keras.ones"},
    {.name = "beta",
     .when = "center",
     .part = SOW_PART_SHIFT,
     .shape = {"*input_dim"},
     .scheme = "keras.zeros"},
};

static const struct sow_argument batch_normalization_arguments[] = {
    SOW_NEEDS("input_dim", INDEX),    SOW_TAKES("center", FLAG, "true"),
    SOW_TAKES("scale", FLAG, "true"), SOW_IGNORES("axis"),
    SOW_IGNORES("epsilon"),           SOW_IGNORES("momentum"),
    SOW_IGNORES("synchronized"),
};

static const struct sow_row batch_normalization_rows[] = {
    {.name = "gamma",
     .when = "scale",
     .part = SOW_PART_SCALE,
     .shape = {"input_dim"},
     .scheme = "keras.ones"},
    {.name = "beta",
     .when = "center",
     .part = SOW_PART_SHIFT,
     .shape = {"input_dim"},
     .scheme = "keras.zeros"},
    {.name = "moving_mean",
     .part = SOW_PART_STATE,
     .shape = {"input_dim"},
     .scheme = "keras.zeros"},
    {.name = "moving_variance",
     .part = SOW_PART_STATE,
     .shape = {"input_dim"},
     .scheme = "keras.ones"},
};

static const struct sow_argument group_normalization_arguments[] = {
    SOW_NEEDS("input_dim", INDEX),
    SOW_TAKES("groups", WHOLE, "32"),
    SOW_TAKES("center", FLAG, "true"),
    SOW_TAKES("scale", FLAG, "true"),
    SOW_IGNORES("axis"),
    SOW_IGNORES("epsilon"),
};

static const struct sow_row group_normalization_rows[] = {
    {.name = "gamma",
     .when = "scale",
     .part = SOW_PART_SCALE,
     .shape = {"input_dim"},
     .scheme = "keras.ones"},
    {.name = "beta",
     .when = "center",
     .part = SOW_PART_SHIFT,
     .shape = {"input_dim"},
     .scheme = "keras.zeros"},
};

static const struct sow_check group_normalization_checks[] = {
    {"groups == -1 || (groups > 0 && input_dim % groups == 0)", "groups",
     "groups must divide input_dim, or be -1"},
};

static const struct sow_argument rms_normalization_arguments[] = {
    SOW_NEEDS("input_dim", SIZES),
    SOW_IGNORES("axis"),
    SOW_IGNORES("epsilon"),
};

static const struct sow_row rms_normalization_rows[] = {
    {.name = "scale",
     .part = SOW_PART_SCALE,
     .shape = {"*input_dim"},
     .scheme = "keras.ones"},
};

static const struct sow_argument p_relu_arguments[] = {
    SOW_NEEDS("input_dim", SIZES),
};

static const struct sow_row p_relu_rows[] = {
    {.name = "alpha",
     .part = SOW_PART_OTHER,
     .shape = {"*input_dim"},
     .scheme = "keras.zeros"},
};

/* ---- attention -------------------------------------------------------- */

static const struct sow_argument multi_head_attention_arguments[] = {
    SOW_NEEDS("input_dim", COUNT),
    SOW_TAKES("value_input_dim", COUNT, "input_dim"),
    SOW_TAKES("key_input_dim", COUNT, "value_input_dim"),
    SOW_NEEDS("num_heads", COUNT),
    SOW_NEEDS("key_dim", COUNT),
    {.name = "value_dim", SOW_ARGUMENT_COUNT, "key_dim", .nullable = true},
    {.name = "output_shape", SOW_ARGUMENT_COUNT, "input_dim", .nullable = true},
    SOW_TAKES("use_bias", FLAG, "true"),
    SOW_TAKES("use_gate", FLAG, "false"),
    SOW_IGNORES("dropout"),
    SOW_IGNORES("attention_axes"),
};

static const struct sow_row multi_head_attention_rows[] = {
    {.name = "query.kernel",
     .part = SOW_PART_WEIGHT,
     .shape = {"input_dim", "num_heads", "key_dim"},
     .axes = {.in = 1, .out = 6},
     .scheme = "keras.glorot_uniform"},
    {.name = "query.bias",
     .when = "use_bias",
     .part = SOW_PART_BIAS,
     .shape = {"num_heads", "key_dim"},
     .scheme = "keras.zeros"},
    {.name = "key.kernel",
     .part = SOW_PART_WEIGHT,
     .shape = {"key_input_dim", "num_heads", "key_dim"},
     .axes = {.in = 1, .out = 6},
     .scheme = "keras.glorot_uniform"},
    {.name = "key.bias",
     .when = "use_bias",
     .part = SOW_PART_BIAS,
     .shape = {"num_heads", "key_dim"},
     .scheme = "keras.zeros"},
    {.name = "gate.kernel",
     .when = "use_gate",
     .part = SOW_PART_WEIGHT,
     .shape = {"input_dim", "num_heads", "value_dim"},
     .axes = {.in = 1, .out = 6},
     .scheme = "keras.glorot_uniform"},
    {.name = "gate.bias",
     .when = "use_bias && use_gate",
     .part = SOW_PART_BIAS,
     .shape = {"num_heads", "value_dim"},
     .scheme = "keras.zeros"},
    {.name = "value.kernel",
     .part = SOW_PART_WEIGHT,
     .shape = {"value_input_dim", "num_heads", "value_dim"},
     .axes = {.in = 1, .out = 6},
     .scheme = "keras.glorot_uniform"},
    {.name = "value.bias",
     .when = "use_bias",
     .part = SOW_PART_BIAS,
     .shape = {"num_heads", "value_dim"},
     .scheme = "keras.zeros"},
    {.name = "attention_output.kernel",
     .part = SOW_PART_WEIGHT,
     .shape = {"num_heads", "value_dim", "output_shape"},
     .axes = {.in = 3, .out = 4},
     .scheme = "keras.glorot_uniform"},
    {.name = "attention_output.bias",
     .when = "use_bias",
     .part = SOW_PART_BIAS,
     .shape = {"output_shape"},
     .scheme = "keras.zeros"},
};

static const struct sow_argument group_query_attention_arguments[] = {
    SOW_NEEDS("input_dim", COUNT),
    SOW_TAKES("value_input_dim", COUNT, "input_dim"),
    SOW_TAKES("key_input_dim", COUNT, "value_input_dim"),
    SOW_NEEDS("head_dim", COUNT),
    SOW_NEEDS("num_query_heads", COUNT),
    SOW_NEEDS("num_key_value_heads", COUNT),
    SOW_TAKES("use_bias", FLAG, "true"),
    SOW_IGNORES("dropout"),
};

static const struct sow_row group_query_attention_rows[] = {
    {.name = "query.kernel",
     .part = SOW_PART_WEIGHT,
     .shape = {"input_dim", "num_query_heads", "head_dim"},
     .axes = {.in = 1, .out = 6},
     .scheme = "keras.glorot_uniform"},
    {.name = "query.bias",
     .when = "use_bias",
     .part = SOW_PART_BIAS,
     .shape = {"num_query_heads", "head_dim"},
     .scheme = "keras.zeros"},
    {.name = "key.kernel",
     .part = SOW_PART_WEIGHT,
     .shape = {"key_input_dim", "num_key_value_heads", "head_dim"},
     .axes = {.in = 1, .out = 6},
     .scheme = "keras.glorot_uniform"},
    {.name = "key.bias",
     .when = "use_bias",
     .part = SOW_PART_BIAS,
     .shape = {"num_key_value_heads", "head_dim"},
     .scheme = "keras.zeros"},
    {.name = "value.kernel",
     .part = SOW_PART_WEIGHT,
     .shape = {"value_input_dim", "num_key_value_heads", "head_dim"},
     .axes = {.in = 1, .out = 6},
     .scheme = "keras.glorot_uniform"},
    {.name = "value.bias",
     .when = "use_bias",
     .part = SOW_PART_BIAS,
     .shape = {"num_key_value_heads", "head_dim"},
     .scheme = "keras.zeros"},
    {.name = "attention_output.kernel",
     .part = SOW_PART_WEIGHT,
     .shape = {"num_query_heads", "head_dim", "input_dim"},
     .axes = {.in = 3, .out = 4},
     .scheme = "keras.glorot_uniform"},
    {.name = "attention_output.bias",
     .when = "use_bias",
     .part = SOW_PART_BIAS,
     .shape = {"input_dim"},
     .scheme = "keras.zeros"},
};

static const struct sow_check group_query_attention_checks[] = {
    {"num_query_heads % num_key_value_heads == 0", "num_query_heads",
     "num_query_heads must be a multiple of num_key_value_heads"},
};

/* ---- the types -------------------------------------------------------- */

static const struct sow_layer_type types[] = {
    {
        .name = "keras.layer_normalization",
        .aliases = SOW_NAMES("keras.LayerNormalization"),
        .library = "keras",
        .summary = "normalization over the features",
        .layout = SOW_KERAS,
        SOW_ARGUMENTS(layer_normalization_arguments),
        SOW_ROWS_OF(normalization_rows),
    },
    {
        .name = "keras.batch_normalization",
        .aliases = SOW_NAMES("keras.BatchNormalization"),
        .library = "keras",
        .summary = "normalization over the batch, with moving statistics",
        .layout = SOW_KERAS,
        SOW_ARGUMENTS(batch_normalization_arguments),
        SOW_ROWS_OF(batch_normalization_rows),
    },
    {
        .name = "keras.group_normalization",
        .aliases = SOW_NAMES("keras.GroupNormalization"),
        .library = "keras",
        .summary = "normalization over groups of channels",
        .layout = SOW_KERAS,
        SOW_ARGUMENTS(group_normalization_arguments),
        SOW_CHECKS(group_normalization_checks),
        SOW_ROWS_OF(group_normalization_rows),
    },
    {
        .name = "keras.rms_normalization",
        .aliases = SOW_NAMES("keras.RMSNormalization"),
        .library = "keras",
        .summary = "division by the root mean square",
        .layout = SOW_KERAS,
        SOW_ARGUMENTS(rms_normalization_arguments),
        SOW_ROWS_OF(rms_normalization_rows),
    },
    {
        .name = "keras.p_relu",
        .aliases = SOW_NAMES("keras.PReLU"),
        .library = "keras",
        .summary = "rectifier with a slope for each of input_dim",
        .layout = SOW_KERAS,
        SOW_ARGUMENTS(p_relu_arguments),
        SOW_ROWS_OF(p_relu_rows),
    },
    {
        .name = "keras.multi_head_attention",
        .aliases = SOW_NAMES("keras.MultiHeadAttention"),
        .library = "keras",
        .summary = "attention with several heads",
        .layout = SOW_KERAS,
        SOW_ARGUMENTS(multi_head_attention_arguments),
        SOW_ROWS_OF(multi_head_attention_rows),
    },
    {
        .name = "keras.group_query_attention",
        .aliases = SOW_NAMES("keras.GroupedQueryAttention",
                             "keras.GroupQueryAttention"),
        .library = "keras",
        .summary = "attention whose heads share keys and values",
        .layout = SOW_KERAS,
        SOW_ARGUMENTS(group_query_attention_arguments),
        SOW_CHECKS(group_query_attention_checks),
        SOW_ROWS_OF(group_query_attention_rows),
    },
};

const struct sow_layer_library sow_keras_attention_layers = {types,
                                                             COUNT(types)};
