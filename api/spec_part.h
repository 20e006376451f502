/* SPDX-License-Identifier: MIT */
/*
 * The scheme of a tensor: the one its layer asked for, that of the profile's
 * first rule that matches, the request's, or the framework's default.
 */
#ifndef SPEC_PART_H
#define SPEC_PART_H

#include "draft.h"
#include "spec_draws.h"
#include "spec_profile.h"

/*
 * A layer that is being read.  'draft' has its fields, 'request' those of the
 * whole request, 'profile' may be NULL.  'place' is where it stands.  'draws'
 * is NULL for sow1, and for a layer with a shape.
 */
struct part_layer {
    const struct draft *draft;
    const struct draft *request;
    struct profile *profile;
    const struct place *place;
    unsigned parts; /* all that the layer has, ored */
    bool scheme_used, bias_used;
    struct draws *draws;
};

/* Make the tensor of a layer with a shape, called 'name'. */
enum problem_code part_plain(const struct part_layer *layer, const char *name,
                             struct sow_tensor *tensor,
                             struct problem *problem);

/* Make a tensor of a layer with a type, called 'name'. */
enum problem_code part_typed(struct part_layer *layer, const char *name,
                             const struct sow_layer_tensor *part,
                             struct sow_tensor *tensor,
                             struct problem *problem);

/* Refuse what a layer with a type asked for that none of its tensors took. */
enum problem_code part_finish(const struct part_layer *layer,
                              struct problem *problem);

#endif
