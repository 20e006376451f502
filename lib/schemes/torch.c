/* SPDX-License-Identifier: MIT */
/* The functions of torch.nn.init, by their names without the underscore. */
#include "schemes/schemes.h"

static const struct sow_parameter value[] = {
    {.name = "val",
     .role = SOW_VALUE,
     .kind = SOW_NUMBER,
     .required = true,
     .help = "every element"},
};

static const struct sow_parameter uniform[] = {
    {.name = "a",
     .role = SOW_LOW,
     .kind = SOW_NUMBER,
     .value = 0,
     .help = "lower bound, included"},
    {.name = "b",
     .role = SOW_HIGH,
     .kind = SOW_NUMBER,
     .value = 1,
     .help = "upper bound, excluded"},
};

static const struct sow_parameter normal[] = {
    {.name = "mean",
     .role = SOW_MEAN,
     .kind = SOW_NUMBER,
     .value = 0,
     .help = "mean"},
    {.name = "std",
     .role = SOW_STD,
     .kind = SOW_NUMBER,
     .value = 1,
     .help = "standard deviation"},
};

static const struct sow_parameter truncated[] = {
    {.name = "mean",
     .role = SOW_MEAN,
     .kind = SOW_NUMBER,
     .value = 0,
     .help = "mean before truncation"},
    {.name = "std",
     .role = SOW_STD,
     .kind = SOW_NUMBER,
     .value = 1,
     .help = "standard deviation before truncation"},
    {.name = "a",
     .role = SOW_LOW,
     .kind = SOW_NUMBER,
     .value = -2,
     .help = "lower bound, as it stands"},
    {.name = "b",
     .role = SOW_HIGH,
     .kind = SOW_NUMBER,
     .value = 2,
     .help = "upper bound, as it stands"},
};

static const struct sow_parameter gain[] = {
    {.name = "gain",
     .role = SOW_GAIN,
     .kind = SOW_NUMBER,
     .value = 1,
     .help = "factor on the standard deviation"},
};

static const struct sow_parameter kaiming[] = {
    {.name = "a",
     .role = SOW_SLOPE,
     .kind = SOW_NUMBER,
     .value = 0,
     .help = "negative slope of leaky_relu"},
    {.name = "mode",
     .role = SOW_MODE,
     .kind = SOW_CHOICE,
     .value = SOW_FAN_IN,
     .choices = sow_modes_in_out,
     .help = "which fan divides the scale"},
    {.name = "nonlinearity",
     .role = SOW_NONLINEARITY,
     .kind = SOW_CHOICE,
     .value = SOW_LEAKY_RELU,
     .choices = sow_nonlinearities,
     .help = "the activation that follows, for the gain"},
};

static const struct sow_parameter groups[] = {
    {.name = "groups",
     .role = SOW_GROUPS,
     .kind = SOW_COUNT,
     .value = 1,
     .help = "groups of output channels"},
};

static const struct sow_rule constant_rule = {
    .resolve = sow_rule_constant,
};
static const struct sow_rule ones_rule = {
    .resolve = sow_rule_constant,
    .value = 1,
};
static const struct sow_rule uniform_rule = {
    .resolve = sow_rule_uniform,
};
static const struct sow_rule normal_rule = {
    .resolve = sow_rule_normal,
};
static const struct sow_rule truncated_rule = {
    .resolve = sow_rule_truncated,
    .absolute_bounds = true,
};
static const struct sow_rule xavier_uniform_rule = {
    .resolve = sow_rule_scaling,
    .value = 1,
    .mode = SOW_FAN_AVG,
    .distribution = SOW_SCALED_UNIFORM,
};
static const struct sow_rule xavier_normal_rule = {
    .resolve = sow_rule_scaling,
    .value = 1,
    .mode = SOW_FAN_AVG,
    .distribution = SOW_SCALED_NORMAL,
};
static const struct sow_rule kaiming_uniform_rule = {
    .resolve = sow_rule_kaiming,
    .distribution = SOW_SCALED_UNIFORM,
};
static const struct sow_rule kaiming_normal_rule = {
    .resolve = sow_rule_kaiming,
    .distribution = SOW_SCALED_NORMAL,
};
static const struct sow_rule linear_rule = {
    .resolve = sow_rule_scaling,
    .value = 1.0 / 3,
    .mode = SOW_FAN_IN,
    .distribution = SOW_SCALED_UNIFORM,
};
static const struct sow_rule eye_rule = {
    .resolve = sow_rule_eye,
};
static const struct sow_rule dirac_rule = {
    .resolve = sow_rule_dirac,
};

static const struct sow_scheme_info rows[] = {
    {
        .name = "torch.zeros",
        .library = "torch",
        .layout = SOW_TORCH,
        .summary = "every element 0",
        .formula = "w = 0",
        .source = "torch.nn.init.zeros_",
        .rule = &constant_rule,
    },
    {
        .name = "torch.ones",
        .library = "torch",
        .layout = SOW_TORCH,
        .summary = "every element 1",
        .formula = "w = 1",
        .source = "torch.nn.init.ones_",
        .rule = &ones_rule,
    },
    {
        .name = "torch.constant",
        .library = "torch",
        .layout = SOW_TORCH,
        SOW_PARAMETERS(value),
        .summary = "every element the same value",
        .formula = "w = val",
        .source = "torch.nn.init.constant_",
        .rule = &constant_rule,
    },
    {
        .name = "torch.uniform",
        .library = "torch",
        .layout = SOW_TORCH,
        SOW_PARAMETERS(uniform),
        .summary = "uniform between two bounds",
        .formula = "w ~ U[a, b)",
        .source = "torch.nn.init.uniform_",
        .rule = &uniform_rule,
    },
    {
        .name = "torch.normal",
        .library = "torch",
        .layout = SOW_TORCH,
        SOW_PARAMETERS(normal),
        .summary = "normal with a mean and a standard deviation",
        .formula = "w ~ N(mean, std^2)",
        .source = "torch.nn.init.normal_",
        .rule = &normal_rule,
    },
    {
        .name = "torch.trunc_normal",
        .library = "torch",
        .layout = SOW_TORCH,
        SOW_PARAMETERS(truncated),
        .summary = "normal cut off at absolute bounds",
        .formula = "w ~ N(mean, std^2) given a <= w <= b",
        .source = "torch.nn.init.trunc_normal_",
        .rule = &truncated_rule,
    },
    {
        .name = "torch.xavier_uniform",
        .library = "torch",
        .layout = SOW_TORCH,
        .fans = true,
        SOW_PARAMETERS(gain),
        .summary = "Xavier, uniform",
        .formula = "w ~ U[-b, b), b = gain sqrt(6 / (fan_in + "
                   "fan_out))",
        .source = "torch.nn.init.xavier_uniform_",
        .rule = &xavier_uniform_rule,
    },
    {
        .name = "torch.xavier_normal",
        .library = "torch",
        .layout = SOW_TORCH,
        .fans = true,
        SOW_PARAMETERS(gain),
        .summary = "Xavier, untruncated normal",
        .formula = "w ~ N(0, gain^2 2 / (fan_in + fan_out))",
        .source = "torch.nn.init.xavier_normal_",
        .rule = &xavier_normal_rule,
    },
    {
        .name = "torch.kaiming_uniform",
        .library = "torch",
        .layout = SOW_TORCH,
        .fans = true,
        SOW_PARAMETERS(kaiming),
        .summary = "Kaiming, uniform",
        .formula = "w ~ U[-b, b), b = gain sqrt(3 / fan)",
        .source = "torch.nn.init.kaiming_uniform_",
        .rule = &kaiming_uniform_rule,
    },
    {
        .name = "torch.kaiming_normal",
        .library = "torch",
        .layout = SOW_TORCH,
        .fans = true,
        SOW_PARAMETERS(kaiming),
        .summary = "Kaiming, untruncated normal",
        .formula = "w ~ N(0, gain^2 / fan)",
        .source = "torch.nn.init.kaiming_normal_",
        .rule = &kaiming_normal_rule,
    },
    {
        .name = "torch.linear",
        .library = "torch",
        .layout = SOW_TORCH,
        .fans = true,
        .summary = "the default of torch.nn.Linear and ConvNd weights",
        .formula = "w ~ U[-b, b), b = 1 / sqrt(fan_in)",
        .source = "torch.nn.Linear.reset_parameters",
        .rule = &linear_rule,
    },
    {
        .name = "torch.eye",
        .library = "torch",
        .layout = SOW_TORCH,
        .summary = "the identity matrix, also rectangular",
        .formula = "w[i, i] = 1, else 0",
        .source = "torch.nn.init.eye_",
        .rule = &eye_rule,
    },
    {
        .name = "torch.dirac",
        .library = "torch",
        .layout = SOW_TORCH,
        SOW_PARAMETERS(groups),
        .summary = "convolution kernels that pass their input on",
        .formula = "w[g out/groups + d, d, k/2, …] = 1, else 0",
        .source = "torch.nn.init.dirac_",
        .rule = &dirac_rule,
    },
};

const struct sow_catalogue sow_torch_schemes = {
    rows,
    sizeof rows / sizeof rows[0],
};
