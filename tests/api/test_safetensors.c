/* SPDX-License-Identifier: MIT */
/*
 * Tests of safetensors files.  The headers here were written by version 0.8.0
 * of the safetensors library.
 */
#include "drive.h"

#include "formats/safetensors.h"
#include "../count.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

Suite *safetensors_suite(void);

#define ASK "/v1/weights?format=safetensors"
#define ONES "{\"scheme\":\"ones\",\"layers\":["
#define PT "{\"__metadata__\":{\"format\":\"pt\"}"

/* The length that a file begins with. */
static uint64_t length_of(const char *file)
{
    uint64_t length = 0;

    for (int i = 0; i < 8; i++)
        length |= (uint64_t)(uint8_t)file[i] << 8 * i;
    return length;
}

/* A file begins with 'header', without its padding. */
static void expect_header(const char *file, const char *header)
{
    size_t n = strlen(header);
    uint64_t length = length_of(file);

    ck_assert_msg(length == (n + 7) / 8 * 8, "%zu bytes are padded to %ju", n,
                  (uintmax_t)length);
    ck_assert_msg(!memcmp(file + 8, header, n) &&
                      strspn(file + 8 + n, " ") >= length - n,
                  "%.*s\nis not\n%s", (int)length, file + 8, header);
}

/* ------------------------------------------------------------------------
 * Whole files
 */

static const struct {
    const char *target, *body;
    size_t bytes; /* of the values, all ones */
    const char *header;
} files[] = {
    {ASK "&shape=2,3&scheme=ones", NULL, 24,
     PT ",\"tensor\":{\"dtype\":\"F32\",\"shape\":[2,3],"
        "\"data_offsets\":[0,24]}}"},
    {ASK "&shape=()&scheme=ones&name=s", NULL, 4,
     PT ",\"s\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4]}}"},
    {ASK "&shape=0,3&scheme=ones&name=empty&dtype=f64", NULL, 0,
     PT ",\"empty\":{\"dtype\":\"F64\",\"shape\":[0,3],"
        "\"data_offsets\":[0,0]}}"},
    {ASK "&shape=1,1,2,1,1,1,1,1&scheme=ones&name=r&dtype=bf16", NULL, 4,
     PT ",\"r\":{\"dtype\":\"BF16\",\"shape\":[1,1,2,1,1,1,1,1],"
        "\"data_offsets\":[0,4]}}"},
    {ASK "&shape=2&scheme=ones&name=%C3%A9/%22%5C%E2%80%A8", NULL, 8,
     PT ",\"\xc3\xa9/\\\"\\\\\xe2\x80\xa8\":{\"dtype\":\"F32\",\"shape\":[2],"
        "\"data_offsets\":[0,8]}}"},
    {ASK,
     ONES "{\"name\":\"\xc3\xa9/\\\"\\\\\xe2\x80\xa8\",\"shape\":[2]},"
          "{\"name\":\"x\",\"shape\":[2]},"
          "{\"name\":\"b\",\"shape\":[2],\"dtype\":\"float8_e5m2\"},"
          "{\"name\":\"a\",\"shape\":[],\"dtype\":\"float8_e4m3fn\"},"
          "{\"name\":\"z\",\"shape\":[2],\"dtype\":\"float16\"},"
          "{\"name\":\"y\",\"shape\":[2],\"dtype\":\"bfloat16\"},"
          "{\"name\":\"w\",\"shape\":[2],\"dtype\":\"float64\"},"
          "{\"name\":\"B\",\"shape\":[2]},"
          "{\"name\":\"e0\",\"shape\":[0,3]}]}",
     51,
     PT ",\"w\":{\"dtype\":\"F64\",\"shape\":[2],\"data_offsets\":[0,16]},"
        "\"B\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[16,24]},"
        "\"e0\":{\"dtype\":\"F32\",\"shape\":[0,3],\"data_offsets\":[24,24]},"
        "\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[24,32]},"
        "\"\xc3\xa9/\\\"\\\\\xe2\x80\xa8\":{\"dtype\":\"F32\",\"shape\":[2],"
        "\"data_offsets\":[32,40]},"
        "\"y\":{\"dtype\":\"BF16\",\"shape\":[2],\"data_offsets\":[40,44]},"
        "\"z\":{\"dtype\":\"F16\",\"shape\":[2],\"data_offsets\":[44,48]},"
        "\"a\":{\"dtype\":\"F8_E4M3\",\"shape\":[],\"data_offsets\":[48,49]},"
        "\"b\":{\"dtype\":\"F8_E5M2\",\"shape\":[2],"
        "\"data_offsets\":[49,51]}}"},
};

START_TEST(the_header_is_that_of_the_library)
{
    const char *body = files[_i].body;
    struct answer answer =
        drive(driven, body ? "POST" : "GET", files[_i].target, NULL, body);

    ck_assert_uint_eq(answer.status, 200);
    answer_expect(&answer, "Content-Type", "application/x-safetensors");
    expect_header(answer.body, files[_i].header);
    ck_assert_uint_eq(answer.read,
                      8 + length_of(answer.body) + files[_i].bytes);
    answer_release(&answer);
}
END_TEST

START_TEST(the_values_follow_in_the_order_of_the_header)
{
    /* One of each type, from 1 to its negative: float64, …, float8_e5m2. */
    static const char ones[] = "\0\0\0\0\0\0\xf0\x3f"
                               "\0\0\x80\x3f"
                               "\x80\x3f"
                               "\0\x3c"
                               "\x38"
                               "\x3c";
    struct answer answer = drive(driven, "POST", ASK, NULL,
                                 ONES "{\"shape\":[],\"dtype\":\"f8_e5m2\"},"
                                      "{\"shape\":[],\"dtype\":\"f8_e4m3fn\"},"
                                      "{\"shape\":[],\"dtype\":\"f16\"},"
                                      "{\"shape\":[],\"dtype\":\"bf16\"},"
                                      "{\"shape\":[],\"dtype\":\"f32\"},"
                                      "{\"shape\":[],\"dtype\":\"f64\"}]}");

    ck_assert_uint_eq(answer.status, 200);
    ck_assert_mem_eq(answer.body + 8 + length_of(answer.body), ones,
                     sizeof ones - 1);
    answer_release(&answer);
}
END_TEST

START_TEST(a_tensor_called_metadata_is_refused)
{
    struct answer answer =
        drive(driven, "GET", ASK "&shape=2&scheme=ones&name=__metadata__", NULL,
              NULL);

    ck_assert_uint_eq(answer.status, 406);
    ck_assert_str_eq(answer_code(&answer), "NOT_ACCEPTABLE");
    ck_assert_str_eq(answer_string(&answer, "at"), "format");
    ck_assert_ptr_nonnull(
        strstr(answer_string(&answer, "detail"), "'__metadata__'"));
    answer_release(&answer);
}
END_TEST

/* ------------------------------------------------------------------------
 * Lists of a model's tensors
 */

#define TENSORS 40

/* A model of scalars with these names, all of one type. */
static struct sow_tensor tensors[TENSORS];
static char names[TENSORS][SOW_MAX_NAME + 1];
static const struct model scalars = {.tensors = tensors, .count = TENSORS};

static void set_tensor(size_t i, const char *name, enum sow_dtype dtype)
{
    const struct sow_spec spec = {.name = names[i], .dtype = dtype};

    snprintf(names[i], sizeof names[i], "%s", name);
    tensors[i] = (struct sow_tensor){.spec = spec};
    tensors[i].size = sow_dtype_size(dtype);
}

/* Names of every length up to TENSORS. */
static void set_lengths(void)
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqr";

    for (size_t i = 0; i < TENSORS; i++)
        set_tensor(i, letters + strlen(letters) - i - 1, SOW_FLOAT32);
}

START_TEST(the_values_begin_at_a_multiple_of_8)
{
    set_lengths();
    for (size_t i = 0; i < TENSORS; i++) {
        struct text text = {.grows = true};
        struct problem problem;
        char header[256];

        snprintf(header, sizeof header,
                 PT ",\"%s\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":"
                    "[0,4]}}",
                 names[i]);
        ck_assert_int_eq(safetensors_header(&scalars, &i, 1, &text, &problem),
                         PROBLEM_NONE);
        ck_assert_uint_eq(text.size, 8 + length_of(text.bytes));
        text_add(&text, "", 1);
        expect_header(text.bytes, header);
        text_release(&text);
    }
}
END_TEST

START_TEST(no_tensors_have_a_header)
{
    struct text text = {.grows = true};
    struct problem problem;

    ck_assert_int_eq(safetensors_sort(&scalars, NULL, 0, &problem),
                     PROBLEM_NONE);
    ck_assert_int_eq(safetensors_header(&scalars, NULL, 0, &text, &problem),
                     PROBLEM_NONE);
    text_add(&text, "", 1);
    expect_header(text.bytes, PT "}");
    text_release(&text);
}
END_TEST

/* Every two neighbours are in order: by type, then by name. */
static void expect_sorted(const size_t *order, size_t count)
{
    static const char letters[] = "badcef";

    for (size_t i = 1; i < count; i++) {
        const struct sow_spec *a = &tensors[order[i - 1]].spec;
        const struct sow_spec *b = &tensors[order[i]].spec;
        char was = letters[a->dtype];
        char is = letters[b->dtype];
        ck_assert_msg(was < is || (was == is && strcmp(a->name, b->name) < 0),
                      "%s %s comes before %s %s", sow_dtype_name(a->dtype),
                      a->name, sow_dtype_name(b->dtype), b->name);
    }
}

START_TEST(a_list_is_sorted_by_type_and_name)
{
    size_t order[TENSORS];
    bool seen[TENSORS] = {false};
    struct problem problem;
    uint32_t random = 1;

    for (size_t i = 0; i < TENSORS; i++) {
        char name[32];
        random = random * 1664525 + 1013904223;
        snprintf(name, sizeof name, "%c%u", "aZ\xc3."[random >> 30],
                 random >> 8 & 0xfff);
        set_tensor(i, name, (enum sow_dtype)((random >> 20) % SOW_DTYPES));
        order[i] = i;
    }
    ck_assert_int_eq(safetensors_sort(&scalars, order, TENSORS, &problem),
                     PROBLEM_NONE);
    expect_sorted(order, TENSORS);
    for (size_t i = 0; i < TENSORS; i++)
        seen[order[i]] = true;
    for (size_t i = 0; i < TENSORS; i++)
        ck_assert_msg(seen[i], "tensor %zu is lost", i);
}
END_TEST

START_TEST(a_part_of_a_model_is_a_file_of_its_own)
{
    size_t order[] = {2, 0};
    struct text text = {.grows = true};
    struct problem problem;

    set_tensor(0, "c", SOW_FLOAT32);
    set_tensor(1, "b", SOW_FLOAT32);
    set_tensor(2, "a", SOW_FLOAT16);
    ck_assert_int_eq(safetensors_sort(&scalars, order, 2, &problem),
                     PROBLEM_NONE);
    ck_assert_int_eq(safetensors_header(&scalars, order, 2, &text, &problem),
                     PROBLEM_NONE);
    text_add(&text, "", 1);
    expect_header(text.bytes,
                  PT ",\"c\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":"
                     "[0,4]},\"a\":{\"dtype\":\"F16\",\"shape\":[],"
                     "\"data_offsets\":[4,6]}}");
    text_release(&text);
}
END_TEST

/* How often the name of 256 bytes is listed, and what becomes of it. */
static const struct {
    size_t count;
    enum problem_code code;
} lists[] = {
    {90000, PROBLEM_NONE}, /* past 25,000,000 bytes */
    {400000, PROBLEM_TOO_LARGE},
};

START_TEST(a_header_of_more_than_100_000_000_bytes_is_refused)
{
    size_t *order = calloc(lists[_i].count, sizeof *order);
    struct text text = {.grows = true};
    struct problem problem = {.detail = ""};
    char name[SOW_MAX_NAME + 1] = "";

    ck_assert_ptr_nonnull(order);
    memset(name, 'n', SOW_MAX_NAME);
    set_tensor(0, name, SOW_FLOAT32);
    ck_assert_msg(safetensors_header(&scalars, order, lists[_i].count, &text,
                                     &problem) == lists[_i].code,
                  "%zu tensors, %zu bytes: %s", lists[_i].count, text.size,
                  problem.detail);
    ck_assert_uint_gt(text.size, 25000000);
    ck_assert_uint_lt(text.size, 100001000);
    text_release(&text);
    free(order);
}
END_TEST

Suite *safetensors_suite(void)
{
    Suite *suite = suite_create("safetensors");
    TCase *tcase = tcase_create("safetensors");

    tcase_set_timeout(tcase, 120); /* a header of 100 MB, with sanitizers */
    tcase_add_checked_fixture(tcase, drive_setup, drive_teardown);
    tcase_add_loop_test(tcase, the_header_is_that_of_the_library, 0,
                        COUNT(files));
    tcase_add_test(tcase, the_values_follow_in_the_order_of_the_header);
    tcase_add_test(tcase, a_tensor_called_metadata_is_refused);
    tcase_add_test(tcase, the_values_begin_at_a_multiple_of_8);
    tcase_add_test(tcase, no_tensors_have_a_header);
    tcase_add_test(tcase, a_list_is_sorted_by_type_and_name);
    tcase_add_test(tcase, a_part_of_a_model_is_a_file_of_its_own);
    tcase_add_loop_test(tcase,
                        a_header_of_more_than_100_000_000_bytes_is_refused, 0,
                        COUNT(lists));
    suite_add_tcase(suite, tcase);
    return suite;
}
