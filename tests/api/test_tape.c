/* SPDX-License-Identifier: MIT */
/* Tests of tapes: where the tensors of a request begin in the sequence. */
#include "reading.h"

#include "tape.h"

Suite *tape_suite(void);

#define TORCH "{\"generator\":\"torch\",\"seed\":42,\"layers\":["
#define UNIFORM "\"scheme\":\"torch.uniform\"}"
#define SMALL "{\"shape\":[3,5]," UNIFORM
#define LINEAR "{\"name\":\"l\",\"type\":\"linear\",\"in_features\":4,"

static struct reading read_model(const char *json)
{
    struct reading r = reading_json(json, strlen(json), NULL);

    reading_expect_good(&r, json);
    return r;
}

/* The tensor called 'name'. */
static const struct sow_tensor *find(const struct reading *r, const char *name)
{
    for (size_t i = 0; i < r->model.count; i++)
        if (strcmp(r->model.tensors[i].spec.name, name) == 0)
            return &r->model.tensors[i];
    ck_abort_msg("there is no tensor '%s'", name);
    return NULL;
}

/*
 * Words before the tensor called "w": a uniform number takes one, linear(4, 2)
 * 8 and 2; a normal scheme of fewer than 16 two for each, and a kept one.
 */
static const struct {
    const char *layers;
    uint64_t at;
} tapes[] = {
    {"", 0},
    {SMALL ",", 15},
    {SMALL "," SMALL ",", 30},
    {"{\"skip\":7},", 7},
    {"{\"skip\":0},", 0},
    {"{\"skip\":17592186044414},", (UINT64_C(1) << 44) - 2},
    {"{\"draw\":" SMALL "},", 15},
    {SMALL ",{\"skip\":1},{\"draw\":" SMALL "},", 31},
    {SMALL ",{\"seed\":3},{\"skip\":2},", 2},
    {"{\"shape\":[9,9],\"scheme\":\"zeros\"},", 0},
    {"{\"shape\":[9,9],\"scheme\":\"torch.uniform\",\"slice\":\"1:2\"},", 81},
    {LINEAR "\"out_features\":2},", 10},
    {LINEAR "\"out_features\":2,\"bias\":false},", 8},
    {LINEAR "\"out_features\":2,\"scheme\":\"torch.xavier_uniform\"},", 18},
    {LINEAR "\"out_features\":2,\"bias\":\"zeros\"},", 10},
    {"{\"draw\":{\"type\":\"linear\",\"in_features\":4,\"out_features\":2}},",
     10},
    {"{\"shape\":[2,2],\"scheme\":\"torch.normal\"},", 8},
};

START_TEST(draws_follow_in_order)
{
    char json[600];

    snprintf(json, sizeof json,
             TORCH "%s{\"name\":\"w\",\"shape\":[2]," UNIFORM "]}",
             tapes[_i].layers);
    struct reading r = read_model(json);
    const struct sow_origin *origin = &find(&r, "w")->spec.origin;
    ck_assert_msg(origin->at == tapes[_i].at, "%s: at %llu, not %llu",
                  tapes[_i].layers, (unsigned long long)origin->at,
                  (unsigned long long)tapes[_i].at);
    ck_assert_ptr_null(origin->after);
    model_release(&r.model);
}
END_TEST

/* What is drawn over keeps its place in the constructor, but not its values. */
START_TEST(drawn_over_tensors_come_after_the_constructor)
{
    struct reading r = read_model(
        TORCH LINEAR "\"out_features\":2,\"scheme\":\"torch.normal\"}]}");

    ck_assert_uint_eq(find(&r, "l.weight")->spec.origin.at, 10);
    ck_assert_uint_eq(find(&r, "l.bias")->spec.origin.at, 8);
    model_release(&r.model);
}
END_TEST

/* The value that torch.normal keeps of a pair is for whoever is next. */
START_TEST(what_is_kept_is_handed_on)
{
    struct reading r =
        read_model(TORCH "{\"shape\":[3],\"scheme\":\"torch.normal\"},"
                         "{\"shape\":[20],\"scheme\":\"torch.normal\"},"
                         "{\"shape\":[2],\"scheme\":\"torch.normal\"}]}");

    ck_assert(r.model.tensors[0].spec.origin.kept == SOW_KEPT_BEFORE);
    ck_assert_uint_eq(r.model.tensors[1].spec.origin.kept, 4);
    ck_assert_uint_eq(r.model.tensors[2].spec.origin.kept, 4);
    model_release(&r.model);
}
END_TEST

#define TRUNCATED "{\"shape\":[9,9],\"scheme\":\"torch.trunc_normal\"}"

/* A turn's end is where the next begins, and names it by all before it. */
START_TEST(turns_begin_a_new_count)
{
    struct reading r = read_model(TORCH SMALL "," TRUNCATED "," SMALL
                                              "," TRUNCATED "," SMALL "]}");
    const struct sow_tensor *tensors = r.model.tensors;

    ck_assert(sow_tensor_is_turn(&tensors[1]));
    ck_assert_ptr_null(tensors[1].spec.origin.after);
    ck_assert_ptr_nonnull(tensors[2].spec.origin.after);
    ck_assert_uint_eq(tensors[2].spec.origin.at, 0);
    ck_assert_uint_eq(tensors[3].spec.origin.at, 15);
    ck_assert_ptr_eq(tensors[3].spec.origin.after,
                     tensors[2].spec.origin.after);
    ck_assert_ptr_ne(tensors[4].spec.origin.after,
                     tensors[3].spec.origin.after);
    ck_assert_mem_ne(sow_origin_chain(&tensors[4].spec.origin),
                     sow_origin_chain(&tensors[3].spec.origin),
                     SOW_DIGEST_BYTES);
    model_release(&r.model);
}
END_TEST

/* Whoever chooses tensors has the tape that they hang on. */
START_TEST(chosen_tensors_keep_their_tape)
{
    struct reading r = read_model(
        "{\"tensors\":[\"w\"],\"generator\":\"torch\",\"layers\":[" TRUNCATED
        ",{\"name\":\"w\",\"shape\":[3]," UNIFORM "]}");

    ck_assert_uint_eq(r.model.count, 1);
    ck_assert_ptr_nonnull(r.model.tape);
    ck_assert_ptr_nonnull(r.model.tensors[0].spec.origin.after);
    ck_assert_str_eq(r.model.tensors[0].spec.origin.after->tensor.spec.name,
                     "");
    model_release(&r.model);
}
END_TEST

START_TEST(sow1_has_no_tape)
{
    struct reading r =
        read_model("{\"generator\":\"sow1\",\"layers\":[{\"shape\":[2],"
                   "\"scheme\":\"normal\",\"generator\":\"sow1\"}]}");

    ck_assert_ptr_null(r.model.tape);
    ck_assert_ptr_null(r.model.tensors[0].spec.origin.start);
    ck_assert_str_eq(r.model.generator->name, "sow1");
    model_release(&r.model);
}
END_TEST

/*
 * Keys of key(42), from JAX's own documentation and tests, and of the first
 * parameter of a linen module that has no module in it.
 */
static const struct {
    const char *generator, *key;
    uint32_t words[2];
} keys[] = {
    {"jax", "", {0, 42}},
    {"jax", "split(3)[0]", {0x6d3e048f, 0x1022172d}},
    {"jax", "split(3)[2]", {0x92fb20ea, 0x0f38d913}},
    {"jax", "fold_in(3735928559)", {0x620b66ab, 0xd15de6fc}},
    {"flax", "", {0x958ad7cc, 0x040d5416}},
};

START_TEST(keys_are_derived)
{
    char json[300];

    snprintf(json, sizeof json,
             "{\"generator\":\"%s\",\"seed\":42,%s%s%s\"layers\":[{\"shape\":"
             "[2],\"scheme\":\"jax.uniform\"}]}",
             keys[_i].generator, keys[_i].key[0] ? "\"key\":\"" : "",
             keys[_i].key, keys[_i].key[0] ? "\"," : "");
    struct reading r = read_model(json);
    const uint32_t *key = r.model.tensors[0].spec.origin.key;
    ck_assert_msg(key[0] == keys[_i].words[0] && key[1] == keys[_i].words[1],
                  "%s gives %08x %08x", keys[_i].key, key[0], key[1]);
    model_release(&r.model);
}
END_TEST

#define SHAPE "\"shape\":[2],\"scheme\":\"jax.uniform\""
#define WITH_KEY(text) "{" SHAPE ",\"key\":\"" text "\"}"

static const char *const bad_keys[] = {
    "",
    "split",
    "split()[0]",
    "split(2)",
    "split(2)[2]",
    "split(0)[0]",
    "split(2)[-1]",
    "split(2)[0]/",
    "/split(2)[0]",
    "fold_in()",
    "fold_in(4294967296)",
    "fold_in(1)fold_in(1)",
    "Split(2)[0]",
    "split(2)[0] ",
    "split(2147483648)[0]",
};

START_TEST(bad_keys_are_refused)
{
    char json[300];

    snprintf(json, sizeof json,
             "{\"generator\":\"jax\",\"layers\":[" WITH_KEY("%s") "]}",
             bad_keys[_i]);
    struct reading r = reading_json(json, strlen(json), NULL);
    reading_expect_bad(&r, json, PROBLEM_BAD_PARAMETER, "/layers/0/key");
}
END_TEST

/* Each tensor may have to go all the way. */
START_TEST(keys_have_64_steps_at_most)
{
    char *json = reading_repeat(
        "{\"generator\":\"jax\",\"layers\":[{\"key\":\"fold_in(1)",
        "/fold_in(1)", (size_t)_i - 1, "\"," SHAPE "}]}");
    struct reading r = reading_json(json, strlen(json), NULL);

    if (_i <= 64)
        reading_expect_good(&r, json);
    else
        reading_expect_bad(&r, json, PROBLEM_BAD_PARAMETER, "/layers/0/key");
    model_release(&r.model);
    free(json);
}
END_TEST

/* More than reading_limits allow: 1000 layers, 1001 draws. */
START_TEST(too_many_draws_are_refused)
{
    char *json =
        reading_repeat(TORCH SMALL, ",{\"draw\":" SMALL "}", 1000, "]}");
    struct reading r = reading_json(json, strlen(json), NULL);

    reading_expect_bad(&r, json, PROBLEM_TOO_MANY_LAYERS, NULL);
    ck_assert_str_eq(r.problem.at, "/layers/1000/draw");
    ck_assert_ptr_nonnull(strstr(r.problem.detail, "--max-layers"));
    free(json);
}
END_TEST

/* A long prefix must not make a name that has no room. */
START_TEST(long_names_are_refused)
{
    char *json = reading_repeat(
        "{\"generator\":\"flax\",\"layers\":[{\"name\":\"", "a", SOW_MAX_NAME,
        "\",\"type\":\"flax.dense\",\"in_features\":2,\"features\":2}]}");
    struct reading r = reading_json(json, strlen(json), NULL);

    reading_expect_bad(&r, json, PROBLEM_BAD_FIELD, "/layers/0");
    free(json);
}
END_TEST

Suite *tape_suite(void)
{
    Suite *suite = suite_create("tape");
    TCase *cases = tcase_create("tape");

    tcase_add_loop_test(cases, draws_follow_in_order, 0, COUNT(tapes));
    tcase_add_test(cases, drawn_over_tensors_come_after_the_constructor);
    tcase_add_test(cases, what_is_kept_is_handed_on);
    tcase_add_test(cases, turns_begin_a_new_count);
    tcase_add_test(cases, chosen_tensors_keep_their_tape);
    tcase_add_test(cases, sow1_has_no_tape);
    tcase_add_loop_test(cases, keys_are_derived, 0, COUNT(keys));
    tcase_add_loop_test(cases, bad_keys_are_refused, 0, COUNT(bad_keys));
    tcase_add_loop_test(cases, keys_have_64_steps_at_most, 64, 66);
    tcase_add_test(cases, too_many_draws_are_refused);
    tcase_add_test(cases, long_names_are_refused);
    suite_add_tcase(suite, cases);
    return suite;
}
