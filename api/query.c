/* SPDX-License-Identifier: MIT */
/* The query of a request, read strictly. */
#include "query.h"
#include "digits.h"
#include "suggest.h"
#include "utf8.h"

#include <stdbool.h>
#include <string.h>

/*
 * Decode 'n' bytes to 'out' and end them with NUL.  Returns what follows the
 * NUL, or NULL when an escape is bad.  An escape never goes on past the end:
 * what stands there, '=', '&' or NUL, is no digit.
 */
static char *decode(const char *text, size_t n, char *out)
{
    for (size_t i = 0; i < n; i++) {
        *out = text[i] == '+' ? ' ' : text[i];
        if (text[i] == '%') {
            int byte = digits_escape(text + i + 1);
            if (byte < 0)
                return NULL;
            *out = (char)byte;
            i += 2;
        }
        out++;
    }
    *out = '\0';
    return out + 1;
}

/* Decode a pair of 'n' bytes; '*out' is where its text goes, and moves on. */
static enum problem_code decode_pair(struct query_pair *pair, const char *text,
                                     size_t n, char **out,
                                     struct problem *problem)
{
    const char *equals = memchr(text, '=', n);
    const size_t name_size = equals ? (size_t)(equals - text) : n;
    const size_t value_size = equals ? n - name_size - 1 : 0;
    char *value = decode(text, name_size, *out);
    if (!value)
        return problem_set(problem, PROBLEM_BAD_QUERY, "",
                           "A name in the query holds a bad percent-escape.");
    pair->name = *out;
    pair->value = value;
    *out = decode(equals ? equals + 1 : text, value_size, value);
    if (!*out)
        return problem_set(problem, PROBLEM_BAD_QUERY, pair->name,
                           "The value of '%s' holds a bad percent-escape.",
                           utf8_quote(pair->name).text);
    return PROBLEM_NONE;
}

static enum problem_code add_pair(struct query *query,
                                  const struct query_pair *pair,
                                  struct problem *problem)
{
    if (!utf8_valid(pair->name, strlen(pair->name)) ||
        !utf8_valid(pair->value, strlen(pair->value)))
        return problem_set(problem, PROBLEM_BAD_QUERY, pair->name,
                           "'%s' in the query is not UTF-8.",
                           utf8_quote(pair->name).text);
    if (pair->name[0] == '\0')
        return problem_set(problem, PROBLEM_BAD_QUERY, "",
                           "A pair in the query has no name.");
    if (query_find(query, pair->name))
        return problem_set(problem, PROBLEM_BAD_QUERY, pair->name,
                           "'%s' is given twice.", utf8_quote(pair->name).text);
    if (query->count == QUERY_MAX_PAIRS)
        return problem_set(problem, PROBLEM_BAD_QUERY, "",
                           "The query has more than %d names.",
                           QUERY_MAX_PAIRS);
    query->pairs[query->count++] = *pair;
    return PROBLEM_NONE;
}

enum problem_code query_init(struct query *query, const char *text,
                             struct problem *problem)
{
    query->count = 0;
    query->own = NULL;
    if (!text || !*text)
        return PROBLEM_NONE;
    if (strnlen(text, QUERY_MAX_BYTES + 1) > QUERY_MAX_BYTES)
        return problem_set(problem, PROBLEM_BAD_QUERY, "",
                           "The query is longer than %d bytes.",
                           QUERY_MAX_BYTES);
    char *out = query->text;
    for (size_t n;; text += n + 1) {
        struct query_pair pair;
        n = strcspn(text, "&");
        enum problem_code code = decode_pair(&pair, text, n, &out, problem);
        if (code == PROBLEM_NONE)
            code = add_pair(query, &pair, problem);
        if (code != PROBLEM_NONE || text[n] == '\0')
            return code;
    }
}

const char *query_find(const struct query *query, const char *name)
{
    for (size_t i = 0; i < query->count; i++)
        if (strcmp(query->pairs[i].name, name) == 0)
            return query->pairs[i].value;
    return NULL;
}

static enum problem_code refuse_name(const char *name, const char *const *names,
                                     struct problem *problem)
{
    if (!names[0])
        return problem_set(problem, PROBLEM_UNKNOWN_FIELD, name,
                           "There is no '%s' here: this path takes no query.",
                           utf8_quote(name).text);
    struct suggest suggest;
    suggest_init(&suggest, name);
    for (size_t i = 0; names[i]; i++)
        suggest_offer(&suggest, names[i]);
    return problem_set(problem, PROBLEM_UNKNOWN_FIELD, name,
                       "There is no '%s' here.%s The query takes %s.",
                       utf8_quote(name).text, suggest_hint(&suggest).text,
                       suggest.names);
}

enum problem_code query_allow(const struct query *query,
                              const char *const *names, struct problem *problem)
{
    for (size_t i = 0; i < query->count; i++) {
        size_t j = 0;
        while (names[j] && strcmp(names[j], query->pairs[i].name) != 0)
            j++;
        if (!names[j])
            return refuse_name(query->pairs[i].name, names, problem);
    }
    return PROBLEM_NONE;
}
