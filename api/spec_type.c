/* SPDX-License-Identifier: MIT */
/* Layer types and config.json, from JSON to a layer of the library. */
#include "spec_type.h"
#include "blame.h"
#include "fields.h"
#include "utf8.h"

#include <stdio.h>
#include <string.h>

/* An argument and its alias may both be given, and are refused then. */
#define MOST_GIVEN (2 * (size_t)SOW_MAX_ARGUMENTS + 1)

/* What stands before the model types of a config.json in the list of types. */
#define MODELS "transformers."

void type_offer(struct suggest *suggest)
{
    const struct sow_layer_type *type;
    for (size_t i = 0; (type = sow_layer_type_at(i)); i++) {
        suggest_offer(suggest, type->name);
        for (size_t k = 0; type->aliases && type->aliases[k]; k++)
            suggest_offer(suggest, type->aliases[k]);
    }
}

enum problem_code type_find(const struct value *value,
                            const struct sow_layer_type **type,
                            struct problem *problem)
{
    const char *name;
    const enum problem_code code = value_string(value, &name, problem);
    if (code != PROBLEM_NONE)
        return code;
    const struct sow_layer_type *found = sow_layer_type_find(name);
    if (found) {
        *type = found;
        return PROBLEM_NONE;
    }
    struct suggest suggest;
    suggest_init(&suggest, name);
    type_offer(&suggest);
    return problem_set(problem, PROBLEM_UNKNOWN_VALUE,
                       place_text(value->place).text,
                       "There is no type '%s'.%s GET /v1/layers lists them.",
                       utf8_quote(name).text, suggest_hint(&suggest).text);
}

bool type_argument(const char *key, const json_t *json)
{
    if (strcmp(key, field_name(FIELD_BIAS)) == 0)
        return json_is_boolean(json);
    return !field_stands(key, SCOPE_LAYER);
}

/* ------------------------------------------------------------------------
 * Arguments
 */

/* The argument called 'name', or NULL. */
static const struct sow_argument *find(const struct sow_argument *arguments,
                                       size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        const struct sow_argument *argument = &arguments[i];
        if (argument->kind == SOW_ARGUMENT_DERIVED)
            continue;
        if (strcmp(argument->name, name) == 0 ||
            (argument->alias && strcmp(argument->alias, name) == 0))
            return argument;
    }
    return NULL;
}

static void give_list(struct sow_given *given, const json_t *json)
{
    size_t i;
    json_t *item;
    if (json_array_size(json) > SOW_MAX_SIZES)
        return;
    json_array_foreach(json, i, item)
    {
        if (!json_is_number(item))
            return;
        given->numbers[i] = json_number_value(item);
    }
    given->kind = SOW_VALUE_NUMBERS;
    given->count = (uint32_t)json_array_size(json);
}

void type_give(struct sow_given *given, const char *name, const json_t *json)
{
    *given = (struct sow_given){.name = name, .kind = SOW_VALUE_OTHER};
    if (json_is_null(json))
        given->kind = SOW_VALUE_NULL;
    if (json_is_boolean(json)) {
        given->kind = SOW_VALUE_BOOL;
        given->numbers[0] = json_is_true(json);
    }
    if (json_is_number(json)) {
        given->kind = SOW_VALUE_NUMBER;
        given->numbers[0] = json_number_value(json);
    }
    if (json_is_string(json)) {
        given->kind = SOW_VALUE_TEXT;
        given->text = json_string_value(json);
    }
    if (json_is_array(json))
        give_list(given, json);
}

static enum problem_code refuse_unknown(const struct sow_layer_type *type,
                                        const struct place *place,
                                        struct problem *problem)
{
    struct suggest suggest, fields;
    suggest_init(&fields, place->key);
    field_offer(&fields, SCOPE_LAYER);
    suggest_init(&suggest, place->key);
    for (uint32_t i = 0; i < type->argument_count; i++)
        if (type->arguments[i].kind != SOW_ARGUMENT_DERIVED &&
            type->arguments[i].kind != SOW_ARGUMENT_IGNORED)
            suggest_offer(&suggest, type->arguments[i].name);
    return problem_set(problem, PROBLEM_UNKNOWN_FIELD, place_text(place).text,
                       "Type '%s' has no argument '%s'.%s It takes %s.",
                       type->name, utf8_quote(place->key).text,
                       suggest_hint(suggest.nearest ? &suggest : &fields).text,
                       suggest.names[0] ? suggest.names : "none");
}

enum problem_code type_refuse(const struct sow_error *error,
                              const struct sow_argument *arguments,
                              size_t count, const struct place *place,
                              struct problem *problem)
{
    const struct place at = {place, error->at, 0};
    const bool named = find(arguments, count, error->at) != NULL;
    return blame_error(error, named ? &at : place, NULL, problem);
}

static enum problem_code check_required(const struct sow_layer_type *type,
                                        const json_t *object,
                                        const struct place *place,
                                        struct problem *problem)
{
    for (uint32_t i = 0; i < type->argument_count; i++) {
        const struct sow_argument *argument = &type->arguments[i];
        const struct place at = {place, argument->name, 0};
        if (argument->otherwise || argument->kind == SOW_ARGUMENT_DERIVED ||
            argument->kind == SOW_ARGUMENT_IGNORED ||
            json_object_get(object, argument->name) ||
            (argument->alias && json_object_get(object, argument->alias)))
            continue;
        return problem_set(problem, PROBLEM_MISSING_FIELD, place_text(&at).text,
                           "Type '%s' needs '%s': it has no default.",
                           type->name, argument->name);
    }
    return PROBLEM_NONE;
}

/* Of words in a config.json the first counts: the one of "architectures". */
static const json_t *first_word(const struct sow_layer_type *type,
                                const json_t *json)
{
    const json_t *first = json_array_get(json, 0);
    return type->open && json_is_string(first) ? first : json;
}

/* A config.json says how many labels there are by naming them. */
static size_t give_labels(struct sow_given *given,
                          const struct sow_layer_type *type,
                          const json_t *object)
{
    const json_t *names = json_object_get(object, "id2label");
    if (!type->open || !json_is_object(names) ||
        json_object_get(object, "num_labels") ||
        !find(type->arguments, type->argument_count, "num_labels"))
        return 0;
    *given = (struct sow_given){.name = "num_labels",
                                .kind = SOW_VALUE_NUMBER,
                                .numbers = {(double)json_object_size(names)}};
    return 1;
}

/* Bind what of 'object' is an argument; with 'all', fields are such too. */
static enum problem_code
read_arguments(struct kinds *kinds, const struct sow_layer_type *type,
               json_t *object, bool all, const struct place *place,
               struct kind **kind, struct problem *problem)
{
    struct sow_given given[MOST_GIVEN];
    size_t count = 0;
    const char *key;
    json_t *json;
    json_object_foreach(object, key, json)
    {
        const struct place at = {place, key, 0};
        if (!all && !type_argument(key, json))
            continue;
        if (find(type->arguments, type->argument_count, key))
            type_give(&given[count++], key, first_word(type, json));
        else if (!type->open)
            return refuse_unknown(type, &at, problem);
    }
    const enum problem_code code = check_required(type, object, place, problem);
    if (code != PROBLEM_NONE)
        return code;
    count += give_labels(&given[count], type, object);
    struct sow_error error;
    if (kinds_find(kinds, type, given, count, kind, &error) != SOW_OK)
        return type_refuse(&error, type->arguments, type->argument_count, place,
                           problem);
    return PROBLEM_NONE;
}

enum problem_code type_read(struct kinds *kinds,
                            const struct sow_layer_type *type, json_t *object,
                            const struct place *place, struct kind **kind,
                            struct problem *problem)
{
    return read_arguments(kinds, type, object, false, place, kind, problem);
}

/* ------------------------------------------------------------------------
 * config.json
 */

static enum problem_code refuse_model(const char *name,
                                      const struct place *place,
                                      struct problem *problem)
{
    const struct sow_layer_type *type;
    struct suggest suggest;
    suggest_init(&suggest, name);
    for (size_t i = 0; (type = sow_layer_type_at(i)); i++)
        if (type->open && strncmp(type->name, MODELS, strlen(MODELS)) == 0)
            suggest_offer(&suggest, type->name + strlen(MODELS));
    return problem_set(problem, PROBLEM_UNKNOWN_VALUE, place_text(place).text,
                       "Models of type '%s' are not known here.%s It is one "
                       "of %s.",
                       utf8_quote(name).text, suggest_hint(&suggest).text,
                       suggest.names);
}

enum problem_code type_read_config(struct kinds *kinds, json_t *config,
                                   const struct place *place,
                                   struct kind **kind, struct problem *problem)
{
    const struct place at = {place, "model_type", 0};
    const struct value value = {NULL, json_object_get(config, at.key), &at};
    char full[64];
    const char *name;
    if (!value.json)
        return problem_set(problem, PROBLEM_MISSING_FIELD, place_text(&at).text,
                           "'model_type' is missing: a config.json says there "
                           "which model it is of.");
    const enum problem_code code = value_string(&value, &name, problem);
    if (code != PROBLEM_NONE)
        return code;
    snprintf(full, sizeof(full), MODELS "%s", name);
    const struct sow_layer_type *type = sow_layer_type_find(full);
    if (!type || !type->open)
        return refuse_model(name, &at, problem);
    return read_arguments(kinds, type, config, true, place, kind, problem);
}
