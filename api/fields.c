/* SPDX-License-Identifier: MIT */
/* The fields of a request, in one table. */
#include "fields.h"
#include "choices.h"
#include "spec_type.h"
#include "utf8.h"

#include <string.h>

/* A kind of JSON value, to be put into a set. */
#define KIND(type) (1U << (type))

/*
 * A field is read by 'read'.  'choice' is for read_choice, 'list' for
 * read_axes: where in the draft the list goes; 'kinds' and 'expected', which
 * says them in words, for read_member.
 */
struct field {
    const char *name;
    unsigned scopes;
    enum problem_code (*read)(const struct field *field, struct draft *draft,
                              const struct value *value,
                              struct problem *problem);
    const struct choice *choice;
    uint32_t list, kinds;
    const char *expected;
};

static enum problem_code read_shape(const struct field *field,
                                    struct draft *draft,
                                    const struct value *value,
                                    struct problem *problem)
{
    static const struct value_list_rule rule = {
        ",x", 0, false,
        "whole numbers from 0 to 9223372036854775807 (in a query 512,256 or "
        "512x256, and () for a scalar; in JSON [512,256] and [])"};
    struct value_list list;
    const enum problem_code code = value_list(value, &rule, &list, problem);
    if (code != PROBLEM_NONE)
        return code;
    if (list.count > SOW_MAX_RANK)
        return problem_set(problem, PROBLEM_BAD_SHAPE,
                           place_text(value->place).text,
                           "'%s' has %zu dimensions; a tensor has at most %d.",
                           field->name, list.count, SOW_MAX_RANK);
    draft->spec.shape.rank = (uint32_t)list.count;
    for (size_t i = 0; i < list.count; i++)
        draft->spec.shape.dims[i] = (uint64_t)list.items[i];
    return PROBLEM_NONE;
}

static enum problem_code read_scheme(const struct field *field,
                                     struct draft *draft,
                                     const struct value *value,
                                     struct problem *problem)
{
    (void)field;
    return scheme_read(&draft->scheme, value, problem);
}

static enum problem_code read_seed(const struct field *field,
                                   struct draft *draft,
                                   const struct value *value,
                                   struct problem *problem)
{
    (void)field;
    return value_signed_seed(value, &draft->spec.seed, &draft->negative,
                             problem);
}

static enum problem_code read_name(const struct field *field,
                                   struct draft *draft,
                                   const struct value *value,
                                   struct problem *problem)
{
    const char *name;
    const enum problem_code code = value_string(value, &name, problem);
    if (code != PROBLEM_NONE)
        return code;
    const size_t size = strlen(name);
    if (size < 1 || size > SOW_MAX_NAME || utf8_has_control(name, size))
        return problem_set(problem, PROBLEM_BAD_FIELD,
                           place_text(value->place).text,
                           "'%s' must be 1 to %d bytes of UTF-8 without "
                           "control characters; this one has %zu bytes.",
                           field->name, SOW_MAX_NAME, size);
    draft->name = name;
    return PROBLEM_NONE;
}

static enum problem_code read_axes(const struct field *field,
                                   struct draft *draft,
                                   const struct value *value,
                                   struct problem *problem)
{
    static const struct value_list_rule rule = {
        ",", INT64_MIN, true,
        "axes, as whole numbers (in a query 0,1, and () for none; in JSON "
        "[0,1] and [])"};
    struct value_list list;
    const enum problem_code code = value_list(value, &rule, &list, problem);
    if (code != PROBLEM_NONE)
        return code;
    if (list.count > SOW_MAX_RANK)
        return problem_set(problem, PROBLEM_BAD_AXES,
                           place_text(value->place).text,
                           "'%s' has %zu axes; a tensor has at most %d.",
                           field->name, list.count, SOW_MAX_RANK);
    memcpy((char *)draft + field->list, &list, sizeof(list));
    return PROBLEM_NONE;
}

static enum problem_code read_choice(const struct field *field,
                                     struct draft *draft,
                                     const struct value *value,
                                     struct problem *problem)
{
    const char *name;
    const enum problem_code code = value_string(value, &name, problem);
    if (code != PROBLEM_NONE)
        return code;
    if (field->choice->take(draft, name))
        return PROBLEM_NONE;
    struct suggest suggest;
    suggest_init(&suggest, name);
    for (size_t i = 0; field->choice->at(i); i++)
        suggest_offer(&suggest, field->choice->at(i));
    return problem_set(
        problem, PROBLEM_UNKNOWN_VALUE, place_text(value->place).text,
        "There is no %s '%s'.%s It is one of %s.", field->name,
        utf8_quote(name).text, suggest_hint(&suggest).text, suggest.names);
}

static enum problem_code read_multiplier(const struct field *field,
                                         struct draft *draft,
                                         const struct value *value,
                                         struct problem *problem)
{
    double number;
    const enum problem_code code = value_number(value, &number, problem);
    if (code != PROBLEM_NONE)
        return code;
    if (number < 0)
        return problem_set(problem, PROBLEM_BAD_PARAMETER,
                           place_text(value->place).text,
                           "'%s' must be a number of at least 0, not %.15g.",
                           field->name, number);
    draft->spec.multiplier = number;
    return PROBLEM_NONE;
}

static enum problem_code read_type(const struct field *field,
                                   struct draft *draft,
                                   const struct value *value,
                                   struct problem *problem)
{
    (void)field;
    return type_find(value, &draft->type, problem);
}

static enum problem_code read_bias(const struct field *field,
                                   struct draft *draft,
                                   const struct value *value,
                                   struct problem *problem)
{
    (void)field;
    return scheme_read(&draft->bias, value, problem);
}

static enum problem_code read_slice(const struct field *field,
                                    struct draft *draft,
                                    const struct value *value,
                                    struct problem *problem)
{
    (void)field;
    return cut_read(&draft->cut, value, problem);
}

static enum problem_code read_recipe(const struct field *field,
                                     struct draft *draft,
                                     const struct value *value,
                                     struct problem *problem)
{
    (void)field;
    return value_string(value, &draft->recipe, problem);
}

/* Its form is the generator's, which isn't known yet. */
static enum problem_code read_state(const struct field *field,
                                    struct draft *draft,
                                    const struct value *value,
                                    struct problem *problem)
{
    (void)field;
    (void)problem;
    draft->state = value->json;
    return PROBLEM_NONE;
}

static enum problem_code read_key(const struct field *field,
                                  struct draft *draft,
                                  const struct value *value,
                                  struct problem *problem)
{
    (void)field;
    return value_string(value, &draft->key, problem);
}

static enum problem_code read_final_state(const struct field *field,
                                          struct draft *draft,
                                          const struct value *value,
                                          struct problem *problem)
{
    double flag;
    (void)field;
    const enum problem_code code = value_flag(value, &flag, problem);
    draft->options.final_state = code == PROBLEM_NONE && flag != 0;
    return code;
}

/* An entry that is one of these alone doesn't come here. */
static enum problem_code read_alone(const struct field *field,
                                    struct draft *draft,
                                    const struct value *value,
                                    struct problem *problem)
{
    (void)draft;
    return problem_set(problem, PROBLEM_BAD_GENERATOR,
                       place_text(value->place).text,
                       "'%s' is an entry by itself, for a 'generator' that "
                       "draws in sequence, such as torch: leave it out.",
                       field->name);
}

static bool is_empty_array(const json_t *json)
{
    return json_is_array(json) && json_array_size(json) == 0;
}

/* The reader of the document goes through these by itself. */
static enum problem_code read_member(const struct field *field,
                                     struct draft *draft,
                                     const struct value *value,
                                     struct problem *problem)
{
    (void)draft;
    if (is_empty_array(value->json) && (field->kinds & KIND(JSON_ARRAY)))
        return problem_set(
            problem, PROBLEM_BAD_FIELD, place_text(value->place).text,
            "'%s' is empty: it must hold at least one entry.", field->name);
    if (field->kinds & KIND(json_typeof(value->json)))
        return PROBLEM_NONE;
    return value_refuse(value, field->expected, problem);
}

#define ONE_TENSOR (SCOPE_QUERY | SCOPE_LAYER)
#define RECIPE (SCOPE_RECIPE_QUERY | SCOPE_RECIPE_BODY)
#define DEFAULTS (ONE_TENSOR | SCOPE_REQUEST)
#define ANSWER (SCOPE_QUERY | SCOPE_REQUEST | SCOPE_BESIDE | RECIPE)

static const struct field fields[FIELDS] = {
    [FIELD_SHAPE] = {"shape", ONE_TENSOR, read_shape},
    [FIELD_SCHEME] = {"scheme", DEFAULTS, read_scheme},
    [FIELD_SEED] = {"seed", DEFAULTS | RECIPE, read_seed},
    [FIELD_NAME] = {"name", ONE_TENSOR | SCOPE_RECIPE_QUERY, read_name},
    [FIELD_DTYPE] = {"dtype", DEFAULTS | RECIPE, read_choice, &choice_dtype},
    [FIELD_LAYOUT] = {"layout", DEFAULTS, read_choice, &choice_layout},
    [FIELD_IN_AXES] = {"in_axes", DEFAULTS, read_axes,
                       .list = offsetof(struct draft, in)},
    [FIELD_OUT_AXES] = {"out_axes", DEFAULTS, read_axes,
                        .list = offsetof(struct draft, out)},
    [FIELD_BATCH_AXES] = {"batch_axes", DEFAULTS, read_axes,
                          .list = offsetof(struct draft, batch)},
    [FIELD_MULTIPLIER] = {"multiplier", DEFAULTS, read_multiplier},
    [FIELD_GENERATOR] = {"generator", DEFAULTS | RECIPE, read_choice,
                         &choice_generator},
    [FIELD_SLICE] = {"slice", ONE_TENSOR | SCOPE_RECIPE_QUERY, read_slice},
    [FIELD_FORMAT] = {"format", ANSWER, read_choice, &choice_format},
    [FIELD_DIGEST] = {"digest", ANSWER, read_choice, &choice_digest},
    [FIELD_TYPE] = {"type", SCOPE_LAYER, read_type},
    [FIELD_BIAS] = {"bias", SCOPE_LAYER | SCOPE_REQUEST, read_bias},
    [FIELD_PROFILE] = {"profile", SCOPE_REQUEST, read_member,
                       .kinds = KIND(JSON_STRING) | KIND(JSON_OBJECT),
                       .expected =
                           "a name, or an object with 'name' or 'rules'"},
    [FIELD_CONFIG] = {"config", SCOPE_REQUEST, read_member,
                      .kinds = KIND(JSON_OBJECT),
                      .expected = "an object, the content of a config.json"},
    [FIELD_DATA] = {"data", SCOPE_REQUEST, read_member,
                    .kinds = KIND(JSON_OBJECT),
                    .expected =
                        "an object with 'values', 'base64' or 'synthetic'"},
    [FIELD_LAYERS] = {"layers", SCOPE_REQUEST, read_member,
                      .kinds = KIND(JSON_ARRAY),
                      .expected = "an array of objects"},
    [FIELD_TENSORS] = {"tensors", SCOPE_REQUEST | SCOPE_RECIPE_BODY,
                       read_member, .kinds = KIND(JSON_ARRAY),
                       .expected = "an array of names, or of objects with "
                                   "'name' and 'slice'"},
    [FIELD_RECIPE] = {"recipe", SCOPE_QUERY | SCOPE_REQUEST | RECIPE,
                      read_recipe},
    [FIELD_STATE] = {"state", SCOPE_REQUEST, read_state},
    [FIELD_FINAL_STATE] = {"final_state", ANSWER, read_final_state},
    [FIELD_KEY] = {"key", DEFAULTS, read_key},
    [FIELD_SKIP] = {"skip", SCOPE_LAYER, read_alone},
    [FIELD_DRAW] = {"draw", SCOPE_LAYER, read_alone},
};

const char *field_name(enum field_id field)
{
    return fields[field].name;
}

static const struct field *field_find(const char *name)
{
    for (size_t i = 0; i < FIELDS; i++)
        if (fields[i].name[0] == name[0] && strcmp(fields[i].name, name) == 0)
            return &fields[i];
    return NULL;
}

bool field_stands(const char *name, enum scope scope)
{
    const struct field *field = field_find(name);
    return field && (field->scopes & scope);
}

enum problem_code field_read(struct draft *draft, enum scope scope,
                             const struct value *value, bool *known,
                             struct problem *problem)
{
    const struct field *field = field_find(value->place->key);
    *known = field && (field->scopes & scope);
    if (!*known)
        return PROBLEM_NONE;
    draft->given |= UINT32_C(1) << (field - fields);
    return field->read(field, draft, value, problem);
}

/* A field that is known, but stands elsewhere. */
static enum problem_code refuse_misplaced(const struct place *place,
                                          const struct field *field,
                                          enum scope scope,
                                          struct problem *problem)
{
    const char *home = "at the top of the body";
    if (scope & RECIPE)
        return problem_set(problem, PROBLEM_UNKNOWN_FIELD,
                           place_text(place).text,
                           "'%s' can't stand beside 'recipe', which tells what "
                           "the tensors are.",
                           field->name);
    if (!(field->scopes & SCOPE_REQUEST))
        home = "in the entries of 'layers'";
    if (scope == SCOPE_QUERY)
        home = "in the body of a POST";
    return problem_set(problem, PROBLEM_UNKNOWN_FIELD, place_text(place).text,
                       "'%s' does not belong here: it stands %s.", field->name,
                       home);
}

void field_offer(struct suggest *suggest, enum scope scope)
{
    for (size_t i = 0; i < FIELDS; i++)
        if (fields[i].scopes & scope)
            suggest_offer(suggest, fields[i].name);
}

bool field_is_near(const char *name, enum scope scope, const char *own)
{
    struct suggest suggest;
    suggest_init(&suggest, name);
    field_offer(&suggest, scope);
    if (own)
        suggest_offer(&suggest, own);
    return suggest.nearest != NULL;
}

enum problem_code field_refuse(const struct place *place, enum scope scope,
                               const struct sow_scheme_info *scheme,
                               const char *own, struct problem *problem)
{
    const struct field *field = field_find(place->key);
    if (field)
        return refuse_misplaced(place, field, scope, problem);
    struct suggest suggest;
    suggest_init(&suggest, place->key);
    field_offer(&suggest, scope);
    if (own)
        suggest_offer(&suggest, own);
    for (uint32_t i = 0; scheme && i < scheme->parameter_count; i++)
        suggest_offer(&suggest, scheme->parameters[i].name);
    return problem_set(problem, PROBLEM_UNKNOWN_FIELD, place_text(place).text,
                       "There is no '%s' here.%s Allowed%s%s: %s.",
                       utf8_quote(place->key).text, suggest_hint(&suggest).text,
                       scheme ? " for " : "", scheme ? scheme->name : "",
                       suggest.names);
}
