/* SPDX-License-Identifier: MIT */
/* Tests of layers with a type and of models from a config.json. */
#include "reading.h"

#include "recipe.h"

#include <stdio.h>

Suite *spec_layers_suite(void);

/* One line a tensor: name, dimensions, scheme with parameters, multiplier. */
static void describe(const struct sow_tensor *tensor, struct text *text)
{
    const struct sow_spec *spec = &tensor->spec;

    text_put(text, spec->name);
    text_put(text, " ");
    text_put_integers(text, spec->shape.dims, spec->shape.rank);
    text_put(text, " ");
    text_put(text, spec->scheme.info->name);
    for (uint32_t i = 0; i < spec->scheme.info->parameter_count; i++) {
        text_put(text, " ");
        text_put_parameter(text, &spec->scheme, i);
    }
    if (spec->multiplier != 1) {
        text_put(text, " * ");
        text_put_number(text, spec->multiplier);
    }
    text_put(text, "\n");
}

#define HALF "{\"type\":\"linear\",\"in_features\":4,\"out_features\":2,"
#define LINEAR HALF "\"name\":\"fc\"}"
#define NAMED HALF "\"name\":\"fc\","
#define ONE(layer) "{\"layers\":[" layer "]}"

/* A bound of 1 / sqrt(4). */
#define WEIGHT "fc.weight 2,4 torch.linear\n"
#define BIAS "fc.bias 2 torch.uniform -0.5 0.5\n"
#define HE " kaiming_normal 0 \"fan_in\" \"leaky_relu\"\n"

static const struct {
    const char *json, *expected;
} expansions[] = {
    {ONE(LINEAR), WEIGHT BIAS},
    {ONE(NAMED "\"bias\":true}"), WEIGHT BIAS},
    {ONE(NAMED "\"bias\":false}"), WEIGHT},
    {ONE(NAMED "\"bias\":\"zeros\"}"), WEIGHT "fc.bias 2 zeros\n"},
    {ONE(NAMED "\"bias\":{\"name\":\"constant\",\"value\":3}}"),
     WEIGHT "fc.bias 2 constant 3\n"},
    {ONE(NAMED "\"scheme\":\"he_normal\"}"), "fc.weight 2,4" HE BIAS},
    {ONE(NAMED "\"scheme\":\"he_normal\",\"bias\":\"ones\"}"),
     "fc.weight 2,4" HE "fc.bias 2 ones\n"},
    {"{\"scheme\":\"he_normal\",\"layers\":[" LINEAR "]}",
     "fc.weight 2,4" HE BIAS},
    {"{\"bias\":\"ones\",\"layers\":[" LINEAR "]}", WEIGHT "fc.bias 2 ones\n"},
    {"{\"scheme\":\"ones\",\"bias\":\"ones\",\"layers\":[" NAMED
     "\"scheme\":\"zeros\",\"bias\":\"zeros\"}]}",
     "fc.weight 2,4 zeros\nfc.bias 2 zeros\n"},
    {ONE(NAMED "\"multiplier\":0.5}"),
     "fc.weight 2,4 torch.linear * 0.5\n"
     "fc.bias 2 torch.uniform -0.5 0.5 * 0.5\n"},
    {"{\"multiplier\":3,\"layers\":[" NAMED "\"multiplier\":1}]}", WEIGHT BIAS},
    {ONE(HALF "\"seed\":1}"),
     "0.weight 2,4 torch.linear\n0.bias 2 torch.uniform -0.5 0.5\n"},
    {ONE("{\"shape\":[2],\"name\":\"a\",\"scheme\":\"ones\"}," LINEAR
         ",{\"shape\":[],\"scheme\":\"zeros\",\"multiplier\":2}"),
     "a 2 ones\n" WEIGHT BIAS "2  zeros * 2\n"},
    {ONE("{\"name\":\"e\",\"type\":\"embedding\",\"num_embeddings\":3,"
         "\"embedding_dim\":2,\"scheme\":\"zeros\"}"),
     "e.weight 3,2 zeros\n"},
    {ONE("{\"name\":\"c\",\"type\":\"torch.nn.Conv2d\",\"in_channels\":4,"
         "\"out_channels\":6,\"kernel_size\":[3,5],\"groups\":2,"
         "\"bias\":false,\"scheme\":\"zeros\",\"padding\":1,"
         "\"padding_mode\":\"zeros\"}"),
     "c.weight 6,2,3,5 zeros\n"},
    {ONE("{\"name\":\"p\",\"type\":\"prelu\",\"scheme\":\"zeros\"}"),
     "p.weight 1 zeros\n"},
    {ONE("{\"name\":\"d\",\"type\":\"keras.dense\",\"input_dim\":4,"
         "\"units\":2,\"scheme\":\"keras.he_normal\"}"),
     "d.kernel 4,2 keras.he_normal\nd.bias 2 keras.zeros\n"},
    {ONE("{\"name\":\"l\",\"type\":\"layer_norm\",\"normalized_shape\":[3],"
         "\"scheme\":\"zeros\",\"bias\":\"ones\"}"),
     "l.weight 3 zeros\nl.bias 3 ones\n"},
};

static void expect(const char *json, const char *expected)
{
    const struct reading r = reading_json(json, strlen(json), NULL);
    struct model model = r.model;
    char bytes[4096];
    struct text text = {.bytes = bytes, .room = sizeof(bytes)};

    reading_expect_good(&r, json);
    for (size_t i = 0; i < model.count; i++)
        describe(&model.tensors[i], &text);
    text_add(&text, "", 1);
    ck_assert(!text.failed);
    ck_assert_msg(strcmp(bytes, expected) == 0, "%s gives\n%snot\n%s", json,
                  bytes, expected);
    model_release(&model);
}

START_TEST(a_type_expands_to_its_tensors)
{
    expect(expansions[_i].json, expansions[_i].expected);
}
END_TEST

START_TEST(a_layer_gives_its_tensors_what_it_says)
{
    static const char json[] =
        ONE(NAMED "\"seed\":7,\"dtype\":\"f16\",\"generator\":\"sow1\"}");
    const struct reading r = reading_json(json, strlen(json), NULL);
    struct model model = r.model;

    reading_expect_good(&r, json);
    ck_assert_uint_eq(model.count, 2);
    for (size_t i = 0; i < model.count; i++) {
        ck_assert_uint_eq(model.tensors[i].spec.seed, 7);
        ck_assert_int_eq(model.tensors[i].spec.dtype, SOW_FLOAT16);
    }
    ck_assert(!model.ordered);
    model_release(&model);
}
END_TEST

/* ------------------------------------------------------------------------
 * A model
 */

#define GPT2                                                        \
    "\"config\":{\"model_type\":\"gpt2\",\"architectures\":["       \
    "\"GPT2LMHeadModel\"],\"n_layer\":1,\"n_embd\":4,\"n_head\":2," \
    "\"vocab_size\":3,\"n_positions\":2,\"id2label\":{\"0\":\"x\"}}"

/* The names and shapes of transformers, and its std of 0.02 / sqrt(2). */
#define TENSORS(E, N, A, P, B, W)                                              \
    "transformer.wte.weight 3,4 " E "transformer.wpe.weight 2,4 " E            \
    "transformer.h.0.ln_1.weight 4 " N "transformer.h.0.ln_1.bias 4 " B        \
    "transformer.h.0.attn.c_attn.weight 4,12 " A                               \
    "transformer.h.0.attn.c_attn.bias 12 " B                                   \
    "transformer.h.0.attn.c_proj.weight 4,4 " P                                \
    "transformer.h.0.attn.c_proj.bias 4 " B "transformer.h.0.ln_2.weight 4 " N \
    "transformer.h.0.ln_2.bias 4 " B "transformer.h.0.mlp.c_fc.weight 4,16 " W \
    "transformer.h.0.mlp.c_fc.bias 16 " B                                      \
    "transformer.h.0.mlp.c_proj.weight 16,4 " P                                \
    "transformer.h.0.mlp.c_proj.bias 4 " B "transformer.ln_f.weight 4 " N      \
    "transformer.ln_f.bias 4 " B

#define E02 "torch.embedding -1 0.02\n"
#define N02 "normal 0 0.02\n"
#define N014 "normal 0 0.014142135623730949\n"
#define VAL1 "torch.constant 1\n"
#define ZERO "torch.zeros\n"

static const struct {
    const char *json, *expected;
} models[] = {
    {"{" GPT2 "}", TENSORS(E02, VAL1, N02, N014, ZERO, N02)},
    {"{\"scheme\":\"ones\"," GPT2 "}",
     TENSORS("ones\n", VAL1, "ones\n", "ones\n", ZERO, "ones\n")},
    {"{\"profile\":{\"rules\":[{\"match\":\"*\",\"scheme\":\"ones\"}]}," GPT2
     "}",
     TENSORS("ones\n", "ones\n", "ones\n", "ones\n", "ones\n", "ones\n")},
    {"{\"profile\":{\"rules\":[{\"match\":\"*.h.{i}.*weight\",\"scheme\":"
     "\"constant\",\"value\":\"i + n_layer\",\"when\":\"rank == 2\"},"
     "{\"match\":\"*.bias\",\"scheme\":\"zeros\"}]}," GPT2 "}",
     TENSORS(E02, VAL1, "constant 1\n", "constant 1\n", "zeros\n",
             "constant 1\n")},
};

START_TEST(a_config_expands_to_the_model)
{
    expect(models[_i].json, models[_i].expected);
}
END_TEST

static void recipe_of(const char *json, uint8_t digest[SOW_DIGEST_BYTES])
{
    const struct reading r = reading_json(json, strlen(json), NULL);
    struct model model = r.model;
    struct problem problem;

    reading_expect_good(&r, json);
    ck_assert_int_eq(recipe_digest(&model, digest, &problem), PROBLEM_NONE);
    model_release(&model);
}

/* The recipe knows final tensors alone. */
START_TEST(a_layer_has_the_recipe_of_its_tensors)
{
    static const char spelled[] =
        "{\"layers\":[{\"name\":\"fc.weight\",\"shape\":[2,4],\"scheme\":"
        "\"torch.linear\"},{\"name\":\"fc.bias\",\"shape\":[2],\"scheme\":{"
        "\"name\":\"torch.uniform\",\"a\":-0.5,\"b\":0.5},\"multiplier\":1}]}";
    uint8_t a[SOW_DIGEST_BYTES], b[SOW_DIGEST_BYTES];

    recipe_of(ONE(LINEAR), a);
    recipe_of(spelled, b);
    ck_assert_mem_eq(a, b, sizeof(a));
    recipe_of(ONE(NAMED "\"multiplier\":2}"), b);
    ck_assert_mem_ne(a, b, sizeof(a));
}
END_TEST

/* ------------------------------------------------------------------------
 * Limits
 */

static struct reading read_limited(const char *json, uint64_t max_layers)
{
    const struct api_limits limits = {.max_layers = max_layers};
    struct reading r = {0};
    json_t *root = NULL;

    r.code = spec_load(&limits, json, strlen(json), &root, &r.problem);
    if (r.code == PROBLEM_NONE)
        r.code = spec_from_json(&limits, root, NULL, &r.model, &r.options,
                                &r.problem);
    json_decref(root);
    return r;
}

static const struct {
    const char *json;
    uint64_t tensors;
    const char *at;
} counts[] = {
    {"{" GPT2 "}", 16, "/config"},
    {ONE(LINEAR ",{\"name\":\"a\",\"shape\":[],\"scheme\":\"ones\"}"), 3,
     "/layers"},
    {ONE("{\"name\":\"a\",\"shape\":[],\"scheme\":\"ones\"}," LINEAR), 3,
     "/layers/1"},
    {ONE("{\"name\":\"e\",\"type\":\"transformer_encoder\",\"num_layers\":9,"
         "\"d_model\":4,\"nhead\":2}"),
     108, "/layers/0"},
};

START_TEST(tensors_count_against_max_layers)
{
    struct reading r = read_limited(counts[_i].json, counts[_i].tensors);

    reading_expect_good(&r, counts[_i].json);
    ck_assert_uint_eq(r.model.count, counts[_i].tensors);
    model_release(&r.model);
    r = read_limited(counts[_i].json, counts[_i].tensors - 1);
    reading_expect_bad(&r, counts[_i].json, PROBLEM_TOO_MANY_LAYERS,
                       counts[_i].at);
    ck_assert_ptr_nonnull(strstr(r.problem.detail, "--max-layers"));
}
END_TEST

START_TEST(a_giant_is_refused_without_ado)
{
    static const char json[] =
        "{\"config\":{\"model_type\":\"gpt2\",\"n_layer\":9007199254740992}}";
    struct reading r = read_limited(json, 1000);

    reading_expect_bad(&r, json, PROBLEM_TOO_MANY_LAYERS, "/config");
}
END_TEST

/* Names take all the room there is, to the byte: a job for a sanitizer. */
START_TEST(names_of_every_length_fit)
{
    char json[1024], name[258];

    for (int n = 1; n <= 257; n++) {
        memset(name, 'n', (size_t)n);
        name[n] = '\0';
        snprintf(json, sizeof(json), ONE(HALF "\"name\":\"%s\"}"), name);
        struct reading r = reading_json(json, strlen(json), NULL);
        /* The longest is "….weight". */
        if (n > SOW_MAX_NAME - 7) {
            reading_expect_bad(&r, json, PROBLEM_BAD_FIELD, "/layers/0/name");
            continue;
        }
        reading_expect_good(&r, json);
        ck_assert_uint_eq(strlen(r.model.tensors[0].spec.name),
                          strlen(name) + 7);
        ck_assert_uint_eq(strlen(r.model.tensors[1].spec.name),
                          strlen(name) + 5);
        model_release(&r.model);
    }
}
END_TEST

Suite *spec_layers_suite(void)
{
    Suite *suite = suite_create("api/spec_layers");
    TCase *types = tcase_create("types");
    TCase *configs = tcase_create("configs");
    TCase *limits = tcase_create("limits");

    tcase_add_loop_test(types, a_type_expands_to_its_tensors, 0,
                        COUNT(expansions));
    tcase_add_test(types, a_layer_gives_its_tensors_what_it_says);
    tcase_add_test(types, a_layer_has_the_recipe_of_its_tensors);
    suite_add_tcase(suite, types);
    tcase_add_loop_test(configs, a_config_expands_to_the_model, 0,
                        COUNT(models));
    suite_add_tcase(suite, configs);
    tcase_add_loop_test(limits, tensors_count_against_max_layers, 0,
                        COUNT(counts));
    tcase_add_test(limits, a_giant_is_refused_without_ado);
    tcase_add_test(limits, names_of_every_length_fit);
    suite_add_tcase(suite, limits);
    return suite;
}
