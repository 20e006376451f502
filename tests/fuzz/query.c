/* SPDX-License-Identifier: MIT */
/* A query: its pairs, and the tensor that it describes. */
#include "fuzz.h"

#include "query.h"
#include "utf8.h"

#include <string.h>

static void check_pairs(const struct query *query)
{
    MUST(query->count <= QUERY_MAX_PAIRS, "%zu", query->count);
    for (size_t i = 0; i < query->count; i++) {
        const struct query_pair *pair = &query->pairs[i];
        MUST(pair->name[0], "pair %zu", i);
        MUST(query_find(query, pair->name) == pair->value, "%s", pair->name);
        MUST(utf8_valid(pair->name, strlen(pair->name)), "pair %zu", i);
        MUST(utf8_valid(pair->value, strlen(pair->value)), "pair %zu", i);
    }
}

static char *escape(char *out, const char *text)
{
    static const char digits[] = "0123456789abcdef";

    for (; *text; text++) {
        unsigned char byte = (unsigned char)*text;
        *out++ = '%';
        *out++ = digits[byte >> 4];
        *out++ = digits[byte & 15];
    }
    return out;
}

/* With every byte escaped the query says what it said. */
static void check_escaped(const struct query *query)
{
    static char text[3 * sizeof query->text + 2 * QUERY_MAX_PAIRS];
    struct query again;
    struct problem problem;
    char *out = text;

    for (size_t i = 0; i < query->count; i++) {
        out = escape(out, query->pairs[i].name);
        *out++ = '=';
        out = escape(out, query->pairs[i].value);
        *out++ = i + 1 < query->count ? '&' : '\0';
    }
    if (query->count == 0 || strlen(text) > QUERY_MAX_BYTES)
        return;
    MUST(!query_init(&again, text, &problem), "%s", problem.detail);
    MUST(again.count == query->count, "%zu", again.count);
    for (size_t i = 0; i < query->count; i++)
        MUST(!strcmp(again.pairs[i].value, query->pairs[i].value), "%s",
             query->pairs[i].name);
}

/* A problem must name a pair, or one that is missing. */
static void check_refusal(const struct query *query,
                          const struct problem *problem)
{
    bool missing = fuzz_may_lack(problem_name(problem->code));
    bool cut = strlen(problem->at) + 4 >= sizeof problem->at;

    fuzz_problem(problem, problem->code);
    MUST(missing || cut || !problem->at[0] || query_find(query, problem->at),
         "'%s': %s", problem->at, problem->detail);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = fuzz_text(data, size);
    struct query query;
    struct problem problem;
    struct model model = {0};
    struct spec_options options = {0};

    enum problem_code code = query_init(&query, text, &problem);
    if (code) {
        fuzz_problem(&problem, code);
        free(text);
        return 0;
    }
    free(text);
    check_pairs(&query);
    check_escaped(&query);
    if (spec_from_query(&fuzz_limits, &query, &model, &options, &problem)) {
        check_refusal(&query, &problem);
        return 0;
    }
    fuzz_model(&model);
    model_release(&model);
    return 0;
}
