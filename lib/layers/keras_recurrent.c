/* SPDX-License-Identifier: MIT */
/* Keras 3's recurrent layers; see keras.c. */
#include "layers/rows.h"

#include "schemes/schemes.h"

/* ---- recurrent layers: gates in the order of the units' blocks --------- */

static const struct sow_argument simple_rnn_arguments[] = {
    SOW_NEEDS("input_dim", INDEX),
    SOW_NEEDS("units", COUNT),
    SOW_TAKES("use_bias", FLAG, "true"),
    SOW_IGNORES("activation"),
    SOW_IGNORES("dropout"),
    SOW_IGNORES("recurrent_dropout"),
    SOW_IGNORES("return_sequences"),
    SOW_IGNORES("return_state"),
    SOW_IGNORES("go_backwards"),
    SOW_IGNORES("stateful"),
    SOW_IGNORES("unroll"),
};

static const struct sow_argument lstm_arguments[] = {
    SOW_NEEDS("input_dim", INDEX),
    SOW_NEEDS("units", COUNT),
    SOW_TAKES("use_bias", FLAG, "true"),
    SOW_TAKES("unit_forget_bias", FLAG, "true"),
    SOW_IGNORES("activation"),
    SOW_IGNORES("recurrent_activation"),
    SOW_IGNORES("dropout"),
    SOW_IGNORES("recurrent_dropout"),
    SOW_IGNORES("return_sequences"),
    SOW_IGNORES("return_state"),
    SOW_IGNORES("go_backwards"),
    SOW_IGNORES("stateful"),
    SOW_IGNORES("unroll"),
};

static const struct sow_argument gru_arguments[] = {
    SOW_NEEDS("input_dim", INDEX),
    SOW_NEEDS("units", COUNT),
    SOW_TAKES("use_bias", FLAG, "true"),
    SOW_TAKES("reset_after", FLAG, "true"),
    SOW_IGNORES("activation"),
    SOW_IGNORES("recurrent_activation"),
    SOW_IGNORES("dropout"),
    SOW_IGNORES("recurrent_dropout"),
    SOW_IGNORES("return_sequences"),
    SOW_IGNORES("return_state"),
    SOW_IGNORES("go_backwards"),
    SOW_IGNORES("stateful"),
    SOW_IGNORES("unroll"),
};

/* Input, forget, cell, output. */
static const struct sow_row lstm_cell_rows[] = {
    {.name = "kernel",
     .part = SOW_PART_WEIGHT,
     .shape = {"input_dim", "4 * units"},
     .scheme = "keras.glorot_uniform"},
    {.name = "recurrent_kernel",
     .part = SOW_PART_RECURRENT,
     .shape = {"units", "4 * units"},
     .scheme = "keras.orthogonal"},
    {.name = "bias",
     .when = "use_bias && unit_forget_bias",
     .part = SOW_PART_BIAS,
     .shape = {"4 * units"},
     .scheme = "forget_gate_bias(value = 1)"},
    {.name = "bias",
     .when = "use_bias && !unit_forget_bias",
     .part = SOW_PART_BIAS,
     .shape = {"4 * units"},
     .scheme = "keras.zeros"},
};

/* Update, reset, new; with reset_after the biases of input and state. */
static const struct sow_row gru_cell_rows[] = {
    {.name = "kernel",
     .part = SOW_PART_WEIGHT,
     .shape = {"input_dim", "3 * units"},
     .scheme = "keras.glorot_uniform"},
    {.name = "recurrent_kernel",
     .part = SOW_PART_RECURRENT,
     .shape = {"units", "3 * units"},
     .scheme = "keras.orthogonal"},
    {.name = "bias",
     .when = "use_bias && reset_after",
     .part = SOW_PART_BIAS,
     .shape = {"2", "3 * units"},
     .scheme = "keras.zeros"},
    {.name = "bias",
     .when = "use_bias && !reset_after",
     .part = SOW_PART_BIAS,
     .shape = {"3 * units"},
     .scheme = "keras.zeros"},
};

static const struct sow_row simple_rnn_cell_rows[] = {
    {.name = "kernel",
     .part = SOW_PART_WEIGHT,
     .shape = {"input_dim", "units"},
     .scheme = "keras.glorot_uniform"},
    {.name = "recurrent_kernel",
     .part = SOW_PART_RECURRENT,
     .shape = {"units", "units"},
     .scheme = "keras.orthogonal"},
    {.name = "bias",
     .when = "use_bias",
     .part = SOW_PART_BIAS,
     .shape = {"units"},
     .scheme = "keras.zeros"},
};

static const struct sow_layer_type simple_rnn_cell = {
    .layout = SOW_KERAS,
    SOW_ROWS_OF(simple_rnn_cell_rows),
};

static const struct sow_row simple_rnn_rows[] = {
    {.name = "simple_rnn_cell.", .block = &simple_rnn_cell}};

static const struct sow_layer_type lstm_cell = {
    .layout = SOW_KERAS,
    SOW_ROWS_OF(lstm_cell_rows),
};

static const struct sow_row lstm_rows[] = {
    {.name = "lstm_cell.", .block = &lstm_cell}};

static const struct sow_layer_type gru_cell = {
    .layout = SOW_KERAS,
    SOW_ROWS_OF(gru_cell_rows),
};

static const struct sow_row gru_rows[] = {
    {.name = "gru_cell.", .block = &gru_cell}};

static const struct sow_argument conv_lstm1d_arguments[] = {
    SOW_NEEDS("input_dim", COUNT),
    SOW_NEEDS("filters", COUNT),
    {.name = "kernel_size", SOW_ARGUMENT_SIZES, .length = 1, .least = 1},
    SOW_TAKES("use_bias", FLAG, "true"),
    SOW_TAKES("unit_forget_bias", FLAG, "true"),
    SOW_IGNORES("activation"),
    SOW_IGNORES("strides"),
    SOW_IGNORES("padding"),
    SOW_IGNORES("dilation_rate"),
    SOW_IGNORES("data_format"),
    SOW_IGNORES("recurrent_activation"),
    SOW_IGNORES("dropout"),
    SOW_IGNORES("recurrent_dropout"),
    SOW_IGNORES("return_sequences"),
    SOW_IGNORES("return_state"),
    SOW_IGNORES("go_backwards"),
    SOW_IGNORES("stateful"),
};

static const struct sow_argument conv_lstm2d_arguments[] = {
    SOW_NEEDS("input_dim", COUNT),
    SOW_NEEDS("filters", COUNT),
    {.name = "kernel_size", SOW_ARGUMENT_SIZES, .length = 2, .least = 1},
    SOW_TAKES("use_bias", FLAG, "true"),
    SOW_TAKES("unit_forget_bias", FLAG, "true"),
    SOW_IGNORES("activation"),
    SOW_IGNORES("strides"),
    SOW_IGNORES("padding"),
    SOW_IGNORES("dilation_rate"),
    SOW_IGNORES("data_format"),
    SOW_IGNORES("recurrent_activation"),
    SOW_IGNORES("dropout"),
    SOW_IGNORES("recurrent_dropout"),
    SOW_IGNORES("return_sequences"),
    SOW_IGNORES("return_state"),
    SOW_IGNORES("go_backwards"),
    SOW_IGNORES("stateful"),
};

static const struct sow_argument conv_lstm3d_arguments[] = {
    SOW_NEEDS("input_dim", COUNT),
    SOW_NEEDS("filters", COUNT),
    {.name = "kernel_size", SOW_ARGUMENT_SIZES, .length = 3, .least = 1},
    SOW_TAKES("use_bias", FLAG, "true"),
    SOW_TAKES("unit_forget_bias", FLAG, "true"),
    SOW_IGNORES("activation"),
    SOW_IGNORES("strides"),
    SOW_IGNORES("padding"),
    SOW_IGNORES("dilation_rate"),
    SOW_IGNORES("data_format"),
    SOW_IGNORES("recurrent_activation"),
    SOW_IGNORES("dropout"),
    SOW_IGNORES("recurrent_dropout"),
    SOW_IGNORES("return_sequences"),
    SOW_IGNORES("return_state"),
    SOW_IGNORES("go_backwards"),
    SOW_IGNORES("stateful"),
};

/* Input, forget, cell, output. */
static const struct sow_row conv_lstm_cell_rows[] = {
    {.name = "conv_lstm_cell.kernel",
     .part = SOW_PART_WEIGHT,
     .shape = {"*kernel_size", "input_dim", "4 * filters"},
     .scheme = "keras.glorot_uniform"},
    {.name = "conv_lstm_cell.recurrent_kernel",
     .part = SOW_PART_RECURRENT,
     .shape = {"*kernel_size", "filters", "4 * filters"},
     .scheme = "keras.orthogonal"},
    {.name = "conv_lstm_cell.bias",
     .when = "use_bias && unit_forget_bias",
     .part = SOW_PART_BIAS,
     .shape = {"4 * filters"},
     .scheme = "forget_gate_bias(value = 1)"},
    {.name = "conv_lstm_cell.bias",
     .when = "use_bias && !unit_forget_bias",
     .part = SOW_PART_BIAS,
     .shape = {"4 * filters"},
     .scheme = "keras.zeros"},
};

/* ---- the types -------------------------------------------------------- */

static const struct sow_layer_type types[] = {
    {
        .name = "keras.simple_rnn",
        .aliases = SOW_NAMES("keras.SimpleRNN"),
        .library = "keras",
        .summary = "fully connected recurrent layer",
        .layout = SOW_KERAS,
        SOW_ARGUMENTS(simple_rnn_arguments),
        SOW_ROWS_OF(simple_rnn_rows),
    },
    {
        .name = "keras.simple_rnn_cell",
        .aliases = SOW_NAMES("keras.SimpleRNNCell"),
        .library = "keras",
        .summary = "one step of keras.simple_rnn",
        .layout = SOW_KERAS,
        SOW_ARGUMENTS(simple_rnn_arguments),
        SOW_ROWS_OF(simple_rnn_cell_rows),
    },
    {
        .name = "keras.lstm",
        .aliases = SOW_NAMES("keras.LSTM"),
        .library = "keras",
        .summary = "long short-term memory",
        .layout = SOW_KERAS,
        SOW_ARGUMENTS(lstm_arguments),
        SOW_ROWS_OF(lstm_rows),
    },
    {
        .name = "keras.lstm_cell",
        .aliases = SOW_NAMES("keras.LSTMCell"),
        .library = "keras",
        .summary = "one step of keras.lstm",
        .layout = SOW_KERAS,
        SOW_ARGUMENTS(lstm_arguments),
        SOW_ROWS_OF(lstm_cell_rows),
    },
    {
        .name = "keras.gru",
        .aliases = SOW_NAMES("keras.GRU"),
        .library = "keras",
        .summary = "gated recurrent unit",
        .layout = SOW_KERAS,
        SOW_ARGUMENTS(gru_arguments),
        SOW_ROWS_OF(gru_rows),
    },
    {
        .name = "keras.gru_cell",
        .aliases = SOW_NAMES("keras.GRUCell"),
        .library = "keras",
        .summary = "one step of keras.gru",
        .layout = SOW_KERAS,
        SOW_ARGUMENTS(gru_arguments),
        SOW_ROWS_OF(gru_cell_rows),
    },
    {
        .name = "keras.conv_lstm1d",
        .aliases = SOW_NAMES("keras.ConvLSTM1D"),
        .library = "keras",
        .summary = "long short-term memory of convolutions",
        .layout = SOW_KERAS,
        SOW_ARGUMENTS(conv_lstm1d_arguments),
        SOW_ROWS_OF(conv_lstm_cell_rows),
    },
    {
        .name = "keras.conv_lstm2d",
        .aliases = SOW_NAMES("keras.ConvLSTM2D"),
        .library = "keras",
        .summary = "long short-term memory of convolutions",
        .layout = SOW_KERAS,
        SOW_ARGUMENTS(conv_lstm2d_arguments),
        SOW_ROWS_OF(conv_lstm_cell_rows),
    },
    {
        .name = "keras.conv_lstm3d",
        .aliases = SOW_NAMES("keras.ConvLSTM3D"),
        .library = "keras",
        .summary = "long short-term memory of convolutions",
        .layout = SOW_KERAS,
        SOW_ARGUMENTS(conv_lstm3d_arguments),
        SOW_ROWS_OF(conv_lstm_cell_rows),
    },
};

const struct sow_layer_library sow_keras_recurrent_layers = {types,
                                                             COUNT(types)};
