/* SPDX-License-Identifier: MIT */
/* From a JSON document to a model of many tensors. */
#include "document.h"
#include "fields.h"
#include "model.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Decimal digits of a position in 'layers', and NUL. */
#define INDEX_MAX 21

/*
 * What the tree of a JSON body may take for each layer that is allowed; one
 * layer with everything spelled out takes about this much.
 */
#define LAYER_TREE_BYTES 4096
#define REQUEST_TREE_BYTES 65536

/* Read the members of 'object', all of which must be fields of 'scope'. */
static enum problem_code read_object(struct draft *draft, enum scope scope,
                                     json_t *object, const struct place *place,
                                     struct problem *problem)
{
    const char *key;
    json_t *json;
    json_object_foreach(object, key, json)
    {
        const struct place at = {place, key, 0};
        const struct value value = {NULL, json, &at};
        bool known;
        const enum problem_code code =
            field_read(draft, scope, &value, &known, problem);
        if (code != PROBLEM_NONE)
            return code;
        if (!known)
            return field_refuse(&at, scope, NULL, problem);
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

/* Read the query beside a body: it must not repeat what the body says. */
static enum problem_code read_query_beside(struct draft *draft,
                                           const char *text,
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
            return field_refuse(&at, SCOPE_BESIDE, NULL, problem);
    }
    return refuse_both(in_body & draft->given, problem);
}

static enum problem_code refuse_layers(const struct api_limits *limits,
                                       const char *what,
                                       struct problem *problem)
{
    return problem_set(problem, PROBLEM_TOO_MANY_LAYERS, "/layers",
                       "%s: the limit max_layers is %" PRIu64
                       " (option --max-layers).",
                       what, limits->max_layers);
}

/* An upper bound for the names' bytes; wrong types are refused later. */
static size_t names_size(const json_t *layers)
{
    size_t size = 0;
    size_t i;
    json_t *layer;
    json_array_foreach(layers, i, layer)
    {
        const json_t *name = json_object_get(layer, field_name(FIELD_NAME));
        size += name ? json_string_length(name) + 1 : INDEX_MAX;
    }
    return size;
}

/* Append the name, or for NULL the position, at '*names'. */
static const char *add_name(char **names, const char *given, size_t i)
{
    char *name = *names;
    size_t size = INDEX_MAX;
    if (given) {
        size = strlen(given) + 1;
        memcpy(name, given, size);
    } else {
        snprintf(name, INDEX_MAX, "%zu", i);
    }
    *names += size;
    return name;
}

static enum problem_code read_layer(const struct draft *request, json_t *layer,
                                    size_t i, struct model *model, char **names,
                                    struct problem *problem)
{
    const struct place layers = {&place_document, field_name(FIELD_LAYERS), 0};
    const struct place place = {&layers, NULL, i};
    const struct value value = {NULL, layer, &place};
    if (!json_is_object(layer))
        return value_refuse(&value, "an array of objects", problem);
    struct draft draft;
    draft_init_layer(&draft, request);
    const enum problem_code code =
        read_object(&draft, SCOPE_LAYER, layer, &place, problem);
    if (code != PROBLEM_NONE)
        return code;
    model->ordered |= !draft.name;
    const char *name = add_name(names, draft.name, i);
    return draft_tensor(&draft, name, &place, &model->tensors[i], problem);
}

static enum problem_code fill_model(const struct draft *request,
                                    const json_t *layers, struct model *model,
                                    struct problem *problem)
{
    char *names = model->text;
    size_t i;
    json_t *layer;
    json_array_foreach(layers, i, layer)
    {
        const enum problem_code code =
            read_layer(request, layer, i, model, &names, problem);
        if (code != PROBLEM_NONE)
            return code;
    }
    const enum problem_code code = model_lay_out(model, problem);
    if (code != PROBLEM_NONE)
        return code;
    return model_check_names(model, problem);
}

static enum problem_code read_layers(const struct api_limits *limits,
                                     const struct draft *request,
                                     const json_t *layers, struct model *model,
                                     struct problem *problem)
{
    if (!layers)
        return problem_set(problem, PROBLEM_MISSING_FIELD, "/layers",
                           "'layers' is missing: an array with an object for "
                           "each tensor.");
    const size_t count = json_array_size(layers);
    if (count > limits->max_layers)
        return refuse_layers(limits, "There are too many layers", problem);
    struct model made;
    enum problem_code code =
        model_init(&made, count, names_size(layers), problem);
    if (code != PROBLEM_NONE)
        return code;
    code = fill_model(request, layers, &made, problem);
    if (code != PROBLEM_NONE) {
        model_release(&made);
        return code;
    }
    *model = made;
    return PROBLEM_NONE;
}

static enum problem_code load(const struct api_limits *limits, const void *json,
                              size_t size, json_t **root,
                              struct problem *problem)
{
    uint64_t bytes = UINT64_MAX;
    if (limits->max_layers < UINT32_MAX)
        bytes = REQUEST_TREE_BYTES + limits->max_layers * LAYER_TREE_BYTES;
    const enum problem_code code =
        document_load(json, size, bytes, root, problem);
    if (code == PROBLEM_BODY_TOO_LARGE)
        return refuse_layers(limits,
                             "The body holds more values than the layers "
                             "allowed could need",
                             problem);
    return code;
}

enum problem_code spec_from_json(const struct api_limits *limits,
                                 const void *json, size_t size,
                                 const char *query, struct model *model,
                                 struct spec_options *options,
                                 struct problem *problem)
{
    json_t *root;
    struct draft request;
    enum problem_code code = load(limits, json, size, &root, problem);
    if (code != PROBLEM_NONE)
        return code;
    draft_init(&request);
    code = read_object(&request, SCOPE_REQUEST, root, &place_document, problem);
    if (code == PROBLEM_NONE)
        code = read_query_beside(&request, query, problem);
    if (code == PROBLEM_NONE)
        code = read_layers(limits, &request,
                           json_object_get(root, field_name(FIELD_LAYERS)),
                           model, problem);
    json_decref(root);
    if (code == PROBLEM_NONE)
        *options = request.options;
    return code;
}
