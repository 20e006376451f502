/* SPDX-License-Identifier: MIT */
/*
 * The built-in profiles: each tensor's standard deviation, or value, by the
 * formula of the paper or code that the profile is named after.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "help.h"
#include "layers/layers.h"

Suite *profiles_suite(void);

/* A profile with its arguments, and the variables that they became. */
struct bound {
    const struct sow_profile *profile;
    struct sow_variable variables[SOW_MAX_ARGUMENTS];
    struct sow_scope scope;
};

/* Numbers for any profile; those that it doesn't take are left out. */
static const struct sow_given numbers[] = {
    {.name = "n_layer", .kind = SOW_VALUE_NUMBER, .numbers = {12}},
    {.name = "d_model", .kind = SOW_VALUE_NUMBER, .numbers = {64}},
    {.name = "base_d_model", .kind = SOW_VALUE_NUMBER, .numbers = {16}},
    {.name = "n_branch", .kind = SOW_VALUE_NUMBER, .numbers = {16}},
};

static const struct sow_given stacks[] = {
    {.name = "n_encoder", .kind = SOW_VALUE_NUMBER, .numbers = {18}},
    {.name = "n_decoder", .kind = SOW_VALUE_NUMBER, .numbers = {6}},
};

static void bind(struct bound *bound, const struct sow_profile *profile,
                 const struct sow_given *given, size_t count)
{
    struct sow_error error = {.text = ""};

    memset(bound, 0, sizeof *bound);
    bound->profile = profile;
    ck_assert_msg(sow_arguments_bind(profile->arguments,
                                     profile->argument_count, true, given,
                                     count, bound->variables, &error) == SOW_OK,
                  "%s: %s", profile->name, error.text);
    bound->scope =
        (struct sow_scope){bound->variables, profile->argument_count, NULL};
}

/* What a tensor of this name is for; the shape says the rest. */
static enum sow_part part_of(const char *name, uint32_t rank)
{
    const char *dot = strrchr(name, '.');

    if (strcmp(dot == NULL ? name : dot + 1, "bias") == 0)
        return SOW_PART_BIAS;
    return rank >= 2 ? SOW_PART_WEIGHT : SOW_PART_SCALE;
}

static struct sow_tensor apply(const struct bound *bound, const char *name,
                               const struct sow_shape *shape)
{
    struct sow_layer_tensor tensor = {
        .part = part_of(name, shape->rank), .shape = *shape, .multiplier = 1};
    struct sow_error error = {.text = ""};
    struct sow_spec spec;
    struct sow_tensor made;
    int rule = -1;

    ck_assert_msg(sow_profile_apply(bound->profile, name, &bound->scope,
                                    &tensor, &rule, &error) == SOW_OK,
                  "%s: %s: %s", bound->profile->name, name, error.text);
    ck_assert_msg(rule >= 0 && tensor.scheme.info != NULL,
                  "%s: no rule is for %s", bound->profile->name, name);
    spec = (struct sow_spec){.name = name,
                             .shape = *shape,
                             .scheme = tensor.scheme,
                             .multiplier = tensor.multiplier};
    ck_assert_msg(sow_tensor_init(&made, &spec, &error) == SOW_OK, "%s: %s: %s",
                  bound->profile->name, name, error.text);
    return made;
}

/* A tensor and what its standard deviation is; 0 for a constant 'value'. */
struct expected {
    const char *profile, *name;
    struct sow_shape shape;
    double std, value;
};

static void check(const struct expected *expected,
                  const struct sow_given *given, size_t count)
{
    const struct sow_profile *profile = sow_profile_find(expected->profile);
    struct bound bound;
    struct sow_tensor tensor;

    ck_assert_msg(profile != NULL, "there is no %s", expected->profile);
    bind(&bound, profile, given, count);
    tensor = apply(&bound, expected->name, &expected->shape);
    ck_assert_msg(fabs(tensor.std - expected->std) <= 1e-12 * expected->std,
                  "%s: %s has std %.17g, not %.17g", expected->profile,
                  expected->name, tensor.std, expected->std);
    if (expected->std == 0) {
        double *values = tensor_values(&tensor);

        ck_assert_msg((float)values[0] == (float)expected->value,
                      "%s: %s is %.9g, not %.9g", expected->profile,
                      expected->name, values[0], expected->value);
        free(values);
    }
}

/* The std of N(0, 1) cut off at 2 and at 3. */
#define CUT_AT_2 0.87962566103423978
#define CUT_AT_3 0.9865783925581086

START_TEST(language_models_have_the_widths_of_their_sources)
{
    const struct expected cases[] = {
        {"hf_default", "a.q.weight", SHAPE(8, 8), 0.02, 0},
        {"hf_default", "a.norm.weight", SHAPE(8), 0, 1},
        {"hf_default", "a.q.bias", SHAPE(8), 0, 0},
        {"hf_default", "lstm.weight_ih_l0", SHAPE(8, 8), sqrt(1.0 / 8), 0},
        {"gpt2", "transformer.h.3.attn.c_proj.weight", SHAPE(8, 8),
         0.02 / sqrt(24), 0},
        {"gpt2", "transformer.h.11.mlp.c_proj.weight", SHAPE(32, 8),
         0.02 / sqrt(24), 0},
        {"gpt2", "model.layers.0.self_attn.o_proj.weight", SHAPE(8, 8),
         0.02 / sqrt(24), 0},
        {"gpt2", "bert.encoder.layer.1.output.dense.weight", SHAPE(8, 32),
         0.02 / sqrt(24), 0},
        {"gpt2", "blocks.1.attn.proj.weight", SHAPE(8, 8), 0.02 / sqrt(24), 0},
        {"gpt2", "encoder.layers.0.linear2.weight", SHAPE(8, 8),
         0.02 / sqrt(24), 0},
        {"gpt2", "wte.weight", SHAPE(9, 8), 0.02, 0},
        {"gpt2", "h.0.ln_1.weight", SHAPE(8), 0, 1},
        {"gpt2_tf", "h.0.attn.c_proj.weight", SHAPE(8, 8), 0.02, 0},
        {"gpt2_tf", "wpe.weight", SHAPE(9, 8), 0.01, 0},
        {"bert", "encoder.layer.0.attention.self.query.weight", SHAPE(8, 8),
         0.02 * CUT_AT_2, 0},
        {"llama", "model.layers.0.mlp.down_proj.weight", SHAPE(8, 8), 0.02, 0},
        {"t5", "encoder.block.0.layer.0.SelfAttention.q.weight", SHAPE(12, 16),
         1 / sqrt(16 * 64), 0},
        {"t5", "encoder.block.0.layer.0.SelfAttention.v.weight", SHAPE(12, 16),
         0.25, 0},
        {"t5",
         "encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight",
         SHAPE(32, 4), 0.125, 0},
        {"t5", "encoder.block.0.layer.1.DenseReluDense.wo.weight",
         SHAPE(16, 100), 0.1, 0},
        {"t5", "shared.weight", SHAPE(7, 16), 1, 0},
    };

    for (size_t i = 0; i < COUNT(cases); i++)
        check(&cases[i], numbers, COUNT(numbers));
}
END_TEST

START_TEST(code_bases_have_the_widths_of_their_sources)
{
    const struct expected cases[] = {
        {"megatron", "layers.7.mlp.dense_4h_to_h.weight", SHAPE(8, 8),
         0.02 / sqrt(24), 0},
        {"olmo_mitchell", "transformer.blocks.3.attn_out.weight", SHAPE(16, 16),
         CUT_AT_3 / sqrt(2 * 16 * 4), 0},
        {"olmo_mitchell", "transformer.blocks.10.ff_out.weight", SHAPE(16, 64),
         CUT_AT_3 / sqrt(2 * 64 * 11), 0},
        {"olmo_mitchell", "transformer.blocks.3.ff_proj.weight", SHAPE(64, 16),
         CUT_AT_3 / 4, 0},
        {"olmo_mitchell", "transformer.wte.weight", SHAPE(99, 16), CUT_AT_3 / 4,
         0},
        {"olmo_mitchell", "transformer.ff_out.weight", SHAPE(99, 16),
         CUT_AT_3 / 4, 0},
        {"olmo_full_megatron", "transformer.blocks.3.ff_out.weight",
         SHAPE(16, 64), CUT_AT_3 * 0.02 / sqrt(24), 0},
        {"olmo_full_megatron", "transformer.ff_out.weight", SHAPE(99, 16),
         CUT_AT_3 / 4, 0},
        {"olmo_full_megatron", "transformer.wte.weight", SHAPE(99, 16),
         CUT_AT_3 * 0.02, 0},
        {"small_init", "layers.0.mlp.dense_4h_to_h.weight", SHAPE(8, 8),
         sqrt(2.0 / 320), 0},
        {"wang", "layers.0.mlp.dense_4h_to_h.weight", SHAPE(8, 8),
         2.0 / (12 * 8), 0},
        {"wang", "layers.0.attention.query_key_value.weight", SHAPE(8, 8),
         sqrt(2.0 / 320), 0},
    };

    for (size_t i = 0; i < COUNT(cases); i++)
        check(&cases[i], numbers, COUNT(numbers));
}
END_TEST

/* Xavier of a square matrix of 8 has std sqrt(2 / 16). */
#define XAVIER sqrt(1.0 / 8)

START_TEST(one_stack_is_scaled_by_its_depth)
{
    const double deepnet = 1 / pow(8 * 12, 0.25);
    const double subln = sqrt(log(2 * 12));
    const struct expected cases[] = {
        {"deepnet", "layers.3.self_attn.v_proj.weight", SHAPE(8, 8),
         XAVIER * deepnet, 0},
        {"deepnet", "layers.3.self_attn.out_proj.weight", SHAPE(8, 8),
         XAVIER * deepnet, 0},
        {"deepnet", "layers.3.fc1.weight", SHAPE(8, 8), XAVIER * deepnet, 0},
        {"deepnet", "decoder.layers.3.fc2.weight", SHAPE(8, 8),
         XAVIER * deepnet, 0},
        {"deepnet", "layers.3.self_attn.q_proj.weight", SHAPE(8, 8), XAVIER, 0},
        {"deepnet", "layers.3.self_attn_layer_norm.weight", SHAPE(8), 0, 1},
        {"subln", "layers.3.fc1.weight", SHAPE(8, 8), XAVIER * subln, 0},
        {"subln", "encoder.layer.3.attention.self.value.weight", SHAPE(8, 8),
         XAVIER * subln, 0},
        {"subln", "encoder.layer.3.attention.self.key.weight", SHAPE(8, 8),
         XAVIER, 0},
        {"rezero", "layers.1.resweight", SHAPE(1), 0, 0},
        {"rezero", "layers.1.linear1.weight", SHAPE(8, 8), XAVIER, 0},
        {"mup", "wte.weight", SHAPE(9, 64), 0.02, 0},
        {"mup", "h.0.attn.c_attn.weight", SHAPE(64, 192), 0.02 / 2, 0},
        {"mup", "h.0.attn.c_proj.weight", SHAPE(64, 64), 0.02 / 2 / sqrt(24),
         0},
        {"mup", "lm_head.weight", SHAPE(9, 64), 0.02, 0},
        {"spectral", "fc.weight", SHAPE(9, 64), 1.0 / 8 * 3 / 8, 0},
        {"spectral", "fc.weight", SHAPE(64, 9), 1.0 / 3, 0},
    };

    for (size_t i = 0; i < COUNT(cases); i++)
        check(&cases[i], numbers, COUNT(numbers));
}
END_TEST

/* 18 layers in the encoder, 6 in the decoder. */
START_TEST(two_stacks_are_scaled_each_by_its_own)
{
    const double many = pow(18, 4) * 6;
    const struct expected cases[] = {
        {"deepnet", "encoder.layers.3.fc1.weight", SHAPE(8, 8),
         XAVIER * 0.87 / pow(many, 1.0 / 16), 0},
        {"deepnet", "encoder.layers.3.self_attn.v_proj.weight", SHAPE(8, 8),
         XAVIER * 0.87 / pow(many, 1.0 / 16), 0},
        {"deepnet", "decoder.layers.3.fc2.weight", SHAPE(8, 8),
         XAVIER / pow(72, 0.25), 0},
        {"deepnet", "decoder.layers.3.encoder_attn.v_proj.weight", SHAPE(8, 8),
         XAVIER / pow(72, 0.25), 0},
        {"deepnet", "decoder.layers.3.self_attn.k_proj.weight", SHAPE(8, 8),
         XAVIER, 0},
        {"subln", "encoder.layers.3.fc1.weight", SHAPE(8, 8),
         XAVIER * sqrt(log(18) * log(36) / 3), 0},
        {"subln", "decoder.layers.3.fc1.weight", SHAPE(8, 8),
         XAVIER * sqrt(log(18)), 0},
        {"subln", "decoder.layers.3.encoder_attn.out_proj.weight", SHAPE(8, 8),
         XAVIER, 0},
        {"tfixup", "encoder.layers.3.fc1.weight", SHAPE(8, 8),
         XAVIER * 0.67 / pow(18, 0.25), 0},
        {"tfixup", "encoder.layers.3.self_attn.v_proj.weight", SHAPE(8, 8),
         XAVIER * 0.67 / pow(18, 0.25), 0},
        {"tfixup", "encoder.layers.3.self_attn.k_proj.weight", SHAPE(8, 8),
         XAVIER / sqrt(2), 0},
        {"tfixup", "decoder.layers.3.encoder_attn.out_proj.weight", SHAPE(8, 8),
         XAVIER / pow(54, 0.25), 0},
        {"tfixup", "encoder.embed_tokens.weight", SHAPE(9, 16),
         0.25 / pow(162, 0.25), 0},
        {"tfixup", "decoder.embed_tokens.weight", SHAPE(9, 16),
         0.25 / pow(54, 0.25), 0},
    };

    for (size_t i = 0; i < COUNT(cases); i++)
        check(&cases[i], stacks, COUNT(stacks));
}
END_TEST

START_TEST(vision_models_have_the_widths_of_their_sources)
{
    const double patch = 1 / sqrt(3 * 256);
    const struct expected cases[] = {
        {"vit_timm", "blocks.0.attn.qkv.weight", SHAPE(24, 8), 0.02, 0},
        {"vit_timm", "cls_token", SHAPE(1, 1, 8), 1e-6, 0},
        {"vit_timm", "pos_embed", SHAPE(1, 5, 8), 0.02, 0},
        {"vit_timm", "patch_embed.proj.weight", SHAPE(8, 3, 16, 16),
         patch / sqrt(3), 0},
        {"vit_timm", "patch_embed.proj.bias", SHAPE(8), patch / sqrt(3), 0},
        {"vit_timm", "blocks.0.ls1.gamma", SHAPE(8), 0, 1e-5},
        {"vit_timm", "head.bias", SHAPE(8), 0, 0},
        {"vit_jax", "blocks.0.attn.proj.weight", SHAPE(8, 8), XAVIER, 0},
        {"vit_jax", "blocks.0.mlp.fc1.bias", SHAPE(8), 1e-6, 0},
        {"vit_jax", "blocks.0.attn.qkv.bias", SHAPE(8), 0, 0},
        {"vit_jax", "patch_embed.proj.weight", SHAPE(8, 3, 16, 16), patch, 0},
        {"vit_jax", "head.weight", SHAPE(9, 8), 0, 0},
        {"vit_jax", "head.bias", SHAPE(9), 0, 0},
        {"vit_jax_nlhb", "head.bias", SHAPE(1000), 0, -log(1000)},
        {"vit_moco", "blocks.0.attn.qkv.weight", SHAPE(24, 8), XAVIER, 0},
        {"vit_moco", "blocks.0.mlp.fc1.weight", SHAPE(24, 8), sqrt(2.0 / 32),
         0},
        {"resnet", "layer1.0.conv2.weight", SHAPE(8, 4, 3, 3), sqrt(2.0 / 72),
         0},
        {"resnet", "layer1.0.bn3.weight", SHAPE(8), 0, 0},
        {"resnet", "layer1.0.bn2.weight", SHAPE(8), 0, 1},
        {"resnet", "bn1.running_mean", SHAPE(8), 0, 0},
        {"resnet", "bn1.running_var", SHAPE(8), 0, 1},
        {"resnet", "fc.bias", SHAPE(8), 1 / sqrt(3 * 2048), 0},
        {"fixup", "layer1.0.conv1.weight", SHAPE(8, 4, 3, 3),
         sqrt(2.0 / 72) / 2, 0},
        {"fixup", "layer1.0.conv3.weight", SHAPE(8, 4, 3, 3), 0, 0},
        {"fixup", "layer1.0.scale", SHAPE(1), 0, 1},
        {"fixup", "layer1.0.bias1a", SHAPE(1), 0, 0},
        {"fixup", "conv1.weight", SHAPE(8, 4, 3, 3), sqrt(2.0 / 72), 0},
        {"fixup", "fc.weight", SHAPE(8, 4), 0, 0},
        {"skipinit", "stages.0.0.skipinit_gain", SHAPE(1), 0, 0},
        {"skipinit", "stages.0.0.conv1.weight", SHAPE(8, 4, 3, 3),
         sqrt(2.0 / 36), 0},
        {"efficientnet", "blocks.0.0.conv_pw.weight", SHAPE(8, 4, 1, 1), 0.5,
         0},
        {"efficientnet", "blocks.0.0.conv_dw.weight", SHAPE(8, 1, 3, 3),
         sqrt(2.0 / 9), 0},
        {"efficientnet", "classifier.weight", SHAPE(8, 4), 1 / sqrt(24), 0},
    };

    for (size_t i = 0; i < COUNT(cases); i++)
        check(&cases[i], numbers, COUNT(numbers));
}
END_TEST

/* With fix_init the branches of block i are also over sqrt(2 (i + 1)). */
START_TEST(fix_init_scales_by_the_number_of_the_block)
{
    static const struct sow_given fix = {
        .name = "fix_init", .kind = SOW_VALUE_BOOL, .numbers = {1}};
    const struct expected cases[] = {
        {"vit_timm", "blocks.7.attn.proj.weight", SHAPE(8, 8), 0.02 / 4, 0},
        {"vit_timm", "blocks.1.mlp.fc2.weight", SHAPE(8, 8), 0.02 / 2, 0},
        {"vit_timm", "blocks.7.mlp.fc1.weight", SHAPE(8, 8), 0.02, 0},
        {"vit_moco", "blocks.7.attn.proj.weight", SHAPE(8, 8), XAVIER / 4, 0},
    };

    for (size_t i = 0; i < COUNT(cases); i++)
        check(&cases[i], &fix, 1);
}
END_TEST

START_TEST(basic_blocks_end_with_their_second_layer)
{
    static const struct sow_given given[] = {
        {.name = "block", .kind = SOW_VALUE_TEXT, .text = "basic"},
        {.name = "n_branch", .kind = SOW_VALUE_NUMBER, .numbers = {16}},
    };
    const struct expected cases[] = {
        {"resnet", "layer1.0.bn2.weight", SHAPE(8), 0, 0},
        {"resnet", "layer1.0.bn1.weight", SHAPE(8), 0, 1},
        {"resnet", "fc.bias", SHAPE(8), 1 / sqrt(3 * 512), 0},
        {"fixup", "layer1.0.conv1.weight", SHAPE(8, 4, 3, 3),
         sqrt(2.0 / 72) / 4, 0},
        {"fixup", "layer1.0.conv2.weight", SHAPE(8, 4, 3, 3), 0, 0},
    };

    for (size_t i = 0; i < COUNT(cases); i++)
        check(&cases[i], given, COUNT(given));
}
END_TEST

/* No expression, pattern or scheme is wrong in any branch. */
START_TEST(all_rules_of_all_profiles_are_right)
{
    struct sow_given all[COUNT(numbers) + COUNT(stacks)];
    const struct sow_profile *profile;
    size_t i;

    memcpy(all, numbers, sizeof numbers);
    memcpy(all + COUNT(numbers), stacks, sizeof stacks);
    for (i = 0; (profile = sow_profile_at(i)) != NULL; i++) {
        struct sow_error error = {.text = ""};
        struct bound bound;
        int rule = -1;

        bind(&bound, profile, all, COUNT(all));
        ck_assert_msg(
            sow_profile_check(profile, &bound.scope, &rule, &error) == SOW_OK,
            "%s, rule %d: %s: %s", profile->name, rule, error.at, error.text);
        ck_assert_ptr_eq(sow_profile_find(profile->name), profile);
        ck_assert(profile->summary != NULL && profile->source != NULL);
    }
    ck_assert_uint_eq(i, 25);
}
END_TEST

Suite *profiles_suite(void)
{
    Suite *suite = suite_create("profiles");
    TCase *cases = tcase_create("profiles");

    tcase_add_test(cases, language_models_have_the_widths_of_their_sources);
    tcase_add_test(cases, code_bases_have_the_widths_of_their_sources);
    tcase_add_test(cases, one_stack_is_scaled_by_its_depth);
    tcase_add_test(cases, two_stacks_are_scaled_each_by_its_own);
    tcase_add_test(cases, vision_models_have_the_widths_of_their_sources);
    tcase_add_test(cases, fix_init_scales_by_the_number_of_the_block);
    tcase_add_test(cases, basic_blocks_end_with_their_second_layer);
    tcase_add_test(cases, all_rules_of_all_profiles_are_right);
    suite_add_tcase(suite, cases);
    return suite;
}
