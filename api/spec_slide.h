/* SPDX-License-Identifier: MIT */
/*
 * How a layer of a stack slides over its input: what a convolution's stride,
 * padding, dilation and groups say, which matter to no weight's shape.
 */
#ifndef SPEC_SLIDE_H
#define SPEC_SLIDE_H

#include "forward/calibrate.h"
#include "layers/layers.h"
#include "place.h"
#include "problems.h"

#include <jansson.h>

/*
 * A kernel of so many places along each of 'spatial' axes, and how it slides.
 * 0 axes are those of a dense layer.
 */
struct slide {
    uint32_t spatial;
    uint64_t kernel[SOW_MAX_SPATIAL];
    uint64_t stride[SOW_MAX_SPATIAL];
    uint64_t padding[SOW_MAX_SPATIAL];
    uint64_t dilation[SOW_MAX_SPATIAL];
    uint64_t groups;
};

/* What a library calls its members, and whether it pads "same" if not told. */
struct slide_words {
    const char *stride, *padding, *dilation;
    bool same;
};

/* torch's. */
extern const struct slide_words slide_words_torch;

/* The layer's argument of that name, which is a number. */
uint64_t slide_number(const struct sow_layer *layer, const char *argument);

/*
 * Set stride, padding and dilation of 'slide', whose other fields are set, from
 * 'json', the entry at 'place'.
 */
enum problem_code slide_take(struct slide *slide,
                             const struct slide_words *words,
                             const json_t *json, const struct place *place,
                             struct problem *problem);

/*
 * Set the rest of 'stage', of which 'spatial' is known, from its layer, one of
 * torch's where it slides, and 'json', the entry at 'place'.
 */
enum problem_code slide_read(struct sow_stage *stage,
                             const struct sow_layer *layer, const json_t *json,
                             const struct place *place,
                             struct problem *problem);

#endif
