/* SPDX-License-Identifier: MIT */
/*
 * Tests of torch's trunc_normal_ where the element type is coarse: what would
 * be drawn for ever is refused, and all else lies within its bounds.
 */
#include <string.h>

#include "help.h"
#include "whole.h"

Suite *truncated_suite(void);

/* The distance from 1 to the next float32, and to the next bfloat16. */
#define STEP 0x1p-23
#define COARSE 0x1p-7

static struct sow_spec spec_of(const struct sow_start *start,
                               enum sow_dtype dtype, uint64_t count,
                               const double values[4])
{
    static const char *const names[] = {"mean", "std", "a", "b"};
    struct sow_spec spec = spec_make("torch.trunc_normal", dtype, SHAPE(count));

    spec.origin = sow_origin_begin(start);
    for (size_t i = 0; i < COUNT(names); i++)
        spec_set(&spec, names[i], values[i]);
    return spec;
}

static void start_torch(struct sow_start *start)
{
    struct sow_error error;

    ck_assert_int_eq(
        sow_start_seed(start, sow_generator_find("torch"), 42, &error), SOW_OK);
}

/*
 * More than 0.3 of the normal is between a and b, but next to nothing of what
 * it is rounded to is.
 */
static const struct {
    enum sow_dtype dtype;
    uint64_t count;
    double values[4];
} endless[] = {
    {SOW_FLOAT32,
     64,
     {1 + 0.4999 * STEP, 0.0005 * STEP, 1 + 0.50001 * STEP, 2}},
    {SOW_FLOAT32, 16, {1 + 0.5001 * STEP, 0.01 * STEP, 0, 1 + 0.499 * STEP}},
    {SOW_BFLOAT16,
     20,
     {1 + 0.5 * COARSE, 0.01 * COARSE, 1 + 0.501 * COARSE, 2}},
    {SOW_FLOAT32, 3, {1, STEP / 16, 1 + STEP / 64, 1 + STEP / 4}},
};

START_TEST(what_torch_would_draw_for_ever_is_refused)
{
    struct sow_start start;
    struct sow_tensor tensor;
    struct sow_error error;
    struct sow_spec spec;

    start_torch(&start);
    spec = spec_of(&start, endless[_i].dtype, endless[_i].count,
                   endless[_i].values);
    if (sow_tensor_init(&tensor, &spec, &error) == SOW_OK)
        ck_abort_msg("%d: a std of %g around %.9g is drawn", _i,
                     endless[_i].values[1], endless[_i].values[0]);
    ck_assert_str_eq(error.at, "scheme");
    ck_assert_uint_lt(strlen(error.text), sizeof error.text - 4);
}
END_TEST

/* Coarse, but with something between: mean, std, a and b. */
static const double coarse[][4] = {
    {1, STEP / 1000, 1 - STEP, 1 + STEP},
    {1, 0.5 * COARSE, 1 - COARSE, 1 + COARSE},
    {3, 4 * COARSE, 3 - 4 * COARSE, 3 + 8 * COARSE},
    {0, 1e-60, -1e-60, 1e-60},
    {0, 1, -0.5, 0.75},
};

START_TEST(what_is_drawn_lies_within_its_bounds)
{
    const double *values = coarse[_i];
    struct sow_start start;

    start_torch(&start);
    for (uint64_t count = 7; count <= 77; count += 35) {
        struct sow_spec spec = spec_of(&start, SOW_FLOAT32, count, values);
        struct sow_tensor tensor = tensor_make(&spec);
        float drawn[77];

        whole_make(engine_at(0), &tensor, false);
        ck_assert_int_eq(sow_tensor_read(engine_at(0), &tensor, 0, drawn,
                                         count * sizeof drawn[0]),
                         SOW_OK);
        for (uint64_t i = 0; i < count; i++)
            if (!(drawn[i] >= (float)values[2] && drawn[i] <= (float)values[3]))
                ck_abort_msg("%llu of %llu: %.9g is not from %.9g to %.9g",
                             (unsigned long long)i, (unsigned long long)count,
                             (double)drawn[i], values[2], values[3]);
        whole_free(&tensor);
    }
}
END_TEST

Suite *truncated_suite(void)
{
    Suite *s = suite_create("truncated");
    TCase *tc = tcase_create("truncated");

    tcase_add_loop_test(tc, what_torch_would_draw_for_ever_is_refused, 0,
                        COUNT(endless));
    tcase_add_loop_test(tc, what_is_drawn_lies_within_its_bounds, 0,
                        COUNT(coarse));
    suite_add_tcase(s, tc);
    return s;
}
