/* SPDX-License-Identifier: MIT */
/* The routes of stored recipes, on a store in memory. */
#include "drive.h"
#include "keeper.h"
#include "../count.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

#define ONE "{\"scheme\":\"ones\", \"layers\":[{\"name\":\"a\",\"shape\":[3]}]}"
#define TWO "{\"scheme\":\"ones\", \"layers\":[{\"name\":\"a\",\"shape\":[5]}]}"
#define PATH "/v1/recipes/lab/tiny"

static struct keeper keeper;
static struct api *api;

static void setup(void)
{
    keeper_init(&keeper);
    api = keeper_api(&keeper);
}

static void teardown(void)
{
    api_free(api);
    keeper_release(&keeper);
}

/* Send a request that must have this status. */
static struct answer ask(const char *method, const char *target,
                         const char *headers, const char *body, unsigned status)
{
    struct answer answer = drive(api, method, target, headers, body);

    ck_assert_msg(answer.status == status, "%s %s: %u, not %u: %s", method,
                  target, answer.status, status,
                  answer.body ? answer.body : "");
    return answer;
}

static void must(const char *method, const char *target, const char *headers,
                 const char *body, unsigned status)
{
    struct answer answer = ask(method, target, headers, body, status);

    answer_release(&answer);
}

/* "If-Match: "<tag of the text>"\n" and the like. */
static const char *tagged(const char *field, const char *text)
{
    static char lines[4][160];
    static unsigned next;
    char *line = lines[next++ % 4];

    snprintf(line, sizeof lines[0], "%s: \"%s\"\n", field,
             digest_hex(text, strlen(text)));
    return line;
}

/* PATH with the version that 'text' is. */
static const char *pinned(const char *text)
{
    static char target[160];

    snprintf(target, sizeof target, PATH "?version=%s",
             digest_hex(text, strlen(text)));
    return target;
}

START_TEST(a_put_says_what_was_kept)
{
    char expected[256], etag[80];
    struct answer answer = ask("PUT", PATH, NULL, ONE, 201);

    snprintf(expected, sizeof expected,
             "{\"name\":\"lab/tiny\",\"version\":\"%s\",",
             digest_hex(ONE, strlen(ONE)));
    ck_assert_msg(strstr(answer.body, expected) == answer.body, "%s",
                  answer.body);
    ck_assert_msg(strstr(answer.body, "\"tensors\":1,\"bytes\":12}"), "%s",
                  answer.body);
    ck_assert_uint_eq(strlen(answer_string(&answer, "commit")), 40);
    snprintf(etag, sizeof etag, "\"%s\"", digest_hex(ONE, strlen(ONE)));
    answer_expect(&answer, "ETag", etag);
    answer_expect(&answer, "Content-Type", "application/json");
    answer_release(&answer);
    must("PUT", PATH, NULL, TWO, 200);
    must("PUT", PATH, NULL, TWO, 200);
}
END_TEST

START_TEST(a_get_gives_the_bytes_as_they_came)
{
    must("PUT", PATH, NULL, ONE, 201);
    struct answer answer = ask("GET", PATH, NULL, NULL, 200);
    struct answer head = ask("HEAD", PATH, NULL, NULL, 200);

    ck_assert_str_eq(answer.body, ONE);
    ck_assert_str_eq(answer.headers, head.headers);
    ck_assert_uint_eq(head.size, strlen(ONE));
    answer_expect(&answer, "Content-Type", "application/json");
    answer_expect(&answer, "Cache-Control", "no-cache");
    answer_release(&answer);
    answer_release(&head);
}
END_TEST

START_TEST(a_version_is_for_ever)
{
    must("PUT", PATH, NULL, ONE, 201);
    must("PUT", PATH, NULL, TWO, 200);
    must("DELETE", PATH, NULL, NULL, 204);
    must("GET", PATH, NULL, NULL, 404);
    struct answer answer = ask("GET", pinned(ONE), NULL, NULL, 200);

    ck_assert_str_eq(answer.body, ONE);
    answer_expect(&answer, "Cache-Control",
                  "public, max-age=31536000, immutable");
    answer_release(&answer);
    must("GET", pinned("another"), NULL, NULL, 404);
    must("GET", PATH "?version=1234", NULL, NULL, 400);
    must("PUT", PATH, NULL, ONE, 201);
}
END_TEST

START_TEST(what_the_client_has_is_not_sent)
{
    must("PUT", PATH, NULL, ONE, 201);
    struct answer answer =
        ask("GET", PATH, tagged("If-None-Match", ONE), NULL, 304);

    ck_assert(answer.bodyless);
    ck_assert_uint_eq(answer.size, strlen(ONE));
    ck_assert_ptr_nonnull(answer_header(&answer, "ETag"));
    answer_release(&answer);
    must("GET", PATH, tagged("If-None-Match", TWO), NULL, 200);
    must("GET", PATH, tagged("If-Match", TWO), NULL, 412);
    must("GET", PATH, tagged("If-Match", ONE), NULL, 200);
}
END_TEST

/* A change of a recipe that is ONE, or that isn't there. */
static const struct {
    const char *method;
    bool there;
    const char *field, *text; /* the text's tag, or "*" for NULL */
    unsigned status;
    const char *code;
} changes[] = {
    {"PUT", false, "If-None-Match", NULL, 201, ""},
    {"PUT", true, "If-None-Match", NULL, 412, "RECIPE_EXISTS"},
    {"PUT", true, "If-None-Match", TWO, 200, ""},
    {"PUT", true, "If-None-Match", ONE, 412, "PRECONDITION_FAILED"},
    {"PUT", false, "If-None-Match", ONE, 201, ""},
    {"PUT", true, "If-Match", ONE, 200, ""},
    {"PUT", true, "If-Match", TWO, 412, "PRECONDITION_FAILED"},
    {"PUT", true, "If-Match", NULL, 200, ""},
    {"PUT", false, "If-Match", NULL, 412, "PRECONDITION_FAILED"},
    {"DELETE", true, "If-Match", ONE, 204, ""},
    {"DELETE", true, "If-Match", TWO, 412, "PRECONDITION_FAILED"},
    {"DELETE", true, "If-None-Match", NULL, 412, "PRECONDITION_FAILED"},
    {"DELETE", false, "If-Match", ONE, 412, "PRECONDITION_FAILED"},
    {"DELETE", false, "X-Other", NULL, 404, "UNKNOWN_RECIPE"},
};

START_TEST(a_change_is_made_on_condition)
{
    char any[64];
    const char *body = changes[_i].method[0] == 'P' ? TWO : NULL;

    snprintf(any, sizeof any, "%s: *\n", changes[_i].field);
    if (changes[_i].there)
        must("PUT", PATH, NULL, ONE, 201);
    struct answer answer = ask(
        changes[_i].method, PATH,
        changes[_i].text ? tagged(changes[_i].field, changes[_i].text) : any,
        body, changes[_i].status);
    ck_assert_str_eq(answer_code(&answer), changes[_i].code);
    answer_release(&answer);
    if (changes[_i].status == 412 && changes[_i].there) {
        answer = ask("GET", PATH, NULL, NULL, 200);
        ck_assert_str_eq(answer.body, ONE);
        answer_release(&answer);
    }
}
END_TEST

/* In the order of bytes, and nothing else between them. */
START_TEST(all_are_listed_by_name)
{
    static const char *const paths[] = {
        "/v1/recipes/zoo/a", "/v1/recipes/Lab/x", "/v1/recipes/lab/b-2",
        "/v1/recipes/lab/b", "/v1/recipes/jnit/a"};
    static const char *const expected[] = {
        "\"Lab/x\"",  "\"init/gpt2\"", "\"init/gpt2-large\"",
        "\"jnit/a\"", "\"lab/b\"",     "\"lab/b-2\"",
        "\"zoo/a\""};

    for (int i = 0; i < COUNT(paths); i++)
        must("PUT", paths[i], NULL, ONE, 201);
    struct answer answer = ask("GET", "/v1/recipes", NULL, NULL, 200);
    const char *at = answer.body;
    for (int i = 0; i < COUNT(expected); i++) {
        ck_assert_msg(strstr(at, expected[i]), "%s is not there, or late: %s",
                      expected[i], answer.body);
        at = strstr(at, expected[i]);
        bool built_in = strncmp(expected[i], "\"init/", 6) == 0;
        const char *end = strchr(at, '}');
        ck_assert(strncmp(end - 4, built_in ? "true" : "alse", 4) == 0);
    }
    answer_expect(&answer, "Cache-Control", "no-cache");
    answer_release(&answer);
}
END_TEST

START_TEST(what_is_built_in_is_a_document_as_well)
{
    struct answer answer =
        ask("GET", "/v1/recipes/init/tiny-llama", NULL, NULL, 200);

    ck_assert_ptr_nonnull(strstr(answer.body, "LlamaForCausalLM"));
    must("PUT", "/v1/recipes/lab/mine", NULL, answer.body, 201);
    must("GET", "/v1/recipes/init/tiny-llama", "If-None-Match: \"a\", *\n",
         NULL, 200);
    must("GET", "/v1/recipes/init/tiny-llama", "If-None-Match: *\n", NULL, 304);
    answer_release(&answer);
}
END_TEST

/* 'body' is sent as JSON, unless 'headers' say otherwise. */
static const struct {
    const char *method, *target, *headers, *body;
    unsigned status;
    const char *code;
} refusals[] = {
    {"PUT", PATH, "Content-Type: text/plain\n", ONE, 415,
     "UNSUPPORTED_MEDIA_TYPE"},
    {"PUT", PATH, NULL, NULL, 415, "UNSUPPORTED_MEDIA_TYPE"},
    {"PUT", PATH, "Content-Type: application/json\n", NULL, 400, "BAD_JSON"},
    {"PUT", PATH, NULL, "{}", 400, "MISSING_FIELD"},
    {"PUT", PATH "?x=1", NULL, ONE, 400, "UNKNOWN_FIELD"},
    {"DELETE", PATH "?x=1", NULL, NULL, 400, "UNKNOWN_FIELD"},
    {"GET", PATH "?x=1", NULL, NULL, 400, "UNKNOWN_FIELD"},
    {"GET", "/v1/recipes?x=1", NULL, NULL, 400, "UNKNOWN_FIELD"},
    {"GET", PATH "?version=%zz", NULL, NULL, 400, "BAD_QUERY"},
    {"GET", PATH, NULL, NULL, 404, "UNKNOWN_RECIPE"},
    {"POST", PATH, NULL, ONE, 405, "METHOD_NOT_ALLOWED"},
    {"PUT", "/v1/recipes", NULL, ONE, 405, "METHOD_NOT_ALLOWED"},
    {"PUT", "/v1/recipes/lab", NULL, ONE, 404, "NOT_FOUND"},
    {"PUT", "/v1/recipes/lab/a/b", NULL, ONE, 404, "NOT_FOUND"},
    {"PUT", "/v1/recipes/lab/", NULL, ONE, 404, "NOT_FOUND"},
    {"PUT", "/v1/recipes//a", NULL, ONE, 404, "NOT_FOUND"},
    {"PUT", "/v1/recipes/../a", NULL, ONE, 400, "BAD_PATH"},
    {"PUT", "/v1/recipes/lab/%2e%2E", NULL, ONE, 400, "BAD_PATH"},
    {"PUT", "/v1/recipes/lab/a%00", NULL, ONE, 400, "BAD_PATH"},
    {"PUT", "/v1/recipes/lab/a%2Fb", NULL, ONE, 400, "BAD_FIELD"},
    {"PUT", "/v1/recipes/lab/..%2Fb", NULL, ONE, 400, "BAD_PATH"},
    {"PUT", "/v1/recipes/lab/%2e%2e%5cb", NULL, ONE, 400, "BAD_FIELD"},
    {"PUT", "/v1/recipes/lab/a..b", NULL, ONE, 400, "BAD_FIELD"},
    {"PUT", "/v1/recipes/lab/%C3%A9", NULL, ONE, 400, "BAD_FIELD"},
    {"PUT", "/v1/recipes/lab/a%0Ab", NULL, ONE, 400, "BAD_FIELD"},
    {"PUT", "/v1/recipes/lab/.a", NULL, ONE, 400, "BAD_FIELD"},
    {"PUT", "/v1/recipes/v1/a", NULL, ONE, 400, "BAD_FIELD"},
    {"GET", "/v1/recipes/lab/a%2Fb", NULL, NULL, 400, "BAD_FIELD"},
    {"DELETE", "/v1/recipes/lab/a%2Fb", NULL, NULL, 400, "BAD_FIELD"},
    {"PUT", "/v1/recipes/init/a", NULL, ONE, 403, "STORE_READ_ONLY"},
    {"DELETE", "/v1/recipes/init/gpt2", NULL, NULL, 403, "STORE_READ_ONLY"},
};

START_TEST(bad_requests_are_refused_and_change_nothing)
{
    struct answer answer =
        ask(refusals[_i].method, refusals[_i].target, refusals[_i].headers,
            refusals[_i].body, refusals[_i].status);

    ck_assert_msg(!strcmp(answer_code(&answer), refusals[_i].code), "%s %s: %s",
                  refusals[_i].method, refusals[_i].target, answer.body);
    ck_assert_uint_eq(keeper.count, 0);
    answer_release(&answer);
}
END_TEST

START_TEST(a_name_that_is_too_long_is_refused)
{
    char target[256] = "/v1/recipes/lab/";
    size_t n = strlen(target);

    memset(target + n, 'a', 97);
    must("PUT", target, NULL, ONE, 400);
    memset(target + n, 'a', 200);
    must("PUT", target, NULL, ONE, 404);
    memset(target + n, 0, 200);
    memset(target + n, 'a', 96);
    must("PUT", target, NULL, ONE, 201);
}
END_TEST

static const struct {
    enum store_status status;
    unsigned answer;
} failures[] = {
    {STORE_READ_ONLY, 403},
    {STORE_FULL, 507},
    {STORE_FAILED, 500},
    {STORE_NO_MEMORY, 500},
};

START_TEST(a_store_that_fails_is_answered_for)
{
    keeper.fails = failures[_i].status;
    must("PUT", PATH, NULL, ONE, failures[_i].answer);
    must("GET", PATH, NULL, NULL, failures[_i].answer);
    must("DELETE", PATH, NULL, NULL, failures[_i].answer);
    must("GET", "/v1/recipes", NULL, NULL, failures[_i].answer);
    must("GET", "/v1/recipes/init/gpt2", NULL, NULL, 200);
}
END_TEST

START_TEST(without_a_store_nothing_is_kept)
{
    api_free(api);
    api = keeper_api(NULL);
    struct answer answer = ask("PUT", PATH, NULL, ONE, 403);

    ck_assert_ptr_nonnull(strstr(answer.body, "--recipes"));
    answer_release(&answer);
    must("DELETE", PATH, NULL, NULL, 403);
    must("GET", PATH, NULL, NULL, 404);
    must("GET", "/v1/recipes", NULL, NULL, 200);
}
END_TEST

Suite *recipes_suite(void);
Suite *recipes_suite(void)
{
    Suite *suite = suite_create("api/recipes");
    TCase *tcase = tcase_create("recipes");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, a_put_says_what_was_kept);
    tcase_add_test(tcase, a_get_gives_the_bytes_as_they_came);
    tcase_add_test(tcase, a_version_is_for_ever);
    tcase_add_test(tcase, what_the_client_has_is_not_sent);
    tcase_add_loop_test(tcase, a_change_is_made_on_condition, 0,
                        COUNT(changes));
    tcase_add_test(tcase, all_are_listed_by_name);
    tcase_add_test(tcase, what_is_built_in_is_a_document_as_well);
    tcase_add_loop_test(tcase, bad_requests_are_refused_and_change_nothing, 0,
                        COUNT(refusals));
    tcase_add_test(tcase, a_name_that_is_too_long_is_refused);
    tcase_add_loop_test(tcase, a_store_that_fails_is_answered_for, 0,
                        COUNT(failures));
    tcase_add_test(tcase, without_a_store_nothing_is_kept);
    suite_add_tcase(suite, tcase);
    return suite;
}
