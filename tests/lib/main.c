/* SPDX-License-Identifier: MIT */
/* The suites of lib/, after the names of the engines that can't be tested. */
#include "../suites.h"

/* clang-format off */
#define SUITES(ROW) \
    ROW(accuracy) \
    ROW(body) \
    ROW(choose) \
    ROW(convert) \
    ROW(digest) \
    ROW(elementary) \
    ROW(kernels) \
    ROW(laws) \
    ROW(pattern) \
    ROW(philox) \
    ROW(read) \
    ROW(scaling) \
    ROW(schemes) \
    ROW(shape) \
    ROW(sow1) \
    ROW(statistics) \
    ROW(status) \
    ROW(tensor) \
    ROW(vectors)
/* clang-format on */

SUITES(SUITE_DECLARE)

static const struct suite_row suites[] = {SUITES(SUITE_ROW)};

static void name_missing_engines(void)
{
    const struct sow_engine *engine;
    const char *name;

    for (size_t i = 0; (name = sow_engine_at(i)) != NULL; i++)
        if (sow_engine_choose(name, &engine) != SOW_OK)
            printf("engine missing on this CPU: %s\n", name);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    name_missing_engines();
    return suites_main(suites, sizeof suites / sizeof suites[0], argc, argv);
}
