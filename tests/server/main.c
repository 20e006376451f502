/* SPDX-License-Identifier: MIT */
/* The suites of server/. */
#include "../suites.h"

/* clang-format off */
#define SUITES(ROW) \
    ROW(address) \
    ROW(burden) \
    ROW(config) \
    ROW(framing) \
    ROW(half_closed) \
    ROW(healthcheck) \
    ROW(http) \
    ROW(lanes) \
    ROW(large) \
    ROW(ledger) \
    ROW(ledger_trouble) \
    ROW(limits) \
    ROW(log) \
    ROW(pool) \
    ROW(quota) \
    ROW(sandbox) \
    ROW(secret_file) \
    ROW(stopping) \
    ROW(store_directory) \
    ROW(store_hazards) \
    ROW(streams) \
    ROW(tidying) \
    ROW(tls) \
    ROW(trace) \
    ROW(upload) \
    ROW(user)
/* clang-format on */

SUITES(SUITE_DECLARE)

static const struct suite_row suites[] = {SUITES(SUITE_ROW)};

int main(int argc, char **argv)
{
    return suites_main(suites, sizeof suites / sizeof suites[0], argc, argv);
}
