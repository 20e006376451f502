/* SPDX-License-Identifier: MIT */
/* A rule of a client's profile, from JSON to the library's texts. */
#include "spec_rule.h"
#include "formats/text.h"
#include "scheme.h"
#include "suggest.h"
#include "utf8.h"
#include "count.h"

#include <string.h>

/* In the order of the bits of 'enum sow_part'. */
static const char *const parts[] = {
    "weight", "recurrent", "embedding", "bias",
    "scale",  "shift",     "state",     "other",
};

#define PARTS COUNT(parts)

/* The members that are no parameters of the rule's scheme. */
static const char *const members[] = {"match", "scheme", "multiplier", "when",
                                      "parts"};

#define MEMBERS COUNT(members)

const char *rule_part(unsigned i)
{
    return i < PARTS ? parts[i] : NULL;
}

size_t rule_size(const struct sow_profile_rule *rule)
{
    const char *const texts[] = {rule->match, rule->when, rule->scheme,
                                 rule->multiplier};
    size_t size = 0;
    for (size_t i = 0; i < COUNT(texts); i++)
        size += texts[i] ? strlen(texts[i]) : 0;
    return size;
}

static bool is_member(const char *key)
{
    for (size_t i = 0; i < MEMBERS; i++)
        if (strcmp(members[i], key) == 0)
            return true;
    return false;
}

/* 'info' is the scheme whose parameters may stand here too, or NULL. */
static enum problem_code refuse_member(const struct sow_scheme_info *info,
                                       const struct place *place,
                                       struct problem *problem)
{
    struct suggest suggest;
    suggest_init(&suggest, place->key);
    for (size_t i = 0; i < MEMBERS; i++)
        suggest_offer(&suggest, members[i]);
    for (uint32_t i = 0; info && i < info->parameter_count; i++)
        suggest_offer(&suggest, info->parameters[i].name);
    return problem_set(problem, PROBLEM_UNKNOWN_FIELD, place_text(place).text,
                       "There is no '%s' here.%s Allowed: %s%s.",
                       utf8_quote(place->key).text, suggest_hint(&suggest).text,
                       suggest.names,
                       info ? ""
                            : ", and the parameters of a scheme that is a name "
                              "alone");
}

/* ------------------------------------------------------------------------
 * The scheme
 */

static enum problem_code refuse_long(const struct place *place,
                                     struct problem *problem)
{
    return problem_set(problem, PROBLEM_BAD_FIELD, place_text(place).text,
                       "'%s' is too long: with its parameters a scheme of a "
                       "rule has at most %d bytes.",
                       place_key(place), SOW_MAX_EXPRESSION);
}

/* A number, a word or a flag that is one already, as the library reads it. */
static enum problem_code put_literal(struct text *text,
                                     struct scheme_draft *draft, size_t i,
                                     const struct value *value,
                                     struct problem *problem)
{
    const struct sow_parameter *parameter = &draft->scheme.info->parameters[i];
    const enum problem_code code =
        scheme_read_parameter(draft, i, value, problem);
    if (code != PROBLEM_NONE)
        return code;
    if (parameter->kind == SOW_CHOICE)
        text_put(text, parameter->choices[(size_t)draft->scheme.values[i]]);
    else
        text_put_value(text, parameter, draft->scheme.values[i]);
    return PROBLEM_NONE;
}

/* Add "name = value" for parameter 'i'. */
static enum problem_code put_parameter(struct text *text,
                                       struct scheme_draft *draft, size_t i,
                                       const struct value *value,
                                       struct problem *problem)
{
    const struct sow_parameter *parameter = &draft->scheme.info->parameters[i];
    const char *expression = json_string_value(value->json);
    text_put(text, text->bytes[text->size - 1] == '(' ? "" : ", ");
    text_put(text, parameter->name);
    text_put(text, " = ");
    if (!expression || parameter->kind == SOW_CHOICE ||
        parameter->kind == SOW_FLAG)
        return put_literal(text, draft, i, value, problem);
    draft->given |= UINT32_C(1) << i;
    text_put(text, "(");
    text_put(text, expression);
    text_put(text, ")");
    return PROBLEM_NONE;
}

/* Add the parameters among the members of 'object'. */
static enum problem_code
put_parameters(struct text *text, struct scheme_draft *draft, json_t *object,
               bool beside, const struct place *place, struct problem *problem)
{
    const char *key;
    json_t *json;
    json_object_foreach(object, key, json)
    {
        const struct place at = {place, key, 0};
        const struct value value = {NULL, json, &at};
        if (beside ? is_member(key) : strcmp(key, "name") == 0)
            continue;
        const int i = sow_scheme_parameter(draft->scheme.info, key);
        if (i < 0 && beside)
            return refuse_member(draft->scheme.info, &at, problem);
        if (i < 0)
            return scheme_refuse_parameter(draft->scheme.info, &at, problem);
        const enum problem_code code =
            put_parameter(text, draft, (size_t)i, &value, problem);
        if (code != PROBLEM_NONE)
            return code;
    }
    return scheme_complete(draft, place, problem);
}

/* A scheme by its name, with the parameters in 'object' at 'place'. */
static enum problem_code read_named(struct own_rule *own, json_t *name,
                                    const struct place *name_place,
                                    json_t *object, bool beside,
                                    const struct place *place,
                                    struct problem *problem)
{
    const struct value value = {json_string_value(name), name, name_place};
    struct text text = {.bytes = own->scheme, .room = sizeof(own->scheme)};
    struct scheme_draft draft;
    if (!value.text)
        return value_refuse(&value, "the name of a scheme", problem);
    enum problem_code code = scheme_read(&draft, &value, problem);
    if (code != PROBLEM_NONE)
        return code;
    text_put(&text, draft.scheme.info->name);
    text_put(&text, "(");
    code = put_parameters(&text, &draft, object, beside, place, problem);
    if (code != PROBLEM_NONE)
        return code;
    if (text.size > 0 && text.bytes[text.size - 1] == '(')
        text.size--;
    else
        text_put(&text, ")");
    text_add(&text, "", 1);
    if (text.failed)
        return refuse_long(name_place, problem);
    own->rule.scheme = own->scheme;
    return PROBLEM_NONE;
}

/* "normal(std = 0.02)": the library reads it by itself. */
static enum problem_code read_text(struct own_rule *own, json_t *json,
                                   const struct place *place,
                                   struct problem *problem)
{
    own->rule.scheme = json_string_value(json);
    if (json_string_length(json) > SOW_MAX_EXPRESSION)
        return refuse_long(place, problem);
    return PROBLEM_NONE;
}

static enum problem_code refuse_beside(json_t *rule, const struct place *place,
                                       struct problem *problem)
{
    const char *key;
    json_t *json;
    json_object_foreach(rule, key, json)
    {
        const struct place at = {place, key, 0};
        if (!is_member(key))
            return refuse_member(NULL, &at, problem);
    }
    return PROBLEM_NONE;
}

static enum problem_code read_scheme(struct own_rule *own, json_t *rule,
                                     const struct place *place,
                                     struct problem *problem)
{
    const struct place at = {place, "scheme", 0};
    const struct place name = {&at, "name", 0};
    json_t *json = json_object_get(rule, at.key);
    const char *text = json_string_value(json);
    const struct value value = {NULL, json, &at};
    if (text && !strchr(text, '('))
        return read_named(own, json, &at, rule, true, place, problem);
    enum problem_code code = refuse_beside(rule, place, problem);
    if (code != PROBLEM_NONE || !json)
        return code;
    if (text)
        return read_text(own, json, &at, problem);
    if (!json_is_object(json))
        return value_refuse(&value, "a name, or an object with 'name'",
                            problem);
    if (!json_object_get(json, name.key))
        return problem_set(problem, PROBLEM_MISSING_FIELD,
                           place_text(&name).text,
                           "A scheme that is an object needs a 'name'.");
    return read_named(own, json_object_get(json, name.key), &name, json, false,
                      &at, problem);
}

/* ------------------------------------------------------------------------
 * The other members
 */

/* A string of the rule, or NULL when it isn't there. */
static enum problem_code read_string(json_t *rule, const char *key, size_t most,
                                     const struct place *place,
                                     const char **out, struct problem *problem)
{
    const struct place at = {place, key, 0};
    const struct value value = {NULL, json_object_get(rule, key), &at};
    *out = NULL;
    if (!value.json)
        return PROBLEM_NONE;
    const enum problem_code code = value_string(&value, out, problem);
    if (code == PROBLEM_NONE && strlen(*out) > most)
        return problem_set(problem, PROBLEM_BAD_FIELD, place_text(&at).text,
                           "'%s' has %zu bytes; it may have %zu.", key,
                           strlen(*out), most);
    return code;
}

static enum problem_code read_multiplier(struct own_rule *own, json_t *rule,
                                         const struct place *place,
                                         struct problem *problem)
{
    json_t *json = json_object_get(rule, "multiplier");
    struct text text = {.bytes = own->multiplier,
                        .room = sizeof(own->multiplier)};
    if (!json_is_number(json))
        return read_string(rule, "multiplier", SOW_MAX_EXPRESSION, place,
                           &own->rule.multiplier, problem);
    text_put_number(&text, json_number_value(json));
    text_add(&text, "", 1);
    own->rule.multiplier = own->multiplier;
    return PROBLEM_NONE;
}

static enum problem_code read_part(struct own_rule *own,
                                   const struct value *value,
                                   struct problem *problem)
{
    const char *word;
    const enum problem_code code = value_string(value, &word, problem);
    if (code != PROBLEM_NONE)
        return code;
    struct suggest suggest;
    suggest_init(&suggest, word);
    for (unsigned i = 0; i < PARTS; i++) {
        suggest_offer(&suggest, parts[i]);
        if (strcmp(parts[i], word) != 0)
            continue;
        own->rule.parts |= 1U << i;
        return PROBLEM_NONE;
    }
    return problem_set(
        problem, PROBLEM_UNKNOWN_VALUE, place_text(value->place).text,
        "There is no part '%s'.%s It is one of %s.", utf8_quote(word).text,
        suggest_hint(&suggest).text, suggest.names);
}

static enum problem_code read_parts(struct own_rule *own, json_t *rule,
                                    const struct place *place,
                                    struct problem *problem)
{
    const struct place at = {place, "parts", 0};
    const struct value value = {NULL, json_object_get(rule, at.key), &at};
    size_t i;
    json_t *json;
    if (!value.json)
        return PROBLEM_NONE;
    if (!json_is_array(value.json) || json_array_size(value.json) == 0)
        return value_refuse(&value, "an array of at least one word", problem);
    json_array_foreach(value.json, i, json)
    {
        const struct place entry = {&at, NULL, i};
        const struct value word = {NULL, json, &entry};
        const enum problem_code code = read_part(own, &word, problem);
        if (code != PROBLEM_NONE)
            return code;
    }
    return PROBLEM_NONE;
}

/* What must be there: something to match, and something to do. */
static enum problem_code check_whole(const struct sow_profile_rule *rule,
                                     const struct place *place,
                                     struct problem *problem)
{
    const struct place match = {place, "match", 0};
    if (!rule->match)
        return problem_set(problem, PROBLEM_MISSING_FIELD,
                           place_text(&match).text,
                           "'match' is missing: a pattern for names, such as "
                           "\"*.weight\".");
    if (!rule->scheme && !rule->multiplier)
        return problem_set(problem, PROBLEM_MISSING_FIELD,
                           place_text(place).text,
                           "The rule does nothing: it needs a 'scheme', or a "
                           "'multiplier'.");
    return PROBLEM_NONE;
}

enum problem_code rule_read(struct own_rule *own, json_t *json,
                            const struct place *place, struct problem *problem)
{
    const struct value value = {NULL, json, place};
    if (!json_is_object(json))
        return value_refuse(&value, "an array of objects", problem);
    memset(own, 0, sizeof(*own));
    enum problem_code code = read_string(json, "match", RULE_MATCH, place,
                                         &own->rule.match, problem);
    if (code == PROBLEM_NONE)
        code = read_string(json, "when", SOW_MAX_EXPRESSION, place,
                           &own->rule.when, problem);
    if (code == PROBLEM_NONE)
        code = read_multiplier(own, json, place, problem);
    if (code == PROBLEM_NONE)
        code = read_parts(own, json, place, problem);
    if (code == PROBLEM_NONE)
        code = read_scheme(own, json, place, problem);
    if (code == PROBLEM_NONE)
        code = check_whole(&own->rule, place, problem);
    return code;
}
