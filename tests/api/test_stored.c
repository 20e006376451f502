/* SPDX-License-Identifier: MIT */
/* Tests of stored documents: the model, the files, what is refused. */
#include "stored.h"

#include "reading.h"

Suite *stored_suite(void);

#define LAYERS "\"layers\":[{\"name\":\"w\",\"shape\":[2,3]}]"

static struct stored *load(const char *json)
{
    struct problem problem;
    struct stored *stored = NULL;
    const enum problem_code code =
        stored_new(&reading_limits, json, strlen(json), &stored, &problem);

    ck_assert_msg(code == PROBLEM_NONE, "%.200s is refused: %s at '%s': %s",
                  json, problem_name(code), problem.at, problem.detail);
    return stored;
}

static struct model model_of(const struct stored *stored, const uint64_t *seed,
                             const enum sow_dtype *dtype)
{
    const struct stored_change change = {NULL, seed, dtype};
    struct problem problem;
    struct model model;
    const enum problem_code code =
        stored_model(stored, &reading_limits, &change, &model, &problem);

    ck_assert_msg(code == PROBLEM_NONE, "%s", problem.detail);
    return model;
}

START_TEST(model_is_the_one_a_request_would_get)
{
    struct stored *stored = load(
        "{\"seed\":5,\"scheme\":\"normal\",\"dtype\":\"float16\"," LAYERS "}");
    struct model model = model_of(stored, NULL, NULL);

    ck_assert_uint_eq(stored_seed(stored), 5);
    ck_assert_uint_eq(model.tensors[0].spec.seed, 5);
    ck_assert_int_eq(model.tensors[0].spec.dtype, SOW_FLOAT16);
    ck_assert_uint_eq(stored_shard_bytes(stored), STORED_SHARD_BYTES);
    ck_assert_uint_eq(stored_file_count(stored), 0);
    ck_assert_ptr_null(stored_config(stored));
    model_release(&model);
    stored_free(stored);
}
END_TEST

/* A layer's own seed is not the document's. */
START_TEST(seed_and_dtype_replace_those_at_the_top)
{
    const uint64_t seed = UINT64_MAX;
    const enum sow_dtype dtype = SOW_FLOAT64;
    struct stored *stored =
        load("{\"seed\":5,\"scheme\":\"normal\",\"layers\":["
             "{\"name\":\"a\",\"shape\":[2]},"
             "{\"name\":\"b\",\"shape\":[2],\"seed\":1,\"dtype\":\"f16\"}]}");
    struct model model = model_of(stored, &seed, &dtype);

    ck_assert_uint_eq(model.tensors[0].spec.seed, UINT64_MAX);
    ck_assert_int_eq(model.tensors[0].spec.dtype, SOW_FLOAT64);
    ck_assert_uint_eq(model.tensors[1].spec.seed, 1);
    ck_assert_int_eq(model.tensors[1].spec.dtype, SOW_FLOAT16);
    model_release(&model);
    model = model_of(stored, NULL, NULL);
    ck_assert_uint_eq(model.tensors[0].spec.seed, 5);
    model_release(&model);
    stored_free(stored);
}
END_TEST

static void expect_file(const struct stored *stored, size_t i, const char *name,
                        const char *bytes, size_t n)
{
    const void *got;
    size_t size;

    ck_assert_str_eq(stored_file(stored, i, &got, &size), name);
    ck_assert_msg(size == n && memcmp(got, bytes, n) == 0,
                  "%s has %zu bytes: %.*s", name, size, (int)size,
                  (const char *)got);
}

START_TEST(files_are_texts_bytes_and_json_by_name)
{
    static const char pretty[] =
        "{\n  \"a\": [\n    1,\n    -2,\n    1e-5,\n    3.0\n  ],\n"
        "  \"b\": {},\n  \"c\": [],\n  \"d\": \"\xc3\xa9\\n\",\n"
        "  \"e\": null,\n  \"f\": true\n}\n";
    struct stored *stored =
        load("{\"scheme\":\"normal\"," LAYERS ",\"shard_bytes\":10,"
             "\"files\":{\"z.txt\":\"x\\ny\","
             "\"b.model\":{\"base64\":\"AAH/gA==\"},"
             "\"m.json\":{\"a\":[1,-2,1e-05,3.0],\"b\":{},\"c\":[],"
             "\"d\":\"\\u00e9\\n\",\"e\":null,\"f\":true},"
             "\"empty\":\"\",\"none.bin\":{\"base64\":\"\"}}}");

    ck_assert_uint_eq(stored_shard_bytes(stored), 10);
    ck_assert_uint_eq(stored_file_count(stored), 5);
    expect_file(stored, 0, "b.model", "\0\1\xff\x80", 4);
    expect_file(stored, 1, "empty", "", 0);
    expect_file(stored, 2, "m.json", pretty, sizeof pretty - 1);
    expect_file(stored, 3, "none.bin", "", 0);
    expect_file(stored, 4, "z.txt", "x\ny", 3);
    stored_free(stored);
}
END_TEST

START_TEST(config_becomes_a_file_unless_there_is_one)
{
    static const char made[] = "{\n  \"model_type\": \"gpt2\",\n"
                               "  \"n_layer\": 1\n}\n";
    const char *config = "\"config\":{\"model_type\":\"gpt2\",\"n_layer\":1}";
    char json[300];

    snprintf(json, sizeof json, "{%s}", config);
    struct stored *stored = load(json);
    ck_assert_uint_eq(stored_file_count(stored), 1);
    ck_assert_ptr_nonnull(stored_config(stored));
    expect_file(stored, 0, "config.json", made, sizeof made - 1);
    stored_free(stored);

    snprintf(json, sizeof json, "{%s,\"files\":{\"config.json\":\"mine\"}}",
             config);
    stored = load(json);
    ck_assert_uint_eq(stored_file_count(stored), 1);
    expect_file(stored, 0, "config.json", "mine", 4);
    stored_free(stored);
}
END_TEST

START_TEST(text_of_a_file_may_be_long)
{
    char *json = reading_repeat(
        "{\"scheme\":\"normal\"," LAYERS ",\"files\":{\"vocab.txt\":\"",
        "wor\\td\\u00e9\\ud83d\\ude00\xc3\xa9", 5000, "\"}}");
    char *want =
        reading_repeat("", "wor\td\xc3\xa9\xf0\x9f\x98\x80\xc3\xa9", 5000, "");
    struct stored *stored = load(json);

    expect_file(stored, 0, "vocab.txt", want, strlen(want));
    stored_free(stored);
    free(want);
    free(json);
}
END_TEST

#define FILES(text) "{\"scheme\":\"normal\"," LAYERS ",\"files\":" text "}"
#define A_FILE(name) FILES("{\"" name "\":\"x\"}")

static const struct {
    const char *json;
    enum problem_code code;
    const char *at;
} bad[] = {
    {"", PROBLEM_BAD_JSON, ""},
    {"[]", PROBLEM_BAD_JSON, ""},
    {"{" LAYERS ",\"format\":\"raw\"}", PROBLEM_BAD_FIELD, "/format"},
    {"{" LAYERS ",\"digest\":\"off\"}", PROBLEM_BAD_FIELD, "/digest"},
    {"{\"recipe\":\"init/gpt2\"}", PROBLEM_BAD_FIELD, "/recipe"},
    {"{" LAYERS ",\"tensors\":[\"w\"]}", PROBLEM_BAD_FIELD, "/tensors"},
    {"{" LAYERS ",\"data\":{}}", PROBLEM_BAD_FIELD, "/data"},
    {"{" LAYERS ",\"seed\":-1}", PROBLEM_BAD_FIELD, "/seed"},
    {"{" LAYERS ",\"shard_bytes\":0}", PROBLEM_BAD_FIELD, "/shard_bytes"},
    {"{" LAYERS ",\"shard_bytes\":1e9}", PROBLEM_BAD_FIELD, "/shard_bytes"},
    {"{" LAYERS ",\"shard_bytes\":50000000001}", PROBLEM_BAD_FIELD,
     "/shard_bytes"},
    {FILES("[]"), PROBLEM_BAD_FIELD, "/files"},
    {FILES("\"x\""), PROBLEM_BAD_FIELD, "/files"},
    {FILES("{\"a\":1}"), PROBLEM_BAD_FIELD, "/files/a"},
    {FILES("{\"a\":null}"), PROBLEM_BAD_FIELD, "/files/a"},
    {FILES("{\"a\":{\"base64\":\"AAH\"}}"), PROBLEM_BAD_FIELD, "/files/a"},
    {FILES("{\"a\":{\"base64\":\"A*==\"}}"), PROBLEM_BAD_FIELD, "/files/a"},
    {FILES("{\"a\":{\"base64\":\"====\"}}"), PROBLEM_BAD_FIELD, "/files/a"},
    {FILES("{\"a\":{\"base64\":\"==\"}}"), PROBLEM_BAD_FIELD, "/files/a"},
    {A_FILE(""), PROBLEM_BAD_FIELD, "/files/"},
    {A_FILE("."), PROBLEM_BAD_FIELD, "/files/."},
    {A_FILE(".."), PROBLEM_BAD_FIELD, "/files/.."},
    {A_FILE(".hidden"), PROBLEM_BAD_FIELD, "/files/.hidden"},
    {A_FILE("a..b"), PROBLEM_BAD_FIELD, "/files/a..b"},
    {A_FILE("a/b"), PROBLEM_BAD_FIELD, "/files/a~1b"},
    {A_FILE("a\\\\b"), PROBLEM_BAD_FIELD, "/files/a\\b"},
    {A_FILE("a b"), PROBLEM_BAD_FIELD, "/files/a b"},
    {A_FILE("\xc3\xa9"), PROBLEM_BAD_FIELD, "/files/\xc3\xa9"},
    {A_FILE("a" N64 N64), PROBLEM_BAD_FIELD, NULL},
    {A_FILE("model.safetensors"), PROBLEM_BAD_FIELD, NULL},
    {A_FILE("model.safetensors.index.json"), PROBLEM_BAD_FIELD, NULL},
    {A_FILE("model-00001-of-00002.safetensors"), PROBLEM_BAD_FIELD, NULL},
    {"{\"files\":{\"a\":\"x\",\"a\":\"y\"}}", PROBLEM_BAD_FIELD, "/files/a"},
};

START_TEST(bad_document_is_refused)
{
    struct reading r = {0};
    struct stored *stored = NULL;

    r.code = stored_new(&reading_limits, bad[_i].json, strlen(bad[_i].json),
                        &stored, &r.problem);
    if (r.code == PROBLEM_NONE)
        ck_abort_msg("%s is accepted", bad[_i].json);
    reading_expect_bad(&r, bad[_i].json, bad[_i].code, bad[_i].at);
    ck_assert_ptr_null(stored);
}
END_TEST

START_TEST(more_files_than_allowed_are_refused)
{
    char *text = reading_repeat("{" LAYERS ",\"files\":{\"f\":\"\"", "", 0, "");
    char json[4000];
    size_t used = (size_t)snprintf(json, sizeof json, "%s", text);
    struct problem problem;
    struct stored *stored;

    for (int i = 0; i < STORED_FILES; i++)
        used += (size_t)snprintf(json + used, sizeof json - used,
                                 ",\"f%d\":\"\"", i);
    snprintf(json + used, sizeof json - used, "}}");
    ck_assert_int_eq(
        stored_new(&reading_limits, json, strlen(json), &stored, &problem),
        PROBLEM_BAD_FIELD);
    ck_assert_str_eq(problem.at, "/files");
    free(text);
}
END_TEST

/* Of nested JSON nearly all is indentation: a thousand times the document. */
START_TEST(files_that_grow_past_a_body_are_refused)
{
    char *open = reading_repeat(
        "{" LAYERS ",\"files\":{\"a\":\"text\",\"f\":", "[", 1000, "");
    char *values = reading_repeat(open, "1,", 1000, "1");
    char *json = reading_repeat(values, "]", 1000, "}}");
    struct problem problem;
    struct stored *stored = NULL;

    ck_assert_int_eq(
        stored_new(&reading_limits, json, strlen(json), &stored, &problem),
        PROBLEM_TOO_LARGE);
    ck_assert_ptr_null(stored);
    ck_assert_str_eq(problem.at, "/files/f");
    ck_assert_ptr_nonnull(strstr(problem.detail, "--max-body-bytes"));
    free(json);
    free(values);
    free(open);
}
END_TEST

/* The files are checked when it is read, the model when it is made. */
START_TEST(bad_model_is_refused_when_it_is_made)
{
    struct stored *stored = load("{\"scheme\":\"normal\",\"layers\":[{}]}");
    const struct stored_change change = {NULL, NULL, NULL};
    struct problem problem;
    struct model model;

    ck_assert_int_eq(
        stored_model(stored, &reading_limits, &change, &model, &problem),
        PROBLEM_MISSING_FIELD);
    ck_assert_str_eq(problem.at, "/layers/0/shape");
    stored_free(stored);
}
END_TEST

Suite *stored_suite(void)
{
    Suite *suite = suite_create("stored");
    TCase *cases = tcase_create("stored");

    tcase_add_test(cases, model_is_the_one_a_request_would_get);
    tcase_add_test(cases, seed_and_dtype_replace_those_at_the_top);
    tcase_add_test(cases, files_are_texts_bytes_and_json_by_name);
    tcase_add_test(cases, config_becomes_a_file_unless_there_is_one);
    tcase_add_test(cases, text_of_a_file_may_be_long);
    tcase_add_loop_test(cases, bad_document_is_refused, 0, COUNT(bad));
    tcase_add_test(cases, more_files_than_allowed_are_refused);
    tcase_add_test(cases, files_that_grow_past_a_body_are_refused);
    tcase_add_test(cases, bad_model_is_refused_when_it_is_made);
    suite_add_tcase(suite, cases);
    return suite;
}
