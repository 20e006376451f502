/* SPDX-License-Identifier: MIT */
/* Tests of sizes, axes and fans. */
#include "shape.h"

#include <stdio.h>
#include <string.h>

#include "help.h"

Suite *shape_suite(void);

static const struct sow_shape scalar;

#define TWO(n) (UINT64_C(1) << (n))

START_TEST(sizes_are_products_below_2_63)
{
    const struct {
        struct sow_shape shape;
        size_t itemsize;
        bool fits;
        uint64_t elements;
    } rows[] = {
        {scalar, 4, true, 1},
        {SHAPE(0), 4, true, 0},
        {SHAPE(7), 8, true, 7},
        {SHAPE(2, 3, 5), 2, true, 30},
        {SHAPE(2, 0, 5), 2, true, 0},
        {SHAPE(1, 2, 3, 4, 5, 6, 7, 8), 4, true, 40320},
        {SHAPE(INT64_MAX), 1, true, INT64_MAX},
        {SHAPE(TWO(63)), 1, false, 0},
        {SHAPE(UINT64_MAX), 1, false, 0},
        {SHAPE(INT64_MAX / 8), 8, true, INT64_MAX / 8},
        {SHAPE(TWO(60)), 8, false, 0},
        {SHAPE(TWO(32), TWO(31)), 1, false, 0},
        {SHAPE(TWO(31), TWO(31)), 2, false, 0},
        {SHAPE(TWO(31), TWO(31)), 1, true, TWO(62)},
        {SHAPE(TWO(32), TWO(32)), 1, false, 0},
        {SHAPE(TWO(63), 2), 1, false, 0},
        {SHAPE(TWO(32), TWO(32), 0), 1, false, 0},
        {SHAPE(0, TWO(32), TWO(32)), 1, false, 0},
        {SHAPE(0, TWO(62)), 1, true, 0},
        {SHAPE(0, TWO(62)), 4, false, 0},
        {SHAPE(TWO(8), TWO(8), TWO(8), TWO(8), TWO(8), TWO(8), TWO(8), TWO(6)),
         1, true, TWO(62)},
        {SHAPE(TWO(8), TWO(8), TWO(8), TWO(8), TWO(8), TWO(8), TWO(8), TWO(8)),
         1, false, 0},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        uint64_t elements = 77, size = 77;
        struct sow_error error = {.status = SOW_OK};
        enum sow_status status = sow_shape_size(
            &rows[i].shape, rows[i].itemsize, &elements, &size, &error);

        ck_assert_msg(status == (rows[i].fits ? SOW_OK : SOW_BAD_SHAPE),
                      "row %zu: %s", i, sow_status_name(status));
        ck_assert_int_eq(error.status, status);
        ck_assert_msg(elements == (rows[i].fits ? rows[i].elements : 77),
                      "row %zu: %llu elements", i,
                      (unsigned long long)elements);
        ck_assert_msg(
            size == (rows[i].fits ? rows[i].elements * rows[i].itemsize : 77),
            "row %zu: %llu bytes", i, (unsigned long long)size);
    }
}
END_TEST

START_TEST(nine_dimensions_are_refused)
{
    for (uint32_t rank = 9; rank != 0; rank *= 2) {
        struct sow_shape shape = {.rank = rank};
        uint64_t elements = 77, size = 77;
        struct sow_error error;

        ck_assert_int_eq(sow_shape_size(&shape, 4, &elements, &size, &error),
                         SOW_BAD_SHAPE);
        ck_assert_str_eq(error.at, "shape");
        ck_assert_uint_eq(elements, 77);
    }
}
END_TEST

/* Dimensions past the rank are not looked at. */
START_TEST(entries_past_the_rank_do_not_matter)
{
    struct sow_shape shape = {2, {3, 5, UINT64_MAX, 0, 9, 9, 9, 9}};
    struct sow_axes axes = {1, 2, 4};
    uint64_t elements, size, fan_in, fan_out;
    struct sow_error error;

    ck_assert_int_eq(sow_shape_size(&shape, 4, &elements, &size, &error),
                     SOW_OK);
    ck_assert_uint_eq(elements, 15);
    ck_assert_int_eq(sow_shape_axes(&shape, SOW_JAX, &axes, &error), SOW_OK);
    ck_assert(sow_shape_fans(&shape, SOW_JAX, axes, &fan_in, &fan_out));
    ck_assert_uint_eq(fan_in, 3);
    ck_assert_uint_eq(fan_out, 5);
}
END_TEST

START_TEST(fans_are_those_of_the_layout)
{
    const struct {
        enum sow_layout layout;
        struct sow_shape shape;
        bool has;
        uint64_t in, out;
    } rows[] = {
        {SOW_TORCH, scalar, false, 0, 0},
        {SOW_TORCH, SHAPE(7), false, 0, 0},
        {SOW_TORCH, SHAPE(3, 5), true, 5, 3},
        {SOW_TORCH, SHAPE(3, 5, 7), true, 35, 21},
        {SOW_TORCH, SHAPE(64, 32, 3, 3), true, 288, 576},
        {SOW_TORCH, SHAPE(0, 5), true, 5, 0},
        {SOW_TORCH, SHAPE(3, 0), true, 0, 3},
        {SOW_TORCH, SHAPE(3, 5, 0), true, 0, 0},
        {SOW_TORCH, SHAPE(2, 3, 2, 2, 2, 2, 2, 2), true, 192, 128},
        {SOW_JAX, scalar, false, 0, 0},
        {SOW_JAX, SHAPE(7), false, 0, 0},
        {SOW_JAX, SHAPE(3, 5), true, 3, 5},
        {SOW_JAX, SHAPE(3, 5, 7), true, 15, 21},
        {SOW_JAX, SHAPE(3, 3, 32, 64), true, 288, 576},
        {SOW_JAX, SHAPE(0, 5), true, 0, 5},
        {SOW_KERAS, scalar, true, 1, 1},
        {SOW_KERAS, SHAPE(7), true, 7, 7},
        {SOW_KERAS, SHAPE(0), true, 1, 1},
        {SOW_KERAS, SHAPE(3, 5), true, 3, 5},
        {SOW_KERAS, SHAPE(3, 3, 32, 64), true, 288, 576},
        {SOW_KERAS, SHAPE(0, 5), true, 1, 5},
        {SOW_KERAS, SHAPE(0, 3, 5), true, 1, 1},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct sow_axes axes = {0xff, 0xff, 0xff};
        uint64_t in = 77, out = 77;
        struct sow_error error;
        bool has;

        ck_assert_int_eq(
            sow_shape_axes(&rows[i].shape, rows[i].layout, &axes, &error),
            SOW_OK);
        has = sow_shape_fans(&rows[i].shape, rows[i].layout, axes, &in, &out);
        ck_assert_msg(
            has == rows[i].has && in == rows[i].in && out == rows[i].out,
            "row %zu, %s: %llu, %llu", i, sow_layout_name(rows[i].layout),
            (unsigned long long)in, (unsigned long long)out);
    }
}
END_TEST

START_TEST(layouts_name_their_axes)
{
    const struct {
        enum sow_layout layout;
        uint32_t rank;
        struct sow_axes axes;
    } rows[] = {
        {SOW_TORCH, 2, {2, 1, 0}}, {SOW_TORCH, 8, {2, 1, 0}},
        {SOW_JAX, 2, {1, 2, 0}},   {SOW_JAX, 8, {64, 128, 0}},
        {SOW_KERAS, 4, {4, 8, 0}}, {SOW_TORCH, 1, {0, 0, 0}},
        {SOW_JAX, 0, {0, 0, 0}},   {SOW_KERAS, 1, {0, 0, 0}},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct sow_shape shape = {rows[i].rank, {1, 1, 1, 1, 1, 1, 1, 1}};
        struct sow_axes axes = {9, 9, 9};
        struct sow_error error;

        ck_assert_int_eq(sow_shape_axes(&shape, rows[i].layout, &axes, &error),
                         SOW_OK);
        ck_assert_msg(axes.in == rows[i].axes.in &&
                          axes.out == rows[i].axes.out && axes.batch == 0,
                      "row %zu: %u, %u, %u", i, axes.in, axes.out, axes.batch);
    }
}
END_TEST

/* The products of jax.nn.initializers.variance_scaling. */
START_TEST(explicit_axes_give_their_fans)
{
    const struct {
        struct sow_shape shape;
        struct sow_axes axes;
        uint64_t in, out;
    } rows[] = {
        {SHAPE(3, 5), {1, 2, 0}, 3, 5},
        {SHAPE(3, 5), {2, 1, 0}, 5, 3},
        /* Flax's Embed: (vocabulary, features), both on axis 0. */
        {SHAPE(1000, 64), {1, 1, 0}, 64, 64},
        {SHAPE(3, 5), {0, 0, 0}, 15, 15},
        {SHAPE(3, 5), {3, 0, 0}, 15, 1},
        {SHAPE(3, 5), {0, 3, 0}, 1, 15},
        {SHAPE(3, 5), {3, 3, 0}, 1, 1},
        {SHAPE(2, 3, 5), {2, 4, 1}, 3, 5},
        {SHAPE(2, 3, 5, 7), {4, 8, 1}, 15, 21},
        {SHAPE(2, 3, 5, 7), {6, 8, 1}, 15, 7},
        {SHAPE(2, 3, 5, 7), {4, 8, 3}, 5, 7},
        {SHAPE(2, 3), {0, 0, 3}, 1, 1},
        {SHAPE(7), {1, 0, 0}, 7, 1},
        {SHAPE(7), {1, 1, 0}, 1, 1},
        {scalar, {0, 0, 0}, 1, 1},
        {SHAPE(1, 1, 1, 1, 1, 1, 4, 9), {64, 128, 0}, 4, 9},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct sow_axes axes = rows[i].axes;
        uint64_t in = 77, out = 77;
        struct sow_error error;

        ck_assert_int_eq(
            sow_shape_axes(&rows[i].shape, SOW_EXPLICIT, &axes, &error),
            SOW_OK);
        ck_assert_mem_eq(&axes, &rows[i].axes, sizeof axes);
        ck_assert(
            sow_shape_fans(&rows[i].shape, SOW_EXPLICIT, axes, &in, &out));
        ck_assert_msg(in == rows[i].in && out == rows[i].out,
                      "row %zu: %llu, %llu", i, (unsigned long long)in,
                      (unsigned long long)out);
    }
}
END_TEST

START_TEST(bad_axes_are_refused)
{
    const struct {
        struct sow_shape shape;
        struct sow_axes axes;
    } rows[] = {
        {scalar, {1, 0, 0}},      {scalar, {0, 0, 1}},
        {SHAPE(3), {2, 0, 0}},    {SHAPE(3, 5), {4, 0, 0}},
        {SHAPE(3, 5), {0, 4, 0}}, {SHAPE(3, 5), {0, 0, 4}},
        {SHAPE(3, 5), {1, 2, 1}}, {SHAPE(3, 5), {1, 2, 2}},
        {SHAPE(3, 5), {1, 1, 1}}, {SHAPE(3, 5), {128, 0, 0}},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct sow_spec spec = spec_make("zeros", SOW_FLOAT32, rows[i].shape);

        spec.layout = SOW_EXPLICIT;
        spec.axes = rows[i].axes;
        spec_refused(&spec, SOW_BAD_AXES, "axes");
    }
}
END_TEST

START_TEST(layouts_are_found_by_name)
{
    const char *const names[] = {"torch", "jax", "keras"};
    const char *const others[] = {"", "explicit", "Torch", "tor", "torchx"};
    enum sow_layout layout;

    for (int i = SOW_TORCH; i < SOW_EXPLICIT; i++) {
        layout = SOW_EXPLICIT;
        ck_assert(sow_layout_find(names[i], &layout));
        ck_assert_int_eq(layout, i);
        ck_assert_str_eq(sow_layout_name(layout), names[i]);
    }
    layout = SOW_KERAS;
    for (size_t i = 0; i < COUNT(others); i++)
        ck_assert(!sow_layout_find(others[i], &layout));
    ck_assert_int_eq(layout, SOW_KERAS);
    ck_assert_str_eq(sow_layout_name(SOW_EXPLICIT), "explicit");
}
END_TEST

Suite *shape_suite(void)
{
    Suite *suite = suite_create("shape");
    TCase *cases = tcase_create("shape");

    tcase_add_test(cases, sizes_are_products_below_2_63);
    tcase_add_test(cases, nine_dimensions_are_refused);
    tcase_add_test(cases, entries_past_the_rank_do_not_matter);
    tcase_add_test(cases, fans_are_those_of_the_layout);
    tcase_add_test(cases, layouts_name_their_axes);
    tcase_add_test(cases, explicit_axes_give_their_fans);
    tcase_add_test(cases, bad_axes_are_refused);
    tcase_add_test(cases, layouts_are_found_by_name);
    suite_add_tcase(suite, cases);
    return suite;
}
