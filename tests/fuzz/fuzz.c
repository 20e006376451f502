/* SPDX-License-Identifier: MIT */
/* What must hold of every problem, and copies of inputs. */
#include "fuzz.h"

#include "utf8.h"

#include <string.h>

const struct api_limits fuzz_limits = {
    .max_body_bytes = 1 << 16,
    .max_layers = 300,
    .max_json_elements = 1 << 12,
    .digest_max_bytes = 1 << 16,
    .digest_wait_max_bytes = 1 << 17,
    .cache_bytes = 1 << 20,
    .max_flops = 1 << 22,
};

void *fuzz_bytes(const void *data, size_t size)
{
    void *copy = malloc(size > 0 ? size : 1);

    MUST(copy, "out of memory");
    if (size > 0)
        memcpy(copy, data, size);
    return copy;
}

char *fuzz_text(const void *data, size_t size)
{
    size_t n = size > 0 ? strnlen(data, size) : 0;
    char *copy = malloc(n + 1);

    MUST(copy, "out of memory");
    if (n > 0)
        memcpy(copy, data, n);
    copy[n] = '\0';
    return copy;
}

char *fuzz_line(char *text)
{
    char *end = text + strcspn(text, "\n");

    if (*end)
        *end++ = '\0';
    return end;
}

void fuzz_problem(const struct problem *problem, enum problem_code code)
{
    size_t n = strlen(problem->detail);
    unsigned status = problem_status(code);

    MUST(problem->code == code, "%d, %d", problem->code, code);
    MUST(status >= 400 && status < 500, "%u", status);
    MUST(n > 10 && problem->detail[n - 1] == '.', "%s", problem->detail);
    MUST(utf8_valid(problem->detail, n), "%s", problem->detail);
    MUST(utf8_valid(problem->at, strlen(problem->at)), "%s", problem->at);
    char *json = problem_json(problem, false);
    MUST(json, "%s", problem->detail);
    json_t *root = json_loads(json, JSON_REJECT_DUPLICATES, NULL);
    MUST(root, "%s", json);
    json_decref(root);
    free(json);
}

/* Undo the escapes of a pointer's segment, in place. */
static void unescape(char *segment)
{
    char *out = segment;

    for (const char *c = segment; *c; c++) {
        if (c[0] == '~' && (c[1] == '0' || c[1] == '1'))
            *out++ = *++c == '0' ? '~' : '/';
        else
            *out++ = *c;
    }
    *out = '\0';
}

static const json_t *step(const json_t *node, char *segment)
{
    unescape(segment);
    if (json_is_object(node))
        return json_object_get(node, segment);
    return json_array_get(node, strtoull(segment, NULL, 10));
}

bool fuzz_may_lack(const char *code)
{
    static const char *const codes[] = {"MISSING_FIELD",     "BAD_SCHEME",
                                        "BAD_PARAMETER",     "NOT_ACCEPTABLE",
                                        "TOO_MANY_ELEMENTS", "TOO_LARGE"};

    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
        if (!strcmp(codes[i], code))
            return true;
    return false;
}

void fuzz_pointer(const json_t *root, const char *at, const char *code)
{
    struct problem whole;
    char *text = strdup(at);
    const json_t *node = root;

    MUST(text && at[0] == '/', "%s", at);
    for (char *segment = text + 1; segment;) {
        char *next = strchr(segment, '/');
        if (next)
            *next++ = '\0';
        const json_t *child = step(node, segment);
        bool missing = !next && fuzz_may_lack(code);
        /* A pointer that has no room is cut. */
        if (strlen(at) + 1 == sizeof whole.at)
            missing = true;
        MUST(child || missing, "%s at '%s' is nowhere", code, at);
        node = child;
        segment = child ? next : NULL;
    }
    free(text);
}
