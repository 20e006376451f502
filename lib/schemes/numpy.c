/* SPDX-License-Identifier: MIT */
/*
 * The draws of numpy.random that a weight is made of.  The methods of Generator
 * and of RandomState are the same laws; what sets them apart is the generator.
 */
#include "schemes/schemes.h"

static const struct sow_parameter uniform[] = {
    {.name = "low",
     .role = SOW_LOW,
     .kind = SOW_NUMBER,
     .value = 0,
     .help = "lower bound, included"},
    {.name = "high",
     .role = SOW_HIGH,
     .kind = SOW_NUMBER,
     .value = 1,
     .help = "upper bound, excluded"},
};

static const struct sow_parameter normal[] = {
    {.name = "loc",
     .role = SOW_MEAN,
     .kind = SOW_NUMBER,
     .value = 0,
     .help = "mean"},
    {.name = "scale",
     .role = SOW_STD,
     .kind = SOW_NUMBER,
     .value = 1,
     .help = "standard deviation"},
};

static const struct sow_scheme_info rows[] = {
    {
        .name = "numpy.random",
        .aliases = SOW_NAMES("numpy.rand", "numpy.random_sample"),
        .library = "numpy",
        .layout = SOW_TORCH,
        .summary = "uniform from 0 to 1",
        .formula = "w ~ U[0, 1)",
        .source = "numpy.random.Generator.random, RandomState.rand",
        .rule = &sow_rule_uniform,
    },
    {
        .name = "numpy.uniform",
        .library = "numpy",
        .layout = SOW_TORCH,
        SOW_PARAMETERS(uniform),
        .summary = "uniform between two bounds",
        .formula = "w ~ U[low, high)",
        .source = "numpy.random.Generator.uniform, RandomState.uniform",
        .rule = &sow_rule_uniform,
    },
    {
        .name = "numpy.standard_normal",
        .aliases = SOW_NAMES("numpy.randn"),
        .library = "numpy",
        .layout = SOW_TORCH,
        .summary = "normal with mean 0 and standard deviation 1",
        .formula = "w ~ N(0, 1)",
        .source = "numpy.random.Generator.standard_normal, RandomState.randn",
        .rule = &sow_rule_normal,
    },
    {
        .name = "numpy.normal",
        .library = "numpy",
        .layout = SOW_TORCH,
        SOW_PARAMETERS(normal),
        .summary = "normal with a mean and a standard deviation",
        .formula = "w ~ N(loc, scale^2)",
        .source = "numpy.random.Generator.normal, RandomState.normal",
        .rule = &sow_rule_normal,
    },
};

const struct sow_catalogue sow_numpy_schemes = {
    rows,
    sizeof rows / sizeof rows[0],
};
