/* SPDX-License-Identifier: MIT */
/*
 * Requests about stored recipes, with every allocation failing that they make,
 * one at a time and from each one on.
 */
#include "memory.h"

#include "../count.h"
#include "small.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#define KEPT                                                         \
    "{\"seed\":7,\"scheme\":\"ones\",\"layers\":[{\"name\":\"a\","   \
    "\"shape\":[3]},{\"type\":\"linear\",\"in_features\":3,"         \
    "\"out_features\":2}],\"files\":{\"a.txt\":\"text\",\"b.json\":" \
    "{\"b\":[1,2]},\"c\":{\"base64\":\"AACAPw==\"}},\"shard_bytes\":16}"
/*
 * The JSON library (2.14) reads past its buffer when just the allocation fails
 * that makes room for the quote after a string of 14 bytes, or 30: none here
 * has so many.
 */
#define CONFIG                                                \
    "{\"profile\":\"hf_default\",\"config\":{\"model_type\":" \
    "\"gpt2\",\"n_layer\":1,\"n_embd\":4,\"n_head\":2}}"
#define NAME "lab/kept"
#define PATH "/v1/recipes/lab/kept"
#define HUB "/lab/kept/resolve/main/"
#define MODEL "/api/models/lab/kept"

/* ------------------------------------------------------------------------
 * A store that holds one document
 */

static enum store_status current(void *self, const char *name,
                                 uint8_t version[SOW_DIGEST_BYTES])
{
    (void)self;
    sow_digest(KEPT, strlen(KEPT), version);
    return strcmp(name, NAME) == 0 ? STORE_OK : STORE_MISSING;
}

static enum store_status read_one(void *self, const char *name,
                                  const uint8_t version[SOW_DIGEST_BYTES],
                                  char **bytes, size_t *size)
{
    (void)self, (void)name, (void)version;
    *size = strlen(KEPT);
    *bytes = malloc(sizeof KEPT);
    if (!*bytes)
        return STORE_NO_MEMORY;
    memcpy(*bytes, KEPT, sizeof KEPT);
    return STORE_OK;
}

static enum store_status write_one(void *self, const char *name,
                                   const void *bytes, size_t size, bool create,
                                   uint8_t version[SOW_DIGEST_BYTES],
                                   bool *created)
{
    (void)self, (void)create;
    *created = strcmp(name, NAME) != 0;
    sow_digest(bytes, size, version);
    return STORE_OK;
}

static enum store_status forget(void *self, const char *name)
{
    (void)self;
    return strcmp(name, NAME) == 0 ? STORE_OK : STORE_MISSING;
}

static enum store_status list(void *self, store_visit *visit, void *argument)
{
    uint8_t version[SOW_DIGEST_BYTES];

    (void)current(self, NAME, version);
    visit(argument, NAME, version);
    return STORE_OK;
}

static enum store_status versions(void *self, const char *name,
                                  store_visit *visit, void *argument)
{
    (void)name;
    return list(self, visit, argument);
}

static const struct store store = {NULL,   current, read_one, write_one,
                                   forget, list,    versions};

/* ------------------------------------------------------------------------
 * Requests
 */

static const struct {
    const char *method, *path, *query, *body;
    unsigned status;
} requests[] = {
    {"PUT", PATH, NULL, KEPT, 200},
    {"PUT", "/v1/recipes/lab/new", NULL, CONFIG, 201},
    {"PUT", PATH, NULL, "{\"layers\":[", 400},
    {"PUT", PATH, NULL, "{\"config\":{\"model_type\":\"gtp2\"}}", 422},
    {"PUT", "/v1/recipes/init/a", NULL, KEPT, 403},
    {"GET", PATH, NULL, NULL, 200},
    {"GET", PATH,
     "version="
     "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
     NULL, 200},
    {"GET", "/v1/recipes/init/gpt2", NULL, NULL, 200},
    {"GET", "/v1/recipes/lab/keep", NULL, NULL, 404},
    {"GET", "/v1/recipes/a/b%20c", NULL, NULL, 400},
    {"DELETE", PATH, NULL, NULL, 204},
    {"DELETE", "/v1/recipes/lab/none", NULL, NULL, 404},
    {"GET", "/v1/recipes", NULL, NULL, 200},
    {"GET", "/api/models/lab/kept/revision/sow1-seed-9", NULL, NULL, 200},
    {"GET", "/api/models/init/tiny-gpt2/revision/torch-seed-9", NULL, NULL,
     200},
    {"GET", "/v1/weights", "recipe=lab/kept&format=safetensors", NULL, 200},
    {"GET", "/v1/weights", "recipe=lab/kept&name=a&slice=1:&seed=9", NULL, 200},
    {"GET", "/v1/weights", "recipe=lab/kep&format=manifest", NULL, 404},
    {"POST", "/v1/weights", NULL,
     "{\"recipe\":\"lab/kept\",\"format\":\"manifest\"}", 200},
    {"HEAD", HUB "model-00001-of-00003.safetensors", NULL, NULL, 200},
    {"GET", HUB "model-00001-of-00003.safetensors", NULL, NULL, 200},
    {"GET", HUB "model.safetensors.index.json", NULL, NULL, 200},
    {"GET", HUB "a.txt", NULL, NULL, 200},
    {"GET", HUB "none", NULL, NULL, 404},
    {"GET", "/lab/kept/resolve/dev/a.txt", NULL, NULL, 404},
    {"GET", "/lab/kept/resolve/0123456789abcdef0123456789abcdef01234567/a.txt",
     NULL, NULL, 404},
    {"GET", "/lab/kep/resolve/main/a.txt", NULL, NULL, 404},
    {"GET", "/api/models", "author=lab", NULL, 200},
    {"GET", MODEL, NULL, NULL, 200},
    {"GET", MODEL, "blobs=true", NULL, 200},
    {"GET", "/api/models/init/tiny-gpt2", NULL, NULL, 200},
    {"GET", MODEL "/tree/main", "expand=true", NULL, 200},
    {"POST", MODEL "/paths-info/main", NULL, "{\"paths\":[\"c\"]}", 200},
    {"GET", MODEL "/refs", NULL, NULL, 200},
    {"GET", MODEL "/commits/seed-3", NULL, NULL, 200},
};

/* An answer: its status, 0 for none, and the digest of its body. */
struct answer {
    unsigned status;
    bool broken;
    uint8_t digest[SOW_DIGEST_BYTES];
};

static void read_body(struct answer *answer, struct api_exchange *exchange)
{
    static char body[1 << 16];
    size_t size = 0;
    int64_t n;

    while ((n = api_read(exchange, size, body + size, sizeof body - size)) > 0)
        size += (size_t)n;
    answer->broken = n == API_BROKEN;
    sow_digest(body, size, answer->digest);
}

static struct answer ask(struct api *api, int i)
{
    static const struct api_header headers[] = {
        {"Host", "test"}, {"Content-Type", "application/json"}};
    const struct api_request request = {
        .method = requests[i].method,
        .target_path = requests[i].path,
        .query = requests[i].query,
        .headers = headers,
        .header_count = requests[i].body ? 2 : 1,
        .body = requests[i].body,
        .body_size = requests[i].body ? strlen(requests[i].body) : 0,
    };
    struct answer answer = {0};
    struct api_exchange *exchange = api_refuse(api, &request);

    if (!exchange)
        exchange = api_begin(api, &request);
    if (!exchange)
        return answer;
    for (size_t unit = 0; unit < api_work_count(exchange); unit++)
        api_work(exchange, unit, NULL, NULL);
    const struct api_response *response = api_answer(exchange);
    answer.status = response->status;
    if (!response->bodyless)
        read_body(&answer, exchange);
    api_end(exchange);
    return answer;
}

static bool is_fair(const struct answer *answer, const struct answer *right)
{
    return answer->status == 0 || answer->status == 500 ||
           (answer->status == right->status &&
            (answer->broken ||
             !memcmp(answer->digest, right->digest, sizeof right->digest)));
}

START_TEST(an_answer_is_right_or_a_500_or_none)
{
    struct api *api = small_api(&store, 0);
    const struct answer right = ask(api, _i);
    struct memory_fault fault = {.first = 1};
    long count = 0, leaked;

    ck_assert_msg(right.status == requests[_i].status, "%s %s?%s gives %u",
                  requests[_i].method, requests[_i].path, requests[_i].query,
                  right.status);
    for (; fault.first <= count + 1; fault.first++)
        for (int onwards = 0; onwards < 2; onwards++) {
            fault.onwards = onwards;
            memory_begin(fault);
            const struct answer answer = ask(api, _i);
            count = memory_end(&leaked);
            ck_assert_msg(leaked == 0 && is_fair(&answer, &right),
                          "%s %s: allocation %ld%s fails: %u, %ld leaked",
                          requests[_i].method, requests[_i].path, fault.first,
                          onwards ? " and all after it" : "", answer.status,
                          leaked);
        }
    ck_assert_int_gt(fault.first, 2);
    api_free(api);
}
END_TEST

Suite *fault_recipes_suite(void);
Suite *fault_recipes_suite(void)
{
    Suite *suite = suite_create("fault/recipes");
    TCase *tcase = tcase_create("fault");

    memory_prepare();
    tcase_set_timeout(tcase, 120);
    tcase_add_loop_test(tcase, an_answer_is_right_or_a_500_or_none, 0,
                        COUNT(requests));
    suite_add_tcase(suite, tcase);
    return suite;
}
