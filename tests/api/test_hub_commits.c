/* SPDX-License-Identifier: MIT */
/* Tests of what commits depend on, how long they last, and the cache. */
#include "hub/repos.h"
#include "shop.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

Suite *hub_commits_suite(void);

/* The commit of SHOP_RECIPE("") at seed 5. */
#define SEED5 "162b0111feaf77b4d6e42fe9c8dc8705dffdda1c"

/* ------------------------------------------------------------------------
 * What a commit is of
 */

START_TEST(main_is_the_recipes_own_seed)
{
    ck_assert_str_eq(shop_commit(SHOP_NAME, "main"),
                     shop_commit(SHOP_NAME, "seed-7"));
    ck_assert_str_ne(shop_commit(SHOP_NAME, "main"),
                     shop_commit(SHOP_NAME, "seed-8"));
}
END_TEST

static const char *const others[] = {
    SHOP_RECIPE(",\"shard_bytes\":100"),
    "{\"scheme\":\"uniform\",\"seed\":7," SHOP_LAYERS "," SHOP_FILES "}",
    "{\"scheme\":\"normal\",\"seed\":7,\"dtype\":\"bfloat16\"," SHOP_LAYERS
    "," SHOP_FILES "}",
    "{\"scheme\":\"normal\",\"seed\":7," SHOP_LAYERS "}",
    "{\"scheme\":\"normal\",\"seed\":7," SHOP_LAYERS
    ",\"files\":{\"config.json\":{\"model_type\":\"gpt2\","
    "\"architectures\":[\"GPT2LMHeadModel\"]},\"vocab.txt\":\"a\\nc\\n\"}}",
    "{\"scheme\":\"normal\",\"seed\":7," SHOP_LAYERS
    ",\"files\":{\"config.json\":{\"model_type\":\"gpt2\","
    "\"architectures\":[\"GPT2LMHeadModel\"]},\"vocab.text\":\"a\\nb\\n\"}}",
};

START_TEST(whatever_changes_a_file_changes_the_commit)
{
    const char *before = shop_commit(SHOP_NAME, "main");

    shop_put(SHOP_NAME, others[_i]);
    ck_assert_str_ne(shop_commit(SHOP_NAME, "main"), before);
}
END_TEST

START_TEST(whatever_changes_no_file_does_not)
{
    const char *before = shop_commit(SHOP_NAME, "main");

    shop_put(SHOP_NAME, " {\"seed\": \"7\", " SHOP_FILES ",\n \"scheme\": "
                        "{\"name\":\"normal\",\"std\":1.0},\"shard_bytes\":"
                        "5000000000," SHOP_LAYERS "}\n");
    ck_assert_str_eq(shop_commit(SHOP_NAME, "main"), before);
    shop_put("lab/copy", SHOP_RECIPE(""));
    ck_assert_str_eq(shop_commit("lab/copy", "main"), before);
}
END_TEST

/* The promise of the bits is one of commits: these are pinned. */
START_TEST(a_commit_stays_what_it_was)
{
    ck_assert_str_eq(shop_commit(SHOP_NAME, "main"),
                     "226b207018da16be46b8014f9202544a2eda3645");
    ck_assert_str_eq(shop_commit(SHOP_NAME, "seed-18446744073709551615"),
                     "89bf1e7d641c4cb3adedfb3ac01d090bcf4d3edd");
}
END_TEST

/* ------------------------------------------------------------------------
 * How long it lasts
 */

static unsigned status_of(const char *name, const char *commit)
{
    char target[160];

    snprintf(target, sizeof target, "/%s/resolve/%s/vocab.txt", name, commit);
    struct answer answer = drive(shop, "GET", target, NULL, NULL);
    if (answer.status == 200)
        answer_expect(&answer, "X-Repo-Commit", commit);
    answer_release(&answer);
    return answer.status;
}

START_TEST(an_old_version_is_read_by_its_commit)
{
    const char *old = shop_commit(SHOP_NAME, "seed-99");

    shop_put(SHOP_NAME, others[0]);
    ck_assert_str_ne(shop_commit(SHOP_NAME, "seed-99"), old);
    ck_assert_uint_eq(status_of(SHOP_NAME, old), 200);
    shop_restart(&drive_limits);
    ck_assert_uint_eq(status_of(SHOP_NAME, old), 200);
    shop_remove(SHOP_NAME);
    shop_restart(&drive_limits);
    ck_assert_uint_eq(status_of(SHOP_NAME, old), 200);
    ck_assert_uint_eq(status_of(SHOP_NAME, "main"), 404);
}
END_TEST

START_TEST(a_commit_of_a_seed_never_asked_for_is_answered)
{
    ck_assert_uint_eq(status_of(SHOP_NAME, SEED5), 200);
    ck_assert_str_eq(shop_commit(SHOP_NAME, "seed-5"), SEED5);
}
END_TEST

START_TEST(a_commit_belongs_to_its_name)
{
    const char *commit = shop_commit(SHOP_NAME, "main");

    shop_put("lab/other", others[0]);
    ck_assert_uint_eq(status_of("lab/other", commit), 404);
    ck_assert_uint_eq(status_of("lab/none", commit), 404);
}
END_TEST

START_TEST(a_new_version_is_seen_at_once)
{
    struct answer answer =
        shop_get("/lab/tiny/resolve/main/vocab.txt", NULL, 200);

    answer_release(&answer);
    shop_put(SHOP_NAME, others[4]);
    answer = shop_get("/lab/tiny/resolve/main/vocab.txt", NULL, 200);
    ck_assert_str_eq(answer.body, "a\nc\n");
    answer_release(&answer);
    shop_put(SHOP_NAME, SHOP_RECIPE(""));
    answer = shop_get("/lab/tiny/resolve/main/vocab.txt", NULL, 200);
    ck_assert_str_eq(answer.body, "a\nb\n");
    answer_release(&answer);
}
END_TEST

START_TEST(a_version_that_no_request_could_have_is_told)
{
    shop_put(SHOP_NAME, "{\"scheme\":\"nrmal\"," SHOP_LAYERS "}");
    struct answer answer =
        shop_get("/lab/tiny/resolve/main/config.json", NULL, 422);
    ck_assert_str_eq(answer_code(&answer), "UNKNOWN_SCHEME");
    answer_release(&answer);
    /* It must not hide older ones. */
    ck_assert_uint_eq(status_of(SHOP_NAME, SEED5), 200);
}
END_TEST

/* A recipe of so many tensors of 4 bytes, a file each; for free(). */
static char *many(int tensors)
{
    static const char head[] = "{\"scheme\":\"zeros\",\"shard_bytes\":1,"
                               "\"layers\":[{\"shape\":[1]}";
    static const char more[] = ",{\"shape\":[1]}";
    char *document = malloc(sizeof head + sizeof more * (size_t)tensors + 3);
    char *at = stpcpy(document, head);

    for (int i = 1; i < tensors; i++)
        at = stpcpy(at, more);
    memcpy(at, "]}", 3);
    return document;
}

START_TEST(more_files_than_clients_can_bear_are_refused)
{
    static const struct {
        int tensors;
        unsigned status;
    } rows[] = {{REPO_FILES, 200}, {REPO_FILES + 1, 422}};
    struct api_limits limits = drive_limits;

    limits.max_layers = 20000;
    limits.max_body_bytes = 16 << 20;
    shop_restart(&limits);
    for (int i = 0; i < COUNT(rows); i++) {
        char *document = many(rows[i].tensors);
        shop_put(SHOP_NAME, document);
        struct answer answer =
            shop_get("/api/models/lab/tiny", NULL, rows[i].status);
        ck_assert(answer.status == 200 || strstr(answer.body, "shard_bytes"));
        answer_release(&answer);
        free(document);
    }
}
END_TEST

/* ------------------------------------------------------------------------
 * The cache
 */

START_TEST(a_repository_is_made_once)
{
    char target[160];

    snprintf(target, sizeof target, "/lab/tiny/resolve/%s/vocab.txt",
             shop_commit(SHOP_NAME, "main"));
    ck_assert_uint_eq(shop_reads(), 1);
    for (int i = 0; i < 5; i++) {
        struct answer answer = shop_head(target, NULL, 200);
        answer_release(&answer);
        shop_commit(SHOP_NAME, "main");
        shop_commit(SHOP_NAME, "seed-7");
    }
    ck_assert_uint_eq(shop_reads(), 1);
    shop_commit(SHOP_NAME, "seed-8");
    ck_assert_uint_eq(shop_reads(), 2);
}
END_TEST

/* A repository of 'bytes' with one key, a digest of 'key'. */
static struct repo *repo_new(const char *key, size_t bytes)
{
    struct repo *repo = calloc(1, sizeof *repo);

    atomic_init(&repo->references, 1);
    repo->bytes = bytes;
    repo->link_count = 1;
    sow_digest(key, strlen(key), repo->links[0].key);
    return repo;
}

/* Add one and let go of it. */
static void add(struct repos *repos, const char *key, size_t bytes)
{
    repo_close(repos_add(repos, repo_new(key, bytes)));
}

static bool has(struct repos *repos, const char *key)
{
    uint8_t digest[SOW_DIGEST_BYTES];

    sow_digest(key, strlen(key), digest);
    struct repo *repo = repos_find(repos, digest);
    repo_close(repo);
    return repo;
}

START_TEST(the_cache_forgets_what_was_used_least_recently)
{
    struct repos *repos = repos_new(100);

    ck_assert(sow_init() == SOW_OK);
    add(repos, "a", 40);
    add(repos, "b", 40);
    ck_assert(has(repos, "a"));
    add(repos, "c", 40);
    ck_assert(has(repos, "a") && has(repos, "c") && !has(repos, "b"));
    add(repos, "d", 100);
    ck_assert(has(repos, "d") && !has(repos, "a") && !has(repos, "c"));
    add(repos, "e", 101);
    ck_assert(has(repos, "d") && !has(repos, "e"));
    repos_free(repos);
}
END_TEST

START_TEST(what_two_have_made_is_kept_once)
{
    struct repos *repos = repos_new(100);
    struct repo *first = repos_add(repos, repo_new("a", 10));
    struct repo *second = repos_add(repos, repo_new("a", 10));

    ck_assert_ptr_eq(first, second);
    add(repos, "b", 100);
    ck_assert_uint_eq(first->bytes, 10);
    repo_close(first);
    repo_close(second);
    repos_free(repos);
}
END_TEST

/* Find or make what others find or make and forget. */
static void *use_cache(void *repos)
{
    char key[2] = "a";

    for (int i = 0; i < 2000; i++) {
        key[0] = (char)('a' + i * 7 % 26);
        add(repos, key, 10);
        (void)has(repos, key);
    }
    return NULL;
}

/* Open a repository of one of eight seeds. */
static void *open_repos(void *api)
{
    char revision[16];
    struct problem problem;
    struct repo *repo;

    for (int i = 0; i < 200; i++) {
        snprintf(revision, sizeof revision, "seed-%d", i % 8);
        if (repo_open(api, SHOP_NAME, revision, &repo, &problem))
            return "refused";
        bool right = repo->seed == (uint64_t)i % 8;
        repo_close(repo);
        if (!right)
            return "of another seed";
    }
    return NULL;
}

static void run_threads(void *(*run)(void *), void *argument)
{
    pthread_t threads[4];
    void *wrong;

    for (int i = 0; i < COUNT(threads); i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, run, argument), 0);
    for (int i = 0; i < COUNT(threads); i++) {
        ck_assert_int_eq(pthread_join(threads[i], &wrong), 0);
        ck_assert_msg(!wrong, "a repository is %s", (char *)wrong);
    }
}

START_TEST(threads_may_share_the_cache)
{
    struct repos *repos = repos_new(100);

    run_threads(use_cache, repos);
    repos_free(repos);
    run_threads(open_repos, shop);
}
END_TEST

Suite *hub_commits_suite(void)
{
    Suite *suite = suite_create("hub_commits");
    TCase *tcase = tcase_create("commits");

    tcase_add_checked_fixture(tcase, shop_setup, shop_teardown);
    tcase_add_test(tcase, main_is_the_recipes_own_seed);
    tcase_add_loop_test(tcase, whatever_changes_a_file_changes_the_commit, 0,
                        COUNT(others));
    tcase_add_test(tcase, whatever_changes_no_file_does_not);
    tcase_add_test(tcase, a_commit_stays_what_it_was);
    tcase_add_test(tcase, an_old_version_is_read_by_its_commit);
    tcase_add_test(tcase, a_commit_of_a_seed_never_asked_for_is_answered);
    tcase_add_test(tcase, a_commit_belongs_to_its_name);
    tcase_add_test(tcase, a_new_version_is_seen_at_once);
    tcase_add_test(tcase, a_version_that_no_request_could_have_is_told);
    tcase_add_test(tcase, more_files_than_clients_can_bear_are_refused);
    tcase_add_test(tcase, a_repository_is_made_once);
    suite_add_tcase(suite, tcase);
    tcase = tcase_create("cache");
    tcase_add_test(tcase, the_cache_forgets_what_was_used_least_recently);
    tcase_add_test(tcase, what_two_have_made_is_kept_once);
    suite_add_tcase(suite, tcase);
    tcase = tcase_create("threads");
    tcase_add_checked_fixture(tcase, shop_setup, shop_teardown);
    tcase_add_test(tcase, threads_may_share_the_cache);
    suite_add_tcase(suite, tcase);
    return suite;
}
