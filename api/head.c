/* SPDX-License-Identifier: MIT */
/* Fields of a request's head, and what they must not be. */
#include "head.h"

#include "digits.h"

#include <inttypes.h>
#include <string.h>
#include <strings.h>

/* Are the first letters of two names the same?  Most names end here. */
static bool alike(const char *a, const char *b)
{
    return ((a[0] ^ b[0]) & ~0x20) == 0;
}

const char *head_next(const struct api_request *request, const char *name,
                      size_t *i)
{
    while (*i < request->header_count) {
        const struct api_header *header = &request->headers[(*i)++];
        if (alike(header->name, name) && !strcasecmp(header->name, name))
            return header->value ? header->value : "";
    }
    return NULL;
}

const char *head_value(const struct api_request *request, const char *name)
{
    size_t i = 0;

    return head_next(request, name, &i);
}

static size_t head_count(const struct api_request *request, const char *name)
{
    size_t count = 0;

    for (size_t i = 0; head_next(request, name, &i);)
        count++;
    return count;
}

struct head_list head_list(const char *value, size_t n, char separator)
{
    return (struct head_list){value, value + n, separator};
}

/* The end of the element that begins at 'at'. */
static const char *element_end(const char *at, const char *end, char separator)
{
    bool quoted = false;

    for (; at < end; at++) {
        if (quoted && *at == '\\' && at + 1 < end)
            at++;
        else if (*at == '"')
            quoted = !quoted;
        else if (!quoted && *at == separator)
            break;
    }
    return at;
}

bool head_list_next(struct head_list *list, const char **element, size_t *n)
{
    while (list->at < list->end) {
        const char *from = list->at;
        const char *to = element_end(from, list->end, list->separator);
        list->at = to < list->end ? to + 1 : to;
        while (from < to && (*from == ' ' || *from == '\t'))
            from++;
        while (to > from && (to[-1] == ' ' || to[-1] == '\t'))
            to--;
        if (from == to)
            continue;
        *element = from;
        *n = (size_t)(to - from);
        return true;
    }
    return false;
}

/* The characters of a token (RFC 9110, 5.6.2), a bit each. */
static const uint32_t token_bits[8] = {0, 0x03ff6cfa, 0xc7fffffe, 0x57ffffff};

static bool is_token(const char *name)
{
    const unsigned char *c = (const unsigned char *)name;

    while (token_bits[*c / 32] >> *c % 32 & 1)
        c++;
    return *c == '\0' && name[0] != '\0';
}

static enum problem_code check_syntax(const struct api_request *request,
                                      struct problem *problem)
{
    for (size_t i = 0; i < request->header_count; i++) {
        const struct api_header *header = &request->headers[i];
        if (!is_token(header->name))
            return problem_set(problem, PROBLEM_BAD_REQUEST, "",
                               "The name of a header field is not a token; "
                               "a blank before the colon is not allowed.");
        if (header->value && strpbrk(header->value, "\r\n"))
            return problem_set(problem, PROBLEM_BAD_REQUEST, "",
                               "A header field goes on over several lines; "
                               "write it on one.");
    }
    return PROBLEM_NONE;
}

/* Could 'host' be a host and a port?  An empty one is allowed. */
static bool is_host(const char *host)
{
    for (; *host; host++)
        if (*host <= ' ' || *host == 0x7f || strchr("\"#,/<>?@\\", *host))
            return false;
    return true;
}

static enum problem_code check_host(const struct api_request *request,
                                    struct problem *problem)
{
    const char *host = head_value(request, "Host");

    if (!host && request->http_1_0)
        return PROBLEM_NONE;
    if (!host)
        return problem_set(problem, PROBLEM_BAD_REQUEST, "Host",
                           "The request has no Host field; HTTP/1.1 wants "
                           "one.");
    if (head_count(request, "Host") > 1)
        return problem_set(problem, PROBLEM_BAD_REQUEST, "Host",
                           "The request has more than one Host field.");
    if (!is_host(host))
        return problem_set(problem, PROBLEM_BAD_REQUEST, "Host",
                           "The Host field is not a host name with an "
                           "optional port.");
    return PROBLEM_NONE;
}

static enum problem_code check_encoding(const struct api_request *request,
                                        struct problem *problem)
{
    static const char at[] = "Transfer-Encoding";
    const char *encoding = head_value(request, at);

    if (!encoding)
        return PROBLEM_NONE;
    if (head_value(request, "Content-Length"))
        return problem_set(problem, PROBLEM_BAD_REQUEST, at,
                           "Content-Length and Transfer-Encoding exclude "
                           "each other.");
    if (request->http_1_0)
        return problem_set(problem, PROBLEM_BAD_REQUEST, at,
                           "HTTP/1.0 has no Transfer-Encoding.");
    if (head_count(request, at) > 1 || strcasecmp(encoding, "chunked") != 0)
        return problem_set(problem, PROBLEM_NOT_IMPLEMENTED, at,
                           "The only Transfer-Encoding understood here is "
                           "'chunked'.");
    return PROBLEM_NONE;
}

static enum problem_code check_length(const struct api_request *request,
                                      struct problem *problem)
{
    static const char at[] = "Content-Length";
    const char *length = head_value(request, at);

    if (!length)
        return PROBLEM_NONE;
    if (head_count(request, at) > 1)
        return problem_set(problem, PROBLEM_BAD_REQUEST, at,
                           "The request has more than one Content-Length "
                           "field.");
    if (!*length || length[strspn(length, "0123456789")])
        return problem_set(problem, PROBLEM_BAD_REQUEST, at,
                           "Content-Length must be decimal digits.");
    return PROBLEM_NONE;
}

enum problem_code head_check(const struct api_request *request,
                             struct problem *problem)
{
    enum problem_code code = check_syntax(request, problem);

    if (!code)
        code = check_host(request, problem);
    if (!code)
        code = check_encoding(request, problem);
    if (!code)
        code = check_length(request, problem);
    return code;
}

static size_t target_size(const struct api_request *request)
{
    size_t n = strlen(request->target_path);

    return request->query ? n + 1 + strlen(request->query) : n;
}

enum problem_code head_limit(const struct api_request *request,
                             const struct api_limits *limits,
                             struct problem *problem)
{
    static const char at[] = "Content-Length";
    const char *length = head_value(request, at);
    uint64_t size = 0;

    if (target_size(request) > HEAD_MAX_TARGET)
        return problem_set(problem, PROBLEM_URI_TOO_LONG, "",
                           "A request's path and query may have %d bytes "
                           "together; these have %zu. POST the request to "
                           "/v1/weights as JSON instead.",
                           HEAD_MAX_TARGET, target_size(request));
    if (length)
        digits_read(length, &size);
    if (size > limits->max_body_bytes)
        return problem_set(problem, PROBLEM_BODY_TOO_LARGE, at,
                           "A request body may have %" PRIu64 " bytes "
                           "(option --max-body-bytes); this one would have "
                           "%.20s.",
                           limits->max_body_bytes, length);
    return PROBLEM_NONE;
}

/* Parameters of the media type don't matter. */
enum problem_code head_check_json(const struct api_request *request,
                                  struct problem *problem)
{
    static const char json[] = "application/json";
    const char *type = head_value(request, "Content-Type");

    if (type && strcspn(type, "; \t") == sizeof json - 1 &&
        !strncasecmp(type, json, sizeof json - 1))
        return PROBLEM_NONE;
    return problem_set(problem, PROBLEM_UNSUPPORTED_MEDIA_TYPE, "Content-Type",
                       "The body must be application/json, and say so in "
                       "Content-Type; curl does with 'curl --json'.");
}
