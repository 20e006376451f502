/* SPDX-License-Identifier: MIT */
/* Names of the statuses, and the filling of errors. */
#include "status.h"

#include <stdarg.h>
#include <stdio.h>

static const char *const names[] = {
    [SOW_OK] = "ok",
    [SOW_BAD_SHAPE] = "bad shape",
    [SOW_BAD_AXES] = "bad axes",
    [SOW_BAD_PARAMETER] = "bad parameter",
    [SOW_BAD_SCHEME] = "bad scheme",
    [SOW_BAD_RANGE] = "bad range",
    [SOW_BAD_SLICE] = "bad slice",
    [SOW_NEEDS_WHOLE] = "the whole has not been made",
    [SOW_NO_ENGINE] = "no such engine",
    [SOW_STOPPED] = "stopped",
    [SOW_NO_LIBRARY] = "the hash library failed to start",
};

const char *sow_status_name(enum sow_status status)
{
    return names[status];
}

enum sow_status sow_fail(struct sow_error *error, enum sow_status status,
                         const char *at, const char *format, ...)
{
    va_list arguments;

    error->status = status;
    snprintf(error->at, sizeof error->at, "%s", at);
    va_start(arguments, format);
    vsnprintf(error->text, sizeof error->text, format, arguments);
    va_end(arguments);
    return status;
}
