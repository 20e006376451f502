/* SPDX-License-Identifier: MIT */
/*
 * The body of each area's test program: all of its suites, or the one named
 * by the first argument.  Check's own variables work: CK_FORK=no for a
 * debugger, CK_VERBOSITY, CK_RUN_CASE.  Long tests of what distribution values
 * follow have the tag "laws", for CK_EXCLUDE_TAGS.
 */
#ifndef SUITES_H
#define SUITES_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sow.h"

/* For an area's list of suites: SUITE_DECLARE, then SUITE_ROW, of each. */
#define SUITE_DECLARE(name) Suite *name##_suite(void);
#define SUITE_ROW(name) {#name, name##_suite},

struct suite_row {
    const char *name;
    Suite *(*make)(void);
};

/* Add the suites that 'only' names, or all for NULL; how many there were. */
static size_t suites_add(SRunner *runner, const struct suite_row *rows,
                         size_t count, const char *only)
{
    size_t added = 0;

    for (size_t i = 0; i < count; i++) {
        if (only != NULL && strcmp(only, rows[i].name) != 0)
            continue;
        srunner_add_suite(runner, rows[i].make());
        added++;
    }
    return added;
}

static int suites_main(const struct suite_row *rows, size_t count, int argc,
                       char **argv)
{
    const char *only = argc > 1 ? argv[1] : NULL;
    SRunner *runner = srunner_create(NULL);
    int failed;

    if (sow_init() != SOW_OK) {
        fprintf(stderr, "the hash library failed to start\n");
        return EXIT_FAILURE;
    }
    if (suites_add(runner, rows, count, only) == 0) {
        fprintf(stderr, "no suite is called %s\n", only);
        return EXIT_FAILURE;
    }
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif
