/* SPDX-License-Identifier: MIT */
/* Tests of tensors as nested arrays. */
#include "formats/nested.h"
#include "../count.h"

#include <check.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

Suite *nested_suite(void);

static struct sow_tensor tensor_of(const char *scheme, enum sow_dtype dtype,
                                   struct sow_shape shape)
{
    struct sow_spec spec = {
        .name = "", .multiplier = 1, .dtype = dtype, .shape = shape};
    struct sow_tensor tensor;
    struct sow_error error;

    sow_scheme_init(&spec.scheme, sow_scheme_find(scheme));
    ck_assert_int_eq(sow_tensor_init(&tensor, &spec, &error), SOW_OK);
    return tensor;
}

/* A tensor's text, written 'room' bytes at a time; to be freed. */
static char *text_of(const struct sow_tensor *tensor, size_t room)
{
    const struct sow_engine *engine;
    struct nested *nested = malloc(sizeof *nested);
    char *piece = malloc(room);
    char *text = calloc(1, 1);
    size_t size = 0;
    long n;

    ck_assert_int_eq(sow_engine_choose(NULL, &engine), SOW_OK);
    nested_begin(nested, engine, tensor);
    while ((n = nested_write(nested, piece, room)) > 0) {
        text = realloc(text, size + (size_t)n + 1);
        memcpy(text + size, piece, (size_t)n);
        size += (size_t)n;
        text[size] = '\0';
    }
    ck_assert_int_eq(n, 0);
    free(piece);
    free(nested);
    return text;
}

static const struct {
    struct sow_shape shape;
    const char *text;
    uint64_t leaves;
} shapes[] = {
    {{0, {0}}, "1", 1},
    {{1, {1}}, "[1]", 1},
    {{1, {3}}, "[1,1,1]", 3},
    {{2, {2, 3}}, "[[1,1,1],[1,1,1]]", 6},
    {{2, {3, 1}}, "[[1],[1],[1]]", 3},
    {{2, {1, 3}}, "[[1,1,1]]", 3},
    {{3, {2, 2, 1}}, "[[[1],[1]],[[1],[1]]]", 4},
    {{3, {2, 1, 2}}, "[[[1,1]],[[1,1]]]", 4},
    {{8, {1, 1, 1, 1, 1, 1, 1, 2}}, "[[[[[[[[1,1]]]]]]]]", 2},
    {{8, {2, 1, 1, 1, 1, 1, 1, 1}}, "[[[[[[[[1]]]]]]],[[[[[[[1]]]]]]]]", 2},
    {{1, {0}}, "[]", 1},
    {{2, {0, 3}}, "[]", 1},
    {{2, {3, 0}}, "[[],[],[]]", 3},
    {{3, {2, 0, 3}}, "[[],[]]", 2},
    {{3, {2, 2, 0}}, "[[[],[]],[[],[]]]", 4},
    {{3, {0, 0, 0}}, "[]", 1},
};

START_TEST(nesting_follows_the_shape)
{
    struct sow_tensor tensor = tensor_of("ones", SOW_FLOAT32, shapes[_i].shape);
    char *text = text_of(&tensor, NESTED_ROOM);

    ck_assert_str_eq(text, shapes[_i].text);
    ck_assert_uint_eq(nested_leaves(&tensor), shapes[_i].leaves);
    free(text);
}
END_TEST

START_TEST(huge_empty_tensors_count_their_empty_arrays)
{
    struct sow_shape shape = {2, {UINT64_C(1) << 40, 0}};
    struct sow_tensor tensor = tensor_of("ones", SOW_FLOAT32, shape);

    ck_assert_uint_eq(nested_leaves(&tensor), UINT64_C(1) << 40);
}
END_TEST

START_TEST(pieces_of_any_size_join_up)
{
    struct sow_shape shape = {3, {7, 61, 3}};
    struct sow_tensor tensor = tensor_of("uniform", SOW_FLOAT32, shape);
    char *whole = text_of(&tensor, 1 << 20);

    for (size_t room = NESTED_ROOM; room < 3 * NESTED_ROOM; room++) {
        char *text = text_of(&tensor, room);
        ck_assert_msg(!strcmp(text, whole), "in pieces of %zu bytes", room);
        free(text);
    }
    free(whole);
}
END_TEST

/* Compare the numbers of a flat array with a tensor's values, one by one. */
static void compare(const struct sow_tensor *tensor, const json_t *json)
{
    const struct sow_engine *engine;
    const size_t n = (size_t)tensor->elements;
    void *bytes = malloc((size_t)tensor->size);
    double *values = malloc(n * sizeof *values);

    ck_assert_int_eq(sow_engine_choose(NULL, &engine), SOW_OK);
    ck_assert_int_eq(
        sow_tensor_read(engine, tensor, 0, bytes, (size_t)tensor->size),
        SOW_OK);
    sow_widen(tensor->spec.dtype, bytes, values, n);
    ck_assert_uint_eq(json_array_size(json), n);
    for (size_t i = 0; i < n; i++) {
        double read = json_number_value(json_array_get(json, i));
        if (tensor->spec.dtype != SOW_FLOAT64)
            read = (double)(float)read;
        ck_assert_msg(read == values[i], "%s element %zu is %.17g, not %.17g",
                      sow_dtype_name(tensor->spec.dtype), i, read, values[i]);
    }
    free(values);
    free(bytes);
}

START_TEST(numbers_read_back_as_the_same_bits)
{
    struct sow_shape shape = {1, {5 * NESTED_BLOCK / 2}};
    struct sow_tensor tensor = tensor_of("normal", (enum sow_dtype)_i, shape);
    char *text = text_of(&tensor, 5000);
    json_t *json = json_loads(text, JSON_DECODE_ANY, NULL);

    ck_assert_ptr_nonnull(json);
    compare(&tensor, json);
    json_decref(json);
    free(text);
}
END_TEST

Suite *nested_suite(void)
{
    Suite *suite = suite_create("nested");
    TCase *tcase = tcase_create("nested");

    tcase_add_loop_test(tcase, nesting_follows_the_shape, 0, COUNT(shapes));
    tcase_add_test(tcase, huge_empty_tensors_count_their_empty_arrays);
    tcase_add_test(tcase, pieces_of_any_size_join_up);
    tcase_add_loop_test(tcase, numbers_read_back_as_the_same_bits, 0,
                        SOW_DTYPES);
    suite_add_tcase(suite, tcase);
    return suite;
}
