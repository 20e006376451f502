/* SPDX-License-Identifier: MIT */
/* From layers with a type to the layers of a stack. */
#include "spec_stack.h"
#include "spec_slide.h"
#include "blame.h"
#include "fields.h"
#include "utf8.h"
#include "count.h"

#include <stdio.h>
#include <string.h>

/* The types of a stack, and over how many axes they slide. */
static const struct {
    const char *name;
    uint32_t spatial;
} types[] = {
    {"linear", 0}, {"keras.dense", 0}, {"flax.dense", 0},
    {"conv1d", 1}, {"conv2d", 2},      {"conv3d", 3},
};

/* ------------------------------------------------------------------------
 * 'data' and 'activation'
 */

static enum problem_code read_activation(struct sow_stage *stage,
                                         const struct value *value,
                                         struct problem *problem)
{
    const struct sow_activation *activation;
    struct suggest suggest;
    const char *name;
    const enum problem_code code = value_string(value, &name, problem);
    if (code != PROBLEM_NONE)
        return code;
    stage->activation = sow_activation_find(name);
    if (stage->activation)
        return PROBLEM_NONE;
    suggest_init(&suggest, name);
    for (size_t i = 0; (activation = sow_activation_at(i)); i++)
        suggest_offer(&suggest, activation->name);
    return problem_set(
        problem, PROBLEM_UNKNOWN_VALUE, place_text(value->place).text,
        "There is no activation '%s'.%s It is one of %s.",
        utf8_quote(name).text, suggest_hint(&suggest).text, suggest.names);
}

static enum problem_code take_activations(struct stack *stack, json_t *layers,
                                          struct problem *problem)
{
    size_t i;
    json_t *json;
    json_array_foreach(layers, i, json)
    {
        const struct place entry = {&measure_at_layers, NULL, i};
        const struct place at = {&entry, "activation", 0};
        const struct value value = {NULL, json_object_get(json, at.key), &at};
        stack->stages[i].activation = sow_activation_find("linear");
        if (!value.json)
            continue;
        const enum problem_code code =
            read_activation(&stack->stages[i], &value, problem);
        if (code != PROBLEM_NONE)
            return code;
        json_object_del(json, at.key);
    }
    return PROBLEM_NONE;
}

static enum problem_code refuse_dataless(const char *name,
                                         const struct sow_scheme_info *scheme,
                                         struct problem *problem)
{
    const struct place at = {&place_document, field_name(FIELD_DATA), 0};
    return problem_set(problem, PROBLEM_BAD_SCHEME, place_text(&at).text,
                       "'%s' has the scheme %s, which depends on data: send a "
                       "POST with 'data', such as {\"synthetic\": true, "
                       "\"shape\": [256, 784]}, 'values' or 'base64', and "
                       "layers with a 'type'.",
                       utf8_quote(name).text, scheme->name);
}

enum problem_code spec_stack_read(json_t *root, const struct draft *request,
                                  struct stack **stack, struct problem *problem)
{
    const struct place at = {&place_document, field_name(FIELD_DATA), 0};
    json_t *data = json_object_get(root, at.key);
    json_t *layers = json_object_get(root, field_name(FIELD_LAYERS));
    const struct sow_scheme_info *scheme = request->scheme.scheme.info;
    if (!data && scheme && scheme->data)
        return refuse_dataless("layers", scheme, problem);
    if (!data)
        return PROBLEM_NONE;
    if (request->generator->drawing)
        return problem_set(problem, PROBLEM_BAD_GENERATOR, place_text(&at).text,
                           "'data' goes with the generator sow1 alone, and "
                           "this one is %s: leave one of them out.",
                           request->generator->name);
    struct stack *made = stack_new(json_array_size(layers));
    if (!made)
        return problem_no_memory(problem);
    enum problem_code code =
        batch_read(&made->batch, data, request->spec.seed, &at, problem);
    if (code == PROBLEM_NONE)
        code = take_activations(made, layers, problem);
    if (code == PROBLEM_NONE)
        *stack = made;
    else
        stack_free(made);
    return code;
}

/* ------------------------------------------------------------------------
 * A layer's tensors
 */

/* Make tensor 'i' again, with another scheme and 'end' after its name. */
static enum problem_code remake(const struct spec_stack_layer *layer, size_t i,
                                const struct sow_scheme *scheme,
                                const char *end, struct problem *problem)
{
    struct sow_tensor *tensor = &layer->model->tensors[i];
    struct sow_spec spec = tensor->spec;
    struct sow_error error;
    const size_t n = strlen(spec.name);
    const size_t more = strlen(end);
    if (n + more > SOW_MAX_NAME)
        return problem_set(problem, PROBLEM_BAD_FIELD,
                           place_text(layer->place).text,
                           "With its layer's name and '%s' a tensor's name has "
                           "%zu bytes; the most is %d.",
                           end, n + more, SOW_MAX_NAME);
    memcpy(*layer->names, spec.name, n);
    memcpy(*layer->names + n, end, more + 1);
    spec.name = *layer->names;
    spec.scheme = *scheme;
    *layer->names += n + more + 1;
    if (sow_tensor_init(tensor, &spec, &error) != SOW_OK)
        return blame_error(&error, layer->place, spec.name, problem);
    return PROBLEM_NONE;
}

static struct sow_scheme scheme_called(const char *name)
{
    struct sow_scheme scheme;
    sow_scheme_init(&scheme, sow_scheme_find(name));
    return scheme;
}

/* The biases follow from the scheme of the weights, so none may be given. */
static enum problem_code check_bias(const struct spec_stack_layer *layer,
                                    const char *scheme, struct problem *problem)
{
    const struct sow_scheme_info *info = layer->draft->bias.scheme.info;
    const bool own = draft_has(layer->draft, FIELD_BIAS);
    const struct place at = {own ? layer->place : &place_document,
                             field_name(FIELD_BIAS), 0};
    if (!info)
        return PROBLEM_NONE;
    return problem_set(problem, PROBLEM_BAD_SCHEME, place_text(&at).text,
                       "The biases of a layer with the scheme %s are not for "
                       "choosing, so '%s' does not go with it: leave it out.",
                       scheme, info->name);
}

static enum problem_code set_lsuv(struct stack_layer *made,
                                  const struct spec_stack_layer *layer,
                                  struct problem *problem)
{
    const struct sow_scheme zeros = scheme_called("zeros");
    const enum problem_code code = check_bias(layer, "lsuv", problem);
    if (code != PROBLEM_NONE || made->bias == STACK_NONE)
        return code;
    return remake(layer, made->bias, &zeros, "", problem);
}

/* The shape with 1 on all axes but those of the outputs. */
static void keep_outputs(struct sow_spec *spec)
{
    for (uint32_t i = 0; i < spec->shape.rank; i++)
        if (!(spec->axes.out >> i & 1))
            spec->shape.dims[i] = 1;
}

/* Weight and bias become directions, gains and biases. */
static enum problem_code set_weight_norm(struct stack_layer *made,
                                         const struct spec_stack_layer *layer,
                                         struct problem *problem)
{
    const struct sow_scheme gains = scheme_called("weightnorm_data_g");
    const struct sow_scheme biases = scheme_called("weightnorm_data_bias");
    struct sow_tensor *tensors = layer->model->tensors;
    enum problem_code code = check_bias(layer, "weightnorm_data", problem);
    if (code != PROBLEM_NONE)
        return code;
    if (made->bias == STACK_NONE)
        return problem_set(problem, PROBLEM_BAD_SCHEME,
                           place_text(layer->place).text,
                           "weightnorm_data gives gains and biases, but this "
                           "layer has no bias: let it have one.");
    const struct sow_tensor bias = tensors[made->bias];
    const struct sow_scheme directions = tensors[made->weight].spec.scheme;
    made->gain = layer->first + 1;
    tensors[made->gain] = tensors[made->weight];
    keep_outputs(&tensors[made->gain].spec);
    tensors[layer->first] = tensors[made->weight];
    made->weight = layer->first;
    made->bias = layer->first + 2;
    tensors[made->bias] = bias;
    *layer->next += 1;
    code = remake(layer, made->weight, &directions, "_v", problem);
    if (code == PROBLEM_NONE)
        code = remake(layer, made->gain, &gains, "_g", problem);
    if (code == PROBLEM_NONE)
        code = remake(layer, made->bias, &biases, "", problem);
    return code;
}

/* Which of its tensors is which. */
static void find_tensors(struct stack_layer *made,
                         const struct spec_stack_layer *layer)
{
    for (size_t i = layer->first; i < *layer->next; i++) {
        const uint32_t rank = layer->model->tensors[i].spec.shape.rank;
        *(rank > 1 ? &made->weight : &made->bias) = i;
    }
}

enum problem_code spec_stack_add(struct stack *stack, json_t *root,
                                 const struct spec_stack_layer *layer,
                                 struct problem *problem)
{
    const json_t *layers = json_object_get(root, field_name(FIELD_LAYERS));
    const size_t entry = layer->place->index;
    size_t type = 0;
    while (type < COUNT(types) &&
           strcmp(types[type].name, layer->layer->type->name) != 0)
        type++;
    if (type == COUNT(types) || entry >= stack->count)
        return PROBLEM_NONE;
    struct sow_stage *stage = &stack->stages[entry];
    struct stack_layer *made = &stack->layers[entry];
    stage->spatial = types[type].spatial;
    const enum problem_code code =
        slide_read(stage, layer->layer, json_array_get(layers, entry),
                   layer->place, problem);
    if (code != PROBLEM_NONE)
        return code;
    find_tensors(made, layer);
    sow_stage_set_weight(stage, &layer->model->tensors[made->weight]);
    switch (stage->method) {
    case SOW_STAGE_LSUV:
        return set_lsuv(made, layer, problem);
    case SOW_STAGE_WEIGHT_NORM:
        return set_weight_norm(made, layer, problem);
    case SOW_STAGE_FORWARD:
        break;
    }
    return PROBLEM_NONE;
}

/* ------------------------------------------------------------------------
 * The end
 */

struct measure spec_stack_room(const struct stack *stack,
                               const struct measure *measure)
{
    struct measure room = *measure;
    if (!stack)
        return room;
    room.names = 3 * room.names + 8 * room.tensors;
    room.tensors *= 2;
    return room;
}

enum problem_code spec_stack_finish(struct stack *stack, struct model *model,
                                    struct problem *problem)
{
    enum problem_code code = PROBLEM_NONE;
    if (stack)
        code = stack_finish(stack, model, problem);
    for (size_t i = 0; code == PROBLEM_NONE && i < model->count; i++)
        if (model->tensors[i].spec.scheme.info->data && !model->tensors[i].data)
            code = refuse_dataless(model->tensors[i].spec.name,
                                   model->tensors[i].spec.scheme.info, problem);
    return code;
}
