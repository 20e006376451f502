/* SPDX-License-Identifier: MIT */
/* What the library refuses, as a problem at a place of the request. */
#include "blame.h"
#include "utf8.h"
#include "count.h"

#include <string.h>

enum problem_code blame_code(enum sow_status status)
{
    static const enum problem_code codes[] = {
        [SOW_BAD_SHAPE] = PROBLEM_BAD_SHAPE,
        [SOW_BAD_AXES] = PROBLEM_BAD_AXES,
        [SOW_BAD_PARAMETER] = PROBLEM_BAD_PARAMETER,
        [SOW_BAD_SCHEME] = PROBLEM_BAD_SCHEME,
        [SOW_BAD_SLICE] = PROBLEM_BAD_SLICE,
    };
    const size_t i = (size_t)status;
    if (i >= COUNT(codes) || codes[i] == PROBLEM_NONE)
        return PROBLEM_INTERNAL;
    return codes[i];
}

enum problem_code blame_error(const struct sow_error *error,
                              const struct place *place, const char *about,
                              struct problem *problem)
{
    const enum problem_code code = blame_code(error->status);
    const struct place_text at = place_text(place);
    const bool named = strncmp(error->text, error->at, strlen(error->at)) == 0;
    const char *head = named ? "" : error->at;
    const char *colon = named ? "" : ": ";
    if (!about)
        return problem_set(problem, code, at.text, "%s%s%s.", head, colon,
                           error->text);
    return problem_set(problem, code, at.text, "Tensor '%s': %s%s%s.",
                       utf8_quote(about).text, head, colon, error->text);
}
