/* SPDX-License-Identifier: MIT */
/* Bodies that are read with the help of others: the same bytes, always. */
#include "drive.h"
#include "../count.h"

#include <check.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* 8 MiB: large enough for help. */
#define LARGE "/v1/weights?shape=2048,1024&scheme=he_normal&digest=off"
#define HELPERS 2

Suite *aided_suite(void);

/* An API, and threads that help; and one without. */
static struct api *helped, *alone;
static pthread_t helpers[HELPERS];

static void *help(void *api)
{
    api_help(api);
    return NULL;
}

static struct api *make_api(size_t count)
{
    struct api_config config = {.limits = drive_limits, .helpers = count};

    ck_assert_int_eq(sow_init(), SOW_OK);
    ck_assert_int_eq(sow_engine_choose(NULL, &config.engine), SOW_OK);
    struct api *api = api_new(&config);
    ck_assert_ptr_nonnull(api);
    return api;
}

static void setup(void)
{
    helped = make_api(HELPERS);
    alone = make_api(0);
    for (int i = 0; i < HELPERS; i++)
        ck_assert(!pthread_create(&helpers[i], NULL, help, helped));
}

static void teardown(void)
{
    api_stop_help(helped);
    for (int i = 0; i < HELPERS; i++)
        pthread_join(helpers[i], NULL);
    api_free(helped);
    api_free(alone);
}

/* ------------------------------------------------------------------------
 * Sending
 */

static const struct {
    const char *target, *range;
    size_t piece; /* that is read at a time */
} rows[] = {
    {LARGE, NULL, 256 << 10},
    {LARGE, NULL, 100001},
    {LARGE, NULL, 64 << 10},
    {LARGE, NULL, 8 << 20},
    {LARGE "&format=npy", NULL, 256 << 10},
    {LARGE "&format=safetensors&dtype=bfloat16", NULL, 256 << 10},
    {LARGE "&dtype=float64&slice=1:2047,3:1001", NULL, 256 << 10},
    {LARGE, "bytes=1000001-7000000", 256 << 10},
    {LARGE, "bytes=-5000000", 256 << 10},
    {"/v1/weights?shape=16384,80&scheme=orthogonal", NULL, 256 << 10},
    {"/v1/weights?shape=2000000&scheme=numpy.standard_normal&generator=numpy",
     NULL, 256 << 10},
    {"/v1/weights?shape=3000000&scheme=torch.normal&generator=torch", NULL,
     256 << 10},
};

/* An exchange of a GET that is ready to be read. */
static struct api_exchange *open_row(struct api *api, int row)
{
    char path[256], *query;
    struct api_header headers[2] = {{"Host", "test"}, {"Range", ""}};
    struct api_request request = {.method = "GET",
                                  .target_path = path,
                                  .headers = headers,
                                  .header_count = 1};

    snprintf(path, sizeof path, "%s", rows[row].target);
    query = strchr(path, '?');
    *query++ = '\0';
    request.query = query;
    if (rows[row].range) {
        headers[1].value = rows[row].range;
        request.header_count = 2;
    }
    struct api_exchange *exchange = api_begin(api, &request);
    ck_assert_ptr_nonnull(exchange);
    for (size_t i = 0; i < api_work_count(exchange); i++)
        api_work(exchange, i, NULL, NULL);
    ck_assert_uint_lt(api_answer(exchange)->status, 300);
    return exchange;
}

/* Read up to 'most' bytes of an answer; the digest of what came. */
static void digest_of(struct api_exchange *exchange, size_t piece,
                      uint64_t most, uint8_t digest[SOW_DIGEST_BYTES])
{
    const uint64_t size = api_answer(exchange)->size;
    uint8_t *bytes = malloc((size_t)size + piece);
    uint64_t pos = 0;
    int64_t n;

    ck_assert_ptr_nonnull(bytes);
    while (pos < most && (n = api_read(exchange, pos, bytes + pos, piece)) > 0)
        pos += (uint64_t)n;
    ck_assert(pos >= most || (n == API_END && pos == size));
    sow_digest(bytes, (size_t)(pos < most ? pos : most), digest);
    free(bytes);
}

/* What row 'row' must give. */
static void assert_row(int row)
{
    uint8_t wanted[SOW_DIGEST_BYTES], got[SOW_DIGEST_BYTES];
    struct api_exchange *exchange = open_row(alone, row);

    digest_of(exchange, rows[row].piece, UINT64_MAX, wanted);
    api_end(exchange);
    exchange = open_row(helped, row);
    digest_of(exchange, rows[row].piece, UINT64_MAX, got);
    ck_assert_msg(memcmp(got, wanted, sizeof got) == 0,
                  "%s %s gives other bytes when others help", rows[row].target,
                  rows[row].range ? rows[row].range : "");
    digest_of(exchange, 12345, 5000000, wanted);
    digest_of(exchange, rows[row].piece, 5000000, got);
    ck_assert_msg(memcmp(got, wanted, sizeof got) == 0,
                  "%s gives other bytes when it is read again",
                  rows[row].target);
    api_end(exchange);
}

START_TEST(help_changes_no_byte)
{
    assert_row(_i);
}
END_TEST

static void *read_a_row(void *row)
{
    assert_row(*(int *)row);
    return NULL;
}

START_TEST(many_at_a_time_get_their_own_bytes)
{
    pthread_t threads[COUNT(rows)];
    int numbers[COUNT(rows)];

    for (int i = 0; i < COUNT(rows); i++) {
        numbers[i] = i;
        ck_assert(!pthread_create(&threads[i], NULL, read_a_row, &numbers[i]));
    }
    for (int i = 0; i < COUNT(rows); i++)
        pthread_join(threads[i], NULL);
}
END_TEST

/* At every place; helpers may still be at it. */
START_TEST(an_exchange_may_end_while_others_help)
{
    static uint8_t bytes[256 << 10];

    for (uint64_t reads = 0; reads < 32; reads++) {
        struct api_exchange *exchange = open_row(helped, 0);
        uint64_t pos = 0;
        for (uint64_t i = 0; i < reads; i++)
            pos += (uint64_t)api_read(exchange, pos, bytes, sizeof bytes);
        api_end(exchange);
    }
}
END_TEST

/* ------------------------------------------------------------------------
 * Hashing
 */

static const char *const hashed[] = {
    "/v1/weights?shape=3000,1000&scheme=he_normal&digest=wait",
    "/v1/weights?shape=1048576&scheme=uniform&digest=wait",
    "/v1/weights?shape=1048577&scheme=uniform&digest=wait&dtype=float64",
    "/v1/weights?shape=5000000&scheme=zeros&digest=wait&format=npy",
};

START_TEST(help_changes_no_digest)
{
    static const char want[] = "Want-Repr-Digest: sha-256=9\n";
    struct answer right = drive(alone, "HEAD", hashed[_i], want, NULL);
    struct answer answer = drive(helped, "HEAD", hashed[_i], want, NULL);

    ck_assert_ptr_nonnull(answer_header(&right, "Sow-Digest"));
    ck_assert_ptr_nonnull(answer_header(&right, "Repr-Digest"));
    answer_expect(&answer, "Sow-Digest", answer_header(&right, "Sow-Digest"));
    answer_expect(&answer, "Repr-Digest", answer_header(&right, "Repr-Digest"));
    answer_release(&right);
    answer_release(&answer);
}
END_TEST

/* Says no so many times, then yes. */
static bool patience(void *times)
{
    return (*(int *)times)-- <= 0;
}

START_TEST(hashing_stops_in_the_middle)
{
    const struct api_header host = {"Host", "test"};
    const struct api_request request = {
        .method = "GET",
        .target_path = "/v1/weights",
        .query = "shape=3000,1000&scheme=he_normal&digest=wait",
        .headers = &host,
        .header_count = 1};

    for (int i = 0; i < 80; i += 7) {
        int times = i;
        struct api_exchange *exchange = api_begin(helped, &request);
        ck_assert_ptr_nonnull(exchange);
        ck_assert_uint_eq(api_work_count(exchange), 1);
        api_work(exchange, 0, patience, &times);
        ck_assert_uint_eq(api_answer(exchange)->status, 500);
        api_end(exchange);
    }
}
END_TEST

/* Threads that were promised and never come. */
START_TEST(helpers_that_never_come_are_not_missed)
{
    struct api *api = make_api(3);
    struct answer right = drive_get(alone, LARGE "&seed=3");
    struct answer answer = drive_get(api, LARGE "&seed=3");

    ck_assert_uint_eq(answer.read, right.read);
    ck_assert_mem_eq(answer.body, right.body, right.read);
    answer_release(&answer);
    answer_release(&right);
    api_free(api);
}
END_TEST

Suite *aided_suite(void)
{
    Suite *suite = suite_create("aided");
    TCase *tcase = tcase_create("aided");

    tcase_set_timeout(tcase, 120);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_loop_test(tcase, help_changes_no_byte, 0, COUNT(rows));
    tcase_add_test(tcase, many_at_a_time_get_their_own_bytes);
    tcase_add_test(tcase, an_exchange_may_end_while_others_help);
    tcase_add_loop_test(tcase, help_changes_no_digest, 0, COUNT(hashed));
    tcase_add_test(tcase, hashing_stops_in_the_middle);
    tcase_add_test(tcase, helpers_that_never_come_are_not_missed);
    suite_add_tcase(suite, tcase);
    return suite;
}
