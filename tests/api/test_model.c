/* SPDX-License-Identifier: MIT */
/* Tests of what holds for the tensors of a model together. */
#include "model.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

Suite *model_suite(void);

#define COUNT 512

/* FNV-1a, whose low bits are a name's place among 2 * COUNT. */
static uint64_t place_of(const char *name)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (; *name; name++)
        hash = (hash ^ (unsigned char)*name) * UINT64_C(0x100000001b3);
    return hash % (2 * (uint64_t)COUNT);
}

/* COUNT names that differ; 'contrived' ones have one place. */
static void fill_names(char names[COUNT][16], bool contrived)
{
    size_t found = 0;
    for (unsigned i = 0; found < COUNT; i++) {
        snprintf(names[found], sizeof names[found], "layer.%u", i);
        found += !contrived || place_of(names[found]) == 7;
    }
}

static const struct {
    bool contrived;
    size_t copies[2][2]; /* names[to] is a copy of names[from] */
    size_t duplicate;    /* 0 for none */
} rows[] = {
    {false, {{0, 0}, {0, 0}}, 0},        {false, {{0, 511}, {0, 0}}, 511},
    {false, {{0, 511}, {8, 9}}, 9},      {false, {{3, 100}, {3, 200}}, 100},
    {true, {{0, 0}, {0, 0}}, 0},         {true, {{0, 511}, {0, 0}}, 511},
    {true, {{500, 501}, {1, 510}}, 501}, {true, {{3, 500}, {3, 511}}, 500},
};

START_TEST(the_first_tensor_with_a_name_that_is_taken_is_found)
{
    static char names[COUNT][16];
    struct sow_tensor *tensors = calloc(COUNT, sizeof *tensors);
    const struct model model = {.tensors = tensors, .count = COUNT};
    struct problem problem;
    size_t duplicate = 0;

    ck_assert_ptr_nonnull(tensors);
    fill_names(names, rows[_i].contrived);
    for (size_t i = 0; i < COUNT; i++)
        tensors[i].spec.name = names[i];
    for (size_t i = 0; i < 2; i++)
        tensors[rows[_i].copies[i][1]].spec.name = names[rows[_i].copies[i][0]];
    ck_assert_int_eq(model_check_names(&model, &duplicate, &problem),
                     rows[_i].duplicate > 0 ? PROBLEM_DUPLICATE_NAME
                                            : PROBLEM_NONE);
    ck_assert_uint_eq(duplicate, rows[_i].duplicate);
    free(tensors);
}
END_TEST

Suite *model_suite(void)
{
    Suite *suite = suite_create("model");
    TCase *cases = tcase_create("model");

    tcase_add_loop_test(cases,
                        the_first_tensor_with_a_name_that_is_taken_is_found, 0,
                        (int)(sizeof rows / sizeof rows[0]));
    suite_add_tcase(suite, cases);
    return suite;
}
