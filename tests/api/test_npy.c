/* SPDX-License-Identifier: MIT */
/* Tests of npy files.  The headers here were written by NumPy 2.3.5. */
#include "drive.h"
#include "../count.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

Suite *npy_suite(void);

#define ASK "/v1/weights?scheme=ones&format=npy"

/*
 * 'bytes' is the size of the values; 'padded' is how many spaces follow the
 * dictionary.
 */
static const struct {
    const char *query;
    uint64_t bytes;
    const char *dictionary;
    size_t padded;
} files[] = {
    {"&shape=()", 4, "{'descr': '<f4', 'fortran_order': False, 'shape': (), }",
     62},
    {"&shape=3", 12,
     "{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }", 60},
    {"&shape=2,3&dtype=float64", 48,
     "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), }", 58},
    {"&shape=2,3&dtype=float16", 12,
     "{'descr': '<f2', 'fortran_order': False, 'shape': (2, 3), }", 58},
    {"&shape=0", 0, "{'descr': '<f4', 'fortran_order': False, 'shape': (0,), }",
     60},
    {"&shape=0,3", 0,
     "{'descr': '<f4', 'fortran_order': False, 'shape': (0, 3), }", 58},
    {"&shape=5,0,2&dtype=float64", 0,
     "{'descr': '<f8', 'fortran_order': False, 'shape': (5, 0, 2), }", 55},
    {"&shape=1,2,3,4,1,1,1,2&dtype=float16", 96,
     "{'descr': '<f2', 'fortran_order': False, 'shape': (1, 2, 3, 4, 1, 1, 1, "
     "2), }",
     40},
    {"&shape=1048576,262144", 1099511627776,
     "{'descr': '<f4', 'fortran_order': False, 'shape': (1048576, 262144), }",
     47},
    {"&shape=1152921504606846975", 4611686018427387900,
     "{'descr': '<f4', 'fortran_order': False, 'shape': "
     "(1152921504606846975,), }",
     42},
    {"&shape=1,1,1,1,1,1,1,1", 4,
     "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 1, 1, 1, 1, 1, 1, "
     "1), }",
     40},
};

/* The first 'n' bytes of row 'i', and from Content-Range the size of all. */
static struct answer read_start(int i, size_t n, uint64_t *size)
{
    char target[256], range[64], part[64];

    snprintf(target, sizeof target, ASK "%s", files[i].query);
    snprintf(range, sizeof range, "Range: bytes=0-%zu\n", n - 1);
    snprintf(part, sizeof part, "bytes 0-%zu/", n - 1);
    struct answer answer = drive(driven, "GET", target, range, NULL);
    const char *is = answer_header(&answer, "Content-Range");
    ck_assert_msg(answer.status == 206 && is && strstr(is, part) == is,
                  "%s: %u, Content-Range: %s", target, answer.status, is);
    *size = strtoull(is + strlen(part), NULL, 10);
    return answer;
}

START_TEST(the_header_is_that_of_numpy)
{
    const char *dictionary = files[_i].dictionary;
    const size_t n = strlen(dictionary);
    const size_t header = n + files[_i].padded + 1;
    uint64_t size;
    struct answer answer = read_start(_i, 10 + header, &size);
    const char *at = answer.body + 10;

    answer_expect(&answer, "Content-Type", "application/x-npy");
    ck_assert_uint_eq(size, 10 + header + files[_i].bytes);
    ck_assert_mem_eq(answer.body, "\x93NUMPY\1\0", 8);
    ck_assert_uint_eq((uint8_t)answer.body[8], header);
    ck_assert_uint_eq((uint8_t)answer.body[9], 0);
    ck_assert_msg(!memcmp(at, dictionary, n), "%.*s is not %s", (int)header, at,
                  dictionary);
    ck_assert_uint_eq(strspn(at + n, " "), files[_i].padded);
    ck_assert_int_eq(at[header - 1], '\n');
    answer_release(&answer);
}
END_TEST

START_TEST(the_values_follow_the_header)
{
    struct answer answer = drive(
        driven, "GET", "/v1/weights?shape=7,5&scheme=uniform&seed=1&format=npy",
        NULL, NULL);
    struct answer raw =
        drive(driven, "GET", "/v1/weights?shape=7,5&scheme=uniform&seed=1",
              NULL, NULL);

    ck_assert_uint_eq(answer.read, 128 + raw.read);
    ck_assert_mem_eq(answer.body + 128, raw.body, raw.read);
    answer_release(&answer);
    answer_release(&raw);
}
END_TEST

#define LAYER "{\"shape\":[2]}"

static const struct {
    const char *target, *headers, *body, *says;
} refused[] = {
    {ASK "&shape=2&dtype=bfloat16", NULL, NULL, "no bfloat16"},
    {ASK "&shape=2&dtype=float8_e4m3fn", NULL, NULL, "no float8_e4m3fn"},
    {ASK "&shape=2&dtype=float8_e5m2", NULL, NULL, "no float8_e5m2"},
    {"/v1/weights?scheme=ones&shape=2&dtype=bf16",
     "Accept: application/x-npy\n", NULL, "format=raw or safetensors"},
    {"/v1/weights?format=npy", NULL,
     "{\"scheme\":\"ones\",\"layers\":[" LAYER "," LAYER "]}",
     "holds one array, and these are 2 tensors"},
};

START_TEST(what_npy_cannot_hold_is_refused)
{
    const char *body = refused[_i].body;
    struct answer answer = drive(driven, body ? "POST" : "GET",
                                 refused[_i].target, refused[_i].headers, body);

    ck_assert_uint_eq(answer.status, 406);
    ck_assert_str_eq(answer_code(&answer), "NOT_ACCEPTABLE");
    ck_assert_str_eq(answer_string(&answer, "at"), "format");
    ck_assert_msg(strstr(answer_string(&answer, "detail"), refused[_i].says) !=
                      NULL,
                  "'%s' does not say '%s'", answer_string(&answer, "detail"),
                  refused[_i].says);
    answer_release(&answer);
}
END_TEST

START_TEST(one_layer_of_a_post_can_be_an_npy_file)
{
    struct answer answer =
        drive(driven, "POST", "/v1/weights?format=npy", NULL,
              "{\"scheme\":\"ones\",\"layers\":[" LAYER "]}");

    ck_assert_uint_eq(answer.status, 200);
    ck_assert_uint_eq(answer.read, 128 + 8);
    answer_release(&answer);
}
END_TEST

Suite *npy_suite(void)
{
    Suite *suite = suite_create("npy");
    TCase *tcase = tcase_create("npy");

    tcase_add_checked_fixture(tcase, drive_setup, drive_teardown);
    tcase_add_loop_test(tcase, the_header_is_that_of_numpy, 0, COUNT(files));
    tcase_add_test(tcase, the_values_follow_the_header);
    tcase_add_loop_test(tcase, what_npy_cannot_hold_is_refused, 0,
                        COUNT(refused));
    tcase_add_test(tcase, one_layer_of_a_post_can_be_an_npy_file);
    suite_add_tcase(suite, tcase);
    return suite;
}
