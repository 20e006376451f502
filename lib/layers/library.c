/* SPDX-License-Identifier: MIT */
/* All libraries' types as one list, the profiles, and finding them by name. */
#include <string.h>

#include "layers/rows.h"

static const struct sow_layer_library *const libraries[] = {
    &sow_torch_layers,           &sow_torch_norm_layers,
    &sow_torch_recurrent_layers, &sow_torch_attention_layers,
    &sow_keras_layers,           &sow_keras_recurrent_layers,
    &sow_keras_attention_layers, &sow_flax_layers,
    &sow_flax_attention_layers,  &sow_flax_recurrent_layers,
    &sow_transformers_layers,
};

const struct sow_layer_type *sow_layer_type_at(size_t i)
{
    for (size_t l = 0; l < COUNT(libraries); l++) {
        if (i < libraries[l]->count)
            return &libraries[l]->types[i];
        i -= libraries[l]->count;
    }
    return NULL;
}

static bool is_called(const struct sow_layer_type *type, const char *name)
{
    if (strcmp(name, type->name) == 0)
        return true;
    for (size_t i = 0; type->aliases != NULL && type->aliases[i] != NULL; i++)
        if (strcmp(name, type->aliases[i]) == 0)
            return true;
    return false;
}

/* 'name' behind 'prefix', or NULL. */
static const char *behind(const char *name, const char *prefix)
{
    size_t n = strlen(prefix);

    return strncmp(name, prefix, n) == 0 ? name + n : NULL;
}

const struct sow_layer_type *sow_layer_type_find(const char *name)
{
    const char *torch = behind(name, "torch.nn.");
    const struct sow_layer_type *type;

    if (torch == NULL)
        torch = behind(name, "torch.");
    for (size_t i = 0; (type = sow_layer_type_at(i)) != NULL; i++)
        if (is_called(type, name) ||
            (torch != NULL && strcmp(type->library, "torch") == 0 &&
             is_called(type, torch)))
            return type;
    return NULL;
}

const struct sow_profile *sow_profile_at(size_t i)
{
    return i < sow_profile_total ? sow_profiles[i] : NULL;
}

const struct sow_profile *sow_profile_find(const char *name)
{
    for (size_t i = 0; i < sow_profile_total; i++)
        if (strcmp(name, sow_profiles[i]->name) == 0)
            return sow_profiles[i];
    return NULL;
}
