/* SPDX-License-Identifier: MIT */
/* Tests of the choice of an engine. */
#include <stdlib.h>
#include <string.h>

#include "help.h"
#include "kernels/kernels.h"

Suite *choose_suite(void);

START_TEST(every_engine_is_found_by_its_name)
{
    const char *name;

    for (size_t i = 0; (name = sow_engine_at(i)) != NULL; i++) {
        const struct sow_engine *engine = NULL;

        if (sow_engine_choose(name, &engine) == SOW_OK)
            ck_assert_str_eq(sow_engine_name(engine), name);
        for (size_t j = 0; j < i; j++)
            ck_assert_str_ne(name, sow_engine_at(j));
        ck_assert_uint_lt(i, ENGINES);
    }
}
END_TEST

START_TEST(no_name_chooses_the_fastest_that_runs)
{
    const struct sow_engine *engine = NULL;

    ck_assert_int_eq(sow_engine_choose(NULL, &engine), SOW_OK);
    ck_assert_ptr_eq(engine, engine_at(0));
}
END_TEST

START_TEST(unknown_names_are_refused)
{
    const char *const names[] = {"", "avx", "avx22", "Portable", "portable "};

    for (size_t i = 0; i < COUNT(names); i++) {
        const struct sow_engine *engine = &sow_engine_portable;

        ck_assert_int_eq(sow_engine_choose(names[i], &engine), SOW_NO_ENGINE);
        ck_assert_ptr_eq(engine, &sow_engine_portable);
    }
}
END_TEST

START_TEST(portable_always_runs)
{
    const struct sow_engine *engine = NULL;

    ck_assert_int_eq(sow_engine_choose("portable", &engine), SOW_OK);
    ck_assert_ptr_eq(engine, &sow_engine_portable);
}
END_TEST

START_TEST(engines_are_complete)
{
    const struct sow_engine *engine;

    for (size_t i = 0; (engine = engine_at(i)) != NULL; i++) {
        ck_assert(engine->words != NULL);
        ck_assert(engine->uniform_f32 != NULL);
        ck_assert(engine->normal_f32 != NULL);
        ck_assert(engine->truncated_f32 != NULL);
        ck_assert(engine->uniform_f64 != NULL);
        ck_assert(engine->normal_f64 != NULL);
        ck_assert(engine->truncated_f64 != NULL);
        ck_assert(engine->narrow != NULL);
    }
}
END_TEST

/* Those in REQUIRE_ENGINES, which is a list with spaces between. */
START_TEST(required_engines_run_here)
{
    const char *list = getenv("REQUIRE_ENGINES");
    const struct sow_engine *engine;
    char name[32];

    if (list == NULL)
        list = "portable";
    for (list += strspn(list, " "); *list != '\0'; list += strspn(list, " ")) {
        size_t length = strcspn(list, " ");

        ck_assert_uint_lt(length, sizeof name);
        memcpy(name, list, length);
        name[length] = '\0';
        ck_assert_msg(sow_engine_choose(name, &engine) == SOW_OK,
                      "engine %s is required, and does not run here", name);
        list += length;
    }
}
END_TEST

Suite *choose_suite(void)
{
    Suite *suite = suite_create("choose");
    TCase *cases = tcase_create("choose");

    tcase_add_test(cases, every_engine_is_found_by_its_name);
    tcase_add_test(cases, no_name_chooses_the_fastest_that_runs);
    tcase_add_test(cases, unknown_names_are_refused);
    tcase_add_test(cases, portable_always_runs);
    tcase_add_test(cases, engines_are_complete);
    tcase_add_test(cases, required_engines_run_here);
    suite_add_tcase(suite, cases);
    return suite;
}
