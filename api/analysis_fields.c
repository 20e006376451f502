/* SPDX-License-Identifier: MIT */
/* The members of a request for an analysis, by name. */
#include "analysis_fields.h"

#include "analysis_traits.h"
#include "fields.h"
#include "measure_slide.h"
#include "utf8.h"
#include "count.h"

#include <string.h>

/* Those that stand at the top alone. */
static const char *const own[] = {"widths", "schemes", "input", "measure"};

/* Those of a request for weights that an analysis has no use for. */
static const enum field_id others[] = {
    FIELD_FORMAT, FIELD_DIGEST, FIELD_RECIPE,      FIELD_TENSORS,
    FIELD_DATA,   FIELD_CONFIG, FIELD_FINAL_STATE,
};

static bool is_own(const char *name)
{
    for (size_t i = 0; i < COUNT(own); i++)
        if (strcmp(own[i], name) == 0)
            return true;
    return false;
}

static bool is_other(const char *name)
{
    for (size_t i = 0; i < COUNT(others); i++)
        if (strcmp(field_name(others[i]), name) == 0)
            return true;
    return false;
}

static void offer_traits(struct suggest *suggest)
{
    const char *name;

    for (size_t i = 0; (name = traits_name(i)) != NULL; i++)
        suggest_offer(suggest, name);
}

static enum problem_code refuse(const struct place *place,
                                const struct suggest *suggest,
                                struct problem *problem)
{
    return problem_set(problem, PROBLEM_UNKNOWN_FIELD, place_text(place).text,
                       "There is no '%s' here.%s Allowed: %s.",
                       utf8_quote(place->key).text, suggest_hint(suggest).text,
                       suggest->names);
}

static enum problem_code refuse_body(const char *name, struct problem *problem)
{
    const struct place at = {&place_document, name, 0};
    struct suggest suggest;

    if (is_other(name))
        return problem_set(problem, PROBLEM_UNKNOWN_FIELD, place_text(&at).text,
                           "'%s' belongs to a request for weights, not for "
                           "an analysis, which takes 'layers' or 'widths'.",
                           name);
    suggest_init(&suggest, name);
    suggest_offer(&suggest, field_name(FIELD_LAYERS));
    suggest_offer(&suggest, field_name(FIELD_SCHEME));
    for (size_t i = 0; i < COUNT(own); i++)
        suggest_offer(&suggest, own[i]);
    offer_traits(&suggest);
    for (int i = 0; i < FIELDS; i++) {
        const char *field = field_name((enum field_id)i);
        if (i != FIELD_LAYERS && i != FIELD_SCHEME && !is_other(field) &&
            field_stands(field, SCOPE_REQUEST))
            suggest_offer(&suggest, field);
    }
    return refuse(&at, &suggest, problem);
}

enum problem_code analysis_check_body(json_t *root, struct problem *problem)
{
    const char *name;
    json_t *json;

    json_object_foreach(root, name, json)
    {
        const bool theirs =
            field_stands(name, SCOPE_REQUEST) && !is_other(name);
        if (!theirs && !is_own(name) && !traits_has(name))
            return refuse_body(name, problem);
    }
    return PROBLEM_NONE;
}

/* ------------------------------------------------------------------------
 * Entries of 'layers'
 */

static bool is_argument(const struct sow_layer_type *type, const char *name)
{
    for (uint32_t i = 0; type && i < type->argument_count; i++) {
        const struct sow_argument *argument = &type->arguments[i];
        if (argument->kind != SOW_ARGUMENT_DERIVED &&
            (strcmp(argument->name, name) == 0 ||
             (argument->alias && strcmp(argument->alias, name) == 0)))
            return true;
    }
    return false;
}

static enum problem_code refuse_entry(const struct place *place,
                                      const struct sow_layer_type *type,
                                      struct problem *problem)
{
    struct suggest suggest;

    suggest_init(&suggest, place->key);
    offer_traits(&suggest);
    for (size_t i = 0; !type && measure_slide_name(i); i++)
        suggest_offer(&suggest, measure_slide_name(i));
    for (uint32_t i = 0; type && i < type->argument_count; i++)
        if (type->arguments[i].kind != SOW_ARGUMENT_DERIVED &&
            type->arguments[i].kind != SOW_ARGUMENT_IGNORED)
            suggest_offer(&suggest, type->arguments[i].name);
    field_offer(&suggest, SCOPE_LAYER);
    return refuse(place, &suggest, problem);
}

enum problem_code analysis_check_entry(json_t *entry, const struct place *place,
                                       struct problem *problem)
{
    const json_t *named = json_object_get(entry, field_name(FIELD_TYPE));
    const struct sow_layer_type *type = NULL;
    const char *name;
    json_t *json;

    if (json_is_string(named))
        type = sow_layer_type_find(json_string_value(named));
    if (named && !type)
        return PROBLEM_NONE;
    json_object_foreach(entry, name, json)
    {
        const struct place at = {place, name, 0};
        if (!traits_has(name) && !field_stands(name, SCOPE_LAYER) &&
            !is_argument(type, name) && (type || !measure_slide_has(name)))
            return refuse_entry(&at, type, problem);
    }
    return PROBLEM_NONE;
}
