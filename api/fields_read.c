/* SPDX-License-Identifier: MIT */
/* Reading all the fields of an object or a query. */
#include "fields.h"
#include "spec_type.h"

enum problem_code fields_read_query(struct draft *draft, enum scope scope,
                                    const struct query *query,
                                    bool unknown[QUERY_MAX_PAIRS],
                                    struct problem *problem)
{
    for (size_t i = 0; i < query->count; i++) {
        const struct query_pair *pair = &query->pairs[i];
        const struct place place = {&place_query, pair->name, 0};
        const struct value value = {pair->value, NULL, &place};
        bool known;
        const enum problem_code code =
            field_read(draft, scope, &value, &known, problem);
        if (code != PROBLEM_NONE)
            return code;
        unknown[i] = !known;
    }
    return PROBLEM_NONE;
}

enum problem_code fields_read_object(struct draft *draft, enum scope scope,
                                     json_t *object, const struct place *place,
                                     struct problem *problem)
{
    const bool typed =
        scope == SCOPE_LAYER && json_object_get(object, field_name(FIELD_TYPE));
    const char *key;
    json_t *json;
    json_object_foreach(object, key, json)
    {
        const struct place at = {place, key, 0};
        const struct value value = {NULL, json, &at};
        bool known;
        if (typed && type_argument(key, json))
            continue;
        const enum problem_code code =
            field_read(draft, scope, &value, &known, problem);
        if (code != PROBLEM_NONE)
            return code;
        if (!known)
            return field_refuse(&at, scope, NULL, NULL, problem);
    }
    return draft_settle(draft, place, problem);
}

/* Refuse fields that were given in the query and in the body. */
static enum problem_code refuse_both(uint32_t given, struct problem *problem)
{
    for (int i = 0; i < FIELDS; i++) {
        const char *name = field_name((enum field_id)i);
        if (given >> i & 1)
            return problem_set(problem, PROBLEM_BAD_QUERY, name,
                               "'%s' is given twice: in the query and in the "
                               "body.",
                               name);
    }
    return PROBLEM_NONE;
}

enum problem_code fields_read_beside(struct draft *draft, const char *text,
                                     struct problem *problem)
{
    struct query query;
    enum problem_code code = query_init(&query, text, problem);
    if (code != PROBLEM_NONE)
        return code;
    const uint32_t in_body = draft->given;
    bool unknown[QUERY_MAX_PAIRS];
    draft->given = 0;
    code = fields_read_query(draft, SCOPE_BESIDE, &query, unknown, problem);
    if (code != PROBLEM_NONE)
        return code;
    for (size_t i = 0; i < query.count; i++) {
        const struct place at = {&place_query, query.pairs[i].name, 0};
        if (unknown[i])
            return field_refuse(&at, SCOPE_BESIDE, NULL, NULL, problem);
    }
    const uint32_t beside = draft->given;
    draft->given |= in_body;
    return refuse_both(in_body & beside, problem);
}
