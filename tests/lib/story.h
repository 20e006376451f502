/* SPDX-License-Identifier: MIT */
/* What visits of layers say, as text to compare. */
#ifndef STORY_H
#define STORY_H

#include "layers/layers.h"

/* Set it to 0 to begin with. */
struct story {
    char text[4096];
    size_t used;
};

/* Add to it as printf() does; it must fit. */
void story_say(struct story *story, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * Add a tensor as "weight 2x3 uniform -1 1; ": its scheme without the library
 * and with all parameters.
 */
void story_tell(struct story *story, const struct sow_layer_tensor *tensor);

#endif
