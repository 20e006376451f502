/* SPDX-License-Identifier: MIT */
/* The scheme of a tensor. */
#include "spec_part.h"
#include "blame.h"
#include "fields.h"
#include "utf8.h"

#include <stdio.h>
#include <string.h>

/* Where a tensor's scheme was said: a field, or rule 'rule' of the profile. */
struct source {
    enum field_id field; /* FIELDS for neither */
    bool own;            /* the layer's, not the request's */
    int rule;            /* -1 for none */
};

/* ------------------------------------------------------------------------
 * A layer with a shape
 */

static bool ends_with(const char *text, const char *end)
{
    const size_t n = strlen(text);
    const size_t m = strlen(end);
    return n >= m && strcmp(text + n - m, end) == 0;
}

/* What a tensor is for that only has a name and a shape. */
static enum sow_part guess(const char *name, uint32_t rank)
{
    if (ends_with(name, "bias"))
        return SOW_PART_BIAS;
    return rank >= 2 ? SOW_PART_WEIGHT : SOW_PART_SCALE;
}

/* Let the profile say what the layer did not. */
static enum problem_code apply(const struct part_layer *layer,
                               struct sow_spec *spec, int *rule,
                               struct problem *problem)
{
    struct sow_layer_tensor part = {
        .part = guess(spec->name, spec->shape.rank),
        .shape = spec->shape,
        .layout = spec->layout,
        .axes = spec->axes,
        .scheme = spec->scheme,
        .multiplier = 1,
    };
    const enum problem_code code =
        profile_apply(layer->profile, spec->name, &part, rule, problem);
    if (code != PROBLEM_NONE)
        return code;
    spec->scheme = part.scheme;
    spec->multiplier *= part.multiplier;
    if (spec->scheme.info)
        return PROBLEM_NONE;
    char why[400];
    snprintf(why, sizeof(why),
             "no rule of the profile gives '%s' one, and there is no other "
             "default.",
             utf8_quote(spec->name).text);
    return draft_refuse_schemeless(layer->place, why, problem);
}

enum problem_code part_plain(const struct part_layer *layer, const char *name,
                             struct sow_tensor *tensor, struct problem *problem)
{
    const struct draft *draft = layer->draft;
    struct sow_spec spec;
    struct sow_error error;
    int rule = -1;
    if (!layer->profile || draft_has(draft, FIELD_SCHEME))
        return draft_tensor(draft, name, layer->place, tensor, problem);
    enum problem_code code =
        draft_spec(draft, name, layer->place, &spec, problem);
    if (code == PROBLEM_NONE)
        code = apply(layer, &spec, &rule, problem);
    if (code != PROBLEM_NONE)
        return code;
    if (!profile_sets_scheme(layer->profile, rule) ||
        sow_tensor_init(tensor, &spec, &error) == SOW_OK)
        return draft_resolve(draft, &spec, layer->place, tensor, problem);
    return profile_refuse(layer->profile, rule, &error, name, problem);
}

/* ------------------------------------------------------------------------
 * A layer with a type
 */

/* What of the layer its own 'scheme' is for, and its own 'bias'. */
static unsigned scheme_parts(const struct part_layer *layer)
{
    if (layer->parts & SOW_WEIGHTS)
        return SOW_WEIGHTS;
    return SOW_PART_SCALE | SOW_PART_OTHER;
}

static unsigned bias_parts(const struct part_layer *layer)
{
    return layer->parts & SOW_PART_BIAS ? SOW_PART_BIAS : SOW_PART_SHIFT;
}

/* Take the scheme that the layer asked for, if it did for this tensor. */
static bool take_own(struct part_layer *layer, struct sow_layer_tensor *part,
                     struct source *source)
{
    const struct draft *draft = layer->draft;
    source->own = true;
    if (draft_has(draft, FIELD_SCHEME) && (part->part & scheme_parts(layer))) {
        part->scheme = draft->scheme.scheme;
        source->field = FIELD_SCHEME;
        layer->scheme_used = true;
        return true;
    }
    if (draft_has(draft, FIELD_BIAS) && (part->part & bias_parts(layer))) {
        part->scheme = draft->bias.scheme;
        source->field = FIELD_BIAS;
        layer->bias_used = true;
        return true;
    }
    source->own = false;
    return false;
}

static void take_request(const struct part_layer *layer,
                         struct sow_layer_tensor *part, struct source *source)
{
    const struct draft *request = layer->request;
    if (request->scheme.scheme.info && (part->part & SOW_WEIGHTS)) {
        part->scheme = request->scheme.scheme;
        source->field = FIELD_SCHEME;
    }
    if (request->bias.scheme.info && (part->part & SOW_PART_BIAS)) {
        part->scheme = request->bias.scheme;
        source->field = FIELD_BIAS;
    }
}

static enum problem_code refuse_part(const struct part_layer *layer,
                                     const struct source *source,
                                     const struct sow_spec *spec,
                                     const struct sow_error *error,
                                     struct problem *problem)
{
    if (source->rule >= 0)
        return profile_refuse(layer->profile, source->rule, error, spec->name,
                              problem);
    if (source->field == FIELDS)
        return blame_error(error, layer->place, spec->name, problem);
    const struct place *home = source->own ? layer->place : &place_document;
    const struct place field = {home, field_name(source->field), 0};
    const struct place member = {&field, error->at, 0};
    const bool named = sow_scheme_parameter(spec->scheme.info, error->at) >= 0;
    return blame_error(error, named ? &member : &field, spec->name, problem);
}

/* Torch has its axes where the other libraries don't. */
static enum problem_code check_layout(const struct part_layer *layer,
                                      const struct source *source,
                                      const struct sow_layer_tensor *part,
                                      const struct sow_tensor *tensor,
                                      struct problem *problem)
{
    const struct sow_scheme_info *info = tensor->spec.scheme.info;
    const bool torch = part->layout == SOW_TORCH;
    struct sow_error error = {.status = SOW_BAD_SCHEME, .at = "scheme"};
    if (!info->library || !info->fans || source->field == FIELDS ||
        torch == (info->layout == SOW_TORCH))
        return PROBLEM_NONE;
    snprintf(error.text, sizeof(error.text),
             "%s takes fan-in and fan-out where %s has them, and this tensor "
             "is laid out as in %s; choose a scheme without a library's prefix",
             info->name, sow_layout_name(info->layout),
             sow_layout_name(part->layout));
    return refuse_part(layer, source, &tensor->spec, &error, problem);
}

/* Choose the scheme of 'part'. */
static enum problem_code choose(struct part_layer *layer, const char *name,
                                struct sow_layer_tensor *part,
                                struct source *source, struct problem *problem)
{
    int rule = -1;
    if (take_own(layer, part, source))
        return PROBLEM_NONE;
    take_request(layer, part, source);
    if (!layer->profile)
        return PROBLEM_NONE;
    const enum problem_code code =
        profile_apply(layer->profile, name, part, &rule, problem);
    if (code == PROBLEM_NONE && profile_sets_scheme(layer->profile, rule))
        *source = (struct source){FIELD_PROFILE, false, rule};
    return code;
}

enum problem_code part_typed(struct part_layer *layer, const char *name,
                             const struct sow_layer_tensor *part,
                             struct sow_tensor *tensor, struct problem *problem)
{
    struct source source = {FIELDS, false, -1};
    struct sow_layer_tensor chosen = *part;
    struct sow_error error;
    const enum problem_code code =
        choose(layer, name, &chosen, &source, problem);
    if (code != PROBLEM_NONE)
        return code;
    struct sow_spec spec = layer->draft->spec;
    spec.name = name;
    spec.shape = chosen.shape;
    spec.layout = chosen.layout;
    spec.axes = chosen.axes;
    spec.scheme = chosen.scheme;
    spec.multiplier *= chosen.multiplier;
    const bool again = source.field != FIELDS;
    if (layer->draws)
        draws_place(layer->draws, part, again, &spec);
    if (sow_tensor_init(tensor, &spec, &error) != SOW_OK)
        return refuse_part(layer, &source, &spec, &error, problem);
    if (layer->draws &&
        draws_pass(layer->draws, part, again, tensor) != PROBLEM_NONE)
        return problem->code;
    return check_layout(layer, &source, &chosen, tensor, problem);
}

static enum problem_code refuse_unused(const struct part_layer *layer,
                                       enum field_id field, const char *what,
                                       struct problem *problem)
{
    const struct place at = {layer->place, field_name(field), 0};
    return problem_set(problem, PROBLEM_BAD_FIELD, place_text(&at).text,
                       "This layer has no %s that '%s' could be for: leave it "
                       "out.",
                       what, field_name(field));
}

enum problem_code part_finish(const struct part_layer *layer,
                              struct problem *problem)
{
    if (draft_has(layer->draft, FIELD_SCHEME) && !layer->scheme_used)
        return refuse_unused(layer, FIELD_SCHEME, "weight", problem);
    if (draft_has(layer->draft, FIELD_BIAS) && !layer->bias_used)
        return refuse_unused(layer, FIELD_BIAS, "bias", problem);
    return PROBLEM_NONE;
}
