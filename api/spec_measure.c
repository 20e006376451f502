/* SPDX-License-Identifier: MIT */
/* How many tensors a request has. */
#include "spec_measure.h"
#include "fields.h"
#include "spec_tape.h"
#include "spec_type.h"

#include <inttypes.h>
#include <string.h>

const struct place measure_at_layers = {&place_document, "layers", 0};

enum problem_code measure_refuse_limit(const struct api_limits *limits,
                                       const char *what,
                                       const struct place *place,
                                       struct problem *problem)
{
    return problem_set(problem, PROBLEM_TOO_MANY_LAYERS, place_text(place).text,
                       "%s: the limit max_layers is %" PRIu64
                       " (option --max-layers).",
                       what, limits->max_layers);
}

enum problem_code measure_refuse(const struct api_limits *limits,
                                 const struct sow_layer *layer,
                                 const struct sow_error *error,
                                 const struct place *place,
                                 struct problem *problem)
{
    if (strcmp(error->at, measure_at_layers.key) == 0)
        return measure_refuse_limit(limits, "There are too many tensors", place,
                                    problem);
    return type_refuse(error, layer->type->arguments,
                       layer->type->argument_count, place, problem);
}

enum problem_code measure_layer(const struct api_limits *limits,
                                struct kind *kind, const struct place *place,
                                struct measure *measure,
                                struct problem *problem)
{
    struct sow_error error;
    const uint64_t left = limits->max_layers - measure->tensors;
    const size_t limit = left < SIZE_MAX ? (size_t)left : SIZE_MAX;
    struct sow_layer_size size;
    if (kind_measure(kind, limit, &size, &error) != SOW_OK)
        return measure_refuse(limits, &kind->layer, &error, place, problem);
    measure->tensors += size.tensors;
    measure->names += size.names + size.tensors * (measure->prefix + 1);
    measure->parts |= size.parts;
    return PROBLEM_NONE;
}

enum problem_code measure_type(struct kinds *kinds, json_t *json,
                               const struct place *place, struct kind **kind,
                               struct problem *problem)
{
    const struct place at = {place, field_name(FIELD_TYPE), 0};
    const struct value value = {NULL, json_object_get(json, at.key), &at};
    const struct sow_layer_type *type;
    const enum problem_code code = type_find(&value, &type, problem);
    if (code != PROBLEM_NONE)
        return code;
    return type_read(kinds, type, json, place, kind, problem);
}

/* Wrong types are refused when the entries are read. */
enum problem_code measure_entry(const struct api_limits *limits,
                                struct kinds *kinds, json_t *json,
                                const struct place *place,
                                struct measure *measure,
                                struct problem *problem)
{
    struct kind *kind;
    const json_t *name = json_object_get(json, field_name(FIELD_NAME));
    const size_t size = name ? json_string_length(name) + 1 : INDEX_MAX;
    if (measure->sequential && spec_tape_is_step(json))
        return PROBLEM_NONE;
    if (!json_object_get(json, field_name(FIELD_TYPE))) {
        measure->tensors++;
        measure->names += size;
        return PROBLEM_NONE;
    }
    const enum problem_code code =
        measure_type(kinds, json, place, &kind, problem);
    if (code != PROBLEM_NONE)
        return code;
    measure->prefix = size;
    return measure_layer(limits, kind, place, measure, problem);
}

enum problem_code measure_layers(const struct api_limits *limits,
                                 struct kinds *kinds, const json_t *layers,
                                 struct measure *measure,
                                 struct problem *problem)
{
    size_t i;
    json_t *json;
    json_array_foreach(layers, i, json)
    {
        const struct place place = {&measure_at_layers, NULL, i};
        const enum problem_code code =
            measure_entry(limits, kinds, json, &place, measure, problem);
        if (code != PROBLEM_NONE)
            return code;
        if (measure->tensors > limits->max_layers)
            return measure_refuse_limit(limits, "There are too many layers",
                                        &measure_at_layers, problem);
    }
    return PROBLEM_NONE;
}

size_t measure_find(const struct api_limits *limits, struct kinds *kinds,
                    const json_t *layers, bool sequential, size_t i)
{
    struct measure measure = {.sequential = sequential};
    struct problem problem;
    size_t entry;
    json_t *json;
    json_array_foreach(layers, entry, json)
    {
        const struct place place = {&measure_at_layers, NULL, entry};
        if (measure_entry(limits, kinds, json, &place, &measure, &problem) !=
                PROBLEM_NONE ||
            measure.tensors > i)
            break;
    }
    return entry;
}
