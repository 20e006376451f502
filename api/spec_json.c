/* SPDX-License-Identifier: MIT */
/* From a JSON document to a model of many tensors. */
#include "choose.h"
#include "document.h"
#include "fields.h"
#include "spec_layers.h"
#include "spec_measure.h"

/*
 * What the tree of a JSON body may take for each layer that is allowed; one
 * layer with everything spelled out takes about this much.
 */
#define LAYER_TREE_BYTES 4096
#define REQUEST_TREE_BYTES 65536

enum problem_code spec_load(const struct api_limits *limits, const void *json,
                            size_t size, json_t **root, struct problem *problem)
{
    uint64_t bytes = UINT64_MAX;
    if (limits->max_layers < UINT32_MAX)
        bytes = REQUEST_TREE_BYTES + limits->max_layers * LAYER_TREE_BYTES;
    const enum problem_code code =
        document_load(json, size, bytes, root, problem);
    if (code == PROBLEM_BODY_TOO_LARGE)
        return measure_refuse_limit(
            limits,
            "The body holds more values than the layers "
            "allowed could need",
            &measure_at_layers, problem);
    return code;
}

/* The model of the document, or what 'tensors' chooses of it. */
static enum problem_code read_model(const struct api_limits *limits,
                                    const struct draft *request, json_t *root,
                                    struct model *model,
                                    struct problem *problem)
{
    const json_t *tensors = json_object_get(root, field_name(FIELD_TENSORS));
    enum problem_code code = layers_read(limits, request, root, model, problem);
    if (code != PROBLEM_NONE || !tensors)
        return code;
    code = choose_tensors(model, tensors, problem);
    if (code != PROBLEM_NONE)
        model_release(model);
    return code;
}

enum problem_code spec_from_json(const struct api_limits *limits, json_t *root,
                                 const char *query, struct model *model,
                                 struct spec_options *options,
                                 struct problem *problem)
{
    struct draft request;
    draft_init(&request);
    enum problem_code code = fields_read_object(&request, SCOPE_REQUEST, root,
                                                &place_document, problem);
    if (code == PROBLEM_NONE)
        code = fields_read_beside(&request, query, problem);
    if (code == PROBLEM_NONE)
        code = read_model(limits, &request, root, model, problem);
    if (code == PROBLEM_NONE)
        *options = request.options;
    return code;
}
