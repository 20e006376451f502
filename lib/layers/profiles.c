/* SPDX-License-Identifier: MIT */
/* The list of the built-in profiles. */
#include "layers/profiles.h"

const struct sow_profile *const sow_profiles[] = {
    &sow_profile_hf_default,    &sow_profile_gpt2,
    &sow_profile_gpt2_tf,       &sow_profile_bert,
    &sow_profile_llama,         &sow_profile_t5,
    &sow_profile_vit_timm,      &sow_profile_vit_jax,
    &sow_profile_vit_jax_nlhb,  &sow_profile_vit_moco,
    &sow_profile_resnet,        &sow_profile_efficientnet,
    &sow_profile_olmo_mitchell, &sow_profile_olmo_full_megatron,
    &sow_profile_megatron,      &sow_profile_small_init,
    &sow_profile_wang,          &sow_profile_deepnet,
    &sow_profile_subln,         &sow_profile_tfixup,
    &sow_profile_fixup,         &sow_profile_rezero,
    &sow_profile_skipinit,      &sow_profile_mup,
    &sow_profile_spectral,
};

const size_t sow_profile_total = COUNT(sow_profiles);
