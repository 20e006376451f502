/* SPDX-License-Identifier: MIT */
/*
 * Requests for analyses, and for manifests with warnings, with every allocation
 * failing that they make, one at a time and from each one on.
 */
#include "memory.h"

#include "../count.h"
#include "small.h"

#include <check.h>
#include <string.h>

Suite *fault_analysis_suite(void);

/*
 * In bodies no string has 14 or 30 bytes: see test_recipes.c.  Without a body
 * it is a GET.
 */
static const struct {
    const char *path, *body;
    unsigned status;
} requests[] = {
    {"/v1/analysis",
     "{\"widths\":[8,8,4],\"activation\":\"tanh\",\"scheme\":\"he_normal\","
     "\"bias\":\"zeros\",\"residual\":true,\"dropout\":0.5}",
     200},
    {"/v1/analysis",
     "{\"widths\":[4,4,4],\"activation\":{\"name\":\"leaky_relu\","
     "\"slope\":0.1},\"schemes\":[\"ones\",{\"name\":\"normal\",\"std\":1}],"
     "\"input\":{\"correlation\":0.25}}",
     200},
    {"/v1/analysis",
     "{\"layers\":[{\"name\":\"\\\"a\",\"type\":\"linear\",\"in_features\":3,"
     "\"out_features\":4,\"scheme\":\"ones\"},{\"type\":\"batch_norm1d\","
     "\"num_features\":4,\"activation\":\"relu\"},{\"name\":\"b\","
     "\"shape\":[2,4],\"scheme\":\"normal\"},{\"name\":\"c.bias\","
     "\"shape\":[2],\"scheme\":\"zeros\"}]}",
     200},
    {"/v1/analysis",
     "{\"generator\":\"torch\",\"layers\":[{\"skip\":3},{\"shape\":[2,4],"
     "\"scheme\":\"torch.normal\"}]}",
     200},
    {"/v1/analysis",
     "{\"widths\":[4,6,2],\"activation\":\"tanh\",\"measure\":{\"samples\":4},"
     "\"schemes\":[\"he_normal\",\"orthogonal\"],\"bias\":\"ones\"}",
     200},
    {"/v1/analysis",
     "{\"measure\":true,\"input\":{\"batch\":[[[1,2]],[[3,4]]]},\"layers\":["
     "{\"shape\":[2,1,2],\"padding\":1,\"scheme\":\"ones\"},{\"name\":\"a\","
     "\"type\":\"linear\",\"in_features\":6,\"out_features\":1}]}",
     200},
    {"/v1/analysis",
     "{\"generator\":\"numpy\",\"scheme\":\"numpy.standard_normal\","
     "\"measure\":{\"samples\":2},\"layers\":[{\"shape\":[2,4]},{\"shape\":"
     "[2],\"name\":\"bias\"},{\"shape\":[2,2]}]}",
     200},
    {"/v1/analysis",
     "{\"widths\":[4,2],\"scheme\":\"ones\",\"measure\":true,\"input\":"
     "{\"batch\":[[1,2,3],[1,2,3]]}}",
     422},
    {"/v1/analysis", "{\"widths\":[4,2],\"schemes\":[\"ones\",\"onse\"]}", 422},
    {"/v1/analysis", "{\"widths\":[4,2],\"activaton\":\"relu\"}", 400},
    {"/v1/analysis",
     "{\"scheme\":\"ones\",\"layers\":[{\"shape\":[2,3]},{\"shape\":[2,3]}]}",
     422},
    {"/v1/analysis",
     "{\"scheme\":\"ones\",\"layers\":[{\"shape\":[2,3]},{\"type\":\"gru\","
     "\"input_size\":2,\"hidden_size\":2}]}",
     400},
    {"/v1/weights",
     "{\"format\":\"manifest\",\"scheme\":\"ones\",\"layers\":[{\"name\":"
     "\"\\\"a\",\"shape\":[2,3]},{\"shape\":[0,3]}]}",
     200},
    {"/v1/analysis?shape=4,4&scheme=sparse&sparsity=0.5&points=40", NULL, 200},
    {"/v1/analysis?recipe=init/tiny-gpt2&name=transformer.wte.weight", NULL,
     200},
    {"/v1/analysis?shape=4,4&scheme=normal&points=1", NULL, 400},
};

/* An answer, copied to where no allocation is needed. */
struct answer {
    unsigned status; /* 0 for none */
    bool broken;
    size_t size;
    char body[1 << 16];
};

static void ask(struct api *api, int i, struct answer *answer)
{
    const struct api_header headers[] = {{"Host", "test"},
                                         {"Content-Type", "application/json"}};
    const char *body = requests[i].body;
    const char *query = strchr(requests[i].path, '?');
    char path[16] = "";
    const struct api_request request = {
        .method = body ? "POST" : "GET",
        .target_path = path,
        .query = query ? query + 1 : NULL,
        .headers = headers,
        .header_count = 2,
        .body = body,
        .body_size = body ? strlen(body) : 0,
    };
    struct api_exchange *exchange;
    int64_t n;

    memcpy(path, requests[i].path, strcspn(requests[i].path, "?"));
    exchange = api_begin(api, &request);
    answer->status = 0;
    answer->size = 0;
    answer->broken = false;
    if (!exchange)
        return;
    for (size_t unit = 0; unit < api_work_count(exchange); unit++)
        api_work(exchange, unit, NULL, NULL);
    answer->status = api_answer(exchange)->status;
    while ((n = api_read(exchange, answer->size, answer->body + answer->size,
                         1021)) > 0)
        answer->size += (size_t)n;
    answer->broken = n == API_BROKEN;
    api_end(exchange);
}

static bool same(const struct answer *a, const struct answer *b)
{
    return a->status == b->status && a->size == b->size &&
           !memcmp(a->body, b->body, a->size);
}

/* Is it the right answer, a 500, one that broke off, or none at all? */
static bool is_fair(const struct answer *answer, const struct answer *right)
{
    if (answer->status == 0 || answer->status == 500)
        return true;
    return answer->broken ? answer->status == right->status
                          : same(answer, right);
}

START_TEST(an_analysis_is_right_or_a_500_or_none)
{
    static struct answer right, answer;
    struct api *api = small_api(NULL, 0);
    struct memory_fault fault = {.onwards = _i % 2};
    long count, leaked;

    ck_assert_ptr_nonnull(api);
    ask(api, _i / 2, &right);
    ck_assert_msg(right.status == requests[_i / 2].status, "%s gives %u: %.*s",
                  requests[_i / 2].body, right.status, (int)right.size,
                  right.body);
    do {
        fault.first++;
        memory_begin(fault);
        ask(api, _i / 2, &answer);
        count = memory_end(&leaked);
        ck_assert_msg(leaked == 0, "allocation %ld%s fails: %ld are leaked",
                      fault.first, fault.onwards ? " and all after it" : "",
                      leaked);
        ck_assert_msg(is_fair(&answer, &right),
                      "allocation %ld%s fails: %u\n%.*s", fault.first,
                      fault.onwards ? " and all after it" : "", answer.status,
                      (int)answer.size, answer.body);
    } while (fault.first <= count);
    ck_assert_msg(same(&answer, &right), "no allocation fails: %u",
                  answer.status);
    ck_assert_int_gt(fault.first, 5);
    api_free(api);
}
END_TEST

Suite *fault_analysis_suite(void)
{
    Suite *suite = suite_create("fault_analysis");
    TCase *tcase = tcase_create("fault_analysis");

    memory_prepare();
    tcase_set_timeout(tcase, 120);
    tcase_add_loop_test(tcase, an_analysis_is_right_or_a_500_or_none, 0,
                        2 * COUNT(requests));
    suite_add_tcase(suite, tcase);
    return suite;
}
