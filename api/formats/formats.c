/* SPDX-License-Identifier: MIT */
/* The table of formats, and the choice among them. */
#include "formats/formats.h"

#include "accept.h"

static const struct format *const formats[] = {
    &format_raw,         &format_json,     &format_npy,
    &format_safetensors, &format_manifest,
};

#define FORMATS (sizeof formats / sizeof formats[0])

static const struct format *find(enum spec_format id)
{
    size_t i = 0;

    while (i + 1 < FORMATS && formats[i]->id != id)
        i++;
    return formats[i];
}

enum problem_code format_choose(const struct api_request *request,
                                enum spec_format asked, enum spec_format usual,
                                const struct format **format,
                                struct problem *problem)
{
    const struct format *offers[FORMATS] = {find(usual)};
    const char *types[FORMATS] = {offers[0]->type};
    size_t count = 1;

    if (asked != FORMAT_UNSET) {
        *format = find(asked);
        return PROBLEM_NONE;
    }
    for (size_t i = 0; i < FORMATS; i++) {
        if (!formats[i]->negotiated || formats[i] == offers[0])
            continue;
        offers[count] = formats[i];
        types[count++] = formats[i]->type;
    }
    int choice = accept_choose(request, types, count);
    if (choice < 0)
        return problem_set(problem, PROBLEM_NOT_ACCEPTABLE, "Accept",
                           "Weights come as application/octet-stream, "
                           "application/json, application/x-npy or "
                           "application/x-safetensors; format=raw, json, npy, "
                           "safetensors or manifest overrides Accept.");
    *format = offers[choice];
    return PROBLEM_NONE;
}
