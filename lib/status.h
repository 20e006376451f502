/* SPDX-License-Identifier: MIT */
/* Filling a 'struct sow_error'; for lib/ only. */
#ifndef STATUS_H
#define STATUS_H

#include "sow.h"

/*
 * Fill 'error' and return 'status', so that a caller can 'return sow_fail(…)'.
 * 'format' is printf's; what doesn't fit is cut.
 */
enum sow_status sow_fail(struct sow_error *error, enum sow_status status,
                         const char *at, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

#endif
