/* SPDX-License-Identifier: MIT */
/*
 * Every request, with every allocation failing that it makes, one at a time
 * and from each one on: the answer is the right one, a 500, or none.
 */
#include "memory.h"

#include "../count.h"
#include "small.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define JSON "Content-Type: application/json"
#define TWO                                                   \
    "{\"seed\":7,\"scheme\":\"uniform\",\"layers\":["         \
    "{\"name\":\"a\",\"shape\":[3,5]},{\"shape\":[7],"        \
    "\"dtype\":\"float16\",\"scheme\":{\"name\":\"normal\"}}" \
    "]}"
#define LINEAR                                            \
    "\"layers\":[{\"type\":\"linear\",\"in_features\":3," \
    "\"out_features\":2,\"bias\":\"ones\"}]}"
#define TYPED                                                       \
    "{\"profile\":{\"n\":2,\"rules\":[{\"match\":\"*\",\"scheme\":" \
    "\"normal\",\"std\":\"1/n\"}]}," LINEAR
#define CONFIG                                                           \
    "{\"seed\":7,\"profile\":\"hf_default\",\"config\":{\"model_type\":" \
    "\"gpt2\",\"n_layer\":1,\"n_embd\":4,\"n_head\":2}}"
/* No number stands behind a long string: see api/document.c. */
#define DATA(scheme, data)                                                    \
    "{\"layers\":[{\"type\":\"linear\",\"in_features\":3,\"out_features\":2," \
    "\"activation\":\"tanh\"}],\"data\":{" data "},\"scheme\":\"" scheme "\"}"
#define VALUES "[[1,2,3],[4,-5,6]]"
#define BASE64 "AACAPwAAAEAAAEBAAACAQAAAoMAAAMBA"
/* Draws of all kinds: typed, discarded, seeded, over again, and a turn. */
#define DRAWN                                                            \
    "{\"generator\":\"torch\",\"final_state\":true,\"layers\":["         \
    "{\"type\":\"linear\",\"in_features\":3,\"out_features\":2,"         \
    "\"scheme\":\"torch.normal\"},{\"seed\":7},{\"skip\":3},{\"draw\":{" \
    "\"shape\":[4],\"scheme\":\"torch.trunc_normal\"}},{\"shape\":[5],"  \
    "\"scheme\":\"torch.normal\"}]}"
#define FLAX                                                          \
    "{\"generator\":\"flax\",\"state\":[1,2],\"layers\":[{\"type\":"  \
    "\"flax.dense\",\"in_features\":3,\"features\":2},{\"shape\":[2," \
    "2],\"seed\":9,\"key\":\"fold_in(1)\",\"scheme\":\"jax.he_normal\"}]}"
#define LONG_NAME "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn"

static const struct {
    const char *method, *path, *query, *header, *body;
    unsigned status;
} requests[] = {
    {"GET", "/v1/weights", "shape=16,8&scheme=he_normal&seed=42", NULL, NULL,
     200},
    {"GET", "/v1/weights", "shape=16,8&scheme=ones&digest=off", NULL, NULL,
     200},
    {"GET", "/v1/weights", "shape=16,8&scheme=ones&name=%22%5C%C3%A9", NULL,
     NULL, 200},
    {"GET", "/v1/weights", "shape=300,300&scheme=uniform&digest=wait", NULL,
     NULL, 200},
    {"HEAD", "/v1/weights", "shape=16,8&scheme=ones", NULL, NULL, 200},
    {"GET", "/v1/weights", "shape=16,8&scheme=ones", "Range: bytes=3-9", NULL,
     206},
    {"GET", "/v1/weights", "shape=16,8&scheme=ones", "Range: bytes=999-", NULL,
     416},
    {"GET", "/v1/weights", "shape=16,8&scheme=ones", "If-None-Match: *", NULL,
     304},
    {"GET", "/v1/weights", "shape=16,8&scheme=ones", "If-Match: \"a\"", NULL,
     412},
    {"GET", "/v1/weights", "shape=9&scheme=ones", "Want-Repr-Digest: sha-256=1",
     NULL, 200},
    {"GET", "/v1/weights", "shape=16,8&scheme=he_normal&format=json", NULL,
     NULL, 200},
    {"GET", "/v1/weights", "shape=4&scheme=ones&format=json&name=%22", NULL,
     NULL, 200},
    {"GET", "/v1/weights", "shape=16,8&scheme=he_normal&format=manifest", NULL,
     NULL, 200},
    {"GET", "/v1/weights",
     "shape=4&scheme=constant&value=1e6&dtype=f16&format=json", NULL, NULL,
     422},
    {"GET", "/v1/weights", "shape=2&scheme=ones&format=npy", NULL, NULL, 200},
    {"GET", "/v1/weights", "shape=2&scheme=ones&format=npy&dtype=bf16", NULL,
     NULL, 406},
    {"GET", "/v1/weights", "shape=2&scheme=ones&format=safetensors&name=%22",
     NULL, NULL, 200},
    {"POST", "/v1/weights", "format=safetensors", JSON, TWO, 200},
    {"GET", "/v1/weights", "shape=2&scheme=he_nrmal", NULL, NULL, 422},
    {"GET", "/v1/weights", "shape=2&scheme=ones", "Accept: text/html", NULL,
     406},
    {"GET", "/v1/weights", "shape", NULL, NULL, 400},
    {"POST", "/v1/weights", NULL, JSON, TWO, 200},
    {"POST", "/v1/weights", "format=raw", JSON, TWO, 200},
    {"POST", "/v1/weights", "format=manifest&digest=wait", JSON, TWO, 200},
    {"POST", "/v1/weights", "format=manifest", JSON,
     "{\"scheme\":\"ones\",\"layers\":[{\"shape\":[1],\"name\":\"" LONG_NAME
     "\"}]}",
     200},
    {"POST", "/v1/weights", NULL, JSON, "{\"layers\":[]}", 400},
    {"POST", "/v1/weights", NULL, JSON, "{\"layers\":[}", 400},
    {"POST", "/v1/weights", NULL, JSON, "{\"seed\":1,\"seed\":2}", 400},
    {"POST", "/v1/weights", NULL, JSON, "[]", 400},
    {"POST", "/v1/weights", NULL, JSON, "", 400},
    {"POST", "/v1/weights", NULL, "Content-Type: text/plain", TWO, 415},
    {"POST", "/v1/weights", NULL, JSON,
     "{\"scheme\":\"ones\",\"layers\":[{\"shape\":[1],\"name\":\"a\"},"
     "{\"shape\":[1],\"name\":\"a\"}]}",
     422},
    {"POST", "/v1/weights", NULL, JSON, DATA("lsuv", "\"values\":" VALUES),
     200},
    {"POST", "/v1/weights", "format=raw", JSON,
     DATA("weightnorm_data", "\"synthetic\":true,\"shape\":[4,3]"), 200},
    {"POST", "/v1/weights", "format=manifest&digest=wait", JSON,
     DATA("lsuv", "\"shape\":[2,3],\"base64\":\"" BASE64 "\""), 200},
    {"POST", "/v1/weights", NULL, JSON,
     DATA("bayes_kalman_data", "\"values\":" VALUES), 200},
    {"POST", "/v1/weights", NULL, JSON, DATA("lsuv", "\"values\":[[1],[]]"),
     422},
    {"GET", "/v1/weights", "shape=16,8&scheme=orthogonal", NULL, NULL, 200},
    {"GET", "/v1/weights", "shape=16,8&scheme=orthogonal&digest=off", NULL,
     NULL, 200},
    {"GET", "/v1/weights", "shape=3000,3000&scheme=orthogonal", NULL, NULL,
     422},
    {"POST", "/v1/weights", "format=raw", JSON,
     "{\"scheme\":\"orthogonal\",\"layers\":[{\"shape\":[9,7],\"name\":\"a\"},"
     "{\"shape\":[8,8],\"name\":\"b\"}]}",
     200},
    {"GET", "/metrics", NULL, NULL, NULL, 200},
    {"POST", "/v1/weights", NULL, JSON, DRAWN, 200},
    {"POST", "/v1/weights", "format=manifest", JSON, FLAX, 200},
    {"GET", "/v1/weights", "shape=99,9&scheme=torch.normal&generator=torch",
     NULL, NULL, 200},
    {"GET", "/v1/weights", "shape=9&scheme=torch.normal&generator=torhc", NULL,
     NULL, 422},
    {"GET", "/v1/generators", NULL, NULL, NULL, 200},
    {"GET", "/v1/generators/torch", NULL, NULL, NULL, 200},
    {"POST", "/v1/weights", "format=manifest", JSON, TYPED, 200},
    {"POST", "/v1/weights", "format=manifest", JSON, CONFIG, 200},
    {"POST", "/v1/weights", NULL, JSON, "{\"profile\":{\"rules\":[{}]}," LINEAR,
     400},
    {"GET", "/v1/layers", NULL, NULL, NULL, 200},
    {"GET", "/v1/layers/conv2d", NULL, NULL, NULL, 200},
    {"GET", "/v1/layers/conv4d", NULL, NULL, NULL, 404},
    {"GET", "/v1/profiles", NULL, NULL, NULL, 200},
    {"GET", "/v1/profiles/gpt2", NULL, NULL, NULL, 200},
    {"GET", "/v1/profiles/gtp2", NULL, NULL, NULL, 404},
    {"GET", "/v1/schemes", NULL, NULL, NULL, 200},
    {"GET", "/v1/schemes/he_normal", NULL, NULL, NULL, 200},
    {"GET", "/v1/schemes/he_nrmal", NULL, NULL, NULL, 404},
    {"GET", "/v1/version", NULL, NULL, NULL, 200},
    {"GET", "/openapi.json", NULL, NULL, NULL, 200},
    {"GET", "/healthz", NULL, NULL, NULL, 200},
    {"OPTIONS", "/v1/weights", NULL, NULL, NULL, 204},
    {"DELETE", "/v1/weights", NULL, NULL, NULL, 405},
    {"GET", "/nowhere", NULL, NULL, NULL, 404},
    {"GET", "/v1/version", NULL, "Transfer-Encoding: gzip", NULL, 501},
    {"GET", "/v1/version", NULL, "Content-Length: 99999999", NULL, 413},
};

/* An answer, copied to where no allocation is needed. */
struct answer {
    unsigned status; /* 0 for none */
    bool broken;
    size_t head_size, body_size;
    char head[4096];
    char body[1 << 20];
};

static void copy_head(struct answer *answer,
                      const struct api_response *response)
{
    answer->status = response->status;
    answer->head_size = 0;
    for (size_t i = 0; i < response->header_count; i++)
        answer->head_size += (size_t)snprintf(
            answer->head + answer->head_size,
            sizeof answer->head - answer->head_size, "%s: %s\n",
            response->headers[i].name, response->headers[i].value);
}

static void copy_body(struct answer *answer, struct api_exchange *exchange)
{
    int64_t n;

    answer->body_size = 0;
    while ((n = api_read(exchange, answer->body_size,
                         answer->body + answer->body_size, 1021)) > 0)
        answer->body_size += (size_t)n;
    answer->broken = n == API_BROKEN;
}

static void ask(struct api *api, int i, struct answer *answer)
{
    char line[64] = "";
    struct api_header headers[2] = {{"Host", "test"}};
    struct api_request request = {
        .method = requests[i].method,
        .target_path = requests[i].path,
        .query = requests[i].query,
        .headers = headers,
        .header_count = requests[i].header ? 2 : 1,
        .body = requests[i].body,
        .body_size = requests[i].body ? strlen(requests[i].body) : 0,
    };

    if (requests[i].header) {
        snprintf(line, sizeof line, "%s", requests[i].header);
        *strchr(line, ':') = '\0';
        headers[1] = (struct api_header){line, line + strlen(line) + 2};
    }
    *answer = (struct answer){0};
    struct api_exchange *exchange = api_refuse(api, &request);
    if (!exchange)
        exchange = api_begin(api, &request);
    if (!exchange)
        return;
    for (size_t unit = 0; unit < api_work_count(exchange); unit++)
        api_work(exchange, unit, NULL, NULL);
    const struct api_response *response = api_answer(exchange);
    copy_head(answer, response);
    if (!response->bodyless)
        copy_body(answer, exchange);
    api_end(exchange);
}

/* Metrics are of the moment. */
static bool same(const struct answer *a, const struct answer *b)
{
    if (memmem(b->head, b->head_size, "version=0.0.4", 13))
        return a->status == b->status;
    return a->status == b->status && a->head_size == b->head_size &&
           a->body_size == b->body_size &&
           !memcmp(a->head, b->head, a->head_size) &&
           !memcmp(a->body, b->body, a->body_size);
}

/* Is it the right answer, a 500, one that broke off, or none at all? */
static bool is_fair(const struct answer *answer, const struct answer *right)
{
    if (answer->status == 0 || answer->status == 500)
        return true;
    return answer->broken ? answer->status == right->status
                          : same(answer, right);
}

/* Ask with every fault there can be; returns how many there were. */
static long ask_with_faults(struct api *api, int i, bool onwards,
                            const struct answer *right)
{
    static struct answer answer;
    struct memory_fault fault = {.first = 1, .onwards = onwards};
    long count, leaked;

    do {
        memory_begin(fault);
        ask(api, i, &answer);
        count = memory_end(&leaked);
        ck_assert_msg(leaked == 0,
                      "allocation %ld%s fails: %ld blocks are leaked",
                      fault.first, onwards ? " and all after it" : "", leaked);
        ck_assert_msg(is_fair(&answer, right),
                      "allocation %ld%s fails: %u\n%.*s%.*s", fault.first,
                      onwards ? " and all after it" : "", answer.status,
                      (int)answer.head_size, answer.head, (int)answer.body_size,
                      answer.body);
    } while (fault.first++ <= count);
    ck_assert_msg(same(&answer, right), "no allocation fails: %u",
                  answer.status);
    return fault.first - 2;
}

/*
 * Ask an API that has nothing in its caches; returns how many allocations
 * there were, its own included.
 */
static long ask_anew(int i, struct memory_fault fault, struct answer *answer)
{
    long count, leaked;

    *answer = (struct answer){0};
    memory_begin(fault);
    struct api *api = small_api(NULL, 0);
    if (api)
        ask(api, i, answer);
    api_free(api);
    count = memory_end(&leaked);
    ck_assert_msg(leaked == 0, "allocation %ld%s fails: %ld blocks are leaked",
                  fault.first, fault.onwards ? " and all after it" : "",
                  leaked);
    return count;
}

START_TEST(the_first_answer_is_right_or_a_500_or_none)
{
    static struct answer right, answer;
    long count = ask_anew(_i, (struct memory_fault){0}, &right);

    ck_assert_uint_eq(right.status, requests[_i].status);
    for (long first = 1; first <= count; first++)
        for (int onwards = 0; onwards < 2; onwards++) {
            ask_anew(_i, (struct memory_fault){first, onwards}, &answer);
            ck_assert_msg(is_fair(&answer, &right),
                          "allocation %ld of %ld fails: %u\n%.*s", first, count,
                          answer.status, (int)answer.head_size, answer.head);
        }
}
END_TEST

START_TEST(an_answer_is_right_or_a_500_or_none)
{
    static struct answer right;
    struct api *api = small_api(NULL, 0);

    ck_assert_ptr_nonnull(api);
    ask(api, _i, &right);
    ck_assert_msg(right.status == requests[_i].status, "%s %s?%s gives %u",
                  requests[_i].method, requests[_i].path, requests[_i].query,
                  right.status);
    ck_assert_int_gt(ask_with_faults(api, _i, false, &right), 0);
    ck_assert_int_gt(ask_with_faults(api, _i, true, &right), 0);
    api_free(api);
}
END_TEST

START_TEST(an_api_that_cannot_be_made_leaves_nothing)
{
    struct memory_fault fault = {.first = 1};
    struct api *api = NULL;
    long leaked;

    for (; !api; fault.first++) {
        memory_begin(fault);
        api = small_api(NULL, 0);
        api_free(api);
        memory_end(&leaked);
        ck_assert_int_eq(leaked, 0);
    }
    ck_assert_int_gt(fault.first, 2);
}
END_TEST

Suite *fault_suite(void);
Suite *fault_suite(void)
{
    Suite *suite = suite_create("fault/api");
    TCase *tcase = tcase_create("fault");

    memory_prepare();
    tcase_set_timeout(tcase, 120);
    tcase_add_loop_test(tcase, an_answer_is_right_or_a_500_or_none, 0,
                        COUNT(requests));
    tcase_add_loop_test(tcase, the_first_answer_is_right_or_a_500_or_none, 0,
                        COUNT(requests));
    tcase_add_test(tcase, an_api_that_cannot_be_made_leaves_nothing);
    suite_add_tcase(suite, tcase);
    return suite;
}
