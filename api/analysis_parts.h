/* SPDX-License-Identifier: MIT */
/*
 * From the tensors of a request to the layers of an analysis: which tensor is
 * the weight of which layer, which its bias, and what else is said of it.
 */
#ifndef ANALYSIS_PARTS_H
#define ANALYSIS_PARTS_H

#include "analysis_traits.h"
#include "draft.h"
#include "measure_slide.h"

#include <jansson.h>

#define PART_NONE SIZE_MAX

/*
 * A layer: the tensors of a model that are its weight and its bias, or
 * PART_NONE, and where it stands: entry 'entry' of 'layers' or of 'widths'.
 */
struct analysis_part {
    size_t weight, bias;
    size_t entry;
    bool opens; /* a residual branch begins here */
    struct analysis_traits traits;
};

/*
 * Layers in order; 'slides' has how each slides, and is NULL where that is no
 * matter or all are dense.  Both are owned.
 */
struct analysis_parts {
    struct analysis_part *parts;
    struct slide *slides;
    size_t count;
};

/*
 * Room for 'most' layers, none yet, and with 'slides' for how they slide; the
 * caller ends it with parts_release().
 */
enum problem_code parts_init(struct analysis_parts *parts, size_t most,
                             bool slides, struct problem *problem);
void parts_release(struct analysis_parts *parts);

/* What an entry of 'layers' says beside its tensors. */
struct analysis_words {
    struct analysis_traits traits;
    json_t *slide; /* of measure_slide_take(); owned by who took it */
};

/*
 * Find the layers among the tensors of 'model', which 'layers' has come to;
 * 'words' has what each entry says.  There is room for a layer a tensor.
 * Refuses what the theory doesn't fit, and layers that don't take what the
 * layer before gives.
 */
enum problem_code
parts_of_layers(struct analysis_parts *parts, const struct api_limits *limits,
                const struct draft *request, const json_t *layers,
                const struct analysis_words *words, const struct model *model,
                struct problem *problem);

/*
 * Let 'defaults' hold for every layer but the last, and find where residual
 * branches begin; one that is a default is made of all layers that give as
 * many units as they took, and refused if none does.  'places' is what the
 * parts' entries are of.
 */
enum problem_code parts_finish(struct analysis_parts *parts,
                               const struct analysis_traits *defaults,
                               const struct model *model,
                               const struct place *places,
                               struct problem *problem);

/* The product of the dimensions of 'axes', a bit each. */
uint64_t parts_width(const struct sow_tensor *tensor, unsigned axes);

#endif
