/* SPDX-License-Identifier: MIT */
/*
 * A visit of a layer's tensors, shared by expand.c (rows and blocks) and
 * repeat.c (rows that are repeated); for lib/layers/ only.
 */
#ifndef VISIT_H
#define VISIT_H

#include "layers/rows.h"

/* Tensors of a round that are kept for the rounds after it. */
#define SOW_ECHOES 32

/*
 * The round of a repetition that is being recorded, its first: 'row' is the
 * repetition's, which 'depth' blocks are around, or NULL.  'asked' becomes
 * true when anything but the row's own name asks for the index; if nothing
 * does, all rounds are alike but for that name.  With it a tensor's name has
 * 'length' bytes before those that 'tensors' have, which are the first
 * SOW_ECHOES of 'count'; of these bytes 'longest' is the most.  'tensors' is
 * borrowed, so that a visit doesn't begin with clearing them.
 */
struct sow_echo {
    const struct sow_row *row;
    unsigned depth;
    bool asked;
    size_t length;
    size_t longest;
    size_t count;
    struct sow_layer_tensor *tensors;
};

/* With 'size' tensors are measured, and not made for the visitor. */
struct sow_visit {
    size_t limit;
    size_t count;
    uint64_t steps;
    struct sow_layer_size *size;
    sow_layer_visitor *visitor;
    void *argument;
    struct sow_layer_tensor tensor;
    struct sow_error *error;
    struct sow_echo echo;
};

/*
 * Where in the nest of blocks the walk is.  'length' bytes of the tensor's
 * name are before the names of the rows; 'matrices' is evaluated in the scope
 * that it comes from.
 */
struct sow_place {
    const struct sow_layer_type *type;
    const struct sow_scope *scope;
    size_t length;
    double multiplier;
    const char *matrices;
    const struct sow_scope *matrices_scope;
    unsigned depth;
};

/* Visit a row once, if it is wanted; 'scope' has the index (expand.c). */
SOW_MUST_CHECK enum sow_status sow_visit_once(struct sow_visit *visit,
                                              const struct sow_place *place,
                                              const struct sow_row *row,
                                              const struct sow_scope *scope);

/* Count one tensor more, or refuse one too many (expand.c). */
SOW_MUST_CHECK enum sow_status sow_visit_count(struct sow_visit *visit);

/* Take steps, or refuse too many (expand.c). */
SOW_MUST_CHECK enum sow_status sow_visit_step(struct sow_visit *visit,
                                              uint64_t steps);

/*
 * Visit a row as often as it says, the first time by sow_visit_once() and then
 * likewise, or where that comes to the same by its echo (repeat.c).
 */
SOW_MUST_CHECK enum sow_status sow_visit_repeat(struct sow_visit *visit,
                                                const struct sow_place *place,
                                                const struct sow_row *row);

/*
 * Write the row's name behind the place's; 'length' becomes that of both.  It
 * alone may ask for the index (repeat.c).
 */
SOW_MUST_CHECK enum sow_status sow_visit_name(struct sow_visit *visit,
                                              const struct sow_place *place,
                                              const struct sow_row *row,
                                              const struct sow_scope *scope,
                                              size_t *length);

/* If a round is being recorded: a tensor was made or measured (repeat.c). */
void sow_visit_record(struct sow_visit *visit);

#endif
