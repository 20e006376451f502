/* SPDX-License-Identifier: MIT */
/*
 * The layers of one request, by type and arguments: of a hundred thousand
 * entries few differ in these, and what they come to is worked out once.
 */
#ifndef KINDS_H
#define KINDS_H

#include "layers/layers.h"

#define KIND_GIVEN 6   /* a layer with more arguments is worked out anew */
#define KIND_TENSORS 4 /* and so are the tensors of one that has more */

/* A layer; the rest is for kinds.c: what was given for it, and its tensors. */
struct kind {
    struct sow_layer layer;
    struct sow_given given[KIND_GIVEN];
    size_t given_count;
    struct sow_layer_size size;
    struct sow_layer_tensor tensors[KIND_TENSORS];
    size_t tensor_count;
    bool known, measured, visited;
};

struct kinds;

/* None yet; NULL when out of memory. */
struct kinds *kinds_new(void);

void kinds_free(struct kinds *kinds);

/*
 * Set 'kind', which lasts until the next call, as sow_layer_init() sets its
 * layer; and on failure as that.  The text of what is given must outlive the
 * kinds.
 */
SOW_MUST_CHECK enum sow_status kinds_find(struct kinds *kinds,
                                          const struct sow_layer_type *type,
                                          const struct sow_given *given,
                                          size_t count, struct kind **kind,
                                          struct sow_error *error);

/* sow_layer_measure() of the kind's layer. */
SOW_MUST_CHECK enum sow_status kind_measure(struct kind *kind, size_t limit,
                                            struct sow_layer_size *size,
                                            struct sow_error *error);

/* sow_layer_visit() of it. */
SOW_MUST_CHECK enum sow_status kind_visit(struct kind *kind, size_t limit,
                                          sow_layer_visitor *visitor,
                                          void *argument,
                                          struct sow_error *error);

#endif
