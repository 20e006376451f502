/* SPDX-License-Identifier: MIT */
/*
 * The body of each area's test program: all of its suites, or the one named
 * by the first argument, or with PART=2/3 in the environment the second of
 * three parts, which together are all.  Check's own variables work:
 * CK_FORK=no for a debugger, CK_VERBOSITY, CK_RUN_CASE.  Tags, for
 * CK_EXCLUDE_TAGS: "laws" have long tests of what distribution values follow,
 * "wide" those that compare with long double, slow where it has 113 bits.
 */
#ifndef SUITES_H
#define SUITES_H

#include <check.h>
#include <stdbool.h>
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

/* Every 'step'th from 'first' on, or the one called 'only' unless NULL. */
struct suites_part {
    const char *only;
    size_t first, step;
};

/* False when PART is none. */
static bool suites_part(struct suites_part *part, const char *only)
{
    const char *text = getenv("PART");
    size_t number;

    *part = (struct suites_part){only, 0, 1};
    if (only != NULL || text == NULL)
        return true;
    if (sscanf(text, "%zu/%zu", &number, &part->step) != 2 || number < 1 ||
        number > part->step)
        return false;
    part->first = number - 1;
    return true;
}

/* Add the suites of a part; how many there were. */
static size_t suites_add(SRunner *runner, const struct suite_row *rows,
                         size_t count, const struct suites_part *part)
{
    size_t added = 0;

    for (size_t i = part->first; i < count; i += part->step) {
        if (part->only != NULL && strcmp(part->only, rows[i].name) != 0)
            continue;
        srunner_add_suite(runner, rows[i].make());
        added++;
    }
    return added;
}

static int suites_main(const struct suite_row *rows, size_t count, int argc,
                       char **argv)
{
    struct suites_part part;
    SRunner *runner = srunner_create(NULL);
    int failed;

    if (sow_init() != SOW_OK) {
        fprintf(stderr, "the hash library failed to start\n");
        return EXIT_FAILURE;
    }
    if (!suites_part(&part, argc > 1 ? argv[1] : NULL)) {
        fprintf(stderr, "PART is no NUMBER/PARTS\n");
        return EXIT_FAILURE;
    }
    if (suites_add(runner, rows, count, &part) == 0) {
        fprintf(stderr, "there is no such suite\n");
        return EXIT_FAILURE;
    }
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif
