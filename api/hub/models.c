/* SPDX-License-Identifier: MIT */
/* GET /api/models: the recipes, as far as 'search' and 'author' let them. */
#include "hub/card.h"
#include "hub/form.h"
#include "hub/hub.h"

#include "digits.h"
#include "exchange.h"

#include <stdlib.h>
#include <string.h>

/* Names that pass a filter, each with its final NUL, one after another. */
struct found {
    bool searches, has_author;
    char search[FORM_TEXT], author[FORM_TEXT];
    struct text names;
    size_t count;
};

static bool fits(const struct found *found, const char *name)
{
    size_t n = strcspn(name, "/");

    if (found->searches && !strcasestr(name, found->search))
        return false;
    return !found->has_author ||
           (strlen(found->author) == n && !strncmp(name, found->author, n));
}

/* A store_visit(). */
static bool add_name(void *argument, const char *name,
                     const uint8_t version[SOW_DIGEST_BYTES])
{
    struct found *found = argument;

    (void)version;
    if (fits(found, name)) {
        text_add(&found->names, name, strlen(name) + 1);
        found->count++;
    }
    return true;
}

static int compare(const void *left, const void *right)
{
    const char *const *a = left;
    const char *const *b = right;

    return strcmp(*a, *b);
}

/* The names, sorted; NULL when out of memory. */
static const char **sort(const struct found *found)
{
    const char **names = calloc(found->count + 1, sizeof *names);
    const char *name = found->names.bytes;

    for (size_t i = 0; names && i < found->count; i++) {
        names[i] = name;
        name += strlen(name) + 1;
    }
    if (names)
        qsort(names, found->count, sizeof *names, compare);
    return names;
}

static enum problem_code answer(struct api_exchange *exchange,
                                const struct found *found, uint64_t limit,
                                struct problem *problem)
{
    const char **names = found->names.failed ? NULL : sort(found);
    struct text text = {.grows = true};

    if (!names)
        return problem_no_memory(problem);
    text_put(&text, "[");
    for (size_t i = 0; i < found->count && i < limit; i++) {
        text_put_entry(&text);
        text_put(&text, "{");
        card_put_name(&text, names[i]);
        text_put(&text, ",\"tags\":[\"safetensors\"]}");
    }
    text_put(&text, "]");
    free(names);
    return hub_reply(exchange, &text, problem);
}

/* Read what is asked for; unknown filters let all pass. */
static enum problem_code read_query(const char *text, struct found *found,
                                    uint64_t *limit, struct problem *problem)
{
    char value[FORM_TEXT];

    found->searches = form_find(text, "search", found->search);
    found->has_author = form_find(text, "author", found->author);
    if (!form_find(text, "limit", value))
        return PROBLEM_NONE;
    size_t n = digits_read(value, limit);
    if (n > 0 && value[n] == '\0')
        return PROBLEM_NONE;
    return problem_set(problem, PROBLEM_BAD_FIELD, "limit",
                       "'limit' must be a whole number.");
}

enum problem_code hub_models(struct api_exchange *exchange,
                             struct problem *problem)
{
    struct found found = {.names = {.grows = true}};
    uint64_t limit = UINT64_MAX;

    if (read_query(exchange->request.query, &found, &limit, problem))
        return problem->code;
    enum problem_code code =
        library_list(exchange->api, add_name, &found, problem);
    if (!code)
        code = answer(exchange, &found, limit, problem);
    text_release(&found.names);
    return code;
}
