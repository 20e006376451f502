/* SPDX-License-Identifier: MIT */
/* A tensor in the making. */
#include "draft.h"
#include "blame.h"
#include "fields.h"

#include <inttypes.h>
#include <string.h>

void draft_init(struct draft *draft)
{
    memset(draft, 0, sizeof(*draft));
    draft->spec.name = "";
    draft->spec.dtype = SOW_FLOAT32;
    draft->spec.layout = SOW_TORCH;
    draft->spec.multiplier = 1;
    draft->generator = sow_generator_at(0);
    draft->options.format = FORMAT_UNSET;
    draft->options.digest = DIGEST_AUTO;
}

void draft_init_layer(struct draft *draft, const struct draft *request)
{
    *draft = *request;
    draft->given = 0;
}

bool draft_has(const struct draft *draft, enum field_id field)
{
    return draft->given >> field & 1;
}

/* The place of 'field' where it was written here, 'place' otherwise. */
static struct place_text blame(const struct draft *draft,
                               const struct place *place, enum field_id field)
{
    const struct place child = {place, field_name(field), 0};
    return place_text(draft_has(draft, field) ? &child : place);
}

static enum problem_code refuse_missing(const struct place *place,
                                        enum field_id field, const char *why,
                                        struct problem *problem)
{
    const struct place child = {place, field_name(field), 0};
    return problem_set(problem, PROBLEM_MISSING_FIELD, place_text(&child).text,
                       "'%s' is missing: %s", field_name(field), why);
}

enum problem_code draft_settle(struct draft *draft, const struct place *place,
                               struct problem *problem)
{
    const bool in = draft_has(draft, FIELD_IN_AXES);
    const bool out = draft_has(draft, FIELD_OUT_AXES);
    const bool batch = draft_has(draft, FIELD_BATCH_AXES);
    const bool layout = draft_has(draft, FIELD_LAYOUT);
    draft->layout_given |= layout || in || out || batch;
    if (!in && !out && !batch)
        return PROBLEM_NONE;
    if (layout)
        return problem_set(problem, PROBLEM_BAD_FIELD,
                           blame(draft, place, FIELD_LAYOUT).text,
                           "'layout' and explicit axes exclude each other: "
                           "leave one of them out.");
    if (!in || !out)
        return refuse_missing(place, in ? FIELD_OUT_AXES : FIELD_IN_AXES,
                              "explicit axes need both 'in_axes' and "
                              "'out_axes'.",
                              problem);
    if (!batch)
        draft->batch.count = 0;
    draft->spec.layout = SOW_EXPLICIT;
    return PROBLEM_NONE;
}

/* Turn axes as written in 'field' into a set, one bit an axis. */
static enum problem_code resolve_axes(const struct draft *draft,
                                      const struct place *place,
                                      enum field_id field,
                                      const struct value_list *list,
                                      uint8_t *set, struct problem *problem)
{
    const int64_t rank = draft->spec.shape.rank;
    unsigned found = 0;
    for (size_t i = 0; i < list->count; i++) {
        const int64_t item = list->items[i];
        if (item < -rank || item >= rank)
            return problem_set(problem, PROBLEM_BAD_AXES,
                               blame(draft, place, field).text,
                               "'%s' has %" PRId64 ", but the shape has "
                               "%" PRId64 " axes.",
                               field_name(field), item, rank);
        const unsigned bit = 1U << (item < 0 ? item + rank : item);
        if (found & bit)
            return problem_set(
                problem, PROBLEM_BAD_AXES, blame(draft, place, field).text,
                "'%s' has axis %" PRId64 " twice.", field_name(field), item);
        found |= bit;
    }
    *set = (uint8_t)found;
    return PROBLEM_NONE;
}

static enum problem_code fill_axes(const struct draft *draft,
                                   const struct place *place,
                                   struct sow_axes *axes,
                                   struct problem *problem)
{
    if (draft->spec.layout != SOW_EXPLICIT)
        return PROBLEM_NONE;
    enum problem_code code = resolve_axes(draft, place, FIELD_IN_AXES,
                                          &draft->in, &axes->in, problem);
    if (code == PROBLEM_NONE)
        code = resolve_axes(draft, place, FIELD_OUT_AXES, &draft->out,
                            &axes->out, problem);
    if (code == PROBLEM_NONE)
        code = resolve_axes(draft, place, FIELD_BATCH_AXES, &draft->batch,
                            &axes->batch, problem);
    return code;
}

/* A parameter stands below its scheme, which may be the whole request's. */
static struct place_text blame_parameter(const struct draft *draft,
                                         const struct place *place,
                                         const char *parameter)
{
    while (!draft_has(draft, FIELD_SCHEME) && place->parent)
        place = place->parent;
    const struct place scheme = {place, field_name(FIELD_SCHEME), 0};
    const struct place child = {&scheme, parameter, 0};
    return place_text(&child);
}

/* The place of what the library blames; 'at' is from its 'sow_error'. */
static struct place_text locate(const struct draft *draft,
                                const struct place *place, const char *at)
{
    if (sow_scheme_parameter(draft->scheme.scheme.info, at) >= 0)
        return blame_parameter(draft, place, at);
    if (strcmp(at, "axes") == 0)
        return blame(draft, place, FIELD_IN_AXES);
    for (int i = 0; i < FIELDS; i++)
        if (strcmp(field_name((enum field_id)i), at) == 0)
            return blame(draft, place, (enum field_id)i);
    return place_text(place);
}

static enum problem_code refuse_tensor(const struct draft *draft,
                                       const struct place *place,
                                       const struct sow_error *error,
                                       struct problem *problem)
{
    return problem_set(problem, blame_code(error->status),
                       locate(draft, place, error->at).text, "%s: %s.",
                       error->at, error->text);
}

/* What was asked for must be what is in force: a library has its own rule. */
static enum problem_code check_layout(const struct draft *draft,
                                      const struct place *place,
                                      const struct sow_tensor *tensor,
                                      struct problem *problem)
{
    if (!draft->layout_given || tensor->spec.layout == draft->spec.layout)
        return PROBLEM_NONE;
    const enum field_id field =
        draft->spec.layout == SOW_EXPLICIT ? FIELD_IN_AXES : FIELD_LAYOUT;
    return problem_set(problem, PROBLEM_BAD_FIELD,
                       blame(draft, place, field).text,
                       "Scheme '%s' brings the layout '%s': leave '%s' out, "
                       "or choose a scheme without a library's prefix.",
                       tensor->spec.scheme.info->name,
                       sow_layout_name(tensor->spec.layout), field_name(field));
}

enum problem_code draft_spec(const struct draft *draft, const char *name,
                             const struct place *place, struct sow_spec *spec,
                             struct problem *problem)
{
    if (!draft_has(draft, FIELD_SHAPE))
        return refuse_missing(place, FIELD_SHAPE,
                              "it tells the size of each dimension.", problem);
    struct sow_axes axes = draft->spec.axes;
    const enum problem_code code = fill_axes(draft, place, &axes, problem);
    if (code != PROBLEM_NONE)
        return code;
    *spec = draft->spec;
    spec->axes = axes;
    spec->name = name;
    spec->scheme = draft->scheme.scheme;
    return PROBLEM_NONE;
}

enum problem_code draft_resolve(const struct draft *draft,
                                const struct sow_spec *spec,
                                const struct place *place,
                                struct sow_tensor *tensor,
                                struct problem *problem)
{
    struct sow_error error;
    if (sow_tensor_init(tensor, spec, &error) != SOW_OK)
        return refuse_tensor(draft, place, &error, problem);
    if (check_layout(draft, place, tensor, problem) != PROBLEM_NONE)
        return problem->code;
    const struct place at = {place, field_name(FIELD_SLICE), 0};
    return draft_has(draft, FIELD_SLICE)
               ? cut_apply(&draft->cut, &at, tensor, problem)
               : PROBLEM_NONE;
}

enum problem_code draft_refuse_schemeless(const struct place *place,
                                          const char *why,
                                          struct problem *problem)
{
    return refuse_missing(place, FIELD_SCHEME, why, problem);
}

enum problem_code draft_tensor(const struct draft *draft, const char *name,
                               const struct place *place,
                               struct sow_tensor *tensor,
                               struct problem *problem)
{
    struct sow_spec spec;
    if (!draft->scheme.scheme.info)
        return draft_refuse_schemeless(
            place, "there is no default; GET /v1/schemes lists them.", problem);
    const enum problem_code code =
        draft_spec(draft, name, place, &spec, problem);
    if (code != PROBLEM_NONE)
        return code;
    return draft_resolve(draft, &spec, place, tensor, problem);
}
