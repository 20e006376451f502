/* SPDX-License-Identifier: MIT */
/* Tests of hashing several files for one answer. */
#include "drive.h"
#include "filing.h"
#include "repr.h"

#include <pthread.h>

Suite *work_files_suite(void);

START_TEST(files_are_hashed_and_then_remembered)
{
    ck_assert_uint_ge(hash_all(), 2);
    ck_assert_uint_eq(hash_all(), 0);
}
END_TEST

static void *run_units(void *argument)
{
    struct files *f = argument;

    work_unit(f->exchange, 1, NULL, NULL);
    return NULL;
}

START_TEST(units_may_run_side_by_side)
{
    struct files f;
    pthread_t thread;

    ck_assert_int_eq(begin(&f), PROBLEM_NONE);
    ck_assert_uint_ge(work_count(f.exchange), 2);
    pthread_create(&thread, NULL, run_units, &f);
    for (size_t i = 0; i < work_count(f.exchange); i++)
        if (i != 1)
            work_unit(f.exchange, i, NULL, NULL);
    pthread_join(thread, NULL);
    expect_all(&f);
    api_end(f.exchange);
}
END_TEST

static bool always(void *argument)
{
    (void)argument;
    return true;
}

START_TEST(who_comes_again_goes_on)
{
    struct files f;

    ck_assert_int_eq(begin(&f), PROBLEM_NONE);
    size_t units = work_count(f.exchange);
    work_unit(f.exchange, 0, NULL, NULL);
    for (size_t i = 1; i < units; i++)
        work_unit(f.exchange, i, always, NULL);
    ck_assert_int_eq(work_check(f.exchange, &f.problem), PROBLEM_INTERNAL);
    api_end(f.exchange);
    ck_assert_int_eq(learnt.count, 1);
    ck_assert_uint_eq(hash_all(), units - 1);
}
END_TEST

/* Another exchange hashes a file while this one waits for its turn. */
START_TEST(a_file_that_was_hashed_meanwhile_is_not_hashed_again)
{
    struct files f;

    ck_assert_int_eq(begin(&f), PROBLEM_NONE);
    hash_all();
    int before = learnt.count;
    for (size_t i = 0; i < work_count(f.exchange); i++)
        work_unit(f.exchange, i, always, NULL);
    expect_all(&f);
    ck_assert_int_eq(learnt.count, before);
    api_end(f.exchange);
}
END_TEST

START_TEST(what_is_new_is_told_once)
{
    hash_all();
    hash_all();
    ck_assert_int_eq(learnt.count, FILES);
    for (int i = 0; i < learnt.count; i++) {
        char hex[2 * SOW_DIGEST_BYTES + 1];
        size_t file = (size_t)learnt.keys[i][0] - 1;
        ck_assert_uint_lt(file, FILES);
        sow_digest_hex(learnt.digests[i], hex);
        ck_assert_str_eq(hex, filing_hashes[file]);
    }
}
END_TEST

START_TEST(what_was_told_is_known_to_the_next_process)
{
    hash_all();
    int count = learnt.count;
    filing_start(&drive_limits);
    for (int i = 0; i < count; i++)
        api_remember(api, learnt.keys[i], learnt.digests[i]);
    ck_assert_uint_eq(hash_all(), 0);
    ck_assert_int_eq(learnt.count, 0);
}
END_TEST

/* Digests of tensors are told as well. */
START_TEST(a_digest_of_a_tensor_outlasts_the_process)
{
    static const char target[] = "/v1/weights?shape=512,512&scheme=he_normal";
    struct answer first = drive(api, "HEAD", target, NULL, NULL);

    ck_assert_uint_eq(first.units, 1);
    ck_assert_int_eq(learnt.count, 1);
    filing_start(&drive_limits);
    api_remember(api, learnt.keys[0], learnt.digests[0]);
    struct answer again = drive(api, "HEAD", target, NULL, NULL);
    ck_assert_uint_eq(again.units, 0);
    ck_assert_str_eq(again.headers, first.headers);
    answer_release(&first);
    answer_release(&again);
}
END_TEST

START_TEST(little_is_hashed_at_once)
{
    struct files f;

    prepare(&f);
    set_body(&f, 0, "abc", NULL);
    set_body(&f, 1, "abc", NULL);
    ck_assert_int_eq(work_start_files(f.exchange, &f.problem), PROBLEM_NONE);
    ck_assert_uint_eq(work_count(f.exchange), 0);
    for (size_t i = 0; i < FILES; i++) {
        char hex[2 * SOW_DIGEST_BYTES + 1];
        ck_assert(f.files[i].known);
        sow_digest_hex(f.files[i].sha256, hex);
        ck_assert_str_eq(hex, filing_hashes[2]);
    }
    api_end(f.exchange);
}
END_TEST

START_TEST(many_files_are_a_bounded_number_of_units)
{
    struct files f;
    const int count = 1000;
    struct sow_segment segment = {.bytes = "abc", .size = 3};
    struct sow_body body;

    prepare(&f);
    free(f.files);
    f.files = work_add_files(&f.exchange->weights.work, (size_t)count);
    ck_assert_ptr_nonnull(f.files);
    ck_assert_int_eq(sow_body_init(&body, &segment, 1), SOW_OK);
    for (int i = 0; i < count; i++) {
        f.files[i].body = &body;
        memcpy(f.files[i].key, &i, sizeof i);
    }
    ck_assert_int_eq(work_start_files(f.exchange, &f.problem), PROBLEM_NONE);
    ck_assert_uint_gt(work_count(f.exchange), 1);
    ck_assert_uint_le(work_count(f.exchange), WORK_UNITS);
    run_all(&f);
    ck_assert_int_eq(work_check(f.exchange, &f.problem), PROBLEM_NONE);
    ck_assert_int_eq(learnt.count, count);
    api_end(f.exchange);
}
END_TEST

START_TEST(no_files_are_no_work)
{
    struct files f;

    prepare(&f);
    free(f.files);
    ck_assert_ptr_nonnull(work_add_files(&f.exchange->weights.work, 0));
    ck_assert_int_eq(work_start_files(f.exchange, &f.problem), PROBLEM_NONE);
    ck_assert_uint_eq(work_count(f.exchange), 0);
    ck_assert_int_eq(work_check(f.exchange, &f.problem), PROBLEM_NONE);
    api_end(f.exchange);
}
END_TEST

/* ------------------------------------------------------------------------
 * Wholes, and limits
 */

/* The SHA-256 of tensor c, by the field of an answer that has it alone. */
static void expect_orthogonal(const struct work_file *file)
{
    struct answer answer =
        drive(api, "GET", "/v1/weights?shape=60,50&scheme=orthogonal&name=c",
              "Want-Repr-Digest: sha-256=1\n", NULL);
    uint8_t sha256[SOW_DIGEST_BYTES];

    ck_assert_ptr_nonnull(answer_header(&answer, "Repr-Digest"));
    sha256_of(answer.body, answer.read, sha256);
    ck_assert_mem_eq(file->sha256, sha256, SOW_DIGEST_BYTES);
    answer_release(&answer);
}

START_TEST(a_file_waits_for_what_must_be_made_as_a_whole)
{
    struct files f;

    prepare(&f);
    set_body(&f, 2, NULL, &f.exchange->weights.model.tensors[2]);
    ck_assert_int_eq(work_start_files(f.exchange, &f.problem), PROBLEM_NONE);
    ck_assert_uint_gt(f.exchange->weights.pins.units, 0);
    run_all(&f);
    ck_assert_int_eq(work_check(f.exchange, &f.problem), PROBLEM_NONE);
    expect_orthogonal(&f.files[2]);
    api_end(f.exchange);
}
END_TEST

/* Tensors that no file has aren't made. */
START_TEST(what_is_not_read_is_not_made)
{
    struct files f;

    ck_assert_int_eq(begin(&f), PROBLEM_NONE);
    ck_assert_uint_eq(f.exchange->weights.pins.units, 0);
    api_end(f.exchange);
}
END_TEST

/* A tensor behind a header: its digest, and that of both together. */
START_TEST(a_file_and_its_tensor_have_digests_of_their_own)
{
    static const char target[] =
        "/v1/weights?shape=60,50&scheme=orthogonal&format=npy&digest=wait";
    struct answer answer =
        drive(api, "GET", target, "Want-Repr-Digest: sha-256=1\n", NULL);
    uint8_t sha256[SOW_DIGEST_BYTES];
    char value[REPR_VALUE];

    ck_assert_uint_eq(answer.status, 200);
    const size_t head = answer.read - 60 * 50 * 4;
    ck_assert_str_eq(answer_header(&answer, "Sow-Digest") + 12,
                     digest_hex(answer.body + head, answer.read - head));
    sha256_of(answer.body, answer.read, sha256);
    repr_write(sha256, value);
    ck_assert_str_eq(answer_header(&answer, "Repr-Digest"), value);
    answer_release(&answer);
}
END_TEST

static const struct {
    struct api_limits limits;
    enum problem_code code;
} limited[] = {
    {{.digest_wait_max_bytes = (1 << 20) + 1200000}, PROBLEM_DIGEST_TOO_LARGE},
    {{.cache_bytes = 1000}, PROBLEM_WHOLE_TOO_LARGE},
    {{.max_flops = 1000}, PROBLEM_COST_LIMIT},
};

static uint64_t or_usual(uint64_t limit, uint64_t usual)
{
    return limit ? limit : usual;
}

START_TEST(limits_hold_for_all_files_together)
{
    struct api_limits limits = drive_limits;
    const struct api_limits *tight = &limited[_i].limits;
    struct files f;

    limits.digest_wait_max_bytes =
        or_usual(tight->digest_wait_max_bytes, limits.digest_wait_max_bytes);
    limits.cache_bytes = or_usual(tight->cache_bytes, limits.cache_bytes);
    limits.max_flops = or_usual(tight->max_flops, limits.max_flops);
    filing_start(&limits);
    prepare(&f);
    set_body(&f, 2, NULL, &f.exchange->weights.model.tensors[2]);
    ck_assert_int_eq(work_start_files(f.exchange, &f.problem),
                     limited[_i].code);
    api_end(f.exchange);
}
END_TEST

START_TEST(what_is_known_counts_for_no_limit)
{
    struct api_limits limits = drive_limits;
    uint8_t key[SOW_DIGEST_BYTES];

    limits.digest_wait_max_bytes = 1200006;
    filing_start(&limits);
    memset(key, 1, sizeof key);
    api_remember(api, key, key);
    struct files f;
    ck_assert_int_eq(begin(&f), PROBLEM_NONE);
    run_all(&f);
    ck_assert_int_eq(work_check(f.exchange, &f.problem), PROBLEM_NONE);
    ck_assert_mem_eq(f.files[0].sha256, key, SOW_DIGEST_BYTES);
    api_end(f.exchange);
}
END_TEST

Suite *work_files_suite(void)
{
    Suite *suite = suite_create("work_files");
    TCase *tcase = tcase_create("work_files");

    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, filing_setup, filing_teardown);
    tcase_add_test(tcase, files_are_hashed_and_then_remembered);
    tcase_add_test(tcase, units_may_run_side_by_side);
    tcase_add_test(tcase, who_comes_again_goes_on);
    tcase_add_test(tcase, a_file_that_was_hashed_meanwhile_is_not_hashed_again);
    tcase_add_test(tcase, what_is_new_is_told_once);
    tcase_add_test(tcase, what_was_told_is_known_to_the_next_process);
    tcase_add_test(tcase, a_digest_of_a_tensor_outlasts_the_process);
    tcase_add_test(tcase, little_is_hashed_at_once);
    tcase_add_test(tcase, many_files_are_a_bounded_number_of_units);
    tcase_add_test(tcase, no_files_are_no_work);
    tcase_add_test(tcase, a_file_waits_for_what_must_be_made_as_a_whole);
    tcase_add_test(tcase, what_is_not_read_is_not_made);
    tcase_add_test(tcase, a_file_and_its_tensor_have_digests_of_their_own);
    tcase_add_loop_test(tcase, limits_hold_for_all_files_together, 0,
                        COUNT(limited));
    tcase_add_test(tcase, what_is_known_counts_for_no_limit);
    suite_add_tcase(suite, tcase);
    return suite;
}
