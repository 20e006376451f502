/* SPDX-License-Identifier: MIT */
/* The suites of allocations that fail. */
#include "../suites.h"

#define SUITES(ROW) \
    ROW(fault)      \
    ROW(fault_analysis) ROW(fault_recipes) ROW(fault_tokens) ROW(fault_server)

SUITES(SUITE_DECLARE)

static const struct suite_row suites[] = {SUITES(SUITE_ROW)};

int main(int argc, char **argv)
{
    return suites_main(suites, sizeof suites / sizeof suites[0], argc, argv);
}
