/* SPDX-License-Identifier: MIT */
/* Names of a layer's tensors, put together. */
#include "layers/name.h"

#include <stdio.h>
#include <string.h>

#include "layers/expression.h"
#include "status.h"

enum sow_status sow_name_too_long(struct sow_error *error)
{
    return sow_fail(error, SOW_BAD_PARAMETER, "name",
                    "a parameter's name would pass %d bytes", SOW_MAX_NAME);
}

enum sow_status sow_name_append(char name[SOW_MAX_NAME + 1], size_t *length,
                                const char *text, size_t n,
                                struct sow_error *error)
{
    if (n > SOW_MAX_NAME - *length)
        return sow_name_too_long(error);
    memcpy(name + *length, text, n);
    *length += n;
    name[*length] = '\0';
    return SOW_OK;
}

/* Append the number that the expression at text[*at], up to }, comes to. */
static enum sow_status append_number(char *name, size_t *length,
                                     const char *text, size_t *at,
                                     const struct sow_scope *scope,
                                     struct sow_error *error)
{
    char digits[24];
    double value = 0;
    enum sow_status status =
        sow_expression_read(text, at, scope, false, &value, error);

    if (status != SOW_OK)
        return status;
    if (!sow_is_whole(value))
        return sow_fail(error, SOW_BAD_PARAMETER, "name",
                        "a name has no place for %g", value);
    *at += text[*at] == '}';
    snprintf(digits, sizeof digits, "%lld", (long long)value);
    return sow_name_append(name, length, digits, strlen(digits), error);
}

enum sow_status sow_name_write(char name[SOW_MAX_NAME + 1], size_t *length,
                               const char *text, const struct sow_scope *scope,
                               struct sow_error *error)
{
    size_t at = 0;

    while (text[at] != '\0') {
        size_t n = strcspn(text + at, "{");
        enum sow_status status =
            sow_name_append(name, length, text + at, n, error);

        at += n;
        if (status == SOW_OK && text[at] == '{') {
            at++;
            status = append_number(name, length, text, &at, scope, error);
        }
        if (status != SOW_OK)
            return status;
    }
    return SOW_OK;
}
