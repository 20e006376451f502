/* SPDX-License-Identifier: MIT */
/* Tests of descriptions and listings, member by member. */
#include "shop.h"

#include <stdio.h>
#include <string.h>

Suite *hub_models_suite(void);

#define MODEL "/api/models/lab/tiny"

/* sha256sum of "a\nb\n", and of the config.json with an indent of two. */
#define VOCAB "911169ddaaf146aff539f58c26c489af3b892dff0fe283c1c264c65ae5aa59a2"
#define CONFIG \
    "9f7b29bcf1c8414af72fbbcfdb689939607457f87dfede5d27a7113af3adbfba"

/* Assert that 'json' is 'expected', a text with all its members. */
static void expect_json(const json_t *json, const char *expected)
{
    json_t *wanted = json_loads(expected, JSON_DECODE_ANY, NULL);
    char *text = json_dumps(json, JSON_COMPACT | JSON_ENCODE_ANY);

    ck_assert_msg(wanted, "not JSON: %s", expected);
    ck_assert_msg(json_equal(json, wanted), "%s is not %s", text, expected);
    json_decref(wanted);
    free(text);
}

static const json_t *member(const json_t *json, const char *name)
{
    const json_t *value = json_object_get(json, name);

    ck_assert_msg(value, "there is no %s", name);
    return value;
}

/* Add a JSON string and a blank to 'words'. */
static void add_word(char *words, size_t room, const json_t *string)
{
    size_t n = strlen(words);

    snprintf(words + n, room - n, "%s ", json_string_value(string));
}

/* ------------------------------------------------------------------------
 * Descriptions
 */

static const struct {
    const char *member, *value;
} described[] = {
    {"id", "\"lab/tiny\""},
    {"modelId", "\"lab/tiny\""},
    {"author", "\"lab\""},
    {"private", "false"},
    {"gated", "false"},
    {"disabled", "false"},
    {"lastModified", "\"1970-01-01T00:00:00.000Z\""},
    {"library_name", "\"transformers\""},
    {"pipeline_tag", "\"text-generation\""},
    {"tags", "[\"safetensors\",\"transformers\",\"gpt2\",\"text-generation\"]"},
    {"config", "{\"architectures\":[\"GPT2LMHeadModel\"],"
               "\"model_type\":\"gpt2\"}"},
    {"safetensors", "{\"parameters\":{\"F32\":32,\"F16\":8},\"total\":40}"},
    {"siblings", "[{\"rfilename\":\"config.json\"},"
                 "{\"rfilename\":\"model.safetensors\"},"
                 "{\"rfilename\":\"vocab.txt\"}]"},
};

START_TEST(a_model_is_described_as_on_the_hub)
{
    json_t *json = shop_json(MODEL);
    json_t *same = shop_json(MODEL "/revision/main?securityStatus=true&"
                                   "expand=siblings&expand=config&blobs=false");

    ck_assert(json_equal(json, same));
    for (int i = 0; i < COUNT(described); i++)
        expect_json(member(json, described[i].member), described[i].value);
    ck_assert_str_eq(json_string_value(member(json, "sha")),
                     shop_commit(SHOP_NAME, "main"));
    json_decref(json);
    json_decref(same);
}
END_TEST

static const char *const configs[] = {
    "\"files\":{}",
    "\"files\":{\"config.json\":\"no JSON\"}",
    "\"files\":{\"config.json\":[1,2]}",
    "\"files\":{\"config.json\":{\"model_type\":1,\"architectures\":2}}",
    "\"files\":{\"config.json\":{\"architectures\":[]}}",
};

START_TEST(a_config_that_says_nothing_is_no_harm)
{
    char document[512];

    snprintf(document, sizeof document, "{\"scheme\":\"normal\",%s,%s}",
             SHOP_LAYERS, configs[_i]);
    shop_put(SHOP_NAME, document);
    json_t *json = shop_json(MODEL);
    expect_json(member(json, "tags"), "[\"safetensors\"]");
    ck_assert_ptr_null(json_object_get(json, "library_name"));
    ck_assert_ptr_null(json_object_get(json, "pipeline_tag"));
    ck_assert_ptr_null(json_object_get(member(json, "config"), "model_type"));
    json_decref(json);
}
END_TEST

START_TEST(blobs_have_hashes)
{
    json_t *json = shop_json(MODEL "?blobs=true");
    const json_t *vocab = json_array_get(member(json, "siblings"), 2);

    expect_json(member(vocab, "size"), "4");
    ck_assert_uint_eq(json_string_length(member(vocab, "blobId")), 40);
    expect_json(member(vocab, "lfs"),
                "{\"sha256\":\"" VOCAB "\",\"size\":4,\"pointerSize\":126}");
    json_decref(json);
}
END_TEST

/* ------------------------------------------------------------------------
 * Trees
 */

START_TEST(a_tree_has_every_file_with_its_hash)
{
    json_t *tree = shop_json(MODEL "/tree/main?recursive=true&expand=false");
    const json_t *config = json_array_get(tree, 0);
    const json_t *weights = json_array_get(tree, 1);

    ck_assert_uint_eq(json_array_size(tree), 3);
    ck_assert_uint_eq(json_object_size(config), 5);
    expect_json(member(config, "type"), "\"file\"");
    expect_json(member(config, "path"), "\"config.json\"");
    expect_json(member(config, "size"), "75");
    ck_assert_uint_eq(json_string_length(member(config, "oid")), 40);
    expect_json(member(config, "lfs"),
                "{\"oid\":\"" CONFIG "\",\"size\":75,\"pointerSize\":127}");
    expect_json(member(weights, "path"), "\"model.safetensors\"");
    ck_assert_ptr_nonnull(json_object_get(weights, "lfs"));
    json_decref(tree);
}
END_TEST

START_TEST(an_expanded_tree_has_the_last_commit)
{
    json_t *tree = shop_json(MODEL "/tree/seed-5?expand=True");
    char expected[256];

    snprintf(expected, sizeof expected,
             "{\"id\":\"%s\",\"title\":\"lab/tiny with seed 5\","
             "\"date\":\"1970-01-01T00:00:00.000Z\"}",
             shop_commit(SHOP_NAME, "seed-5"));
    expect_json(member(json_array_get(tree, 0), "lastCommit"), expected);
    json_decref(tree);
}
END_TEST

START_TEST(a_pinned_tree_may_be_kept_when_it_is_complete)
{
    struct api_limits limits = drive_limits;
    char target[160];

    snprintf(target, sizeof target, MODEL "/tree/%s",
             shop_commit(SHOP_NAME, "main"));
    struct answer answer = shop_get(target, NULL, 200);
    ck_assert_ptr_nonnull(
        strstr(answer_header(&answer, "Cache-Control"), "immutable"));
    answer_release(&answer);
    limits.digest_wait_max_bytes = 50;
    shop_restart(&limits);
    answer = shop_get(target, NULL, 200);
    answer_expect(&answer, "Cache-Control", "no-cache");
    ck_assert_ptr_null(strstr(answer.body, "lfs"));
    answer_release(&answer);
}
END_TEST

START_TEST(an_empty_file_has_a_hash)
{
    shop_put(SHOP_NAME, "{\"scheme\":\"normal\"," SHOP_LAYERS
                        ",\"files\":{\"empty.txt\":\"\"}}");
    json_t *tree = shop_json(MODEL "/tree/main");
    expect_json(member(json_array_get(tree, 0), "lfs"),
                "{\"oid\":\"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca4"
                "95991b7852b855\",\"size\":0,\"pointerSize\":126}");
    json_decref(tree);
}
END_TEST

/* ------------------------------------------------------------------------
 * Paths
 */

#define FORM "Content-Type: application/x-www-form-urlencoded\n"

static const struct {
    const char *fields, *body;
    unsigned status;
    const char *paths; /* found, or the code of the problem */
} infos[] = {
    {FORM, "paths=vocab.txt&paths=none&expand=False", 200, "vocab.txt "},
    {FORM, "paths=vocab.txt&paths=config.json&paths=vocab.txt", 200,
     "config.json vocab.txt "},
    {FORM, "paths=vocab%2Etxt", 200, "vocab.txt "},
    {FORM, "path=vocab.txt", 200, ""},
    {FORM, "", 200, ""},
    {NULL, "{\"paths\":[\"model.safetensors\",\"none\"]}", 200,
     "model.safetensors "},
    {NULL, "{\"paths\":\"vocab.txt\",\"expand\":false}", 200, "vocab.txt "},
    {NULL, "{\"paths\":[]}", 200, ""},
    {NULL, "{\"paths\":[1]}", 400, "BAD_FIELD"},
    {NULL, "{\"paths\":{}}", 400, "BAD_FIELD"},
    {NULL, "{}", 400, "MISSING_FIELD"},
    {NULL, "[\"vocab.txt\"]", 400, "BAD_JSON"},
    {NULL, "{\"paths\"", 400, "BAD_JSON"},
    {NULL, "", 400, "BAD_JSON"},
    {"Content-Type: text/plain\n", "paths=vocab.txt", 415,
     "UNSUPPORTED_MEDIA_TYPE"},
};

START_TEST(paths_are_asked_for_in_a_form_or_in_json)
{
    struct answer answer = drive(shop, "POST", MODEL "/paths-info/main",
                                 infos[_i].fields, infos[_i].body);
    char paths[128] = "";

    ck_assert_uint_eq(answer.status, infos[_i].status);
    if (answer.status != 200) {
        ck_assert_str_eq(answer_code(&answer), infos[_i].paths);
        answer_release(&answer);
        return;
    }
    json_t *json = json_loads(answer.body, 0, NULL);
    const json_t *entry;
    size_t i;
    json_array_foreach(json, i, entry)
    {
        add_word(paths, sizeof paths, member(entry, "path"));
        ck_assert_ptr_nonnull(member(entry, "lfs"));
    }
    ck_assert_str_eq(paths, infos[_i].paths);
    json_decref(json);
    answer_release(&answer);
}
END_TEST

/* ------------------------------------------------------------------------
 * The rest
 */

START_TEST(there_is_one_branch_and_one_commit)
{
    char expected[256];
    json_t *json = shop_json(MODEL "/refs");

    snprintf(expected, sizeof expected,
             "{\"branches\":[{\"name\":\"main\",\"ref\":\"refs/heads/main\","
             "\"targetCommit\":\"%s\"}],\"converts\":[],\"tags\":[]}",
             shop_commit(SHOP_NAME, "main"));
    expect_json(json, expected);
    json_decref(json);
    json = shop_json(MODEL "/refs?include_prs=1");
    expect_json(member(json, "pullRequests"), "[]");
    json_decref(json);
    json = shop_json(MODEL "/commits/main?p=1");
    snprintf(expected, sizeof expected,
             "[{\"id\":\"%s\",\"title\":\"lab/tiny with seed 7\","
             "\"message\":\"\",\"date\":\"1970-01-01T00:00:00.000Z\","
             "\"authors\":[{\"user\":\"sow\"}]}]",
             shop_commit(SHOP_NAME, "main"));
    expect_json(json, expected);
    json_decref(json);
}
END_TEST

START_TEST(headers_of_all_shards_come_at_once)
{
    shop_put(SHOP_NAME, SHOP_RECIPE(",\"shard_bytes\":40"));
    json_t *json = shop_json(MODEL "/safetensors-metadata/"
                                   "model.safetensors.index.json");
    const json_t *headers = member(json, "headers");

    expect_json(member(json, "index"), "{\"metadata\":{\"total_size\":144}}");
    ck_assert_uint_eq(json_object_size(headers), 3);
    expect_json(member(headers, "model-00003-of-00003.safetensors"),
                "{\"__metadata__\":{\"format\":\"pt\"},\"half\":{\"dtype\":"
                "\"F16\",\"shape\":[8],\"data_offsets\":[0,16]}}");
    json_decref(json);
}
END_TEST

START_TEST(whoever_asks_is_nobody_and_may_read)
{
    json_t *json = shop_json("/api/whoami-v2");

    expect_json(member(json, "type"), "\"user\"");
    expect_json(member(json, "name"), "\"anonymous\"");
    expect_json(member(json, "orgs"), "[]");
    json_decref(json);
    json_decref(shop_json(MODEL "/auth-check"));
    json = shop_json("/api/agent-harnesses");
    expect_json(json, "{\"standardEnvVars\":[],\"harnesses\":{}}");
    json_decref(json);
}
END_TEST

static const struct {
    const char *query;
    const char *ids;
} searches[] = {
    {"?author=lab", "lab/another lab/tiny "},
    {"?author=la", ""},
    {"?author=lab&search=TINY", "lab/tiny "},
    {"?search=lab/", "lab/another lab/tiny "},
    {"?author=lab&limit=1&sort=downloads&filter=a&filter=b", "lab/another "},
    {"?author=lab&limit=0", ""},
    {"?author=nobody", ""},
};

START_TEST(recipes_are_listed_by_name)
{
    char target[128];
    char ids[256] = "";
    const json_t *model;
    size_t i;

    shop_put("lab/another", SHOP_RECIPE(""));
    snprintf(target, sizeof target, "/api/models%s", searches[_i].query);
    json_t *json = shop_json(target);
    json_array_foreach(json, i, model)
    {
        add_word(ids, sizeof ids, member(model, "id"));
    }
    ck_assert_str_eq(ids, searches[_i].ids);
    json_decref(json);
}
END_TEST

START_TEST(what_is_built_in_is_listed_and_a_bad_limit_refused)
{
    json_t *json = shop_json("/api/models?author=init");
    struct answer answer = shop_get("/api/models?limit=x", NULL, 400);

    ck_assert_uint_gt(json_array_size(json), 3);
    json_decref(json);
    ck_assert_str_eq(answer_code(&answer), "BAD_FIELD");
    answer_release(&answer);
}
END_TEST

Suite *hub_models_suite(void)
{
    Suite *suite = suite_create("hub_models");
    TCase *tcase = tcase_create("models");

    tcase_add_checked_fixture(tcase, shop_setup, shop_teardown);
    tcase_add_test(tcase, a_model_is_described_as_on_the_hub);
    tcase_add_loop_test(tcase, a_config_that_says_nothing_is_no_harm, 0,
                        COUNT(configs));
    tcase_add_test(tcase, blobs_have_hashes);
    tcase_add_test(tcase, a_tree_has_every_file_with_its_hash);
    tcase_add_test(tcase, an_expanded_tree_has_the_last_commit);
    tcase_add_test(tcase, a_pinned_tree_may_be_kept_when_it_is_complete);
    tcase_add_test(tcase, an_empty_file_has_a_hash);
    tcase_add_loop_test(tcase, paths_are_asked_for_in_a_form_or_in_json, 0,
                        COUNT(infos));
    tcase_add_test(tcase, there_is_one_branch_and_one_commit);
    tcase_add_test(tcase, headers_of_all_shards_come_at_once);
    tcase_add_test(tcase, whoever_asks_is_nobody_and_may_read);
    tcase_add_loop_test(tcase, recipes_are_listed_by_name, 0, COUNT(searches));
    tcase_add_test(tcase, what_is_built_in_is_listed_and_a_bad_limit_refused);
    suite_add_tcase(suite, tcase);
    return suite;
}
