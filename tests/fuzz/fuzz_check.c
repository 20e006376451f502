/* SPDX-License-Identifier: MIT */
/* What the assertions of tests/api call, outside of a test of libcheck's. */
#include "fuzz.h"

#include <check.h>
#include <stdarg.h>

void _mark_point(const char *file, int line)
{
    (void)file;
    (void)line;
}

void _ck_assert_failed(const char *file, int line, const char *expression,
                       const char *message, ...)
{
    va_list arguments;

    fprintf(stderr, "%s:%d: %s does not hold: ", file, line, expression);
    va_start(arguments, message);
    if (message)
        vfprintf(stderr, message, arguments);
    va_end(arguments);
    abort();
}
