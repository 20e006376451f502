/* SPDX-License-Identifier: MIT */
/* Tests of rows that are repeated, over tables made up for them. */
#include "layers/rows.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

Suite *repeat_suite(void);

static const struct sow_argument arguments[] = {
    SOW_NEEDS("n", INDEX),
};

static const struct sow_argument leaf_arguments[] = {
    SOW_NEEDS("size", INDEX),
};

#define TENSOR(n, ...)                                                      \
    {                                                                       \
        .name = (n), .part = SOW_PART_WEIGHT, .scheme = "zeros", .shape = { \
            __VA_ARGS__                                                     \
        }                                                                   \
    }

static const struct sow_row leaf_rows[] = {
    TENSOR("w", "size"),
    {.name = "b",
     .when = "size > 2",
     .part = SOW_PART_BIAS,
     .scheme = "ones",
     .shape = {"2 * size"}},
};
static const struct sow_layer_type leaf = {
    .name = "leaf", SOW_ARGUMENTS(leaf_arguments), SOW_ROWS_OF(leaf_rows)};

/* Blocks without arguments, which see the index of the repetition. */
static const struct sow_row alike_rows[] = {TENSOR("x", "n"),
                                            TENSOR("y", "n + 1")};
static const struct sow_layer_type alike = {SOW_ROWS_OF(alike_rows)};
static const struct sow_row named_rows[] = {TENSOR("x{i * i}", "n")};
static const struct sow_layer_type named = {SOW_ROWS_OF(named_rows)};
static const struct sow_row shaped_rows[] = {TENSOR("x", "i + 1")};
static const struct sow_layer_type shaped = {SOW_ROWS_OF(shaped_rows)};
static const struct sow_row nested_rows[] = {
    {.name = "{j}.", .repeat = "2", .index = "j", .block = &alike},
    {.name = "{i}{j}.", .repeat = "i", .index = "j", .block = &alike},
};
static const struct sow_layer_type nested = {SOW_ROWS_OF(nested_rows)};
static const struct sow_row many_rows[] = {
    {.name = "{j}.",
     .repeat = "40",
     .index = "j",
     .block = &leaf,
     .with = "size = n"},
};
static const struct sow_layer_type many = {SOW_ROWS_OF(many_rows)};

#define REPEAT(...)                                    \
    {                                                  \
        {                                              \
            .name = "{i}.", .repeat = "n", __VA_ARGS__ \
        }                                              \
    }

/* The tensors for n = 3, each as "name shape". */
static const struct {
    struct sow_row row[1];
    const char *tensors;
} tables[] = {
    {REPEAT(.block = &alike), "0.x 3;0.y 4;1.x 3;1.y 4;2.x 3;2.y 4;"},
    {REPEAT(.block = &named), "0.x0 3;1.x1 3;2.x4 3;"},
    {REPEAT(.block = &shaped), "0.x 1;1.x 2;2.x 3;"},
    {REPEAT(.block = &alike, .when = "i != 1"), "0.x 3;0.y 4;2.x 3;2.y 4;"},
    {REPEAT(.block = &alike, .when = "i != 0"), "1.x 3;1.y 4;2.x 3;2.y 4;"},
    {REPEAT(.block = &alike, .when = "n != 3"), ""},
    {REPEAT(.block = &leaf, .with = "size = n"),
     "0.w 3;0.b 6;1.w 3;1.b 6;2.w 3;2.b 6;"},
    {REPEAT(.block = &leaf, .with = "size = i + 1"),
     "0.w 1;1.w 2;2.w 3;2.b 6;"},
    {REPEAT(.block = &leaf, .with = "size = i"), "0.w 0;1.w 1;2.w 2;"},
    {REPEAT(.block = &nested),
     "0.0.x 3;0.0.y 4;0.1.x 3;0.1.y 4;1.0.x 3;1.0.y 4;1.1.x 3;1.1.y 4;"
     "1.10.x 3;1.10.y 4;2.0.x 3;2.0.y 4;2.1.x 3;2.1.y 4;2.20.x 3;2.20.y 4;"
     "2.21.x 3;2.21.y 4;"},
};

struct seen {
    char text[512];
    size_t count, names;
};

static enum sow_status look(void *argument,
                            const struct sow_layer_tensor *tensor,
                            struct sow_error *error)
{
    struct seen *seen = argument;
    size_t used = strlen(seen->text);

    (void)error;
    seen->count++;
    seen->names += strlen(tensor->name);
    snprintf(seen->text + used, sizeof seen->text - used, "%s %d;",
             tensor->name, (int)tensor->shape.dims[0]);
    return SOW_OK;
}

static void make(struct sow_layer *layer, const struct sow_layer_type *type,
                 double n)
{
    const struct sow_given given = {
        .name = "n", .kind = SOW_VALUE_NUMBER, .numbers = {n}};
    struct sow_error error;

    ck_assert_int_eq(sow_layer_init(layer, type, &given, 1, &error), SOW_OK);
}

/* Visiting, measuring, and both at every limit, tell of the same tensors. */
static void check_limits(const struct sow_layer *layer, struct seen *seen)
{
    struct sow_layer_size size;
    struct sow_error error;

    ck_assert_int_eq(sow_layer_visit(layer, 1000, look, seen, &error), SOW_OK);
    for (size_t limit = 0; limit <= seen->count + 1; limit++) {
        struct seen again = {.count = 0};
        enum sow_status wanted =
            limit < seen->count ? SOW_BAD_PARAMETER : SOW_OK;
        ck_assert_int_eq(sow_layer_visit(layer, limit, look, &again, &error),
                         wanted);
        ck_assert_uint_eq(again.count, wanted ? limit : seen->count);
        ck_assert_int_eq(sow_layer_measure(layer, limit, &size, &error),
                         wanted);
        if (wanted != SOW_OK)
            ck_assert_str_eq(error.at, "layers");
    }
    ck_assert_uint_eq(size.tensors, seen->count);
    ck_assert_uint_eq(size.names, seen->names);
}

START_TEST(each_round_has_its_own_tensors)
{
    const struct sow_layer_type type = {.name = "type",
                                        SOW_ARGUMENTS(arguments),
                                        .rows = tables[_i].row,
                                        .row_count = 1};
    struct seen seen = {.count = 0};
    struct sow_layer layer;

    make(&layer, &type, 3);
    check_limits(&layer, &seen);
    ck_assert_str_eq(seen.text, tables[_i].tensors);
}
END_TEST

START_TEST(rounds_may_have_more_tensors_than_are_kept)
{
    static const struct sow_row row[1] = REPEAT(.block = &many);
    const struct sow_layer_type type = {
        .name = "type", SOW_ARGUMENTS(arguments), SOW_ROWS_OF(row)};
    struct seen seen = {.count = 0};
    struct sow_layer layer;

    make(&layer, &type, 3);
    check_limits(&layer, &seen);
    ck_assert_uint_eq(seen.count, 3 * 40 * 2);
}
END_TEST

/* With two digits of the index a name is a byte too long. */
START_TEST(names_that_grow_too_long_are_refused)
{
    char name[SOW_MAX_NAME + 8];
    const struct sow_row row[1] = {
        {.name = name, .repeat = "n", .block = &alike}};
    const struct sow_layer_type type = {
        .name = "type", SOW_ARGUMENTS(arguments), SOW_ROWS_OF(row)};
    struct seen seen = {.count = 0};
    struct sow_error error = {.at = ""};
    struct sow_layer_size size;
    struct sow_layer layer;

    memset(name, 'a', SOW_MAX_NAME - 2);
    memcpy(name + SOW_MAX_NAME - 2, "{i}", 4);
    make(&layer, &type, 10);
    ck_assert_int_eq(sow_layer_measure(&layer, 100, &size, &error), SOW_OK);
    ck_assert_uint_eq(size.names, 20 * SOW_MAX_NAME);
    make(&layer, &type, 11);
    ck_assert_int_eq(sow_layer_measure(&layer, 100, &size, &error),
                     SOW_BAD_PARAMETER);
    ck_assert_str_eq(error.at, "name");
    error.at[0] = '\0';
    ck_assert_int_eq(sow_layer_visit(&layer, 100, look, &seen, &error),
                     SOW_BAD_PARAMETER);
    ck_assert_str_eq(error.at, "name");
    ck_assert_uint_eq(seen.count, 20);
}
END_TEST

Suite *repeat_suite(void)
{
    Suite *suite = suite_create("repeat");
    TCase *cases = tcase_create("repeat");

    tcase_add_loop_test(cases, each_round_has_its_own_tensors, 0,
                        COUNT(tables));
    tcase_add_test(cases, rounds_may_have_more_tensors_than_are_kept);
    tcase_add_test(cases, names_that_grow_too_long_are_refused);
    suite_add_tcase(suite, cases);
    return suite;
}
