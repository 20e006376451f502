/* SPDX-License-Identifier: MIT */
/*
 * Whatever shape and parameters a scheme is given, it says what is wrong and
 * where, or gives values that are numbers, at both ends and in the middle.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "fitting.h"
#include "whole.h"

Suite *domains_suite(void);

/* Wholes beyond these are not made here. */
#define MOST_DOUBLES 4096
#define MOST_FLOPS 1e7

#define WINDOW 256 /* bytes */

/* Is 'at' a field of the spec, or a parameter of its scheme? */
static bool names_a_place(const struct sow_spec *spec, const char *at)
{
    static const char *const fields[] = {
        "shape", "scheme", "dtype", "layout", "axes", "multiplier",
    };

    for (size_t i = 0; i < COUNT(fields); i++)
        if (strcmp(fields[i], at) == 0)
            return true;
    return sow_scheme_parameter(spec->scheme.info, at) >= 0;
}

static void check_refusal(const struct sow_spec *spec, enum sow_status status,
                          const struct sow_error *error)
{
    MUST(error->status == status, "%s: returns '%s', says '%s'",
         spec->scheme.info->name, sow_status_name(status),
         sow_status_name(error->status));
    MUST(names_a_place(spec, error->at), "%s: at '%s': %s",
         spec->scheme.info->name, error->at, error->text);
    MUST(strlen(error->text) > 10, "%s: says only '%s'",
         spec->scheme.info->name, error->text);
    MUST(strlen(error->text) < sizeof error->text - 1, "%s: is cut short: '%s'",
         spec->scheme.info->name, error->text);
}

/* Up to WINDOW bytes from the element that holds 'pos' on: no NaN. */
static void check_window(const struct sow_tensor *tensor, uint64_t pos)
{
    size_t size = sow_dtype_size(tensor->spec.dtype);
    uint8_t bytes[WINDOW];
    double values[WINDOW];
    size_t n = WINDOW;

    pos -= pos % size;
    if (n > tensor->size - pos)
        n = (size_t)(tensor->size - pos);
    MUST(sow_tensor_read(engine_at(0), tensor, pos, bytes, n) == SOW_OK,
         "can't be read");
    sow_widen(tensor->spec.dtype, bytes, values, n / size);
    for (size_t i = 0; i < n / size; i++)
        MUST(!isnan(values[i]), "%s: element %zu is no number",
             tensor->spec.scheme.info->name, (size_t)pos / size + i);
}

static void check_tensor(struct sow_tensor *tensor)
{
    struct sow_need need = sow_tensor_need(tensor);

    MUST(!(tensor->std < 0), "%s: std %g", tensor->spec.scheme.info->name,
         tensor->std);
    if (need.doubles > MOST_DOUBLES || need.flops > MOST_FLOPS)
        return;
    whole_make(engine_at(0), tensor, false);
    check_window(tensor, 0);
    check_window(tensor, tensor->size / 2);
    if (tensor->size > WINDOW)
        check_window(tensor, tensor->size - WINDOW);
    whole_free(tensor);
}

static bool check_spec(const struct sow_spec *spec)
{
    struct sow_tensor tensor;
    struct sow_error error = {.at = ""};
    enum sow_status status = sow_tensor_init(&tensor, spec, &error);

    if (status == SOW_OK)
        check_tensor(&tensor);
    else
        check_refusal(spec, status, &error);
    return status == SOW_OK;
}

/* ---- shapes ------------------------------------------------------------- */

/* Empty ones, odd ones, thin ones, ones of every rank, and huge ones. */
static const struct sow_shape shapes[] = {
    {0, {0}},
    {1, {0}},
    {1, {1}},
    {1, {5}},
    {1, {UINT64_C(1) << 59}},
    {2, {0, 0}},
    {2, {0, 6}},
    {2, {6, 0}},
    {2, {1, 1}},
    {2, {1, 2}},
    {2, {2, 1}},
    {2, {7, 5}},
    {2, {5, 7}},
    {2, {1, 300}},
    {2, {300, 1}},
    {2, {1, UINT64_C(1) << 59}},
    {2, {UINT64_C(1) << 59, 1}},
    {2, {UINT64_C(1) << 29, UINT64_C(1) << 30}},
    {3, {2, 0, 4}},
    {3, {4, 2, 0}},
    {3, {0, 4, 4}},
    {3, {1, 1, 1}},
    {3, {6, 4, 2}},
    {3, {3, 5, 7}},
    {3, {UINT64_C(1) << 20, UINT64_C(1) << 19, 3}},
    {4, {4, 4, 0, 3}},
    {4, {1, 1, 1, 1}},
    {4, {2, 2, 2, 2}},
    {4, {6, 5, 4, 3}},
    {4, {3, 4, 5, 6}},
    {4, {3, 3, UINT64_C(1) << 29, UINT64_C(1) << 28}},
    {5, {2, 2, 3, 3, 3}},
    {5, {3, 3, 3, 2, 2}},
    {6, {2, 3, 1, 2, 3, 1}},
    {8, {1, 1, 1, 1, 1, 1, 1, 1}},
    {8, {2, 1, 2, 1, 3, 1, 2, 2}},
};

static const enum sow_dtype dtypes[] = {SOW_FLOAT64, SOW_FLOAT8_E4M3FN};

START_TEST(every_shape_gives_numbers_or_a_reason)
{
    const struct sow_scheme_info *info;

    for (size_t row = 0; (info = sow_scheme_at(row)) != NULL; row++)
        for (size_t d = 0; d < COUNT(dtypes); d++)
            for (size_t i = 0; i < COUNT(shapes); i++) {
                struct sow_spec spec;
                struct sow_tensor tensor;

                fitting_first(info, dtypes[d], &spec, &tensor);
                spec.shape = shapes[i];
                for (int layout = 0; layout < SOW_EXPLICIT; layout++) {
                    spec.layout = (enum sow_layout)layout;
                    check_spec(&spec);
                }
            }
}
END_TEST

/* Axes in any role, also two at once, on a shape of four. */
START_TEST(every_choice_of_axes_gives_numbers_or_a_reason)
{
    const struct sow_scheme_info *info;

    for (size_t row = 0; (info = sow_scheme_at(row)) != NULL; row++)
        for (unsigned roles = 0; roles < 4 * 4 * 4 * 4; roles++) {
            struct sow_spec spec;
            struct sow_tensor tensor;

            fitting_first(info, SOW_FLOAT32, &spec, &tensor);
            spec.shape = SHAPE(4, 6, 3, 2);
            spec.layout = SOW_EXPLICIT;
            for (unsigned axis = 0; axis < 4; axis++) {
                unsigned role = roles >> 2 * axis & 3;

                spec.axes.in |= (uint8_t)((role & 1) << axis);
                spec.axes.out |= (uint8_t)((role >> 1 & 1) << axis);
            }
            check_spec(&spec);
        }
}
END_TEST

/* ---- parameters --------------------------------------------------------- */

/* What a client may send, wherever the kind of a parameter lets it. */
static const double numbers[] = {
    0,    -0.0,  1,    -1,      2,        3,    0.5,     1e-3,
    0.25, 0.999, 7,    1e-300,  5e-324,   1e10, -1e10,   0x1p53,
    1e30, -1e30, 3e38, 1.7e308, -1.7e308, 64,   1000000, 0.1,
};

START_TEST(every_parameter_gives_numbers_or_a_reason)
{
    const struct sow_scheme_info *info;

    for (size_t row = 0; (info = sow_scheme_at(row)) != NULL; row++)
        for (uint32_t p = 0; p < info->parameter_count; p++)
            for (size_t i = 0; i < COUNT(numbers); i++)
                for (size_t d = 0; d < COUNT(dtypes); d++) {
                    struct sow_spec spec;
                    struct sow_tensor tensor;

                    fitting_first(info, dtypes[d], &spec, &tensor);
                    spec.scheme.values[p] = numbers[i];
                    check_spec(&spec);
                }
}
END_TEST

/* Two or more at once, by chance. */
START_TEST(parameters_together_give_numbers_or_a_reason)
{
    const struct sow_scheme_info *info;

    for (size_t row = 0; (info = sow_scheme_at(row)) != NULL; row++)
        for (uint64_t turn = 0; turn < 120; turn++) {
            struct sow_spec spec;
            struct sow_tensor tensor;

            fitting_first(info, dtypes[turn % 2], &spec, &tensor);
            for (uint32_t p = 0; p < info->parameter_count; p++) {
                uint64_t chance = mix(turn * 64 + p);

                if (chance % 3 > 0)
                    spec.scheme.values[p] =
                        numbers[chance / 3 % COUNT(numbers)];
            }
            check_spec(&spec);
        }
}
END_TEST

/* Neither side's limits, infinities and NaN are anyone's values. */
START_TEST(no_parameter_may_be_infinite_or_no_number)
{
    static const double values[] = {INFINITY, -INFINITY, NAN};
    const struct sow_scheme_info *info;

    for (size_t row = 0; (info = sow_scheme_at(row)) != NULL; row++)
        for (uint32_t p = 0; p < info->parameter_count; p++)
            for (size_t i = 0; i < COUNT(values); i++) {
                struct sow_spec spec;
                struct sow_tensor tensor;

                fitting_first(info, SOW_FLOAT32, &spec, &tensor);
                spec.scheme.values[p] = values[i];
                spec_refused(&spec, SOW_BAD_PARAMETER,
                             info->parameters[p].name);
            }
}
END_TEST

START_TEST(multipliers_must_be_numbers_from_0_on)
{
    static const double values[] = {-1, -5e-324, INFINITY, NAN};
    const struct sow_scheme_info *info;

    for (size_t row = 0; (info = sow_scheme_at(row)) != NULL; row++)
        for (size_t i = 0; i < COUNT(values); i++) {
            struct sow_spec spec;
            struct sow_tensor tensor;

            fitting_first(info, SOW_FLOAT32, &spec, &tensor);
            spec.multiplier = values[i];
            spec_refused(&spec, SOW_BAD_PARAMETER, "multiplier");
            spec.multiplier = 0;
            ck_assert(check_spec(&spec));
            spec.multiplier = 1e300;
            check_spec(&spec);
        }
}
END_TEST

Suite *domains_suite(void)
{
    Suite *suite = suite_create("domains");
    TCase *cases = tcase_create("domains");

    tcase_set_timeout(cases, 120);
    tcase_add_test(cases, every_shape_gives_numbers_or_a_reason);
    tcase_add_test(cases, every_choice_of_axes_gives_numbers_or_a_reason);
    tcase_add_test(cases, every_parameter_gives_numbers_or_a_reason);
    tcase_add_test(cases, parameters_together_give_numbers_or_a_reason);
    tcase_add_test(cases, no_parameter_may_be_infinite_or_no_number);
    tcase_add_test(cases, multipliers_must_be_numbers_from_0_on);
    suite_add_tcase(suite, cases);
    return suite;
}
