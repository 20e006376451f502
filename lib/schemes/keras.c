/* SPDX-License-Identifier: MIT */
/* The classes of keras.initializers, in snake_case as Keras' own strings are.
 */
#include "schemes/schemes.h"

static const char *const distributions[] = {
    "truncated_normal", "untruncated_normal", "uniform", "normal", NULL};

static const struct sow_parameter value[] = {
    {.name = "value",
     .role = SOW_VALUE,
     .kind = SOW_NUMBER,
     .value = 0,
     .help = "every element"},
};

static const struct sow_parameter uniform[] = {
    {.name = "minval",
     .role = SOW_LOW,
     .kind = SOW_NUMBER,
     .value = -0.05,
     .help = "lower bound, included"},
    {.name = "maxval",
     .role = SOW_HIGH,
     .kind = SOW_NUMBER,
     .value = 0.05,
     .help = "upper bound, excluded"},
};

static const struct sow_parameter normal[] = {
    {.name = "mean",
     .role = SOW_MEAN,
     .kind = SOW_NUMBER,
     .value = 0,
     .help = "mean"},
    {.name = "stddev",
     .role = SOW_STD,
     .kind = SOW_NUMBER,
     .value = 0.05,
     .help = "standard deviation"},
};

static const struct sow_parameter scaling[] = {
    {.name = "scale",
     .role = SOW_SCALE,
     .kind = SOW_NUMBER,
     .value = 1,
     .help = "the variance times the fan"},
    {.name = "mode",
     .role = SOW_MODE,
     .kind = SOW_CHOICE,
     .value = SOW_FAN_IN,
     .choices = sow_modes_in_out_avg,
     .help = "which fan divides the scale"},
    {.name = "distribution",
     .role = SOW_DISTRIBUTION,
     .kind = SOW_CHOICE,
     .value = SOW_SCALED_TRUNCATED,
     .choices = distributions,
     .help = "the shape of the distribution; normal is truncated_normal"},
};

static const struct sow_parameter gain[] = {
    {.name = "gain",
     .role = SOW_GAIN,
     .kind = SOW_NUMBER,
     .value = 1,
     .help = "the diagonal"},
};

static const struct sow_scheme_info rows[] = {
    {
        .name = "keras.zeros",
        .library = "keras",
        .layout = SOW_KERAS,
        .summary = "every element 0",
        .formula = "w = 0",
        .source = "keras.initializers.Zeros",
        .rule = &sow_rule_constant,
    },
    {
        .name = "keras.ones",
        .library = "keras",
        .layout = SOW_KERAS,
        .summary = "every element 1",
        .formula = "w = 1",
        .source = "keras.initializers.Ones",
        .rule = &sow_rule_ones,
    },
    {
        .name = "keras.constant",
        .library = "keras",
        .layout = SOW_KERAS,
        SOW_PARAMETERS(value),
        .summary = "every element the same value",
        .formula = "w = value",
        .source = "keras.initializers.Constant",
        .rule = &sow_rule_constant,
    },
    {
        .name = "keras.random_uniform",
        .library = "keras",
        .layout = SOW_KERAS,
        SOW_PARAMETERS(uniform),
        .summary = "uniform between two bounds",
        .formula = "w ~ U[minval, maxval)",
        .source = "keras.initializers.RandomUniform",
        .rule = &sow_rule_uniform,
    },
    {
        .name = "keras.random_normal",
        .library = "keras",
        .layout = SOW_KERAS,
        SOW_PARAMETERS(normal),
        .summary = "normal with a mean and a standard deviation",
        .formula = "w ~ N(mean, stddev^2)",
        .source = "keras.initializers.RandomNormal",
        .rule = &sow_rule_normal,
    },
    {
        .name = "keras.truncated_normal",
        .library = "keras",
        .layout = SOW_KERAS,
        SOW_PARAMETERS(normal),
        .summary = "normal cut off at 2 stddev, variance not corrected",
        .formula = "w = mean + stddev z, z ~ N(0, 1) given |z| <= 2",
        .source = "keras.initializers.TruncatedNormal",
        .rule = &sow_rule_truncated,
    },
    {
        .name = "keras.variance_scaling",
        .library = "keras",
        .layout = SOW_KERAS,
        .fans = true,
        SOW_PARAMETERS(scaling),
        .summary = "zero mean and variance scale / fan",
        .formula = "Var(w) = scale / n, n the fan that mode names, at "
                   "least 1",
        .source = "keras.initializers.VarianceScaling",
        .rule = &sow_rule_scaling,
    },
    {
        .name = "keras.lecun_uniform",
        .library = "keras",
        .layout = SOW_KERAS,
        .fans = true,
        .summary = "LeCun, uniform",
        .formula = "w ~ U[-b, b), b = sqrt(3 / fan_in)",
        .source = "keras.initializers.LecunUniform",
        .rule = &sow_rule_lecun_uniform,
    },
    {
        .name = "keras.lecun_normal",
        .library = "keras",
        .layout = SOW_KERAS,
        .fans = true,
        .summary = "LeCun, truncated normal",
        .formula = "w = s z, z ~ N(0, 1) given |z| <= 2, Var(w) = 1 / "
                   "fan_in",
        .source = "keras.initializers.LecunNormal",
        .rule = &sow_rule_lecun_truncated,
    },
    {
        .name = "keras.glorot_uniform",
        .library = "keras",
        .layout = SOW_KERAS,
        .fans = true,
        .summary = "Glorot, uniform",
        .formula = "w ~ U[-b, b), b = sqrt(6 / (fan_in + fan_out))",
        .source = "keras.initializers.GlorotUniform",
        .rule = &sow_rule_xavier_uniform,
    },
    {
        .name = "keras.glorot_normal",
        .library = "keras",
        .layout = SOW_KERAS,
        .fans = true,
        .summary = "Glorot, truncated normal",
        .formula = "w = s z, z ~ N(0, 1) given |z| <= 2, Var(w) = 2 / "
                   "(fan_in + fan_out)",
        .source = "keras.initializers.GlorotNormal",
        .rule = &sow_rule_glorot_truncated,
    },
    {
        .name = "keras.he_uniform",
        .library = "keras",
        .layout = SOW_KERAS,
        .fans = true,
        .summary = "He, uniform",
        .formula = "w ~ U[-b, b), b = sqrt(6 / fan_in)",
        .source = "keras.initializers.HeUniform",
        .rule = &sow_rule_he_uniform,
    },
    {
        .name = "keras.he_normal",
        .library = "keras",
        .layout = SOW_KERAS,
        .fans = true,
        .summary = "He, truncated normal",
        .formula = "w = s z, z ~ N(0, 1) given |z| <= 2, Var(w) = 2 / "
                   "fan_in",
        .source = "keras.initializers.HeNormal",
        .rule = &sow_rule_he_truncated,
    },
    {
        .name = "keras.identity",
        .library = "keras",
        .layout = SOW_KERAS,
        SOW_PARAMETERS(gain),
        .summary = "the identity matrix times a gain, also rectangular",
        .formula = "w[i, i] = gain, else 0",
        .source = "keras.initializers.Identity",
        .rule = &sow_rule_eye,
    },
};

const struct sow_catalogue sow_keras_schemes = {
    rows,
    sizeof rows / sizeof rows[0],
};
