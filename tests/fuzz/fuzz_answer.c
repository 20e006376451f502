/* SPDX-License-Identifier: MIT */
/* Asking, reading at any cut, and checking what came. */
#include "fuzz_answer.h"

#include "fuzz.h"
#include "head.h"
#include "hub/form.h"
#include "query.h"
#include "router.h"
#include "utf8.h"

#include <inttypes.h>
#include <string.h>
#include <strings.h>

static const char *field_of(const struct api_response *response,
                            const char *name)
{
    for (size_t i = 0; i < response->header_count; i++)
        if (!strcasecmp(response->headers[i].name, name))
            return response->headers[i].value;
    return "";
}

static void check_fields(const struct api_response *response)
{
    for (size_t i = 0; i < response->header_count; i++) {
        const struct api_header *field = &response->headers[i];
        size_t n = strlen(field->value);
        MUST(field->name[0], "field %zu", i);
        MUST(utf8_valid(field->value, n), "%s: %s", field->name, field->value);
        MUST(!utf8_has_control(field->value, n), "%s: %s", field->name,
             field->value);
    }
}

/* The body is the range that was announced. */
static void check_part(const struct api_response *response)
{
    const char *range = field_of(response, "Content-Range");
    uint64_t first, last, whole;

    if (response->status != 206)
        return;
    MUST(sscanf(range, "bytes %" SCNu64 "-%" SCNu64 "/%" SCNu64, &first, &last,
                &whole) == 3,
         "%s", range);
    MUST(first <= last && last < whole, "%s", range);
    MUST(response->size == last - first + 1, "%s", range);
}

/* What must be the same however the body is cut. */
static void check_window(struct api_exchange *exchange, uint64_t pos,
                         const uint8_t *right, size_t n)
{
    uint8_t got[257];

    for (size_t done = 0; done < n;) {
        size_t wanted = n - done < sizeof got ? n - done : sizeof got;
        int64_t read = api_read(exchange, pos + done, got, wanted);
        MUST(read > 0 && (size_t)read <= wanted, "%" PRId64, read);
        MUST(!memcmp(got, right + done, (size_t)read), "at %" PRIu64,
             pos + done);
        done += (size_t)read;
    }
}

/* The end of a body, read at once and then in pieces. */
static void check_end(struct api_exchange *exchange, uint64_t size)
{
    uint8_t end[1000];
    size_t n = size < sizeof end ? (size_t)size : sizeof end;
    uint8_t more;

    for (size_t done = 0; done < n;) {
        int64_t read =
            api_read(exchange, size - n + done, end + done, n - done);
        MUST(read > 0, "%" PRId64, read);
        done += (size_t)read;
    }
    check_window(exchange, size - n, end, n);
    MUST(api_read(exchange, size, &more, 1) == API_END, "%" PRIu64, size);
}

static void read_body(struct api_exchange *exchange, struct fuzz_answer *answer,
                      size_t piece)
{
    int64_t read = 1;

    while (read > 0 && answer->kept < FUZZ_KEPT) {
        size_t room = FUZZ_KEPT - answer->kept;
        read = api_read(exchange, answer->kept, answer->bytes + answer->kept,
                        room < piece ? room : piece);
        MUST(read != API_BROKEN, "at %zu", answer->kept);
        answer->kept += read > 0 ? (size_t)read : 0;
    }
    if (answer->size == API_SIZE_UNKNOWN)
        return;
    MUST(answer->kept == (answer->size < FUZZ_KEPT ? answer->size : FUZZ_KEPT),
         "%zu of %" PRIu64, answer->kept, answer->size);
    check_window(exchange, answer->kept / 3, answer->bytes + answer->kept / 3,
                 answer->kept / 2);
    check_end(exchange, answer->size);
}

/* Is 'at' one of the names that the pattern of the route's path has? */
static bool is_argument(const struct api_request *request, const char *at)
{
    struct route_match match;
    struct problem problem;
    char brace[64];

    snprintf(brace, sizeof brace, "{%s", at);
    return !route_find(request->method, request->target_path, &match,
                       &problem) &&
           match.route && strstr(match.route->path, brace);
}

/*
 * 'at' names what is in the request: a place in its body, a field of its head,
 * a part of its path or its query.
 */
static void check_place(const struct api_request *request, const char *at,
                        const char *code)
{
    struct query query;
    struct problem problem = {.at = ""};
    char value[FORM_TEXT];
    json_t *body = NULL;

    (void)query_init(&query, request->query, &problem);
    if (!at[0] || head_value(request, at) || is_argument(request, at) ||
        !strcmp(problem.at, at) || query_find(&query, at) ||
        form_find(request->query, at, value))
        return;
    if (at[0] == '/')
        (void)spec_load(&fuzz_limits, request->body, request->body_size, &body,
                        &problem);
    bool known = !strcmp(problem.at, at) || fuzz_may_lack(code) ||
                 !strcmp(at, "Content-Type") || strlen(at) > 310;
    if (body)
        fuzz_pointer(body, at, code);
    else
        MUST(known, "%s at '%s'", code, at);
    json_decref(body);
}

static void check_problem(const struct api_request *request, const json_t *root,
                          unsigned status)
{
    const char *code = json_string_value(json_object_get(root, "code"));
    const char *at = json_string_value(json_object_get(root, "at"));
    const char *detail = json_string_value(json_object_get(root, "detail"));
    json_int_t said = json_integer_value(json_object_get(root, "status"));
    int known = PROBLEM_NONE + 1;

    MUST(code && detail && strlen(detail) > 10, "no code or detail");
    while (known < PROBLEM_CODES &&
           strcmp(problem_name((enum problem_code)known), code) != 0)
        known++;
    MUST(known < PROBLEM_CODES, "%s", code);
    MUST(said == (json_int_t)status, "%s: %u", code, status);
    MUST(problem_status((enum problem_code)known) == status, "%s", code);
    check_place(request, at ? at : "", code);
}

/* What is said to be JSON must be. */
static void check_json(const struct api_request *request,
                       const struct api_response *response,
                       const struct fuzz_answer *answer)
{
    const char *type = field_of(response, "Content-Type");
    bool problem = !strcmp(type, "application/problem+json");

    MUST(answer->status < 400 || problem || response->bodyless, "%s", type);
    if ((!problem && strcmp(type, "application/json") != 0) ||
        answer->status == 206 || answer->kept == FUZZ_KEPT ||
        response->bodyless)
        return;
    json_error_t error;
    json_t *root = json_loadb((const char *)answer->bytes, answer->kept,
                              JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);
    MUST(root, "%s at %d of: %.*s", error.text, error.position,
         (int)answer->kept, (const char *)answer->bytes);
    if (problem)
        check_problem(request, root, answer->status);
    json_decref(root);
}

struct fuzz_answer fuzz_ask(struct api *api, const struct api_request *request,
                            size_t piece)
{
    struct api_exchange *exchange = api_refuse(api, request);
    struct fuzz_answer answer = {.bytes = malloc(FUZZ_KEPT)};

    (void)api_pace(request);
    if (!exchange)
        exchange = api_begin(api, request);
    MUST(exchange && answer.bytes, "out of memory");
    size_t units = api_work_count(exchange);
    for (size_t i = units; i-- > 0;)
        api_work(exchange, i, NULL, NULL);
    const struct api_response *response = api_answer(exchange);
    answer.status = response->status;
    answer.size = response->size;
    MUST(answer.status >= 200 && answer.status < 600, "%u", answer.status);
    MUST(answer.status != 500 && answer.status < 502, "%u", answer.status);
    check_fields(response);
    check_part(response);
    if (!response->bodyless)
        read_body(exchange, &answer, piece);
    check_json(request, response, &answer);
    MUST(api_answer(exchange) == response, "another answer");
    api_end(exchange);
    return answer;
}
