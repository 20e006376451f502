/* SPDX-License-Identifier: MIT */
/*
 * How the convolutions of an analysis slide, which a measurement wants to know:
 * a type has arguments for that in its library's words; a weight that is given
 * by its shape may have torch's beside it, 'stride', 'padding', 'dilation' and
 * 'groups'.
 */
#ifndef MEASURE_SLIDE_H
#define MEASURE_SLIDE_H

#include "spec_slide.h"

/* The name of such a member, or NULL past the last; and whether it is one. */
const char *measure_slide_name(size_t i);
bool measure_slide_has(const char *name);

/*
 * Take those members out of 'entry', so that what is left is a request for
 * weights: an object with them, which the caller owns, or NULL when there are
 * none.  An entry with a 'type' keeps its own.
 */
enum problem_code measure_slide_take(json_t *entry, json_t **members,
                                     struct problem *problem);

/*
 * Set 'slide' from the weight of the entry at 'place' and the members that tell
 * how it slides (NULL for none): of a 'layer', or where that is NULL what
 * measure_slide_take() took.  Weights with more than SOW_MAX_SPATIAL axes have
 * only 'spatial' set.
 */
enum problem_code
measure_slide_read(struct slide *slide, const struct sow_tensor *weight,
                   const struct sow_layer *layer, const json_t *members,
                   const struct place *place, struct problem *problem);

#endif
