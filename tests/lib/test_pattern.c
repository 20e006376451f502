/* SPDX-License-Identifier: MIT */
/* Tests of constants, identities and dirac kernels, element by element. */
#include <stdlib.h>
#include <string.h>

#include "help.h"

Suite *pattern_suite(void);

START_TEST(constants_are_the_value_everywhere)
{
    const double values[] = {0, 1, -1.5, 0.1, 3e-5};

    for (int d = 0; d < SOW_DTYPES; d++) {
        for (size_t i = 0; i < COUNT(values); i++) {
            struct sow_spec spec =
                spec_make("constant", (enum sow_dtype)d, SHAPE(101));
            const float single = (float)values[i];
            struct sow_tensor tensor;
            uint8_t *bytes;
            uint8_t want[8];

            spec_set(&spec, "value", values[i]);
            tensor = tensor_make(&spec);
            bytes = tensor_bytes(&tensor);
            sow_narrow(spec.dtype, &single, want, 1);
            if (spec.dtype == SOW_FLOAT64)
                memcpy(want, &values[i], sizeof values[i]);
            for (uint64_t at = 0; at < 101; at++)
                ck_assert_mem_eq(bytes + at * sow_dtype_size(spec.dtype), want,
                                 sow_dtype_size(spec.dtype));
            ck_assert_double_eq(tensor.std, 0);
            free(bytes);
        }
    }
}
END_TEST

/* Compare all elements with what 'want' says of their indices. */
static void check_elements(const struct sow_tensor *tensor,
                           double (*want)(const struct sow_tensor *tensor,
                                          const uint64_t *index))
{
    const struct sow_shape *shape = &tensor->spec.shape;
    double *values = tensor_values(tensor);

    for (uint64_t i = 0; i < tensor->elements; i++) {
        uint64_t index[SOW_MAX_RANK] = {0};
        uint64_t rest = i;

        for (uint32_t axis = shape->rank; axis-- > 0;) {
            index[axis] = rest % shape->dims[axis];
            rest /= shape->dims[axis];
        }
        if (f64_bits(values[i]) != f64_bits(want(tensor, index)))
            ck_abort_msg("%s: element %llu is %g",
                         tensor->spec.scheme.info->name, (unsigned long long)i,
                         values[i]);
    }
    free(values);
}

static double want_eye(const struct sow_tensor *tensor, const uint64_t *index)
{
    int gain = sow_scheme_parameter(tensor->spec.scheme.info, "gain");
    double value = gain < 0 ? 1 : tensor->spec.scheme.values[gain];

    return index[0] == index[1] ? value : 0;
}

START_TEST(identities_have_a_diagonal)
{
    const char *const names[] = {"eye", "torch.eye", "keras.identity"};
    const uint64_t sides[] = {0, 1, 2, 5, 31, 32, 33, 70};

    for (size_t n = 0; n < COUNT(names); n++)
        for (size_t i = 0; i < COUNT(sides); i++)
            for (size_t j = 0; j < COUNT(sides); j++)
                for (int d = 0; d < SOW_DTYPES; d++) {
                    struct sow_spec spec = spec_make(
                        names[n], (enum sow_dtype)d, SHAPE(sides[i], sides[j]));
                    struct sow_tensor tensor;

                    if (n == 2)
                        spec_set(&spec, "gain", -1.5);
                    tensor = tensor_make(&spec);
                    check_elements(&tensor, want_eye);
                }
}
END_TEST

/*
 * torch.nn.init.dirac_ as its documentation has it: output channel o of the
 * group's own count keeps input channel o, through the kernel's centre.
 */
static double want_dirac(const struct sow_tensor *tensor, const uint64_t *index)
{
    const struct sow_shape *shape = &tensor->spec.shape;
    uint64_t groups = (uint64_t)tensor->spec.scheme.values[0];

    if (index[0] % (shape->dims[0] / groups) != index[1])
        return 0;
    for (uint32_t axis = 2; axis < shape->rank; axis++)
        if (index[axis] != shape->dims[axis] / 2)
            return 0;
    return 1;
}

START_TEST(dirac_kernels_pass_their_input_on)
{
    const struct {
        struct sow_shape shape;
        double groups;
    } rows[] = {
        {SHAPE(1, 1, 1), 1},       {SHAPE(4, 4, 3), 1},
        {SHAPE(4, 7, 3), 1},       {SHAPE(7, 4, 3), 1},
        {SHAPE(6, 3, 4), 2},       {SHAPE(6, 2, 5), 3},
        {SHAPE(6, 1, 5), 6},       {SHAPE(6, 5, 2), 3},
        {SHAPE(8, 3, 3, 3), 2},    {SHAPE(8, 3, 2, 5), 1},
        {SHAPE(8, 8, 1, 1), 1},    {SHAPE(5, 3, 4, 4), 5},
        {SHAPE(4, 3, 2, 3, 4), 1}, {SHAPE(4, 2, 3, 3, 3), 2},
        {SHAPE(0, 3, 3), 1},       {SHAPE(3, 0, 3), 1},
        {SHAPE(3, 3, 0), 1},       {SHAPE(9, 3, 7, 7), 3},
    };
    const char *const names[] = {"dirac", "torch.dirac"};

    for (size_t n = 0; n < COUNT(names); n++)
        for (size_t i = 0; i < COUNT(rows); i++)
            for (int d = 0; d < SOW_DTYPES; d++) {
                struct sow_spec spec =
                    spec_make(names[n], (enum sow_dtype)d, rows[i].shape);
                struct sow_tensor tensor;

                spec_set(&spec, "groups", rows[i].groups);
                tensor = tensor_make(&spec);
                check_elements(&tensor, want_dirac);
            }
}
END_TEST

/* Long rows, single columns, and a diagonal beyond 2^32. */
START_TEST(huge_identities_have_their_diagonal)
{
    const struct {
        uint64_t rows, columns, index;
    } places[] = {
        {UINT64_C(1) << 31, UINT64_C(1) << 31, (UINT64_C(1) << 31) - 1},
        {UINT64_C(1) << 31, UINT64_C(1) << 31, 123456789},
        {1, UINT64_C(1) << 62, 0},
        {UINT64_C(1) << 62, 1, 0},
        {3, UINT64_C(1) << 60, 2},
    };

    for (size_t i = 0; i < COUNT(places); i++) {
        const struct sow_spec spec = spec_make(
            "eye", SOW_FLOAT8_E4M3FN, SHAPE(places[i].rows, places[i].columns));
        const struct sow_tensor tensor = tensor_make(&spec);
        uint64_t at = places[i].index * (places[i].columns + 1);
        uint64_t from = at < 50 ? 0 : at - 50;
        uint64_t to = tensor.size - at < 50 ? tensor.size : at + 50;
        uint8_t bytes[100];

        ck_assert_int_eq(sow_tensor_read(engine_at(0), &tensor, from, bytes,
                                         (size_t)(to - from)),
                         SOW_OK);
        for (uint64_t j = from; j < to; j++)
            ck_assert_msg(bytes[j - from] == (j == at ? 0x38 : 0),
                          "place %zu: byte %llu is %#x", i,
                          (unsigned long long)j, bytes[j - from]);
    }
}
END_TEST

Suite *pattern_suite(void)
{
    Suite *suite = suite_create("pattern");
    TCase *cases = tcase_create("pattern");

    tcase_set_timeout(cases, 60);
    tcase_add_test(cases, constants_are_the_value_everywhere);
    tcase_add_test(cases, identities_have_a_diagonal);
    tcase_add_test(cases, dirac_kernels_pass_their_input_on);
    tcase_add_test(cases, huge_identities_have_their_diagonal);
    suite_add_tcase(suite, cases);
    return suite;
}
