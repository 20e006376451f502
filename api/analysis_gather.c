/* SPDX-License-Identifier: MIT */
/* Which tensors of a request are the layers of an analysis. */
#include "analysis_parts.h"

#include "fields.h"
#include "kinds.h"
#include "spec_measure.h"
#include "spec_tape.h"
#include "utf8.h"
#include "count.h"

#include <inttypes.h>
#include <string.h>

/* The layers that are being found; 'next' is the next tensor. */
struct gathering {
    struct analysis_parts *found;
    const struct api_limits *limits;
    const struct model *model;
    struct kinds *kinds;
    size_t next;
    enum sow_analysis_norm waiting; /* a norm for the layer to come */
    size_t waiting_at;
    struct problem *problem;
};

/* An entry of 'layers', and what it says beside its tensors. */
struct entry {
    json_t *json;
    struct place place;
    const struct analysis_traits *traits;
    const json_t *slide;
};

static struct analysis_part *last_part(const struct gathering *gathering)
{
    const struct analysis_parts *found = gathering->found;

    return found->count > 0 ? &found->parts[found->count - 1] : NULL;
}

static enum problem_code refuse(const struct gathering *gathering,
                                const struct entry *entry,
                                enum problem_code code, const char *why)
{
    return problem_set(gathering->problem, code, place_text(&entry->place).text,
                       "%s", why);
}

/* ------------------------------------------------------------------------
 * What a layer takes is what the one before gives
 */

/*
 * Between dense layers the numbers are equal.  A convolution may have groups,
 * and behind one a dense layer may take all places of all channels.
 */
static bool fits(const struct sow_tensor *before, const struct sow_tensor *now)
{
    const uint64_t given = parts_width(before, before->spec.axes.out);
    const uint64_t taken = parts_width(now, now->spec.axes.in);

    if (given == taken || given == 0 || taken == 0)
        return true;
    if (now->spec.shape.rank > 2)
        return given % taken == 0;
    return before->spec.shape.rank > 2 && taken % given == 0;
}

static enum problem_code check_fit(const struct gathering *gathering,
                                   const struct entry *entry,
                                   const struct sow_tensor *now)
{
    const struct analysis_part *last = last_part(gathering);
    const struct sow_tensor *before =
        last ? &gathering->model->tensors[last->weight] : NULL;

    if (!before || fits(before, now))
        return PROBLEM_NONE;
    return problem_set(
        gathering->problem, PROBLEM_BAD_SHAPE, place_text(&entry->place).text,
        "'%s' takes %" PRIu64 " inputs, but '%s' before it gives %" PRIu64
        ": the widths of neighbours must agree.",
        utf8_quote(now->spec.name).text, parts_width(now, now->spec.axes.in),
        utf8_quote(before->spec.name).text,
        parts_width(before, before->spec.axes.out));
}

/* ------------------------------------------------------------------------
 * Weights, biases and norms
 */

/* See how the weight that is found next slides; 'layer' is NULL for a shape. */
static enum problem_code add_slide(const struct gathering *gathering,
                                   const struct entry *entry,
                                   const struct sow_tensor *weight,
                                   const struct sow_layer *layer)
{
    const struct analysis_parts *found = gathering->found;
    struct slide slide;

    if (!found->slides && (layer || !entry->slide))
        return PROBLEM_NONE;
    return measure_slide_read(
        found->slides ? &found->slides[found->count] : &slide, weight, layer,
        layer ? entry->json : entry->slide, &entry->place, gathering->problem);
}

static enum problem_code add_weight(struct gathering *gathering,
                                    const struct entry *entry,
                                    const struct sow_layer *layer,
                                    size_t weight, size_t bias)
{
    const struct sow_tensor *tensor = &gathering->model->tensors[weight];
    struct analysis_parts *found = gathering->found;

    if (sow_tensor_is_cut(tensor))
        return refuse(gathering, entry, PROBLEM_BAD_FIELD,
                      "An analysis is of whole tensors: leave 'slice' out.");
    if (check_fit(gathering, entry, tensor) ||
        add_slide(gathering, entry, tensor, layer))
        return gathering->problem->code;
    struct analysis_part *part = &found->parts[found->count++];
    *part = (struct analysis_part){.weight = weight,
                                   .bias = bias,
                                   .entry = entry->place.index,
                                   .traits = *entry->traits};
    if (gathering->waiting != SOW_NORM_NONE) {
        part->traits.input_norm = gathering->waiting;
        part->traits.given |= 1U << TRAIT_INPUT_NORM;
        gathering->waiting = SOW_NORM_NONE;
    }
    return PROBLEM_NONE;
}

static bool ends_with(const char *text, const char *end)
{
    const size_t n = strlen(text);
    const size_t m = strlen(end);

    return n >= m && strcmp(text + n - m, end) == 0;
}

/* A tensor with a shape: a weight, or the bias of the weight before. */
static enum problem_code add_plain(struct gathering *gathering,
                                   const struct entry *entry)
{
    const size_t i = gathering->next++;
    const struct sow_tensor *tensor = &gathering->model->tensors[i];
    struct analysis_part *last = last_part(gathering);

    if (tensor->spec.shape.rank >= 2)
        return add_weight(gathering, entry, NULL, i, PART_NONE);
    if (!last || last->bias != PART_NONE ||
        !ends_with(tensor->spec.name, "bias"))
        return refuse(gathering, entry, PROBLEM_BAD_SHAPE,
                      "A layer is a weight of two dimensions or more, and a "
                      "bias, whose name ends so, behind it: leave this tensor "
                      "out. A norm is said by 'norm', or by a 'type'.");
    if (entry->traits->given || entry->slide)
        return refuse(gathering, entry, PROBLEM_BAD_FIELD,
                      "What is said of a layer stands in the entry of its "
                      "weight, not in that of its bias: move it there.");
    const struct sow_tensor *weight = &gathering->model->tensors[last->weight];
    if (tensor->elements != parts_width(weight, weight->spec.axes.out))
        return refuse(gathering, entry, PROBLEM_BAD_SHAPE,
                      "The bias must have an element for each output of the "
                      "weight before it.");
    last->bias = i;
    return PROBLEM_NONE;
}

/*
 * A norm belongs to the layer before it, and so does an activation that it
 * names; behind an activation, or first, it belongs to the layer after it.
 */
static enum problem_code add_norm(struct gathering *gathering,
                                  const struct entry *entry,
                                  enum sow_analysis_norm norm)
{
    static const unsigned behind = 1U << TRAIT_ACTIVATION |
                                   1U << TRAIT_DROPOUT | 1U << TRAIT_RESIDUAL |
                                   1U << TRAIT_NORM;
    const struct analysis_traits *said = entry->traits;
    struct analysis_part *last = last_part(gathering);

    if (traits_give(said, TRAIT_NORM) || traits_give(said, TRAIT_INPUT_NORM))
        return refuse(gathering, entry, PROBLEM_BAD_FIELD,
                      "This entry is a norm: leave 'norm' and 'input_norm' "
                      "out of it.");
    if (last && !(last->traits.given & behind)) {
        const unsigned input = last->traits.given;
        const enum sow_analysis_norm before = last->traits.input_norm;
        last->traits = *said;
        last->traits.input_norm = before;
        last->traits.norm = norm;
        last->traits.given |= input | 1U << TRAIT_NORM;
        return PROBLEM_NONE;
    }
    if (said->given || gathering->waiting != SOW_NORM_NONE)
        return refuse(gathering, entry, PROBLEM_BAD_FIELD,
                      "This norm goes before the weights of the layer behind "
                      "it: an activation or another norm can't stand between.");
    gathering->waiting = norm;
    gathering->waiting_at = entry->place.index;
    return PROBLEM_NONE;
}

/* ------------------------------------------------------------------------
 * Layers with a type
 */

enum role { ROLE_LAYER, ROLE_NORM };

static const struct {
    const char *name;
    enum role role;
    enum sow_analysis_norm norm;
} types[] = {
    {"linear", ROLE_LAYER, SOW_NORM_NONE},
    {"conv1d", ROLE_LAYER, SOW_NORM_NONE},
    {"conv2d", ROLE_LAYER, SOW_NORM_NONE},
    {"conv3d", ROLE_LAYER, SOW_NORM_NONE},
    {"layer_norm", ROLE_NORM, SOW_NORM_LAYER},
    {"rms_norm", ROLE_NORM, SOW_NORM_RMS},
    {"batch_norm1d", ROLE_NORM, SOW_NORM_BATCH},
    {"batch_norm2d", ROLE_NORM, SOW_NORM_BATCH},
    {"batch_norm3d", ROLE_NORM, SOW_NORM_BATCH},
    {"sync_batch_norm", ROLE_NORM, SOW_NORM_BATCH},
    {"keras.dense", ROLE_LAYER, SOW_NORM_NONE},
    {"keras.conv1d", ROLE_LAYER, SOW_NORM_NONE},
    {"keras.conv2d", ROLE_LAYER, SOW_NORM_NONE},
    {"keras.conv3d", ROLE_LAYER, SOW_NORM_NONE},
    {"keras.layer_normalization", ROLE_NORM, SOW_NORM_LAYER},
    {"keras.rms_normalization", ROLE_NORM, SOW_NORM_RMS},
    {"keras.batch_normalization", ROLE_NORM, SOW_NORM_BATCH},
    {"flax.dense", ROLE_LAYER, SOW_NORM_NONE},
    {"flax.conv", ROLE_LAYER, SOW_NORM_NONE},
    {"flax.layer_norm", ROLE_NORM, SOW_NORM_LAYER},
    {"flax.rms_norm", ROLE_NORM, SOW_NORM_RMS},
    {"flax.batch_norm", ROLE_NORM, SOW_NORM_BATCH},
};

/* Where in a layer's tensors its weight and bias are, and how many there are */
struct seen {
    size_t weight, bias, count;
};

static enum sow_status see(void *argument,
                           const struct sow_layer_tensor *tensor,
                           struct sow_error *error)
{
    struct seen *seen = argument;

    (void)error;
    if (tensor->part & SOW_WEIGHTS)
        seen->weight = seen->count;
    if (tensor->part & SOW_PART_BIAS)
        seen->bias = seen->count;
    seen->count++;
    return SOW_OK;
}

static enum problem_code refuse_type(const struct gathering *gathering,
                                     const struct entry *entry,
                                     const char *name)
{
    const struct place at = {&entry->place, field_name(FIELD_TYPE), 0};

    return problem_set(gathering->problem, PROBLEM_BAD_FIELD,
                       place_text(&at).text,
                       "An analysis takes linear and dense layers, "
                       "convolutions that are not transposed, and layer, RMS "
                       "and batch norms, not '%s': give its matrices by their "
                       "'shape'.",
                       name);
}

static enum problem_code add_typed(struct gathering *gathering,
                                   const struct entry *entry)
{
    struct seen seen = {PART_NONE, PART_NONE, 0};
    const size_t first = gathering->next;
    struct sow_error error;
    struct kind *kind;
    size_t i = 0;

    if (measure_type(gathering->kinds, entry->json, &entry->place, &kind,
                     gathering->problem))
        return gathering->problem->code;
    const char *name = kind->layer.type->name;
    while (i < COUNT(types) && strcmp(types[i].name, name) != 0)
        i++;
    if (i == COUNT(types))
        return refuse_type(gathering, entry, name);
    if (kind_visit(kind, gathering->model->count - first, see, &seen, &error))
        return measure_refuse(gathering->limits, &kind->layer, &error,
                              &entry->place, gathering->problem);
    gathering->next += seen.count;
    if (types[i].role == ROLE_NORM)
        return add_norm(gathering, entry, types[i].norm);
    return add_weight(gathering, entry, &kind->layer, first + seen.weight,
                      seen.bias == PART_NONE ? PART_NONE : first + seen.bias);
}

/* ------------------------------------------------------------------------
 * All of them
 */

/* A step of a tape, which is no tensor. */
static enum problem_code pass_step(const struct gathering *gathering,
                                   const struct entry *entry)
{
    if (!entry->traits->given && !entry->slide)
        return PROBLEM_NONE;
    return refuse(gathering, entry, PROBLEM_BAD_FIELD,
                  "This entry is no layer: say it of one that is.");
}

static enum problem_code add_entry(struct gathering *gathering,
                                   const struct draft *request,
                                   const struct entry *entry)
{
    if (request->generator->sequential && spec_tape_is_step(entry->json))
        return pass_step(gathering, entry);
    return json_object_get(entry->json, field_name(FIELD_TYPE))
               ? add_typed(gathering, entry)
               : add_plain(gathering, entry);
}

static enum problem_code gather(struct gathering *gathering,
                                const struct draft *request,
                                const json_t *layers,
                                const struct analysis_words *words)
{
    size_t i;
    json_t *json;

    json_array_foreach(layers, i, json)
    {
        const struct entry entry = {json,
                                    {&measure_at_layers, NULL, i},
                                    &words[i].traits,
                                    words[i].slide};
        if (add_entry(gathering, request, &entry))
            return gathering->problem->code;
    }
    const struct entry lost = {
        NULL, {&measure_at_layers, NULL, gathering->waiting_at}, NULL, NULL};
    if (gathering->waiting != SOW_NORM_NONE)
        return refuse(gathering, &lost, PROBLEM_BAD_FIELD,
                      "No layer comes after this norm: leave it out.");
    if (gathering->found->count > 0)
        return PROBLEM_NONE;
    return problem_set(gathering->problem, PROBLEM_BAD_FIELD,
                       place_text(&measure_at_layers).text,
                       "There is no layer with a weight in 'layers'.");
}

enum problem_code
parts_of_layers(struct analysis_parts *parts, const struct api_limits *limits,
                const struct draft *request, const json_t *layers,
                const struct analysis_words *words, const struct model *model,
                struct problem *problem)
{
    struct gathering gathering = {.found = parts,
                                  .limits = limits,
                                  .model = model,
                                  .kinds = kinds_new(),
                                  .problem = problem};

    if (!gathering.kinds)
        return problem_no_memory(problem);
    const enum problem_code code = gather(&gathering, request, layers, words);
    kinds_free(gathering.kinds);
    return code;
}
