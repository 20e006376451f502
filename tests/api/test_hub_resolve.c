/* SPDX-License-Identifier: MIT */
/* Tests of the Hub's files: fields, ranges, conditions, digests. */
#include "shop.h"

#include <stdio.h>
#include <string.h>

Suite *hub_resolve_suite(void);

#define TINY "/lab/tiny/resolve/main/"
#define WEIGHTS TINY "model.safetensors"
#define VOCAB TINY "vocab.txt"

/* sha256sum and openssl of "a\nb\n". */
#define VOCAB_SHA256 "kRFp3arxRq/1OfWMJsSJrzuJLf8P4oPBwmTGWuWqWaI="
#define VOCAB_DIGEST "sha-256=:" VOCAB_SHA256 ":"

/* ------------------------------------------------------------------------
 * Fields
 */

START_TEST(head_has_all_that_clients_need_and_does_no_work)
{
    struct answer answer = shop_head(WEIGHTS, NULL, 200);
    const char *etag = answer_header(&answer, "ETag");
    char size[24];

    ck_assert_uint_eq(answer.units, 0);
    ck_assert_uint_eq(answer.read, 0);
    snprintf(size, sizeof size, "%zu", (size_t)answer.size);
    answer_expect(&answer, "X-Linked-Size", size);
    answer_expect(&answer, "X-Repo-Commit", shop_commit(SHOP_NAME, "main"));
    answer_expect(&answer, "Accept-Ranges", "bytes");
    answer_expect(&answer, "Content-Type", "application/octet-stream");
    answer_expect(&answer, "Content-Disposition",
                  "inline; filename=\"model.safetensors\"");
    answer_expect(&answer, "Access-Control-Allow-Origin", "*");
    answer_expect(&answer, "X-Content-Type-Options", "nosniff");
    answer_expect(&answer, "X-Xet-Hash", NULL);
    answer_expect(&answer, "Location", NULL);
    answer_expect(&answer, "Link", NULL);
    answer_expect(&answer, "Repr-Digest", NULL);
    /* A file's name in the caches of clients, and no SHA-256. */
    ck_assert_uint_eq(strlen(etag), 2 + 3 + 64);
    ck_assert_int_eq(strncmp(etag, "\"s1-", 4), 0);
    ck_assert_uint_eq(strspn(etag + 4, "0123456789abcdef"), 64);
    ck_assert_ptr_nonnull(
        strstr(answer_header(&answer, "Access-Control-Expose-Headers"),
               "X-Repo-Commit, X-Linked-Size"));
    answer_release(&answer);
}
END_TEST

START_TEST(get_has_the_fields_of_head)
{
    struct answer head = shop_head(WEIGHTS, NULL, 200);
    struct answer get = shop_get(WEIGHTS, NULL, 200);

    ck_assert_str_eq(head.headers, get.headers);
    ck_assert_uint_eq(head.size, get.read);
    answer_release(&head);
    answer_release(&get);
}
END_TEST

static const struct {
    const char *name, *type;
} types[] = {
    {"config.json", "application/json"},
    {"vocab.txt", "text/plain; charset=utf-8"},
    {"model.safetensors", "application/octet-stream"},
    {"page.html", "application/octet-stream"},
    {"README.md", "text/plain; charset=utf-8"},
    {"LICENSE", "application/octet-stream"},
};

START_TEST(files_have_types_and_nothing_runs_in_a_browser)
{
    char target[128];

    shop_put(SHOP_NAME,
             "{\"scheme\":\"normal\"," SHOP_LAYERS ",\"files\":{"
             "\"config.json\":{},\"vocab.txt\":\"\",\"page.html\":\"<script>\","
             "\"README.md\":\"#\",\"LICENSE\":\"MIT\"}}");
    snprintf(target, sizeof target, TINY "%s", types[_i].name);
    struct answer answer = shop_get(target, NULL, 200);
    answer_expect(&answer, "Content-Type", types[_i].type);
    answer_expect(&answer, "X-Content-Type-Options", "nosniff");
    answer_release(&answer);
}
END_TEST

START_TEST(only_what_a_commit_names_may_be_kept)
{
    struct answer answer = shop_get(WEIGHTS, NULL, 200);
    char target[160];

    answer_expect(&answer, "Cache-Control", "no-cache");
    answer_release(&answer);
    snprintf(target, sizeof target, "/lab/tiny/resolve/%s/config.json",
             shop_commit(SHOP_NAME, "seed-3"));
    answer = shop_get(target, NULL, 200);
    answer_expect(&answer, "Cache-Control",
                  "public, max-age=31536000, immutable, no-transform");
    answer_expect(&answer, "X-Repo-Commit", shop_commit(SHOP_NAME, "seed-3"));
    answer_release(&answer);
    answer = shop_get("/lab/tiny/resolve/seed-3/config.json", NULL, 200);
    answer_expect(&answer, "Cache-Control", "no-cache");
    answer_release(&answer);
}
END_TEST

START_TEST(queries_and_raw_make_no_difference)
{
    static const char *const targets[] = {
        VOCAB,
        VOCAB "?download=true",
        "/lab/tiny/raw/main/vocab.txt",
        "/lab/tiny/resolve/main/vocab%2Etxt",
        "/lab/tiny/resolve/seed-7/vocab.txt",
        "/lab/tiny/resolve/refs%2Fheads%2Fmain/vocab.txt",
    };
    struct answer first = shop_get(VOCAB, NULL, 200);

    for (int i = 0; i < COUNT(targets); i++) {
        struct answer answer = shop_get(targets[i], NULL, 200);
        ck_assert_str_eq(answer.body, "a\nb\n");
        answer_expect(&answer, "ETag", answer_header(&first, "ETag"));
        answer_release(&answer);
    }
    answer_release(&first);
}
END_TEST

/* ------------------------------------------------------------------------
 * Bytes
 */

START_TEST(weights_are_what_the_format_of_weights_gives)
{
    struct answer file = shop_get(WEIGHTS, NULL, 200);
    struct answer weights =
        shop_get("/v1/weights?recipe=lab/tiny&format=safetensors", NULL, 200);

    ck_assert_uint_eq(file.read, weights.read);
    ck_assert_mem_eq(file.body, weights.body, file.read);
    answer_release(&file);
    answer_release(&weights);
}
END_TEST

START_TEST(every_part_is_that_part_of_the_whole)
{
    struct answer whole = shop_get(WEIGHTS, NULL, 200);
    char range[64], part[64];

    for (size_t from = 0; from < whole.read; from += 13)
        for (size_t n = 1; from + n <= whole.read; n += 31) {
            snprintf(range, sizeof range, "Range: bytes=%zu-%zu\n", from,
                     from + n - 1);
            struct answer answer = shop_get(WEIGHTS, range, 206);
            ck_assert_uint_eq(answer.read, n);
            ck_assert_mem_eq(answer.body, whole.body + from, n);
            snprintf(part, sizeof part, "bytes %zu-%zu/%zu", from, from + n - 1,
                     whole.read);
            answer_expect(&answer, "Content-Range", part);
            answer_expect(&answer, "ETag", answer_header(&whole, "ETag"));
            answer_expect(&answer, "X-Repo-Commit",
                          answer_header(&whole, "X-Repo-Commit"));
            answer_release(&answer);
        }
    answer_release(&whole);
}
END_TEST

START_TEST(a_range_behind_the_end_is_416)
{
    struct answer answer = shop_get(VOCAB, "Range: bytes=4-\n", 416);

    answer_expect(&answer, "Content-Range", "bytes */4");
    answer_expect(&answer, "X-Repo-Commit", shop_commit(SHOP_NAME, "main"));
    answer_release(&answer);
}
END_TEST

START_TEST(conditions_hold_by_the_etag)
{
    struct answer first = shop_get(VOCAB, NULL, 200);
    char fields[256];

    snprintf(fields, sizeof fields, "If-None-Match: %s\n",
             answer_header(&first, "ETag"));
    struct answer answer = shop_head(VOCAB, fields, 304);
    answer_expect(&answer, "ETag", answer_header(&first, "ETag"));
    answer_expect(&answer, "X-Repo-Commit",
                  answer_header(&first, "X-Repo-Commit"));
    ck_assert_uint_eq(answer.size, 4);
    answer_release(&answer);
    answer = shop_get(VOCAB, "If-None-Match: \"s1-else\"\n", 200);
    answer_release(&answer);
    answer = shop_get(VOCAB, "If-Match: \"s1-else\"\n", 412);
    answer_release(&answer);
    snprintf(fields, sizeof fields, "Range: bytes=1-\nIf-Range: %s\n",
             answer_header(&first, "ETag"));
    answer = shop_get(VOCAB, fields, 206);
    answer_release(&answer);
    answer = shop_get(VOCAB, "Range: bytes=1-\nIf-Range: \"s1-else\"\n", 200);
    answer_release(&answer);
    answer_release(&first);
}
END_TEST

/* ------------------------------------------------------------------------
 * Digests
 */

START_TEST(a_digest_is_told_when_asked_for)
{
    struct answer answer =
        shop_get(VOCAB, "Want-Repr-Digest: sha-256=1\n", 200);

    answer_expect(&answer, "Repr-Digest", VOCAB_DIGEST);
    answer_release(&answer);
}
END_TEST

START_TEST(head_tells_it_too_and_then_without_being_asked)
{
    struct answer answer =
        shop_head(VOCAB, "Want-Repr-Digest: sha-256=1\n", 200);

    answer_expect(&answer, "Repr-Digest", VOCAB_DIGEST);
    answer_release(&answer);
    answer = shop_head(VOCAB, NULL, 200);
    answer_expect(&answer, "Repr-Digest", VOCAB_DIGEST);
    answer_release(&answer);
    answer = shop_get(VOCAB, "Range: bytes=0-0\n", 206);
    answer_expect(&answer, "Repr-Digest", VOCAB_DIGEST);
    answer_release(&answer);
}
END_TEST

START_TEST(a_listed_file_has_its_digest_from_then_on)
{
    struct answer answer = shop_head(WEIGHTS, NULL, 200);

    answer_expect(&answer, "Repr-Digest", NULL);
    answer_release(&answer);
    json_decref(shop_json("/api/models/lab/tiny/tree/main"));
    answer = shop_head(WEIGHTS, NULL, 200);
    ck_assert_ptr_nonnull(answer_header(&answer, "Repr-Digest"));
    answer_release(&answer);
}
END_TEST

/* ------------------------------------------------------------------------
 * Shards, and what must be made as a whole
 */

START_TEST(shards_put_together_are_the_model)
{
    struct answer whole =
        shop_get("/v1/weights?recipe=lab/cut&format=raw", NULL, 404);
    static const struct {
        const char *file;
        size_t from, n;
    } parts[] = {
        {"model-00001-of-00003.safetensors", 0, 96},
        {"model-00002-of-00003.safetensors", 96, 32},
        {"model-00003-of-00003.safetensors", 128, 16},
    };
    char target[128];

    answer_release(&whole);
    shop_put("lab/cut", SHOP_RECIPE(",\"shard_bytes\":40"));
    whole = shop_get("/v1/weights?recipe=lab/cut&format=raw", NULL, 200);
    for (int i = 0; i < COUNT(parts); i++) {
        snprintf(target, sizeof target, "/lab/cut/resolve/main/%s",
                 parts[i].file);
        struct answer answer = shop_get(target, NULL, 200);
        ck_assert_uint_gt(answer.read, parts[i].n);
        ck_assert_mem_eq(answer.body + answer.read - parts[i].n,
                         whole.body + parts[i].from, parts[i].n);
        answer_release(&answer);
    }
    answer_release(&whole);
    whole = shop_get("/lab/cut/resolve/main/model.safetensors", NULL, 404);
    answer_release(&whole);
    whole = shop_get("/lab/cut/resolve/main/model.safetensors.index.json", NULL,
                     200);
    ck_assert_ptr_nonnull(strstr(whole.body, "\"total_size\": 144\n"));
    answer_release(&whole);
}
END_TEST

#define WHOLE                                                          \
    "{\"scheme\":\"orthogonal\",\"layers\":[{\"name\":\"q\",\"shape\"" \
    ":[24,24]},{\"name\":\"b\",\"shape\":[8],\"scheme\":\"zeros\"}]}"

START_TEST(what_must_be_made_as_a_whole_is_made_and_listed)
{
    char target[128];

    shop_put("lab/whole", WHOLE);
    snprintf(target, sizeof target, "/lab/whole/resolve/%s/model.safetensors",
             shop_commit("lab/whole", "main"));
    struct answer head = shop_head(target, NULL, 200);
    struct answer weights =
        shop_get("/v1/weights?recipe=lab/whole&format=safetensors", NULL, 200);
    struct answer file = shop_get(target, "Want-Repr-Digest: sha-256=1\n", 200);
    ck_assert_uint_eq(head.size, file.read);
    ck_assert_uint_eq(file.read, weights.read);
    ck_assert_mem_eq(file.body, weights.body, file.read);
    ck_assert_ptr_nonnull(answer_header(&file, "Repr-Digest"));
    answer_release(&head);
    answer_release(&weights);
    answer_release(&file);
}
END_TEST

START_TEST(what_costs_too_much_is_refused_and_listed_without_a_hash)
{
    struct api_limits limits = drive_limits;

    limits.max_flops = 1000;
    shop_restart(&limits);
    shop_put("lab/whole", WHOLE);
    struct answer answer =
        shop_get("/lab/whole/resolve/main/model.safetensors", NULL, 422);
    ck_assert_str_eq(answer_code(&answer), "COST_LIMIT");
    answer_release(&answer);
    answer = shop_head("/lab/whole/resolve/main/model.safetensors", NULL, 422);
    answer_release(&answer);
    answer = shop_get("/api/models/lab/whole/tree/main", NULL, 200);
    ck_assert_ptr_null(strstr(answer.body, "lfs"));
    answer_release(&answer);
}
END_TEST

Suite *hub_resolve_suite(void)
{
    Suite *suite = suite_create("hub_resolve");
    TCase *tcase = tcase_create("resolve");

    tcase_add_checked_fixture(tcase, shop_setup, shop_teardown);
    tcase_add_test(tcase, head_has_all_that_clients_need_and_does_no_work);
    tcase_add_test(tcase, get_has_the_fields_of_head);
    tcase_add_loop_test(tcase, files_have_types_and_nothing_runs_in_a_browser,
                        0, COUNT(types));
    tcase_add_test(tcase, only_what_a_commit_names_may_be_kept);
    tcase_add_test(tcase, queries_and_raw_make_no_difference);
    tcase_add_test(tcase, weights_are_what_the_format_of_weights_gives);
    tcase_add_test(tcase, every_part_is_that_part_of_the_whole);
    tcase_add_test(tcase, a_range_behind_the_end_is_416);
    tcase_add_test(tcase, conditions_hold_by_the_etag);
    tcase_add_test(tcase, a_digest_is_told_when_asked_for);
    tcase_add_test(tcase, head_tells_it_too_and_then_without_being_asked);
    tcase_add_test(tcase, a_listed_file_has_its_digest_from_then_on);
    tcase_add_test(tcase, shards_put_together_are_the_model);
    tcase_add_test(tcase, what_must_be_made_as_a_whole_is_made_and_listed);
    tcase_add_test(tcase,
                   what_costs_too_much_is_refused_and_listed_without_a_hash);
    suite_add_tcase(suite, tcase);
    return suite;
}
