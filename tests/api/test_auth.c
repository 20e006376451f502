/* SPDX-License-Identifier: MIT */
/* Tests of who may ask for what: the whole API, with and without tokens. */
#include "auth.h"

#include "drive.h"
#include "keeper.h"
#include "passes.h"
#include "../count.h"

#include <check.h>
#include <pthread.h>
#include <string.h>

Suite *auth_suite(void);

#define ONE "{\"scheme\":\"ones\",\"layers\":[{\"name\":\"a\",\"shape\":[3]}]}"
#define WEIGHTS "/v1/weights?shape=3&scheme=ones"
#define RECIPE "/v1/recipes/lab/tiny"
#define SHARD "/lab/tiny/resolve/main/model.safetensors"

static struct keeper keeper;
static struct api *api;

static void setup(void)
{
    keeper_init(&keeper);
    api = keeper_api(&keeper);
    struct answer answer = drive(api, "PUT", RECIPE, NULL, ONE);
    ck_assert_uint_eq(answer.status, 201);
    answer_release(&answer);
}

static void teardown(void)
{
    api_free(api);
    keeper_release(&keeper);
}

/* From now on these tokens are taken, and no others. */
static void take(const char *list)
{
    char error[API_ERROR] = "";

    ck_assert_msg(api_set_tokens(api, list, strlen(list), error), "refused: %s",
                  error);
}

/* The answer, which must have this status, or with 0 be a success. */
static struct answer ask(const char *method, const char *target,
                         const char *headers, const char *body, unsigned status)
{
    struct answer answer = drive(api, method, target, headers, body);

    ck_assert_msg(status ? answer.status == status : answer.status < 300,
                  "%s %s with %s is %u: %s", method, target,
                  headers ? headers : "no token", answer.status,
                  answer.body ? answer.body : "");
    return answer;
}

static void expect(const char *method, const char *target, const char *headers,
                   const char *body, unsigned status, const char *code)
{
    struct answer answer = ask(method, target, headers, body, status);

    if (code)
        ck_assert_str_eq(answer_code(&answer), code);
    answer_release(&answer);
}

/* ------------------------------------------------------------------------
 * Which routes take which token
 */

static const struct {
    const char *method, *target, *body;
    enum token_scope scope;
} asked[] = {
    {"GET", WEIGHTS, NULL, TOKEN_READ},
    {"HEAD", WEIGHTS, NULL, TOKEN_READ},
    {"POST", "/v1/weights", ONE, TOKEN_READ},
    {"GET", "/v1/schemes", NULL, TOKEN_READ},
    {"GET", "/v1/version", NULL, TOKEN_READ},
    {"GET", "/v1/recipes", NULL, TOKEN_READ},
    {"GET", RECIPE, NULL, TOKEN_READ},
    {"PUT", "/v1/recipes/lab/new", ONE, TOKEN_WRITE},
    {"DELETE", RECIPE, NULL, TOKEN_WRITE},
    {"GET", SHARD, NULL, TOKEN_READ},
    {"GET", "/api/models", NULL, TOKEN_READ},
    {"GET", "/api/whoami-v2", NULL, TOKEN_READ},
    {"GET", "/metrics", NULL, TOKEN_READ},
    {"GET", "/openapi.json", NULL, TOKEN_NONE},
    {"GET", "/.well-known/jwks.json", NULL, TOKEN_NONE},
    {"GET", "/", NULL, TOKEN_NONE},
    {"GET", "/healthz", NULL, TOKEN_NONE},
    {"GET", "/readyz", NULL, TOKEN_NONE},
    {"OPTIONS", SHARD, NULL, TOKEN_NONE},
    {"OPTIONS", "*", NULL, TOKEN_NONE},
};

START_TEST(without_a_list_everybody_may)
{
    expect(asked[_i].method, asked[_i].target, NULL, asked[_i].body, 0, NULL);
}
END_TEST

START_TEST(without_a_list_a_token_is_not_looked_at)
{
    expect(asked[_i].method, asked[_i].target, WITH("hf_anything"),
           asked[_i].body, 0, NULL);
}
END_TEST

/* What a request with a token of scope 'has' gets, refused or not. */
static void expect_row(int i, const char *headers, enum token_scope has,
                       unsigned status, const char *code)
{
    const bool refused = has < asked[i].scope;
    const bool bodyless = !strcmp(asked[i].method, "HEAD");

    expect(asked[i].method, asked[i].target, headers, asked[i].body,
           refused ? status : 0, refused && !bodyless ? code : NULL);
}

START_TEST(a_route_answers_those_whose_token_is_good_for_it)
{
    take(READER_LINE WRITER_LINE);
    expect_row(_i, NULL, TOKEN_NONE, 401, "TOKEN_REQUIRED");
    expect_row(_i, WITH("sow_nonsense"), TOKEN_NONE, 401, "TOKEN_UNKNOWN");
    expect_row(_i, WITH(READER), TOKEN_READ, 403, "SCOPE_MISSING");
    expect_row(_i, WITH(WRITER), TOKEN_WRITE, 0, NULL);
}
END_TEST

/* A new route takes a token unless its row says that it doesn't. */
START_TEST(what_changes_something_is_never_open)
{
    const struct route *route;

    for (size_t i = 0; (route = route_at(i)); i++)
        ck_assert_msg(!(route->flags & ROUTE_OPEN) ||
                          !strcmp(route->method, "GET"),
                      "%s %s is open", route->method, route->path);
}
END_TEST

START_TEST(a_path_that_leads_nowhere_needs_no_token_to_say_so)
{
    take(READER_LINE);
    expect("GET", "/v1/nothing", NULL, NULL, 404, "NOT_FOUND");
    expect("PATCH", WEIGHTS, NULL, NULL, 405, "METHOD_NOT_ALLOWED");
}
END_TEST

START_TEST(who_may_not_is_told_before_the_body_is_read)
{
    take(READER_LINE);
    struct answer answer = ask("PUT", RECIPE, NULL, ONE, 401);
    ck_assert(answer.refused);
    answer_release(&answer);
}
END_TEST

/* ------------------------------------------------------------------------
 * How a token comes
 */

static const struct {
    const char *header;
    bool taken;
} written[] = {
    {WITH(READER), true},
    {"authorization: bearer " READER "\n", true},
    {"AUTHORIZATION: BEARER   " READER "\n", true},
    {"Authorization: Bearer " READER " \n", true},
    {"Authorization: Bearer" READER "\n", false},
    {"Authorization: Basic " READER "\n", false},
    {"Authorization: " READER "\n", false},
    {"Authorization: Bearer\n", false},
    {"Authorization: Bearer \n", false},
    {"Authorization: \n", false},
    {"Authorization: Bearer " READER "x\n", false},
    {"Authorization: Bearer " READER "," READER "\n", false},
    {WITH(READER) WITH(READER), false},
    {WITH(READER) "Authorization: Basic eDp5\n", false},
};

START_TEST(a_token_is_read_as_bearer_alone)
{
    take(READER_LINE);
    expect("GET", WEIGHTS, written[_i].header, NULL,
           written[_i].taken ? 200 : 401,
           written[_i].taken ? NULL : "TOKEN_UNKNOWN");
}
END_TEST

/* In a query it would be in logs and histories. */
START_TEST(a_token_in_the_query_is_none)
{
    take(READER_LINE);
    expect("GET", WEIGHTS "&access_token=" READER, NULL, NULL, 401,
           "TOKEN_REQUIRED");
}
END_TEST

/* ------------------------------------------------------------------------
 * What the answers say
 */

static void expect_challenge(const char *method, const char *headers,
                             unsigned status, const char *challenge)
{
    struct answer answer = ask(method, RECIPE, headers, NULL, status);

    answer_expect(&answer, "WWW-Authenticate", challenge);
    answer_expect(&answer, "Content-Type", "application/problem+json");
    answer_expect(&answer, "Cache-Control", "no-store");
    ck_assert_str_eq(answer_string(&answer, "at"), "Authorization");
    answer_release(&answer);
}

START_TEST(a_refusal_says_what_it_wants)
{
    take(READER_LINE);
    expect_challenge("GET", NULL, 401, "Bearer realm=\"sow\"");
    expect_challenge("GET", WITH(WRITER), 401,
                     "Bearer realm=\"sow\", error=\"invalid_token\"");
    expect_challenge("DELETE", WITH(READER), 403,
                     "Bearer realm=\"sow\", error=\"insufficient_scope\", "
                     "scope=\"write\"");
}
END_TEST

/* By these words its clients tell a bad token from a repository not there. */
START_TEST(the_hub_s_clients_are_told_of_a_bad_token)
{
    take(READER_LINE);
    struct answer answer = ask("GET", SHARD, WITH("hf_x"), NULL, 401);
    answer_expect(&answer, "X-Error-Message",
                  "Invalid credentials in Authorization header");
    answer_expect(&answer, "Access-Control-Allow-Origin", "*");
    answer_release(&answer);
}
END_TEST

START_TEST(no_refusal_repeats_the_token)
{
    take(READER_LINE);
    struct answer answer = ask("GET", SHARD, WITH(WRITER), NULL, 401);
    ck_assert_ptr_null(strstr(answer.body, "sow__"));
    ck_assert_ptr_null(strstr(answer.headers, "sow__"));
    answer_release(&answer);
}
END_TEST

static void expect_whoami(const char *headers, const char *name)
{
    struct answer answer = ask("GET", "/api/whoami-v2", headers, NULL, 200);

    ck_assert_str_eq(answer_string(&answer, "name"), name);
    answer_release(&answer);
}

START_TEST(a_token_s_name_is_who_one_is)
{
    expect_whoami(NULL, "anonymous");
    expect_whoami(WITH(READER), "anonymous");
    take(READER_LINE WRITER_LINE);
    expect_whoami(WITH(READER), "trainer");
    expect_whoami(WITH(WRITER), "release-job");
}
END_TEST

/* ------------------------------------------------------------------------
 * Caches
 */

static void expect_cache(const char *target, const char *headers,
                         unsigned status, const char *value)
{
    struct answer answer = ask("GET", target, headers, NULL, status);

    answer_expect(&answer, "Cache-Control", value);
    answer_release(&answer);
}

START_TEST(shared_caches_keep_nothing_that_takes_a_token)
{
    static const char at_once[] = WITH(READER) "If-None-Match: *\n";

    expect_cache(WEIGHTS, NULL, 200, "public, max-age=31536000, immutable");
    take(READER_LINE);
    expect_cache(WEIGHTS, WITH(READER), 200,
                 "private, max-age=31536000, immutable");
    expect_cache(WEIGHTS, at_once, 304, "private, max-age=31536000, immutable");
    expect_cache(SHARD, WITH(READER), 200, "no-cache");
    expect_cache("/healthz", NULL, 200, "no-store");
}
END_TEST

/* ------------------------------------------------------------------------
 * A new list
 */

START_TEST(a_new_list_takes_the_place_of_the_old_one)
{
    take(READER_LINE);
    expect("GET", WEIGHTS, WITH(READER), NULL, 200, NULL);
    take(WRITER_LINE);
    expect("GET", WEIGHTS, WITH(READER), NULL, 401, "TOKEN_UNKNOWN");
    expect("GET", WEIGHTS, WITH(WRITER), NULL, 200, NULL);
}
END_TEST

START_TEST(a_bad_list_changes_nothing)
{
    char error[API_ERROR] = "";

    take(READER_LINE);
    ck_assert(!api_set_tokens(api, "x", 1, error));
    ck_assert_str_ne(error, "");
    expect("GET", WEIGHTS, WITH(READER), NULL, 200, NULL);
    expect("GET", WEIGHTS, NULL, NULL, 401, "TOKEN_REQUIRED");
}
END_TEST

static void *swap(void *unused)
{
    (void)unused;
    for (int i = 0; i < 200; i++)
        take(i % 2 ? READER_LINE : READER_LINE WRITER_LINE);
    return NULL;
}

START_TEST(lists_change_while_requests_are_checked)
{
    pthread_t thread;

    take(READER_LINE);
    ck_assert_int_eq(pthread_create(&thread, NULL, swap, NULL), 0);
    for (int i = 0; i < 200; i++)
        expect("GET", WEIGHTS, WITH(READER), NULL, 200, NULL);
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
}
END_TEST

static void add_routes(TCase *tcase)
{
    tcase_add_loop_test(tcase, without_a_list_everybody_may, 0, COUNT(asked));
    tcase_add_loop_test(tcase, without_a_list_a_token_is_not_looked_at, 0,
                        COUNT(asked));
    tcase_add_loop_test(tcase, a_route_answers_those_whose_token_is_good_for_it,
                        0, COUNT(asked));
    tcase_add_test(tcase, what_changes_something_is_never_open);
    tcase_add_test(tcase, a_path_that_leads_nowhere_needs_no_token_to_say_so);
    tcase_add_test(tcase, who_may_not_is_told_before_the_body_is_read);
}

Suite *auth_suite(void)
{
    Suite *suite = suite_create("auth");
    TCase *tcase = tcase_create("auth");

    tcase_add_checked_fixture(tcase, setup, teardown);
    add_routes(tcase);
    tcase_add_loop_test(tcase, a_token_is_read_as_bearer_alone, 0,
                        COUNT(written));
    tcase_add_test(tcase, a_token_in_the_query_is_none);
    tcase_add_test(tcase, a_refusal_says_what_it_wants);
    tcase_add_test(tcase, the_hub_s_clients_are_told_of_a_bad_token);
    tcase_add_test(tcase, no_refusal_repeats_the_token);
    tcase_add_test(tcase, a_token_s_name_is_who_one_is);
    tcase_add_test(tcase, shared_caches_keep_nothing_that_takes_a_token);
    tcase_add_test(tcase, a_new_list_takes_the_place_of_the_old_one);
    tcase_add_test(tcase, a_bad_list_changes_nothing);
    tcase_add_test(tcase, lists_change_while_requests_are_checked);
    suite_add_tcase(suite, tcase);
    return suite;
}
