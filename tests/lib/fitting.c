/* SPDX-License-Identifier: MIT */
/* Workable shapes and parameters of every scheme. */
#include "fitting.h"

#include <string.h>

/* Of every rank, in every layout's order; square ones; more than one chunk. */
static const struct sow_shape shapes[] = {
    {2, {40, 24}},
    {2, {24, 40}},
    {2, {32, 32}},
    {2, {36, 20}},
    {1, {37}},
    {0, {0}},
    {3, {12, 6, 3}},
    {3, {3, 6, 12}},
    {3, {33, 1, 17}},
    {4, {16, 8, 3, 3}},
    {4, {3, 3, 8, 16}},
    {4, {8, 1, 4, 4}},
    {5, {8, 4, 3, 3, 3}},
    {5, {3, 3, 3, 4, 8}},
    {1, {600}},
};

/* What stands in for values that a scheme requires, where 1 is no example. */
static const struct {
    const char *scheme, *parameter;
    double value;
} values[] = {
    {"sparse", "sparsity", 0.3},   {"torch.sparse", "sparsity", 0.3},
    {"chrono_bias", "t_max", 100}, {"fixup", "branches", 4},
    {"fixup", "layers", 3},        {"sincos_2d", "width", 1},
};

/* Schemes that are no draws, beside constants. */
/* clang-format off */
static const char *const fixed[] = {
    "zeros", "ones", "constant", "eye", "dirac",
    "torch.zeros", "torch.ones", "torch.constant", "torch.eye", "torch.dirac",
    "jax.zeros", "jax.ones", "jax.constant",
    "keras.zeros", "keras.ones", "keras.constant", "keras.identity",
    "keras.stft",
    "haiku.constant", "sonnet.constant", "sonnet.zeros", "sonnet.ones",
    "lora_b", "vit_head_bias", "layer_scale", "prior_bias",
    "weightnorm_g", "unsigned_constant", "supermask_logits",
    "identity", "zero_hadamard", "idinit", "bilinear_upsampling",
    "irnn", "chain", "feedback_chain", "forget_gate_bias",
    "hippo_legs_a", "hippo_legs_b", "hippo_legs_p", "hippo_legt_a",
    "hippo_legt_b", "s4d_lin", "s4d_inv", "s4d_real", "mamba_a_log",
    "sinusoidal", "sincos_2d", "rope_inv_freq", "weightnorm_data_g",
    "weightnorm_data_bias",
};
/* clang-format on */

/* How many choices a parameter has beside its default. */
static size_t others(const struct sow_parameter *parameter)
{
    size_t count = 0;

    if (parameter->kind == SOW_FLAG)
        return 1;
    if (parameter->kind != SOW_CHOICE)
        return 0;
    while (parameter->choices[count + 1] != NULL)
        count++;
    return count;
}

size_t fitting_shapes(void)
{
    return COUNT(shapes);
}

size_t fitting_count(const struct sow_scheme_info *info)
{
    size_t count = 1;

    for (uint32_t p = 0; p < info->parameter_count; p++)
        count += others(&info->parameters[p]);
    return count * COUNT(shapes);
}

/* Set the 'variant'-th of the choices that are no defaults. */
static void choose(struct sow_scheme *scheme, size_t variant)
{
    for (uint32_t p = 0; variant > 0; p++) {
        const struct sow_parameter *parameter = &scheme->info->parameters[p];

        if (variant <= others(parameter)) {
            double choice = (double)variant;

            scheme->values[p] =
                choice <= parameter->value ? choice - 1 : choice;
            return;
        }
        variant -= others(parameter);
    }
}

/* The same for samples; those that a whole is made of are costly. */
static const struct sow_shape large[] = {
    {2, {200, 300}},  {2, {256, 256}},     {1, {60000}},
    {2, {64, 64}},    {4, {64, 32, 5, 5}}, {4, {5, 5, 32, 64}},
    {3, {65, 1, 33}}, {3, {200, 100, 3}},
};

static double stand_in(const struct sow_parameter *parameter)
{
    if (!parameter->required || parameter->kind == SOW_CHOICE)
        return parameter->value;
    return parameter->kind == SOW_PROBABILITY ? 0.5 : 1;
}

static bool make_on(const struct sow_scheme_info *info,
                    const struct sow_shape *shape, size_t variant,
                    enum sow_dtype dtype, struct sow_spec *spec,
                    struct sow_tensor *tensor)
{
    struct sow_error error;

    *spec = spec_make(info->name, dtype, *shape);
    for (uint32_t p = 0; p < info->parameter_count; p++)
        spec->scheme.values[p] = stand_in(&info->parameters[p]);
    for (size_t v = 0; v < COUNT(values); v++)
        if (strcmp(values[v].scheme, info->name) == 0)
            spec_set(spec, values[v].parameter, values[v].value);
    choose(&spec->scheme, variant);
    return sow_tensor_init(tensor, spec, &error) == SOW_OK;
}

bool fitting_make(const struct sow_scheme_info *info, size_t i,
                  enum sow_dtype dtype, struct sow_spec *spec,
                  struct sow_tensor *tensor)
{
    return make_on(info, &shapes[i % COUNT(shapes)], i / COUNT(shapes), dtype,
                   spec, tensor);
}

void fitting_large(const struct sow_scheme_info *info, enum sow_dtype dtype,
                   struct sow_spec *spec, struct sow_tensor *tensor)
{
    for (size_t i = 0; i < COUNT(large); i++)
        if (make_on(info, &large[i], 0, dtype, spec, tensor))
            return;
    fitting_first(info, dtype, spec, tensor);
}

void fitting_first(const struct sow_scheme_info *info, enum sow_dtype dtype,
                   struct sow_spec *spec, struct sow_tensor *tensor)
{
    for (size_t i = 0; i < COUNT(shapes); i++)
        if (fitting_make(info, i, dtype, spec, tensor))
            return;
    ck_abort_msg("%s takes none of the shapes", info->name);
}

bool fitting_is_fixed(const struct sow_scheme_info *info)
{
    for (size_t i = 0; i < COUNT(fixed); i++)
        if (strcmp(fixed[i], info->name) == 0)
            return true;
    return false;
}
