/* SPDX-License-Identifier: MIT */
/*
 * A tensor in the making: what the fields of a request have said so far, and
 * how that becomes a tensor.
 *
 *     draft_init(&draft);
 *     for each field: field_read(&draft, …);            fields.h
 *     draft_settle(&draft, place, problem);
 *     draft_tensor(&draft, place, &tensor, problem);
 */
#ifndef DRAFT_H
#define DRAFT_H

#include "cut.h"
#include "layers/layers.h"
#include "scheme.h"
#include "spec.h"

/* The fields; fields.h tells what they are. */
enum field_id {
    FIELD_SHAPE,
    FIELD_SCHEME,
    FIELD_SEED,
    FIELD_NAME,
    FIELD_DTYPE,
    FIELD_LAYOUT,
    FIELD_IN_AXES,
    FIELD_OUT_AXES,
    FIELD_BATCH_AXES,
    FIELD_MULTIPLIER,
    FIELD_GENERATOR,
    FIELD_SLICE,
    FIELD_FORMAT,
    FIELD_DIGEST,
    FIELD_TYPE,
    FIELD_BIAS,
    FIELD_PROFILE,
    FIELD_CONFIG,
    FIELD_DATA,
    FIELD_LAYERS,
    FIELD_TENSORS,
    FIELD_RECIPE,
    FIELD_STATE,
    FIELD_FINAL_STATE,
    FIELD_KEY,
    FIELD_SKIP,
    FIELD_DRAW,
    FIELDS
};

/*
 * A layer starts from a copy of the request's draft, so that the request's
 * fields are defaults.  'given' has bit 1 << FIELD_… for what was written in
 * this scope alone; 'layout_given' says that a layout or axes were written in
 * this one or in the one it was copied from.  'name' and 'recipe' are NULL
 * until they are read, and borrowed.  'in', 'out' and 'batch' are as written:
 * negative axes count from the end.  'scheme.scheme.info' is NULL until a
 * scheme is read, and so is that of 'bias', the scheme of a layer's biases;
 * 'type' is NULL for a layer with a shape.  Of 'spec' the name, the axes and
 * the scheme are set by draft_spec().  'negative' says that the seed was
 * written with a sign; 'state' and 'key' are NULL until they are read, and
 * borrowed.
 */
struct draft {
    struct sow_spec spec;
    struct scheme_draft scheme, bias;
    const struct sow_layer_type *type;
    struct value_list in, out, batch;
    struct cut cut;
    const char *name, *recipe;
    const struct sow_generator *generator;
    json_t *state;
    const char *key;
    uint32_t given;
    bool layout_given, negative;
    struct spec_options options;
};

/* Everything at its default, nothing given. */
void draft_init(struct draft *draft);

/* A copy of 'request' in which nothing is given yet. */
void draft_init_layer(struct draft *draft, const struct draft *request);

/* Whether 'field' was given in the draft's own scope. */
bool draft_has(const struct draft *draft, enum field_id field);

/*
 * End a scope: check that layout and axes go together, and choose the layout.
 * 'place' is the object that the fields stand in.
 */
enum problem_code draft_settle(struct draft *draft, const struct place *place,
                               struct problem *problem);

/*
 * What was said of a tensor called 'name', which must outlive 'spec'; its
 * scheme is the draft's and may be missing.  A problem is placed at the field
 * to blame when that stands in 'place', otherwise at 'place'.
 */
enum problem_code draft_spec(const struct draft *draft, const char *name,
                             const struct place *place, struct sow_spec *spec,
                             struct problem *problem);

/*
 * Make the tensor of a complete 'spec', or the slice of it that was given;
 * problems are placed likewise.
 */
enum problem_code draft_resolve(const struct draft *draft,
                                const struct sow_spec *spec,
                                const struct place *place,
                                struct sow_tensor *tensor,
                                struct problem *problem);

/* Refuse a tensor without a scheme; 'why' ends the sentence. */
enum problem_code draft_refuse_schemeless(const struct place *place,
                                          const char *why,
                                          struct problem *problem);

/* Make the tensor called 'name' that the draft tells of. */
enum problem_code draft_tensor(const struct draft *draft, const char *name,
                               const struct place *place,
                               struct sow_tensor *tensor,
                               struct problem *problem);

#endif
