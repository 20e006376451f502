/* SPDX-License-Identifier: MIT */
/* Tests of what the Hub's clients are told when something isn't there. */
#include "shop.h"

#include <string.h>

Suite *hub_errors_suite(void);

#define TINY "/lab/tiny/resolve/"
#define MODEL "/api/models/lab/tiny"
#define NO_COMMIT "0123456789abcdef0123456789abcdef01234567"

/* 'error' is the X-Error-Code; 'commit' says that the revision is known. */
static const struct {
    const char *target;
    unsigned status;
    const char *error;
    bool commit;
} misses[] = {
    {TINY "main/none.json", 404, "EntryNotFound", true},
    {TINY "seed-42/none.json", 404, "EntryNotFound", true},
    {TINY "main/a/b/c.json", 404, "EntryNotFound", true},
    {TINY "main/Config.json", 404, "EntryNotFound", true},
    {TINY "main/config.json%20", 404, "EntryNotFound", true},
    {TINY "main/%2Fconfig.json", 404, "EntryNotFound", true},
    {TINY "main/model-00001-of-00002.safetensors", 404, "EntryNotFound", true},
    {TINY "main/model.safetensors.index.json", 404, "EntryNotFound", true},
    {TINY "main/%C3%28", 404, "EntryNotFound", true},
    {TINY "dev/config.json", 404, "RevisionNotFound", false},
    {TINY "seed-01/config.json", 404, "RevisionNotFound", false},
    {TINY "seed-18446744073709551616/config.json", 404, "RevisionNotFound",
     false},
    {TINY NO_COMMIT "/config.json", 404, "RevisionNotFound", false},
    {TINY "refs%2Fpr%2F1/config.json", 404, "RevisionNotFound", false},
    {"/lab/none/resolve/main/config.json", 404, "RepoNotFound", false},
    {"/lab/none/resolve/dev/config.json", 404, "RepoNotFound", false},
    {"/lab/none/resolve/" NO_COMMIT "/config.json", 404, "RepoNotFound", false},
    {"/none/tiny/resolve/main/config.json", 404, "RepoNotFound", false},
    {"/lab%2Ftiny/x/resolve/main/config.json", 404, "RepoNotFound", false},
    {"/lab/tiny%2Fx/resolve/main/config.json", 404, "RepoNotFound", false},
    {"/l%0Ab/t%22iny/resolve/main/config.json", 404, "RepoNotFound", false},
    {"/lab/tiny.git/resolve/main/config.json", 404, "RepoNotFound", false},
    {"/lab/-tiny/resolve/main/config.json", 404, "RepoNotFound", false},
    {"/lab/%FF%FE/resolve/main/config.json", 404, "RepoNotFound", false},
    {"/gpt2/resolve/main/config.json", 404, "RepoNotFound", false},
    {"/gpt2/raw/main/config.json", 404, "RepoNotFound", false},
    {"/datasets/lab/tiny/resolve/main/x", 404, "RepoNotFound", false},
    {"/spaces/lab/tiny/resolve/main/x", 404, "RepoNotFound", false},
    {"/api/datasets/lab/tiny", 404, "RepoNotFound", false},
    {"/api/models/gpt2", 404, "RepoNotFound", false},
    {"/api/models/gpt2/revision/main", 404, "RepoNotFound", false},
    {"/api/models/gpt2/tree/main", 404, "RepoNotFound", false},
    {"/api/models/gpt2/refs", 404, "RepoNotFound", false},
    {"/api/models/lab/none", 404, "RepoNotFound", false},
    {"/api/models/lab/none/tree/main", 404, "RepoNotFound", false},
    {"/api/models/lab/none/refs", 404, "RepoNotFound", false},
    {"/api/models/lab/none/auth-check", 404, "RepoNotFound", false},
    {MODEL "/revision/dev", 404, "RevisionNotFound", false},
    {MODEL "/tree/dev", 404, "RevisionNotFound", false},
    {MODEL "/commits/dev", 404, "RevisionNotFound", false},
    {MODEL "/tree/main/onnx", 404, "EntryNotFound", true},
    {MODEL "/tree/main/a%2Fb", 404, "EntryNotFound", true},
    {MODEL "/safetensors-metadata/model.safetensors.index.json", 404,
     "EntryNotFound", true},
    {MODEL "/safetensors-metadata/config.json", 404, "EntryNotFound", true},
    {TINY "main/%zz", 400, NULL, false},
    {TINY "main/%00", 400, NULL, false},
    {TINY "main/../config.json", 400, NULL, false},
    {TINY "main/..%2Fconfig.json", 400, NULL, false},
};

/* No field may hold what could end it, or what is not ASCII. */
static void expect_plain(const char *value)
{
    for (const char *c = value; c && *c; c++)
        ck_assert_msg(*c >= ' ' && *c < 0x7f, "'%s' has byte %d", value, *c);
}

static void expect_miss(const struct answer *answer, int i)
{
    const char *commit = answer_header(answer, "X-Repo-Commit");

    ck_assert_uint_eq(answer->status, misses[i].status);
    answer_expect(answer, "X-Error-Code", misses[i].error);
    answer_expect(answer, "Content-Type", "application/problem+json");
    answer_expect(answer, "Cache-Control", "no-store");
    ck_assert_msg(!commit == !misses[i].commit, "%s: commit %s",
                  misses[i].target, commit ? commit : "missing");
    expect_plain(answer_header(answer, "X-Error-Message"));
}

START_TEST(what_is_missing_is_told_in_the_hubs_words)
{
    struct answer answer = shop_get(misses[_i].target, NULL, misses[_i].status);

    expect_miss(&answer, _i);
    if (misses[_i].status == 404) {
        ck_assert_ptr_nonnull(answer_header(&answer, "X-Error-Message"));
        ck_assert_str_eq(answer_string(&answer, "error"),
                         answer_string(&answer, "detail"));
        answer_expect(&answer, "Access-Control-Allow-Origin", "*");
    }
    answer_release(&answer);
}
END_TEST

START_TEST(head_is_told_the_same_in_fields_alone)
{
    struct answer answer =
        shop_head(misses[_i].target, NULL, misses[_i].status);

    expect_miss(&answer, _i);
    ck_assert_uint_eq(answer.read, 0);
    answer_release(&answer);
}
END_TEST

/* A place would be one in the document, not in the request. */
START_TEST(a_recipe_over_a_limit_is_at_no_place)
{
    static const char *const targets[] = {MODEL, TINY "main/config.json"};
    struct api_limits limits = drive_limits;

    limits.max_layers = 2;
    shop_restart(&limits);
    struct answer answer = shop_get(targets[_i], NULL, 422);
    ck_assert_str_eq(answer_string(&answer, "code"), "TOO_MANY_LAYERS");
    ck_assert_str_eq(answer_string(&answer, "at"), "");
    answer_release(&answer);
}
END_TEST

START_TEST(paths_that_are_too_long_are_just_not_there)
{
    char target[1024];
    struct answer answer;

    memset(target, 'a', sizeof target);
    memcpy(target, TINY "main/", strlen(TINY "main/"));
    target[sizeof target - 1] = '\0';
    answer = shop_get(target, NULL, 404);
    answer_release(&answer);
    memcpy(target, "/lab/", 5);
    answer = shop_get(target, NULL, 404);
    answer_release(&answer);
}
END_TEST

static const struct {
    const char *method, *target, *allow;
} writes[] = {
    {"POST", MODEL "/refs", "GET, HEAD, OPTIONS"},
    {"PUT", MODEL, "GET, HEAD, OPTIONS"},
    {"DELETE", MODEL, "GET, HEAD, OPTIONS"},
    {"GET", MODEL "/paths-info/main", "POST, OPTIONS"},
    {"PUT", TINY "main/config.json", "GET, HEAD, OPTIONS"},
    {"DELETE", TINY "main/config.json", "GET, HEAD, OPTIONS"},
};

START_TEST(writing_is_not_allowed)
{
    struct answer answer =
        drive(shop, writes[_i].method, writes[_i].target, NULL, NULL);

    ck_assert_uint_eq(answer.status, 405);
    answer_expect(&answer, "Allow", writes[_i].allow);
    answer_release(&answer);
}
END_TEST

START_TEST(other_routes_have_no_fields_of_the_hub)
{
    static const char *const targets[] = {"/v1/version", "/v1/none", "/none"};

    for (int i = 0; i < COUNT(targets); i++) {
        struct answer answer = drive(shop, "GET", targets[i], NULL, NULL);
        answer_expect(&answer, "Access-Control-Allow-Origin", NULL);
        answer_expect(&answer, "X-Error-Message", NULL);
        ck_assert_str_eq(answer_string(&answer, "error"), "");
        answer_release(&answer);
    }
}
END_TEST

START_TEST(a_page_of_another_site_may_ask)
{
    struct answer answer = drive(shop, "OPTIONS", TINY "main/model.safetensors",
                                 "Origin: http://a.example\n"
                                 "Access-Control-Request-Method: GET\n"
                                 "Access-Control-Request-Headers: range\n",
                                 NULL);

    ck_assert_uint_eq(answer.status, 204);
    answer_expect(&answer, "Access-Control-Allow-Origin", "*");
    answer_expect(&answer, "Access-Control-Allow-Methods",
                  "GET, HEAD, OPTIONS");
    ck_assert_ptr_nonnull(strstr(
        answer_header(&answer, "Access-Control-Allow-Headers"), "Range"));
    answer_release(&answer);
}
END_TEST

Suite *hub_errors_suite(void)
{
    Suite *suite = suite_create("hub_errors");
    TCase *tcase = tcase_create("errors");

    tcase_add_checked_fixture(tcase, shop_setup, shop_teardown);
    tcase_add_loop_test(tcase, what_is_missing_is_told_in_the_hubs_words, 0,
                        COUNT(misses));
    tcase_add_loop_test(tcase, head_is_told_the_same_in_fields_alone, 0,
                        COUNT(misses));
    tcase_add_loop_test(tcase, a_recipe_over_a_limit_is_at_no_place, 0, 2);
    tcase_add_test(tcase, paths_that_are_too_long_are_just_not_there);
    tcase_add_loop_test(tcase, writing_is_not_allowed, 0, COUNT(writes));
    tcase_add_test(tcase, other_routes_have_no_fields_of_the_hub);
    tcase_add_test(tcase, a_page_of_another_site_may_ask);
    suite_add_tcase(suite, tcase);
    return suite;
}
