/* SPDX-License-Identifier: MIT */
/* The catalogue as one list, and looking things up in it. */
#include <string.h>

#include "schemes/schemes.h"

const char *const sow_modes_in_out[] = {"fan_in", "fan_out", NULL};
const char *const sow_modes_in_out_avg[] = {"fan_in", "fan_out", "fan_avg",
                                            NULL};
const char *const sow_modes_all[] = {"fan_in", "fan_out", "fan_avg",
                                     "fan_geo_avg", NULL};
const char *const sow_distributions[] = {"truncated_normal", "normal",
                                         "uniform", NULL};
const char *const sow_nonlinearities[] = {
    "leaky_relu", "relu", "linear", "sigmoid", "tanh", "selu", NULL};

static const struct sow_catalogue *const catalogues[] = {
    &sow_plain_schemes,      &sow_gain_schemes,        &sow_critical_schemes,
    &sow_convention_schemes, &sow_transformer_schemes, &sow_vision_schemes,
    &sow_sign_schemes,       &sow_basis_schemes,       &sow_mirrored_schemes,
    &sow_sparse_schemes,     &sow_orthogonal_schemes,  &sow_norm_schemes,
    &sow_recurrent_schemes,  &sow_state_schemes,       &sow_image_schemes,
    &sow_classical_schemes,  &sow_mamba_schemes,       &sow_lru_schemes,
    &sow_position_schemes,   &sow_torch_schemes,       &sow_jax_schemes,
    &sow_keras_schemes,      &sow_timm_schemes,        &sow_haiku_schemes,
    &sow_delta_schemes,      &sow_convolution_schemes, &sow_data_schemes,
    &sow_kalman_schemes,     &sow_numpy_schemes,
};

#define CATALOGUES (sizeof catalogues / sizeof catalogues[0])

const struct sow_scheme_info *sow_scheme_at(size_t i)
{
    for (size_t c = 0; c < CATALOGUES; c++) {
        if (i < catalogues[c]->count)
            return &catalogues[c]->rows[i];
        i -= catalogues[c]->count;
    }
    return NULL;
}

/* strcmp() == 0, quick to say no: finding a scheme is done for each tensor. */
static bool is_same(const char *a, const char *b)
{
    return a[0] == b[0] && strcmp(a, b) == 0;
}

static bool is_called(const struct sow_scheme_info *info, const char *name)
{
    if (is_same(name, info->name))
        return true;
    for (size_t i = 0; info->aliases != NULL && info->aliases[i] != NULL; i++)
        if (is_same(name, info->aliases[i]))
            return true;
    return false;
}

/* Look in the catalogues that begin with a library's scheme, or the others. */
static const struct sow_scheme_info *find_in(bool libraries, const char *name)
{
    for (size_t c = 0; c < CATALOGUES; c++) {
        if ((catalogues[c]->rows[0].library != NULL) != libraries)
            continue;
        for (size_t i = 0; i < catalogues[c]->count; i++)
            if (is_called(&catalogues[c]->rows[i], name))
                return &catalogues[c]->rows[i];
    }
    return NULL;
}

/* A name with a dot is a library's, but for a few aliases. */
const struct sow_scheme_info *sow_scheme_find(const char *name)
{
    bool dotted = strchr(name, '.') != NULL;
    const struct sow_scheme_info *info = find_in(dotted, name);

    return info != NULL ? info : find_in(!dotted, name);
}

bool sow_scheme_is(const struct sow_scheme_info *info, const char *name)
{
    const char *dot = strchr(info->name, '.');

    return strcmp(dot != NULL ? dot + 1 : info->name, name) == 0;
}

void sow_scheme_init(struct sow_scheme *scheme,
                     const struct sow_scheme_info *info)
{
    memset(scheme, 0, sizeof *scheme);
    scheme->info = info;
    for (uint32_t i = 0; i < info->parameter_count; i++)
        scheme->values[i] = info->parameters[i].value;
}

int sow_scheme_parameter(const struct sow_scheme_info *info, const char *name)
{
    for (uint32_t i = 0; i < info->parameter_count; i++)
        if (strcmp(name, info->parameters[i].name) == 0)
            return (int)i;
    return -1;
}

/* The parameter in 'role', or -1. */
static int find_role(const struct sow_scheme_info *info, enum sow_role role)
{
    for (uint32_t i = 0; i < info->parameter_count; i++)
        if (info->parameters[i].role == (int)role)
            return (int)i;
    return -1;
}

double sow_role_value(const struct sow_tensor *tensor, enum sow_role role,
                      double otherwise)
{
    int i = find_role(tensor->spec.scheme.info, role);

    return i < 0 ? otherwise : tensor->spec.scheme.values[i];
}

const char *sow_role_name(const struct sow_tensor *tensor, enum sow_role role)
{
    const struct sow_scheme_info *info = tensor->spec.scheme.info;
    int i = find_role(info, role);

    return i < 0 ? "scheme" : info->parameters[i].name;
}
