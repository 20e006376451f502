/* SPDX-License-Identifier: MIT */
/* Tests of cutting models into files. */
#include "hub/shards.h"
#include "reading.h"

#include <stdio.h>

Suite *hub_shards_suite(void);

/* A model of tensors of so many bytes, up to a negative number. */
static struct model model_of(const int *sizes)
{
    char json[512];
    int n = snprintf(json, sizeof json,
                     "{\"scheme\":\"zeros\",\"dtype\":\"float8_e5m2\","
                     "\"layers\":[");

    for (int i = 0; sizes[i] >= 0; i++)
        n += snprintf(json + n, sizeof json - (size_t)n, "%s{\"shape\":[%d]}",
                      i > 0 ? "," : "", sizes[i]);
    snprintf(json + n, sizeof json - (size_t)n, "]}");
    struct reading r = reading_json(json, strlen(json), NULL);
    reading_expect_good(&r, json);
    return r.model;
}

/*
 * As split_state_dict_into_shards_factory() of huggingface_hub 2.4.0 cuts
 * them: the shard of each tensor.
 */
static const struct {
    int sizes[8];
    uint64_t limit;
    const char *shards;
    size_t count;
} cuts[] = {
    {{6, 6, 2, 6, 2, 2, -1}, 10, "0 1 1 2 2 2 ", 3},
    {{3, -1}, 10, "0 ", 1},
    {{10, -1}, 10, "0 ", 1},
    {{11, -1}, 10, "0 ", 1},
    {{11, 3, 11, 3, -1}, 10, "0 2 1 2 ", 3},
    {{3, 11, 3, -1}, 10, "1 0 1 ", 2},
    {{5, 5, 5, -1}, 10, "0 0 1 ", 2},
    {{5, 5, 1, -1}, 10, "0 0 1 ", 2},
    {{0, 0, 10, 0, -1}, 10, "0 0 0 0 ", 1},
    {{1, 2, 3, 4, 5, -1}, 1, "4 0 1 2 3 ", 5},
    {{4, 4, 12, 4, 4, 4, -1}, 10, "1 1 0 2 2 3 ", 4},
    {{2, 2, 2, -1}, 5, "0 0 1 ", 2},
    {{11, 12, -1}, 10, "0 1 ", 2},
};

START_TEST(tensors_go_where_the_hubs_client_puts_them)
{
    struct model model = model_of(cuts[_i].sizes);
    struct shards shards;
    char seen[64] = "";

    ck_assert(shards_init(&shards, &model, cuts[_i].limit));
    for (size_t i = 0; i < model.count; i++) {
        size_t n = strlen(seen);
        snprintf(seen + n, sizeof seen - n, "%zu ", shards.of[i]);
    }
    ck_assert_str_eq(seen, cuts[_i].shards);
    ck_assert_uint_eq(shards.count, cuts[_i].count);
    shards_release(&shards);
    model_release(&model);
}
END_TEST

START_TEST(the_lists_of_shards_hold_each_tensor_once_in_order)
{
    struct model model = model_of(cuts[_i].sizes);
    struct shards shards;

    ck_assert(shards_init(&shards, &model, cuts[_i].limit));
    ck_assert_uint_eq(shards.first[0], 0);
    ck_assert_uint_eq(shards.first[shards.count], model.count);
    for (size_t s = 0; s < shards.count; s++)
        for (size_t i = shards.first[s]; i < shards.first[s + 1]; i++) {
            ck_assert_uint_eq(shards.of[shards.order[i]], s);
            ck_assert(i == shards.first[s] ||
                      shards.order[i - 1] < shards.order[i]);
        }
    shards_release(&shards);
    model_release(&model);
}
END_TEST

START_TEST(files_are_numbered_from_1_and_one_has_no_number)
{
    struct shards shards = {.count = 1};
    char name[SHARD_NAME];

    shards_name(&shards, 0, name);
    ck_assert_str_eq(name, "model.safetensors");
    shards.count = 12;
    shards_name(&shards, 2, name);
    ck_assert_str_eq(name, "model-00003-of-00012.safetensors");
    shards.count = 123456;
    shards_name(&shards, 123455, name);
    ck_assert_str_eq(name, "model-123456-of-123456.safetensors");
}
END_TEST

/* json.dumps(…, indent=2) of Python. */
START_TEST(the_index_has_the_bytes_that_python_writes)
{
    static const char json[] =
        "{\"scheme\":\"zeros\",\"layers\":["
        "{\"name\":\"a\\\"b\\\\c\",\"shape\":[4]},"
        "{\"name\":\"\xc3\xbcn\xc3\xaf/\xf0\x9d\x84\x9e\",\"shape\":[3]}]}";
    struct reading r = reading_json(json, strlen(json), NULL);
    struct text text = {.grows = true};
    struct shards shards;

    reading_expect_good(&r, json);
    ck_assert(shards_init(&shards, &r.model, 16));
    shards_put_index(&shards, &r.model, &text);
    text_add(&text, "", 1);
    ck_assert(!text.failed);
    ck_assert_str_eq(
        text.bytes,
        "{\n  \"metadata\": {\n    \"total_size\": 28\n  },\n"
        "  \"weight_map\": {\n"
        "    \"a\\\"b\\\\c\": \"model-00001-of-00002.safetensors\",\n"
        "    \"\\u00fcn\\u00ef/\\ud834\\udd1e\": "
        "\"model-00002-of-00002.safetensors\"\n  }\n}");
    text_release(&text);
    shards_release(&shards);
    model_release(&r.model);
}
END_TEST

Suite *hub_shards_suite(void)
{
    Suite *suite = suite_create("hub_shards");
    TCase *tcase = tcase_create("shards");

    tcase_add_loop_test(tcase, tensors_go_where_the_hubs_client_puts_them, 0,
                        COUNT(cuts));
    tcase_add_loop_test(tcase,
                        the_lists_of_shards_hold_each_tensor_once_in_order, 0,
                        COUNT(cuts));
    tcase_add_test(tcase, files_are_numbered_from_1_and_one_has_no_number);
    tcase_add_test(tcase, the_index_has_the_bytes_that_python_writes);
    suite_add_tcase(suite, tcase);
    return suite;
}
