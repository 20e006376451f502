/* SPDX-License-Identifier: MIT */
/* A server without a socket. */
#include "drive.h"

#include <check.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define LINES 32

/* Bodies are read in pieces of so many bytes: no power of two. */
#define PIECE 4099

const struct api_limits drive_limits = {
    .max_body_bytes = 1 << 20,
    .max_layers = 1000,
    .max_json_elements = 1 << 20,
    .digest_max_bytes = 1 << 24,
    .digest_wait_max_bytes = 1 << 26,
    .cache_bytes = 1 << 24,
    .max_flops = 1000000000,
};

struct api *drive_api(const struct api_limits *limits)
{
    struct api_config config = {.limits = limits ? *limits : drive_limits};

    ck_assert_int_eq(sow_init(), SOW_OK);
    ck_assert_int_eq(sow_engine_choose(NULL, &config.engine), SOW_OK);
    struct api *api = api_new(&config);
    ck_assert_ptr_nonnull(api);
    return api;
}

struct api *driven;

void drive_setup(void)
{
    driven = drive_api(NULL);
}

void drive_teardown(void)
{
    api_free(driven);
}

/* Cut 'text', "Name: value\n…", into fields, in place. */
static size_t cut_headers(char *text, struct api_header *headers)
{
    size_t count = 0;

    while (*text && count < LINES) {
        char *end = text + strcspn(text, "\n");
        char *next = *end ? end + 1 : end;
        char *colon = strstr(text, ": ");
        ck_assert_msg(colon && colon < end, "no header: '%s'", text);
        *end = '\0';
        *colon = '\0';
        headers[count++] = (struct api_header){text, colon + 2};
        text = next;
    }
    return count;
}

static void read_body(struct answer *answer, struct api_exchange *exchange)
{
    size_t room = 0;
    int64_t n = 0;

    while (!answer->bodyless) {
        if (room - answer->read <= PIECE) {
            room = 2 * room + PIECE + 1;
            answer->body = realloc(answer->body, room);
            ck_assert_ptr_nonnull(answer->body);
        }
        n = api_read(exchange, answer->read, answer->body + answer->read,
                     PIECE);
        if (n <= 0)
            break;
        answer->read += (size_t)n;
    }
    answer->broken = n == API_BROKEN;
    if (answer->body)
        answer->body[answer->read] = '\0';
}

struct answer drive_exchange(struct api_exchange *exchange)
{
    struct answer answer = {0};
    size_t used = 0;

    ck_assert_ptr_nonnull(exchange);
    answer.units = api_work_count(exchange);
    for (size_t i = 0; i < answer.units; i++)
        api_work(exchange, i, NULL, NULL);
    const struct api_response *response = api_answer(exchange);
    answer.status = response->status;
    answer.bodyless = response->bodyless;
    answer.close = response->close;
    answer.size = response->size;
    for (size_t i = 0; i < response->header_count; i++)
        used += (size_t)snprintf(
            answer.headers + used, sizeof answer.headers - used, "%s: %s\n",
            response->headers[i].name, response->headers[i].value);
    read_body(&answer, exchange);
    api_end(exchange);
    if (!answer.bodyless && answer.size != API_SIZE_UNKNOWN)
        ck_assert_uint_eq(answer.size, answer.read);
    return answer;
}

struct answer drive_bare(struct api *api, const char *method,
                         const char *target, const char *headers,
                         const char *body)
{
    struct api_header fields[LINES];
    char *text = strdup(headers);
    char *path = strdup(target);
    char *query = strchr(path, '?');

    if (query)
        *query++ = '\0';
    struct api_request request = {
        .method = method,
        .target_path = path,
        .query = query,
        .headers = fields,
        .header_count = cut_headers(text, fields),
        .body = body,
        .body_size = body ? strlen(body) : 0,
    };
    struct api_exchange *exchange = api_refuse(api, &request);
    bool refused = exchange;
    if (!exchange)
        exchange = api_begin(api, &request);
    struct answer answer = drive_exchange(exchange);
    answer.refused = refused;
    free(text);
    free(path);
    return answer;
}

struct answer drive(struct api *api, const char *method, const char *target,
                    const char *headers, const char *body)
{
    char all[2048];
    const char *given = headers ? headers : "";
    bool typed = strcasestr(given, "Content-Type:");

    int n = snprintf(all, sizeof all, "Host: test\n%s%s",
                     body && !typed ? "Content-Type: application/json\n" : "",
                     given);
    ck_assert_int_lt(n, sizeof all);
    return drive_bare(api, method, target, all, body);
}

struct answer drive_get(struct api *api, const char *target)
{
    struct answer answer = drive(api, "GET", target, NULL, NULL);

    ck_assert_msg(answer.status == 200, "%s gives %u: %s", target,
                  answer.status, answer.body);
    return answer;
}

struct answer drive_post(struct api *api, const char *body)
{
    struct answer answer = drive(api, "POST", "/v1/weights", NULL, body);

    ck_assert_msg(answer.status == 200, "%s gives %u: %s", body, answer.status,
                  answer.body);
    return answer;
}

const char *answer_header(const struct answer *answer, const char *name)
{
    static char values[16][512];
    static unsigned next;
    const size_t n = strlen(name);

    for (const char *line = answer->headers; *line;
         line += strcspn(line, "\n") + 1) {
        if (strncasecmp(line, name, n) != 0 || line[n] != ':')
            continue;
        char *value = values[next++ % 16];
        snprintf(value, sizeof values[0], "%.*s",
                 (int)strcspn(line + n + 2, "\n"), line + n + 2);
        return value;
    }
    return NULL;
}

const char *answer_string(const struct answer *answer, const char *member)
{
    static char values[16][1024];
    static unsigned next;
    char *value = values[next++ % 16];
    json_t *json = answer->body
                       ? json_loads(answer->body, JSON_REJECT_DUPLICATES, NULL)
                       : NULL;
    const char *string = json_string_value(json_object_get(json, member));

    snprintf(value, sizeof values[0], "%s", string ? string : "");
    json_decref(json);
    return value;
}

const char *answer_code(const struct answer *answer)
{
    const char *type = answer_header(answer, "Content-Type");

    if (!type || strcmp(type, "application/problem+json") != 0)
        return "";
    return answer_string(answer, "code");
}

void answer_expect(const struct answer *answer, const char *name,
                   const char *value)
{
    const char *is = answer_header(answer, name);

    ck_assert_msg(is ? value && !strcmp(is, value) : !value,
                  "%s is '%s', not '%s'", name, is ? is : "(none)",
                  value ? value : "(none)");
}

void answer_release(struct answer *answer)
{
    free(answer->body);
    answer->body = NULL;
}

double drive_metric(struct api *api, const char *name)
{
    struct answer answer = drive(api, "GET", "/metrics", NULL, NULL);
    char start[192];
    double value;

    snprintf(start, sizeof start, "\n%s ", name);
    const char *line = strstr(answer.body, start);
    ck_assert_msg(line, "no %s in %s", name, answer.body);
    ck_assert_int_eq(sscanf(line + strlen(start), "%lf", &value), 1);
    answer_release(&answer);
    return value;
}

const char *digest_hex(const void *bytes, size_t n)
{
    static char hex[2 * SOW_DIGEST_BYTES + 1];
    uint8_t digest[SOW_DIGEST_BYTES];

    sow_digest(bytes, n, digest);
    sow_digest_hex(digest, hex);
    return hex;
}
