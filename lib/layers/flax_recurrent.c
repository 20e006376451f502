/* SPDX-License-Identifier: MIT */
/*
 * Flax' recurrent cells; see flax.c.  linen has a kernel for each gate: first
 * letter i from the input or h from the state, second the gate.  nnx has some
 * cells with the gates side by side in one kernel.
 */
#include "layers/rows.h"

#include "schemes/schemes.h"

static const struct sow_argument cell_arguments[] = {
    {.name = "input_dim", SOW_ARGUMENT_INDEX, .alias = "in_features"},
    {.name = "features", SOW_ARGUMENT_COUNT, .alias = "hidden_features"},
    SOW_IGNORES("gate_fn"),
    SOW_IGNORES("activation_fn"),
    SOW_IGNORES("carry_init"),
};

static const struct sow_row lstm_rows[] = {
    {.name = "hf.bias",
     .part = SOW_PART_BIAS,
     .shape = {"features"},
     .scheme = "jax.zeros"},
    {.name = "hf.kernel",
     .part = SOW_PART_RECURRENT,
     .shape = {"features", "features"},
     .scheme = "jax.orthogonal"},
    {.name = "hg.bias",
     .part = SOW_PART_BIAS,
     .shape = {"features"},
     .scheme = "jax.zeros"},
    {.name = "hg.kernel",
     .part = SOW_PART_RECURRENT,
     .shape = {"features", "features"},
     .scheme = "jax.orthogonal"},
    {.name = "hi.bias",
     .part = SOW_PART_BIAS,
     .shape = {"features"},
     .scheme = "jax.zeros"},
    {.name = "hi.kernel",
     .part = SOW_PART_RECURRENT,
     .shape = {"features", "features"},
     .scheme = "jax.orthogonal"},
    {.name = "ho.bias",
     .part = SOW_PART_BIAS,
     .shape = {"features"},
     .scheme = "jax.zeros"},
    {.name = "ho.kernel",
     .part = SOW_PART_RECURRENT,
     .shape = {"features", "features"},
     .scheme = "jax.orthogonal"},
    {.name = "if.kernel",
     .part = SOW_PART_WEIGHT,
     .shape = {"input_dim", "features"},
     .scheme = "jax.lecun_normal"},
    {.name = "ig.kernel",
     .part = SOW_PART_WEIGHT,
     .shape = {"input_dim", "features"},
     .scheme = "jax.lecun_normal"},
    {.name = "ii.kernel",
     .part = SOW_PART_WEIGHT,
     .shape = {"input_dim", "features"},
     .scheme = "jax.lecun_normal"},
    {.name = "io.kernel",
     .part = SOW_PART_WEIGHT,
     .shape = {"input_dim", "features"},
     .scheme = "jax.lecun_normal"},
};

static const struct sow_row gru_rows[] = {
    {.name = "hn.bias",
     .part = SOW_PART_BIAS,
     .shape = {"features"},
     .scheme = "jax.zeros"},
    {.name = "hn.kernel",
     .part = SOW_PART_RECURRENT,
     .shape = {"features", "features"},
     .scheme = "jax.orthogonal"},
    {.name = "hr.kernel",
     .part = SOW_PART_RECURRENT,
     .shape = {"features", "features"},
     .scheme = "jax.orthogonal"},
    {.name = "hz.kernel",
     .part = SOW_PART_RECURRENT,
     .shape = {"features", "features"},
     .scheme = "jax.orthogonal"},
    {.name = "in.bias",
     .part = SOW_PART_BIAS,
     .shape = {"features"},
     .scheme = "jax.zeros"},
    {.name = "in.kernel",
     .part = SOW_PART_WEIGHT,
     .shape = {"input_dim", "features"},
     .scheme = "jax.lecun_normal"},
    {.name = "ir.bias",
     .part = SOW_PART_BIAS,
     .shape = {"features"},
     .scheme = "jax.zeros"},
    {.name = "ir.kernel",
     .part = SOW_PART_WEIGHT,
     .shape = {"input_dim", "features"},
     .scheme = "jax.lecun_normal"},
    {.name = "iz.bias",
     .part = SOW_PART_BIAS,
     .shape = {"features"},
     .scheme = "jax.zeros"},
    {.name = "iz.kernel",
     .part = SOW_PART_WEIGHT,
     .shape = {"input_dim", "features"},
     .scheme = "jax.lecun_normal"},
};

static const struct sow_row simple_rows[] = {
    {.name = "h.kernel",
     .part = SOW_PART_RECURRENT,
     .shape = {"features", "features"},
     .scheme = "jax.orthogonal"},
    {.name = "i.bias",
     .part = SOW_PART_BIAS,
     .shape = {"features"},
     .scheme = "jax.zeros"},
    {.name = "i.kernel",
     .part = SOW_PART_WEIGHT,
     .shape = {"input_dim", "features"},
     .scheme = "jax.lecun_normal"},
};

static const struct sow_row nnx_lstm_rows[] = {
    {.name = "hf.bias",
     .part = SOW_PART_BIAS,
     .shape = {"features"},
     .scheme = "jax.zeros"},
    {.name = "hf.kernel",
     .part = SOW_PART_RECURRENT,
     .shape = {"features", "features"},
     .scheme = "jax.orthogonal"},
    {.name = "hg.bias",
     .part = SOW_PART_BIAS,
     .shape = {"features"},
     .scheme = "jax.zeros"},
    {.name = "hg.kernel",
     .part = SOW_PART_RECURRENT,
     .shape = {"features", "features"},
     .scheme = "jax.orthogonal"},
    {.name = "hi.bias",
     .part = SOW_PART_BIAS,
     .shape = {"features"},
     .scheme = "jax.zeros"},
    {.name = "hi.kernel",
     .part = SOW_PART_RECURRENT,
     .shape = {"features", "features"},
     .scheme = "jax.orthogonal"},
    {.name = "ho.bias",
     .part = SOW_PART_BIAS,
     .shape = {"features"},
     .scheme = "jax.zeros"},
    {.name = "ho.kernel",
     .part = SOW_PART_RECURRENT,
     .shape = {"features", "features"},
     .scheme = "jax.orthogonal"},
    {.name = "if_.kernel",
     .part = SOW_PART_WEIGHT,
     .shape = {"input_dim", "features"},
     .scheme = "jax.lecun_normal"},
    {.name = "ig.kernel",
     .part = SOW_PART_WEIGHT,
     .shape = {"input_dim", "features"},
     .scheme = "jax.lecun_normal"},
    {.name = "ii.kernel",
     .part = SOW_PART_WEIGHT,
     .shape = {"input_dim", "features"},
     .scheme = "jax.lecun_normal"},
    {.name = "io.kernel",
     .part = SOW_PART_WEIGHT,
     .shape = {"input_dim", "features"},
     .scheme = "jax.lecun_normal"},
};

static const struct sow_row nnx_optimized_lstm_rows[] = {
    {.name = "dense_h.bias",
     .part = SOW_PART_BIAS,
     .shape = {"4 * features"},
     .scheme = "jax.zeros"},
    {.name = "dense_h.kernel",
     .part = SOW_PART_RECURRENT,
     .shape = {"features", "4 * features"},
     .scheme = "jax.orthogonal"},
    {.name = "dense_i.kernel",
     .part = SOW_PART_WEIGHT,
     .shape = {"input_dim", "4 * features"},
     .scheme = "jax.lecun_normal"},
};

static const struct sow_row nnx_gru_rows[] = {
    {.name = "dense_h.kernel",
     .part = SOW_PART_RECURRENT,
     .shape = {"features", "3 * features"},
     .scheme = "jax.orthogonal"},
    {.name = "dense_i.bias",
     .part = SOW_PART_BIAS,
     .shape = {"3 * features"},
     .scheme = "jax.zeros"},
    {.name = "dense_i.kernel",
     .part = SOW_PART_WEIGHT,
     .shape = {"input_dim", "3 * features"},
     .scheme = "jax.lecun_normal"},
};

static const struct sow_row nnx_simple_rows[] = {
    {.name = "dense_h.kernel",
     .part = SOW_PART_RECURRENT,
     .shape = {"features", "features"},
     .scheme = "jax.orthogonal"},
    {.name = "dense_i.bias",
     .part = SOW_PART_BIAS,
     .shape = {"features"},
     .scheme = "jax.zeros"},
    {.name = "dense_i.kernel",
     .part = SOW_PART_WEIGHT,
     .shape = {"input_dim", "features"},
     .scheme = "jax.lecun_normal"},
};

/* ---- the order in which they are made --------------------------------- */

static const struct sow_draw lstm_draws[] = {
    SOW_DRAW(MAKE, "ii.kernel", NULL), SOW_DRAW(MAKE, "hi.kernel", NULL),
    SOW_DRAW(MAKE, "hi.bias", NULL),   SOW_DRAW(MAKE, "if.kernel", NULL),
    SOW_DRAW(MAKE, "hf.kernel", NULL), SOW_DRAW(MAKE, "hf.bias", NULL),
    SOW_DRAW(MAKE, "ig.kernel", NULL), SOW_DRAW(MAKE, "hg.kernel", NULL),
    SOW_DRAW(MAKE, "hg.bias", NULL),   SOW_DRAW(MAKE, "io.kernel", NULL),
    SOW_DRAW(MAKE, "ho.kernel", NULL), SOW_DRAW(MAKE, "ho.bias", NULL),
};

static const struct sow_draw gru_draws[] = {
    SOW_DRAW(MAKE, "ir.kernel", NULL), SOW_DRAW(MAKE, "ir.bias", NULL),
    SOW_DRAW(MAKE, "hr.kernel", NULL), SOW_DRAW(MAKE, "iz.kernel", NULL),
    SOW_DRAW(MAKE, "iz.bias", NULL),   SOW_DRAW(MAKE, "hz.kernel", NULL),
    SOW_DRAW(MAKE, "in.kernel", NULL), SOW_DRAW(MAKE, "in.bias", NULL),
    SOW_DRAW(MAKE, "hn.kernel", NULL), SOW_DRAW(MAKE, "hn.bias", NULL),
};

static const struct sow_draw simple_draws[] = {
    SOW_DRAW(MAKE, "i.kernel", NULL),
    SOW_DRAW(MAKE, "i.bias", NULL),
    SOW_DRAW(MAKE, "h.kernel", NULL),
};

static const struct sow_draw nnx_lstm_draws[] = {
    SOW_DRAW(MAKE, "ii.kernel", NULL), SOW_DRAW(MAKE, "if_.kernel", NULL),
    SOW_DRAW(MAKE, "ig.kernel", NULL), SOW_DRAW(MAKE, "io.kernel", NULL),
    SOW_DRAW(MAKE, "hi.kernel", NULL), SOW_DRAW(MAKE, "hi.bias", NULL),
    SOW_DRAW(MAKE, "hf.kernel", NULL), SOW_DRAW(MAKE, "hf.bias", NULL),
    SOW_DRAW(MAKE, "hg.kernel", NULL), SOW_DRAW(MAKE, "hg.bias", NULL),
    SOW_DRAW(MAKE, "ho.kernel", NULL), SOW_DRAW(MAKE, "ho.bias", NULL),
};

static const struct sow_draw nnx_optimized_lstm_draws[] = {
    SOW_DRAW(MAKE, "dense_i.kernel", NULL),
    SOW_DRAW(MAKE, "dense_h.kernel", NULL),
    SOW_DRAW(MAKE, "dense_h.bias", NULL),
};

static const struct sow_draw nnx_gru_draws[] = {
    SOW_DRAW(MAKE, "dense_i.kernel", NULL),
    SOW_DRAW(MAKE, "dense_i.bias", NULL),
    SOW_DRAW(MAKE, "dense_h.kernel", NULL),
};

static const struct sow_draw nnx_simple_draws[] = {
    SOW_DRAW(MAKE, "dense_h.kernel", NULL),
    SOW_DRAW(MAKE, "dense_i.kernel", NULL),
    SOW_DRAW(MAKE, "dense_i.bias", NULL),
};

/* ---- the types -------------------------------------------------------- */

static const struct sow_layer_type types[] = {
    {
        .name = "flax.lstm_cell",
        .aliases = SOW_NAMES(
            "flax.LSTMCell", "flax.linen.LSTMCell", "flax.OptimizedLSTMCell",
            "flax.linen.OptimizedLSTMCell", "flax.optimized_lstm_cell"),
        .library = "flax",
        .summary = "one step of a long short-term memory",
        .layout = SOW_JAX,
        SOW_ARGUMENTS(cell_arguments),
        SOW_ROWS_OF(lstm_rows),
        SOW_DRAWS_OF(lstm_draws),
    },
    {
        .name = "flax.gru_cell",
        .aliases = SOW_NAMES("flax.GRUCell", "flax.linen.GRUCell"),
        .library = "flax",
        .summary = "one step of a gated recurrent unit",
        .layout = SOW_JAX,
        SOW_ARGUMENTS(cell_arguments),
        SOW_ROWS_OF(gru_rows),
        SOW_DRAWS_OF(gru_draws),
    },
    {
        .name = "flax.simple_cell",
        .aliases = SOW_NAMES("flax.SimpleCell", "flax.linen.SimpleCell"),
        .library = "flax",
        .summary = "one step of a fully connected recurrent layer",
        .layout = SOW_JAX,
        SOW_ARGUMENTS(cell_arguments),
        SOW_ROWS_OF(simple_rows),
        SOW_DRAWS_OF(simple_draws),
    },
    {
        .name = "flax.nnx.lstm_cell",
        .aliases = SOW_NAMES("flax.nnx.LSTMCell"),
        .library = "flax",
        .summary = "flax.lstm_cell, with nnx' names",
        .layout = SOW_JAX,
        SOW_ARGUMENTS(cell_arguments),
        SOW_ROWS_OF(nnx_lstm_rows),
        SOW_DRAWS_OF(nnx_lstm_draws),
    },
    {
        .name = "flax.nnx.optimized_lstm_cell",
        .aliases = SOW_NAMES("flax.nnx.OptimizedLSTMCell"),
        .library = "flax",
        .summary = "an LSTM's step, the gates i, f, g, o side by side",
        .layout = SOW_JAX,
        SOW_ARGUMENTS(cell_arguments),
        SOW_ROWS_OF(nnx_optimized_lstm_rows),
        SOW_DRAWS_OF(nnx_optimized_lstm_draws),
    },
    {
        .name = "flax.nnx.gru_cell",
        .aliases = SOW_NAMES("flax.nnx.GRUCell"),
        .library = "flax",
        .summary = "a GRU's step, the gates r, z, n side by side",
        .layout = SOW_JAX,
        SOW_ARGUMENTS(cell_arguments),
        SOW_ROWS_OF(nnx_gru_rows),
        SOW_DRAWS_OF(nnx_gru_draws),
    },
    {
        .name = "flax.nnx.simple_cell",
        .aliases = SOW_NAMES("flax.nnx.SimpleCell"),
        .library = "flax",
        .summary = "flax.simple_cell, with nnx' names",
        .layout = SOW_JAX,
        SOW_ARGUMENTS(cell_arguments),
        SOW_ROWS_OF(nnx_simple_rows),
        SOW_DRAWS_OF(nnx_simple_draws),
    },
};

const struct sow_layer_library sow_flax_recurrent_layers = {types,
                                                            COUNT(types)};
