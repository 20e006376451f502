/* SPDX-License-Identifier: MIT */
/* Tests of the canonical recipe. */
#include "recipe.h"
#include "../count.h"

#include <check.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

Suite *recipe_suite(void);

static const struct api_limits limits = {.max_layers = 1000};

static struct problem problem;

static struct model read_query(const char *query)
{
    struct model model;
    struct spec_options options;
    struct query pairs;
    enum problem_code code = query_init(&pairs, query, &problem);
    if (code == PROBLEM_NONE)
        code = spec_from_query(&limits, &pairs, &model, &options, &problem);
    ck_assert_msg(code == PROBLEM_NONE, "'%s' is refused: %s", query,
                  problem.detail);
    return model;
}

static struct model read_json(const char *json)
{
    struct model model;
    struct spec_options options;
    json_t *root = NULL;
    enum problem_code code =
        spec_load(&limits, json, strlen(json), &root, &problem);
    if (code == PROBLEM_NONE)
        code = spec_from_json(&limits, root, NULL, &model, &options, &problem);
    json_decref(root);
    ck_assert_msg(code == PROBLEM_NONE, "%s is refused: %s", json,
                  problem.detail);
    return model;
}

static const struct {
    const char *query, *recipe;
} recipes[] = {
    {"shape=512,256&scheme=he_normal&seed=42&name=w",
     "{\"axes\":{\"batch\":[],\"in\":[1],\"out\":[0]},\"dtype\":\"float32\","
     "\"name\":\"w\",\"scheme\":{\"a\":0,\"mode\":\"fan_in\",\"name\":"
     "\"kaiming_normal\",\"nonlinearity\":\"leaky_relu\"},\"seed\":\"42\","
     "\"shape\":[512,256],\"slice\":null}"},
    {"shape=()&scheme=zeros",
     "{\"axes\":null,\"dtype\":\"float32\",\"name\":\"\",\"scheme\":{\"name\":"
     "\"zeros\"},\"seed\":\"0\",\"shape\":[],\"slice\":null}"},
    {"shape=3&scheme=normal&std=0.02&mean=-1.5&dtype=bf16&seed=0xffffffff"
     "ffffffff",
     "{\"axes\":null,\"dtype\":\"bfloat16\",\"name\":\"\",\"scheme\":{\"mean\":"
     "-1.5,\"name\":\"normal\",\"std\":0.02},\"seed\":"
     "\"18446744073709551615\",\"shape\":[3],\"slice\":null}"},
    {"shape=2,3,4,5&scheme=truncated_normal&in_axes=-1,0&out_axes=1&"
     "batch_axes=2",
     "{\"axes\":{\"batch\":[2],\"in\":[0,3],\"out\":[1]},\"dtype\":\"float32\","
     "\"name\":\"\",\"scheme\":{\"high\":2,\"low\":-2,\"mean\":0,\"name\":"
     "\"truncated_normal\",\"std\":1},\"seed\":\"0\",\"shape\":[2,3,4,5],"
     "\"slice\":null}"},
    {"shape=4,2,3&scheme=dirac&groups=2&name=%22%5C/%C3%A9",
     "{\"axes\":{\"batch\":[],\"in\":[1],\"out\":[0]},\"dtype\":\"float32\","
     "\"name\":\"\\\"\\\\/\xc3\xa9\",\"scheme\":{\"groups\":2,\"name\":"
     "\"dirac\"},\"seed\":\"0\",\"shape\":[4,2,3],\"slice\":null}"},
    {"shape=4&scheme=constant&value=0.1",
     "{\"axes\":null,\"dtype\":\"float32\",\"name\":\"\",\"scheme\":{\"name\":"
     "\"constant\",\"value\":0.1},\"seed\":\"0\",\"shape\":[4],"
     "\"slice\":null}"},
};

/* The recipe of a model of one tensor, to be freed. */
static char *recipe_of(const struct model *model)
{
    struct text text = {.bytes = malloc(4096), .room = 4096};
    recipe_put_tensor(&text, model->tensors);
    text_add(&text, "", 1);
    ck_assert(!text.failed);
    return text.bytes;
}

START_TEST(recipe_is_canonical_json)
{
    struct model model = read_query(recipes[_i].query);
    char *text = recipe_of(&model);
    ck_assert_str_eq(text, recipes[_i].recipe);
    free(text);
    model_release(&model);
}
END_TEST

/* The JSON library, told to sort and to leave out space, agrees. */
START_TEST(recipe_survives_being_read_and_written)
{
    struct model model = read_query(recipes[_i].query);
    char *text = recipe_of(&model);
    json_t *json = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    ck_assert_ptr_nonnull(json);
    char *again = json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS |
                                       JSON_REAL_PRECISION(15));
    ck_assert_str_eq(again, text);
    free(again);
    free(text);
    json_decref(json);
    model_release(&model);
}
END_TEST

static void hash_text(const char *text, char hex[2 * SOW_DIGEST_BYTES + 1])
{
    uint8_t digest[SOW_DIGEST_BYTES];
    sow_digest(text, strlen(text), digest);
    sow_digest_hex(digest, hex);
}

static void hash_model(struct model *model, char hex[2 * SOW_DIGEST_BYTES + 1])
{
    uint8_t digest[SOW_DIGEST_BYTES];
    ck_assert_int_eq(recipe_digest(model, digest, &problem), PROBLEM_NONE);
    sow_digest_hex(digest, hex);
}

START_TEST(digest_is_of_the_whole_text)
{
    char wanted[2 * SOW_DIGEST_BYTES + 1], found[sizeof(wanted)];
    struct model model = read_json(
        "{\"scheme\":\"ones\",\"layers\":[{\"shape\":[2],\"name\":\"a\"},"
        "{\"shape\":[],\"name\":\"b\",\"seed\":1}]}");
    hash_text("{\"generator\":\"sow1\",\"tensors\":[{\"axes\":null,\"dtype\":"
              "\"float32\",\"name\":\"a\",\"scheme\":{\"name\":\"ones\"},"
              "\"seed\":\"0\",\"shape\":[2],\"slice\":null},{\"axes\":null,"
              "\"dtype\":\"float32\",\"name\":\"b\",\"scheme\":{\"name\":"
              "\"ones\"},\"seed\":\"1\",\"shape\":[],\"slice\":null}]}",
              wanted);
    hash_model(&model, found);
    ck_assert_str_eq(found, wanted);
    model_release(&model);
}
END_TEST

START_TEST(tensor_digest_is_that_of_a_model_of_one)
{
    uint8_t one[SOW_DIGEST_BYTES], whole[SOW_DIGEST_BYTES];
    struct model model = read_query("shape=2,3&scheme=he_normal&name=w");
    ck_assert_int_eq(recipe_digest(&model, whole, &problem), PROBLEM_NONE);
    ck_assert_int_eq(recipe_tensor_digest(model.tensors, one, &problem),
                     PROBLEM_NONE);
    ck_assert_mem_eq(one, whole, sizeof(one));
    model_release(&model);
}
END_TEST

/* Each row is one request, written in two ways. */
static const struct {
    const char *left, *right;
} same[] = {
    {"shape=2,3&scheme=he_normal", "scheme=kaiming_normal&shape=2x3&seed=0"},
    {"shape=2,3&scheme=normal&std=1", "shape=2,3&scheme=normal"},
    {"shape=2,3&scheme=normal&std=1e0", "shape=2,3&scheme=normal&std=1.0"},
    {"shape=2,3&scheme=ones&dtype=f16", "shape=2,3&scheme=ones&dtype=float16"},
    {"shape=2,3&scheme=ones&seed=10", "shape=2,3&scheme=ones&seed=0xA"},
    {"shape=2,3&scheme=he_normal&layout=torch",
     "shape=2,3&scheme=he_normal&in_axes=1&out_axes=-2"},
    {"shape=2,3&scheme=ones&format=raw", "shape=2,3&scheme=ones&digest=off"},
};

START_TEST(two_ways_to_say_one_thing_have_one_recipe)
{
    char left[2 * SOW_DIGEST_BYTES + 1], right[sizeof(left)];
    struct model a = read_query(same[_i].left);
    struct model b = read_query(same[_i].right);
    hash_model(&a, left);
    hash_model(&b, right);
    ck_assert_msg(strcmp(left, right) == 0, "'%s' is not '%s'", same[_i].left,
                  same[_i].right);
    model_release(&a);
    model_release(&b);
}
END_TEST

static const char *const different[] = {
    "shape=2,3&scheme=normal",           "shape=3,2&scheme=normal",
    "shape=2,3&scheme=uniform",          "shape=2,3&scheme=normal&std=2",
    "shape=2,3&scheme=normal&seed=1",    "shape=2,3&scheme=normal&name=a",
    "shape=2,3&scheme=normal&name=0",    "shape=2,3&scheme=normal&dtype=f64",
    "shape=2,3&scheme=normal&mean=-0.5", "shape=2,3&scheme=normal&layout=jax",
};

START_TEST(different_requests_have_different_recipes)
{
    char left[2 * SOW_DIGEST_BYTES + 1], right[sizeof(left)];
    struct model a = read_query(different[_i]);
    hash_model(&a, left);
    for (int i = 0; i < _i; i++) {
        struct model b = read_query(different[i]);
        hash_model(&b, right);
        ck_assert_msg(strcmp(left, right) != 0, "'%s' is '%s'", different[_i],
                      different[i]);
        model_release(&b);
    }
    model_release(&a);
}
END_TEST

/* How many more allocations the JSON library may make; the next one fails. */
static long allocations_left;

static void *allocate(size_t size)
{
    return allocations_left-- > 0 ? malloc(size) : NULL;
}

/* Each test runs in a process of its own, so the allocator need not go back. */
START_TEST(memory_that_runs_out_gives_no_recipe)
{
    uint8_t digest[SOW_DIGEST_BYTES];
    struct model model = read_query("shape=2,3&scheme=he_normal&name=%22");
    enum problem_code code = PROBLEM_INTERNAL;
    long n = 0;
    json_set_alloc_funcs(allocate, free);
    for (; code != PROBLEM_NONE && n < 100; n++) {
        allocations_left = n;
        code = recipe_tensor_digest(model.tensors, digest, &problem);
        ck_assert(code == PROBLEM_NONE || code == PROBLEM_INTERNAL);
    }
    ck_assert_int_eq(code, PROBLEM_NONE);
    ck_assert_int_gt(n, 1);
    model_release(&model);
}
END_TEST

Suite *recipe_suite(void)
{
    Suite *suite = suite_create("recipe");
    TCase *tests = tcase_create("recipe");
    tcase_add_loop_test(tests, recipe_is_canonical_json, 0, COUNT(recipes));
    tcase_add_loop_test(tests, recipe_survives_being_read_and_written, 0,
                        COUNT(recipes));
    tcase_add_test(tests, digest_is_of_the_whole_text);
    tcase_add_test(tests, tensor_digest_is_that_of_a_model_of_one);
    tcase_add_loop_test(tests, two_ways_to_say_one_thing_have_one_recipe, 0,
                        COUNT(same));
    tcase_add_loop_test(tests, different_requests_have_different_recipes, 0,
                        COUNT(different));
    tcase_add_test(tests, memory_that_runs_out_gives_no_recipe);
    suite_add_tcase(suite, tests);
    return suite;
}
