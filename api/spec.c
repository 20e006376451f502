/* SPDX-License-Identifier: MIT */
/* From a query to a model of one tensor. */
#include "spec.h"
#include "fields.h"
#include "model.h"
#include "spec_stack.h"
#include "spec_tape.h"

#include <string.h>

const char *format_name(enum spec_format format)
{
    static const char *const names[] = {
        [FORMAT_UNSET] = "",
        [FORMAT_RAW] = "raw",
        [FORMAT_JSON] = "json",
        [FORMAT_NPY] = "npy",
        [FORMAT_SAFETENSORS] = "safetensors",
        [FORMAT_MANIFEST] = "manifest",
    };
    return names[format];
}

const char *digest_mode_name(enum spec_digest digest)
{
    static const char *const names[] = {
        [DIGEST_AUTO] = "auto",
        [DIGEST_WAIT] = "wait",
        [DIGEST_OFF] = "off",
    };
    return names[digest];
}

/*
 * Read the pair that is no field: a parameter of the scheme.  Without a
 * scheme that can't be told, and the scheme is what is missing, unless the
 * name is a slip for a field's.
 */
static enum problem_code read_beside(struct draft *draft,
                                     const struct query_pair *pair,
                                     const char *own, struct problem *problem)
{
    const struct place place = {&place_query, pair->name, 0};
    const struct value value = {pair->value, NULL, &place};
    const struct sow_scheme_info *info = draft->scheme.scheme.info;
    if (!info && !field_is_near(pair->name, SCOPE_QUERY, own))
        return PROBLEM_NONE;
    const int i = info ? sow_scheme_parameter(info, pair->name) : -1;
    if (i < 0)
        return field_refuse(&place, SCOPE_QUERY, info, own, problem);
    return scheme_read_parameter(&draft->scheme, (size_t)i, &value, problem);
}

static enum problem_code read_parameters(struct draft *draft,
                                         const struct query *query,
                                         const bool unknown[QUERY_MAX_PAIRS],
                                         struct problem *problem)
{
    for (size_t i = 0; i < query->count; i++) {
        if (!unknown[i])
            continue;
        const enum problem_code code =
            read_beside(draft, &query->pairs[i], query->own, problem);
        if (code != PROBLEM_NONE)
            return code;
    }
    if (!draft->scheme.scheme.info)
        return PROBLEM_NONE;
    return scheme_complete(&draft->scheme, &place_query, problem);
}

static enum problem_code read_tensor(struct draft *draft,
                                     const struct query *query,
                                     struct problem *problem)
{
    bool unknown[QUERY_MAX_PAIRS];
    draft_init(draft);
    enum problem_code code =
        fields_read_query(draft, SCOPE_QUERY, query, unknown, problem);
    if (code == PROBLEM_NONE)
        code = read_parameters(draft, query, unknown, problem);
    if (code == PROBLEM_NONE)
        code = draft_settle(draft, &place_query, problem);
    return code;
}

/* Make the tensor, and all that the model has beside it. */
static enum problem_code fill(const struct api_limits *limits,
                              struct draft *draft, struct model *made,
                              struct problem *problem)
{
    struct sow_tensor *tensor = made->tensors;
    made->generator = draft->generator;
    enum problem_code code =
        spec_tape_open(limits, draft, &place_query, &made->tape, problem);
    if (code == PROBLEM_NONE)
        code = spec_tape_place(made->tape, draft, made->text, &place_query,
                               problem);
    if (code == PROBLEM_NONE)
        code = draft_tensor(draft, made->text, &place_query, tensor, problem);
    if (code == PROBLEM_NONE)
        code = spec_tape_pass(made->tape, tensor, &place_query, problem);
    if (code == PROBLEM_NONE)
        code = spec_stack_finish(NULL, made, problem);
    return code == PROBLEM_NONE ? model_lay_out(made, problem) : code;
}

enum problem_code spec_from_query(const struct api_limits *limits,
                                  const struct query *query,
                                  struct model *model,
                                  struct spec_options *options,
                                  struct problem *problem)
{
    struct draft draft;
    struct model made;
    enum problem_code code = read_tensor(&draft, query, problem);
    if (code != PROBLEM_NONE)
        return code;
    const char *name = draft.name ? draft.name : "";
    code = model_init(&made, 1, strlen(name) + 1, problem);
    if (code != PROBLEM_NONE)
        return code;
    memcpy(made.text, name, strlen(name) + 1);
    made.place = "shape";
    code = fill(limits, &draft, &made, problem);
    if (code != PROBLEM_NONE) {
        model_release(&made);
        return code;
    }
    *model = made;
    *options = draft.options;
    return PROBLEM_NONE;
}
