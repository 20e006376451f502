/* SPDX-License-Identifier: MIT */
/*
 * Tests of what all formats of a known size have in common: raw, npy and
 * safetensors.
 */
#include "drive.h"

#include "exchange.h"
#include "formats/sized.h"
#include "../count.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

Suite *formats_sized_suite(void);

#define SMALL "/v1/weights?shape=5,3&scheme=he_normal&seed=42"
#define FIVE                                                   \
    "{\"seed\":7,\"scheme\":\"uniform\",\"layers\":["          \
    "{\"name\":\"b\",\"shape\":[3,5]},"                        \
    "{\"name\":\"a\",\"shape\":[7],\"dtype\":\"bfloat16\"},"   \
    "{\"name\":\"none\",\"shape\":[4,0]},"                     \
    "{\"name\":\"one\",\"shape\":[],\"dtype\":\"float8_e5m2\"" \
    "},{\"shape\":[2,2],\"dtype\":\"float64\"}]}"

static const char *const formats[] = {"raw", "npy", "safetensors"};
static const char *const types[] = {"application/octet-stream",
                                    "application/x-npy",
                                    "application/x-safetensors"};

/* A request for 'target' in format 'i'. */
static struct answer ask(const char *method, const char *target, int i,
                         const char *headers)
{
    char full[256];

    snprintf(full, sizeof full, "%s&format=%s", target, formats[i]);
    return drive(driven, method, full, headers, NULL);
}

/* ------------------------------------------------------------------------
 * Parts
 */

/* Bytes [first, last] of the answer, by Range, are those of the whole. */
static void expect_part(int format, const struct answer *whole, size_t first,
                        size_t last)
{
    char range[64], value[64];
    snprintf(range, sizeof range, "Range: bytes=%zu-%zu\n", first, last);
    snprintf(value, sizeof value, "bytes %zu-%zu/%zu", first, last,
             whole->read);
    struct answer part = ask("GET", SMALL, format, range);

    ck_assert_uint_eq(part.status, 206);
    answer_expect(&part, "Content-Range", value);
    ck_assert_uint_eq(part.read, last - first + 1);
    ck_assert_msg(!memcmp(part.body, whole->body + first, part.read),
                  "%s: bytes %zu-%zu differ from the whole", formats[format],
                  first, last);
    answer_release(&part);
}

START_TEST(two_ranges_are_the_whole_wherever_they_meet)
{
    struct answer whole = ask("GET", SMALL, _i, NULL);

    for (size_t cut = 1; cut < whole.read; cut++) {
        expect_part(_i, &whole, 0, cut - 1);
        expect_part(_i, &whole, cut, whole.read - 1);
        expect_part(_i, &whole, cut - 1, cut);
    }
    answer_release(&whole);
}
END_TEST

START_TEST(what_is_past_the_end_is_416)
{
    struct answer whole = ask("GET", SMALL, _i, NULL);
    char range[64];
    snprintf(range, sizeof range, "Range: bytes=%zu-\n", whole.read);
    struct answer answer = ask("GET", SMALL, _i, range);

    ck_assert_uint_eq(answer.status, 416);
    answer_release(&answer);
    answer_release(&whole);
}
END_TEST

/* The exchange of a POST of five tensors, ready to be read. */
static struct api_exchange *begin(const char *query)
{
    static const struct api_header headers[] = {
        {"Host", "test"}, {"Content-Type", "application/json"}};
    struct api_request request = {.method = "POST",
                                  .target_path = "/v1/weights",
                                  .query = query,
                                  .headers = headers,
                                  .header_count = COUNT(headers),
                                  .body = FIVE,
                                  .body_size = strlen(FIVE)};
    struct api_exchange *exchange = api_begin(driven, &request);

    ck_assert_ptr_nonnull(exchange);
    ck_assert_uint_eq(api_work_count(exchange), 0);
    ck_assert_uint_eq(api_answer(exchange)->status, 200);
    return exchange;
}

static const char *const queries[] = {"format=raw", "format=safetensors"};

START_TEST(many_tensors_are_read_from_anywhere)
{
    struct api_exchange *exchange = begin(queries[_i]);
    const size_t size = (size_t)api_answer(exchange)->size;
    char whole[2048], part[2048];

    ck_assert_uint_lt(size, sizeof whole);
    ck_assert_int_eq(api_read(exchange, 0, whole, size), (int64_t)size);
    for (size_t cut = 0; cut < size; cut++) {
        memset(part, 0x55, sizeof part);
        ck_assert_int_eq(api_read(exchange, cut, part + cut, sizeof part - cut),
                         (int64_t)(size - cut));
        if (cut > 0)
            ck_assert_int_eq(api_read(exchange, 0, part, cut), (int64_t)cut);
        ck_assert_msg(!memcmp(part, whole, size), "%s, cut at %zu", queries[_i],
                      cut);
        ck_assert_msg(part[size] == 0x55, "%s writes past its end",
                      queries[_i]);
    }
    ck_assert_int_eq(api_read(exchange, size, part, 1), API_END);
    api_end(exchange);
}
END_TEST

START_TEST(a_body_may_be_literal_bytes_alone)
{
    struct api_exchange exchange = {.api = driven};
    struct weights *weights = &exchange.weights;
    struct text text = {.grows = true};
    struct problem problem;
    char part[8] = "";

    text_put(&text, "of its own");
    ck_assert_int_eq(sized_begin(weights, 3, &problem), PROBLEM_NONE);
    sized_put_bytes(weights, "borrowed, ", 10);
    sized_put_bytes(weights, NULL, 0);
    ck_assert_int_eq(sized_put_text(weights, &text, &problem), PROBLEM_NONE);
    ck_assert_int_eq(sized_end(weights, &problem), PROBLEM_NONE);
    ck_assert_uint_eq(weights->body.size, 20);
    weights->range = (struct range){8, 7};
    ck_assert_int_eq(sized_start(&exchange, &problem), PROBLEM_NONE);
    ck_assert_int_eq(sized_read(&exchange, 0, part, sizeof part), 7);
    ck_assert_str_eq(part, ", of it");
    ck_assert_int_eq(sized_read(&exchange, 7, part, sizeof part), API_END);
    sized_release(weights);
}
END_TEST

/* ------------------------------------------------------------------------
 * Fields
 */

START_TEST(accept_chooses)
{
    char accept[64];
    snprintf(accept, sizeof accept, "Accept: text/html, %s;q=0.5\n", types[_i]);
    struct answer asked = ask("GET", SMALL, _i, NULL);
    struct answer chosen = drive(driven, "GET", SMALL, accept, NULL);

    ck_assert_uint_eq(chosen.status, 200);
    answer_expect(&chosen, "Content-Type", types[_i]);
    answer_expect(&chosen, "ETag", answer_header(&asked, "ETag"));
    answer_expect(&chosen, "Vary", "Accept");
    ck_assert_uint_eq(chosen.read, asked.read);
    ck_assert_mem_eq(chosen.body, asked.body, asked.read);
    answer_release(&asked);
    answer_release(&chosen);
}
END_TEST

START_TEST(the_digest_is_that_of_the_values_whatever_the_format)
{
    char digest[96];
    struct answer raw = ask("GET", SMALL, 0, NULL);
    struct answer answer = ask("GET", SMALL, _i, NULL);

    snprintf(digest, sizeof digest, "blake2b-256=%s",
             digest_hex(raw.body, raw.read));
    answer_expect(&answer, "Sow-Digest", digest);
    answer_expect(&answer, "Sow-Shape", "5,3");
    answer_expect(&answer, "Accept-Ranges", "bytes");
    ck_assert_uint_ge(answer.read, raw.read);
    ck_assert_mem_eq(answer.body + answer.read - raw.read, raw.body, raw.read);
    answer_release(&raw);
    answer_release(&answer);
}
END_TEST

START_TEST(the_digest_is_that_of_the_values_beside_a_repr_digest)
{
    char digest[96];
    struct answer answer =
        ask("GET", SMALL, _i, "Want-Repr-Digest: sha-256=1\n");
    const size_t size = 5 * 3 * sizeof(float);

    snprintf(digest, sizeof digest, "blake2b-256=%s",
             digest_hex(answer.body + answer.read - size, size));
    answer_expect(&answer, "Sow-Digest", digest);
    ck_assert_ptr_nonnull(answer_header(&answer, "Repr-Digest"));
    answer_release(&answer);
}
END_TEST

START_TEST(each_format_has_its_tag_and_its_repr_digest)
{
    static const char *const fields[] = {"ETag", "Repr-Digest"};
    char values[COUNT(fields)][COUNT(formats)][80];

    for (int i = 0; i < COUNT(formats); i++) {
        struct answer answer =
            ask("GET", SMALL, i, "Want-Repr-Digest: sha-256=1\n");
        for (int f = 0; f < COUNT(fields); f++) {
            const char *value = answer_header(&answer, fields[f]);
            snprintf(values[f][i], sizeof values[f][i], "%s", value);
            for (int k = 0; k < i; k++)
                ck_assert_msg(value && strcmp(value, values[f][k]) != 0,
                              "%s and %s have one %s: %s", formats[i],
                              formats[k], fields[f], value);
        }
        answer_release(&answer);
    }
}
END_TEST

START_TEST(the_head_of_a_terabyte_is_there_at_once)
{
    static const char target[] =
        "/v1/weights?shape=1048576,262144&scheme=he_normal&seed=1";
    static const uint64_t header[] = {0, 128, 128};
    struct answer answer = ask("HEAD", target, _i, NULL);

    ck_assert_uint_eq(answer.status, 200);
    ck_assert(answer.bodyless);
    ck_assert_uint_eq(answer.units, 0);
    ck_assert_uint_eq(answer.size, header[_i] + (UINT64_C(1) << 40));
    answer_expect(&answer, "Content-Type", types[_i]);
    answer_expect(&answer, "Accept-Ranges", "bytes");
    answer_release(&answer);
}
END_TEST

START_TEST(what_cannot_be_sent_is_refused_with_what_can)
{
    struct answer answer =
        drive(driven, "GET", SMALL, "Accept: text/html\n", NULL);

    ck_assert_uint_eq(answer.status, 406);
    for (int i = 0; i < COUNT(formats); i++) {
        const char *detail = answer_string(&answer, "detail");
        ck_assert_msg(strstr(detail, formats[i]) && strstr(detail, types[i]),
                      "'%s' does not say %s, %s", detail, formats[i], types[i]);
    }
    answer_release(&answer);
}
END_TEST

START_TEST(a_file_of_more_than_2_63_bytes_is_refused)
{
    static const char target[] =
        "/v1/weights?shape=9223372036854775807&scheme=ones&dtype=f8_e5m2";
    struct answer raw = ask("HEAD", target, 0, NULL);
    struct answer answer = ask("GET", target, 2, NULL);

    ck_assert_uint_eq(raw.status, 200);
    ck_assert_uint_eq(answer.status, 422);
    ck_assert_str_eq(answer_code(&answer), "TOO_LARGE");
    answer_release(&raw);
    answer_release(&answer);
}
END_TEST

Suite *formats_sized_suite(void)
{
    Suite *suite = suite_create("formats_sized");
    TCase *tcase = tcase_create("formats_sized");

    tcase_add_checked_fixture(tcase, drive_setup, drive_teardown);
    tcase_add_loop_test(tcase, two_ranges_are_the_whole_wherever_they_meet, 0,
                        COUNT(formats));
    tcase_add_loop_test(tcase, what_is_past_the_end_is_416, 0, COUNT(formats));
    tcase_add_loop_test(tcase, many_tensors_are_read_from_anywhere, 0,
                        COUNT(queries));
    tcase_add_test(tcase, a_body_may_be_literal_bytes_alone);
    tcase_add_loop_test(tcase, accept_chooses, 0, COUNT(formats));
    tcase_add_loop_test(tcase,
                        the_digest_is_that_of_the_values_whatever_the_format, 0,
                        COUNT(formats));
    tcase_add_loop_test(tcase,
                        the_digest_is_that_of_the_values_beside_a_repr_digest,
                        0, COUNT(formats));
    tcase_add_test(tcase, each_format_has_its_tag_and_its_repr_digest);
    tcase_add_loop_test(tcase, the_head_of_a_terabyte_is_there_at_once, 0,
                        COUNT(formats));
    tcase_add_test(tcase, what_cannot_be_sent_is_refused_with_what_can);
    tcase_add_test(tcase, a_file_of_more_than_2_63_bytes_is_refused);
    suite_add_tcase(suite, tcase);
    return suite;
}
