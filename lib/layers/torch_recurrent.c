/* SPDX-License-Identifier: MIT */
/*
 * Recurrent layers of torch.nn, as of 2.13: every weight and both biases are
 * uniform within 1 / sqrt(hidden_size).  The gates of a row block stand in the
 * order i, f, g, o of an LSTM and r, z, n of a GRU.
 */
#include "layers/torch.h"

static const char *const nonlinearities[] = {"tanh", "relu", NULL};

/* ---- over sequences -------------------------------------------------- */

#define SHARED_ARGUMENTS                                                      \
    SOW_NEEDS("input_size", COUNT), SOW_NEEDS("hidden_size", COUNT),          \
        SOW_TAKES("num_layers", COUNT, "1"), SOW_TAKES("bias", FLAG, "true"), \
        SOW_IGNORES("batch_first"), SOW_IGNORES("dropout"),                   \
        SOW_TAKES("bidirectional", FLAG, "false")

#define NONLINEARITY                                         \
    {                                                        \
        .name = "nonlinearity", .kind = SOW_ARGUMENT_CHOICE, \
        .otherwise = "tanh", .choices = nonlinearities,      \
    }

/* Rows of 'gate_size', and the size of what comes out in one direction. */
#define DERIVED(gates)                                                 \
    SOW_DERIVES("gate_size", gates " * hidden_size"),                  \
        SOW_DERIVES("out", "proj_size > 0 ? proj_size : hidden_size"), \
        SOW_DERIVES("bound", "1 / sqrt(hidden_size)")

static const struct sow_argument rnn_arguments[] = {
    SHARED_ARGUMENTS,
    NONLINEARITY,
    SOW_DERIVES("proj_size", "0"),
    DERIVED("1"),
};

static const struct sow_argument gru_arguments[] = {
    SHARED_ARGUMENTS,
    SOW_DERIVES("proj_size", "0"),
    DERIVED("3"),
};

static const struct sow_argument lstm_arguments[] = {
    SHARED_ARGUMENTS,
    SOW_TAKES("proj_size", INDEX, "0"),
    DERIVED("4"),
};

static const struct sow_check lstm_checks[] = {
    {"proj_size < hidden_size", "proj_size",
     "proj_size must be smaller than hidden_size; 0 is for no projection"},
};

#define BIAS(n, condition)                                       \
    {                                                            \
        .when = (condition), .name = (n), .part = SOW_PART_BIAS, \
        .shape = {"gate_size"}, .scheme = SOW_WITHIN_BOUND,      \
    }

/* Layer k in one direction. */
#define DIRECTION(suffix, condition)                                       \
    {.when = (condition),                                                  \
     .name = "weight_ih_l{k}" suffix,                                      \
     .part = SOW_PART_WEIGHT,                                              \
     .shape = {"gate_size",                                                \
               "k == 0 ? input_size : bidirectional ? 2 * out : out"},     \
     .scheme = SOW_WITHIN_BOUND},                                          \
        {.when = (condition),                                              \
         .name = "weight_hh_l{k}" suffix,                                  \
         .part = SOW_PART_RECURRENT,                                       \
         .shape = {"gate_size", "out"},                                    \
         .scheme = SOW_WITHIN_BOUND},                                      \
        BIAS("bias_ih_l{k}" suffix, condition " && bias"),                 \
        BIAS("bias_hh_l{k}" suffix, condition " && bias"),                 \
    {                                                                      \
        .when = condition " && proj_size > 0",                             \
        .name = "weight_hr_l{k}" suffix, .part = SOW_PART_WEIGHT,          \
        .shape = {"proj_size", "hidden_size"}, .scheme = SOW_WITHIN_BOUND, \
    }

static const struct sow_row step_rows[] = {
    DIRECTION("", "true"),
    DIRECTION("_reverse", "bidirectional"),
};

static const struct sow_layer_type step = {
    SOW_ROWS_OF(step_rows),
};

static const struct sow_row rows[] = {
    {.name = "", .block = &step, .repeat = "num_layers", .index = "k"},
};

/* ---- cells ----------------------------------------------------------- */

#define CELL_ARGUMENTS                                               \
    SOW_NEEDS("input_size", INDEX), SOW_NEEDS("hidden_size", COUNT), \
        SOW_TAKES("bias", FLAG, "true")

#define CELL_DERIVED(gates)                           \
    SOW_DERIVES("gate_size", gates " * hidden_size"), \
        SOW_DERIVES("bound", "1 / sqrt(hidden_size)")

static const struct sow_argument rnn_cell_arguments[] = {
    CELL_ARGUMENTS,
    NONLINEARITY,
    CELL_DERIVED("1"),
};

static const struct sow_argument gru_cell_arguments[] = {
    CELL_ARGUMENTS,
    CELL_DERIVED("3"),
};

static const struct sow_argument lstm_cell_arguments[] = {
    CELL_ARGUMENTS,
    CELL_DERIVED("4"),
};

static const struct sow_row cell_rows[] = {
    {.name = "weight_ih",
     .part = SOW_PART_WEIGHT,
     .shape = {"gate_size", "input_size"},
     .scheme = SOW_WITHIN_BOUND},
    {.name = "weight_hh",
     .part = SOW_PART_RECURRENT,
     .shape = {"gate_size", "hidden_size"},
     .scheme = SOW_WITHIN_BOUND},
    BIAS("bias_ih", "bias"),
    BIAS("bias_hh", "bias"),
};

static const struct sow_layer_type types[] = {
    {
        SOW_TORCH_TYPE("rnn", "RNN"),
        .summary = "Elman's recurrent layers",
        SOW_ARGUMENTS(rnn_arguments),
        SOW_ROWS_OF(rows),
    },
    {
        SOW_TORCH_TYPE("lstm", "LSTM"),
        .summary = "long short-term memory, with or without projections",
        SOW_ARGUMENTS(lstm_arguments),
        SOW_CHECKS(lstm_checks),
        SOW_ROWS_OF(rows),
    },
    {
        SOW_TORCH_TYPE("gru", "GRU"),
        .summary = "gated recurrent units",
        SOW_ARGUMENTS(gru_arguments),
        SOW_ROWS_OF(rows),
    },
    {
        SOW_TORCH_TYPE("rnn_cell", "RNNCell"),
        .summary = "a step of an Elman layer",
        SOW_ARGUMENTS(rnn_cell_arguments),
        SOW_ROWS_OF(cell_rows),
    },
    {
        SOW_TORCH_TYPE("lstm_cell", "LSTMCell"),
        .summary = "a step of a long short-term memory",
        SOW_ARGUMENTS(lstm_cell_arguments),
        SOW_ROWS_OF(cell_rows),
    },
    {
        SOW_TORCH_TYPE("gru_cell", "GRUCell"),
        .summary = "a step of gated recurrent units",
        SOW_ARGUMENTS(gru_cell_arguments),
        SOW_ROWS_OF(cell_rows),
    },
};

const struct sow_layer_library sow_torch_recurrent_layers = {
    types,
    COUNT(types),
};
