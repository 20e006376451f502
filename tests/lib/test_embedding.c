/* SPDX-License-Identifier: MIT */
/* torch.embedding: a normal matrix, but for one row. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "help.h"

Suite *embedding_suite(void);

#define ROWS 300
#define COLUMNS 37

static uint8_t *embedding_bytes(double row, enum sow_dtype dtype)
{
    struct sow_spec spec =
        spec_make("torch.embedding", dtype, SHAPE(ROWS, COLUMNS));
    struct sow_tensor tensor;

    spec_set(&spec, "padding_idx", row);
    spec_set(&spec, "std", 0.02);
    tensor = tensor_make(&spec);
    return tensor_bytes(&tensor);
}

START_TEST(the_padding_row_is_zero_and_the_others_are_normal)
{
    const double places[] = {-1, 0, 1, 150, ROWS - 1};

    for (size_t p = 0; p < COUNT(places); p++)
        for (int d = 0; d < SOW_DTYPES; d++) {
            enum sow_dtype dtype = (enum sow_dtype)d;
            struct sow_spec plain =
                spec_make("normal", dtype, SHAPE(ROWS, COLUMNS));
            size_t row = COLUMNS * sow_dtype_size(dtype);
            struct sow_tensor tensor;
            uint8_t *want, *got = embedding_bytes(places[p], dtype);

            spec_set(&plain, "std", 0.02);
            tensor = tensor_make(&plain);
            want = tensor_bytes(&tensor);
            if (places[p] >= 0)
                memset(want + (size_t)places[p] * row, 0, row);
            ck_assert_msg(memcmp(got, want, ROWS * row) == 0,
                          "padding_idx %g, %s", places[p],
                          sow_dtype_name(dtype));
            free(got);
            free(want);
        }
}
END_TEST

/* With a row of zeros the values are not of one law. */
START_TEST(the_std_is_known_without_padding_only)
{
    struct sow_spec spec =
        spec_make("torch.embedding", SOW_FLOAT32, SHAPE(4, 5));

    ck_assert_double_eq(tensor_make(&spec).std, 1);
    spec_set(&spec, "padding_idx", 3);
    ck_assert(isnan(tensor_make(&spec).std));
}
END_TEST

START_TEST(what_is_no_row_is_refused)
{
    const double rows[] = {-2, 0.5, 4, 1e300};

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct sow_spec spec =
            spec_make("torch.embedding", SOW_FLOAT32, SHAPE(4, 5));

        spec_set(&spec, "padding_idx", rows[i]);
        spec_refused(&spec, SOW_BAD_PARAMETER, "padding_idx");
        spec_set(&spec, "padding_idx", 0);
        spec.shape = SHAPE(4);
        spec_refused(&spec, SOW_BAD_SCHEME, "shape");
    }
}
END_TEST

Suite *embedding_suite(void)
{
    Suite *suite = suite_create("embedding");
    TCase *cases = tcase_create("embedding");

    tcase_add_test(cases, the_padding_row_is_zero_and_the_others_are_normal);
    tcase_add_test(cases, the_std_is_known_without_padding_only);
    tcase_add_test(cases, what_is_no_row_is_refused);
    suite_add_tcase(suite, cases);
    return suite;
}
