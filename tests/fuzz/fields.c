/* SPDX-License-Identifier: MIT */
/* The fields of a head, lines "Name: value": all that api/ reads of them. */
#include "fuzz.h"
#include "fuzz_head.h"

#include "accept.h"
#include "head.h"
#include "range.h"
#include "repr.h"

#include <string.h>

#define TAG "\"tag\""

static const char *const types[] = {"application/octet-stream",
                                    "application/json", "application/x-npy"};

#define TYPES (sizeof types / sizeof types[0])

/* Is any of the fields called 'name' cut where a quote is open? */
static bool has_quote(const struct api_request *request, const char *name)
{
    const char *value;

    for (size_t i = 0; (value = head_next(request, name, &i));)
        if (strchr(value, '"'))
            return true;
    return false;
}

/* All fields called 'name' in one, as RFC 9110 has it in 5.3. */
static char *join(const struct api_request *request, const char *name)
{
    size_t room = 1;
    const char *value;

    for (size_t i = 0; (value = head_next(request, name, &i));)
        room += strlen(value) + 2;
    char *all = calloc(1, room);
    MUST(all, "out of memory");
    char *out = all;
    for (size_t i = 0; (value = head_next(request, name, &i));)
        out += snprintf(out, room - (size_t)(out - all), "%s%s",
                        out > all ? ", " : "", value);
    return all;
}

static void check_accept(const struct api_request *request)
{
    int choice = accept_choose(request, types, TYPES);

    MUST(choice >= -1 && choice < (int)TYPES, "%d", choice);
    if (!head_value(request, "Accept")) {
        MUST(choice == 0, "%d", choice);
        return;
    }
    if (has_quote(request, "Accept"))
        return;
    char *all = join(request, "Accept");
    struct api_header field = {"accept", all};
    struct api_request joined = {.headers = &field, .header_count = 1};
    MUST(accept_choose(&joined, types, TYPES) == choice, "%s", all);
    free(all);
}

static void check_wish(const struct api_request *request)
{
    bool wanted = repr_wanted(request);

    if (has_quote(request, "Want-Repr-Digest"))
        return;
    char *all = join(request, "Want-Repr-Digest");
    struct api_header field = {"want-repr-digest", all};
    struct api_request joined = {.headers = &field, .header_count = 1};
    MUST(repr_wanted(&joined) == wanted, "%s", all);
    free(all);
}

/* Whoever has the tag needs no other copy; a write must be refused then. */
static void check_conditions(struct api_request request,
                             struct api_header fields[FUZZ_FIELDS + 1])
{
    enum condition plain = condition_evaluate(&request, TAG, true);
    bool failed = condition_evaluate(&request, TAG, false) == CONDITION_FAILED;

    MUST(failed == (plain != CONDITION_GO_ON), "%d", plain);
    fields[request.header_count++] = (struct api_header){"If-None-Match", TAG};
    MUST(condition_evaluate(&request, TAG, true) != CONDITION_GO_ON, "%d",
         plain);
    fields[request.header_count - 1].name = "If-Match";
    if (plain == CONDITION_GO_ON)
        MUST(!condition_evaluate(&request, TAG, true), "%d", plain);
}

static void check_head(struct api_request request,
                       struct api_header fields[FUZZ_FIELDS + 1])
{
    struct problem problem;
    enum problem_code code = head_check(&request, &problem);

    if (code == PROBLEM_NOT_IMPLEMENTED)
        MUST(head_value(&request, "Transfer-Encoding"), "%s", problem.detail);
    else if (code)
        fuzz_problem(&problem, code);
    if (!code && head_limit(&request, &fuzz_limits, &problem))
        fuzz_problem(&problem, problem.code);
    if (!code && head_check_json(&request, &problem))
        fuzz_problem(&problem, PROBLEM_UNSUPPORTED_MEDIA_TYPE);
    bool hosted = head_value(&request, "Host");
    fields[request.header_count++] = (struct api_header){"host", "x"};
    if (hosted)
        MUST(head_check(&request, &problem), "two hosts");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = fuzz_text(data, size);
    struct api_header fields[FUZZ_FIELDS + 1];
    struct api_request request = {
        .method = "GET", .target_path = "/", .headers = fields};

    (void)fuzz_head(text, fields, &request.header_count);
    check_head(request, fields);
    check_accept(&request);
    check_wish(&request);
    check_conditions(request, fields);
    free(text);
    return 0;
}
